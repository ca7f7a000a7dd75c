"""A closed system at prescribed temperature and pressure: gas and pure condensates with prescribed elements.

Unknowns: ln(p/bar) of each gas, ln of the amount of gas, and for each condensate one variable s with the
smooth complementarity of `volatiles`.
Rows: ln Q = ln K for each reaction in fugacities, ln(amount/total) for each element, ln(sum p / P).
Charge is balanced like an element: ln of the negative over the positive charges, with the prescribed charge
on its side.
A gas is ideal, or has the fugacity coefficient of the pure gas at the total pressure (Lewis and Randall).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import sympy

from ..chemistry.records import CHARGE
from ..constants import BAR
from ..dae.declare.model import Constraint, Model, Output, Parameter, Start, Unknown
from .volatile_species import PhaseState, Reaction, Volatile, affinity, phase_state


@dataclass(frozen=True)
class _Mixture:
    """The system in symbols, by species.

    bar: partial pressure of each gas [bar]; total: their sum.
    per_bar: moles of gas for each bar of partial pressure.
    activity: ln of the fugacity in bar of each gas, and of the activity of each condensate.
    """

    species: tuple[Volatile, ...]
    states: Mapping[str, PhaseState]
    bar: Mapping[str, sympy.Expr]
    total: sympy.Expr
    per_bar: sympy.Expr
    activity: Mapping[str, sympy.Expr]

    @property
    def gases(self) -> list[Volatile]:
        return [v for v in self.species if not v.condensed]

    @property
    def condensates(self) -> list[Volatile]:
        return [v for v in self.species if v.condensed]

    def moles(self, element: str) -> sympy.Expr:
        """Moles of an element in gas and condensates."""
        in_gas = sympy.Add(*(v.composition.get(element, 0) * self.bar[v.name] for v in self.gases))
        condensed = (v.composition.get(element, 0) * self.states[v.name].moles for v in self.condensates)
        return self.per_bar * in_gas + sympy.Add(*condensed)


def declare_closed_system(
    species: Sequence[Volatile],
    reactions: Sequence[Reaction],
    elements: Sequence[str],
    temperature: sympy.Symbol,
    balances: Sequence[str] | None = None,
    oxygen: Reaction | None = None,
) -> Model:
    """Declare the equilibrium of a closed system.

    reactions: of all species, oxygen included.
    balances: the elements whose amounts are independent (None: all). The others follow from them where the
    species contain them in one ratio only.
    oxygen: the reaction that makes O2 of the species, where it is not among them.
    Parameters: temperature [K], pressure [Pa], moles_E [mol] of each element.
    Outputs: pressure, gas_moles and mixing_ratio by species, condensate_moles and condensate_activity by
    condensate, fugacity_coefficient of real gases, log10_fO2 where the species have it.
    """
    totals = {e: Parameter(f"moles_{e}", 1.0, "mol", f"moles of {e}") for e in elements}
    symbols = {e: parameter.symbol for e, parameter in totals.items() if e != CHARGE}
    pressure = Parameter("pressure", BAR, "Pa", "total pressure")
    amount = Unknown("ln_gas", "1", guess=0.0, step=5.0, long_name="ln of the gas's moles over all atoms")
    moles_of_gas = sympy.Add(*symbols.values()) * sympy.exp(amount.symbol)
    mixture = _mixture(species, symbols, temperature, moles_of_gas, pressure.symbol)
    independent = set(elements if balances is None else balances)
    starts = [
        Start(f"moles of {e}", sympy.log(mixture.moles(e) / n))
        for e, n in symbols.items()
        if e in independent
    ]
    if CHARGE in totals and CHARGE in independent:
        starts.append(Start("charge", _charge(mixture, totals[CHARGE].symbol)))
    states = mixture.states.values()
    return Model(
        "closed system",
        unknowns=(*(state.unknown for state in states if state.unknown is not None), amount),
        parameters=(Parameter(temperature.name, 1000.0, "K", "temperature"), pressure, *totals.values()),
        constraints=(
            *(Constraint(r.text, affinity(r, mixture.activity)) for r in reactions),
            Constraint("total pressure", sympy.log(mixture.total * BAR / pressure.symbol)),
        ),
        starts=tuple(starts),
        outputs=tuple(_outputs(mixture, oxygen)),
    )


def _mixture(
    species: Sequence[Volatile],
    symbols: Mapping[str, sympy.Symbol],
    temperature: sympy.Symbol,
    moles_of_gas: sympy.Expr,
    pressure: sympy.Symbol,
) -> _Mixture:
    """The system in symbols. symbols: element -> its amount [mol]; pressure [Pa]."""
    gases = [v for v in species if not v.condensed]
    states = {v.name: phase_state(v, symbols) for v in species}
    bar = {v.name: sympy.exp(states[v.name].activity) for v in gases}
    activity = {name: state.activity for name, state in states.items()}
    for v in gases:
        if v.ln_phi is not None:
            activity[v.name] += v.ln_phi(temperature, sympy.log(pressure))
    total = sympy.Add(*bar.values())
    return _Mixture(tuple(species), states, bar, total, moles_of_gas * BAR / pressure, activity)


def _charge(mixture: _Mixture, electrons: sympy.Symbol) -> sympy.Expr:
    """ln of negative over positive charges. electrons [mol]: the excess of electrons, of either sign."""

    def charges(sign: int) -> sympy.Expr:
        charged = [v for v in mixture.gases if sign * v.composition.get(CHARGE, 0) > 0]
        terms = (sign * v.composition[CHARGE] * mixture.bar[v.name] for v in charged)
        return mixture.per_bar * sympy.Add(*terms)

    negative, positive = charges(1), charges(-1)
    return sympy.log(negative + sympy.Max(-electrons, 0)) - sympy.log(positive + sympy.Max(electrons, 0))


def _outputs(mixture: _Mixture, oxygen: Reaction | None) -> Iterator[Output]:
    for v in mixture.species:
        yield from _of_condensate(v, mixture) if v.condensed else _of_gas(v, mixture)
    activity = dict(mixture.activity)
    if "O2" not in mixture.bar and oxygen is not None:
        activity["O2"] = -affinity(oxygen, activity | {"O2": sympy.S.Zero})
    if "O2" in activity:
        yield Output(
            "log10_fO2",
            activity["O2"] / sympy.log(10),
            "1",
            "log10 of the oxygen fugacity in bar",
            logarithm=True,
        )


def _of_condensate(v: Volatile, mixture: _Mixture) -> Iterator[Output]:
    label, state = ("condensate", v.name), mixture.states[v.name]
    yield Output("condensate_moles", state.moles, "mol", "moles of the condensate", *label)
    activity = sympy.exp(state.activity)
    yield Output("condensate_activity", activity, "1", "activity of the condensate", *label)


def _of_gas(v: Volatile, mixture: _Mixture) -> Iterator[Output]:
    label, bar = ("species", v.name), mixture.bar[v.name]
    yield Output("pressure", BAR * bar, "Pa", "partial pressure", *label)
    yield Output("mixing_ratio", bar / mixture.total, "1", "mole fraction of the gas", *label)
    yield Output("gas_moles", mixture.per_bar * bar, "mol", "moles in the gas", *label)
    if any(other.ln_phi is not None for other in mixture.species):
        phi = sympy.S.One
        if v.ln_phi is not None:
            phi = sympy.exp(mixture.activity[v.name] - mixture.states[v.name].activity)
        yield Output("fugacity_coefficient", phi, "1", "fugacity over partial pressure", *label)
