"""What a user passes to the library: every kind of value is converted or refused, and results follow from the
arguments alone."""

import warnings
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pandas as pd
import pint
import pytest
import xarray as xr

import mocoupled as mo
from mocoupled.conditions import column, number, table
from mocoupled.errors import InputError
from mocoupled.plain_values import plain

UNITS = pint.UnitRegistry()  # another one than the library's
Q = UNITS.Quantity
WATER = {"H": 2.0, "O": 1.0, "C": 0.1}
GRAMS = pint.UnitRegistry(non_int_type=Decimal).Quantity


class Astro:
    """A quantity as astropy's: `unit` and `value`, and an array when numpy asks for one."""

    def __init__(self, value, unit):
        self.value, self.unit = value, unit

    def __array__(self, *_, **__):
        return np.asarray(self.value)


class Metric(np.ndarray):
    """An array with `units`, as of unyt."""


def metric(values, units):
    found = np.asarray(values, dtype=float).view(Metric)
    found.units = units
    return found


@pytest.fixture(scope="module")
def earth():
    return mo.Case.read("earth")


@pytest.fixture(autouse=True)
def quiet():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


# ---- one number


KELVIN_1500 = {
    "number": 1500, "text": "1500 K", "text in degC": "1226.85 degC", "bare text": "1500",
    "Decimal": Decimal("1500"), "Fraction": Fraction(3000, 2),
    "float32": np.float32(1500), "int16": np.int16(1500), "str_": np.str_("1500 K"),
    "0-d array": np.array(1500), "0-d text": np.array("1500 K"),
    "pint": Q(1226.85, "degC"), "pint of an integer": Q(1500, "K"),
    "pint of Decimal": GRAMS(Decimal("1226.85"), "degC"), "pint 0-d": Q(np.array(1.5), "kK"),
    "astropy": Astro(1226.85, "deg_C"), "astropy in K": Astro(1500.0, "K"), "unyt": metric(1500, "K"),
    "DataArray": xr.DataArray(1500.0),
    "DataArray with "
    "units": xr.DataArray(1226.85, attrs={"units": "degC"}),
    "DataArray of pint": xr.DataArray(Q(np.array(1226.85), "degC")),
    "DataArray with unit": xr.DataArray(1226.85, attrs={"unit": "degC"}),
}  # fmt: skip


@pytest.mark.parametrize("kind", KELVIN_1500)
def test_one_temperature(kind):
    assert number(KELVIN_1500[kind], "K", "temperature") == pytest.approx(1500.0, rel=1e-14)
    assert column(KELVIN_1500[kind], "K", "temperature").values.shape == ()


ARRAYS = {
    "list": [1500, 1600], "tuple": (1500.0, 1600.0), "texts": ["1500 K", "1326.85 degC"],
    "mixed": [Q(1500, "K"), "1600"], "ints": np.array([1500, 1600]),
    "float16": np.array([1500, 1600], dtype=np.float16), "array of text": np.array(["1500 K", "1.6 kK"]),
    "objects": np.array([Q(1226.85, "degC"), 1600], dtype=object),
    "pint": Q([1226.85, 1326.85], "degC"), "list of pint": [Q(1226.85, "degC"), Q(1.6, "kK")],
    "astropy": Astro(np.array([1.5, 1.6]), "kK"), "unyt": metric([1.5, 1.6], "kK"),
    "DataArray": xr.DataArray([1226.85, 1326.85], dims="x", attrs={"units": "degC"}),
    "DataArray of pint": xr.DataArray(Q(np.array([1.5, 1.6]), "kK"), dims="x"),
    "Series": pd.Series([1500, 1600]), "Series of text": pd.Series(["1500 K", "1600 K"]),
    "Index": pd.Index([1500, 1600]), "nullable": pd.array([1500, 1600], dtype="Int64"),
    "range": range(1500, 1601, 100),
}  # fmt: skip


@pytest.mark.parametrize("kind", ARRAYS)
def test_two_temperatures(kind, earth):
    """Converted as by hand, and the states are those of plain numbers to the last bit."""
    assert column(ARRAYS[kind], "K", "temperature").values == pytest.approx([1500.0, 1600.0], rel=1e-14)
    state = mo.equilibrium(earth, ARRAYS[kind], 0.5)
    assert state.surface_pressure.values == pytest.approx(
        mo.equilibrium(earth, [1500.0, 1600.0], 0.5).surface_pressure.values, rel=1e-12
    )


