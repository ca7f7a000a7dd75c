"""The command line: what it writes, prints and returns."""

import errno
import os
import signal
import subprocess
import sys
import tomllib
from importlib import import_module

import numpy as np
import pytest
import xarray
from support.command_line import COMMAND, DRY, EARTH_MANTLE, ENVIRONMENT, RESULTS, strict, words
from support.paused_command import PausedCommand
from support.waiting import HANG

import mocoupled as mo
from mocoupled import plots
from mocoupled.case import Case
from mocoupled.cli import terminal
from mocoupled.cli.pages.run_end import graphite
from mocoupled.cli.pages.text import years
from mocoupled.planet.assembly import assemble
from mocoupled.results import output
from mocoupled.schema.keys import every_key

# --- a run


def test_run_writes_what_it_promises(stored):
    folder, printed = stored
    assert {path.name for path in folder.iterdir()} == RESULTS | {"figures"}
    drawn = {path.name for path in (folder / "figures").iterdir()}
    assert drawn == {f"{name}.png" for name in plots.FIGURES if name != "iron"}
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


# --- what fails on the way


def test_interrupt_during_the_march_leaves_a_marked_part(empty, tmp_path_factory):
    """Ctrl-C while a case marches: exit status 130, all of what was reached is stored."""
    signals = tmp_path_factory.mktemp("beside") / "signals"
    command = PausedCommand(
        ["run", "earth", "-o", "part"],
        signals,
        cwd=empty,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    process = command.wait()
    process.send_signal(signal.SIGINT)
    command.go_on()
    out, err = process.communicate(timeout=HANG)
    assert process.returncode == 130
    assert "Traceback" not in err and "mocoupled plot part" in words(err)
    assert "interrupted: Interrupted at " in words(out)
    result, summary = mo.read(empty / "part"), strict(empty / "part" / "summary.json")
    assert result.attrs["status"] == summary["status"] == "interrupted"
    assert 1650 < summary["final"]["surface_temperature_K"] < 2750
    assert (
        len(result.time) > 1
        and bool((np.diff(result.time) > 0).all())
        and bool(np.isfinite(result.pressure).all())
    )
    assert float(result.element_drift.max()) < 1e-10
    assert {path.name for path in (empty / "part").iterdir()} == RESULTS | {"checkpoint.npz"}
    assert "mocoupled resume part" in words(err)


@pytest.mark.parametrize("stage", ["prepare", "evolve"])
def test_interrupt_before_there_is_anything_writes_no_result(stage, mocoupled, empty, monkeypatch):
    """Nothing at all before the run has begun; then the folder says that it has, and can be continued."""

    def interrupt(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(import_module("mocoupled.runs.main_job"), stage, interrupt)
    status, _, err = mocoupled("run", "E1", *DRY, "-o", "some/where")
    assert status == 130 and "interrupted" in err
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    if stage == "prepare":
        assert list(empty.iterdir()) == []
        return
    folder = empty / "some" / "where"
    assert {path.name for path in folder.iterdir()} == RESULTS - {"evolution.nc"}
    assert strict(folder / "summary.json")["status"] == "running"


def test_interrupt_while_drawing_keeps_the_results(mocoupled, empty, monkeypatch):
    drawn = []

    def draw(result, folder, names, **_):
        drawn.extend(names)
        os.kill(os.getpid(), signal.SIGINT)
        return [folder / "one.png"]

    monkeypatch.setattr(plots, "draw", draw)
    status, out, err = mocoupled("run", "E1", *DRY[:-1], "-o", "here")
    assert status == 130 and len(drawn) == 1
    assert "the results are whole" in words(err) and "one.png" in out
    assert mo.read("here").attrs["status"] == "complete"
    assert mocoupled("plot", "here")[0] == 130


def test_failing_figure_keeps_the_results(mocoupled, empty, monkeypatch):
    monkeypatch.setattr(plots, "draw", lambda *_, **__: 1 / 0)
    status, out, err = mocoupled("run", "E1", *DRY[:-1], "-o", "here")
    assert status == 1 and "ZeroDivisionError" in err and "the stored results are whole" in words(err)
    assert "evolution.nc" in out and mo.read("here").attrs["status"] == "complete"


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (OSError(errno.ENOSPC, "No space left on device", "here"), "here: No space left on device."),
        (PermissionError(errno.EACCES, "Permission denied", "here"), "here: Permission denied."),
        (RuntimeError("NetCDF: HDF error"), "could not be written in here (NetCDF: HDF error)"),
    ],
)
def test_results_that_cannot_be_written(error, says, mocoupled, empty, monkeypatch):
    def fail(*_):
        raise error

    monkeypatch.setattr(output.netcdf, "write", fail)
    status, _, err = mocoupled("run", "E1", *DRY, "-o", "here")
    assert (
        status == 1
        and says in words(err)
        and "'mocoupled resume here' continues from its start" in words(err)
    )
    assert {path.name for path in (empty / "here").iterdir()} == RESULTS - {"evolution.nc"}
    assert strict(empty / "here" / "summary.json")["status"] == "running"


