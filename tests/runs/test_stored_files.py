"""Stored files are checked wherever they are read: damage, pipes, sizes and nesting beyond any real file."""

import os
import queue
import threading

import numpy as np
import pytest
from support.command_line import words
from support.cut_run import small
from support.places import STORED_0_1
from support.waiting import HANG, at_once

import mocoupled as mo
from mocoupled.reproduce.runs import stored as reusable
from mocoupled.results import blocks, netcdf
from mocoupled.results.integrity import BLOCKS
from mocoupled.runs import checkpoint, run_folder
from mocoupled.sweeps.case_outcome import stored


def flipped(path, value):
    """One bit of a number that is stored in the file changed, so that it doubles or halves."""
    content = bytearray(path.read_bytes())
    at = content.find(np.float64(value).tobytes())
    assert at >= 0
    content[at + 6] ^= 0x10
    path.write_bytes(content)


def test_a_damaged_run_is_refused_or_done_again_wherever_it_is_read(tmp_path, mocoupled):
    result = mo.run(small().planet.case, tmp_path / "a")
    assert reusable(small().planet.case, tmp_path / "a")
    flipped(tmp_path / "a" / "evolution.nc", result.surface_pressure.values[-1])
    assert not reusable(small().planet.case, tmp_path / "a")  # of a reproduced paper: the case is run again
    for command in (
        ["plot"],
        ["report"],
        ["cite"],
        ["resume"],
        ["export", "--format", "chili", "--planet", "x"],
    ):
        status, _, err = mocoupled(command[0], tmp_path / "a", *command[1:])
        assert status == 2 and "damaged" in words(err) and "do the run again" in words(err), command


def test_results_of_every_command_carry_a_checksum(mocoupled, empty):
    assert mocoupled("equilibrium", "earth", "-T", "1650,2000 K", "-o", "e.nc")[0] == 0
    assert mocoupled("gas", "-T", "1500", "-P", "1e5", "H=2", "O=1", "-o", "g.nc")[0] == 0
    assert mocoupled("melting", "two-component", "-P", "129 GPa", "-T", "4400:4800:5", "-o", "m.nc")[0] == 0
    for name, variable in (("e.nc", "pressure"), ("g.nc", "pressure"), ("m.nc", "solid_density")):
        read = mo.read(name)
        flipped(empty / name, np.ravel(read[variable].values)[0])
        with pytest.raises(mo.InputError, match="damaged"):
            mo.read(name)


def test_a_case_changed_on_disk_is_not_run_in_place_of_the_first(tmp_path):
    """A bit flipped in case.toml of a run that has no checkpoint yet."""
    folder = tmp_path / "a"
    folder.mkdir()
    run_folder.begin(folder, small().planet.case, "begun\n")
    text = (folder / "case.toml").read_text(encoding="utf-8")
    (folder / "case.toml").write_text(text.replace("rtol = ", "rtol = 1", 1), encoding="utf-8")
    with pytest.raises(mo.InputError, match="not the case that the run began with"):
        mo.resume(folder)


def test_a_damaged_summary_does_not_undo_a_complete_run(tmp_path):
    mo.run(small().planet.case, tmp_path / "a")
    before = (tmp_path / "a" / "evolution.nc").stat().st_mtime_ns
    for text in ("[" * 200_000, "", '{"status": "comqlete", "end": ""}'):
        (tmp_path / "a" / "summary.json").write_text(text)
        assert mo.resume(tmp_path / "a").attrs["status"] == "complete"
    assert (tmp_path / "a" / "evolution.nc").stat().st_mtime_ns == before


def ending(work):
    """What `work` returns, from a thread, so that a test of what may never end fails instead."""
    answers = queue.SimpleQueue()
    threading.Thread(target=lambda: answers.put(work()), daemon=True).start()
    return answers.get(timeout=HANG)


def refusal(work):
    with pytest.raises(mo.InputError) as error:
        work()
    return str(error.value)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs pipes and devices in the file system")
