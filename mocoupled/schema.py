"""The keys of a case: one frozen pydantic model per section, each key with its SI unit, range and description."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Annotated, Any, Literal, get_args, get_origin

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    field_validator,
    model_validator,
)
from pydantic.fields import FieldInfo

from .errors import InputError
from .quantities import ELEMENTS, SI, Inventory, nothing, refusal
from .units import si_text, to_si


def _listed(value):
    """Several names given as one text ("H2O, H2", as on the command line) as a list; "all" as None."""
    if isinstance(value, str):
        return None if value.strip() == "all" else [v for v in re.split(r"[,\s]+", value) if v]
    return value


def _once(names):
    """Refuse an empty list and a name listed twice."""
    repeated = sorted({n for n in names or () if names.count(n) > 1})
    if repeated:
        raise refusal(f"{', '.join(repeated)} is listed more than once.")
    if names is not None and not names:
        raise refusal("the list is empty.", "allowed: names of species, or 'all'.")
    return names


def says(default, description: str, **more):
    """A field with its default (as a user would write it) and its description; a default of dict is made anew."""
    made = {"default_factory": dict} if default is dict else {"default": default}
    return Field(**made, description=description, **more)


Text = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]
NUCLIDES = ("Al26", "Fe60", "K40", "Th232", "U235", "U238")


def _nuclide(name):
    if name not in NUCLIDES:
        raise refusal(f"there is no heat of decay for {name!r}.", f"allowed: {', '.join(NUCLIDES)}.")
    return name


Nuclide = Annotated[Text, AfterValidator(_nuclide)]
_frozen = AfterValidator(MappingProxyType)


class Section(BaseModel):
    """Base of the sections: frozen, no unknown key, defaults checked like anything the user writes."""

    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True, arbitrary_types_allowed=True)

    def __setattr__(self, name, value):
        where = f"{type(self).__name__}.{name}"
        raise InputError(where, "a case is frozen.", "", 'use case.replace({"section.key": value})')


class Planet(Section):
    """The body: size, mantle density profile, core."""

    radius: Annotated[float, SI("m", 1e5, 1e8)] = says("6371 km", "radius of the solid (magma) surface")
    gravity: Annotated[float, SI("m/s^2", 0.01, 1000)] = says(10.0, "gravity, the same at every depth")
    core_radius_fraction: Annotated[float, SI("1", 0, 1, exclusive="low high")] = says(
        0.55, "core radius over planet radius"
    )
    equilibrium_temperature: Annotated[float, SI("K", 0, 5000)] = says(
        273.0, "temperature in balance with the star, without an atmosphere"
    )
    surface_density: Annotated[float, SI("kg/m^3", 500, 30000)] = says(
        4078.95095544, "mantle density at zero pressure in the Adams-Williamson profile rho = rho_s exp(b depth)"
    )
    compressibility: Annotated[float, SI("1/m", 0, 1e-5)] = says(
        1.1115348931e-7, "b of the Adams-Williamson profile; 0 is a mantle of one density"
    )
    core_density: Annotated[float, SI("kg/m^3", 500, 50000)] = says(10738.332568062382, "mean density of the core")
    core_heat_capacity: Annotated[float, SI("J/kg/K", 0, 1e5, exclusive="low")] = says(
        880.0, "specific heat capacity of the core"
    )
    core_temperature_ratio: Annotated[float, SI("1", 0.5, 5)] = says(
        1.147, "mean temperature of the core (by mass) over that at the core-mantle boundary"
    )

    @model_validator(mode="after")
    def _column(self):
        if self.compressibility * self.radius * (1 - self.core_radius_fraction) > 3:
            raise refusal(
                "the mantle would be more than 20 times as dense at its base as at the surface.",
                "allowed: compressibility x mantle depth of at most 3 (Earth: 0.32).",
                key="compressibility",
            )
        return self


def _element(name: str):
    """The field of one element's inventory."""
    return says("0 kg", f"{name} in mantle and atmosphere: a mass, ppmw of the mantle, or ratio to another element")


