"""The properties of a mantle column as tables in entropy, one row for each face or cell."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np
import sympy

from ..closures.law_types import Law, numeric, symbolic
from ..closures.registry import find
from ..closures.rheology import TRANSITION, WIDTH
from ..closures.solid_convection import LEAST_VISCOSITY, ln_mixing_diffusivity
from ..dae.leaves.curve_tables import Table, externals
from ..dae.leaves.external import External
from ..interior.molten_start import hottest_melt
from ..interior.silicate_eos import Phase
from ..interior.static_structure import Structure
from ..interior.two_phase import MeltingRange, Properties, melting_range, properties, two_phase_weight
from .column_settings import Closure
from .mesh import Mesh

# J/kg/K; the highest is that of the tables, unless a run starts hotter
LOWEST_ENTROPY, HIGHEST_ENTROPY, SPACING = 900.0, 2900.0, 2.0
# read at the face with every closure
ALWAYS = {
    "heat_capacity_volume",
    "buoyancy",
    "conduction",
    "adiabatic_conduction",
    "two_phase",
    "melting_slope",
}
# 1/s2 per J/kg/K/m: of a mush whose melt is denser than its crystals, which does not convect when it cools
# from above
LEAST_BUOYANCY = 1e-15
# properties that are proportional to the conductivity
CONDUCTED = ("conduction", "adiabatic_conduction")
# ln of a diffusivity that is none
NO_CONVECTION = -600.0
ByPressure = TypeVar("ByPressure", MeltingRange, Properties)


@dataclass(frozen=True)
class Rock:
    """The material of a column.

    melt, solid: equations of state.
    solidus, liquidus, viscosity, separation: names of laws.
    crystal_size [m]: radius; conductivity [W/m/K].
    pile_viscosity [Pa s]: of crystals that convect; None: they do not.
    """

    melt: Phase
    solid: Phase
    solidus: str
    liquidus: str
    viscosity: str
    separation: str
    crystal_size: float
    conductivity: float
    pile_viscosity: float | None = None

    def law(self, kind: str) -> Law:
        """The law of a kind: "solidus", "liquidus", "viscosity" or "separation"."""
        return find(kind, getattr(self, kind))

    def log10_pile_viscosity(self, melt_fraction: sympy.Expr) -> sympy.Expr:
        """log10 of the viscosity [Pa s] of crystals that convect, weakened by melt."""
        ends = {"melt_viscosity": LEAST_VISCOSITY, "solid_viscosity": self.pile_viscosity}
        return self.law("viscosity").function(melt_fraction=melt_fraction, **ends)


@dataclass(frozen=True)
class Tables:
    """Functions of entropy [J/kg/K] for the equations, SI, by name.

    mean, above, below: at the inner faces, for the entropy of the face and of the cells on either side.
    cell: at the cells; heat_table: the table behind cell["heat"].
    entropy (m,): the grid; surface_temperature (m,) [K] at P = 0.
    core_mantle: name -> (m,) at the pressure of the core-mantle boundary.
    core_pressure [Pa]: at the core-mantle boundary.
    ranges: melting range at the inner faces ("face"), the cells ("cell") and the surface ("surface").
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
    core_pressure: float


@dataclass(frozen=True)
class _Places:
    """Some places of the column: their melting range and their properties (places, entropies)."""

    span: MeltingRange
    at: Properties


