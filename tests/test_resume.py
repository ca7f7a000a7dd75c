"""Runs that are cut off and continued: by a kill at random instants, Ctrl-C, a full disk; and stores that are damaged."""

import errno
import io
import itertools
import json
import os
import pickle
import random
import signal
import subprocess
import sys
import time
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest

import mocoupled as mo
from mocoupled import plots
from mocoupled.results import checkpoint, output
from mocoupled.results.integrity import CHECKSUM
from mocoupled.run import evolve, prepare

from command_line import COMMAND, DRY, ENVIRONMENT, RESULTS, empty, mocoupled, strict, words  # noqa: F401 (fixtures are used by name)

ENGINE = sys.modules["mocoupled.run"]  # the module; the face's `run` is the function
LUMPED = {"mantle.model": "lumped"}
COLUMN = {"mantle.cells": 20, "run.end_time": "400 yr"}
SPLIT = {
    "lid": ("E1", LUMPED),
    "passed event": ("F1", LUMPED | {"run.continue_past_lid": True}),
    "end of time": ("E1", LUMPED | {"run.end_time": "5 kyr"}),
    "iron and escape": ("L", LUMPED | {"cumulates.coupled": True}),
    "column": ("E1", COLUMN),
    "column with escape": ("L", {"mantle.cells": 20, "run.end_time": "1 yr"}),
    "sparse column": ("E1", {"mantle.cells": 160, "run.end_time": "1 yr"}),
}
forks = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")


@cache
def prepared(name, *changes):
    return prepare(mo.Case.read(name).replace(dict(changes)))


def small():
    """A case whose run takes a tenth of a second, with some 270 steps."""
    return prepared("L", *LUMPED.items())


def marched(one, steps=()):
    """The whole result, and the arrays of the checkpoints after these numbers of steps."""
    kept, count = [], itertools.count(1)

    def keep(arrays, last):
        if next(count) in steps:
            kept.append(arrays())

    return evolve(one, checkpoint=keep), kept


def through_a_file(arrays):
    """The arrays, written and read as a checkpoint's are."""
    file = io.BytesIO()
    np.savez(file, **arrays)
    file.seek(0)
    with np.load(file, allow_pickle=False) as stored:
        return {name: stored[name] for name in stored.files}


def same(one, other):
    """Whether two results are equal to the last bit: all numbers, and all attributes but the time it took and the cuts."""
    work = [json.loads(result.attrs["statistics"]) for result in (one, other)]
    apart = {key for key in work[0] if work[0][key] != work[1][key]} - {"wall", "resumed"}
    attributes = [{k: v for k, v in result.attrs.items() if k != "statistics"} for result in (one, other)]
    return not apart and repr(attributes[0]) == repr(attributes[1]) and one.equals(other)


def cut(folder, one, steps=60):
    """A folder whose run was cut off, as a kill does it, after a checkpoint at this step."""
    result, (arrays,) = marched(one, [steps])
    ENGINE.begin(folder, one.planet.case, "begun\n")
    checkpoint.Keeper(folder, one.planet, one.system, 0)(lambda: arrays)
    return result


@pytest.fixture
def left(tmp_path):
    """The folder of a run of the small case that was killed after 60 steps, and what the whole run gives."""
    folder = tmp_path / "left"
    folder.mkdir()
    return folder, cut(folder, small())


# --- a split run is the straight run ---------------------------------------------------------------------------------


@pytest.mark.parametrize("what", SPLIT)
def test_split_run_is_the_straight_run_to_the_last_bit(what):
    """Cut after the first step, early and late (where it is that long), through a file: states, drifts, times of events, counts of work."""
    name, changes = SPLIT[what]
    one = prepared(name, *changes.items())
    whole, kept = marched(one, [1, 60, 200])
    assert len(kept) >= 2
    for number, arrays in enumerate(kept, 1):
        again = evolve(one, resume=through_a_file(arrays))
        assert same(again, whole), number
        assert json.loads(again.attrs["statistics"])["resumed"] == 1
    assert ("escape" not in what) or float(whole.escaped_mass[-1]) > 0
    assert (what != "passed event") or json.loads(whole.attrs["passed"])


def test_split_twice():
    one = small()
    whole, (first,) = marched(one, [50])
    kept = []
    evolve(one, checkpoint=lambda arrays, last: kept.append(arrays()) if len(kept) < 30 else None, resume=first)
    again = evolve(one, resume=through_a_file(kept[-1]))
    assert same(again, whole) and json.loads(again.attrs["statistics"])["resumed"] == 2
    assert json.loads(again.attrs["statistics"])["wall"] > float(kept[-1]["wall"])


