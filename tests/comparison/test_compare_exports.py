"""FactSage's exports beside ours: what is passed over by name, real gases, and an effect for every field that
is read."""

import dataclasses
import io

import numpy as np
import pytest
from rich.console import Console
from support import equilib_text
from support.places import TESTS

from mocoupled import plots
from mocoupled.cli.pages.comparison import compare_factsage
from mocoupled.cli.pages.comparison_table import print_comparison
from mocoupled.comparison.factsage import Record, Table, read_table
from mocoupled.comparison.result_dataset import dataset
from mocoupled.comparison.side_by_side import compare
from mocoupled.constants import BAR
from mocoupled.errors import InputError
from mocoupled.plots.settings import plainly

EXPORTS = TESTS / "factsage" / "exports"


def page(comparisons):
    text = io.StringIO()
    print_comparison(comparisons, Console(file=text, width=220))
    return text.getvalue()


def compared(name, **more):
    return compare(read_table(EXPORTS / name), cea=False, **more)


def test_slag_is_passed_over_by_name():
    """The elements are those of the gas (2 x 0.999 mol of H), not of slag and gas; ours agrees to the
    dissociation."""
    (comparison,) = compared("fs11_slag.txt")
    assert comparison.passed[
        "Slag-liq#1"
    ] == "a solution, 1.00E+02 gram" and comparison.state.moles == pytest.approx(
        {"H": 1.99667, "O": 1.99967, "C": 0.50033}, rel=2e-3
    )
    assert (
        abs(comparison.entry("H2O").dex("full")) < 0.004 and abs(comparison.entry("CO2").dex("full")) < 0.006
    )
    text = page([comparison])
    assert "Slag-liq#1: not modelled, passed over" in text and "because of Slag-liq#1, Mg, Si" in text


def test_no_gas_compares_the_graphite():
    (comparison,) = compared("fs10_nogas.txt")
    assert not comparison.entries and comparison.condensates["full"]["C(gr)"] == pytest.approx(1.0)
    text = page([comparison])
    assert "there is no gas" in text and "C(gr), mol" in text


def test_ions_are_passed_over_unless_the_mechanism_has_them(tmp_path):
    first, _ = compared("fs12_ions.txt")
    assert first.passed["e-"].startswith("an ion, which no shipped mechanism has") and "H3O+" in first.passed
    assert first.state.moles == pytest.approx({"H": 3.0, "O": 1.4, "C": 0.2}), (
        "traces of ions do not change the problem"
    )
    assert "e-: not modelled, passed over" in page([first]) and abs(first.entry("H2O").dex("full")) < 1e-4


def test_minerals_and_flags():
    (comparison,) = compared("slag_brackets.txt")
    assert {"Slag-liq#1", "Mg2SiO4_Forsterite(s1)", "MgSiO3_Proto-enstatite(s1)", "the input stream"} <= set(
        comparison.passed
    )
    assert comparison.passed["Mg2SiO4_Forsterite(s1)"] == "a pure condensate, not there" and "flag T" in page(
        [comparison]
    )
    (comparison,) = compared("minerals_table.txt")
    assert comparison.passed["SiO2"].startswith("a gas of Si") and comparison.state.pressure == pytest.approx(
        0.9995 * 101325.0, rel=1e-6
    )


# ---- real gases


def test_a_real_gas_is_compared_with_the_law_that_is_named(tmp_path):
    """W5. A listing of our own real gas comes back by its law, and not without it; each row says which."""
    import mocoupled as mo

    law, T, P, moles = "PengRobinson1976", 1000.0, 500e5, {"H": 3.0, "C": 0.2, "O": 1.4}
    real = mo.gas_equilibrium(T, P, moles, mechanism="hco", fugacity=law)
    shares = {str(s): float(x) for s, x in zip(real.species.values, real.mixing_ratio.values) if x > 1e-10}
    phi = {str(s): float(x) for s, x in zip(real.species.values, real.fugacity_coefficient.values)}
    rows = "".join(
        f" {s} {x * float(real.gas_moles.sum()):.5E} {x:.6E} {x * phi[s] * P / BAR:.5E}\n"
        for s, x in shares.items()
    )
    path = tmp_path / "real.txt"
    path.write_text(
        f" T = {T} K\n P = 500 bar\n STREAM CONSTITUENTS  AMOUNT/mol\n H2O 1\n H2 0.5\n CO2 0.2\n\n PHASE: "
        f"gas_real mol bar\n{rows} TOTAL: 1 1 500\n"
    )
    (named,), (ideal,) = (
        compare(read_table(path), cea=True, fugacity=law),
        compare(read_table(path), cea=False),
    )
    assert max(abs(e.dex("full")) for e in named.entries) < 1e-4 and "cea" in named.silent
    assert abs(ideal.entry("CH4").dex("full")) > 0.02, "the coefficients matter"
    assert any("a real gas in the table" in n and law in n for n in named.notes) and any(
        "REAL and ours is ideal" in n for n in ideal.notes
    )
    said = next(n for n in named.notes if n.startswith("fugacity coefficients of the table"))
    assert f"CH4 {phi['CH4']:.4g} ({phi['CH4']:.4g} by {law})" in said
    for comparison in compared("fs14_real.txt"):
        assert any("REAL and ours is ideal" in n for n in comparison.notes), "in each row"
    with pytest.raises(InputError, match="PengRobinson1976"):
        compare(read_table(path), cea=False, fugacity="PengRobinson76")