@pytest.mark.parametrize("kind", ["pipe", "device"])
def test_a_pipe_or_device_in_place_of_a_stored_file_is_never_waited_for(kind, left, tmp_path):
    folder, _ = left
    axes = {"volatiles.hydrogen": ["1 ocean"]}
    mo.sweep(small().planet.case, axes, output=tmp_path / "s", workers=1)
    conditions, keep = {"temperature": [1600.0, 1800.0], "melt_fraction": 0.3}, ("surface_pressure",)
    mo.equilibrium_map("earth", conditions, tmp_path / "m", variables=keep).close()

    def replaced(path):
        path.unlink()
        os.mkfifo(path) if kind == "pipe" else path.symlink_to("/dev/zero")

    replaced(folder / "checkpoint.npz")
    assert "remove it, and 'mocoupled resume" in ending(lambda: refusal(lambda: mo.resume(folder)))
    for name in ("status.json", "evolution.nc", "case.toml", "summary.json"):
        replaced(tmp_path / "s" / "cases" / "000000" / name)
        assert ending(lambda: stored(mo.Case.read("earth"), tmp_path / "s" / "cases" / "000000", 0)) is None
    replaced(tmp_path / "s" / "grid.toml")

    def resumed_sweep():
        return mo.sweep(small().planet.case, axes, output=tmp_path / "s", workers=1, resume=True)

    assert "cannot be read" in ending(lambda: refusal(resumed_sweep))
    replaced(tmp_path / "m" / "map.nc")

    def resumed_map():
        return mo.equilibrium_map("earth", conditions, tmp_path / "m", variables=keep, resume=True)

    with ending(resumed_map) as completed_map:
        assert completed_map.converged.values.all()


def test_a_folder_in_place_of_a_file_of_the_run_is_refused_before_it_continues(left, mocoupled):
    folder, _ = left
    for name in ("run.log", "summary.json"):
        (folder / name).unlink()
        (folder / name).mkdir()
        status, _, err = mocoupled("resume", folder)
        assert status == 2 and f"{name} in it is a folder" in words(err)
        (folder / name).rmdir()
        (folder / name).write_text("")


def test_blocks_of_a_file_that_grows_are_checked(tmp_path):
    """Each block, the coordinates and the attributes; a flipped bit anywhere in them is found."""
    import xarray

    table = xarray.Dataset(
        {
            "pressure": (("species", "temperature"), np.arange(1.0, 13.0).reshape(2, 6)),
            "converged": ("temperature", np.ones(6, bool)),
        },
        {"temperature": np.arange(1000.0, 1600.0, 100.0), "species": ["H2", "H2O"]},
        {"title": "a map"},
    )
    pieces = [{"temperature": slice(0, 4)}, {"temperature": slice(4, 6)}]
    entries = [
        blocks.entry(piece, {n: (v.dims, v.values) for n, v in table.isel(piece).data_vars.items()})
        for piece in pieces
    ]
    netcdf.write(table.assign_attrs(blocks.attribute(table, entries)), tmp_path / "map.nc", {})
    sound = (tmp_path / "map.nc").read_bytes()
    read = mo.read(tmp_path)
    assert read.pressure.equals(table.pressure) and BLOCKS not in read.attrs
    read.close()
    for value in (7.0, 1300.0):
        (tmp_path / "map.nc").write_bytes(sound)
        flipped(tmp_path / "map.nc", value)
        with pytest.raises(mo.InputError, match="damaged"):
            mo.read(tmp_path)


def sweep_table(path, change=lambda table: table):
    """A table as sweeps write it: two cases with other species, and one that failed."""
    import xarray

    nan = np.nan
    table = xarray.Dataset(
        {
            "pressure": (("species", "volatiles.nitrogen"), [[1e5, 2e5, nan], [nan, 3e4, nan]]),
            "surface_temperature": ("volatiles.nitrogen", [1650.0, 1650.0, nan]),
            "status": ("volatiles.nitrogen", np.array(["complete", "complete", "failed"], object)),
            "reason": (
                "volatiles.nitrogen",
                np.array(["A surface lid forms.", "A surface lid forms.", "ConvergenceError: x"], object),
            ),
        },
        {"species": ["H2O", "N2"], "volatiles.nitrogen": ["0 kg", "3 ppmw", "9 ppmw"]},
        {"grid": "", "source": "mocoupled 0.1.0"},
    )
    change(table).to_netcdf(path, engine="netcdf4")
    return table


