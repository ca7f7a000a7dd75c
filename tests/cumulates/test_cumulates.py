"""Iron of the magma ocean above a lumped mantle: Rayleigh's law, remelting by separate balances."""

import json
from functools import cache

import numpy as np
import pytest
from scipy.integrate import solve_ivp
from scipy.interpolate import PchipInterpolator

import mocoupled as mo
from mocoupled.closures.distillation import distilled
from mocoupled.constants import YEAR
from mocoupled.cumulates.basal_layer import verdict
from mocoupled.cumulates.of_case import pile, remelting_tables
from mocoupled.cumulates.remelting_tables import coordinates


@cache
def run(name="F1", **changes):
    coupled = {"cumulates.coupled": True, "mantle.model": "lumped", "run.rtol": 1e-7} | {
        f"cumulates.{k}": v for k, v in changes.items()
    }
    return mo.run(mo.Case.read(name).replace(coupled))


@cache
def bare(name="F1"):
    return mo.run(mo.Case.read(name).replace({"mantle.model": "lumped", "run.rtol": 1e-7}))


def test_without_remelting_it_is_rayleigh_distillation():
    """Every stored state is on the closed form (corrected eq. B6) at its melt fraction, to 1e-10.

    Iron is conserved.
    """
    result = run(remelting=False)
    np.testing.assert_allclose(
        result.ocean_iron, distilled(result.melt_fraction.values, 0.1, 0.3), rtol=1e-10
    )
    n, X = result.melt_fraction.values, result.ocean_iron.values
    some = n < 0.999
    np.testing.assert_allclose((n * X + (1 - n) * result.pile_iron.values)[some], 0.1, rtol=1e-10)
    assert float(result.iron_drift.max()) < 1e-10


def test_trapped_melt_keeps_iron_in_the_pile():
    """With a share t of trapped melt, dX/dln n = (1 - t)(X_c - X): the closed form at n^(1 - t), to 1e-10."""
    result = run(remelting=False, trapped_melt=0.2)
    np.testing.assert_allclose(
        result.ocean_iron, distilled(result.melt_fraction.values**0.8, 0.1, 0.3), rtol=1e-10
    )
    assert float(result.ocean_iron[-1]) < float(run(remelting=False).ocean_iron[-1])
    X_c, X = 0.03 / 0.93, 0.1  # the first crystals, with melt among them
    assert float(result.pile_iron[0]) == pytest.approx(0.8 * X_c + 0.2 * X, rel=1e-6)


def test_suspended_crystals_obey_the_lever_rule():
    result = run("E1", crystals="suspended")
    n, X, X_c = result.melt_fraction.values, result.ocean_iron.values, result.crystal_iron.values
    np.testing.assert_allclose(n * X + (1 - n) * X_c, 0.1, rtol=1e-10)
    np.testing.assert_allclose(X_c / (1 - X_c), 0.3 * X / (1 - X), rtol=1e-12)


def test_remelting_agrees_with_balances_in_the_form_of_the_paper():
    """n dX/dt = u (X - X_c) + q (X_m - X_c) with u = -dn/dt, integrated separately: 1e-4.

    The melt fraction n is that of the run.
    """
    result = run(viscosity=1e16)
    pile_of_case = pile(mo.Case.read("F1").replace({"cumulates.viscosity": 1e16, "mantle.model": "lumped"}))
    rate, iron, _ = remelting_tables(pile_of_case)
    t, n = result.time.values / YEAR, result.melt_fraction.values
    k = int(np.argmax(n < 0.9))
    melt, core = PchipInterpolator(t, n), PchipInterpolator(t, result.core_mantle_temperature.values)
    slope = melt.derivative()

    def change(time, X):
        f, x = 1 - float(melt(time)), float(X[0])
        at_0, at_1 = (float(coordinates()(f, w, 0.1)) for w in (0.0, 1.0))
        share = (np.log(x / (1 - x)) - at_0) / (at_1 - at_0)
        crystals = 0.3 * x / (1 - x + 0.3 * x)
        where = f, share, float(core(time))
        gained = f * (iron((0, 0, 0), *where) - rate((0, 0, 0), *where) * crystals) * YEAR
        return [(-float(slope(time)) * (x - crystals) + gained) / (1 - f)]

    apart = solve_ivp(
        change, (t[k], t[-1]), [float(result.ocean_iron[k])], rtol=1e-8, atol=1e-10, max_step=50.0
    )
    assert apart.y[0, -1] == pytest.approx(float(result.ocean_iron[-1]), rel=1e-4)
    # a soft pile buffers
    assert float(result.ocean_iron[-1]) < float(run(remelting=False).ocean_iron[-1]) - 0.1