def test_folder_that_cannot_be_made(mocoupled, empty):
    status, _, err = mocoupled("run", "E1", *DRY, "-q", "-o", "long" * 100)
    assert status == 2 and "ame too long" in words(err)
    assert list(empty.iterdir()) == []


def test_a_failed_step_is_reported_and_stored(mocoupled, empty, monkeypatch):
    from mocoupled.dae.solve.system import System

    monkeypatch.setattr(System, "rate", lambda self, t, y, *_: np.full(len(y), np.nan if t > 0 else 1e-9))
    status, out, err = mocoupled("run", "E1", *DRY, "-o", "here")
    assert status == 1 and err.startswith("ConvergenceError: E1: ") and "failed:" in out
    assert (
        mo.read("here").attrs["status"] == "failed"
        and strict(empty / "here" / "summary.json")["status"] == "failed"
    )


def test_a_missing_library_is_reported(mocoupled, empty, monkeypatch):
    monkeypatch.setitem(sys.modules, "mocoupled.runs.main_job", None)
    status, _, err = mocoupled("run", "E1")
    assert status == 1 and "a library is missing" in err


def test_reader_that_leaves_does_not_stop_a_run(empty):
    line = [*COMMAND, "run", "E1", *DRY, "-o", "here"]
    with subprocess.Popen(
        line, cwd=empty, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=ENVIRONMENT
    ) as process:
        process.stdout.readline()
        process.stdout.close()
        err = process.stderr.read()
    assert process.returncode == 0 and err == ""
    assert {path.name for path in (empty / "here").iterdir()} == RESULTS


# --- the other commands


@pytest.mark.parametrize("name", ["earth", "L"])
def test_show_has_reactions_laws_and_references(name, mocoupled, empty):
    planet = assemble(Case.read(name).replace({"mantle.model": "lumped"}))
    status, out, err = mocoupled("show", name, "--set", "mantle.model=lumped")
    page = words(out)
    assert status == 0 and err == ""
    for reaction in planet.chemistry.reactions:
        assert f"equilibrium {reaction.text}" in page
    for law in planet.laws.values():
        assert law.name == "none" or (
            law.name in page and words(law.reference) in page and words(law.doc) in page
        )
    for species in planet.chemistry.species:
        assert words(planet.chemistry.mechanism.species[species].reference) in page
    for item in (*planet.model.unknowns, *planet.model.parameters):
        assert item.name in page, "a bracket was read as markup"
    for balance in planet.model.balances:
        assert f"balance of {balance.name}, {balance.unit}" in page
    assert "1/2 ln fO2 - ln p_H2O + ln p_H2 = ln K(T)" in page
    assert "sqrt(p_H2O)*melt_mass(T)" in page and "ln_p[H2O] " in page
    assert list(empty.iterdir()) == []


def test_show_code_is_python(mocoupled):
    status, out, _ = mocoupled("show", "E1", "--code")
    assert status == 0
    compile(out, "generated", "exec")


def test_show_keys_has_every_key(mocoupled):
    status, out, _ = mocoupled("show", "mars", "--keys", "--set", "planet.radius=3000 km")
    assert status == 0 and '"3000000.0 m"' in out
    for key in every_key():
        assert f"\n{key.name} " in out and words(key.description) in words(out)


@pytest.mark.parametrize("width", [40, 60, 80])
def test_pages_fit_the_terminal(width, mocoupled, empty, monkeypatch):
    monkeypatch.setenv("COLUMNS", str(width))
    show = ["show", "earth", *DRY[:-1], "--set", "volatiles.carbon=1e20 kg"]
    for line in (["run", "E1", *DRY], show, ["run", "E1", "--set", "redox.buffer=ONeill"]):
        _, out, err = mocoupled(*line)
        assert max(map(len, [*out.splitlines(), *err.splitlines()])) <= width


