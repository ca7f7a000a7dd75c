"""The melting temperatures of a pile: calibrated from 22 to 136 GPa, and recorded where a run leaves that."""

import json

import numpy as np
import pytest
import xarray

import mocoupled as mo
from mocoupled.closures.registry import find
from mocoupled.cumulates.basal_layer import _with_melting_range
from mocoupled.cumulates.of_case import pile
from mocoupled.cumulates.of_planet import CALIBRATED_PRESSURES, melting_watch
from mocoupled.schema.buffering_case import BufferingCase


def test_the_range_is_that_of_the_calibration():
    """Its ends are where the solidus of Fe# 10 has the temperatures it was calibrated to, 2450 and 4150 K."""
    values = BufferingCase.read("earth").values
    share = find("melting_lens", "loglin").evaluate(X=0.1, KD=values["exchange_coefficient"])
    for P, T in zip(CALIBRATED_PRESSURES, (2450.0, 4150.0)):
        magnesium, iron = (
            values[f"{name}_temperature"] + values[f"{name}_slope"] * P for name in ("magnesium", "iron")
        )
        assert magnesium + share * (iron - magnesium) == pytest.approx(T, abs=5.0)
    assert CALIBRATED_PRESSURES == (22e9, 136e9)


def recorded(planet, melt_fraction, **changes):
    run = xarray.Dataset({"melt_fraction": ("time", np.array(melt_fraction))}, attrs={"extrapolations": "[]"})
    case = mo.Case.read(planet).replace({"cumulates.coupled": True, **changes})
    return json.loads(_with_melting_range(run, pile(case)).attrs["extrapolations"])


def test_a_run_records_its_pile_outside_the_range():
    """Mars lies wholly above 22 GPa; Earth leaves the range with its last, shallow pile."""
    (mars,) = recorded("mars", [1.0, 0.5, 0.02])
    assert mars["share"] == 1.0 and mars["reached"][1] < 22e9
    assert mars["calibrated"] == [22e9, 136e9] and "not predicted" in mars["reference"]
    (earth,) = recorded("earth", [0.9, 0.5, 0.3, 0.02])
    assert earth["share"] == 0.25 and earth["reached"][0] < 22e9
    assert recorded("earth", [0.9, 0.5, 0.3]) == []
    (large,) = recorded("earth", [0.99, 0.4], **{"planet.mass": "3 M_earth"})
    assert large["share"] >= 0.5 and large["reached"][1] > 300e9


def test_temperatures_of_a_user_have_no_known_range():
    case = BufferingCase.read("earth")
    assert melting_watch(case.replace({"viscosity": 1e17})) is not None
    assert melting_watch(case.replace({"iron_slope": 9e-9})) is None
