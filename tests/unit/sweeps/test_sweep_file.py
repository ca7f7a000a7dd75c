"""Grids of a sweep: what a file and Python say, the cases they stand for, and every wrong input."""

import re

import numpy as np
import pytest
from support.command_line import refused
from support.places import ROOT, TESTS

import mocoupled as mo
from mocoupled.sweeps import grid_file
from mocoupled.sweeps.grid import build
from mocoupled.sweeps.grid_check import check
from mocoupled.sweeps.ranges import buffer_offset

BAD = sorted((TESTS / "bad" / "grids").glob("*.toml"))
EARTH = mo.Case.read("earth")


def grid(tmp_path, text):
    path = tmp_path / "grid.toml"
    path.write_text(text, encoding="utf-8")
    return grid_file.read(path)


def cases(created):
    return [
        {key: value for key, value in created.changes(k).items() if key != "title"}
        for k in range(created.size)
    ]


@pytest.mark.parametrize("path", BAD, ids=lambda path: path.stem)
def test_bad_grid_is_refused(path, mocoupled, empty):
    """One file per rule; its first line has what the message must say. Nothing is computed or written."""
    expected = path.read_text(encoding="utf-8").splitlines()[0].removeprefix("# says: ")
    refused(mocoupled("sweep", path), empty, expected)


def test_bad_words_are_refused(mocoupled, empty, tmp_path_factory):
    path = tmp_path_factory.mktemp("grids") / "grid.toml"
    path.write_text('case = "earth"\n[axes]\nrun.rtol = [1e-6, 1e-5]', encoding="utf-8")
    refused(mocoupled("sweep", "nowhere.toml"), empty, "there is no such file")
    refused(mocoupled("sweep", path, "--workers", "two"), empty, "not a whole number")
    refused(mocoupled("sweep", path, "--workers", "0"), empty, "out of range")
    refused(
        mocoupled("sweep", path, "--workers", "2", "--scheduler", "tcp://127.0.0.1:1"),
        empty,
        "has workers already",
    )
    refused(mocoupled("sweep", path, "--scheduler", "nowhere"), empty, "no scheduler answers there")
    refused(mocoupled("sweep", path, "-o", path), empty, "is a file")
    refused(mocoupled("sweep", path, "-o", path.parent), empty, "the folder is not empty")
    refused(mocoupled("sweep", path, "--resume"), empty, "there is no sweep to resume")


def test_lists_are_crossed_the_last_runs_fastest(tmp_path):
    created = grid(
        tmp_path,
        'case = "earth"\n[set]\nmantle.model = "lumped"\n[axes]\nvolatiles.hydrogen = ["1 ocean", "3 '
        'ocean"]\n'
        'redox.oxygen_fugacity = {from = "IW-1", to = "IW+1", number = 3}\n'
        '[[zip]]\nplanet.radius = ["3390 km", "6371 km"]\nplanet.gravity = [3.7, 9.8]\n',
    )
    assert created.shape == (2, 3, 2) and created.base.mantle.model == "lumped"
    assert cases(created)[1] == {
        "volatiles.hydrogen": "1 ocean",
        "redox.oxygen_fugacity": "IW-1",
        "planet.radius": "6371 km",
        "planet.gravity": 9.8,
    }
    assert (
        cases(created)[2]["redox.oxygen_fugacity"] == "IW+0"
        and cases(created)[6]["volatiles.hydrogen"] == "3 ocean"
    )
    title = created.base.replace(created.changes(0)).title
    assert title.startswith("earth, with mantle.model = lumped; ") and "volatiles.hydrogen = 1 ocean" in title


def test_ranges_keep_their_unit_and_their_ends(tmp_path):
    created = grid(
        tmp_path,
        'case = "earth"\n[axes]\nvolatiles.hydrogen = {from = "1 ocean", to = "100 ocean", number = 3, scale '
        '= "log"}\n'
        'run.initial_surface_temperature = {from = "2400 K", to = "2226.85 degC", number = 2}\nmantle.cells '
        "= {from = 20, to = 40, number = 3}\n",
    )
    result = check(created)
    assert [axis.values for axis in created.axes][0] == (("1.0 ocean",), ("10.0 ocean",), ("100.0 ocean",))
    assert result["run.initial_surface_temperature"] == ("run.initial_surface_temperature", [2400.0, 2500.0])
    assert result["mantle.cells"][1] == [20, 30, 40]


def test_a_grid_written_reads_back(tmp_path):
    for text in (
        "[axes]\nvolatiles.hydrogen = ['1 ocean', '3 ocean']\nplanet.gravity = {from = 5, to = 10, number = "
        "3}\n[[zip]]\nrun.rtol = [1e-6, 1e-5]\nmantle.cells = [20, 30]",
        "[sample]\nmethod = 'sobol'\nnumber = 4\nseed = 3\nranges.planet.gravity = {from = 5, to = 10}",
    ):
        created = grid(tmp_path, "case = 'earth'\n" + text)
        again = grid(tmp_path, created.to_toml("earth"))
        assert cases(again) == cases(created) and again.document == created.document


