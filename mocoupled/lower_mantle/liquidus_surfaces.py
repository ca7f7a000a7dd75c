"""Phase diagrams as datasets: the liquidus of melts, and the ternary with its cotectics at one pressure."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from ..conditions import number, whole
from ..floating import usual_floats
from .compositions import melts_of
from .end_members import OXIDES
from .mixing import PHASES
from .phase_diagrams import BRIDGMANITE, FERROPERICLASE, STISHOVITE, PhaseDiagram
from .result_attributes import PHASE_FLAGS, dataset_attributes, described, diagram_of

if TYPE_CHECKING:
    import xarray
    from numpy.typing import ArrayLike

BOUNDARIES = MappingProxyType(
    {
        "ferropericlase-bridgmanite": (FERROPERICLASE, BRIDGMANITE),
        "bridgmanite-stishovite": (BRIDGMANITE, STISHOVITE),
    }
)


@usual_floats
def liquidus(
    composition: ArrayLike,
    pressure: float,
    mixing: str = "full",
    anchor_temperature: float | None = None,
    exchange_factor: float = 1.0,
) -> xarray.Dataset:
    """Liquidus of melts (..., 3), mole fractions of FeO, MgO, SiO2 along the last axis, at `pressure` [Pa].

    mixing, anchor_temperature, exchange_factor: as `phase_diagrams.phase_diagram` takes them.
    Dataset along `point` (leading axes flattened):
    liquidus_temperature [K], liquidus_phase (index of PHASES, -1 for
    none), iron_fraction(point, solid): Fe/(Fe + Mg) of ferropericlase and bridgmanite, melt_density,
    liquidus_density [kg/m3], converged. Melts without a liquidus (they unmix, or the table ends) are NaN and
    not converged.
    Raises InputError for melts that are not mole fractions, a pressure outside 25-136 GPa, and an unknown
    `mixing`.
    """
    import xarray

    x, masked = melts_of(composition)
    diagram = diagram_of(pressure, mixing, anchor_temperature, exchange_factor)
    T, phase, converged = np.empty(0), np.empty(0, dtype=int), np.empty(0, dtype=bool)
    if len(x):
        T, phase, converged = diagram.liquidus(x)
    if masked.any():
        x, T = np.where(masked[:, None], np.nan, x), np.where(masked, np.nan, T)
        phase, converged = np.where(masked, -1, phase), np.where(masked, False, converged)
    _, iron = diagram.saturation(x, T)
    iron_title = "Fe/(Fe + Mg) of the solid in equilibrium with the melt, or nearest to it"
    data = {
        "composition": (("point", "oxide"), x, described("1", "mole fraction of the oxide in the melt")),
        "liquidus_temperature": ("point", T, described("K", "temperature at which the first solid appears")),
        "liquidus_phase": ("point", phase, described("1", "first solid") | PHASE_FLAGS),
        "iron_fraction": (("point", "solid"), iron, described("1", iron_title)),
        "melt_density": (
            "point",
            diagram.melt_density(x, T),
            described("kg m-3", "density of the melt at its liquidus"),
        ),
        "liquidus_density": (
            "point",
            _first_solid_density(diagram, phase, T, iron),
            described("kg m-3", "density of the first solid"),
        ),
        "converged": ("point", converged, described("1", "whether there is a liquidus")),
    }
    attributes = dataset_attributes(diagram, "Liquidus of MgO-FeO-SiO2")
    attributes["exchange_factor"] = number(exchange_factor, "1", "exchange_factor")
    return xarray.Dataset(data, {"oxide": list(OXIDES), "solid": list(PHASES[:2])}, attributes)


def _first_solid_density(
    diagram: PhaseDiagram, phase: np.ndarray, T: np.ndarray, iron: np.ndarray
) -> np.ndarray:
    """Density [kg/m3] of the first solid of each melt, NaN where there is none."""
    density = np.full(len(T), np.nan)
    for k in range(len(PHASES)):
        y = iron[:, k] if k != STISHOVITE else 0.0
        density = np.where(phase == k, diagram.solid_density(k, T, y), density)
    return density


@usual_floats
def ternary(
    pressure: float,
    mixing: str = "full",
    anchor_temperature: float | None = None,
    divisions: int = 57,
    cotectic_points: int = 61,
    exchange_factor: float = 1.0,
) -> xarray.Dataset:
    """Phase diagram of MgO-FeO-SiO2 at `pressure` [Pa]: the liquidus on a triangular grid, and its cotectics.

    divisions: of each side (57: 1711 points). The dataset is that of `liquidus`.
    For each boundary of BOUNDARIES it also has, along `iron_number`, Fe/(Fe + Mg) of the melt:
    cotectic_composition, cotectic_temperature [K], cotectic_converged (false where there is none).
    Raises InputError as `liquidus` does.
    """
    n, points = whole(divisions, "divisions", 2, 1000), whole(cotectic_points, "cotectic_points", 2, 1000)
    diagram = diagram_of(pressure, mixing, anchor_temperature, exchange_factor)
    i, j = np.triu_indices(n + 1)  # i of FeO, n - j of SiO2
    grid = np.stack([i, j - i, n - j], axis=-1) / n
    result = liquidus(grid, pressure, mixing, anchor_temperature, exchange_factor)
    iron = np.linspace(0.0, 1.0, points)
    cotectics = [diagram.cotectic(*pair, iron) for pair in BOUNDARIES.values()]
    dims = ("boundary", "iron_number")
    iron_number = ("iron_number", iron, described("1", "Fe/(Fe + Mg) of the melt"))
    result = result.assign_coords(boundary=list(BOUNDARIES), iron_number=iron_number)
    result["cotectic_composition"] = (
        (*dims, "oxide"),
        np.stack([x for x, *_ in cotectics]),
        described("1", "mole fraction of the oxide in the cotectic melt"),
    )
    result["cotectic_temperature"] = (
        dims,
        np.stack([T for _, T, *_ in cotectics]),
        described("K", "temperature of the cotectic melt"),
    )
    result["cotectic_converged"] = (
        dims,
        np.stack([converged for *_, converged in cotectics]),
        described("1", "whether there is such a melt"),
    )
    attributes = dataset_attributes(diagram, "Melting of MgO-FeO-SiO2")
    result.attrs = attributes | {"exchange_factor": result.attrs["exchange_factor"]}
    return result
