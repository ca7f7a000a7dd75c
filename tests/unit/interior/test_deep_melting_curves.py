"""Melting curves to 1 TPa against values of the published formulas, their slopes, and where they cross."""

import numpy as np
import pytest

from mocoupled.closures.registry import find
from mocoupled.errors import InputError
from mocoupled.interior.deep_melting_curves import check_curves, crossing

PRESSURES = np.array([24, 50, 136, 200, 300, 500, 1000]) * 1e9
# K, from the published formulas by another program
VALUES = {
    ("liquidus", "Fei2021"): (3793.3, 4590.8, 5954.9, 6583.0, 7314.9, 8353.9, 10003.6),
    ("solidus", "Monteux2016"): (2474.6, 2884.7, 4161.0, 5054.3, 6383.7, 8875.8, 14536.8),
    ("liquidus", "Monteux2016-chondritic"): (2669.7, 3257.4, 4764.2, 5662.4, 6864.5, 8850.2, 12660.3),
    ("liquidus", "Monteux2016-peridotitic"): (2768.6, 3740.1, 5636.1, 6601.2, 7794.5, 9609.7, 12766.7),
}
STIXRUDE = {
    "liquidus": (5325.4, 6408.4, 7785.2, 9948.5, 13875.6),
    "solidus": (4309.5, 5185.9, 6300.1, 8050.8, 11228.7),
}


@pytest.mark.parametrize(("kind", "name"), VALUES)
def test_values(kind, name):
    """To 0.1 K: half a unit of the last digit, and what is left of the step at 20 or 2.55 GPa."""
    assert find(kind, name)(P=PRESSURES) == pytest.approx(VALUES[kind, name], abs=0.1)


@pytest.mark.parametrize("kind", STIXRUDE)
def test_stixrude(kind):
    """From 136 GPa on the power law, to 1 K: what is left of the shallow curve is (50 K)^2/(4 x 1200 K)."""
    assert find(kind, "Stixrude2014")(P=PRESSURES[2:]) == pytest.approx(STIXRUDE[kind], abs=1.0)
    surface = float(find(kind, "Stixrude2014")(P=0.0))
    assert surface == pytest.approx({"solidus": 1661.2, "liquidus": 1982.1}[kind], abs=10)


@pytest.mark.parametrize(
    ("kind", "name"), [*VALUES, ("solidus", "Stixrude2014"), ("liquidus", "Stixrude2014")]
)
def test_slopes(kind, name):
    """Central differences over 2 MPa agree to 1e-5, at the steps too, and curves rise everywhere."""
    P = np.concatenate([PRESSURES, [1e9, 2.55e9, 20e9, 40e9]])
    law = find(kind, name)
    slope = (law(P=P + 1e6) - law(P=P - 1e6)) / 2e6
    np.testing.assert_allclose(law.derivative(P), slope, rtol=1e-5)
    everywhere = np.linspace(0, 1.5e12, 3001)
    assert (law.derivative(everywhere) > 0).all()
    assert np.isfinite(law.derivative(everywhere)).all()


@pytest.mark.parametrize(
    ("liquidus", "at"),
    [("Monteux2016-chondritic", 492e9), ("Fei2021", 431e9), ("Monteux2016-peridotitic", 662e9)],
)
def test_where_curves_cross(liquidus, at):
    """492, 431 and 662 GPa with the solidus of Monteux et al. 2016: half of the last digit."""
    curves = find("solidus", "Monteux2016"), find("liquidus", liquidus)
    assert crossing(*curves, 1e12) == pytest.approx(at, abs=0.51e9)
    assert crossing(*curves, 0.98 * at) is None
    with pytest.raises(InputError, match=f"the curves cross at {at / 1e9:.0f} GPa, within the mantle"):
        check_curves(*curves, 1e12, "heavy [mantle]")


def test_curves_of_one_law_do_not_cross():
    """Stixrude 2014 to 1.5 TPa."""
    check_curves(find("solidus", "Stixrude2014"), find("liquidus", "Stixrude2014"), 1.5e12)


@pytest.mark.parametrize("P", [-1.0, np.nan])
def test_pressures_without_a_curve(P):
    """A negative pressure and NaN."""
    with pytest.raises(InputError, match="not defined at this pressure"):
        find("solidus", "Stixrude2014")(P=P)
