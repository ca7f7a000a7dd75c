"""Escape of hydrogen: the rates of Zahnle et al. 2019 for an Earth-sized planet, and its limits."""

import math

import numpy as np
import pytest
import sympy

from mocoupled.closures.law import find
from mocoupled.constants import AVOGADRO_CONSTANT

ZAHNLE = find("escape", "Zahnle2019")
EARTH = 4 * math.pi * 6.371e6**2 * 0.00201588  # m2 kg/mol: flux in mol/m2/s to kg/s of H2


@pytest.mark.parametrize(
    "xuv, rate",
    [(1, 5.11e3), (4.33, 2.10e4), (10, 4.05e4), (20, 5.56e4), (30, 6.07e4), (40, 6.29e4), (1e9, 6.61e4)],
)
def test_rates_at_thirty_percent_hydrogen(xuv, rate):
    """kg/s of H2 for a mixing ratio of 0.30 on the Earth, worked out separately and printed to three digits:
    half."""
    flux = float(ZAHNLE(mixing_ratio_H2=0.30, xuv=xuv, prefactor=1.0))
    assert EARTH * flux == pytest.approx(rate, abs=0.5 * 10 ** (math.floor(math.log10(rate)) - 2))


def test_large_escape_of_bower_2022():
    """The rate 2.1e5 kg/s of section 2.4 of Bower et al. 2022 is pure H2 at 40 times the present XUV; two
    digits."""
    assert EARTH * float(ZAHNLE(mixing_ratio_H2=1.0, xuv=40.0, prefactor=1.0)) == pytest.approx(
        2.1e5, abs=0.05e5
    )


def test_limits():
    """Low XUV: limited by energy, linear in it. High XUV: by diffusion, 1e16/sqrt(0.006) molecules per m2 and
    s."""
    flux = (
        ZAHNLE.evaluate(mixing_ratio_H2=1.0, xuv=np.array([1e-6, 2e-6, 1e6]), prefactor=1.0)
        * AVOGADRO_CONSTANT
    )
    assert flux[1] / flux[0] == pytest.approx(2.0, rel=1e-11)
    assert flux[0] == pytest.approx(1e10, rel=1e-11)
    assert flux[2] == pytest.approx(1e16 / math.sqrt(0.006), rel=1e-9)


def test_linear_in_hydrogen_and_prefactor():
    x, S, G = sympy.symbols("x S G", positive=True)
    flux = ZAHNLE(mixing_ratio_H2=x, xuv=S, prefactor=G)
    assert float(sympy.simplify(flux.subs(x, 2 * x) / flux)) == pytest.approx(2.0, rel=1e-14)
    assert float(sympy.simplify(flux.subs(G, 1000 * G) / flux)) == pytest.approx(1000.0, rel=1e-14)
    assert float(flux.subs({x: 0.3, S: 10.0, G: 1.0})) == pytest.approx(
        float(ZAHNLE.evaluate(mixing_ratio_H2=0.3, xuv=10.0, prefactor=1.0)), rel=1e-13
    )


def test_none():
    none = find("escape", "none")
    assert none(mixing_ratio_H2=0.3, xuv=40.0, prefactor=1000.0) == 0
    assert none.evaluate(mixing_ratio_H2=0.3, xuv=40.0, prefactor=1000.0) == 0
    assert none.unit == ZAHNLE.unit
