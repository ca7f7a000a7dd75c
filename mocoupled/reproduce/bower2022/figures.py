"""Bower, Hakim, Sossi & Sanan 2022 as a command: run its cases, judge its claims, draw its figures."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from .. import claims_table as report
from ..claims import Judged, evaluate, folder, read_claims
from ..figure_choice import figures_asked
from ..runs import SAME, Outcome, run_all
from ..value_sources import Equilibria, Runs
from .cases import CARBON, FEW, FIGURES, NOMINAL, OCEANS, OFFSETS, REDOX_OCEANS, collect, name, of_figure

if TYPE_CHECKING:
    import xarray

    from ...case import Case
    from ..claims import Claim

RUNS, PICTURES, PIXELS = "runs", "figures", 100  # an inch: a figure stays below 150 kB
ABOUT = "drawn again by mocoupled from its own runs, as the text of the paper describes it"
NO_CAPTION = "the printed figure and its caption were not at hand"
TO_LID = "Curves end at the surface lid (1650 K)."


@dataclass(frozen=True)
class Result:
    """What was done: outcome of every case, claims judged (empty when figures alone were asked), files, what went wrong."""

    outcomes: Mapping[str, Outcome]
    judged: tuple[Judged, ...]
    files: tuple[Path, ...]
    problems: tuple[str, ...] = field(default=())
    interrupted: bool = False


def chosen(figures: Iterable[int]) -> tuple[int, ...]:
    """The figures asked for, all for none; InputError, with the known ones, for another number."""
    return figures_asked(figures, FIGURES, "this figure is not made from runs.")


def claims() -> tuple[Claim, ...]:
    """The paper's claims, as shipped."""
    return read_claims(folder() / "bower2022_claims.csv")


def reproduce(
    output: Path,
    figures: Iterable[int] = (),
    quick: bool = False,
    workers: int = 2,
    progress: Callable[[float, str], None] = lambda fraction, text: None,
    pressed: Callable[[], bool] = lambda: False,
    cases: Mapping[str, Case] | None = None,
) -> Result:
    """Run what is asked into output/runs, draw output/figures and, when no figure was named, judge the claims.

    figures: numbers, () for all and the claims. quick: 50 cells, inventories 1, 3 and 10. cases: in place of the paper's
    (for tests). progress and pressed: as in `runs.run_all`. Cases that compute the same share one run.
    """
    asked, whole = chosen(figures), not tuple(figures)
    told = claims() if whole else ()
    if cases is None:
        names = [n for figure in asked for n in of_figure(figure, quick)]
        names += [n for claim in told for n in claim.cases if claim.kind in ("run", "equilibrium", "input")]
        cases = collect(names, quick)
    needed = {n for figure in asked for n in of_figure(figure, quick)} | {
        n for c in told if c.kind == "run" for n in c.cases
    }
    if quick:
        needed = {n for n in needed if any(n in of_figure(figure, True) for figure in FIGURES)}
    twins: dict[str, str] = {}  # checksum -> the first case of this content
    homes = {n: twins.setdefault(case.checksum, n) for n, case in cases.items() if n in needed}
    distinct = {n: cases[n] for n in dict.fromkeys(homes.values())}
    output.mkdir(parents=True, exist_ok=True)
    done = run_all(distinct, output / RUNS, workers, progress, pressed)
    outcomes = {
        n: done[home] if n == home else Outcome(SAME, f"as {home}") if done[home].usable else done[home]
        for n, home in homes.items()
    }
    problems = [f"{n}: {o.status}: {o.reason}" for n, o in outcomes.items() if not o.usable]
    if pressed():
        return Result(outcomes, (), (), tuple(problems), True)
    found = Runs(
        output / RUNS, {n: home for n, home in homes.items() if done[home].usable}, Equilibria(cases)
    )
    files = [report.write_text(output / "runs.csv", report.runs_csv(outcomes, found.run))]
    for k, figure in enumerate(asked):
        progress(k / len(asked), f"figure {figure}")
        if pressed():
            return Result(outcomes, (), tuple(files), tuple(problems), True)
        files.append(draw(figure, found, output, quick))
    judged = []
    if whole:
        progress(1.0, "claims")
        judged = judge_all(told, found)
        files.append(report.write_text(output / "claims.csv", report.claims_csv(judged)))
        pictures = {f"Figure {k}: {FIGURES[k]}": _picture(k) for k in asked}
        files.append(
            report.write_text(
                output / "claims.md", report.claims_markdown(judged, TITLE, _about(cases, quick), pictures)
            )
        )
    return Result(outcomes, tuple(judged), tuple(files), tuple(problems))


LUMPED = "run with the lumped mantle, in which melt and crystals do not separate: E and F are the same"
TITLE = "Bower et al. 2022: the claims of the paper beside ours"


