"""Saturation, liquidus and cotectics of MgO-FeO-SiO2: golden numbers, thermodynamic consistency, refusals."""

import json
from itertools import product

import numpy as np
import pytest
from support.places import TESTS

from mocoupled.closures.law import find
from mocoupled.constants import GAS_CONSTANT
from mocoupled.errors import ConvergenceError, InputError
from mocoupled.lower_mantle import end_members as fms
from mocoupled.lower_mantle import mixing
from mocoupled.lower_mantle.phase_diagrams import (
    BRIDGMANITE,
    FERROPERICLASE,
    PHASES,
    STISHOVITE,
    phase_diagram,
    solid_oxides,
)

GOLDEN = json.loads((TESTS / "reference" / "fms_golden.json").read_text(encoding="utf-8"))
MELTS = np.array(
    [(0.0667, 0.6, 0.3333), (0.07, 0.505, 0.425), (0.3, 0.4, 0.3), (0.2, 0.2, 0.6), (0.6, 0.2, 0.2)]
)
MELTS[0] /= MELTS[0].sum()
BULK = {
    "olivine": (0.2 / 3, 1.8 / 3, 1 / 3),
    "pyrolite_.425": (0.07, 0.505, 0.425),
    "pyrolite_.43": (0.07, 0.5, 0.43),
    "MgSiO3": (0.0, 0.5, 0.5),
}


def test_golden_interaction_energies():
    for where, rows in GOLDEN["W"].items():
        P, T = (float(v) for v in where.split(","))
        for name, (magnesium, iron) in rows.items():
            assert float(find(mixing.KIND, name)(P=P * 1e9, T=T)) == pytest.approx(magnesium, rel=1e-9)
            assert float(find("liquid_mixing_iron", "Boukare2015")(P=P * 1e9)) == pytest.approx(
                iron, rel=1e-9
            )


@pytest.mark.parametrize("row", GOLDEN["liquidus"], ids=lambda r: f"{r['P']}-{r['comp']}")
def test_golden_liquidus(row):
    """Temperature to 0.01 K, densities to 0.1 kg/m3, as printed.

    The end-members are those of a table; the golden numbers use direct ones.
    """
    diagram = phase_diagram(row["P"] * 1e9)
    x = np.array(BULK[row["comp"]])
    T, phase, converged = diagram.liquidus(x)
    assert converged and PHASES[int(phase)].startswith({"fp": "ferro", "brg": "bridg"}[row["phase"]])
    assert float(T) == pytest.approx(row["T"], abs=0.0051)
    _, y = diagram.saturation(x, T)
    np.testing.assert_allclose(y, [row["y_fp"], row["y_brg"]], atol=5.1e-5)
    densities = [
        diagram.melt_density(x, T),
        *(diagram.solid_density(k, T, y[k]) for k in (BRIDGMANITE, FERROPERICLASE)),
    ]
    np.testing.assert_allclose(densities, [row["rho_melt"], row["rho_brg"], row["rho_fp"]], atol=0.051)


def test_golden_cotectic():
    """Printed to 5 digits and 0.01 K."""
    rows = GOLDEN["cotectic_52GPa_full"]
    x, T, y, converged = phase_diagram(52e9).cotectic(
        FERROPERICLASE, BRIDGMANITE, np.array([row["r"] for row in rows])
    )
    assert converged.all()
    np.testing.assert_allclose(x, [row["x"] for row in rows], atol=5.1e-6)
    np.testing.assert_allclose(T, [row["T"] for row in rows], atol=0.0051)
    np.testing.assert_allclose(y, [[row["y_fp"], row["y_brg"]] for row in rows], atol=5.1e-6)


@pytest.mark.parametrize(
    "P, silica, T", [(25, 0.431, 2909), (52, 0.414, 3512), (85, 0.422, 3763), (129, 0.423, 3863)]
)
def test_iron_free_eutectics(P, silica, T):
    """Fe-free ferropericlase-bridgmanite eutectics, as tabulated (three digits, 1 K)."""
    x, temperature, _, converged = phase_diagram(P * 1e9).cotectic(FERROPERICLASE, BRIDGMANITE, 0.0)
    assert (
        converged
        and x[2] == pytest.approx(silica, abs=5.1e-4)
        and float(temperature) == pytest.approx(T, abs=0.51)
    )


