"""Figures, from stored results alone. matplotlib is imported here only, and never through pyplot's state.

You may change or add a figure, if the result contains the values that it needs: nothing is computed here.
Every figure is made within settings.py, and coloured, labelled and written by style.py.
Figures of one run: time_panel.py, run_panels.py, overview.py, mantle.py; of many: panels.py and the files
that use it. Start reading with evolution.py, whose table FIGURES names every figure of a run.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from ..files import new_folder
from .comparison import draw_comparison
from .condensates import has_condensates
from .evolution import FIGURES
from .mantle import has_column
from .overturned_mantle import has_overturn
from .residuals import draw_residuals
from .style import FORMATS, TIME_AXES, choose, save, warm_up
from .tornado import has_sensitivities
from .view import prepare

if TYPE_CHECKING:
    import xarray

__all__ = [
    "FIGURES",
    "FORMATS",
    "TIME_AXES",
    "draw",
    "draw_comparison",
    "draw_residuals",
    "figures_of",
    "warm_up",
]


def draw(
    result: xarray.Dataset,
    folder: str | os.PathLike[str],
    names: str | Iterable[str] | None = None,
    format: str = "png",
    time_axis: str = "log",
) -> list[Path]:
    """Write the figures of a stored run into a folder (made when missing); the paths, in order.

    result: Dataset along `time`, as `mocoupled.run` and `mocoupled.read` return it.
    names: of FIGURES; by default all; figures of the mantle in depth only for a run with a column.
    format: "png" (150 dpi) or "pdf".
    time_axis: "log" (linear where the run spans less than a decade) or "linear".
    Each file appears whole or not at all. A figure whose variables the run does not have says so in their
    place. InputError, before anything is written, for an unknown name, format or axis, or a result that is
    not a run.
    """
    if names is None:
        wanted = figures_of(result)
    else:
        wanted = [names] if isinstance(names, str) else list(names)
    for name in wanted:
        choose("figure", name, FIGURES)
    choose("format", format, FORMATS)
    prepare(result, time_axis)
    path = new_folder(folder)
    path.mkdir(parents=True, exist_ok=True)
    files = []
    for name in wanted:
        figure = FIGURES[name](result, time_axis)
        files.append(save(figure, path / f"{name}.{format}", result.attrs))
    return files


def figures_of(result: xarray.Dataset) -> list[str]:
    """Names of the figures that a run fills.

    Those of the mantle in depth need a column, that of the iron needs the iron of the melt, that of the
    overturn the frozen mantle, that of escape a run from which something escapes, that of condensates a run
    with some beside graphite and water, that of sensitivities a run that has them.
    """
    absent = set()
    if not has_column(result):
        absent |= {"mantle-profiles", "mantle-melt"}
    if not has_overturn(result):
        absent.add("overturn")
    if "ocean_iron" not in result:
        absent.add("iron")
    if not has_condensates(result):
        absent.add("condensates")
    if "escaped_element_mass" not in result and "escaped_mass" not in result:
        absent.add("escape")
    if not has_sensitivities(result):
        absent.add("sensitivities")
    return [name for name in FIGURES if name not in absent]
