"""Laws of saturation of a melt at depth, carbon over graphite and sulfur over sulfide, on cells of a run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import sympy

from ..chemistry.equilibrium_constants import ln_K_values, temperature_limits
from ..chemistry.records import Mechanism
from ..chemistry.stoichiometry import reactions
from ..closures.graphite_saturation import KIND as GRAPHITE_LAWS
from ..closures.law_types import SymbolicLaw
from ..closures.melt_classes import outside
from ..closures.registry import find, names
from ..closures.solubility import solubility_law
from ..constants import BAR, GAS_CONSTANT
from ..dae.leaves.external import numeric
from ..errors import InputError, nearest
from ..planet.chemistry_of_case import GRAPHITE_VOLUME

SULFIDE_LAWS: Final = "sulfide_saturation"
SULFIDE = "sulfide"
CARBON, SULFUR = "C", "S"
WORDS = {CARBON: "carbon", SULFUR: "sulfur"}
GRAPHITE = "C(gr)"
GASES = ("CO", "CO2")
DEFAULT = ("Holloway1992-gas", "CO=basalt-Yoshioka2019", "sulfide=ONeill2021")
BUFFER = "Hirschmann2021"
DATA = "nasa7"


@dataclass(frozen=True)
class State:
    """The cells of a run: temperature [K] and ln fO2 [bar] (time, cell), pressure [Pa] (cell).

    oxides: of the melt, by mass.
    """

    T: np.ndarray
    P: np.ndarray
    ln_fO2: np.ndarray
    oxides: Mapping[str, float]
    mechanism: Mechanism

    @property
    def has_data(self) -> np.ndarray:
        """Whether a cell is within the pressures of the buffer and the temperatures of graphite."""
        low, high = temperature_limits(self.mechanism, [GRAPHITE, *GASES, "O2"], DATA)
        return (low <= self.T) & (high >= self.T) & (highest_pressure() >= self.P)


@dataclass(frozen=True)
class Saturation:
    """A law of saturation. name: as the user writes it; species: whose mass fraction the law gives.

    at_graphite: whether the law takes the fugacity that graphite imposes, as every law of solubility does.
    """

    name: str
    element: str
    law: SymbolicLaw
    species: str
    at_graphite: bool = False

    def content(self, state: State, molar_masses: Mapping[str, float], atom: float) -> np.ndarray:
        """Mass fraction of the element in a saturated melt (time, cell). molar masses, atom [kg/mol]."""
        values = {"T": state.T, "P": np.broadcast_to(state.P, state.T.shape), "ln_fO2": state.ln_fO2}
        if self.at_graphite:
            fugacity = over_graphite(self.species, state)
            others = {name: np.zeros_like(fugacity) for name in self.law.arguments if name[:2] == "p_"}
            values = others | values | {"p": fugacity, f"p_{self.species}": fugacity}
        arguments = {name: values[name] for name in self.law.arguments}
        if self.element == SULFUR:
            return _on_arrays(self.law, state.oxides, arguments)
        return self.law.evaluate(**arguments) * (atom / molar_masses[self.species])

    @property
    def reference(self) -> str:
        """The publication of the law."""
        return self.law.reference

    def covers(self, P: np.ndarray) -> np.ndarray:
        """Whether pressures [Pa] are within the range of the law; True where it states none."""
        low, high = self.law.ranges.get("P", (0.0, np.inf))
        return (low <= P) & (high >= P)

    def ranges(self, state: State) -> dict[str, tuple[np.ndarray, float, float, str]]:
        """Argument -> its values (time, cell), its range and unit, of those that the law states."""
        arguments = {"T": (state.T, "K"), "P": (np.broadcast_to(state.P, state.T.shape), "Pa")}
        stated = {a: self.law.ranges[a] for a in arguments if a in self.law.ranges}
        known = {a: (*arguments[a][:1], *stated[a], arguments[a][1]) for a in stated}
        shares = outside(self.law, state.oxides).items()
        return known | {o: (np.full(state.T.shape, x), *span, "wt%") for o, (x, span) in shares}


@dataclass(frozen=True)
class Sum:
    """Laws of one element for different species: the melt is saturated when their sum is dissolved."""

    name: str
    element: str
    parts: tuple[Saturation, ...]

    def content(self, state: State, molar_masses: Mapping[str, float], atom: float) -> np.ndarray:
        """Mass fraction of the element in a saturated melt (time, cell)."""
        return np.sum([part.content(state, molar_masses, atom) for part in self.parts], axis=0)

    def covers(self, P: np.ndarray) -> np.ndarray:
        """Whether pressures [Pa] are within the ranges of all laws."""
        return np.all([part.covers(P) for part in self.parts], axis=0)

    @property
    def reference(self) -> str:
        """The names of its laws."""
        return f"sum of {' and '.join(part.name for part in self.parts)}"


def highest_pressure() -> float:
    """The pressure [Pa] to which iron-wustite is known."""
    return find("buffer", BUFFER).ranges["P"][1]


def iron_wustite(T: np.ndarray, P: np.ndarray | float) -> np.ndarray:
    """log10 fO2 [bar] of iron-wustite at T [K] and P [Pa], at most its highest pressure."""
    symbols = sympy.symbols("T P", positive=True)
    law = find("buffer", BUFFER)
    return numeric(symbols, law(T=symbols[0], P=symbols[1]))(T, np.minimum(P, highest_pressure()))


def over_graphite(gas: str, state: State) -> np.ndarray:
    """Fugacity [Pa] of CO or CO2 in equilibrium with graphite, whose volume is constant."""
    (reaction,) = reactions(state.mechanism, [gas, GRAPHITE], "O2")
    count = {name: float(number) for name, number in reaction.stoichiometry}
    limits = temperature_limits(state.mechanism, list(count), DATA)
    ln_K = ln_K_values(state.mechanism, reaction, np.clip(state.T, *limits), DATA)[0]
    ln_activity = GRAPHITE_VOLUME * (state.P - BAR) / (GAS_CONSTANT * state.T)
    return BAR * np.exp((ln_K - count["O2"] * state.ln_fO2 - count[GRAPHITE] * ln_activity) / count[gas])


def _on_arrays(
    law: SymbolicLaw, oxides: Mapping[str, float], arguments: Mapping[str, np.ndarray]
) -> np.ndarray:
    """A law for this melt, on arrays."""
    symbols = {name: sympy.Symbol(name, positive=True) for name in arguments}
    expression = law(**symbols, composition=oxides)
    return numeric([*symbols.values()], expression)(*arguments.values())


def with_sums(laws: Sequence[Saturation]) -> list[Saturation | Sum]:
    """The laws, and the sum of those of carbon where each is of another species."""
    carbon = tuple(law for law in laws if law.element == CARBON)
    if len(carbon) < 2 or len({law.species for law in carbon}) < len(carbon):
        return [*laws]
    last = laws.index(carbon[-1]) + 1
    return [*laws[:last], Sum("carbon, all", CARBON, carbon), *laws[last:]]


def chosen(laws: Sequence[str] | None, state: State, elements: Sequence[str]) -> list[Saturation]:
    """The laws that a user names, or the default ones. elements: that the gas of the run has.

    InputError for an unknown name, and for a law of an element that the run has not.
    """
    if laws is not None and (isinstance(laws, str) or not laws):
        raise InputError(f"laws = {laws!r}", "not a list of names.", f"for example: laws={list(DEFAULT)}")
    made = [_saturation(str(name), state) for name in (DEFAULT if laws is None else laws)]
    there = [law for law in made if law.element in elements]
    if not there or (laws is not None and len(there) < len(made)):
        absent = next(law for law in made if law.element not in elements)
        raise InputError(f"laws: {absent.name}", f"the run has no {WORDS[absent.element]}.")
    return there


def _saturation(name: str, state: State) -> Saturation:
    """The law of a name: "Holloway1992-gas", "CO=basalt-Yoshioka2019" or "sulfide=ONeill2021"."""
    what, _, named = name.rpartition("=")
    where = f"laws: {name}"
    if not what:
        law = find(GRAPHITE_LAWS, named, where)
        return Saturation(name, CARBON, law, law.species, f"p_{law.species}" in law.arguments)
    if what == SULFIDE:
        return Saturation(name, SULFUR, find(SULFIDE_LAWS, named, where), "S2")
    if what not in GASES:
        raise InputError(
            where,
            f"{what!r} is not what a melt is saturated in.",
            f"known: {', '.join(names(GRAPHITE_LAWS))}, {SULFIDE}=LAW, {'=LAW, '.join(GASES)}=LAW",
            nearest(what, [*GASES, SULFIDE]),
        )
    entries = state.mechanism.species[what].melt if what in state.mechanism.species else {}
    if named not in entries or named == "none":
        known = [entry for entry in entries if entry != "none"]
        raise InputError(
            where,
            f"no solubility law of {what} has this name.",
            f"known: {', '.join(known) or 'none'}",
            nearest(named, known),
        )
    law = solubility_law(what, named, entries[named], where, state.oxides)
    return Saturation(name, CARBON, law, what, at_graphite=True)