@pytest.mark.parametrize("lacks", ["D", "J"])
def test_without_the_solver_of_this_scipy_it_agrees_to_the_tolerance(lacks):
    """The solver starts anew from the state: the lid time moves by less than 1e-4 (rtol is 1e-6; 1e-5 is measured)."""
    one = small()
    whole, (arrays,) = marched(one, [100])
    again = evolve(one, resume={key: value for key, value in arrays.items() if key != f"solver_{lacks}"})
    assert again.attrs["end_name"] == whole.attrs["end_name"] and not same(again, whole)
    assert float(again.time[-1]) == pytest.approx(float(whole.time[-1]), rel=1e-4)
    assert float(again.escaped_mass[-1]) == pytest.approx(float(whole.escaped_mass[-1]), rel=1e-4)
    np.testing.assert_array_equal(again.time[:101], whole.time[:101])


# --- cut off ---------------------------------------------------------------------------------------------------------


def child(work):
    """The id of a process of its own that does the work and ends."""
    process = os.fork()
    if process:
        return process
    status = 1
    try:
        work()
        status = 0
    finally:
        os._exit(status)


@forks
def test_killed_at_ten_random_instants(tmp_path, monkeypatch):
    """kill -9 ten times on the way of one run of a column, which is continued each time: the straight run to the last bit.
    (`validation/kill_points.py` kills a hundred.)"""
    one = prepared("E1", *COLUMN.items())
    monkeypatch.setattr(ENGINE, "prepare", lambda case: one)
    folder, draw = tmp_path / "killed", random.Random(7)
    begun = time.perf_counter()
    straight = mo.run(one.planet.case, output=tmp_path / "straight", checkpoint=0.05)
    piece = (time.perf_counter() - begun) / 10
    process = child(lambda: mo.run(one.planet.case, output=folder, checkpoint=0.02))
    while not (folder / "run.log").exists():  # the kill -9 before a run has begun is no cut
        time.sleep(0.001)
    killed = 0
    for _ in range(10):
        time.sleep(piece * draw.uniform(0.1, 1.5))
        os.kill(process, signal.SIGKILL)
        killed += os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]) == -signal.SIGKILL
        if not (folder / "evolution.nc").exists():
            with pytest.raises(mo.InputError, match="mocoupled resume"):
                mo.read(folder)
        process = child(lambda: mo.resume(folder, checkpoint=0.02))
    assert os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]) == 0
    assert killed >= 5
    stored = mo.read(folder)
    assert same(stored, straight) and stored.attrs["status"] == "complete"
    assert {path.name for path in folder.iterdir()} == RESULTS


def test_kill_and_resume_through_the_command_line(mocoupled, empty):
    """A process of its own is killed once it has a checkpoint; this process continues it, to the straight run's bits."""
    line = ["run", "E1", "--set", "mantle.cells=20", "--set", "run.end_time=400 yr", "--no-figures", "--checkpoint", "0"]
    with subprocess.Popen([*COMMAND, *line, "-o", "a"], cwd=empty, stdout=subprocess.DEVNULL, env=ENVIRONMENT) as process:
        while not (empty / "a" / "checkpoint.npz").exists():
            assert process.poll() is None
            time.sleep(0.005)
        process.kill()
    assert process.returncode == -signal.SIGKILL
    assert strict(empty / "a" / "summary.json")["status"] == "running"
    status, out, err = mocoupled("run", "E1", "-o", "a")
    assert status == 2 and "unfinished ('running')" in words(err) and "mocoupled resume a" in words(err)
    status, _, err = mocoupled("plot", "a")
    assert status == 2 and "mocoupled resume a" in words(err)
    status, out, err = mocoupled("resume", "a", "--no-figures")
    assert (status, err) == (0, "") and out.startswith("E1 in a goes on from ")
    assert "complete: The end time of the case" in out and "wrote in a: evolution.nc" in out
    assert {path.name for path in (empty / "a").iterdir()} == RESULTS
    straight = evolve(prepared("E1", *COLUMN.items()))
    assert same(mo.read("a").assign_attrs(case="", title=""), straight.assign_attrs(case="", title=""))  # the title names the --set
    log = (empty / "a" / "run.log").read_text(encoding="utf-8")
    assert log.count("mocoupled 0.1.0, ") == 2 and "unknowns;" in log and "goes on from" in log


