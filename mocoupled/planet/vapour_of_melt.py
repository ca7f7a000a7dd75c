"""Vapour of a silicate melt from a mechanism: gases, liquid oxides, and activities of the melt."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import sympy

from ..chemistry.equilibrium_constants import temperature_limits
from ..chemistry.free_energies import gibbs_RT
from ..chemistry.records import CHARGE, Mechanism
from ..chemistry.stoichiometry import reactions
from ..closures.ferric_iron import OXIDES
from ..closures.law_types import PublishedLaw
from ..closures.redox import OxygenFugacity
from ..closures.registry import find
from ..dae.declare.model import Model, Output, Parameter, Unknown, Watch, join
from ..dae.leaves.external import numeric
from ..errors import InputError, nearest
from ..melt import activities as melt
from ..melt import associated_solution
from ..reservoirs.rock_vapour import (
    LN_MELT,
    LN_OXYGEN,
    OXYGEN,
    Evaporation,
    LosingMelt,
    declare_losing_melt,
    declare_vapour,
)
from ..reservoirs.volatile_species import Volatile
from .oxygen import buffer_watches
from .species_declarations import declared
from .unformed_condensates import beside_vapour

SOURCE = "nasa7"
TEMPERATURE = sympy.Symbol("temperature", real=True)
# K; no silicate is liquid below
LOWEST_TEMPERATURE = 1000.0


@dataclass(frozen=True)
class VapourRequest:
    """What determines the equations of a vapour.

    oxides: of the melt. activities: name of the law. prescribed: gases whose partial pressure is prescribed.
    congruent: whether the melt alone sets the oxygen fugacity.
    species: names of the gases; () for all that the mechanism has of the elements.
    buffer: the law by which the oxygen fugacity is prescribed, or "".
    """

    oxides: tuple[str, ...]
    activities: str
    prescribed: tuple[str, ...] = ()
    congruent: bool = True
    species: tuple[str, ...] = ()
    buffer: str = ""


@dataclass(frozen=True)
class RockVapour:
    """A declared vapour. model: with its parameters temperature, ln_moles_OXIDE, ln_p_GAS.

    evaporation: the gas in symbols. oxides: those that evaporate. inert: those that the activities take into
    account, but whose vapour cannot be computed.
    limits: temperatures [K] at which all gases have data. data: species used.
    """

    model: Model
    evaporation: Evaporation
    oxides: tuple[str, ...]
    inert: tuple[str, ...]
    limits: tuple[float, float]
    data: tuple[str, ...]


def ln_moles(oxide: str) -> Parameter:
    """The parameter of an oxide's amount."""
    return Parameter(f"ln_moles_{oxide}", 0.0, "1", f"ln of the moles of {oxide}")


def ln_activity(oxide: str) -> Unknown:
    """ln of the activity of an oxide, where it is an unknown."""
    return Unknown(f"ln_a_{oxide}", "1", step=2.0, long_name=f"ln of the activity of {oxide}")


def ln_pressure(gas: str) -> Parameter:
    """The parameter of a prescribed pressure."""
    return Parameter(f"ln_p_{gas}", 0.0, "1", f"ln of the partial pressure of {gas} in bar")


def assemble_vapour(mechanism: Mechanism, request: VapourRequest) -> RockVapour:
    """The vapour of a melt at prescribed temperature.

    InputError where the mechanism has no liquid oxide or no gas for a metal, for oxides whose activity is not
    known, and for prescribed gases that do not determine the elements beside those of the melt.
    """
    amounts = [ln_moles(oxide) for oxide in request.oxides]
    pressures = [ln_pressure(gas) for gas in request.prescribed]
    symbols = {oxide: parameter.symbol for oxide, parameter in zip(request.oxides, amounts)}
    evaporating = evaporation_of(mechanism, request, symbols)
    parts = evaporating.evaporation
    if request.congruent:
        check_congruent(parts)
    vapour = declare_vapour(parts, request.congruent, TEMPERATURE)
    activities = evaporating.activities
    solution = Model(
        "melt",
        unknowns=activities.unknowns,
        parameters=(*amounts, *pressures),
        constraints=activities.constraints,
        outputs=tuple(_outputs(activities.ln_activity, symbols)),
        watches=tuple(ranges_of_melt(mechanism, evaporating.oxides, request.activities, request.buffer)),
    )
    scales = beside_vapour(mechanism, evaporating.liquids, parts.basis, vapour, TEMPERATURE)
    return RockVapour(
        join("vapour of a melt", solution, vapour, scales),
        parts,
        evaporating.oxides,
        tuple(oxide for oxide in request.oxides if oxide not in evaporating.oxides),
        _limits(mechanism, [gas.name for gas in parts.gases]),
        (*evaporating.liquids.values(), *(gas.name for gas in parts.gases)),
    )


