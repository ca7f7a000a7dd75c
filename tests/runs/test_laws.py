"""Laws of nature at random conditions: elements, equilibrium, signs, directions, scale, order of species,
batch and loop."""

import json

import numpy as np
import pytest
import xarray
from hypothesis import given, settings
from hypothesis import strategies as st
from support.grey import grey

import mocoupled as mo
from mocoupled.chemistry.equilibrium_constants import ln_K_values
from mocoupled.chemistry.mechanism import read_mechanism
from mocoupled.chemistry.stoichiometry import reactions
from mocoupled.results import file_names, netcdf, output

FEW = settings(max_examples=25)
OCEAN = 1.55e20
FIVE = ("H2", "H2O", "CO", "CO2", "CH4")
temperatures, fractions = st.floats(1350.0, 3200.0), st.floats(0.0, 1.0)
oceans, ratios, offsets = st.floats(0.01, 20.0), st.floats(0.01, 10.0), st.floats(-6.0, 5.0)


@pytest.fixture(scope="module")
def earth():
    return mo.Case.read("earth")


@given(temperatures, st.floats(3.0, 9.0), st.tuples(*[st.floats(-3.0, 1.0)] * 3), st.floats(-6.0, 6.0))
@FEW
def test_closed_system(T, exponent, logs, scale):
    """Elements are conserved, ln Q = ln K of every reaction of the gases, nothing is negative, the pressures
    add up to the total; and 10^scale times the moles give the same pressures and 10^scale times every
    amount."""
    moles = {e: 10.0**x for e, x in zip("HCO", logs)}
    P, factor = 10.0**exponent, 10.0**scale
    state, scaled = (
        mo.gas_equilibrium(T, P, {e: k * n for e, n in moles.items()}, species=FIVE + ("O2",))
        for k in (1.0, factor)
    )
    if not bool(state.converged):  # said, with NaN: where rounding leaves nothing of C - O
        assert np.isnan(state.gas_moles).all()
        return
    mechanism = read_mechanism("volatiles")
    for e, n in moles.items():
        total = sum(
            mechanism.species[str(s)].composition.get(e, 0) * float(state.gas_moles.sel(species=s))
            for s in state.species.values
        )
        total += float(state.condensate_moles.sum()) if e == "C" else 0.0
        assert total == pytest.approx(n, rel=1e-11)
    assert (
        (state.gas_moles >= 0).all() and (state.pressure >= 0).all() and (state.condensate_moles >= 0).all()
    )
    assert float(state.pressure.sum()) == pytest.approx(P, rel=1e-12)
    ln_p = {str(s): float(np.log(state.pressure.sel(species=s) / 1e5)) for s in state.species.values}
    for reaction in reactions(mechanism, list(FIVE)):
        if all(np.isfinite(ln_p[s]) for s, _ in reaction.stoichiometry):
            quotient = sum(float(c) * ln_p[s] for s, c in reaction.stoichiometry)
            assert quotient == pytest.approx(float(ln_K_values(mechanism, reaction, T, "nasa7")[0]), abs=1e-8)
    np.testing.assert_allclose(scaled.pressure, state.pressure, rtol=1e-8, atol=1e-30 * P)
    np.testing.assert_allclose(scaled.gas_moles / factor, state.gas_moles, rtol=1e-8, atol=1e-30)


@given(temperatures, fractions, oceans, ratios, offsets)
@FEW
def test_more_hydrogen_and_more_oxygen(earth, T, phi, hydrogen, ratio, offset):
    """With twice the hydrogen, beside the same carbon, the pressures of H2 and H2O and that of the surface
    are higher; one log unit of fO2 raises H2O/H2 by sqrt(10), as ln Q = ln K says, and CO2/CO as much; the
    pressures add up."""
    H = hydrogen * OCEAN
    states = mo.equilibrium(
        earth,
        T,
        phi,
        hydrogen=[H, 2 * H, H],
        carbon=H * ratio,
        oxygen_fugacity_offset=[offset, offset, offset + 1.0],
    )
    assert bool(states.converged.all()) and (states.pressure > 0).all()
    p = {str(s): states.pressure.sel(species=s).values for s in states.species.values}
    assert (
        p["H2"][1] > p["H2"][0]
        and p["H2O"][1] > p["H2O"][0]
        and states.surface_pressure[1] > states.surface_pressure[0]
    )
    for oxidised, reduced in (("H2O", "H2"), ("CO2", "CO")):
        ratio = p[oxidised] / p[reduced]
        assert ratio[2] / ratio[0] == pytest.approx(np.sqrt(10.0), rel=1e-9) and ratio[1] == pytest.approx(
            ratio[0], rel=1e-9
        )
    np.testing.assert_allclose(states.pressure.sum("species"), states.surface_pressure, rtol=1e-12)