class Volatiles(Section):
    """How much of each volatile element there is, and how it dissolves."""

    hydrogen: Inventory = _element("hydrogen")
    helium: Inventory = _element("helium")
    carbon: Inventory = _element("carbon")
    nitrogen: Inventory = _element("nitrogen")
    fluorine: Inventory = _element("fluorine")
    neon: Inventory = _element("neon")
    phosphorus: Inventory = _element("phosphorus")
    sulfur: Inventory = _element("sulfur")
    chlorine: Inventory = _element("chlorine")
    argon: Inventory = _element("argon")
    bromine: Inventory = _element("bromine")
    krypton: Inventory = _element("krypton")
    iodine: Inventory = _element("iodine")
    xenon: Inventory = _element("xenon")
    initial_pressure: Annotated[dict[Text, Annotated[float, SI("Pa", 0, exclusive="low")]], _frozen] = says(
        dict, "species: its partial pressure at the start, in place of an inventory of its element"
    )
    initial_fugacity: Annotated[dict[Text, Annotated[float, SI("Pa", 0, exclusive="low")]], _frozen] = says(
        dict, "species: its fugacity at the start, in place of an inventory of its element"
    )
    solubility: Annotated[dict[Text, Text], _frozen] = says(
        dict, "species: name of its solubility law; a species not named here follows the mechanism"
    )
    partition_coefficient: Annotated[dict[Text, Annotated[float, SI("1", 0)]], _frozen] = says(
        dict, "species: mass fraction in the crystals over that in the melt; 0 where not named"
    )

    @field_validator(*ELEMENTS, mode="plain")
    @classmethod
    def _inventory(cls, value, info):
        return Inventory.read(value, ELEMENTS[info.field_name])

    @model_validator(mode="after")
    def _ratios(self):
        names = {symbol: name for name, symbol in ELEMENTS.items()}
        for name, symbol in ELEMENTS.items():
            chain, inventory = [symbol], getattr(self, name)
            while inventory.amount and (symbol := inventory.reference):
                chain.append(symbol)
                if chain.count(symbol) > 1:
                    circle = " -> ".join(chain)
                    raise refusal(f"the ratios go in a circle: {circle}.", "", "give one of them as a mass", name)
                other = names[symbol]
                inventory = getattr(self, other)
                if not inventory.amount:
                    cure = f"give {other} an inventory"
                    raise refusal(f"the ratio refers to {other}, of which there is none.", "", cure, name)
        return self

    def masses(self, mantle_mass: float) -> dict[str, float]:
        """Element symbol -> kg in the planet, for the elements that have an inventory above zero.

        mantle_mass: mass of the whole mantle, melt and solid [kg].
        """
        allowed = "allowed: a mass above 0 kg."
        mantle_mass = to_si(mantle_mass, "kg", "mantle_mass")
        if mantle_mass <= 0:
            raise InputError("mantle_mass", f"{mantle_mass!r} kg is out of range.", allowed)
        given = {symbol: getattr(self, name) for name, symbol in ELEMENTS.items()}

        def mass(symbol: str) -> float:
            inventory = given[symbol]
            if inventory.unit == "kg":
                return inventory.amount
            return inventory.amount * (mass(inventory.reference) if inventory.reference else mantle_mass)

        return {symbol: mass(symbol) for symbol, inventory in given.items() if inventory.amount > 0}


def _oxygen(value):
    """The oxygen budget, or None."""
    return None if nothing(value) is None else Inventory.read(value, "O")


class Redox(Section):
    """The oxidation state of the surface magma, which sets that of the gas."""

    oxygen_fugacity: Annotated[Text | None, BeforeValidator(nothing)] = says(
        None, "dex from a buffer ('IW+0.5', the default), or absolute ('log10 fO2 = -9.5', in bar); none with an oxygen budget"
    )
    oxygen: Annotated[Inventory | None, BeforeValidator(_oxygen)] = says(
        None, "budget of the oxygen in the volatiles, gas and melt, which then sets its fugacity: a mass, ppmw, or 'O/H' ratio"
    )
    buffer: Annotated[Text | None, BeforeValidator(nothing)] = says(
        None, "name of the buffer's law, for instance 'ONeillEggins2002'; none: the default of the family"
    )
    buffer_pressure: Annotated[float | None, SI("Pa", 1e5, 1e11, optional=True)] = says(
        None, "pressure at which the buffer's assemblage is taken, for a buffer with a pressure term; none: 1 bar"
    )

    @model_validator(mode="before")
    @classmethod
    def _one_of_two(cls, given):
        if not isinstance(given, dict):
            return given
        budget, fugacity = nothing(given.get("oxygen")), nothing(given.get("oxygen_fugacity"))
        if budget is not None and fugacity is not None:
            raise refusal(
                "the oxidation state is given twice: as a fugacity and as a budget of oxygen.",
                "allowed: one of oxygen_fugacity and oxygen; the other is 'none'.",
                "set oxygen_fugacity = 'none' if the fugacity is to follow from the budget",
                key="oxygen",
            )
        return given if budget is not None or fugacity is not None else {**given, "oxygen_fugacity": "IW+0.5"}

    @field_validator("oxygen_fugacity", mode="before")
    @classmethod
    def _text(cls, value):
        if value is not None and not isinstance(value, str):
            raise refusal("text in quotes is expected.", "for instance 'IW+0.5'")
        return value

    @model_validator(mode="after")
    def _read(self):
        if self.oxygen_fugacity is None:  # a budget: no buffer takes part
            if self.buffer_pressure is not None:
                raise refusal("with a budget of oxygen there is no buffer whose pressure could be set.", key="buffer_pressure")
            return self
        from .closures.redox import at_pressure, parse_oxygen_fugacity  # on use: it imports sympy

        try:
            read = parse_oxygen_fugacity(self.oxygen_fugacity, self.buffer, "redox")
        except InputError as error:
            key = "buffer" if "buffer law" in error.problem else "oxygen_fugacity"
            raise refusal(error.problem, error.allowed, error.cure, key=key) from None
        try:
            at_pressure(read, self.buffer_pressure)
        except InputError as error:
            raise refusal(error.problem, error.allowed, error.cure, key="buffer_pressure") from None
        return self

    @property
    def imposed(self):
        """The oxygen fugacity that the case sets (an OxygenFugacity), or None with a budget of oxygen."""
        if self.oxygen_fugacity is None:
            return None
        from .closures.redox import at_pressure, parse_oxygen_fugacity

        return at_pressure(parse_oxygen_fugacity(self.oxygen_fugacity, self.buffer), self.buffer_pressure)


