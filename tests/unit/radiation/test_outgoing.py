"""mo.outgoing_radiation: arrays, units, profile, what it says of itself, and bad input."""

import json
import warnings

import numpy as np
import pytest
import xarray
from support.radiation import ACCEPTANCE, flux

import mocoupled as mo
from mocoupled.atmosphere.bands.columns import Environment

STEAM = {"H2O": 270e5}


@pytest.mark.parametrize("T, bar, expected, slopes", ACCEPTANCE)
def test_acceptance(T, bar, expected, slopes):
    """The table of the closure, to 1e-3, with the pressures as text."""
    result = mo.outgoing_radiation(T, {name: f"{value} bar" for name, value in bar.items()})
    assert float(result.outgoing_flux) == pytest.approx(expected, rel=1e-3)
    ours = np.array([float(result.temperature_slope), *result.pressure_slope.values])
    assert np.abs(ours - slopes).max() < 1e-3 * max(1.0, np.abs(slopes).max())
    assert list(result.species.values) == list(bar)


def test_arrays_broadcast_and_agree_with_single_points():
    T = xarray.DataArray([700.0, 1500.0, 2200.0], dims="T", coords={"T": [700, 1500, 2200]})
    water = xarray.DataArray([1e5, 1e7], dims="water")
    result = mo.outgoing_radiation(T, {"H2O": water, "CO2": 3e6}, gravity="5 m/s^2", opacity_factor=1.5)
    assert result.outgoing_flux.dims == ("T", "water")
    for i in range(3):
        for k in range(2):
            single = mo.outgoing_radiation(
                float(T[i]), {"H2O": float(water[k]), "CO2": 3e6}, gravity=5.0, opacity_factor=1.5
            )
            at = result.isel(T=i, water=k)
            for name in ("outgoing_flux", "band_flux", "level_height", "mixing_ratio", "pressure_slope"):
                assert np.array_equal(at[name].values, single[name].values, equal_nan=True), name
    assert result.T.values.tolist() == [700, 1500, 2200]


def test_bands_sum_to_the_flux_and_every_variable_has_a_unit():
    result = mo.outgoing_radiation([1000.0, 2000.0], STEAM)
    assert result.outgoing_flux.dims == ("point",)
    assert result.band_flux.sum("band").values == pytest.approx(result.outgoing_flux.values, rel=1e-13)
    for name, variable in result.data_vars.items():
        assert variable.attrs["units"] and variable.attrs["long_name"], name


def test_profile():
    """From the surface up; hydrostatic; clouds where the vapour is saturated; the stratosphere ends it."""
    result = mo.outgoing_radiation(1500.0, {"H2O": 3e6, "N2": 1e7})
    T, p, z = (result[f"level_{name}"].values for name in ("temperature", "pressure", "height"))
    assert (T[0], p[0], z[0]) == (pytest.approx(1500.0), pytest.approx(1.3e7), 0.0)
    assert T[-1] == pytest.approx(200.0)
    assert (np.diff(T) < 0).all() and (np.diff(p) < 0).all() and (np.diff(z) > 0).all()
    assert 200e3 < z[-1] < 400e3
    assert result.mixing_ratio.sum("species").values == pytest.approx(np.ones(25), rel=1e-9)
    cloud = float(result.cloud_temperature)
    assert 300.0 < cloud < 500.0
    assert float(np.interp(-cloud, -T, z)) == pytest.approx(float(result.cloud_height), rel=1e-6)
    dry = mo.outgoing_radiation(1500.0, {"N2": 1e7})
    assert np.isnan(dry.cloud_temperature) and np.isnan(dry.level_height[-1])
    assert np.count_nonzero(~np.isnan(dry.level_height)) == 15


def test_ocean():
    result = mo.outgoing_radiation(300.0, {"H2O": 1e5, "N2": 1e5})
    assert float(result.liquid_water) == pytest.approx(1e5 - 3536.8, abs=15.0)
    assert float(result.pressure_slope[0]) == 0.0
    assert float(result.cloud_temperature) == 300.0


def test_no_gas_at_all_is_a_black_body():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        result = mo.outgoing_radiation(1000.0, {"H2O": 0.0, "CO2": 0.0})
    assert float(result.outgoing_flux) == pytest.approx(5.670374e-8 * 1e12, rel=1e-3)
    assert float(result.temperature_slope) == pytest.approx(4.0, abs=0.01)


