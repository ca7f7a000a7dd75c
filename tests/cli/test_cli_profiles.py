"""mocoupled profiles at the command line: what it prints, writes and refuses."""

import pandas
import pytest
import xarray
from support.radiation import stored_run

from mocoupled.results import netcdf


@pytest.fixture
def run(empty):
    """The path of a stored run, in the current folder."""
    return netcdf.write(stored_run(), empty / "run.nc")


def test_prints_and_writes(mocoupled, run, empty, monkeypatch):
    monkeypatch.setenv("COLUMNS", "120")
    files = ("p.png", "p.nc", "p.csv")
    options = [word for name in files for word in ("-o", name)]
    how = ("--times", "1,90 kyr", "--composition", "equilibrium", "--quench", "1000 K")
    how += ("--species", "H2O,H2,CO2,CO,CH4,CH3")
    status, printed, errors = mocoupled("profiles", run, *how, *options)
    assert status == 0 and not errors
    assert {path.name for path in empty.iterdir()} == {*files, "run.nc"}
    assert (empty / "p.png").read_bytes().startswith(b"\x89PNG")
    with xarray.open_dataset(empty / "p.nc") as stored:
        assert stored.sizes["time"] == 2 and "CH3" in stored.level_species.values
        levels = int(stored.level_temperature.notnull().sum())
    table = pandas.read_csv(empty / "p.csv")
    assert len(table) == levels and "equilibrium_mixing_ratio[CH4] (1)" in table.columns
    for words in ("cloud, K", "35.7 to 250", "90 kyr", "quench level", "at 1000 K", "wrote p.csv"):
        assert words in printed


@pytest.mark.parametrize(
    "options, words",
    [
        (("--times", "1 kyr,"), "a time is missing"),
        (("--times", "1 Gyr"), "no such time"),
        (("--quench", "1 bar"), "acts on nothing"),
        (("--levels", "a,b"), "not a whole number"),
        (("-o", "p.txt"), "ending of this file name"),
    ],
)
def test_refused(mocoupled, run, empty, options, words):
    status, _, errors = mocoupled("profiles", run, *options)
    assert status != 0 and words in errors
    assert [path.name for path in empty.iterdir()] == ["run.nc"]