REFUSED = {
    "bool": True, "numpy bool": np.True_, "bools": [True, 1500], "array of bools": np.array([True]),
    "complex": 1500 + 0j, "complexes": np.array([1500 + 0j]),
    "datetime": np.datetime64("2020"), "timedelta": np.timedelta64(5, "s"), "Timestamp": pd.Timestamp("2020"),
    "Timedelta": pd.Timedelta("1s"), "bytes": b"1500 K",
    "None": [None], "object": object(), "dict": {"a": 1}, "set": {1500}, "generator": (x for x in [1500]),
    "function": len, "class": float,
    "Dataset": xr.Dataset({"a": 1500.0}), "DataFrame": pd.DataFrame({"a": [1500.0]}),
    "Variable": xr.Variable("x", [1500.0]), "nan": np.nan, "infinity": [np.inf],
    "large": 10**400, "ragged": [[1500], [1500, 1600]], "text": "hot", "empty text": "", "bar": "1500 bar",
    "pint bar": Q(1, "bar"), "astropy bar": Astro(1.0, "bar"),
    "unyt bar": metric([1, 2], "bar"), "attribute bar": xr.DataArray(1.0, attrs={"units": "bar"}),
    "attribute unknown": xr.DataArray(1.0, attrs={"units": "foo"}),
    "attribute odd": xr.DataArray(1.0, attrs={"units": 3}), "unknown unit": Astro(1.0, "foo"),
    "no dimension": Q(1500, ""), "difference": Q(5, "delta_degC"), "coulomb": "1650C",
    "NaN in a Series": pd.Series([1500.0, np.nan]), "levels": pd.Series([1500.0],
    index=pd.MultiIndex.from_tuples([("a", "b")])), "structured": np.array([(1, 2)], dtype="i,i"),
}  # fmt: skip


@pytest.mark.parametrize("kind", REFUSED)
def test_refused_with_words(kind, earth):
    with pytest.raises(InputError) as error:
        mo.equilibrium(earth, REFUSED[kind], 0.5)
    assert "temperature" in str(error.value)
    with pytest.raises(InputError):
        mo.gas_equilibrium(REFUSED[kind], 1e7, WATER)


def test_quantities_keep_their_unit(earth):
    """Bars, degrees and grams were read as Pa, K and kg."""
    assert mo.gas_equilibrium(1500.0, Q(100, "bar"), WATER).total_pressure.item() == pytest.approx(
        1e7, rel=1e-15
    )
    assert mo.gas_equilibrium(Q(1226.85, "degC"), 1e7, WATER).temperature.item() == pytest.approx(
        1500.0, rel=1e-15
    )
    plain_state = mo.equilibrium(earth, 2000.0, 1.0, hydrogen=4.65e20)
    for amount in (
        Q(4.65e23, "g"),
        "3 ocean",
        Astro(4.65e23, "g"),
        xr.DataArray(4.65e23, attrs={"units": "g"}),
    ):
        assert mo.equilibrium(earth, 2000.0, 1.0, hydrogen=amount).surface_pressure.item() == pytest.approx(
            plain_state.surface_pressure.item(), rel=1e-12
        )
    said = mo.equilibrium(earth, 1500.0, 0.3, pressure={"H2O": Q(500, "bar")}, carbon="4e20 kg")
    assert said.element_mass.values == pytest.approx(
        mo.equilibrium(earth, 1500.0, 0.3, pressure={"H2O": 5e7}, carbon=4e20).element_mass.values, rel=1e-12
    )


def test_inventories_and_offsets_as_in_a_case(earth):
    mantle = mo.equilibrium(earth, 2000.0, 1.0, hydrogen="100 ppmw").hydrogen.item() / 1e-4
    assert mantle == pytest.approx(4.208e24, rel=1e-3)
    ratio = mo.equilibrium(earth, 2000.0, 1.0, carbon="2 C/H")
    assert ratio.surface_pressure.item() == pytest.approx(
        mo.equilibrium(earth, 2000.0, 1.0, carbon=9.3e20).surface_pressure.item(), rel=1e-9
    )
    for text in ("IW+2", "\u0394IW+2", "dIW + 2", "IW 2", 2):
        assert (
            mo.equilibrium(earth, 2000.0, 1.0, oxygen_fugacity_offset=text).oxygen_fugacity_offset.item()
            == 2.0
        )
    for text in ("QFM+1", "IW+x", "two"):
        with pytest.raises(InputError, match="redox.oxygen_fugacity"):
            mo.equilibrium(earth, 2000.0, 1.0, oxygen_fugacity_offset=text)
    with pytest.raises(InputError, match="ratio"):
        mo.equilibrium(earth, 2000.0, 1.0, carbon=["1 C/H", "2 C/H"])


