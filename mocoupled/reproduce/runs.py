"""Many cases of a paper, in parallel processes: each has a folder, and stored runs are used again."""

from __future__ import annotations

import time as clock
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..case import Case
from ..errors import MocoupledError
from ..results.output import read
from ..runs.main_job import executed
from ..runs.processes import ATTEMPTS, Pool, place_of
from ..runs.run_folder import tidy
from ..version import __version__

DONE, STORED, SAME, FAILED, INTERRUPTED = (
    "done",
    "stored before",
    "the same as another",
    "failed",
    "interrupted",
)


@dataclass(frozen=True)
class Outcome:
    """The end of a case, the reason, and the time in seconds.

    status: DONE, STORED (an earlier run, used again), SAME (as another, which was run), FAILED or
    INTERRUPTED.
    """

    status: str
    reason: str = ""
    seconds: float = 0.0

    @property
    def usable(self) -> bool:
        """Whether there is a complete run to read."""
        return self.status in (DONE, STORED, SAME)


def stored(case: Case, folder: Path) -> bool:
    """Whether the folder contains a complete and undamaged run of this very case, by this version."""
    try:
        about = read(folder).attrs
    except (OSError, MocoupledError):
        return False
    return (
        about.get("case") == case.to_toml()
        and about.get("source") == f"mocoupled {__version__}"
        and about.get("status") == "complete"
    )


def _no_progress(fraction: float, text: str) -> None:
    """What is done with the progress by default."""


def run_all(
    cases: Mapping[str, Case],
    folder: Path,
    workers: int = 2,
    progress: Callable[[float, str], None] = _no_progress,
    pressed: Callable[[], bool] = lambda: False,
) -> dict[str, Outcome]:
    """Evolve the cases, each into folder/NAME unless a complete run of it is there.

    The outcome of each, in order. A run that was cut off continues from its checkpoint. progress(share done,
    text) after each; pressed() true ends the work: what is stored stays, the rest is INTERRUPTED. A case that
    fails, or takes its process with it, is FAILED with the reason, and the others go on.
    """
    outcomes = {name: Outcome(STORED) for name, case in cases.items() if stored(case, folder / name)}

    def report() -> None:
        failed = sum(outcome.status == FAILED for outcome in outcomes.values())
        failures = f", {failed} failed" if failed else ""
        share = len(outcomes) / max(1, len(cases))
        progress(share, f"{len(outcomes)} of {len(cases)} cases{failures}")

    report()
    tasks = [
        (name, {"text": case.to_toml(), "folder": str((folder / name).resolve())})
        for name, case in cases.items()
        if name not in outcomes
    ]
    with Pool(place_of(service), workers) as pool:
        for reply in pool.work(tasks, pressed):
            died = Outcome(FAILED, f"its process died {ATTEMPTS} times, at last {reply.death}")
            outcomes[str(reply.key)] = died if reply.answer is None else Outcome(*reply.answer)
            report()
    for name in map(str, pool.under_way):  # cut short, unless only its answer was still on its way
        tidy(folder / name)
        if stored(cases[name], folder / name):
            outcomes[name] = Outcome(DONE)
    left = Outcome(INTERRUPTED, "not begun, or cut short")
    return {name: outcomes.get(name, left) for name in cases}


def service() -> Callable[[Mapping[str, Any]], tuple[str, str, float]]:
    """What answers the tasks of a worker process, {"text", "folder"}: as `run_stored`."""
    return lambda task: run_stored(**task)


def run_stored(text: str, folder: str) -> tuple[str, str, float]:
    """Do the main job for a case in TOML, in a worker: status, reason, seconds.

    A run that was cut off continues from its checkpoint. On any error the status is FAILED, with the reason.
    """
    begun = clock.perf_counter()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # calibration stands in every summary
            about = executed(Case.parse(text), Path(folder)).attrs
        statuses = {"complete": DONE, "interrupted": INTERRUPTED}
        status, reason = statuses.get(about["status"], FAILED), about["end_reason"]
    except (
        Exception
    ) as error:  # whatever it is, the other cases go on, and this one is listed with its reason
        status, reason = FAILED, " ".join(f"{type(error).__name__}: {error}".split())
    return status, reason, clock.perf_counter() - begun
