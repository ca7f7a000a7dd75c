"""Oxygen of a planet: the fugacity that its melt imposes, the gases that follow from it, and ferric iron."""

from __future__ import annotations

import math
from dataclasses import replace

import sympy

from ..chemistry.equilibrium_constants import calibration, ln_K
from ..closures import law as laws
from ..closures.law_types import Law
from ..closures.redox import DEFAULT_IRON_WUSTITE, OxygenFugacity
from ..closures.iron_wustite import buffer_of, distance
from ..constants import BAR
from ..dae.declare.model import Model, Output, Parameter, Watch, join
from ..reservoirs import ferric_iron as irons
from ..reservoirs import volatiles as gases
from .chemistry_of_case import BUFFERED, Chemistry

ROUGH_SHARE = 0.05  # of ferric iron: a scale


def surroundings(inside, chemistry: Chemistry, T, melt, solid, follows=False, start_temperature=None):
    """The volatiles' Surroundings, the model part with the oxygen fugacity's offset and ranges, and ln fO2 of the start.

    start_temperature [K]: of a run whose ferric iron starts with a buffer, None where that holds at T.
    """
    oxygen = chemistry.oxygen or (
        chemistry.iron.fugacity if chemistry.iron else None
    )  # iron: of the start only
    buffer = laws.find("buffer", oxygen.buffer) if oxygen is not None and oxygen.buffer else None
    ln_fO2, parameters = None, ()
    if oxygen is not None:
        offset = Parameter("oxygen_fugacity_offset", oxygen.offset, "1", "log10 fO2 relative to the buffer")
        ln_fO2, parameters = (
            sympy.log(10) * (offset.symbol + (buffer(T=T, P=oxygen.pressure) if buffer is not None else 0)),
            (offset,),
        )
    ln_start = None if chemistry.oxygen is not None else ln_fO2
    area = 4 * math.pi * inside.radius**2
    around = gases.Surroundings(
        T, melt, solid, ln_fO2 if ln_start is None else None, area / inside.gravity, follows
    )
    at = sympy.Float(start_temperature) if ln_start is not None and start_temperature is not None else T
    watches = list(buffer_watches(oxygen, buffer, at))
    for reaction in (*chemistry.reactions, *filter(None, chemistry.imposed.values())):
        span = calibration(chemistry.mechanism, reaction, chemistry.source)
        if span is not None:
            watches.append(
                Watch(f"ln K of {reaction.text}: {chemistry.source}", "T", T, *span, "K", chemistry.source)
            )
    return around, Model(parameters=parameters, watches=tuple(watches)), ln_start


def buffer_watches(oxygen: OxygenFugacity | None, buffer: Law | None, T):
    """The ranges of a buffer in use: temperature, and the pressure that it is taken at (1 bar unless the case says another)."""
    if buffer is None:
        return
    values = {"T": (T, "K"), "P": (sympy.Float(oxygen.pressure), "Pa")}
    for argument in (a for a in buffer.ranges if a in values):
        expression, unit = values[argument]
        yield Watch(
            f"oxygen fugacity: {buffer.name}",
            argument,
            expression,
            *buffer.ranges[argument],
            unit,
            buffer.reference,
        )


def imposed_fugacity(chemistry: Chemistry, species: str, around: gases.Surroundings) -> sympy.Expr | None:
    """ln(f/bar) of a gas that follows from the fugacity of oxygen alone; None for a species with a balance."""
    if species not in chemistry.imposed:
        return None
    reaction = chemistry.imposed[species]
    if reaction is None:
        return around.ln_fO2
    (needed,) = (-c for s, c in reaction.stoichiometry if s == BUFFERED)  # O2 for each mole of the species
    formed = ln_K(chemistry.mechanism, reaction, around.temperature, chemistry.source)
    return sympy.Rational(needed.numerator, needed.denominator) * around.ln_fO2 + formed


def with_oxygen_mass(chemistry: Chemistry, air: gases.Volatiles) -> gases.Volatiles:
    """The volatiles with one output more: the oxygen in them, where a buffer sets its fugacity and no balance has it."""
    if chemistry.oxygen is None:
        return air
    atom, water = chemistry.mechanism.atomic_weights["O"], chemistry.mechanism.species.get("H2O")
    terms = []
    for output in air.model.outputs:
        name = "H2O" if output.name == "water_mass" else output.label
        if output.name in ("gas_mass", "dissolved_mass", "trapped_mass") or (
            output.name == "water_mass" and water is not None
        ):
            count = chemistry.mechanism.species[name].composition.get("O", 0)
            terms.append(output.expression * (count * atom / chemistry.molar_mass(name)))
    title = "oxygen in gas and melt; as a budget (redox.oxygen) it gives the same state"
    return replace(
        air,
        model=replace(
            air.model, outputs=(*air.model.outputs, Output("oxygen_mass", sympy.Add(*terms), "kg", title))
        ),
    )


def rough_ferric_oxygen(chemistry: Chemistry, around) -> float:
    """The size of the oxygen in ferric iron, mol."""
    return ROUGH_SHARE * chemistry.iron.moles_per_kg * float(around.melt_mass + around.solid_mass) / 2


def with_iron(chemistry: Chemistry, around, air, ln_start) -> gases.Volatiles:
    """The volatiles with ferric iron in their budget of oxygen. ln_start: ln fO2 that it starts with, or None."""
    iron, T = chemistry.iron, around.temperature

    def ln_ratio(ln_fO2, P):
        extra = {"P": P} if iron.pressure else {}
        return iron.law(T=T, ln_fO2=ln_fO2, composition=iron.oxides, **extra)

    def start(ln_fO2, L):
        return ln_fO2 - ln_start if ln_start is not None else L - math.log(iron.share / (1 - iron.share))

    given = "O" in chemistry.masses or "O" in chemistry.pressures
    joined = irons.with_ferric_iron(
        air,
        ln_ratio,
        iron.moles_per_kg,
        iron.partition,
        around.melt_mass,
        around.solid_mass,
        chemistry.molar_mass(BUFFERED),
        None if given else start,
    )
    state = {"T": T, "P": air.surface_pressure, "ln_fO2": air.ln_fO2}
    arguments = {
        "T": (T, "K"),
        "dIW": (distance(iron.law.iron_wustite, state), "1"),
        "P": (air.surface_pressure, "Pa"),
    }
    watched = [a for a in iron.law.ranges if a in arguments and (a != "P" or iron.pressure)]
    buffer = buffer_of(iron.law.iron_wustite)
    watches = [
        Watch(
            f"ferric iron: {iron.law.name}",
            a,
            arguments[a][0],
            *iron.law.ranges[a],
            arguments[a][1],
            iron.law.reference,
            buffer if a == "dIW" else "",
        )
        for a in watched
    ]
    title = f"log10 of the oxygen fugacity above the iron-wuestite buffer {DEFAULT_IRON_WUSTITE} at 1 bar"
    above = Output("delta_IW", distance({}, state | {"P": BAR}), "1", title)
    more = Model(outputs=(above,), watches=tuple(watches))
    return replace(joined, model=join(joined.model.name, joined.model, more))
