"""Runs that are cut off and continued: by a kill at random instants, Ctrl-C, a full disk."""

import errno
import io
import itertools
import json
import os
import random
import signal
import subprocess
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from support.command_line import RESULTS, strict, words
from support.cut_run import ENGINE, LUMPED, marched, prepared, same, small
from support.paused_command import PausedCommand
from support.waiting import HANG

import mocoupled as mo
from mocoupled import plots
from mocoupled.results import output
from mocoupled.runs import checkpoint
from mocoupled.runs.evolution import evolve

COLUMN = {"mantle.cells": 10, "run.end_time": "400 yr"}
SPLIT = {
    "lid": ("E1", LUMPED),
    "passed event": ("F1", LUMPED | {"run.after_lid": "open"}),
    "end of time": ("E1", LUMPED | {"run.end_time": "5 kyr"}),
    "iron and escape": ("L", LUMPED | {"cumulates.coupled": True}),
    "plateau by bands": ("chili-venus", LUMPED | {"atmosphere.radiation": "bands"}),
    "column": ("E1", COLUMN),
    "column with iron": ("E1", COLUMN | {"cumulates.coupled": True, "mantle.closure": "consistent"}),
    "column with escape": ("L", {"mantle.cells": 20, "run.end_time": "1 yr", "run.rtol": 1e-6}),
    "sparse column": ("E1", {"mantle.cells": 160, "run.end_time": "1 yr"}),
}
forks = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")


def through_a_file(arrays):
    """The arrays, written and read as a checkpoint's are."""
    file = io.BytesIO()
    np.savez(file, **arrays)
    file.seek(0)
    with np.load(file, allow_pickle=False) as stored:
        return {name: stored[name] for name in stored.files}


# --- a split run is the straight run


@pytest.mark.parametrize("what", SPLIT)
def test_split_run_is_the_straight_run_to_the_last_bit(what):
    """Cut after the first step, early and late (where it is that long), through a file: states, drifts, times
    of events, counts of work."""
    name, changes = SPLIT[what]
    prepared_run = prepared(name, *changes.items())
    whole, checkpoints = marched(prepared_run, [1, 60, 200])
    assert len(checkpoints) >= 2
    for number, arrays in enumerate(checkpoints, 1):
        again = evolve(prepared_run, resume=through_a_file(arrays))
        assert same(again, whole), number
        assert json.loads(again.attrs["statistics"])["resumed"] == 1
    assert ("escape" not in what) or float(whole.escaped_mass[-1]) > 0
    assert (what not in ("passed event", "plateau by bands")) or json.loads(whole.attrs["passed"])


def test_split_twice():
    prepared_run = small()
    whole, (first,) = marched(prepared_run, [50])
    checkpoints = []
    evolve(
        prepared_run,
        checkpoint=lambda arrays, last: checkpoints.append(arrays()) if len(checkpoints) < 30 else None,
        resume=first,
    )
    again = evolve(prepared_run, resume=through_a_file(checkpoints[-1]))
    assert same(again, whole) and json.loads(again.attrs["statistics"])["resumed"] == 2
    assert json.loads(again.attrs["statistics"])["wall"] > float(checkpoints[-1]["wall"])


@pytest.mark.parametrize("lacks", ["D", "J"])
def test_without_the_solver_of_this_scipy_it_agrees_to_the_tolerance(lacks):
    """The solver starts anew from the state: the lid time moves by less than 1e-4 (rtol is 1e-6; 1e-5 is
    measured)."""
    prepared_run = small()
    whole, (arrays,) = marched(prepared_run, [100])
    again = evolve(
        prepared_run, resume={key: value for key, value in arrays.items() if key != f"solver_{lacks}"}
    )
    assert again.attrs["end_name"] == whole.attrs["end_name"] and not same(again, whole)
    assert float(again.time[-1]) == pytest.approx(float(whole.time[-1]), rel=1e-4)
    assert float(again.escaped_mass[-1]) == pytest.approx(float(whole.escaped_mass[-1]), rel=1e-4)
    np.testing.assert_array_equal(again.time[:101], whole.time[:101])


# --- cut off


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


def killed_soon(step, seconds):
    """From this process's checkpoint `step` on it lives for these seconds: the timer's signal ends it as kill
    -9 does."""
    keep, steps = checkpoint.Keeper.__call__, itertools.count(1)
    signal.signal(signal.SIGALRM, signal.SIG_DFL)

    def keep_and_set_the_timer(self, *arguments):
        if next(steps) == step:
            signal.setitimer(signal.ITIMER_REAL, seconds)
        keep(self, *arguments)

    checkpoint.Keeper.__call__ = keep_and_set_the_timer


