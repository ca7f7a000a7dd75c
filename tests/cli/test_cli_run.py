"""The command `run`: what it writes and prints, its settings, and `plot` of the stored run."""

import tomllib

import numpy as np
import pytest
from support.command_line import DRY, EARTH_MANTLE, RESULTS, strict, words

import mocoupled as mo
from mocoupled import plots
from mocoupled.case import Case
from mocoupled.cli import terminal
from mocoupled.planet.assembly import assemble
from mocoupled.schema.keys import every_key


def test_run_writes_what_it_promises(stored):
    folder, printed = stored
    assert {path.name for path in folder.iterdir()} == RESULTS | {"figures"}
    drawn = {path.name for path in (folder / "figures").iterdir()}
    absent = ("iron", "overturn", "escape", "condensates", "sensitivities")
    assert drawn == {f"{name}.png" for name in plots.FIGURES if name not in absent}
    promised = (
        "overview partial-pressures mixing-ratios temperature-melt-fraction reservoirs-H reservoirs-C flux"
    )
    assert set(promised.split()) <= set(plots.FIGURES)
    for name in RESULTS | drawn:
        assert name in words(printed)
    log = (folder / "run.log").read_text(encoding="utf-8")
    assert log.splitlines()[0].startswith(f"mocoupled {mo.__version__}, ") and "run E1" in log.splitlines()[0]
    assert printed.startswith(log.partition("\n\n")[2].partition("complete: ")[0])


def test_run_prints_what_it_solves_and_why_it_ended(stored):
    planet, printed = assemble(Case.read("E1")), words(stored[1])
    for reaction in planet.chemistry.reactions:
        assert reaction.text in printed
    for role, law in planet.laws.items():
        assert law.name == "none" or words(law.reference) in printed, role
    assert "1 ocean, " in printed and "IW+0.5 (ONeillEggins2002)" in printed
    assert "complete: A surface lid forms: the surface has cooled to 1650 K." in printed
    assert "calibrated for 2173 K; 100% of the steps outside" in printed
    assert "\x1b" not in stored[1] and all(line == line.rstrip() for line in stored[1].splitlines())


def test_summary_agrees_with_evolution(stored):
    folder, printed = stored
    result, summary = mo.read(folder), strict(folder / "summary.json")
    last, final = result.isel(time=-1), summary["final"]
    assert (summary["status"], summary["case"]) == ("complete", "E1") and summary["end"] == result.attrs[
        "end_reason"
    ]
    assert final["time_yr"] * 365.25 * 86400 == pytest.approx(float(last.time), rel=1e-15)
    assert (
        final["surface_temperature_K"] == float(last.surface_temperature) == pytest.approx(1650.0, abs=1e-6)
    )
    assert final["surface_pressure_bar"] * 1e5 == pytest.approx(float(last.surface_pressure), rel=1e-15)
    for name in ("H2", "H2O"):
        assert final["pressure_bar"][name] * 1e5 == pytest.approx(
            float(last.pressure.sel(species=name)), rel=1e-15
        )
        assert f"{final['pressure_bar'][name]:.5g}" in printed
    for name, value in summary["largest_drift"].items():
        assert value == float(result[name].max())
    assert summary["mechanism"]["sha256"] == result.attrs["mechanism_sha256"]
    assert len(result.time) == summary["statistics"]["steps"] + 1


def test_case_written_runs_again_to_the_same_bits(stored, mocoupled, empty):
    folder, _ = stored
    written = folder / "case.toml"
    assert Case.read(written) == Case.read("E1")
    status, out, err = mocoupled("run", written, "--no-figures", "-q", "-o", "again")
    assert (status, out, err) == (0, "", "")
    assert {path.name for path in (empty / "again").iterdir()} == RESULTS
    first, second = mo.read(folder), mo.read(empty / "again")
    assert set(first.variables) == set(second.variables)
    for name in first.variables:
        assert np.array_equal(first[name].values, second[name].values), name
    changing = {"statistics"}  # the time it took
    assert {k: v for k, v in first.attrs.items() if k not in changing} == {
        k: v for k, v in second.attrs.items() if k not in changing
    }


