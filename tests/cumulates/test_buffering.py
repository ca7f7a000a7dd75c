"""The buffered magma ocean: values of an independent calculation, limits, readings, reasons, refusals."""

import warnings

import numpy as np
import pytest
import xarray
from support.places import TESTS

import mocoupled as mo
from mocoupled.closures.distillation import distilled
from mocoupled.constants import YEAR
from mocoupled.cumulates.crossing_search import crossings, path
from mocoupled.cumulates.remelting import Grid
from mocoupled.cumulates.static_buffering import NoCrossingWarning
from mocoupled.errors import InputError
from mocoupled.schema.buffering_case import BufferingCase, shipped_cases
from mocoupled.schema.buffering_keys import DEFAULTS, READINGS

MYR = 1e6 * YEAR


def iron(case, **changes):
    """Fe# of the buffered ocean."""
    return 100 * mo.buffering(case, **changes).ocean_iron.values


def agrees(ours, theirs):
    """Within 2 % or 0.3 Fe#: the difference that an independent implementation on another grid may have."""
    ours, theirs = np.asarray(ours), np.asarray(theirs)
    assert np.all(np.abs(ours - theirs) <= np.maximum(0.02 * theirs, 0.3)), (ours, theirs)


# ---- the calibrated values: an independent implementation of the same equations gave 26.70 and 56.71


@pytest.mark.parametrize("case, expected", [("earth", 26.70), ("mars", 56.71)])
def test_calibrated_values_on_a_converged_grid(case, expected):
    assert iron(case) == pytest.approx(expected, abs=0.05)
    base = BufferingCase.read(case)
    fine, _ = crossings(base.values, base.readings, np.zeros(1), Grid(64, 400))
    finest = 100 * distilled(1 - fine.solid_fraction, base.values["bulk_iron"], 0.3)
    assert iron(case) == pytest.approx(finest[0], abs=0.005)


def test_the_pile_at_the_crossing():
    earth, mars = mo.buffering("earth"), mo.buffering("mars")
    stated = [
        ("solid_fraction", 0.775, 0.827, 1),
        ("pile_iron", 5.15, 12.3, 100),
        ("top_pressure", 30.6, 3.5, 1e-9),
        ("plume_melt_fraction", 0.58, 0.26, 1),
    ]
    stated += [
        ("ambient_melt_fraction", 0.43, 0.18, 1),
        ("velocity", 14.8, 2.2, YEAR),
        ("thickness", 2239, 1323, 1e-3),
    ]
    for name, first, second, size in stated:
        assert [size * float(r[name]) for r in (earth, mars)] == pytest.approx([first, second], rel=0.03), (
            name
        )
    assert [1 / (float(r.remelting_rate) * MYR) for r in (earth, mars)] == pytest.approx(
        [0.90, 8.0], rel=0.01
    )
    assert [float(r.topography) for r in (earth, mars)] == pytest.approx([900, 600], abs=50)
    for result, anomaly in (
        (earth, {"bridgmanite": 244, "akimotoite": 241, "pyroxene": 178}),
        (mars, {"bridgmanite": 495, "akimotoite": 493, "pyroxene": 359}),
    ):
        for structure, value in anomaly.items():
            assert float(result.density_anomaly.sel(structure=structure)) == pytest.approx(value, abs=1)


READ = [  # other readings at the same values: Earth, Mars
    ({"top": "ocean-liquidus"}, 29.1, 61.5), ({"melting": "batch"}, 22.3, 51.9),
    ({"melting": "batch", "top": "ocean-liquidus"}, 23.9, 60.5),
    ({"interior": "top"}, 38.1, 58.7), ({"interior": "top", "top": "ocean-liquidus"}, 38.0, 55.9),
    ({"melting": "batch", "interior": "top"}, 35.2, 55.4),
    ({"melting": "batch", "interior": "top", "top": "ocean-liquidus"}, 34.2, 50.7),
    ({"lens": "mobius"}, 26.7, 56.8), ({"lens": "mean-composition"}, 26.8, 56.5),
    ({"lens": "straight-solidus"}, 26.3, 58.0), ({"lens": "straight-liquidus"}, 27.1, 55.4),
    ({"source": "bulk"}, 40.7, 69.2), ({"geometry": "spherical"}, 24.7, 56.1),
    ({"latent_heat_of": "residue"}, 28.7, 57.0), ({"feeding_layers": "two"}, 26.7, 56.7),
    ({"reference": "surface"}, 26.7, 56.7), ({"topography": "no"}, 26.7, 56.7),
]  # fmt: skip


