"""A law of K_D in a buffered magma ocean: local values, the integrated way, the spread, refusals."""

import numpy as np
import pytest
from scipy.integrate import solve_ivp

import mocoupled as mo
from mocoupled.closures.distillation import distilled, distilled_along
from mocoupled.closures.exchange_coefficient import KIND, exchange_at
from mocoupled.closures.iron_magnesium import exchange
from mocoupled.closures.registry import names
from mocoupled.cumulates.crossing_search import path
from mocoupled.cumulates.local_exchange import front_exchange, top_pressure, without_remelting
from mocoupled.cumulates.of_case import pile
from mocoupled.schema.buffering_case import BufferingCase

LAW = "olivine-Toplis2005+FMS-fitted"
SOLIDS = np.array([0.05, 0.3, 0.6, 0.9, 0.99])


@pytest.mark.parametrize("K", [0.05, 0.3, 0.8])
def test_integrated_and_closed_distillation(K):
    """With one K_D the integration gives the closed form; its error is that of 200 steps."""
    ours = distilled_along(1 - SOLIDS, 0.1, lambda f: np.full(f.shape, K))
    np.testing.assert_allclose(ours, distilled(1 - SOLIDS, 0.1, K), rtol=1e-7)


def test_distillation_with_a_law_against_a_plain_integration():
    case = BufferingCase.read("earth").replace({"exchange_coefficient": LAW})
    ours = without_remelting(SOLIDS, case.values, case.readings)
    depth = case.values["density"] * case.values["gravity"] * case.values["mantle_thickness"]

    def change(f, X):
        K = exchange_at(LAW, np.array(depth * (1 - f)))
        return (X - K * X / (1 - X + K * X)) / (1 - f)

    plain = solve_ivp(change, (0, 0.99), [0.1], t_eval=SOLIDS, rtol=1e-10, atol=1e-12, max_step=1e-3)
    np.testing.assert_allclose(ours, plain.y[0], rtol=2e-6)


def test_crystals_have_the_local_coefficient():
    case = BufferingCase.read("earth").replace({"exchange_coefficient": LAW})
    way = path(SOLIDS, case.values, case.readings)
    K = exchange_at(LAW, top_pressure(SOLIDS, case.values, case.readings))
    np.testing.assert_allclose(way.crystal_iron, exchange(way.ocean_iron, K), rtol=1e-12)
    np.testing.assert_allclose(way.remelting.top_pressure, top_pressure(SOLIDS, case.values, case.readings))
    front = front_exchange(case.values, case.readings)
    (f,) = front.free_symbols
    np.testing.assert_allclose([float(front.subs(f, v)) for v in SOLIDS], K, rtol=1e-10)


@pytest.mark.parametrize("planet", ["earth", "mars"])
def test_a_constant_law_is_the_number(planet):
    number, law = (mo.buffering(planet, exchange_coefficient=value) for value in (0.3, "constant-0.3"))
    assert float(law.ocean_iron) == pytest.approx(float(number.ocean_iron), rel=1e-6)
    np.testing.assert_allclose(law.density_anomaly, number.density_anomaly, rtol=1e-5)


def test_spread_over_all_laws_stands_beside_a_value():
    result = mo.buffering("mars")
    assert tuple(result.exchange_law.values) == names(KIND)
    iron = result.ocean_iron_of_law
    assert float(iron.sel(exchange_law="constant-0.3")) == pytest.approx(float(result.ocean_iron), rel=1e-6)
    alone = mo.buffering("mars", exchange_coefficient=LAW)
    assert float(iron.sel(exchange_law=LAW)) == pytest.approx(float(alone.ocean_iron), rel=1e-9)
    outside = result.sel(exchange_law="FMS-fitted")
    assert np.isnan(outside.ocean_iron_of_law) and "outside the pressures" in str(
        outside.reason_of_law.values
    )


def test_a_law_is_refused_outside_its_pressures():
    with pytest.raises(mo.InputError) as error:
        mo.buffering("mars", exchange_coefficient="FMS-full")
    assert "exchange_coefficient = 'FMS-full'" in str(error.value)
    assert "holds from 25 to 140 GPa" in str(error.value) and "20.29 GPa" in str(error.value)
    with pytest.raises(mo.InputError, match="no law of iron magnesium exchange"):
        BufferingCase.read("mars").replace({"exchange_coefficient": "olivine"})
    with pytest.raises(mo.InputError, match="holds from 0 to 140 GPa"):
        mo.buffering("earth", exchange_coefficient=LAW, density=np.array([4797.0, 5200.0]))


def test_no_number_stands_for_a_law():
    """What has not learned of laws gets NaN, not one of their values; a number replaces the law again."""
    case = BufferingCase.read("earth").replace({"exchange_coefficient": LAW})
    assert np.isnan(case.values["exchange_coefficient"]) and case.exchange == LAW
    assert case.changed == ("exchange_coefficient",)
    again = case.replace({"exchange_coefficient": 0.3})
    assert again.exchange == 0.3 and again.values == BufferingCase.read("earth").values
    assert case.replace({"viscosity": "1e19 Pa*s"}).exchange == LAW


def test_a_run_reads_the_key():
    case = mo.Case.read("mars").replace({"cumulates.exchange_coefficient": LAW})
    assert case.cumulates.exchange_coefficient == LAW
    assert mo.Case.parse(case.to_toml()).cumulates == case.cumulates
    assert pile(case).exchange == LAW
    assert (
        mo.Case.read("mars").replace({"cumulates.exchange_coefficient": "0.4"}).cumulates.exchange_coefficient
        == 0.4
    )
    with pytest.raises(mo.InputError, match="did you mean 'FMS-fitted'"):
        mo.Case.read("mars").replace({"cumulates.exchange_coefficient": "FMS-fited"})


def test_a_law_of_a_run_is_checked_on_the_planet_of_the_run():
    """The moon ends at 4.8 GPa: its pile takes a law to 8 GPa, though its parameters are those of 'earth'."""
    changes = {"cumulates.coupled": True, "cumulates.exchange_coefficient": "olivine-Toplis2005"}
    below = pile(mo.Case.read("moon").replace(changes))
    assert below.exchange == "olivine-Toplis2005"
    assert below.origins["exchange_coefficient"] == "cumulates.exchange_coefficient"
    with pytest.raises(mo.InputError) as error:
        pile(mo.Case.read("mars").replace(changes))
    assert "mars [cumulates] exchange_coefficient = 'olivine-Toplis2005'" in str(error.value)
    assert "0 to 20.87 GPa" in str(error.value)