def test_a_gas_of_zero_pressure_changes_nothing():
    alone = mo.outgoing_radiation(1500.0, STEAM)
    with_zero = mo.outgoing_radiation(1500.0, STEAM | {"CO2": 0.0})
    assert float(with_zero.outgoing_flux) == float(alone.outgoing_flux)
    assert with_zero.pressure_slope.values.tolist() == [float(alone.pressure_slope[0]), 0.0]


def test_stratosphere_and_opacity_factor():
    result = mo.outgoing_radiation(1200.0, STEAM, stratosphere_temperature=[150.0, 250.0])
    expected = [flux(1200, {"H2O": 270.0}, Environment(stratosphere=T)) for T in (150.0, 250.0)]
    assert result.outgoing_flux.values == pytest.approx(expected, rel=1e-6)
    known = mo.outgoing_radiation(2000.0, STEAM, opacity_factor=[0.5, 1.0, 2.0]).outgoing_flux.values
    assert known == pytest.approx([flux(2000, {"H2O": 270.0}, factor=f) for f in (0.5, 1.0, 2.0)], rel=1e-6)


def test_range_of_the_limit_of_steam():
    """0.5 to 2 of the opacity: 308 to 265 W/m2 with 28 + 20 levels, as docs/radiation.md states.

    Lines add to the continuum, which alone moves the limit by 312/292 and 273/292 (columns of 72 bands).
    """
    limits = mo.outgoing_radiation(1200.0, STEAM, opacity_factor=[0.5, 1.0, 2.0], levels=(28, 20))
    half, limit, double = limits.outgoing_flux.values
    assert [half, limit, double] == pytest.approx([308.3, 285.5, 265.0], abs=0.5)
    assert half / limit > 312 / 292 and double / limit < 273 / 292


def test_masked_points_stay_masked():
    T = np.ma.masked_array([1000.0, 5e9, 2000.0], mask=[False, True, False])
    result = mo.outgoing_radiation(T, STEAM)
    assert np.isnan(result.outgoing_flux.values).tolist() == [False, True, False]


def test_transparent_gases_sources_and_extrapolations_are_named():
    result = mo.outgoing_radiation(1500.0, {"H2O": 1e6, "H2S": 1e4, "He": 1e4})
    assert result.attrs["transparent"] == "H2S, He"
    assert "HITEMP" in json.loads(result.attrs["data"])["opacity of H2O"]
    assert json.loads(result.attrs["extrapolations"]) == []
    with pytest.warns(mo.CalibrationWarning, match="temperature 300 to 4000 K .0.5 of the points"):
        hot = mo.outgoing_radiation([1000.0, 4500.0], STEAM)
    records = json.loads(hot.attrs["extrapolations"])
    assert [(r["law"], r["argument"], r["share"]) for r in records] == [
        ("radiation by bands", "temperature", 0.5),
        ("opacity of lines", "temperature", 0.5),
    ]
    with pytest.warns(
        mo.CalibrationWarning, match="opacity of lines: .* total_pressure 1e-05 to 1000 bar .all"
    ):
        mo.outgoing_radiation(1500.0, {"H2O": 2e8})


@pytest.mark.parametrize(
    "arguments, options, words",
    [
        ((1200.0, {}), {}, ("there are no gases",)),
        ((None, STEAM), {}, ("temperature=", "missing")),
        ((1200.0, {"H20": 1e5}), {}, ("no gas of this name", "H2O")),
        ((1200.0, {"H2O": -1.0}), {}, ("pressure of H2O = -1", "0 to")),
        ((1200.0, {"H2O": float("nan")}), {}, ("nan",)),
        ((150.0, STEAM), {}, ("colder than the stratosphere", "200 K")),
        (([900.0, 150.0], STEAM), {}, ("at point 1", "colder than the stratosphere")),
        ((7000.0, STEAM), {}, ("100 to 6000 K",)),
        (("20 m", STEAM), {}, ("unit of length",)),
        ((1200.0, STEAM), {"gravity": 0.0}, ("gravity = 0", "0.1 to 1000")),
        ((1200.0, STEAM), {"opacity_factor": -1.0}, ("opacity_factor = -1",)),
        ((1200.0, STEAM), {"levels": (14,)}, ("levels", "two whole numbers")),
        ((1200.0, STEAM), {"levels": (1, 10)}, ("levels", "from 2 to 1000")),
        ((1200.0, STEAM), {"mechanism": "volatils"}, ("mechanism", "volatiles")),
        (([1200.0, 1300.0], {"H2O": [1e5, 2e5, 3e5]}), {}, ("do not broadcast",)),
    ],
)
def test_bad_input(arguments, options, words):
    with pytest.raises(mo.InputError) as error:
        mo.outgoing_radiation(*arguments, **options)
    for word in words:
        assert word in str(error.value)