def tabulate(
    structure: Structure, mesh: Mesh, rock: Rock, closure: Closure, highest: float = HIGHEST_ENTROPY
) -> Tables:
    """Tabulate the column. highest [J/kg/K]: where the tables end."""
    S = np.arange(LOWEST_ENTROPY, highest + SPACING / 2, SPACING)
    n = len(mesh.cell_radius)
    pressure = np.concatenate([mesh.face_pressure, mesh.cell_pressure])
    span = melting_range(
        pressure, rock.melt, rock.solid, numeric(rock.law("solidus")), numeric(rock.law("liquidus"))
    )
    hottest = None
    if highest > HIGHEST_ENTROPY:
        hottest = rock.melt.temperature(pressure, S[-1], span.liquidus, hottest_melt(pressure))
    viscosity, width = symbolic(rock.law("viscosity")), closure.liquidus_width
    every = properties(span, S, rock.melt, rock.solid, viscosity, width, hottest)

    def places(which: slice) -> _Places:
        return _Places(rows(span, which), rows(every, which))

    face, bottom, cell = places(slice(1, n)), places(slice(n, n + 1)), places(slice(n + 1, None))
    heat_table = _heat_table(cell.at, mesh, S)
    stored = _table({"temperature": cell.at.temperature, "log10_viscosity": cell.at.log10_viscosity})
    return Tables(
        **_at_faces(structure, mesh, rock, closure, face, cell.at),
        cell={
            "heat": externals("cell", heat_table, ["heat"])["heat"],
            **externals("cell", stored, ["temperature", "log10_viscosity"]),
        },
        heat_table=heat_table,
        entropy=S,
        surface_temperature=every.temperature[0],
        core_mantle=_core_mantle(structure, rock, bottom),
        core_pressure=float(pressure[n]),
        ranges={"face": face.span, "cell": cell.span, "surface": rows(span, slice(0, 1))},
    )


def _at_faces(
    structure: Structure, mesh: Mesh, rock: Rock, closure: Closure, face: _Places, cell: Properties
) -> dict[str, dict[str, External]]:
    """The functions at the inner faces.

    "mean": of the entropy of the face; "above", "below": of that of the cells on either side.
    """
    radius = mesh.face_radius[1:-1]
    gravity = structure.gravity_at(radius)[:, None]
    down = -gravity * structure.density(radius)[:, None]  # dP/dr
    ln_viscosity = np.log(10.0) * face.at.log10_viscosity
    if closure.iron:
        ln_viscosity = np.logaddexp(ln_viscosity, np.log(LEAST_VISCOSITY))
    ln_viscosity -= np.log(face.at.density)
    # melt and crystals separate at a speed proportional to gravity
    q = _separation_flux(face, rock, structure.gravity) * (gravity / structure.gravity)
    rising = rising_part(q)
    mean = _flux_columns(face, gravity, down, rock.conductivity)
    mean |= {"ln_viscosity": ln_viscosity, "separation": q}
    above = {
        "ln_viscosity": ln_viscosity,
        "separation_falling": q - rising,
        "settling_slope": mean["melting_slope"],
    }
    below = {
        "ln_viscosity": ln_viscosity,
        "availability": two_phase_weight(cell.untruncated[1:]),
        "melt_rich": _melt_rich(cell.melt_fraction[1:]),
        "separation_rising": rising,
    }
    if closure.iron:
        by_melt = _melt_flux(face, rock, structure.gravity) * (gravity / structure.gravity)
        growing = rising_part(by_melt)
        both = {"melt_growing": growing, "melt_shrinking": by_melt - growing + growing[:, -1:]}
        above |= both
        below |= both
        convection = _solid_convection(mesh, rock, face.at, mean)
        mean |= {"density": face.at.density, "ln_solid_convection": convection}
        # a cubic of the buoyancy itself falls below 0 beside a mush that does not convect
        mean |= {"ln_buoyancy": np.log(mean["buoyancy"])}
    sides = {"mean": mean, "above": above, "below": below}
    return {side: _externals(side, columns, closure.columns[side]) for side, columns in sides.items()}


def melt_rich(melt_fraction: sympy.Expr) -> sympy.Expr:
    """0 in a pile of crystals, two widths below the rheological transition; 1 from one width below it on."""
    above = (melt_fraction - TRANSITION) / WIDTH + 2
    return sympy.Piecewise((0, above <= 0), (above**2 * (3 - 2 * above), above < 1), (1, True))


