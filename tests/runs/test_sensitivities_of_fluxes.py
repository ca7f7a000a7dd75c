"""Numbers in the fluxes of a mantle with depth: derivatives of rates, links and outputs by differences."""

from dataclasses import replace

import numpy as np
import pytest
from support.differences_of_runs import differences, slopes

import mocoupled as mo
from mocoupled.constants import YEAR
from mocoupled.dae.declare.field import profile
from mocoupled.errors import InputError, ModelError
from mocoupled.planet.assembly import assemble
from mocoupled.runs.main_job import prepare

FLUXES = ["mantle.crystal_size", "law:viscosity.factor", "mantle.conductivity", "mantle.mixing_length"]
IRON = {"cumulates.coupled": True, "cumulates.remelting": True}
# partly molten from the start
PARTLY = {"mantle.cells": 12, "run.initial_entropy": 2300.0, "mantle.crystal_size": 0.05}
CASES = {
    "reference": ("E1", PARTLY | {"mantle.closure": "reference"}, FLUXES),
    "consistent": ("E1", PARTLY | {"mantle.closure": "consistent"}, FLUXES),
    "iron": ("mars", IRON | {"mantle.cells": 12}, [*FLUXES, "law:exchange_coefficient.factor"]),
}
STEP = 1e-4
EXCHANGE = "law:exchange_coefficient.factor"


def state_of(system, frozen):
    """A state of a column: frozen and stable, or partly molten with stable and unstable layers."""
    x, many, span = system.start().x.copy(), len(system.field.components), system.field.profiles
    S = x[: system.inner : many]
    if frozen:
        S[:] = span["solid_entropy"].min() - np.linspace(50.0, 150.0, len(S))
    else:
        melt_fraction = 0.55 + 0.35 * np.cos(np.linspace(0.0, 7.0, len(S)))
        S[:] = span["solid_entropy"] + melt_fraction * span["fusion_entropy"]
    x[system.inner + system.names.index("core_mantle_entropy")] = S[-1] + 3.0
    return x


@pytest.mark.parametrize("frozen", [False, True])
@pytest.mark.parametrize("kind", CASES)
def test_rates_and_outputs_against_differences(kind, frozen):
    """At states made up, by central differences of rates at a fixed state.

    Their error is that of rounding, 1e-14 of the largest rate over the step, and the square of the step: a
    millionth of an effect that is large.
    """
    base, changes, names = CASES[kind]
    prepared = prepare(mo.Case.read(base).replace(changes), names)
    system, varied = prepared.system, prepared.wanted.varied
    x = state_of(system, frozen)
    totals = system.totals(x)
    y = np.concatenate([x, np.zeros(len(varied.start(x, 0.0)[0]) - len(x))])
    rate = system.rate(0.0, y, totals, 1e-9)
    ours = varied.forcing(0.0, y, rate, np.zeros((len(totals), len(names))), 1e-9)
    shown = varied.shown(x, np.zeros((len(x), len(names))), 0.0).changes
    stored = varied.profiles(x, np.zeros((len(x), len(names))))
    values = {p.name: p.value for p in system.model.parameters}
    acting = set()
    inner = slice(2, system.inner - 2)  # the first cell radiates, the last one takes heat of the core
    for k, name in enumerate(names):
        ends = [system.at({name: values[name] * np.exp(side * STEP)}) for side in (1, -1)]
        more, less = (end.rate(0.0, y, totals, 1e-9) for end in ends)
        theirs = (more - less) / (2 * STEP)
        for part in (inner, slice(0, system.inner), slice(system.inner, system.size)):
            whole = slice(0, system.inner) if part is inner else part
            size, rounding = np.abs(theirs[part]).max(), 1e-10 * np.abs(rate[whole]).max()
            np.testing.assert_allclose(ours[part, k], theirs[part], rtol=0, atol=1e-6 * size + rounding)
            acting |= {name} if size > 10 * rounding else set()
        more, less = (np.array(end.outputs(x)[0]) for end in ends)
        expected = (more - less) / (2 * STEP)
        np.testing.assert_allclose(shown[:, k], expected, rtol=1e-6, atol=1e-9 * np.abs(more).max())
        viscosity = stored[[o.name for o in system.field.stored].index("log10_viscosity")][:, k]
        np.testing.assert_allclose(viscosity, (name == "law:viscosity.factor") / np.log(10))
    assert acting >= ({"mantle.conductivity"} if frozen else set(names) - {"mantle.conductivity"})


def test_the_mixing_length_against_runs():
    """To 2e-3 of the largest entry, 0.1 J/kg/K: runs at rtol 1e-9 differ by up to 1e-5 J/kg/K.

    Over a step of 0.1 this is 1e-3; the fourth power of the step, which remains of two steps, is less.
    """
    changes = PARTLY | {"mantle.closure": "consistent", "run.rtol": 1e-9, "run.end_time": 50 * YEAR}
    prepared = prepare(mo.Case.read("E1").replace(changes), ["mantle.mixing_length"])
    name = "mantle.mixing_length"
    long, short = (differences(prepared, name, step) for step in (0.1, 0.05))
    expected, ours = (4 * short - long) / 3, slopes(prepared, name)
    assert np.abs(expected).max() > 0.05
    assert np.abs(ours - expected).max() < 2e-3 * np.abs(expected).max()


def test_a_number_is_a_parameter_and_stands_in_no_storage():
    model = assemble(mo.Case.read("E1").replace(PARTLY), FLUXES).model
    assert set(model.field.numbers) == set(FLUXES)
    other = replace(model.field, numbers=model.field.numbers | {"mantle.conductivity": 5.0})
    with pytest.raises(ModelError, match=r"no parameter 'mantle.conductivity' has the field's 5"):
        replace(model, field=other).check()
    (entropy,) = model.field.components
    stored = replace(entropy, storage=entropy.storage * profile("mantle.conductivity"))
    with pytest.raises(ModelError, match=r"the storage uses mantle.conductivity"):
        replace(model, field=replace(model.field, components=(stored,))).check()


@pytest.mark.parametrize(
    "base, changes, name, why, cure",
    [
        ("mars", {"cumulates.coupled": True, "mantle.model": "lumped"}, EXCHANGE, "tables of what", "depth"),
        ("E1", {}, EXCHANGE, "does not follow its iron", "cumulates.coupled"),
        ("earth", {}, "cumulates.exchange_coefficient", "factor is the parameter", EXCHANGE),
        ("earth", {}, "planet.radius", "structure of the planet", "compare two runs"),
        ("earth", {}, "core_heat_capacity", "heat of the core", "compare two runs"),
        ("earth", {}, "mantle.melt_eos", "a name or a choice", "mocoupled sweep"),
        ("earth", {}, "run.initial_surface_temperature", "through tables", "run.initial_entropy"),
        ("earth", {}, "run.rtol", "steers the computation", "compare two runs"),
        ("earth", {}, "volatiles.partition_coefficient", "number of each entry", "coefficient.H2O"),
        ("earth", {"mantle.model": "lumped"}, "crystal_size", "equations of this run do not", "state it"),
        ("earth", {}, "escape.xuv", "equations of this run do not", "state it"),
        ("E1", {}, "atmosphere.opacity_factor", "equations of this run do not", "law"),
    ],
)
def test_what_has_no_derivative_is_refused_by_name(base, changes, name, why, cure):
    with pytest.raises(InputError) as error:
        prepare(mo.Case.read(base).replace(changes), [name])
    assert repr(name) in str(error.value) and why in str(error.value) and cure in str(error.value)
