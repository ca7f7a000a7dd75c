"""The command `mocoupled mantle`: what it prints, writes and refuses."""

import pytest
import xarray
from support.command_line import refused, words
from support.places import TESTS

BAD = sorted((TESTS / "bad" / "mantle").glob("*.toml"))


def test_it_prints_static_and_timed_values_and_what_calibrated_them(mocoupled, empty):
    status, out, err = mocoupled("mantle", "earth", "-t", "10 Myr")
    assert (status, err) == (0, "")
    stated = words(out)
    for fragment in (
        "not predicted",
        "one choice among 189",
        "Fe# 16.3 to 34.2",
        "static 0.775 26.70",
        "10 Myr 0.813 29.95",
        "38.4",
        "no plateau",
    ):
        assert fragment in stated
    assert list(empty.iterdir()) == []


def test_a_pile_that_pays(mocoupled, empty):
    """Fe# 84.0 in place of 77.0, and the melt that the heat of pile and core allows."""
    status, out, err = mocoupled("mantle", "mars", "-t", "10 Myr", "--energy", "conserved", "-o", "paid")
    assert (status, err) == (0, "")
    stated = words(out)
    for fragment in ("heat of the pile conserved", "84.0", "MJ for each kg of mantle", "0.184"):
        assert fragment in stated
    run = xarray.load_dataset(empty / "paid" / "history_10Myr.nc")
    assert run.attrs["energy"] == "conserved" and float(run.energy_drift.max()) < 1e-10


def test_it_writes_what_it_names(mocoupled, empty):
    status, out, err = mocoupled(
        "mantle", "mars", "-t", "10,30 Myr", "--set", "core_temperature=2400 K", "-o", "found"
    )
    assert (status, err) == (0, "")
    names = {"static.nc", "timescales.nc", "history_10Myr.nc", "history_30Myr.nc", "buffering.png"}
    names |= {"overturn_10Myr.png", "overturn_30Myr.png"}
    assert {path.name for path in (empty / "found").iterdir()} == names
    assert all(f"wrote found/{name}" in words(out) for name in names)
    static = xarray.load_dataset(empty / "found" / "static.nc")
    assert 100 * float(static.ocean_iron) == pytest.approx(60.50, abs=0.05)
    assert static.attrs["calibration"].endswith("changed here: core_temperature")
    run = xarray.load_dataset(empty / "found" / "history_30Myr.nc")
    assert float(run.solid_fraction[-1]) == pytest.approx(0.99) and run.time.attrs["units"] == "s"


def test_without_a_crossing_it_says_why(mocoupled, empty):
    status, out, err = mocoupled("mantle", "earth", "-t", "10 Myr", "--set", "planet.core_temperature=1500 K")
    assert (status, err) == (0, "")
    assert "no buffered magma ocean" in out and "no convection" in words(out)


def test_keys(mocoupled, empty):
    status, out, err = mocoupled("mantle", "mars", "--keys")
    assert (status, err) == (0, "")
    assert "planet.bulk_iron" in out and "readings.melting" in out


@pytest.mark.parametrize("file", BAD, ids=lambda p: p.stem)
def test_bad_files(mocoupled, empty, file):
    refused(
        mocoupled("mantle", file, "-o", "found"),
        empty,
        words(file.read_text().splitlines()[0].removeprefix("# says: ")),
    )


@pytest.mark.parametrize(
    "arguments, fragments",
    [
        (("erth",), ("did you mean 'earth'",)),
        (("earth", "--set", "viscosty=1e18"), ("--set viscosty", "did you mean 'viscosity'")),
        (("earth", "--set", "planet.viscosity=1e18"), ("no such key",)),
        (("earth", "--set", "viscosity"), ("KEY=VALUE",)),
        (("earth", "--set", "melting=bach"), ("did you mean 'batch'",)),
        (("earth", "-t", "10 km"), ("one of time is needed",)),
        (("earth", "-t", "0 Myr"), ("out of range",)),
        (("earth", "-t", "1:100:60 Myr"), ()),
        (("earth", "--end", "1.0"), ("cannot end there",)),
        (("earth", "--end", "soon"), ("does not begin with a number",)),
        (("earth", "--end", "nan"), ("not a finite number",)),
        (("earth", "-o", " "), ("not a path",)),
        (("earth", "--energy", "conservd"), ("did you mean 'conserved'",)),
        (("earth", "--energy", "conserved", "--set", "interior=top"), ("interior = 'mean'",)),
    ],
)
def test_refusals(mocoupled, empty, arguments, fragments):
    refused(mocoupled("mantle", *arguments), empty, *fragments)


def test_a_folder_with_files_is_left_alone(mocoupled, empty):
    (empty / "found").mkdir()
    (empty / "found" / "mine.txt").write_text("mine")
    status, out, err = mocoupled("mantle", "earth", "-o", "found")
    assert status == 2 and "not empty" in err and out == ""
    assert [p.name for p in (empty / "found").iterdir()] == ["mine.txt"]
