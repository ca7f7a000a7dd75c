"""NetCDF that others read: CF attributes of runs and of equilibria."""

import json

import netCDF4
import numpy as np
import pytest
import xarray
from support.small_run import small_run

import mocoupled as mo
from mocoupled.results.conventions import STANDARD_NAMES
from mocoupled.results.output import read, write

UNITS = {
    "1",
    "s",
    "K",
    "Pa",
    "m",
    "kg",
    "mol",
    "J",
    "W/m^2",
    "J/kg/K",
    "kg/mol",
    "kg/s",
    "K/m",
    "W",
}  # all in udunits


@pytest.fixture(scope="module")
def stored(tmp_path_factory):
    folder = tmp_path_factory.mktemp("run")
    write(small_run(), folder)
    return folder


def test_it_comes_back_the_same(stored):
    assert read(stored).identical(small_run())


def test_every_variable_says_what_it_is(stored):
    with netCDF4.Dataset(stored / "evolution.nc") as file:
        assert file.Conventions == "CF-1.11" and file.title and file.source and file.history
        for name, variable in file.variables.items():
            attributes = variable.ncattrs()
            assert variable.long_name
            if variable.dtype != str:
                assert variable.units in UNITS, name
                assert ("_FillValue" in attributes) == (name in small_run().data_vars), name
            if getattr(variable, "units", "") == "K" and name in small_run().data_vars:
                assert variable.units_metadata == "temperature: on_scale"
        assert {
            n: v.standard_name for n, v in file.variables.items() if "standard_name" in v.ncattrs()
        } == STANDARD_NAMES
        assert set(file["temperature"].coordinates.split()) >= {"cell_pressure", "cell_radius"}


def test_time_is_no_date(stored):
    """Units without "since": xarray and others must not make a calendar of the time since the molten
    start."""
    with xarray.open_dataset(stored / "evolution.nc") as opened:
        assert opened.time.dtype == np.float64 and opened.time.attrs["units"] == "s"


def test_every_law_stands_in_the_references():
    result = small_run()
    for role, law in json.loads(result.attrs["laws"]).items():
        assert law["reference"] in result.attrs["references"], role
    for reference in json.loads(result.attrs["data"]).values():
        assert reference in result.attrs["references"]
    assert (
        "Abe & Matsui 1985" in result.flux.attrs["references"]
        and "Dixon" not in result.flux.attrs["references"]
    )
    assert "Dixon" in result.dissolved_mass.attrs["references"]


def test_equilibria_of_the_command_line(mocoupled, empty):
    assert mocoupled("equilibrium", "earth", "-T", "1650,2000", "-m", "0.3", "-o", "state.nc")[0] == 0
    assert mocoupled("gas", "-T", "1388", "-P", "794 bar", "H=4.6", "C=0.4", "O=2.5", "-o", "gas.nc")[0] == 0
    for name in ("state.nc", "gas.nc"):
        with netCDF4.Dataset(empty / name) as file:
            assert (
                file.Conventions == "CF-1.11"
                and file.title
                and file.source == f"mocoupled {mo.__version__}"
                and "McBride" in file.references
            )
            for variable in file.variables.values():
                assert variable.long_name and (variable.dtype == str or variable.units)