def test_interrupt_and_resume_through_the_command_line(mocoupled, empty, monkeypatch):
    """Ctrl-C stores what was reached and where to go on, however short the run was; the figures come with the end."""
    keep, calls = checkpoint.Keeper.__call__, []

    def pressing(self, arrays, last=False):
        calls.append(last)
        if len(calls) == 100:
            os.kill(os.getpid(), signal.SIGINT)
        return keep(self, arrays, last)

    monkeypatch.setattr(checkpoint.Keeper, "__call__", pressing)
    monkeypatch.setattr(plots, "draw", lambda result, folder, names, **_: [folder / f"{name}.png" for name in names])
    line = ["run", "E1", "--set", "mantle.model=lumped", "--set", "volatiles.hydrogen=0 kg"]
    status, out, err = mocoupled(*line, "-o", "a")
    assert status == 130 and "'mocoupled resume a' continues it" in words(err)
    part = mo.read("a")
    assert part.attrs["status"] == "interrupted" and part.sizes["time"] == 102
    assert {path.name for path in (empty / "a").iterdir()} == RESULTS | {"checkpoint.npz"}
    assert mocoupled("run", "E1", "-o", "a")[0] == 2
    status, out, err = mocoupled("resume", "a")
    assert (status, err) == (0, "") and "after 101 steps" in out and "figures/ overview.png" in words(out)
    assert {path.name for path in (empty / "a").iterdir()} == RESULTS
    assert mocoupled(*line, "-o", "b", "-q", "--no-figures")[0] == 0
    assert same(mo.read("a"), mo.read("b"))


def test_a_run_without_a_checkpoint_begins_again(mocoupled, empty):
    one = small()
    Path("a").mkdir()
    ENGINE.begin(empty / "a", one.planet.case, "begun\n")
    (empty / "a" / ".evolution.nc.abc123").write_bytes(b"half")
    status, out, _ = mocoupled("resume", "a", "--no-figures")
    assert status == 0 and "from its start: it had written no checkpoint" in words(out)
    assert same(mo.read("a"), evolve(one)) and {path.name for path in (empty / "a").iterdir()} == RESULTS


# --- a full disk -----------------------------------------------------------------------------------------------------


