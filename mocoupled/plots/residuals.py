"""The bar chart of a comparison: how far off each species is, and each row of the table, in dex."""

from __future__ import annotations

import os
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ..errors import InputError
from .comparison import BAND, MARKS, _colours
from .settings import new_figure, plainly
from .style import DPI, FORMATS, INK, PALE, choose, formula, save, set_ticks, write

if TYPE_CHECKING:
    import xarray
    from matplotlib.figure import Figure

WIDE, TALL, SIZE = 11.69, 8.27, 8.0  # inches, pt
SPECIES_SHOWN, ROWS_SHOWN = 45, 60
FEW = 4  # rows whose names stand level
METHODS = ("full", "ours", "oracle", "cea")  # the first that has values is drawn


@plainly
def draw_residuals(
    result: xarray.Dataset, folder: str | os.PathLike, name: str = "residuals", format: str = "png"
) -> list[Path]:
    """Write the bar chart of a comparison's differences, one page; the paths written.

    result: as `mocoupled.compare.dataset` gives it. Above: for each species the median of log10(computed/printed) over
    the rows as a bar, each row as a dot; below: for each row the species that is farthest off.
    """
    choose("format", format, FORMATS)
    if not {"theirs", "pressure", "difference"} <= set(result) or not result.sizes["record"]:
        raise InputError(
            "result",
            "it is not a comparison, or an empty one.",
            "allowed: a Dataset as mocoupled.compare.dataset gives it",
        )
    path = Path(folder)
    path.mkdir(parents=True, exist_ok=True)
    return [save(_page(result), path / f"{name}.{format}", {"case_name": result.attrs.get("title", "")})]


def _page(result: xarray.Dataset) -> Figure:
    figure = new_figure(figsize=(WIDE, TALL), dpi=DPI)
    top = figure.add_axes((0.085, 0.565, 0.89, 0.335))
    bottom = 0.215 if result.sizes["record"] > FEW else 0.125
    low = figure.add_axes((0.085, bottom, 0.89, 0.45 - bottom))
    difference = result.difference.transpose("record", "solver", "species")
    method = next((m for m in METHODS if np.isfinite(difference.sel(solver=m).values).any()), METHODS[0])
    values = difference.sel(solver=method).values
    colours = _colours(result)
    limits = _limits(values)
    shown = _order(result, values)
    _by_species(top, result, values, shown[:SPECIES_SHOWN], colours, limits)
    _by_row(low, result, values, colours, limits)
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


def _limits(values) -> tuple[float, float]:
    finite = values[np.isfinite(values)]
    most = max(0.04, 1.25 * float(np.abs(finite).max())) if finite.size else 0.04
    return -most, most


def _order(result, values) -> list[int]:
    """Species with a difference, the largest printed share first."""
    theirs = result.theirs.transpose("record", "species").values
    with np.errstate(all="ignore"):
        share = np.nanmax(
            np.where(np.isfinite(values), theirs / result.surface_pressure.values[:, None], np.nan),
            axis=0,
            initial=-1.0,
        )
    return [
        int(j)
        for j in np.argsort(-np.nan_to_num(share, nan=-1.0), kind="stable")
        if np.isfinite(values[:, j]).any()
    ]


def _by_species(ax, result, values, shown, colours, limits):
    """A bar for the median of a species over the rows, a dot for each row, a light bar for the printed rounding."""
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


def _by_row(ax, result, values, colours, limits):
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
    several = len(set(result.program.values.tolist())) > 1
    columns = zip(result.record.values, result.program.values, result.temperature.values)
    names = [
        textwrap.shorten(f"{n}{f', {p}' if several else ''}, {float(T):.5g} K", 38, placeholder="…")
        for n, p, T in columns
    ]
    ax.set_xticklabels(
        [names[k] for k in range(0, rows, step)],
        fontsize=SIZE - 1.5,
        rotation=0 if rows <= FEW else 30,
        ha="center" if rows <= FEW else "right",
        parse_math=False,
    )


def _words(figure, result, method, compared):
    """Title, headings and caption."""
    left = 0.085 * WIDE
    write(
        figure,
        left,
        TALL - 0.4,
        textwrap.shorten(result.attrs.get("title", ""), 100, placeholder=" …"),
        13,
        weight="bold",
    )
    hidden = f" (the {SPECIES_SHOWN} most abundant of {compared})" if compared > SPECIES_SHOWN else ""
    write(
        figure,
        left,
        0.912 * TALL,
        f"By species{hidden}: bar, median of the rows; dots, the rows; the most abundant first",
        SIZE,
    )
    write(figure, left, 0.462 * TALL, "By row: the species that is farthest off", SIZE)
    what = result.attrs.get(f"method_{method}", "")
    lines = textwrap.wrap(
        f"Computed: {MARKS[method][2]}{', ' + what if what else ''}.  Printed: {result.attrs.get('source', '') or 'the table'}.  Grey: ±{BAND:g} dex. 0.01 dex is 2.3 %.",
        190,
        max_lines=3,
        placeholder=" …",
    )
    for k, line in enumerate(reversed(lines)):
        write(figure, left, 0.16 + 0.14 * k, line, 7, PALE)
