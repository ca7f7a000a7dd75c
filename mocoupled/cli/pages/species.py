"""The pages of `mocoupled species`: lists of species, the data of one, and what a file has."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from ...chemistry.equilibrium_constants import temperature_limits
from ...chemistry.species_sources import enthalpy_of_formation
from ...closures.solubility import solubility_law
from .text import ARGUMENTS, plain, rows, span, table, unit_of

if TYPE_CHECKING:
    from rich.console import Console

    from ...chemistry.records import Mechanism, Species

HEAD = ("species", "phase", "data, K", "laws of solubility", "opacity")


def print_list(mechanisms: Sequence[Mechanism], element: str | None, console: Console) -> None:
    """Print the species of mechanisms, those with an element alone where it is not None.

    A species that several mechanisms have stands with the smallest of them.
    """
    printed: set[str] = set()
    for mechanism in sorted(mechanisms, key=lambda m: (len(m.species), m.name)):
        body = []
        for species in mechanism.species.values():
            if species.name in printed or (element is not None and element not in species.composition):
                continue
            printed.add(species.name)
            body.append(_row(species))
        if body:
            table(f"{mechanism.name}: {len(body)} species", HEAD, body, console)


def _row(species: Species) -> tuple[object, ...]:
    low, high = species.temperature_range
    laws = [law + ("*" if law == species.default_melt else "") for law in species.melt if law != "none"]
    opacity = [word for word, entry in (("grey", species.radiation), ("bands", species.bands)) if entry]
    return (
        species.name,
        "gas" if species.phase == "gas" else "pure",
        f"{low:g} to {high:g}",
        ", ".join(laws) or "-",
        ", ".join(opacity) or "-",
    )


def print_species(mechanism: Mechanism, name: str, console: Console) -> None:
    """Print the data of a species."""
    species = mechanism.species[name]
    low, high = species.temperature_range
    atoms = ", ".join(f"{element} {float(count):g}" for element, count in species.composition.items())
    pairs: list[tuple[str, object]] = [
        ("file", mechanism.path.name),
        ("phase", "gas" if species.phase == "gas" else "a pure condensate"),
        ("atoms", atoms),
        ("molar mass", f"{1e3 * species.molar_mass:.6g} g/mol"),
        ("free energy", f"{low:g} to {high:g} K: {species.reference or 'no reference'}"),
    ]
    enthalpy = enthalpy_of_formation(species)
    if not math.isnan(enthalpy):
        pairs.append(("enthalpy of formation", f"{enthalpy / 1e3:.2f} kJ/mol at 298.15 K"))
    for law, entry in species.melt.items():
        if law != "none":
            default = "the default; " if law == species.default_melt else ""
            pairs.append((law, default + _law(name, law, entry)))
    if species.phase == "gas" and not set(species.melt) - {"none"}:
        pairs.append(("solubility", "no law: it does not dissolve"))
    if species.radiation:
        pairs.append(("opacity", ", ".join(f"{key} {value}" for key, value in species.radiation.items())))
    if species.bands:
        pairs.append(("bands", species.bands if isinstance(species.bands, str) else "of this file"))
    rows(pairs, console, name)


def _law(species: str, name: str, entry: Mapping[str, object]) -> str:
    """A law of solubility in words: melt, ranges, source."""
    law = solubility_law(species, name, entry)
    ranges = [f"{ARGUMENTS.get(a, a)} {span(ends, unit_of(a))}" for a, ends in law.ranges.items()]
    melt = law.dissolution.melt if law.dissolution else ""
    return "; ".join(filter(None, [melt, ", ".join(ranges), law.reference]))


def print_summary(mechanism: Mechanism, console: Console) -> None:
    """Print what a file has, after it has been read without an error."""
    gases = [s for s in mechanism.species.values() if s.phase == "gas"]
    others = [s.name for s in mechanism.species.values() if s.phase != "gas"]
    elements = [
        e for e in mechanism.atomic_weights if any(e in s.composition for s in mechanism.species.values())
    ]
    low, high = temperature_limits(mechanism, [s.name for s in gases])
    laws = {s.name: [law for law in s.melt if law != "none"] for s in gases}
    dissolving = [f"{name} ({', '.join(names)})" for name, names in laws.items() if names]
    sourceless = [s.name for s in mechanism.species.values() if not s.reference]
    pairs: list[tuple[str, object]] = [
        ("file", mechanism.path),
        ("elements", ", ".join(elements)),
        ("gases", f"{len(gases)}: {', '.join(s.name for s in gases)}"),
        ("condensates", ", ".join(others) or "none"),
        ("all gases have data", f"from {low:g} to {high:g} K"),
        ("laws of solubility", "; ".join(dissolving) or "none"),
        ("data sets", ", ".join(mechanism.equilibrium_constants) or "none"),
    ]
    if sourceless:
        pairs.append(("without a reference", ", ".join(sourceless)))
    rows(pairs, console, "", 24)
    console.print(plain("It can be used: chemistry.mechanism of a case, --mechanism of mocoupled gas."))
