"""What a user passes to the library: every kind of value is converted or refused."""

from decimal import Decimal
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from support.quantities import DECIMAL_QUANTITY, Astro, Q, metric

import mocoupled as mo
from mocoupled.conditions import column, number
from mocoupled.errors import InputError
from mocoupled.plain_values import plain

pytestmark = pytest.mark.usefixtures("quiet")
WATER = {"H": 2.0, "O": 1.0, "C": 0.1}


KELVIN_1500 = {
    "number": 1500, "text": "1500 K", "text in degC": "1226.85 degC", "bare text": "1500",
    "Decimal": Decimal("1500"), "Fraction": Fraction(3000, 2),
    "float32": np.float32(1500), "int16": np.int16(1500), "str_": np.str_("1500 K"),
    "0-d array": np.array(1500), "0-d text": np.array("1500 K"),
    "pint": Q(1226.85, "degC"), "pint of an integer": Q(1500, "K"),
    "pint of Decimal": DECIMAL_QUANTITY(Decimal("1226.85"), "degC"), "pint 0-d": Q(np.array(1.5), "kK"),
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
    """The values are converted as by hand, and the states are those of plain numbers."""
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
def test_values_that_are_refused(kind, earth):
    with pytest.raises(InputError) as error:
        mo.equilibrium(earth, REFUSED[kind], 0.5)
    assert "temperature" in str(error.value)
    with pytest.raises(InputError):
        mo.gas_equilibrium(REFUSED[kind], 1e7, WATER)


def test_quantities_keep_their_unit(earth):
    """Quantities in bars, degrees and grams were read as Pa, K and kg."""
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
    from_text = mo.equilibrium(earth, 1500.0, 0.3, pressure={"H2O": Q(500, "bar")}, carbon="4e20 kg")
    assert from_text.element_mass.values == pytest.approx(
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


def test_plain_values_stay():
    assert plain({"a": [1, "x", None, True], "b": (2.5,)}, "x") == {"a": [1, "x", None, True], "b": [2.5]}


def test_index_of_several_levels():
    """A MultiIndex of pandas has no array; its entries are not numbers."""
    several = pd.MultiIndex.from_tuples([(1500.0, 1600.0)])
    for call in (
        lambda: mo.equilibrium("earth", several, 0.3),
        lambda: mo.Case.read("earth").replace({"planet.radius": several}),
    ):
        with pytest.raises(InputError, match="an entry of the array is an array itself"):
            call()


def test_arguments_of_melting():
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


def test_arguments_of_buffering():
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
