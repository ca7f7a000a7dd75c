"""Sweeps in processes and on Dask: a scheduler and two workers, each a process, run small lumped cases; what
dies is survived.

One cluster serves the whole file. The base case has 20 shells and rtol 1e-4, so that a case takes a tenth of
a second."""

import json
import os
import re
import signal
import subprocess
import sys
import threading
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pandas
import pytest
import xarray
from distributed import Client
from support import paused_worker
from support.command_line import ENVIRONMENT, words
from support.grey import grey
from support.paused_command import GO, REACHED
from support.places import ROOT
from support.waiting import HANG, until

import mocoupled as mo
from mocoupled.runs import dask_cluster
from mocoupled.sweeps import case_outcome as sweep_case
from mocoupled.sweeps import grid_file
from mocoupled.sweeps.many_cases import FailedCasesWarning

SMALL = {"mantle.model": "lumped", "mantle.shells": 20, "run.rtol": 1e-4}
BASE = mo.Case.read("E1").replace(SMALL)
# without graphite and CH4, carbon needs oxygen: 1e20 kg are too few, and the start of that case has no
# solution
BURNT = {
    "redox.oxygen_fugacity": "none",
    "redox.oxygen": "3.4e21 kg",
    "chemistry.graphite": False,
    "chemistry.species": ["H2", "H2O", "CO", "CO2", "O2"],
}
# without volatiles: one unknown
GRID = """
case = "E1"
[set]
mantle.model = "lumped"
mantle.shells = 20
volatiles.hydrogen = "0 kg"
[axes]
planet.gravity = {from = 9, to = 10, number = %d}
"""