@pytest.mark.parametrize("method", ["sobol", "latin-hypercube"])
def test_samples_are_reproducible_and_spread(tmp_path, method):
    """The same seed gives the same cases, another others. Both methods put one of n points into each of n
    equal shares of an axis (n a power of two), in the scale of the axis."""
    text = (
        f'case = "earth"\n[sample]\nmethod = "{method}"\nnumber = 16\nseed = %d\n[sample.ranges]\n'
        f'volatiles.hydrogen = {{from = "1 ocean", to = "100 ocean", scale = "log"}}\nplanet.gravity = '
        f"{{from = 5, to = 15}}\n"
    )
    created = grid(tmp_path, text % 1)
    assert cases(created) == cases(grid(tmp_path, text % 1)) != cases(grid(tmp_path, text % 2))
    assert created.axes[0].name == "case" and created.shape == (16,)
    oceans, gravity = np.array(
        [(float(item["volatiles.hydrogen"].split()[0]), item["planet.gravity"]) for item in cases(created)]
    ).T
    assert sorted(np.floor(16 * np.log10(oceans) / 2)) == list(range(16))
    assert sorted(np.floor(16 * (gravity - 5) / 10)) == list(range(16))


def test_numbers_of_numpy_are_values():
    created = build(EARTH, {"planet.gravity": np.array([5.0, 10.0]), "mantle.cells": range(20, 22)})
    assert cases(created)[3] == {"planet.gravity": 10.0, "mantle.cells": 21}
    assert "[axes]" in created.to_toml("base.toml")
    with pytest.raises(mo.InputError, match="not a table"):
        mo.sweep(EARTH, ["planet.gravity"])
    with pytest.raises(mo.InputError, match="one value for each of them"):
        mo.sweep(EARTH, {("planet.radius", "planet.gravity"): [("3390 km",)]})


def test_offsets_from_buffers():
    assert (
        buffer_offset("IW+0.5") == ("IW", 0.5)
        and buffer_offset("QFM - 1") == ("QFM", -1.0)
        and buffer_offset("IW") == ("IW", 0.0)
    )
    assert (
        buffer_offset("log10 fO2 = -9") is None
        and buffer_offset("IW+1.2.3") is None
        and buffer_offset(3) is None
    )


def test_the_grids_of_the_page_are_grids(tmp_path):
    page = (ROOT / "docs" / "sweeps.md").read_text(encoding="utf-8")
    cases_, sample, map_ = (
        grid(tmp_path, text) for text in re.findall(r"^```toml\n(.*?)^```$", page, re.M | re.S)
    )
    assert cases_.shape == (4, 2, 7, 2) and sample.shape == (64,)
    assert sample.axes[0].keys == ("volatiles.hydrogen", "run.initial_surface_temperature")
    check(cases_)
    assert map_.kind == "equilibrium" and set(map_.conditions) == {
        "temperature",
        "melt_fraction",
        "hydrogen",
        "oxygen_fugacity_offset",
    }


def test_none_for_all_cases_and_an_axis_in_its_place(tmp_path):
    """A fugacity that is none in [set] gives way to a budget of oxygen that stands on an axis; it became the
    default IW+0.5."""
    head = 'case = "earth"\n[set]\nredox.oxygen_fugacity = "none"\n'
    created = grid(tmp_path, head + '[axes]\nredox.oxygen = ["3.4e21 kg", "8 O/H"]')
    for changes in cases(created):
        assert created.base.replace(changes).redox.oxygen_fugacity is None
    assert (
        grid(
            tmp_path, head + '[axes]\nredox.oxygen = {from = "3e21 kg", to = "4e21 kg", number = 2}'
        ).base.redox.oxygen_fugacity
        is None
    )
    assert grid(tmp_path, head + "[axes]\nplanet.gravity = [9, 10]").base.redox.oxygen_fugacity == "IW+0.5"


def test_a_radius_that_a_mass_on_an_axis_would_remove(tmp_path):
    """Refused, with the cure; a radius on an axis stays beside a mass in [set]."""
    head = 'case = "earth"\n[set]\nmantle.model = "lumped"\n'
    with pytest.raises(mo.InputError, match=r"\[set\] planet.radius: planet.mass on an axis takes the place"):
        grid(tmp_path, head + 'planet.radius = "6000 km"\n[axes]\nplanet.mass = ["1 M_earth"]\n')
    created = grid(
        tmp_path, head + 'planet.mass = "1 M_earth"\n[axes]\nplanet.radius = ["6300 km", "6371 km"]'
    )
    planets = [created.base.replace(changes).planet for changes in cases(created)]
    assert [planet.radius for planet in planets] == [6.3e6, 6.371e6]
    assert all(planet.mass == planets[0].mass and planet.gravity is None for planet in planets)
