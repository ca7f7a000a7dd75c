"""Records of the main job: a prepared case, the caller's hooks, and the treatment of the folder."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ..case import Case
from ..dae.solve.field_system import FieldSystem
from ..dae.solve.system import System
from ..errors import MocoupledError
from ..planet.assembly import Planet
from ..results.sensitivities_of_run import Wanted
from .checkpoint import Checkpoint
from .run_folder import Standing

if TYPE_CHECKING:
    import xarray

# called with time [s] and the fraction of the way to the end
Progress = Callable[[float, float], None]


@dataclass(frozen=True)
class Prepared:
    """A case ready to march: the planet, its compiled equations, its converged start, and the seconds.

    under_lid: the equations of planet.under_lid, where a lid closes. wanted: the sensitivities requested.
    """

    planet: Planet
    system: System | FieldSystem
    start: np.ndarray
    iterations: int
    wall: float
    under_lid: System | FieldSystem | None = None
    wanted: Wanted | None = None


class Stopped(MocoupledError):
    """The job was stopped while it marched; its last checkpoint is in the folder."""


@contextmanager
def _without_progress() -> Iterator[None]:
    yield None


def _nothing(*_: object) -> None:
    """What a hook does by default."""


@dataclass(frozen=True)
class Hooks:
    """Functions of the caller that `execute` calls during the main job, in this order.

    opened(case): the case of a run that continues is known.
    complete(standing, folder): the stored run is complete, and nothing is left to do.
    preparing(): a context around assembling, generating and solving the start.
    prepared(prepared, standing, checkpoint, folder): the start is solved; a run begins, or continues.
    log(): the text of run.log so far, read when the run begins and when it is stored; None: a line for each.
    marching(): a context around the march; it yields progress(time [s], fraction of the way to the end), or
    None.
    warn(text): a checkpoint could not be written; None: a CheckpointWarning.
    stopped(): whether the job must stop; called after each step.
    evolved(result): the march has ended, and nothing is stored yet.
    stored(result, folder): the results are in the folder, which is still locked.
    ended(result, folder, files): the folder is free again. folder is None for a job without a folder.
    """

    opened: Callable[[Case], object] = _nothing
    complete: Callable[[Standing, Path], object] = _nothing
    preparing: Callable[[], AbstractContextManager[object]] = nullcontext
    prepared: Callable[[Prepared, Standing | None, Checkpoint | None, Path | None], object] = _nothing
    log: Callable[[], str] | None = None
    marching: Callable[[], AbstractContextManager[Progress | None]] = _without_progress
    warn: Callable[[str], object] | None = None
    stopped: Callable[[], bool] | None = None
    evolved: Callable[[xarray.Dataset], object] = _nothing
    stored: Callable[[xarray.Dataset, Path], object] = _nothing
    ended: Callable[[xarray.Dataset, Path | None, list[Path]], object] = _nothing


@dataclass(frozen=True)
class Options:
    """How the job treats its folder.

    overwrite: replace a run in it.
    go_on: continue from an undamaged checkpoint of this very case, and replace all other files of a run.
    numbered: take FOLDER-2, FOLDER-3, … where the folder exists.
    interval [s]: wall time between two checkpoints (see `checkpoint.Keeper`).
    keep_checkpoint: whether the last checkpoint stays when the run is complete.
    ends: of a run that continues, key -> new value.
    sensitivities: names of parameters; of a run that continues, those that it began with.
    """

    overwrite: bool = False
    go_on: bool = False
    numbered: bool = False
    interval: float | None = None
    keep_checkpoint: bool = False
    ends: Mapping[str, object] = field(default_factory=dict)
    sensitivities: Sequence[str] = ()


NO_HOOKS, DEFAULTS = Hooks(), Options()
