"""Stage 3 of reading a mechanism: an entry becomes a record, with its free energy, laws and source."""

from __future__ import annotations

import math
from collections.abc import Mapping
from fractions import Fraction
from types import MappingProxyType

from ..atmosphere.bands.gas_data import band_gas
from ..errors import InputError
from .entry_numbers import ErrorAt, ThermoEntry, is_finite, units_of
from .mechanism_file import MechanismFile
from .melt_entries import melt_laws
from .phase_entries import SpeciesEntry
from .records import RawTable, Species
from .reference_pressure import AssumedPressure, pressure_of, report
from .thermo_zones import LARGEST_JUMP, for_cantera, zoned

# (name of a file, subject) -> what a DataWarning names; `mechanism.py` warns once for each.
Notes = dict[tuple[str, str], list[str]]
JUMP = "jump"


def record_of(
    file: MechanismFile, entry: SpeciesEntry, phase: str, weights: Mapping[str, float], notes: Notes
) -> Species:
    """The record of an entry. InputError, with file, line and species, for what cannot be read.

    file: the file that includes the species. phase: "gas" or "condensed".
    weights: atomic weights [kg/mol]. notes: extended by what the user should know about the file of the
    entry.
    """
    table, source = entry.table, entry.source

    def error_at(keys: tuple[str, ...], problem: str, allowed: str = "", cure: str = "") -> InputError:
        where = " ".join((source.of_species(entry.name, *keys), *keys))
        return InputError(where, problem, allowed, cure)

    def error_in_thermo(keys: tuple[str, ...], problem: str, allowed: str = "", cure: str = "") -> InputError:
        return error_at(("thermo", *keys), problem, allowed, cure)

    units = {**units_of(source.document), **units_of(table)}
    thermo = ThermoEntry(table["thermo"], units, error_in_thermo)
    pressure, assumed = pressure_of(file, entry, thermo)
    zoned_entry = zoned(thermo, pressure, phase == "gas")
    if zoned_entry.jump > LARGEST_JUMP:
        jump, at = zoned_entry.jump, zoned_entry.jump_temperature
        if "generator" not in source.document:
            problem = f"mu0/RT jumps by {jump:.3g} at {at:g} K."
            raise error_at(("thermo",), problem, f"allowed: {LARGEST_JUMP}", "a number is mistyped")
        notes.setdefault((source.path.name, JUMP), []).append(f"{entry.name} by {jump:.3g} at {at:g} K")
    if assumed is not None:
        notes.setdefault((source.path.name, assumed.text), []).append(entry.name)
    composition = _composition(table, error_at)
    laws, default = melt_laws(file, table, error_at)
    molar_mass = math.fsum(count * weights[element] for element, count in composition.items())
    if "bands" in table:
        where = error_at(("bands",), "").where
        band_gas(entry.name, composition, molar_mass, table["bands"], where)  # refuses what cannot be read
    return Species(
        name=entry.name,
        phase=phase,
        composition=MappingProxyType(composition),
        molar_mass=molar_mass,
        temperature_range=(zoned_entry.lowest, zoned_entry.zones[-1][0]),
        reference=_reference(table, source, assumed),
        melt=MappingProxyType(laws),
        default_melt=default,
        radiation=table.get("radiation"),
        bands=table.get("bands"),
        gibbs=zoned_entry.zones,
        thermo=for_cantera(table["thermo"], zoned_entry, pressure),
    )


def _composition(table: RawTable, error_at: ErrorAt) -> dict[str, int | Fraction]:
    """Atoms by element without those of zero: whole numbers as int, others exactly as their decimal text."""
    composition: dict[str, int | Fraction] = {}
    for element, count in table["composition"].items():
        if not is_finite(count) or (count < 0 and element != "E"):
            raise error_at(
                ("composition",),
                f"{count!r} atoms of {element}.",
                "allowed: numbers > 0; of E, the electron, any",
            )
        exact = Fraction(repr(count))
        if exact:
            composition[str(element)] = int(exact) if exact.denominator == 1 else exact
    if not composition:
        raise error_at(("composition",), "it has no atoms at all.", "allowed: {element: number > 0}")
    return composition


def _reference(table: RawTable, source: MechanismFile, assumed: AssumedPressure | None) -> str:
    """The source of the species' data in words, with the reference pressure where it is assumed."""
    thermo = table["thermo"]
    reference = str(thermo.get("reference", table.get("reference", "")))
    published = report(source.document)
    if not reference and (assumed is not None or published):
        note = " ".join(str(thermo.get("note", "")).split())
        reference = published or source.path.name
        if note:
            reference += f" ({note})"
        if source.path.name not in reference:
            reference += f"; {source.path.name}"
    return reference if assumed is None else f"{reference}; {assumed.short}"