def _melt_rich(melt_fraction: np.ndarray) -> np.ndarray:
    """`melt_rich` of arrays."""
    above = np.clip((melt_fraction - TRANSITION) / WIDTH + 2.0, 0.0, 1.0)
    return above**2 * (3 - 2 * above)


def rising_part(q: np.ndarray) -> np.ndarray:
    """The part of a flux (rows, points) that nowhere falls with the entropy.

    A flux of one sign rises to its peak and falls; where the melt is denser than its crystals it is negative.
    """
    size = np.abs(q)
    peak = np.argmax(size, axis=1)[:, None]
    grown = np.where(np.arange(q.shape[1]) < peak, size, np.take_along_axis(size, peak, axis=1))
    upwards = np.take_along_axis(q, peak, axis=1) >= 0
    return np.where(upwards, grown, q + grown)


def _heat_table(cell: Properties, mesh: Mesh, S: np.ndarray) -> Table:
    """Heat of each cell [J] above its coldest state."""
    capacity = cell.density * cell.temperature * mesh.cell_volume[:, None]
    n = len(mesh.cell_volume)
    heat = np.concatenate([np.zeros((n, 1)), np.cumsum(_integral(capacity), axis=1)], axis=1)
    return Table(S[0], SPACING, heat[:, None], capacity[:, None])


def _core_mantle(structure: Structure, rock: Rock, bottom: _Places) -> dict[str, np.ndarray]:
    """What the heat flux from the core needs; heat [K]: of the core, over its heat capacity."""
    gravity = float(structure.gravity_at(structure.core_radius))
    down = -gravity * structure.density(structure.core_radius)
    columns = _flux_columns(bottom, gravity, down, rock.conductivity)
    core_mantle = {name: values[0] for name, values in columns.items()}
    core_mantle["temperature"] = bottom.at.temperature[0]
    slope = bottom.at.temperature / bottom.at.heat_capacity
    core_mantle["heat"] = np.concatenate([[0.0], np.cumsum(_integral(slope)[0])])
    return core_mantle


def rows(table: ByPressure, which: slice) -> ByPressure:
    """A MeltingRange or Properties for some of its pressures."""
    return replace(table, **{name: values[which] for name, values in vars(table).items()})


def _flux_columns(
    place: _Places, gravity: np.ndarray | float, down: np.ndarray | float, conductivity: float
) -> dict[str, np.ndarray]:
    """What the heat flux needs of the mantle at its face; down: dP/dr [Pa/m]."""
    span, at = place.span, place.at
    T_f = span.fusion_temperature[:, None]
    melting = at.melt_fraction * span.melt_slope[:, None] + (1 - at.melt_fraction) * span.solid_slope[:, None]
    return {
        "heat_capacity_volume": at.density * at.temperature,  # rho T, J/m3 per J/kg/K
        "buoyancy": np.maximum(at.expansivity * gravity * at.temperature / at.heat_capacity, LEAST_BUOYANCY),
        "conduction": conductivity * at.temperature / at.heat_capacity,
        "adiabatic_conduction": conductivity * at.adiabatic_gradient * down,
        "two_phase": at.density * T_f * at.weight,
        "melting_slope": melting * down,
    }


def _separation_flux(place: _Places, rock: Rock, gravity: float) -> np.ndarray:
    """q = rho phi (1 - phi) v_rel T_f dS_f [W/m2]; the viscosity is that of the melt (notes E.4)."""
    span, at = place.span, place.at
    speed = _separation_speed(place, rock, gravity, (span.solid_density - span.melt_density)[:, None])
    phi = at.melt_fraction
    return at.density * phi * (1 - phi) * speed * (span.fusion_temperature * span.fusion_entropy)[:, None]


