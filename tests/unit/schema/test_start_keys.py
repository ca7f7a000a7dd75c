"""The start of a run is stated by a temperature or by an entropy: the way named last counts."""

import pytest

import mocoupled as mo

TEMPERATURE, ENTROPY = "run.initial_surface_temperature", "run.initial_entropy"


@pytest.mark.parametrize("value", ["3000 K", "molten"])
def test_a_temperature_takes_the_place_of_an_entropy(value):
    """The cases of the paper state an entropy; naming a temperature makes room for it."""
    paper = mo.Case.read("E1")
    assert paper.run.initial_entropy == 2600.0
    changed = paper.replace({TEMPERATURE: value})
    assert changed.run.initial_entropy is None
    assert changed.run.initial_surface_temperature == (None if value == "molten" else 3000.0)
    assert paper.replace({"mantle.cells": 20}).run.initial_entropy == 2600.0
    assert changed.replace({ENTROPY: 2500}).run.initial_entropy == 2500.0


def test_both_in_one_call_are_refused():
    with pytest.raises(mo.InputError, match=r"--set run\.initial_entropy: the start is stated twice"):
        mo.Case.read("earth").replace({TEMPERATURE: "3000 K", ENTROPY: 2600}, origin="--set")
    both = mo.Case.read("E1").replace({TEMPERATURE: "3000 K", ENTROPY: "none"})
    assert both.run.initial_entropy is None


def test_a_resolved_case_reads_back():
    """A file may have both keys, as every resolved case has."""
    case = mo.Case.read("E1")
    assert mo.Case.parse(case.to_toml()) == case


def test_a_member_of_a_file_takes_the_place_too(tmp_path):
    file = tmp_path / "two.toml"
    text = """[run]
    initial_entropy = 2600
    [members]
    warm = {run.initial_surface_temperature = "2500 K"}
    as_is = {title = "x"}
    """
    file.write_text(text)
    assert mo.Case.read(f"{file}:warm").run.initial_entropy is None
    assert mo.Case.read(f"{file}:as_is").run.initial_entropy == 2600.0
