"""Pressures and fugacities in place of inventories: inverse of inventories, degrees of freedom, refusals."""

import warnings

import numpy as np
import pytest
from support.command_line import refused, words
from support.grey import grey

import mocoupled as mo
from mocoupled.equilibria.points import UnconvergedWarning
from mocoupled.errors import InputError
from mocoupled.planet.degrees_of_freedom import assign

BUDGET = {"redox.oxygen_fugacity": "none", "redox.oxygen": "3e21 kg"}


@pytest.fixture(scope="module")
def earth():
    return grey()


@pytest.mark.parametrize("law", ["ideal", "ZhangDuan2009-Leachman2009"])
@pytest.mark.parametrize("kind", ["pressure", "fugacity"])
def test_the_inverse_of_inventories(earth, law, kind):
    """Pressures (or fugacities) of H2O and CO2 replace the known inventories of a state.

    The inventories and every pressure are returned to 1e-10: both problems have the same equations.
    """
    case = earth.replace({"chemistry.fugacity": law})
    T, melt = np.array([1450.0, 1650.0, 2200.0]), np.array([0.0, 0.3, 1.0])
    known = mo.equilibrium(case, T, melt, hydrogen=4.65e20, carbon=3e20)
    stated = known.pressure * (known.fugacity_coefficient if kind == "fugacity" and law != "ideal" else 1.0)
    for gases in ({"H2O"}, {"H2O", "CO2"}):
        rest = {} if "CO2" in gases else {"carbon": 3e20}
        state = mo.equilibrium(
            case, T, melt, **{kind: {s: stated.sel(species=s).values for s in gases}}, **rest
        )
        np.testing.assert_allclose(state.pressure, known.pressure, rtol=1e-10)
        np.testing.assert_allclose(state.element_mass.sel(element="H"), 4.65e20, rtol=1e-10)
        np.testing.assert_allclose(state.element_mass.sel(element="C"), 3e20, rtol=1e-10)
        np.testing.assert_allclose(
            state.element_moles * [[1.00794e-3], [12.0107e-3]], state.element_mass, rtol=1e-14
        )


def test_a_fugacity_is_no_pressure_in_a_real_gas(earth):
    """phi of H2O at 500 bar and 1400 K is below 1: a fugacity of 500 bar needs a higher pressure.

    f = phi p exactly.
    """
    real = earth.replace({"chemistry.fugacity": "PengRobinson1976"})
    state = mo.equilibrium(real, 1400.0, 0.0, fugacity={"H2O": 5e7}, carbon=1e20)
    p, phi = (float(state[name].sel(species="H2O")) for name in ("pressure", "fugacity_coefficient"))
    assert p * phi == pytest.approx(5e7, rel=1e-12) and abs(phi - 1.0) > 1e-3
    ideal = mo.equilibrium(earth, 1400.0, 0.0, fugacity={"H2O": 5e7}, carbon=1e20)
    assert float(ideal.pressure.sel(species="H2O")) == pytest.approx(5e7, rel=1e-12)


def test_two_gases_determine_the_oxygen_fugacity(earth):
    """Pressures of H2 and H2O replace the inventory of hydrogen and a budget of oxygen.

    fO2 follows from K of H2O = 1/2 O2 + H2 to 1e-9 dex. A fugacity of O2 replaces the budget alone.
    """
    from mocoupled.chemistry.equilibrium_constants import ln_K_values
    from mocoupled.chemistry.mechanism import read_mechanism
    from mocoupled.chemistry.stoichiometry import reactions

    mechanism = read_mechanism("volatiles")
    (reaction,) = reactions(mechanism, ["H2", "H2O"])
    case = earth.replace(BUDGET)
    state = mo.equilibrium(case, 1650.0, 0.3, pressure={"H2": 2e7, "H2O": 5e7}, carbon=1e20)
    ln_K = float(ln_K_values(mechanism, reaction, 1650.0)[0]) * np.sign(
        float(dict(reaction.stoichiometry)["H2"])
    )
    assert float(state.log10_fO2) == pytest.approx(2 * (ln_K - np.log(2e7 / 5e7)) / np.log(10), abs=1e-9)
    back = mo.equilibrium(
        case,
        1650.0,
        0.3,
        fugacity={"O2": 1e5 * 10 ** float(state.log10_fO2)},
        hydrogen=float(state.element_mass.sel(element="H")),
        carbon=1e20,
    )
    np.testing.assert_allclose(back.pressure, state.pressure, rtol=1e-9)


