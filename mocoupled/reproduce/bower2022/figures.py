"""The figures of Bower et al. 2022, drawn again from stored runs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from ..paper import PIXELS, picture
from ..value_sources import Runs
from .cases import CARBON, FEW, NOMINAL, OCEANS, OFFSETS, REDOX_OCEANS, name

if TYPE_CHECKING:
    import xarray

    from ...plots.depletions import Series
    from ...plots.figure_type import Figure

    LineStyle = str | tuple[int, tuple[float, ...]]
    Sample = tuple[str, dict[str, object]]  # text of a legend, and its line

ABOUT = "drawn again by mocoupled from its own runs, as the text of the paper describes it"
NO_CAPTION = "the printed figure and its caption were not at hand"
TO_LID = "Curves end at the surface lid (1650 K)."
CIRCLES = (
    "Circles: inventory in oceans. A run that ends within 0.5 % melt above a melt fraction is shown with "
    f"its end. {TO_LID}"
)
INK = "#222222"
DASHED = (0, (4.0, 1.5))
MELT_COLOURS = {0.5: "#44AA99", 0.3: "#332288", 0.1: "#DDAA33", 0.02: "#CC3311"}


def draw(figure: int, runs: Runs, where: Path, quick: bool = False) -> Path:
    """Draw a figure from the stored runs into where/figures. Returns its path."""
    from ...plots.style import save

    path = where / picture(figure)
    path.parent.mkdir(parents=True, exist_ok=True)
    attributes = {"case_name": "Bower et al. 2022", "source": "mocoupled"}
    return save(DRAWN[figure](figure, runs, quick), path, attributes, dpi=PIXELS, packed=9)


def _runs_of(runs: Runs, names: Iterable[str]) -> dict[str, xarray.Dataset]:
    """The diagnosed runs of those names that have a complete run."""
    return {n: runs.run(n) for n in names if n in runs.folders}


def _caption(figure: int, text: str) -> str:
    return f"Fig. {figure} of Bower et al. 2022 (PSJ 3, 93), {ABOUT}; {NO_CAPTION}. {text}"


def _offset(dex: float) -> str:
    return f"IW{dex:+g}".replace("-", "−")


def _oceans(n: int) -> str:
    return f"{n} ocean{'s' if n > 1 else ''}"


def _profiles(figure: int, runs: Runs, quick: bool) -> Figure:
    from ...plots.profiles import draw_profiles

    text = (
        "E1: crystals of 1 mm, F1: of 5 cm. Profiles at 100, 90, 70, 50, 30, 15 and 5 % melt of the whole "
        "mantle, and at the lid. Grey: E1."
    )
    E1, F1 = (runs.profile(n) if n in runs.folders else None for n in ("E1", "F1"))
    title = "One ocean of hydrogen, no carbon"
    return draw_profiles(E1, F1, ("E1", "F1"), title, _caption(figure, text))


def _compositions(figure: int, runs: Runs, quick: bool) -> Figure:
    from ...plots.compositions import draw_mixing_ratios, draw_pressures

    if figure == 8:
        rows = [_offset(d) for d in OFFSETS]
        names = [[name(n, 1.0, d) for n in FEW] for d in OFFSETS]
        title = "Composition of the gas, C/H = 1"
    else:
        offset = {14: -2.0, 15: 2.0, 16: 4.0}.get(figure, NOMINAL)
        ratios = CARBON if figure == 5 else (0.0, *CARBON)
        rows = [f"C/H = {ratio:g}" for ratio in ratios]
        names = [[name(n, ratio, offset) for n in FEW] for ratio in ratios]
        title = f"{'Partial pressures' if figure == 5 else 'Composition of the gas'} at {_offset(offset)}"
    panels = {}
    for i, row in enumerate(names):
        for j, case in enumerate(row):
            if case in runs.folders:
                panels[i, j] = runs.run(case)
    text = f"Dotted: 30 % melt, where a lid forms in equilibrium crystallisation. Crystals of 5 cm. {TO_LID}"
    columns = [_oceans(n) for n in FEW]
    draw_panels = draw_pressures if figure == 5 else draw_mixing_ratios
    return draw_panels(rows, columns, panels, title, _caption(figure, text))


def _series(
    runs: Runs, names: Sequence[str], oceans: Sequence[int], melt: float, colour: str, style: LineStyle = "-"
) -> Series:
    """A line of runs of rising inventory, those that are complete. names: of the cases, in the order of
    oceans."""
    from ...plots.depletions import Series

    complete = [(n, runs.run(case)) for n, case in zip(oceans, names) if case in runs.folders]
    return Series(melt, [n for n, _ in complete], [run for _, run in complete], colour, style)


def _sample(text: str, colour: str, width: float, style: LineStyle = "-") -> Sample:
    line: dict[str, object] = {"color": colour, "linewidth": width}
    return text, line if style == "-" else line | {"linestyle": style}


def _melt_samples(melts: Iterable[float]) -> list[Sample]:
    return [_sample(f"{100 * melt:g} % melt", MELT_COLOURS[melt], 1.3) for melt in melts]


def _in_time_without_carbon(figure: int, runs: Runs, quick: bool) -> Figure:
    from ...plots.depletions import draw_in_time

    oceans = FEW if quick else OCEANS
    panels = []
    for kind, heading, melts in (
        ("E", "(E) crystals of 1 mm", (0.5, 0.3)),
        ("F", "(F) crystals of 5 cm", (0.3, 0.1, 0.02)),
    ):
        lines = []
        for melt in melts:
            colour = MELT_COLOURS[melt]
            lines.append(_series(runs, [f"{kind}{n}" for n in oceans], oceans, melt, colour))
            lines.append(_series(runs, [f"W{kind}{n}" for n in oceans], oceans, melt, colour, DASHED))
        panels.append((heading, lines))
    styles = [
        _sample("H₂ and H₂O, IW+0.5", INK, 1.1),
        _sample("H₂O alone (W)", INK, 1.1, DASHED),
    ]
    samples = [_melt_samples(MELT_COLOURS), styles]
    title = "Interior depletion of hydrogen, no carbon"
    return draw_in_time(panels, samples, title, _caption(figure, CIRCLES), separate=True)


def _in_time_with_carbon(figure: int, runs: Runs, quick: bool) -> Figure:
    from ...plots.depletions import draw_in_time

    oceans = FEW if quick else OCEANS
    melts = (0.3, 0.1, 0.02)
    panels = []
    for ratio in CARBON:
        names = [name(n, ratio) for n in oceans]
        lines = [_series(runs, names, oceans, melt, MELT_COLOURS[melt]) for melt in melts]
        panels.append((f"C/H = {ratio:g}", lines))
    title = "Interior depletion of hydrogen, with carbon, IW+0.5"
    caption = _caption(figure, f"Crystals of 5 cm. {CIRCLES}")
    return draw_in_time(panels, [_melt_samples(melts)], title, caption)


def _in_time_by_redox(figure: int, runs: Runs, quick: bool) -> Figure:
    from ...plots.depletions import COLOURS, draw_in_time

    oceans = FEW if quick else REDOX_OCEANS
    panels = []
    for offset in OFFSETS:
        lines = []
        for ratio, colour in zip(CARBON, COLOURS):
            names = [name(n, ratio, offset) for n in oceans]
            lines.append(_series(runs, names, oceans, 0.3, colour, DASHED))
            lines.append(_series(runs, names, oceans, 0.02, colour))
        panels.append((_offset(offset), lines))
    samples = [_sample(f"C/H = {ratio:g}", colour, 1.3) for ratio, colour in zip(CARBON, COLOURS)]
    samples += [_sample("2 % melt", INK, 1.1), _sample("30 % melt", INK, 1.1, DASHED)]
    title = "Interior depletion of hydrogen, by oxygen fugacity"
    return draw_in_time(panels, [samples], title, _caption(figure, f"Crystals of 5 cm. {CIRCLES}"), columns=2)


def _by_inventory(figure: int, runs: Runs, quick: bool) -> Figure:
    from ...plots.depletions import COLOURS, draw_by_inventory

    if figure == 6:
        oceans = FEW if quick else OCEANS
        families = [(f"C/H = {ratio:g}", [name(n, ratio) for n in oceans]) for ratio in (0.0, *CARBON)]
        title = "Interior depletion of hydrogen, IW+0.5"
    else:
        oceans = FEW if quick else REDOX_OCEANS
        families = [(_offset(d), [name(n, 1.0, d) for n in oceans]) for d in OFFSETS]
        title = "Interior depletion of hydrogen, C/H = 1"
    panels = []
    for melt in (0.3, 0.1, 0.02):
        lines = [_series(runs, names, oceans, melt, colour) for (_, names), colour in zip(families, COLOURS)]
        panels.append((f"{100 * melt:g} % melt", lines))
    samples = [_sample(text, colour, 1.3) for (text, _), colour in zip(families, COLOURS)]
    text = "Crystals of 5 cm. A run that ends within 0.5 % melt above 2 % is shown with its end."
    return draw_by_inventory(panels, samples, title, _caption(figure, text))


def _escape(figure: int, runs: Runs, quick: bool) -> Figure:
    from ...plots.profiles import draw_escape

    titles = {
        "R0": "3 oceans, C/H = 0.1, no escape",
        "R": "escape",
        "L": "large escape",
        name(1, 0.1): "1 ocean, C/H = 0.1",
        name(3, 1.0): "3 oceans, C/H = 1",
    }
    titled = {titles[n]: run for n, run in _runs_of(runs, titles).items()}
    text = f"Escape of H₂ with a prefactor of 1 and 1000 and an XUV factor of 40, both inferred. {TO_LID}"
    return draw_escape(titled, "Escape of hydrogen", _caption(figure, text))


DRAWN: Mapping[int, Callable[[int, Runs, bool], Figure]] = MappingProxyType(
    {
        2: _profiles,
        3: _in_time_without_carbon,
        4: _compositions,
        5: _compositions,
        6: _by_inventory,
        7: _in_time_with_carbon,
        8: _compositions,
        9: _by_inventory,
        10: _in_time_by_redox,
        11: _escape,
        14: _compositions,
        15: _compositions,
        16: _compositions,
    }
)
