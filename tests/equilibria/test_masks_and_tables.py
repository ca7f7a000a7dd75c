"""Masked points, empty arrays, Series and tables of amounts as arguments."""

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from support.quantities import Q

import mocoupled as mo
from mocoupled.conditions import table
from mocoupled.errors import InputError

pytestmark = pytest.mark.usefixtures("quiet")
WATER = {"H": 2.0, "O": 1.0, "C": 0.1}


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


def test_species_are_amounts():
    """Amounts of species: water and carbon dioxide in place of their elements.

    A formula that the mechanism lacks is read, and values broadcast.
    """
    elements = mo.gas_equilibrium(1500.0, 1e7, {"H": 2.0, "O": 1.2, "C": 0.1})
    species = mo.gas_equilibrium(1500.0, 1e7, {"H2O": 1.0, "CO2": 0.1})
    assert species.pressure.values == pytest.approx(elements.pressure.values, rel=1e-12)
    assert species.moles_H.item() == 2.0 and "moles_H2O" not in species
    ethane = mo.gas_equilibrium(1500.0, 1e7, {"C2H6": [1.0, 2.0], "O2": "3 mol"})
    assert ethane.moles_C.values.tolist() == [2.0, 4.0] and ethane.moles_O.values.tolist() == [6.0, 6.0]
    with pytest.raises(InputError, match="C2H6"):
        mo.gas_equilibrium(1500.0, 1e7, {"C2H6": -1.0, "O2": 3.0})
