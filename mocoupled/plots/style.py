"""The look of every figure: colours, text, numbers, ticks, axis limits, names beside lines, whole files."""

from __future__ import annotations

import io
import re
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from ..errors import InputError, nearest
from ..files import atomically
from .png_file import png
from .settings import new_figure, plainly

if TYPE_CHECKING:
    import xarray
    from matplotlib.axes import Axes
    from matplotlib.axis import Axis
    from matplotlib.figure import Figure
    from matplotlib.text import Text

LineStyle = str | tuple[int, tuple[float, ...]]
Look = Mapping[str, Any]  # keywords of a line or patch of matplotlib
Box = tuple[float, float, float, float]  # left, bottom, width, height, as shares of the figure

DPI = 150
# inches: width of a figure, its margins, the gap between panels
WIDTH, LEFT, RIGHT, TOP, BOTTOM, GAP = 7.2, 0.85, 1.0, 0.66, 0.86, 0.24
FORMATS, TIME_AXES = ("png", "pdf"), ("log", "linear")
BOLD = 0.62  # mean width of a bold letter over its size
# a log axis shows no more decades than this below its largest value; what lies lower is named in the caption
DECADES = 10

# Okabe & Ito's colours (blind-safe) for the common species; P. Tol's "muted" ones, in broken lines, for all
# others.
SPECIES = {
    "H2O": "#0072B2",
    "H2": "#56B4E9",
    "CO2": "#D55E00",
    "CO": "#E69F00",
    "CH4": "#009E73",
    "N2": "#CC79A7",
}
FURTHER = ("#332288", "#882255", "#117733", "#999933", "#AA4499", "#CC6677", "#44AA99", "#661100")
BROKEN: tuple[LineStyle, ...] = ((0, (5, 1.5)), (0, (1, 1)), (0, (5, 1.5, 1, 1.5)))
TRAPPED, DISSOLVED, GRAPHITE, ESCAPED = "#5B4636", "#8C6D4F", "#222222", "#A8A8A8"
CONDENSED = "#4A5A6A"  # a condensate other than graphite
INK, PALE, WARM, HOT, GREY = "#222222", "#666666", "#D6604D", "#B2182B", "#4D4D4D"


def choose(what: str, name: str, known: Iterable[str]) -> None:
    """InputError for a name that is not among the known ones."""
    if name not in known:
        raise InputError(
            f"{what} {name!r}",
            f"no {what} has this name.",
            f"known: {', '.join(known)}",
            nearest(name, known),
        )


@plainly
def warm_up() -> None:
    """Load what every figure needs: matplotlib, its fonts and its renderer."""
    figure = new_figure(figsize=(1, 1))
    figure.add_subplot().set_title("0")
    figure.savefig(io.BytesIO(), format="rgba", dpi=20)


def axes(figure: Figure, box: Box) -> Axes:
    """Axes in a box of the figure. Its title is not moved out of the way of ticks, which takes long."""
    ax = figure.add_axes(box)
    ax.set_title("", y=1.0)
    return ax


