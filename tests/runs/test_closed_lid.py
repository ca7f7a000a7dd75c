"""A lid that closes: the gas is a closed system in equilibrium, and the mantle keeps its volatiles."""

import json

import numpy as np
import pytest
from support.closed_lid import (
    CASES,
    COLUMN,
    EARTH,
    ESCAPE,
    LUMPED,
    both_sides,
    equilibrium_of,
    lid_of,
    ready,
    result_of,
)

import mocoupled as mo
from mocoupled.cli.installation_check import jacobian_misfit
from mocoupled.constants import YEAR
from mocoupled.errors import InputError

ALL = pytest.mark.parametrize("what", CASES)
GASES = [what for what in CASES if what != "no gas"]


@ALL
def test_what_is_conserved_under_the_lid(what):
    """Elements of the gas (what escaped included), of the mantle and of both; energy, over the whole run."""
    result = result_of(what)
    lid = lid_of(result)
    assert result.attrs["status"] == "complete" and lid + 20 < result.sizes["time"]
    assert float(result.energy_drift.max()) < 1e-10
    if what == "no gas":
        assert "pressure" not in result
        return
    assert float(result.element_drift.max()) < 1e-10
    assert float(result.gas_element_drift.max()) < 1e-10
    dissolved = result.dissolved_mass.values
    assert (dissolved[lid:] == dissolved[lid]).all() and dissolved[0].max() > 0
    moles = result.gas_element_moles.values[lid:]
    if "escape" not in what:
        assert (np.abs(moles / moles[0] - 1) < 1e-10).all()
    assert float(result.equilibrium_drift.max()) < 1e-10


@pytest.mark.parametrize("what", GASES)
def test_the_series_go_on_at_the_lid(what):
    """The state under the lid is the state before it: pressures to 1e-8, all else to 1e-12; the smooth switch
    of a condensate that is not there, and the extents, which begin anew, apart."""
    before, under, lid = both_sides(what)
    assert lid.time > 0
    odd = []
    for name, value in before.items():
        if name not in under or name[0] in ("reaction_mass", "graphite_mass", "water_mass"):
            continue
        limit = 1e-8 if "pressure" in name[0] else 1e-12
        if abs(under[name] - value) > limit * abs(value):
            odd.append((name, value, under[name]))
    assert not odd
    for name in ("graphite_mass", "water_mass"):
        gas = sum(v for (n, _), v in before.items() if n == "gas_mass")
        assert under.get((name, ""), 0.0) == pytest.approx(before.get((name, ""), 0.0), abs=1e-12 * gas)


IDEAL = ["buffered", "without O2 in the gas", "nitrogen and sulphur", "budget of oxygen", "escape", "column"]


