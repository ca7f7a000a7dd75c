"""Maps of equilibria in blocks: the same as at once, bounded, resumed where they end, with what failed
counted."""

import json
import signal
import subprocess
import sys
from importlib import import_module

import numpy as np
import pytest
import xarray
from support.command_line import ENVIRONMENT, words
from support.waiting import HANG

import mocoupled as mo
from mocoupled.results import map_store
from mocoupled.sweeps import grid_file, map_blocks
from mocoupled.sweeps.map_blocks import pieces_of
from mocoupled.sweeps.map_conditions import Conditions

maps = import_module("mocoupled.sweeps.maps")  # the name in the package is the function's
EARTH = mo.Case.read("earth")
CONDITIONS = {
    "temperature": {"from": "1500 K", "to": "2900 K", "number": 15},
    "melt_fraction": [0.1, 0.5, 1.0],
    "hydrogen": ["1 ocean", "3 ocean"],
    "oxygen_fugacity_offset": -1.0,
}
GRID = """
case = "earth"
title = "A small map"
[equilibrium]
temperature = {from = "1500 K", to = "2900 K", number = 15}
melt_fraction = [0.1, 0.5, 1.0]
hydrogen = ["1 ocean", "3 ocean"]
oxygen_fugacity_offset = -1.0
"""


@pytest.fixture(scope="module")
def at_once():
    axes = {
        "temperature": np.linspace(1500, 2900, 15),
        "melt_fraction": [0.1, 0.5, 1.0],
        "hydrogen": [1.55e20, 4.65e20],
    }
    named = {
        name: xarray.DataArray(values, dims=name, coords={name: values}) for name, values in axes.items()
    }
    return mo.equilibrium(EARTH, **named, oxygen_fugacity_offset=-1.0)


def same(mapped, whole):
    """To the last digits: up to 64 points `equilibrium` takes the scalar form, whose logarithms may differ by
    a unit. Graphite is what the inventory leaves, and has the inventory's last digits (4.65e20 kg x
    1e-14)."""
    assert set(mapped.data_vars) == set(whole.data_vars) - {"oxygen_fugacity_offset"}
    for name in mapped.data_vars:
        assert (
            mapped[name].dims == whole[name].dims
            and mapped[name].attrs["long_name"] == whole[name].attrs["long_name"]
        )
        if name != "residual":
            np.testing.assert_allclose(
                mapped[name].values,
                whole[name].values,
                rtol=1e-12,
                atol=5e6 * (name == "graphite_mass"),
                err_msg=name,
            )
    assert (mapped.residual < 1e-12).all()


@pytest.mark.parametrize("block", [1, 4, 6, 40, 1000])
def test_blocks_are_the_whole(tmp_path, monkeypatch, at_once, block):
    monkeypatch.setattr(maps, "BLOCK", block if block > 1 else 2)
    with mo.equilibrium_map(EARTH, CONDITIONS, tmp_path / "map") as mapped:
        same(mapped, at_once)
        assert (
            mapped.temperature.units == "K"
            and mapped.attrs["oxygen_fugacity_offset"] == "-1.0"
            and mapped.attrs["not_converged"] == "0"
        )
        stated = json.loads(at_once.attrs["extrapolations"])
        for ours, theirs in zip(json.loads(mapped.attrs["extrapolations"]), stated, strict=True):
            assert (ours["law"], ours["reached"]) == (
                theirs["law"],
                pytest.approx(theirs["reached"], rel=1e-12),
            )
            assert ours["share"] == pytest.approx(theirs["share"], rel=1e-12)


def test_pieces_cover_every_point_once():
    for block in (1, 3, 7, 24, 100):
        requested = Conditions(
            {"temperature": np.arange(5), "pressure.H2O": np.arange(4), "hydrogen": np.arange(6)},
            {},
            None,
            "netcdf",
        )
        pieces, _ = pieces_of(requested, block)
        seen = np.zeros((5, 4, 6), dtype=int)
        for piece in pieces:
            part = seen[piece["temperature"], piece["pressure_H2O"], piece["hydrogen"]]
            assert part.size <= block
            part += 1
        assert (seen == 1).all()


def test_measured_pressures_and_chosen_variables(tmp_path):
    conditions = {
        "temperature": 1500.0,
        "melt_fraction": 0.3,
        "pressure.H2O": {"from": "100 bar", "to": "500 bar", "number": 3},
        "carbon": 4e20,
    }
    with mo.equilibrium_map(
        "earth", conditions, tmp_path / "map", variables=("element_mass", "surface_pressure")
    ) as mapped:
        single = mo.equilibrium(
            EARTH, temperature=1500.0, melt_fraction=0.3, pressure={"H2O": 3e7}, carbon=4e20
        )
        assert set(mapped.data_vars) == {"element_mass", "surface_pressure", "converged"}
        assert mapped.pressure_H2O.values.tolist() == [1e7, 3e7, 5e7] and mapped.pressure_H2O.units == "Pa"
        np.testing.assert_allclose(mapped.element_mass.values[:, 1], single.element_mass.values, rtol=1e-12)


