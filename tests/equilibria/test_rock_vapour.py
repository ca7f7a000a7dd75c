"""Vapour of a silicate melt: MAGMA, Visscher & Fegley, LavAtmos, hydrogen over silica, and laws of nature."""

import json
import warnings

import numpy as np
import pytest
import xarray
from support.magma_komatiite import MAGMA_KOMATIITE
from support.silica import OVER_SILICA, SILICA

import mocoupled as mo
from mocoupled.chemistry.mechanism import read_mechanism
from mocoupled.errors import InputError

ATMOSPHERE = 101325.0
# MAGMA's own output for its komatiite at 2200 K, congruent: atm, and what we are known to differ by in dex
MAGMA = {
    "O2": (1.529e-4, 0.033), "O": (3.349e-5, 0.013), "SiO": (1.342e-5, -0.031), "SiO2": (7.403e-7, -0.038),
    "Mg": (2.157e-6, 0.081), "MgO": (9.133e-8, 0.067), "Fe": (9.569e-6, -0.018), "FeO": (3.518e-6, -0.040),
    "Na": (6.290e-4, 0.035), "NaO": (1.111e-6, 0.045), "Al": (4.78e-12, 0.092), "AlO": (2.226e-10, 0.110),
    "Ca": (1.182e-10, 0.025), "CaO": (2.19e-11, 0.017), "TiO2": (1.581e-9, 0.109), "K": (1.80e-7, 0.223),
}  # fmt: skip
# LavAtmos 1, bar at 2000 and 3000 K; "O2" is the oxygen fugacity that it finds
LAVATMOS = {"O2": (2.9709e-5, 0.053811), "SiO": (9.0691e-7, 0.084704), "SiO2": (6.0825e-8, 4.8412e-3)}
VISSCHER = {
    "SiO2": 45.4, "MgO": 36.76, "Al2O3": 4.48, "TiO2": 0.21, "FeO": 8.1, "CaO": 3.65, "Na2O": 0.349,
    "K2O": 0.031,
}  # fmt: skip
ONEILL = {
    "SiO2": 45.97, "MgO": 36.66, "Al2O3": 4.77, "TiO2": 0.18, "FeO": 8.24, "CaO": 3.78, "Na2O": 0.35,
    "K2O": 0.04,
}  # fmt: skip
BINARY = {"SiO2": 50.0, "MgO": 40.0, "FeO": 9.0, "Na2O": 1.0}


def vapour(*arguments, **named):
    """`mo.vapour` without the warnings of extrapolated liquids, which have their own test."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return mo.vapour(*arguments, **named)


def test_magma_s_komatiite():
    """Every gas within 0.12 dex (K 0.23: its data are of solid K2O), and by what the thermochemical data
    explain to the digit: 0.002 dex. AlO2 is off by 2.6 dex in MAGMA's data, and left out here."""
    state = vapour(MAGMA_KOMATIITE, 2200.0)
    for gas, (expected, known) in MAGMA.items():
        off = np.log10(float(state.pressure.sel(species=gas)) / ATMOSPHERE / expected)
        assert abs(off) < (0.23 if gas == "K" else 0.12)
        assert off == pytest.approx(known, abs=0.002)
    assert float(state.vapour_pressure) / ATMOSPHERE == pytest.approx(9.109e-4, rel=1e-3)


def test_visscher_and_fegley():
    """Total pressure over a bulk silicate Earth: V&F 2013's figure within 0.2 dex for the melt of that paper,
    by 0.184, 0.103 and 0.029; below 2500 K it is Na and O2, as the 2/5th power of the activity of Na2O, so
    that 10 % less Na2O are 0.02 dex. For another Earth ours, as first computed by a plain program, to 0.03
    dex (its second composition of the Earth differs)."""
    theirs = vapour(VISSCHER, np.array([2000.0, 2500.0, 3000.0]))
    off = np.log10(theirs.vapour_pressure.values / 1e5) - [-3.49, -1.96, -0.78]
    assert np.abs(off).max() < 0.2
    np.testing.assert_allclose(off, [-0.184, -0.103, -0.029], atol=0.002)
    state = vapour(ONEILL, np.array([2000.0, 2500.0, 3000.0, 3500.0]))
    total = np.log10(state.vapour_pressure.values / 1e5)
    np.testing.assert_allclose(total, [-3.674, -2.063, -0.809, 0.299], atol=0.03)
    np.testing.assert_allclose(state.log10_fO2, [-4.399, -2.823, -1.536, -0.407], atol=0.03)
    assert 2.5 < float(state.log10_fO2_above_IW[0]) < 3.1 > 1.0 < float(state.log10_fO2_above_IW[2]) < 2.1


