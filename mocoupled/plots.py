"""Figures of a run, from its stored result alone. matplotlib comes in here only, and never through pyplot's state."""

from __future__ import annotations

import io
import json
import os
import re
import textwrap
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from .constants import BAR, YEAR
from .errors import InputError, nearest

if TYPE_CHECKING:
    import xarray
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

DPI = 150
WIDTH, LEFT, RIGHT, TOP, BOTTOM, GAP = 7.2, 0.85, 1.0, 0.66, 0.86, 0.24  # inches: figure, margins, between panels
PAGE = (11.69, 8.27)  # inches: A4, lying
FORMATS, TIME_AXES = ("png", "pdf"), ("log", "linear")
ELEMENTS = {"H": ("hydrogen", 1.008e-3), "C": ("carbon", 12.011e-3)}  # kg/mol, IUPAC 2021
ESCAPING = "H2"  # the species whose loss is stored as escaped_mass
DECADES = 10  # a log axis shows no more than this below its largest value; what lies lower is named in the caption
GRAPHITE_SHARE, GRAPHITE_ACTIVITY = 1e-6, 0.999  # graphite is there above this share of the carbon, or this activity

# Okabe & Ito's colours (blind-safe) for the common species; P. Tol's "muted" ones, in broken lines, for all others.
SPECIES = {"H2O": "#0072B2", "H2": "#56B4E9", "CO2": "#D55E00", "CO": "#E69F00", "CH4": "#009E73", "N2": "#CC79A7"}
FURTHER = ("#332288", "#882255", "#117733", "#999933", "#AA4499", "#CC6677", "#44AA99", "#661100")
BROKEN = ((0, (5, 1.5)), (0, (1, 1)), (0, (5, 1.5, 1, 1.5)))
DISSOLVED, GRAPHITE, ESCAPED = "#8C6D4F", "#222222", "#A8A8A8"
INK, PALE, WARM, HOT, GREY = "#222222", "#666666", "#D6604D", "#B2182B", "#4D4D4D"


def draw(
    result: xarray.Dataset,
    folder: str | os.PathLike,
    names: str | Iterable[str] | None = None,
    format: str = "png",
    time_axis: str = "log",
) -> list[Path]:
    """Write the figures of a stored run into a folder (made when missing); the paths written, in the order asked.

    result: Dataset along `time`, as `mocoupled.run` and `mocoupled.read` give it. names: of FIGURES, all by default.
    format: "png" (150 dpi) or "pdf". time_axis: "log" (linear where the run spans less than a decade) or "linear".
    Each file appears whole or not at all. A figure whose variables the run does not have says so in their place.
    InputError, before anything is written, for an unknown name, format or axis, or a result that is not a run.
    """
    wanted = list(FIGURES) if names is None else [names] if isinstance(names, str) else list(names)
    for name in wanted:
        _choose("figure", name, FIGURES)
    _choose("format", format, FORMATS)
    _view(result, time_axis)
    path = Path(folder)
    if path.exists() and not path.is_dir():
        raise InputError(f"folder {path}", "this is a file.", "allowed: a folder, new or not")
    path.mkdir(parents=True, exist_ok=True)
    return [_save(FIGURES[name](result, time_axis), path / f"{name}.{format}", result.attrs) for name in wanted]


def _choose(what, name, known):
    if name not in known:
        raise InputError(f"{what} {name!r}", f"no {what} has this name.", f"known: {', '.join(known)}", nearest(name, known))


def _save(figure: Figure, path: Path, attrs) -> Path:
    drawn = io.BytesIO()
    own = {"png": {"Software": attrs.get("source", "mocoupled")}, "pdf": {"CreationDate": None}}[path.suffix[1:]]
    title = {"Title": f"{attrs.get('case_name', '')}: {path.stem}"}
    figure.savefig(drawn, format=path.suffix[1:], dpi=DPI, metadata=title | own)
    temporary = path.with_name(f".{path.name}.{uuid.uuid4().hex}")
    try:
        temporary.write_bytes(drawn.getbuffer())
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)
    return path


@dataclass(frozen=True)
class _Curve:
    """One line or band: name (the line's label), text beside its end, values along time, colour and line style."""

    name: str
    text: str
    values: np.ndarray
    colour: str
    style: object = "-"


