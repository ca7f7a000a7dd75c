"""Records of the chemistry: species, reactions, fits of equilibrium constants, data sets, mechanisms.

Temperatures are in K, molar masses in kg/mol. Nothing is computed here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from types import MappingProxyType
from typing import Any

from ..errors import InputError, nearest

# The electrons of a composition: -1 in H+. Their amount is the negative charge of the system, 0 by default.
CHARGE = "E"
# Name of the source "the polynomials of the species themselves".
POLYNOMIALS = "nasa7"

# A table as YAML gives it. Its values have any type until a reader has checked them.
RawTable = Mapping[str, Any]
# Coefficients of mu0/RT on the functions of `free_energies.basis_functions`.
Coefficients = tuple[float, ...]
# Temperature zones of mu0/RT, ascending: (upper end [K], coefficients).
Zones = tuple[tuple[float, Coefficients], ...]


@dataclass(frozen=True)
class Species:
    """A species of a mechanism.

    phase: "gas" or "condensed" (a pure phase by itself).
    composition: element -> atoms, an int or an exact Fraction. Atoms of E, the electron, may be negative.
    molar_mass: kg/mol.
    temperature_range: K, where the polynomials are valid.
    reference: source of the thermodynamic data.
    melt: raw entries of its solubility laws by name.
    default_melt: name of the solubility law that is used where the user chooses none.
    radiation: raw entry, or None.
    bands: raw entry of its opacity by bands (atmosphere/bands/gas_data.py reads it), or None.
    gibbs: temperature zones of mu0/RT at 1 bar.
    thermo: a thermodynamic entry for 1 bar that Cantera reads: that of the file, or NASA9 made from `gibbs`.
    """

    name: str
    phase: str
    composition: Mapping[str, int | Fraction]
    molar_mass: float
    temperature_range: tuple[float, float]
    reference: str
    melt: Mapping[str, RawTable]
    default_melt: str
    radiation: RawTable | None
    gibbs: Zones = field(repr=False)
    thermo: RawTable = field(repr=False, compare=False)
    bands: str | RawTable | None = None


@dataclass(frozen=True)
class Reaction:
    """A balanced reaction: pairs (species, coefficient), reactants negative, basis species first."""

    stoichiometry: tuple[tuple[str, Fraction], ...]

    @property
    def text(self) -> str:
        """The reaction as a chemist writes it, for example "H2O = 1/2 O2 + H2"."""
        reactants = [(species, -count) for species, count in self.stoichiometry if count < 0]
        products = [(species, count) for species, count in self.stoichiometry if count > 0]
        return f"{_side(reactants)} = {_side(products)}"


def _side(terms: Iterable[tuple[str, Fraction]]) -> str:
    """A side of a reaction; a coefficient of 1 is not written."""
    return " + ".join(species if count == 1 else f"{count} {species}" for species, count in terms)


@dataclass(frozen=True)
class Fit:
    """log10 K = a/T + b of a reaction; temperature_range [K] is its calibration."""

    reaction: Reaction
    a: float
    b: float
    temperature_range: tuple[float, float]
    reference: str


@dataclass(frozen=True)
class DataSet:
    """A published set of equilibrium constants, with the molar masses [kg/mol] that its authors used."""

    name: str
    reference: str
    fits: tuple[Fit, ...]
    molar_masses: Mapping[str, float]


@dataclass(frozen=True, eq=False)
class Mechanism:
    """Species and data of a mechanism file.

    checksum: SHA-256 of the file and of those that it imports.
    atomic_weights: kg/mol.
    species: by name, the gas first, in the order of the file.
    phases: name of a phase -> names of its species.
    equilibrium_constants: data sets of the file by name.
    Two mechanisms are equal only if they are the same object: the reader caches them.
    """

    name: str
    path: Path
    checksum: str
    atomic_weights: Mapping[str, float]
    species: Mapping[str, Species]
    phases: Mapping[str, tuple[str, ...]]
    equilibrium_constants: Mapping[str, DataSet]


NO_LAWS: Mapping[str, RawTable] = MappingProxyType({})


def known_species(mechanism: Mechanism, species: Iterable[str]) -> tuple[str, ...]:
    """The names as a tuple.

    InputError for a name that is not a species of the mechanism, and for a repeated name.
    """
    names = tuple(species)
    for name in names:
        if name not in mechanism.species:
            raise InputError(
                f"species {name!r}",
                f"the mechanism {mechanism.name} has no such species.",
                f"known: {', '.join(mechanism.species)}",
                nearest(name, mechanism.species),
            )
        if names.count(name) > 1:
            raise InputError(f"species {name!r}", "it is named twice.")
    return names
