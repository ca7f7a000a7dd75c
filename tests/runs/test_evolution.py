"""Evolution with the lumped mantle: every shipped case against the laws of nature, and against quadratures of
its own."""

import json

import numpy as np
import pytest
from scipy.integrate import simpson

import mocoupled as mo
from mocoupled.cli.installation_check import jacobian_misfit
from mocoupled.constants import YEAR
from mocoupled.dae.solve.system import System
from mocoupled.errors import InputError
from mocoupled.planet.assembly import assemble, assemble_equilibrium
from mocoupled.runs.evolution import evolve
from mocoupled.runs.main_job import prepare


def lumped(name):
    """A shipped case with the mantle well mixed, which runs in a tenth of a second, to its lid."""
    return mo.Case.read(name).replace(
        {"mantle.model": "lumped", "run.after_lid": "end", "run.end_melt_fraction": "none"}
    )


# how planets that their star keeps molten end, beside the law "bands"
MOLTEN = {
    "chili-venus": "steady",
    "chili-trappist1b": "steady",
    "chili-trappist1alpha": "hot edge of the data",
}


@pytest.mark.parametrize("name", list(mo.shipped_cases()))
def test_shipped_case(name):
    """Its generated Jacobian agrees with differences to 1e-6 at the start, halfway and at the end; it reaches
    its lid, unless its star is too hot; equilibria drift by less than 1e-8, elements by less than 1e-10; the
    surface only cools (beside a hot star, where it comes to rest, but for the error of the integration)."""
    prepared, reached = prepare(lumped(name)), []
    result = evolve(prepared, checkpoint=lambda arrays, last: reached.append(arrays))
    assert result.attrs["status"] == "complete"
    by_star = prepared.planet.case.planet.equilibrium_temperature
    rise = 10 * prepared.planet.case.run.rtol * float(result.surface_temperature[-1])
    if name in MOLTEN:
        assert result.attrs["end_name"] == MOLTEN[name]
        rise = np.inf if MOLTEN[name].startswith("hot") else rise
    elif by_star is None or by_star < 1650.0:
        assert result.attrs["end_name"] == "surface lid"
        assert float(result.surface_temperature[-1]) == pytest.approx(1650.0, abs=1e-6)
        rise = 0.0
    else:  # its star keeps it molten
        assert result.attrs["end_name"] == "end of time"
    assert np.all(np.diff(result.surface_temperature) <= rise)
    assert float(result.equilibrium_drift.max()) < 1e-8
    assert float(result.element_drift.max()) < 1e-10
    assert float(result.energy_drift.max()) < 1e-10
    assert float(result.integrator_equilibrium_drift.max()) < 1e-5
    for values in result.data_vars.values():
        assert np.isfinite(values).all() and "units" in values.attrs and "long_name" in values.attrs
    system = prepared.system
    states = reached[-1]()["states"]  # of the whole march
    assert len(states) == len(result.time)
    last = -1 if rise < np.inf else 2 * len(states) // 3  # at the hot edge a difference would leave the data
    for state in (prepared.start, states[len(states) // 2], states[last]):
        assert jacobian_misfit(system, state, 1 / YEAR) < 1e-6


def test_every_stored_state_of_earth_is_the_equilibrium_of_its_own_conditions():
    """The algebraic solution at the stored (T, melt fraction), from a cold start: pressures agree to 1e-9."""
    case = lumped("earth")
    result = mo.run(case)
    system = System(assemble_equilibrium(case, 2000.0, 0.5).model)
    columns = [k for k, o in enumerate(system.model.outputs) if o.name == "pressure"]
    for k in range(0, result.sizes["time"], 25):
        now = result.isel(time=k)
        p = system.with_parameters(
            {"temperature": float(now.surface_temperature), "melt_fraction": float(now.melt_fraction)}
        )
        values, _ = system.outputs(system.start(p).x, p)
        np.testing.assert_allclose(now.pressure, [values[c] for c in columns], rtol=1e-9)


@pytest.mark.parametrize("name", ["E1", "F3-C1"])
def test_time_is_the_quadrature_of_heat_over_flux(name):
    """Without escape the lumped run is t = int dE/(area F): Simpson over the run's own stored states, at rtol
    1e-9, against its own clock. The tolerance is Simpson's error on some thousand uneven steps."""
    result = mo.run(lumped(name).replace({"run.rtol": 1e-9}))
    area = 4 * np.pi * 6.371e6**2
    heat, flux = result.heat.values, result.flux.values
    times = [0.0] + [simpson(1 / (area * flux[: k + 1]), x=-heat[: k + 1]) for k in range(20, len(heat), 20)]
    np.testing.assert_allclose(times[1:], result.time.values[20::20], rtol=2e-5)


@pytest.mark.parametrize("name", ["E1", "earth", "L"])
def test_tolerance_controls_the_error(name):
    """The lid time at rtol 1e-6 agrees with that at 1e-9 to 1e-4, and at 1e-8 to 1e-6."""
    case = lumped(name)
    times = {rtol: float(mo.run(case.replace({"run.rtol": rtol})).time[-1]) for rtol in (1e-6, 1e-8, 1e-9)}
    assert times[1e-6] == pytest.approx(times[1e-9], rel=1e-4)
    assert times[1e-8] == pytest.approx(times[1e-9], rel=1e-6)


def test_depth_quadrature_has_converged():
    """200 shells against 1600: lid time and melt fraction to 1e-3 of their values."""
    case = lumped("E1")
    coarse, fine = (mo.run(case.replace({"mantle.shells": n})).isel(time=-1) for n in (200, 1600))
    assert float(coarse.time) == pytest.approx(float(fine.time), rel=1e-3)
    assert float(coarse.melt_fraction) == pytest.approx(float(fine.melt_fraction), abs=2e-4)


def test_stabilisation_only_matters_to_the_drift():
    """At rtol 1e-8 the lid times with and without it agree to 1e-5 (2e-6 is measured; the difference shrinks
    with rtol: 1.2e-4, 1.3e-5, 2.1e-6, 4.3e-7 at 1e-6 to 1e-9), and it takes the drift away."""
    case = lumped("F3-C1").replace({"run.rtol": 1e-8})
    free, stabilised = (mo.run(case.replace({"run.stabilisation": s})) for s in ("0 / yr", "1 / yr"))
    assert float(free.time[-1]) == pytest.approx(float(stabilised.time[-1]), rel=1e-5)
    assert float(stabilised.integrator_equilibrium_drift[-1]) < 1e-3 * float(
        free.integrator_equilibrium_drift[-1]
    )


def test_pure_h_pure_c_and_bare_runs():
    case = lumped("earth")
    only_c = mo.run(case.replace({"volatiles.hydrogen": "0 kg", "volatiles.carbon": "4e20 kg"}))
    only_h = mo.run(case.replace({"volatiles.carbon": "0 kg"}))
    bare = mo.run(case.replace({"volatiles.hydrogen": "0 kg", "volatiles.carbon": "0 kg"}))
    assert list(only_h.species.values) == ["H2", "H2O", "O2"] and {"CO", "CO2"} <= set(only_c.species.values)
    assert "pressure" not in bare
    sigma = 5.670367e-8
    np.testing.assert_allclose(bare.flux, sigma * (bare.surface_temperature**4 - 273.0**4), rtol=1e-12)
    assert float(bare.time[-1]) < float(only_h.time[-1])


def test_full_solidification():
    """Down to 1388 K no melt is left and the paper's final pressures of one ocean are reached (62, 133
    bar)."""
    result = mo.run(lumped("F1").replace({"run.end_surface_temperature": "1388 K"}))
    last = result.isel(time=-1)
    assert 0 <= float(last.melt_fraction) < 1e-4
    assert float(last.pressure.sel(species="H2")) / 1e5 == pytest.approx(62, abs=0.5)
    assert float(last.pressure.sel(species="H2O")) / 1e5 == pytest.approx(133, abs=0.5)
    assert np.all(result.melt_fraction >= 0) and np.all(result.melt_fraction <= 1)


def test_large_escape():
    """What has left the planet is the integral of the escape rate over the run's own stored states (Simpson,
    1e-5; 1.2e-6 is measured) and what its hydrogen lacks. The lumped mantle loses 75 % of H in 157 kyr, more
    than the paper's column (claim 53: 47 % in 104 kyr), since it holds less melt and lives longer; carbon
    stays."""
    result = mo.run(lumped("L").replace({"run.rtol": 1e-6}))
    escaped = float(result.escaped_mass[-1])
    assert escaped == pytest.approx(simpson(result.escape_rate.values, x=result.time.values), rel=1e-5)
    moles = result.element_moles
    lost = 1 - float(moles.sel(element="H")[-1] / moles.sel(element="H")[0])
    assert escaped == pytest.approx(lost * 3 * 1.55e20, rel=1e-9)
    assert lost > 0.47
    assert float(moles.sel(element="C")[-1]) == pytest.approx(float(moles.sel(element="C")[0]), rel=1e-12)
    assert float(result.element_drift.max()) < 1e-10


def test_ends_by_melt_fraction_and_by_time():
    case = lumped("E1")
    melt = mo.run(case.replace({"run.end_melt_fraction": 0.5}))
    assert melt.attrs["end_name"] == "melt fraction" and float(melt.melt_fraction[-1]) == pytest.approx(
        0.5, abs=1e-9
    )
    time = mo.run(case.replace({"run.end_time": "100 yr"}))
    assert time.attrs["end_name"] == "end of time" and float(time.time[-1]) == pytest.approx(100 * YEAR)


def test_heating_that_cannot_be_radiated_away_ends_in_time():
    """A heated mantle warms towards the state that radiates its heat: the run stops at its end time, and says
    so."""
    result = mo.run(lumped("E1").replace({"mantle.heating": "3e-7 W/kg", "run.end_time": "3 Myr"}))
    assert result.attrs["end_name"] == "end of time"
    area = 4 * np.pi * 6.371e6**2
    assert float(result.flux[-1]) * area == pytest.approx(3e-7 * 4.208261222595e24, rel=1e-3)


def test_extrapolations_are_recorded():
    records = json.loads(mo.run(lumped("F3-C1")).attrs["extrapolations"])
    laws = {item["law"] for item in records}
    assert "solubility of H2O: peridotite-Sossi2022" in laws
    assert any("bower2022" in law for law in laws)
    assert all(0 < item["share"] <= 1 for item in records)


def test_run_is_reproducible_to_the_last_bit():
    case = lumped("F3-C1")
    first, second = mo.run(case), mo.run(case)
    assert first.equals(second) and set(first.variables) == set(second.variables)
    assert all(first[name].attrs == second[name].attrs for name in first.variables)


def test_round_trip_through_netcdf_is_exact(tmp_path):
    result = mo.run(lumped("L"), output=tmp_path / "L")
    stored = mo.read(tmp_path / "L")
    assert stored.identical(result)
    again = mo.Case.read(tmp_path / "L" / "case.toml")
    assert again == lumped("L")


def test_a_folder_with_a_run_is_not_written_over(tmp_path):
    case = lumped("E1").replace({"run.end_time": "10 yr"})
    mo.run(case, output=tmp_path / "a")
    with pytest.raises(InputError, match="contains a run"):
        mo.run(case, output=tmp_path / "a")
    mo.run(case, output=tmp_path / "a", overwrite=True)


@pytest.mark.parametrize("temperature", ["6000 K", "3900 K"])
def test_a_start_hotter_than_the_tables_is_refused(temperature):
    with pytest.raises(InputError, match="initial_surface_temperature"):
        assemble(lumped("E1").replace({"run.initial_surface_temperature": temperature}))


@pytest.mark.parametrize(
    "radiation, emissivity, stated",
    [
        ("AbeMatsui1985", "0.01", "would act on nothing"),
        ("constant-emissivity", "none", "needs an emissivity"),
    ],
)
def test_an_emissivity_without_effect_or_missing_is_refused(radiation, emissivity, stated):
    with pytest.raises(mo.InputError, match=stated):
        prepare(
            lumped("E1").replace({"atmosphere.radiation": radiation, "atmosphere.emissivity": emissivity})
        )


def test_a_constant_emissivity_sets_the_flux():
    result = mo.run(
        lumped("E1").replace(
            {
                "atmosphere.radiation": "constant-emissivity",
                "atmosphere.emissivity": 0.01,
                "run.end_surface_temperature": "2500 K",
            }
        )
    )
    black = 5.670367e-8 * (
        result.surface_temperature.values**4 - 273.0**4
    )  # W/m2/K4: CODATA 2014, as in the notes
    np.testing.assert_allclose(result.flux, 0.01 * black, rtol=1e-12)


def test_a_budget_of_oxygen_without_the_gas_o2_has_the_fugacity_of_the_others_and_a_summary():
    from mocoupled.results.summaries import summary

    case = lumped("earth").replace(
        {
            "redox.oxygen_fugacity": "none",
            "redox.oxygen": "3.4e21 kg",
            "chemistry.species": ["H2", "H2O", "CO", "CO2"],
            "chemistry.oxygen_in_gas": False,
        }
    )
    result = mo.run(case.replace({"run.end_surface_temperature": "2500 K"}))
    assert "O2" not in result.species.values and summary(result)["final"]["log10_fO2_bar"] == float(
        result.log10_fO2[-1]
    )
    last = result.isel(time=-1)
    with_O2 = mo.equilibrium(
        case.replace({"chemistry.oxygen_in_gas": True}),
        float(last.surface_temperature),
        float(last.melt_fraction),
    )
    assert float(last.log10_fO2) == pytest.approx(float(with_O2.log10_fO2), abs=1e-3)
    assert float(result.element_drift.max()) < 1e-10
