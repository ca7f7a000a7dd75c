"""The one assembly: a Case becomes a Model, with the laws it uses and what a reader must know of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
import sympy

from ..atmosphere import escape, radiation  # noqa: F401  (they register their laws)
from ..case import Case
from ..chemistry.components import independent
from ..chemistry.reactions import BASIS_PRIORITY, Mechanism, gibbs_RT, ln_K, molar_mass, reactions
from ..chemistry.real_gases import critical_point, real_gas
from ..closures import convection, heating, rheology, separation  # noqa: F401  (they register their laws)
from ..closures import law as laws
from ..closures.fugacity import valid_range
from ..closures.law import Law
from ..closures.saturation import ln_condensation_fugacity
from ..cumulates.of_case import fingerprint, heats, pile, remelting_tables, remelts
from ..cumulates.remelting import RATES, pile_thickness
from ..dae.declare.model import TIME, Model, Parameter, Watch, join
from ..dae.leaves.external import External, numeric
from ..errors import InputError
from ..interior import melting_curves  # noqa: F401  (they register their laws)
from ..interior.adams_williamson import AdamsWilliamson
from ..interior.silicate_eos import melt_phase, solid_phase
from ..interior.static_structure import core_mass, structure
from ..reservoirs import column as columns
from ..reservoirs import cumulates
from ..reservoirs import mantle as mantles
from ..reservoirs import volatiles as gases
from ..reservoirs.closed_system import closed_system
from ..reservoirs.column_iron import Iron
from ..schema.buffering_case import BufferingCase
from .chemistry_of_case import BUFFERED, GRAPHITE, Chemistry, check_names, resolve
from .losses_to_space import escape_to_space, radiation_to_space
from .oxygen import imposed_fugacity, rough_ferric_oxygen, surroundings, with_iron, with_oxygen_mass

WATER = "H2O(l)"
IRON = cumulates.IRON  # name of the balance
TOP_CELL = 100.0  # m; thin enough that the last mixed layer drains without a jump of the surface temperature


@dataclass(frozen=True)
class Planet:
    """A case put together: the model to solve, the chemistry in it, every law by the role it plays, and the pile of cumulates of a
    run that follows its iron, as it was when the case was put together."""

    case: Case
    model: Model
    structure: AdamsWilliamson
    chemistry: Chemistry
    laws: Mapping[str, Law]
    temperature_range: tuple[float, float]
    below: BufferingCase | None = None


def assemble(case: Case) -> Planet:
    """The evolving planet: mantle, volatiles, radiation and escape. InputError for what cannot be computed."""
    inside = structure(case.planet)
    chemistry = resolve(case, inside.mantle_mass)
    check_names(case, chemistry)
    used = _laws(case, chemistry)
    below = pile(case) if case.cumulates.coupled else None
    mantle = _mantle(case, inside, used, below)
    back = _melt_back(case, below, mantle, mantle.melt_mass / inside.mantle_mass)
    begin = case.run.initial_surface_temperature if case.run.initial_entropy is None else None
    follows = mantle.model.field is not None
    around, redox, start = surroundings(
        inside, chemistry, mantle.surface_temperature, mantle.melt_mass, mantle.solid_mass, follows, begin
    )
    around = replace(around, trapping=_trapping(case, mantle, back))
    air = _volatiles(chemistry, around, start)
    low = max(mantle.temperature_range[0], chemistry.temperature_limits[0])
    high = min(mantle.temperature_range[1], chemistry.temperature_limits[1])
    _check_temperatures(case, low, high)
    model = join(
        case.name,
        mantle.model,
        air.model,
        redox,
        radiation_to_space(case, inside, chemistry, used["radiation"], mantle, air),
        escape_to_space(case, inside, chemistry, used["escape"], air),
        *([_cumulates(case, below, inside, mantle, back)] if below else []),
    )
    return Planet(case, model.check(), inside, chemistry, used, (low, high), below)


def assemble_equilibrium(case: Case, temperature: float, melt_fraction: float) -> Planet:
    """Gas and melt alone at a given temperature [K] and melt fraction, which become parameters of the model."""
    inside = structure(case.planet)
    chemistry = resolve(case, inside.mantle_mass)
    check_names(case, chemistry)
    if not 0.0 <= melt_fraction <= 1.0:
        raise InputError(f"melt_fraction = {melt_fraction}", "not a fraction.", "allowed: 0 to 1")
    low, high = chemistry.temperature_limits
    if not low <= temperature <= high:
        raise InputError(
            f"temperature = {temperature} K",
            "outside the thermochemical data of the species.",
            f"allowed: {low:g} to {high:g} K with {chemistry.source} of {chemistry.mechanism.name}",
        )
    T = Parameter("temperature", temperature, "K", "temperature of melt and gas")
    phi = Parameter("melt_fraction", melt_fraction, "1", "melt fraction of the mantle")
    melt = phi.symbol * inside.mantle_mass
    around, redox, start = surroundings(inside, chemistry, T.symbol, melt, inside.mantle_mass - melt)
    air = _volatiles(chemistry, around, start)
    model = join(case.name, Model(parameters=(T, phi)), air.model, redox)
    used = {
        role: one
        for role, one in _laws(case, chemistry).items()
        if role.startswith(("solubility", "oxygen", "ferric"))
    }
    return Planet(case, model.check(), inside, chemistry, used, (low, high))


def assemble_closed_system(
    mechanism: Mechanism,
    species: Sequence[str],
    elements: Sequence[str],
    source: str,
    fugacity: str = "ideal",
) -> Model:
    """Gas and condensates of a mechanism that hold given elements, at temperature and pressure, without a planet.

    fugacity: law of the gases' coefficients. species may hold "H2O(l)", which is no species of the mechanism.
    """
    T = sympy.Symbol("temperature", real=True)
    listed = [s for s in species if s != WATER]
    atoms = np.array(
        [[mechanism.species[s].composition.get(e, 0) for s in listed] for e in elements], dtype=float
    )
    declared = [
        gases.Reaction(r.text, _rational(r), ln_K(mechanism, r, T, source))
        for r in reactions(mechanism, listed, buffered=None)
    ]
    chosen = [
        gases.Volatile(
            s,
            mechanism.species[s].composition,
            molar_mass(mechanism, s, source),
            condensed=mechanism.species[s].phase != "gas",
            ln_phi=real_gas(fugacity, s) if mechanism.species[s].phase == "gas" else None,
        )
        for s in listed
    ]
    if WATER in species:
        liquid, condensation = _liquid_water(next(v for v in chosen if v.name == "H2O"), T)
        chosen.append(liquid)
        declared.append(condensation)
    balances = [elements[k] for k in independent(atoms)]
    model = closed_system(chosen, declared, elements, T, balances, _oxygen(mechanism, listed, source, T))
    pressure = next(p.symbol for p in model.parameters if p.name == "pressure")
    return replace(model, watches=tuple(_coefficient_watches(fugacity, chosen, T, pressure)))


def _oxygen(mechanism, listed, source, T) -> gases.Reaction | None:
    """The reaction that makes O2 of these species; None where it is among them, or they or the data do not allow it."""
    if (
        "O2" in listed
        or "O2" not in mechanism.species
        or not any("O" in mechanism.species[s].composition for s in listed)
    ):
        return None
    basis = [s for s in BASIS_PRIORITY if s != "O2"]
    found = [r for r in reactions(mechanism, [*listed, "O2"], None, basis) if r.stoichiometry[-1][0] == "O2"]
    return (
        gases.Reaction(found[0].text, _rational(found[0]), ln_K(mechanism, found[0], T, source))
        if found
        else None
    )


def standard_potentials(mechanism: Mechanism, species: Sequence[str], fugacity: str) -> Callable:
    """mu/RT of the species as a function of T [K] and P [Pa], numbers or arrays: at 1 bar for a condensate, and for a gas
    such that its partial pressure takes the place of its fugacity. From the expressions that the equations hold."""
    T, P = sympy.symbols("temperature pressure", positive=True)

    def one(name):
        if name == WATER:
            return gibbs_RT(mechanism, "H2O", T) + ln_condensation_fugacity(T, real_gas(fugacity, "H2O"))
        ln_phi = real_gas(fugacity, name) if mechanism.species[name].phase == "gas" else None
        return gibbs_RT(mechanism, name, T) + (0 if ln_phi is None else ln_phi(T, sympy.log(P)))

    return numeric([T, P], [one(s) for s in species])


def _liquid_water(steam: gases.Volatile, T) -> tuple[gases.Volatile, gases.Reaction]:
    """Liquid water as a condensate, and its condensation from the steam."""
    liquid = gases.Volatile(WATER, steam.composition, steam.molar_mass, condensed=True)
    ln_f = ln_condensation_fugacity(T, steam.ln_phi)
    return liquid, gases.Reaction(
        f"H2O = {WATER}", {"H2O": sympy.Integer(-1), WATER: sympy.Integer(1)}, -ln_f
    )


def _rational(reaction):
    return {s: sympy.Rational(c.numerator, c.denominator) for s, c in reaction.stoichiometry}


def _laws(case, chemistry) -> dict[str, Law]:
    """Every law of the case by role; InputError for a name that the registry does not hold."""
    where = f"{case.name} [{{}}] {{}}"
    used = {f"solubility of {s}": one for s, one in chemistry.solubility.items() if one.name != "none"}
    if chemistry.oxygen is not None and chemistry.oxygen.buffer is not None:
        used["oxygen fugacity"] = laws.find("buffer", chemistry.oxygen.buffer)
    if chemistry.iron is not None:
        used["ferric iron"] = chemistry.iron.law
        if chemistry.iron.fugacity is not None and chemistry.iron.fugacity.buffer is not None:
            used["oxygen fugacity at the start"] = laws.find("buffer", chemistry.iron.fugacity.buffer)
    named = {
        "radiation": ("radiation", case.atmosphere.radiation, where.format("atmosphere", "radiation")),
        "escape": ("escape", case.escape.law, where.format("escape", "law")),
        "solidus": ("solidus", case.mantle.solidus, where.format("mantle", "solidus")),
        "liquidus": ("liquidus", case.mantle.liquidus, where.format("mantle", "liquidus")),
        "equation of state of the melt": (
            "equation_of_state",
            case.mantle.melt_eos,
            where.format("mantle", "melt_eos"),
        ),
        "equation of state of the solid": (
            "equation_of_state",
            case.mantle.solid_eos,
            where.format("mantle", "solid_eos"),
        ),
        "viscosity": ("viscosity", "tanh-Bower2018", ""),
    }
    if case.mantle.model == "column":
        named |= {
            "separation": ("separation", "Abe1995", ""),
            "eddy diffusivity": ("eddy_diffusivity", "mixing-length-Abe1995", ""),
        }
    if any(case.mantle.radionuclides.values()):
        named["radiogenic heat"] = ("heating", "radiogenic-Ruedas2017", "")
    if case.mantle.tidal_power:
        named["tidal heat"] = ("heating", "tidal", "")
    return used | {
        role: laws.find(kind, name, f"{place} = {name!r}") for role, (kind, name, place) in named.items()
    }


def _mantle(case, inside, used, below) -> mantles.Mantle:
    core = mantles.Core(
        mass=core_mass(case.planet),
        heat_capacity=case.planet.core_heat_capacity,
        temperature_ratio=case.planet.core_temperature_ratio,
    )
    asked, run = case.mantle, case.run
    heating = _heating(asked, inside.mantle_mass)
    iron = _iron(case, below)
    melt, solid = (
        melt_phase(asked.melt_eos, f"{case.name} [mantle] melt_eos"),
        solid_phase(asked.solid_eos, f"{case.name} [mantle] solid_eos"),
    )
    if asked.model == "lumped":
        curves = used["solidus"].function, used["liquidus"].function
        return mantles.lumped(
            inside,
            core,
            melt,
            solid,
            *curves,
            used["viscosity"],
            run.initial_surface_temperature,
            heating,
            asked.shells,
        )
    closure = columns.Closure(asked.closure, asked.separation, asked.availability)
    thin = asked.top_cell or (TOP_CELL if asked.closure == "smooth" and asked.stretching is None else None)
    wanted = columns.Column(
        cells=asked.cells,
        crystal_size=asked.crystal_size,
        closure=closure,
        stretching=asked.stretching or 0.0,
        top_cell=thin,
        initial_temperature=run.initial_surface_temperature,
        initial_entropy=run.initial_entropy,
        heating=heating,
        mixing_length=asked.mixing_length or (inside.radius - inside.core_radius) / 4,
        conductivity=asked.conductivity,
        iron=iron,
        overturn=cumulates.overturn_level() if heats(case) else None,
    )
    return columns.column(inside, core, melt, solid, used, wanted)


def _heating(asked, mantle_mass):
    """Heat made in the mantle [W/kg], of time."""
    nuclides = {name: fraction for name, fraction in asked.radionuclides.items() if fraction}
    told = sympy.Float(asked.heating) if asked.heating else sympy.S.Zero
    if nuclides:
        told += laws.find("heating", "radiogenic-Ruedas2017")(time=TIME, mass_fractions=nuclides)
    if asked.tidal_power:
        told += laws.find("heating", "tidal")(
            time=TIME, power=asked.tidal_power, mass=mantle_mass, decay_time=asked.tidal_decay_time
        )
    return told


def _iron(case, below) -> Iron | None:
    """How iron acts on the column, None where it does not; InputError where it was asked to and cannot."""
    asked, mantle = case.cumulates, case.mantle
    able = {
        "melting_curves": {
            "mantle.model = 'column'": mantle.model == "column",
            "cumulates.crystals = 'settle'": asked.crystals == "settle",
        },
    }
    able["melt_density"] = able["melting_curves"] | {
        "mantle.separation = 'reference'": mantle.separation == "reference"
    }
    acts = {}
    for key, conditions in able.items():
        wanted, missing = (
            getattr(asked, key),
            [
                text
                for text, holds in ({"cumulates.coupled = true": asked.coupled} | conditions).items()
                if not holds
            ],
        )
        if wanted == "ocean" and missing:
            raise InputError(
                f"{case.name} [cumulates] {key} = 'ocean'",
                f"iron can act so only with {', '.join(missing)}.",
                "allowed: 'auto' or 'bulk'",
            )
        acts[key] = not missing and wanted != "bulk"
    if not any(acts.values()):
        return None
    own = below.values
    fall, slope = (
        asked.depression * (own[f"magnesium_{part}"] - own[f"iron_{part}"])
        for part in ("temperature", "slope")
    )
    return Iron(
        own["bulk_iron"],
        own["exchange_coefficient"],
        asked.trapped_melt,
        fall,
        slope,
        acts["melting_curves"],
        acts["melt_density"],
    )


def _melt_back(case, below, mantle, melt_fraction) -> cumulates.Return | None:
    """What the pile gives back, tabulated over its states and the temperature of the core."""
    if not remelts(case):
        return None
    leaves = [
        External(f"remelting_{name}_{fingerprint(below)}", table, 3)
        for name, table in zip(RATES, remelting_tables(below))
    ]
    core = next(o.expression for o in mantle.model.outputs if o.name == "core_mantle_temperature")
    return cumulates.melt_back(melt_fraction, below.values["bulk_iron"], core, leaves)


def _trapping(case, mantle, back) -> gases.Trapping | None:
    """Melt that is trapped with its volatiles in a column, a share of what crystallises, until it melts again."""
    asked = case.cumulates
    if (
        not asked.coupled
        or not asked.trapped_melt
        or asked.crystals != "settle"
        or mantle.model.field is None
    ):
        return None
    rate = next(link.rate for link in mantle.model.links if link.symbol == mantle.melt_mass)
    if back is None:
        return gases.Trapping(asked.trapped_melt, rate)
    return gases.Trapping(asked.trapped_melt, rate, mantle.solid_mass * back.melt, back.melt, back.source)


def _cumulates(case, below, inside, mantle, back):
    """The iron of the magma ocean."""
    keys = case.cumulates
    n, settling, values = mantle.melt_mass / inside.mantle_mass, keys.crystals == "settle", below.values
    thickness = pile_thickness(1 - n, values, below.readings)
    cooling = cumulates.cooling_pile(
        n, thickness, values["bulk_iron"], values["exchange_coefficient"], keys.trapped_melt, settling, back
    )
    return cumulates.with_overturn(cooling, thickness, back) if heats(case) else cooling


def _volatiles(chemistry, around, ln_start=None) -> gases.Volatiles:
    """Gas, melt and condensates, with ferric iron where its redox evolves. ln_start: ln fO2 that it starts with, or None."""
    mechanism, source = chemistry.mechanism, chemistry.source

    def declared(reaction):
        return gases.Reaction(
            reaction.text, _rational(reaction), ln_K(mechanism, reaction, around.temperature, source)
        )

    species = [
        gases.Volatile(
            s,
            mechanism.species[s].composition,
            chemistry.molar_mass(s),
            chemistry.solubility.get(s),
            chemistry.partition.get(s, 0.0),
            condensed=mechanism.species[s].phase != "gas",
            ln_phi=real_gas(chemistry.fugacity, s) if mechanism.species[s].phase == "gas" else None,
            volume=chemistry.graphite_volume if s == GRAPHITE else 0.0,
            ln_fugacity=imposed_fugacity(chemistry, s, around),
        )
        for s in chemistry.species
    ]
    declarations = [declared(r) for r in chemistry.reactions]
    if chemistry.water and "H2O" in chemistry.species:
        liquid, condensation = _liquid_water(next(v for v in species if v.name == "H2O"), around.temperature)
        species.append(liquid)
        declarations.append(condensation)
    moles = chemistry.moles | {e: _rough_moles(chemistry, around, e) for e in chemistry.pressures}
    if chemistry.iron is not None and "O" not in moles:  # a scale only
        moles["O"] = sum(moles.values()) / 2 + rough_ferric_oxygen(chemistry, around)
    air = gases.volatiles(
        species,
        declarations,
        around,
        {e: moles[e] for e in chemistry.elements},
        chemistry.pressures,
        _graphite_reaction(chemistry, declared),
        _oxygen(mechanism, chemistry.species, source, around.temperature) if around.ln_fO2 is None else None,
    )
    if not air.pressures:
        return air
    air = (
        with_oxygen_mass(chemistry, air)
        if chemistry.iron is None
        else with_iron(chemistry, around, air, ln_start)
    )
    watches = tuple(
        _coefficient_watches(chemistry.fugacity, species, around.temperature, air.surface_pressure)
    )
    return replace(air, model=replace(air.model, watches=air.model.watches + watches))


def _coefficient_watches(law, species, T, P):
    """Where the law of the fugacity coefficients was made, for each gas that it is used for."""
    for v in species:
        if v.ln_phi is not None:
            symbols, units = {"T": T, "P": P}, {"T": "K", "P": "Pa"}
            for argument, span in valid_range(law, critical_point(v.name)).items():
                label = f"fugacity coefficient of {v.name}: {law}"
                yield Watch(
                    label,
                    argument,
                    symbols[argument],
                    *span,
                    units[argument],
                    laws.find("fugacity", law).reference,
                )


def _rough_moles(chemistry, around, element) -> float:
    """The size of an element's amount where only a pressure or fugacity is given: as much as that gas would hold."""
    _, name, pressure = chemistry.pressures[element]
    count = chemistry.mechanism.species[name].composition[element]
    return count * around.area_per_gravity * pressure / chemistry.molar_mass(name)


def _graphite_reaction(chemistry, declared):
    """The reaction that tells how near to graphite a gas with carbon is, where graphite itself is not modelled."""
    if GRAPHITE in chemistry.species or GRAPHITE not in chemistry.mechanism.species:
        return None
    carriers = [
        s
        for s in chemistry.gases
        if "C" in (held := set(chemistry.mechanism.species[s].composition)) and held <= {"C", "O"}
    ]
    if not carriers:
        return None
    (reaction,) = reactions(chemistry.mechanism, [carriers[0], GRAPHITE], BUFFERED)
    return declared(reaction)


def _check_temperatures(case, low, high):
    for key in ("initial_surface_temperature", "end_surface_temperature"):
        value = getattr(case.run, key)
        if value is not None and not low <= value <= high:
            raise InputError(
                f"{case.name} [run] {key} = {value:g} K",
                "outside what the mantle's tables and the species' data cover.",
                f"allowed: {low:.0f} to {high:.0f} K",
            )