def test_second_cotectic():
    """Bridgmanite-stishovite at 52 GPa, as tabulated."""
    r = np.array([0.0, 0.1, 0.2, 0.4, 0.6, 0.8])
    x, _, _, _ = phase_diagram(52e9).cotectic(BRIDGMANITE, STISHOVITE, r)
    np.testing.assert_allclose(x[:, 2], [0.621, 0.609, 0.594, 0.558, 0.508, 0.433], atol=5.1e-4)


@pytest.mark.parametrize("x, T", list(product(MELTS, (3000.0, 3500.0))))
def test_saturation_is_made_of_chemical_potentials(x, T):
    """Saturation agrees with potentials of the regular solution of the notes, with direct end-members.

    Tolerance: the cubic of the table in T, 1e-5 of RT at 50 K steps.
    """
    P = 52e9
    W, W_iron = (
        float(v)
        for v in (find(mixing.KIND, "full")(P=P, T=T), find("liquid_mixing_iron", "Boukare2015")(P=P))
    )
    xF, xM, xS = x
    G = {name: float(fms.state(name, P, T).gibbs_energy) for name in fms.END_MEMBERS}
    RT = GAS_CONSTANT * T
    mu_M = G["MgO liquid"] + RT * np.log(xM) + W * xS * (1 - xM) - W_iron * xF * xS
    mu_F = G["FeO liquid"] + RT * np.log(xF) + W_iron * xS * (1 - xF) - W * xM * xS
    mu_S = G["SiO2 liquid"] + RT * np.log(xS) + W * xM * (1 - xS) + W_iron * xF * (1 - xS)
    affinity = [
        [mu_F - G["FeO wüstite"], mu_M - G["MgO periclase"]],
        [mu_F + mu_S - G["FeSiO3 bridgmanite"], mu_M + mu_S - G["MgSiO3 bridgmanite"]],
        [mu_S - G["SiO2 stishovite"]],
    ]
    terms = [np.exp(np.array(a) / RT) for a in affinity]
    index, iron = phase_diagram(P).saturation(x, T)
    np.testing.assert_allclose(index, [np.log(t.sum()) for t in terms], atol=1e-5)
    np.testing.assert_allclose(iron, [t[0] / t.sum() for t in terms[:2]], atol=1e-6)


@pytest.mark.parametrize("name", [*mixing.readings()])
def test_slopes_agree_with_differences(name):
    diagram = phase_diagram(52e9, name)
    for x, T in product(MELTS, (2987.0, 3513.0)):
        values, slopes = diagram.with_slopes(x, T)
        for k in range(4):
            h = 1e-5 if k < 3 else 0.05
            ends = []
            for sign in (1, -1):
                z = np.array([*x, T])
                z[k] += sign * h
                ends.append(diagram.with_slopes(z[:3], z[3])[0])
            np.testing.assert_allclose(slopes[:, k], (ends[0] - ends[1]) / (2 * h), rtol=2e-5, atol=1e-7)


def test_gibbs_duhem():
    """At fixed T and P, sum of x_i d(mu_i) is zero along any change of composition.

    mu_i of MgO and SiO2 follow from the indices.
    """
    diagram = phase_diagram(52e9)
    for x in MELTS:
        for d in ((1.0, -1.0, 0.0), (0.0, 1.0, -1.0)):
            h = 1e-5 * np.array(d)
            mu = []
            for sign in (1, -1):
                index, y = diagram.saturation(x + sign * h, 3500.0)
                mu.append([index[0] + np.log(y[0]), index[0] + np.log(1 - y[0]), index[2]])  # up to constants
            assert abs(x @ (np.array(mu[0]) - mu[1])) < 1e-8


