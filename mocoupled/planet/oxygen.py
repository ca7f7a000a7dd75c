"""Oxygen of a planet: the fugacity that its melt imposes, the gases that follow from it, and ferric iron."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TypeAlias

import sympy

from ..chemistry.equilibrium_constants import calibration, ln_K
from ..chemistry.volatile_chemistry import Chemistry, FerricIron
from ..closures.ferric_iron import FEO, FEO_REFERENCE
from ..closures.iron_wustite import buffer_of, distance
from ..closures.law_types import Law
from ..closures.redox import DEFAULT_IRON_WUSTITE, OxygenFugacity
from ..closures.registry import find
from ..constants import BAR
from ..dae.declare.model import Model, Output, Parameter, Watch, join
from ..interior.static_structure import Structure
from ..provenance.calibration import OXIDES_UNIT
from ..reservoirs.ferric_iron import Iron, with_ferric_column, with_ferric_iron, with_ferric_ocean
from ..reservoirs.gas_state import Surroundings
from ..reservoirs.mantle import Mantle
from ..reservoirs.volatiles import Volatiles
from .metal_of_melt import iron_weight, left_out_metal, metal_law
from .species_of_case import BUFFERED

# of ferric iron: a scale
ROUGH_SHARE = 0.05
LnFugacity: TypeAlias = sympy.Expr | None


@dataclass(frozen=True)
class Oxygen:
    """The surroundings of the volatiles, and how their oxygen is set.

    model: the offset of the oxygen fugacity as a parameter, and the ranges of its laws.
    ln_fO2_at_start: ln(fO2/bar) with which ferric iron starts; None where there is none, or where it starts
    otherwise.
    """

    surroundings: Surroundings
    model: Model
    ln_fO2_at_start: LnFugacity


def surroundings(
    inside: Structure, chemistry: Chemistry, mantle: Mantle, start_temperature: float | None = None
) -> Oxygen:
    """The surroundings of the volatiles.

    start_temperature [K]: of a run whose ferric iron starts with a buffer. None: the surface temperature
    throughout.
    """
    T = mantle.surface_temperature
    oxygen = chemistry.oxygen
    only_at_start = oxygen is None and chemistry.iron is not None
    if only_at_start and chemistry.iron is not None:
        oxygen = chemistry.iron.fugacity
    ln_fO2, parameters = _ln_fugacity(oxygen, T)
    if mantle.ferric is not None:  # its cells start with their ferric iron
        ln_fO2, parameters = None, ()
    area = 4 * math.pi * inside.radius**2
    around = Surroundings(
        T,
        mantle.melt_mass,
        mantle.solid_mass,
        None if only_at_start else ln_fO2,
        area / inside.gravity,
        follows=mantle.model.field is not None,
        prescribed_temperature=T in {p.symbol for p in mantle.model.parameters},
        ferric=mantle.ferric,
        ocean=mantle.ocean,
    )
    ln_start = ln_fO2 if only_at_start else None
    at = T
    if ln_start is not None and start_temperature is not None:
        at = sympy.Float(start_temperature)
    watches = (*buffer_watches(oxygen, at), *_ranges_of_ln_K(chemistry, T))
    return Oxygen(around, Model(parameters=parameters, watches=watches), ln_start)


def _buffer(oxygen: OxygenFugacity) -> Law | None:
    """The law of the buffer; None for an absolute fugacity."""
    return find("buffer", oxygen.buffer) if oxygen.buffer else None


def _ln_fugacity(oxygen: OxygenFugacity | None, T: sympy.Expr) -> tuple[LnFugacity, tuple[Parameter, ...]]:
    """ln(fO2/bar) at T, and the parameter in it; None without a prescribed fugacity."""
    if oxygen is None:
        return None, ()
    offset = Parameter("oxygen_fugacity_offset", oxygen.offset, "1", "log10 fO2 relative to the buffer")
    buffer = _buffer(oxygen)
    log10 = 0 if buffer is None else buffer(T=T, P=oxygen.pressure)
    return sympy.log(10) * (offset.symbol + log10), (offset,)


def ln_fugacity_of(oxygen: OxygenFugacity, T: float) -> float:
    """ln(fO2/bar) of a prescribed oxygen fugacity at T [K]."""
    buffer = _buffer(oxygen)
    log10 = 0 if buffer is None else buffer(T=sympy.Float(T), P=oxygen.pressure)
    return math.log(10) * float(oxygen.offset + log10)


def buffer_watches(oxygen: OxygenFugacity | None, T: sympy.Expr) -> Iterator[Watch]:
    """The ranges of a buffer in use: temperature, and pressure (1 bar unless the case specifies another)."""
    buffer = None if oxygen is None else _buffer(oxygen)
    if oxygen is None or buffer is None:
        return
    values = {"T": (T, "K"), "P": (sympy.Float(oxygen.pressure), "Pa")}
    for argument, (low, high) in buffer.ranges.items():
        if argument in values:
            expression, unit = values[argument]
            label = f"oxygen fugacity: {buffer.name}"
            yield Watch(label, argument, expression, low, high, unit, buffer.reference)


def _ranges_of_ln_K(chemistry: Chemistry, T: sympy.Expr) -> Iterator[Watch]:
    """The ranges of the data behind the equilibrium constants."""
    imposed = [reaction for reaction in chemistry.imposed.values() if reaction is not None]
    for reaction in (*chemistry.reactions, *imposed):
        span = calibration(chemistry.mechanism, reaction, chemistry.source)
        if span is not None:
            label = f"ln K of {reaction.text}: {chemistry.source}"
            yield Watch(label, "T", T, *span, "K", chemistry.source)


def imposed_fugacity(chemistry: Chemistry, species: str, around: Surroundings) -> LnFugacity:
    """ln(f/bar) of a gas that follows from the fugacity of oxygen alone.

    None for a species with a balance.
    """
    if species not in chemistry.imposed:
        return None
    reaction = chemistry.imposed[species]
    if reaction is None:
        return around.ln_fO2
    # moles of O2 for each mole of the species
    (needed,) = (-c for s, c in reaction.stoichiometry if s == BUFFERED)
    formed = ln_K(chemistry.mechanism, reaction, around.temperature, chemistry.source)
    return sympy.Rational(needed.numerator, needed.denominator) * around.ln_fO2 + formed


def with_oxygen_mass(chemistry: Chemistry, air: Volatiles) -> Volatiles:
    """The volatiles with the mass of oxygen as one more output, where a buffer sets its fugacity."""
    if chemistry.oxygen is None:
        return air
    atom, water = chemistry.mechanism.atomic_weights["O"], chemistry.mechanism.species.get("H2O")
    terms = []
    for output in air.model.outputs:
        name = "H2O" if output.name == "water_mass" else output.label
        if (
            output.name in ("gas_mass", "dissolved_mass", "trapped_mass")
            or (output.name == "water_mass" and water is not None)
            or (output.name == "condensate_mass" and name in chemistry.species)
        ):
            count = chemistry.counted(name).get("O", 0)
            terms.append(output.expression * (count * atom / chemistry.molar_mass(name)))
    title = "oxygen in gas and melt; as a budget (redox.oxygen) it gives the same state"
    added = Output("oxygen_mass", sympy.Add(*terms), "kg", title)
    return replace(air, model=replace(air.model, outputs=(*air.model.outputs, added)))


def rough_ferric_oxygen(iron: FerricIron, around: Surroundings) -> float:
    """The size of the oxygen in ferric iron [mol]."""
    return ROUGH_SHARE * iron.usual_moles_per_kg * float(around.melt_mass + around.solid_mass) / 2


def with_iron(
    chemistry: Chemistry, around: Surroundings, air: Volatiles, ln_fO2_at_start: LnFugacity
) -> Volatiles:
    """The volatiles with ferric iron in their budget of oxygen.

    ln_fO2_at_start: ln fO2 with which it starts; None where a share of ferric iron or a budget is prescribed.
    """
    iron, T = chemistry.iron, around.temperature
    if iron is None:
        return air
    column, ocean = around.ferric, around.ocean
    followed = column or ocean
    oxides = iron.oxides if followed is None else iron.oxides_at(followed.phases.melt)

    def ln_ratio(ln_fO2: sympy.Expr, P: sympy.Expr, left: sympy.Expr) -> sympy.Expr:
        extra = {"P": P} if iron.pressure else {}
        melt = oxides if left == 1 else {**oxides, "FeO": left * oxides["FeO"]}
        return iron.law(T=T, ln_fO2=ln_fO2, composition=melt, **extra)

    def start(ln_fO2: sympy.Expr, L: sympy.Expr) -> sympy.Expr:
        if ln_fO2_at_start is not None:
            return ln_fO2 - ln_fO2_at_start
        if iron.share is None:
            raise ValueError("the oxygen of the start is not prescribed")
        return L - math.log(iron.share / (1 - iron.share))

    prescribed = "O" in chemistry.masses or "O" in chemistry.pressures
    molar_mass = chemistry.molar_mass(BUFFERED)
    if followed is None:
        metal = None if iron.metal is None else metal_law(iron.metal, iron.oxides, T)
        mixed = Iron(ln_ratio, iron.moles_per_kg, iron.partition, metal, iron_weight(chemistry))
        joined = with_ferric_iron(air, mixed, around, molar_mass, None if prescribed else start)
    else:
        metals = Iron(ln_ratio, iron.metals_per_kg, iron.partition)
        if column is not None:
            joined = with_ferric_column(air, metals, column, molar_mass)
        elif ocean is not None:
            joined = with_ferric_ocean(
                air,
                metals,
                ocean,
                around.melt_mass + around.solid_mass,
                molar_mass,
                None if prescribed else start,
            )
    state = {"T": T, "P": air.surface_pressure, "ln_fO2": air.ln_fO2}
    watches = tuple(_ranges_of_iron(iron, state))
    if followed is not None and air.ln_fO2 is not None and iron.metal is not None:
        share = next(o.expression for o in joined.model.outputs if o.name == "ferric_share")
        watches += (left_out_metal(metal_law(iron.metal, oxides, T)(air.ln_fO2, sympy.S.One, share)),)
    more = Model(outputs=(above_iron_wustite(T, air.ln_fO2),), watches=watches)
    return replace(joined, model=join(joined.model.name, joined.model, more))


def above_iron_wustite(T: sympy.Expr, ln_fO2: sympy.Expr) -> Output:
    """The distance of an oxygen fugacity from iron-wuestite as an output. T [K], ln_fO2 (bar)."""
    title = f"log10 of the oxygen fugacity above the iron-wuestite buffer {DEFAULT_IRON_WUSTITE} at 1 bar"
    return Output(
        "delta_IW", distance(None, {"T": T, "P": BAR, "ln_fO2": ln_fO2}), "1", title, logarithm=True
    )


def ferric_share_at(iron: FerricIron, T: float) -> float:
    """Fe3+/Fe of a melt with which ferric iron starts, at 1 bar. T [K]: of the surface."""
    if iron.share is not None:
        return iron.share
    L = iron.law(T=sympy.Float(T), ln_fO2=ln_fugacity_at(iron, T), composition=iron.oxides)
    return 1 / (1 + math.exp(-float(L)))


def ln_fugacity_at(iron: FerricIron, T: float) -> float:
    """ln(fO2/bar) with which ferric iron starts, where an oxygen fugacity is prescribed. T [K]."""
    ln_fO2, (offset,) = _ln_fugacity(iron.fugacity, sympy.Float(T))
    return float(sympy.sympify(ln_fO2).subs(offset.symbol, offset.value))


def _ranges_of_iron(iron: FerricIron, state: dict[str, sympy.Expr]) -> Iterator[Watch]:
    """The ranges of the law of the ferric-ferrous ratio. state: T [K], P [Pa], ln_fO2 (bar)."""
    arguments = {
        "T": (state["T"], "K"),
        "dIW": (distance(iron.law.iron_wustite, state), "1"),
        "P": (state["P"], "Pa"),
    }
    label = f"ferric iron: {iron.law.name}"
    feo = 100 * iron.oxides["FeO"] / sum(iron.oxides.values())
    yield Watch(label, "FeO", sympy.sympify(feo), 100 * FEO[0], 100 * FEO[1], OXIDES_UNIT, FEO_REFERENCE)
    for argument, (low, high) in iron.law.ranges.items():
        if argument not in arguments or (argument == "P" and not iron.pressure):
            continue
        expression, unit = arguments[argument]
        buffer = buffer_of(iron.law.iron_wustite) if argument == "dIW" else ""
        yield Watch(label, argument, expression, low, high, unit, iron.law.reference, buffer)
