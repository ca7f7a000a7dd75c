"""The time axis of a figure of a run: where it starts, and the time since the lid, which is linear."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from .style import INK, number, set_ticks

if TYPE_CHECKING:
    import xarray
    from matplotlib.axes import Axes

# shares of its way that a quantity has gone: where a log axis starts; what it never hides
MOVED, MUCH = 0.01, 0.05
MOST_DECADES = 4  # of a log axis, up to the lid or the end
QUANTITIES = ("surface_temperature", "melt_fraction")  # whose way counts
# what follows a lid has this share of the axis; where a log axis gives it READABLE, the axis has one scale
UNDER_LID, READABLE = 0.4, 0.3
APART = 0.1  # share of the axis between the tick of the lid and others
UNITS = ((1e9, "Gyr"), (1e6, "Myr"), (1e3, "kyr"), (1.0, "yr"))
BACKGROUND = "#F4F4F4"  # of what follows the lid


@dataclass(frozen=True)
class TimeAxis:
    """log: whether it is logarithmic; span: its two ends [yr].

    lid [yr]: where the logarithmic part ends and the time since the lid begins, which is linear; None for an
    axis of one scale.
    """

    log: bool
    span: tuple[float, float]
    lid: float | None = None

    def later(self, start: float) -> TimeAxis:
        """The axis from a later start [yr], a decade or more before its lid."""
        latest = self.span[1] if self.lid is None else self.lid / 10
        return replace(self, span=(max(self.span[0], min(start, latest)), self.span[1]))

    def shows(self, time: np.ndarray) -> np.ndarray:
        """Whether times [yr] lie between the ends of the axis."""
        first, last = self.span
        return (time >= first * (1 - 1e-12)) & (time <= last * (1 + 1e-12))

    def places(self, time: np.ndarray) -> np.ndarray:
        """Times [yr] as places on the axis: 0 at its start, 1 at its end."""
        first, last = self.span
        time = np.asarray(time, dtype=float)
        if not self.log:
            return (time - first) / (last - first)
        positive = np.maximum(time, 1e-9 * first)
        if self.lid is None:
            return np.log(positive / first) / np.log(last / first)
        before = (1 - UNDER_LID) * np.log(positive / first) / np.log(self.lid / first)
        under = 1 - UNDER_LID + UNDER_LID * (time - self.lid) / (last - self.lid)
        return np.where(time < self.lid, before, under)

    def times(self, places: np.ndarray) -> np.ndarray:
        """The times [yr] at places on the axis: the inverse of `places`."""
        first, last = self.span
        places = np.asarray(places, dtype=float)
        if not self.log:
            return first + places * (last - first)
        if self.lid is None:
            return first * (last / first) ** places
        before = first * (self.lid / first) ** (np.minimum(places, 1 - UNDER_LID) / (1 - UNDER_LID))
        under = self.lid + (places - 1 + UNDER_LID) / UNDER_LID * (last - self.lid)
        return np.where(places < 1 - UNDER_LID, before, under)

    def dress(self, ax: Axes) -> None:
        """Scale, ends and ticks of the axis of a panel; a grey ground for the time since the lid."""
        if self.lid is not None:
            ax.set_xscale("function", functions=(self.places, self.times))
            ax.set_xlim(self.span)
            self._ticks(ax, self.lid)
            ax.axvspan(self.lid, self.span[1], color=BACKGROUND, zorder=0.1, linewidth=0, label="_under_lid")
            return
        if self.log:
            ax.set_xscale("log", nonpositive="clip")
        ax.set_xlim(self.span)
        set_ticks(ax.xaxis, self.log, self.span)

    def label(self, ax: Axes, size: float) -> None:
        """The label, of a size [pt]; a second one for the time since the lid, where the panel has ticks."""
        if self.lid is None or not len(ax.get_xticks()):
            ax.set_xlabel("Time (yr)", fontsize=size, color=INK)
            return
        ax.set_xlabel("Time (yr)", fontsize=size, color=INK, x=0.5 * (1 - UNDER_LID))
        _, unit = self._unit
        at, below = (1 - 0.5 * UNDER_LID, 0.0), (0.0, -7.2 - 1.5 * size)
        look: dict[str, Any] = {
            "fontsize": size,
            "color": INK,
            "ha": "center",
            "va": "center",
            "parse_math": False,
        }
        ax.annotate(f"Since the lid ({unit})", at, below, "axes fraction", "offset points", **look)

    @property
    def _unit(self) -> tuple[float, str]:
        """Size [yr] and name of the unit of the time since the lid."""
        since = self.span[1] - (self.lid or 0.0)
        return next(((size, name) for size, name in UNITS if since >= size), UNITS[-1])

    def _ticks(self, ax: Axes, lid: float) -> None:
        """Ticks of time before the lid, of the lid, and of the time since then."""
        from matplotlib.ticker import FixedFormatter, FixedLocator, LogLocator, MaxNLocator

        first, last = self.span
        subs = (1.0, 2.0, 5.0) if lid / first < 60 else (1.0,)
        before = np.asarray(LogLocator(subs=subs).tick_values(first, lid))
        before = before[(before >= first) & (self.places(before) < 1 - UNDER_LID - APART)]
        plain = first >= 1e-3 and lid <= 2e4
        texts = [f"{t:.6g}" if plain else number(t, 1, power=True) for t in before]
        size, _ = self._unit
        since = np.asarray(MaxNLocator(nbins=4, steps=[1, 2, 2.5, 5, 10]).tick_values(0.0, last - lid))
        since = since[(since * UNDER_LID / (last - lid) > APART) & (since <= last - lid)]
        texts += ["lid", *(number(t / size, 6) for t in since)]
        ax.xaxis.set_major_locator(FixedLocator([*before, lid, *(lid + since)]))
        ax.xaxis.set_major_formatter(FixedFormatter(texts))
        minor = LogLocator(subs=tuple(np.arange(1.0, 10.0)), numticks=99).tick_values(first, lid)
        ax.xaxis.set_minor_locator(FixedLocator([t for t in minor if first <= t < lid]))


def time_axis_of(time: np.ndarray, result: xarray.Dataset, time_axis: str, lid: float | None) -> TimeAxis:
    """The axis of a run. time [yr]: stored; time_axis: "log" or "linear"; lid: when it closed [yr], or None.

    A log axis starts where surface temperature or melt fraction has gone MOVED of its way, at most
    MOST_DECADES before the lid or the end, but never so late that MUCH of a way is hidden. It is linear if
    less than a decade remains. What follows a lid is linear in the time since then, with UNDER_LID of the
    axis, unless it has READABLE of the log axis.
    """
    if time.size == 1:
        return TimeAxis(False, (time[0] - 0.5 * max(time[0], 1.0), time[0] + 0.5 * max(time[0], 1.0)))
    end = float(time[-1])
    under = lid is not None and lid < end
    until = lid if lid is not None and under else end
    start = _start(time, result, until)
    if time_axis != "log" or until < 10 * start:
        return TimeAxis(False, (float(time[0]), end))
    share = np.log(end / until) / np.log(end / start)
    return TimeAxis(True, (start, end), until if under and share < READABLE else None)


def _start(time: np.ndarray, result: xarray.Dataset, until: float) -> float:
    """Where a log axis starts [yr]. until: the lid or the end [yr]."""
    first = float(time[time > 0][0])
    ways = []
    for name in QUANTITIES:
        if name in result:
            values = np.asarray(result[name].values, dtype=float)
            way = np.nan_to_num(np.abs(values - values[0]))
            if way.max() > 0.0:
                ways.append(way)
    moved = min((_gone(time, way, MOVED) for way in ways), default=first)
    much = min((_gone(time, way, MUCH) for way in ways), default=first)
    return max(first, min(max(moved, until / 10**MOST_DECADES), much))


def _gone(time: np.ndarray, way: np.ndarray, share: float) -> float:
    """The last stored time [yr] before a quantity has gone a share of its way."""
    beyond = int(np.flatnonzero(way > share * way.max())[0])
    return float(time[beyond - 1])
