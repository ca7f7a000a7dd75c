"""Where a result comes from: versions, case, mechanism, laws and data with their references."""

from __future__ import annotations

import hashlib
import json
import platform
from importlib import metadata
from typing import TYPE_CHECKING

from ..planet.assembly import Planet
from ..provenance.melt_vapour import vapour_attributes
from ..provenance.sources import data_sources
from ..version import __version__
from .conventions import CONVENTIONS

if TYPE_CHECKING:
    from ..dae.solve.field_system import FieldSystem
    from ..dae.solve.system import System

LIBRARIES = ("cantera", "scipy", "numpy", "sympy", "xarray", "netCDF4", "pint", "pydantic")


def provenance(planet: Planet, system: System | FieldSystem) -> dict[str, str]:
    """All that is needed to compute a result again: attribute -> text, tables as JSON."""
    chemistry = planet.chemistry
    compositions = {
        species: {
            element: count if isinstance(count, int) else float(count)
            for element, count in chemistry.mechanism.species[species].composition.items()
        }
        for species in (*chemistry.species, *(chemistry.rock.gases if chemistry.rock else ()))
    }
    versions = {"mocoupled": __version__, "python": platform.python_version()}
    versions |= {name: metadata.version(name) for name in LIBRARIES}
    laws = {role: {"name": law.name, "reference": law.reference} for role, law in planet.laws.items()}
    return {
        "Conventions": CONVENTIONS,
        "title": planet.case.title or planet.case.name,
        "source": f"mocoupled {__version__}",
        "case_name": planet.case.name,
        "case": planet.case.to_toml(),
        "versions": json.dumps(versions),
        "mechanism": chemistry.mechanism.name,
        "mechanism_sha256": chemistry.mechanism.checksum,
        "equations_sha256": hashlib.sha256(system.source.encode()).hexdigest(),
        "thermochemistry": chemistry.source,
        "oxygen_fugacity": chemistry.oxygen_label,
        **vapour_attributes(chemistry),
        "composition": json.dumps(compositions),
        "molar_masses": json.dumps({s: chemistry.molar_mass(s) for s in compositions}),
        "laws": json.dumps(laws),
        "structure": json.dumps(_structure(planet)),
        "data": json.dumps(data_sources(planet.case, planet.chemistry, planet.below)),
    }


def _structure(planet: Planet) -> dict[str, float | str]:
    """The planet's structure in plain numbers, units in their names; whether its mass was stated."""
    inside = planet.structure
    return {
        "stated_by": "radius" if planet.case.planet.mass is None else "mass",
        "radius_km": inside.radius / 1e3,
        "core_radius_km": inside.core_radius / 1e3,
        "gravity_m_s2": inside.gravity,
        "mantle_mass_kg": inside.mantle_mass,
        "core_mantle_pressure_GPa": inside.core_mantle_pressure / 1e9,
    }