def test_liquidus_is_saturated_and_no_solid_is_stable_above():
    n = 20
    grid = np.array([(i, j, n - i - j) for i in range(n + 1) for j in range(n + 1 - i)]) / n
    for P in (25e9, 52e9, 85e9, 129e9):
        diagram = phase_diagram(P)
        T, phase, converged = diagram.liquidus(grid)
        assert converged.all() or P > 110e9
        x, T, phase = grid[converged], T[converged], phase[converged]
        index, _ = diagram.saturation(x, T)
        assert np.abs(index.max(axis=-1)).max() < 1e-9
        assert (index.argmax(axis=-1) == phase).all()
        above, _ = diagram.saturation(x, T + 5.0)
        assert above.max() < 0


def test_melts_that_would_unmix_have_no_liquidus():
    """Above 110 GPa ferropericlase would crystallise beyond 4100 K: the result is NaN.

    The mixing law `full` is no longer stable there.
    """
    x = np.array([[0.425, 0.425, 0.15], [0.07, 0.505, 0.425]])
    diagram = phase_diagram(129e9)
    T, phase, converged = diagram.liquidus(x)
    assert converged.tolist() == [False, True] and np.isnan(T[0]) and phase[0] == -1
    hot = np.linspace(4100.0, 8000.0, 200)
    index, _ = diagram.saturation(np.broadcast_to(x[0], (200, 3)), hot)
    crossing = hot[np.argmax(index.max(axis=-1) < 0)]
    assert crossing > 4100 and not diagram.stable(x[0], crossing)


def test_a_single_melt_agrees_with_an_array():
    """A single melt has the liquidus that it has in an array."""
    diagram = phase_diagram(85e9)
    T, phase, _ = diagram.liquidus(MELTS)
    for k, x in enumerate(MELTS):
        single, which, _ = diagram.liquidus(x)
        assert abs(float(single) - T[k]) < 1e-8 and which == phase[k]


def test_cotectic_is_saturated_in_both():
    for P, name in product((25e9, 52e9, 129e9), ("full", "half", "anchored")):
        diagram = phase_diagram(P, name)
        for pair in ((FERROPERICLASE, BRIDGMANITE), (BRIDGMANITE, STISHOVITE)):
            x, T, y, converged = diagram.cotectic(*pair, np.linspace(0, 0.9, 10))
            assert converged[:5].all()
            index, iron = diagram.saturation(x[converged], T[converged])
            assert np.abs(index[:, pair]).max() < 1e-9 and (index.max(axis=-1) < 1e-9).all()
            np.testing.assert_allclose(iron, y[converged])
            # it is on the liquidus by another method
            liquidus, _, _ = diagram.liquidus(x[converged])
            np.testing.assert_allclose(liquidus, T[converged], atol=1e-5)


def test_hessian_guard():
    """`full` is stable against unmixing over 25-129 GPa, 2900-4100 K.

    With W of -330 kJ/mol at 3500 K the liquid is not stable.
    """
    n = 20
    grid = np.array([(i, j, n - i - j) for i in range(1, n) for j in range(1, n - i)]) / n
    for P, T in product((25e9, 52e9, 85e9, 129e9), (2900.0, 3500.0, 4100.0)):
        assert phase_diagram(P).stable(grid, T).all()
    # -310 kJ/mol is the limit at 3500 K (W of FeO -39 kJ/mol): eb9 has -320 there
    assert not phase_diagram(52e9, "eb9").stable(grid, 3500.0).all()


def test_exchange_coefficient():
    """K_D of Fe and Mg, bridgmanite over ferropericlase, as tabulated at 52 GPa (two digits).

    It falls with T.
    """
    T = np.array([2000.0, 2500.0, 3000.0, 3200.0, 3500.0, 4000.0])
    K = phase_diagram(52e9).exchange(T)
    np.testing.assert_allclose(K, [0.64, 0.42, 0.31, 0.28, 0.25, 0.21], atol=0.0051)
    assert (np.diff(K) < 0).all()
    # the same from the compositions of the two solids with one melt
    _, y = phase_diagram(52e9).saturation(MELTS[1], T)
    np.testing.assert_allclose(y[:, 1] / (1 - y[:, 1]) / (y[:, 0] / (1 - y[:, 0])), K, rtol=1e-9)