# ---- masks, empty arrays, Series


def test_masked_points_are_left_out(earth):
    hidden = np.ma.masked_array([1500.0, -1.0, 1700.0], mask=[0, 1, 0])
    for T in (
        hidden,
        pd.Series([1500.0, None, 1700.0], dtype="Float64"),
        [1500.0, pd.NA, 1700.0],
        Q(hidden, "K"),
        np.ma.masked_array([1500, np.nan, 1700], mask=[0, 1, 0]),
    ):
        state = mo.equilibrium(earth, T, 0.5)
        assert state.converged.values.tolist() == [True, False, True]
        assert (
            np.isnan(state.surface_pressure.values).tolist()
            == np.isnan(state.temperature.values).tolist()
            == [False, True, False]
        )
        assert state.surface_pressure.values[2] == mo.equilibrium(earth, 1700.0, 0.5).surface_pressure.item()
        gas = mo.gas_equilibrium(T, 1e7, WATER, engine="both", condensates=("C(gr)", "H2O(l)"))
        assert gas.converged.values.tolist() == [True, False, True] and np.isnan(
            gas.engine_difference.values
        ).tolist() == [False, True, False]
    with pytest.raises(InputError, match="at point 2"):
        mo.equilibrium(earth, np.ma.masked_array([1500.0, -1.0, 1.0], mask=[0, 1, 0]), 0.5)
    assert (
        not mo.equilibrium(earth, np.ma.masked, 0.5).converged.item()
        and not mo.gas_equilibrium(pd.NA, 1e7, WATER).converged.item()
    )
    amounts = mo.gas_equilibrium(1500.0, 1e7, {"H": 2.0, "O": np.ma.masked_array([1.0, 2.0], mask=[1, 0])})
    assert amounts.converged.values.tolist() == [False, True]


@pytest.mark.parametrize(
    "T",
    [
        [],
        np.array([]),
        np.empty((0, 3)),
        pd.Series([], dtype=float, name="T"),
        Q(np.array([]), "degC"),
        xr.DataArray(np.empty(0), dims="x"),
    ],
)
def test_empty_in_empty_out(T, earth):
    for result in (
        mo.equilibrium(earth, T, 0.5),
        mo.gas_equilibrium(T, 1e7, WATER),
        mo.buffering("earth", core_temperature=T),
    ):
        assert result.converged.size == 0 and result.converged.shape == np.shape(getattr(T, "magnitude", T))
    assert mo.equilibrium(earth, T, 0.5).pressure.sizes["species"] == 6


def test_a_series_has_its_index(earth):
    T = pd.Series([1500.0, 1600.0], index=pd.Index([3, 5], name="sample"))
    state = mo.equilibrium(earth, T, pd.Series([0.1, 0.2], index=T.index))
    assert state.sample.values.tolist() == [3, 5] and state.surface_pressure.dims == ("sample",)
    with pytest.raises(InputError, match="coordinates do not agree"):
        mo.equilibrium(earth, T, pd.Series([0.1, 0.2], index=pd.Index([4, 5], name="sample")))
    moles = mo.gas_equilibrium(1500.0, 1e7, pd.Series(WATER))
    assert moles.identical(mo.gas_equilibrium(1500.0, 1e7, WATER))
    elements = xr.DataArray(
        [2.0, 1.0, 0.1], dims="element", coords={"element": ["H", "O", "C"]}, attrs={"units": "mol"}
    )
    assert moles.pressure.equals(mo.gas_equilibrium(1500.0, 1e7, elements).pressure)
    assert table(pd.Series({"H2O": 5.0}), "pressure", "") == {"H2O": 5.0}


# ---- results follow from the arguments alone


