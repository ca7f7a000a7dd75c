"""Vapour of a silicate melt: gases whose metals have the potentials of the melt's oxides.

Each gas forms from liquid oxides, O2 and the gases with a prescribed pressure: ln p follows from ln K and
their activities. Nothing is solved for it but the oxygen fugacity of a congruent vapour, which contains as
much oxygen as its metals had in the melt: what its gases release and consume of O2 adds up to nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import sympy

from ..constants import BAR
from ..dae.declare.model import Balance, Constraint, Model, Output, Parameter, Start, Unknown
from .volatile_species import Reaction, Volatile, affinity

OXYGEN = "O2"
LN_OXYGEN = Unknown("ln_fO2", "1", guess=-8.0, step=5.0, long_name="ln of the oxygen fugacity in bar")
LOG_OXYGEN = Parameter("log10_oxygen_fugacity", -4.0, "1", "log10 of the oxygen fugacity in bar")


@dataclass(frozen=True)
class Evaporation:
    """What evaporates, in symbols.

    gases: all gases, O2 among them. reactions: gas -> reaction that forms it from the basis; those of the
    basis have none.
    basis: ln of the activity of each liquid oxide, and of the pressure in bar of each prescribed gas.
    metals: elements of the oxides but oxygen.
    """

    gases: tuple[Volatile, ...]
    reactions: Mapping[str, Reaction]
    basis: Mapping[str, sympy.Expr]
    metals: frozenset[str]

    def ln_pressures(self, ln_fO2: sympy.Expr) -> dict[str, sympy.Expr]:
        """Gas -> ln of its partial pressure in bar."""
        activity = {**self.basis, OXYGEN: ln_fO2}
        pressures = {}
        for gas in self.gases:
            if gas.name in self.reactions:
                reaction = self.reactions[gas.name]
                pressures[gas.name] = -affinity(reaction, activity | {gas.name: sympy.S.Zero})
            else:
                pressures[gas.name] = activity[gas.name]
        return pressures

    def oxygen_consumed(self, gas: str) -> sympy.Rational:
        """Moles of O2 in the formation of a mole of a gas; negative where O2 is released."""
        if gas == OXYGEN:
            return sympy.S.One
        return (
            -self.reactions[gas].stoichiometry.get(OXYGEN, sympy.S.Zero)
            if gas in self.reactions
            else sympy.S.Zero
        )


def congruence(evaporation: Evaporation, ln_pressures: Mapping[str, sympy.Expr]) -> Constraint:
    """The constraint that the vapour contains the oxygen of its oxides: O2 consumed over O2 released."""
    consumed, released = [], []
    for gas, value in ln_pressures.items():
        count = evaporation.oxygen_consumed(gas)
        if count > 0:
            consumed.append(count * sympy.exp(value))
        elif count < 0:
            released.append(-count * sympy.exp(value))
    return Constraint(
        "oxygen of the vapour", sympy.log(sympy.Add(*consumed)) - sympy.log(sympy.Add(*released))
    )


def declare_vapour(evaporation: Evaporation, congruent: bool, temperature: sympy.Symbol) -> Model:
    """The gas over a melt. congruent: whether the melt alone sets the oxygen; else it is a parameter.

    Parameters: the temperature [K], and log10_oxygen_fugacity [bar] unless it is congruent.
    Outputs: pressure and mixing_ratio by species, element_fraction, vapour_pressure, mean_molar_mass,
    rock_vapour_share, log10_fO2.
    """
    parameter = Parameter(temperature.name, 2000.0, "K", "temperature")
    ln_fO2 = LN_OXYGEN.symbol if congruent else LOG_OXYGEN.symbol * sympy.log(10)
    ln_p = evaporation.ln_pressures(ln_fO2)
    return Model(
        "rock vapour",
        unknowns=(LN_OXYGEN,) if congruent else (),
        parameters=(parameter,) if congruent else (parameter, LOG_OXYGEN),
        constraints=(congruence(evaporation, ln_p),) if congruent else (),
        outputs=tuple(_outputs(evaporation, ln_p, ln_fO2)),
    )


# Of an oxide's amount at the start: what is left of it then stays.
TRACE = 1e-12
LN_MELT = Unknown("ln_melt", "1", long_name="ln of the moles of melt, for a kilogram at the start")


@dataclass(frozen=True)
class LosingMelt:
    """A melt that loses its vapour, in symbols.

    ln_activity: oxide -> unknown. amounts: oxide -> (size, inner): its moles in a mole of melt are
    exp(size) inner, where inner does not vanish with the oxide. scale: 0 for a mole of melt.
    liquids: oxide -> its liquid in the reactions. molar_masses: oxide -> kg/mol.
    """

    ln_activity: Mapping[str, Unknown]
    amounts: Mapping[str, tuple[sympy.Expr, sympy.Expr]]
    scale: sympy.Expr
    liquids: Mapping[str, str]
    molar_masses: Mapping[str, float]


@dataclass(frozen=True)
class _Row:
    """An oxide of a melt that loses its vapour: its amount in two factors, what is left of it, its gases.

    evaporating: 1, and 0 where only a trace is left.
    """

    size: sympy.Expr
    inner: sympy.Expr
    share: sympy.Expr
    evaporating: sympy.Expr
    gases: Mapping[str, sympy.Rational]


def declare_losing_melt(evaporation: Evaporation, melt: LosingMelt, start: Mapping[str, Parameter]) -> Model:
    """A melt whose congruent vapour is removed as it forms; time is the share of mass that is lost.

    start: oxide -> ln of its moles for a kilogram.
    d ln n/dt = -(moles of the oxide in the vapour)/n over the mass of all oxides in the vapour.
    An oxide of which a share TRACE is left no longer evaporates: where its pressure falls as the root of its
    amount (sodium without aluminium) it would vanish in a finite time.
    Outputs: retained_fraction by oxide, melt_mass_left.
    """
    ln_p = evaporation.ln_pressures(LN_OXYGEN.symbol)
    rows = {}
    for oxide, liquid in melt.liquids.items():
        size, inner = melt.amounts[oxide]
        share = sympy.exp(LN_MELT.symbol + size - start[oxide].symbol) * inner
        gases = _gases_with(evaporation, liquid)
        rows[oxide] = _Row(size, inner, share, share / (share + TRACE), gases)
    mass = sympy.Add(
        *(
            melt.molar_masses[oxide] * row.evaporating * count * sympy.exp(ln_p[gas])
            for oxide, row in rows.items()
            for gas, count in row.gases.items()
        )
    )
    balances, starts, outputs, masses = [], [], [], []
    for oxide, row in rows.items():
        ln_left = LN_MELT.symbol + row.size + sympy.log(row.inner)
        terms = [count * sympy.exp(ln_p[gas] - LN_MELT.symbol - row.size) for gas, count in row.gases.items()]
        loss = row.evaporating * sympy.Add(*terms) / (row.inner * mass)
        balances.append(Balance(f"{oxide} of the melt", ln_left, -loss))
        starts.append(Start(f"{oxide} at the start", ln_left - start[oxide].symbol))
        label = "share of the oxide that is left in the melt"
        outputs.append(Output("retained_fraction", row.share, "1", label, "oxide", oxide))
        masses.append(melt.molar_masses[oxide] * sympy.exp(LN_MELT.symbol + row.size) * row.inner)
    label = "mass of the melt that is left, of that at the start"
    outputs.append(Output("melt_mass_left", sympy.Add(*masses), "1", label))
    return Model(
        "melt that evaporates",
        unknowns=(*melt.ln_activity.values(), LN_MELT),
        parameters=tuple(start.values()),
        balances=tuple(balances),
        constraints=(Constraint("a mole of melt", melt.scale),),
        starts=tuple(starts),
        outputs=tuple(outputs),
    )


def _gases_with(evaporation: Evaporation, liquid: str) -> dict[str, sympy.Rational]:
    """Gas -> moles of a liquid oxide from which a mole of it forms (negative if it releases some)."""
    contents = {}
    for gas, reaction in evaporation.reactions.items():
        count = -reaction.stoichiometry.get(liquid, sympy.S.Zero)
        if count:
            contents[gas] = count
    return contents


def _outputs(
    evaporation: Evaporation, ln_p: Mapping[str, sympy.Expr], ln_fO2: sympy.Expr
) -> Iterator[Output]:
    bar = {gas.name: sympy.exp(ln_p[gas.name]) for gas in evaporation.gases}
    total = sympy.Add(*bar.values())
    for name, value in bar.items():
        yield Output("pressure", BAR * value, "Pa", "partial pressure", "species", name)
    for name, value in bar.items():
        yield Output("mixing_ratio", value / total, "1", "mole fraction of the gas", "species", name)
    atoms: dict[str, sympy.Expr] = {}
    for gas in evaporation.gases:
        for element, count in gas.composition.items():
            atoms[element] = atoms.get(element, sympy.S.Zero) + count * bar[gas.name]
    for element, amount in atoms.items():
        share = amount / sympy.Add(*atoms.values())
        yield Output(
            "element_fraction", share, "1", "mole fraction of the element in the gas", "element", element
        )
    rock = sympy.Add(*(bar[g.name] for g in evaporation.gases if evaporation.metals & set(g.composition)))
    mass = sympy.Add(*(gas.molar_mass * bar[gas.name] for gas in evaporation.gases))
    yield Output("vapour_pressure", BAR * total, "Pa", "sum of the partial pressures")
    yield Output(
        "rock_vapour_share", rock / total, "1", "share of the pressure of gases with metals of the melt"
    )
    yield Output("mean_molar_mass", mass / total, "kg/mol", "mean molar mass of the gas")
    yield Output("log10_fO2", ln_fO2 / sympy.log(10), "1", "log10 of the oxygen fugacity in bar")
