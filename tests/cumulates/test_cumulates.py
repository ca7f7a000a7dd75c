"""Iron of the magma ocean above a lumped mantle: Rayleigh's law, the lever rule, the verdict."""

import json

import numpy as np
import pytest
from support.grey import grey
from support.stored_runs import run_of

import mocoupled as mo
from mocoupled.closures.distillation import distilled
from mocoupled.cumulates.of_case import pile


def run(name="F1", **changes):
    coupled = {"cumulates.coupled": True, "mantle.model": "lumped", "run.rtol": 1e-7} | {
        f"cumulates.{k}": v for k, v in changes.items()
    }
    return run_of(grey(name).replace(coupled))


def bare(name="F1"):
    return run_of(grey(name).replace({"mantle.model": "lumped", "run.rtol": 1e-7}))


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


@pytest.mark.parametrize("name", ["F1", "E1"])
def test_iron_without_effect_does_not_change_the_run(name):
    """In a well-mixed mantle whose pile does not melt again iron has no effect.

    End time and pressures agree within the tolerance of the integrator. Without coupling the result has no
    iron.
    """
    with_, without = run(name, remelting=False), bare(name)
    assert float(with_.time[-1]) == pytest.approx(float(without.time[-1]), rel=1e-4)
    np.testing.assert_allclose(with_.pressure[-1], without.pressure[-1], rtol=1e-4)
    assert "ocean_iron" not in without and "basal_layer" not in without.attrs
    ratio = [json.loads(r.attrs["statistics"])["rates"] for r in (with_, without)]
    assert ratio[0] < 1.3 * ratio[1]


def test_verdict_and_calibration_are_reported():
    """Mass, thickness, buoyancy number and criterion, in numbers and in a sentence; the spread over laws of
    K_D.
    """
    result = run(remelting=False)
    said, numbers = result.attrs["basal_layer"], result.attrs
    assert f"{100 * numbers['basal_layer_mass_fraction']:.2g} % of the mantle" in said
    assert f"{numbers['basal_layer_thickness_m'] / 1e3:.0f} km" in said
    assert f"buoyancy number is {numbers['basal_layer_buoyancy_number']:.2g}" in said
    assert "Jaupart, Molnar & Cottrell 2007" in said and "not modelled" in said
    assert numbers["basal_layer_criterion"].startswith("Jaupart2007")
    assert "basal_layer_thresholds" not in numbers
    assert float(result.overturned_iron[0]) == pytest.approx(float(result.frozen_iron.max()), rel=1e-9)
    assert float(result.frozen_iron.max()) > 0.5
    # Earth's file: 0.2670, with another gravity, depth and core
    assert result.attrs["buffered_ocean_iron"] == pytest.approx(0.2445, abs=5e-4)
    spread = json.loads(result.attrs["buffered_ocean_iron_of_laws"])
    assert spread["constant-0.3"] == pytest.approx(0.2445, abs=5e-4) and len(spread) == 4
    assert "calibrated" in result.attrs["calibration"]


def test_a_moon_has_neither_the_pile_nor_the_phases_of_earth():
    """The moon has another buffered value than Earth; its verdict says that its phases are not modelled."""
    moon = {"planet.radius": "1737 km", "planet.gravity": "1.62 m/s^2", "planet.core_radius_fraction": 0.2}
    attributes = mo.run(
        grey().replace({"cumulates.coupled": True, "mantle.model": "lumped", "run.end_time": "1 yr"} | moon)
    ).attrs
    assert abs(attributes["buffered_ocean_iron"] - 0.267) > 0.05
    assert "these phases are not modelled, and all of this mantle lies there" in attributes["basal_layer"]
    assert attributes["basal_layer_structure"] == "pyroxene"


LAW = {"cumulates.coupled": True, "cumulates.exchange_coefficient": "olivine-Toplis2005+FMS-fitted"}


def test_a_run_with_one_ocean_refuses_a_law_of_pressure():
    with pytest.raises(mo.InputError, match="a law of pressure needs a pile"):
        mo.run(grey().replace(LAW | {"mantle.model": "lumped"}))


def test_a_column_takes_a_law_of_pressure():
    """Each cell has the K_D of its pressure, and the ocean grows rich by another amount than with 0.3."""
    short = {"mantle.cells": 10, "run.end_time": "1e4 yr"}
    of_law, of_number = (mo.run(grey().replace(keys | short)) for keys in (LAW, {"cumulates.coupled": True}))
    difference = float(of_law.ocean_iron[-1]) - float(of_number.ocean_iron[-1])
    assert float(of_law.ocean_iron[-1]) > 0.11 and abs(difference) > 1e-3
    assert float(of_law.iron_drift.max()) < 1e-10


def test_lumped_mantle_and_mars():
    result = mo.run(
        grey("mars").replace(
            {
                "cumulates.coupled": True,
                "cumulates.parameters": "mars",
                "cumulates.remelting": False,
                "mantle.model": "lumped",
            }
        )
    )
    bulk = pile(grey("mars").replace({"cumulates.parameters": "mars"})).values["bulk_iron"]
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
