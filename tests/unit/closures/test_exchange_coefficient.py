"""K_D as a law of pressure: its values, its two forms, its joints, and its refusals."""

import math

import numpy as np
import pytest
import sympy

from mocoupled.closures.exchange_coefficient import (
    FORSTERITE,
    KIND,
    OLIVINE_RANGE,
    SILICA,
    TABLE_RANGE,
    check_exchange,
    exchange_at,
    exchange_expression,
    table,
)
from mocoupled.closures.registry import find, names
from mocoupled.errors import InputError

JOINED = "olivine-Toplis2005+FMS-fitted"


@pytest.mark.parametrize("name", names(KIND))
def test_both_forms_are_the_same(name):
    low, high = find(KIND, name).ranges.get("P", (0.0, 140e9))
    pressures = np.linspace(low, high, 23)
    P = sympy.Symbol("P", real=True)
    expression = exchange_expression(name, P)
    values = [float(expression.subs(P, v)) for v in pressures]
    np.testing.assert_allclose(exchange_at(name, pressures), values, rtol=1e-12)
    assert exchange_at(name, pressures.reshape(1, -1)).shape == (1, 23)
    assert min(values) > 0.05 and max(values) < 0.95


def test_a_number_is_the_same_everywhere():
    np.testing.assert_array_equal(exchange_at(0.42, np.zeros((2, 3))), np.full((2, 3), 0.42))
    assert exchange_expression(0.42, sympy.Symbol("P")) == sympy.Float(0.42)
    assert float(exchange_at("constant-0.3", 50e9)) == 0.3


# an independent program of the phase diagram, at 26, 52, 85 and 129 GPa, as printed
PRINTED = {
    "fitted": (0.41, 0.44, 0.25, 0.13),
    "full": (0.285, 0.492, 0.695, 0.835),
    "anchored": (0.401, 0.411, 0.292, 0.132),
}


@pytest.mark.parametrize("reading", PRINTED)
def test_tables_against_an_independent_program(reading):
    """Half of the last printed digit, and half a unit of the rounding of both."""
    digits = 0.0055 if reading == "fitted" else 6e-4
    pressures = np.array([26.0, 52.0, 85.0, 129.0]) * 1e9
    assert exchange_at(f"FMS-{reading}", pressures) == pytest.approx(PRINTED[reading], abs=digits)
    knots, values = table(reading)
    np.testing.assert_allclose(exchange_at(f"FMS-{reading}", knots), values, rtol=1e-12)


@pytest.mark.parametrize("P", [0.0, 3e9, 8e9])
def test_olivine_by_hand(P):
    """Eq. 10 of Toplis 2005 with numbers, at the liquidus of Katz et al. 2003; P in bar there."""
    p = P / 1e9
    T = 1780 + 45 * p - 2 * p * p + 273.15
    R = 8.314462618
    ln_K = -6766 / (R * T) - 7.34 / R + math.log(0.036 * SILICA - 0.22)
    ln_K += 3000 * (1 - 2 * FORSTERITE) / (R * T) + 0.035 * (P / 1e5 - 1) / (R * T)
    assert float(exchange_at("olivine-Toplis2005", P)) == pytest.approx(math.exp(ln_K), rel=1e-9)
    assert float(exchange_at(JOINED, P)) == pytest.approx(math.exp(ln_K), rel=1e-9)


@pytest.mark.parametrize("name", [n for n in names(KIND) if n != "constant-0.3"])
def test_the_slope_has_no_jump(name):
    """At the knots of the tables and where two laws join, slopes of both sides agree: 1 % of the largest."""
    low, high = find(KIND, name).ranges["P"]
    joints = [P for P in (*OLIVINE_RANGE, *table("full")[0], *TABLE_RANGE) if low < P < high]
    step = 1e5
    slopes = [
        [float(np.diff(exchange_at(name, np.array([P + a, P + a + step])))[0]) for a in (-2 * step, step)]
        for P in (joints or [0.5 * (low + high)])
    ]
    largest = np.abs(slopes).max()
    assert all(abs(a - b) < 0.01 * largest for a, b in slopes)


def test_a_joined_law_is_its_parts():
    deep = np.array([25e9, 60e9, 136e9])
    np.testing.assert_allclose(exchange_at(JOINED, deep), exchange_at("FMS-fitted", deep), rtol=1e-12)
    between = exchange_at(JOINED, np.linspace(*OLIVINE_RANGE[1:], TABLE_RANGE[0], 50))
    assert between.min() > 0.35 and between.max() < 0.41


def test_refusals():
    with pytest.raises(InputError) as error:
        check_exchange("FMS-fitted", 0.0, 20e9, "exchange_coefficient")
    assert "holds from 25 to 140 GPa" in str(error.value) and "0 to 20 GPa" in str(error.value)
    assert "constant-0.3" in str(error.value) and JOINED in str(error.value)
    with pytest.raises(InputError):
        check_exchange(JOINED, 0.0, 141e9, "exchange_coefficient")
    check_exchange(JOINED, 0.0, 137.7e9, "exchange_coefficient")
    check_exchange(0.3, 0.0, 1e13, "exchange_coefficient")
    with pytest.raises(InputError):
        exchange_at("FMS-fittd", 30e9)
