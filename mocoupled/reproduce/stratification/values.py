"""Values of the maps from runs: lifetime, iron and density anomaly at the ends of coupled runs."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ...results.output import read
from ..paper import Pressed, Progress
from ..runs import Outcome, run_all
from .cases import CELLS, FEWER, MAPS, SIZE, SOFT, cases_of_maps, cases_of_sizes

if TYPE_CHECKING:
    import xarray

    from ...case import Case

RUNS = "runs"
AXES = {"oxidation": "oxygen_fugacity_offset", "carbon": "carbon_to_hydrogen"}
ATTRIBUTES = {
    "lifetime": {"units": "s", "long_name": "time until 2 % of the mantle is molten"},
    "ocean_iron": {"units": "1", "long_name": "Fe/(Fe + Mg) of the ocean at the end"},
    "pile_iron": {"units": "1", "long_name": "Fe/(Fe + Mg) of the pile at the end"},
    "density_anomaly": {
        "units": "kg/m3",
        "long_name": "density of the last melt, crystallised, above that of the pile",
    },
}


def maps_of_runs(
    folder: Path, quick: bool, workers: int, progress: Progress, pressed: Pressed
) -> tuple[dict[str, xarray.Dataset], dict[str, Outcome]]:
    """Run the cases (in folder/runs; stored runs are used again) and read their ends.

    Returns map -> Dataset over oceans and the other axis, with lifetime [s], ocean_iron, pile_iron and
    density_anomaly [kg/m3], NaN for a run that is not complete; and name of a case -> outcome.
    """
    cases = cases_of_maps(quick)
    by_name = {case.name: case for case in cases.values()}
    outcomes = run_all(by_name, folder / RUNS, workers, progress, pressed)
    maps = {}
    for name in MAPS:
        of_map = {(oceans, other): case for (label, oceans, other), case in cases.items() if label == name}
        cells = FEWER if quick else CELLS
        attributes = {"viscosity": f"{SOFT:g} Pa s", "cells": cells, "map": MAPS[name]}
        maps[name] = _map((AXES[name], "oceans"), of_map, folder, outcomes).assign_attrs(attributes)
    return maps, outcomes


def map_over_size(
    folder: Path, quick: bool, workers: int, progress: Progress, pressed: Pressed
) -> tuple[xarray.Dataset, dict[str, Outcome]]:
    """Run the planets of different mass and iron, as `maps_of_runs` does, and read their ends.

    Returns a Dataset over planet_mass [Earth masses] and bulk_iron, and name of a case -> outcome.
    """
    cases = cases_of_sizes(quick)
    by_name = {case.name: case for case in cases.values()}
    outcomes = run_all(by_name, folder / RUNS, workers, progress, pressed)
    ends = {(mass, iron): case for (_, mass, iron), case in cases.items()}
    result = _map(("bulk_iron", "planet_mass"), ends, folder, outcomes)
    cells = FEWER if quick else CELLS
    result = result.assign_attrs({"viscosity": f"{SOFT:g} Pa s", "cells": cells, "map": SIZE})
    result.planet_mass.attrs = {"units": "1", "long_name": "mass of the planet over that of Earth"}
    result.bulk_iron.attrs = {"units": "1", "long_name": "Fe/(Fe + Mg) of the mantle"}
    return result, outcomes


def _map(
    axes: tuple[str, str],
    cases: Mapping[tuple[float, float], Case],
    folder: Path,
    outcomes: Mapping[str, Outcome],
) -> xarray.Dataset:
    """The ends of the runs of a map. axes: names of the vertical and the horizontal axis.

    cases: (value on the horizontal axis, value on the vertical one) -> case.
    """
    import xarray

    along = sorted({key[0] for key in cases})
    others = sorted({key[1] for key in cases})
    values = {variable: np.full((len(others), len(along)), np.nan) for variable in ATTRIBUTES}
    for (first, other), case in cases.items():
        if not outcomes[case.name].usable:
            continue
        last = read(folder / RUNS / case.name).isel(time=-1)
        at = others.index(other), along.index(first)
        values["lifetime"][at] = float(last.time)
        values["ocean_iron"][at] = float(last.ocean_iron)
        values["pile_iron"][at] = float(last.pile_iron)
        values["density_anomaly"][at] = float(last.density_anomaly.sel(structure="bridgmanite"))
    variables = {variable: (axes, array, ATTRIBUTES[variable]) for variable, array in values.items()}
    return xarray.Dataset(variables, {axes[0]: others, axes[1]: along})
