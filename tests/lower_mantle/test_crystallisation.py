"""Crystallisation paths: mass balance, equilibrium at every step, independent integration, ends of paths."""

import numpy as np
import pytest

from mocoupled.errors import ConvergenceError, InputError
from mocoupled.lower_mantle.crystallisation import BATCH, FRACTIONAL, crystallise
from mocoupled.lower_mantle.phase_diagrams import BRIDGMANITE, FERROPERICLASE, phase_diagram, solid_oxides

OLIVINE, PYROLITE = np.array([0.2, 1.8, 1.0]) / 3, np.array([0.07, 0.505, 0.425])


def check_path(diagram, bulk, path):
    """Assert the laws of nature of a path: oxides, equilibrium, order, signs."""
    for state in path.states:
        assert np.abs(state.melt * state.x + state.solids.sum(axis=0) - bulk).max() < 1e-10
        index, _ = diagram.saturation(state.x, state.temperature)
        assert index.max() < 1e-8 and np.abs(index[list(state.present)]).max() < 1e-8
        assert state.solids.min() > -1e-9 and abs(state.x.sum() - 1) < 1e-11
    T, N = np.array([s.temperature for s in path.states]), np.array([s.melt for s in path.states])
    assert (np.diff(N) < 0).all() and (np.diff(T) <= 1e-6).all()


@pytest.mark.parametrize("mode, until", [(FRACTIONAL, 0.02), (BATCH, 0.0)])
@pytest.mark.parametrize("mixing", ["full", "half", "anchored"])
@pytest.mark.parametrize("P", [25e9, 52e9, 129e9])
@pytest.mark.parametrize("bulk", [OLIVINE, PYROLITE], ids=["olivine", "pyrolite"])
def test_laws_of_nature(bulk, P, mixing, mode, until):
    diagram = phase_diagram(P, mixing)
    path = crystallise(diagram, bulk, mode, until, 0.02)
    check_path(diagram, bulk, path)
    assert path.end_reason == ("solidus reached." if mode == BATCH else "2 % melt reached.")