def test_coordinates_of_an_earlier_call_do_not_stay(earth):
    for call in (
        lambda T: mo.equilibrium(earth, T, 0.5),
        lambda T: mo.gas_equilibrium(T, 1e5, {"H": 2.0, "O": 1.0}),
    ):
        plain_result = call(1700.0)
        for time in (5.0, 6.0):
            assert call(xr.DataArray(1700.0, coords={"time": time})).time.item() == time
        T = xr.DataArray([1800.0, 2000.0], dims="temperature", coords={"temperature": [1800.0, 2000.0]})
        for k in range(2):
            assert call(T.isel(temperature=k)).temperature.item() == T.values[k]
        assert call(T).temperature.values.tolist() == [1800.0, 2000.0]
        assert call(1700.0).identical(plain_result) and "time" not in call(1700.0).coords


def test_what_is_done_to_a_result_stays_there(earth):
    """Results of later calls shared the labels and attributes of the first."""
    for call in (
        lambda: mo.gas_equilibrium(1500.0, 1e5, {"H": 2.0, "O": 1.0}),
        lambda: mo.equilibrium(earth, 1500.0, 0.5),
    ):
        changed, kept = call(), call().copy(deep=True)
        changed.species.attrs["units"] = changed.pressure.attrs["units"] = "none"
        changed.species.values[:] = "X"
        changed.pressure.values[:] = 0.0
        assert call().identical(kept)


def test_order_and_threads(earth):
    """Sixteen calls of all kinds, from eight threads, are those of one thread in another order."""
    time = xr.DataArray(1650.0, coords={"time": 3.0})
    calls = [
        lambda: mo.equilibrium(earth, 1650.0, 0.3),
        lambda: mo.equilibrium(earth, time, 0.3),
        lambda: mo.gas_equilibrium(time, 1e5, WATER),
        lambda: mo.gas_equilibrium(1650.0, 1e5, WATER),
    ]
    alone = [call() for call in reversed(calls)][::-1]
    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(lambda k: calls[k % 4](), range(16)))
    assert all(result.identical(alone[k % 4]) for k, result in enumerate(results))