@dataclass(frozen=True)
class Fractional:
    """A melt that loses its vapour; its time is the share of its mass that is lost.

    Parameters: temperature, ln_moles_OXIDE at the start, in moles for a kilogram, ln_K_GAS.
    constants: ln K of each gas as an expression in T [K]: it is a number where nothing changes T.
    """

    model: Model
    constants: Mapping[str, sympy.Expr]

    @cached_property
    def _constants(self) -> Callable[..., Sequence[float]]:
        return numeric([TEMPERATURE], list(self.constants.values()))

    def parameters(self, T: float) -> dict[str, float]:
        """ln_K_GAS at a temperature [K]."""
        return dict(zip(self.constants, map(float, self._constants(T))))

    @staticmethod
    def unknowns(moles: float, ln_fO2: float, activities: Mapping[str, float]) -> dict[str, float]:
        """Unknown -> value in a melt of so many moles of oxides for a kilogram, with these activities."""
        logarithms = {ln_activity(oxide).name: math.log(a) for oxide, a in activities.items()}
        return {LN_MELT.name: math.log(moles), LN_OXYGEN.name: ln_fO2, **logarithms}


def assemble_fractional(mechanism: Mechanism, request: VapourRequest) -> Fractional:
    """The declaration of a melt that loses its vapour. request: of IMCC, congruent, without further gases."""
    ln_a = {oxide: ln_activity(oxide) for oxide in request.oxides}
    symbols = {oxide: unknown.symbol for oxide, unknown in ln_a.items()}
    amounts, scale = melt.associated_amounts(request.activities, symbols, TEMPERATURE)
    liquids = {oxide: liquid_of(mechanism, oxide) for oxide in request.oxides}
    evaporation = _evaporation(mechanism, request, liquids, symbols)
    constants = {f"ln_K_{gas}": reaction.ln_K for gas, reaction in evaporation.reactions.items()}
    numbers = [Parameter(name, 0.0, "1", f"{name.replace('_', ' ', 1)}, bar") for name in constants]
    constant = {
        gas: replace(reaction, ln_K=number.symbol)
        for (gas, reaction), number in zip(evaporation.reactions.items(), numbers)
    }
    evaporation = replace(evaporation, reactions=constant)
    vapour = declare_vapour(evaporation, True, TEMPERATURE)
    losing = LosingMelt(
        ln_a,
        {oxide: (amount.ln_size, amount.inner) for oxide, amount in amounts.items()},
        scale,
        liquids,
        {oxide: OXIDES[oxide][0] for oxide in liquids},
    )
    melt_left = declare_losing_melt(evaporation, losing, {oxide: ln_moles(oxide) for oxide in liquids})
    solution = Model(
        "melt",
        parameters=tuple(numbers),
        outputs=tuple(_outputs(symbols, {oxide: amount.ln for oxide, amount in amounts.items()})),
        watches=tuple(ranges_of_melt(mechanism, tuple(liquids), request.activities, request.buffer)),
    )
    scales = beside_vapour(mechanism, liquids, evaporation.basis, vapour, TEMPERATURE)
    model = join("fractional vaporisation", melt_left, solution, vapour, scales)
    return Fractional(model, constants)


@dataclass(frozen=True)
class Evaporating:
    """The parts of a vapour in symbols: gas and melt.

    liquids: oxide that evaporates -> its liquid.
    """

    evaporation: Evaporation
    activities: melt.Activities
    liquids: Mapping[str, str]

    @property
    def oxides(self) -> tuple[str, ...]:
        """The oxides that evaporate."""
        return tuple(self.liquids)