def judge_all(told: Iterable[Claim], runs: Runs) -> list[Judged]:
    """Every claim judged from the runs there are."""
    from .values import VALUES

    lumped = any(case.mantle.model == "lumped" for case in runs.equilibria.cases.values())
    return evaluate(told, VALUES, runs, runs.equilibria, LUMPED if lumped else "")


def _about(cases, quick) -> list[str]:
    from ...version import __version__

    mantles = sorted(
        {
            f"{c.mantle.model}{f', {c.mantle.cells} cells' if hasattr(c.mantle, 'cells') and c.mantle.model != 'lumped' else ''}"
            for c in cases.values()
        }
    )
    subset = " Inventories 1, 3 and 10 alone (--quick)." if quick else ""
    return [
        "Bower, Hakim, Sossi & Sanan 2022, Planet. Sci. J. 3, 93, arXiv 2110.08029. Made by `mocoupled reproduce "
        f"bower2022{' --quick' if quick else ''}`, mocoupled {__version__}; mantle: {'; '.join(mantles)}.{subset}",
        '"agrees": within what the printed number leaves open, by rounding or by its wording; "within N %": outside of that '
        "by no more than N % of its nearer end, which is less than what is argued in `validation/published/"
        'bower2022_claims.csv` for numerical reasons; "without a run": the same quantity by equilibrium alone, molten at the '
        "initial temperature, partly molten at 1650 K with the melt fraction named (at the lid: 30 % for crystals of 1 mm, "
        "2 % for 5 cm), where it does not depend on the mantle's model.",
    ]


# ---- the figures


def _picture(figure) -> str:
    return f"{PICTURES}/figure-{figure:02d}.png"


def draw(figure: int, runs: Runs, where: Path, quick: bool = False) -> Path:
    """Draw a figure from the stored runs into where/figures; its path."""
    from ...plots.style import save

    path = where / _picture(figure)
    path.parent.mkdir(parents=True, exist_ok=True)
    made = _DRAWN[figure](figure, runs, quick)
    return save(made, path, {"case_name": "Bower et al. 2022", "source": "mocoupled"}, dpi=PIXELS, packed=9)


def _there(runs, names) -> dict[str, xarray.Dataset]:
    """The diagnosed runs, of those names that have one."""
    return {n: runs.run(n) for n in names if n in runs.folders}


def _caption(figure, text, known=False) -> str:
    return (
        f"Fig. {figure} of Bower et al. 2022 (PSJ 3, 93), {ABOUT}{'' if known else f'; {NO_CAPTION}'}. {text}"
    )


def _offset(dex) -> str:
    return f"IW{dex:+g}".replace("-", "−")


def _oceans(n) -> str:
    return f"{n} ocean{'s' if n > 1 else ''}"


def _profiles(figure, runs, quick):
    from ...plots.profiles import draw_profiles

    text = "E1: crystals of 1 mm, F1: of 5 cm. Profiles at 100, 90, 70, 50, 30, 15 and 5 % melt of the whole mantle, and at the lid. Grey: E1."
    return draw_profiles(
        _profile(runs, "E1"),
        _profile(runs, "F1"),
        ("E1", "F1"),
        "One ocean of hydrogen, no carbon",
        _caption(figure, text),
    )


def _profile(runs, one):
    return runs.profile(one) if one in runs.folders else None


def _compositions(figure, runs, quick):
    from ...plots.compositions import draw_mixing_ratios, draw_pressures

    oceans = [_oceans(n) for n in FEW]
    if figure == 8:
        rows, names = [_offset(d) for d in OFFSETS], [[name(n, 1.0, d) for n in FEW] for d in OFFSETS]
        title = "Composition of the gas, C/H = 1"
    else:
        offset = {14: -2.0, 15: 2.0, 16: 4.0}.get(figure, NOMINAL)
        carbon = CARBON if figure == 5 else (0.0, *CARBON)
        rows, names = [f"C/H = {c:g}" for c in carbon], [[name(n, c, offset) for n in FEW] for c in carbon]
        title = f"{'Partial pressures' if figure == 5 else 'Composition of the gas'} at {_offset(offset)}"
    there = {
        (i, j): runs.run(n) for i, row in enumerate(names) for j, n in enumerate(row) if n in runs.folders
    }
    text = f"Dotted: 30 % melt, where a lid forms in equilibrium crystallisation. Crystals of 5 cm. {TO_LID}"
    return (draw_pressures if figure == 5 else draw_mixing_ratios)(
        rows, oceans, there, title, _caption(figure, text)
    )


def _series(runs, names, oceans, melt, colour, style="-"):
    from ...plots.depletions import Series

    found = [(n, runs.run(one)) for n, one in zip(oceans, names) if one in runs.folders]
    return Series(melt, [n for n, _ in found], [run for _, run in found], colour, style)


DASHED, DOTTED = (0, (4, 1.5)), (0, (1, 1.2))


