"""Silicate, metal and gas in symbols: unknowns, potentials of the elements, mole fractions and amounts.

Each element has one potential, set by an unknown. ln x of every species follows: no reaction is written.
A metal of another temperature exchanges with what is dissolved in the silicate, as its laws are measured.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

import sympy

from ..chemistry.records import Mechanism
from ..closures.registry import find
from ..constants import BAR
from ..dae.declare.model import Parameter, Unknown
from .miscibility import ln_activity_coefficients
from .phase_species import GAS, METAL, PHASES, SILICATE, PhaseSpecies, species_of
from .solution_laws import ACTIVITY

# eps of the complementarity of the metal, over the moles of all atoms
METAL_WIDTH = 1e-8
STEP = 1.0
# mole fraction of one solute of the metal that the solver does not go beyond
LARGEST_SOLUTE = 0.7
# the element that sets the potential -> the species that sets it, guess of ln of its mole fraction or p/bar;
# of oxygen: FeO over Fe
SETTERS: Mapping[str, tuple[str, str, float]] = {
    "O": (SILICATE, "FeO", -2.7),
    "Si": (SILICATE, "SiO2", -2.0),
    "Mg": (SILICATE, "MgO", -1.6),
    "Fe": (SILICATE, "FeO", -3.0),
    "Na": (SILICATE, "Na2SiO3", -5.0),
    "H": (GAS, "H2", 5.0),
    "C": (GAS, "CO", 0.0),
    "N": (GAS, "N2", 0.0),
    "S": (GAS, "S2", -14.0),
}
# species of the silicate that has its water: molecules, or hydroxyl
MOLECULES, WATER = "H2O", "OH"
# in the metal of another temperature: what is dissolved in the silicate sets the potentials, in this order
OF_METAL: Mapping[str, str] = {
    "H": "H2", "O": WATER, "Si": "SiO2", "Fe": "FeO", "C": "CO", "N": "N2", "S": "S",
}  # fmt: skip
# is not formed; its activity is an output
GRAPHITE = PhaseSpecies("graphite", "C(gr)", {"C": 1}, {"C(gr)": 1})
# temperatures of a standard potential
SURFACE, DEEP = "surface", "metal"
# what makes up the silicate, without volatiles
OXIDES = ("MgO", "SiO2", "MgSiO3", "FeO", "FeSiO3", "Na2O", "Na2SiO3")
REQUIRED = ("O", "Si", "Fe", "Mg")
Potentials = Mapping[str, sympy.Expr]
PURE = "H2-Gilmore2026"  # law of the standard state of H2 in its solution with silicate


@dataclass(frozen=True)
class Conventions:
    """What a published model takes differently.

    pressure: law of the surface pressure.
    at_one_bar: whether the pressure terms of what dissolves are those at 1 bar.
    metal: the elements that dissolve in the metal.
    water: the species of the silicate that has its water, WATER or MOLECULES.
    mixing: law by which H2 and the silicate are one solution; "": H2 dissolves by Henry's law.
    """

    pressure: str = "Zeng2016"
    at_one_bar: bool = False
    metal: tuple[str, ...] = ("Si", "O", "H", "C", "N", "S")
    water: str = WATER
    mixing: str = ""


@dataclass(frozen=True)
class Symbols:
    """Parameters and unknowns of the system by what they belong to."""

    temperature: Parameter
    metal_temperature: Parameter
    planet_mass: Parameter
    moles: Mapping[str, Parameter]
    of_element: Mapping[str, Unknown]
    of_phase: Mapping[str, Unknown]
    of_solute: Mapping[str, Unknown]
    hydrogen: Unknown | None = None

    @property
    def unknowns(self) -> tuple[Unknown, ...]:
        """All unknowns; those that come last are eliminated first."""
        mixed = () if self.hydrogen is None else (self.hydrogen,)
        return (*mixed, *self.of_solute.values(), *self.of_phase.values(), *self.of_element.values())

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """All parameters."""
        return (self.temperature, self.metal_temperature, self.planet_mass, *self.moles.values())


def symbols_of(elements: tuple[str, ...], mixed: bool = False) -> Symbols:
    """The symbols of a system of these elements. mixed: whether H2 and silicate are one solution."""
    highest = float(sympy.log(LARGEST_SOLUTE))
    almost_all = float(sympy.log(0.99))
    title = "ln of H2 in the silicate"
    hydrogen = Unknown("ln_x[H2]", "1", -3.0, step=STEP, high=almost_all, long_name=title) if mixed else None
    return Symbols(
        Parameter("temperature", 2500.0, "K", "temperature of silicate and gas"),
        Parameter("metal_temperature", 2500.0, "K", "temperature of the metal"),
        Parameter("planet_mass", 6e24, "kg", "mass of the planet"),
        {e: Parameter(f"moles_{e}", 1.0, "mol", f"moles of {e}") for e in elements},
        {
            e: Unknown(
                f"ln_a[{e}]", "1", SETTERS[e][2], step=STEP, long_name=f"ln of {SETTERS[e][1]}, for {e}"
            )
            for e in elements
        },
        {
            SILICATE: Unknown("ln_silicate", "1", -1.6, step=STEP, long_name="ln of silicate over all atoms"),
            METAL: Unknown(
                "s_metal", "1", 0.15, step=STEP, kink=0.0, high=1.0, long_name="metal over all atoms"
            ),
            GAS: Unknown("ln_gas", "1", -4.5, step=STEP, long_name="ln of gas over all atoms"),
        },
        {
            e: Unknown(f"ln_x[{e}]", "1", -4.0, step=STEP, high=highest, long_name=f"ln of {e} in the metal")
            for e in ("Si", "O")
        },
        hydrogen,
    )


@dataclass(frozen=True)
class Standard:
    """mu0/RT of a species: a parameter of the equations, and its value as an expression of a temperature."""

    parameter: Parameter
    value: sympy.Expr


@dataclass(frozen=True)
class ThreePhases:
    """The system in symbols.

    elements: those present. apart: whether the metal has another temperature than silicate and gas.
    """

    mechanism: Mechanism
    elements: tuple[str, ...]
    conventions: Conventions = field(default_factory=Conventions)
    apart: bool = False

    @cached_property
    def symbols(self) -> Symbols:
        """Parameters and unknowns."""
        return symbols_of(self.elements, bool(self.mixing))

    @property
    def mixing(self) -> str:
        """The law by which H2 and silicate are one solution; "" without it, and without hydrogen."""
        return self.conventions.mixing if "H" in self.elements else ""

    @cached_property
    def species(self) -> tuple[PhaseSpecies, ...]:
        """The species that the elements make: silicate, metal, gas."""
        dissolved = {"Fe", *self.conventions.metal}
        known = species_of(self.mechanism, self.elements)
        if self.mixing:
            known = tuple(replace(s, law=PURE) if (s.phase, s.name) == (SILICATE, "H2") else s for s in known)
        other = SILICATE, MOLECULES if self.conventions.water == WATER else WATER
        known = tuple(s for s in known if (s.phase, s.name) != other)
        return tuple(s for s in known if s.phase != METAL or set(s.composition) <= dissolved)

    @property
    def sets_metal(self) -> dict[str, str]:
        """Elements of a metal of another temperature -> species of the silicate that set them, in order."""
        species = {e: name for e, name in OF_METAL.items() if e in self.elements}
        return species | {"O": self.conventions.water}

    def of(self, phase: str) -> tuple[PhaseSpecies, ...]:
        """The species of a phase."""
        return tuple(s for s in self.species if s.phase == phase)

    def named(self, phase: str, name: str) -> PhaseSpecies:
        """A species by its phase and name."""
        return next(s for s in self.species if (s.phase, s.name) == (phase, name))

    @cached_property
    def levels(self) -> dict[tuple[str, str, str], Standard]:
        """mu0/RT of species by phase, name and level, as parameters that are computed before the solution."""
        T, T_metal = self.symbols.temperature.symbol, self.symbols.metal_temperature.symbol
        wanted = [(s, SURFACE) for s in self.species if s.phase != METAL]
        wanted += [(self.named(METAL, "Fe"), SURFACE)]
        wanted += [(s, DEEP) for s in self.of(METAL)]
        if "C" in self.elements:
            wanted += [(GRAPHITE, SURFACE)]
        if self.apart:
            wanted += [(self.named(SILICATE, name), DEEP) for name in self.sets_metal.values()]
        levels = {}
        for species, level in wanted:
            at = T if level == SURFACE else T_metal
            name = f"mu0[{species.phase}|{species.name}|{level}]"
            parameter = Parameter(name, 0.0, "1", f"standard potential of {species.name}")
            levels[species.phase, species.name, level] = Standard(
                parameter, species.potential(self.mechanism, at)
            )
        return levels

    def standard(self, species: PhaseSpecies, level: str = SURFACE) -> sympy.Expr:
        """mu0/RT of a species, with what depends on the pressure and on the mass of the oxides."""
        pure = self.levels[species.phase, species.name, level].parameter.symbol
        if species.phase != SILICATE or species.name in OXIDES:
            return pure
        T = self.symbols.temperature.symbol if level == SURFACE else self.symbols.metal_temperature.symbol
        P = sympy.Float(BAR) if self.conventions.at_one_bar else BAR * self.bars
        return pure + species.correction(self.mechanism, T, P, self.oxides_mass)

    # ---- silicate and gas

    @cached_property
    def potentials(self) -> Potentials:
        """mu/RT of each element in silicate and gas."""
        of_element = self.symbols.of_element
        iron = self.standard(self.named(METAL, "Fe"))
        potentials: dict[str, sympy.Expr] = {}
        for element in self.elements_in_order:
            phase, name, _ = SETTERS[element]
            species = self.named(phase, name)
            rest = of_element[element].symbol + self.standard(species)
            if element == "O":
                potentials[element] = rest - iron
            else:
                potentials[element] = _solved(species, element, rest, potentials)
        return potentials

    @property
    def elements_in_order(self) -> list[str]:
        """The elements, each after those of the species that sets its potential."""
        return [e for e in SETTERS if e in self.elements]

    def _ln_fraction(self, species: PhaseSpecies, potentials: Potentials, level: str = SURFACE) -> sympy.Expr:
        atoms = (count * potentials[e] for e, count in species.composition.items())
        return sympy.expand_mul(sympy.Add(*atoms)) - self.standard(species, level)

    @cached_property
    def ln_silicate(self) -> dict[str, sympy.Expr]:
        """ln x of each species of the silicate."""
        hydrogen, others = self.ln_gamma_silicate
        return {
            s.name: self._ln_fraction(s, self.potentials) - (hydrogen if s.name == "H2" else others)
            for s in self.of(SILICATE)
        }

    @cached_property
    def ln_gamma_silicate(self) -> tuple[sympy.Expr, sympy.Expr]:
        """ln of the activity coefficients of H2 and of all else in the silicate."""
        if self.symbols.hydrogen is None:
            return sympy.S.Zero, sympy.S.Zero
        x = sympy.Symbol("x_H2", positive=True)
        state = self.symbols.temperature.symbol, BAR * self.bars
        fraction = {x: sympy.exp(self.symbols.hydrogen.symbol)}
        hydrogen, others = ln_activity_coefficients(x, *state, self.mixing)
        return hydrogen.xreplace(fraction), others.xreplace(fraction)

    @cached_property
    def ln_gas(self) -> dict[str, sympy.Expr]:
        """ln(p/bar) of each gas."""
        return {s.name: self._ln_fraction(s, self.potentials) for s in self.of(GAS)}

    @cached_property
    def bars(self) -> sympy.Expr:
        """The sum of the partial pressures [bar]."""
        return sympy.Add(*map(sympy.exp, self.ln_gas.values()))

    @cached_property
    def oxides_mass(self) -> sympy.Expr:
        """Mass of the oxides in a mole of silicate [kg/mol], as laws of solubility take their mass fractions.

        Without the activity coefficient of the oxides: what dissolves has the same.
        """
        oxides = [s for s in self.of(SILICATE) if s.name in OXIDES]
        shares = (s.mass(self.mechanism) * sympy.exp(self._ln_fraction(s, self.potentials)) for s in oxides)
        return sympy.Add(*shares)

    # ---- metal

    @cached_property
    def metal_potentials(self) -> Potentials:
        """mu/RT of each element in the metal."""
        if not self.apart:
            return self.potentials
        potentials: dict[str, sympy.Expr] = {}
        for element, name in self.sets_metal.items():
            species = self.named(SILICATE, name)
            rest = self.ln_silicate[name] + self.standard(species, DEEP)
            potentials[element] = _solved(species, element, rest, potentials)
        return potentials

    @cached_property
    def solutes(self) -> dict[str, sympy.Expr]:
        """Mole fractions of Si and O in the metal, as unknowns."""
        return {f"x_{e}": sympy.exp(unknown.symbol) for e, unknown in self.symbols.of_solute.items()}

    @cached_property
    def ln_gamma(self) -> dict[str, sympy.Expr]:
        """ln of the activity coefficients of Si and O."""
        T = self.symbols.metal_temperature.symbol
        return {e: find(ACTIVITY, f"{e}-Ma2001")(T=T, **self.solutes) for e in self.symbols.of_solute}

    @cached_property
    def ln_metal(self) -> dict[str, sympy.Expr]:
        """ln x of each species of the metal, from the potentials."""
        fractions = {}
        for s in self.of(METAL):
            ln_x = self._ln_fraction(s, self.metal_potentials, DEEP)
            fractions[s.name] = ln_x - self.ln_gamma.get(s.name, sympy.S.Zero)
        return fractions

    # ---- amounts

    @cached_property
    def atoms(self) -> sympy.Expr:
        """Moles of all atoms."""
        return sympy.Add(*(parameter.symbol for parameter in self.symbols.moles.values()))

    @cached_property
    def sample_mass(self) -> sympy.Expr:
        """Mass of all atoms [kg]."""
        weights = self.mechanism.atomic_weights
        return sympy.Add(*(weights[e] * parameter.symbol for e, parameter in self.symbols.moles.items()))

    @cached_property
    def phase_moles(self) -> dict[str, sympy.Expr]:
        """Moles of each phase."""
        of_phase = {phase: unknown.symbol for phase, unknown in self.symbols.of_phase.items()}
        moles = {phase: self.atoms * sympy.exp(of_phase[phase]) for phase in (SILICATE, GAS)}
        return moles | {METAL: self.atoms * self._branches[0]}

    @cached_property
    def metal_affinity(self) -> sympy.Expr:
        """-ln of the sum of the mole fractions of the metal: 0 where there is metal, else above 0."""
        return self._branches[1]

    @cached_property
    def _branches(self) -> tuple[sympy.Expr, sympy.Expr]:
        """The moles of metal over all atoms, and its affinity: one of them is nearly 0."""
        s = self.symbols.of_phase[METAL].symbol
        r = sympy.sqrt(s**2 + 4 * METAL_WIDTH**2)
        return (r + s) / 2, (r - s) / 2

    @cached_property
    def fractions(self) -> dict[str, dict[str, sympy.Expr]]:
        """Mole fractions by phase and species; those of Si and O in the metal are the unknowns.

        So is that of H2 where it and the silicate are one solution.
        """
        silicate = {name: sympy.exp(ln_x) for name, ln_x in self.ln_silicate.items()}
        if self.symbols.hydrogen is not None:
            silicate["H2"] = sympy.exp(self.symbols.hydrogen.symbol)
        gas = {name: sympy.exp(ln_p) / self.bars for name, ln_p in self.ln_gas.items()}
        metal = {name: self.solutes.get(f"x_{name}", sympy.exp(ln_x)) for name, ln_x in self.ln_metal.items()}
        return {SILICATE: silicate, METAL: metal, GAS: gas}

    def moles_of(self, element: str) -> sympy.Expr:
        """Moles of an element in all phases."""
        contents = []
        for phase in PHASES:
            shares = (
                s.composition[element] * self.fractions[phase][s.name]
                for s in self.of(phase)
                if element in s.composition
            )
            contents.append(self.phase_moles[phase] * sympy.Add(*shares))
        return sympy.Add(*contents)

    def mass_of(self, phase: str) -> sympy.Expr:
        """Mass of a phase [kg]."""
        masses = (s.mass(self.mechanism) * self.fractions[phase][s.name] for s in self.of(phase))
        return self.phase_moles[phase] * sympy.Add(*masses)


def _solved(species: PhaseSpecies, element: str, rest: sympy.Expr, potentials: Potentials) -> sympy.Expr:
    """The potential of an element from mu/RT of a species and the potentials of its other elements."""
    others = (count * potentials[e] for e, count in species.composition.items() if e != element)
    return (rest - sympy.Add(*others)) / species.composition[element]
