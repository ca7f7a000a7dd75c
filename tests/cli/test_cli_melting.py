"""mocoupled melting at the command line: what it draws, writes and prints; what it refuses, with nothing
written."""

import numpy as np
import pandas
import pytest
import xarray


def test_ternary_draws_and_writes(mocoupled, empty):
    status, printed, errors = mocoupled(
        "melting",
        "ternary",
        "--pressure",
        "52 GPa",
        "--divisions",
        "20",
        "-o",
        "t.png",
        "-o",
        "t.nc",
        "-o",
        "t.csv",
    )
    assert status == 0 and not errors
    assert {p.name for p in empty.iterdir()} == {"t.png", "t.nc", "t.csv"}
    assert (empty / "t.png").read_bytes().startswith(b"\x89PNG")
    with xarray.open_dataset(empty / "t.nc") as stored:
        assert stored.sizes["point"] == 231 and bool(stored.converged.all())
        table = pandas.read_csv(empty / "t.csv")
        np.testing.assert_allclose(table["liquidus_temperature (K)"], stored.liquidus_temperature, rtol=1e-14)
    for words in (
        "ferropericlase at 3869.5 K",
        "bridgmanite at 3520.5 K",
        "3497.1",
        "wrote t.csv",
        "liquid mixing: full",
    ):
        assert words in printed


def test_ternary_has_a_default_figure(mocoupled, empty):
    status, printed, _ = mocoupled(
        "melting", "ternary", "-P", "85 GPa", "--divisions", "10", "--bulk", "none"
    )
    assert status == 0 and (empty / "ternary-85GPa.png").exists() and "wrote ternary-85GPa.png" in printed
    status, _, errors = mocoupled("melting", "ternary", "-P", "85 GPa", "--divisions", "10", "--bulk", "none")
    assert status == 2 and "--overwrite" in errors
    assert (
        mocoupled("melting", "ternary", "-P", "85 GPa", "--divisions", "10", "--bulk", "none", "--overwrite")[
            0
        ]
        == 0
    )


def test_path_writes_a_line_of_descent(mocoupled, empty):
    status, printed, _ = mocoupled(
        "melting", "path", "olivine", "-P", "52 GPa", "--until", "0.1", "-o", "p.csv", "-o", "p.nc"
    )
    assert status == 0 and "10 % melt reached" in printed
    table = pandas.read_csv(empty / "p.csv")
    with xarray.open_dataset(empty / "p.nc") as stored:
        np.testing.assert_allclose(
            table["melt_composition[FeO] (1)"], stored.melt_composition.sel(oxide="FeO"), rtol=1e-13
        )
        assert stored.attrs["mode"] == "fractional" and stored.attrs["uncertainty"]
    rows = [line.split() for line in printed.splitlines() if line.startswith(("100.00", " 49.9", " 50.0"))]
    assert rows[0][1:5] == ["3869.5", "6.67", "60.00", "33.33"]


def test_path_in_batch_with_calcium(mocoupled, empty):
    status, printed, _ = mocoupled(
        "melting",
        "path",
        "FeO=7,MgO=50.5,SiO2=42.5,CaO=2.4",
        "-P",
        "52 GPa",
        "--mode",
        "batch",
        "--step",
        "0.05",
    )
    assert status == 0 and "solidus reached" in printed and "CaO" in printed and not list(empty.iterdir())
    assert "3466.6" in printed


@pytest.mark.parametrize("width", [60, 80, 120])
def test_pages_fit_the_terminal(width, mocoupled, empty, monkeypatch):
    monkeypatch.setenv("COLUMNS", str(width))
    for words in (
        ("ternary", "-P", "52 GPa", "--divisions", "5"),
        ("path", "-P", "52 GPa", "--step", "0.05"),
        ("two-component", "-P", "129 GPa"),
    ):
        status, printed, _ = mocoupled("melting", *words, *(["--overwrite"] if words[0] == "ternary" else []))
        assert status == 0 and max(map(len, printed.splitlines())) <= width


def test_two_component(mocoupled, empty):
    status, printed, _ = mocoupled(
        "melting", "two-component", "-P", "129 GPa", "-T", "4400:4800:5", "-o", "d.csv"
    )
    assert status == 0 and "liquidus 4790 K" in printed
    assert len(pandas.read_csv(empty / "d.csv")) == 5


@pytest.mark.parametrize(
    "words, says",
    [
        (("ternary", "-P", "20 GPa"), "majorite"),
        (("ternary", "-P", "140 GPa"), "25 to 136 GPa"),
        (("ternary", "-P", "52 K"), "unit of temperature"),
        (("ternary", "-P", "52 GPa", "--mixing", "ful"), "did you mean 'full'"),
        (("ternary", "-P", "52 GPa", "--divisions", "1"), "2 to 1000"),
        (("ternary", "-P", "52 GPa", "-o", "t.jpg"), ".png"),
        (("ternary", "-P", "52 GPa", "-o", "n" * 300 + ".png"), "nothing can be written to this path"),
        (("ternary", "-P", "52 GPa", "--bulk", "basalt"), "known: olivine, pyrolite"),
        (("ternary", "-P", "52 GPa", "--anchor-temperature", "3700 K"), "anchored"),
        (("path", "basalt", "-P", "52 GPa"), "known: olivine, pyrolite"),
        (("path", "FeO=1,MgO=x", "-P", "52 GPa"), "not an amount"),
        (("path", "FeO=1,FeO=2", "-P", "52 GPa"), "given twice"),
        (("path", "FeO=1,Na2O=2", "-P", "52 GPa"), "no such oxide"),
        (("path", "-P", "52 GPa", "--mode", "perfect"), "fractional, batch"),
        (("path", "-P", "52 GPa", "--until", "2"), "below 1"),
        (("path", "-P", "52 GPa", "--until", "nan"), "nan"),
        (("path", "-P", "52 GPa", "--step", "0.5"), "0.0001 to 0.1"),
        (("path", "-P", "52 GPa", "--calcium-partition", "-1"), "0 to 10"),
        (("path", "-P", "52 GPa", "--exchange-factor", "0"), "0.1 to 10"),
        (("path", "-P", "52 GPa", "-o", "p.png"), ".nc or .csv"),
        (("two-component", "-P", "52 GPa"), "110 to 140 GPa"),
        (("two-component", "-P", "129 GPa", "-T", "300 K"), "2000 to 7000 K"),
        (("two-component", "-P", "129 GPa", "--volatiles", "2"), "0 to 0.1"),
    ],
)
def test_refusals_write_nothing(words, says, mocoupled, empty):
    status, printed, errors = mocoupled("melting", *words)
    assert status == 2 and says in " ".join(errors.split()) and not printed
    assert not list(empty.iterdir())
