"""The main job is one: sweeps and papers do it as the library does, with its checkpoint, lock and log."""

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import ExitStack

import pytest
from support.command_line import ENVIRONMENT, RESULTS
from support.cut_run import cut, prepared, same, small
from support.waiting import HANG

import mocoupled as mo
from mocoupled.cli.terminal import deferred_interrupts
from mocoupled.dae.solve.interruption import deferred_interrupt
from mocoupled.files import PREFIX
from mocoupled.reproduce.runs import DONE, FAILED, run_stored
from mocoupled.runs import main_job
from mocoupled.runs.evolution import evolve
from mocoupled.runs.job_records import Hooks, Options, Stopped
from mocoupled.runs.main_job import execute, executed
from mocoupled.runs.processes import Pool
from mocoupled.runs.run_folder import FolderInUse, locked, made, tidy
from mocoupled.sweeps import case_outcome, folder_lock

LUMPED = {"mantle.model": "lumped"}


def names(folder):
    return {path.name for path in folder.iterdir()}


def resumed(result):
    return json.loads(result.attrs["statistics"])["resumed"]


@pytest.fixture
def sweep(tmp_path):
    """A folder of a sweep with one case, the small one, and what runs it in a session."""
    case = small().planet.case
    (tmp_path / "base.toml").write_text(case.to_toml())

    def run(session):
        work = case_outcome.Batch(
            case.to_toml(), case.source, str(tmp_path), session, mo.__version__, [(0, {})]
        )
        (outcome,) = case_outcome.run_batch(work)
        return outcome

    return tmp_path, case_outcome.place(tmp_path, 0), run


def test_a_case_of_a_sweep_that_was_stopped_goes_on_from_its_checkpoint(sweep, monkeypatch):
    """The file that stops a sweep comes in the march; resumed, the case is the straight run to the bit."""
    folder, place, run = sweep
    flag, steps = folder / f"{case_outcome.STOP}-first", []
    monkeypatch.setattr(case_outcome, "GLANCE", -1.0)
    look = case_outcome._Glance.__call__

    def stop_after_60_steps(self, at_once=False):
        steps.append(at_once)
        if len(steps) == 60:
            flag.touch()
        return look(self, at_once)

    monkeypatch.setattr(case_outcome._Glance, "__call__", stop_after_60_steps)
    outcome = run("first")
    assert (outcome.status, outcome.reason) == ("interrupted", "the sweep was stopped")
    assert names(place) == RESULTS - {"evolution.nc"} | {"checkpoint.npz", "status.json"}
    assert json.loads((place / "summary.json").read_text())["status"] == "running"
    flag.unlink()
    outcome = run("second")
    assert outcome.status == "complete" and names(place) == RESULTS | {"status.json"}
    stored = mo.read(place)
    assert resumed(stored) == 1 and same(stored, evolve(small()))
    assert "continued" in (place / "run.log").read_text()


def test_a_case_of_a_sweep_that_was_killed_goes_on_from_its_checkpoint(sweep):
    folder, place, run = sweep
    place.mkdir(parents=True)
    whole = cut(place, small())
    assert run("session").status == "complete"
    assert resumed(mo.read(place)) == 1 and same(mo.read(place), whole)


@pytest.mark.parametrize("damage", ["checkpoint", "case", "begun"])
def test_what_cannot_be_gone_on_with_is_done_anew(sweep, damage):
    """A damaged checkpoint, a checkpoint of another case, and a folder that was begun and no more."""
    folder, place, run = sweep
    place.mkdir(parents=True)
    if damage == "case":
        cut(place, prepared("L", *LUMPED.items(), ("planet.gravity", 9.0)))
    elif damage == "checkpoint":
        cut(place, small())
        (place / "checkpoint.npz").write_bytes((place / "checkpoint.npz").read_bytes()[:5000])
    else:
        (place / "case.toml").write_text(small().planet.case.to_toml())
    assert run("session").status == "complete"
    assert resumed(mo.read(place)) == 0 and same(mo.read(place), evolve(small()))
    assert names(place) == RESULTS | {"status.json"}


def test_a_case_on_which_another_process_is_at_work_is_waited_for(sweep, monkeypatch):
    folder, place, run = sweep
    place.mkdir(parents=True)
    monkeypatch.setattr(case_outcome, "GLANCE", 0.01)
    monkeypatch.setattr(case_outcome, "PATIENCE", 0.1)
    with locked(place):
        outcome = run("first")
    assert outcome.status == "failed" and "FolderInUse" in outcome.reason
    assert "another process was at work in this folder for 0.1 s. when it has ended" in outcome.reason
    assert run("second").status == "complete"


