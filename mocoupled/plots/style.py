"""How every figure looks and is written: colours, text, numbers, ticks, axis limits, names beside lines, whole files."""

from __future__ import annotations

import io
import re
import textwrap
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ..errors import InputError, nearest
from ..files import atomically
from .settings import new_figure, plainly

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

DPI = 150
WIDTH, LEFT, RIGHT, TOP, BOTTOM, GAP = (
    7.2,
    0.85,
    1.0,
    0.66,
    0.86,
    0.24,
)  # inches: figure, margins, between panels
FORMATS, TIME_AXES = ("png", "pdf"), ("log", "linear")
BOLD = 0.62  # mean width of a bold letter over its size
DECADES = (
    10  # a log axis shows no more than this below its largest value; what lies lower is named in the caption
)

# Okabe & Ito's colours (blind-safe) for the common species; P. Tol's "muted" ones, in broken lines, for all others.
SPECIES = {
    "H2O": "#0072B2",
    "H2": "#56B4E9",
    "CO2": "#D55E00",
    "CO": "#E69F00",
    "CH4": "#009E73",
    "N2": "#CC79A7",
}
FURTHER = ("#332288", "#882255", "#117733", "#999933", "#AA4499", "#CC6677", "#44AA99", "#661100")
BROKEN = ((0, (5, 1.5)), (0, (1, 1)), (0, (5, 1.5, 1, 1.5)))
TRAPPED, DISSOLVED, GRAPHITE, ESCAPED = "#5B4636", "#8C6D4F", "#222222", "#A8A8A8"
INK, PALE, WARM, HOT, GREY = "#222222", "#666666", "#D6604D", "#B2182B", "#4D4D4D"


def choose(what, name, known):
    """InputError for a name that is not among the known ones."""
    if name not in known:
        raise InputError(
            f"{what} {name!r}",
            f"no {what} has this name.",
            f"known: {', '.join(known)}",
            nearest(name, known),
        )


@plainly
def warm_up():
    """Load what every figure needs: matplotlib, its fonts and its renderer."""
    figure = new_figure(figsize=(1, 1))
    figure.add_subplot().set_title("0")
    figure.savefig(io.BytesIO(), format="png", dpi=20)


def axes(figure: Figure, box) -> Axes:
    """Axes in a box of the figure (left, bottom, width, height; 0..1). A title is not moved out of the way of ticks, which takes long."""
    ax = figure.add_axes(box)
    ax.set_title("", y=1.0)
    return ax


@plainly
def save(figure: Figure, path: Path, attrs, dpi: int = DPI, packed: int = 2) -> Path:
    """Write the figure to the path, whole or not at all. Of PNG: dpi, and packed, the level of compression (2 takes a
    third of the time of 6 and makes a tenth more; 9 is the smallest)."""
    drawn = io.BytesIO()
    own = {"png": {"Software": attrs.get("source", "mocoupled")}, "pdf": {"CreationDate": None}}[
        path.suffix[1:]
    ]
    title = {"Title": f"{attrs.get('case_name', '')}: {path.stem}"}
    packing = {"pil_kwargs": {"compress_level": packed}} if path.suffix == ".png" else {}
    figure.savefig(drawn, format=path.suffix[1:], dpi=dpi, metadata=title | own, **packing)
    atomically(path, lambda temporary: temporary.write_bytes(drawn.getbuffer()))
    return path


def formula(name: str) -> str:
    """A formula with its digits below the line: "H2O" -> "H₂O"."""
    return re.sub(
        r"(?<=[A-Za-z)])\d+", lambda m: m.group().translate(str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")), name
    )


def number(value: float, digits: int = 4, unit: str = "", power: bool = False) -> str:
    """A number for people: 1650 K, 0.02941, 1.35×10²¹; "not a number" where it is none. power: always with 10ⁿ."""
    if not np.isfinite(value):
        return "not a number" if np.isnan(value) else "infinite"
    if not power and (value == 0 or 1e-3 <= abs(value) < 1e5):
        return (f"{value:.{digits}g}" if abs(value) < 10**digits else f"{value:.0f}").replace("-", "−") + unit
    mantissa, exponent = f"{value:.{digits - 1}e}".replace("-", "−", int(value < 0)).split("e")
    mantissa = mantissa.rstrip("0").rstrip(".") if "." in mantissa else mantissa
    raised = "10" + str(int(exponent)).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")) + unit
    return raised if mantissa == "1" else f"{mantissa}×{raised}"


def set_ticks(axis, log: bool, limits):
    """Ticks with plain or power-of-ten labels, without mathtext (its parser is not made for threads)."""
    from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullFormatter

    if not log:
        tiny = 1e-9 * (limits[1] - limits[0])
        axis.set_major_locator(MaxNLocator(nbins=6, steps=[1, 2, 2.5, 5, 10]))
        axis.set_major_formatter(
            FuncFormatter(lambda value, _: number(0.0 if abs(value) < tiny else value, 6))
        )
        return
    decades = np.log10(limits[1] / limits[0])
    plain = 1e-3 <= limits[0] and limits[1] <= 2e4 and decades < 5
    axis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0) if decades < 1.8 else (1.0,), numticks=8))
    axis.set_minor_locator(LogLocator(subs=np.arange(2.0, 10.0) if decades < 8 else (1.0,), numticks=99))
    axis.set_major_formatter(
        FuncFormatter(lambda value, _: f"{value:.6g}" if plain else number(value, 1, power=True))
    )
    axis.set_minor_formatter(NullFormatter())