@plainly
def save(figure: Figure, path: Path, attrs: Mapping[str, object], dpi: int = DPI, packed: int = 2) -> Path:
    """Write the figure to the path, a PNG or a PDF, whole or not at all; the path.

    attrs: "case_name" and "source" go into the file's metadata. dpi: of a PNG.
    packed: level of compression of a PNG; 2 takes half the time of 6, 9 is the smallest.
    """
    title = f"{attrs.get('case_name', '')}: {path.stem}"
    drawn = io.BytesIO()
    if path.suffix == ".png":
        figure.savefig(drawn, format="rgba", dpi=dpi)
        pixels = np.frombuffer(drawn.getbuffer(), dtype=np.uint8)
        page = pixels.reshape(*_height_and_width(figure, dpi, pixels.size // 4), 4)
        metadata = {"Title": title, "Software": str(attrs.get("source", "mocoupled"))}
        content = png(page, dpi, metadata, packed)
    else:
        figure.savefig(drawn, format="pdf", dpi=dpi, metadata={"Title": title, "CreationDate": None})
        content = drawn.getvalue()
    atomically(path, lambda temporary: temporary.write_bytes(content))
    return path


def _height_and_width(figure: Figure, dpi: int, pixels: int) -> tuple[int, int]:
    """Height and width of a drawn page. Versions of matplotlib cut or round the sizes to pixels."""
    width, height = figure.get_size_inches() * dpi
    sizes = product((round(height), int(height)), (round(width), int(width)))
    return next((tall, wide) for tall, wide in sizes if tall * wide == pixels)


def formula(name: str) -> str:
    """A formula with its digits below the line: "H2O" -> "H₂O"."""
    return re.sub(
        r"(?<=[A-Za-z)])\d+", lambda m: m.group().translate(str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")), name
    )


def number(value: float, digits: int = 4, unit: str = "", power: bool = False) -> str:
    """A number for people: 1650 K, 0.02941, 1.35×10²¹; "not a number" for NaN. power: always with 10ⁿ."""
    if not np.isfinite(value):
        return "not a number" if np.isnan(value) else "infinite"
    if not power and (value == 0 or 1e-3 <= abs(value) < 1e5):
        text = f"{value:.{digits}g}" if abs(value) < 10**digits else f"{value:.0f}"
        return text.replace("-", "−") + unit
    mantissa, exponent = f"{value:.{digits - 1}e}".replace("-", "−", int(value < 0)).split("e")
    mantissa = mantissa.rstrip("0").rstrip(".") if "." in mantissa else mantissa
    raised = "10" + str(int(exponent)).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")) + unit
    return raised if mantissa == "1" else f"{mantissa}×{raised}"


def set_ticks(axis: Axis, log: bool, limits: tuple[float, float]) -> None:
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
    plain = limits[0] >= 1e-3 and limits[1] <= 2e4 and decades < 5
    major = (1.0, 2.0, 5.0) if decades < 1.8 else (1.0,)
    minor = tuple(np.arange(2.0, 10.0)) if decades < 8 else (1.0,)
    axis.set_major_locator(LogLocator(subs=major, numticks=8))
    axis.set_minor_locator(LogLocator(subs=minor, numticks=99))
    axis.set_major_formatter(
        FuncFormatter(lambda value, _: f"{value:.6g}" if plain else number(value, 1, power=True))
    )
    axis.set_minor_formatter(NullFormatter())


def axis_limits(values: np.ndarray, log: bool) -> tuple[float, float]:
    """Ends of an axis for these values: with a margin; on a log axis 1, 2 or 5 times a power of ten."""
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
    """Positions in 0..1, in the order of the sorted `wanted`, at least `gap` apart, by least squares."""
    # isotonic regression of wanted - k gap: mean and size of each pooled block
    blocks: list[tuple[float, int]] = []
    for k, value in enumerate(wanted):
        blocks.append((value - k * gap, 1))
        while len(blocks) > 1 and blocks[-2][0] > blocks[-1][0]:
            (b, m), (a, n) = blocks.pop(), blocks.pop()
            blocks.append(((a * n + b * m) / (n + m), n + m))
    steps = np.arange(len(wanted)) * gap
    means = np.repeat([mean for mean, _ in blocks], [size for _, size in blocks])
    return np.clip(means, 0.0, max(0.0, 1.0 - steps[-1])) + steps


def name_ends(ax: Axes, size: float, ends: Sequence[tuple[float, str, str]]) -> None:
    """Write names at the right of the panel, each joined to the end of its line.

    size: of the text [pt]. ends: (height 0..1, text, colour); where there is no room for all, the highest
    ones.
    """
    from matplotlib.colors import to_rgb

    if not ends:
        return
    box, page = ax.get_position(), size_of(ax)
    gap = 1.2 * size / 72 / (box.height * page[1])
    room = int(1 + 1 / gap)
    if len(ends) > room:
        kept = sorted(ends, key=lambda end: -end[0])[: room - 1]
        ends = [(0.0, f"+ {len(ends) - len(kept)} more", PALE), *kept]
    ends = sorted(ends, key=lambda end: end[0])
    places = spread(np.array([height for height, _, _ in ends]), gap)
    joint = {"arrowstyle": "-", "lw": 0.8, "shrinkA": 0, "shrinkB": 0, "relpos": (0, 0.5)}
    for place, (height, text, colour) in zip(places, ends):
        ax.annotate(
            text,
            (1.0, height),
            (1.0 + 0.16 / (box.width * page[0]), place),
            "axes fraction",
            "axes fraction",
            arrowprops=joint | {"color": colour},
            annotation_clip=False,
            parse_math=False,
            color=[0.72 * c for c in to_rgb(colour)],
            fontsize=size,
            va="center",
        )


def size_of(ax: Axes) -> tuple[float, float]:
    """Width and height of the figure of a panel [inches]."""
    figure = ax.get_figure(root=True)
    if figure is None:
        raise RuntimeError("a panel without a figure")
    width, height = figure.get_size_inches()
    return float(width), float(height)


def write(
    figure: Figure,
    x: float,
    y: float,
    text: str,
    size: float,
    colour: str = INK,
    weight: str = "normal",
    align: Literal["left", "center", "right"] = "left",
) -> Text:
    """Write text. x, y: inches from the lower left. A "$" in it is a "$", since parse_math is off."""
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


def text_width(text: str, size: float, weight: str = "normal") -> float:
    """The width of a line of text in the usual font [inches]. size: of its letters [pt]."""
    from matplotlib.font_manager import FontProperties
    from matplotlib.textpath import TextPath

    outline = TextPath(
        (0.0, 0.0), text.strip() or "x", size, prop=FontProperties(weight=weight), usetex=False
    )
    return float(outline.get_extents().x1) / 72


def write_whole(figure: Figure, x: float, y: float, text: str, size: float, width: float) -> None:
    """Write a bold title of any length, whole: a long one in smaller letters, then on several lines.

    y: of its middle. size: of the letters of a short title [pt]. width: of the room for it [inch].
    """
    for smaller, lines in ((1.0, 1), (0.8, 1), (0.62, 1), (0.62, 2), (0.5, 3), (0.4, 99)):
        wrapped = textwrap.wrap(
            text, max(1, int(width * 72 / (BOLD * size * smaller))), break_on_hyphens=False
        )
        if len(wrapped) <= lines:
            break
    write(figure, x, y, "\n".join(wrapped), size * smaller, weight="bold")


def close(
    figure: Figure,
    result: xarray.Dataset,
    notes: Sequence[str],
    more: Sequence[str | None],
    x: float,
    width: int,
) -> None:
    """Write the caption, and a mark that nobody overlooks on a run that did not come to its end.

    notes: sentences above the caption. more: further parts of it. x: [inches]. width: in letters.
    """
    attrs, (wide, tall) = result.attrs, figure.get_size_inches()
    status = str(attrs.get("status", "of unknown status"))
    if status != "complete":
        badge = write(figure, wide - 0.2, tall - 0.3, f"RUN {status.upper()}", 10, "white", "bold", "right")
        badge.set_bbox({"boxstyle": "square,pad=0.4", "facecolor": HOT, "edgecolor": "none"})
    parts = dict.fromkeys(str(p) for p in (attrs.get("case_name"), status, attrs.get("source"), *more) if p)
    # the caption is whole: in smaller letters where it would reach the axis
    for size in (7.0, 5.0, 3.6):
        room = int(width * 7.0 / size)
        lines = textwrap.wrap(
            "; ".join(dict.fromkeys(notes)), room, max_lines=2, placeholder=" …", break_on_hyphens=False
        )
        caption = textwrap.wrap("  ·  ".join(parts), room, break_on_hyphens=False)
        if (len(caption) + len(lines)) * size <= 3 * 7.0:
            break
    for k, line in enumerate(reversed(lines + caption)):
        write(figure, x, 0.14 + 0.13 * k * size / 7.0, line, size, PALE)
