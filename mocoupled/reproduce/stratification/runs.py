"""Maps of the iron of the last melt over hydrogen, carbon and oxidation state: the atmosphere sets how long there is an ocean."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ...case import Case
from ...constants import YEAR
from ...plots.buffering import Panel
from ...results.output import read
from ..runs import Outcome, run_all

if TYPE_CHECKING:
    import xarray

OCEANS, OFFSETS, RATIOS = (0.3, 1.0, 3.0, 10.0), (-2.0, 0.5, 2.0, 4.0), (0.1, 1.0, 5.0)
QUICK = ((1.0, 10.0), (-2.0, 4.0), (0.1, 5.0))
CELLS, FEWER = 50, 30
MAPS = {"oxidation": "C/H = 1 by mass", "carbon": "IW+0.5"}
USUAL = {"oxidation": 1.0, "carbon": 0.5}  # C/H of the first map, offset from IW of the second
LAST_MELT = 0.02  # melt fraction at which the last melt is looked at; the lid comes with more, less enriched
SOFT = 1e17  # Pa s, the lower end of the paper's viscosities, where remelting tells within the lifetimes of these oceans


def cases(quick: bool) -> dict[tuple[str, float, float], Case]:
    """(map, oceans, offset or C/H) -> an Earth with crystals of 5 cm, past its lid to LAST_MELT, coupled to its iron."""
    oceans, offsets, ratios = QUICK if quick else (OCEANS, OFFSETS, RATIOS)
    follow = {"cumulates.coupled": True, "run.continue_past_lid": True, "run.end_melt_fraction": LAST_MELT}
    earth = Case.read("earth").replace(
        follow | {"cumulates.viscosity": SOFT, "mantle.cells": FEWER if quick else CELLS}
    )
    found = {}
    for name, others in (("oxidation", offsets), ("carbon", ratios)):
        for H in oceans:
            for other in others:
                offset, ratio = (other, USUAL[name]) if name == "oxidation" else (USUAL[name], other)
                changes = {
                    "volatiles.hydrogen": f"{H:g} ocean",
                    "volatiles.carbon": f"{ratio:g} C/H",
                    "redox.oxygen_fugacity": f"IW{offset:+g}",
                }
                found[name, H, other] = earth.replace(changes | {"name": f"H{H:g}-C{ratio:g}-IW{offset:+g}"})
    return found


def maps(
    folder: Path,
    quick: bool,
    workers: int,
    progress: Callable[[float, str], None],
    pressed: Callable[[], bool],
) -> tuple[dict[str, xarray.Dataset], dict[str, Outcome]]:
    """The runs (in folder/runs, used again where they are there), and their ends as Datasets over oceans and the other axis:
    lifetime [s], ocean_iron, pile_iron, density_anomaly; NaN for a run that is not complete."""
    import xarray

    wanted = cases(quick)
    outcomes = run_all(
        {case.name: case for case in wanted.values()}, folder / "runs", workers, progress, pressed
    )
    found = {}
    for name in MAPS:
        own = {key[1:]: case for key, case in wanted.items() if key[0] == name}
        H, other = (sorted({key[k] for key in own}) for k in (0, 1))
        values = {
            v: np.full((len(other), len(H)), np.nan)
            for v in ("lifetime", "ocean_iron", "pile_iron", "density_anomaly")
        }
        for (oceans, second), case in own.items():
            if not outcomes[case.name].usable:
                continue
            last = read(folder / "runs" / case.name).isel(time=-1)
            at = other.index(second), H.index(oceans)
            values["lifetime"][at] = float(last.time)
            values["ocean_iron"][at], values["pile_iron"][at] = float(last.ocean_iron), float(last.pile_iron)
            values["density_anomaly"][at] = float(last.density_anomaly.sel(structure="bridgmanite"))
        axis = "oxygen_fugacity_offset" if name == "oxidation" else "carbon_to_hydrogen"
        texts = {
            "lifetime": ("s", "time until 2 % of the mantle is molten"),
            "density_anomaly": ("kg/m3", "density of the last melt, crystallised, above that of the pile"),
        }
        data = {
            v: (
                (axis, "oceans"),
                a,
                dict(
                    zip(
                        ("units", "long_name"),
                        texts.get(v, ("1", f"Fe/(Fe + Mg) of the {v.split('_')[0]} at the end")),
                    )
                ),
            )
            for v, a in values.items()
        }
        found[name] = xarray.Dataset(
            data,
            {axis: other, "oceans": H},
            {"viscosity": f"{SOFT:g} Pa s", "cells": FEWER if quick else CELLS, "map": MAPS[name]},
        )
    return found, outcomes


def panels(found: dict[str, xarray.Dataset]) -> list[Panel]:
    """Lifetime and density anomaly of both maps."""
    drawn = []
    for name, one in found.items():
        axis = one.ocean_iron.dims[0]
        y = one[axis].values
        label = "offset from IW, dex" if name == "oxidation" else "C/H by mass, log10"
        y = y if name == "oxidation" else np.log10(y)
        x = np.log10(one.oceans.values)
        for values, title, scale in (
            (np.log10(one.lifetime.values / YEAR), "lifetime", "log10 of years"),
            (one.density_anomaly.values, "last melt above the pile", "kg/m3"),
        ):
            drawn.append(
                Panel(
                    x="hydrogen, log10 of oceans",
                    y=label,
                    title=f"{title}, {MAPS[name]}",
                    map=(x, y, values, scale),
                )
            )
    return drawn
