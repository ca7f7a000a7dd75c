"""A run again with inputs that are drawn: the end of each, marched one after the other, and stored."""

from __future__ import annotations

import hashlib
import json
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ..case import Case
from ..dae.solve.field_system import FieldSystem
from ..errors import ConvergenceError, InputError
from ..files import atomically, json_table, write_text
from ..results.sensitivities_of_run import AT_END
from ..runs.evolution import evolve
from ..runs.job_records import Prepared
from ..runs.main_job import prepare
from ..version import __version__
from .errors_of_inputs import InputErrors

if TYPE_CHECKING:
    import xarray

MARK = "samples.json"
TIME = "end_time"
COMPLETE, INTERRUPTED = "complete", "interrupted"
# share done, text
Progress = Callable[[float, str], None]


@dataclass(frozen=True)
class SampledEnds:
    """Values at the ends of runs: variable -> (sample, ...), NaN for a run that did not come to its end.

    sound (sample,): which have an end.
    """

    values: Mapping[str, np.ndarray]
    sound: np.ndarray


def sampled_ends(
    run: xarray.Dataset,
    errors: InputErrors,
    draws: np.ndarray,
    folder: Path | None = None,
    progress: Progress | None = None,
) -> SampledEnds:
    """The ends of runs like this one, with other inputs. draws (parameter, sample): in standard deviations.

    folder: where each end is stored, and is read from where it is there; None: nowhere.
    progress(share done, text) is called after each run. InputError for a folder with other samples.
    """
    case = Case.parse(run.attrs["case"])
    moved = errors.deviations[:, :1] * draws
    if folder is not None:
        _claim(folder, case, errors, moved)
    prepared = prepare(case, errors.names)
    names = [str(name).removeprefix(AT_END) for name in run.data_vars if str(name).startswith(AT_END)]
    sizes = [int(run[name].isel(time=-1).size) for name in names]
    rows, count = [], moved.shape[1]
    for k in range(count):
        path = None if folder is None else folder / f"{k:06d}.npy"
        if path is not None and path.exists():
            rows.append(np.load(path, allow_pickle=False))
        else:
            rows.append(_end(prepared, names, moved[:, k], 1 + sum(sizes)))
            if path is not None:
                atomically(path, partial(_save, rows[-1]))
        if progress is not None:
            progress((k + 1) / count, f"{k + 1} of {count} runs")
    whole = np.array(rows)
    values, place = {TIME: whole[:, 0]}, 1
    for name, size in zip(names, sizes):
        shape = run[name].isel(time=-1).shape
        values[name] = whole[:, place : place + size].reshape(count, *shape)
        place += size
    return SampledEnds(values, np.isfinite(whole[:, 0]))


def _save(row: np.ndarray, path: Path) -> None:
    with path.open("wb") as file:
        np.save(file, row)


def _claim(folder: Path, case: Case, errors: InputErrors, moved: np.ndarray) -> None:
    """Make the folder, or check that its samples are these."""
    content = [case.to_toml(), *errors.names, __version__, moved.shape]
    text = hashlib.sha256(repr(content).encode() + np.ascontiguousarray(moved).tobytes()).hexdigest()
    if folder.exists() and any(folder.iterdir()):
        if not (folder / MARK).is_file() or json_table(folder / MARK).get("samples") != text:
            raise InputError(
                f"output {folder}",
                "it contains something else than samples of this run with these errors, number and seed.",
                "allowed: a new folder, or that of the same samples",
            )
        return
    folder.mkdir(parents=True, exist_ok=True)
    write_text(folder / MARK, json.dumps({"samples": text}) + "\n")


def _end(prepared: Prepared, names: list[str], moves: np.ndarray, size: int) -> np.ndarray:
    """Time of the end [s] and variables at it (size,), where the inputs have moved; NaN without an end."""
    nothing = np.full(size, np.nan)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the run itself they are said
        try:
            system = prepared.system.at(_changes(prepared, moves))
            start = system.start(guess=_guess(prepared, system)).x
            result = evolve(replace(prepared, system=system, start=start, wanted=None))
        except ConvergenceError:
            return nothing
    if result.attrs["status"] == INTERRUPTED:
        raise KeyboardInterrupt
    if result.attrs["status"] != COMPLETE:
        return nothing
    last = [np.asarray(result[name].isel(time=-1), dtype=float).reshape(-1) for name in names]
    return np.concatenate([result["time"].values[-1:], *last])


def _changes(prepared: Prepared, moves: np.ndarray) -> dict[str, float]:
    """Values of the parameters of the model. moves: of the inputs, of their logarithms where relative."""
    assert prepared.wanted is not None
    values = {parameter.name: parameter.value for parameter in prepared.system.model.parameters}
    grown, added = dict.fromkeys(values, 0.0), dict.fromkeys(values, 0.0)
    for parameter, move in zip(prepared.wanted.parameters, moves.tolist()):
        along = parameter.direction
        for name, weight in along.weights.items():
            (grown if along.relative else added)[name] += weight * move
    touched = [name for name in values if grown[name] or added[name]]
    return {name: float(values[name] * np.exp(grown[name]) + added[name]) for name in touched}


def _guess(prepared: Prepared, system: object) -> np.ndarray | None:
    """The start of a field whose entropies move with a parameter; None for a model without a field."""
    if not isinstance(system, FieldSystem) or not isinstance(prepared.system, FieldSystem):
        return None
    guess, many = system.guess(), len(system.field.components)
    before = dict(zip((p.name for p in prepared.system.model.parameters), prepared.system.parameters))
    after = dict(zip((p.name for p in system.model.parameters), system.parameters))
    for a, component in enumerate(system.field.components):
        for name, slopes in component.start_slopes.items():
            guess[a : system.inner : many] += slopes * (after[name] - before[name])
    return guess