def test_a_case_that_is_waited_for_is_not_prepared_at_each_look(sweep, monkeypatch):
    """The other process needs the processor; the case is prepared again once the folder is free."""
    folder, place, run = sweep
    place.mkdir(parents=True)
    monkeypatch.setattr(case_outcome, "GLANCE", 0.01)
    prepared_times, looks = [], []
    prepare, in_use = main_job.prepare, case_outcome.in_use
    monkeypatch.setattr(main_job, "prepare", lambda case, names: prepared_times.append(1) or prepare(case))
    with ExitStack() as other:
        other.enter_context(locked(place))

        def look(path):
            looks.append(1)
            if len(looks) == 5:
                other.close()
            return in_use(path)

        monkeypatch.setattr(case_outcome, "in_use", look)
        assert run("first").status == "complete"
    assert len(looks) == 5 and len(prepared_times) == 2


def test_a_folder_in_use_is_not_removed(tmp_path):
    """Two processes make a folder; the second finds it locked, while the first has written nothing yet."""
    place = tmp_path / "new" / "run"
    with made(place), locked(place):
        place.parent.rename(tmp_path / "apart")  # as the second sees it: there is no such folder yet
        with pytest.raises(FolderInUse), made(place):
            place.rmdir()
            (tmp_path / "apart" / "run").rename(place)
            with locked(place):
                raise AssertionError
        assert place.is_dir()


def test_temporary_files_of_a_killed_sweep_are_removed(tmp_path):
    left = tmp_path / f"{PREFIX}{'0' * 16}-table.csv"
    left.touch()
    with folder_lock.locked(tmp_path):
        assert names(tmp_path) == {folder_lock.HOLDER}
    assert not names(tmp_path)


@pytest.mark.skipif(os.name == "nt", reason="no such signal")
def test_sigterm_while_the_result_is_written_waits_for_it(tmp_path):
    """The run is complete, no temporary file is left, and the process ends by the signal."""
    program = """
import signal
import mocoupled as mo
from mocoupled.runs import main_job

store = main_job.store

def signalled(*about):
    signal.raise_signal(signal.SIGTERM)
    return store(*about)

main_job.store = signalled
mo.run(mo.Case.read("L").replace({"mantle.model": "lumped"}), output="a")
print("not reached")
"""
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, env=ENVIRONMENT, stdout=subprocess.PIPE, timeout=HANG
    )
    assert done.returncode == -signal.SIGTERM and not done.stdout
    assert mo.read(tmp_path / "a").attrs["status"] == "complete" and names(tmp_path / "a") == RESULTS


@pytest.mark.skipif(os.name == "nt", reason="no such signal")
def test_a_handler_of_sigterm_that_the_script_sets_stays(tmp_path):
    """Before the run, or in it by a progress function."""

    def ours(number, frame):
        raise AssertionError

    def set_it(time, fraction):
        signal.signal(signal.SIGTERM, ours)

    before = signal.getsignal(signal.SIGTERM)
    try:
        mo.run(small().planet.case, tmp_path / "a", progress=set_it)
        assert signal.getsignal(signal.SIGTERM) is ours
        mo.run(small().planet.case, tmp_path / "b")
        assert signal.getsignal(signal.SIGTERM) is ours
    finally:
        signal.signal(signal.SIGTERM, before)


def test_a_pool_that_ctrl_c_cuts_short_can_be_ended_again(monkeypatch):
    """A second Ctrl-C comes while the processes are ended: the context ends the rest."""
    wait, waits = subprocess.Popen.wait, []

    def cut_short(process, timeout=None):
        waits.append(process)
        code = wait(process, timeout)
        if len(waits) == 2:
            raise KeyboardInterrupt
        return code

    with pytest.raises(KeyboardInterrupt), Pool("figures", 3) as pool:
        pool.start()
        monkeypatch.setattr(subprocess.Popen, "wait", cut_short)
        pool.end()
    monkeypatch.undo()
    assert len(set(waits)) == 3 and all(process.poll() is not None for process in waits)


def test_temporary_files_of_workers_that_were_ended_are_removed(tmp_path):
    left = tmp_path / f"{PREFIX}{'0' * 16}-evolution.nc"
    left.touch()
    with locked(tmp_path):
        left.touch()  # as the process writes it
        tidy(tmp_path)
        assert left.exists()
    tidy(tmp_path)
    assert not names(tmp_path)
    tidy(tmp_path / "none")


def test_a_handler_of_ctrl_c_that_is_not_of_python_is_left_alone(monkeypatch):
    """Where a program that embeds Python has one, Python cannot set it again: getsignal returns None."""
    monkeypatch.setattr(signal, "getsignal", lambda number: None)
    monkeypatch.setattr(signal, "signal", None)
    with deferred_interrupt() as pressed, deferred_interrupts() as pressed_too:
        assert not pressed() and not pressed_too()


def test_a_case_of_a_paper_goes_on_from_its_checkpoint(tmp_path):
    whole = cut(tmp_path, small())
    status, reason, seconds = run_stored(small().planet.case.to_toml(), str(tmp_path))
    assert (status, reason) == (DONE, whole.attrs["end_reason"]) and seconds > 0
    assert resumed(mo.read(tmp_path)) == 1 and same(mo.read(tmp_path), whole)
    assert names(tmp_path) == RESULTS


