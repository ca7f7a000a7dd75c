"""The bar chart of a comparison: how far off each species is, and each row of the table, in dex."""

from __future__ import annotations

import os
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from .comparison import BAND, MARKS, folder_for, species_colours
from .settings import new_figure, plainly
from .style import DPI, INK, PALE, formula, save, set_ticks, write

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import xarray
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WIDE, TALL, SIZE = 11.69, 8.27, 8.0  # inches, pt
SPECIES_SHOWN, ROWS_SHOWN = 45, 60
FEW = 4  # rows whose names stand level
METHODS = ("full", "ours", "oracle", "cea")  # the first that has values is drawn


@plainly
def draw_residuals(
    result: xarray.Dataset, folder: str | os.PathLike[str], name: str = "residuals", format: str = "png"
) -> list[Path]:
    """Write the bar chart of a comparison's differences, one page; the paths written.

    result: as `mocoupled compare` makes it.
    Above: for each species the median of log10(computed/printed) over the rows as a bar, each row as a dot.
    Below: for each row the species that is farthest off.
    InputError for another Dataset, an empty one, or an unknown format.
    """
    path = folder_for(result, folder, format)
    return [save(_page(result), path / f"{name}.{format}", {"case_name": result.attrs.get("title", "")})]


def _page(result: xarray.Dataset) -> Figure:
    figure = new_figure(figsize=(WIDE, TALL), dpi=DPI)
    top = figure.add_axes((0.085, 0.565, 0.89, 0.335))
    bottom = 0.215 if result.sizes["record"] > FEW else 0.125
    low = figure.add_axes((0.085, bottom, 0.89, 0.45 - bottom))
    difference = result.difference.transpose("record", "solver", "species")
    method = next((m for m in METHODS if np.isfinite(difference.sel(solver=m).values).any()), METHODS[0])
    values = difference.sel(solver=method).values
    colours = species_colours(result)
    limits = _limits(values)
    shown = _order(result, values)
    _by_species(top, result, values, shown[:SPECIES_SHOWN], colours)
    _by_row(low, result, values, colours)
    for ax in (top, low):
        ax.axhspan(-BAND, BAND, color="#F3F3F3", zorder=0)
        ax.axhline(0, color=PALE, linewidth=0.7)
        ax.set_ylim(*limits)
        set_ticks(ax.yaxis, False, limits)
        ax.set_ylabel("log₁₀ computed/printed (dex)", fontsize=SIZE, color=INK)
        ax.tick_params(which="both", direction="in", right=True, labelsize=SIZE, colors=INK)
        ax.grid(True, which="major", axis="y", color="#EEEEEE", linewidth=0.6)
        ax.set_axisbelow(True)
    _words(figure, result, method, len(shown))
    return figure


def _limits(values: np.ndarray) -> tuple[float, float]:
    finite = values[np.isfinite(values)]
    most = max(0.04, 1.25 * float(np.abs(finite).max())) if finite.size else 0.04
    return -most, most


def _order(result: xarray.Dataset, values: np.ndarray) -> list[int]:
    """Indices of the species with a difference, the largest printed share first."""
    theirs = result.theirs.transpose("record", "species").values
    with np.errstate(all="ignore"):
        shares = np.where(np.isfinite(values), theirs / result.surface_pressure.values[:, None], np.nan)
        largest = np.nanmax(shares, axis=0, initial=-1.0)
    order = np.argsort(-np.nan_to_num(largest, nan=-1.0), kind="stable")
    return [int(j) for j in order if np.isfinite(values[:, j]).any()]


