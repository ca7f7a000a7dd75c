"""What the job of every paper shares: its arguments, its result, the choice of its figures and their
names."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from ..errors import InputError
from .claims import Judged
from .runs import Outcome

PICTURES = "figures"
PIXELS = 100  # an inch: a figure stays below 150 kB
Progress = Callable[[float, str], None]  # called with the share done and a text before each piece of work
Pressed = Callable[[], bool]  # true: stop as soon as possible


def no_progress(fraction: float, text: str) -> None:
    """Report nothing."""


def never_pressed() -> bool:
    """Never stop."""
    return False


@dataclass(frozen=True, kw_only=True)
class Result:
    """What a job did: the claims judged (none where only figures were requested), the files written, the
    outcome of each run, a sentence for each run without a result, and whether the job was interrupted."""

    judged: tuple[Judged, ...] = ()
    files: tuple[Path, ...] = ()
    outcomes: Mapping[str, Outcome] = field(default_factory=dict)
    problems: tuple[str, ...] = ()
    interrupted: bool = False


class Paper(Protocol):
    """What the module `job` of every paper defines."""

    def chosen(self, figures: Iterable[int]) -> tuple[int, ...]:
        """The requested figures, all where none is requested; InputError for an unknown number."""

    def reproduce(
        self,
        output: Path,
        figures: Iterable[int],
        quick: bool,
        workers: int,
        progress: Progress,
        pressed: Pressed,
    ) -> Result:
        """Compute, draw and judge into the folder `output`."""


def requested_figures(figures: Iterable[int], known: Mapping[int, str], why: str) -> tuple[int, ...]:
    """The requested figures, each once; all of them where none is requested.

    known: number -> title. Raises InputError, with the known figures and why, for another number.
    """
    requested = tuple(dict.fromkeys(figures)) or tuple(known)
    for figure in requested:
        if figure not in known:
            listed = "; ".join(f"{number} {text}" for number, text in known.items())
            raise InputError(f"figure {figure}", why, f"known: {listed}")
    return requested


def picture(figure: int) -> str:
    """Path of a figure inside the folder of its paper."""
    return f"{PICTURES}/figure-{figure:02d}.png"


def pictures(figures: Iterable[int], titles: Mapping[int, str]) -> dict[str, str]:
    """Title of each figure -> its path, for the table of claims."""
    return {f"Figure {figure}: {titles[figure]}": picture(figure) for figure in figures}