def test_set_changes_the_resolved_case(mocoupled, empty):
    changes = {
        "volatiles.hydrogen": "0.5 ocean",
        "chemistry.species": '["H2O"]',
        "chemistry.graphite": "true",
        "run.end_melt_fraction": "0.9",
        "mantle.shells": "100",
        "title": '"two = 2 # [red]"',
    }
    settings = [word for key, value in changes.items() for word in ("--set", f"{key}={value}")]
    status, out, _ = mocoupled("run", "E1", *settings, "--no-figures")
    assert status == 0 and out.startswith("two = 2 # [red] (")
    assert "The melt fraction of the mantle has fallen to 0.9." in words(out)
    case = Case.read(empty / "runs" / "E1" / "case.toml")
    assert case.volatiles.masses(EARTH_MANTLE) == {"H": pytest.approx(0.775e20)}
    assert (case.chemistry.species, case.chemistry.graphite, case.mantle.shells) == (("H2O",), True, 100)
    assert case == Case.read("E1").replace(
        {**changes, "title": "two = 2 # [red]", "chemistry.species": ["H2O"]}
    )


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("3 ocean", "3 ocean"), ("0.55", "0.55"), ("true", "true"), ("H2O, H2", "H2O, H2"), ("", ""),
        ("1e400", "1e400"),
        ("2024-01-01", "2024-01-01"), ('"3 ocean"', "3 ocean"), ("'a = b'", "a = b"),
        ('["H2O", "H2"]', ["H2O", "H2"]),
        ('{H2O = "none"}', {"H2O": "none"}), ('"a" # b', '"a" # b'), ('"a", "b"', '"a", "b"'),
        ('"a"], x = ["b"', '"a"], x = ["b"'),
        ('"a"\nb = 1', '"a"\nb = 1'), ('["a"\r\n]', '["a"\r\n]'), ('"a\\u0041"', "aA"), ('"open', '"open'),
        ("[" * 9999, "[" * 9999),
    ],
)  # fmt: skip
def test_value_of_a_setting(text, value):
    """What begins like TOML's text, list or table is read as one value and never as more; all else stays
    text."""
    assert terminal._value(text) == value


def test_runs_are_numbered_and_named_safely(mocoupled, empty):
    for _ in range(2):
        assert mocoupled("run", "E1", *DRY, "-q") == (0, "", "")
    (empty / "mein Fall").mkdir()
    file = empty / "mein Fall" / "Wärme 火.toml"
    file.write_text('[run]\nend_time = "10 yr"\n', encoding="utf-8")
    assert mocoupled("run", file, "--no-figures", "-q")[0] == 0
    assert mocoupled("run", "E1", *DRY, "--set", "name=../../out", "-q")[0] == 0
    assert {path.name for path in (empty / "runs").iterdir()} == {"E1", "E1-2", "Wärme-火", "out"}
    assert {path.name for path in empty.iterdir()} == {"runs", "mein Fall"}


def test_a_case_without_volatiles_is_described(mocoupled, empty):
    status, out, _ = mocoupled("run", "earth", "--set", "volatiles.carbon=0 kg", *DRY)
    assert status == 0
    assert "none: the bare surface radiates" in out and "1 unknown;" in out
    assert not any(
        word in out for word in ("graphite", "reactions", "optical depth", "log10 fO2", "solubility")
    )


def test_overwrite_leaves_no_old_figure(mocoupled, empty):
    assert mocoupled("run", "E1", *DRY, "-q", "-o", "here")[0] == 0
    assert mocoupled("plot", "here", "-q", "--figure", "flux") == (0, "", "")
    (empty / "here" / "figures" / "mine.png").write_text("mine")
    assert mocoupled("run", "E2", *DRY, "-q", "-o", "here", "--overwrite")[0] == 0
    assert mo.read("here").attrs["case_name"] == "E2"
    assert [path.name for path in (empty / "here" / "figures").iterdir()] == ["mine.png"]


def test_plot_redraws_from_the_stored_run(stored, mocoupled, empty):
    folder, _ = stored
    status, out, _ = mocoupled(
        "plot", folder / "evolution.nc", "-o", "new", "--figure", "flux", "--figure", "mixing-ratios"
    )
    assert status == 0 and out == "wrote in new: flux.png, mixing-ratios.png\n"
    assert {path.name for path in (empty / "new").iterdir()} == {"flux.png", "mixing-ratios.png"}
    assert (empty / "new" / "flux.png").read_bytes() == (folder / "figures" / "flux.png").read_bytes()
    assert mocoupled(
        "plot", folder, "-q", "-o", "new", "--figure", "flux", "--format", "pdf", "--time-axis", "linear"
    ) == (0, "", "")
    assert (empty / "new" / "flux.pdf").read_bytes().startswith(b"%PDF")


def test_resolved_case_is_toml_that_says_everything(stored):
    document = tomllib.loads((stored[0] / "case.toml").read_text(encoding="utf-8"))
    for key in every_key():
        section, _, name = key.name.rpartition(".")
        assert name in (document[section] if section else document)