@given(st.lists(st.tuples(temperatures, fractions, oceans, ratios, offsets), min_size=2, max_size=6))
@settings(FEW, max_examples=10)
def test_batch_is_loop(earth, points):
    T, phi, hydrogen, ratio, offset = map(np.array, zip(*points))
    H = hydrogen * OCEAN
    batch = mo.equilibrium(earth, T, phi, hydrogen=H, carbon=H * ratio, oxygen_fugacity_offset=offset)
    for k in range(len(points)):
        alone = mo.equilibrium(
            earth, T[k], phi[k], hydrogen=H[k], carbon=H[k] * ratio[k], oxygen_fugacity_offset=offset[k]
        )
        np.testing.assert_allclose(alone.pressure, batch.pressure[:, k], rtol=1e-9)


@given(st.permutations(FIVE))
@settings(FEW, max_examples=4)
def test_the_order_of_species_means_nothing(earth, order):
    """Pressures and masses by name are the same, whatever the order in which the species are listed."""
    T, phi = [1500.0, 2300.0], [0.1, 1.0]
    expected = mo.equilibrium(earth.replace({"chemistry.species": list(FIVE)}), T, phi)
    permuted = mo.equilibrium(earth.replace({"chemistry.species": list(order)}), T, phi).sel(
        species=expected.species
    )
    for name in ("pressure", "gas_mass", "dissolved_mass", "graphite_mass", "surface_pressure"):
        np.testing.assert_allclose(permuted[name], expected[name], rtol=1e-9, atol=1.0, err_msg=name)


@pytest.fixture(scope="module")
def small_run():
    change = {
        "mantle.model": "lumped",
        "mantle.shells": 10,
        "run.end_surface_temperature": "2600 K",
        "run.rtol": 1e-4,
    }
    return mo.run(grey().replace(change))


@given(st.data())
@settings(FEW, max_examples=8)
def test_netcdf_keeps_every_bit(small_run, tmp_path_factory, data):
    """Any finite numbers (subnormal, -0.0, the largest) in a result come back from its folder with the same
    bits, and so do the attributes."""
    numbers = st.floats(allow_nan=False, allow_infinity=False, width=64)
    n = small_run.sizes["time"]
    changed = small_run.copy(deep=True)
    changed["flux"].values[:] = data.draw(st.lists(numbers, min_size=n, max_size=n))
    folder = tmp_path_factory.mktemp("bits")
    netcdf.write(changed, folder / file_names.EVOLUTION)
    again = mo.read(folder)
    assert again.flux.values.tobytes() == changed.flux.values.tobytes()
    assert again.attrs == changed.attrs and set(again.variables) == set(changed.variables)
    for name in changed.variables:
        assert (
            np.array_equal(again[name].values, changed[name].values)
            and again[name].attrs == changed[name].attrs
        )


def test_a_stored_run_is_the_run(small_run, tmp_path):
    output.write(small_run, tmp_path / "run")
    again = mo.read(tmp_path / "run")
    assert isinstance(again, xarray.Dataset) and again.identical(small_run)
    assert json.loads((tmp_path / "run" / "summary.json").read_text())["status"] == small_run.attrs["status"]


@given(st.floats(0.1, 300.0), st.floats(-3.0, 2.0), st.floats(0.5, 3.0))
@settings(FEW, max_examples=2)
def test_a_pile_in_the_column_loses_nothing(xuv, offset, hydrogen):
    """A soft pile that melts again, and escape: each element, counted from the stored masses of gas, melt and
    what escaped, is that of the start to 1e-12; energy closes to rounding, iron to 1e-10."""
    stated = {
        "mantle.cells": 10,
        "chemistry.thermochemistry": "nasa7",
        "redox.oxygen_fugacity": f"IW{offset:+f}",
    }
    stated |= {
        "cumulates.coupled": True,
        "cumulates.viscosity": 1e16,
        "mantle.closure": "consistent",
        "run.end_time": "3 kyr",
    }
    stated |= {
        "escape.law": "Zahnle2019",
        "escape.xuv": xuv,
        "volatiles.solubility.H2": "basalt-Hirschmann2012",
    }
    stated |= {"volatiles.hydrogen": f"{hydrogen} ocean", "volatiles.carbon": "1 C/H"}
    run = mo.run(mo.Case.read("E1").replace(stated))
    assert run.attrs["status"] == "complete"
    mechanism, atoms = read_mechanism("volatiles"), {}
    for s in run.species.values:
        species, masses = mechanism.species[str(s)], run.sel(species=s)
        assert (masses.gas_mass >= 0).all() and (masses.dissolved_mass >= 0).all()
        for mass in (masses.gas_mass, masses.dissolved_mass):
            for e, n in species.composition.items():
                atoms[e] = atoms.get(e, 0.0) + n * mass / species.molar_mass
    atoms["H"] = atoms["H"] + 2 * run.escaped_mass / mechanism.species["H2"].molar_mass
    assert float(run.escaped_mass[-1]) > 0
    for e in "HC":
        np.testing.assert_allclose(atoms[e], float(atoms[e][0]), rtol=1e-12, err_msg=e)
    assert float(run.element_drift.max()) < 1e-12 and float(run.energy_drift.max()) < 1e-12
    assert float(run.integrator_energy_drift.max()) < 1e-4 and float(run.iron_drift.max()) < 1e-10
