"""Figures of many runs on a grid: mixing ratios or partial pressures against the melt fraction."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from ..constants import BAR
from .panels import LID_MELT, SIZE, Layout, absent, dress, legend, page, panel
from .settings import plainly
from .style import FURTHER, INK, SPECIES, axis_limits, formula, write

if TYPE_CHECKING:
    import xarray
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# bands from below: hydrogen species, methane, the other carbon species
STACK = ("H2O", "H2", "CH4", "CO2", "CO")
MELT = "Melt fraction (%)"


def _grid(rows: Sequence[str], columns: Sequence[str], tall: float) -> Layout:
    """A page of panels for these headings. tall: height of a panel [inches]."""
    return Layout(
        len(columns), len(rows), 2.02, tall, across=0.14, down=0.14, left=0.95, top=0.86, bottom=0.98
    )


def _headings(figure: Figure, layout: Layout, rows: Sequence[str], columns: Sequence[str]) -> None:
    """Headings above the columns, and beside the rows."""
    width, height = layout.size
    for k, text in enumerate(columns):
        x, _, w, _ = layout.place(0, k)
        write(figure, x + w / 2, height - layout.top + 0.1, text, SIZE + 0.5, weight="bold", align="center")
    for k, text in enumerate(rows):
        _, y, _, h = layout.place(k, 0)
        figure.text(
            0.16 / width,
            (y + h / 2) / height,
            text,
            fontsize=SIZE + 0.5,
            color=INK,
            weight="bold",
            rotation=90,
            ha="center",
            va="center",
            parse_math=False,
        )


def _melt_ticks(ax: Axes, column: int, columns: int) -> None:
    """The ends of the axis are numbered where no neighbour's number stands."""
    first = [100] if column == 0 else []
    last = [0] if column == columns - 1 else []
    ax.set_xticks([*first, 80, 60, 40, 20, *last])


def _colour(species: str, names: Sequence[str]) -> str:
    others = [s for s in names if s not in SPECIES]
    return SPECIES.get(species) or FURTHER[others.index(species) % len(FURTHER)]


def _species(runs: Iterable[xarray.Dataset]) -> list[str]:
    """Every species of the runs: those of STACK first, in its order."""
    species = dict.fromkeys(str(s) for run in runs for s in run.species.values)
    return [s for s in STACK if s in species] + [s for s in species if s not in STACK]


@plainly
def draw_mixing_ratios(
    rows: Sequence[str],
    columns: Sequence[str],
    runs: Mapping[tuple[int, int], xarray.Dataset],
    title: str,
    caption: str,
) -> Figure:
    """Volume mixing ratios as bands one above the other, against the melt fraction, which falls to the right.

    rows, columns: headings. runs: (row, column) -> a run; a panel without a run says so.
    The white dotted line is at 30 % melt.
    """
    layout = _grid(rows, columns, 1.32)
    figure = page(layout, title, caption)
    names = _species(runs.values())
    for i in range(len(rows)):
        for j in range(len(columns)):
            ax = panel(figure, layout, i, j, i * len(columns) + j)
            run = runs.get((i, j))
            if run is None:
                absent(ax)
                continue
            melt = 100 * run.melt_fraction.values
            low = np.zeros(melt.size)
            for s in (s for s in names if s in run.species):
                high = low + 100 * run.mixing_ratio.sel(species=s).values
                ax.fill_between(melt, low, high, color=_colour(s, names), linewidth=0.15, label=s)
                low = high
            ax.axvline(LID_MELT, color="white", linewidth=1.3, linestyle=(0, (1, 1.4)))
            ends = MELT if i == len(rows) - 1 else None, "Mixing ratio (%)" if j == 0 else None
            dress(ax, ((100, 0), (0, 100)), labels=ends, grid=False)
            _melt_ticks(ax, j, len(columns))
    _headings(figure, layout, rows, columns)
    legend(figure, layout, [(formula(s), {"color": _colour(s, names)}) for s in names], filled=True)
    return figure


@plainly
def draw_pressures(
    rows: Sequence[str],
    columns: Sequence[str],
    runs: Mapping[tuple[int, int], xarray.Dataset],
    title: str,
    caption: str,
) -> Figure:
    """Partial pressures [bar] against the melt fraction, with one logarithmic axis for all panels.

    The arguments are those of `draw_mixing_ratios`.
    """
    layout = _grid(rows, columns, 1.6)
    figure = page(layout, title, caption)
    names = _species(runs.values())
    values = [run.pressure.values[run.pressure.values > 0] / BAR for run in runs.values()]
    limits = axis_limits(np.concatenate(values), True) if values else (1e-3, 1e3)
    limits = max(limits[0], limits[1] * 1e-6), 10 * limits[1]  # room for the letter of the panel
    for i in range(len(rows)):
        for j in range(len(columns)):
            ax = panel(figure, layout, i, j, i * len(columns) + j)
            run = runs.get((i, j))
            if run is None:
                absent(ax)
                continue
            melt = 100 * run.melt_fraction.values
            for s in (s for s in names if s in run.species):
                ax.plot(
                    melt,
                    run.pressure.sel(species=s).values / BAR,
                    color=_colour(s, names),
                    linewidth=1.3,
                    label=s,
                )
            ax.plot(
                melt,
                run.surface_pressure.values / BAR,
                color=INK,
                linewidth=0.8,
                linestyle=(0, (1, 1.2)),
                label="total",
            )
            ax.axvline(LID_MELT, color="#888888", linewidth=0.9, linestyle=(0, (1, 1.4)))
            ends = MELT if i == len(rows) - 1 else None, "Pressure (bar)" if j == 0 else None
            dress(ax, ((100, 0), limits), log=(False, True), labels=ends)
            _melt_ticks(ax, j, len(columns))
    _headings(figure, layout, rows, columns)
    lines = [(formula(s), {"color": _colour(s, names), "linewidth": 1.5}) for s in names]
    legend(figure, layout, [*lines, ("total", {"color": INK, "linewidth": 0.8, "linestyle": (0, (1, 1.2))})])
    return figure