@pytest.mark.parametrize(
    "readings, earth, mars", READ, ids=lambda v: "-".join(v.values()) if isinstance(v, dict) else ""
)
def test_readings(readings, earth, mars):
    agrees([iron("earth", **readings), iron("mars", **readings)], [earth, mars])


def test_every_reading_but_one_is_compared():
    stated = {(k, v) for readings, *_ in READ for k, v in readings.items()} | set(DEFAULTS.items())
    assert {(k, v) for k, choices in READINGS.items() for v in choices} - stated == {
        ("source", "newest-crystals"),
        ("growth", "gross"),
    }


@pytest.mark.parametrize(
    "case, axis, at, expected",
    [
        ("earth", "viscosity", [1e17, 1e18, 1e19, 1e20, 1e21], [26.72, 26.70, 26.67, 26.59, 26.43]),
        ("earth", "exchange_coefficient", [0.2, 0.25, 0.3, 0.35, 0.4], [32.2, 29.3, 26.7, 24.4, 22.3]),
        ("mars", "exchange_coefficient", [0.2, 0.25, 0.3, 0.35, 0.4], [69, 63, 57, 52, 47]),
        ("earth", "core_temperature", [4000, 4200, 4400, 4600], [35.1, 30.9, 26.7, 22.6]),
        ("mars", "core_temperature", [2350, 2400, 2545], [61.7, 60.5, 56.7]),
        (
            "earth",
            "timescale",
            np.array([0.1, 0.3, 1, 2, 5, 10, 100]) * MYR,
            [90.9, 76, 51, 40.5, 32.7, 29.9, 27.0],
        ),
    ],
)
def test_sensitivities(case, axis, at, expected):
    agrees(iron(case, **{axis: np.asarray(at, dtype=float)}), expected)


def test_viscosity_acts_through_topography_and_the_share_of_the_plume():
    """The excess temperature of the plume does not depend on the viscosity.

    Where the plume alone melts, the composition does not depend on it either. Where the ambient pile melts
    too, the share of the plume in the melt does: its width over the cell scales with Ra^(-1/3).
    """
    eta = np.array([1e17, 1e19, 1e21])
    assert np.ptp(iron("earth", viscosity=eta, topography="no", interior="top")) < 1e-6
    shared = iron("earth", viscosity=eta, topography="no")
    assert np.all(np.diff(shared) < 0) and 0.1 < np.ptp(shared) < np.ptp(iron("earth", viscosity=eta))


def test_scatter_is_far_below_that_of_the_paper():
    """Neighbouring cases lie on a smooth curve, by second differences.

    The steps of the paper scatter by 0.1 Fe#.
    """
    values = iron("earth", core_temperature=np.linspace(4390, 4410, 21))
    assert np.abs(np.diff(values, 2)).max() < 2e-4


def test_mars_in_time():
    agrees(iron("mars", core_temperature=2400.0, timescale=np.array([10, 30, 100]) * MYR), [88.8, 80.1, 70.8])
    corner = {"core_temperature": 2550.0, "bulk_iron": 0.18, "viscosity": 1e17}
    agrees(iron("mars", **corner, timescale=np.array([10, 30, 50, 100]) * MYR), [60.6, 56.1, 55.1, 54.4])


def test_bulk_iron_and_anomaly():
    X = np.array([0.04, 0.06, 0.08, 0.10, 0.12, 0.15, 0.20, 0.25])
    result = mo.buffering("earth", bulk_iron=X)
    agrees(
        100 * (result.ocean_iron - result.pile_iron).values, [9.3, 13.6, 17.7, 21.6, 25.1, 29.8, 36.1, 40.7]
    )


