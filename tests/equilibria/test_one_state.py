"""One state, one answer: a state is the same however its oxygen is stated."""

import importlib.util
import json
import warnings

import numpy as np
import pytest
from support.gas_states import bars
from support.places import ROOT

import mocoupled as mo
from mocoupled.closures.law import find
from mocoupled.constants import BAR
from mocoupled.provenance.calibration import CalibrationWarning

pytestmark = pytest.mark.filterwarnings("ignore::mocoupled.provenance.calibration.CalibrationWarning")


@pytest.fixture(scope="module")
def one_state():
    """validation/one_state.py as a module."""
    path = ROOT / "validation" / "one_state.py"
    spec = importlib.util.spec_from_file_location("one_state", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_one_state_in_four_ways(one_state):
    """Six of the states of validation/one_state.py, with 10 gases: every pressure is the same to 1e-9."""
    case, conditions = (
        one_state.base(list(one_state.LAWS.values())[0], "H2, H2O, CO, CO2, CH4, N2, NH3, S2, H2S, SO2"),
        one_state.states(6, 3),
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", CalibrationWarning)
        first = mo.equilibrium(case, **conditions)
        assert bool(first.converged.all())
        for buffer, pressure in (
            ("Hirschmann2021", BAR),
            ("Hirschmann2021", 1e9),
            ("Frost1991-QFM", BAR),
            ("SchaeferFegley2017-EH", BAR),
        ):
            state, near = one_state.by_buffer(case, conditions, buffer, pressure)
            assert len(near) == 6 and one_state.difference(first, state) < 1e-9, buffer
        assert one_state.difference(first, one_state.by_budget(case, conditions, first)) < 1e-9
        for k, law in ((0, "Sossi2020"), (3, "Hirschmann2022")):
            assert (
                one_state.difference(
                    first.isel(point=k), one_state.by_ferric_share(case, conditions, first, law, k)
                )
                < 1e-9
            ), law


def test_nitrogen_by_any_buffer(earth):
    """2700 K, log10 fO2 -7.55: p(N2) does not depend on the buffer of the case, to 1e-11.

    It was 0.090 or 0.437 bar, by the buffer.
    """
    changes = {
        "chemistry.mechanism": "chons",
        "volatiles.nitrogen": "3 ppmw",
        "volatiles.solubility.N2": "basalt-Dasgupta2022",
        "chemistry.species": "H2, H2O, CO, CO2, CH4, N2, NH3",
    }
    pressures = []
    for buffer in ("ONeillEggins2002", "Hirschmann2021", "none"):
        iron = float(find("buffer", buffer)(T=2700.0)) if buffer != "none" else 0.0
        case = earth.replace(
            changes
            | {
                "redox.buffer": buffer,
                "redox.oxygen_fugacity": "IW" if buffer != "none" else "log10 fO2 = -7",
            }
        )
        pressures.append(bars(mo.equilibrium(case, 2700.0, 1.0, oxygen_fugacity_offset=-7.55 - iron))["N2"])
    assert pressures == pytest.approx([pressures[0]] * 3, rel=1e-11)


def test_distance_from_iron_wustite_is_of_the_state(earth):
    """delta_IW and the ranges of the ferric laws are relative to a named buffer.

    The buffer that the case starts with does not matter.
    """
    iron = {"redox.ferric_iron": "Sossi2020"}
    state = mo.equilibrium(earth.replace(iron | {"redox.oxygen_fugacity": "IW+1"}), 2500.0, 0.8)
    above = float(state.log10_fO2) - float(find("buffer", "Hirschmann2021")(T=2500.0))
    other = mo.equilibrium(
        earth.replace(iron | {"redox.oxygen_fugacity": f"IW{above:+.17g}", "redox.buffer": "Hirschmann2021"}),
        2500.0,
        0.8,
    )
    np.testing.assert_allclose(other.pressure, state.pressure, rtol=1e-9)
    assert float(state.delta_IW) == pytest.approx(1.0, abs=1e-9) and float(other.delta_IW) == pytest.approx(
        1.0, abs=1e-9
    )
    assert "ONeillEggins2002" in state.delta_IW.attrs["long_name"]
    reached = [
        [
            (r["argument"], r["reached"])
            for r in json.loads(s.attrs["extrapolations"])
            if r["law"].startswith(("ferric", "sol"))
        ]
        for s in (state, other)
    ]
    assert [a for a, _ in reached[0]] == [a for a, _ in reached[1]]