def test_many_points_and_labels(earth):
    import xarray

    p = xarray.DataArray(np.geomspace(1e5, 1e8, 200), dims="steam")
    T = xarray.DataArray([1500.0, 2000.0], dims="T")
    state = mo.equilibrium(earth, T, 0.5, pressure={"H2O": p}, carbon=1e20)
    assert set(state.surface_pressure.dims) == {"T", "steam"} and bool(state.converged.all())
    np.testing.assert_allclose(state.pressure.sel(species="H2O"), state.pressure_H2O, rtol=1e-12)
    assert bool((state.element_mass.sel(element="H").diff("steam") > 0).all())
    assert state.pressure_H2O.attrs["units"] == "Pa"


def test_a_pressure_beyond_graphite_has_no_equilibrium(earth):
    """1e4 bar of CO2 at 2000 K and IW+0.5 would be 3.6 times supersaturated in graphite.

    This is reported, and no number is returned.
    """
    with pytest.warns(UnconvergedWarning, match="1 of 2 points.*at 1 of them graphite would form"):
        state = mo.equilibrium(earth, 2000.0, 0.3, pressure={"H2O": 5e7, "CO2": np.array([1e7, 1e9])})
    assert state.converged.values.tolist() == [True, False] and np.isnan(state.pressure[:, 1]).all()
    with pytest.raises(InputError, match="no such equilibrium.*graphite would form"):
        mo.equilibrium(earth, 2000.0, 0.3, pressure={"H2O": 5e7, "CO2": 1e9})
    with pytest.raises(InputError, match="water would condense"):
        mo.equilibrium(
            earth.replace({"chemistry.water": True}), 550.0, 0.0, pressure={"H2O": 7e6}, carbon=1e18
        )


def test_too_little_oxygen_is_distinguished_from_a_failure(earth):
    case = earth.replace(BUDGET | {"chemistry.graphite": False})
    with pytest.raises(InputError, match=r"at least 8\.326e\+22 mol of O with the other elements"):
        mo.equilibrium(case, 1650.0, 0.3, hydrogen=0.0, carbon=1e21, oxygen=1e20)
    with pytest.warns(UnconvergedWarning, match="1 of 2 points have no solution at all"):
        state = mo.equilibrium(case, 1650.0, 0.3, hydrogen=np.array([0.0, 4e20]), carbon=1e20, oxygen=1e20)
    assert state.converged.values.tolist() == [False, True]