# ---- every field has an effect or a note

BASE = equilib_text.table
CHANGES = {
    "table.name": "other", "table.source": "another source", "table.program": None, "table.version": "9.9",
    "table.species": "all of them", "table.gas": "real",
    "table.standard_pressure": "1 atm", "table.zero": "below 1E-12", "table.notes": ("a note of the head",),
    "table.sheet": "Tabelle2", "table.oxygen": None,
    "table.path": None,  # the file's name, in messages
    "name": "another name", "program": "FastChem", "line": None, "temperature": 1300.0,
    "pressures": {"H2O": 3e7, "H2": 4.94e7}, "rounding": {"H2O": 3e6, "H2": 1e5},
    "pressure": 700e5, "moles": {"H": 3.0, "O": 1.2}, "case": None, "melt_fraction": None, "log10_fO2": -11.0,
    "condensates": {"MgO_Periclase(s)": 0.5},
    "activities": {"C(gr)": 0.3}, "fugacities": {"H2O": 9e7}, "gas_moles": 3.0, "volume": 1e-3,
    "phases": {"Matte": "1 g"}, "passed": {"V": "a volume"},
    "remarks": ("read so",),
}  # fmt: skip
ELSEWHERE = {  # fields whose effect needs another record: the test that has it
    "table.program": "columns and records have separate programs; test_published_values.py, rows(…, program)",
    "table.oxygen": "test_published_values.py, test_published_pressures_at_their_own_oxygen",
    "table.path": "test_factsage_refusals.py, every message",
    "line": "test_factsage_refusals.py, every message",
    "case": "test_published_values.py, test_our_model_of_table_e_to_its_rounding",
    "melt_fraction": "test_published_values.py, test_our_model_of_table_e_to_its_rounding",
}


def test_every_field_of_a_record_has_an_effect_or_a_note():
    """Each field of Record and Table, changed alone, changes what is printed."""
    table = Table("a table", "a.csv", oxygen="closed")
    base = Record(
        "row",
        "FactSage",
        table,
        1,
        1388.0,
        {"H2O": 5e7, "H2": 2.94e7},
        {"H2O": 1e3, "H2": 1e3},
        pressure=794e5,
        moles={"H": 3.0, "O": 1.0},
    )
    names = {f.name for f in dataclasses.fields(Record)} - {"table"} | {
        f"table.{f.name}" for f in dataclasses.fields(Table)
    }
    assert names == set(CHANGES) and set(ELSEWHERE) == {n for n, v in CHANGES.items() if v is None}
    before = page(compare([base], cea=False))
    for name, value in CHANGES.items():
        if value is None:
            continue
        part = name.removeprefix("table.")
        changed = (
            dataclasses.replace(base, table=dataclasses.replace(table, **{part: value}))
            if part != name
            else dataclasses.replace(base, **{name: value})
        )
        assert page(compare([changed], cea=False)) != before, name


# ---- the bar chart


def test_the_bar_chart_shows_the_differences(tmp_path):
    """Bars are medians over the rows in dex, dots the rows, and below the farthest species of each row."""
    result = dataset(compare(read_table("bower2022_appendix_E"), cea=False))
    (path,) = plots.draw_residuals(result, tmp_path, "off")
    assert path.read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"
    top, low = plainly(plots.residuals._page)(result).axes
    values = result.difference.sel(solver="full")
    heights = {c.get_label().removeprefix("median "): c[0].get_height() for c in top.containers}
    for species in result.species.values:
        assert heights[str(species)] == pytest.approx(
            float(np.nanmedian(values.sel(species=species))), rel=1e-12
        )
    assert [c[0].get_height() for c in low.containers] == [
        float(row[np.nanargmax(np.abs(row))]) for row in values.values
    ]
    assert (
        top.get_ylabel() == low.get_ylabel() == "log₁₀ computed/printed (dex)"
        and top.get_ylim() == low.get_ylim()
    )
    with pytest.raises(InputError, match="not a comparison, or it has no records"):
        plots.draw_residuals(result.isel(record=[]), tmp_path)


def test_files_and_notes(tmp_path):
    text = io.StringIO()
    files = compare_factsage(
        [EXPORTS / "fs11_slag.txt", EXPORTS / "fs10_nogas.txt"], Console(file=text, width=120), tmp_path
    )
    assert [f.name for f in files] == [
        "fs11_slag.png", "fs11_slag-residuals.png", "fs11_slag.csv", "fs11_slag-notes.csv", "fs10_nogas.csv",
        "fs10_nogas-notes.csv",
    ]  # fmt: skip
    notes = (tmp_path / "fs11_slag-notes.csv").read_text().splitlines()
    assert notes[0] == "record,what,text" and any(
        line.startswith('fs11_slag,passed over: Slag-liq#1,"a solution, 1.00E+02 gram"') for line in notes
    )


def test_notes_of_rows_without_a_gas(tmp_path):
    """No figure is drawn, and the folder is made all the same."""
    table = tmp_path / "slag.csv"
    table.write_text("T(K),P(bar),mol H2O(g),g Slag-liq#1\n1388,2,0,100\n")
    files = compare_factsage([table], Console(file=io.StringIO(), width=120), tmp_path / "new")
    assert [f.name for f in files] == ["slag.csv", "slag-notes.csv"] and "Slag-liq#1" in files[1].read_text()
