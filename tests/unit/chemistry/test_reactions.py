"""Reactions as the null space of the formula matrix: balanced, independent, complete."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.made_mechanisms import FIVE, GRAPHITE, V

from mocoupled.chemistry import stoichiometry
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
    result = stoichiometry.reactions(V, FIVE, basis=("H2", "CO"))
    assert [r.text for r in result] == ["1/2 O2 + H2 = H2O", "1/2 O2 + CO = CO2", "2 H2 + CO = 1/2 O2 + CH4"]


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
    result = stoichiometry.reactions(V, species)
    _, matrix = stoichiometry.formula_matrix(V, [*species, "O2"])
    assert len(result) == len(species) + 1 - np.linalg.matrix_rank(matrix)
    for r in result:
        total = {}
        for s, c in r.stoichiometry:
            for e, n in V.species[s].composition.items():
                total[e] = total.get(e, 0) + c * n
        assert set(total.values()) == {0}
        assert r.stoichiometry[-1][1] == 1 and isinstance(r.stoichiometry[0][1], Fraction)
    formed = [r.stoichiometry[-1][0] for r in result]
    assert len(set(formed)) == len(formed)
    assert stoichiometry.reactions(V, species) == result