@pytest.mark.parametrize("what", IDEAL)
def test_the_gas_is_the_equilibrium_of_a_closed_system(what):
    """That of `mo.gas_equilibrium` of the stored elements, temperature and pressure, at four states."""
    result = result_of(what)
    lid, last = lid_of(result), result.sizes["time"] - 1
    for index in {lid, (2 * lid + last) // 3, (lid + 2 * last) // 3, last}:
        state = equilibrium_of(result, index)
        stored = result.mixing_ratio.isel(time=index)
        for name in map(str, result.species.values):
            expected = float(state.pressure.sel(species=name) / state.total_pressure)
            assert float(stored.sel(species=name)) == pytest.approx(expected, rel=1e-7, abs=1e-25), name


def test_graphite_above_the_lid_is_that_of_a_closed_system():
    """Graphite goes on in the closed system, first into CH4 and then out of CO: at every state the gas and
    its graphite are the equilibrium of the elements of both."""
    result = result_of("graphite")
    lid = lid_of(result)
    graphite, weight = result.graphite_mass.values, json.loads(result.attrs["molar_masses"])["C(gr)"]
    assert graphite[lid:].min() < 0.995 * graphite[lid] and graphite[-1] > 1.01 * graphite[lid]
    for index in (lid, int(np.argmin(graphite[lid:])) + lid, -1):
        state = equilibrium_of(result, index, condensates=("C(gr)",))
        expected = float(state.condensate_moles.sel(condensate="C(gr)")) * weight
        assert graphite[index] == pytest.approx(expected, rel=1e-6)
        for name in map(str, result.species.values):
            ratio = float(state.pressure.sel(species=name) / state.total_pressure)
            assert float(result.mixing_ratio[index].sel(species=name)) == pytest.approx(ratio, rel=1e-6)


@pytest.mark.parametrize("what", GASES)
def test_jacobian_under_the_lid(what):
    """Generated against differences, at the start under the lid."""
    *_, lid = both_sides(what)
    assert jacobian_misfit(lid.system, lid.state, 1.0 / YEAR) < 1e-5


@pytest.mark.parametrize("what", ["buffered", "escape", "column"])
def test_before_the_lid_it_is_the_run_that_ends_there(what):
    """Every number, bit by bit."""
    closed, lid = result_of(what), lid_of(result_of(what))
    name, changes = CASES[what]
    ended = mo.run(mo.Case.read(name).replace(changes | {"run.after_lid": "end"}))
    assert ended.attrs["end_name"] == "surface lid" and ended.sizes["time"] == lid + 1
    for variable in ended.data_vars:
        if variable != "integrator_energy_drift":  # over the largest change of the heat in the whole run
            np.testing.assert_array_equal(closed[variable][: lid + 1], ended[variable], err_msg=variable)


def test_hydrogen_stays_below_a_lid_that_closes():
    """The hypothesis of Bower et al. 2022, section 4.2: of equilibrium crystallisation the mantle keeps most
    of its hydrogen under the lid, at some 30 % of melt."""
    closed = mo.run(mo.Case.read("E1").replace(COLUMN))
    lid = lid_of(closed)
    assert 0.25 < float(closed.melt_fraction[lid]) < 0.35  # "the mantle is around 30 % molten"
    kept = float(closed.dissolved_mass.sel(species="H2O")[-1])
    assert kept == float(closed.dissolved_mass.sel(species="H2O")[lid])
    assert kept * 2 / 18.01528 > 0.95 * 1.55e20  # kg of hydrogen, of one ocean
    # a gas of H2 and H2O alone keeps their ratio, as its hydrogen and oxygen do not change
    np.testing.assert_allclose(
        closed.pressure[lid:],
        closed.pressure[[lid]].values.repeat(closed.sizes["time"] - lid, axis=0),
        rtol=1e-9,
    )
    assert float(closed.surface_temperature[-1]) < 1000
    assert float(closed.log10_fO2[-1]) < float(closed.log10_fO2[lid]) - 5


@pytest.mark.parametrize("what", ["buffered", "nitrogen and sulphur", "escape"])
def test_the_pressure_is_the_weight_of_the_gas(what):
    """P = m g/A: constant under the lid but for what condenses or escapes."""
    result, planet = result_of(what), mo.Case.read("earth").planet
    weight = result.gas_mass.sum("species").values * planet.gravity / (4 * np.pi * planet.radius**2)
    np.testing.assert_allclose(result.surface_pressure.values, weight, rtol=1e-12)
    lid = lid_of(result)
    mass = result.gas_mass.sum("species").values + result.graphite_mass.values
    gone = result.escaped_mass.values if "escaped_mass" in result else np.zeros(len(mass))
    np.testing.assert_allclose((mass + gone)[lid:], (mass + gone)[lid], rtol=1e-10)


def test_an_open_surface_lets_go_of_what_a_closed_one_keeps():
    """The last 2 % of melt freeze under both; the open planet has then outgassed, the closed one not."""
    name, changes = CASES["buffered"]
    closed = result_of("buffered")
    opened = mo.run(mo.Case.read(name).replace(changes | {"run.after_lid": "open"}))
    kept, left = (float(r.dissolved_mass.sel(species="H2O")[-1]) for r in (closed, opened))
    assert float(closed.melt_fraction[-1]) == pytest.approx(float(opened.melt_fraction[-1]), rel=1e-6)
    assert left < 0.1 * kept and float(opened.surface_pressure[-1]) > 1.1 * float(closed.surface_pressure[-1])


def test_escape_is_from_the_gas_alone():
    result = result_of("escape")
    lid = lid_of(result)
    escaped = result.escaped_mass.values
    assert (np.diff(escaped) > 0).all()
    hydrogen = result.gas_element_moles.sel(gas_element="H").values
    lost = (escaped - escaped[lid]) / 2.01588e-3 * 2
    np.testing.assert_allclose(hydrogen[lid:], hydrogen[lid] - lost[lid:], rtol=1e-13)
    oxygen = result.gas_element_moles.sel(gas_element="O").values[lid:]
    np.testing.assert_allclose(oxygen, oxygen[0], rtol=1e-12)


def test_a_gas_that_has_lost_its_hydrogen_ends_the_run():
    strong = {"escape.prefactor": 1e4, "volatiles.hydrogen": "0.02 ocean"}
    result = mo.run(mo.Case.read("earth").replace(EARTH | ESCAPE | strong))
    assert result.attrs["end_name"] == "hydrogen escaped" and result.attrs["status"] == "complete"
    hydrogen = result.gas_element_moles.sel(gas_element="H").values
    assert hydrogen[-1] / hydrogen[lid_of(result)] == pytest.approx(1e-5, rel=1e-6)
    assert float(result.element_drift.max()) < 1e-10


def test_what_one_side_of_the_lid_does_not_have():
    """Of ferric iron the share of the melt, of one gas the oxygen fugacity: NaN under the lid, and said."""
    for what, name in (("ferric iron", "ferric_share"), ("one gas", "log10_fO2")):
        result = result_of(what)
        lid = lid_of(result)
        values = result[name].values
        assert np.isfinite(values[: lid + 1]).all() and np.isnan(values[lid + 1 :]).all()
        assert result[name].attrs["missing"] == "not known after the lid closed"
    iron = result_of("ferric iron")
    for name in ("mantle_ferric_share", "ferric_oxygen_mass"):
        assert (iron[name].values[lid_of(iron) :] == iron[name].values[lid_of(iron)]).all()
    assert np.isfinite(iron.delta_IW.values).all()


# ---- ends and refusals


def test_ends_before_the_lid():
    """A run that ends first is that of after_lid = 'end'."""
    for end in ({"run.end_time": "1 kyr"}, {"run.end_melt_fraction": 0.5}):
        closed = mo.run(mo.Case.read("earth").replace(EARTH | end))
        assert "lid" not in closed.attrs and json.loads(closed.attrs["passed"]) == {}
        assert "gas_element_moles" not in closed


def test_ends_under_the_lid():
    time = result_of("buffered").time.values
    for end, name in (
        ({"run.end_time": 0.5 * (time[lid_of(result_of("buffered"))] + time[-1])}, "end of time"),
        ({"run.end_melt_fraction": 0.01}, "melt fraction"),
    ):
        result = mo.run(mo.Case.read("earth").replace(EARTH | end))
        assert result.attrs["end_name"] == name and lid_of(result) < result.sizes["time"] - 1
    assert json.loads(result.attrs["passed"]).keys() == {"surface lid"}


@pytest.mark.parametrize(
    ("case", "changes", "words"),
    [
        ("earth", {"run.initial_entropy": 1500.0, **COLUMN}, "starts with a surface at"),
        ("L", LUMPED, "O2 is not among its species"),
    ],
)
def test_what_cannot_be_computed_is_refused(case, changes, words):
    with pytest.raises(InputError, match=words) as error:
        mo.run(mo.Case.read(case).replace(changes))
    assert "after_lid = 'closed'" in str(error.value)


def test_an_end_temperature_above_the_start_is_refused_as_before():
    with pytest.raises(InputError, match="the run would end at 2800 K"):
        mo.Case.read("earth").replace(EARTH | {"run.end_surface_temperature": 2800.0})


def test_the_equations_under_the_lid_have_no_solubility():
    run = ready("buffered")
    assert run.under_lid is not None
    names = {p.name for p in run.under_lid.model.parameters}
    assert {"kept[H2O]", "kept[CO2]", "moles_O"} <= names and "oxygen_fugacity_offset" not in names
    assert not any("solubility" in w.law for w in run.under_lid.model.watches)
