"""Pages that the command prints: `show`, `cases`, help; progress; numbers and text on them."""

import os
import re
import subprocess
import sys

import numpy as np
import pytest
import xarray
from support.command_line import COMMAND, DRY, ENVIRONMENT, words
from support.waiting import HANG

import mocoupled as mo
from mocoupled.case import Case
from mocoupled.cli.pages.run_end import graphite
from mocoupled.cli.pages.text import years
from mocoupled.cli.show import UNDER_LID
from mocoupled.planet.assembly import assemble
from mocoupled.runs.main_job import prepare
from mocoupled.schema.keys import every_key


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


def test_show_code_has_both_marches_of_a_lid_that_closes(mocoupled):
    """The second module is that of the equations under the lid, whole and runnable."""
    closed = "--set", "mantle.model=lumped", "--set", "run.after_lid=closed"
    status, out, _ = mocoupled("show", "earth", *closed, "--code")
    assert status == 0
    before, after = out.split(UNDER_LID)
    for module in (before, after):
        compile(module, "generated", "exec")
        assert module.count("def linear(") == 1
    assert before.strip() != after.strip()
    prepared = prepare(mo.Case.read("earth").replace({"mantle.model": "lumped", "run.after_lid": "closed"}))
    assert after.lstrip("\n") == prepared.under_lid.source


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
    status, out, _ = mocoupled("cases", "--all")
    assert status == 0 and out.startswith("Planets\n")
    lines = [line for line in out.splitlines() if line.startswith("  ")]
    assert dict(line.split(maxsplit=1) for line in lines) == mo.shipped_cases()


def test_cases_has_a_line_for_a_series(mocoupled):
    status, out, _ = mocoupled("cases")
    assert status == 0
    assert re.search(r"\n  E1 … E10 +1 to 10 oceans of H, no C, crystals of 1 mm\n", out)
    assert "F1-C0.1-IW+2 … F10-C5-IW+4" in out and "C/H = 0.1 to 5, IW+2 to +4" in out
    assert "\n  trappist-1b " in out and "\n  E2 " not in out
    assert f"{len(mo.shipped_cases())} cases" in out


def test_help_and_version(mocoupled):
    status, out, _ = mocoupled("--help")
    assert status == 0
    listed = out.split("Commands:")[1].split("Examples:")[0].splitlines()
    assert [line.split()[0] for line in listed if line[:3].strip()] == [
        "run",
        "resume",
        "sweep",
        "equilibrium",
        "uncertainty",
        "gas",
        "vapour",
        "planet-equilibrium",
        "species",
        "radiation",
        "compare",
        "reproduce",
        "melting",
        "mantle",
        "plot",
        "profiles",
        "saturation",
        "report",
        "cite",
        "export",
        "show",
        "cases",
        "init",
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
    except OSError:  # the end, on Linux
        pass
    printed = process.communicate(timeout=HANG)[0]
    os.close(master)
    assert process.returncode == 0
    assert b"preparing" in shown and b"cooling" in shown
    assert b"\x1b" not in printed and b"cooling" not in printed


def test_graphite_that_is_a_trace_is_none():
    def result(*masses):
        carbon = np.full((len(masses), 1), 1e22)
        variables = {
            "graphite_mass": ("time", np.array(masses)),
            "graphite_activity": ("time", np.full(len(masses), 0.5)),
            "element_moles": (("time", "element"), carbon),
        }
        return xarray.Dataset(
            variables, coords={"time": np.arange(len(masses)) * 3.15576e10, "element": ["C"]}
        )

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
