"""The keys of a case of buffered crystallisation: one frozen pydantic model per section."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Annotated, Any, Literal, get_args

from pydantic import BeforeValidator, Field, model_validator

from ..closures.exchange_coefficient import KIND as EXCHANGE
from ..closures.exchange_coefficient import check_exchange
from ..errors import InputError
from .quantities import SI, SIOrLaw, refusal
from .section import Section, says

CROSSED = "the Fe end-member would melt above the Mg end-member within the mantle."


class Planet(Section):
    """The body below the magma ocean."""

    bulk_iron: Annotated[float, SI("1", 1e-4, 0.6, molar=True)] = Field(
        description="Fe/(Fe + Mg) of the whole mantle, molar"
    )
    core_temperature: Annotated[float, SI("K", 500.0, 20000.0)] = Field(
        description="temperature of the core-mantle boundary"
    )
    gravity: Annotated[float, SI("m/s^2", 0.1, 100.0)] = Field(description="gravitational acceleration")
    mantle_thickness: Annotated[float, SI("m", 1e4, 3e7)] = Field(
        description="depth of the core-mantle boundary"
    )
    core_radius: Annotated[float, SI("m", 1e3, 3e7)] = Field(
        description="radius of the core; for geometry = spherical alone"
    )
    density: Annotated[float, SI("kg/m^3", 1000.0, 20000.0)] = Field(description="density of the mantle")
    core_heat_capacity: Annotated[float, SI("J/kg/K", 1e-3, 1e12)] = Field(
        420.0,
        description="heat capacity of the core for each kg of mantle; acts with energy = conserved alone",
    )


class Material(Section):
    """The material of the pile of cumulates."""

    expansivity: Annotated[float, SI("1/K", 1e-7, 1e-3)] = Field(description="thermal expansivity")
    heat_capacity: Annotated[float, SI("J/kg/K", 100.0, 1e4)] = Field(description="heat capacity")
    latent_heat: Annotated[float, SI("J/kg", 1e3, 1e7)] = Field(description="latent heat of melting")
    diffusivity: Annotated[float, SI("m^2/s", 1e-8, 1e-4)] = Field(description="thermal diffusivity")
    density_contrast: Annotated[float, SI("kg/m^3", 1.0, 3000.0)] = Field(
        description="density of the crystals above that of the melt"
    )
    viscosity: Annotated[float, SI("Pa*s", 1e12, 1e24)] = Field(
        description="viscosity of the pile of cumulates"
    )


class Melting(Section):
    """The melting of the pile: exchange of iron and magnesium, and the end-members."""

    exchange_coefficient: Annotated[float | str, SIOrLaw("1", 0.01, 0.95, kind=EXCHANGE)] = Field(
        description="(Fe/Mg of the crystals)/(Fe/Mg of the melt), or the name of a law of pressure"
    )
    magnesium_temperature: Annotated[float, SI("K", 500.0, 6000.0)] = Field(
        description="melting temperature of the Mg end-member at no pressure"
    )
    magnesium_slope: Annotated[float, SI("K/Pa", 0.0, 1e-6)] = Field(description="its increase with pressure")
    iron_temperature: Annotated[float, SI("K", 300.0, 6000.0)] = Field(
        description="melting temperature of the Fe end-member at no pressure"
    )
    iron_slope: Annotated[float, SI("K/Pa", 0.0, 1e-6)] = Field(description="its increase with pressure")


class Convection(Section):
    """The prefactors of the laws of convection."""

    velocity_prefactor: Annotated[float, SI("1", 1e-3, 10.0)] = Field(
        description="of the speed of convection"
    )
    topography_prefactor: Annotated[float, SI("1", 1e-3, 1000.0)] = Field(
        description="of the dynamic topography"
    )
    boundary_layer_prefactor: Annotated[float, SI("1", 0.0, 1e9)] = Field(
        1.0,
        description="of the heat through the boundary layers of the pile; acts with energy = conserved alone",
    )


def _means(default: str, **meanings: str) -> Any:  # what pydantic's Field returns for a default
    """A reading with its default, and what each choice means (a hyphen of a choice is written as `_`)."""
    choices = {choice.replace("_", "-"): meaning for choice, meaning in meanings.items()}
    return says(default, "a reading of the paper's text", json_schema_extra={"meanings": choices})


def _yes_or_no(value: object) -> object:
    """A logical value as the reading "yes" or "no"; anything else as it is."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value