@pytest.mark.parametrize("name", ["F1", "E1"])
def test_iron_without_effect_does_not_change_the_run(name):
    """In a well-mixed mantle iron has no effect.

    End time and pressures agree within the tolerance of the integrator. Without coupling the result has no
    iron.
    """
    with_, without = run(name), bare(name)
    assert float(with_.time[-1]) == pytest.approx(float(without.time[-1]), rel=1e-4)
    np.testing.assert_allclose(with_.pressure[-1], without.pressure[-1], rtol=1e-4)
    assert "ocean_iron" not in without and "basal_layer" not in without.attrs
    ratio = [json.loads(r.attrs["statistics"])["rates"] for r in (with_, without)]
    assert ratio[0] < 1.3 * ratio[1]


def test_verdict_and_calibration_are_reported():
    result = run()
    anomaly = float(result.density_anomaly.sel(structure="bridgmanite")[-1])
    assert result.attrs["basal_layer"] == verdict(anomaly) == "stable" and anomaly > 500
    assert [verdict(x) for x in (299.0, 400.0, 501.0)] == ["entrained", "marginal", "stable"]
    # Earth's file: 0.2670, with another gravity, depth and core
    assert result.attrs["buffered_ocean_iron"] == pytest.approx(0.2445, abs=5e-4)
    assert (
        "calibrated" in result.attrs["calibration"]
        and "arXiv 2605.04840" in result.attrs["basal_layer_thresholds"]
    )


def test_a_moon_has_neither_the_pile_nor_the_verdict_of_earth():
    """The moon has another buffered value than Earth, and no verdict.

    Its mantle ends far above the pressures of the planets for which the thresholds were derived.
    """
    moon = {"planet.radius": "1737 km", "planet.gravity": "1.62 m/s^2", "planet.core_radius_fraction": 0.2}
    attributes = mo.run(
        mo.Case.read("earth").replace(
            {"cumulates.coupled": True, "mantle.model": "lumped", "run.end_time": "1 yr"} | moon
        )
    ).attrs
    assert abs(attributes["buffered_ocean_iron"] - 0.267) > 0.05
    assert (
        attributes["basal_layer"] == "undetermined"
        and "no verdict for a mantle that ends at 9.93 GPa" in attributes["basal_layer_thresholds"]
    )
    assert attributes["basal_layer_structure"] == "pyroxene"


def test_lumped_mantle_and_mars():
    result = mo.run(
        mo.Case.read("mars").replace(
            {
                "cumulates.coupled": True,
                "cumulates.parameters": "mars",
                "cumulates.remelting": False,
                "mantle.model": "lumped",
            }
        )
    )
    bulk = pile(mo.Case.read("mars").replace({"cumulates.parameters": "mars"})).values["bulk_iron"]
    np.testing.assert_allclose(
        result.ocean_iron, distilled(result.melt_fraction.values, bulk, 0.3), rtol=1e-9
    )


@pytest.mark.parametrize(
    "changes, says",
    [
        ({"cumulates.bulk_iron": 0.9}, "out of range"),
        ({"cumulates.trapped_melt": 0.7}, "out of range"),
        ({"cumulates.crystals": "float"}, "not one of the choices"),
        ({"cumulates.parameters": "erth"}, "no shipped case of a mantle"),
    ],
)
def test_bad_cumulates_are_refused(changes, says):
    with pytest.raises(mo.InputError, match=says):
        mo.run(mo.Case.read("E1").replace({"cumulates.coupled": True, "run.end_time": "1 yr"} | changes))