def test_a_case_of_a_paper_that_fails_is_stored_as_failed(tmp_path, monkeypatch):
    failed = evolve(small()).assign_attrs(status="failed", end_reason="The step failed.")
    monkeypatch.setattr(main_job, "evolve", lambda *_: failed)
    status, reason, _ = run_stored(small().planet.case.to_toml(), str(tmp_path / "a"))
    assert (status, reason) == (FAILED, "The step failed.")
    assert mo.read(tmp_path / "a").attrs["status"] == "failed" and names(tmp_path / "a") == RESULTS


def test_hooks_come_in_their_order_and_the_folder_is_locked_meanwhile(tmp_path):
    calls, folder = [], tmp_path / "a"

    def refused():
        with pytest.raises(FolderInUse), locked(folder):
            raise AssertionError

    def free():
        with locked(folder):
            pass

    def note(name, check=None):
        def hook(*about):
            calls.append(name)
            if check is not None:
                check()

        return hook

    hooks = Hooks(
        prepared=note("prepared"),
        log=lambda: f"{len(calls)}\n",
        evolved=note("evolved", refused),
        stored=note("stored", refused),
        ended=note("ended", free),
    )
    result = execute(small().planet.case, folder, hooks)
    assert calls == ["prepared", "evolved", "stored", "ended"]
    assert (folder / "run.log").read_text() == "2\n" and same(mo.read(folder), result)


def test_a_job_that_is_stopped_leaves_its_last_step_and_goes_on_from_it(tmp_path):
    looks = []

    def stopped():
        looks.append(1)
        return len(looks) == 40

    case = small().planet.case
    with pytest.raises(Stopped):
        executed(case, tmp_path, Hooks(stopped=stopped))
    assert main_job.checkpoints.read(tmp_path, *_about(small())).steps == 40
    again = executed(case, tmp_path)
    assert resumed(again) == 1 and same(again, evolve(small()))


def _about(prepared_run):
    return prepared_run.planet, prepared_run.system, prepared_run.start


def test_numbered_folders_are_never_shared(tmp_path):
    for name in ("a", "a-2", "a-3"):
        execute(small().planet.case, tmp_path / "a", options=Options(numbered=True))
        assert (tmp_path / name / "evolution.nc").is_file()


@pytest.mark.skipif(os.name == "nt", reason="no such signal")
def test_a_script_that_gets_sigterm_stores_what_was_reached_and_ends(tmp_path):
    """mo.run in a batch job: interrupted, with a checkpoint; it ends by the signal; resume is exact."""
    program = """
import mocoupled as mo
mo.run(mo.Case.read("earth").replace({"mantle.model": "lumped"}), output="a", checkpoint=0)
print("not reached")
"""
    with subprocess.Popen(
        [sys.executable, "-c", program], cwd=tmp_path, env=ENVIRONMENT, stdout=subprocess.PIPE, text=True
    ) as process:
        while not (tmp_path / "a" / "checkpoint.npz").exists():
            assert process.poll() is None
            time.sleep(0.002)
        process.send_signal(signal.SIGTERM)
        out, _ = process.communicate(timeout=60)
    assert process.returncode == -signal.SIGTERM and out == ""
    assert mo.read(tmp_path / "a").attrs["status"] == "interrupted"
    again = mo.resume(tmp_path / "a")
    assert resumed(again) == 1 and same(again, evolve(prepared("earth", *LUMPED.items())))


def test_without_the_extras_a_sweep_runs_here_and_has_no_parquet(tmp_path):
    """A base install, without Dask and pyarrow: the other files are written. An older Parquet table is
    refused, and so is a scheduler elsewhere; both say what to install.
    """
    program = """
import sys
for library in ("dask", "distributed", "pyarrow"):
    sys.modules[library] = None
import mocoupled as mo
case = mo.Case.read("E1").replace({"mantle.model": "lumped", "mantle.shells": 20})
case = case.replace({"volatiles.hydrogen": "0 kg"})
axes = {"planet.gravity": [9.0]}
print(*mo.sweep(case, axes, output="a", workers=1).status.values)
open("a/table.parquet", "w").close()
for more in ({"output": "a", "workers": 1, "resume": True}, {"scheduler": "tcp://127.0.0.1:1"}):
    try:
        mo.sweep(case, axes, **more)
    except mo.InputError as error:
        print(" ".join(str(error).split()))
"""
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=tmp_path,
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        timeout=120,
    )
    first, *refusals = done.stdout.splitlines() or [done.stderr]
    assert first == "complete" and len(refusals) == 2, done.stdout + done.stderr
    assert all("pip install 'mocoupled[cluster]'" in refusal for refusal in refusals)
    assert {"table.csv", "sweep.nc"} <= names(tmp_path / "a")