@pytest.mark.parametrize(
    "change, arguments, problem",
    [
        (
            {},
            {"pressure": {"H2O": 5e7}},
            "carbon = '1 C/H': the amount of hydrogen follows from the pressure of H2O",
        ),
        ({}, {"pressure": {"H2O": 5e7, "H2": 1e5}, "carbon": 1e20}, "too many for one another"),
        (
            {},
            {"pressure": {"H2O": 5e7}, "fugacity": {"H2O": 5e7}, "carbon": 1e20},
            "too many for one another",
        ),
        ({}, {"fugacity": {"O2": 1e-5}}, "prescribed twice: by this and by the buffer"),
        ({}, {"pressure": {"CH4": 1e5}}, "not clear whether it replaces the inventory of C or H"),
        ({}, {"pressure": {"H2O": 5e7}, "hydrogen": 1e20}, "H is given twice"),
        ({}, {"pressure": {"N2": 1e5}}, "has no species 'N2'"),
        ({}, {"pressure": {"H2o": 1e5}}, "did you mean 'H2O'"),
        ({}, {"pressure": {"C(gr)": 1e5}}, "is not a gas"),
        ({}, {"pressure": 1e5}, "not a table"),
        ({}, {"pressure": {"H2O": -1.0}, "carbon": 1e20}, "pressure_H2O = -1"),
        ({}, {"pressure": {"H2O": 0.0}, "carbon": 1e20}, "pressure_H2O = 0"),
        ({}, {"pressure": {"H2O": [1e5, np.nan]}, "carbon": 1e20}, "at point 1"),
        (
            {"chemistry.fugacity": "PengRobinson1976"},
            {"fugacity": {"H2O": 1e10}, "carbon": 1e20},
            r"allowed: 1e-60 to 2e\+09",
        ),
        (
            {
                "chemistry.mechanism": "chons",
                "chemistry.species": ["HCN", "H2", "CO"],
                "volatiles.carbon": "0 kg",
            },
            {"pressure": {"HCN": 1.0}},
            "no inventory, pressure or fugacity for N, which HCN needs",
        ),
    ],
)
def test_degrees_of_freedom_are_counted_first(earth, change, arguments, problem):
    with pytest.raises(InputError, match=problem):
        mo.equilibrium(earth.replace(change), 1650.0, 0.3, **arguments)


def test_a_pressure_replaces_the_inventory_that_is_missing(earth):
    """The case prescribes H and C; the pressure of HCN replaces nitrogen, which has no inventory."""
    state = mo.equilibrium(
        earth.replace({"chemistry.mechanism": "chons"}), 1650.0, 0.3, pressure={"HCN": 1.0}
    )
    assert float(state.element_mass.sel(element="H")) == pytest.approx(4.65e20, rel=1e-12)
    assert float(state.element_mass.sel(element="N")) > 0
    composition = {"HCN": {"H": 1, "C": 1, "N": 1}}
    assert assign([("pressure", "HCN")], composition, (), {"H", "C"}, True, {}) == {"N": ("pressure", "HCN")}


def test_initial_fugacity_in_a_case_and_in_a_run(earth):
    """[volatiles.initial_fugacity] of a case: the start of a run has this fugacity.

    Arguments of `equilibrium` replace it.
    """
    case = earth.replace(
        {
            "volatiles.hydrogen": "0 kg",
            "volatiles.carbon": "1e20 kg",
            "volatiles.initial_fugacity.H2O": "3 bar",
            "run.end_surface_temperature": "2500 K",
        }
    )
    run = mo.run(case)
    assert float(run.pressure.sel(species="H2O")[0]) == pytest.approx(3e5, rel=1e-10)
    assert float(run.element_drift.max()) < 1e-10
    assert float(mo.equilibrium(case, 2000.0, 0.5).pressure.sel(species="H2O")) == pytest.approx(
        3e5, rel=1e-12
    )
    other = mo.equilibrium(case, 2000.0, 0.5, pressure={"H2": 1e5})
    assert float(other.pressure.sel(species="H2")) == pytest.approx(1e5, rel=1e-12)
    with pytest.raises(InputError, match="given twice"):
        mo.run(case.replace({"volatiles.initial_pressure.H2": "1 bar"}))


def test_on_the_command_line(mocoupled, empty):
    requested = (
        "equilibrium",
        "earth",
        "-T",
        "1650",
        "-m",
        "0.3",
        "--pressure",
        "H2O=100,500 bar",
        "--inventory",
        "carbon=3e20 kg",
    )
    status, out, err = mocoupled(*requested)
    assert status == 0 and "2.308e+21" in out and "3e+20" in out and "laws outside their calibration" in err
    status, out, _ = mocoupled(*requested, "-o", "states.csv")
    table = (empty / "states.csv").read_text()
    assert status == 0 and "element_mass[H] (kg)" in table and "pressure_H2O" in table
    (empty / "states.csv").unlink()
    for option, value, says in [
        ("--pressure", "H2O", "not of the form SPECIES=VALUES"),
        ("--pressure", "H2O=5 K", "'K' is a unit of temperature"),
        ("--inventory", "carbn=1 kg", "did you mean 'carbon'"),
        ("--fugacity", "O2=1e-9 bar", "prescribed twice"),
    ]:
        refused(mocoupled("equilibrium", "earth", "-T", "1650", option, value), empty, says)
    refused(mocoupled(*requested, "--pressure", "H2O=1 bar"), empty, "H2O is given twice")


