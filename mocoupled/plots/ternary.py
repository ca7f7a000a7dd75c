"""The figures of melting in MgO-FeO-SiO2: ternaries with isotherms and paths; lines of descent."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from .settings import new_figure, plainly
from .style import GREY, INK, PALE, LineStyle, formula, number, write

if TYPE_CHECKING:
    import xarray
    from matplotlib.axes import Axes
    from matplotlib.colors import Colormap
    from matplotlib.figure import Figure
    from numpy.typing import ArrayLike

    Paths = Mapping[str, xarray.Dataset]  # name -> Dataset of `melting.path`

WIDE, TALL, SIZE = 8.4, 7.6, 8.5  # inches, pt
SIDE = 0.8660254037844386  # height of the triangle
COLOURS = {"ferropericlase": "#CC3311", "bridgmanite": "#117733", "stishovite": "#7A5195", "melt": "#0072B2"}
PATHS = ("#0072B2", "#AA4499", "#117733", "#E69F00")
BOUNDARY = {"ferropericlase-bridgmanite": "#222222", "bridgmanite-stishovite": "#7A5195"}
LABELS = 6  # isotherms that carry a number, at least


def position(composition: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    """Coordinates of melts in the triangle: MgO lower left (0, 0), FeO lower right (1, 0), SiO2 on top.

    composition (..., 3): mole fractions of FeO, MgO, SiO2.
    """
    x = np.asarray(composition, dtype=float)
    return x[..., 0] + 0.5 * x[..., 2], SIDE * x[..., 2]


@plainly
def draw_ternary(
    result: xarray.Dataset, paths: Mapping[str, xarray.Dataset] | None = None, caption: str = ""
) -> Figure:
    """The ternary of a Dataset of `melting.ternary`.

    paths: name -> Dataset of `melting.path` at the same pressure.
    """
    figure = new_figure(figsize=(WIDE, TALL))
    ax = figure.add_axes((0.05, 0.09, 0.78, 0.82))
    ax.set_aspect("equal")
    ax.set_axis_off()
    ax.set(xlim=(-0.07, 1.07), ylim=(-0.09, SIDE + 0.05))
    _isotherms(ax, figure, result)
    _frame(ax)
    for k, name in enumerate(result.boundary.values):
        u, v = position(result.cotectic_composition.values[k])
        ax.plot(u, v, color=BOUNDARY[str(name)], lw=2.4, solid_capstyle="round", label=f"cotectic {name}")
    _solids(ax)
    for (name, path), colour in zip((paths or {}).items(), PATHS):
        u, v = position(path.melt_composition.values)
        ax.plot(u, v, color=colour, lw=1.3, label=f"path {name}")
        ax.plot(u[:1], v[:1], "o", color=colour, ms=6.5, mec="white", mew=0.8, label=f"bulk {name}")
        fractions = path.melt_fraction.values
        for mark in (0.75, 0.5, 0.25, 0.1):
            if fractions[-1] <= mark:
                k = int(np.argmin(np.abs(fractions - mark)))
                ax.plot(u[k], v[k], "|", color=colour, ms=7, mew=1.3, label="_mark")
    _words(figure, ax, result, paths or {}, caption)
    return figure


def _isotherms(ax: Axes, figure: Figure, result: xarray.Dataset) -> None:
    """Filled contours of the liquidus, with numbers; hatched where the melt would unmix."""
    from matplotlib.tri import Triangulation

    T = result.liquidus_temperature.values
    u, v = position(result.composition.values)
    mesh = Triangulation(u, v)
    missing = ~np.isfinite(T)
    if (~missing).sum() < 3:
        return
    if missing.any():  # visible where no isotherm covers it
        corner = position(np.array([[0.0, 1.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, 1.0]]))
        ax.fill(*corner, facecolor="#EEEEEE", edgecolor="#BBBBBB", hatch="//", lw=0, zorder=0)
    a, b, c = (mesh.triangles[:, k] for k in range(3))
    area = np.abs((u[b] - u[a]) * (v[c] - v[a]) - (u[c] - u[a]) * (v[b] - v[a]))
    mesh.set_mask(missing[mesh.triangles].any(axis=1) | (area < 1e-12))
    T = np.where(missing, np.nanmin(T), T)
    span = float(np.ptp(T))
    step = next(s for s in (10, 20, 50, 100, 200, 250, 500) if span / s <= 32 or s == 500)
    levels = np.arange(np.floor(T.min() / step), np.ceil(T.max() / step) + 1) * step
    shades = ax.tricontourf(mesh, T, levels=levels, cmap=_pale("YlOrBr"))
    lines = ax.tricontour(mesh, T, levels=levels, colors=GREY, linewidths=0.45)
    every = max(1, len(levels) // (2 * LABELS))
    ax.clabel(lines, levels[::every], fmt=lambda value: f"{value:.0f}", fontsize=SIZE - 2.5, inline_spacing=2)
    bar = figure.colorbar(shades, cax=figure.add_axes((0.87, 0.2, 0.022, 0.45)))
    bar.set_label("liquidus (K)", fontsize=SIZE, color=INK)
    bar.ax.tick_params(labelsize=SIZE - 1.5, colors=INK)


def _pale(name: str) -> Colormap:
    """A colour map mixed with white, under which lines can be seen."""
    from matplotlib import colormaps
    from matplotlib.colors import ListedColormap

    return ListedColormap(0.4 + 0.6 * colormaps[name](np.linspace(0, 1, 256)))


def _frame(ax: Axes) -> None:
    """The triangle, its ticks and the oxides at its corners."""
    ax.plot([0, 1, 0.5, 0], [0, 0, SIDE, 0], color=INK, lw=1.0, label="_frame")
    for k in range(1, 5):  # ticks every 20 mol%, of MgO along the base, FeO on the right, SiO2 on the left
        s = k / 5
        for x, (du, dv) in (
            ((1 - s, s, 0), (0, -0.032)),
            ((s, 0, 1 - s), (0.03, 0.012)),
            ((0, 1 - s, s), (-0.033, 0.012)),
        ):
            u, v = map(float, position(x))
            ax.plot([u, u + 0.35 * du], [v, v + 0.35 * dv], color=INK, lw=0.8, label="_tick")
            percent = f"{100 * s:.0f}"
            ax.text(u + du, v + dv, percent, fontsize=SIZE - 1.5, color=PALE, ha="center", va="center")
    for x, oxide, (du, dv) in (
        ((0, 1, 0), "MgO", (-0.02, -0.05)),
        ((1, 0, 0), "FeO", (0.02, -0.05)),
        ((0, 0, 1), "SiO2", (0, 0.03)),
    ):
        u, v = map(float, position(x))
        ax.text(
            u + du,
            v + dv,
            formula(oxide),
            fontsize=SIZE + 2,
            color=INK,
            ha="center",
            weight="bold",
            parse_math=False,
        )


def _solids(ax: Axes) -> None:
    """Compositions of ferropericlase and bridgmanite."""
    for name, ends in (
        ("ferropericlase", [(0, 1, 0), (1, 0, 0)]),
        ("bridgmanite", [(0, 0.5, 0.5), (0.5, 0, 0.5)]),
    ):
        u, v = position(ends)
        ax.plot(u, v, color=COLOURS[name], lw=1.2, ls=(0, (4, 2)), label=f"solids {name}")


def _words(figure: Figure, ax: Axes, result: xarray.Dataset, paths: Paths, caption: str) -> None:
    """Title, names of the fields, the legend of the paths, caption."""
    title = f"Melting of MgO-FeO-SiO₂ at {result.attrs['pressure'] / 1e9:g} GPa"
    write(figure, 0.35, TALL - 0.3, title, SIZE + 3, weight="bold")
    about = f"mole fractions in per cent; liquid mixing: {result.attrs['mixing']}"
    write(figure, 0.35, TALL - 0.56, about, SIZE, PALE)
    phases, x = result.liquidus_phase.values, result.composition.values
    for k, name in enumerate(COLOURS):
        inside = phases == k
        if name != "melt" and inside.sum() > 0.01 * len(phases):
            # inside of the field, away from the paths: the point nearest to the field's mean, iron-rich half
            here = x[inside]
            apart = ((here - here.mean(axis=0) - np.array([0.08, -0.08, 0])) ** 2).sum(axis=1)
            u, v = map(float, position(here[np.argmin(apart)]))
            ax.text(
                u,
                v,
                name,
                fontsize=SIZE + 1,
                color=COLOURS[name],
                style="italic",
                ha="center",
                parse_math=False,
                bbox={"facecolor": "white", "alpha": 0.6, "lw": 0, "pad": 1},
            )
    y = TALL - 0.95
    for (name, path), colour in zip(paths.items(), PATHS):
        solid = str(path.solid.values[int(np.argmax(path.present.values[0]))])
        start = f"{name}: {solid} at {number(float(path.temperature[0]), 4)} K"
        write(figure, WIDE - 2.75, y, start, SIZE, colour, "bold")
        end = f"   {path.attrs['mode']}, to {100 * float(path.melt_fraction[-1]):.2g} mol% melt"
        write(figure, WIDE - 2.75, y - 0.18, end, SIZE - 1, PALE)
        y -= 0.44
    if paths:
        write(figure, WIDE - 2.75, y, "bars: 75, 50, 25 and 10 mol% melt", SIZE - 1, PALE)
    for k, line in enumerate(textwrap.wrap(caption, 125)):
        write(figure, 0.35, 0.62 - 0.16 * k, line, SIZE - 1, PALE)


@plainly
def draw_path(
    paths: Mapping[str, xarray.Dataset], title: str, caption: str = "", until: float = 0.02
) -> Figure:
    """Liquid lines of descent against the temperature below the cotectic onset, in three panels.

    From above: melt, ferropericlase, bridgmanite.

    paths: name -> Dataset of `melting.path`; the first in full lines, the second dashed, the third dotted.
    until: melt fraction by volume at which the lines end.
    """
    figure = new_figure(figsize=(7.2, 8.4))
    panels = [figure.add_axes((0.12, 0.135 + 0.265 * k, 0.7, 0.235)) for k in (2, 1, 0)]
    styles: tuple[LineStyle, ...] = ("-", (0, (5, 1.5)), (0, (1, 1)))
    oxides = {"FeO": "#CC3311", "MgO": "#0072B2", "SiO2": "#DDAA33"}
    for (name, path), style in zip(paths.items(), styles):
        both = path.present.values[:, :2].all(axis=1)
        on = np.flatnonzero(both & (path.melt_fraction_by_volume.values >= until))
        if not len(on):
            continue
        below = path.temperature.values[on[0]] - path.temperature.values[on]
        solids = path.solid_composition.values
        for ax, values in zip(panels, (path.melt_composition.values, solids[:, 0], solids[:, 1])):
            for j, (oxide, colour) in enumerate(oxides.items()):
                if np.any(values[on, j] > 0):
                    ax.plot(
                        below, 100 * values[on, j], color=colour, ls=style, lw=1.4, label=f"{name} {oxide}"
                    )
    for ax, text in zip(panels, ("melt", "ferropericlase", "bridgmanite")):
        ax.set_ylabel(f"{text} (mol%)", fontsize=SIZE, color=INK)
        ax.tick_params(labelsize=SIZE - 1, colors=INK)
        ax.set_xlim(0, None)
        ax.set_ylim(0, None)
        for side in ("top", "right"):
            ax.spines[side].set_visible(False)
    panels[-1].set_xlabel("below the onset of the cotectic (K)", fontsize=SIZE, color=INK)
    write(figure, 0.4, 8.15, title, SIZE + 3, weight="bold")
    y = 7.6
    for oxide, colour in oxides.items():
        write(figure, 6.05, y, formula(oxide), SIZE, colour, "bold")
        y -= 0.2
    for (name, _), words in zip(paths.items(), ("full", "dashed", "dotted")):
        write(figure, 6.05, y - 0.1, f"{words}: {name}", SIZE - 1.5, PALE)
        y -= 0.2
    for k, line in enumerate(textwrap.wrap(caption, 112)):
        write(figure, 0.4, 0.52 - 0.16 * k, line, SIZE - 1.5, PALE)
    return figure