def test_lavatmos():
    """MELTS' activities at LavAtmos' oxygen fugacity: SiO and SiO2 within 0.1 dex, by 0.093 and 0.047."""
    state = vapour(
        VISSCHER,
        np.array([2000.0, 3000.0]),
        np.log10(LAVATMOS["O2"]),
        activities="MELTS-GhiorsoSack1995",
        species=["SiO", "SiO2", "Mg", "O2"],
    )
    np.testing.assert_allclose(state.pressure.sel(species="O2"), 1e5 * np.array(LAVATMOS["O2"]), rtol=1e-10)
    for gas in ("SiO", "SiO2"):
        off = np.log10(state.pressure.sel(species=gas).values / 1e5 / np.array(LAVATMOS[gas]))
        np.testing.assert_allclose(off, [0.093, 0.047], atol=0.002)
    mg = np.log10(state.pressure.sel(species="Mg").values / 1e5 / np.array([2.8478e-7, 6.0436e-3]))
    np.testing.assert_allclose(mg, [-0.141, 0.182], atol=0.002)


def test_hydrogen_over_silica(tmp_path):
    """The table of H2 over liquid SiO2 to 1e-4 in every pressure and in fO2, from Cantera's files as they are
    (our OH has a later enthalpy, which is 2e-4) with the gases of the table."""
    file = tmp_path / "silica.yaml"
    file.write_text(SILICA)
    temperature, hydrogen = np.array(list(OVER_SILICA)).T
    state = vapour({"SiO2": 100.0}, temperature, pressure={"H2": 1e5 * hydrogen}, mechanism=str(file))
    expected = np.array(list(OVER_SILICA.values())).T
    np.testing.assert_allclose(state.log10_fO2, expected[0], atol=6e-5)
    for gas, values in zip(("H2O", "SiO", "SiH4"), expected[1:]):
        np.testing.assert_allclose(state.pressure.sel(species=gas) / 1e5, values, rtol=1e-4)


def test_all_silanes_count():
    """With SiH, SiH2 and SiH3 there is up to a quarter less SiH4 than in that table."""
    state = vapour({"SiO2": 100.0}, 3000.0, pressure={"H2": 1e9})
    assert float(state.pressure.sel(species="SiH4")) / 1e5 == pytest.approx(42.3697 * (1 - 0.2378), rel=1e-3)
    named = [entry["what"] for entry in json.loads(state.attrs["left_out"])]
    assert named == ["real gas"]


def test_a_congruent_vapour_has_the_oxygen_of_its_oxides():
    """Atoms of O in all gases = n/m of each metal, for random melts and temperatures; shares add up to 1."""
    rng = np.random.default_rng(1)
    oxides = {name: rng.uniform(0.2, 3.0, 40) for name in ("TiO2", "Na2O", "K2O")}
    oxides |= {name: rng.uniform(2.0, 12.0, 40) for name in ("Al2O3", "FeO", "CaO", "MgO")}
    oxides["SiO2"] = 100.0 - sum(oxides.values())
    state = vapour(oxides, rng.uniform(1600.0, 4500.0, 40))
    assert state.converged.all() and float(state.residual.max()) < 1e-12
    atoms = state.element_fraction
    needed = {"Si": 2, "Ti": 2, "Al": 1.5, "Fe": 1, "Mg": 1, "Ca": 1, "Na": 0.5, "K": 0.5}
    bound = sum(n * atoms.sel(element=e) for e, n in needed.items())
    np.testing.assert_allclose(atoms.sel(element="O"), bound, rtol=1e-11)
    np.testing.assert_allclose(state.mixing_ratio.sum("species"), 1.0, rtol=1e-13)
    np.testing.assert_allclose(state.pressure.sum("species"), state.vapour_pressure, rtol=1e-13)
    single = vapour({name: values[7] for name, values in oxides.items()}, float(state.temperature[7]))
    xarray.testing.assert_allclose(single.pressure, state.pressure.isel(point=7), rtol=1e-12)


