"""The species of silicate, metal and gas: their atoms, and how their standard potentials follow from laws."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from pathlib import Path

import sympy

from ..chemistry.free_energies import combined
from ..chemistry.mechanism import read_mechanism
from ..chemistry.records import Mechanism
from ..closures.registry import find
from ..constants import BAR
from .solution_laws import DISSOLUTION

FILE = Path(__file__).parent / "species.yaml"
ELEMENTS = ("H", "C", "N", "S", "O", "Si", "Fe", "Mg", "Na")
SILICATE, METAL, GAS = "silicate", "metal", "gas"
PHASES = (SILICATE, METAL, GAS)
HALF = Fraction(1, 2)


@dataclass(frozen=True)
class PhaseSpecies:
    """A species of a phase.

    composition: atoms of each element, less those that it replaces.
    formed_from: species of species.yaml -> coefficient: mu0/RT is the sum over them, less ln K of `law`.
    law: of kind "dissolution"; "" for a pure liquid and a gas.
    """

    phase: str
    name: str
    composition: Mapping[str, int | Fraction]
    formed_from: Mapping[str, int | Fraction]
    law: str = ""

    def potential(self, mechanism: Mechanism, T: sympy.Expr) -> sympy.Expr:
        """mu0/RT at 1 bar: mole fraction 1, for a gas 1 bar. T [K]; 1 kg of oxides in a mole of silicate."""
        pure = combined(mechanism, [(name, count) for name, count in self.formed_from.items()], T)
        return pure - self._ln_K(mechanism, T, sympy.Float(BAR), sympy.S.One)

    def correction(
        self, mechanism: Mechanism, T: sympy.Expr, P: sympy.Expr, oxides_mass: sympy.Expr
    ) -> sympy.Expr:
        """What mu0/RT has more at T [K], P [Pa] and a mass of the oxides in a mole of silicate [kg/mol]."""
        at_one_bar = self._ln_K(mechanism, T, sympy.Float(BAR), sympy.S.One)
        return at_one_bar - self._ln_K(mechanism, T, P, oxides_mass)

    def _ln_K(
        self, mechanism: Mechanism, T: sympy.Expr, P: sympy.Expr, oxides_mass: sympy.Expr
    ) -> sympy.Expr:
        if not self.law:
            return sympy.S.Zero
        solvent = mechanism.atomic_weights["Fe"] if self.phase == METAL else oxides_mass
        added = {element: count for element, count in self.composition.items() if count > 0}
        return find(DISSOLUTION, self.law)(T=T, P=P, mass_ratio=solvent / _mass(mechanism, added))

    def mass(self, mechanism: Mechanism) -> float:
        """Molar mass [kg/mol]."""
        return _mass(mechanism, self.composition)


def _mass(mechanism: Mechanism, composition: Mapping[str, int | Fraction]) -> float:
    return sum(float(count) * mechanism.atomic_weights[e] for e, count in composition.items())


SOLUTES = (
    PhaseSpecies(SILICATE, "MgO", {"Mg": 1, "O": 1}, {"MgO(L)": 1}),
    PhaseSpecies(SILICATE, "SiO2", {"Si": 1, "O": 2}, {"SiO2(L)": 1}),
    PhaseSpecies(SILICATE, "MgSiO3", {"Mg": 1, "Si": 1, "O": 3}, {"MgSiO3(L)": 1}),
    PhaseSpecies(SILICATE, "FeO", {"Fe": 1, "O": 1}, {"FeO(L)": 1}),
    PhaseSpecies(
        SILICATE,
        "FeSiO3",
        {"Fe": 1, "Si": 1, "O": 3},
        {"FeO(L)": 1, "SiO2(L)": 1},
        "FeSiO3-SchlichtingYoung2022",
    ),
    PhaseSpecies(SILICATE, "Na2O", {"Na": 2, "O": 1}, {"Na2O(L)": 1}),
    PhaseSpecies(
        SILICATE,
        "Na2SiO3",
        {"Na": 2, "Si": 1, "O": 3},
        {"Na2O(L)": 1, "SiO2(L)": 1},
        "Na2SiO3-FegleyCameron1987",
    ),
    PhaseSpecies(SILICATE, "H2", {"H": 2}, {"H2": 1}, "H2-Hirschmann2012"),
    PhaseSpecies(SILICATE, "H2O", {"H": 2, "O": 1}, {"H2O": 1}, "H2O-SchlichtingYoung2022"),
    PhaseSpecies(SILICATE, "OH", {"H": 1, "O": HALF}, {"H2O": HALF}, "OH-Sossi2022"),
    PhaseSpecies(SILICATE, "CO", {"C": 1, "O": 1}, {"CO": 1}, "CO-Young2023"),
    PhaseSpecies(SILICATE, "CO2", {"C": 1, "O": 2}, {"CO2": 1}, "CO2-Young2023"),
    PhaseSpecies(SILICATE, "N2", {"N": 2}, {"N2": 1}, "N2-Bernadou2021"),
    PhaseSpecies(
        SILICATE,
        "N",
        {"N": 1, "O": Fraction(-3, 2)},
        {"N2": HALF, "O2": Fraction(-3, 4)},
        "N-Bernadou2021",
    ),
    PhaseSpecies(SILICATE, "S", {"S": 1, "O": -1}, {"S2": HALF, "O2": -HALF}, "S-Boulliung2023"),
    PhaseSpecies(METAL, "Fe", {"Fe": 1}, {"Fe(L)": 1}),
    PhaseSpecies(METAL, "Si", {"Si": 1}, {"SiO2(L)": 1, "Fe(L)": 2, "FeO(L)": -2}, "Si-Corgne2008"),
    PhaseSpecies(METAL, "O", {"O": 1}, {"FeO(L)": 1, "Fe(L)": -1}, "O-Badro2015"),
    PhaseSpecies(METAL, "H", {"H": 1}, {"H2O": HALF, "Fe(L)": HALF, "FeO(L)": -HALF}, "H-Okuchi1997"),
    PhaseSpecies(METAL, "C", {"C": 1}, {"C(gr)": 1}, "C-SigworthElliott1974"),
    PhaseSpecies(METAL, "N", {"N": 1}, {"N2": HALF}, "N-SigworthElliott1974"),
    PhaseSpecies(METAL, "S", {"S": 1}, {"S2": HALF}, "S-SigworthElliott1974"),
)


@lru_cache(maxsize=1)
def shipped() -> Mechanism:
    """The shipped gases and pure liquids."""
    return read_mechanism(FILE)


def species_of(mechanism: Mechanism, elements: Iterable[str]) -> tuple[PhaseSpecies, ...]:
    """The species that the elements make: silicate, metal, then the gases of the mechanism."""
    present = set(elements)
    inside = [s for s in SOLUTES if set(s.composition) <= present]
    for record in mechanism.species.values():
        if record.phase == "gas" and set(record.composition) <= present:
            atoms: dict[str, int | Fraction] = {
                element: int(count) for element, count in record.composition.items()
            }
            inside.append(PhaseSpecies(GAS, record.name, atoms, {record.name: 1}))
    return tuple(inside)
