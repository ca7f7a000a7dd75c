"""mo.profiles: the column of a stored state, its liquid water, its composition, and bad input."""

import warnings

import numpy as np
import pytest
import xarray
from support.radiation import flux, stored_run

import mocoupled as mo
from mocoupled.atmosphere.bands.columns import Environment, ln_saturation
from mocoupled.atmosphere.bands.data_file import shipped
from mocoupled.atmosphere.bands.planck import band_emission
from mocoupled.closures.saturation import saturation_pressure
from mocoupled.constants import STEFAN_BOLTZMANN_CONSTANT, YEAR
from mocoupled.results import netcdf

SKIN = (207.0 / (2.0 * STEFAN_BOLTZMANN_CONSTANT)) ** 0.25
CASE = mo.Case.read("chili-earth")


def equilibria(T, water):
    """Gas of chili-earth over a solid surface."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return mo.equilibrium(CASE.replace({"chemistry.water": water}), T, 0.0)


# ---- columns


def test_the_column_of_a_state_is_that_of_the_radiation():
    """At the stored temperature and pressures, with the stratosphere of the absorbed flux."""
    run = stored_run()
    made = mo.profiles(run)
    assert made.time.values.tolist() == run.time.values.tolist()
    for k in range(3):
        bar = {str(name): float(p) / 1e5 for name, p in zip(run.species.values, run.pressure[:, k])}
        T = float(run.surface_temperature[k])
        assert float(made.outgoing_flux[k]) == pytest.approx(flux(T, bar, Environment(9.82, SKIN)), rel=1e-12)
    assert made.stratosphere_temperature.values == pytest.approx(np.full(3, SKIN))
    assert made.attrs["column"] == "the column of the radiation of the run"
    for name, variable in made.data_vars.items():
        assert variable.attrs["units"] and variable.attrs["long_name"], name


def test_stored_and_read_again(tmp_path):
    made = mo.profiles(stored_run(), composition="equilibrium", quench="1000 K")
    netcdf.write(made, tmp_path / "profiles.nc")
    xarray.testing.assert_identical(mo.read(tmp_path / "profiles.nc"), made)


def test_the_case_and_the_user_set_the_column():
    changed = {"atmosphere.stratosphere": "250 K", "atmosphere.opacity_factor": 2.0}
    made = mo.profiles(stored_run(changed))
    assert set(made.stratosphere_temperature.values) == {250.0} and set(made.opacity_factor.values) == {2.0}
    made = mo.profiles(stored_run(changed), opacity_factor=1.0, stratosphere_temperature="210 K", gravity=5.0)
    assert [float(made[name][0]) for name in ("stratosphere_temperature", "opacity_factor", "gravity")] == [
        210.0,
        1.0,
        5.0,
    ]
    stored = stored_run(changed)
    stored["stratosphere_temperature"] = ("time", [201.0, 202.0, 203.0])
    assert mo.profiles(stored).stratosphere_temperature.values.tolist() == [201.0, 202.0, 203.0]


def test_a_grey_run_says_what_its_column_is():
    grey = {"atmosphere.radiation": "AbeMatsui1985", "planet.equilibrium_temperature": 245.8}
    made = mo.profiles(stored_run(grey).drop_vars("absorbed_flux"))
    assert "radiates by AbeMatsui1985" in made.attrs["column"]
    skin = 245.8 * 0.5**0.25
    assert made.stratosphere_temperature.values == pytest.approx(np.full(3, skin), rel=1e-12)


@pytest.mark.parametrize(
    "times, expected",
    [
        (None, [0.0, 1e3, 1e5]),
        ("all", [0.0, 1e3, 1e5]),
        ("end", [1e5]),
        (["start", "1.2 kyr"], [0.0, 1.2e3]),
        (9e4 * YEAR, [9e4]),
        (np.array([9e4, 1.0, 9e4]) * YEAR, [1.0, 9e4]),
    ],
)
def test_times(times, expected):
    assert mo.profiles(stored_run(), times).time.values / YEAR == pytest.approx(expected)


def test_between_stored_times():
    """Temperature and ln of the pressures half way; a gas of no pressure at one end is linear."""
    bar = {"H2O": (10.0, 40.0), "CO2": (100.0, 100.0), "H2": (0.0, 2.0)}
    run = stored_run(T=(2500.0, 1500.0), bar=bar)
    made = mo.profiles(run, "500 yr").isel(time=0)
    assert float(made.temperature) == pytest.approx(2000.0)
    assert made.pressure.values / 1e5 == pytest.approx([20.0, 100.0, 1.0])
    assert float(made.absorbed_flux) == pytest.approx(207.0)
    assert made.time.attrs["units"] == "s" and made.absorbed_flux.attrs["units"] == "W/m^2"
    expected = flux(2000.0, {"H2O": 20.0, "CO2": 100.0, "H2": 1.0}, Environment(9.82, SKIN))
    assert float(made.outgoing_flux) == pytest.approx(expected, rel=1e-9)


def test_masses_of_a_column_are_its_weight():
    """Each column weighs as much as its surface pressure; below the clouds it is that of a mixed gas."""
    made = mo.profiles(stored_run())
    weight = (made.pressure.sum("species") / made.gravity).values
    assert made.column_mass.sum("species").values == pytest.approx(weight, rel=1e-12)
    assert made.mixed_column_mass.sum("species").values == pytest.approx(weight, rel=1e-12)
    assert made.column_mass.values == pytest.approx(made.mixed_column_mass.values, rel=1e-3)


def test_brightness_temperature_is_that_of_a_black_body():
    planck = band_emission(shipped().edges)
    for T in (150.0, 700.0, 3210.0):
        bands = planck(np.log(np.array([T])))[0]
        assert planck.brightness(bands) == pytest.approx(np.full(len(bands), T), rel=1e-10)
    assert np.isnan(planck.brightness(0.0 * bands)).all()


# ---- liquid water


def test_saturation_is_that_of_the_chemistry():
    """The column's fit and the curve of chemistry.water, Wagner & Pruss: 0.12 % apart at most."""
    T = np.linspace(273.16, 640.0, 500)
    apart = np.exp(ln_saturation(shipped().saturation, T, np.log(T))) / saturation_pressure(T) - 1.0
    assert 1e-3 < np.abs(apart).max() < 1.25e-3


