"""The equilibrium of silicate, metal and gas as a model for the batch kernel: rows, outputs, ranges.

Rows: ln(amount/total) of each element, ln of the sum of mole fractions of silicate and of metal,
the activities of Si and O in the metal, and ln of the sum of the partial pressures over the weight of the
gas.
"""

from __future__ import annotations

from collections.abc import Iterator

import sympy

from ..closures.iron_wustite import buffer_of, distance
from ..closures.registry import find
from ..constants import BAR
from ..dae.declare.model import Constraint, Model, Output, Watch
from .miscibility import BINODAL, CRITICAL_FRACTION, MIXING
from .miscibility import KIND as MISCIBILITY
from .phase_species import GAS, METAL, PHASES, SILICATE
from .solution_laws import DISSOLUTION
from .surface_pressure import KIND as PRESSURE
from .three_phases import GRAPHITE, ThreePhases

# of the solved outputs, for the ranges that need more than an output: ln of the sum of the pressures/bar,
# ln of the oxygen fugacity/bar
LN_BARS, LN_OXYGEN = sympy.symbols("ln_P ln_p[O2]", real=True)
PER = "|"  # between phase and species in the labels of mole fractions


def declare(system: ThreePhases) -> Model:
    """The model of a system."""
    rows = tuple(_rows(system))
    return Model(
        "silicate, metal and gas",
        unknowns=system.symbols.unknowns,
        parameters=(*system.symbols.parameters, *(s.parameter for s in system.levels.values())),
        constraints=rows,
        outputs=(*_outputs(system), *_residuals(rows)),
        watches=tuple(_watches(system)),
    )


def _rows(system: ThreePhases) -> Iterator[Constraint]:
    for e, parameter in system.symbols.moles.items():
        yield Constraint(f"moles of {e}", sympy.log(system.moles_of(e) / parameter.symbol))
    silicate = sympy.Add(*system.fractions[SILICATE].values())
    yield Constraint("sum of silicate", sympy.log(silicate))
    metal = sympy.Add(*system.fractions[METAL].values())
    yield Constraint("sum of metal", sympy.log(metal) + system.metal_affinity)
    for e, unknown in system.symbols.of_solute.items():
        yield Constraint(f"activity of {e} in metal", unknown.symbol - system.ln_metal[e])
    if system.symbols.hydrogen is not None:
        residual = system.symbols.hydrogen.symbol - system.ln_silicate["H2"]
        yield Constraint("activity of H2 in silicate", residual)
    weight = find(PRESSURE, system.conventions.pressure)(**_weight(system))
    yield Constraint("weight of the gas", sympy.log(BAR * system.bars / weight))


def _weight(system: ThreePhases) -> dict[str, sympy.Expr]:
    """What sets the surface pressure: masses of the gas and below it [kg], share of metal in the latter."""
    scale = system.symbols.planet_mass.symbol / system.sample_mass
    gas = system.mass_of(GAS) * scale
    below = system.symbols.planet_mass.symbol - gas
    return {"gas_mass": gas, "mass": below, "core_fraction": system.mass_of(METAL) * scale / below}


def _outputs(system: ThreePhases) -> Iterator[Output]:
    for phase in PHASES:
        for s in system.of(phase):
            x = system.fractions[phase][s.name]
            yield Output(
                "mole_fraction", x, "1", "mole fraction in the phase", "entry", f"{phase}{PER}{s.name}"
            )
    for phase in PHASES:
        yield Output("phase_moles", system.phase_moles[phase], "mol", "moles of the phase", "phase", phase)
    for phase in PHASES:
        mass = system.mass_of(phase)
        yield Output("phase_mass", mass, "kg", "mass of the phase", "phase", phase)
    for name, ln_p in system.ln_gas.items():
        yield Output("pressure", BAR * sympy.exp(ln_p), "Pa", "partial pressure", "gas", name)
    yield Output("surface_pressure", BAR * system.bars, "Pa", "pressure at the surface of the silicate")
    weight = _weight(system)
    yield Output("mass_below_gas", weight["mass"], "kg", "mass of the planet below its gas")
    title = "share of the metal in the mass below the gas"
    yield Output("core_mass_fraction", weight["core_fraction"], "1", title)
    ln_fO2 = system.ln_gas["O2"]
    yield Output("log10_fO2", ln_fO2 / sympy.log(10), "1", "log10 of the oxygen fugacity in bar")
    light = sympy.Add(*system.solutes.values())
    yield Output("light_fraction", light, "1", "mole fraction of Si and O in the metal")
    P = BAR * system.bars
    top = find(MISCIBILITY, BINODAL)(x=sympy.Float(CRITICAL_FRACTION), P=P)
    title = "temperature above which H2 and the silicate mix in every proportion"
    yield Output("mixing_temperature", top, "K", title)
    if "C" in system.elements:
        ln_a = system.potentials["C"] - system.standard(GRAPHITE)
        yield Output("graphite_activity", sympy.exp(ln_a), "1", "activity of graphite; above 1 it would form")
    if "H" in system.elements:
        title = "mass of water in the silicate over the mass of the silicate; hydroxyl counts as H2O"
        yield Output("silicate_water", _water(system), "kg/kg", title)
    affinity = system.metal_affinity
    yield Output(
        "metal_affinity", affinity, "1", "affinity of the metal over RT: above 0 where there is no metal"
    )


def _water(system: ThreePhases) -> sympy.Expr:
    """Mass of H2O over that of the silicate."""
    species = system.named(SILICATE, system.conventions.water)
    moles = system.phase_moles[SILICATE] * system.fractions[SILICATE][species.name]
    return species.mass(system.mechanism) * moles / system.mass_of(SILICATE)


def _residuals(rows: tuple[Constraint, ...]) -> Iterator[Output]:
    for row in rows:
        yield Output("residuals", row.residual, "1", "residual of each equation", "equation", row.name)


def _watches(system: ThreePhases) -> Iterator[Watch]:
    """The ranges of the laws."""
    symbols = system.symbols
    for s in system.species:
        if not s.law:
            continue
        law = find(DISSOLUTION, s.law)
        T = symbols.metal_temperature if system.apart and s.phase == METAL else symbols.temperature
        watched = {"T": (T.symbol, "K"), "P": (BAR * system.bars, "Pa")}
        if law.iron_wustite is not None:
            state = {"T": T.symbol, "P": BAR * sympy.exp(LN_BARS), "ln_fO2": LN_OXYGEN}
            watched["dIW"] = (distance(law.iron_wustite, state), "1")
        for argument, (low, high) in law.ranges.items():
            expression, unit = watched[argument]
            buffer = buffer_of(law.iron_wustite) if argument == "dIW" else ""
            what = f"{s.name} in {s.phase}: {s.law}"
            yield Watch(what, argument, expression, low, high, unit, law.reference, buffer)
    if system.mixing:
        law = find(MIXING, system.mixing)
        low, high = law.ranges["P"]
        pressure = BAR * system.bars
        yield Watch(f"H2 and silicate: {law.name}", "P", pressure, low, high, "Pa", law.reference)
    law = find(PRESSURE, system.conventions.pressure)
    units = {"mass": "kg", "core_fraction": "1"}
    for argument, (low, high) in law.ranges.items():
        expression = _weight(system)[argument]
        yield Watch(f"radius: {law.name}", argument, expression, low, high, units[argument], law.reference)