class Chemistry(Section):
    """Which gases and condensates there may be, and where their Gibbs energies come from."""

    mechanism: Text = says("volatiles", "name of a shipped mechanism, or path to one (Cantera YAML)")
    thermochemistry: Text = says(
        "nasa7", "set of equilibrium constants: 'nasa7' (the mechanism's polynomials), 'bower2022'"
    )
    species: Annotated[tuple[Text, ...] | None, BeforeValidator(_listed), AfterValidator(_once)] = says(
        None,
        "gas species to use; all: every one of the mechanism made of the elements present, but O2",
        json_schema_extra={"nothing": "all"},
    )
    graphite: bool = says(True, "whether graphite may precipitate")
    graphite_pressure: bool = says(False, "whether graphite's volume raises its free energy with pressure, by V (P - 1 bar)")
    fugacity: Text = says("ideal", "law of the fugacity coefficients, e.g. 'PengRobinson1976', 'ZhangDuan2009-Leachman2009'")
    water: bool = says(False, "whether liquid water may condense, below its critical temperature")


class Atmosphere(Section):
    """How the atmosphere lets heat out."""

    radiation: Text = says("AbeMatsui1985", "name of the law for the outgoing flux")
    emissivity: Annotated[float | None, SI("1", 0, 1, optional=True)] = says(
        None, "a constant emissivity in place of that of the gas; none: from the optical depth"
    )
    absorption: Annotated[dict[Text, Annotated[float, SI("m^2/kg", 0)]], _frozen] = says(
        dict, "species: absorption coefficient at 101325 Pa, in place of the mechanism's"
    )