@dataclass(frozen=True)
class _View:
    """A result ready to draw: time [yr], how its axis runs, when graphite begins [yr], looks of species, text [pt]."""

    result: xarray.Dataset
    time: np.ndarray
    log_time: bool
    span: tuple[float, float]
    onset: float | None
    names: Mapping[str, str]
    styles: Mapping[str, tuple]
    size: float

    @property
    def onset_text(self) -> str:
        return "▼ graphite from the start" if self.onset <= self.time[0] else f"▼ graphite from {_number(self.onset, 3)} yr"

    def scalars(self, *wanted) -> list[_Curve]:
        """wanted: (variable, scale, text, colour, style); those that the run has."""
        here = [row for row in wanted if row[0] in self.result]
        return [_Curve(n, text, np.asarray(self.result[n].values, float) * k, *look) for n, k, text, *look in here]

    def by_species(self, name, scale=1.0) -> list[_Curve]:
        if name not in self.result:
            return []
        values = np.asarray(self.result[name].transpose("species", "time").values, float) * scale
        return [_Curve(s, self.names[s], y, *self.styles[s]) for s, y in zip(self.names, values)]


def _view(result, time_axis="log", size=9.0) -> _View:
    if "time" not in result.dims or not result.sizes["time"]:
        raise InputError("result", "it has no stored times.", "allowed: a Dataset along time, as mocoupled.run and mocoupled.read give it")
    _choose("time_axis", time_axis, TIME_AXES)
    time = np.asarray(result["time"].values, float) / YEAR
    species = [str(s) for s in result["species"].values] if "species" in result.coords else []
    formulas = [s.partition(",")[0] for s in species]
    names = {s: _formula(f if formulas.count(f) == 1 else s) for s, f in zip(species, formulas)}
    styles = {s: (colour, "-") for s, colour in SPECIES.items()}
    for k, name in enumerate(sorted(s for s in species if s not in SPECIES)):
        styles[name] = (FURTHER[k % len(FURTHER)], BROKEN[k // len(FURTHER) % len(BROKEN)])
    return _View(result, time, *_span(time, result, time_axis), _onset(result, time), names, styles, size)


def _span(time, result, time_axis):
    """(whether the time axis is logarithmic, its two ends [yr]).

    A log axis starts at the first positive time, or later if until then the surface has gone < 1/1000 of its way.
    """
    if time.size == 1:
        return False, (time[0] - 0.5 * max(time[0], 1.0), time[0] + 0.5 * max(time[0], 1.0))
    first = time[time > 0][0]
    if "surface_temperature" in result:
        way = np.nan_to_num(np.abs(result["surface_temperature"].values - result["surface_temperature"].values[0]))
        moved = np.flatnonzero(way > 1e-3 * way.max())
        first = max(first, time[moved[0] - 1]) if moved.size else first
    log_time = time_axis == "log" and time[-1] >= 10 * first
    return log_time, (float(first if log_time else time[0]), float(time[-1]))


def _onset(result, time) -> float | None:
    """When graphite is first there [yr]; None when it never is, or is not known."""
    there = np.zeros(time.size, dtype=bool)
    if "graphite_activity" in result:
        there |= result["graphite_activity"].values > GRAPHITE_ACTIVITY
    if "graphite_mass" in result and "C" in result.get("element", ()):
        carbon = result["element_moles"].sel(element="C").values * ELEMENTS["C"][1]
        there |= (result["graphite_mass"].values > GRAPHITE_SHARE * carbon) & (carbon > 0)
    return float(time[there][0]) if there.any() else None


def _reservoirs(view: _View, element: str, share=False) -> list[_Curve]:
    """Mass of the element [kg], or its share of the inventory, by reservoir from the mantle outwards; [] without it."""
    result, (_, weight) = view.result, ELEMENTS[element]
    if element not in result.get("element", ()) or "composition" not in result.attrs:
        return []
    composition, molar_masses = json.loads(result.attrs["composition"]), json.loads(result.attrs["molar_masses"])
    parts = {s: atoms[element] * weight / molar_masses[s] for s, atoms in composition.items() if atoms.get(element)}
    found = []
    dissolved = [c.values * parts[c.name] for c in view.by_species("dissolved_mass") if c.name in parts]
    if dissolved:
        found.append(_Curve("dissolved", "dissolved", np.sum(dissolved, axis=0), DISSOLVED))
    if element == "C":
        found += view.scalars(("graphite_mass", 1, "graphite", GRAPHITE))
    gases = [c for c in view.by_species("gas_mass") if c.name in parts]
    found += [replace(c, text=f"{c.text} gas", values=c.values * parts[c.name]) for c in gases]
    lost = view.scalars(("escaped_mass", parts.get(ESCAPING, 0), "escaped", ESCAPED)) if ESCAPING in parts else []
    if not share:
        return found + lost
    inventory = weight * float(result["element_moles"].sel(element=element).values[0]) + sum(c.values[0] for c in lost)
    return [replace(c, values=c.values / (inventory if inventory > 0 else np.nan)) for c in found + lost]


def _formula(name: str) -> str:
    """A formula with its digits below the line: "H2O" -> "H₂O"."""
    return re.sub(r"(?<=[A-Za-z)])\d+", lambda m: m.group().translate(str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")), name)


def _number(value: float, digits: int = 4, unit: str = "", power: bool = False) -> str:
    """A number for people: 1650 K, 0.02941, 1.35×10²¹; "not a number" where it is none. power: always with 10ⁿ."""
    if not np.isfinite(value):
        return "not a number" if np.isnan(value) else "infinite"
    if not power and (value == 0 or 1e-3 <= abs(value) < 1e5):
        return (f"{value:.{digits}g}" if abs(value) < 10**digits else f"{value:.0f}").replace("-", "−") + unit
    mantissa, exponent = f"{value:.{digits - 1}e}".replace("-", "−", int(value < 0)).split("e")
    mantissa = mantissa.rstrip("0").rstrip(".") if "." in mantissa else mantissa
    raised = "10" + str(int(exponent)).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")) + unit
    return raised if mantissa == "1" else f"{mantissa}×{raised}"


def _ticks(axis, log: bool, limits):
    """Ticks with plain or power-of-ten labels, without mathtext (its parser is not made for threads)."""
    from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullFormatter

    if not log:
        tiny = 1e-9 * (limits[1] - limits[0])
        axis.set_major_locator(MaxNLocator(nbins=6, steps=[1, 2, 2.5, 5, 10]))
        axis.set_major_formatter(FuncFormatter(lambda value, _: _number(0.0 if abs(value) < tiny else value, 6)))
        return
    decades = np.log10(limits[1] / limits[0])
    plain = 1e-3 <= limits[0] and limits[1] <= 2e4 and decades < 5
    axis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0) if decades < 1.8 else (1.0,), numticks=8))
    axis.set_minor_locator(LogLocator(subs=np.arange(2.0, 10.0) if decades < 8 else (1.0,), numticks=99))
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:.6g}" if plain else _number(value, 1, power=True)))
    axis.set_minor_formatter(NullFormatter())


