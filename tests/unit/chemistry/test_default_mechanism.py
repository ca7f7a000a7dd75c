"""A closed system takes all shipped gases of its elements unless a mechanism is named."""

import importlib.util

import numpy as np
import pytest
from support.places import ROOT

import mocoupled as mo
from mocoupled.chemistry.mechanism import read_mechanism
from mocoupled.chemistry.mechanism_paths import mechanisms_by_gases, shipped_mechanisms
from mocoupled.equilibria.mechanism_choice import choose_mechanism, shipped_with
from mocoupled.errors import InputError


def gases(name, elements):
    return {
        s.name
        for s in read_mechanism(name).species.values()
        if s.phase == "gas" and set(s.composition) <= set(elements)
    }


@pytest.mark.parametrize(
    "elements, name",
    [
        ("HCO", "hco"),
        ("HO", "hco"),
        ("C", "hco"),
        (("H", "S"), "chons"),
        (("H", "He"), "chons"),
        ("HCON", "all"),
        (("H", "C", "O", "N", "S", "Cl"), "all"),
    ],
)
def test_the_smallest_mechanism_with_all_gases(elements, name):
    assert choose_mechanism(elements) == name
    every = set().union(*(gases(n, elements) for n in shipped_mechanisms()))
    whole = [n for n in shipped_mechanisms() if gases(n, elements) == every]
    assert name == min(whole, key=lambda n: len(read_mechanism(n).species))


@pytest.mark.parametrize("elements", [("Fe", "S", "H", "O"), ("Si", "H", "O"), ("Na", "Cl", "H")])
def test_a_mechanism_with_the_elements_comes_before_the_one_with_the_most_gases(elements):
    """With Fe, S, H and O `all` has more gases than `silicates`, and none with iron; none has Na and Cl."""

    def covered(name):
        species = read_mechanism(name).species
        return {e for gas in gases(name, elements) for e in species[gas].composition}

    name = choose_mechanism(elements)
    most = max(len(covered(n)) for n in mechanisms_by_gases())
    assert len(covered(name)) == most
    same = [n for n in mechanisms_by_gases() if len(covered(n)) == most]
    assert len(gases(name, elements)) == max(len(gases(n, elements)) for n in same)


def test_the_default_call():
    """W10: 2943 K, 0.15 bar.

    Half of the hydrogen is atomic, which five gases do not know (H2O off by 40 % and more).
    """
    moles = {"H": 1.0, "C": 0.01, "O": 0.55}
    result, few = (
        mo.gas_equilibrium(2943.0, 0.15e5, moles),
        mo.gas_equilibrium(2943.0, 0.15e5, moles, mechanism="volatiles"),
    )
    assert (
        result.attrs["mechanism"] == "hco"
        and few.attrs["mechanism"] == "volatiles"
        and few.sizes["species"] == 6
    )
    assert {"H", "O", "OH"} <= set(result.species.values) and float(
        result.mixing_ratio.sel(species="H")
    ) > 0.1
    assert float(few.pressure.sel(species="H2O") / result.pressure.sel(species="H2O")) > 1.4
    named = mo.gas_equilibrium(2943.0, 0.15e5, moles, mechanism="hco")
    np.testing.assert_array_equal(named.pressure.values, result.pressure.values)


def test_gases_whose_data_end_are_left_out_by_name():
    """CH3CO and (HCOOH)2 have data from 300 K on: traces that may not stop a cold system.

    S2 at 5500 K may.
    """
    moles = {"H": 2.0, "C": 0.1, "O": 1.4}
    cold = mo.gas_equilibrium(250.0, 1e5, moles)
    assert (
        cold.attrs["gases_left_out"] == "(HCOOH)2, CH3CO"
        and bool(cold.converged)
        and "(HCOOH)2" not in cold.species
    )
    assert "gases_left_out" not in mo.gas_equilibrium(1500.0, 1e5, moles).attrs
    with pytest.raises(InputError, match="temperature = 5900.*out of range"):
        mo.gas_equilibrium(5900.0, 1e5, {"H": 2.0, "S": 1.0}, condensates=())


def test_elements_without_gases():
    with pytest.raises(
        InputError, match="no shipped mechanism has gases of W(.|\n)*elements of the shipped gases: Al, Ar, C"
    ):
        mo.gas_equilibrium(1500.0, 1e5, {"W": 1.0, "O": 1.0})
    with pytest.raises(InputError, match="did you mean 'H'"):
        mo.gas_equilibrium(1500.0, 1e5, {"h": 2.0, "O": 1.0})
    assert shipped_with("N") == "shipped mechanisms that have N: all, chons, silicates"
    assert shipped_with("W") == ""


def test_nasa_cea():
    """Six of the random states of validation/cea_states.py, with the default call: no gas above 0.1 % of the
    total off by more than 5 % (C2H: 10 %, its enthalpy of formation)."""
    pytest.importorskip("cea")
    path = ROOT / "validation" / "cea_states.py"
    spec = importlib.util.spec_from_file_location("cea_states", path)
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    states = script.draw(1)
    text, good = script.lines([script.both(next(states), None) for _ in range(6)], 1)
    assert good and "0 that our kernel does not solve" in text[0], text
    text, good = script.lines(
        [
            script.both(state, "volatiles")
            for state in (
                {"temperature": 2943.0, "pressure": 0.15e5, "moles": {"H": 1.0, "C": 0.01, "O": 0.55}},
            )
        ],
        1,
    )
    assert not good