def evaporation_of(
    mechanism: Mechanism, request: VapourRequest, symbols: Mapping[str, sympy.Expr]
) -> Evaporating:
    """The gas over a melt. symbols: oxide -> ln of its amount. Errors as for `assemble_vapour`."""
    activities = melt.declare_activities(request.activities, symbols, TEMPERATURE, formation_of(mechanism))
    liquids = {oxide: liquid_of(mechanism, oxide) for oxide in activities.ln_activity}
    evaporation = _evaporation(mechanism, request, liquids, activities.ln_activity)
    return Evaporating(evaporation, activities, liquids)


def _evaporation(
    mechanism: Mechanism,
    request: VapourRequest,
    liquids: Mapping[str, str],
    activities: Mapping[str, sympy.Expr],
) -> Evaporation:
    """The gas over a melt. liquids: oxide -> its liquid. activities: oxide -> ln of its activity."""
    metals = frozenset(e for s in liquids.values() for e in mechanism.species[s].composition if e != "O")
    check_prescribed(mechanism, request.prescribed, metals)
    further = {e for gas in request.prescribed for e in mechanism.species[gas].composition}
    gases = _gases(mechanism, metals | further | {"O"}, request)
    basis = [OXYGEN, *liquids.values(), *request.prescribed]
    names = [*gases, *(s for s in liquids.values())]
    formed = {r.stoichiometry[-1][0]: r for r in reactions(mechanism, names, None, basis)}
    dependent = [gas for gas in request.prescribed if gas in formed]
    if dependent:
        raise InputError(
            f"pressure {', '.join(request.prescribed)}",
            f"{dependent[0]} follows from the other gases and the melt.",
            "allowed: one gas for each element beside those of the melt",
        )
    reactions_of = {gas: declared(mechanism, r, TEMPERATURE, SOURCE) for gas, r in formed.items()}
    known = {liquids[oxide]: expression for oxide, expression in activities.items()}
    known |= {gas: ln_pressure(gas).symbol for gas in request.prescribed}
    volatiles = tuple(
        Volatile(s, mechanism.species[s].composition, mechanism.species[s].molar_mass) for s in gases
    )
    return Evaporation(volatiles, reactions_of, known, metals)


def liquid_of(mechanism: Mechanism, oxide: str) -> str:
    """The condensed species of an oxide: the liquid, or the solid where the data have no other.

    InputError where the mechanism has none.
    """
    for suffix in ("(L)", "(s)"):
        if f"{oxide}{suffix}" in mechanism.species:
            return f"{oxide}{suffix}"
    known = ", ".join(s.name for s in mechanism.species.values() if s.phase != "gas") or "none"
    raise InputError(
        f"mechanism {mechanism.name}",
        f"it has no liquid {oxide}, the standard state of its activity.",
        f"its condensed species: {known}",
        "take the mechanism silicates, or import its species",
    )


def check_prescribed(mechanism: Mechanism, prescribed: Sequence[str], metals: frozenset[str]) -> None:
    """InputError for prescribed gases that the mechanism lacks, that the melt sets, or that are too few."""
    for gas in prescribed:
        record = mechanism.species.get(gas)
        if record is None or record.phase != "gas":
            known = [
                s.name
                for s in mechanism.species.values()
                if s.phase == "gas" and not metals & set(s.composition)
            ]
            raise InputError(
                f"pressure {gas!r}",
                f"the mechanism {mechanism.name} has no such gas.",
                f"known: {', '.join(known)}",
            )
        elements = set(record.composition)
        if elements & metals or elements <= {"O"}:
            reason = "oxygen sets its pressure." if elements <= {"O"} else "the melt sets its pressure."
            raise InputError(
                f"pressure {gas!r}",
                reason,
                "allowed: gases of elements that the melt does not have, such as H2",
            )
    further = {e for gas in prescribed for e in mechanism.species[gas].composition} - {"O"}
    if len(further) != len(prescribed):
        raise InputError(
            f"pressure {', '.join(prescribed)}",
            f"{len(prescribed)} pressures for {len(further)} elements ({', '.join(sorted(further))}).",
            "allowed: one gas for each element beside those of the melt",
        )