def _limits(values: np.ndarray, log: bool) -> tuple[float, float]:
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


def _spread(wanted: np.ndarray, gap: float) -> np.ndarray:
    """Positions in 0..1, in the order of the sorted `wanted`, at least `gap` apart and nearest to it (least squares)."""
    blocks: list[tuple[float, int]] = []  # isotonic regression of wanted - k gap: mean and size of each pooled block
    for k, value in enumerate(wanted):
        blocks.append((value - k * gap, 1))
        while len(blocks) > 1 and blocks[-2][0] > blocks[-1][0]:
            (b, m), (a, n) = blocks.pop(), blocks.pop()
            blocks.append(((a * n + b * m) / (n + m), n + m))
    steps = np.arange(len(wanted)) * gap
    return np.clip(np.repeat([b for b, _ in blocks], [n for _, n in blocks]), 0.0, max(0.0, 1.0 - steps[-1])) + steps


def _name_ends(ax: Axes, view: _View, ends: Sequence[tuple[float, str, str]]):
    """Names at the right of the panel, each joined to where its line ends. ends: (height 0..1, text, colour)."""
    from matplotlib.colors import to_rgb

    box, page = ax.get_position(), ax.figure.get_size_inches()
    gap = 1.2 * view.size / 72 / (box.height * page[1])
    room = int(1 + 1 / gap)
    if len(ends) > room:
        kept = sorted(ends, key=lambda end: -end[0])[: room - 1]
        ends = [(0.0, f"+ {len(ends) - len(kept)} more", PALE), *kept]
    ends = sorted(ends, key=lambda end: end[0])
    for place, (height, text, colour) in zip(_spread(np.array([e[0] for e in ends]), gap) if ends else (), ends):
        ax.annotate(
            text, (1.0, height), (1.0 + 0.16 / (box.width * page[0]), place), "axes fraction", "axes fraction",
            arrowprops={"arrowstyle": "-", "color": colour, "lw": 0.8, "shrinkA": 0, "shrinkB": 0, "relpos": (0, 0.5)},
            annotation_clip=False, parse_math=False, color=[0.72 * c for c in to_rgb(colour)], fontsize=view.size, va="center",
        )  # fmt: skip