class Mantle(Section):
    """How the mantle cools and crystallises."""

    model: Literal["column", "lumped"] = says(
        "column", "column: resolved in depth; lumped: well mixed at every instant, melt and crystals do not separate"
    )
    cells: Annotated[int, SI("1", 10, 2000, whole=True)] = says(100, "number of cells of the column")
    stretching: Annotated[float | None, SI("1", 0, 10, optional=True)] = says(
        None, "how much thinner cells are at the surface than at the core (logarithm of the ratio), 0: even; none: by top_cell"
    )
    top_cell: Annotated[float | None, SI("m", 1, 1e6, optional=True)] = says(
        None, "thickness of the uppermost cell, below which they grow by a power law; none: 100 m, and even cells with closure 'reference'"
    )
    closure: Literal["smooth", "reference"] = says(
        "smooth", "heat flux of the two-phase column: smooth; reference: as the code behind Bower et al. 2022, whose surface temperature jitters"
    )
    separation: Literal["reference", "upwind"] = says(
        "reference", "flux of melt out of crystals: reference, by the upper side, as published; upwind: monotone, traps about 9 % of melt"
    )
    availability: Literal["tanh", "one-sided"] = says(
        "tanh", "melt left for separation: tanh, drains cells a little below their solidus, as published; one-sided: not"
    )
    crystal_size: Annotated[float, SI("m", 1e-6, 10)] = says(
        "5 cm", "crystal radius, for the separation of melt and crystals; has no effect in the lumped mantle"
    )
    mixing_length: Annotated[float | None, SI("m", 0, exclusive="low", optional=True)] = says(
        None, "length over which eddies mix; none: a quarter of the mantle's depth"
    )
    conductivity: Annotated[float, SI("W/m/K", 0)] = says(4.0, "thermal conductivity of melt and crystals")
    shells: Annotated[int, SI("1", 10, 100000, whole=True)] = says(
        200, "number of shells of the lumped mantle's integrals over depth"
    )
    melt_eos: Text = says("RTpress-WolfBower2018", "equation of state of the melt")
    solid_eos: Text = says("perovskite-Mosenfelder2009", "equation of state of the solid")
    solidus: Text = says("Andrault2011-Hamano2013", "name of the solidus")
    liquidus: Text = says("Andrault2011-Hamano2013", "name of the liquidus")
    heating: Annotated[float, SI("W/kg", 0, 1)] = says(0.0, "constant internal heating of the mantle")
    radionuclides: Annotated[dict[Nuclide, Annotated[float, SI("1", 0, 1)]], _frozen] = says(
        dict, "nuclide (Al26, Fe60, K40, Th232, U235, U238): its mass fraction of the mantle at the start, e.g. K40 = '0.4 ppmw'"
    )
    tidal_power: Annotated[float, SI("W", 0, 1e22)] = says(0.0, "heat of tides in the whole mantle, spread evenly by mass")
    tidal_decay_time: Annotated[float | None, SI("s", 0, exclusive="low", optional=True)] = says(
        None, "time in which the heat of tides falls by a factor e; none: constant"
    )

    @model_validator(mode="after")
    def _one_mesh(self):
        if self.stretching is not None and self.top_cell is not None:
            raise refusal("the mesh is told twice: by stretching and by top_cell.", "allowed: one of them; the other is 'none'.", key="top_cell")
        return self


class Escape(Section):
    """Loss of hydrogen to space."""

    law: Literal["none", "Zahnle2019"] = says("none", "none, or Zahnle2019: escape of H2 driven by XUV")
    prefactor: Annotated[float, SI("1", 0)] = says(1.0, "factor on the law's flux")
    xuv: Annotated[float, SI("1", 0)] = says(1.0, "stellar XUV flux over that at Earth today")


class Cumulates(Section):
    """Iron and magnesium of the magma ocean and of what crystallises from it."""

    coupled: bool = says(False, "whether a run follows the iron of its magma ocean; needs mantle.model 'column' or 'lumped', and changes nothing else of the run")
    parameters: Text = says("earth", "material, calibration and readings: a shipped case of 'mocoupled mantle' (earth, mars) or the path of one")
    bulk_iron: Annotated[float | None, SI("1", 1e-4, 0.6, optional=True)] = says(None, "Fe/(Fe + Mg) of the whole mantle, molar; none: of the parameters")
    viscosity: Annotated[float | None, SI("Pa*s", 1e12, 1e24, optional=True)] = says(None, "viscosity of the pile of cumulates; none: of the parameters")
    exchange_coefficient: Annotated[float | None, SI("1", 0.01, 0.95, optional=True)] = says(
        None, "(Fe/Mg of the crystals)/(Fe/Mg of the melt); none: of the parameters"
    )
    crystals: Literal["settle", "suspended"] = says("settle", "settle: they leave the melt (fractional crystallisation); suspended: they stay in equilibrium with it (batch)")
    remelting: bool = says(True, "whether the convecting pile melts again and returns its melt to the ocean; of crystals that settle")
    trapped_melt: Annotated[float, SI("1", 0, 0.5)] = says(0.0, "share of melt that is trapped among the settled crystals, with its iron")


class Run(Section):
    """Where the run starts, where it ends, how accurately it is integrated."""

    initial_surface_temperature: Annotated[float, SI("K", 200, 6000)] = says(2700.0, "surface temperature at the start")
    initial_entropy: Annotated[float | None, SI("J/kg/K", 900, 2900, optional=True)] = says(
        None, "entropy of the column's top cell at the start, in place of initial_surface_temperature; none: from the temperature"
    )
    end_surface_temperature: Annotated[float, SI("K", 200, 6000)] = says(
        1650.0, "the surface has a lid when it is this cold, and the run ends"
    )
    continue_past_lid: bool = says(
        False, "whether the run goes on after the lid, with the surface as it is, until no more than end_melt_fraction (0.001 if not given) is molten"
    )
    end_time: Annotated[float | None, SI("s", 0, exclusive="low", optional=True)] = says(
        "100 Myr", "the run ends at this time"
    )
    end_melt_fraction: Annotated[float | None, SI("1", 0, 1, exclusive="high", optional=True)] = says(
        None, "the run ends when the mantle's melt fraction is down to this"
    )
    rtol: Annotated[float, SI("1", 1e-12, 1e-2)] = says(1e-6, "relative tolerance of the integration")
    stabilisation: Annotated[float, SI("1/s", 0)] = says(
        "1 / yr", "rate at which drift off the constraints is pulled back"
    )

    @model_validator(mode="after")
    def _order(self):
        if self.end_surface_temperature >= self.initial_surface_temperature:
            raise refusal(
                f"the run would end at {self.end_surface_temperature:g} K, where it starts or above.",
                f"allowed: below initial_surface_temperature, {self.initial_surface_temperature:g} K.",
                key="end_surface_temperature",
            )
        return self


