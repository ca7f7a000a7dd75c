"""Page of the shipped species: evaluation and year of their data, enthalpy of formation and its source."""

from __future__ import annotations

import math

from mocoupled.chemistry.mechanism import read_mechanism
from mocoupled.chemistry.mechanism_paths import shipped_mechanisms
from mocoupled.chemistry.species_sources import enthalpy_of_formation, evaluation, later_source, year

INTRODUCTION = (
    "The free energies of all shipped species are polynomials of McBride, Gordon & Reno 1993 (NASA "
    "TM-4513), for 1 bar, as Cantera's `nasa_gas.yaml`, `nasa_condensed.yaml` and `graphite.yaml` have them. "
    "That report names for each species the evaluation behind its polynomial: L and TPIS are from its "
    "authors and from Gurvich et al., J from the JANAF tables, BUR from Burcat; the number is month/year. "
    "Where the enthalpy of formation at 298.15 K differs by more than 1.8 kJ/mol from the Active "
    "Thermochemical Tables of today, the polynomial is shifted to the value of these tables "
    "(for species of sulfur, of which the tables used here have none: by more than 2 kJ/mol from McBride, "
    "Zehe & Gordon 2002, NASA TP 211556). Heat capacities and entropies stay as they were. "
    "Data that rest on a JANAF evaluation before 1980 say so in their reference."
)


def species_page() -> str:
    """Every shipped species with the age and the source of its data."""
    lines = [
        "# Data of the shipped species",
        "",
        INTRODUCTION,
        "",
        "| species | file | evaluation | year | enthalpy of formation, kJ/mol | its source |",
        "|---|---|---|---|---|---|",
    ]
    listed = set()
    for name in sorted(shipped_mechanisms(), key=lambda name: len(read_mechanism(name).species)):
        for species in read_mechanism(name).species.values():
            if species.name in listed:
                continue
            listed.add(species.name)
            enthalpy = round(enthalpy_of_formation(species) / 1e3, 2) + 0.0
            source = later_source(species) or "TM-4513"
            shown = "" if math.isnan(enthalpy) else f"{enthalpy:.2f}"
            cells = [species.name, f"`{name}`", evaluation(species), year(species), shown, source]
            lines.append(f"| {' | '.join(map(str, cells))} |")
    return "\n".join(lines) + "\n"
