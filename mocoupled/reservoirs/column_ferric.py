"""Ferric iron of a mantle column and its exchange of oxygen with the gas.

Each cell has the unknown f = Fe3+/(Fe + Mg) of all that is in it, with the balance

    d(m f)/dt = -div F_f + J in the uppermost cell,    J = A rho kappa (f_eq - f)/h.

f_eq is that of the melt and crystals of the uppermost cell with the ferric share of the law, at the surface
temperature and the oxygen fugacity of the gas; kappa is that of the eddies of the melt at the uppermost inner
face, h the distance of the cell from the surface. The gas loses J/4 of O2: O2 of gas and melt and a
quarter of the ferric iron of all cells is one balance, so that no equation holds f to f_eq. While eddies stir
the uppermost cell, gas and melt are in equilibrium within a small part of a day; a surface without eddies
leaves the oxygen of the gas alone.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import sympy

from ..closures.iron_magnesium import exchange
from ..dae.declare.field import Component, Link, profile
from .column_iron import FERRIC, Iron, bounded, melt_composition
from .column_tables import Tables
from .ferric_exchange import Ferric, FerricColumn, IronOfPhases
from .mesh import Mesh

# of Fe3+/(Fe + Mg): times rtol it must stay below what moves the oxygen fugacity by 1e-4 dex
FERRIC_SCALE = 0.05
# an error of the integrator may carry crystals that take hardly any ferric iron this far below none
LEAST_FERRIC = -1e-6
# names of the links
IRON_AT_SURFACE, FERRIC_AT_SURFACE = "surface_melt_iron", "surface_ferric"
MELT_AT_SURFACE, STIRRING, TOTAL = "surface_melt_fraction", "surface_stirring", "ferric_mass"


def ferric_component(iron: Iron, ferric: Ferric, cells: int, flux: sympy.Expr) -> Component:
    """The ferric iron of the cells. flux [kg/s]: upwards."""
    return Component(
        FERRIC,
        "1",
        "Fe3+/(Fe + Mg) of melt and crystals, molar",
        start=np.full(cells, iron.bulk_iron * ferric.share),
        storage=profile("cell_mass") * iron.ferric_place.here,
        flux=flux,
        low=LEAST_FERRIC,
        high=1.0,
        scale=FERRIC_SCALE,
    )


def ferric_links(iron: Iron, tables: Tables, stirring: sympy.Expr) -> tuple[Link, ...]:
    """What the balance of oxygen sees. stirring [kg/m/s]: of heat_flux.FaceFlux."""
    entropy, c = iron.components
    f, span = iron.ferric_place, tables.ranges["cell"]
    phi = bounded((entropy.first - float(span.solid_entropy[0])) / float(span.fusion_entropy[0]))
    melt = melt_composition(c.first, phi, _exchange(iron, tables))
    return (
        Link(IRON_AT_SURFACE, "edge", melt, "1", "Fe/(Fe + Mg) of the melt of the uppermost cell"),
        Link(FERRIC_AT_SURFACE, "edge", f.first, "1", "Fe3+/(Fe + Mg) of the uppermost cell"),
        Link(MELT_AT_SURFACE, "edge", phi, "1", "melt fraction of the uppermost cell"),
        Link(TOTAL, "total", profile("cell_mass") * f.here, "kg", "Fe3+/(Fe + Mg) times mass"),
        Link(STIRRING, "face", stirring, "kg/m/s", "density times diffusivity of the uppermost eddies"),
    )


def ferric_column(
    iron: Iron, ferric: Ferric, tables: Tables, mesh: Mesh, links: Mapping[str, sympy.Symbol]
) -> FerricColumn:
    """The column as the balance of oxygen sees it. links: symbols of `ferric_links` and the total of iron."""
    melt = links[IRON_AT_SURFACE]
    crystals = exchange(melt, _exchange(iron, tables))
    distance = float(mesh.face_radius[0] - mesh.cell_radius[0])
    return FerricColumn(
        IronOfPhases(melt, crystals, links[MELT_AT_SURFACE]),
        links[FERRIC_AT_SURFACE],
        links[TOTAL],
        links["iron_mass"],
        iron.bulk_iron,
        float(mesh.face_area[0]) / distance * links[STIRRING],
        ferric,
    )


def _exchange(iron: Iron, tables: Tables) -> float:
    """K_D of iron and magnesium in the uppermost cell."""
    return float(iron.exchange(tables.ranges["cell"].pressure[:1])[0])