def _by_species(
    ax: Axes,
    result: xarray.Dataset,
    values: np.ndarray,
    shown: Sequence[int],
    colours: Mapping[str, str],
) -> None:
    """A bar for the median of a species over the rows, a dot for each row."""
    for x, j in enumerate(shown):
        species = str(result.species.values[j])
        column = values[:, j][np.isfinite(values[:, j])]
        ax.bar(
            x,
            float(np.median(column)),
            width=0.7,
            color=colours[species],
            alpha=0.75,
            label=f"median {species}",
        )
        place = x + (np.linspace(-0.25, 0.25, column.size) if column.size > 1 else np.zeros(1))
        ax.plot(place, column, "o", ms=2.6, color=INK, mew=0, label=f"rows {species}")
    ax.set_xlim(-0.6, max(len(shown), 1) - 0.4)
    ax.set_xticks(range(len(shown)))
    ax.set_xticklabels(
        [formula(str(result.species.values[j])) for j in shown],
        fontsize=SIZE,
        rotation=60 if len(shown) > 12 else 0,
        parse_math=False,
    )


def _by_row(ax: Axes, result: xarray.Dataset, values: np.ndarray, colours: Mapping[str, str]) -> None:
    """A bar for the species that is farthest off in each row, with its name."""
    rows = result.sizes["record"]
    step = -(-rows // ROWS_SHOWN)
    for k in range(rows):
        row = values[k]
        if not np.isfinite(row).any():
            ax.plot([k], [0], "x", color=PALE, ms=5, label="_nothing compared")
            continue
        j = int(np.nanargmax(np.abs(row)))
        species = str(result.species.values[j])
        ax.bar(
            k,
            float(row[j]),
            width=0.7 if rows > FEW else 0.3,
            color=colours[species],
            alpha=0.75,
            label=f"row {k}",
        )
        if rows <= ROWS_SHOWN:
            up = row[j] >= 0
            ax.annotate(
                formula(species),
                (k, float(row[j])),
                (0, 2 if up else -2),
                textcoords="offset points",
                ha="center",
                va="bottom" if up else "top",
                fontsize=SIZE - 1,
                parse_math=False,
            )
    ax.set_xlim(-0.6, rows - 0.4)
    ax.set_xticks(range(0, rows, step))
    names = _row_names(result)
    ax.set_xticklabels(
        [names[k] for k in range(0, rows, step)],
        fontsize=SIZE - 1.5,
        rotation=0 if rows <= FEW else 30,
        ha="center" if rows <= FEW else "right",
        parse_math=False,
    )


def _row_names(result: xarray.Dataset) -> list[str]:
    """Record, program (where there are several) and temperature of each row."""
    several = len(set(result.program.values.tolist())) > 1
    names = []
    for k in range(result.sizes["record"]):
        parts = [str(result.record.values[k])]
        if several:
            parts.append(str(result.program.values[k]))
        parts.append(f"{float(result.temperature.values[k]):.5g} K")
        names.append(textwrap.shorten(", ".join(parts), 38, placeholder="…"))
    return names


def _words(figure: Figure, result: xarray.Dataset, method: str, compared: int) -> None:
    """Title, headings and caption. compared: number of species."""
    left = 0.085 * WIDE
    title = textwrap.shorten(result.attrs.get("title", ""), 100, placeholder=" …")
    write(figure, left, TALL - 0.4, title, 13, weight="bold")
    hidden = f" (the {SPECIES_SHOWN} most abundant of {compared})" if compared > SPECIES_SHOWN else ""
    write(
        figure,
        left,
        0.912 * TALL,
        f"By species{hidden}: bar, median of the rows; dots, the rows; the most abundant first",
        SIZE,
    )
    write(figure, left, 0.462 * TALL, "By row: the species that is farthest off", SIZE)
    computed, description = MARKS[method][2], result.attrs.get(f"method_{method}", "")
    if description:
        computed += f", {description}"
    printed = result.attrs.get("source", "") or "the table"
    caption = f"Computed: {computed}.  Printed: {printed}.  Grey: ±{BAND:g} dex. 0.01 dex is 2.3 %."
    lines = textwrap.wrap(caption, 190, max_lines=3, placeholder=" …")
    for k, line in enumerate(reversed(lines)):
        write(figure, left, 0.16 + 0.14 * k, line, 7, PALE)