def test_liquid_water_is_that_of_the_chemistry():
    """The steam of a chemistry with liquid water is saturated in the column too: no second ocean, and clouds
    at the surface (0.14 K away at 600 K); the liquid is that of the chemistry."""
    wet = equilibria([300.0, 400.0, 500.0, 600.0], True)
    made = mo.profiles(wet, gravity="9.82 m/s^2")
    area = 4.0 * np.pi * 6371e3**2
    assert made.surface_water.values == pytest.approx(wet.water_mass.values / area, rel=1e-9)
    assert (made.liquid_water / wet.pressure.sel(species="H2O")).values.max() < 1.25e-3
    assert (made.temperature - made.cloud_temperature).values.max() < 0.2
    assert made.attrs["surface_water"] == "of the chemistry (chemistry.water)"


def test_an_ocean_that_the_chemistry_has_as_gas_is_announced():
    dry = equilibria([400.0, 1500.0], False)
    with pytest.warns(mo.OmissionWarning, match=r"at 1 of 2 points, up to 6.59e\+06 kg/m2.*chemistry.water"):
        made = mo.profiles(dry, gravity=9.82)
    saturated = float(saturation_pressure(400.0) / dry.pressure.sel(species="H2O")[0])
    area = 4.0 * np.pi * 6371e3**2
    expected = float(dry.gas_mass.sel(species="H2O")[0]) / area * (1.0 - saturated)
    assert made.surface_water.values == pytest.approx([expected, 0.0], rel=1e-4)
    assert made.attrs["surface_water"] == "above saturation"


# ---- composition


