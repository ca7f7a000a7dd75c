"""Derivatives of the radiation by bands: by differences, the adjoint by a complex step, the leaf."""

import threading

import numpy as np
import pytest
import sympy
from support.radiation import pressures, radiator

from mocoupled.atmosphere.bands import flux as fluxes
from mocoupled.atmosphere.bands import opacity
from mocoupled.atmosphere.bands.columns import column, ln_saturation
from mocoupled.atmosphere.bands.leaf import FACTOR, STRATOSPHERE, outgoing_flux
from mocoupled.atmosphere.bands.opacity import layer_inputs
from mocoupled.dae.leaves.external import numeric

STATES = [
    (250.0, {"H2O": 1.0, "N2": 1.0, "CO2": 0.01}),
    (500.0, {"H2O": 5.0, "CO2": 10.0}),
    (1200.0, {"H2O": 270.0}),
    (1700.0, {"H2O": 100.0, "CO2": 100.0, "CO": 5.0, "H2": 1.0, "CH4": 0.3, "N2": 2.0, "O2": 1e-6}),
    (2200.0, {"NH3": 3.0, "SO2": 1.0, "H2": 100.0}),
    (3500.0, {"H2O": 3000.0, "CO": 300.0}),
]


@pytest.mark.parametrize("T, bar", STATES)
def test_gradient_agrees_with_differences(T, bar):
    """To 1e-6: that of centred differences with a step of 1e-4 in the logarithms, extrapolated."""
    at, p = radiator(bar), pressures(bar)
    emission = at.emission(T, p)
    gradient = at.gradient(emission)
    ours = np.array([T * gradient.by_T, *gradient.by_ln_p]) / emission.flux.total

    def change(k, step):
        factors = np.ones(len(p) + 1)
        factors[k] = np.exp(step)
        return at.emission(T * factors[0], p * factors[1:]).flux.total / emission.flux.total

    def difference(k, step):
        return (change(k, step) - change(k, -step)) / (2.0 * step)

    theirs = [(4.0 * difference(k, 5e-5) - difference(k, 1e-4)) / 3.0 for k in range(len(p) + 1)]
    assert np.abs(ours - theirs).max() < 1e-6


@pytest.mark.parametrize("T, bar", STATES[3:5])
def test_adjoint_agrees_with_a_complex_step(T, bar):
    """Through depths and flux, for every number that goes into them: to 1e-11 of the largest of its kind."""
    at = radiator(bar, factor=1.3)
    air = column(at.gases, T, pressures(bar), at.around)
    inputs = layer_inputs(air, at.opacity)
    emission = at.planck(air.x + np.log(1000.0))
    above = emission[-1].copy()

    def total(inputs, emission):
        depths = opacity.depths(inputs, at.opacity)
        return fluxes.outgoing(emission, above, depths, 1.3).bands.sum()

    depths = opacity.depths(inputs, at.opacity)
    flux = fluxes.outgoing(emission, above, depths, 1.3)
    by_emission, by_absorption, by_scattering = fluxes.adjoint(flux, 1.3)
    by_inputs = opacity.adjoint(depths, at.opacity, by_absorption, by_scattering)
    kinds = [(by_emission, lambda stepped: total(inputs, stepped), emission)]
    for name, values in inputs._asdict().items():

        def stepped_field(stepped, name=name):
            return total(inputs._replace(**{name: stepped}), emission)

        kinds.append((getattr(by_inputs, name), stepped_field, values))
    for ours, function, values in kinds:
        theirs = np.zeros(values.shape)
        for place in np.ndindex(values.shape):
            stepped = values.astype(complex)
            stepped[place] += 1e-30j * max(abs(values[place]), 1e-300)
            theirs[place] = function(stepped).imag / 1e-30
        scaled = ours * np.maximum(np.abs(values), 1e-300)
        assert np.abs(theirs).max() > 0.0
        assert np.abs(scaled - theirs).max() < 1e-11 * np.abs(theirs).max()


