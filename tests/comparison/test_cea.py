"""NASA's CEA as a second program: not installed, failing, and in agreement."""

import io
import math
import sys
from dataclasses import replace

import pytest
from rich.console import Console

from mocoupled.cli.pages.comparison import compare_cea
from mocoupled.comparison.factsage import read_table
from mocoupled.comparison.side_by_side import compare, independent, problem
from mocoupled.errors import InputError


def test_cea_that_is_not_installed(monkeypatch):
    monkeypatch.setitem(sys.modules, "cea", None)
    record = read_table("bower2022_appendix_E")[0]
    answer = independent(record)
    assert answer.silent == "not installed: pip install 'mocoupled[cea]'" and not answer.pressures
    (comparison,) = compare([record])
    assert comparison.silent == {"cea": answer.silent} and "cea" not in comparison.methods
    page = io.StringIO()
    with pytest.raises(InputError, match="not installed, so nothing is compared"):
        compare_cea(["bower2022_appendix_E"], Console(file=page, width=100))
    assert not page.getvalue()


def test_a_failing_cea_is_distinguished_from_a_missing_one(monkeypatch):
    """Whatever a package that is not ours raises, or an element it cannot be given, is a sentence."""

    class Broken:
        def __getattr__(self, name):
            if name.startswith("__"):  # the import system of Python 3.13 asks for __spec__
                raise AttributeError(name)
            raise RuntimeError("no thermo.lib")

    monkeypatch.setitem(sys.modules, "cea", Broken())
    record = read_table("bower2022_appendix_E")[0]
    assert independent(record).silent == "no result: RuntimeError: no thermo.lib"
    odd = replace(problem(record), moles={"H": 1.0, "Cl": 1.0})
    assert independent(record, odd).silent == "not computed: no reactant for Cl"


def test_cea_agrees(without_melt):
    """NASA CEA 3, its own program and data (9-term polynomials): the five gases within 0.006 dex of ours, and
    FactSage within the same 0.03 dex."""
    pytest.importorskip("cea")
    for comparison in compare([c.record for c in without_melt]):
        for entry in comparison.entries:
            if entry.species != "O2":
                assert abs(math.log10(entry.computed["cea"] / entry.computed["full"])) < 0.006, (
                    comparison.record.name,
                    entry.species,
                )
                assert abs(entry.dex("cea")) < 0.03
        graphite = comparison.condensates["full"]["C(gr)"]
        if graphite > 1e-6 * comparison.state.moles["C"]:
            assert comparison.condensates["cea"]["C(gr)"] == pytest.approx(graphite, rel=1e-3)
