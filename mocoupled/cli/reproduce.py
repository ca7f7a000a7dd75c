"""The command that does a paper again: mocoupled reproduce PAPER."""

from __future__ import annotations

from pathlib import Path

import click

from ..errors import InputError, MocoupledError
from ..files import new_folder
from . import terminal

INTERRUPTED = 130
WORKERS = 64  # more is a slip of the pen


@click.command(short_help="Do a paper again: its cases, claims and figures.")
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
@click.option("-q", "--quiet", is_flag=True, help="Print errors only.")
def reproduce(paper, figures, quick, workers, output, quiet):
    """Run the cases behind PAPER (bower2022, nabiei2021, buffering or stratification), draw its figures, and write its quantitative claims beside our values.

    Runs that the folder holds from an earlier call are used again, so that an interrupted command goes on where it was.
    """
    from ..reproduce import find

    chosen = find(paper)
    numbers = chosen.chosen(_whole(text, "--figure") for text in figures)
    count = _whole(workers, "--workers")
    if not 1 <= count <= WORKERS:
        raise InputError(f"--workers {workers}", "out of range.", f"allowed: 1 to {WORKERS}")
    folder = _folder(output, f"{paper}-quick" if quick else paper)
    page = terminal.Page(quiet)
    with terminal.interrupts_held() as pressed, terminal.bar(quiet, "reproducing") as update:
        result = chosen.reproduce(folder, numbers if figures else (), quick, count, update, pressed)
    _tell(page, result, folder)
    page.show()
    if result.interrupted:
        return terminal.say(
            f"interrupted: what is done stays in {folder}, and the same command goes on from there.",
            INTERRUPTED,
        )
    if result.problems:
        raise MocoupledError(
            f"{len(result.problems)} of {len(result.outcomes)} cases have no complete run:\n  "
            + "\n  ".join(result.problems)
        )
    return 0


def _tell(page, result, folder):
    """What was run, judged and written."""
    from ..reproduce.claims_table import counts, measured

    states = [outcome.status for outcome in result.outcomes.values()]
    told = ", ".join(f"{states.count(s)} {s}" for s in dict.fromkeys(states))
    if states:
        page.print(f"{len(states)} cases: {told}")
    if result.judged:
        numbers = len({one.claim.number for one in result.judged})
        tally = ", ".join(f"{n} {word}" for word, n in counts(result.judged).items())
        page.print(f"{len(result.judged)} quantities of {numbers} claims: {tally}")
        for one in result.judged:
            if one.word == "disagrees":
                page.print(
                    f"  claim {one.claim.key}: {one.claim.claim}: {one.claim.published}; ours {measured(one.ours, one.claim.unit)}"
                )
    if result.files:
        page.print(
            f"wrote in {folder}: {', '.join(file.relative_to(folder).as_posix() for file in result.files)}"
        )


def _whole(text, where) -> int:
    try:
        return int(text)
    except ValueError:
        raise InputError(f"{where} {text}", "this is not a whole number.") from None


def _folder(output, name) -> Path:
    if output is None:
        return new_folder(Path("reproduced", name))
    return new_folder(output)
