"""The state of the gas and its condensates in symbols: pressures, activities, fugacities."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import sympy

from ..closures.iron_wustite import distance
from ..closures.law_types import SymbolicLaw
from ..constants import BAR, GAS_CONSTANT
from ..dae.declare.model import Unknown
from .ferric_exchange import FerricColumn, FerricOcean
from .melt_gases import melt_gas_state
from .volatile_species import (
    LN_PRESSURE,
    PhaseState,
    Reaction,
    Volatile,
    affinity,
    imposed_state,
    phase_state,
)


@dataclass(frozen=True)
class Surroundings:
    """What the volatiles see of the mantle and of the planet, in symbols.

    temperature [K]; melt_mass, solid_mass [kg].
    ln_fO2: ln(fO2/bar), None where oxygen is an element like the others; O2 is then among the species.
    area_per_gravity [m2/(m/s2)].
    follows: whether temperature and masses are those of a field, which sets the step size.
    oxygen_molar_mass [kg/mol]: of O2, whose fugacity is then an unknown of the gas (closed_gas.py); None
    where it is not.
    ferric: of a column whose cells have ferric iron as an unknown.
    ocean: of a magma ocean whose iron is followed beside its redox.
    prescribed_temperature: whether it is a parameter, as in an equilibrium without time.
    ln_activity: liquid oxide -> ln of its activity in the melt, of those from which gases form.
    """

    temperature: sympy.Expr
    melt_mass: sympy.Expr
    solid_mass: sympy.Expr
    ln_fO2: sympy.Expr | None
    area_per_gravity: float
    follows: bool = False
    oxygen_molar_mass: float | None = None
    ferric: FerricColumn | None = None
    ocean: FerricOcean | None = None
    prescribed_temperature: bool = False
    ln_activity: Mapping[str, sympy.Expr] = field(default_factory=dict)


@dataclass(frozen=True)
class TotalPressure:
    """ln(P/bar): an unknown where something depends on it, so that the equilibria stay linear in ln p."""

    symbol: sympy.Expr
    unknown: Unknown | None = None
    residual: sympy.Expr = sympy.S.Zero


@dataclass(frozen=True)
class GasState:
    """The gas and its condensates in symbols, each mapping by species.

    states: unknown, activity and moles of each species.
    bar: partial pressure of each gas [bar]; pressures: the same [Pa]; total: their sum [Pa].
    mean_molar_mass [kg/mol].
    ln_pressure: ln of the total pressure in bar.
    activity: ln of the fugacity in bar of each gas, and of the activity of each condensate; O2 where it is
    known.
    fugacity [Pa]: of each gas.
    per_bar: moles of gas in the atmosphere for each bar of partial pressure.
    arguments: temperature, pressure, ln fO2 and fugacities as the arguments of solubility laws.
    """

    species: tuple[Volatile, ...]
    states: Mapping[str, PhaseState]
    bar: Mapping[str, sympy.Expr]
    pressures: Mapping[str, sympy.Expr]
    total: sympy.Expr
    mean_molar_mass: sympy.Expr
    ln_pressure: TotalPressure
    activity: Mapping[str, sympy.Expr]
    fugacity: Mapping[str, sympy.Expr]
    per_bar: sympy.Expr
    arguments: Mapping[str, sympy.Expr | None]

    @property
    def gases(self) -> list[Volatile]:
        """The species of the gas."""
        return [v for v in self.species if not v.condensed]

    @property
    def balanced(self) -> list[Volatile]:
        """The species that have a balance: all but those whose fugacity is imposed or follows."""
        return [v for v in self.species if v.has_balance]

    def atoms(self, element: str) -> sympy.Expr:
        """Sum over the gases of atoms of the element times partial pressure [bar]: moles over `per_bar`."""
        return sympy.Add(*(v.counted.get(element, 0) * self.bar[v.name] for v in self.gases))

    def positive_atoms(self, element: str) -> sympy.Expr:
        """The same without the gases that have released some of the element (melt_gases.py)."""
        counts = {v.name: v.counted.get(element, 0) for v in self.gases}
        return sympy.Add(*(count * self.bar[name] for name, count in counts.items() if count > 0))


def state_of_gas(
    species: Sequence[Volatile],
    around: Surroundings,
    moles: Mapping[str, sympy.Symbol],
    oxygen: Reaction | None,
) -> GasState:
    """The state of gas and condensates.

    moles: element -> symbol of its amount [mol].
    oxygen: the reaction that makes O2 of the species, where it is neither among them nor imposed; it gives
    ln fO2.
    """
    gases = [v for v in species if not v.condensed]
    states = {
        v.name: phase_state(v, moles) if v.ln_fugacity is None else imposed_state(v, around.temperature)
        for v in species
        if v.formation is None
    }
    activity = _activities(species, states, around.temperature)
    if around.ln_fO2 is not None:
        activity["O2"] = around.ln_fO2
    elif "O2" not in activity and oxygen is not None:
        activity["O2"] = -affinity(oxygen, activity | {"O2": sympy.S.Zero})
    states |= {v.name: melt_gas_state(v, {**activity, **around.ln_activity}) for v in gases if v.formation}
    activity |= {v.name: states[v.name].activity for v in gases if v.formation}
    bar = {v.name: sympy.exp(states[v.name].activity) for v in gases}
    pressures = {name: BAR * pressure for name, pressure in bar.items()}
    total = BAR * sympy.Add(*bar.values())
    mu = sympy.Add(*(bar[v.name] * v.molar_mass for v in gases)) / sympy.Add(*bar.values())
    real = any(v.ln_phi is not None for v in gases) or any(v.volume for v in species)
    ln_pressure = _total_pressure(real, bar)
    fugacity = {
        v.name: pressures[v.name] if v.ln_phi is None else BAR * sympy.exp(activity[v.name]) for v in gases
    }
    arguments = {"T": around.temperature, "P": total, "ln_fO2": activity.get("O2")}
    arguments |= {f"p_{name}": f for name, f in fugacity.items()}
    per_bar = around.area_per_gravity * BAR / mu
    return GasState(
        species=tuple(species),
        states=states,
        bar=bar,
        pressures=pressures,
        total=total,
        mean_molar_mass=mu,
        ln_pressure=ln_pressure,
        activity=activity,
        fugacity=fugacity,
        per_bar=per_bar,
        arguments=arguments,
    )


def _total_pressure(real: bool, bar: Mapping[str, sympy.Expr]) -> TotalPressure:
    """The total pressure.

    real: whether a fugacity coefficient or the volume of a condensate depends on it.
    """
    total = sympy.log(sympy.Add(*bar.values()))
    if not real:
        return TotalPressure(total)
    return TotalPressure(LN_PRESSURE.symbol, LN_PRESSURE, LN_PRESSURE.symbol - total)


def _activities(
    species: Sequence[Volatile],
    states: Mapping[str, PhaseState],
    temperature: sympy.Expr,
) -> dict[str, sympy.Expr]:
    """By species: ln of the fugacity in bar of a gas, of the activity relative to 1 bar of a condensate.

    Only of species that do not form from oxides of the melt.
    """
    activity, ln_pressure = {}, LN_PRESSURE.symbol
    for v in species:
        if v.formation is not None:
            continue
        if v.ln_fugacity is not None:
            activity[v.name] = v.ln_fugacity
            continue
        activity[v.name] = states[v.name].activity
        if v.ln_phi is not None:
            activity[v.name] += v.ln_phi(temperature, ln_pressure + sympy.log(BAR))
        if v.volume:
            above = sympy.exp(ln_pressure) - 1
            activity[v.name] += v.volume * BAR * above / (GAS_CONSTANT * temperature)
    return activity


def mass_fraction(v: Volatile, gas: GasState) -> sympy.Expr:
    """Mass fraction of a gas in the melt that is in equilibrium with it."""
    if not v.solubility:
        return sympy.S.Zero
    relative = _above_iron_wustite(v.solubility, gas.arguments)
    return v.solubility(p=gas.fugacity[v.name], **gas.arguments, **relative)


def _above_iron_wustite(
    law: SymbolicLaw, arguments: Mapping[str, sympy.Expr | None]
) -> dict[str, sympy.Expr]:
    """ln fO2 of iron-wuestite for a law that takes it as an argument, by the buffer that the law names."""
    if "ln_fO2_IW" not in law.arguments or arguments["ln_fO2"] is None:
        return {}
    return {"ln_fO2_IW": arguments["ln_fO2"] - math.log(10.0) * distance(law.iron_wustite, arguments)}
