"""The mantle of a case: a column or one isentrope, its heating, and how iron acts on it."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import sympy

from ..case import Case
from ..closures.exchange_coefficient import exchange_at
from ..closures.law_types import Law, NumericLaw, numeric
from ..closures.registry import find
from ..cumulates.of_case import apart, in_column
from ..dae.declare.model import TIME, Watch
from ..errors import InputError
from ..interior.deep_melting_curves import check_curves
from ..interior.molten_start import MOLTEN, first_crystals, molten_surface
from ..interior.silicate_eos import CALIBRATED_TO, COMPUTED_TO, Phase, melt_phase, solid_phase
from ..interior.static_structure import Structure, core_mass
from ..reservoirs.column import declare_column
from ..reservoirs.column_iron import Iron
from ..reservoirs.column_settings import Closure, Column, Factors
from ..reservoirs.ferric_exchange import Ferric
from ..reservoirs.mantle import Core, LumpedMantle, Mantle, Silicate, declare_lumped
from ..reservoirs.mesh import Division, thickest_bottom_cell, thinnest_bottom_cell
from ..schema.buffering_case import BufferingCase
from .varied_keys import CONDUCTIVITY, CRYSTALS, EXCHANGE, MIXING, NUCLIDES, VISCOSITY, Symbols, mixing_length

# pressures at which densities are compared
_COMPARED = 500
# m; thin enough that the last mixed layer drains without a jump of the surface temperature
TOP_CELL = 50.0
# m; between 5 and 40 km the temperature of the core changes by less than 2 K
BOTTOM_CELL = 20e3


def initial_temperature(case: Case, inside: Structure, laws: Mapping[str, Law]) -> float:
    """Surface temperature [K] at the start: of the case, or that of a mantle molten at all depths."""
    first = case.run.initial_surface_temperature
    if first is not None:
        return first
    where = f"{case.name} [run]"
    molten = _molten(case, inside, laws)
    if case.run.end_surface_temperature >= molten:
        raise InputError(
            f"{where} end_surface_temperature = {case.run.end_surface_temperature:g} K",
            "the run would end where it starts or above.",
            f"allowed: below {molten:.0f} K, where this mantle is {MOLTEN}",
        )
    return molten


def has_molten_start(case: Case, inside: Structure, laws: Mapping[str, Law]) -> bool:
    """Whether a surface temperature melts the mantle at all depths."""
    try:
        _molten(case, inside, laws)
    except InputError:
        return False
    return True


def _molten(case: Case, inside: Structure, laws: Mapping[str, Law]) -> float:
    """The surface temperature [K] above which the mantle is molten at all depths. InputError without one."""
    melt = melt_phase(case.mantle.melt_eos, f"{case.name} [mantle] melt_eos")
    return molten_surface(inside.core_mantle_pressure, melt, numeric(laws["liquidus"]), f"{case.name} [run]")


def check_depth(case: Case, inside: Structure) -> None:
    """InputError for a mantle deeper than its equations of state are computed."""
    base = inside.core_mantle_pressure
    if base > COMPUTED_TO["P"]:
        key = "radius" if case.planet.mass is None else "mass"
        raise InputError(
            f"{case.name} [planet] {key} = {getattr(case.planet, key):.5g}",
            f"the pressure at the core would be {base / 1e9:.0f} GPa.",
            f"allowed: up to {COMPUTED_TO['P'] / 1e9:g} GPa, to which melt and solid are computed; with a "
            "core as Earth this is 11.7 Earth masses",
            "state a smaller planet, or one with a larger core",
        )


def mantle_of(
    case: Case,
    inside: Structure,
    laws: Mapping[str, Law],
    below: BufferingCase | None,
    first: float,
    redox: Ferric | None = None,
    symbols: Symbols | None = None,
) -> Mantle:
    """The mantle and the core of a case.

    below: the pile of cumulates, None where the case does not follow its iron.
    first [K]: surface temperature at the start.
    redox: ferric iron of the cells of a column, None where they have none.
    symbols: in place of numbers of keys.
    """
    core = Core(
        mass=core_mass(case.planet),
        heat_capacity=case.planet.core_heat_capacity,
        temperature_ratio=case.planet.core_temperature_ratio,
    )
    check_curves(
        numeric(laws["solidus"]),
        numeric(laws["liquidus"]),
        inside.core_mantle_pressure,
        f"{case.name} [mantle]",
    )
    heating = _heating(case, inside.mantle_mass, symbols or {})
    iron = _iron(case, below, redox, (symbols or {}).get(EXCHANGE))
    melt = melt_phase(case.mantle.melt_eos, f"{case.name} [mantle] melt_eos")
    solid = solid_phase(case.mantle.solid_eos, f"{case.name} [mantle] solid_eos")
    _check_order(case, inside, melt, numeric(laws["liquidus"]))
    if case.mantle.model == "lumped":
        silicate = Silicate(melt, solid, laws["solidus"].function, laws["liquidus"].function)
        lumped = LumpedMantle(
            silicate, laws["viscosity"], first, heating, case.mantle.shells, pile_apart=apart(case)
        )
        return declare_lumped(inside, core, lumped)
    return declare_column(
        inside, core, (melt, solid), laws, _column(case, inside, heating, iron, first, symbols or {})
    )


def _check_order(case: Case, inside: Structure, melt: Phase, liquidus: NumericLaw) -> None:
    """InputError for a mantle that begins to crystallise above its base, where the case needs the base."""
    mantle = case.mantle
    needs = {
        "[cumulates] coupled = true": (
            "the pile of cumulates grows from the base",
            case.cumulates.coupled and not in_column(case),
        ),
        "[mantle] closure = 'reference'": (
            "the published scheme lets melt and crystals separate above a cell with crystals only",
            mantle.model == "column" and mantle.closure == "reference",
        ),
    }
    if not any(needed for _, needed in needs.values()):
        return
    base = inside.core_mantle_pressure
    at, _ = first_crystals(base, melt, liquidus)
    for key, (why, needed) in needs.items():
        if needed and at < base:
            raise InputError(
                f"{case.name} {key}",
                f"{why}, but with the liquidus {liquidus.name} this mantle begins to crystallise at "
                f"{at / 1e9:.0f} GPa, above its base at {base / 1e9:.0f} GPa.",
                "allowed: a liquidus that a cooling melt reaches first at the base",
            )


def melt_sinks_from(case: Case, inside: Structure, laws: Mapping[str, Law]) -> float | None:
    """The pressure [Pa] from which melt is denser than its crystals in a column; None where it is not.

    Only a mantle deeper than the calibration of its melt can have such a depth.
    """
    base = inside.core_mantle_pressure
    if case.mantle.model != "column" or base <= CALIBRATED_TO:
        return None
    P = np.linspace(CALIBRATED_TO, base, _COMPARED)
    crystals = solid_phase(case.mantle.solid_eos).state(P, numeric(laws["solidus"])(P=P)).density
    melt = melt_phase(case.mantle.melt_eos).state(P, numeric(laws["liquidus"])(P=P)).density
    dense = np.flatnonzero(melt > crystals)
    return float(P[dense[0]]) if dense.size else None


def depth_watches(inside: Structure, laws: Mapping[str, Law], mantle: Mantle) -> tuple[Watch, ...]:
    """The laws of the mantle whose calibration ends above its base: recorded with every result.

    By pressure; the melt also by temperature, that of the core-mantle boundary, and the solid by its solidus.
    """
    base = inside.core_mantle_pressure
    roles = ("solidus", "liquidus", "equation of state of the melt", "equation of state of the solid")
    watched = ((role, laws[role], laws[role].ranges["P"]) for role in roles if "P" in laws[role].ranges)
    by_pressure = tuple(
        Watch(f"{role}: {law.name}", "P", sympy.Float(base), *span, "Pa", law.reference)
        for role, law, span in watched
        if base > span[1]
    )
    if not by_pressure:  # within these pressures no mantle is hotter than the laws
        return ()
    core = next(o.expression for o in mantle.model.outputs if o.name == "core_mantle_temperature")
    solidus = sympy.Float(float(numeric(laws["solidus"])(P=base)))
    hot = ((roles[2], core), (roles[3], solidus))
    by_temperature = (
        Watch(f"{role}: {laws[role].name}", "T", T, *laws[role].ranges["T"], "K", laws[role].reference)
        for role, T in hot
        if "T" in laws[role].ranges
    )
    return (*by_pressure, *by_temperature)


def _column(
    case: Case,
    inside: Structure,
    heating: sympy.Expr,
    iron: Iron | None,
    first: float,
    symbols: Symbols,
) -> Column:
    """The settings of the column in the case. first [K]: surface temperature at the start.

    symbols: in place of numbers of keys.
    """
    mantle, run = case.mantle, case.run
    return Column(
        crystal_size=mantle.crystal_size,
        closure=Closure(mantle.closure),
        division=_division(case, inside.radius - inside.core_radius),
        initial_temperature=first,
        initial_entropy=run.initial_entropy,
        heating=heating,
        mixing_length=symbols.get(MIXING, mixing_length(case, inside)),
        conductivity=mantle.conductivity,
        iron=iron,
        factors=_factors(case, inside, symbols),
    )


def _factors(case: Case, inside: Structure, symbols: Symbols) -> Factors:
    """What varies of the fluxes of a column: the speed of separation is that of crystal_size^2/viscosity."""
    viscosity, separation, conductivity = symbols.get(VISCOSITY), None, None
    if CRYSTALS in symbols:
        separation = (symbols[CRYSTALS] / case.mantle.crystal_size) ** 2
    if viscosity is not None:
        separation = (1 if separation is None else separation) / viscosity
    if CONDUCTIVITY in symbols:
        conductivity = symbols[CONDUCTIVITY] / case.mantle.conductivity
    values = {
        CRYSTALS: case.mantle.crystal_size,
        CONDUCTIVITY: case.mantle.conductivity,
        MIXING: mixing_length(case, inside),
        VISCOSITY: 1.0,
        EXCHANGE: 1.0,
    }
    numbers = {name: float(value) for name, value in values.items() if name in symbols}
    return Factors(separation, viscosity, conductivity, numbers)


def _division(case: Case, thickness: float) -> Division:
    """The cells: by default thin at the surface and the core. thickness [m]: of the mantle."""
    mantle = case.mantle
    top_cell, bottom_cell = mantle.top_cell, mantle.bottom_cell
    if mantle.closure == "consistent" and mantle.stretching is None:
        top_cell = top_cell or TOP_CELL
        if bottom_cell is None and top_cell < thickness / mantle.cells:
            thinnest, thickest = (
                at(thickness, mantle.cells, top_cell) for at in (thinnest_bottom_cell, thickest_bottom_cell)
            )
            bottom_cell = min(max(BOTTOM_CELL, thinnest), thickest)
    return Division(mantle.cells, mantle.stretching or 0.0, top_cell, bottom_cell)


def _heating(case: Case, mantle_mass: float, symbols: Symbols) -> sympy.Expr:
    """Heat made in the mantle [W/kg], of time. mantle_mass [kg]; symbols: in place of numbers of keys."""
    mantle = case.mantle
    nuclides = {
        name: symbols.get(f"{NUCLIDES}{name}", fraction)
        for name, fraction in mantle.radionuclides.items()
        if fraction
    }
    constant = symbols.get("mantle.heating", sympy.Float(mantle.heating) if mantle.heating else None)
    heating = sympy.S.Zero if constant is None else constant
    if nuclides:
        heating += find("heating", "radiogenic-Ruedas2017")(time=TIME, mass_fractions=nuclides)
    if mantle.tidal_power:
        heating += find("heating", "tidal")(
            time=TIME,
            power=symbols.get("mantle.tidal_power", mantle.tidal_power),
            mass=mantle_mass,
            decay_time=symbols.get("mantle.tidal_decay_time", mantle.tidal_decay_time),
        )
    return heating


def _iron(
    case: Case, below: BufferingCase | None, redox: Ferric | None, varied: sympy.Expr | None
) -> Iron | None:
    """How iron acts on the column, None where it is not followed in every cell. varied: factor on K_D.

    InputError where the case requires it and it cannot, and for a closure or key that has no effect.
    """
    keys, mantle = case.cumulates, case.mantle
    conditions = {
        "cumulates.coupled = true": keys.coupled,
        "mantle.model = 'column'": mantle.model == "column",
        "cumulates.crystals = 'settle'": keys.crystals == "settle",
    }
    curves = _acts(case, "melting_curves", conditions)
    density = _acts(case, "melt_density", conditions)
    if below is None or not in_column(case):
        return None
    _check_pile(case)
    values = below.values
    depression, slope = (
        values[f"magnesium_{part}"] - values[f"iron_{part}"] for part in ("temperature", "slope")
    )
    return Iron(
        values["bulk_iron"],
        lambda pressure: exchange_at(below.exchange, pressure),
        depression,
        slope,
        curves,
        density,
        values["viscosity"] if keys.remelting else None,
        "all" if keys.mix_iron else "melt",
        redox,
        varied,
    )


def _check_pile(case: Case) -> None:
    """InputError for a column whose pile cannot be its lower part."""
    if case.mantle.closure != "consistent":
        raise InputError(
            f"{case.name} [mantle] closure = {case.mantle.closure!r}",
            "the pile of cumulates is the lower part of the column, whose fluxes are those of the "
            "closure 'consistent'.",
            "allowed with [cumulates] coupled = true and crystals = 'settle': 'consistent'",
            "set mantle.closure = 'consistent', or cumulates.crystals = 'suspended'",
        )
    if case.cumulates.trapped_melt:
        raise InputError(
            f"{case.name} [cumulates] trapped_melt = {case.cumulates.trapped_melt:g}",
            "in a column the melt that stays among the crystals follows from their compaction.",
            "allowed with [mantle] model = 'column': 0",
            "leave it out; mantle.crystal_size sets how fast melt leaves",
        )


def _acts(case: Case, key: str, conditions: Mapping[str, bool]) -> bool:
    """Whether iron acts as a key of [cumulates] says.

    InputError where the key requires it and a condition is not met.
    """
    choice = getattr(case.cumulates, key)
    missing = [text for text, holds in conditions.items() if not holds]
    if choice == "local" and missing:
        raise InputError(
            f"{case.name} [cumulates] {key} = 'local'",
            f"this is possible only with {', '.join(missing)}.",
            "allowed: 'auto' or 'bulk'",
        )
    return not missing and choice != "bulk"
