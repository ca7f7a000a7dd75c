"""End-members of MgO-FeO-SiO2: golden numbers, melting curves, laws of thermodynamics, refusals."""

import json

import numpy as np
import pytest
from support.places import TESTS

from mocoupled.errors import InputError
from mocoupled.lower_mantle import end_members as fms

GOLDEN = json.loads((TESTS / "reference" / "fms_golden.json").read_text(encoding="utf-8"))
NAMES = {
    "mbr": "MgSiO3 bridgmanite", "fbr": "FeSiO3 bridgmanite", "per": "MgO periclase", "wus": "FeO wüstite",
    "st": "SiO2 stishovite",
    "lFeO": "FeO liquid", "lMgO": "MgO liquid", "lSiO2": "SiO2 liquid",
}  # fmt: skip
EACH = pytest.mark.parametrize("name", fms.END_MEMBERS)


@pytest.mark.parametrize("where", GOLDEN["endmembers"])
@pytest.mark.parametrize("short", NAMES)
def test_golden_volumes_and_energies(where, short):
    """An independent implementation of the same equations, to 1e-6: volumes and Gibbs energies."""
    P, T = (float(v) for v in where.split(","))
    stated = GOLDEN["endmembers"][where][short]
    state = fms.state(NAMES[short], P * 1e9, T)
    assert float(state.volume) * 1e6 == pytest.approx(stated["V_cm3"], rel=1e-6)
    assert float(state.gibbs_energy) == pytest.approx(stated["G_J"], rel=1e-6)


def test_golden_melting_temperatures():
    """The same implementation's melting curves at five pressures; it printed hundredths of a kelvin."""
    for P, row in GOLDEN["melting_K"].items():
        for oxide, T in row.items():
            assert float(fms.melting_temperature(oxide, float(P) * 1e9)) == pytest.approx(T, abs=0.0051), (
                P,
                oxide,
            )


def test_melting_temperature_is_where_both_phases_have_one_energy():
    P = np.linspace(20e9, 140e9, 13)
    for oxide, (solid, liquid) in fms.MELTS_FROM.items():
        T = fms.melting_temperature(oxide, P)
        above, below = fms.state(liquid.name, P, T), fms.state(solid.name, P, T)
        assert np.abs(above.gibbs_energy - below.gibbs_energy).max() < 1e-4  # J/mol
        assert (above.entropy > below.entropy).all() and (np.diff(T) > 0).all()
        # Clausius and Clapeyron, against central differences of 1 MPa
        slope = (
            fms.melting_temperature(oxide, P[1:-1] + 1e6) - fms.melting_temperature(oxide, P[1:-1] - 1e6)
        ) / 2e6
        clapeyron = ((above.volume - below.volume) / (above.entropy - below.entropy))[1:-1]
        np.testing.assert_allclose(slope, clapeyron, rtol=1e-5)


@EACH
def test_derivatives_of_the_energy(name):
    """V = dG/dP to 1e-8, S = -dG/dT, K = -V dP/dV: against differences of fourth order."""
    P, T = (a.ravel() for a in np.meshgrid([25e9, 52e9, 129e9], [2500.0, 3500.0, 4500.0]))
    here = fms.state(name, P, T)

    def slope(function, h):
        return (8 * (function(h) - function(-h)) - (function(2 * h) - function(-2 * h))) / (12 * h)

    np.testing.assert_allclose(
        slope(lambda h: fms.state(name, P + h, T).gibbs_energy, 2e8), here.volume, rtol=1e-8
    )
    np.testing.assert_allclose(
        slope(lambda h: -fms.state(name, P, T + h).gibbs_energy, 20.0), here.entropy, rtol=1e-6
    )
    np.testing.assert_allclose(
        -here.volume / slope(lambda h: fms.state(name, P + h, T).volume, 2e8), here.bulk_modulus, rtol=1e-6
    )


@EACH
def test_an_end_member_is_stable(name):
    """Stiff against compression, and its heat capacity (of entropy) positive."""
    P, T = np.meshgrid(np.linspace(25e9, 136e9, 8), np.linspace(2500.0, 4500.0, 5))
    here, hotter = fms.state(name, P, T), fms.state(name, P, T + 1.0)
    assert (here.bulk_modulus > 0).all() and (hotter.entropy > here.entropy).all()


def test_beyond_the_spinodal_is_not_a_number():
    """At 8500 K periclase is torn apart below some 30 GPa: NaN in every property there, numbers above."""
    result = fms.state("MgO periclase", np.array([20e9, 50e9]), 8500.0)
    for values in (result.gibbs_energy, result.volume, result.entropy, result.bulk_modulus):
        assert np.isnan(values).tolist() == [True, False]


@pytest.mark.parametrize(
    "P, T", [(19e9, 3000.0), (141e9, 3000.0), (52e9, 900.0), (52e9, 9000.0), (np.nan, 3000.0), (52e9, np.nan)]
)
def test_conditions_outside_are_refused(P, T):
    with pytest.raises(InputError, match="allowed"):
        fms.state("MgO liquid", P, T)


def test_unknown_names_are_refused():
    with pytest.raises(InputError, match="MgO liquid"):
        fms.state("MgO liquit", 52e9, 3000.0)
    with pytest.raises(InputError, match="SiO2"):
        fms.melting_temperature("SiO", 52e9)