def test_every_gas_is_in_equilibrium_with_the_melt():
    """ln p of each gas from Cantera's polynomials of gas, liquid oxides and O2, element by element."""
    import cantera as ct

    T = 2600.0
    state = vapour("BSE", T, "IW+1")
    mechanism = read_mechanism("silicates")

    def g(name):
        species = ct.Species.from_dict(
            {
                "name": "x",
                "composition": dict(mechanism.species[name].composition),
                "thermo": dict(mechanism.species[name].thermo),
            }  # fmt: skip
        )
        return species.thermo.h(T) / T / ct.gas_constant - species.thermo.s(T) / ct.gas_constant

    activity = {str(o): float(state.activity.sel(oxide=o)) for o in state.oxide.values}
    mu_O = (g("O2") + np.log(float(state.pressure.sel(species="O2")) / 1e5)) / 2
    mu = {"O": mu_O}
    for oxide, liquid in (("SiO2", "SiO2(L)"), ("Na2O", "Na2O(L)"), ("Al2O3", "Al2O3(L)"), ("K2O", "K2O(s)")):
        atoms = dict(mechanism.species[liquid].composition)
        (metal,) = set(atoms) - {"O"}
        mu[metal] = (g(liquid) + np.log(activity[oxide]) - atoms["O"] * mu_O) / atoms[metal]
    for gas in ("SiO", "SiO2", "Si3", "Na", "Na2O", "AlO2", "Al2O", "KO", "O"):
        expected = sum(n * mu[e] for e, n in mechanism.species[gas].composition.items()) - g(gas)
        assert np.log(float(state.pressure.sel(species=gas)) / 1e5) == pytest.approx(expected, abs=2e-3)


def test_oxygen_by_name_and_by_number():
    named = vapour("BSE", 2000.0, "IW-1", buffer="Hirschmann2021", species=["SiO", "O2"])
    number = vapour("BSE", 2000.0, float(named.log10_fO2), species=["SiO", "O2"])
    xarray.testing.assert_allclose(named.pressure, number.pressure, rtol=1e-12)
    assert named.attrs["oxygen_fugacity"] == "IW-1 (Hirschmann2021)"
    assert "oxygen fugacity" in json.loads(named.attrs["laws"])
    assert float(named.log10_fO2_above_IW) != pytest.approx(-1.0, abs=0.05)  # above another buffer
    low, high = (vapour("BSE", 2500.0, x, species=["SiO", "O2"]).pressure for x in (-6.0, -4.0))
    assert float(low.sel(species="SiO") / high.sel(species="SiO")) == pytest.approx(10.0, rel=1e-10)


def test_water_instead_of_hydrogen():
    """The same gas, whether its hydrogen is prescribed by H2 or by the H2O that it then contains."""
    gases = ["H2", "H2O", "SiO", "SiH4", "NaOH", "O2"]
    first = vapour(BINARY, 2500.0, "IW", pressure={"H2": "100 bar"}, species=gases)
    water = first.pressure.sel(species="H2O").item()
    second = vapour(BINARY, 2500.0, "IW", pressure={"H2O": water}, species=gases)
    xarray.testing.assert_allclose(first.pressure, second.pressure, rtol=1e-10)
    metals = first.mixing_ratio.sel(species=["SiO", "SiH4", "NaOH"]).sum()
    assert float(first.rock_vapour_share) == pytest.approx(float(metals), rel=1e-12)
    assert 0 < float(metals) < 0.01


def test_an_absent_oxide_is_exactly_zero():
    oxides = {"SiO2": 60.0, "MgO": 40.0, "Na2O": np.array([0.0, 1.0])}
    state = vapour(oxides, 2200.0)
    alone = vapour({"SiO2": 60.0, "MgO": 40.0}, 2200.0)
    assert state.pressure.sel(species=["Na", "Na2", "NaO", "Na2O"]).isel(point=0).max() == 0.0
    assert float(state.pressure.sel(species="Na").isel(point=1)) > 1.0
    for gas in alone.species.values:
        expected = float(alone.pressure.sel(species=gas))
        assert float(state.pressure.sel(species=gas).isel(point=0)) == pytest.approx(expected, rel=1e-10)


def test_a_composition_is_a_table_of_any_kind():
    rows = xarray.DataArray([60.0, 39.0, 1.0], dims="oxide", coords={"oxide": ["SiO2", "MgO", "Na2O"]})
    masked = {"SiO2": np.ma.masked_array([60.0, 5.0], [False, True]), "MgO": 39.0, "Na2O": 1.0}
    first, second = (vapour(melt, 2300.0, -5.0, species=["Na", "SiO"]) for melt in (rows, masked))
    np.testing.assert_allclose(second.pressure.isel(point=0), first.pressure, rtol=1e-13)
    assert second.converged.values.tolist() == [True, False] and second.pressure.isel(point=1).isnull().all()