@pytest.mark.parametrize("T, bar", [STATES[2], STATES[3], (1500.0, {"H2O": 10.0, "CO2": 30.0})])
def test_the_cloud_level_stays_saturated_along_every_step(T, bar):
    """Its derivatives are exact: vapour and saturation pressure change alike, to 1e-12."""
    at, p, gases = radiator(bar), pressures(bar), len(bar)
    steps = np.repeat(p[:, None].astype(complex), gases + 1, axis=1)
    steps[np.arange(gases), np.arange(gases)] *= 1.0 + 1e-30j
    surface = np.full(gases + 1, complex(T))
    surface[-1] *= 1.0 + 1e-30j
    air = column(at.gases, surface, steps, at.around)
    x, water = air.x[14], at.gases.water
    vapour = air.ln_p[14] + np.log(air.mixing[water, 14])
    saturated = ln_saturation(at.gases.saturation, 1000.0 * np.exp(x), x + np.log(1000.0))
    assert vapour.real == pytest.approx(saturated.real, rel=1e-13)
    largest = np.abs(saturated.imag).max()
    assert largest > 1e-31
    assert np.abs(vapour.imag - saturated.imag).max() < 1e-12 * largest


# ---- the leaf


def test_leaf_is_the_flux_in_the_equations():
    """sympy differentiates it into the leaves of first order; NaN outside of its range."""
    names = ("H2O", "CO2")
    at = radiator(names)
    T, x, y = sympy.symbols("T x y")
    leaf = outgoing_flux(at)
    expression = leaf(T, x, y)
    slope = numeric([T, x, y], [expression, sympy.diff(expression, T), sympy.diff(expression, y)])
    p = np.array([3e6, 1e7])
    emission = at.emission(1600.0, p)
    gradient = at.gradient(emission)
    value, by_T, by_y = slope(1600.0, *np.log(p))
    assert value == pytest.approx(emission.flux.total, rel=1e-13)
    assert [by_T, by_y] == pytest.approx([gradient.by_T, gradient.by_ln_p[1]], rel=1e-12)
    assert np.isnan(leaf.function((0, 0, 0), 150.0, 10.0, 10.0))
    assert np.isnan(leaf.function((1, 0, 0), 7000.0, 10.0, 10.0))
    assert np.isnan(leaf.function((0, 0, 0), 1600.0, 40.0, 10.0))
    assert np.isnan(leaf.function((0, 0, 0), float("nan"), 10.0, 10.0))
    with pytest.raises(NotImplementedError, match="first derivatives"):
        leaf.function((1, 1, 0), 1600.0, 10.0, 10.0)


def test_leaf_on_arrays():
    at = radiator(("H2O", "CO2"))
    function = outgoing_flux(at).function
    T = np.array([1500.0, 1800.0])
    values = function((0, 0, 0), T, 13.0, 16.0)
    assert values == pytest.approx([function((0, 0, 0), float(t), 13.0, 16.0) for t in T], rel=1e-15)


def test_leaf_computes_equal_arguments_once(monkeypatch):
    """Value and n + 1 derivatives of one state: one emission and one gradient, in either order."""
    at = radiator(("H2O", "CO2"))
    calls = []

    def counted(name):
        plain = getattr(type(at), name)

        def function(self, *arguments):
            calls.append(name)
            return plain(self, *arguments)

        return function

    for name in ("emission", "gradient"):
        monkeypatch.setattr(type(at), name, counted(name))
    function = outgoing_flux(at).function
    for orders in ((0, 0, 0), (1, 0, 0), (0, 1, 0), (0, 0, 1), (0, 0, 0)):
        function(orders, 1600.0, 13.0, 16.0)
    assert calls == ["emission", "gradient"]
    function((0, 0, 1), 1601.0, 13.0, 16.0)
    function((0, 0, 0), 1601.0, 13.0, 16.0)
    assert calls == ["emission", "gradient"] * 2


