"""The figure of a comparison with another program: printed and computed pressures, and differences."""

from __future__ import annotations

import math
import os
import textwrap
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ..constants import BAR
from ..errors import InputError
from ..files import new_folder
from .settings import new_figure, plainly
from .style import (
    DPI,
    FORMATS,
    FURTHER,
    HOT,
    INK,
    PALE,
    SPECIES,
    axis_limits,
    choose,
    formula,
    save,
    set_ticks,
    write,
)

if TYPE_CHECKING:
    import xarray
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Colours = Mapping[str, str]  # of species

# method -> marker, size [pt], words of the legend; what the table prints is an open circle
MARKS: dict[str, tuple[str, float, str]] = {
    "ours": ("_", 11, "few gases"),
    "full": ("x", 4.5, "all gases, kernel"),
    "oracle": ("+", 6, "all gases, Cantera"),
    "cea": ("v", 3.5, "NASA CEA"),
}
RECORDS, NAMED = 8, 26  # records on one page, species in its legend
WIDE, TALL, SIZE = 11.69, 8.27, 8.0  # inches, pt
BAND = 0.03  # dex, shaded


def draw_comparison(
    result: xarray.Dataset, folder: str | os.PathLike[str], name: str = "comparison", format: str = "png"
) -> list[Path]:
    """Write the figure of a comparison, in pages of eight records; the paths written.

    result: as `mocoupled compare` makes it. name: of the file, without ending. format: "png" or "pdf".
    InputError for another Dataset, an empty one, or an unknown format.
    """
    path = folder_for(result, folder, format)
    files = []
    for k, first in enumerate(range(0, result.sizes["record"], RECORDS), 1):
        page = result.isel(record=slice(first, first + RECORDS))
        target = path / (f"{name}.{format}" if k == 1 else f"{name}-{k}.{format}")
        files.append(save(_page(page), target, {"case_name": result.attrs.get("title", "")}))
    return files


def folder_for(result: xarray.Dataset, folder: str | os.PathLike[str], format: str) -> Path:
    """The folder for a figure of a comparison, made when missing.

    InputError for a Dataset that is not a comparison, for one without records, and for an unknown format.
    """
    choose("format", format, FORMATS)
    if not {"theirs", "pressure", "difference"} <= set(result) or not result.sizes["record"]:
        raise InputError(
            "result",
            "it is not a comparison, or it has no records.",
            "allowed: a Dataset that 'mocoupled compare' made",
        )
    path = new_folder(folder)
    path.mkdir(parents=True, exist_ok=True)
    return path


@plainly
def _page(result: xarray.Dataset) -> Figure:
    figure = new_figure(figsize=(WIDE, TALL), dpi=DPI)
    top = figure.add_axes((0.075, 0.42, 0.775, 0.49))
    low = figure.add_axes((0.075, 0.135, 0.775, 0.255))
    colours = species_colours(result)
    _pressures(top, result, colours)
    _differences(low, result, colours)
    rows = result.sizes["record"]
    for ax in (top, low):
        ax.set_xlim(-0.5, rows - 0.5)
        ax.set_xticks(range(rows))
        ax.tick_params(which="both", direction="in", right=True, labelsize=SIZE, colors=INK)
        ax.vlines(
            np.arange(rows - 1) + 0.5,
            0,
            1,
            transform=ax.get_xaxis_transform(),
            color="#DDDDDD",
            linewidth=0.6,
        )
        ax.grid(True, which="major", axis="y", color="#EEEEEE", linewidth=0.6)
        ax.set_axisbelow(True)
    top.set_xticklabels([])
    columns = zip(result.record.values, result.program.values, result.temperature.values)
    names = [f"{name}\n{program}, {float(T):.6g} K" for name, program, T in columns]
    low.set_xticklabels(names, fontsize=SIZE - 1.5, parse_math=False)
    _legend(figure, result, colours)
    title = textwrap.shorten(result.attrs.get("title", ""), 100, placeholder=" …")
    write(figure, 0.075 * WIDE, TALL - 0.45, title, 13, weight="bold")
    _caption(figure, result)
    return figure


def _caption(figure: Figure, result: xarray.Dataset) -> None:
    """The source of the table, and what each method is."""
    parts = [result.attrs.get("source", "")]
    for method, (_, _, words) in MARKS.items():
        description = result.attrs.get(f"method_{method}")
        if description:
            parts.append(f"{words}: {description}")
    text = "  ·  ".join(part for part in parts if part)
    lines = textwrap.wrap(text, 200, max_lines=4, placeholder=" …", break_on_hyphens=False)
    for k, line in enumerate(reversed(lines)):
        write(figure, 0.075 * WIDE, 0.2 + 0.14 * k, line, 7, PALE)


def species_colours(result: xarray.Dataset) -> dict[str, str]:
    """Species -> its colour."""
    names = [str(s) for s in result.species.values]
    others = sorted(s for s in names if s not in SPECIES)
    return {s: SPECIES.get(s) or FURTHER[others.index(s) % len(FURTHER)] for s in names}


def _places(result: xarray.Dataset) -> np.ndarray:
    """Horizontal place of every species around its record's."""
    n = result.sizes["species"]
    return np.linspace(-0.38, 0.38, n) if n > 1 else np.zeros(1)