def test_exchange_factor():
    """K_D doubles, in the exchange and with any melt.

    Ferropericlase alone and iron-free melts do not change.
    """
    plain, doubled = phase_diagram(52e9), phase_diagram(52e9, exchange_factor=2.0)
    T = np.linspace(3000.0, 3800.0, 5)
    np.testing.assert_allclose(doubled.exchange(T), 2 * plain.exchange(T), rtol=1e-12)
    (a, y), (b, z) = plain.saturation(MELTS[1], T), doubled.saturation(MELTS[1], T)
    np.testing.assert_allclose(z[:, 1] / (1 - z[:, 1]), 2 * y[:, 1] / (1 - y[:, 1]), rtol=1e-12)
    np.testing.assert_allclose(a[:, [0, 2]], b[:, [0, 2]], rtol=1e-12)
    pure = np.array([0.0, 0.5, 0.5])
    assert float(doubled.liquidus(pure)[0]) == pytest.approx(float(plain.liquidus(pure)[0]), abs=1e-6)
    # the slope in T, too
    ends = [doubled.with_slopes(MELTS[1], 3513.0 + h)[0] for h in (0.05, -0.05)]
    np.testing.assert_allclose(
        doubled.with_slopes(MELTS[1], 3513.0)[1][:, 3], (ends[0] - ends[1]) / 0.1, rtol=1e-5
    )


@pytest.mark.parametrize("P, T", [(25, 2937), (52, 3558), (85, 3804), (129, 3903), (136, 3912)])
def test_bridgmanite_melts(P, T):
    assert float(phase_diagram(P * 1e9).liquidus(np.array([0.0, 0.5, 0.5]))[0]) == pytest.approx(T, abs=0.51)


@pytest.mark.parametrize("P, T", [(25e9, 2870.0), (52e9, 3700.0), (136e9, 5200.0)])
def test_the_anchored_reading_melts_at_the_prescribed_temperature(P, T):
    for diagram in (phase_diagram(P, "anchored"), phase_diagram(P, "anchored", T)):
        assert float(diagram.liquidus(np.array([0.0, 0.5, 0.5]))[0]) == pytest.approx(T, abs=0.01)


def test_melt_volume_is_the_slope_of_its_energy():
    """V of mixing is 0.088 x_MgO x_SiO2 + 0.19 x_FeO x_SiO2 cm3/mol.

    It is added to the (tabulated) volumes of the end-members.
    """
    diagram = phase_diagram(52e9)
    pure = np.array(
        [float(fms.state(name, 52e9, 3500.0).volume) for name in ("FeO liquid", "MgO liquid", "SiO2 liquid")]
    )
    for x in MELTS:
        expected = x @ pure + x[2] * (0.088 * x[1] + 0.19 * x[0]) * 1e-6
        assert float(diagram.melt_volume(x, 3500.0)) == pytest.approx(expected, rel=1e-7)


def test_solid_oxides():
    np.testing.assert_allclose(solid_oxides(FERROPERICLASE, 0.2), [0.2, 0.8, 0])
    np.testing.assert_allclose(solid_oxides(BRIDGMANITE, 0.2), [0.1, 0.4, 0.5])
    np.testing.assert_allclose(solid_oxides(STISHOVITE, 0.0), [0, 0, 1])


@pytest.mark.parametrize("P, why", [(24.9e9, "majorite"), (136.1e9, "mantle ends"), (np.nan, "not a number")])
def test_pressures_outside_are_refused_with_the_reason(P, why):
    with pytest.raises(InputError, match=why):
        phase_diagram(P)


def test_other_bad_input():
    with pytest.raises(InputError, match="did you mean 'full'"):
        phase_diagram(52e9, "ful")
    with pytest.raises(InputError, match="anchored"):
        phase_diagram(52e9, "full", 3700.0)
    with pytest.raises(InputError, match="2000 to 6500"):
        phase_diagram(52e9, "anchored", 300.0)
    for factor in (0.0, 100.0, np.nan):
        with pytest.raises(InputError, match="0.1 to 10"):
            phase_diagram(52e9, exchange_factor=factor)
    with pytest.raises(ConvergenceError, match="table"):
        phase_diagram(52e9).with_slopes(MELTS[0], 20000.0)
