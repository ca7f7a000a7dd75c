"""What a sweep stores: read back whatever its cases were, checked on resume, one process at a time, nothing
foreign touched."""

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas
import pytest
from support.command_line import ENVIRONMENT, words
from support.grey import grey
from support.waiting import HANG, at_once

import mocoupled as mo
from mocoupled.sweeps import case_outcome as sweep_case
from mocoupled.sweeps import folder_lock as hold
from mocoupled.sweeps.many_cases import FailedCasesWarning
from mocoupled.sweeps.tables import Gathered

SMALL = {"mantle.model": "lumped", "mantle.shells": 20, "run.rtol": 1e-4}
NITROGEN = grey().replace(
    SMALL
    | {"chemistry.mechanism": "chons", "chemistry.species": ["H2", "H2O", "CO", "CO2", "CH4", "N2", "NH3"]}
)
AXES = {"volatiles.nitrogen": ["0 kg", "3 ppmw"]}
FIRST = ["H2", "H2O", "CO", "CO2", "CH4", "O2"]  # the species of the first case; the second has two more


@pytest.fixture(scope="module")
def nitrogen(tmp_path_factory):
    """The folder and result of a sweep of which the first case has no nitrogen, and so two species less."""
    folder = tmp_path_factory.mktemp("sweeps") / "nitrogen"
    return folder, mo.sweep(NITROGEN, AXES, output=folder, workers=2)


@pytest.fixture
def copied(nitrogen, tmp_path):
    return Path(shutil.copytree(nitrogen[0], tmp_path / "out"))


def same(result, other):
    return result.drop_vars("wall_time").identical(other.drop_vars("wall_time"))


def times(folder):
    return {path.parent.name: path.stat().st_mtime_ns for path in folder.glob("cases/*/evolution.nc")}


# ---- read back


def test_cases_with_different_species_read_back(nitrogen):
    """tests for C3: the union of the species; NaN for those that a case does not have; every number where it
    belongs."""
    folder, result = nitrogen
    for read in (mo.read(folder), mo.read(folder / "sweep.nc")):
        assert read.identical(result)
    assert (
        sorted(result.species.values) == sorted([*FIRST, "N2", "NH3"]) and (result.status == "complete").all()
    )
    for k, text in enumerate(AXES["volatiles.nitrogen"]):
        single = mo.run(NITROGEN.replace({"volatiles.nitrogen": text})).isel(time=-1)
        assert set(single.species.values) == set(FIRST if k == 0 else result.species.values)
        for species in result.species.values:
            for name in ("pressure", "dissolved_mass"):
                gathered = result[name].sel(species=species).values[k]
                if species in single.species.values:
                    assert gathered == single[name].sel(species=species).item(), (k, name, species)
                else:
                    assert np.isnan(gathered), (k, name, species)
    table = pandas.read_csv(folder / "table.csv")
    assert np.isnan(table.pressure_bar_N2[0]) and table.pressure_bar_N2[1] > 0


def outcome(number, species, numbers, **final):
    end = {
        "pressure": ("species", species, np.array(numbers), {"units": "Pa"}),
        "time": ("", (), np.array(1.0 + number), {"units": "s"}),
    }
    return sweep_case.Outcome(number, "complete", "", 1.0, final, end)


def test_the_table_does_not_depend_on_which_case_comes_first():
    """Cases come in any order from workers; a variable that only some cases have has the labels of all in
    their order."""
    cases = [
        outcome(0, ["A", "B"], [1.0, 2.0], x=1.0),
        outcome(1, ["C", "B", "A"], [30.0, 20.0, 10.0], x=2.0, y=None),
        outcome(2, ["C"], [300.0], y="text"),
    ]
    cases[1].end["trapped"] = ("species", ["B", "C"], np.array([7.0, 8.0]), {})
    tables = []
    for order in ([0, 1, 2], [2, 1, 0], [1, 2, 0]):
        gathered = Gathered(3)
        for k in order:
            gathered.add(cases[k])
        assert gathered.labels() == {"species": ["A", "B", "C"]}
        assert list(gathered.end()) == ["pressure", "time", "trapped"] and list(gathered.final()) == [
            "x",
            "y",
        ]
        np.testing.assert_array_equal(
            gathered.end()["pressure"].values, [[1, 10, np.nan], [2, 20, np.nan], [np.nan, 30, 300]]
        )
        np.testing.assert_array_equal(
            gathered.end()["trapped"].values, [[np.nan] * 3, [np.nan, 7, np.nan], [np.nan, 8, np.nan]]
        )
        tables.append(str(gathered.final()))
    assert len(set(tables)) == 1