def test_levels_in_equilibrium_are_those_of_the_gas():
    """Each level by a call of its own, for the gases of the run and for others."""
    run = stored_run().isel(time=[2])
    for species in ("run", ["H2O", "CO2", "CO", "H2", "CH4", "OH"]):
        made = mo.profiles(run, composition="equilibrium", species=species).isel(time=0)
        level = made.isel(level=9)
        moles = {str(name): float(x) for name, x in zip(made.species.values, level.mixing_ratio)}
        names = [str(name) for name in made.level_species.values]
        alone = mo.gas_equilibrium(
            float(level.level_temperature), float(level.level_pressure), moles, names, (), mechanism="hco"
        )
        expected = alone.mixing_ratio.sel(species=names).values
        assert level.equilibrium_mixing_ratio.values == pytest.approx(expected, rel=1e-6, abs=1e-14)
    assert not made.quenched.any() and np.isnan(made.quench_pressure)
    assert float(made.equilibrium_mixing_ratio.sel(level_species="CH4")[12]) > 1e-6


def test_levels_have_the_fugacities_of_the_run():
    law = "PengRobinson1976"
    run = stored_run({"chemistry.fugacity": law}).isel(time=[2])
    made = mo.profiles(run, composition="equilibrium").isel(time=0, level=0)
    names = [str(name) for name in made.species.values]
    moles = dict(zip(names, made.mixing_ratio.values.tolist()))
    T, p = float(made.level_temperature), float(made.level_pressure)
    ours = [
        mo.gas_equilibrium(T, p, moles, names, (), mechanism="volatiles", fugacity=f)
        .mixing_ratio.sel(species=names)
        .values
        for f in (law, "ideal")
    ]
    assert made.equilibrium_mixing_ratio.values == pytest.approx(ours[0], rel=1e-9)
    assert np.abs(ours[1] / ours[0] - 1.0).max() > 0.01


def test_all_gases_of_the_elements():
    """Of hot steam: radicals of H and O, colder fewer of them."""
    run = stored_run(T=(3000.0,), bar={"H2O": (1.0,), "H2": (0.1,)})
    made = mo.profiles(run, composition="equilibrium", species="all").isel(time=0)
    assert {"H2O", "H2", "O2", "H", "O", "OH"} <= set(made.level_species.values)
    OH = made.equilibrium_mixing_ratio.sel(level_species="OH").values
    assert 0.01 < OH[0] < 0.1 and (np.diff(OH[:10]) < 0).all()
    made = mo.profiles(run, composition="equilibrium").isel(time=0)
    assert made.level_species.values.tolist() == ["H2O", "H2"]


@pytest.mark.parametrize("quench", ["1000 K", "3 bar"])
def test_above_the_quench_level_nothing_reacts(quench):
    """Frozen levels have one composition below the clouds, that of the quench level; water leaves above."""
    made = mo.profiles(stored_run().isel(time=[2]), composition="equilibrium", quench=quench).isel(time=0)
    frozen = made.quenched.values
    T, p = made.level_temperature.values, made.level_pressure.values
    expected = (T < 1000.0) if quench.endswith("K") else (p < 3e5)
    assert frozen.tolist() == expected.tolist()
    assert float(made.quench_temperature) == pytest.approx(1000.0, rel=1e-9) or quench == "3 bar"
    assert float(made.quench_pressure) == pytest.approx(3e5, rel=1e-9) or quench == "1000 K"
    ratios = made.equilibrium_mixing_ratio.transpose("level_species", "level").values
    assert ratios.sum(axis=0) == pytest.approx(np.ones(25), rel=1e-9)
    moist = float(made.cloud_temperature) - 1e-6 > T
    still = frozen & ~moist
    assert np.ptp(ratios[:, still], axis=1) == pytest.approx(np.zeros(4), abs=1e-12)
    wet = list(made.level_species.values).index("H2O")
    assert (np.diff(ratios[wet, moist]) < 0).all() and ratios[wet, -1] < ratios[wet, still][0]
    first, second = (ratios[list(made.level_species.values).index(name), frozen] for name in ("CO", "CO2"))
    assert np.ptp(first / second) < 1e-12 * first[0]  # dry gases among themselves