def test_no_digit_is_cut_off_on_a_narrow_screen(mocoupled, empty, monkeypatch):
    """Tables wider than the screen continue below, with the conditions repeated.

    Every species has its heading somewhere.
    """
    monkeypatch.setenv("COLUMNS", "60")
    status, out, _ = mocoupled(
        "gas", "-T", "1388", "-P", "794 bar", "H=4.6", "C=0.4", "O=2.5", "--mechanism", "hco"
    )
    assert status == 0 and max(map(len, out.splitlines()[:-2])) <= 60
    assert {"HCOOH", "C(gr),", "547.4"} <= set(words(out).split()) and out.count("T, K") > 1
    assert "37 gases below 1e-06 of the total are not shown" in words(out) and "CH3COOH" not in out


def test_laws_outside_their_calibration_are_reported(earth):
    """The share of points outside each range is reported.

    IW-3 to IW+8 in 12 steps: 2 + 2 points are outside the range of Sossi, -1.4 to 6.5.
    """
    import json

    from mocoupled.provenance.calibration import CalibrationWarning

    with pytest.warns(CalibrationWarning, match=r"log10 fO2 above IW -1.4 to 6.5 \(0.333 of the points\)"):
        state = mo.equilibrium(earth, np.full(12, 2173.0), 0.5, oxygen_fugacity_offset=np.arange(-3.0, 9.0))
    stated = {
        (entry["law"].split(": ")[1], entry["argument"]): entry
        for entry in json.loads(state.attrs["extrapolations"])
        if entry["argument"] != "activity"  # of iron metal, which a melt at IW-3 has
    }
    assert stated["peridotite-Sossi2022", "dIW"]["reached"] == pytest.approx([-3.0, 8.0], abs=1e-9)
    assert ("peridotite-Sossi2022", "T") not in stated and stated["basalt-Dixon1995", "T"]["share"] == 1.0
    with warnings.catch_warnings():
        warnings.simplefilter("error", CalibrationWarning)
        mo.equilibrium(
            earth.replace({"volatiles.carbon": "0 kg", "volatiles.solubility.H2O": "none"}), 2173.0, 0.5
        )


def test_a_run_watches_the_distance_from_iron_wuestite(earth):
    import json

    run = mo.run(earth.replace({"redox.oxygen_fugacity": "IW-3", "run.end_surface_temperature": "2600 K"}))
    stated = [entry for entry in json.loads(run.attrs["extrapolations"]) if entry["argument"] == "dIW"]
    assert (
        len(stated) == 1 and stated[0]["reached"] == pytest.approx([-3.0, -3.0]) and stated[0]["share"] == 1.0
    )


def test_a_law_without_the_oxygen_fugacity_it_needs(earth):
    changes = BUDGET | {
        "volatiles.nitrogen": "1e18 kg",
        "chemistry.mechanism": "chons",
        "chemistry.species": ["H2", "H2O", "CO", "CO2", "N2"],
        "volatiles.solubility.N2": "basalt-Libourel2003",
    }
    assert "O2" in mo.equilibrium(earth.replace(changes), 1650.0, 0.3).species
    with pytest.raises(InputError, match="needs the oxygen fugacity.*\n.*oxygen_in_gas = true"):
        mo.equilibrium(earth.replace(changes | {"chemistry.oxygen_in_gas": False}), 1650.0, 0.3)
