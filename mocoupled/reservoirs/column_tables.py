"""The properties of a mantle column as tables in entropy, one row for each face or cell, built at the start of a run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import sympy

from ..closures.law_types import Law
from ..dae.leaves.external import External
from ..dae.leaves.curve_tables import Table, externals
from ..dae.leaves.external import External
from ..interior.adams_williamson import AdamsWilliamson
from ..interior.silicate_eos import Phase
from ..interior.two_phase import (
    SOLIDUS_WIDTH,
    MeltingRange,
    Properties,
    melting_range,
    properties,
    two_phase_weight,
)
from .mesh import Mesh

LOWEST_ENTROPY, HIGHEST_ENTROPY, SPACING = 900.0, 2900.0, 2.0  # J/kg/K
ALWAYS = {
    "heat_capacity_volume",
    "buoyancy",
    "conduction",
    "adiabatic_conduction",
    "two_phase",
    "melting_slope",
}  # read at the face
ONE_SIDED_WIDTH = 0.04  # melt fraction over which the one-sided availability opens


@dataclass(frozen=True)
class Closure:
    """The readings of the separation and of the two-phase region.

    name: "smooth" or "reference", see reservoirs.column. separation: "reference", the flux of the face or of the cell
    above times the availability of melt below, as the published result needs; or "upwind", the monotone flux
    q+(below) + q-(above) of a hyperbolic equation, under which compaction of the last melt takes longer than the
    cooling (about 9 % of melt stays). availability: "tanh", which lets cells drain below their solidus, to a melt
    fraction of -0.05 (reference) or -0.02 (smooth); or "one-sided", a smooth step between 0 and 0.04. Widths in melt fraction.
    """

    name: Literal["smooth", "reference"] = "smooth"
    separation: Literal["reference", "upwind"] = "reference"
    availability: Literal["tanh", "one-sided"] = "tanh"

    @property
    def liquidus_width(self) -> float:
        """Over which two-phase and single-phase properties are blended at the liquidus (at the solidus: 0.01)."""
        return 0.05 if self.name == "smooth" else SOLIDUS_WIDTH

    @property
    def availability_width(self) -> float:
        """Of the tanh. 0.0065 with the smooth closure, whose flux out of a cell is larger."""
        return 0.0065 if self.name == "smooth" else SOLIDUS_WIDTH

    @property
    def columns(self) -> dict[str, set[str]]:
        """What the flux reads for the entropy of the face, and of the cells above and below it; see column._heat_flux."""
        smooth, upwind = self.name == "smooth", self.separation == "upwind"
        read = {
            side: {"ln_viscosity"} if smooth == (side != "mean") else set()
            for side in ("mean", "above", "below")
        }
        if upwind:
            read["above"].add("separation_falling")
            read["below"].add("separation_rising")
        else:
            read["above" if smooth else "mean"].add("separation")
            read["below"].add("availability")
        return read

    def available(self, untruncated) -> np.ndarray:
        """Availability of melt in a cell, from its melt fraction without bounds."""
        if self.availability == "tanh":
            return two_phase_weight(untruncated, self.availability_width, self.liquidus_width)
        step = np.clip(untruncated / ONE_SIDED_WIDTH, 0.0, 1.0)
        return step**2 * (3 - 2 * step) * two_phase_weight(untruncated, SOLIDUS_WIDTH, self.liquidus_width)


@dataclass(frozen=True)
class Tables:
    """Functions of entropy [J/kg/K] for the equations, SI, by name.

    mean, above, below: at the inner faces, for the entropy of the face and of the cells on either side. cell: at the
    cells. heat_table: the table behind cell["heat"]. entropy (m,): the grid; surface_temperature (m,) [K] at P = 0;
    core_mantle: name -> (m,) at the core's pressure. ranges: melting range at the inner faces ("face"), the cells ("cell") and the surface ("surface").
    """

    mean: Mapping[str, External]
    above: Mapping[str, External]
    below: Mapping[str, External]
    cell: Mapping[str, External]
    heat_table: Table
    entropy: np.ndarray
    surface_temperature: np.ndarray
    core_mantle: Mapping[str, np.ndarray]
    ranges: Mapping[str, MeltingRange]


def tables(
    structure: AdamsWilliamson,
    grid: Mesh,
    melt: Phase,
    solid: Phase,
    laws: Mapping[str, Law],
    closure: Closure,
    crystal_size: float,
    conductivity: float,
) -> Tables:
    """Tabulate the column. laws: solidus, liquidus, viscosity, separation. crystal_size: radius [m]."""
    S = np.arange(LOWEST_ENTROPY, HIGHEST_ENTROPY + SPACING / 2, SPACING)
    n = len(grid.cell_radius)
    pressure = np.concatenate([grid.face_pressure, grid.cell_pressure])
    span = melting_range(pressure, melt, solid, numeric(laws["solidus"]), numeric(laws["liquidus"]))
    every = properties(span, S, melt, solid, symbolic(laws["viscosity"]), closure.liquidus_width)
    face_span, face = rows(span, slice(1, n)), rows(every, slice(1, n))
    cell_span, cell = rows(span, slice(n + 1, None)), rows(every, slice(n + 1, None))
    bottom_span, bottom = rows(span, slice(n, n + 1)), rows(every, slice(n, n + 1))

    radius = grid.face_radius[1:-1]
    down = -structure.gravity * structure.density(radius)[:, None]  # dP/dr
    at_face = _flux_columns(face_span, face, structure.gravity, down, conductivity)
    ln_viscosity = np.log(10.0) * face.log10_viscosity - np.log(face.density)
    q = _separation_flux(
        face_span, face, laws["separation"], laws["viscosity"], structure.gravity, crystal_size
    )
    peak = np.argmax(q, axis=1)[:, None]
    rising = np.where(np.arange(len(S)) < peak, q, np.take_along_axis(q, peak, axis=1))
    above = {"ln_viscosity": ln_viscosity, "separation": q, "separation_falling": q - rising}
    below = {
        "ln_viscosity": ln_viscosity,
        "availability": closure.available(cell.untruncated[1:]),
        "separation_rising": rising,
    }
    used = closure.columns

    capacity = cell.density * cell.temperature * grid.cell_volume[:, None]
    heat = np.concatenate([np.zeros((n, 1)), np.cumsum(_integral(capacity), axis=1)], axis=1)
    heat_table = Table(S[0], SPACING, heat[:, None], capacity[:, None])
    told = _table({"temperature": cell.temperature, "log10_viscosity": cell.log10_viscosity})
    core = _flux_columns(
        bottom_span,
        bottom,
        structure.gravity,
        -structure.gravity * structure.density(structure.core_radius),
        conductivity,
    )
    core_mantle = {name: values[0] for name, values in core.items()} | {"temperature": bottom.temperature[0]}
    slope = bottom.temperature / bottom.heat_capacity
    core_mantle["heat"] = np.concatenate([[0.0], np.cumsum(_integral(slope)[0])])
    return Tables(
        mean=_externals("mean", at_face | {"ln_viscosity": ln_viscosity, "separation": q}, used["mean"]),
        above=_externals("above", above, used["above"]),
        below=_externals("below", below, used["below"]),
        cell={
            "heat": externals("cell", heat_table, ["heat"])["heat"],
            **externals("cell", told, ["temperature", "log10_viscosity"]),
        },
        heat_table=heat_table,
        entropy=S,
        surface_temperature=every.temperature[0],
        core_mantle=core_mantle,
        ranges={"face": face_span, "cell": cell_span, "surface": rows(span, slice(0, 1))},
    )


def rows(held, which):
    """A MeltingRange or Properties for some of its pressures."""
    return replace(held, **{name: values[which] for name, values in vars(held).items()})


def _flux_columns(span: MeltingRange, at: Properties, gravity, down, conductivity) -> dict[str, np.ndarray]:
    """What the heat flux needs of the mantle at its face; down: dP/dr [Pa/m]."""
    T_f = span.fusion_temperature[:, None]
    melting = at.melt_fraction * span.melt_slope[:, None] + (1 - at.melt_fraction) * span.solid_slope[:, None]
    return {
        "heat_capacity_volume": at.density * at.temperature,  # rho T, J/m3 per J/kg/K
        "buoyancy": at.expansivity * gravity * at.temperature / at.heat_capacity,
        "conduction": conductivity * at.temperature / at.heat_capacity,
        "adiabatic_conduction": conductivity * at.adiabatic_gradient * down,
        "two_phase": at.density * T_f * at.weight,
        "melting_slope": melting * down,
    }


def _separation_flux(
    span: MeltingRange, at: Properties, law: Law, viscosity: Law, gravity, crystal_size
) -> np.ndarray:
    """q = rho phi (1 - phi) v_rel T_f dS_f [W/m2]; the melt moves by its own viscosity (notes E.4)."""
    porosity, contrast = sympy.symbols("porosity contrast", real=True)
    melt_viscosity = 10.0 ** float(viscosity.function(melt_fraction=sympy.oo))
    v = law(
        porosity=porosity,
        density_contrast=contrast,
        gravity=gravity,
        crystal_size=crystal_size,
        viscosity=melt_viscosity,
    )
    with np.errstate(divide="ignore", invalid="ignore"):  # of the branch that is not taken
        speed = sympy.lambdify([porosity, contrast], v, modules="numpy")(
            at.porosity, (span.solid_density - span.melt_density)[:, None]
        )
    phi = at.melt_fraction
    return at.density * phi * (1 - phi) * speed * (span.fusion_temperature * span.fusion_entropy)[:, None]


def _externals(name, columns, used) -> dict[str, External]:
    chosen = {key: values for key, values in columns.items() if key in used or key in ALWAYS}
    return externals(name, _table(chosen), list(chosen)) if chosen else {}


def _table(columns: Mapping[str, np.ndarray]) -> Table:
    """A table of columns (rows, points) on the entropy grid."""
    values = np.stack(list(columns.values()), axis=1)
    return Table(LOWEST_ENTROPY, SPACING, values, _slopes(values))


def _slopes(values):
    """d/dS on the even grid, of fourth order inside: local, so that a kink rings no further than two points."""
    slopes = np.gradient(values, SPACING, axis=-1)
    inner = (values[..., :-4] - 8 * values[..., 1:-3] + 8 * values[..., 3:-1] - values[..., 4:]) / (
        12 * SPACING
    )
    slopes[..., 2:-2] = inner
    return slopes


def _integral(values):
    """Integral over each interval of the grid, of the Hermite cubic (rows, points) -> (rows, points - 1)."""
    slopes = _slopes(values)
    return SPACING * (values[:, 1:] + values[:, :-1]) / 2 + SPACING**2 * (slopes[:, :-1] - slopes[:, 1:]) / 12