def test_a_mechanism_that_changes_is_read_anew(tmp_path, monkeypatch):
    """Its path is not all that a result depends on: the file's content and the folder count."""
    from mocoupled.chemistry.mechanism_paths import find_mechanism

    text = find_mechanism("volatiles").read_text(encoding="utf-8")
    (tmp_path / "mine.yaml").write_text(text, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    case = mo.Case.read("earth").replace({"chemistry.mechanism": "mine.yaml"})

    def both():
        return mo.gas_equilibrium(1500.0, 1e7, WATER, mechanism="mine.yaml"), mo.equilibrium(
            case, 1500.0, 0.5
        )

    before = both()
    (tmp_path / "mine.yaml").write_text(text + "\n# changed\n", encoding="utf-8")
    for old, new in zip(before, both()):
        assert old.attrs["mechanism_sha256"] != new.attrs["mechanism_sha256"]


# ---- names of dimensions


def test_a_dimension_named_like_an_output():
    """`pressure` is total_pressure in the result; any other clash is called <name>_input; attrs["renamed"]
    lists it."""
    P = xr.DataArray([1e5, 1e7], dims="pressure", coords={"pressure": [1e5, 1e7]})
    gas = mo.gas_equilibrium(1500.0, P, {"H": 2.0, "O": 1.0})
    assert gas.pressure.dims == ("species", "total_pressure") and gas.total_pressure.values.tolist() == [
        1e5,
        1e7,
    ]
    assert gas.attrs["renamed"] == "pressure -> total_pressure" and gas.total_pressure.attrs["units"] == "Pa"
    bars = mo.gas_equilibrium(
        1500.0,
        xr.DataArray(
            [1.0, 100.0], dims="pressure", coords={"pressure": [1.0, 100.0]}, attrs={"units": "bar"}
        ),
        {"H": 2.0, "O": 1.0},
    )
    assert bars.pressure_input.values.tolist() == [1.0, 100.0] and bars.total_pressure.values.tolist() == [
        1e5,
        1e7,
    ]
    for name in ("species", "residual", "mixing_ratio", "moles_H", "converged"):
        odd = mo.gas_equilibrium(
            xr.DataArray([1500.0, 1600.0], dims=name, coords={name: [1, 2]}), 1e5, {"H": 2.0, "O": 1.0}
        )
        assert odd[f"{name}_input"].values.tolist() == [1, 2] and odd.converged.all()
        bare = mo.gas_equilibrium(xr.DataArray([1500.0, 1600.0], dims=name), 1e5, {"H": 2.0, "O": 1.0})
        assert bare.converged.dims == (f"{name}_input",)
    degrees = xr.DataArray(
        [1226.85], dims="temperature", coords={"temperature": [1226.85]}, attrs={"units": "degC"}
    )
    state = mo.equilibrium("earth", degrees, 0.5)
    assert state.temperature.values == pytest.approx(
        [1500.0]
    ) and state.temperature_input.values.tolist() == [1226.85]
    table_of = mo.gas_equilibrium(
        1500.0, 1e5, {"H": xr.DataArray([2.0, 3.0], dims="moles_H", coords={"moles_H": [2.0, 3.0]}), "O": 1.0}
    )
    assert table_of.moles_H.dims == ("moles_H",)
    pile = mo.buffering("earth", core_temperature=xr.DataArray([4600.0], dims="rate", coords={"rate": [1.0]}))
    assert pile.rate_input.values.tolist() == [1.0] or "rate" in pile.dims


# ---- cases


def test_cases_by_name(tmp_path, earth):
    state = mo.equilibrium(earth, 1650.0, 0.3)
    (tmp_path / "mine.toml").write_text(earth.to_toml(), encoding="utf-8")
    for case in ("earth", tmp_path / "mine.toml", str(tmp_path / "mine.toml")):
        assert mo.equilibrium(case, "1650 K", "0.3").surface_pressure.item() == state.surface_pressure.item()
    assert mo.equilibrium("earth", 1650).melt_fraction.item() == 1.0
    quick = {
        "mantle.model": "lumped",
        "mantle.shells": 10,
        "run.end_surface_temperature": Q(2376.85, "degC"),
        "run.rtol": np.float32(1e-3),
    }
    (tmp_path / "quick.toml").write_text(earth.replace(quick).to_toml(), encoding="utf-8")
    run = mo.run(tmp_path / "quick.toml")
    assert run.surface_temperature.values[-1] == pytest.approx(2650.0)
    for bad in (3, None, {"planet": 1}, "erth", b"earth"):
        for function, *arguments in (
            (mo.equilibrium, 1650.0),
            (mo.run,),
            (mo.sweep, {"planet.gravity": [9, 10]}),
            (mo.equilibrium_map, {}, tmp_path / "m"),
        ):
            with pytest.raises(InputError):
                function(bad, *arguments)


def test_what_is_typed_wrongly_has_a_cure(earth, tmp_path):
    for call, cure in (
        (lambda: mo.Case("earth"), "Case.read('earth')"),
        (lambda: mo.Case(name="x"), "Case.read"),
        (lambda: earth.replace(hydrogen="3 ocean"), "\"volatiles.hydrogen\": '3 ocean'"),
        (lambda: earth.replace(), "case.replace"),
        (lambda: mo.equilibrium(earth), "temperature=1650.0"),
        (lambda: mo.equilibrium(earth, 1650, H=1e20), "did you mean hydrogen=?"),
        (lambda: mo.gas_equilibrium(1500.0), "pressure=1e7"),
        (lambda: mo.gas_equilibrium(1500.0, 1e7, {"h": 2.0}), "did you mean 'H'?"),
        (lambda: mo.run(earth, 3), "pathlib.Path"),
        (lambda: mo.read(3), "pathlib.Path"),
        (lambda: mo.resume(None), "pathlib.Path"),
        (lambda: mo.cite("runs/earth"), "cite(read(folder))"),
        (lambda: mo.buffering(earth), "mantle"),
        (lambda: mo.run(earth, checkpoint="5 m"), "time is needed"),
        (lambda: mo.equilibrium(earth, 1650, threads=True), "logical value"),
        (
            lambda: mo.equilibrium_map(
                earth, {"temperature": True, "melt_fraction": [0.1, 0.2]}, tmp_path / "m"
            ),
            "number",
        ),
    ):
        with pytest.raises(InputError) as error:
            call()
        assert cure in str(error.value), str(error.value)


@pytest.mark.parametrize(
    ("key", "value", "kept"),
    [
        ("planet.radius", Q(6371, "km"), 6.371e6), ("planet.radius", xr.DataArray(6371.0,
        attrs={"units": "km"}), 6.371e6), ("planet.radius", np.float32(6.4e6), 6.4e6),
        ("planet.radius", Astro(1.0, "earthRad"), 6.3781e6), ("planet.gravity", Decimal("9.81"), 9.81),
        ("mantle.cells", np.int64(20), 20),
        ("chemistry.species", np.array(["H2", "H2O"]), ("H2", "H2O")),
        ("chemistry.graphite", np.bool_(False), False), ("run.rtol", Q(1e-4, ""), 1e-4),
        ("volatiles.initial_pressure", {"H2O": Q(3, "bar")}, {"H2O": 3e5}),
        ("volatiles.initial_pressure", pd.Series({"H2O": 3e5}), {"H2O": 3e5}),
    ],
)  # fmt: skip
def test_values_of_a_case(key, value, kept, earth):
    case = earth.replace(
        {key: value}
        | ({"volatiles.hydrogen": "0 kg", "volatiles.carbon": "0 kg"} if "pressure" in key else {})
    )
    section, name = key.split(".")
    found = getattr(getattr(case, section), name)
    assert found == (pytest.approx(kept, rel=1e-12) if isinstance(kept, float) else kept)
    assert mo.Case.parse(case.to_toml()) == case


def test_inventories_of_a_case(earth):
    for amount in (Q(4.65e23, "g"), np.float64(4.65e20), Astro(4.65e23, "g")):
        assert earth.replace({"volatiles.hydrogen": amount}).volatiles.hydrogen.amount == pytest.approx(
            4.65e20, rel=1e-12
        )
    assert earth.replace({"volatiles.hydrogen": Q(1e-4, "kg/kg")}).volatiles.hydrogen.unit == "kg/kg"
    for bad in (1j, np.ma.masked, object(), xr.Dataset(), np.datetime64("2020"), Q(3, "km"), {1: 2}):
        with pytest.raises(InputError, match="volatiles.hydrogen"):
            earth.replace({"volatiles.hydrogen": bad})


def test_maps_and_axes(tmp_path):
    """An axis is read as an argument is: its unit is not lost."""
    T = Q(np.array([1226.85, 1326.85]), "degC")
    made = mo.equilibrium_map(
        "earth",
        {
            "temperature": T,
            "melt_fraction": xr.DataArray(50.0, attrs={"units": "percent"}),
            "hydrogen": "100 ppmw",
        },
        tmp_path / "map",
    )
    assert made.temperature.values == pytest.approx([1500.0, 1600.0]) and made.converged.all()
    state = mo.equilibrium("earth", 1500.0, 0.5, hydrogen="100 ppmw")
    assert made.surface_pressure.values[0] == pytest.approx(state.surface_pressure.item(), rel=1e-9)
    made.close()
    from mocoupled.sweeps.grid import build
    from mocoupled.sweeps.grid_check import check

    base = mo.Case.read("earth").replace({"mantle.model": "lumped", "mantle.shells": 10})
    kept = check(
        build(
            base, {"volatiles.hydrogen": Q([4.65e23, 1.55e23], "g"), "run.end_time": [Q(5, "Myr"), "6 Myr"]}
        )
    )
    assert [one.amount for one in kept["volatiles.hydrogen"][1]] == pytest.approx([4.65e20, 1.55e20])
    assert kept["run.end_time"][1] == pytest.approx([5e6 * 365.25 * 86400, 6e6 * 365.25 * 86400])


def test_melting_reads_alike():
    melting = mo.melting
    assert melting.two_component("pyrolite", 129e9, []).sizes["temperature"] == 0
    two = melting.two_component(
        pd.Series({"FeO": 7.0, "MgO": 50.5, "SiO2": 42.5}), "129 GPa", Q([4226.85], "degC")
    )
    assert two.melt_fraction.values == pytest.approx(
        melting.two_component({"FeO": 7, "MgO": 50.5, "SiO2": 42.5}, 129e9, 4500.0).melt_fraction.values,
        rel=1e-9,
    )
    for bad in (True, [52e9], "52 K", Q(52, "K"), np.ma.masked, 52e9 + 0j):
        for call in (
            melting.ternary,
            melting.density_crossover,
            lambda P: melting.path("pyrolite", P),
            lambda P: melting.liquidus([[0.1, 0.5, 0.4]], P),
            lambda P: melting.two_component("pyrolite", P),
        ):
            with pytest.raises(InputError, match="pressure"):
                call(bad)


def test_buffering_reads_alike():
    by_hand = mo.buffering("earth", 5e6 * 365.25 * 86400, core_temperature=[4000.0, 4600.0])
    for T in (
        Q([3726.85, 4326.85], "degC"),
        ["4000 K", "4600 K"],
        xr.DataArray([4.0, 4.6], dims="x", attrs={"units": "kK"}),
        pd.Series([4000, 4600]),
    ):
        assert mo.buffering("earth", "5 Myr", core_temperature=T).ocean_iron.values == pytest.approx(
            by_hand.ocean_iron.values, rel=1e-9
        )
    hidden = mo.buffering(
        "earth", Q(5, "Myr"), core_temperature=np.ma.masked_array([4000.0, 0.0, 4600.0], mask=[0, 1, 0])
    )
    assert hidden.converged.values.tolist() == [True, False, True] and hidden.reason.values[1].startswith(
        "masked"
    )
    assert hidden.ocean_iron.values[[0, 2]] == pytest.approx(by_hand.ocean_iron.values, rel=1e-12)


# ---- species as amounts, units of text


def test_species_are_amounts():
    """Water and carbon dioxide in place of their elements; a formula that the mechanism lacks; values that
    broadcast."""
    elements = mo.gas_equilibrium(1500.0, 1e7, {"H": 2.0, "O": 1.2, "C": 0.1})
    species = mo.gas_equilibrium(1500.0, 1e7, {"H2O": 1.0, "CO2": 0.1})
    assert species.pressure.values == pytest.approx(elements.pressure.values, rel=1e-12)
    assert species.moles_H.item() == 2.0 and "moles_H2O" not in species
    ethane = mo.gas_equilibrium(1500.0, 1e7, {"C2H6": [1.0, 2.0], "O2": "3 mol"})
    assert ethane.moles_C.values.tolist() == [2.0, 4.0] and ethane.moles_O.values.tolist() == [6.0, 6.0]
    with pytest.raises(InputError, match="C2H6"):
        mo.gas_equilibrium(1500.0, 1e7, {"C2H6": -1.0, "O2": 3.0})


@pytest.mark.parametrize(
    ("key", "value", "cure"),
    [
        ("planet.radius", "6371", "did you mean '6371 km'?"),
        ("planet.radius", 6371, "'6371 km'"),
        ("volatiles.hydrogen", "3 H2O", "did you mean '3 ocean'?"),
    ],
)
def test_cures_of_keys(key, value, cure, earth):
    with pytest.raises(InputError) as error:
        earth.replace({key: value})
    assert cure in str(error.value)


def test_earth_radii(earth):
    assert earth.replace({"planet.radius": "1.5 R_Earth"}).planet.radius == pytest.approx(1.5 * 6.3781e6)


def test_plain_values_stay():
    assert plain({"a": [1, "x", None, True], "b": (2.5,)}, "x") == {"a": [1, "x", None, True], "b": [2.5]}


def test_index_of_several_levels():
    """pandas' MultiIndex has no array of its own; its entries are no numbers."""
    several = pd.MultiIndex.from_tuples([(1500.0, 1600.0)])
    for call in (
        lambda: mo.equilibrium("earth", several, 0.3),
        lambda: mo.Case.read("earth").replace({"planet.radius": several}),
    ):
        with pytest.raises(InputError, match="an entry of the array is an array itself"):
            call()


def test_a_point_searches_no_packages(monkeypatch):
    """A second call does not look for Cantera among all packages: that takes longer than an equilibrium."""
    first = [mo.equilibrium("earth", 1900.0, 0.3), mo.gas_equilibrium(1500.0, 1e5, WATER)]

    def refuse(*_):
        raise AssertionError("packages are searched")

    monkeypatch.setattr("importlib.util.find_spec", refuse)
    assert first[0].identical(mo.equilibrium("earth", 1900.0, 0.3)) and first[1].identical(
        mo.gas_equilibrium(1500.0, 1e5, WATER)
    )


def test_a_result_is_of_its_own():
    """Nothing that is done to a result reaches a later one."""
    case = mo.Case.read("earth")
    first, kept = mo.equilibrium(case, 1900.0, 0.3), mo.equilibrium(case, 1900.0, 0.3)
    first.pressure.values[:] = 0.0
    first.pressure.attrs["units"] = "bar"
    first.species.attrs["note"] = "mine"
    first.species.values[:] = "X"
    first.attrs.clear()
    first.pressure.encoding["dtype"] = "f4"
    again = mo.equilibrium(case, 1900.0, 0.3)
    assert again.identical(kept) and not again.pressure.encoding
