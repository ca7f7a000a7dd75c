"""Manjón-Cabeza Córdoba & Ballmer (arXiv 2605.04840) as a command: its claims judged, its figures drawn again."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

import numpy as np

from ...cumulates.crossing_search import path, scan
from ...files import write_text
from ...plots.buffering import BLACK, COLD, WARM, Line, Panel, draw
from ...schema.buffering_case import BufferingCase
from ..claims import Judged, folder, read_claims
from ..figure_choice import figures_asked
from .claims import KINDS, claims_csv, claims_markdown, evaluate
from .values import MYR, RANGES, REFERENCE, VALUES, VISCOSITIES, iron, iron_anomaly, quiet

PICTURES = "figures"
FIGURES: Mapping[int, str] = MappingProxyType({
    1: "iron of ocean, crystals and melts as the pile grows",
    2: "Fe# and density anomaly over the timescale of crystallisation",
    3: "anomaly of Fe# over mantle thickness and bulk Fe#",
    4: "sensitivity to viscosity, KD and core temperature",
    7: "viscosity: Earth and Mars",
    8: "density anomaly with other minerals",
})  # fmt: skip
TITLE = "Buffered magma oceans: the claims of arXiv 2605.04840 beside ours"
CAPTION = "Drawn again by mocoupled, as the text describes it; values that the paper does not print are calibrated to Fe# 26 (Earth) and about 57 (Mars)."


@dataclass(frozen=True)
class Result:
    """What was done: claims judged (empty when figures alone were asked), files, what went wrong."""

    judged: tuple[Judged, ...]
    files: tuple[Path, ...]
    problems: tuple[str, ...] = ()
    interrupted: bool = False
    outcomes: Mapping[str, object] = field(default_factory=dict)


def chosen(figures: Iterable[int]) -> tuple[int, ...]:
    """The figures asked for, all for none; InputError, with the known ones, for another number."""
    return figures_asked(figures, FIGURES, "this figure is not made from results.")


def reproduce(
    output: Path,
    figures: Iterable[int] = (),
    quick: bool = False,
    workers: int = 1,
    progress: Callable[[float, str], None] = lambda fraction, text: None,
    pressed: Callable[[], bool] = lambda: False,
) -> Result:
    """Draw output/figures and, when no figure was named, judge the claims into output/claims.csv and claims.md.

    quick: 12 points a line in place of 40. workers: not used, it takes half a minute. progress(fraction, text) is called
    before each piece of work; pressed() tells whether to stop.
    """
    figures = tuple(figures)
    asked, files = chosen(figures), []
    (output / PICTURES).mkdir(parents=True, exist_ok=True)
    for k, figure in enumerate(asked):
        progress(0.5 * k / len(asked), f"figure {figure}")
        if pressed():
            return Result((), tuple(files), interrupted=True)
        where = output / _picture(figure)
        files.append(
            draw(DRAWN[figure](12 if quick else 40), f"Figure {figure}: {FIGURES[figure]}", CAPTION, where)
        )
    if figures:
        return Result((), tuple(files))
    judged = evaluate(
        read_claims(folder() / "buffering_claims.csv", KINDS),
        VALUES,
        lambda share, text: progress(0.5 + 0.5 * share, text),
    )
    pictures = {f"Figure {k}: {FIGURES[k]}": _picture(k) for k in asked}
    for name, text in (
        ("claims.csv", claims_csv(judged)),
        ("claims.md", claims_markdown(judged, TITLE, _about(), pictures)),
    ):
        write_text(output / name, text)
        files.append(output / name)
    return Result(tuple(judged), tuple(files))


def _about() -> list[str]:
    from ...version import __version__

    told = {case: BufferingCase.read(case).attributes for case in ("earth", "mars")}
    return [
        f"Made by `mocoupled reproduce buffering`, mocoupled {__version__}.",
        f"{told['earth']['calibration']}: {told['earth']['calibration_provenance']}. A verdict marked \"calibrated\" therefore proves nothing, one marked \"selected a reading\" little.",
        "Fe# with the same readings and other plausible values: " + "; ".join(f"{case} {t['calibration_spread']}" for case, t in told.items())
        + ". With these values and other readings: " + "; ".join(f"{case} {t['calibration_readings']}" for case, t in told.items()) + ".",
    ]  # fmt: skip


def _picture(figure) -> str:
    return f"{PICTURES}/figure-{figure:02d}.png"


# ---- the figures


def _way(points):
    panels = []
    for case, name, colour in (("earth", "Earth", COLD[0]), ("mars", "Mars", WARM[0])):
        base, found = BufferingCase.read(case), quiet(case)
        f = np.linspace(scan()[0], 0.985, 4 * points)
        way = path(f, base.values, base.readings)
        lines = [
            Line(f, 100 * way.ocean_iron, "ocean, fractional", colour, "--"), Line(f, 100 * way.crystal_iron, "crystals", "#666666"),
            Line(f, 100 * way.melt_iron, "melts of the pile", WARM[2]),
            Line(np.array([float(found.solid_fraction)]), 100 * np.array([float(found.ocean_iron)]), f"buffered: Fe# {100 * float(found.ocean_iron):.1f}", BLACK, ""),
        ]  # fmt: skip
        panels.append(
            Panel(
                lines,
                "solid fraction",
                "Fe#",
                marks=[(float(found.solid_fraction), "crystals = melts")],
                limits=(0, 100),
                title=name,
            )
        )
    return panels


def _lines(points):
    """(case, text, colour, width, changes) of the lines of Fig. 2."""
    for case, colours in (("earth", COLD), ("mars", WARM)):
        yield case, f"{case}, reference", BLACK, 1.8, REFERENCE[case]
        changes = [("viscosity", v, f"{v:.0e} Pa s") for v in VISCOSITIES if v != 1e18]
        changes += [
            ("bulk_iron", v, f"bulk Fe# {100 * v:g}")
            for v in RANGES[case]["bulk_iron"]
            if v not in (0.1, 0.2)
        ]
        changes += [
            ("core_temperature", v, f"core {v:g} K")
            for v in RANGES[case]["core_temperature"]
            if v not in (4400.0, 2400.0)
        ]
        for k, (name, value, text) in enumerate(changes):
            yield case, f"{case}, {text}", colours[k % len(colours)], 0.9, REFERENCE[case] | {name: value}


def _timescales(points):
    times = np.geomspace(0.1, 100.0, points) * MYR
    found = [(line, quiet(line[0], **line[4], timescale=times)) for line in _lines(points)]
    return times, found


def _against_time(points):
    times, found = _timescales(points)
    x = times / MYR
    a = [
        Line(
            x,
            100 * r.ocean_iron.values,
            text if case == "earth" else "",
            colour,
            "-" if case == "earth" else "--",
            width,
        )
        for (case, text, colour, width, _), r in found
    ]
    b = [
        Line(
            x,
            r.density_anomaly.sel(structure="bridgmanite").values,
            text if case == "mars" else "",
            colour,
            "-" if case == "earth" else "--",
            width,
        )
        for (case, text, colour, width, _), r in found
    ]
    label = "timescale, Myr"
    return [
        Panel(a, label, "largest Fe#", True, title="solid lines: Earth; broken: Mars"),
        Panel(
            b,
            label,
            "density anomaly, kg/m³",
            True,
            band=(0.0, 300.0, "entrained, says the paper"),
            title="as bridgmanite",
        ),
    ]


CORES = {
    "fixed": "core 4400 K (as captioned)",
    "solidus": "core follows the solidus",
    "potential": "core's potential temperature fixed",
}


def _size_and_bulk(points):
    D, X = np.linspace(1000e3, 3600e3, points), np.linspace(0.02, 0.25, points)
    a = [
        Line(D / 1e3, iron_anomaly(D, core), f"{text}, static", colour)
        for (core, text), colour in zip(CORES.items(), (BLACK, COLD[0], WARM[0]))
    ]
    a += [
        Line(D / 1e3, iron_anomaly(D, core, timescale=MYR), f"{text}, 1 Myr", colour, ":")
        for (core, text), colour in zip(CORES.items(), (BLACK, COLD[0], WARM[0]))
    ]
    found = quiet("earth", bulk_iron=X)
    b = [Line(100 * X, 100 * (found.ocean_iron - found.pile_iron).values)]
    sizes = [(1600.0, "Mars"), (2890.0, "Earth")]
    return [
        Panel(
            a,
            "mantle thickness, km",
            "Fe# of ocean less pile",
            marks=sizes,
            limits=(0, 100),
            title="Earth otherwise; no value: no buffered ocean",
        ),
        Panel(
            b,
            "bulk Fe#",
            "Fe# of ocean less pile",
            marks=[(10.0, "Earth"), (20.0, "Mars")],
            title="Earth otherwise",
        ),
    ]


def _sensitivity(points):
    eta, KD, T = (
        np.geomspace(1e17, 1e21, points),
        np.linspace(0.2, 0.4, points),
        np.linspace(4000.0, 4600.0, points),
    )
    return [
        Panel(
            [Line(eta, iron("earth", viscosity=eta))],
            "viscosity, Pa s",
            "Fe#",
            True,
            band=(26.4, 27.4, "axis of the paper's figure"),
            limits=(26.0, 27.8),
        ),
        Panel([Line(KD, iron("earth", exchange_coefficient=KD))], "KD", "Fe#"),
        Panel([Line(T, iron("earth", core_temperature=T))], "core temperature, K", "Fe#"),
    ]


def _viscosity(points):
    eta = np.geomspace(1e17, 1e21, points)
    bands = {
        "earth": (26.4, 27.4, "axis of the paper's figure"),
        "mars": (56.0, 59.0, "axis of the paper's figure"),
    }
    spans = {"earth": (26.0, 27.8), "mars": (55.0, 60.0)}
    return [
        Panel(
            [Line(eta, iron(case, viscosity=eta))],
            "viscosity, Pa s",
            "Fe#",
            True,
            band=bands[case],
            limits=spans[case],
            title=case.capitalize(),
        )
        for case in bands
    ]


def _minerals(points):
    times, found = _timescales(points)
    panels = []
    for structure in ("akimotoite", "pyroxene"):
        lines = [
            Line(times / MYR, r.density_anomaly.sel(structure=structure if case == "mars" else "bridgmanite").values, text if width > 1 else "", colour, "-" if case == "earth" else "--", width)
            for (case, text, colour, width, _), r in found
        ]  # fmt: skip
        panels.append(
            Panel(
                lines,
                "timescale, Myr",
                "density anomaly, kg/m³",
                True,
                title=f"Mars as {structure}, Earth as bridgmanite",
            )
        )
    return panels


DRAWN = MappingProxyType(
    {1: _way, 2: _against_time, 3: _size_and_bulk, 4: _sensitivity, 7: _viscosity, 8: _minerals}
)
