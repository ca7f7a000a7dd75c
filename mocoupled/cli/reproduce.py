"""The command mocoupled reproduce PAPER: the cases, claims and figures of a paper."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import click

from ..errors import InputError, MocoupledError
from ..files import new_folder
from .options import QUIET, whole_number
from .terminal import INTERRUPTED, Page, bar, deferred_interrupts, say

if TYPE_CHECKING:
    from ..reproduce.claims import Judged
    from ..reproduce.runs import Outcome

MOST_WORKERS = 64  # more is a mistyped number


class Reproduced(Protocol):
    """What the module of every paper returns: outcomes of the cases, claims judged, files, failures."""

    @property
    def outcomes(self) -> Mapping[str, Outcome]:
        """Name of a case -> what became of its run."""

    @property
    def judged(self) -> Sequence[Judged]:
        """The claims beside our values."""

    @property
    def files(self) -> Sequence[Path]:
        """Paths written."""


@click.command("reproduce", short_help="Do a paper again: its cases, claims and figures.")
@click.argument("paper")
@click.option(
    "--figure",
    "figures",
    multiple=True,
    metavar="N",
    help="This figure only, and the runs it needs; may be repeated.",
)
@click.option(
    "--quick",
    is_flag=True,
    help="Coarser: of bower2022, 50 cells, and inventories of 1, 3 and 10 oceans alone.",
)
@click.option("--workers", default="2", metavar="N", help="Processes that run cases [default: 2].")
@click.option(
    "-o", "--output", metavar="FOLDER", help="Where to write [default: reproduced/PAPER, or PAPER-quick]."
)
@QUIET
def reproduce_command(
    paper: str, figures: tuple[str, ...], quick: bool, workers: str, output: str | None, quiet: bool
) -> int:
    """Run the cases behind PAPER (bower2022, nabiei2021, buffering, stratification or radiation), draw its
    figures, and write its quantitative claims beside our values.

    Runs that the folder contains from an earlier call are used again. An interrupted command continues where
    it stopped. FOLDER is for one command at a time.
    """
    from ..reproduce import find
    from ..sweeps.folder_lock import locked

    chosen = find(paper)
    numbers = chosen.chosen(whole_number(text, "--figure") for text in figures)
    count = whole_number(workers, "--workers")
    if not 1 <= count <= MOST_WORKERS:
        raise InputError(f"--workers {workers}", "out of range.", f"allowed: 1 to {MOST_WORKERS}")
    folder = _folder(output, f"{paper}-quick" if quick else paper)
    page = Page(quiet)
    folder.mkdir(parents=True, exist_ok=True)
    with locked(folder), deferred_interrupts() as pressed, bar(quiet, "reproducing") as update:
        result = chosen.reproduce(folder, numbers if figures else (), quick, count, update, pressed)
    _print_summary(page, result, folder)
    page.show()
    if result.interrupted:
        return say(
            f"interrupted: what is done stays in {folder}, and the same command continues from there.",
            INTERRUPTED,
        )
    if result.problems:
        raise MocoupledError(
            f"{len(result.problems)} of {len(result.outcomes)} cases have no complete run:\n  "
            + "\n  ".join(result.problems)
        )
    return 0


def _print_summary(page: Page, result: Reproduced, folder: Path) -> None:
    """What was run, judged and written."""
    from ..reproduce.claims_table import counts, measured

    states = [outcome.status for outcome in result.outcomes.values()]
    if states:
        shares = ", ".join(f"{states.count(state)} {state}" for state in dict.fromkeys(states))
        page.print(f"{len(states)} cases: {shares}")
    if result.judged:
        numbers = len({judged.claim.number for judged in result.judged})
        tally = ", ".join(f"{n} {word}" for word, n in counts(result.judged).items())
        page.print(f"{len(result.judged)} quantities of {numbers} claims: {tally}")
        for judged in result.judged:
            claim = judged.claim
            if judged.word == "disagrees":
                page.print(
                    f"  claim {claim.key}: {claim.claim}: {claim.published}; "
                    f"ours {measured(judged.ours, claim.unit)}"
                )
    if result.files:
        names = ", ".join(file.relative_to(folder).as_posix() for file in result.files)
        page.print(f"wrote in {folder}: {names}")


def _folder(output: str | None, name: str) -> Path:
    return new_folder(Path("reproduced", name) if output is None else output)