def test_checkpoint_that_cannot_be_written_is_told_once(tmp_path, monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(checkpoint, "atomically", full)
    with pytest.warns(checkpoint.CheckpointWarning, match="No space left on device") as told:
        result = mo.run(small().planet.case, output=tmp_path / "a", checkpoint=0)
    assert len(told) == 1 and same(result, mo.read(tmp_path / "a"))


def test_results_that_cannot_be_written_leave_the_checkpoint(left, mocoupled, monkeypatch):
    folder, whole = left

    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device", str(folder))

    monkeypatch.setattr(output, "_atomically", full)
    before = (folder / "checkpoint.npz").read_bytes()
    status, _, err = mocoupled("resume", folder, "--no-figures", "-q")
    assert status == 1 and "No space left on device" in words(err) and "goes on from its last checkpoint" in words(err)
    assert (folder / "checkpoint.npz").read_bytes() == before
    monkeypatch.undo()
    assert same(mo.resume(folder), whole)


@forks
def test_file_size_limit(tmp_path, monkeypatch):
    """A true limit of the system (RLIMIT_FSIZE) in the midst of the run: checkpoints stop, the results cannot be written;
    without it the run goes on to the straight run's bits, and no half-written file is left."""
    resource = pytest.importorskip("resource")
    one = small()
    monkeypatch.setattr(ENGINE, "prepare", lambda case: one)

    def limited():
        resource.setrlimit(resource.RLIMIT_FSIZE, (30_000, resource.RLIM_INFINITY))
        with pytest.warns(checkpoint.CheckpointWarning), pytest.raises(mo.MocoupledError, match="goes on from its last checkpoint"):
            mo.run(one.planet.case, output=tmp_path / "a", checkpoint=0.01)

    assert os.waitstatus_to_exitcode(os.waitpid(child(limited), 0)[1]) == 0
    assert {path.name for path in (tmp_path / "a").iterdir()} == RESULTS - {"evolution.nc"} | {"checkpoint.npz"}
    stored = checkpoint.read(tmp_path / "a", one.planet, one.system, one.start)
    assert 10 < stored.steps < 250
    assert same(mo.resume(tmp_path / "a"), evolve(one))


def test_checkpoints_take_one_percent_of_the_time(tmp_path, monkeypatch):
    """By a clock of the test's own: a step a second, half a second for a checkpoint."""
    now = [0.0]
    monkeypatch.setattr(checkpoint.clock, "perf_counter", lambda: now[0])
    monkeypatch.setattr(checkpoint.Keeper, "_write", lambda self, arrays: now.__setitem__(0, now[0] + 0.5))
    one = small()
    for interval, most in ((None, 0.01), (2.0, 0.25)):
        keeper = checkpoint.Keeper(tmp_path, one.planet, one.system, interval)
        begun = now[0]
        for _ in range(1000):
            now[0] += 1.0
            keeper(dict)
            assert keeper.written or now[0] - begun < (11.0 if interval is None else 3.0)
        assert keeper.cost <= most * (now[0] - begun) + 0.5
        assert keeper.written >= (19 if interval is None else 300)


# --- what is refused -------------------------------------------------------------------------------------------------


def rewritten(path, change):
    """The checkpoint with its header or arrays changed."""
    with np.load(path, allow_pickle=False) as stored:
        arrays = {name: stored[name] for name in stored.files}
    header = json.loads(arrays["header"].tobytes())
    change(header, arrays)
    arrays["header"] = np.frombuffer(json.dumps(header).encode(), dtype=np.uint8)
    with path.open("wb") as file:
        np.savez(file, **arrays)


HEADERS = {
    "another case than case.toml": lambda header, arrays: header.update(case=header["case"].replace("rtol = ", "rtol = 1e-7 #")),
    "another version of mocoupled: mocoupled 0.0.9": lambda header, arrays: header.update(source="mocoupled 0.0.9"),
    "other equations": lambda header, arrays: header.update(equations_sha256="0"),
    "another mechanism": lambda header, arrays: header.update(mechanism_sha256="0"),
    "another form of checkpoint": lambda header, arrays: header.update(format=99),
    "began from another state": lambda header, arrays: arrays.update(states=arrays["states"] + 1.0),
    "no finite numbers in states": lambda header, arrays: arrays.update(states=np.full_like(arrays["states"], np.nan)),
    "wrong number of entries in accumulated": lambda header, arrays: arrays.update(accumulated=arrays["accumulated"][1:]),
    "it lacks totals": lambda header, arrays: arrays.pop("totals"),
    "damaged (KeyError": lambda header, arrays: header.pop("case"),
    "does not run forward": lambda header, arrays: arrays.update(time=arrays["time"][::-1].copy()),
}


@pytest.mark.parametrize("says", HEADERS)
def test_checkpoint_of_something_else_is_refused(says, left, mocoupled):
    folder, _ = left
    rewritten(folder / "checkpoint.npz", HEADERS[says])
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    status, out, err = mocoupled("resume", folder)
    assert status == 2 and out == "" and says in words(err) and "remove it, and 'mocoupled resume" in words(err)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_damaged_checkpoints_are_refused(left):
    """Cut short anywhere, or one byte changed anywhere: refused, or (bytes that mean nothing) read as it was."""
    folder, _ = left
    one, path, draw = small(), folder / "checkpoint.npz", random.Random(3)
    sound = path.read_bytes()
    arrays = checkpoint.read(folder, one.planet, one.system, one.start).arrays
    refused = 0
    for trial in range(60):
        damaged = bytearray(sound)
        if trial < 15:
            del damaged[draw.randrange(len(sound)) :]
        else:
            damaged[draw.randrange(len(sound))] ^= 1 << draw.randrange(8)
        path.write_bytes(damaged)
        try:
            found = checkpoint.read(folder, one.planet, one.system, one.start)
        except mo.InputError as error:
            assert str(path) in str(error) and "remove it" in str(error)
            refused += 1
            continue
        assert trial >= 15 and set(found.arrays) == set(arrays)
        assert all(np.array_equal(found.arrays[name], arrays[name]) for name in arrays)
    assert refused >= 50


def test_a_pickle_in_a_checkpoint_is_not_opened(left):
    folder, _ = left

    class Trap:
        def __reduce__(self):
            return (folder / "sprung").touch, ()

    path = folder / "checkpoint.npz"
    np.savez(path, header=np.array([Trap()], dtype=object))
    with pytest.raises(mo.InputError, match="damaged"):
        mo.resume(folder)
    path.write_bytes(pickle.dumps(Trap()))
    with pytest.raises(mo.InputError, match="damaged"):
        mo.resume(folder)
    assert not (folder / "sprung").exists()


def test_other_libraries_are_told_and_agree_to_the_tolerance(left, mocoupled):
    """A checkpoint of another scipy: its solver's own arrays are not taken, and screen and log say what that means."""
    folder, whole = left

    def older(header, arrays):
        header["versions"] = json.dumps(json.loads(header["versions"]) | {"scipy": "1.0.0"})

    rewritten(folder / "checkpoint.npz", older)
    status, out, _ = mocoupled("resume", folder, "--no-figures")
    assert status == 0 and "begun with scipy 1.0.0" in words(out) and "not to the last digit" in words(out)
    assert "begun with scipy 1.0.0" in words((folder / "run.log").read_text(encoding="utf-8"))
    assert float(mo.read(folder).time[-1]) == pytest.approx(float(whole.time[-1]), rel=1e-4)


def test_a_complete_run_is_left_as_it_is(left, mocoupled):
    folder, whole = left
    assert same(mo.resume(folder), whole)
    before = {path.name: (path.stat().st_mtime_ns, path.read_bytes()) for path in folder.iterdir()}
    assert same(mo.resume(folder), whole)
    status, out, err = mocoupled("resume", folder)
    assert (status, err) == (0, "") and "is complete: A surface lid forms" in words(out)
    assert {path.name: (path.stat().st_mtime_ns, path.read_bytes()) for path in folder.iterdir()} == before
    (folder / "evolution.nc").write_bytes(before["evolution.nc"][1][:5000])
    with pytest.raises(mo.InputError, match="not a readable NetCDF"):
        mo.resume(folder)


def test_a_failed_run_is_not_continued(mocoupled, empty, monkeypatch):
    from mocoupled.dae.system import System

    monkeypatch.setattr(System, "rate", lambda self, t, y, *_: np.full(len(y), np.nan if t > 0 else 1e-9))
    assert mocoupled("run", "E1", *DRY, "-q", "-o", "a")[0] == 1
    status, _, err = mocoupled("resume", "a")
    assert status == 2 and "the run failed" in words(err) and "run.rtol" in words(err)
    assert {path.name for path in (empty / "a").iterdir()} == RESULTS


def test_one_process_at_a_time(left, mocoupled):
    pytest.importorskip("fcntl")
    folder, _ = left
    with ENGINE.held(folder):
        status, _, err = mocoupled("resume", folder)
        assert status == 2 and "another process is at work" in words(err)
        assert mocoupled("run", "E1", *DRY, "--overwrite", "-q", "-o", folder)[0] == 2
    assert (folder / "checkpoint.npz").exists()


def test_overwriting_leaves_nothing_of_the_old_run(left, mocoupled):
    folder, _ = left
    assert mocoupled("run", "E1", *DRY, "--overwrite", "-q", "-o", folder) == (0, "", "")
    assert {path.name for path in folder.iterdir()} == RESULTS and mo.read(folder).attrs["case_name"] == "E1"


@pytest.mark.parametrize(
    ("words_", "says"),
    [
        (["resume", "nowhere"], "there is no such folder"), (["resume", "."], "holds no run"), (["resume", "file"], "this is a file"),
        (["resume", " "], "this is no path"), (["resume", ".", "--checkpoint", "soon"], "not a number of seconds"),
        (["run", "E1", "--checkpoint", "-1"], "not a number of seconds"), (["run", "E1", "--checkpoint", "nan"], "not a number of seconds"),
    ],
)  # fmt: skip
def test_bad_requests(words_, says, mocoupled, empty):
    (empty / "file").write_text("")
    status, out, err = mocoupled(*words_)
    assert status == 2 and out == "" and says in words(err)
    assert [path.name for path in empty.iterdir()] == ["file"]


# --- what was stored is read as it was, or not at all ----------------------------------------------------------------


def test_numbers_that_are_not_finite_are_refused(tmp_path):
    result = evolve(small())
    for name, value in (("flux", np.nan), ("pressure", np.inf)):
        spoilt = result.copy(deep=True)
        spoilt[name].values[-1] = value
        output.write(spoilt, tmp_path / name)
        with pytest.raises(mo.InputError, match=f"'{name}' holds a number that is not finite"):
            mo.read(tmp_path / name)
    allowed = spoilt.copy(deep=True)
    allowed["pressure"].attrs["missing"] = "no gas"
    output.write(allowed, tmp_path / "allowed")
    assert mo.read(tmp_path / "allowed").identical(allowed)
    backwards = result.isel(time=slice(None, None, -1))
    output.write(backwards, tmp_path / "backwards")
    with pytest.raises(mo.InputError, match="does not run forward"):
        mo.read(tmp_path / "backwards")


def test_a_part_in_which_no_heat_has_gone_is_finite(tmp_path):
    """Cut off at once: the drift of the energy, over the heat that has gone, is still a number that can be read."""
    one = small()
    record = ENGINE.march(one.system, one.start, 1e-3, stabilisation=one.planet.case.run.stabilisation)
    still = {"time": record.time[:2], "states": record.states[[0, 0]], "accumulated": record.accumulated[[0, 0]], "constraint_drift": record.constraint_drift[:2]}
    part = replace(record, **still, balance_drift=np.full_like(record.balance_drift[:2], 1e-16))
    result = output.dataset(one.planet, one.system, part)
    output.write(result, tmp_path / "part")
    assert mo.read(tmp_path / "part").identical(result)
    assert float(result.integrator_energy_drift.max()) < 1.0


@pytest.mark.parametrize("status", ["interrupted", "failed"])
def test_a_part_says_that_it_is_one(status, tmp_path):
    part = evolve(small()).isel(time=slice(0, 20)).assign_attrs(status=status)
    output.write(part, tmp_path / "part")
    assert mo.read(tmp_path / "part").attrs["status"] == status


def test_damaged_results_are_refused(tmp_path):
    """evolution.nc cut short, or one byte changed: refused, or (bytes that mean nothing) read as it was."""
    result = evolve(small())
    path = output.write(result, tmp_path / "a")[0]
    sound, draw, refused = path.read_bytes(), random.Random(5), 0
    assert CHECKSUM not in mo.read(path).attrs
    for trial in range(40):
        damaged = bytearray(sound)
        if trial < 8:
            del damaged[draw.randrange(len(sound)) :]
        else:
            damaged[draw.randrange(len(sound))] ^= 1 << draw.randrange(8)
        path.write_bytes(damaged)
        try:
            assert mo.read(path).identical(result) and trial >= 8
        except mo.InputError:
            refused += 1
    assert refused >= 20


# --- another end -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("first", "then"),
    [
        ({"run.end_time": "20 kyr"}, {"run.end_time": "40 kyr"}),
        ({}, {"run.end_surface_temperature": "1600 K"}),
        ({}, {"run.continue_past_lid": True, "run.end_melt_fraction": 0.01}),
        ({"run.end_melt_fraction": 0.5}, {"run.end_melt_fraction": "none"}),
    ],
)
def test_a_run_goes_on_to_another_end(first, then, tmp_path):
    """As if it had been asked for that end from the start, to the last bit."""
    mo.run(mo.Case.read("F1").replace(LUMPED | first), output=tmp_path / "a", keep_checkpoint=True)
    again = mo.resume(tmp_path / "a", then, keep_checkpoint=True)
    straight = mo.run(mo.Case.read("F1").replace(LUMPED | first | then))
    assert same(again, straight) and same(mo.read(tmp_path / "a"), straight)
    assert mo.Case.read(tmp_path / "a" / "case.toml") == mo.Case.parse(straight.attrs["case"])
    assert {path.name for path in (tmp_path / "a").iterdir()} == RESULTS | {"checkpoint.npz"}
    assert same(mo.resume(tmp_path / "a"), straight)