def test_what_does_not_converge_is_nan_and_counted(tmp_path):
    """Beyond saturation in graphite a given pressure of CO has no equilibrium: a law of nature, not a
    slip."""
    conditions = {"temperature": 1000.0, "melt_fraction": 0.3, "pressure.CO": ["1e-3 bar", "1e5 bar"]}
    with pytest.warns(UserWarning, match="1 of 2 points did not converge"):
        mapped = mo.equilibrium_map("earth", conditions, tmp_path / "map")
    with mapped:
        assert mapped.converged.values.tolist() == [True, False] and mapped.attrs["not_converged"] == "1"
        assert np.isnan(mapped.surface_pressure.values[1]) and np.isnan(mapped.pressure.values[:, 1]).all()
        assert np.isfinite(mapped.pressure.values[:, 0]).all()


def test_interrupted_and_resumed(tmp_path, monkeypatch, at_once):
    """Ctrl-C after two blocks; what was there is not solved again, and the end is the map at once."""
    monkeypatch.setattr(maps, "BLOCK", 6)
    grid = maps.Grid(EARTH, (), {"equilibrium": dict(CONDITIONS)}, "map", "", "equilibrium", CONDITIONS)
    folder, blocks = tmp_path / "map", []
    outcome = maps.map_grid(
        grid,
        folder,
        progress=lambda fraction, text: blocks.append(fraction),
        pressed=lambda: len(blocks) == 2,
    )
    assert not outcome.whole and outcome.points == 12 and not (folder / "map.nc").exists()
    assert json.loads((folder / "status.json").read_text())["status"] == "interrupted"
    solved, solve = [], maps.solved
    monkeypatch.setattr(
        maps,
        "solved",
        lambda case, requested, piece, threads=None: (
            solved.append(piece) or solve(case, requested, piece, threads)
        ),
    )
    outcome = maps.map_grid(grid, folder, resume=True)
    assert outcome.whole and len(solved) == 13  # of the 15 blocks
    with maps.read_map(outcome.path) as stored:
        same(stored, at_once)
    assert maps.map_grid(grid, folder, resume=True).points == 90  # there is nothing left to do
    with pytest.raises(mo.InputError, match="contains another sweep"):
        maps.map_grid(
            maps.Grid(EARTH, (), {"equilibrium": {}}, "map", "", "equilibrium", CONDITIONS),
            folder,
            resume=True,
        )


def test_killed_and_resumed(tmp_path, monkeypatch, at_once):
    """kill -9 in the middle of a block: the file can be gone on with."""
    (tmp_path / "grid.toml").write_text(GRID)
    program = """
import os, signal, sys
from importlib import import_module
from mocoupled.cli import commands as cli
from mocoupled.results import map_store
maps = import_module("mocoupled.sweeps.maps")
maps.BLOCK, write, seen = 6, map_store.NetCDFStore.write, []
def dying(self, piece, values):
    seen.append(piece)
    if len(seen) == 4:
        write(self, piece, dict(list(values.items())[:3]))
        os.kill(os.getpid(), signal.SIGKILL)
    write(self, piece, values)
map_store.NetCDFStore.write = dying
sys.argv = ["mocoupled", "sweep", "grid.toml", "-o", "map"]
cli.main()
"""
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, env=ENVIRONMENT, capture_output=True, timeout=HANG
    )
    assert done.returncode == -signal.SIGKILL, done.stderr
    assert json.loads((tmp_path / "map" / "status.json").read_text())["blocks"] == 3
    monkeypatch.setattr(maps, "BLOCK", 6)
    outcome = maps.map_grid(grid_file.read(tmp_path / "grid.toml"), tmp_path / "map", resume=True)
    assert outcome.whole
    with maps.read_map(outcome.path) as stored:
        same(stored, at_once)
        assert stored.attrs["title"] == "A small map"


def test_the_command(mocoupled, empty):
    (empty / "map.toml").write_text(GRID)
    status, out, err = mocoupled("sweep", "map.toml")
    assert (status, err) == (0, "")
    assert "90 of 90 points, 0 of them did not converge" in words(out) and "wrote sweeps/map/map.nc" in words(
        out
    )
    assert {path.name for path in (empty / "sweeps" / "map").iterdir()} == {
        "map.nc",
        "grid.toml",
        "base.toml",
        "status.json",
    }
    assert mocoupled("sweep", "map.toml")[0] == 2
    assert mocoupled("sweep", "map.toml", "--resume")[0] == 0
    status, _, err = mocoupled("sweep", "map.toml", "-o", "other", "--workers", "2")
    assert status == 2 and "made by this process" in words(err)


def test_a_map_that_does_not_fit_is_refused(tmp_path, monkeypatch):
    """A point has six species of four quantities, seven more numbers of 8 bytes, a logical value."""
    monkeypatch.setattr(map_blocks.shutil, "disk_usage", lambda path: type("Usage", (), {"free": 90 * 248})())
    with pytest.raises(mo.InputError, match="takes 2.24e-05 GB, and 2.23e-05 GB are free"):
        mo.equilibrium_map(EARTH, CONDITIONS, tmp_path / "map")
    assert not (tmp_path / "map").exists()


def test_zarr(tmp_path, monkeypatch, at_once):
    pytest.importorskip("zarr")
    monkeypatch.setattr(maps, "BLOCK", 6)
    mapped = mo.equilibrium_map(EARTH, CONDITIONS, tmp_path / "map", store="zarr")
    same(mapped, at_once)
    assert mapped.attrs["not_converged"] == "0" and mapped.temperature.units == "K"


def test_without_zarr_it_says_so(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "zarr", None)
    with pytest.raises(mo.InputError, match=r"mocoupled\[zarr\]"):
        map_store.ZarrStore(tmp_path)
