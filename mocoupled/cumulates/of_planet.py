"""The pile of a run: material of a parameters file on geometry, pressure and core of the planet."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from ..closures.law_types import LawFunction
from ..closures.rheology import TRANSITION
from ..interior.static_structure import Structure
from ..schema.buffering_case import EXCHANGE_KEY, BufferingCase
from ..schema.buffering_keys import QUANTITIES
from .remelting_equations import COMPRESSIBILITY

# What follows from the planet -> the keys of the case behind it.
# All else is material: bulk_iron is the composition of the mantle.
FOLLOWS: Mapping[str, str] = {
    "mantle_thickness": "planet.radius and core_radius_fraction, or planet.mass",
    "core_radius": "planet.radius and core_radius_fraction, or planet.mass",
    "gravity": "planet.gravity, or planet.mass",
    "density": (
        "planet.surface_density and compressibility: mean over depth, which gives the pressure at the core"
    ),
    COMPRESSIBILITY: "planet.compressibility",
    "core_temperature": (
        "mantle.solidus and liquidus at the pressure of the core: the highest temperature below a pile, "
        f"at which the base of the mantle has the melt fraction {TRANSITION:g}; "
        "when the core of the run is colder, its temperature is taken"
    ),
}
# values of a growing pile that pays for its melts; the core of a run is that of its planet
NOT_OF_A_RUN = ("core_heat_capacity", "boundary_layer_prefactor")
UNITS: Mapping[str, str] = {name: q.unit for name, q in QUANTITIES.items()} | {COMPRESSIBILITY: "1/m"}
# compressibility times depth: below, density is uniform to rounding
LEAST_COMPRESSION = 1e-9


def stiffening_temperature(inside: Structure, solidus: LawFunction, liquidus: LawFunction) -> float:
    """Temperature [K] of the base of the mantle at the rheological transition.

    solidus, liquidus [K]: functions of P [Pa].
    """
    P = inside.core_mantle_pressure
    cold, hot = (float(curve(P=P)) for curve in (solidus, liquidus))
    return cold + TRANSITION * (hot - cold)


def pile_on_planet(
    material: BufferingCase,
    inside: Structure,
    core_temperature: float,
    overridden: Mapping[str, str] = MappingProxyType({}),
    where: str = "",
) -> BufferingCase:
    """The case with the numbers of a planet in place of those of its file.

    core_temperature [K]: the highest below a pile.
    overridden: values that keys of the case replaced -> the key.
    where: the place of the case, for errors.
    `origins` of the result says where each value is from.
    InputError where the Fe end-member would melt above the Mg end-member.
    """
    D = inside.radius - inside.core_radius
    values = {name: value for name, value in material.values.items() if name not in NOT_OF_A_RUN}
    planet = {
        "mantle_thickness": D,
        "core_radius": inside.core_radius,
        "gravity": inside.gravity,
        "density": inside.core_mantle_pressure / (inside.gravity * D),
        "core_temperature": core_temperature,
    }
    if inside.compressibility * D > LEAST_COMPRESSION:
        planet[COMPRESSIBILITY] = inside.compressibility
    origins = {name: overridden.get(name, f"cumulates.parameters = {material.name}") for name in values}
    origins |= {name: FOLLOWS[name] for name in planet}
    return replace(material, values={**values, **planet}, origins=origins).replace({}, where)


def on_core(pile: BufferingCase, temperature: float) -> BufferingCase:
    """The pile on a core of a temperature [K], at most its highest."""
    if not math.isfinite(temperature) or temperature >= pile.values["core_temperature"]:
        return pile
    return replace(pile, values={**pile.values, "core_temperature": temperature})


def numbers(pile: BufferingCase) -> dict[str, dict[str, float | str]]:
    """Each number of the pile of a run with its unit and where it is from."""
    values: dict[str, float | str] = {**pile.values, EXCHANGE_KEY: pile.exchange}
    return {
        name: {
            "value": value if isinstance(value, str) else float(value),
            "unit": UNITS[name],
            "from": pile.origins.get(name, ""),
        }
        for name, value in values.items()
    }
