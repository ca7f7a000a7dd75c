"""The keys of a case: one frozen pydantic model per section, each key with unit, range and description."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from ..closures.registry import names
from .condensates import each_once, listed_or_none, with_keys_of_names
from .escape_keys import Escape
from .former_keys import with_present_keys
from .melt_keys import Melt
from .melt_overrides import check_overrides
from .planet_size import one_way
from .quantities import SI, SIOrLaw, refusal
from .section import Section, Text, frozen, listed, once, says
from .sky import BANDS, Atmosphere, Star, temperature_and_star
from .volatiles import Redox, Volatiles

NUCLIDES = ("Al26", "Fe60", "K40", "Th232", "U235", "U238")


def _nuclide(name: str) -> str:
    """The name of a nuclide with a known heat of decay, or a refusal."""
    if name not in NUCLIDES:
        raise refusal(f"there is no heat of decay for {name!r}.", f"allowed: {', '.join(NUCLIDES)}.")
    return name


Nuclide = Annotated[Text, AfterValidator(_nuclide)]


class Planet(Section):
    """The body: size, mantle density profile, core.

    Either mass with core_mass_fraction (or with radius), or radius, gravity and densities: planet_size.py.
    """

    mass: Annotated[float | None, SI("kg", 1e20, 1e27, optional=True)] = says(
        None,
        "mass of the planet, whose structure is then integrated hydrostatically; none: by radius, gravity "
        "and densities",
    )
    core_mass_fraction: Annotated[float | None, SI("1", 0, 100, optional=True)] = says(
        None,
        "mass of the core over that of the planet, beside mass; none: by the radius, or 0.325",
    )
    radius: Annotated[float | None, SI("m", 1e5, 1e8, optional=True)] = says(
        "6371 km", "radius of the solid (magma) surface; beside mass it sets the share of the core"
    )
    gravity: Annotated[float | None, SI("m/s^2", 0.01, 1000, optional=True)] = says(
        10.0, "gravity, the same at every depth"
    )
    core_radius_fraction: Annotated[float | None, SI("1", 0, 1, exclusive="low high", optional=True)] = says(
        0.55, "core radius over planet radius"
    )
    orbit: Annotated[float, SI("m", 1e8, 1e20)] = says(
        "1 au", "mean distance from the star, for the law 'bands'"
    )
    equilibrium_temperature: Annotated[float | None, SI("K", 0, 5000, optional=True)] = says(
        None,
        "temperature in balance with the star, without an atmosphere; every grey law needs it, and the law "
        "'bands' refuses it, which has star, orbit and albedo",
    )
    surface_density: Annotated[float | None, SI("kg/m^3", 500, 30000, optional=True)] = says(
        4078.95095544,
        "mantle density at zero pressure in the Adams-Williamson profile rho = rho_s exp(b depth)",
    )
    compressibility: Annotated[float | None, SI("1/m", 0, 1e-5, optional=True)] = says(
        1.1115348931e-7, "b of the Adams-Williamson profile; 0 is a mantle of one density"
    )
    core_density: Annotated[float | None, SI("kg/m^3", 500, 50000, optional=True)] = says(
        10738.332568062382, "mean density of the core"
    )
    mantle_material: Text = says(
        "peridotite", "material of the mantle of a planet with a mass: its density at every pressure"
    )
    core_material: Text = says(
        "iron-alloy", "material of the core of a planet with a mass: its density at every pressure"
    )
    core_heat_capacity: Annotated[float, SI("J/kg/K", 0, 1e5, exclusive="low")] = says(
        880.0, "specific heat capacity of the core"
    )
    core_temperature_ratio: Annotated[float, SI("1", 0.5, 5)] = says(
        1.147, "mean temperature of the core (by mass) over that at the core-mantle boundary"
    )

    @model_validator(mode="before")
    @classmethod
    def _size(cls, values: object) -> object:
        return one_way(values) if isinstance(values, dict) else values

    @model_validator(mode="after")
    def _column(self) -> Self:
        if self.core_mass_fraction is not None and self.core_mass_fraction >= 1:
            raise refusal(
                "the core would be as heavy as its planet, or heavier.",
                "allowed: from 0.001 to 0.999.",
                key="core_mass_fraction",
            )
        if self.mass is not None:
            return self
        radius, core = self.radius or 0.0, self.core_radius_fraction or 0.0
        if (self.compressibility or 0.0) * radius * (1 - core) > 3:
            raise refusal(
                "the mantle would be more than 20 times as dense at its base as at the surface.",
                "allowed: compressibility x mantle depth of at most 3 (Earth: 0.32).",
                key="compressibility",
            )
        return self


class Chemistry(Section):
    """Which gases and condensates there may be, and where their Gibbs energies come from."""

    mechanism: Text = says(
        "volatiles",
        "name of a shipped mechanism, path to one (Cantera YAML), or one of Cantera's own such as "
        "'gri30.yaml'; 'file.yaml:phase' names its gas",
    )
    thermochemistry: Text = says(
        "nasa7", "set of equilibrium constants: 'nasa7' (the mechanism's polynomials), 'bower2022'"
    )
    species: Annotated[tuple[Text, ...] | None, BeforeValidator(listed), AfterValidator(once)] = says(
        None,
        "gas species to use; all: every one of the mechanism made of the elements present. O2 is always "
        "among them (oxygen_in_gas)",
        json_schema_extra={"nothing": "all"},
    )
    oxygen_in_gas: bool = says(
        True,
        "whether O2 is part of the gas: with a buffer at its fugacity, as are O and O3 in equilibrium with "
        "it; false: left out, as in Bower et al. 2022",
    )
    graphite: bool = says(True, "whether graphite may precipitate")
    graphite_pressure: bool = says(
        False, "whether graphite's volume raises its free energy with pressure, by V (P - 1 bar)"
    )
    fugacity: Text = says(
        "ideal", "law of the fugacity coefficients, e.g. 'PengRobinson1976', 'ZhangDuan2009-Leachman2009'"
    )
    water: bool = says(False, "whether liquid water may condense, below its critical temperature")
    condensates: Annotated[tuple[Text, ...], BeforeValidator(listed_or_none), AfterValidator(each_once)] = (
        says(
            (),
            "condensates of the mechanism that may form too, by name, e.g. 'Fe(sl), FeS(sl)'; all: every one "
            "that the elements make; 'graphite' and 'water' do what those keys do",
        )
    )

    @model_validator(mode="before")
    @classmethod
    def _graphite_and_water(cls, table: object) -> object:
        return with_keys_of_names(table) if isinstance(table, Mapping) else table


class Mantle(Section):
    """How the mantle cools and crystallises."""

    model: Literal["column", "lumped"] = says(
        "column",
        "column: resolved in depth; lumped: well mixed at every instant, melt and crystals do not separate",
    )
    cells: Annotated[int, SI("1", 10, 2000, whole=True)] = says(100, "number of cells of the column")
    stretching: Annotated[float | None, SI("1", 0, 10, optional=True)] = says(
        None,
        "how much thinner cells are at the surface than at the core (logarithm of the ratio), 0: even; "
        "none: by top_cell",
    )
    top_cell: Annotated[float | None, SI("m", 1, 1e6, optional=True)] = says(
        None,
        "thickness of the uppermost cell, below which they grow by a power law; none: 50 m, and even "
        "cells with closure 'reference'",
    )
    bottom_cell: Annotated[float | None, SI("m", 1, 1e6, optional=True)] = says(
        None,
        "thickness of the lowermost cell, towards which the cells grow thinner again; none: 20 km, and no "
        "refinement at the core with stretching or closure 'reference'",
    )
    closure: Literal["consistent", "reference"] = says(
        "consistent",
        "heat flux of the two-phase column: consistent, with a limit under refinement; reference: as the "
        "code behind Bower et al. 2022, whose surface temperature jitters",
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
    solidus: Text = says(
        "auto",
        "name of the solidus; auto: Andrault2011-Hamano2013 where the pressure at the core is below 145 GPa, "
        "in larger planets Stixrude2014",
    )
    liquidus: Text = says("auto", "name of the liquidus; auto: as of the solidus")
    heating: Annotated[float, SI("W/kg", 0, 1)] = says(0.0, "constant internal heating of the mantle")
    radionuclides: Annotated[dict[Nuclide, Annotated[float, SI("1", 0, 1)]], frozen] = says(
        dict,
        "nuclide (Al26, Fe60, K40, Th232, U235, U238): its mass fraction of the mantle at the start, e.g. "
        "K40 = '0.4 ppmw'",
    )
    tidal_power: Annotated[float, SI("W", 0, 1e22)] = says(
        0.0, "heat of tides in the whole mantle, spread evenly by mass"
    )
    tidal_decay_time: Annotated[float | None, SI("s", 0, exclusive="low", optional=True)] = says(
        None, "time in which the heat of tides falls by a factor e; none: constant"
    )

    @model_validator(mode="after")
    def _one_mesh(self) -> Self:
        if self.stretching is not None and self.top_cell is not None:
            raise refusal(
                "the mesh is set twice: by stretching and by top_cell.",
                "allowed: one of them; the other is 'none'.",
                key="top_cell",
            )
        power_law = self.top_cell is not None or self.closure == "consistent"
        if self.bottom_cell is not None and (self.stretching is not None or not power_law):
            raise refusal(
                "even and exponential meshes have no refinement at the core.",
                "allowed: 'none'; a thickness with top_cell, or with closure = 'consistent' and without "
                "stretching.",
                key="bottom_cell",
            )
        return self


class Cumulates(Section):
    """Iron and magnesium of the magma ocean and of what crystallises from it."""

    coupled: bool = says(
        False, "whether a run follows the iron of its magma ocean; needs mantle.model 'column' or 'lumped'"
    )
    parameters: Text = says(
        "earth",
        "material, iron and readings: a shipped case of 'mocoupled mantle' (earth, mars) or the path of "
        "one; its planet is not used, [planet] is",
    )
    bulk_iron: Annotated[float | None, SI("1", 1e-4, 0.6, molar=True, optional=True)] = says(
        None,
        "Fe/(Fe + Mg) of the whole mantle, molar; none: of melt.composition, and beside its default (BSE) "
        "of the parameters",
    )
    viscosity: Annotated[float | None, SI("Pa*s", 1e12, 1e24, optional=True)] = says(
        None, "viscosity of the pile of cumulates; none: of the parameters"
    )
    exchange_coefficient: Annotated[
        float | str | None, SIOrLaw("1", 0.01, 0.95, optional=True, kind="iron_magnesium_exchange")
    ] = says(
        None,
        "(Fe/Mg of the crystals)/(Fe/Mg of the melt), or the name of a law of pressure; none: of the "
        "parameters",
    )
    crystals: Literal["settle", "suspended"] = says(
        "settle",
        "settle: they leave the melt (fractional crystallisation); suspended: they stay in equilibrium "
        "with it (batch)",
    )
    remelting: bool = says(
        True,
        "whether the pile convects and melts again; of crystals that settle",
    )
    pile: Literal["auto", "column", "one-temperature"] = says(
        "auto",
        "column: the pile is the lower part of the column; one-temperature: it has one temperature, of its "
        "balance, below a lumped mantle; auto: by mantle.model",
    )
    trapped_melt: Annotated[float, SI("1", 0, 0.5)] = says(
        0.0,
        "share of melt that is trapped among settled crystals with its iron, in a lumped mantle; in a "
        "column it follows from compaction",
    )
    mix_iron: bool = says(
        True,
        "whether the convection of the pile mixes its iron, as it mixes its heat; in a column",
    )
    melting_curves: Literal["auto", "local", "bulk"] = says(
        "auto",
        "whose iron sets the melting curves of the mantle: that of each cell, or always the bulk's; auto: "
        "that of each cell where the mantle is a column and crystals settle",
    )
    melt_density: Literal["auto", "local", "bulk"] = says(
        "auto",
        "whose iron sets the densities of melt and crystals that separate; auto: that of the cells where "
        "the mantle is a column and crystals settle",
    )

    @model_validator(mode="before")
    @classmethod
    def _local(cls, table: object) -> object:
        """A table with "local" in place of "ocean", its name when all cells had the iron of the ocean."""
        if not isinstance(table, Mapping):
            return table
        keys = ("melting_curves", "melt_density")
        return {**table, **{key: "local" for key in keys if table.get(key) == "ocean"}}


class Run(Section):
    """Where the run starts, where it ends, how accurately it is integrated."""

    initial_surface_temperature: Annotated[float | None, SI("K", 200, 6000, nothing="molten")] = says(
        2700.0,
        "surface temperature at the start; molten: 20 K above the lowest one whose isentrope is above the "
        "liquidus at every depth",
        json_schema_extra={"nothing": "molten"},
    )
    initial_entropy: Annotated[float | None, SI("J/kg/K", 900, 2900, optional=True)] = says(
        None,
        "entropy of the column's top cell at the start, in place of initial_surface_temperature; none: "
        "from the temperature",
    )
    end_surface_temperature: Annotated[float, SI("K", 200, 6000)] = says(
        1650.0, "the surface has a lid when it is this cold, and the run ends"
    )
    after_lid: Literal["end", "open", "closed"] = says(
        "end",
        "end: the run ends with the lid; open, closed: it goes on until no more than end_melt_fraction "
        "(0.001 if not given) is molten. open: gas and melt stay in equilibrium; closed: the mantle keeps "
        "what is dissolved in it, and the gas evolves as a closed system",
    )
    end_time: Annotated[float | None, SI("s", 0, exclusive="low", optional=True)] = says(
        "100 Myr", "the run ends at this time"
    )
    end_melt_fraction: Annotated[float | None, SI("1", 0, 1, exclusive="high", optional=True)] = says(
        None,
        "melt fraction of the mantle at which the run ends, before its lid or after it (after_lid)",
    )
    rtol: Annotated[float, SI("1", 1e-12, 1e-2)] = says(1e-6, "relative tolerance of the integration")
    stabilisation: Annotated[float, SI("1/s", 0)] = says(
        "1 / yr", "rate at which drift off the constraints is pulled back"
    )

    @model_validator(mode="before")
    @classmethod
    def _present(cls, table: object) -> object:
        return with_present_keys("run", table) if isinstance(table, Mapping) else table

    @model_validator(mode="after")
    def _order(self) -> Self:
        first = self.initial_surface_temperature
        if first is not None and self.end_surface_temperature >= first:
            raise refusal(
                f"the run would end at {self.end_surface_temperature:g} K, where it starts or above.",
                f"allowed: below initial_surface_temperature, {first:g} K.",
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
    melt: Melt = Field(default_factory=Melt)
    chemistry: Chemistry = Field(default_factory=Chemistry)
    star: Star = Field(default_factory=Star)
    atmosphere: Atmosphere = Field(default_factory=Atmosphere)
    mantle: Mantle = Field(default_factory=Mantle)
    escape: Escape = Field(default_factory=Escape)
    cumulates: Cumulates = Field(default_factory=Cumulates)
    run: Run = Field(default_factory=Run)

    @model_validator(mode="after")
    def _one_melt(self) -> Self:
        check_overrides(self.melt, self.redox, self.cumulates.bulk_iron)
        return self

    @model_validator(mode="after")
    def _ends(self) -> Self:
        T_eq, law = self.planet.equilibrium_temperature, self.atmosphere.radiation
        if law == BANDS and T_eq is not None:
            raise refusal(*temperature_and_star(law), key="planet.equilibrium_temperature")
        # planet/ says of an unknown law that it is one
        if law != BANDS and T_eq is None and law in names("radiation"):
            raise refusal(*temperature_and_star(law), key="planet.equilibrium_temperature")
        if self.run.end_time is None and (T_eq is None or self.run.end_surface_temperature <= T_eq):
            what = (
                "planet may absorb more than it emits"
                if T_eq is None
                else ("equilibrium temperature of the planet is not below the end temperature")
            )
            raise refusal(
                f"the run might never end: the {what}.", "", "give [run] end_time, for instance '100 Myr'"
            )
        return self