# ---- limits and laws


def test_limits_of_the_timescale():
    """No growth: the static value; no time for remelting: all iron in the last melt."""
    slow, fast = iron("earth", timescale=[1e6 * MYR, 1e-4 * MYR])
    assert slow == pytest.approx(iron("earth"), abs=1e-3)
    assert fast > 99.5


def test_crystals_and_melts_are_the_same_at_the_static_crossing():
    for case in shipped_cases():
        result = mo.buffering(case)
        assert float(result.melt_iron) == pytest.approx(float(result.crystal_iron), rel=1e-6)


def test_iron_balances_during_growth():
    """Crystals u + q take the iron that the melts q and the shrinking ocean give."""
    result = mo.buffering("mars", timescale="30 Myr")
    u, q = 1 / (30 * MYR), float(result.remelting_rate)
    assert q * float(result.melt_iron) - (u + q) * float(result.crystal_iron) + u * float(
        result.ocean_iron
    ) == pytest.approx(0, abs=1e-6 * q)


@pytest.mark.parametrize("case", ["earth", "mars"])
def test_mass_closes_at_every_crossing(case):
    result = mo.buffering(case, timescale=np.array([0.3, 3, 30]) * MYR)
    total = result.solid_fraction * result.pile_iron + (1 - result.solid_fraction) * result.ocean_iron
    assert total.values == pytest.approx(BufferingCase.read(case).values["bulk_iron"], rel=1e-12)


def test_arrays_equal_single_values():
    T, X = np.array([4300.0, 4500.0]), np.array([0.09, 0.11])
    together = mo.buffering(
        "earth", core_temperature=xarray.DataArray(T, dims="a"), bulk_iron=xarray.DataArray(X, dims="b")
    )
    assert together.ocean_iron.dims == ("a", "b")
    for a in range(2):
        for b in range(2):
            alone = mo.buffering("earth", core_temperature=T[a], bulk_iron=X[b])
            assert float(alone.ocean_iron) == pytest.approx(float(together.ocean_iron[a, b]), rel=1e-12)


def test_a_sign_change_is_bracketed_by_the_path():
    """Before the crossing melts are richer than crystals, after it poorer."""
    case, result = BufferingCase.read("earth"), mo.buffering("earth")
    f = float(result.solid_fraction) + np.array([-1e-4, 1e-4])
    way = path(f, case.values, case.readings)
    assert way.melt_iron[0] > way.crystal_iron[0] and way.melt_iron[1] < way.crystal_iron[1]


# ---- without a crossing: a reason, and no number


@pytest.mark.parametrize(
    "changes, word",
    [
        ({"core_temperature": 1500.0}, "no convection"),
        ({"core_temperature": 3000.0, "latent_heat": 1e7, "expansivity": 1e-3}, "no"),
        ({"source": "newest-crystals"}, "melts stay richer"),
        ({"mantle_thickness": 1.2e6, "gravity": 4.07}, "wholly molten"),
        ({"mantle_thickness": 3.5e6, "gravity": 11.88}, "melts are poorer"),
    ],
)
def test_reasons(changes, word):
    with pytest.warns(NoCrossingWarning, match="1 of 1"):
        result = mo.buffering("earth", **changes)
    assert str(result.reason.values).startswith(word)
    assert (
        not bool(result.converged)
        and np.isnan(float(result.ocean_iron))
        and np.isnan(result.density_anomaly.values).all()
    )


def test_points_without_a_crossing_do_not_harm_the_others():
    with pytest.warns(NoCrossingWarning, match="1 of 2"):
        result = mo.buffering("earth", core_temperature=np.array([1500.0, 4400.0]))
    assert list(result.converged.values) == [False, True]
    assert 100 * float(result.ocean_iron[1]) == pytest.approx(26.70, abs=0.05)


