"""The command `run` when it is interrupted or fails: exit status, message, and what stays stored."""

import errno
import os
import signal
import subprocess
import sys
from importlib import import_module

import numpy as np
import pytest
from support.command_line import COMMAND, DRY, ENVIRONMENT, RESULTS, strict, words
from support.paused_command import PausedCommand
from support.waiting import HANG

import mocoupled as mo
from mocoupled import plots
from mocoupled.results import output


def test_interrupt_during_the_march_leaves_a_marked_part(empty, tmp_path_factory):
    """Ctrl-C while a case marches: exit status 130, all of what was reached is stored."""
    signals = tmp_path_factory.mktemp("beside") / "signals"
    command = PausedCommand(
        ["run", "E1", "-o", "part"],
        signals,
        cwd=empty,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    process = command.wait()
    process.send_signal(signal.SIGINT)
    command.go_on()
    out, err = process.communicate(timeout=HANG)
    assert process.returncode == 130
    assert "Traceback" not in err and "mocoupled plot part" in words(err)
    assert "interrupted: Interrupted at " in words(out)
    result, summary = mo.read(empty / "part"), strict(empty / "part" / "summary.json")
    assert result.attrs["status"] == summary["status"] == "interrupted"
    assert 1650 < summary["final"]["surface_temperature_K"] < 2750
    assert (
        len(result.time) > 1
        and bool((np.diff(result.time) > 0).all())
        and bool(np.isfinite(result.pressure).all())
    )
    assert float(result.element_drift.max()) < 1e-10
    assert {path.name for path in (empty / "part").iterdir()} == RESULTS | {"checkpoint.npz"}
    assert "mocoupled resume part" in words(err)


@pytest.mark.parametrize("stage", ["prepare", "evolve"])
def test_interrupt_before_there_is_anything_writes_no_result(stage, mocoupled, empty, monkeypatch):
    """Nothing at all before the run has begun; then the folder says that it has, and can be continued."""

    def interrupt(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(import_module("mocoupled.runs.main_job"), stage, interrupt)
    status, _, err = mocoupled("run", "E1", *DRY, "-o", "some/where")
    assert status == 130 and "interrupted" in err
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    if stage == "prepare":
        assert list(empty.iterdir()) == []
        return
    folder = empty / "some" / "where"
    assert {path.name for path in folder.iterdir()} == RESULTS - {"evolution.nc"}
    assert strict(folder / "summary.json")["status"] == "running"


def test_interrupt_while_drawing_keeps_the_results(mocoupled, empty, monkeypatch):
    drawn = []

    def draw(result, folder, names, **_):
        drawn.extend(names)
        os.kill(os.getpid(), signal.SIGINT)
        return [folder / "one.png"]

    monkeypatch.setattr(plots, "draw", draw)
    status, out, err = mocoupled("run", "E1", *DRY[:-1], "-o", "here")
    assert status == 130 and len(drawn) == 1
    assert "the results are whole" in words(err) and "one.png" in out
    assert mo.read("here").attrs["status"] == "complete"
    assert mocoupled("plot", "here")[0] == 130


def test_failing_figure_keeps_the_results(mocoupled, empty, monkeypatch):
    monkeypatch.setattr(plots, "draw", lambda *_, **__: 1 / 0)
    status, out, err = mocoupled("run", "E1", *DRY[:-1], "-o", "here")
    assert status == 1 and "ZeroDivisionError" in err and "the stored results are whole" in words(err)
    assert "evolution.nc" in out and mo.read("here").attrs["status"] == "complete"


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (OSError(errno.ENOSPC, "No space left on device", "here"), "here: No space left on device."),
        (PermissionError(errno.EACCES, "Permission denied", "here"), "here: Permission denied."),
        (RuntimeError("NetCDF: HDF error"), "could not be written in here (NetCDF: HDF error)"),
    ],
)
def test_results_that_cannot_be_written(error, says, mocoupled, empty, monkeypatch):
    def fail(*_):
        raise error

    monkeypatch.setattr(output.netcdf, "write", fail)
    status, _, err = mocoupled("run", "E1", *DRY, "-o", "here")
    assert (
        status == 1
        and says in words(err)
        and "'mocoupled resume here' continues from its start" in words(err)
    )
    assert {path.name for path in (empty / "here").iterdir()} == RESULTS - {"evolution.nc"}
    assert strict(empty / "here" / "summary.json")["status"] == "running"


def test_folder_that_cannot_be_made(mocoupled, empty):
    status, _, err = mocoupled("run", "E1", *DRY, "-q", "-o", "long" * 100)
    assert status == 2 and "ame too long" in words(err)
    assert list(empty.iterdir()) == []


def test_a_failed_step_is_reported_and_stored(mocoupled, empty, monkeypatch):
    from mocoupled.dae.solve.system import System

    monkeypatch.setattr(System, "rate", lambda self, t, y, *_: np.full(len(y), np.nan if t > 0 else 1e-9))
    status, out, err = mocoupled("run", "E1", *DRY, "-o", "here")
    assert status == 1 and err.startswith("ConvergenceError: E1: ") and "failed:" in out
    assert (
        mo.read("here").attrs["status"] == "failed"
        and strict(empty / "here" / "summary.json")["status"] == "failed"
    )


def test_a_missing_library_is_reported(mocoupled, empty, monkeypatch):
    monkeypatch.setitem(sys.modules, "mocoupled.runs.main_job", None)
    status, _, err = mocoupled("run", "E1")
    assert status == 1 and "a library is missing" in err


def test_reader_that_leaves_does_not_stop_a_run(empty):
    line = [*COMMAND, "run", "E1", *DRY, "-o", "here"]
    with subprocess.Popen(
        line, cwd=empty, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=ENVIRONMENT
    ) as process:
        process.stdout.readline()
        process.stdout.close()
        err = process.stderr.read()
    assert process.returncode == 0 and err == ""
    assert {path.name for path in (empty / "here").iterdir()} == RESULTS
