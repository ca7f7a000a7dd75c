"""Sensitivities of equilibria: a table, differences of solutions, laws of nature, bad input."""

import json
import warnings

import numpy as np
import pytest

import mocoupled as mo
from mocoupled.equilibria.planet_problem import prepare
from mocoupled.equilibria.sensitivities import SensitivityWarning
from mocoupled.errors import InputError
from mocoupled.interior.static_structure import structure

SPECIES = ["H2", "H2O", "CO", "CO2", "CH4"]
# d ln p/d parameter at 2000 K, IW+0, 1.5500015e20 kg of H and of C, all molten; five gases, water
# 647 ppmw/bar^0.5, CO2 by Dixon et al. 1995, IW of Hirschmann 2021; by another program and its differences
TABLE = {
    "temperature": [-2.896890e-4, 2.330e-7, 7.506600e-5, -4.337270e-4, -7.432563e-3],  # per K
    "oxygen_fugacity": [-1.14982133, 0.00147122, -0.16486440, 0.98642815, -3.61579960],
    "hydrogen": [1.99774972, 1.99774972, -0.00888808, -0.00888808, 3.98661136],
    "carbon": [1.0392e-5, 1.0392e-5, 1.00490859, 1.00490859, 1.00492937],
    "melt_fraction": [-1.99552069, -1.99552069, -0.03629939, -0.03629939, -4.02734078],
    "law:H2O.coefficient": [-1.99552022, -1.99552022, 0.00887816, 0.00887816, -3.98216229],
    "law:CO2.coefficient": [-4.67e-7, -4.67e-7, -0.04517783, -0.04517783, -0.04517876],
}
LUMP = {"volatiles.carbon": "1.5500015e20 kg", "volatiles.hydrogen": "1.5500015e20 kg"}


def quietly(*arguments, **named):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return mo.equilibrium(*arguments, **named)


def test_the_table_of_the_notes():
    """To 1e-7, per kelvin, dex and ln: the other program's gravity and mantle (4.2082e24 kg), its digits."""
    case = mo.Case.read("earth").replace(
        {
            **LUMP,
            "planet.gravity": f"{6.6743e-11 * 5.972e24 / 6.371e6**2!r} m/s^2",
            "chemistry.species": SPECIES,
            "chemistry.oxygen_in_gas": False,
            "chemistry.graphite": False,
            "volatiles.solubility.H2O": "peridotite-Sossi2022-e51",
            "volatiles.solubility.CO2": "basalt-Dixon1995-total",
            "redox.oxygen_fugacity": "IW",
            "redox.buffer": "Hirschmann2021",
        }
    )
    melt = 4.2082e24 / structure(case.planet).mantle_mass
    state = quietly(case, 2000.0, melt, sensitivities=list(TABLE))
    for k, (name, expected) in enumerate(TABLE.items()):
        ours = state.sensitivity_pressure.isel(parameter=k).sel(species=SPECIES)
        scale = 2000.0 if name == "temperature" else 1.0
        np.testing.assert_allclose(ours / scale, expected, atol=1e-7, err_msg=name)


CASES = {
    "buffer": {},
    "graphite": {"volatiles.carbon": "20 C/H", "redox.oxygen_fugacity": "IW-3"},
    "budget": {"redox.oxygen": "6e21 kg", "redox.oxygen_fugacity": "none"},
    "ferric": {"redox.ferric_iron": "Hirschmann2022"},
    "real": {"chemistry.fugacity": "HollandPowell1991-CORK"},
}
T = np.array([1650.0, 2100.0])
STEP = 1e-4


def varied(case, name, change):
    """The equilibrium where a parameter has changed by `change`, of its logarithm or of itself."""
    factor, hydrogen = np.exp(change), 4.65e20
    if name == "temperature":
        return quietly(case, T * factor, 0.3)
    if name == "melt_fraction":
        return quietly(case, T, 0.3 * factor)
    if name == "oxygen_fugacity":
        return quietly(case, T, 0.3, oxygen_fugacity_offset=0.5 + change)
    if name == "hydrogen":
        return quietly(case.replace({"volatiles.hydrogen": f"{float(hydrogen * factor)!r} kg"}), T, 0.3)
    return quietly(case.replace({"redox.oxygen": f"{float(6e21 * factor)!r} kg"}), T, 0.3)


@pytest.mark.parametrize("kind", CASES)
def test_differences_of_solutions(kind):
    """Central differences of our own solutions, every variable: 1e-6 of the largest sensitivity."""
    case = mo.Case.read("earth").replace({"volatiles.hydrogen": "4.65e20 kg", **CASES[kind]})
    names = ["temperature", "melt_fraction", "hydrogen"]
    names += ["redox.oxygen"] if kind == "budget" else ["oxygen_fugacity"] if kind == "buffer" else []
    state = quietly(case, T, 0.3, sensitivities=names)
    for k, name in enumerate(names):
        high, low = (varied(case, name, sign * STEP) for sign in (1, -1))
        for variable in state.data_vars:
            if not variable.startswith("sensitivity_"):
                continue
            plain = variable.removeprefix("sensitivity_")
            logarithm = plain in ("log10_fO2", "delta_IW")
            with np.errstate(all="ignore"):  # ln of a mass that is zero
                ends = [r[plain].values if logarithm else np.log(r[plain].values) for r in (high, low)]
                expected = (ends[0] - ends[1]) / (2 * STEP)
            ours = state[variable].values[k]
            there = np.isfinite(expected) & np.isfinite(ours)
            scale = max(1.0, np.abs(expected[there]).max(initial=0.0))
            np.testing.assert_allclose(
                ours[there], expected[there], atol=1e-6 * scale, err_msg=f"{name} {plain}"
            )
    assert (kind != "graphite") or float(state.graphite_mass[0]) > 0


