"""A mechanism as a text: species of a file, copied with their data into a file to start from."""

from __future__ import annotations

import io
from collections.abc import Collection, Iterable, Mapping
from fractions import Fraction
from typing import Any

from .equilibrium_constants import FIT_LIMITS
from .mechanism_paths import shipped_mechanisms
from .melt_entries import needed
from .records import Mechanism, Species, known_species

# The shipped mechanism whose gases a new file has beside its species.
BASE = "volatiles"
GRAPHITE = "C(gr)"


def mechanism_text(mechanism: Mechanism, names: Iterable[str], base: tuple[str, ...] = ()) -> str:
    """A file of YAML with these species of a mechanism, their data, and a place for laws of solubility.

    base: species of volatiles.yaml that it imports beside them, with graphite.
    Without them, gases of carbon bring the graphite of their mechanism along.
    InputError for a name that the mechanism does not have, or that is repeated.
    """
    listed = list(known_species(mechanism, names))
    carbon = any("C" in mechanism.species[name].composition for name in listed)
    if carbon and not base and GRAPHITE in mechanism.species and GRAPHITE not in listed:
        listed.append(GRAPHITE)
    species = [mechanism.species[name] for name in listed]
    gases = [s for s in species if s.phase == "gas"]
    condensed = [s for s in species if s.phase != "gas"]
    imported = [{f"{BASE}.yaml/species": list(base)}] if base else []
    phases: list[dict[str, Any]] = []
    if gases or imported:
        local = [{"species": [s.name for s in gases]}] if gases else []
        phases.append({"name": "gas", "thermo": "ideal-gas", "species": [*imported, *local]})
    if base and GRAPHITE not in listed:
        rows = [{f"{BASE}.yaml/condensates": [GRAPHITE]}]
        phases.append({"name": "graphite", "thermo": "fixed-stoichiometry", "species": rows})
    for s in condensed:
        phases.append(
            {"name": s.name, "thermo": "fixed-stoichiometry", "species": [{"condensates": [s.name]}]}
        )
    document: dict[str, Any] = {
        "description": f"{', '.join(s.name for s in species)}: data of {mechanism.name}.yaml, for 1 bar.",
        "phases": phases,
    }
    names_in_file = {*listed, *base}
    if gases:
        document["species"] = [_entry(mechanism, s, names_in_file) for s in gases]
    if condensed:
        document["condensates"] = [_entry(mechanism, s, names_in_file) for s in condensed]
    return _written(document)


def base_species(mechanism: Mechanism, names: Iterable[str]) -> tuple[str, ...]:
    """The gases of a mechanism (volatiles) that are not among the names."""
    copied = set(names)
    return tuple(s.name for s in mechanism.species.values() if s.phase == "gas" and s.name not in copied)


def files_with(name: str) -> list[str]:
    """The shipped mechanisms that have a species of this name."""
    from .mechanism import read_mechanism

    return [file for file in shipped_mechanisms() if name in read_mechanism(file).species]


def _entry(mechanism: Mechanism, species: Species, there: Collection[str]) -> dict[str, Any]:
    """The entry of a species: composition, free energy for 1 bar with its source, laws of solubility.

    there: the species of the new file; a law that needs the pressure of another one is left out.
    """
    read = _nasa7(_plain(species.thermo))
    thermo = {key: value for key, value in read.items() if key not in ("note", "reference")}
    thermo["reference-pressure"] = "1 bar"
    thermo["reference"] = species.reference or f"{mechanism.name}.yaml"
    low, high = species.temperature_range
    if "temperature-ranges" not in thermo and (low, high) != FIT_LIMITS:
        thermo |= {"T-min": low, "T-max": high}
    composition = {e: float(n) if isinstance(n, Fraction) else n for e, n in species.composition.items()}
    entry: dict[str, Any] = {"name": species.name, "composition": composition, "thermo": thermo}
    if species.phase == "gas":
        laws = {name: law for name, law in species.melt.items() if needed(species, name, law) <= set(there)}
        entry["default-melt"] = species.default_melt if species.default_melt in laws else "none"
        entry["melt"] = {**_plain(laws), "none": {"form": "none"}}
    if species.radiation:
        entry["radiation"] = _plain(species.radiation)
    if species.bands:
        entry["bands"] = species.bands if isinstance(species.bands, str) else _plain(species.bands)
    return entry


def _plain(value: Any) -> Any:
    """Tables and lists of a raw entry as plain ones, with numbers and text."""
    if isinstance(value, Mapping):
        return {str(key): _plain(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(entry) for entry in value]
    if value is None or isinstance(value, bool | int | float):
        return value
    return str(value)


def _nasa7(thermo: dict[str, Any]) -> dict[str, Any]:
    """NASA9 rows without terms of 1/T^2 and 1/T as the NASA7 rows that they were made of.

    Those have 9 digits: 12 digits are theirs, without the last bits of the conversion.
    """
    rows = thermo.get("data", [])
    if thermo["model"] != "NASA9" or len(rows) > 2 or any(row[0] or row[1] for row in rows):
        return thermo
    return thermo | {"model": "NASA7", "data": [[float(f"{x:.12g}") for x in row[2:]] for row in rows]}


def _written(document: Mapping[str, Any]) -> str:
    """The text of a document of YAML; lists of numbers on one line."""
    from ruamel.yaml import YAML

    writer = YAML(typ="safe", pure=True)
    writer.default_flow_style = None
    writer.sort_base_mapping_type_on_output = False  # type: ignore[assignment]  # it is None at first
    writer.width = 110
    stream = io.StringIO()
    writer.dump(dict(document), stream)
    return stream.getvalue()
