"""H2 and silicate: the binodal against values of its formula computed elsewhere, and their one solution."""

import numpy as np
import pytest
import sympy

import mocoupled as mo
from mocoupled.closures.registry import find
from mocoupled.constants import EARTH_MASS
from mocoupled.errors import InputError
from mocoupled.metal.miscibility import HIGHEST_TEMPERATURE, mixes

# mole fraction of H2: K at 0 and 5 GPa
BINODAL = {
    0.1: (1149.29, 985.11),
    0.3: (2217.17, 1900.43),
    0.5: (3490.64, 2991.98),
    0.73913: (4125.13, 3535.83),
    0.9: (3777.38, 3237.75),
    0.95: (2323.15, 1991.27),
}


@pytest.mark.parametrize("x", BINODAL)
def test_binodal(x):
    law = find("miscibility", "H2-MgSiO3-Rogers2025")
    for P, expected in zip((0.0, 5e9), BINODAL[x]):
        assert float(law(x=x, P=P)) == pytest.approx(expected, abs=6e-3)


# ---- H2 and silicate as one solution


def test_critical_point_of_the_solution():
    """The constants come from public programs; Rogers et al. 2025 print the critical point: 0.73913, 4223 K.

    It falls to zero at 35 GPa, linearly. Both derivatives of the free energy vanish there.
    """
    x, T = sympy.symbols("x T", positive=True)
    mixing = find("silicate_mixing", "H2-MgSiO3-Gilmore2026")
    for P, top in ((0.0, 4223.0), (7e9, 0.8 * 4223.0)):
        free = x * sympy.log(x) + (1 - x) * sympy.log(1 - x) + mixing(x=x, T=T, P=P)
        point = sympy.nsolve([sympy.diff(free, x, 2), sympy.diff(free, x, 3)], [x, T], [0.7, 0.9 * top])
        assert float(point[0]) == pytest.approx(0.73913, abs=6e-6)
        assert float(point[1]) == pytest.approx(top, rel=2e-4)
    assert pytest.approx(4223.57, rel=1e-6) == HIGHEST_TEMPERATURE
    assert mixes(np.array([0.2, 0.2, 0.74]), np.array([4224.0, 4223.0, 3000.0]), np.zeros(3)).tolist() == [
        True, False, True,
    ]  # fmt: skip
    assert mixes(np.array(0.6), np.array(3000.0), np.array(1e9))  # within the spinodal


MELT = {"Si": 1.0, "Mg": 1.05, "Fe": 0.9, "O": 3.3}


def test_hydrogen_in_both_phases():
    """The activity of H2 is the same in silicate and gas, and that of SiO2 with SiO and O2.

    Activity coefficients by a second writing of the subregular solution (Thompson 1967): 1e-9.
    Henry's law has ten times less hydrogen.
    """
    with pytest.warns(
        UserWarning, match="1 of 4 points are above the critical curve of H2 and silicate"
    ) as said:
        moles = MELT | {"H": [0.2, 2.0, 8.0, 16.0]}
        result = mo.planet_equilibrium(
            moles, temperature=2500.0, planet_mass=5 * EARTH_MASS, model="Gilmore2026"
        )
    assert "1 of 4 points have less than 10000 bar, where H2 is a gas" in " ".join(
        str(w.message) for w in said
    )
    assert result.outside_domain.values.tolist() == [True, False, False, True]
    both = result.isel(point=[1, 2])
    T, P = 2500.0, both.surface_pressure.values
    silicate = both.mole_fraction.sel(phase="silicate")
    x = silicate.sel(species="H2").values
    fading = (1 - T / 4800.0 - P / 35e9) / (8.314462618 * T)
    ours, theirs = -4950.0 * fading, 622000.0 * fading  # at infinite dilution of H2, of silicate
    ln_gamma = (1 - x) ** 2 * (ours + 2 * (theirs - ours) * x)
    ln_gamma_silicate = x**2 * (theirs + 2 * (ours - theirs) * (1 - x))
    share = both.pressure.sel(species="H2").values / P
    np.testing.assert_allclose(np.log(x) + ln_gamma, np.log(share), atol=1e-9)
    SiO, O2 = (np.log(both.pressure.sel(species=s).values / 1e5) for s in ("SiO", "O2"))
    standard = SiO + O2 / 2 - np.log(silicate.sel(species="SiO2").values) - ln_gamma_silicate
    assert np.ptp(standard) < 1e-9  # the constant of one temperature
    assert np.abs(both.residuals).max() < 1e-11
    henry = mo.planet_equilibrium(moles, temperature=2500.0, planet_mass=5 * EARTH_MASS).isel(point=1)
    assert float(henry.mole_fraction.sel(phase="silicate", species="H2")) < x[0] / 9
    with pytest.raises(InputError, match="model 'Gilmore2026' has one temperature"):
        mo.planet_equilibrium(moles, temperature=2500.0, metal_temperature=2600.0, model="Gilmore2026")