def _isolated(seen: np.ndarray) -> list[int]:
    """Indices of values with no neighbour to join by a line: they need a mark of their own."""
    padded = np.concatenate([[False], seen, [False]])
    return [int(k) for k in np.flatnonzero(seen & ~padded[:-2] & ~padded[2:])]


def _listed(curves, which) -> str:
    return ", ".join(c.text for c, chosen in zip(curves, which) if chosen)


@dataclass(frozen=True)
class _Panel:
    """A panel: its title and axis label, its curves, what to write where there are none, how its axis runs.

    bands: shares one above the other instead of lines. named_above: curves that never get higher are not named.
    """

    title: str
    label: str
    curves: Callable[[_View], list[_Curve]]
    absent: str
    log: bool = False
    limits: tuple[float, float] | None = None
    bands: bool = False
    named_above: float = -np.inf

    def draw(self, ax: Axes, view: _View) -> list[str]:
        """Draw it; the sentences that the caption owes to what is not to be seen."""
        curves = self.curves(view)
        values = np.array([c.values for c in curves])
        finite = np.isfinite(values)
        seen = finite & (values > 0 if self.log else True)
        if not seen.any():
            sentence = self.absent if not finite.size else "zero throughout" if finite.any() else "not a number throughout"
            ax.set(xticks=[], yticks=[])
            ax.spines[:].set_color("#CCCCCC")
            ax.text(0.5, 0.5, sentence, transform=ax.transAxes, ha="center", va="center", fontsize=view.size + 1, color=PALE)
            return []
        limits = self.limits or _limits(values[seen], self.log)
        seen &= values >= (limits[0] if self.log else -np.inf)
        heights = self._bands(ax, view, curves) if self.bands else self._lines(ax, view, curves, seen, limits)
        self._dress(ax, view, limits)
        ends = [(float(np.clip(h, 0.0, 1.0)), c.text, c.colour) for c, h in zip(curves, heights) if np.isfinite(h)]
        _name_ends(ax, view, ends if len(curves) > 1 or curves[0].name in view.names else [])
        small = finite.any(axis=1) & ~seen.any(axis=1)
        notes = [f"too small for the axis of {self.label.partition(' (')[0].lower()}: {_listed(curves, small)}"] if small.any() else []
        return notes + ([] if finite.all() else [f"gaps where the values are not numbers: {_listed(curves, ~finite.all(axis=1))}"])

    def _lines(self, ax, view, curves, seen, limits) -> list[float]:
        """Draw lines, with a dot where a value has no neighbour; the height 0..1 of each name, or NaN."""
        scale = np.log10 if self.log else np.asarray
        heights, (low, high) = [], scale(limits)
        for c, some in zip(curves, seen):
            dots = _isolated(some)
            ax.plot(
                view.time, c.values, color=c.colour, linestyle=c.style, linewidth=0.2 * view.size, label=c.name,
                marker="o" if dots else "", markevery=dots or None, markersize=0.55 * view.size, solid_capstyle="butt",
            )  # fmt: skip
            named = some.any() and c.values[some].max() > self.named_above
            heights.append((scale(c.values[some][-1]) - low) / (high - low) if named else np.nan)
        return heights

    def _bands(self, ax, view, curves) -> list[float]:
        """Draw bands one above the other; the height 0..1 of each name, or NaN."""
        edges = np.cumsum([np.zeros_like(view.time), *(c.values for c in curves)], axis=0)
        whole = np.isfinite(edges[-1])
        heights, dots = [], _isolated(whole)
        for c, low, high in zip(curves, edges, edges[1:]):
            ax.fill_between(view.time, low, high, color=c.colour, linewidth=0.2, label=c.name)
            ax.vlines(view.time[dots], low[dots], high[dots], color=c.colour, linewidth=2 * view.size, label=f"_{c.name}")
            named = whole.any() and c.values[whole].max() > self.named_above
            heights.append(0.5 * (low + high)[whole][-1] if named else np.nan)
        return heights

    def _dress(self, ax, view, limits):
        """Scales, limits, ticks, axis label, and the mark where graphite begins."""
        if view.log_time:
            ax.set_xscale("log", nonpositive="clip")
        if self.log:
            ax.set_yscale("log", nonpositive="mask")
        ax.set(xlim=view.span, ylim=limits)
        _ticks(ax.xaxis, view.log_time, view.span)
        _ticks(ax.yaxis, self.log, limits)
        ax.set_ylabel(self.label, fontsize=view.size + 0.5, color=INK)
        ax.tick_params(which="both", direction="in", top=True, right=True, labelsize=view.size, colors=INK)
        ax.grid(True, which="major", color="#E6E6E6", linewidth=0.6)
        ax.set_axisbelow(True)
        if view.onset is not None:
            at, across = max(view.onset, view.span[0]), ax.get_xaxis_transform()
            ax.vlines(at, 0, 1, transform=across, color=GRAPHITE, linewidth=0.9, linestyle=(0, (2, 2)), label="_onset")
            ax.scatter([at], [1.0], marker="v", s=2.6 * view.size, color=GRAPHITE, transform=across, clip_on=False, zorder=5)