def test_a_sweep_whose_cases_differ_or_failed_reads_back(tmp_path):
    table = sweep_table(tmp_path / "sweep.nc")
    for place in (tmp_path, tmp_path / "sweep.nc"):
        read = mo.read(place)
        assert read.equals(table) and list(read.reason.values) == list(table.reason.values)
    sweep_table(
        tmp_path / "sweep.nc",
        lambda table: table.assign(surface_temperature=table.surface_temperature.fillna(np.inf)),
    )
    with pytest.raises(mo.InputError, match="'surface_temperature' contains a number that is not finite"):
        mo.read(tmp_path)


def refused(work, says):
    """The work ends in an InputError that says so, before anything is read whole."""
    with at_once(), pytest.raises(mo.InputError, match=says):
        work()


def test_what_a_file_declares_is_what_it_can_hold(tmp_path):
    import netCDF4

    for name, length, kind in (
        ("values.nc", 40_000_000_000, "f8"),
        ("text.nc", 40_000_000_000, str),
        ("coordinate.nc", 40_000_000_000, "f8"),
    ):
        with netCDF4.Dataset(tmp_path / name, "w") as file:
            file.createDimension("time", length)
            file.createVariable(
                "time" if name == "coordinate.nc" else "flux", kind, ("time",), chunksizes=(1000,)
            )
        assert (tmp_path / name).stat().st_size < 20_000
        refused(lambda name=name: mo.read(tmp_path / name), "declares .* GiB")
    os.mkfifo(tmp_path / "pipe.nc")
    refused(lambda: mo.read(tmp_path / "pipe.nc"), "not a file")


def test_deep_and_long_text_is_refused(tmp_path):
    (tmp_path / "summary.json").write_text("[" * 200_000)
    refused(lambda: mo.read(tmp_path), "no stored run")
    (tmp_path / "case.toml").write_text("".join(f"k{i} = 1\n" for i in range(600_000)))
    refused(lambda: mo.Case.read(tmp_path / "case.toml"), "allowed: at most")
    refused(lambda: mo.Case.parse((tmp_path / "case.toml").read_text()), "more than")
    few = "".join(f"k{i} = 1\n" for i in range(30_000))
    refused(lambda: mo.Case.parse(few), "30000 problems")
    refused(lambda: mo.read(tmp_path), "no stored run")


def test_a_table_nested_in_an_attribute_is_refused(tmp_path):
    result = mo.read(STORED_0_1 / "complete").assign_attrs(laws="[" * 100_000)
    netcdf.write(result, tmp_path / "deep.nc")
    refused(lambda: mo.read(tmp_path / "deep.nc"), "'laws' is not what a run stores")


def test_an_array_of_a_checkpoint_declares_what_it_has(left):
    folder, _ = left
    import zipfile

    with zipfile.ZipFile(folder / "checkpoint.npz", "a") as packed:
        packed.writestr(
            "states2.npy",
            b"\x93NUMPY\x01\x00v\x00"
            + repr({"descr": "<f8", "fortran_order": False, "shape": (40_000_000_000,)}).encode().ljust(117)
            + b"\n",
        )
    prepared_run = small()
    refused(
        lambda: checkpoint.read(folder, prepared_run.planet, prepared_run.system, prepared_run.start),
        "declares another size than it has",
    )
    with zipfile.ZipFile(folder / "checkpoint.npz", "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("states.npy", b"\0" * 300_000_000)
    refused(
        lambda: checkpoint.read(folder, prepared_run.planet, prepared_run.system, prepared_run.start),
        "declares",
    )