def test_laws_of_nature():
    """At one fO2 and T, H2O and H2 follow each other; a total of an element its inventory: 1e-10."""
    case = mo.Case.read("earth").replace({**LUMP, "redox.ferric_iron": "Hirschmann2022"})
    state = quietly(case, 1900.0, 0.5, sensitivities=["hydrogen", "carbon", "law:H2O.coefficient"])
    moles = state.sensitivity_element_moles
    np.testing.assert_allclose(moles.sel(element="H"), [1.0, 0.0, 0.0], atol=1e-10)
    np.testing.assert_allclose(moles.sel(element="C"), [0.0, 1.0, 0.0], atol=1e-10)
    buffered = quietly(mo.Case.read("earth"), 1900.0, 0.5, sensitivities=["hydrogen"]).sensitivity_pressure[0]
    np.testing.assert_allclose(buffered.sel(species="H2"), buffered.sel(species="H2O"), rtol=1e-12)


def test_keys_as_written_and_all_keys_fixed():
    """With carbon = 1 C/H carbon follows hydrogen; as an argument it does not."""
    case = mo.Case.read("earth")
    chained = quietly(case, 1900.0, 0.5, sensitivities=["hydrogen"])
    pair = quietly(case.replace(LUMP), 1900.0, 0.5, sensitivities=["hydrogen", "carbon"])
    same = quietly(
        case, 1900.0, 0.5, hydrogen=float(case.volatiles.hydrogen.amount), sensitivities=["hydrogen"]
    )
    assert "carbon follows" in str(chained.parameter_fixed.values[0])
    assert "follows" not in str(pair.parameter_fixed.values[0])
    assert np.isfinite(same.sensitivity_pressure).all()
    assert chained.parameter.values.tolist() == ["volatiles.hydrogen"]


def test_arrays_are_the_loop_and_masked_points_are_nan():
    case, names = mo.Case.read("earth"), ["temperature", "law:CO2.volume"]
    many = quietly(case, np.linspace(1500.0, 2600.0, 70), 0.4, sensitivities=names)
    for k in (0, 33, 69):
        alone = quietly(case, float(many.temperature[k]), 0.4, sensitivities=names)
        for name in ("sensitivity_pressure", "sensitivity_dissolved_mass", "sensitivity_log10_fO2"):
            np.testing.assert_allclose(many[name].isel(point=k), alone[name], rtol=1e-9, atol=1e-12)
    masked = quietly(case, np.ma.array([1800.0, 1900.0], mask=[False, True]), 0.4, sensitivities=names)
    assert np.isnan(masked.sensitivity_surface_pressure[:, 1]).all()
    assert np.isfinite(masked.sensitivity_surface_pressure[:, 0]).all()


def test_without_sensitivities_the_text_is_the_same():
    """The generated text of an equilibrium does not know of them, and the states are the same bits."""
    case = mo.Case.read("earth")
    plain, text = quietly(case, T, 0.3), prepare(case).batch.source
    with_them = quietly(case, T, 0.3, sensitivities=["temperature"])
    assert prepare(case).batch.source == text
    np.testing.assert_allclose(with_them.pressure, plain.pressure, rtol=1e-13)
    assert json.loads(with_them.attrs["laws"]) == json.loads(plain.attrs["laws"])


def test_a_parameter_that_acts_on_nothing_is_said():
    dry = mo.Case.read("earth").replace({"volatiles.solubility.H2O": "none"})
    with pytest.warns(SensitivityWarning, match="melt_fraction: acts on nothing"):
        state = mo.equilibrium(
            dry.replace({"volatiles.solubility.CO2": "none"}), 1900.0, 0.4, sensitivities=["melt_fraction"]
        )
    assert state.attrs["parameters_without_effect"] == "melt_fraction"


@pytest.mark.parametrize(
    "names, message",
    [
        ("hydrogen", "not a list of names"),
        ([], "not a list of names"),
        (["hydrgen"], "did you mean 'hydrogen'"),
        (["hydrogen", "volatiles.hydrogen"], "the same parameter as 'hydrogen'"),
        (["law:H2O.coeficient"], "did you mean 'law:H2O.coefficient'"),
    ],
)
def test_what_is_refused(names, message):
    with pytest.raises(InputError, match=message):
        mo.equilibrium("earth", 1900.0, sensitivities=names)
