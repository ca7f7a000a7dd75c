"""Stores that are damaged or of something else: checkpoints and results are refused, or read as they were
written."""

import json
import pickle
import random
import re
import zipfile
from dataclasses import replace

import numpy as np
import pytest
from support.command_line import DRY, RESULTS, words
from support.cut_run import marched, same, small

import mocoupled as mo
from mocoupled.dae.solve.integrate import march
from mocoupled.results import output, trajectories
from mocoupled.results.integrity import CHECKSUM
from mocoupled.runs import checkpoint
from mocoupled.runs.evolution import evolve
from mocoupled.runs.run_folder import locked

# --- what is refused


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
    "another case than case.toml": lambda header, arrays: header.update(
        case=header["case"].replace("rtol = ", "rtol = 1e-7 #")
    ),
    "written by 0.0.9; continue it with mocoupled 0.0.9 (pip install mocoupled==0.0.9)": (
        lambda header, arrays: header.update(source="mocoupled 0.0.9")
    ),
    "other equations": lambda header, arrays: header.update(equations_sha256="0"),
    "another mechanism": lambda header, arrays: header.update(mechanism_sha256="0"),
    "another form of checkpoint": lambda header, arrays: header.update(format=99),
    "began from another state": lambda header, arrays: arrays.update(states=arrays["states"] + 1.0),
    "no finite numbers in states": lambda header, arrays: arrays.update(
        states=np.full_like(arrays["states"], np.nan)
    ),
    "no finite numbers in solver_D": lambda header, arrays: arrays["solver_D"][-1:].fill(np.nan),
    "wrong number of entries in accumulated": lambda header, arrays: arrays.update(
        accumulated=arrays["accumulated"][1:]
    ),
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
    assert (
        status == 2 and out == "" and says in words(err) and "remove it, and 'mocoupled resume" in words(err)
    )
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_damaged_checkpoints_are_refused(left):
    """Cut short anywhere, or one byte changed anywhere: refused, or (bytes that mean nothing) read as it
    was."""
    folder, _ = left
    prepared_run, path, draw = small(), folder / "checkpoint.npz", random.Random(3)
    sound = path.read_bytes()
    arrays = checkpoint.read(folder, prepared_run.planet, prepared_run.system, prepared_run.start).arrays
    refused = 0
    for trial in range(60):
        damaged = bytearray(sound)
        if trial < 15:
            del damaged[draw.randrange(len(sound)) :]
        else:
            damaged[draw.randrange(len(sound))] ^= 1 << draw.randrange(8)
        path.write_bytes(damaged)
        try:
            restored = checkpoint.read(folder, prepared_run.planet, prepared_run.system, prepared_run.start)
        except mo.InputError as error:
            assert str(path) in str(error) and "remove it" in str(error)
            refused += 1
            continue
        assert trial >= 15 and set(restored.arrays) == set(arrays)
        assert all(np.array_equal(restored.arrays[name], arrays[name]) for name in arrays)
    assert refused >= 50


def test_an_array_cut_short_by_its_shape_is_damaged(left):
    """A digit of a shape changed: fewer numbers would be read, and the checksum at the end never compared."""
    path = left[0] / "checkpoint.npz"
    sound = path.read_bytes()
    places = [match.start(1) for match in re.finditer(rb"'shape': \(\d*(\d)", sound)]
    assert len(places) > 10
    for place in places:
        for digit in {*b"0123456789"} - {sound[place]}:
            path.write_bytes(sound[:place] + bytes([digit]) + sound[place + 1 :])
            with pytest.raises((ValueError, zipfile.BadZipFile)):
                checkpoint.read_arrays(path)


def test_memory_that_the_solver_does_not_use_is_not_stored(left):
    """scipy leaves rows of its differences as the memory was: numbers by chance, NaN among them."""
    arrays = checkpoint.read_arrays(left[0] / "checkpoint.npz")
    fresh = marched(small(), [1])[1][0]["solver_D"]
    assert np.all(fresh[4:] == 0.0) and np.isfinite(arrays["solver_D"]).all()


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


def test_other_libraries_are_reported_and_agree_to_the_tolerance(left, mocoupled):
    """A checkpoint of another scipy: its solver's own arrays are not taken, and screen and log say what that
    means."""
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
    from mocoupled.dae.solve.system import System

    monkeypatch.setattr(System, "rate", lambda self, t, y, *_: np.full(len(y), np.nan if t > 0 else 1e-9))
    assert mocoupled("run", "E1", *DRY, "-q", "-o", "a")[0] == 1
    status, _, err = mocoupled("resume", "a")
    assert status == 2 and "the run failed" in words(err) and "run.rtol" in words(err)
    assert {path.name for path in (empty / "a").iterdir()} == RESULTS


def test_one_process_at_a_time(left, mocoupled):
    pytest.importorskip("fcntl")
    folder, _ = left
    with locked(folder):
        status, _, err = mocoupled("resume", folder)
        assert status == 2 and "is working in this folder" in words(err)
        assert mocoupled("run", "E1", *DRY, "--overwrite", "-q", "-o", folder)[0] == 2
    assert (folder / "checkpoint.npz").exists()


def test_overwriting_leaves_nothing_of_the_old_run(left, mocoupled):
    folder, _ = left
    assert mocoupled("run", "E1", *DRY, "--overwrite", "-q", "-o", folder) == (0, "", "")
    assert {path.name for path in folder.iterdir()} == RESULTS and mo.read(folder).attrs["case_name"] == "E1"


@pytest.mark.parametrize(
    ("words_", "says"),
    [
        (["resume", "nowhere"], "there is no such folder"),
        (["resume", "."], "contains no run"),
        (["resume", "file"], "this is a file"),
        (["resume", " "], "this is not a path"),
        (["resume", ".", "--checkpoint", "soon"], "not a number of seconds"),
        (["run", "E1", "--checkpoint", "-1"], "not a number of seconds"),
        (["run", "E1", "--checkpoint", "nan"], "not a number of seconds"),
    ],
)
def test_bad_requests(words_, says, mocoupled, empty):
    (empty / "file").write_text("")
    status, out, err = mocoupled(*words_)
    assert status == 2 and out == "" and says in words(err)
    assert [path.name for path in empty.iterdir()] == ["file"]


# --- what was stored is read as it was, or not at all


def test_numbers_that_are_not_finite_are_refused(tmp_path):
    result = evolve(small())
    for name, value in (("flux", np.nan), ("pressure", np.inf)):
        spoilt = result.copy(deep=True)
        spoilt[name].values[-1] = value
        output.write(spoilt, tmp_path / name)
        with pytest.raises(mo.InputError, match=f"'{name}' contains a number that is not finite"):
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
    """Cut off at once: the drift of the energy, over the heat that has gone, is still a number that can be
    read."""
    prepared_run = small()
    record = march(
        prepared_run.system,
        prepared_run.start,
        1e-3,
        stabilisation=prepared_run.planet.case.run.stabilisation,
    )
    still = {
        "time": record.time[:2],
        "states": record.states[[0, 0]],
        "accumulated": record.accumulated[[0, 0]],
        "constraint_drift": record.constraint_drift[:2],
    }
    part = replace(record, **still, balance_drift=np.full_like(record.balance_drift[:2], 1e-16))
    result = trajectories.dataset(prepared_run.planet, prepared_run.system, part)
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