def _melt_flux(place: _Places, rock: Rock, gravity: float) -> np.ndarray:
    """rho phi (1 - phi) v_rel [kg/m2/s] for each kg/m3 by which crystals are denser than melt."""
    at = place.at
    phi = at.melt_fraction
    return at.density * phi * (1 - phi) * _separation_speed(place, rock, gravity, np.ones((1, 1)))


def _separation_speed(place: _Places, rock: Rock, gravity: float, density_contrast: np.ndarray) -> np.ndarray:
    """v_rel [m/s], which is proportional to the density contrast [kg/m3]."""
    porosity, contrast = sympy.symbols("porosity contrast", real=True)
    v = rock.law("separation")(
        porosity=porosity,
        density_contrast=contrast,
        gravity=gravity,
        crystal_size=rock.crystal_size,
        viscosity=10.0 ** float(rock.law("viscosity").function(melt_fraction=sympy.oo)),
    )
    with np.errstate(divide="ignore", invalid="ignore"):  # of the branch that is not taken
        speed: np.ndarray = sympy.lambdify([porosity, contrast], v, modules="numpy")(
            place.at.porosity, density_contrast
        )
    return speed


def _solid_convection(mesh: Mesh, rock: Rock, at: Properties, mean: Mapping[str, np.ndarray]) -> np.ndarray:
    """ln of the diffusivity of solid-state convection for each J/kg/K/m of driving gradient.

    It is weighted by how far the crystals carry the mush, beside the eddies of the melt.
    """
    phi = at.melt_fraction
    if rock.pile_viscosity is None:
        return np.full(phi.shape, NO_CONVECTION)
    melt_fraction = sympy.Symbol("melt_fraction", real=True)
    log10_viscosity = sympy.lambdify(
        melt_fraction, rock.log10_pile_viscosity(melt_fraction), modules="numpy"
    )(phi)
    ln_kinematic = np.log(10.0) * log10_viscosity - np.log(at.density)
    carried = np.log((1 - np.tanh((phi - TRANSITION) / WIDTH)) / 2)
    length = np.log(_wall_distance(mesh))[:, None]
    return carried + ln_mixing_diffusivity(np.log(mean["buoyancy"]), ln_kinematic, length)


def _wall_distance(mesh: Mesh) -> np.ndarray:
    """Distance of the inner faces to the nearer of core and surface [m]: geometric mean of both cells'."""
    top, bottom = mesh.face_radius[0], mesh.face_radius[-1]
    cell = np.minimum(top - mesh.cell_radius, mesh.cell_radius - bottom)
    return np.sqrt(cell[:-1] * cell[1:])


def _externals(name: str, columns: Mapping[str, np.ndarray], used: Collection[str]) -> dict[str, External]:
    chosen = {key: values for key, values in columns.items() if key in used or key in ALWAYS}
    return externals(name, _table(chosen), list(chosen)) if chosen else {}


def _table(columns: Mapping[str, np.ndarray]) -> Table:
    """A table of columns (rows, points) on the entropy grid."""
    values = np.stack(list(columns.values()), axis=1)
    return Table(LOWEST_ENTROPY, SPACING, values, _slopes(values))


def _slopes(values: np.ndarray) -> np.ndarray:
    """d/dS on the even grid, of fourth order inside: local, so that a kink rings no further than two
    points.
    """
    slopes = np.gradient(values, SPACING, axis=-1)
    inner = (values[..., :-4] - 8 * values[..., 1:-3] + 8 * values[..., 3:-1] - values[..., 4:]) / (
        12 * SPACING
    )
    slopes[..., 2:-2] = inner
    return slopes


def _integral(values: np.ndarray) -> np.ndarray:
    """Integral over each interval of the grid, of the Hermite cubic: (rows, points) -> (rows, points - 1)."""
    slopes = _slopes(values)
    return SPACING * (values[:, 1:] + values[:, :-1]) / 2 + SPACING**2 * (slopes[:, :-1] - slopes[:, 1:]) / 12
