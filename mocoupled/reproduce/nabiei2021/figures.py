"""Nabiei et al. 2021 as a command: the melting model beside the paper's claims, figures 3 and 4 drawn again."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from ..figure_choice import figures_asked
from .values import PRESSURE, VALUES, Melts

if TYPE_CHECKING:
    from ..claims import Claim, Judged

FIGURES = MappingProxyType(
    {
        3: "Phase diagram MgO-FeO-SiO2 at 52 GPa",
        4: "Cotectic melt and solids along the line of descent of olivine",
    }
)
PICTURES, PIXELS = "figures", 100  # an inch
TITLE = "Nabiei et al. 2021: the claims of the paper beside ours"


@dataclass(frozen=True)
class Result:
    """What was done: claims judged (empty when figures alone were asked) and files. There are no runs, so no outcomes."""

    judged: tuple[Judged, ...]
    files: tuple[Path, ...]
    outcomes: Mapping[str, object] = field(default_factory=dict)
    problems: tuple[str, ...] = ()
    interrupted: bool = False


def chosen(figures: Iterable[int]) -> tuple[int, ...]:
    """The figures asked for, all for none; InputError, with the known ones, for another number."""
    return figures_asked(figures, FIGURES, "this figure is not made by the model.")


def claims() -> tuple[Claim, ...]:
    """The paper's claims, as shipped."""
    from ..claims import folder, read_claims

    return read_claims(folder() / "nabiei2021_claims.csv")


def reproduce(
    output: Path,
    figures: Iterable[int] = (),
    quick: bool = False,
    workers: int = 1,
    progress: Callable[[float, str], None] = lambda fraction, text: None,
    pressed: Callable[[], bool] = lambda: False,
) -> Result:
    """Draw output/figures and, when no figure was named, judge the claims into output/claims.csv and claims.md.

    The whole takes seconds: `quick` and `workers`, which other papers need, change nothing. progress: called with the share
    done and what is next; pressed: whether to stop.
    """
    figures = tuple(figures)
    asked, melts, files = chosen(figures), Melts(), []
    output.mkdir(parents=True, exist_ok=True)
    for k, figure in enumerate(asked):
        progress(0.5 * k / len(asked), f"figure {figure}")
        if pressed():
            return Result((), tuple(files), interrupted=True)
        files.append(draw(figure, melts, output))
    if figures:
        return Result((), tuple(files))
    from .. import claims_table as report
    from ..claims import evaluate

    progress(0.5, "claims")
    judged = evaluate(claims(), VALUES, melts, melts)
    files.append(report.write_text(output / "claims.csv", report.claims_csv(judged)))
    pictures = {f"Figure {k}: {FIGURES[k]}": _picture(k) for k in asked}
    files.append(
        report.write_text(
            output / "claims.md", report.claims_markdown(judged, TITLE, _about(melts), pictures)
        )
    )
    return Result(tuple(judged), tuple(files))


def _about(melts) -> list[str]:
    from ...version import __version__

    return [
        "Nabiei et al. 2021, Geophys. Res. Lett., doi 10.1029/2021GL092446, on the thermodynamic model of Boukaré, Ricard & Fiquet "
        f"2015. Made by `mocoupled reproduce nabiei2021`, mocoupled {__version__}.",
        melts.olivine.attrs["uncertainty"],
        "Tables S1-S3 were not at hand: olivine is taken as (Mg0.9Fe0.1)2SiO4, pyrolite as 7 mol% FeO, 42.5 mol% SiO2. Agreement in "
        "claims 3, 5 and 7 is partly by selection of the mixing law; claims 4, 8, 16 and 19 are independent of it.",
    ]


def _picture(figure) -> str:
    return f"{PICTURES}/figure-{figure:02d}.png"


def draw(figure: int, melts: Melts, where: Path) -> Path:
    """Draw a figure into where/figures; its path."""
    from ...plots.style import save

    path = where / _picture(figure)
    path.parent.mkdir(parents=True, exist_ok=True)
    return save(
        _DRAWN[figure](melts), path, {"case_name": "Nabiei et al. 2021", "source": "mocoupled"}, dpi=PIXELS
    )


def _ternary(melts):
    from ... import lower_mantle as melting
    from ...plots.ternary import draw_ternary

    caption = (
        "Fig. 3 of Nabiei et al. 2021, drawn again by mocoupled from the same thermodynamic model; the measured compositions (Table S3) were not at "
        "hand. Dark line: cotectic ferropericlase-bridgmanite; violet: bridgmanite-stishovite; dashed: compositions of the solids."
    )
    return draw_ternary(
        melting.ternary(PRESSURE), {"olivine": melts.olivine, "pyrolite": melts.pyrolite}, caption
    )


def _descent(melts):
    from ...plots.ternary import draw_path

    caption = (
        "Fig. 4 of Nabiei et al. 2021, drawn again by mocoupled: fractional crystallisation at 52 GPa. The paper counts temperature from the liquidus; "
        "its 35-205 K can only be meant from the onset of the cotectic, which stands 373 K lower. The measured points (Table S3) were not at hand."
    )
    return draw_path(
        {"olivine": melts.olivine, "pyrolite": melts.pyrolite},
        "Cotectic melt and solids along the line of descent",
        caption,
    )


_DRAWN: Mapping[int, Callable[[Melts], object]] = MappingProxyType({3: _ternary, 4: _descent})