def check_congruent(evaporation: Evaporation) -> None:
    """InputError where no gas releases oxygen, so that the melt alone cannot set its fugacity."""
    if any(evaporation.oxygen_consumed(gas.name) < 0 for gas in evaporation.gases):
        return
    raise InputError(
        f"species {', '.join(gas.name for gas in evaporation.gases)}",
        "none of these gases releases oxygen when it forms: a congruent vapour has no oxygen fugacity.",
        cure="add gases such as SiO, Mg, Fe or Na, or prescribe oxygen=",
    )


def formation_of(mechanism: Mechanism) -> Callable[[str, sympy.Expr], sympy.Expr]:
    """ln K of a component of MELTS from liquid oxides.

    By the mechanism's liquid of this formula where it has one, else by the complex of IMCC.
    """

    def ln_K(component: str, T: sympy.Expr) -> sympy.Expr:
        content = associated_solution.oxides_of(component)
        if set(content) == {component}:
            return sympy.S.Zero
        name = f"{component}(L)"
        if name not in mechanism.species:
            return associated_solution.ln_K(component, T)
        parts = [
            sympy.Rational(c.numerator, c.denominator) * gibbs_RT(mechanism, liquid_of(mechanism, oxide), T)
            for oxide, c in content.items()
        ]
        return sympy.Add(*parts) - gibbs_RT(mechanism, name, T)

    return ln_K


def _gases(mechanism: Mechanism, elements: frozenset[str], request: VapourRequest) -> list[str]:
    """The neutral gases of these elements: all, or those of the request, with O2 and the prescribed ones."""
    made = []
    for record in mechanism.species.values():
        if record.phase == "gas" and set(record.composition) <= elements and CHARGE not in record.composition:
            made.append(record.name)
    for name in request.species:
        if name not in made:
            raise InputError(
                f"species {name!r}",
                "no gas of the melt and of the prescribed gases has this name.",
                f"known: {', '.join(made)}",
                nearest(name, made),
            )
    if not request.species:
        return made
    chosen = {*request.species, *request.prescribed, OXYGEN}
    return [name for name in made if name in chosen]


def _limits(mechanism: Mechanism, gases: Sequence[str]) -> tuple[float, float]:
    low, high = temperature_limits(mechanism, gases, SOURCE)
    return max(low, LOWEST_TEMPERATURE), high


def _outputs(activities: Mapping[str, sympy.Expr], symbols: Mapping[str, sympy.Expr]) -> Iterator[Output]:
    """Activities of the oxides, and the melt by moles and by mass. symbols: oxide -> ln of its amount."""
    for oxide, ln_a in activities.items():
        yield Output("activity", sympy.exp(ln_a), "1", "activity of the pure liquid oxide", "oxide", oxide)
    moles = {oxide: sympy.exp(symbol) for oxide, symbol in symbols.items()}
    masses = {oxide: OXIDES[oxide][0] * n for oxide, n in moles.items()}
    for oxide in activities:
        share = moles[oxide] / sympy.Add(*moles.values())
        yield Output(
            "melt_mole_fraction", share, "1", "mole fraction of the oxide in the melt", "oxide", oxide
        )
    for oxide in activities:
        share = masses[oxide] / sympy.Add(*masses.values())
        yield Output(
            "melt_mass_fraction", share, "1", "mass fraction of the oxide in the melt", "oxide", oxide
        )


def ranges_of_melt(
    mechanism: Mechanism,
    oxides: Sequence[str],
    activities: str,
    buffer: str = "",
    T: sympy.Expr = TEMPERATURE,
) -> Iterator[Watch]:
    """Ranges of the liquids' data, of the law of the activities and of a buffer. T [K]."""
    for oxide in oxides:
        record = mechanism.species[liquid_of(mechanism, oxide)]
        label = f"free energy of {record.name}"
        yield Watch(label, "T", T, *record.temperature_range, "K", record.reference)
    law: PublishedLaw = find(melt.KIND, activities)
    for argument, (low, high) in law.ranges.items():
        if argument == "T":
            yield Watch(f"activities: {law.name}", "T", T, low, high, "K", law.reference)
    if buffer:
        yield from buffer_watches(OxygenFugacity(buffer, 0.0), T)