def test_all_crossings_are_stored():
    """Every crossing has its kind.

    Where the ocean is released before it is buffered again, the kinds alternate.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", NoCrossingWarning)
        rng = np.random.default_rng(0)
        result = mo.buffering(
            "earth",
            core_temperature=rng.uniform(3000, 6000, 200),
            expansivity=rng.uniform(1e-5, 4e-5, 200),
            interior="top",
        )
    count = result.crossing_solid_fraction.notnull().sum("crossing")
    assert np.array_equal(count, result.crossings)
    kinds = result.crossing_buffers.values
    for k in np.flatnonzero(result.crossings.values > 1):
        stated = kinds[: int(result.crossings[k]), k]
        assert np.all(np.abs(np.diff(stated)) == 1) and np.all(
            np.diff(result.crossing_solid_fraction.values[: len(stated), k]) > 0
        )


def test_rounding_makes_no_crossings():
    """Newest crystals that melt wholly give melts of the same composition.

    The balance is zero, except for rounding.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", NoCrossingWarning)
        result = mo.buffering(
            "earth",
            bulk_iron=0.09,
            mantle_thickness=8.25e5,
            exchange_coefficient=0.1455,
            melting="batch",
            source="newest-crystals",
            topography="no",
        )
    assert int(result.crossings) == 0


# ---- attributes, files, bad input


def test_results_say_what_calibrated_them():
    result = mo.buffering("earth")
    assert "calibrated" in result.attrs["calibration"] and "not predicted" in result.attrs["calibration"]
    assert (
        "16.3 to 34.2" in result.attrs["calibration_spread"]
        and "189" in result.attrs["calibration_provenance"]
    )
    changed = mo.buffering(
        "earth", core_temperature=np.array([4300.0, 4400.0]), latent_heat="5e5 J/kg", melting="batch"
    )
    assert changed.attrs["calibration"].endswith("changed here: latent_heat, melting, core_temperature")
    assert changed.attrs["reading_melting"] == "batch"
    for variable in result.data_vars.values():
        assert variable.attrs["units"] and variable.attrs["long_name"]


def test_file_of_a_user(tmp_path):
    file = tmp_path / "venus.toml"
    file.write_text(
        'title = "Venus"\nlike = "earth"\n[planet]\ngravity = "8.87 m/s^2"\nmantle_thickness = "2950 km"\n'
        '[readings]\nmelting = "batch"\n'
    )
    case = BufferingCase.read(str(file))
    assert (
        case.values["gravity"] == 8.87
        and case.readings["melting"] == "batch"
        and case.values["bulk_iron"] == 0.1
    )
    assert case.changed == ("gravity", "mantle_thickness", "melting")
    assert np.isfinite(iron(case))


BAD = sorted((TESTS / "bad" / "mantle").glob("*.toml"))


@pytest.mark.parametrize("file", BAD, ids=lambda p: p.stem)
def test_bad_files(file):
    words = file.read_text().splitlines()[0].removeprefix("# says: ")
    with pytest.raises(InputError) as stated:
        BufferingCase.read(str(file))
    assert words in str(stated.value) and file.name in str(stated.value)


@pytest.mark.parametrize(
    "arguments, words",
    [
        ({"case": "erth"}, "did you mean 'earth'"),
        ({"case": "missing.toml"}, "cannot be read"),
        ({"viscosty": 1e18}, "did you mean 'viscosity'"),
        ({"core_temperature": np.array([4000.0, np.nan])}, "at point 1"),
        ({"core_temperature": "hot"}, "does not begin with a number"),
        ({"timescale": "3 km"}, "time"),
        ({"timescale": 0.0}, "out of range"),
        ({"timescale": np.array([1e13, -1.0])}, "at point 1"),
        ({"melting": "Batch"}, "did you mean 'batch'"),
        ({"core_temperature": np.ones(2) * 4400, "bulk_iron": np.ones(3) * 0.1}, "do not broadcast"),
        ({"iron_temperature": np.array([1500.0, 2300.0])}, "would melt above"),
        ({"melting": np.array(["batch"])}, "no such reading"),
    ],
)
def test_bad_arguments(arguments, words):
    with pytest.raises(InputError, match=words):
        mo.buffering(**arguments)