def _pressures(view):
    gases = view.by_species("pressure", 1 / BAR)
    return gases + (view.scalars(("surface_pressure", 1 / BAR, "total", PALE, BROKEN[1])) if len(gases) > 1 else [])


NOTHING, UNIT = "no volatiles in this run", (-0.02, 1.02)
HEAT = (("core_mantle_temperature", 1, "core–mantle", HOT, BROKEN[0]), ("surface_temperature", 1, "surface", WARM))
TEMPERATURE = _Panel("Temperature", "Temperature (K)", lambda v: v.scalars(*HEAT), "no temperatures in this run")
MELT = _Panel("Melt fraction", "Melt fraction (kg/kg)", lambda v: v.scalars(("melt_fraction", 1, "melt", WARM)), "no melt in this run", limits=UNIT)
FLUX = _Panel("Heat flux to space", "Heat flux to space (W/m²)", lambda v: v.scalars(("flux", 1, "flux", HOT)), "no flux in this run", log=True)
DEPTH = _Panel("Optical depth", "Optical depth (1)", lambda v: v.scalars(("optical_depth", 1, "optical depth", GREY)), NOTHING, log=True)
PRESSURE = _Panel("Partial pressures at the surface", "Partial pressure (bar)", _pressures, NOTHING, log=True)
BULK = _Panel("Composition of the gas", "Volume mixing ratio (mol/mol)", lambda v: v.by_species("mixing_ratio"), NOTHING, limits=UNIT)
BULK, TRACES = replace(BULK, named_above=5e-3), replace(BULK, log=True, limits=None)
OXYGEN = _Panel("Oxygen fugacity", "log₁₀ fO₂ (bar)", lambda v: v.scalars(("log10_fO2", 1, "fO₂", GREY)), NOTHING)
ACTIVITY = _Panel("Graphite", "Activity of graphite (1)", lambda v: v.scalars(("graphite_activity", 1, "graphite", GRAPHITE)), "no carbon", log=True)
MASS, SHARE = {}, {}
for _e, (_name, _) in ELEMENTS.items():
    _of, _absent = partial(_reservoirs, element=_e), f"no account of {_name} in this result"
    MASS[_e] = _Panel(f"Where the {_name} is", f"Mass of {_name} (kg)", _of, _absent, log=True)
    _shares = {"label": f"Share of the {_name} (kg/kg)", "curves": partial(_of, share=True), "bands": True}
    SHARE[_e] = replace(MASS[_e], log=False, limits=(0.0, 1.0), named_above=5e-3, **_shares)


