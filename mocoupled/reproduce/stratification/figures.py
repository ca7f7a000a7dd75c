"""Maps of the Fe# anomaly over mantle thickness and bulk Fe#, and over the volatiles: which mantles are stratified."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ...plots.buffering import Panel, draw
from ...results import netcdf
from ..buffering.figures import CAPTION, Result
from ..buffering.values import MYR, quiet, sized
from ..figure_choice import figures_asked
from ..runs import FAILED
from . import runs as stratification_runs

if TYPE_CHECKING:
    import xarray

MAPS = {  # name -> core temperature, timescale [s], title
    "fixed-static": ("fixed", None, "core 4400 K, static"),
    "solidus-static": ("solidus", None, "core follows the solidus, static"),
    "solidus-1Myr": ("solidus", MYR, "core follows the solidus, 1 Myr"),
    "potential-1Myr": ("potential", MYR, "core's potential temperature fixed, 1 Myr"),
}
THICKNESS, IRON = (1000e3, 3600e3), (0.02, 0.25)  # m; Fe/(Fe + Mg)
NOTE = " Grey: no buffered ocean. The trend with size depends on the temperature of the core: none to super-Earths can be trusted."


def stratification(
    points: int = 24, progress: Callable[[float, str], None] = lambda fraction, text: None
) -> xarray.Dataset:
    """Fe# of ocean less pile and density anomaly over thickness [m] and bulk_iron, along `map`; NaN with the reason where there is none.

    Gravity goes with the thickness; everything else is Earth's. points: along each axis.
    """
    import xarray

    D = xarray.DataArray(np.linspace(*THICKNESS, points), dims="mantle_thickness")
    X = xarray.DataArray(np.linspace(*IRON, points), dims="bulk_iron")
    found = []
    for k, (core, timescale, title) in enumerate(MAPS.values()):
        progress(k / len(MAPS), title)
        own = {
            name: xarray.DataArray(v, dims="mantle_thickness") for name, v in sized(D.values, core).items()
        }
        one = quiet("earth", **own, bulk_iron=X, **({} if timescale is None else {"timescale": timescale}))
        found.append(
            one[
                ["ocean_iron", "pile_iron", "density_anomaly", "solid_fraction", "reason", "converged"]
            ].transpose(..., "mantle_thickness", "bulk_iron")
        )
    maps = xarray.concat(
        found, xarray.DataArray(list(MAPS), dims="map", name="map"), combine_attrs="drop_conflicts"
    )
    maps["iron_anomaly"] = maps.ocean_iron - maps.pile_iron
    maps.iron_anomaly.attrs = {
        "units": "1",
        "long_name": "Fe/(Fe + Mg) of the buffered ocean less that of the pile",
    }
    labels = {
        "mantle_thickness": ("m", "depth of the core-mantle boundary", D.values),
        "bulk_iron": ("1", "Fe/(Fe + Mg) of the mantle", X.values),
    }
    return maps.assign_coords(
        {name: (name, v, {"units": unit, "long_name": text}) for name, (unit, text, v) in labels.items()}
    )


FIGURES = {
    1: "maps over mantle thickness and bulk Fe#",
    2: "maps over hydrogen, C/H and the oxygen fugacity, from runs",
}
RUNS = " From runs of Earth with crystals of 5 cm, each coupled to its own iron, until 2 % of the mantle is molten."


def chosen(figures: Iterable[int]) -> tuple[int, ...]:
    """The figures asked for, all for none; InputError, with the known ones, for another number."""
    return figures_asked(figures, FIGURES, "there is no such figure.")


def reproduce(
    output: Path,
    figures: Iterable[int] = (),
    quick: bool = False,
    workers: int = 1,
    progress: Callable[[float, str], None] = lambda fraction, text: None,
    pressed: Callable[[], bool] = lambda: False,
) -> Result:
    """Write the maps (NetCDF) and their figures. quick: 8 points along each axis in place of 24, and 8 runs in place of 24."""
    wanted = chosen(figures)
    (output / "figures").mkdir(parents=True, exist_ok=True)
    files: list[Path] = []
    outcomes: dict = {}
    if 1 in wanted:
        files += _sizes(output, quick, progress)
    if 2 in wanted and not pressed():
        found, outcomes = stratification_runs.maps(output, quick, workers, progress, pressed)
        for name, one in found.items():
            files.append(output / f"stratification-{name}.nc")
            netcdf.write(one, files[-1])
        title = "The last melt of a magma ocean below its atmosphere"
        files.append(
            draw(
                stratification_runs.panels(found), title, CAPTION + RUNS, output / "figures" / "figure-02.png"
            )
        )
    problems = tuple(f"{name}: {o.reason}" for name, o in outcomes.items() if o.status == FAILED)
    return Result((), tuple(files), problems, pressed(), outcomes)


def _sizes(output, quick, progress) -> list[Path]:
    maps = stratification(8 if quick else 24, progress)
    file = output / "stratification.nc"
    netcdf.write(maps, file)
    places = [(2890.0, 10.0, "Earth"), (1600.0, 20.0, "Mars")]
    panels = [
        Panel(x="mantle thickness, km", y="bulk Fe#", title=title, points=places,
              map=(maps.mantle_thickness.values / 1e3, 100 * maps.bulk_iron.values, 100 * maps.iron_anomaly.sel(map=name).values.T, "Fe# of ocean less pile"))
        for name, (_, _, title) in MAPS.items()
    ]  # fmt: skip
    return [
        file,
        draw(
            panels,
            "Stratification over mantle thickness and bulk iron",
            CAPTION + NOTE,
            output / "figures" / "figure-01.png",
        ),
    ]