def _pressures(ax: Axes, result: xarray.Dataset, colours: Colours) -> None:
    """Circles for printed values (an arrow where it is zero), marks for computed ones; bar, logarithmic."""
    theirs = result.theirs.values / BAR
    computed = result.pressure.transpose("record", "solver", "species").values / BAR
    values = np.concatenate([theirs[theirs > 0], computed[computed > 0]])
    kept = values[values > 1e-9] if (values > 1e-9).any() else values
    limits = axis_limits(kept, True) if kept.size else (1e-3, 1e3)
    ax.set_yscale("log", nonpositive="mask")
    ax.set_ylim(limits)
    set_ticks(ax.yaxis, True, limits)
    ax.set_ylabel("Partial pressure (bar)", fontsize=SIZE + 1, color=INK)
    for j, (species, place) in enumerate(zip(result.species.values, _places(result))):
        colour, x = colours[str(species)], np.arange(theirs.shape[0]) + place
        seen = theirs[:, j] >= limits[0]
        ax.plot(
            x[seen], theirs[seen, j], "o", mfc="none", mec=colour, ms=8, mew=1.2, label=f"theirs {species}"
        )
        zero = theirs[:, j] == 0
        ax.plot(
            x[zero],
            np.full(zero.sum(), 0.03),
            "v",
            mfc="none",
            mec=colour,
            ms=5,
            transform=ax.get_xaxis_transform(),
            label=f"_zero {species}",
        )
        for m, method in enumerate(result.solver.values):
            marker, size, _ = MARKS[str(method)]
            there = computed[:, m, j] >= limits[0]
            ax.plot(
                x[there],
                computed[there, m, j],
                marker,
                color=colour,
                ms=size,
                mew=1.1,
                linestyle="",
                label=f"{method} {species}",
            )


def _differences(ax: Axes, result: xarray.Dataset, colours: Colours) -> None:
    """log10 of computed over printed, with bars for half of the last printed digit."""
    difference = result.difference.transpose("record", "solver", "species").values
    finite = difference[np.isfinite(difference)]
    most = max(0.04, 1.15 * float(np.abs(finite).max())) if finite.size else 0.04
    ax.axhspan(-BAND, BAND, color="#F3F3F3", zorder=0)
    ax.axhline(0, color=PALE, linewidth=0.7)
    theirs, rounding = result.theirs.values, result.rounding.values
    for j, (species, place) in enumerate(zip(result.species.values, _places(result))):
        colour = colours[str(species)]
        for k in range(theirs.shape[0]):
            if theirs[k, j] > 0:
                share = rounding[k, j] / theirs[k, j]
                ends = np.clip([math.log10(max(1 - share, 1e-9)), math.log10(1 + share)], -most, most)
                ax.plot(
                    [k + place] * 2,
                    ends,
                    color=colour,
                    alpha=0.35,
                    linewidth=4,
                    solid_capstyle="butt",
                    label="_rounding",
                )
        for m, method in enumerate(result.solver.values):
            marker, size, _ = MARKS[str(method)]
            ax.plot(
                np.arange(theirs.shape[0]) + place,
                difference[:, m, j],
                marker,
                color=colour,
                ms=size,
                mew=1.1,
                linestyle="",
                label=f"{method} {species}",
            )
    ax.set_ylim(-most, most)
    set_ticks(ax.yaxis, False, (-most, most))
    ax.set_ylabel("log₁₀ computed/printed (dex)", fontsize=SIZE + 1, color=INK)


def _legend(figure: Figure, result: xarray.Dataset, colours: Colours) -> None:
    """Species by colour, methods by mark, at the right."""
    x, y = 0.868 * WIDE, 0.885 * TALL
    for species in result.species.values[:NAMED]:
        write(figure, x, y, formula(str(species)), SIZE + 1, colours[str(species)], "bold")
        y -= 0.19
    if result.sizes["species"] > NAMED:
        write(figure, x, y, f"+ {result.sizes['species'] - NAMED} more", SIZE, PALE)
        y -= 0.19
    y -= 0.1
    shown: list[tuple[str, float, str]] = [("o", 7, "printed")]
    for method in result.solver.values:
        if np.isfinite(result.pressure.sel(solver=method)).any():
            shown.append(MARKS[str(method)])
    ax = figure.add_axes((x / WIDE, 0, 0.12, 1))
    ax.set_axis_off()
    ax.set(xlim=(0, 0.12 * WIDE), ylim=(0, TALL))
    for marker, size, words in shown:
        ax.plot([0.08], [y], marker, color=INK, mfc="none" if marker == "o" else INK, ms=size, mew=1.1)
        write(figure, x + 0.22, y, words, SIZE)
        y -= 0.2
    for words, colour in (
        ("▽ printed as zero", PALE),
        ("bar: half of the", PALE),
        ("last printed digit", PALE),
        (f"grey: ±{BAND:g} dex", PALE),
    ):
        write(figure, x, y, words, SIZE - 1, colour)
        y -= 0.17
    if not np.isfinite(result.pressure.values).any():
        write(figure, x, y - 0.1, "nothing computed", SIZE, HOT)