def test_failed_cases_read_back_with_their_reason(tmp_path):
    """All of them failed: without graphite and CH4, carbon needs more oxygen than there is."""
    changes = {
        "redox.oxygen_fugacity": "none",
        "chemistry.graphite": False,
        "chemistry.species": ["H2", "H2O", "CO", "CO2", "O2"],
    }
    case = grey().replace(SMALL | {"redox.oxygen": "1e20 kg"} | changes)
    with pytest.warns(FailedCasesWarning):
        result = mo.sweep(case, {"redox.oxygen": ["1e20 kg", "2e20 kg"]}, output=tmp_path / "out", workers=1)
    assert mo.read(tmp_path / "out").identical(result) and (result.status == "failed").all()
    with pytest.raises(mo.MocoupledError) as error:
        mo.run(case)
    sentence = words(str(error.value))
    assert sentence in result.reason.values[0]  # the sentence of its error


# ---- damage


def spoil(path, what):
    """Flip one bit of the last byte of `what` in the file."""
    content = bytearray(path.read_bytes())
    place = content.rfind(what) + len(what) - 1
    assert place >= len(what) - 1, f"{path.name} does not hold {what!r}"
    content[place] ^= 1
    path.write_bytes(content)


def test_a_bit_anywhere_never_reaches_the_table(nitrogen, tmp_path):
    """Every so many bits of each stored file of a case, and where its numbers are: it does not count as
    stored, or has every number unchanged."""
    folder = tmp_path / "case"
    shutil.copytree(nitrogen[0] / "cases" / "000001", folder)
    case = NITROGEN.replace(
        {"volatiles.nitrogen": "3 ppmw", "title": mo.Case.read(folder / "case.toml").title}
    )
    whole = json.dumps(sweep_case.as_plain(sweep_case.stored(case, folder, 1)))
    pressure, whole_status, missed = (
        mo.read(folder).surface_pressure.values[-1].tobytes()[:7],
        sweep_case.read_status(folder),
        0,
    )
    for name in ("evolution.nc", "status.json", "summary.json", "case.toml"):
        content = (folder / name).read_bytes()
        for bit in range(5, 8 * len(content), 20011 if name == "evolution.nc" else 5003):
            damaged = bytearray(content)
            damaged[bit // 8] ^= 1 << bit % 8
            (folder / name).write_bytes(damaged)
            results = sweep_case.stored(case, folder, 1)
            missed += results is None
            assert results is None or json.dumps(sweep_case.as_plain(results)) == whole, (name, bit)
        (folder / name).write_bytes(content)
    bar = json.loads((folder / "summary.json").read_text())["final"]["surface_pressure_bar"]
    for name, what in {
        "evolution.nc": pressure,
        "status.json": str(whole_status["wall_time_s"]).encode(),
        "summary.json": b'"surface_pressure_bar": ' + str(bar).encode()[:2],
        "case.toml": b"mantle",
    }.items():
        content = (folder / name).read_bytes()
        spoil(folder / name, what)
        assert sweep_case.stored(case, folder, 1) is None, name
        (folder / name).write_bytes(content)
    assert missed > 5 and json.dumps(sweep_case.as_plain(sweep_case.stored(case, folder, 1))) == whole


def test_a_damaged_table_is_refused(nitrogen, copied):
    spoil(copied / "sweep.nc", nitrogen[1].surface_pressure.values[1].tobytes()[:7])
    with pytest.raises(mo.InputError, match="damaged"):
        mo.read(copied)


# ---- one resume: a damaged case, foreign files everywhere, and a second process


@pytest.fixture(scope="module")
def resumed(nitrogen, tmp_path_factory):
    """The folder of a sweep that was gone on with, its result, foreign files, times of before, and the
    message to a second sweep."""
    folder = Path(shutil.copytree(nitrogen[0], tmp_path_factory.mktemp("resumed") / "out"))
    case = folder / "cases" / "000001"
    spoil(case / "evolution.nc", mo.read(case).surface_pressure.values[-1].tobytes()[:7])
    foreign, before, refusals = [], times(folder), []
    for place in (folder, folder / "cases", folder / "cases" / "000000", case):
        (place / ".ipynb_checkpoints").mkdir()
        for name in (
            ".ipynb_checkpoints/evolution.nc",
            ".case.toml.swp",
            ".evolution.nc.backup",
            ".status.json.x1",
            ".hidden",
            "notes.txt",
            "evolution.nc~",
        ):
            (place / name).write_text("mine")
            foreign.append(place / name)
        (place / ".link").symlink_to(folder.parent)
    (case / ".mocoupled-0123456789abcdef-evolution.nc").write_text("half")

    def second(fraction, text):
        if not refusals:
            try:
                refusals.append("")
                mo.sweep(NITROGEN, AXES, output=folder, workers=1, resume=True)
            except mo.InputError as error:
                refusals[0] = words(str(error))

    result = mo.sweep(NITROGEN, AXES, output=folder, workers=1, resume=True, progress=second)
    return folder, result, foreign, before, refusals[0]


def test_a_damaged_case_is_done_again(nitrogen, resumed):
    """tests for W3: one bit of a stored pressure. The whole case is kept."""
    folder, result, _, before, _ = resumed
    after = times(folder)
    assert same(result, nitrogen[1]) and same(mo.read(folder), nitrogen[1])
    assert after["000000"] == before["000000"] and after["000001"] > before["000001"]


def test_what_is_not_ours_is_left(resumed):
    """tests for S2: hidden folders, editors' files and links; what a killed worker of ours left is
    removed."""
    folder, _, foreign, _, _ = resumed
    assert (
        all(path.read_text() == "mine" for path in foreign)
        and (folder / "cases" / "000001" / ".link").is_symlink()
    )
    assert not list(folder.rglob(".mocoupled-*"))


def test_a_second_sweep_in_a_folder_is_refused(resumed, tmp_path):
    """tests for S5: while one works in the folder, another is refused with who that is."""
    assert f"process {os.getpid()} on " in resumed[4] and "is working in this folder" in resumed[4]
    with hold.locked(tmp_path), pytest.raises(mo.InputError, match="is working in this folder"):
        mo.sweep(NITROGEN, AXES, output=tmp_path, workers=1)


def test_the_lock_of_a_dead_process_is_taken_over(tmp_path):
    program = (
        "import os, signal, pathlib\nfrom mocoupled.sweeps.folder_lock import locked\n"
        f"with locked(pathlib.Path({str(tmp_path)!r})):\n    os.kill(os.getpid(), signal.SIGKILL)"
    )
    assert (
        subprocess.run([sys.executable, "-c", program], env=ENVIRONMENT, timeout=HANG).returncode
        == -signal.SIGKILL
    )
    assert (tmp_path / hold.HOLDER).exists()
    with hold.locked(tmp_path):
        assert json.loads((tmp_path / hold.HOLDER).read_text())["process"] == os.getpid()
    assert list(tmp_path.iterdir()) == []


def test_without_locks_a_living_process_counts(tmp_path, monkeypatch):
    """As on a file system that has none."""
    import fcntl

    def unsupported(*given):
        raise OSError(95, "Operation not supported")

    monkeypatch.setattr(fcntl, "flock", unsupported)
    refusal = pytest.raises(mo.InputError, match=f"process {os.getpid()} on")
    with hold.locked(tmp_path), refusal, hold.locked(tmp_path):
        raise AssertionError
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    (tmp_path / hold.HOLDER).write_text(
        json.dumps({"process": gone.pid, "machine": os.uname().nodename, "since": "then"})
    )
    with hold.locked(tmp_path):
        pass


# ---- sizes


HUGE = {"from": 1, "to": 10, "number": 1_000_000}


@pytest.mark.parametrize(
    "refused",
    [
        lambda: mo.sweep(NITROGEN, {"planet.gravity": HUGE, "run.rtol": HUGE}),
        lambda: mo.sweep(NITROGEN, {"planet.gravity": HUGE | {"number": 10**9}}),
        lambda: mo.sweep(NITROGEN, {"planet.gravity": HUGE | {"number": 10**5000}}),
        lambda: mo.sweep(NITROGEN, {"planet.gravity": range(10**30)}),
        lambda: mo.sweep(NITROGEN, {"planet.gravity": np.broadcast_to(1.0, 10**9)}),
        lambda: mo.sweep(NITROGEN, {("planet.gravity", "run.rtol"): np.broadcast_to(1.0, (10**9, 2))}),
        lambda: mo.sweep(
            NITROGEN, sample={"number": 10**12, "seed": 1, "ranges": {"planet.gravity": {"from": 1, "to": 2}}}
        ),
        lambda: mo.sweep(NITROGEN, {f"planet.k{k}": [1] for k in range(100)}),
        lambda: mo.equilibrium_map("earth", {"temperature": HUGE, "melt_fraction": HUGE}, "nowhere"),
        lambda: mo.equilibrium_map(
            "earth", {"temperature": np.broadcast_to(1.0, 10**9), "melt_fraction": 0.3}, "nowhere"
        ),
        lambda: mo.sweep(
            NITROGEN,
            {"redox.oxygen_fugacity": {"from": "IW" + " " * 100_000 + "x", "to": "IW+3", "number": 3}},
        ),
    ],
)
def test_hostile_sizes_are_refused_at_once(refused):
    with at_once(), pytest.raises(mo.InputError, match="too many|out of range|axes|not two offsets"):
        refused()


# ---- maps


CONDITIONS = {"temperature": {"from": "1500 K", "to": "2900 K", "number": 4}, "melt_fraction": [0.1, 1.0]}


@pytest.mark.parametrize("unfinished", [False, True])
def test_damage_in_a_map_is_found_and_mended(unfinished, tmp_path, monkeypatch):
    """One bit of a value, of a coordinate, and the file's head: no wrong number is read, and --resume mends
    it."""
    from importlib import import_module

    maps = import_module("mocoupled.sweeps.maps")
    monkeypatch.setattr(maps, "BLOCK", 2)
    keep = {"variables": ["surface_pressure"]}
    grid = maps.Grid(
        mo.Case.read("earth"),
        (),
        {"equilibrium": CONDITIONS | keep},
        "map",
        "",
        "equilibrium",
        CONDITIONS | keep,
    )
    maps.map_grid(grid, tmp_path / "whole")
    with mo.read(tmp_path / "whole") as stored_map:
        expected = stored_map.load()
    blocks, folder = [], tmp_path / "map"
    maps.map_grid(
        grid,
        folder,
        progress=lambda *arguments: blocks.append(arguments),
        pressed=lambda: unfinished and len(blocks) == 3,
    )
    name = "map.partial.nc" if unfinished else "map.nc"
    for what in (expected.surface_pressure.values[1, 1], expected.temperature.values[2]):
        spoil(folder / name, what.tobytes()[:7])
        if not unfinished:
            with pytest.raises(mo.InputError, match="damaged"):
                mo.read(folder)
        assert (
            maps.map_grid(
                grid,
                folder,
                resume=True,
                pressed=lambda: unfinished and len(blocks) > 3,
                progress=lambda *arguments: blocks.append(arguments),
            ).missed
            == 0
        )
        if unfinished:
            break
    stored_map = maps.map_grid(grid, folder, resume=True)
    assert stored_map.whole and stored_map.points == 8
    with mo.read(folder) as mended:
        assert mended.load().identical(expected)
    (folder / "map.nc").write_bytes(b"no file" + (folder / "map.nc").read_bytes()[7:])
    with mo.equilibrium_map(
        "earth", CONDITIONS, folder, variables=("surface_pressure",), resume=True
    ) as anew:
        np.testing.assert_array_equal(anew.surface_pressure.values, expected.surface_pressure.values)