def _in_time(figure, runs, quick):
    from ...plots.depletions import COLOURS, draw_in_time

    oceans, redox = (FEW, FEW) if quick else (OCEANS, REDOX_OCEANS)
    colour = dict(zip((0.5, 0.3, 0.1, 0.02), ("#44AA99", "#332288", "#DDAA33", "#CC3311")))
    melts = [(f"{100 * m:g} % melt", {"color": c, "linewidth": 1.3}) for m, c in colour.items()]
    text = f"Circles: inventory in oceans. A run that ends within 0.5 % melt above a melt fraction is shown with its end. {TO_LID}"
    if figure == 3:
        panels = []
        for kind, heading, chosen_melts in (
            ("E", "(E) crystals of 1 mm", (0.5, 0.3)),
            ("F", "(F) crystals of 5 cm", (0.3, 0.1, 0.02)),
        ):
            lines = [
                _series(runs, [f"{k}{n}" for n in oceans], oceans, m, colour[m], style)
                for m in chosen_melts
                for k, style in ((kind, "-"), (f"W{kind}", DASHED))
            ]
            panels.append((heading, lines))
        styles = [
            ("H₂ and H₂O, IW+0.5", {"color": "#222222", "linewidth": 1.1}),
            ("H₂O alone (W)", {"color": "#222222", "linewidth": 1.1, "linestyle": DASHED}),
        ]
        return draw_in_time(
            panels,
            [melts, styles],
            "Interior depletion of hydrogen, no carbon",
            _caption(figure, text),
            separate=True,
        )
    if figure == 7:
        panels = [
            (
                f"C/H = {c:g}",
                [_series(runs, [name(n, c) for n in oceans], oceans, m, colour[m]) for m in (0.3, 0.1, 0.02)],
            )
            for c in CARBON
        ]
        return draw_in_time(
            panels,
            [melts[1:]],
            "Interior depletion of hydrogen, with carbon, IW+0.5",
            _caption(figure, f"Crystals of 5 cm. {text}"),
        )
    panels = []
    for d in OFFSETS:
        lines = [
            _series(runs, [name(n, c, d) for n in redox], redox, m, COLOURS[k], style)
            for k, c in enumerate(CARBON)
            for m, style in ((0.3, DASHED), (0.02, "-"))
        ]
        panels.append((_offset(d), lines))
    shades = [(f"C/H = {c:g}", {"color": COLOURS[k], "linewidth": 1.3}) for k, c in enumerate(CARBON)]
    styles = [
        ("2 % melt", {"color": "#222222", "linewidth": 1.1}),
        ("30 % melt", {"color": "#222222", "linewidth": 1.1, "linestyle": DASHED}),
    ]
    return draw_in_time(
        panels,
        [shades + styles],
        "Interior depletion of hydrogen, by oxygen fugacity",
        _caption(figure, f"Crystals of 5 cm. {text}"),
        columns=2,
    )


def _by_inventory(figure, runs, quick):
    from ...plots.depletions import COLOURS, draw_by_inventory

    if figure == 6:
        oceans = FEW if quick else OCEANS
        families = [(f"C/H = {c:g}", [name(n, c) for n in oceans]) for c in (0.0, *CARBON)]
        title = "Interior depletion of hydrogen, IW+0.5"
    else:
        oceans = FEW if quick else REDOX_OCEANS
        families = [(_offset(d), [name(n, 1.0, d) for n in oceans]) for d in OFFSETS]
        title = "Interior depletion of hydrogen, C/H = 1"
    panels = [
        (
            f"{100 * m:g} % melt",
            [_series(runs, names, oceans, m, COLOURS[k]) for k, (_, names) in enumerate(families)],
        )
        for m in (0.3, 0.1, 0.02)
    ]
    samples = [(text, {"color": COLOURS[k], "linewidth": 1.3}) for k, (text, _) in enumerate(families)]
    text = "Crystals of 5 cm. A run that ends within 0.5 % melt above 2 % is shown with its end."
    return draw_by_inventory(panels, samples, title, _caption(figure, text))


def _escape(figure, runs, quick):
    from ...plots.profiles import draw_escape

    titles = {
        "R0": "3 oceans, C/H = 0.1, no escape", "R": "escape", "L": "large escape", name(1, 0.1): "1 ocean, C/H = 0.1", name(3, 1.0): "3 oceans, C/H = 1",
    }  # fmt: skip
    there = {titles[n]: run for n, run in _there(runs, titles).items()}
    text = f"Escape of H₂ with a prefactor of 1 and 1000 and an XUV factor of 40, both inferred. {TO_LID}"
    return draw_escape(there, "Escape of hydrogen", _caption(figure, text))


_DRAWN = {2: _profiles, 11: _escape} | dict.fromkeys((4, 5, 8, 14, 15, 16), _compositions)
_DRAWN |= dict.fromkeys((3, 7, 10), _in_time) | dict.fromkeys((6, 9), _by_inventory)