def test_what_a_result_says():
    with pytest.warns(
        mo.CalibrationWarning, match=r"free energy of MgO\(L\): calibrated for temperature 3105"
    ):
        state = mo.vapour("BSE", 2500.0, species=["SiO", "O2"])
    laws = [entry["law"] for entry in json.loads(state.attrs["extrapolations"])]
    assert laws == ["free energy of MgO(L)", "free energy of CaO(L)", "free energy of K2O(s)"]
    assert json.loads(state.attrs["laws"])["activities"]["name"] == "IMCC-MAGMA"
    assert "MnO 0.135 wt%" in state.attrs["oxides_left_out"]
    assert state.attrs["melt_composition"].startswith("BSE (McDonough & Sun 1995")
    assert all(variable.attrs["units"] and variable.attrs["long_name"] for variable in state.values())


def test_a_list_of_prescriptions_of_oxygen():
    """Texts give the dimension `oxygen`, each as alone; a buffer law does not reach the congruent one."""
    kinds = ["IW+1", "congruent"]
    both = mo.vapour("BSE", [2000.0, 2500.0], oxygen=kinds, buffer="Hirschmann2021")
    assert both.oxygen.values.tolist() == kinds
    for text, law in zip(kinds, ("Hirschmann2021", None)):
        alone = mo.vapour("BSE", [2000.0, 2500.0], text, buffer=law)
        np.testing.assert_array_equal(both.pressure.sel(oxygen=text), alone.pressure)
    assert both.attrs["oxygen_fugacity"].startswith("IW+1 (Hirschmann2021); congruent")
    for wrong, words in ((["IW", -5.0], "a number among texts"), (["IW", "IW"], "stands twice")):
        with pytest.raises(InputError, match=words):
            mo.vapour("BSE", 2500.0, oxygen=wrong)


def test_saturation_in_iron_metal():
    """a(Fe) = a(FeO)/sqrt(fO2/fO2 of IW): recorded where it is above 1, with every kind of oxygen.

    BSE at 2500 K: the vapour is below saturation if congruent, above at IW-3, and far above beside hydrogen.
    """
    with pytest.warns(mo.CalibrationWarning, match="iron metal, which does not form beside vapour"):
        states = {
            "congruent": mo.vapour("BSE", 2500.0),
            "IW-3": mo.vapour("BSE", 2500.0, oxygen="IW-3"),
            "hydrogen": mo.vapour("BSE", 2500.0, pressure={"H2": 1e8}),
        }
    for name, state in states.items():
        expected = float(state.activity.sel(oxide="FeO")) * 10 ** (-float(state.log10_fO2_above_IW) / 2)
        assert float(state.metal_activity) == pytest.approx(expected, rel=1e-12), name
        recorded = [r for r in json.loads(state.attrs["extrapolations"]) if r["law"].startswith("iron metal")]
        assert bool(recorded) == (expected > 1.0) == (name != "congruent"), name
        if recorded:
            assert recorded[0]["reached"][1] == pytest.approx(expected, rel=1e-9)
    lost = mo.vapour("BSE", 2500.0, loss=[0.0, 0.1])
    start = mo.vapour("BSE", 2500.0, loss=0.0)
    assert start.loss.values.tolist() == [0.0]
    np.testing.assert_allclose(start.pressure[..., 0], lost.pressure[..., 0], rtol=1e-12)
    assert lost.metal_activity.values[0] == pytest.approx(float(states["congruent"].metal_activity), rel=1e-6)


