"""Many cases of a paper, in processes beside each other: a folder per case, stored runs used again, failures told apart."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import MocoupledError
from ..results.output import read
from ..runs.processes import ATTEMPTS, Pool

if TYPE_CHECKING:
    from ..case import Case

PROGRAM = "mocoupled.reproduce.worker"
DONE, STORED, SAME, FAILED, INTERRUPTED = (
    "done",
    "stored before",
    "the same as another",
    "failed",
    "interrupted",
)


@dataclass(frozen=True)
class Outcome:
    """What became of a case: DONE, STORED (an earlier run, used again), SAME (as another, which was run), FAILED or
    INTERRUPTED; why; seconds it took."""

    status: str
    reason: str = ""
    seconds: float = 0.0

    @property
    def usable(self) -> bool:
        """Whether there is a complete run to read."""
        return self.status in (DONE, STORED, SAME)


def stored(case: Case, folder: Path) -> bool:
    """Whether the folder holds a complete and undamaged run of this very case, by this version."""
    from ..version import __version__

    try:
        about = read(folder).attrs
    except (OSError, MocoupledError):
        return False
    return (
        about.get("case") == case.to_toml()
        and about.get("source") == f"mocoupled {__version__}"
        and about.get("status") == "complete"
    )


def run_all(
    cases: Mapping[str, Case],
    folder: Path,
    workers: int = 2,
    progress: Callable[[float, str], None] = lambda fraction, text: None,
    pressed: Callable[[], bool] = lambda: False,
) -> dict[str, Outcome]:
    """Evolve the cases, each into folder/NAME unless a complete run of it is there; what became of each, in order.

    progress(share done, text) after each; pressed() true ends the work: what is stored stays, the rest is INTERRUPTED.
    A case that fails, or takes its process with it, is FAILED with the reason, and the others go on.
    """
    found: dict[str, Outcome] = {
        name: Outcome(STORED) for name, case in cases.items() if stored(case, folder / name)
    }

    def tell():
        failed = sum(o.status == FAILED for o in found.values())
        progress(
            len(found) / max(1, len(cases)),
            f"{len(found)} of {len(cases)} cases{f', {failed} failed' if failed else ''}",
        )

    tell()
    tasks = [
        (name, {"text": case.to_toml(), "folder": str((folder / name).resolve())})
        for name, case in cases.items()
        if name not in found
    ]
    with Pool(PROGRAM, workers) as pool:
        for reply in pool.work(tasks, pressed):
            died = Outcome(FAILED, f"its process died {ATTEMPTS} times, at last {reply.death}")
            found[reply.key] = died if reply.answer is None else Outcome(*reply.answer)
            tell()
    for name in pool.under_way:  # cut short, unless only its answer was still on its way
        if stored(cases[name], folder / name):
            found[name] = Outcome(DONE)
    return {name: found.get(name, Outcome(INTERRUPTED, "not begun, or cut short")) for name in cases}


def run_stored(text: str, folder: str) -> tuple[str, str, float]:
    """Evolve a case given as TOML and store it, in a worker: status, reason, seconds. A run cut short is not stored."""
    import time as clock
    import warnings

    from ..case import Case
    from ..files import sweep_up
    from ..results.output import write
    from ..runs.main_job import evolve, prepare

    begun = clock.perf_counter()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # calibration stands in every summary
            result = evolve(prepare(Case.parse(text)))
        status, reason = result.attrs["status"], result.attrs["end_reason"]
        if status == "interrupted":
            return INTERRUPTED, reason, clock.perf_counter() - begun
        Path(folder).mkdir(parents=True, exist_ok=True)
        sweep_up(Path(folder))  # what a worker that died left half-written
        write(
            result,
            Path(folder),
            f"{result.attrs['source']}: {result.attrs['case_name']}, {status}: {reason}\n",
        )
        return DONE if status == "complete" else FAILED, reason, clock.perf_counter() - begun
    except (
        Exception
    ) as error:  # whatever it is, the other cases go on, and this one is listed with its reason
        return FAILED, " ".join(f"{type(error).__name__}: {error}".split()), clock.perf_counter() - begun
