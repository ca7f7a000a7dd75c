"""The laws of a case, each by its role."""

from __future__ import annotations

from ..atmosphere.escape_flow import BY_ELEMENT
from ..case import Case
from ..chemistry.volatile_chemistry import Chemistry
from ..closures.law_types import Law
from ..closures.redox import DEFAULT_IRON_WUSTITE, OxygenFugacity
from ..closures.registry import find
from ..interior.compression import KIND, material
from ..interior.deep_melting_curves import chosen
from ..interior.static_structure import Structure
from .escape_of_case import laws_of_escape
from .light_of_star import albedo_law
from .radiation_by_bands import is_by_bands

VISCOSITY_LAW = "tanh-Bower2018"  # of every mantle


def laws_of(case: Case, chemistry: Chemistry, inside: Structure) -> dict[str, Law]:
    """Every law of the case by its role; InputError for a name that the registry does not have.

    inside: the structure, on whose depth the melting curves may depend.
    """
    laws = _of_volatiles(chemistry) | _of_crystals(case, chemistry)
    laws |= _of_sections(case, inside.core_mantle_pressure)
    laws |= _of_structure(case)
    if laws["escape"].name == BY_ELEMENT:
        laws |= laws_of_escape(case, chemistry)
    laws |= _of_star(case)
    if case.mantle.model == "column":
        laws["separation"] = find("separation", "Abe1995")
        laws["eddy diffusivity"] = find("eddy_diffusivity", "mixing-length-Abe1995")
    if any(case.mantle.radionuclides.values()):
        laws["radiogenic heat"] = find("heating", "radiogenic-Ruedas2017")
    if case.mantle.tidal_power:
        laws["tidal heat"] = find("heating", "tidal")
    return laws


def _of_star(case: Case) -> dict[str, Law]:
    """Luminosity of the star and albedo of the planet, where laws set them beside the law "bands"."""
    if not is_by_bands(case):
        return {}
    laws: dict[str, Law] = {}
    if isinstance(case.star.luminosity, str):
        where = f"{case.name} [star] luminosity = {case.star.luminosity!r}"
        laws["luminosity of the star"] = find("luminosity", case.star.luminosity, where)
    if (albedo := albedo_law(case)) is not None:
        laws["albedo"] = albedo
    return laws


def _of_structure(case: Case) -> dict[str, Law]:
    """Densities at 300 K of mantle and core, of a planet with a mass."""
    if case.planet.mass is None:
        return {}
    laws: dict[str, Law] = {}
    for layer in ("mantle", "core"):
        name = getattr(case.planet, f"{layer}_material")
        for law in material(name, f"{case.name} [planet] {layer}_material = {name!r}").laws:
            laws[f"density of the {layer}, {law}"] = find(KIND, law)
    return laws


def _of_volatiles(chemistry: Chemistry) -> dict[str, Law]:
    """Solubility, oxygen fugacity, activities of a melt that evaporates, ferric iron and iron metal."""
    solubility = {s: law for s, law in chemistry.solubility.items() if law.name != "none"}
    laws: dict[str, Law] = {f"solubility of {s}": law for s, law in solubility.items()}
    if (buffer := _buffer(chemistry.oxygen)) is not None:
        laws["oxygen fugacity"] = buffer
    if chemistry.rock is not None:
        laws["activities"] = find("melt_activity", chemistry.rock.activities)
    if chemistry.iron is not None:
        laws["ferric iron"] = chemistry.iron.law
        if (buffer := _buffer(chemistry.iron.fugacity)) is not None:
            laws["oxygen fugacity at the start"] = buffer
        if (gamma := chemistry.iron.metal) is not None:
            laws[f"iron metal, gamma {gamma:g}"] = find("buffer", DEFAULT_IRON_WUSTITE)
    elif chemistry.rock is not None and "FeO" in chemistry.rock.liquids:
        laws["iron metal"] = find("buffer", DEFAULT_IRON_WUSTITE)
    return laws


def _of_crystals(case: Case, chemistry: Chemistry) -> dict[str, Law]:
    """The laws of partition between crystals and melt that the case names."""
    stated = {s: case.volatiles.partition_coefficient.get(s) for s in chemistry.gases}
    return {
        f"partition of {s}": find("partition", name) for s, name in stated.items() if isinstance(name, str)
    }


def _buffer(oxygen: OxygenFugacity | None) -> Law | None:
    """The law of the buffer, None without one."""
    if oxygen is None or oxygen.buffer is None:
        return None
    return find("buffer", oxygen.buffer)


def _of_sections(case: Case, base: float) -> dict[str, Law]:
    """The laws that keys of a case name, and the viscosity. base [Pa]: pressure of the deepest mantle."""
    mantle = case.mantle
    solidus, liquidus = (chosen(name, base) for name in (mantle.solidus, mantle.liquidus))

    def named(kind: str, section: str, key: str, name: str) -> Law:
        return find(kind, name, f"{case.name} [{section}] {key} = {name!r}")

    return {
        "radiation": named("radiation", "atmosphere", "radiation", case.atmosphere.radiation),
        "escape": named("escape", "escape", "law", case.escape.law),
        "solidus": named("solidus", "mantle", "solidus", solidus),
        "liquidus": named("liquidus", "mantle", "liquidus", liquidus),
        "equation of state of the melt": named("equation_of_state", "mantle", "melt_eos", mantle.melt_eos),
        "equation of state of the solid": named("equation_of_state", "mantle", "solid_eos", mantle.solid_eos),
        "viscosity": find("viscosity", VISCOSITY_LAW),
    }