def test_leaf_comes_back_to_the_states_of_newton_iterations(monkeypatch):
    """After up to four iterations the integrator wants the derivatives of the predicted state.

    When the result is written, it wants the values of all states that it accepted. Few emissions stay in
    memory.
    """
    at, calls = radiator(("H2O", "CO2")), []
    plain = type(at).emission
    monkeypatch.setattr(type(at), "emission", lambda self, *a: calls.append(a[0]) or plain(self, *a))
    function, value = outgoing_flux(at).function, (0, 0, 0)
    first = [function(value, 1600.0 + k, 13.0, 16.0) for k in range(5)]
    slope = function((1, 0, 0), 1600.0, 13.0, 16.0)
    assert calls == [1600.0 + k for k in range(5)]
    assert slope == at.gradient(plain(at, 1600.0, np.exp([13.0, 16.0]))).by_T
    for k in range(5, 40):
        function(value, 1600.0 + k, 13.0, 16.0)
    assert [function(value, 1600.0 + k, 13.0, 16.0) for k in range(5)] == first
    assert len(calls) == 40
    assert function((1, 0, 0), 1600.0, 13.0, 16.0) == slope
    assert len(calls) == 41


def test_threads_do_not_share_the_last_arguments():
    """Eight threads on one leaf at eight states: each has the value of its state every time."""
    function = outgoing_flux(radiator(("H2O", "CO2"))).function
    states = [1300.0 + 50.0 * k for k in range(8)]
    expected = [function((0, 0, 0), T, 13.0, 16.0) for T in states]
    wrong, begin = [], threading.Barrier(len(states))

    def work(T, value):
        begin.wait()
        for _ in range(40):
            if function((0, 0, 0), T, 13.0, 16.0) != value or not function((1, 0, 0), T, 13.0, 16.0) > 0:
                wrong.append(T)

    workers = [threading.Thread(target=work, args=pair) for pair in zip(states, expected)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert wrong == []


@pytest.mark.parametrize("T, bar", [*STATES, (500.0, {"CO2": 30.0, "N2": 70.0})])
def test_slope_by_the_stratosphere(T, bar):
    """To 1e-6 of centred differences; the leaf with the stratosphere as its last argument has it too."""
    at, p, cold = radiator(bar), pressures(bar), 225.0
    emission = at.emission(T, p, cold)

    def difference(step):
        high, low = (at.emission(T, p, cold + side * step).flux.total for side in (1.0, -1.0))
        return (high - low) / (2.0 * step)

    theirs = (4.0 * difference(0.05) - difference(0.1)) / 3.0
    ours = at.gradient(emission).by_stratosphere
    assert cold * abs(ours - theirs) / emission.flux.total < 1e-6
    leaf, none = outgoing_flux(at, further=(STRATOSPHERE,)), (0,) * (len(p) + 1)
    arguments = (T, *np.log(p).tolist(), cold)
    assert leaf.function((0, *none), *arguments) == pytest.approx(emission.flux.total, rel=1e-12)
    assert leaf.function((*none, 1), *arguments) == pytest.approx(ours, rel=1e-9)
    assert leaf.function((1, *none), *arguments) == pytest.approx(at.gradient(emission).by_T, rel=1e-9)


@pytest.mark.parametrize("T, bar", STATES)
def test_slope_by_the_factor_on_the_absorption(T, bar):
    """To 1e-10 of a complex step through the flux; a leaf whose last argument is the factor has it too."""
    at, p, factor = radiator(bar), pressures(bar), 1.3
    emission = at.emission(T, p, factor=factor)
    levels = at.planck(emission.column.x + np.log(1000.0))
    stepped = fluxes.outgoing(levels, levels[-1], emission.depths, factor + 1e-30j)
    theirs = stepped.bands.sum().imag / 1e-30
    ours = at.gradient(emission).by_factor
    assert ours == pytest.approx(theirs, rel=1e-10, abs=1e-12 * emission.flux.total)
    assert emission.flux.total == radiator(bar, factor=factor).emission(T, p).flux.total
    cold = at.around.stratosphere
    for further, values in (((FACTOR,), (factor,)), ((STRATOSPHERE, FACTOR), (cold, factor))):
        leaf, none = outgoing_flux(at, further=further), (0,) * (len(p) + len(further))
        arguments = (T, *np.log(p).tolist(), *values)
        assert leaf.function((*none, 1), *arguments) == pytest.approx(ours, rel=1e-9, abs=1e-300)
        assert leaf.function((0, *none), *arguments) == pytest.approx(emission.flux.total, rel=1e-12)
        assert leaf.function((1, *none), *arguments) == pytest.approx(at.gradient(emission).by_T, rel=1e-9)