def _figure(title: str, panels: Sequence[tuple[_Panel, float]], result, time_axis="log", right=RIGHT) -> Figure:
    """Panels one above the other with one time axis. panels: (what to draw, height [inches]); right: margin [inches]."""
    from matplotlib.figure import Figure

    view = _view(result, time_axis)
    tall = TOP + BOTTOM + sum(h for _, h in panels) + GAP * (len(panels) - 1)
    figure = Figure(figsize=(WIDTH, tall), dpi=DPI, facecolor="white")
    top, notes = tall - TOP, []
    for panel, height in panels:
        ax = figure.add_axes((LEFT / WIDTH, (top - height) / tall, (WIDTH - LEFT - right) / WIDTH, height / tall))
        notes += panel.draw(ax, view)
        ax.tick_params(labelbottom=len(figure.axes) == len(panels))
        top -= height + GAP
    ax.set_xlabel("Time (yr)", fontsize=view.size + 0.5, color=INK)
    if view.onset is not None:
        _write(figure, WIDTH - right, tall - TOP + 0.14, view.onset_text, view.size - 1, GRAPHITE, align="right")
    _write(figure, LEFT, tall - 0.3, title, view.size + 2.5, weight="bold")
    _close(figure, result, notes, [result.attrs.get("title")], LEFT, 105)
    return figure


def _write(figure, x, y, text, size, colour=INK, weight="normal", align="left"):
    """Text at inches from the lower left; parse_math off, so that a "$" in a title is a "$"."""
    wide, tall = figure.get_size_inches()
    return figure.text(x / wide, y / tall, text, fontsize=size, color=colour, weight=weight, ha=align, va="center", parse_math=False)


def _close(figure, result, notes, more, x, width):
    """The caption, and a mark that nobody overlooks on a run that did not come to its end."""
    attrs, (wide, tall) = result.attrs, figure.get_size_inches()
    status = str(attrs.get("status", "of unknown status"))
    if status != "complete":
        badge = _write(figure, wide - 0.2, tall - 0.3, f"RUN {status.upper()}", 10, "white", "bold", "right")
        badge.set_bbox({"boxstyle": "square,pad=0.4", "facecolor": HOT, "edgecolor": "none"})
    parts = dict.fromkeys(str(p) for p in (attrs.get("case_name"), status, attrs.get("source"), *more) if p)
    lines = textwrap.wrap("; ".join(dict.fromkeys(notes)), width, max_lines=2, placeholder=" …", break_on_hyphens=False)
    for k, line in enumerate([textwrap.shorten("  ·  ".join(parts), width, placeholder=" …"), *reversed(lines)]):
        _write(figure, x, 0.14 + 0.13 * k, line, 7, PALE)


