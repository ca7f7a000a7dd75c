"""Real gases, liquid water and the volume of graphite, in equilibria and in the evolution."""

import numpy as np
import pytest
from support.grey import grey

import mocoupled as mo
from mocoupled.chemistry.real_gases import CUBIC_IN_THERMO, critical_point, ln_phi_by_thermo
from mocoupled.closures.fugacity import CAS, SUBCRITICAL
from mocoupled.closures.law import find
from mocoupled.errors import InputError

LAWS = ["PengRobinson1976", "SoaveRedlichKwong1972", "HollandPowell1991-CORK", "ZhangDuan2009-Leachman2009"]


@pytest.fixture(scope="module")
def earth():
    return grey()


@pytest.mark.parametrize("law", LAWS)
def test_equilibria_hold_in_fugacities(earth, law):
    """ln Q of H2O = 1/2 O2 + H2 in fugacities (coefficient times pressure) is ln K, to 1e-10.

    phi of H2O at 800 bar and 1400 K differs from 1.
    """
    from mocoupled.chemistry.equilibrium_constants import ln_K_values
    from mocoupled.chemistry.mechanism import read_mechanism
    from mocoupled.chemistry.stoichiometry import reactions

    mechanism = read_mechanism("volatiles")
    (reaction,) = reactions(mechanism, ["H2", "H2O"])
    state = mo.equilibrium(earth.replace({"chemistry.fugacity": law}), 1400.0, 0.0)
    f = {
        str(s): float((state.fugacity_coefficient * state.pressure).sel(species=s)) / 1e5
        for s in ("H2", "H2O")
    }
    ln_Q = np.log(f["H2"] / f["H2O"]) + 0.5 * float(state.log10_fO2) * np.log(10)
    assert ln_Q == pytest.approx(
        float(ln_K_values(mechanism, reaction, 1400.0)[0]) * np.sign(dict(reaction.stoichiometry)["H2"]),
        abs=1e-10,
    )
    assert abs(float(state.fugacity_coefficient.sel(species="H2O")) - 1) > 0.01


@pytest.mark.parametrize("law", LAWS)
def test_thin_gas_is_ideal(earth, law):
    """With 1e-4 oceans the pressure is below 0.1 bar: pressures are within 1e-4 of the ideal gas."""
    thin = earth.replace({"volatiles.hydrogen": "1e-4 ocean"})
    real, ideal = (
        mo.equilibrium(thin.replace({"chemistry.fugacity": law}), 2000.0, 0.1),
        mo.equilibrium(thin, 2000.0, 0.1),
    )
    np.testing.assert_allclose(real.pressure, ideal.pressure, rtol=1e-4)


def test_batches_of_a_real_gas_converge(earth):
    rng = np.random.default_rng(2)
    n = 5000
    hydrogen = rng.uniform(0.1, 10, n) * 1.55e20
    case = earth.replace({"chemistry.fugacity": "ZhangDuan2009-Leachman2009"})
    state = mo.equilibrium(
        case,
        rng.uniform(1400, 3000, n),
        rng.uniform(0, 1, n),
        hydrogen=hydrogen,
        carbon=hydrogen * rng.uniform(0, 5, n),
    )
    assert bool(state.converged.all()) and float(state.residual.max()) < 1e-12


def test_the_evolution_takes_a_real_gas(earth):
    result = mo.run(earth.replace({"chemistry.fugacity": "PengRobinson1976", "mantle.model": "lumped"}))
    assert result.attrs["status"] == "complete"
    assert float(result.equilibrium_drift.max()) < 1e-8 and float(result.element_drift.max()) < 1e-10
    static = mo.equilibrium(
        earth.replace({"chemistry.fugacity": "PengRobinson1976"}), 1650.0, float(result.melt_fraction[-1])
    )
    np.testing.assert_allclose(result.pressure[-1], static.pressure, rtol=1e-8)


def test_water_condenses_below_its_critical_temperature(earth):
    """At 550 K the steam is at its saturation pressure and the rest is liquid.

    The pressure is 61.17 bar (IAPWS-95), to 1e-3. Above 647.096 K there is no liquid.
    """
    case = earth.replace({"chemistry.water": True})
    state = mo.equilibrium(case, np.array([550.0, 640.0, 660.0]), 0.0)
    water = state.pressure.sel(species="H2O").values / 1e5
    assert water[0] == pytest.approx(61.17, rel=1e-3)
    assert float(state.water_mass[0]) > 1e21 and float(state.water_mass[1]) > 1e20
    assert float(state.water_mass[2]) < 1e-9 * float(state.water_mass[0])
    assert np.all(state.water_activity[:2] > 1 - 1e-6)