@forks
def test_killed_at_ten_random_instants(tmp_path, monkeypatch):
    """Killed ten times on the way of one run of a column, within a few steps of a random one, which is
    continued each time: the straight run to the last bit. (`validation/kill_points.py` kills a hundred.)"""
    column = prepared("E1", *COLUMN.items())
    monkeypatch.setattr(ENGINE, "prepare", lambda case, names: column)
    folder, draw = tmp_path / "killed", random.Random(7)
    straight = mo.run(column.planet.case, output=tmp_path / "straight", checkpoint=0)
    steps = len(straight.time)
    assert steps > 150
    for kill in range(10):
        step, seconds = draw.randint(1, steps // 15), draw.uniform(1e-6, 5e-3)

        begin = mo.resume if kill else partial(mo.run, column.planet.case)

        def work(begin=begin, at=(step, seconds)):
            killed_soon(*at)
            begin(folder, checkpoint=0)

        assert os.waitstatus_to_exitcode(os.waitpid(child(work), 0)[1]) == -signal.SIGALRM
        with pytest.raises(mo.InputError, match="mocoupled resume"):
            mo.read(folder)
    assert os.waitstatus_to_exitcode(os.waitpid(child(lambda: mo.resume(folder)), 0)[1]) == 0
    stored = mo.read(folder)
    assert same(stored, straight) and stored.attrs["status"] == "complete"
    assert {path.name for path in folder.iterdir()} == RESULTS


def test_kill_and_resume_through_the_command_line(mocoupled, empty, tmp_path_factory):
    """A process of its own is killed once it has a checkpoint; this process continues it, to the straight
    run's bits."""
    line = ["run", "E1", "--no-figures", "--checkpoint", "0", "-o", "a"]
    for key, value in COLUMN.items():
        line += ["--set", f"{key}={value}"]
    command = PausedCommand(
        line, tmp_path_factory.mktemp("beside") / "signals", cwd=empty, stdout=subprocess.DEVNULL
    )
    process = command.wait()
    process.kill()
    assert process.wait(HANG) == -signal.SIGKILL
    assert (empty / "a" / "checkpoint.npz").exists()
    assert strict(empty / "a" / "summary.json")["status"] == "running"
    status, out, err = mocoupled("run", "E1", "-o", "a")
    assert status == 2 and "unfinished ('running')" in words(err) and "mocoupled resume a" in words(err)
    status, _, err = mocoupled("plot", "a")
    assert status == 2 and "mocoupled resume a" in words(err)
    status, out, err = mocoupled("resume", "a", "--no-figures")
    assert (status, err) == (0, "") and out.startswith("E1 in a continues from ")
    assert "complete: The end time of the case" in out and "wrote in a: evolution.nc" in out
    assert {path.name for path in (empty / "a").iterdir()} == RESULTS
    straight = evolve(prepared("E1", *COLUMN.items()))
    assert same(
        mo.read("a").assign_attrs(case="", title=""), straight.assign_attrs(case="", title="")
    )  # the title names the --set
    log = (empty / "a" / "run.log").read_text(encoding="utf-8")
    assert log.count(f"mocoupled {mo.__version__}, ") == 2 and "unknowns;" in log and "continues from" in log


def test_interrupt_and_resume_through_the_command_line(mocoupled, empty, monkeypatch):
    """Ctrl-C stores what was reached and where to go on, however short the run was; the figures come with the
    end."""
    keep, calls = checkpoint.Keeper.__call__, []

    def pressing(self, arrays, last=False):
        calls.append(last)
        if len(calls) == 100:
            os.kill(os.getpid(), signal.SIGINT)
        return keep(self, arrays, last)

    monkeypatch.setattr(checkpoint.Keeper, "__call__", pressing)
    monkeypatch.setattr(
        plots, "draw", lambda result, folder, names, **_: [folder / f"{name}.png" for name in names]
    )
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
    prepared_run = small()
    Path("a").mkdir()
    ENGINE.begin(empty / "a", prepared_run.planet.case, "begun\n")
    (empty / "a" / ".mocoupled-0123456789abcdef-evolution.nc").write_bytes(b"half")
    status, out, _ = mocoupled("resume", "a", "--no-figures")
    assert status == 0 and "from its start: it had written no checkpoint" in words(out)
    assert (
        same(mo.read("a"), evolve(prepared_run))
        and {path.name for path in (empty / "a").iterdir()} == RESULTS
    )


# --- a full disk


def test_a_checkpoint_that_cannot_be_written_is_reported_once(tmp_path, monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(checkpoint, "atomically", full)
    with pytest.warns(checkpoint.CheckpointWarning, match="No space left on device") as stated:
        result = mo.run(small().planet.case, output=tmp_path / "a", checkpoint=0)
    assert len(stated) == 1 and same(result, mo.read(tmp_path / "a"))


def test_results_that_cannot_be_written_leave_the_checkpoint(left, mocoupled, monkeypatch):
    folder, whole = left

    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device", str(folder))

    monkeypatch.setattr(output.netcdf, "write", full)
    before = (folder / "checkpoint.npz").read_bytes()
    status, _, err = mocoupled("resume", folder, "--no-figures", "-q")
    assert (
        status == 1
        and "No space left on device" in words(err)
        and "continues from its last checkpoint" in words(err)
    )
    assert (folder / "checkpoint.npz").read_bytes() == before
    monkeypatch.undo()
    assert same(mo.resume(folder), whole)


@forks
def test_file_size_limit(tmp_path, monkeypatch):
    """A true limit of the system (RLIMIT_FSIZE) in the midst of the run: checkpoints stop, the results cannot
    be written; without it the run goes on to the straight run's bits, and no half-written file is left."""
    resource = pytest.importorskip("resource")
    prepared_run = small()
    monkeypatch.setattr(ENGINE, "prepare", lambda case, names: prepared_run)

    def limited():
        resource.setrlimit(resource.RLIMIT_FSIZE, (30_000, resource.RLIM_INFINITY))
        with (
            pytest.warns(checkpoint.CheckpointWarning),
            pytest.raises(mo.MocoupledError, match="continues from its last checkpoint"),
        ):
            mo.run(prepared_run.planet.case, output=tmp_path / "a", checkpoint=0.01)

    assert os.waitstatus_to_exitcode(os.waitpid(child(limited), 0)[1]) == 0
    assert {path.name for path in (tmp_path / "a").iterdir()} == RESULTS - {"evolution.nc"} | {
        "checkpoint.npz"
    }
    stored = checkpoint.read(tmp_path / "a", prepared_run.planet, prepared_run.system, prepared_run.start)
    assert 10 < stored.steps < 250
    assert same(mo.resume(tmp_path / "a"), evolve(prepared_run))


def test_checkpoints_take_one_percent_of_the_time(tmp_path, monkeypatch):
    """By a clock of the test's own: a step a second, half a second for a checkpoint."""
    now = [0.0]
    monkeypatch.setattr(checkpoint.clock, "perf_counter", lambda: now[0])
    monkeypatch.setattr(checkpoint.Keeper, "_write", lambda self, arrays: now.__setitem__(0, now[0] + 0.5))
    prepared_run = small()
    for interval, most in ((None, 0.01), (2.0, 0.25)):
        keeper = checkpoint.Keeper(tmp_path, prepared_run.planet, prepared_run.system, interval)
        begun = now[0]
        for _ in range(1000):
            now[0] += 1.0
            keeper(dict)
            assert keeper.written or now[0] - begun < (11.0 if interval is None else 3.0)
        assert keeper.cost <= most * (now[0] - begun) + 0.5
        assert keeper.written >= (19 if interval is None else 300)


# --- another end


@pytest.mark.parametrize(
    ("first", "then"),
    [
        ({"run.end_time": "20 kyr"}, {"run.end_time": "40 kyr"}),
        ({}, {"run.end_surface_temperature": "1600 K"}),
        ({}, {"run.after_lid": "open", "run.end_melt_fraction": 0.01}),
        ({"run.end_melt_fraction": 0.5}, {"run.end_melt_fraction": "none"}),
    ],
)
def test_a_run_goes_on_to_another_end(first, then, tmp_path):
    """As if that end had been prescribed from the start, to the last bit; the title names every change, in
    its order."""
    mo.run(mo.Case.read("F1").replace(LUMPED | first), output=tmp_path / "a", keep_checkpoint=True)
    again = mo.resume(tmp_path / "a", then, keep_checkpoint=True)
    title = mo.Case.read("F1").replace(LUMPED | first).replace(then).title
    straight = mo.run(mo.Case.read("F1").replace(LUMPED | first | then | {"title": title}))
    assert same(again, straight) and same(mo.read(tmp_path / "a"), straight)
    assert mo.Case.read(tmp_path / "a" / "case.toml") == mo.Case.parse(straight.attrs["case"])
    assert {path.name for path in (tmp_path / "a").iterdir()} == RESULTS | {"checkpoint.npz"}
    assert same(mo.resume(tmp_path / "a"), straight)


def test_ends_that_cannot_be_set(mocoupled, empty):
    line = [
        "run",
        "F1",
        "--set",
        "mantle.model=lumped",
        "--set",
        "run.end_time=20 kyr",
        "--no-figures",
        "-q",
        "-o",
    ]
    assert mocoupled(*line, "a", "--keep-checkpoint") == (0, "", "") and mocoupled(*line, "b") == (0, "", "")
    before = {path: path.read_bytes() for path in empty.rglob("*.*") if path.is_file()}
    for folder, setting, says in (
        ("a", "run.rtol=1e-7", "a resumed run cannot change this"),
        ("a", "run.end_time=1 kyr", "past this end already: the end time"),
        ("a", "run.end_surface_temperature=2500 K", "past this end already: A surface lid forms"),
        ("a", "run.end_time=soon", "--set run.end_time"),
        ("b", "run.end_time=40 kyr", "no checkpoint was kept"),
    ):
        status, out, err = mocoupled("resume", folder, "--set", setting)
        assert status == 2 and out == "" and says in words(err)
    assert {path: path.read_bytes() for path in empty.rglob("*.*") if path.is_file()} == before
    status, out, _ = mocoupled("resume", "a", "--set", "run.end_time=21 kyr", "--no-figures")
    assert (
        status == 0
        and "F1 in a continues from " in out
        and {path.name for path in (empty / "a").iterdir()} == RESULTS
    )