def axis_limits(values: np.ndarray, log: bool) -> tuple[float, float]:
    """Ends of an axis for these values: with a margin, or from 1, 2 or 5 to 1, 2 or 5 times a power of ten."""
    low, high = float(values.min()), float(values.max())
    if not log:
        margin = max(0.05 * (high - low), 1e-3 * max(abs(low), abs(high)), 1e-300)
        return low - margin, high + margin
    low = float(values[values >= high / 10**DECADES].min())
    margin = max(1.05, (high / low) ** 0.04)
    steps = np.array([1.0, 2.0, 5.0, 10.0])
    below, above = (steps * 10.0 ** np.floor(np.log10(v)) for v in (low / margin, high * margin))
    return float(below[below <= low / margin * (1 + 1e-9)][-1]), float(above[above >= high * margin][0])


def spread(wanted: np.ndarray, gap: float) -> np.ndarray:
    """Positions in 0..1, in the order of the sorted `wanted`, at least `gap` apart and nearest to it (least squares)."""
    blocks: list[
        tuple[float, int]
    ] = []  # isotonic regression of wanted - k gap: mean and size of each pooled block
    for k, value in enumerate(wanted):
        blocks.append((value - k * gap, 1))
        while len(blocks) > 1 and blocks[-2][0] > blocks[-1][0]:
            (b, m), (a, n) = blocks.pop(), blocks.pop()
            blocks.append(((a * n + b * m) / (n + m), n + m))
    steps = np.arange(len(wanted)) * gap
    return (
        np.clip(np.repeat([b for b, _ in blocks], [n for _, n in blocks]), 0.0, max(0.0, 1.0 - steps[-1]))
        + steps
    )


def name_ends(ax: Axes, size: float, ends: Sequence[tuple[float, str, str]]):
    """Names at the right of the panel, each joined to where its line ends. size: of the text [pt]; ends: (height 0..1, text, colour)."""
    from matplotlib.colors import to_rgb

    box, page = ax.get_position(), ax.figure.get_size_inches()
    gap = 1.2 * size / 72 / (box.height * page[1])
    room = int(1 + 1 / gap)
    if len(ends) > room:
        kept = sorted(ends, key=lambda end: -end[0])[: room - 1]
        ends = [(0.0, f"+ {len(ends) - len(kept)} more", PALE), *kept]
    ends = sorted(ends, key=lambda end: end[0])
    for place, (height, text, colour) in zip(
        spread(np.array([e[0] for e in ends]), gap) if ends else (), ends
    ):
        ax.annotate(
            text, (1.0, height), (1.0 + 0.16 / (box.width * page[0]), place), "axes fraction", "axes fraction",
            arrowprops={"arrowstyle": "-", "color": colour, "lw": 0.8, "shrinkA": 0, "shrinkB": 0, "relpos": (0, 0.5)},
            annotation_clip=False, parse_math=False, color=[0.72 * c for c in to_rgb(colour)], fontsize=size, va="center",
        )  # fmt: skip


def write(figure, x, y, text, size, colour=INK, weight="normal", align="left"):
    """Text at inches from the lower left; parse_math off, so that a "$" in a title is a "$"."""
    wide, tall = figure.get_size_inches()
    return figure.text(
        x / wide,
        y / tall,
        text,
        fontsize=size,
        color=colour,
        weight=weight,
        ha=align,
        va="center",
        parse_math=False,
    )


def write_whole(figure, x, y, text, size, width):
    """A bold title of any length, whole: in smaller letters where it is long, then on two lines or more. y: of its middle;
    size: of the letters of a short one [pt]; width: of the room for it [inch]."""
    for smaller, lines in ((1.0, 1), (0.8, 1), (0.62, 1), (0.62, 2), (0.5, 3), (0.4, 99)):
        wrapped = textwrap.wrap(
            text, max(1, int(width * 72 / (BOLD * size * smaller))), break_on_hyphens=False
        )
        if len(wrapped) <= lines:
            break
    write(figure, x, y, "\n".join(wrapped), size * smaller, weight="bold")


def close(figure, result, notes, more, x, width):
    """The caption, and a mark that nobody overlooks on a run that did not come to its end."""
    attrs, (wide, tall) = result.attrs, figure.get_size_inches()
    status = str(attrs.get("status", "of unknown status"))
    if status != "complete":
        badge = write(figure, wide - 0.2, tall - 0.3, f"RUN {status.upper()}", 10, "white", "bold", "right")
        badge.set_bbox({"boxstyle": "square,pad=0.4", "facecolor": HOT, "edgecolor": "none"})
    parts = dict.fromkeys(str(p) for p in (attrs.get("case_name"), status, attrs.get("source"), *more) if p)
    for size in (7.0, 5.0, 3.6):  # the caption is whole: in smaller letters where it would reach the axis
        room = int(width * 7.0 / size)
        lines = textwrap.wrap(
            "; ".join(dict.fromkeys(notes)), room, max_lines=2, placeholder=" …", break_on_hyphens=False
        )
        caption = textwrap.wrap("  ·  ".join(parts), room, break_on_hyphens=False)
        if (len(caption) + len(lines)) * size <= 3 * 7.0:
            break
    for k, line in enumerate(reversed(lines + caption)):
        write(figure, x, 0.14 + 0.13 * k * size / 7.0, line, size, PALE)
