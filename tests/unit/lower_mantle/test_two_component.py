"""Two-component melting (Dannberg et al. 2021): the authors' own program, equilibrium, limits."""

import numpy as np
import pytest

from mocoupled.constants import GAS_CONSTANT
from mocoupled.errors import InputError
from mocoupled.lower_mantle import two_component_model as two

P = 120e9
# T [K], mole fraction of the iron component, density of the solid [kg/m3] and melt fraction that ASPECT 2.3
# prints at 120 GPa with
# volatiles of 1e-4 (test boukare_melting_diagram)
ASPECT = np.array(
    [
        (3400, 1.0e-7, 5204.78, 6.25319e-05),
        (3400, 0.0156251, 5243.49, 6.40126e-05),
        (3400, 0.0312501, 5282.28, 6.55402e-05),
        (3500, 0.0312501, 5276.65, 6.75019e-05),
        (3400, 0.109375, 5477.46, 7.39359e-05),
        (4450, 0.203125, 5649.02, 0.240518),
        (4400, 0.21875, 5691.44, 0.22415),
        (4450, 0.25, 5767.05, 0.341184),
        (4500, 0.125, 5450.88, 0.128384),
        (4575, 0.15625, 5524.03, 0.288366),
        (4600, 0.1875, 5600.5, 0.449592),
        (4700, 0.375, 6068.51, 1.0),
    ]
)


def test_densities_of_the_authors_program():
    """Their molar masses differ by 7e-6 (Mg component: 48.592178 g/mol); printed to six digits."""
    T, iron, density, _ = ASPECT.T
    ours = two.molar_mass(iron) / two.solid_volume(P, T, iron)
    np.testing.assert_allclose(ours, density, rtol=9e-6)


def test_melt_fractions_of_the_authors_program():
    """To 1e-6, once their fraction is made of ours as they do it.

    They turn moles into volumes with a mole of melt that holds a mole of oxides and a mole of solid that
    holds a mole of FeO + MgO, so that what is printed as 0.2405 is a volume fraction of 0.3445."""
    T, iron, _, printed = ASPECT.T
    f, x, x_s = two.melting(P, T, iron, 1e-4)
    metals = x_s * two.IRON.oxides[0] + (1 - x_s) * two.MAGNESIUM.oxides[1]
    melt, solid = f * two.melt_volume(P, T, x), (1 - f) * two.solid_volume(P, T, x_s) / metals
    np.testing.assert_allclose(melt / (melt + solid), printed, atol=1e-6)


def test_phases_are_in_equilibrium_and_the_system_is_whole():
    T = np.linspace(4340.0, 4740.0, 9)
    for v in (0.0, 1e-4, 1e-2):
        f, x, x_s = two.melting(P, T, 0.1, v)
        assert ((f > 0) & (f < 1)).all() and (np.diff(f) > 0).all()
        np.testing.assert_allclose(f * x + (1 - f) * x_s, 0.1, rtol=1e-10)
        for item, solid, melt in ((two.IRON, x_s, x), (two.MAGNESIUM, 1 - x_s, 1 - x - v / f)):
            G = (item.temperature - T) * item.entropy
            np.testing.assert_allclose(np.log(solid / melt) * item.mixing * GAS_CONSTANT * T, G, atol=1e-6)


def test_solidus_and_liquidus_bound_the_melt():
    """Without volatiles; liquidi as tabulated for iron of 0.07, 0.1, 0.2 at 120 GPa (1 K)."""
    for iron, T in ((0.07, 4774), (0.1, 4753), (0.2, 4679)):
        solidus, liquidus = two.solidus_liquidus(P, iron)
        assert liquidus == pytest.approx(T, abs=1.0)
        f, _, _ = two.melting(
            P, np.array([solidus - 0.01, solidus + 0.01, liquidus - 0.01, liquidus + 0.01]), iron
        )
        assert f[0] == 0 and 0 < f[1] < 1e-4 and 1 - 1e-3 < f[2] < 1 and f[3] == 1
    assert two.solidus_liquidus(P, 0.0) == pytest.approx((4821.2, 4821.2), abs=1e-3)
    assert two.solidus_liquidus(P, 1.0) == pytest.approx((3424.5, 3424.5), abs=1e-3)


def test_solidus_of_the_notes():
    """Solidi quoted as 4370, 4262 and 4014 K are where 0.1 % has molten with volatiles of 1e-4 (1 K)."""
    for iron, T in ((0.07, 4370.0), (0.1, 4262.0), (0.2, 4014.0)):
        low, high = two.melting(P, np.array([T - 1, T + 1]), iron, 1e-4)[0]
        assert low < 1.02e-3 and high > 1.0e-3


def test_all_solid_and_all_melt():
    f, _, _ = two.melting(P, np.array([2500.0, 6000.0]), 0.1)
    assert f.tolist() == [0.0, 1.0]
    assert np.isfinite(np.array(two.melting(P, np.linspace(2500, 6000, 50), 0.1, 1e-3))).all()


@pytest.mark.parametrize(
    "name", [two.FE_BRIDGMANITE, two.MG_BRIDGMANITE, two.WUSTITE, two.PERICLASE, two.FE_MELT, two.MG_MELT]
)
def test_volume_is_the_slope_of_the_energy(name):
    slope = (two.gibbs_energy(name, P + 1e8, 4000.0) - two.gibbs_energy(name, P - 1e8, 4000.0)) / 2e8
    assert slope == pytest.approx(two.volume(name, P, 4000.0), rel=1e-6)
    assert two.volume(name, P + 1e9, 4000.0) < two.volume(name, P, 4000.0) < two.volume(name, P, 4100.0)


def test_iron_of_the_solids():
    """The exchange holds, and the iron of both is that of the solid."""
    for iron in (0.0, 0.1, 0.5, 0.9):
        s, y, z = two.solid_iron(P, 4000.0, iron)
        metals = iron * 0.908 + (1 - iron) * 0.581
        assert s * y + (1 - s) * z == pytest.approx(iron * 0.908 / metals, abs=1e-12)
        if iron:
            G = [
                two.gibbs_energy(n, P, 4000.0)
                for n in (two.MG_BRIDGMANITE, two.WUSTITE, two.FE_BRIDGMANITE, two.PERICLASE)
            ]
            K = np.exp((G[0] + G[1] - G[2] - G[3]) / (GAS_CONSTANT * 4000.0))
            assert y / (1 - y) / (z / (1 - z)) == pytest.approx(K, rel=1e-9)


@pytest.mark.parametrize(
    "pressure, iron", [(52e9, 0.1), (150e9, 0.1), (np.nan, 0.1), (120e9, -0.1), (120e9, 1.1), (120e9, np.nan)]
)
def test_refusals(pressure, iron):
    with pytest.raises(InputError, match="allowed"):
        two.solidus_liquidus(pressure, iron)
