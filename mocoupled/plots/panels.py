"""Pages of panels for figures of many runs: placed in inches, lettered, with one legend and a caption."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .settings import new_figure
from .style import DPI, HOT, INK, PALE, Look, set_ticks, write

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

SIZE = 7.5  # pt
LINE = 0.125  # inches between lines of the caption
LID_MELT = 30.0  # %, where equilibrium crystallisation ends
Limits = tuple[float, float]


@dataclass(frozen=True)
class Layout:
    """A grid of panels: their number, size and gaps, and the margins around them [inches].

    columns, rows: number. wide, tall: size of a panel. across, down: gaps.
    """

    columns: int
    rows: int
    wide: float
    tall: float
    across: float = 0.16
    down: float = 0.16
    left: float = 0.62
    right: float = 0.2
    top: float = 0.8
    bottom: float = 0.98

    @property
    def size(self) -> tuple[float, float]:
        """Width and height of the page [inches]."""
        width = self.left + self.columns * self.wide + (self.columns - 1) * self.across + self.right
        return width, self.top + self.rows * self.tall + (self.rows - 1) * self.down + self.bottom

    def place(self, row: int, column: int) -> tuple[float, float, float, float]:
        """Left, bottom, width, height of a panel [inches]."""
        x = self.left + column * (self.wide + self.across)
        return x, self.size[1] - self.top - (row + 1) * self.tall - row * self.down, self.wide, self.tall


def page(layout: Layout, title: str, caption: str) -> Figure:
    """An empty page with its title and, below, its caption."""
    width, height = layout.size
    figure = new_figure(figsize=(width, height), dpi=DPI)
    write(figure, layout.left, height - 0.2, title, SIZE + 2.5, weight="bold")
    lines = textwrap.wrap(
        caption,
        int((width - layout.left - 0.1) / 0.0508),
        max_lines=4,
        placeholder=" …",
        break_on_hyphens=False,
    )
    for k, line in enumerate(reversed(lines)):
        write(figure, layout.left, 0.12 + LINE * k, line, 6.5, PALE)
    return figure


def panel(figure: Figure, layout: Layout, row: int, column: int, letter: int, above: bool = False) -> Axes:
    """One panel of the page; letter: 0 for (a), 1 for (b), …, in its upper left corner or above that."""
    width, height = layout.size
    x, y, w, h = layout.place(row, column)
    ax = figure.add_axes((x / width, y / height, w / width, h / height))
    ax.tick_params(which="both", direction="in", top=True, right=True, labelsize=SIZE, colors=INK)
    ax.set_axisbelow(True)
    x, y = (0.0, 1.025) if above else (0.03, 0.955)
    box = {"facecolor": "white", "alpha": 0.75, "edgecolor": "none", "pad": 1.2}
    ax.text(
        x,
        y,
        f"({chr(97 + letter)})",
        transform=ax.transAxes,
        fontsize=SIZE,
        color=INK,
        va="bottom" if above else "top",
        weight="bold",
        bbox=box,
        zorder=9,
    )
    return ax


def dress(
    ax: Axes,
    limits: tuple[Limits, Limits],
    log: tuple[bool, bool] = (False, False),
    labels: tuple[str | None, str | None] = ("", ""),
    grid: bool = True,
) -> None:
    """Scales, limits and ticks of both axes.

    limits, log, labels: of x and of y. A label None hides the numbers too. grid: whether lines are drawn.
    """
    (low, high), logarithmic, label = limits[0], log[0], labels[0]
    if logarithmic:
        ax.set_xscale("log", nonpositive="clip")
    ax.set_xlim(low, high)
    set_ticks(ax.xaxis, logarithmic, (min(low, high), max(low, high)))
    if label is None:
        ax.tick_params(labelbottom=False)
    else:
        ax.set_xlabel(label, fontsize=SIZE + 0.5, color=INK, labelpad=2)
    (low, high), logarithmic, label = limits[1], log[1], labels[1]
    if logarithmic:
        ax.set_yscale("log", nonpositive="mask")
    ax.set_ylim(low, high)
    set_ticks(ax.yaxis, logarithmic, (min(low, high), max(low, high)))
    if label is None:
        ax.tick_params(labelleft=False)
    else:
        ax.set_ylabel(label, fontsize=SIZE + 0.5, color=INK, labelpad=2)
    if grid:
        ax.grid(True, which="major", color="#E9E9E9", linewidth=0.5)


def absent(ax: Axes, words: str = "no complete run") -> None:
    """An empty panel that says why."""
    ax.set(xticks=[], yticks=[])
    ax.spines[:].set_color("#CCCCCC")
    ax.text(
        0.5,
        0.5,
        words,
        transform=ax.transAxes,
        ha="center",
        va="center",
        fontsize=SIZE,
        color=HOT if "run" in words else PALE,
        linespacing=1.4,
    )


def legend(
    figure: Figure,
    layout: Layout,
    entries: Sequence[tuple[str, Look]],
    x: float | None = None,
    y: float | None = None,
    filled: bool = False,
) -> None:
    """One line of samples and names. entries: (text, keywords of a line, or of a patch if filled); x, y
    [inches]."""
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    width, height = layout.size
    left = layout.left if x is None else x
    middle = height - 0.42 if y is None else y
    samples: list[Artist] = []
    for text, look in entries:
        samples.append(Patch(**look, label=text) if filled else Line2D([], [], **look, label=text))
    figure.legend(
        handles=samples,
        loc="center left",
        bbox_to_anchor=(left / width, middle / height),
        ncols=len(samples),
        frameon=False,
        fontsize=SIZE,
        handlelength=1.0 if filled else 2.0,
        columnspacing=1.3,
        handletextpad=0.5,
        borderpad=0,
        borderaxespad=0,
    )