def _overview(result, time_axis="log") -> Figure:
    """One page: nine panels, the case's title, the numbers of the end, and why it ended."""
    from matplotlib.figure import Figure

    view = _view(result, time_axis, size=7.0)
    (wide, tall), attrs = PAGE, result.attrs
    figure = Figure(figsize=PAGE, dpi=DPI, facecolor="white")
    notes = [view.onset_text] if view.onset is not None else []
    for k, panel in enumerate((TEMPERATURE, MELT, FLUX, PRESSURE, BULK, DEPTH, SHARE["H"], SHARE["C"], OXYGEN)):
        x, y = 0.66 + 3.85 * (k % 3), tall - 2.52 - 1.99 * (k // 3)
        ax = figure.add_axes((x / wide, y / tall, (2.48 if k % 3 < 2 else 3.0) / wide, 1.5 / tall))
        notes += panel.draw(ax, view)
        ax.set_title(panel.title, fontsize=view.size + 1, weight="bold", loc="left", color=INK, pad=5)
        ax.set_xlabel("Time (yr)" if k >= 6 else "", fontsize=view.size + 0.5, color=INK)
    _write(figure, 0.66, tall - 0.32, textwrap.shorten(attrs.get("title") or attrs.get("case_name", ""), 85, placeholder=" …"), 14, weight="bold")
    _write(figure, 0.66, tall - 0.6, textwrap.shorten(attrs.get("end_reason", ""), 150, placeholder=" …"), 9, PALE)
    for k, (name, value) in enumerate(_end_in_numbers(view)[:25]):
        left, line = (0.66, 2.8, 4.75, 6.62, 9.1)[k // 5], 1.32 - 0.15 * (k % 5)
        _write(figure, left, line, name, 7, PALE)
        _write(figure, left + (1.2, 1.02, 1.02, 1.1, 1.1)[k // 5], line, value, 7, weight="bold")
    laws: dict[str, list[str]] = {}
    for one in json.loads(attrs.get("extrapolations", "[]")):
        laws.setdefault(one["law"], []).append(f"{one['argument']} {100 * one['share']:.0f} %")
    if laws:
        listed = ", ".join(f"{law} ({', '.join(shares)})" for law, shares in laws.items())
        notes.append(f"outside their calibration, in share of the stored times: {listed}")
    _close(figure, result, notes, [], 0.66, 190)
    return figure


def _end_in_numbers(view) -> list[tuple[str, str]]:
    scalars = (
        ("surface_temperature", 1, "surface temperature", " K"), ("core_mantle_temperature", 1, "core–mantle boundary", " K"),
        ("melt_fraction", 1, "melt fraction", ""), ("flux", 1, "heat flux", " W/m²"), ("optical_depth", 1, "optical depth", ""),
        ("surface_pressure", 1 / BAR, "surface pressure", " bar"), ("mean_molar_mass", 1e3, "mean molar mass", " g/mol"),
        ("log10_fO2", 1, "log₁₀ fO₂/bar", ""), ("graphite_activity", 1, "activity of graphite", ""),
    )  # fmt: skip
    last = view.result.isel(time=-1)
    rows = [("time", _number(view.time[-1], unit=" yr"))]
    rows += [(text, _number(float(last[n]) * scale, unit=unit)) for n, scale, text, unit in scalars if n in last]
    gases = sorted(view.by_species("pressure", 1 / BAR), key=lambda c: -np.nan_to_num(c.values[-1], nan=-1.0))
    rows += [(f"pressure of {c.text}", _number(c.values[-1], unit=" bar")) for c in gases[:5]]
    for element, (name, _) in ELEMENTS.items():
        held: dict[str, np.ndarray] = {}  # kg and share of the inventory
        for mass, share in zip(_reservoirs(view, element), _reservoirs(view, element, share=True)):
            where = {"dissolved": "dissolved", "escaped_mass": "escaped", "graphite_mass": "as graphite"}.get(mass.name, "in the gas")
            held[where] = held.get(where, 0.0) + np.array([mass.values[-1], share.values[-1]])
        told = {where: f"{_number(m, 3, ' kg')}, {_number(round(100 * s, 2), 3, ' %')}" for where, (m, s) in held.items()}
        rows += [(f"{name} {where}", text) for where, text in told.items()]
    return rows


def _mixing_ratios(result, time_axis="log") -> Figure:
    """Linear for the bulk, and below it logarithmic where some species is ever a trace."""
    traces = "mixing_ratio" in result and bool((result["mixing_ratio"].values < 0.02).any())
    return _figure(BULK.title, [(BULK, 2.7), (TRACES, 2.7)] if traces else [(BULK, 3.6)], result, time_axis)


# name -> function(result, time_axis="log") -> Figure, in the order in which they are written
FIGURES: Mapping[str, Callable[..., Figure]] = MappingProxyType(
    {
        "overview": _overview,
        "temperature-melt-fraction": partial(_figure, "Temperature and melt fraction", [(TEMPERATURE, 2.7), (MELT, 2.2)]),
        "partial-pressures": partial(_figure, PRESSURE.title, [(PRESSURE, 3.8)]),
        "mixing-ratios": _mixing_ratios,
        "reservoirs-H": partial(_figure, MASS["H"].title, [(MASS["H"], 2.7), (SHARE["H"], 2.7)]),
        "reservoirs-C": partial(_figure, MASS["C"].title, [(MASS["C"], 2.7), (SHARE["C"], 2.7)]),
        "flux": partial(_figure, "Heat loss", [(FLUX, 2.4), (DEPTH, 2.4)], right=0.4),
        "oxygen-fugacity": partial(_figure, "Oxygen fugacity and graphite", [(OXYGEN, 2.4), (ACTIVITY, 2.4)], right=0.4),
    }
)
