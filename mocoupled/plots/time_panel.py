"""A panel along time: lines or bands of a run, their names, and what to write where there are none."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from .minor_ticks import draw_minor_ticks
from .style import GRAPHITE, INK, PALE, axis_limits, name_ends, set_ticks
from .view import Curve, View

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SHADE = 0.2  # opacity of an error
WIDEST = 23.0  # standard deviation of a logarithm beyond which nothing is known: a factor of 1e10


@dataclass(frozen=True)
class TimePanel:
    """A panel: its title and axis label, its curves, what to write where there are none, how its axis runs.

    note: for the caption. named: whether a curve that stands alone is named too.
    bands: shares one above the other instead of lines. named_above: curves that never get higher are not
    named.
    """

    title: str
    label: str
    curves: Callable[[View], list[Curve]]
    absent: str
    log: bool = False
    limits: tuple[float, float] | None = None
    bands: bool = False
    named_above: float = -np.inf
    note: str = ""
    named: bool = False

    def draw(self, ax: Axes, view: View) -> list[str]:
        """Draw it; returns sentences for the caption on what the panel cannot show."""
        curves = self.curves(view)
        values = np.array([c.shown for c in curves])
        finite = np.isfinite(values)
        gaps = ~np.isfinite([c.values for c in curves])
        seen = finite & (values > 0 if self.log else True)
        if not seen.any():
            self._draw_nothing(ax, view, finite)
            return []
        on_axis = seen & view.axis.shows(view.time)
        limits = self.limits or axis_limits(self._reached(curves, values, on_axis, seen), self.log)
        seen &= values >= (limits[0] if self.log else -np.inf)
        if self.bands:
            heights = self._draw_bands(ax, view, curves)
        else:
            self._draw_errors(ax, view, curves, seen)
            heights = self._draw_lines(ax, view, curves, seen, limits)
        self._dress(ax, view, limits)
        named = self.named or len(curves) > 1 or curves[0].name in view.names
        if named:
            ends = [
                (float(np.clip(height, 0.0, 1.0)), curve.text, curve.colour)
                for curve, height in zip(curves, heights)
                if np.isfinite(height)
            ]
            name_ends(ax, view.size, ends)
        return [*([self.note] if self.note else []), *self._notes(curves, gaps, seen)]

    def _edges(self, curve: Curve) -> np.ndarray:
        """One standard deviation below and above a curve (2, time); of its logarithm on a log axis."""
        error = curve.error
        if error is None:
            return np.full((2, len(curve.values)), np.nan)
        with np.errstate(all="ignore"):
            if self.log:
                ln = np.clip(error / curve.shown, 0.0, WIDEST)
                return np.array([curve.shown * np.exp(-ln), curve.shown * np.exp(ln)])
        return np.array([curve.shown - error, curve.shown + error])

    def _reached(
        self, curves: Sequence[Curve], values: np.ndarray, on_axis: np.ndarray, seen: np.ndarray
    ) -> np.ndarray:
        """The values that the axis shows: of the curves, and the edges of their errors."""
        chosen = on_axis if on_axis.any() else seen
        edges = np.array([self._edges(c) for c in curves]).transpose(1, 0, 2)[:, chosen]
        return np.concatenate([values[chosen], edges[np.isfinite(edges)]])

    def _draw_errors(self, ax: Axes, view: View, curves: Sequence[Curve], seen: np.ndarray) -> None:
        """Shade one standard deviation on both sides of each curve."""
        for curve, some in zip(curves, seen):
            low, high = self._edges(curve)
            there = some & np.isfinite(low) & np.isfinite(high)
            if there.any():
                ax.fill_between(
                    view.time,
                    low,
                    high,
                    where=there,
                    color=curve.colour,
                    alpha=SHADE,
                    linewidth=0,
                    label=f"_error of {curve.name}",
                )

    def _draw_nothing(self, ax: Axes, view: View, finite: np.ndarray) -> None:
        """An empty panel that says why."""
        sentence = self.absent
        if finite.size:
            sentence = "zero throughout" if finite.any() else "not a number throughout"
        ax.set(xticks=[], yticks=[])
        ax.spines[:].set_color("#CCCCCC")
        ax.text(
            0.5,
            0.5,
            sentence,
            transform=ax.transAxes,
            ha="center",
            va="center",
            fontsize=view.size + 1,
            color=PALE,
        )

    def _notes(self, curves: Sequence[Curve], gaps: np.ndarray, seen: np.ndarray) -> list[str]:
        """Sentences on curves below the axis, and on gaps: values that are not numbers."""
        notes = []
        there = np.array([np.any(np.isfinite(c.shown)) for c in curves])
        small = there & ~np.any(seen, axis=1)
        if small.any():
            quantity = self.label.partition(" (")[0].lower()
            notes.append(f"too small for the axis of {quantity}: {_listed(curves, small)}")
        if gaps.any():
            notes.append(f"gaps where the values are not numbers: {_listed(curves, np.any(gaps, axis=1))}")
        return notes

    def _draw_lines(
        self,
        ax: Axes,
        view: View,
        curves: Sequence[Curve],
        seen: np.ndarray,
        limits: tuple[float, float],
    ) -> list[float]:
        """Draw lines, with a dot where a value has no neighbour; the height 0..1 of each name, or NaN."""
        scale = np.log10 if self.log else np.asarray
        heights, (low, high) = [], scale(limits)
        for curve, some in zip(curves, seen):
            dots = _isolated(some)
            ax.plot(
                view.time,
                curve.shown,
                color=curve.colour,
                linestyle=curve.style,
                linewidth=0.2 * view.size,
                label=curve.name,
                marker="o" if dots else "",
                markevery=dots or None,
                markersize=0.55 * view.size,
                solid_capstyle="butt",
            )
            height = np.nan
            if some.any() and curve.values[some].max() > self.named_above:
                height = float((scale(curve.values[some][-1]) - low) / (high - low))
            heights.append(height)
        return heights

    def _draw_bands(self, ax: Axes, view: View, curves: Sequence[Curve]) -> list[float]:
        """Draw bands one above the other; the height 0..1 of each name, or NaN."""
        edges = np.cumsum([np.zeros_like(view.time), *(c.values for c in curves)], axis=0)
        whole = np.isfinite(edges[-1])
        heights, dots = [], _isolated(whole)
        for curve, low, high in zip(curves, edges, edges[1:]):
            ax.fill_between(view.time, low, high, color=curve.colour, linewidth=0.2, label=curve.name)
            ax.vlines(
                view.time[dots],
                low[dots],
                high[dots],
                color=curve.colour,
                linewidth=2 * view.size,
                label=f"_{curve.name}",
            )
            height = np.nan
            if whole.any() and curve.values[whole].max() > self.named_above:
                height = float(0.5 * (low + high)[whole][-1])
            heights.append(height)
        return heights

    def _dress(self, ax: Axes, view: View, limits: tuple[float, float]) -> None:
        """Scales, limits, ticks, axis label, and the marks where a lid closes and where graphite begins."""
        view.axis.dress(ax)
        if self.log:
            ax.set_yscale("log", nonpositive="mask")
        ax.set_ylim(limits)
        set_ticks(ax.yaxis, self.log, limits)
        ax.set_ylabel(self.label, fontsize=view.size + 0.5, color=INK)
        ax.tick_params(which="both", direction="in", top=True, right=True, labelsize=view.size, colors=INK)
        ax.grid(True, which="major", color="#E6E6E6", linewidth=0.6)
        ax.set_axisbelow(True)
        if view.lid_mark is not None:
            ax.axvline(view.lid_mark, color=INK, linewidth=0.9, linestyle=(0, (1, 2)), label="_lid")
        draw_minor_ticks(ax)
        if view.onset is None:
            return
        start, across = max(view.onset, view.axis.span[0]), ax.get_xaxis_transform()
        ax.vlines(
            start,
            0,
            1,
            transform=across,
            color=GRAPHITE,
            linewidth=0.9,
            linestyle=(0, (2, 2)),
            label="_onset",
        )
        ax.scatter(
            [start],
            [1.0],
            marker="v",
            s=2.6 * view.size,
            color=GRAPHITE,
            transform=across,
            clip_on=False,
            zorder=5,
        )


def _isolated(seen: np.ndarray) -> list[int]:
    """Indices of values with no neighbour to join by a line: each needs a mark."""
    padded = np.concatenate([[False], seen, [False]])
    return [int(k) for k in np.flatnonzero(seen & ~padded[:-2] & ~padded[2:])]


def _listed(curves: Sequence[Curve], which: Iterable[bool]) -> str:
    return ", ".join(c.text for c, chosen in zip(curves, which) if chosen)
