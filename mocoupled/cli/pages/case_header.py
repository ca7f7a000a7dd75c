"""The header of `mocoupled run` and `show`: planet, inventories, oxygen, chemistry and laws of a case."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ...atmosphere.escape_flow import BY_ELEMENT
from ...closures.law_types import SymbolicLaw
from ...constants import ASTRONOMICAL_UNIT, BAR, OCEAN_HYDROGEN, SOLAR_MASS
from ...dae.declare.model import TIME
from ...dae.leaves.external import numeric
from ...interior.static_structure import core_mass, gravity_of_masses
from ...planet.radiation_limit import solidifying
from ...planet.star_of_case import starlight
from ...provenance.omissions import omissions_of
from ...schema.melt_keys import EARTH
from .text import ARGUMENTS, counted, plain, rows, span, unit_of, years

if TYPE_CHECKING:
    from rich.console import Console

    from ...case import Case
    from ...closures.law_types import Law
    from ...planet.assembly import Planet
    from ...schema.buffering_case import BufferingCase

# share of planet.gravity; where the gravity of the masses is further off, the header says so
GRAVITY_APART = 0.05
NAMES = {
    "H": "hydrogen",
    "C": "carbon",
    "N": "nitrogen",
    "S": "sulfur",
    "He": "helium",
    "Ne": "neon",
    "Ar": "argon",
}


def describe(planet: Planet, console: Console, full: bool = False) -> None:
    """Print the planet, its inventories, oxygen, chemistry and laws, before anything is solved.

    full: laws in detail.
    """
    case = planet.case
    console.print(plain(case.title or case.name, "bold"), plain(f"({case.source})", "dim"))
    console.print()
    rows(list(_header(planet)), console)
    rows(_references(planet, full), console, "laws")
    left_out = omissions_of(planet.case, planet.chemistry, planet.laws)
    rows([(omission.what, omission.sentence) for omission in left_out], console, "left out")


def _header(planet: Planet) -> Iterator[tuple[str, str]]:
    """Label and text of each row above the laws."""
    case, structure, chemistry = planet.case, planet.structure, planet.chemistry
    size = (
        f"radius {structure.radius / 1e3:.0f} km, core radius {structure.core_radius / 1e3:.0f} km, "
        f"gravity {structure.gravity:g} m/s2"
    )
    gravity = gravity_of_masses(case.planet)
    if abs(gravity / structure.gravity - 1) > GRAVITY_APART:
        size += f" (mantle and core of these densities would have {gravity:.3g} m/s2)"
    T_eq = case.planet.equilibrium_temperature
    yield "planet", size if T_eq is None else f"{size}, equilibrium temperature {T_eq:g} K"
    if T_eq is None:
        yield from _starlight(planet)
    if case.escape.law == BY_ELEMENT:
        yield "escape", _escape(case)
    if case.planet.mass is not None:
        share = 100 * core_mass(case.planet) / case.planet.mass
        materials = f"{case.planet.core_material} below {case.planet.mantle_material}"
        yield "structure", f"hydrostatic, {case.planet.mass:.4g} kg, {share:.3g} % in the core; {materials}"
    depth = f"{structure.mantle_mass:.4g} kg down to {structure.core_mantle_pressure / 1e9:.1f} GPa"
    yield "mantle", f"{depth}, {_mantle(case)}"
    for element in chemistry.elements:
        yield NAMES.get(element, element), _inventory(planet, element)
    if not chemistry.elements:
        yield "volatiles", "none: the bare surface radiates"
    if chemistry.species:
        yield "species", ", ".join(chemistry.species)
    if chemistry.reactions or chemistry.imposed:
        yield "oxygen", _oxygen(planet)
    if chemistry.reactions:
        yield "reactions", "\n".join(reaction.text for reaction in chemistry.reactions)
    if case.melt.composition != EARTH or case.redox.melt_oxides or case.redox.total_iron is not None:
        yield "melt", _melt(planet)
    if planet.below is not None:
        yield "pile", _pile(case, planet.below)
    yield "run", _ends(planet)


def _starlight(planet: Planet) -> Iterator[tuple[str, str]]:
    """Star, orbit and albedo, and whether the planet absorbs more than it can emit."""
    case = planet.case
    star, albedo = case.star, case.atmosphere.albedo
    luminosity = star.luminosity if isinstance(star.luminosity, str) else f"{star.luminosity:.4g} W"
    reflected = f"albedo {albedo}" if isinstance(albedo, str) else f"albedo {albedo:g}"
    yield "star", f"{_star(case)}, {years(star.age)} old at the start, luminosity {luminosity}"
    orbit = f"{case.planet.orbit / ASTRONOMICAL_UNIT:.4g} au, {reflected}"
    fluxes = solidifying(case, planet.structure, planet.chemistry)
    yield "orbit", f"{orbit}{'' if fluxes is None else f': {fluxes.absorbed:.4g} W/m2 absorbed at the start'}"
    if fluxes is not None and (fluxes.stalls or fluxes.is_close):
        yield "plateau", fluxes.sentence


def _escape(case: Case) -> str:
    """What escapes, and the XUV flux that drives it."""
    escape, star = case.escape, case.star
    what = "hydrogen drags the other elements along" if escape.drag else "hydrogen alone"
    if escape.xuv_flux is not None:
        return f"{what}; XUV flux {escape.xuv_flux:.4g} W/m2, constant; efficiency {escape.efficiency:g}"
    flux = float(numeric([TIME], starlight(case).xuv_flux)(0.0))
    orbit = f"{case.planet.orbit / ASTRONOMICAL_UNIT:.4g} au"
    return (
        f"{what}; XUV flux {flux:.4g} W/m2 at the start ({_star(case)}, {years(star.age)} old, at {orbit}); "
        f"efficiency {escape.efficiency:g}"
    )


def _star(case: Case) -> str:
    """The star by its name, or else by its mass."""
    return case.star.name or f"a star of {case.star.kilograms / SOLAR_MASS:.4g} solar masses"


def _mantle(case: Case) -> str:
    """The model of the mantle, with the settings that matter to its answer."""
    mantle = case.mantle
    if mantle.model == "lumped":
        return "model 'lumped' (well mixed at every instant; melt and crystals do not separate)"
    return (
        f"model 'column' of {mantle.cells} cells, crystals of {mantle.crystal_size:g} m, "
        f"closure '{mantle.closure}'"
    )


def _melt(planet: Planet) -> str:
    """The melt by oxides, and the composition that it is from."""
    case = planet.case
    overridden = case.redox.melt_oxides or case.redox.total_iron is not None
    name = case.melt.composition if isinstance(case.melt.composition, str) else "melt.composition"
    oxides = ", ".join(f"{oxide} {100 * share:.4g}" for oxide, share in planet.chemistry.melt.items())
    return f"{name}{', with oxides of [redox]' if overridden else ''}: {oxides} wt%"


def _pile(case: Case, below: BufferingCase) -> str:
    """What lies below the magma ocean, and which part of it the parameters set."""
    values = below.values
    stated = below.origins.get("bulk_iron", "")
    of_parameters = stated.startswith("cumulates.parameters")
    source = "" if of_parameters else f" of {stated}"
    material = (
        f"bulk Fe# {100 * values['bulk_iron']:.4g}{source}, KD {below.exchange}, "
        f"viscosity {values['viscosity']:g} Pa s"
    )
    settles = case.cumulates.crystals == "settle" and case.mantle.model == "lumped"
    if settles and case.cumulates.remelting:
        material += f", on the core of the run, at most {values['core_temperature']:.0f} K"
    return (
        f"cumulates of this planet's mantle; {material}; material and readings of '{below.name}', "
        f"whose [planet] gives {'bulk_iron alone' if of_parameters else 'nothing'}"
    )


def _inventory(planet: Planet, element: str) -> str:
    chemistry = planet.chemistry
    if element in chemistry.pressures:
        kind, species, value = chemistry.pressures[element]
        return f"as much as a {kind} of {value / BAR:.4g} bar of {species} at the start asks for"
    if element not in chemistry.masses:  # oxygen, of the start of ferric iron
        return "what the volatiles and the ferric iron hold at the start"
    mass = chemistry.masses[element]
    parts = [f"{mass:.4g} kg"]
    if element == "H":
        parts.append(counted(f"{mass / OCEAN_HYDROGEN:.4g}", "ocean"))
    elif "H" in chemistry.masses:
        parts.append(f"{element}/H = {mass / chemistry.masses['H']:.4g} by mass")
    parts.append(f"{1e6 * mass / planet.structure.mantle_mass:.4g} ppmw of the mantle")
    return ", ".join(parts)


def _oxygen(planet: Planet) -> str:
    """How the oxygen fugacity is prescribed, or what stores the oxygen."""
    chemistry, run = planet.chemistry, planet.case.run
    oxygen, iron = chemistry.oxygen, chemistry.iron
    if oxygen is None:
        text = chemistry.oxygen_label
        if iron is None:
            return f"{text}, which sets its fugacity"
        if iron.label != text:
            text += ", which sets its fugacity"
        return (
            f"{text}; {100 * iron.oxides['FeO']:.4g} % iron as FeO, "
            f"Fe3+/Fe2+ of crystals over melt {iron.partition:g}"
        )
    if not oxygen.buffer:
        return f"{oxygen.label} (bar) at every temperature"
    values = [
        f"{float(oxygen.evaluate(T)):.3f} at {T:g} K"
        for T in (planet.initial_temperature, run.end_surface_temperature)
    ]
    return f"{oxygen.label}: log10 fO2 (bar) {', '.join(values)}"


def _ends(planet: Planet) -> str:
    """Where the run starts, and what ends it."""
    case = planet.case
    run = case.run
    on = {"end": "", "open": " and on", "closed": " and on, under a lid that closes there"}
    ends = [f"{run.end_surface_temperature:g} K{on[run.after_lid]}"]
    if run.end_melt_fraction is not None:
        ends.append(f"a melt fraction of {run.end_melt_fraction:g}")
    if run.end_time is not None:
        ends.append(years(run.end_time))
    start = f"{planet.initial_temperature:.5g} K"
    if run.initial_surface_temperature is None:
        start += ", molten at all depths,"
    if run.initial_entropy is not None and case.mantle.model == "column":
        start = f"{run.initial_entropy:g} J/kg/K"
    return f"the surface cools from {start} to {', or until '.join(ends)}; rtol {run.rtol:g}"


def _references(planet: Planet, full: bool) -> list[tuple[str, str]]:
    """Roles and source of each law in use; of the equilibrium constants first."""
    chemistry = planet.chemistry
    pairs = []
    if chemistry.reactions:
        constants, name = chemistry.mechanism.equilibrium_constants, chemistry.source
        origin = f"the species' polynomials in {chemistry.mechanism.name}.yaml"
        if name in constants:
            origin = constants[name].reference
        pairs.append(("ln K", f"{name}: {origin}"))
    for law, roles in _laws(planet):
        text = law_block(law) if full else f"{law.name}: {law.reference}"
        pairs.append((", ".join(roles), text))
    return pairs


def _laws(planet: Planet) -> list[tuple[Law, list[str]]]:
    """The laws in use, each with the roles it plays."""
    used: dict[tuple[str, str], tuple[Law, list[str]]] = {}
    oxygen_counts = bool(planet.chemistry.reactions or planet.chemistry.imposed)
    for role, law in planet.laws.items():
        if law.name == "none" or (role == "oxygen fugacity" and not oxygen_counts):
            continue
        key = (law.name, law.reference)
        if key in used:
            used[key][1].append(role)
        else:
            used[key] = (law, [role.replace("equation of state", "EOS")])
    return list(used.values())


def law_block(law: Law) -> str:
    """A law as a block of lines: name, what it says, where it was calibrated, its source."""
    names = ARGUMENTS if law.kind == "solubility" else ARGUMENTS | {"P": "pressure"}
    validity = []
    if law.ranges:
        ranges = [f"{names.get(a, a)} {span(ends, unit_of(a))}" for a, ends in law.ranges.items()]
        validity.append(f"holds for {', '.join(ranges)}")
    if isinstance(law, SymbolicLaw):
        relative = law.iron_wustite
        if relative is not None:
            pressure = "the total pressure" if relative.total_pressure else "1 bar"
            validity.append(f"IW is {relative.name} at {pressure}")
        if law.dissolution is not None:
            validity.append(law.dissolution.melt)
    validity = [text for text in (*validity, law.conditions, law.note) if text]
    return "\n".join(line for line in (law.name, law.doc, "; ".join(validity), law.reference) if line)