def test_ends_that_cannot_be_set(mocoupled, empty):
    line = ["run", "F1", "--set", "mantle.model=lumped", "--set", "run.end_time=20 kyr", "--no-figures", "-q", "-o"]
    assert mocoupled(*line, "a", "--keep-checkpoint") == (0, "", "") and mocoupled(*line, "b") == (0, "", "")
    before = {path: path.read_bytes() for path in empty.rglob("*.*") if path.is_file()}
    for folder, setting, says in (
        ("a", "run.rtol=1e-7", "a run that goes on cannot change this"),
        ("a", "run.end_time=1 kyr", "past this end already: the end time"),
        ("a", "run.end_surface_temperature=2500 K", "past this end already: A surface lid forms"),
        ("a", "run.end_time=soon", "--set run.end_time"),
        ("b", "run.end_time=40 kyr", "no checkpoint was kept"),
    ):
        status, out, err = mocoupled("resume", folder, "--set", setting)
        assert status == 2 and out == "" and says in words(err)
    assert {path: path.read_bytes() for path in empty.rglob("*.*") if path.is_file()} == before
    status, out, _ = mocoupled("resume", "a", "--set", "run.end_time=21 kyr", "--no-figures")
    assert status == 0 and "F1 in a goes on from " in out and {path.name for path in (empty / "a").iterdir()} == RESULTS
