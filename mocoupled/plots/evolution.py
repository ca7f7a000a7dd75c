"""Figures of a run: panels along time, one above the other, and the page that shows them all."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from ..constants import BAR
from ..provenance.omissions import matters, short
from .mantle import melt_map, profiles
from .settings import new_figure, plainly
from .style import (
    BOTTOM,
    BROKEN,
    DPI,
    GAP,
    GRAPHITE,
    GREY,
    HOT,
    INK,
    LEFT,
    PALE,
    RIGHT,
    TOP,
    WARM,
    WIDTH,
    axes,
    axis_limits,
    close,
    name_ends,
    number,
    set_ticks,
    write,
    write_whole,
)  # fmt: skip
from .view import ELEMENTS, Curve, View, prepare, reservoirs

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

PAGE = (11.69, 8.27)  # inches: A4, lying


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
    curves: Callable[[View], list[Curve]]
    absent: str
    log: bool = False
    limits: tuple[float, float] | None = None
    bands: bool = False
    named_above: float = -np.inf

    def draw(self, ax: Axes, view: View) -> list[str]:
        """Draw it; the sentences that the caption owes to what is not to be seen."""
        curves = self.curves(view)
        values = np.array([c.values for c in curves])
        finite = np.isfinite(values)
        seen = finite & (values > 0 if self.log else True)
        if not seen.any():
            sentence = (
                self.absent
                if not finite.size
                else "zero throughout"
                if finite.any()
                else "not a number throughout"
            )
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
            return []
        limits = self.limits or axis_limits(values[seen], self.log)
        seen &= values >= (limits[0] if self.log else -np.inf)
        heights = self._bands(ax, view, curves) if self.bands else self._lines(ax, view, curves, seen, limits)
        self._dress(ax, view, limits)
        ends = [
            (float(np.clip(h, 0.0, 1.0)), c.text, c.colour) for c, h in zip(curves, heights) if np.isfinite(h)
        ]
        name_ends(ax, view.size, ends if len(curves) > 1 or curves[0].name in view.names else [])
        small = finite.any(axis=1) & ~seen.any(axis=1)
        notes = (
            [f"too small for the axis of {self.label.partition(' (')[0].lower()}: {_listed(curves, small)}"]
            if small.any()
            else []
        )
        return notes + (
            []
            if finite.all()
            else [f"gaps where the values are not numbers: {_listed(curves, ~finite.all(axis=1))}"]
        )

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
            ax.vlines(
                view.time[dots],
                low[dots],
                high[dots],
                color=c.colour,
                linewidth=2 * view.size,
                label=f"_{c.name}",
            )
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
        set_ticks(ax.xaxis, view.log_time, view.span)
        set_ticks(ax.yaxis, self.log, limits)
        ax.set_ylabel(self.label, fontsize=view.size + 0.5, color=INK)
        ax.tick_params(which="both", direction="in", top=True, right=True, labelsize=view.size, colors=INK)
        ax.grid(True, which="major", color="#E6E6E6", linewidth=0.6)
        ax.set_axisbelow(True)
        if view.onset is not None:
            at, across = max(view.onset, view.span[0]), ax.get_xaxis_transform()
            ax.vlines(
                at,
                0,
                1,
                transform=across,
                color=GRAPHITE,
                linewidth=0.9,
                linestyle=(0, (2, 2)),
                label="_onset",
            )
            ax.scatter(
                [at],
                [1.0],
                marker="v",
                s=2.6 * view.size,
                color=GRAPHITE,
                transform=across,
                clip_on=False,
                zorder=5,
            )


def _pressures(view):
    gases = view.by_species("pressure", 1 / BAR)
    return gases + (
        view.scalars(("surface_pressure", 1 / BAR, "total", PALE, BROKEN[1])) if len(gases) > 1 else []
    )


def _anomalies(view):
    if "density_anomaly" not in view.result:
        return []
    looks = {"bridgmanite": (HOT, "-"), "akimotoite": (WARM, BROKEN[0]), "pyroxene": (GREY, BROKEN[2])}
    values = view.result["density_anomaly"]
    return [
        Curve(s, s, np.asarray(values.sel(structure=s).values, float), *looks[s])
        for s in looks
        if s in values.structure
    ]


NO_IRON = "the iron of this run was not followed (cumulates.coupled)"
IRON = (
    ("ocean_iron", 100, "melt", HOT),
    ("crystal_iron", 100, "crystals", WARM, BROKEN[0]),
    ("pile_iron", 100, "pile", GREY, BROKEN[2]),
)
NOTHING, UNIT = "no volatiles in this run", (-0.02, 1.02)
HEAT = (
    ("core_mantle_temperature", 1, "core–mantle", HOT, BROKEN[0]),
    ("surface_temperature", 1, "surface", WARM),
)
TEMPERATURE = _Panel(
    "Temperature", "Temperature (K)", lambda v: v.scalars(*HEAT), "no temperatures in this run"
)
MELT = _Panel(
    "Melt fraction",
    "Melt fraction (kg/kg)",
    lambda v: v.scalars(("melt_fraction", 1, "melt", WARM)),
    "no melt in this run",
    limits=UNIT,
)
FLUX = _Panel(
    "Heat flux to space",
    "Heat flux to space (W/m²)",
    lambda v: v.scalars(("flux", 1, "flux", HOT)),
    "no flux in this run",
    log=True,
)
DEPTH = _Panel(
    "Optical depth",
    "Optical depth (1)",
    lambda v: v.scalars(("optical_depth", 1, "optical depth", GREY)),
    NOTHING,
    log=True,
)
PRESSURE = _Panel("Partial pressures at the surface", "Partial pressure (bar)", _pressures, NOTHING, log=True)
BULK = _Panel(
    "Composition of the gas",
    "Volume mixing ratio (mol/mol)",
    lambda v: v.by_species("mixing_ratio"),
    NOTHING,
    limits=UNIT,
)
BULK, TRACES = replace(BULK, named_above=5e-3), replace(BULK, log=True, limits=None)
OXYGEN = _Panel(
    "Oxygen fugacity", "log₁₀ fO₂ (bar)", lambda v: v.scalars(("log10_fO2", 1, "fO₂", GREY)), NOTHING
)
DISTANCE = _Panel(
    "Above iron–wüstite of O'Neill & Eggins 2002",
    "ΔIW (log₁₀)",
    lambda v: v.scalars(("delta_IW", 1, "ΔIW", GREY)),
    "the redox of the iron was not followed (redox.ferric_iron)",
)
FERRIC = (("ferric_share", 1, "melt", HOT), ("mantle_ferric_share", 1, "mantle", GREY, BROKEN[0]))
FERRIC_SHARE = _Panel(
    "Ferric iron", "Fe³⁺ over all iron (mol/mol)", lambda v: v.scalars(*FERRIC), DISTANCE.absent
)
ACTIVITY = _Panel(
    "Graphite",
    "Activity of graphite (1)",
    lambda v: v.scalars(("graphite_activity", 1, "graphite", GRAPHITE)),
    "no carbon",
    log=True,
)
IRON_NUMBER = _Panel("Iron", "Fe# (mol/mol, %)", lambda v: v.scalars(*IRON), NO_IRON)
ANOMALY = _Panel("Density of the last melt", "Density above the pile (kg/m³)", _anomalies, NO_IRON)
MASS, SHARE = {}, {}
for _e, (_name, _) in ELEMENTS.items():
    _of, _absent = partial(reservoirs, element=_e), f"no account of {_name} in this result"
    MASS[_e] = _Panel(f"Where the {_name} is", f"Mass of {_name} (kg)", _of, _absent, log=True)
    _shares = {"label": f"Share of the {_name} (kg/kg)", "curves": partial(_of, share=True), "bands": True}
    SHARE[_e] = replace(MASS[_e], log=False, limits=(0.0, 1.0), named_above=5e-3, **_shares)


@plainly
def _figure(
    title: str, panels: Sequence[tuple[_Panel, float]], result, time_axis="log", right=RIGHT
) -> Figure:
    """Panels one above the other with one time axis. panels: (what to draw, height [inches]); right: margin [inches]."""
    view = prepare(result, time_axis)
    tall = TOP + BOTTOM + sum(h for _, h in panels) + GAP * (len(panels) - 1)
    figure = new_figure(figsize=(WIDTH, tall), dpi=DPI)
    top, notes = tall - TOP, []
    for panel, height in panels:
        ax = axes(
            figure, (LEFT / WIDTH, (top - height) / tall, (WIDTH - LEFT - right) / WIDTH, height / tall)
        )
        notes += panel.draw(ax, view)
        ax.tick_params(labelbottom=len(figure.axes) == len(panels))
        top -= height + GAP
    ax.set_xlabel("Time (yr)", fontsize=view.size + 0.5, color=INK)
    if view.onset is not None:
        write(
            figure, WIDTH - right, tall - TOP + 0.14, view.onset_text, view.size - 1, GRAPHITE, align="right"
        )
    write(figure, LEFT, tall - 0.3, title, view.size + 2.5, weight="bold")
    close(figure, result, notes, [result.attrs.get("title")], LEFT, 105)
    return figure


@plainly
def _overview(result, time_axis="log") -> Figure:
    """One page: nine panels, the case's title, the numbers of the end, and why it ended."""
    view = prepare(result, time_axis, size=7.0)
    (wide, tall), attrs = PAGE, result.attrs
    figure = new_figure(figsize=PAGE, dpi=DPI)
    notes = [view.onset_text] if view.onset is not None else []
    for k, panel in enumerate(
        (TEMPERATURE, MELT, FLUX, PRESSURE, BULK, DEPTH, SHARE["H"], SHARE["C"], OXYGEN)
    ):
        x, y = 0.66 + 3.85 * (k % 3), tall - 2.52 - 1.99 * (k // 3)
        ax = axes(figure, (x / wide, y / tall, (2.48 if k % 3 < 2 else 3.0) / wide, 1.5 / tall))
        notes += panel.draw(ax, view)
        ax.set_title(panel.title, fontsize=view.size + 1, weight="bold", loc="left", color=INK, pad=5)
        ax.set_xlabel("Time (yr)" if k >= 6 else "", fontsize=view.size + 0.5, color=INK)
    write_whole(figure, 0.66, tall - 0.32, attrs.get("title") or attrs.get("case_name", ""), 14, wide - 1.2)
    write(
        figure,
        0.66,
        tall - 0.6,
        textwrap.shorten(attrs.get("end_reason", ""), 150, placeholder=" …"),
        9,
        PALE,
    )
    for k, (name, value) in enumerate(_end_in_numbers(view)[:25]):
        left, line = (0.66, 2.8, 4.7, 6.72, 9.1)[k // 5], 1.32 - 0.15 * (k % 5)
        write(figure, left, line, name, 7, PALE)
        write(figure, left + (1.2, 1.02, 0.98, 1.1, 1.1)[k // 5], line, value, 7, weight="bold")
    laws: dict[str, list[str]] = {}
    for one in json.loads(attrs.get("extrapolations", "[]")):
        laws.setdefault(one["law"], []).append(f"{one['argument']} {100 * one['share']:.0f} %")
    if laws:
        listed = ", ".join(f"{law} ({', '.join(shares)})" for law, shares in laws.items())
        notes.append(f"outside their calibration, in share of the stored times: {listed}")
    left_out = [short(one) for one in matters(json.loads(attrs.get("left_out", "[]")))]
    if left_out:
        notes.append(f"left out: {', '.join(left_out)}")
    close(figure, result, notes, [], 0.66, 190)
    return figure


def _end_in_numbers(view) -> list[tuple[str, str]]:
    scalars = (
        ("surface_temperature", 1, "surface temperature", " K"), ("core_mantle_temperature", 1, "core–mantle boundary", " K"),
        ("melt_fraction", 1, "melt fraction", ""), ("flux", 1, "heat flux", " W/m²"), ("optical_depth", 1, "optical depth", ""),
        ("surface_pressure", 1 / BAR, "surface pressure", " bar"), ("mean_molar_mass", 1e3, "mean molar mass", " g/mol"),
        ("log10_fO2", 1, "log₁₀ fO₂/bar", ""), ("graphite_activity", 1, "activity of graphite", ""),
    )  # fmt: skip
    last = view.result.isel(time=-1)
    rows = [("time", number(view.time[-1], unit=" yr"))]
    rows += [
        (text, number(float(last[n]) * scale, unit=unit)) for n, scale, text, unit in scalars if n in last
    ]
    gases = sorted(view.by_species("pressure", 1 / BAR), key=lambda c: -np.nan_to_num(c.values[-1], nan=-1.0))
    rows += [(f"pressure of {c.text}", number(c.values[-1], unit=" bar")) for c in gases[:5]]
    for element, (name, _) in ELEMENTS.items():
        held: dict[str, np.ndarray] = {}  # kg and share of the inventory
        for mass, share in zip(reservoirs(view, element), reservoirs(view, element, share=True)):
            where = {
                "dissolved": "dissolved",
                "trapped": "trapped",
                "escaped_mass": "escaped",
                "graphite_mass": "as graphite",
            }.get(mass.name, "in the gas")
            held[where] = held.get(where, 0.0) + np.array([mass.values[-1], share.values[-1]])
        told = {
            where: f"{number(m, 3, ' kg')}, {number(round(100 * s, 2), 3, ' %')}"
            for where, (m, s) in held.items()
        }
        rows += [(f"{name} {where}", text) for where, text in told.items()]
    return rows


def _mixing_ratios(result, time_axis="log") -> Figure:
    """Linear for the bulk, and below it logarithmic where some species is ever a trace."""
    traces = "mixing_ratio" in result and bool((result["mixing_ratio"].values < 0.02).any())
    return _figure(BULK.title, [(BULK, 2.7), (TRACES, 2.7)] if traces else [(BULK, 3.6)], result, time_axis)


def _oxygen(result, time_axis="log") -> Figure:
    """Oxygen fugacity and graphite; where the redox of the iron was followed, the distance from iron-wuestite and Fe3+ too."""
    if "ferric_share" not in result:
        return _figure(
            "Oxygen fugacity and graphite", [(OXYGEN, 2.4), (ACTIVITY, 2.4)], result, time_axis, right=0.4
        )
    return _figure(
        "Oxygen fugacity, ferric iron and graphite",
        [(OXYGEN, 1.9), (DISTANCE, 1.9), (FERRIC_SHARE, 1.9), (ACTIVITY, 1.9)],
        result,
        time_axis,
    )


# name -> function(result, time_axis="log") -> Figure, in the order in which they are written
FIGURES: Mapping[str, Callable[..., Figure]] = MappingProxyType(
    {
        "overview": _overview,
        "temperature-melt-fraction": partial(
            _figure, "Temperature and melt fraction", [(TEMPERATURE, 2.7), (MELT, 2.2)]
        ),
        "partial-pressures": partial(_figure, PRESSURE.title, [(PRESSURE, 3.8)]),
        "mixing-ratios": _mixing_ratios,
        "reservoirs-H": partial(_figure, MASS["H"].title, [(MASS["H"], 2.7), (SHARE["H"], 2.7)]),
        "reservoirs-C": partial(_figure, MASS["C"].title, [(MASS["C"], 2.7), (SHARE["C"], 2.7)]),
        "iron": partial(
            _figure, "Iron of the melt, the crystals and the pile", [(IRON_NUMBER, 2.7), (ANOMALY, 2.2)]
        ),
        "mantle-profiles": profiles,
        "mantle-melt": melt_map,
        "flux": partial(_figure, "Heat loss", [(FLUX, 2.4), (DEPTH, 2.4)], right=0.4),
        "oxygen-fugacity": _oxygen,
    }
)