def test_graphite_volume_is_an_option(earth):
    """V (P - 1 bar)/(R T) in the exponent raises the activity of graphite in the gas.

    At 505 bar and 1650 K it rises by 2.1 %: CO rises, and some graphite goes into the gas.
    """
    soot = earth.replace(
        {"redox.oxygen_fugacity": "IW-2", "volatiles.hydrogen": "10 ocean", "volatiles.carbon": "5 C/H"}
    )
    without, with_ = (
        mo.equilibrium(soot.replace({"chemistry.graphite_pressure": on}), 1650.0, 1.0) for on in (False, True)
    )
    P = float(with_.surface_pressure)
    expected = np.exp(12.0107e-3 / 2160 * (P - 1e5) / (8.314462618 * 1650))
    ratio = float(with_.pressure.sel(species="CO") / without.pressure.sel(species="CO"))
    assert ratio == pytest.approx(expected, rel=1e-6)
    assert float(with_.graphite_mass) < float(without.graphite_mass)


def test_unknown_law_and_range(earth):
    with pytest.raises(InputError, match="did you mean 'PengRobinson1976'"):
        mo.equilibrium(earth.replace({"chemistry.fugacity": "PengRobinson"}), 1650.0, 0.3)
    with pytest.raises(InputError, match="allowed: 500 to 3500 K"):
        mo.equilibrium(earth.replace({"chemistry.fugacity": "PengRobinson1976"}), 4000.0, 0.3)


def test_a_gas_without_a_critical_point_is_ideal_among_real_gases(earth):
    """S2 has no critical point in the data.

    Its coefficient is 1 in equilibria, in the evolution and in a closed gas.
    """
    stated = {
        "chemistry.mechanism": "chons",
        "volatiles.sulfur": "100 ppmw",
        "chemistry.species": ["H2", "H2O", "H2S", "S2"],
        "chemistry.fugacity": "PengRobinson1976",
    }
    stated |= {
        "volatiles.carbon": "0 kg",
        "chemistry.graphite": False,
        "mantle.model": "lumped",
        "mantle.shells": 10,
        "run.end_time": "100 yr",
    }
    case = earth.replace(stated)
    state, evolved = mo.equilibrium(case, [1500.0, 2500.0], 0.2), mo.run(case)
    closed = mo.gas_equilibrium(
        900.0,
        5e7,
        {"H": 2.0, "S": 1.5},
        species=("H2", "H2S", "S2"),
        condensates=(),
        mechanism="chons",
        fugacity="PengRobinson1976",
    )
    for result in (state, evolved, closed):
        assert result.fugacity_coefficient.sizes["species"] == result.sizes["species"]
        assert (result.fugacity_coefficient.sel(species="S2") == 1).all()
        assert (abs(result.fugacity_coefficient.sel(species="H2S") - 1) > 1e-4).any()


# ---- comparison with the equations of state of `thermo`


def test_critical_points_are_those_of_thermo():
    """Every gas with a number of Chemical Abstracts has the constants of `thermo`, to the last bit."""
    import chemicals

    for species, number in CAS.items():
        gas = critical_point(species)
        known = (chemicals.Tc(number), chemicals.Pc(number), chemicals.omega(number))
        assert (gas.critical_temperature, gas.critical_pressure, gas.acentric_factor) == known


@pytest.mark.parametrize("species", CAS)
@pytest.mark.parametrize("law", CUBIC_IN_THERMO)
def test_thermo_has_the_same_cubic_equations(law, species):
    """ln phi of every pure gas over the tables of the solvers, and of the vapour in the calibration of
    alpha(T).

    The tables: from 1.08 Tc, where a law is used, to 3500 K and from 1 Pa to 2 GPa. The calibration of
    Soave's and Peng and Robinson's alpha(T): 0.6 to 1 Tc, here below 0.9 times the pressure of saturation
    after Wilson 1968, where there is a vapour. Redlich and Kwong's equation has no calibration below Tc and
    is compared there all the same.
    Tolerance: both solve the same cubic with the same critical constants; Newton stops at steps of 1e-11 of Z
    and converges quadratically, so that both are exact to rounding. ln(Z - B) magnifies the rounding of Z
    (2e-16) by Z/(Z - B), at most 1e3 at 2 GPa: 1e-12, absolute for small ln phi and relative for large.
    Measured: 1e-14.
    """
    gas = critical_point(species)
    equation = find("fugacity", law)
    hot = np.geomspace(max(500.0, SUBCRITICAL * gas.critical_temperature), 3500.0, 7)
    points = [(T, P) for T in hot for P in np.geomspace(1.0, 2e9, 12)]
    for reduced in (0.6, 0.7, 0.8, 0.9, 0.98):
        saturation = gas.critical_pressure * np.exp(5.373 * (1 + gas.acentric_factor) * (1 - 1 / reduced))
        points += [(reduced * gas.critical_temperature, share * saturation) for share in (1e-3, 0.1, 0.9)]
    for T, P in points:
        theirs = ln_phi_by_thermo(law, gas, float(T), float(P))
        assert equation(T=T, P=P, gas=gas) == pytest.approx(theirs, rel=1e-12, abs=1e-12)