def started(*words_, environment=ENVIRONMENT):
    return subprocess.Popen(
        [sys.executable, "-m", *map(str, words_)],
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    """Address of a scheduler, its process, and the folder whose file GO keeps its two workers going."""
    folder = tmp_path_factory.mktemp("cluster")
    (folder / GO).touch()
    address_file = folder / "scheduler.json"
    scheduler = started(
        "distributed.cli.dask_scheduler",
        "--port",
        0,
        "--host",
        "127.0.0.1",
        "--no-dashboard",
        "--scheduler-file",
        address_file,
    )
    options = (
        "--scheduler-file",
        address_file,
        "--no-nanny",
        "--nthreads",
        1,
        "--no-dashboard",
        "--local-directory",
        folder,
        "--death-timeout",
        HANG,
        "--preload",
        paused_worker.__name__,
    )
    environment = paused_worker.environment(folder)
    processes = [scheduler]
    try:
        until(lambda: address_file.exists() and address_file.read_text().rstrip().endswith("}"), scheduler)
        for _ in range(2):
            processes.append(started("distributed.cli.dask_worker", *options, environment=environment))
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(dask_cluster, "PATIENCE", 60.0)  # a busy scheduler answers late
            yield json.loads(address_file.read_text())["address"], scheduler, folder
    finally:
        for process in processes:
            process.kill()
            process.wait()


@pytest.fixture(scope="module")
def swept(cluster, tmp_path_factory):
    """The folder and Dataset of a grid of four cases, of which one fails."""
    folder = tmp_path_factory.mktemp("sweeps") / "burnt"
    axes = {"volatiles.hydrogen": ["1 ocean", "3 ocean"], "redox.oxygen": ["3.4e21 kg", "1e20 kg"]}
    with pytest.warns(FailedCasesWarning, match="(?s)4 cases: 2 complete, 2 failed.*case 000001: InputError"):
        result = mo.sweep(burnt(), axes, output=folder, scheduler=cluster[0])
    return folder, axes, result


def burnt():
    return grey().replace(SMALL | BURNT)


def states(folder):
    return {
        path.parent.name: (json.loads(path.read_text())["status"], path.stat().st_mtime_ns)
        for path in sorted(folder.glob("cases/*/status.json"))
    }


def test_the_grid_is_its_single_runs(swept):
    """Straight: mo.run of the same case, in this process. Bit for bit, in the case's folder and in the
    gathered end."""
    folder, axes, result = swept
    for k, oceans in ((0, "1 ocean"), (2, "3 ocean")):
        single = mo.run(burnt().replace({"volatiles.hydrogen": oceans}))
        stored_run = mo.read(folder / "cases" / f"{k:06d}")
        gathered = result.isel({"volatiles.hydrogen": k // 2, "redox.oxygen": 0})
        for name in single.data_vars:
            np.testing.assert_array_equal(stored_run[name].values, single[name].values, err_msg=name)
            np.testing.assert_array_equal(gathered[name].values, single[name].values[-1], err_msg=name)
        assert gathered.time.item() == single.time[-1].item() and gathered.case.item() == k
        assert (
            mo.Case.read(folder / "cases" / f"{k:06d}" / "case.toml").checksum
            == burnt().replace({"volatiles.hydrogen": oceans}).checksum
        )
    assert result.surface_pressure.dims == ("volatiles.hydrogen", "redox.oxygen")
    assert (
        result["volatiles.hydrogen"].values.tolist() == [1.55e20, 4.65e20]
        and result["volatiles.hydrogen"].units == "kg"
    )
    assert result.surface_pressure.units == "Pa"


def test_processes_and_dask_give_the_same_table(swept, cluster):
    """To the last bit, the reasons of failed cases too; so does a client of Dask's that the user has."""
    from dask.distributed import Client

    folder, axes, result = swept
    with pytest.warns(FailedCasesWarning):
        local = mo.sweep(burnt(), axes, workers=2)
    with Client(cluster[0], set_as_default=False) as client, pytest.warns(FailedCasesWarning):
        remote = mo.sweep(burnt(), axes, client=client)
        assert client.status == "running"
    for other in (local, remote):
        assert other.drop_vars("wall_time").identical(result.drop_vars("wall_time"))


def test_a_failing_case_is_reported_and_is_nan(swept):
    folder, _, result = swept
    assert result.status.values.tolist() == [["complete", "failed"]] * 2
    assert "there is no such equilibrium" in result.reason.values[0, 1]
    for name, variable in result.data_vars.items():
        if variable.dtype.kind == "f" and name != "wall_time":
            assert np.isnan(variable.isel({"redox.oxygen": 1})).all(), name
    stated = sweep_case.read_status(folder / "cases" / "000001")
    assert (
        stated["status"] == "failed"
        and "there is no such equilibrium" in stated["reason"]
        and stated["wall_time_s"] > 0
    )


def test_the_table_has_a_row_for_each_case(swept):
    folder, _, result = swept
    table = pandas.read_csv(folder / "table.csv")
    pandas.testing.assert_frame_equal(table, pandas.read_parquet(folder / "table.parquet"), check_dtype=False)
    assert table["case"].tolist() == [0, 1, 2, 3]
    assert table["volatiles.hydrogen_kg"].tolist() == [1.55e20, 1.55e20, 4.65e20, 4.65e20]
    assert table["status"].tolist() == ["complete", "failed"] * 2
    final = json.loads((folder / "cases" / "000002" / "summary.json").read_text())["final"]
    assert table.surface_pressure_bar[2] == pytest.approx(final["surface_pressure_bar"], rel=1e-15)
    assert table.pressure_bar_H2O[2] == pytest.approx(final["pressure_bar"]["H2O"], rel=1e-15)
    assert np.isnan(table.surface_pressure_bar[1]) and "there is no such equilibrium" in table.reason[1]
    with xarray.open_dataset(folder / "sweep.nc") as stored:
        assert stored.load().equals(result)


def test_resume_redoes_what_is_missing_or_not_whole(swept, cluster):
    folder, axes, result = swept
    before = states(folder)
    evolution = folder / "cases" / "000002" / "evolution.nc"
    evolution.write_bytes(evolution.read_bytes()[:1000])
    with pytest.warns(FailedCasesWarning, match="1 of them stored before"):
        again = mo.sweep(burnt(), axes, output=folder, scheduler=cluster[0], resume=True)
    after = states(folder)
    assert after["000000"] == before["000000"]
    assert all(after[k][1] > before[k][1] for k in ("000001", "000002", "000003"))
    assert again.drop_vars("wall_time").equals(result.drop_vars("wall_time"))


def test_resume_refuses_another_sweep(swept, cluster):
    folder, axes, _ = swept
    before = states(folder)
    with pytest.raises(mo.InputError, match=r"another sweep: \[axes\] is .*1e20.* there, .*2e20"):
        mo.sweep(burnt(), axes | {"redox.oxygen": ["3.4e21 kg", "2e20 kg"]}, output=folder, resume=True)
    with pytest.raises(mo.InputError, match="another base case: planet.gravity differ"):
        mo.sweep(burnt().replace({"planet.gravity": 9}), axes, output=folder, resume=True)
    with pytest.raises(mo.InputError, match="contains a sweep already"):
        mo.sweep(burnt(), axes, output=folder)
    assert states(folder) == before


def test_a_sample_lies_along_its_cases(cluster):
    sample = {
        "method": "sobol",
        "number": 2,
        "seed": 1,
        "ranges": {"volatiles.hydrogen": {"from": "1 ocean", "to": "5 ocean", "scale": "log"}},
    }
    result = mo.sweep(burnt(), sample=sample, scheduler=cluster[0])
    assert result.surface_pressure.dims == ("case",) and (result.status == "complete").all()
    assert result["volatiles.hydrogen"].dims == ("case",) and (result["volatiles.hydrogen"] >= 1.55e20).all()
    more = np.argsort(result["volatiles.hydrogen"].values)
    assert (np.diff(result.surface_pressure.values[more]) > 0).all()  # more hydrogen, more atmosphere


def test_what_goes_together_is_one_dimension(cluster):
    result = mo.sweep(
        burnt(),
        {
            ("planet.gravity", "mantle.solidus"): [
                (10.0, "Andrault2011-Hamano2013"),
                (9.0, "Andrault2011-Hamano2013-smooth"),
            ]
        },
        scheduler=cluster[0],
    )
    assert result.surface_pressure.dims == ("planet.gravity",)
    assert result["mantle.solidus"].values.tolist() == [
        "Andrault2011-Hamano2013",
        "Andrault2011-Hamano2013-smooth",
    ]
    assert (result.status == "complete").all()


def test_the_python_of_the_page(cluster, tmp_path, monkeypatch, capsys):
    """Word for word, but on the cluster of this file, and with a coarser table of isentropes."""
    page = (ROOT / "docs" / "sweeps.md").read_text(encoding="utf-8")
    (code,) = re.findall(
        r"^<!-- shown: tests/sweeps/test_sweep.py [^\n]*-->\n```python\n(.*?)^```$", page, re.M | re.S
    )
    monkeypatch.chdir(tmp_path)
    small = code.replace("workers=2", f"scheduler={cluster[0]!r}").replace(
        '"lumped"}', '"lumped", "mantle.shells": 20, "run.rtol": 1e-4}'
    )
    assert small.count(cluster[0]) == 1 and "shells" in small
    # the code of docs/sweeps.md itself, with a smaller case
    exec(small, {"__name__": "page"})
    assert re.fullmatch(r"[\d.]+ bar\n\['complete' 'complete'\] kg\n", capsys.readouterr().out)
    assert (tmp_path / "runs" / "grid" / "sweep.nc").is_file()


def test_a_case_that_takes_its_worker_along_fails_in_the_end(tmp_path):
    """As a worker finds it after the third death: the status says "running", by the same sweep, three times
    begun."""
    (tmp_path / "base.toml").write_text(BASE.to_toml())
    place = sweep_case.place(tmp_path, 0)
    place.mkdir(parents=True)
    sweep_case.write_status(place, {"status": "running", "session": "s", "attempt": sweep_case.ATTEMPTS})
    (outcome,) = sweep_case.run_batch(
        sweep_case.Batch(BASE.to_toml(), "E1", str(tmp_path), "s", mo.__version__, [(0, {})])
    )
    assert outcome.status == "failed" and "its worker died 3 times" in outcome.reason
    with pytest.raises(mo.MocoupledError, match="Install the same version"):
        sweep_case.run_batch(sweep_case.Batch(BASE.to_toml(), "E1", str(tmp_path), "s", "0.0.0", []))
    with pytest.raises(mo.MocoupledError, match="does not see the sweep's folder"):
        sweep_case.run_batch(
            sweep_case.Batch(
                BASE.to_toml(), "E1", str(tmp_path / "elsewhere"), "s", mo.__version__, [(0, {})]
            )
        )


def pids_of_workers(parent):
    """Worker processes that a process started."""
    pids = []
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            try:
                stat = Path(f"/proc/{entry}/stat").read_text().rpartition(")")[2].split()
                line = Path(f"/proc/{entry}/cmdline").read_text()
            except OSError:
                continue
            if int(stat[1]) == parent and paused_worker.__name__ in line:
                pids.append(int(entry))
    return pids


@pytest.mark.skipif(not os.path.isdir("/proc"), reason="looks for the worker in /proc")
def test_a_killed_worker_is_replaced(tmp_path):
    """kill -9 of the only worker in the middle of its second case: it is replaced, and every case is
    complete. No worker takes a library from the folder that the user is in."""
    (tmp_path / "grid.toml").write_text(GRID % 4)
    for library in ("json", "subprocess", "numpy"):
        (tmp_path / f"{library}.py").write_text("raise SystemExit(7)")
    signals = tmp_path / "signals"
    process = paused_worker.start(["sweep", "grid.toml", "--workers", "1"], signals, cwd=tmp_path)
    until((signals / REACHED).exists, process)
    folder = tmp_path / "sweeps" / "grid"
    assert [status for status, _ in states(folder).values()] == ["complete", "running"]
    (worker,) = pids_of_workers(process.pid)
    (signals / GO).touch()
    os.kill(worker, signal.SIGKILL)
    out, err = process.communicate(timeout=HANG)
    assert process.returncode == 0, err
    assert "4 cases: 4 complete" in out and "1 of the workers died and were replaced" in words(out)
    assert [status for status, _ in states(folder).values()] == ["complete"] * 4


@contextmanager
def in_the_second_case(cluster, folder, act):
    """Call act() while a worker of the cluster waits at its second case, and a case of the folder is
    complete; the workers go on afterwards."""

    def under_way():
        done = "complete" in [status for status, _ in states(folder).values()]
        return over or (done and (signals / REACHED).exists())

    def watch():
        until(under_way)
        if not over:
            act()

    signals, over = cluster[2], []
    (signals / REACHED).unlink(missing_ok=True)
    (signals / GO).unlink()
    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield
    finally:
        over.append(True)
        watcher.join()
        (signals / GO).touch()


def test_ctrl_c_keeps_what_is_done(cluster, mocoupled, empty):
    (empty / "grid.toml").write_text(GRID % 8)
    with in_the_second_case(cluster, empty / "out", lambda: os.kill(os.getpid(), signal.SIGINT)):
        status, _, err = mocoupled("sweep", "grid.toml", "-o", "out", "--scheduler", cluster[0])
    assert status == 130, err
    assert "'mocoupled sweep grid.toml -o out --resume' continues" in words(err)
    table = pandas.read_csv(empty / "out" / "table.csv")
    complete = (table.status == "complete").sum()
    assert 1 <= complete <= 2 and "interrupted" in set(table.status)
    assert set(table.status) == {"complete", "interrupted", "not run"}
    with Client(cluster[0], timeout=HANG) as client:
        until(lambda: not any(client.processing().values()))  # the workers have looked, and stopped
    statuses = [status for status, _ in states(empty / "out").values()]
    assert "running" not in statuses and len(statuses) < 8


def test_the_scheduler_is_killed(cluster, mocoupled, empty):
    """The last test of the file: it takes the cluster down. What is done is kept, and the error says how to
    go on."""
    address, scheduler, _ = cluster
    (empty / "grid.toml").write_text(GRID % 8)
    with in_the_second_case(cluster, empty / "out", scheduler.kill):
        status, _, err = mocoupled("sweep", "grid.toml", "-o", "out", "--scheduler", address)
    assert status == 1
    assert f"the scheduler at {address} is gone" in words(err)
    assert "'mocoupled sweep grid.toml -o out --resume' continues" in words(err)
    table = pandas.read_csv(empty / "out" / "table.csv")
    assert 1 <= (table.status == "complete").sum() <= 2
    grid = grid_file.read(empty / "grid.toml")
    for number in np.flatnonzero(table.status == "complete"):
        case = grid.base.replace(grid.changes(int(number)))
        assert sweep_case.stored(case, sweep_case.place(empty / "out", int(number)), int(number)) is not None