def test_cases_lists_every_shipped_case(mocoupled):
    status, out, _ = mocoupled("cases")
    assert status == 0
    assert dict(line.split(maxsplit=1) for line in out.splitlines()) == mo.shipped_cases()


def test_help_and_version(mocoupled):
    status, out, _ = mocoupled("--help")
    assert status == 0
    listed = out.split("Commands:")[1].split("Examples:")[0].splitlines()
    assert [line.split()[0] for line in listed if line[:3].strip()] == [
        "run",
        "resume",
        "sweep",
        "equilibrium",
        "gas",
        "compare",
        "reproduce",
        "melting",
        "mantle",
        "plot",
        "report",
        "cite",
        "export",
        "show",
        "cases",
        "doctor",
    ]
    assert mocoupled("--version") == (0, f"mocoupled, version {mo.__version__}\n", "")


def test_help_imports_nothing_heavy():
    heavy = "{'numpy', 'scipy', 'sympy', 'xarray', 'matplotlib', 'cantera', 'pydantic', 'rich'}"
    code = f"import sys, mocoupled.cli.commands; print(sorted({heavy} & set(sys.modules)))"
    assert (
        subprocess.run(
            [sys.executable, "-c", code], env=ENVIRONMENT, capture_output=True, text=True, timeout=HANG
        ).stdout
        == "[]\n"
    )


@pytest.mark.skipif(not hasattr(os, "openpty"), reason="this system has no pseudo-terminals")
def test_progress_bar_is_for_terminals(empty):
    import pty

    master, slave = pty.openpty()
    line = [*COMMAND, "run", "E1", *DRY]
    process = subprocess.Popen(
        line, cwd=empty, stdout=subprocess.PIPE, stderr=slave, env=ENVIRONMENT | {"TERM": "xterm"}
    )
    os.close(slave)
    shown = b""
    try:
        while piece := os.read(master, 65536):
            shown += piece
    except OSError:  # as Linux tells the end
        pass
    printed = process.communicate(timeout=HANG)[0]
    os.close(master)
    assert process.returncode == 0
    assert b"preparing" in shown and b"cooling" in shown
    assert b"\x1b" not in printed and b"cooling" not in printed


# --- text


def test_graphite_that_is_a_trace_is_none():
    def result(*masses):
        carbon = np.full((len(masses), 1), 1e22)
        found = {
            "graphite_mass": ("time", np.array(masses)),
            "graphite_activity": ("time", np.full(len(masses), 0.5)),
            "element_moles": (("time", "element"), carbon),
        }
        return xarray.Dataset(found, coords={"time": np.arange(len(masses)) * 3.15576e10, "element": ["C"]})

    assert graphite(result(1e9, 1.2e10)) == "none (activity of carbon 0.5)"
    assert graphite(result(0.0, 1e18, 1.0)) == "none (activity of carbon 0.5); at most 1e+18 kg, at 1000 yr"
    assert graphite(result(0.0, 6e19)) == "6e+19 kg, 0.5 of the carbon"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.0, "0 yr"),
        (60.0, "60 s"),
        (3.15576e7, "1 yr"),
        (9999 * 3.15576e7, "9999 yr"),
        (446061 * 3.15576e7, "446.06 kyr"),
        (3.15576e15, "100 Myr"),
        (1.42e17, "4.4997 Gyr"),
    ],
)
def test_years(seconds, text):
    assert years(seconds) == text


def test_control_characters_do_not_reach_the_terminal(mocoupled, empty):
    status, out, _ = mocoupled("show", "E1", "--set", 'title="[red]a[/red] \\u001b]0;b\\u0007 :smile:"')
    assert status == 0 and out.startswith(
        "[red]a[/red] \N{REPLACEMENT CHARACTER}]0;b\N{REPLACEMENT CHARACTER} :smile: ("
    )


def test_resolved_case_is_toml_that_says_everything(stored):
    document = tomllib.loads((stored[0] / "case.toml").read_text(encoding="utf-8"))
    for key in every_key():
        section, _, name = key.name.rpartition(".")
        assert name in (document[section] if section else document)