def test_water_that_reactions_have_made_stays_below_the_clouds():
    """Of H2 and CO2, at 600 K: more of it than at the surface, and saturated above."""
    bar = {"H2O": (1.0,), "H2": (100.0,), "CO2": (10.0,), "CO": (3.0,), "CH4": (0.1,)}
    run = stored_run(T=(2000.0,), bar=bar)
    made = mo.profiles(run, composition="equilibrium", quench="600 K").isel(time=0)
    T, p, frozen = made.level_temperature.values, made.level_pressure.values, made.quenched.values
    wet = made.equilibrium_mixing_ratio.sel(level_species="H2O").values
    frozen_water = wet[frozen][0]
    assert frozen_water > 5.0 * float(made.mixing_ratio.sel(species="H2O")[0])
    saturated = np.exp(ln_saturation(shipped().saturation, T, np.log(T))) / p
    assert wet[frozen] == pytest.approx(np.minimum(frozen_water, saturated)[frozen], rel=1e-9)
    assert (wet[frozen] < frozen_water).any() and (wet[frozen] == frozen_water).sum() > 1


def test_a_quench_level_below_the_ground_freezes_all():
    made = mo.profiles(stored_run(), composition="equilibrium", quench="5000 K")
    assert (
        made.quenched.sum("level").values.tolist()
        == (~np.isnan(made.level_height)).sum("level").values.tolist()
    )
    assert made.quench_temperature.values == pytest.approx(made.temperature.values)


# ---- bad input


@pytest.mark.parametrize(
    "options, words",
    [
        ({"times": "3 Gyr"}, ("times = 3e+09 yr", "0 to 100000 yr")),
        ({"times": "soon"}, ("times", "soon")),
        ({"times": []}, ("there are none",)),
        ({"composition": "mixd"}, ("composition", "mixed, equilibrium")),
        ({"quench": "1 bar"}, ("quench=", "act", "composition='equilibrium'")),
        ({"species": "all"}, ("species=", "composition='equilibrium'")),
        ({"composition": "equilibrium", "quench": "1 m"}, ("neither temperature nor pressure",)),
        ({"composition": "equilibrium", "quench": "0 K"}, ("not above zero",)),
        ({"composition": "equilibrium", "quench": 1000.0}, ("quench = 1000", "'1000 K'")),
        ({"composition": "equilibrium", "species": "most"}, ("species = 'most'", "'run', 'all'")),
        ({"composition": "equilibrium", "species": []}, ("species = []", "'run', 'all'")),
        ({"composition": "equilibrium", "species": None}, ("species = None", "'run', 'all'")),
        ({"composition": "equilibrium", "species": ["H2O", "N2"]}, ("species 'N2'", "known")),
        ({"stratosphere_temperature": 1600.0}, ("at point 2", "colder than the stratosphere")),
        ({"gravity": "3 km"}, ("gravity",)),
        ({"levels": (14,)}, ("levels",)),
    ],
)
def test_bad_input(options, words):
    with pytest.raises(mo.InputError) as error:
        mo.profiles(stored_run(), **options)
    for word in words:
        assert word in str(error.value)


def test_bad_results(tmp_path):
    run = stored_run()
    with pytest.raises(mo.InputError, match="no states"):
        mo.profiles(run.isel(time=slice(0, 0)))
    with pytest.raises(mo.InputError, match="no surface temperature and partial pressures"):
        mo.profiles(run.drop_vars("pressure"))
    with pytest.raises(mo.InputError, match="(?s)not the one that.*mechanism='vol"):
        mo.profiles(run.assign_attrs(mechanism_sha256="0"))
    assert mo.profiles(run.assign_attrs(mechanism_sha256="0"), mechanism="volatiles").sizes["time"] == 3
    with pytest.raises(mo.InputError, match="there is no stored run"):
        mo.profiles(tmp_path)
    state = equilibria(1500.0, False)
    with pytest.raises(mo.InputError, match="gravity=: the result does not have it"):
        mo.profiles(state)
    with pytest.raises(mo.InputError, match="have no time"):
        mo.profiles(state, "end", gravity=9.8)
