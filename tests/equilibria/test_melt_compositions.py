"""Equilibria for many compositions of the melt: the composition is a parameter of the same equations."""

import json
import warnings

import numpy as np
import pytest

import mocoupled as mo
from mocoupled.errors import InputError
from mocoupled.melt.composition import composition_of

EARTH = mo.Case.read("earth")
EVAPORATING = EARTH.replace(
    {
        "melt.vapour": True,
        "chemistry.mechanism": "silicates",
        "chemistry.species": ["H2", "H2O", "CO", "CO2", "SiO", "Mg", "Na", "Fe", "KOH"],
        "chemistry.graphite": False,
    }
)
FERRIC = EARTH.replace(
    {
        "redox.ferric_iron": "Sossi2020",
        "chemistry.mechanism": "chons",
        "volatiles.sulfur": "1e20 kg",
        "volatiles.solubility": {"S2": "sulfide-ONeill2021", "H2O": "mafic-water-IaconoMarziano2012"},
        "chemistry.species": ["H2", "H2O", "O2", "S2", "SO2", "CO", "CO2"],
        "chemistry.graphite": False,
    }
)
NAMES = ["Mars", "basalt", "komatiite"]
PLAIN = {"SiO2": 50.0, "MgO": 40.0, "FeO": 10.0}


def quietly(*arguments, **named):
    """The equilibrium without warnings of extrapolated laws, which have their own tests."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return mo.equilibrium(*arguments, **named)


@pytest.mark.parametrize("case", [EVAPORATING, FERRIC], ids=["vapour", "ferric iron"])
def test_a_list_of_melts_gives_what_each_melt_gives(case):
    """The same equations with numbers in place of parameters; of the vapour also with activities as curves.

    Both are solved to 1e-11, and the curves are exact to 1e-11 of ln a.
    """
    T = np.array([1700.0, 1900.0, 2300.0])
    every = quietly(case, T, 0.4, composition=NAMES)
    assert every.converged.all()
    for k, name in enumerate(NAMES):
        if case is FERRIC and name != "basalt":  # each alone takes seconds to generate
            continue
        alone = quietly(case.replace({"melt.composition": name}), T[k], 0.4)
        for variable in ("pressure", "dissolved_mass", "log10_fO2", "activity"):
            if variable in alone:
                here = every[variable].isel(point=k)
                here = here.sel({d: alone[d] for d in here.dims})
                np.testing.assert_allclose(here, alone[variable], rtol=1e-9, atol=0, err_msg=variable)
        printed = composition_of(name).mass_fractions
        for oxide in every.oxide.values:
            share = float(every.melt_mass_fraction.sel(oxide=oxide)[k])
            assert share == pytest.approx(printed.get(oxide, 0.0), rel=1e-12)


def test_arrays_of_oxides_broadcast_and_an_absent_oxide_has_no_gas():
    """100 points in one batch are a loop over them; iron stands for a metal that some melts are without."""
    iron = np.linspace(0.0, 12.0, 100)
    melt = {"SiO2": 48.0, "MgO": 50.0 - iron, "FeO": iron, "Na2O": 2.0}
    many = quietly(EVAPORATING, 2000.0, 0.5, composition=melt)
    assert many.converged.all() and "KOH" not in many.species
    gas, of_iron = many.pressure.sel(species="Fe"), many.activity.sel(oxide="FeO")
    assert gas[0] == 0.0 and of_iron[0] == 0.0 and (np.diff(of_iron) > 0).all()
    for k in (0, 37, 99):
        single = {oxide: float(np.broadcast_to(values, 100)[k]) for oxide, values in melt.items()}
        alone = quietly(EVAPORATING, 2000.0, 0.5, composition=single)
        shared = [s for s in many.species.values if s in alone.species]
        np.testing.assert_allclose(
            many.pressure.sel(species=shared)[:, k], alone.pressure.sel(species=shared), rtol=1e-10
        )


def test_masked_points_and_the_share_of_melts_that_a_law_was_not_measured_on():
    """Half of the points are a basalt: the law of peridotite is outside its class there."""
    T = np.ma.masked_array([1900.0] * 4, [False, False, True, False])
    with pytest.warns(mo.CalibrationWarning, match="MgO of the melt"):
        state = mo.equilibrium(EARTH, T, composition=["BSE", "basalt", "BSE", "basalt"])
    assert list(state.converged.values) == [True, True, False, True]
    rows = [r for r in json.loads(state.attrs["extrapolations"]) if r["argument"] == "MgO"]
    assert [r["share"] for r in rows] == [pytest.approx(2 / 3), pytest.approx(1 / 3)]
    assert state.attrs["melt_composition"].startswith("SiO2 45.01 to 50.79")


@pytest.mark.parametrize(
    ("case", "composition", "problem"),
    [
        (FERRIC.replace({"redox.total_iron": "16 %"}), "Mars", "stated twice"),
        (EARTH, [], "list is empty"),
        (EARTH, ["BSE", "Venus"], "no composition has this name"),
        (EARTH, ["BSE", {"SiO2": 45.0, "MgO": 40.0}], "add up to 85 wt%"),
        (EARTH, PLAIN | {"FeO": [10.0, float("nan")]}, "not a finite number"),
        (EARTH, PLAIN | {"FeO": [10.0, -1.0]}, "negative"),
        (FERRIC, {"SiO2": 50.0, "MgO": [40.0, 50.0], "FeO": [10.0, 0.0], "CaO": 1.0}, "no iron"),
        (EVAPORATING, PLAIN | {"MnO": 0.1}, "no activity for it"),
    ],
)
def test_what_is_no_melt_is_refused(case, composition, problem):
    with pytest.raises(InputError, match=problem):
        mo.equilibrium(case, [1900.0, 2000.0], composition=composition)