class Settings(Section):
    """A whole case."""

    name: str = says("", "short name of the case; of a file without one, the file's name")
    title: str = says("", "one line on the case")
    planet: Planet = Field(default_factory=Planet)
    volatiles: Volatiles = Field(default_factory=Volatiles)
    redox: Redox = Field(default_factory=Redox)
    chemistry: Chemistry = Field(default_factory=Chemistry)
    atmosphere: Atmosphere = Field(default_factory=Atmosphere)
    mantle: Mantle = Field(default_factory=Mantle)
    escape: Escape = Field(default_factory=Escape)
    cumulates: Cumulates = Field(default_factory=Cumulates)
    run: Run = Field(default_factory=Run)

    @model_validator(mode="after")
    def _ends(self):
        if self.run.end_time is None and self.run.end_surface_temperature <= self.planet.equilibrium_temperature:
            raise refusal(
                "the run might never end: the equilibrium temperature of the planet is not below the end temperature.",
                "",
                "give [run] end_time, for instance '100 Myr'",
            )
        return self


def leaves() -> Iterator[tuple[str, str, FieldInfo, SI | None]]:
    """Section ("" at the top), key, field and quantity (of a table: of each entry) of every key, in a file's order."""
    for section, holder in Settings.model_fields.items():
        model = holder.annotation
        inner = issubclass(model, Section)
        for name, spec in model.model_fields.items() if inner else [(section, holder)]:
            marks = getattr(get_args(spec.annotation)[1], "__metadata__", ()) if is_table(spec) else spec.metadata
            yield section if inner else "", name, spec, next((mark for mark in marks if isinstance(mark, SI)), None)


def is_table(spec: FieldInfo) -> bool:
    """Whether the field is a table with one value per species."""
    return get_origin(spec.annotation) is dict


def word_for_nothing(spec: FieldInfo) -> str:
    """What stands in a file for a key without a value."""
    return (spec.json_schema_extra or {}).get("nothing", "none")


def plain(settings, units: bool) -> dict[str, Any]:
    """Every key with its value as TOML has it; quantities as SI text with `units`, as bare SI numbers without.

    settings: anything with the sections as attributes.
    """
    document: dict[str, Any] = {}

    def shown(value, spec, si):
        if value is None:
            return word_for_nothing(spec)
        if isinstance(value, Mapping):
            return {key: shown(one, spec, si) for key, one in value.items()}
        if isinstance(value, Inventory):
            return value.si if units else value.text
        if isinstance(value, tuple):
            return list(value)
        return si_text(value, si.unit) if si and units and not si.whole else value

    for section, name, spec, si in leaves():
        holder, table = (
            (getattr(settings, section), document.setdefault(section, {})) if section else (settings, document)
        )
        table[name] = shown(getattr(holder, name), spec, si)
    return document


@dataclass(frozen=True)
class Key:
    """One key of a case, for `mocoupled show` and the documentation.

    name: dotted, "planet.radius". unit: SI, "1" for a pure number, "" for what is no number. default: as in a file.
    allowed: the range or choices in words, "" for text. table: whether the key holds one such value per species.
    """

    name: str
    unit: str
    default: Any
    allowed: str
    description: str
    table: bool


def keys() -> tuple[Key, ...]:
    """Every key of a case, in the order of the file."""
    found = []
    for section, name, spec, si in leaves():
        unit = si.unit if si else "kg" if spec.annotation is Inventory else ""
        choices = get_args(spec.annotation) if get_origin(spec.annotation) is Literal else ()
        allowed = si.allowed if si else "at least 0 kg" if unit else " or ".join(map(repr, choices))
        default = {} if is_table(spec) else word_for_nothing(spec) if spec.default is None else spec.default
        dotted = f"{section}.{name}" if section else name
        found.append(Key(dotted, unit, default, allowed, spec.description or "", is_table(spec)))
    return tuple(found)