@pytest.mark.parametrize(
    "changes, message",
    [
        ({"composition": {"SiO2": 95.0, "MnO": 5.0}}, "MnO: IMCC-MAGMA has no activity(.|\n)*leave it out"),
        ({"composition": {"SiO2": 80.0}}, "add up to 80 wt%"),
        ({"temperature": 5200.0}, "allowed: 1000 to 5000 K(.|\n)*above: the data of"),
        ({"temperature": 900.0}, "allowed: 1000 to 5000 K"),
        ({"temperature": None}, "temperature=: it is missing"),
        ({"pressure": {"Na": 1.0}}, "the melt sets its pressure"),
        ({"pressure": {"O2": 1.0}}, "oxygen sets its pressure"),
        ({"pressure": {"H2": 1e5, "H2O": 1e4}}, "2 pressures for 1 elements"),
        ({"pressure": {"Xx": 1.0}}, "has no such gas"),
        ({"oxygen": 90.0}, "log10_oxygen_fugacity = 90"),
        ({"oxygen": "IQ+1"}, "no buffer family"),
        ({"oxygen": "congruent", "buffer": "Hirschmann2021"}, "a congruent vapour has no buffer"),
        ({"activities": "MAGMA"}, "known: IMCC-MAGMA"),
        ({"mechanism": "chons"}, "it has no liquid SiO2"),
        ({"species": ["SiO", "Kr"]}, "species 'Kr'"),
        ({"species": []}, "not a list of names"),
        ({"species": ["SiO2", "MgO"]}, "none of these gases releases oxygen"),
        ({"loss": 1.5}, "a number from 0 to 0.99"),
        ({"loss": [0.2, 0.1]}, "an increasing list"),
        ({"loss": 0.1, "oxygen": "IW"}, "its oxygen is congruent"),
        ({"loss": 0.1, "temperature": np.array([2000.0, 2100.0])}, "single numbers here"),
        ({"loss": 0.1, "activities": "MELTS-GhiorsoSack1995"}, "has no melt without sodium"),
    ],
)
def test_what_is_refused(changes, message):
    arguments = {"composition": BINARY, "temperature": 2500.0, "oxygen": "congruent"} | changes
    with pytest.raises(InputError, match=message):
        mo.vapour(**arguments)


def test_fractional_vaporisation():
    """A melt that loses its vapour: mass closes, volatile oxides go first, splitting the way changes nothing,
    and the first bit lost has the composition of the first vapour."""
    whole = vapour(BINARY, 2200.0, loss=0.4)
    np.testing.assert_allclose(whole.melt_mass_left, 1.0 - whole.loss, atol=1e-6)
    last = whole.retained_fraction.isel(loss=-1)
    assert 0 < float(last.sel(oxide="Na2O")) < 1e-11 < float(last.sel(oxide="FeO")) < 0.6
    parts = vapour(BINARY, 2200.0, loss=[0.0, 0.1, 0.4])
    for oxide in ("SiO2", "MgO", "FeO"):
        assert float(parts.retained_fraction.isel(loss=2).sel(oxide=oxide)) == pytest.approx(
            float(last.sel(oxide=oxide)), rel=1e-6
        )
    start = vapour(BINARY, 2200.0)
    np.testing.assert_allclose(parts.pressure.isel(loss=0), start.pressure, rtol=1e-8)
    small = vapour(BINARY, 2200.0, loss=[0.0, 1e-6])
    lost = (1 - small.retained_fraction.isel(loss=1)) * start.melt_mole_fraction
    gas = start.element_fraction
    ratio = float(lost.sel(oxide="Na2O") / lost.sel(oxide="FeO"))
    assert ratio == pytest.approx(float(gas.sel(element="Na") / gas.sel(element="Fe")) / 2, rel=1e-3)


def test_magma_s_crust_that_evaporates():
    """Mole fractions of MAGMA's continental crust at 2000 K after 0.84, 1.56 and 29.8 % of its mass: major
    oxides within 1 %, sodium, of which half is gone, within 2 %. MAGMA has ions, and steps of finite size."""
    crust = {
        "SiO2": 62.93, "MgO": 3.79, "Al2O3": 15.45, "TiO2": 0.70, "FeO": 5.78, "CaO": 5.63, "Na2O": 3.27,
        "K2O": 2.45,
    }  # fmt: skip
    gases = ["O2", "O", "SiO", "SiO2", "Mg", "Fe", "FeO", "Na", "K"]  # the others are below 1e-4
    state = vapour(crust, 2000.0, species=gases, loss=[8.38983612e-3, 1.55846940e-2, 0.297884036])
    expected = {
        "SiO2": (6.759125e-01, 6.798137e-01, 6.271793e-01), "MgO": (6.074843e-02, 6.119907e-02, 8.549361e-02),
        "FeO": (5.177487e-02, 5.189106e-02, 2.882088e-02), "CaO": (6.486389e-02, 6.535206e-02, 9.291871e-02),
        "Al2O3": (9.789798e-02, 9.863477e-02, 1.402403e-01),
        "TiO2": (5.662503e-03, 5.704916e-03, 8.071579e-03),
    }  # fmt: skip
    for oxide, values in expected.items():
        tolerance = 0.015 if oxide == "FeO" else 0.01
        np.testing.assert_allclose(state.melt_mole_fraction.sel(oxide=oxide), values, rtol=tolerance)
    sodium = state.melt_mole_fraction.sel(oxide="Na2O").values[:2]
    np.testing.assert_allclose(sodium, [2.637549e-02, 2.056245e-02], rtol=0.02)
