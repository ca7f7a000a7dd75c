"""The main job is one: sweeps and papers do it as the library does, with its checkpoint, lock and log."""

import json
import os
import signal
import subprocess
import sys
import time

import pytest
from support.command_line import ENVIRONMENT, RESULTS
from support.cut_run import cut, prepared, same, small

import mocoupled as mo
from mocoupled.reproduce.runs import DONE, FAILED, run_stored
from mocoupled.runs import main_job
from mocoupled.runs.job_records import Hooks, Options, Stopped
from mocoupled.runs.main_job import evolve, execute, executed
from mocoupled.runs.run_folder import FolderInUse, locked
from mocoupled.sweeps import one_case

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
        work = one_case.Batch(case.to_toml(), case.source, str(tmp_path), session, mo.__version__, [(0, {})])
        (outcome,) = one_case.run_batch(work)
        return outcome

    return tmp_path, one_case.place(tmp_path, 0), run


def test_a_case_of_a_sweep_that_was_stopped_goes_on_from_its_checkpoint(sweep, monkeypatch):
    """The file that stops a sweep comes in the march; resumed, the case is the straight run to the bit."""
    folder, place, run = sweep
    flag, steps = folder / f"{one_case.STOP}-first", []
    monkeypatch.setattr(one_case, "GLANCE", -1.0)
    look = one_case._Glance.__call__

    def stop_after_60_steps(self, at_once=False):
        steps.append(at_once)
        if len(steps) == 60:
            flag.touch()
        return look(self, at_once)

    monkeypatch.setattr(one_case._Glance, "__call__", stop_after_60_steps)
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
    monkeypatch.setattr(one_case, "GLANCE", 0.01)
    monkeypatch.setattr(one_case, "PATIENCE", 0.1)
    with locked(place):
        outcome = run("first")
    assert outcome.status == "failed" and "FolderInUse" in outcome.reason
    assert run("second").status == "complete"


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


def _about(one):
    return one.planet, one.system, one.start


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


def test_without_pyarrow_a_sweep_has_no_parquet(tmp_path):
    """A base install: the other files are written, and an older Parquet table is refused."""
    program = """
import sys
sys.modules["pyarrow"] = None
import mocoupled as mo
case = mo.Case.read("E1").replace({"mantle.model": "lumped", "mantle.shells": 20})
case = case.replace({"volatiles.hydrogen": "0 kg"})
axes = {"planet.gravity": [9.0]}
print(*mo.sweep(case, axes, output="a", workers=1).status.values)
open("a/table.parquet", "w").close()
try:
    mo.sweep(case, axes, output="a", workers=1, resume=True)
except mo.InputError as error:
    print(error)
"""
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=tmp_path,
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.stdout.startswith("complete\n"), done.stderr
    assert "pip install 'mocoupled[cluster]'" in done.stdout
    assert {"table.csv", "sweep.nc"} <= names(tmp_path / "a")