@pytest.mark.parametrize("mode, until", [(FRACTIONAL, 0.01), (BATCH, 0.0)])
def test_any_composition(mode, until):
    """Forty random melts, some without one of the oxides: each path ends for a known reason."""
    random = np.random.default_rng(7)
    for k in range(40):
        diagram = phase_diagram([25e9, 52e9, 85e9][k % 3])
        bulk = random.dirichlet([1, 1, 1])
        if k % 4 == 0:
            bulk[k // 4 % 3] = 0.0
            bulk /= bulk.sum()
        path = crystallise(diagram, bulk, mode, until, 0.02)
        check_path(diagram, bulk, path)
        assert (
            path.end_reason.startswith(("solidus reached", "1 % melt reached", "invariant point"))
            or "unmix" in path.end_reason
        ), (bulk, path.end_reason)


def test_fractional_crystallisation_by_another_way():
    """Ferropericlase from olivine: x' = x - c along ln N, by classical Runge-Kutta on the liquidus.

    Tolerance 1e-6: second order in the step of 0.25 %.
    """
    diagram = phase_diagram(52e9)
    path = crystallise(diagram, OLIVINE, FRACTIONAL, 0.9, 0.0025)

    def slope(x):
        T, phase, _ = diagram.liquidus(x)
        assert phase == FERROPERICLASE
        return x - solid_oxides(FERROPERICLASE, diagram.saturation(x, T)[1][0])

    x, h = OLIVINE.copy(), -np.log(0.9) / 20  # along the melt that is lost
    for _ in range(20):
        a = slope(x)
        b = slope(x + h / 2 * a)
        c = slope(x + h / 2 * b)
        x = x + h / 6 * (a + 2 * b + 2 * c + slope(x + h * c))
    last = path.states[-1]
    assert last.melt == pytest.approx(0.9, abs=1e-12)
    np.testing.assert_allclose(last.x, x, atol=1e-6)


def test_steps_converge_to_second_order():
    diagram = phase_diagram(52e9)
    ends = [crystallise(diagram, PYROLITE, FRACTIONAL, 0.5, step).states[-1] for step in (0.04, 0.02, 0.01)]
    errors = [np.abs(a.x - b.x).max() for a, b in zip(ends, ends[1:])]
    assert errors[1] < errors[0] / 2.5 and errors[1] < 1e-5


def test_steps_do_not_matter_in_batch():
    diagram = phase_diagram(52e9)
    a, b = (crystallise(diagram, PYROLITE, BATCH, 0.3, step).states[-1] for step in (0.1, 0.005))
    np.testing.assert_allclose(a.x, b.x, atol=1e-9)
    assert a.temperature == pytest.approx(b.temperature, abs=1e-6)


@pytest.mark.parametrize("bulk", [OLIVINE, PYROLITE], ids=["olivine", "pyrolite"])
def test_solidus_by_the_lever(bulk):
    """The last melt of batch crystallisation is on the cotectic, with solids of all the oxides.

    The expected melt is computed on the cotectic alone.
    """
    diagram = phase_diagram(52e9)
    last = crystallise(diagram, bulk, BATCH, 0.0).states[-1]
    bridgmanite = 2 * bulk[2]  # moles of oxides

    def missing(r):
        _, _, y, _ = diagram.cotectic(FERROPERICLASE, BRIDGMANITE, r)
        return float(y[1] * bridgmanite / 2 + y[0] * (1 - bridgmanite) - bulk[0])

    low, high = 0.01, 0.9
    for _ in range(60):
        low, high = (
            (0.5 * (low + high), high) if missing(0.5 * (low + high)) < 0 else (low, 0.5 * (low + high))
        )
    x, T, _, _ = diagram.cotectic(FERROPERICLASE, BRIDGMANITE, low)
    np.testing.assert_allclose(last.x, x, atol=1e-8)
    assert last.temperature == pytest.approx(float(T), abs=1e-5)


def test_batch_and_fractional_share_the_cotectic():
    """At fixed P and T two solids determine the melt, whatever the path (interpolation: 2e-5)."""
    diagram = phase_diagram(52e9)
    curves = [
        [
            (s.temperature, *s.x)
            for s in crystallise(diagram, bulk, mode, until, 0.002).states
            if s.present == (FERROPERICLASE, BRIDGMANITE)
        ]
        for bulk, mode, until in ((OLIVINE, FRACTIONAL, 0.2), (OLIVINE, BATCH, 0.0), (PYROLITE, BATCH, 0.0))
    ]
    T, *x = np.array(curves[0])[::-1].T
    for curve in curves[1:]:
        for temperature, *melt in curve:
            if T[0] <= temperature <= T[-1]:
                np.testing.assert_allclose(
                    [np.interp(temperature, T, column) for column in x], melt, atol=2e-5
                )


def test_pure_oxides_and_joins_end_at_invariant_points():
    diagram = phase_diagram(52e9)
    pure = crystallise(diagram, [0.0, 1.0, 0.0], FRACTIONAL, 0.1)
    assert len(pure.states) == 1 and "(MgO) become ferropericlase at 6005.7 K" in pure.end_reason
    for bulk, words in (
        ([0.0, 0.7, 0.3], "(MgO and SiO2) become ferropericlase and bridgmanite"),
        ([0.0, 0.3, 0.7], "bridgmanite and stishovite"),
    ):
        for mode in (FRACTIONAL, BATCH):
            path = crystallise(diagram, bulk, mode, 0.01)
            assert words in path.end_reason
            r = diagram.cotectic(*path.states[-1].present, 0.0)
            np.testing.assert_allclose(path.states[-1].x, r[0], atol=1e-7)
            assert path.states[-1].temperature == pytest.approx(float(r[1]), abs=1e-4)


def test_an_oxide_that_is_used_up_ends_the_path():
    """Fractional crystallisation of an iron-rich melt removes all MgO before 1 % is left.

    The rest is a eutectic of FeO and SiO2.
    """
    path = crystallise(phase_diagram(52e9), [0.49, 0.46, 0.05], FRACTIONAL, 0.001)
    assert "(FeO and SiO2) become ferropericlase and bridgmanite" in path.end_reason
    assert path.states[-1].x[1] < 1e-10


@pytest.mark.parametrize(
    "bulk, mode, until, step, says",
    [
        (PYROLITE, "equilibrium", 0.1, 0.01, "allowed: fractional, batch"),
        ([0.5, 0.5], FRACTIONAL, 0.1, 0.01, "mole fractions"),
        ([0.5, 0.6, 0.1], FRACTIONAL, 0.1, 0.01, "mole fractions"),
        ([-0.1, 0.6, 0.5], FRACTIONAL, 0.1, 0.01, "mole fractions"),
        ([np.nan, 0.6, 0.4], FRACTIONAL, 0.1, 0.01, "mole fractions"),
        (PYROLITE, FRACTIONAL, 0.0, 0.01, "solidus"),
        (PYROLITE, BATCH, 1.0, 0.01, "below 1"),
        (PYROLITE, FRACTIONAL, np.nan, 0.01, "below 1"),
        (PYROLITE, FRACTIONAL, 0.1, 0.5, "0.0001 to 0.1"),
        (PYROLITE, FRACTIONAL, 0.1, np.nan, "0.0001 to 0.1"),
    ],
)
def test_refusals(bulk, mode, until, step, says):
    with pytest.raises(InputError, match=says):
        crystallise(phase_diagram(52e9), bulk, mode, until, step)


def test_no_liquidus_is_an_error():
    with pytest.raises(ConvergenceError, match="no liquidus"):
        crystallise(phase_diagram(129e9), [0.425, 0.425, 0.15])