class Readings(Section):
    """Readings of the paper's text: what may be chosen, the recommended first."""

    melting: Literal["fractional", "batch"] = _means(
        "fractional",
        fractional="every increment of melt leaves as it forms",
        batch="melt stays with its residue until the top",
    )
    lens: Literal["loglin", "mobius", "mean-composition", "straight-solidus", "straight-liquidus"] = _means(
        "loglin",
        loglin="distribution coefficients log-linear in temperature",
        mobius="logit of temperature between those of crystals and melt",
        mean_composition="temperature linear in the mean composition",
        straight_solidus="linear in the crystals' composition",
        straight_liquidus="linear in the melt's composition",
    )
    top: Literal["pile-solidus", "ocean-liquidus"] = _means(
        "pile-solidus",
        pile_solidus="the pile's top is at the solidus of what melts (see source)",
        ocean_liquidus="the pile's top is at the liquidus of the magma ocean",
    )
    interior: Literal["mean", "top"] = _means("mean", mean="half-way between top and base", top="as the top")
    source: Literal["pile", "bulk", "newest-crystals"] = _means(
        "pile",
        pile="what melts is the pile's mean",
        bulk="what melts is the bulk mantle",
        newest_crystals="what melts has just crystallised",
    )
    geometry: Literal["cartesian", "spherical"] = _means(
        "cartesian",
        cartesian="solid fraction = thickness over depth",
        spherical="solid fraction = volume of a shell",
    )
    latent_heat_of: Literal["parcel", "residue"] = _means(
        "parcel", parcel="the whole parcel is cooled", residue="what stays is cooled"
    )
    feeding_layers: Literal["one", "two"] = _means(
        "one", one="the lower boundary layer of one cell feeds the plume", two="those of both sides do"
    )
    reference: Literal["pile-top", "surface"] = _means(
        "pile-top",
        pile_top="potential temperatures at the top of the pile",
        surface="at the top of the magma ocean",
    )
    topography: Annotated[Literal["yes", "no"], BeforeValidator(_yes_or_no)] = _means(
        "yes", yes="upwellings lift the top and melt more", no="the top stays level"
    )
    growth: Literal["net", "gross"] = _means(
        "net", net="the timescale is that of growth less remelting", gross="of crystallisation alone"
    )


class Keys(Section):
    """A whole case of buffered crystallisation."""

    planet: Planet
    material: Material
    melting: Melting
    convection: Convection
    readings: Readings = Field(default_factory=Readings)

    @model_validator(mode="after")
    def _end_members(self) -> Keys:
        """The Mg end-member melts above the Fe end-member throughout the mantle."""
        v, body = self.melting, self.planet
        pressure = body.density * body.gravity * body.mantle_thickness
        for p in (0.0, pressure):
            slope = v.magnesium_slope - v.iron_slope
            if v.magnesium_temperature - v.iron_temperature + p * slope <= 0:
                allowed = "allowed: a lower temperature at every pressure"
                raise refusal(CROSSED, allowed, key="iron_temperature, iron_slope")
        return self

    @model_validator(mode="after")
    def _exchange(self) -> Keys:
        """A law of K_D covers the pressures of the mantle."""
        body = self.planet
        try:
            pressure = body.density * body.gravity * body.mantle_thickness
            check_exchange(self.melting.exchange_coefficient, 0.0, pressure, "")
        except InputError as error:
            raise refusal(error.problem, error.allowed, key="exchange_coefficient") from None
        return self

    @property
    def values(self) -> dict[str, float | str]:
        """The numbers in SI, by name; of K_D perhaps the name of a law."""
        sections = (self.planet, self.material, self.melting, self.convection)
        return {name: value for section in sections for name, value in section}


@dataclass(frozen=True)
class Quantity:
    """A number of a case. unit: SI, as text; low, high: the range, its ends allowed; section: of the file."""

    section: str
    unit: str
    low: float
    high: float
    long_name: str


def _quantities() -> dict[str, Quantity]:
    """The numbers of the sections, as the models declare them."""
    quantities = {}
    models: dict[str, type[Section]] = {
        "planet": Planet,
        "material": Material,
        "melting": Melting,
        "convection": Convection,
    }
    for section, model in models.items():
        for name, field in model.model_fields.items():
            (si,) = (mark for mark in field.metadata if isinstance(mark, SI))
            quantities[name] = Quantity(section, si.unit, si.low, si.high, field.description or "")
    return quantities


def _readings() -> dict[str, Mapping[str, str]]:
    """Name -> what may be chosen, the recommended first, and what each means."""
    readings: dict[str, Mapping[str, str]] = {}
    for name, field in Readings.model_fields.items():
        extra = field.json_schema_extra
        meanings = extra["meanings"] if isinstance(extra, dict) else None
        choices = get_args(field.annotation)
        if not isinstance(meanings, dict) or tuple(meanings) != choices or field.default != choices[0]:
            raise TypeError(f"the reading {name} is not declared as {choices}")
        readings[name] = MappingProxyType({choice: str(meaning) for choice, meaning in meanings.items()})
    return readings


QUANTITIES: Mapping[str, Quantity] = MappingProxyType(_quantities())
READINGS: Mapping[str, Mapping[str, str]] = MappingProxyType(_readings())
# the key that names a law of pressure or has a number; readings of a case have the law as LAW
LAW = "exchange_law"
DEFAULTS: Mapping[str, str] = MappingProxyType({name: next(iter(c)) for name, c in READINGS.items()})
SECTIONS = (*dict.fromkeys(q.section for q in QUANTITIES.values()), "readings")
TIMESCALE = Quantity("run", "s", 1e6, 1e20, "time in which the magma ocean would crystallise at its net rate")


def section_of(name: str) -> str:
    """The section of a key, "" for a name that is none."""
    if name in READINGS:
        return "readings"
    return QUANTITIES[name].section if name in QUANTITIES else ""


def check(name: str, number: float, quantity: Quantity, where: str = "") -> None:
    """InputError for a number [SI] outside its range. where: its place in the user's input."""
    if quantity.low <= number <= quantity.high:
        return
    unit = "" if quantity.unit == "1" else f" {quantity.unit}"
    high = "" if math.isinf(quantity.high) else f" to {quantity.high:g}"
    raise InputError(
        where or f"{name} = {number:g}",
        f"{quantity.long_name}: {number:g}{unit} is out of range.",
        f"allowed: {'from' if high else 'at least'} {quantity.low:g}{high}{unit}",
    )
