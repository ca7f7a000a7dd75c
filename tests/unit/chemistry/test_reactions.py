"""Reactions as the null space of the formula matrix: balanced, independent, complete."""

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.made_mechanisms import FIVE, GRAPHITE, LN10, REFERENCE, V, cantera_species, mechanism_of

from mocoupled.chemistry import equilibrium_constants, stoichiometry
from mocoupled.errors import InputError

# ---- reactions


def texts(*arguments, **keywords):
    return [r.text for r in stoichiometry.reactions(*arguments, **keywords)]


def test_reactions_of_the_five():
    assert texts(V, FIVE) == ["H2O = 1/2 O2 + H2", "CO2 = 1/2 O2 + CO", "2 H2O + CO2 = 2 O2 + CH4"]
    assert texts(V, [*FIVE, GRAPHITE])[-1] == "CO2 = O2 + C(gr)"
    assert texts(V, [*FIVE, "O2"]) == texts(V, FIVE)


@pytest.mark.parametrize(
    "species, expected",
    [
        (["H2O"], []),
        (["H2"], []),
        (["O2"], []),
        ([], []),
        (["H2", "H2O"], ["H2O = 1/2 O2 + H2"]),
        (["CO", "CO2"], ["CO2 = 1/2 O2 + CO"]),
        (["CO", GRAPHITE], ["CO = 1/2 O2 + C(gr)"]),
        ([GRAPHITE, "CO"], ["CO = 1/2 O2 + C(gr)"]),
        (["CH4", GRAPHITE], []),
        (["H2", "CH4", GRAPHITE], ["CH4 = 2 H2 + C(gr)"]),
        (["H2", "CO", "CO2", "CH4"], ["CO2 = 1/2 O2 + CO", "CO2 + 2 H2 = O2 + CH4"]),
    ],
)
def test_reactions_of_fewer(species, expected):
    """Elements missing, no H2O, no gas of carbon.

    Each species that is not of the basis is formed, graphite last.
    """
    assert texts(V, species) == expected


def test_reactions_of_a_closed_system():
    """Nothing buffered: O2 takes part only if it is a species, and the list is one shorter without it."""
    assert texts(V, FIVE, buffered=None) == ["CO2 + H2 = H2O + CO", "CO2 + 4 H2 = 2 H2O + CH4"]
    assert texts(V, [*FIVE, "O2"], buffered=None) == texts(V, FIVE)


def test_basis_is_a_choice():
    found = stoichiometry.reactions(V, FIVE, basis=("H2", "CO"))
    assert [r.text for r in found] == ["1/2 O2 + H2 = H2O", "1/2 O2 + CO = CO2", "2 H2 + CO = 1/2 O2 + CH4"]


def test_unknown_and_double_species():
    with pytest.raises(InputError, match="did you mean 'CH4'"):
        stoichiometry.reactions(V, ["CH5", "H2"])
    with pytest.raises(InputError, match="named twice"):
        stoichiometry.reactions(V, ["H2", "H2"])


@given(st.permutations([*FIVE, GRAPHITE]), st.integers(1, 6))
@settings(max_examples=60, deadline=None)
def test_reactions_are_balanced_independent_and_complete(names, count):
    """Laws of nature.

    Every element balances exactly, and with the basis the count is that of linear algebra.
    """
    species = names[:count]
    found = stoichiometry.reactions(V, species)
    _, matrix = stoichiometry.formula_matrix(V, [*species, "O2"])
    assert len(found) == len(species) + 1 - np.linalg.matrix_rank(matrix)
    for r in found:
        total = {}
        for s, c in r.stoichiometry:
            for e, n in V.species[s].composition.items():
                total[e] = total.get(e, 0) + c * n
        assert set(total.values()) == {0}
        assert r.stoichiometry[-1][1] == 1 and isinstance(r.stoichiometry[0][1], Fraction)
    formed = [r.stoichiometry[-1][0] for r in found]
    assert len(set(formed)) == len(formed)
    assert stoichiometry.reactions(V, species) == found


def twenty_one(tmp_path):
    names = [*REFERENCE["extensibility_case"]["p_bar"]]
    entries = [cantera_species(n, **{"reference-pressure": "1 bar"}) for n in [*names, "O2"]]
    return mechanism_of(tmp_path, entries), names


def test_twenty_one_species(tmp_path):
    """C-H-O-N-S-He: the list of reactions of an independent program, word for word, and its solution
    (residual 8e-16, printed to all digits) satisfies every ln K, whose terms have size 100: 1e-9."""
    mechanism, names = twenty_one(tmp_path)
    case = REFERENCE["extensibility_case"]
    assert texts(mechanism, names) == case["reactions"]
    temperature = case["inputs"]["T_K"]
    buffer = (
        2
        * (-244118 + 115.559 * temperature - 8.474 * temperature * math.log(temperature))
        / (8.31441 * temperature)
    )
    ln = {s: math.log(p) for s, p in case["p_bar"].items()} | {"O2": buffer + case["inputs"]["dIW"] * LN10}
    for r in stoichiometry.reactions(mechanism, names):
        quotient = math.fsum(float(c) * ln[s] for s, c in r.stoichiometry)
        assert quotient == pytest.approx(
            float(equilibrium_constants.ln_K_values(mechanism, r, temperature)[0]), abs=1e-9
        )
