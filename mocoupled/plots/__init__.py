"""Figures, from stored results alone. matplotlib comes in here only, and never through pyplot's state."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from ..files import new_folder
from .comparison import draw_comparison
from .evolution import FIGURES
from .mantle import has_column
from .residuals import draw_residuals
from .style import FORMATS, TIME_AXES, choose, save, warm_up
from .view import prepare

if TYPE_CHECKING:
    import xarray

__all__ = ["FIGURES", "FORMATS", "TIME_AXES", "draw", "draw_comparison", "figures_of", "warm_up"]


def draw(
    result: xarray.Dataset,
    folder: str | os.PathLike,
    names: str | Iterable[str] | None = None,
    format: str = "png",
    time_axis: str = "log",
) -> list[Path]:
    """Write the figures of a stored run into a folder (made when missing); the paths written, in the order asked.

    result: Dataset along `time`, as `mocoupled.run` and `mocoupled.read` give it. names: of FIGURES; by default all, those
    of the mantle in depth where the run has it.
    format: "png" (150 dpi) or "pdf". time_axis: "log" (linear where the run spans less than a decade) or "linear".
    Each file appears whole or not at all. A figure whose variables the run does not have says so in their place.
    InputError, before anything is written, for an unknown name, format or axis, or a result that is not a run.
    """
    wanted = figures_of(result) if names is None else [names] if isinstance(names, str) else list(names)
    for name in wanted:
        choose("figure", name, FIGURES)
    choose("format", format, FORMATS)
    prepare(result, time_axis)
    path = new_folder(folder)
    path.mkdir(parents=True, exist_ok=True)
    return [
        save(FIGURES[name](result, time_axis), path / f"{name}.{format}", result.attrs) for name in wanted
    ]


def figures_of(result: xarray.Dataset) -> list[str]:
    """Names of the figures that a run fills: all, but for those of the mantle in depth or of its iron where the run has none."""
    absent = ([] if has_column(result) else ["mantle-profiles", "mantle-melt"]) + (
        [] if "ocean_iron" in result else ["iron"]
    )
    return [name for name in FIGURES if name not in absent]
