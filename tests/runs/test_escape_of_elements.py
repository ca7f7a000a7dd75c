"""Runs whose elements all escape: conservation, fractionation, redox, a closed lid, and what is refused."""

import json

import numpy as np
import pytest
import sympy
from scipy.integrate import simpson

import mocoupled as mo
from mocoupled.cli.installation_check import jacobian_misfit
from mocoupled.closures.law import find
from mocoupled.constants import AVOGADRO_CONSTANT, BOLTZMANN_CONSTANT, YEAR
from mocoupled.dae.declare.model import Balance, Model, Output
from mocoupled.dae.solve.integrate import march
from mocoupled.planet.assembly import assemble
from mocoupled.planet.chemistry_of_case import resolve
from mocoupled.planet.escape_of_case import _losses
from mocoupled.reservoirs.volatiles import Volatiles
from mocoupled.results.trajectories import dataset
from mocoupled.runs.ends import events
from mocoupled.runs.main_job import prepare

LAW = {"mantle.model": "lumped", "escape.law": "ZahnleKasting1986"}
TRACERS = {"D": 1.5e-4, "He": 1e-3, "36Ar": 1e-7}


@pytest.fixture(scope="module")
def prepared():
    """A steam-rich Earth whose redox evolves, under the young Sun at 0.05 au."""
    changes = LAW | {
        "volatiles.hydrogen": "1 ocean",
        "volatiles.carbon": "0.02 C/H",
        "redox.oxygen_fugacity": "IW+3",
        "redox.ferric_iron": "Sossi2020",
        "planet.orbit": "0.05 au",
        "escape.tracers": TRACERS,
        "escape.recombination_flux": "none",
        "run.initial_surface_temperature": "2200 K",
        "run.end_surface_temperature": "1700 K",
    }
    return prepare(mo.Case.read("earth").replace(changes))


@pytest.fixture(scope="module")
def run(prepared):
    """Its march, to the lid or to 3 Myr, as a Dataset."""
    listed = events(prepared.planet, prepared.system)
    assert [e.name for e in listed if e.name.endswith("escaped")] == [
        "hydrogen escaped", "carbon escaped", "oxygen escaped"
    ]  # fmt: skip
    assert "All but 0.001 of the carbon has escaped" in next(e for e in listed if e.name[0] == "c").sentence
    assert all(e.value(0.0, prepared.start) > 0.99 for e in listed if e.name.endswith("escaped"))
    trajectory = march(
        prepared.system, prepared.start, 3e6 * YEAR, events=listed, stabilisation=1 / YEAR, rtol=1e-7
    )
    return dataset(prepared.planet, prepared.system, trajectory)


def test_elements_are_conserved(run):
    """What the planet has lost is what has escaped, to 1e-10, and the integral of the rates."""
    assert float(run.element_drift.max()) < 1e-10 and float(run.energy_drift.max()) < 1e-10
    assert float(run.equilibrium_drift.max()) < 1e-8
    assert list(run.escaping_element.values) == ["H", "C", "O"]
    for e, weight in (("H", 1.00794e-3), ("C", 12.0107e-3), ("O", 15.9994e-3)):
        moles = run.element_moles.sel(element=e)
        gone = run.escaped_element_mass.sel(escaping_element=e)
        assert float(gone[-1]) == pytest.approx(weight * float(moles[0] - moles[-1]), rel=1e-5)
        rates = run.element_escape_rate.sel(escaping_element=e).values
        assert float(gone[-1]) == pytest.approx(simpson(rates, x=run.time.values), rel=2e-3)
    assert float(gone[-1] / weight / moles[0]) > 1e-3  # oxygen


def test_energy_sets_the_mass_that_leaves(run):
    """All elements together: efficiency x F/(4 g R K) per area; F of the Sun at 0.05 au."""
    flux, R, g = run.xuv_flux.values, 6.371e6, 10.0
    assert flux[0] == pytest.approx(400 * 0.495, rel=0.01)
    hill = 0.05 * 1.495978707e11 * (g * R**2 / 6.6743e-11 / (3 * 1.98841e30)) ** (1 / 3)
    K = 1 - 1.5 * R / hill + 0.5 * (R / hill) ** 3
    expected = 0.15 * flux * 4 * np.pi * R**2 / (4 * g * R * K)
    assert run.element_escape_rate.sum("escaping_element").values == pytest.approx(expected, rel=1e-6)
    assert run.escape_mass_flux.values * 4 * np.pi * R**2 == pytest.approx(expected, rel=1e-6)


def test_tracers(run):
    """d ln D = d ln H (m_c - m_D)/(m_c - m_H), with m_c by the b of D: Rayleigh's law, integrated here.

    Noble gases leave with the gas, the lighter faster.
    """
    flow = (run.crossover_mass.sel(dragged_element="O") - 1.00794e-3) / (BOLTZMANN_CONSTANT * 400.0)
    flow *= 4.8e19 * 400.0**0.75 * 10.0 / AVOGADRO_CONSTANT
    dragged = BOLTZMANN_CONSTANT * 400.0 * AVOGADRO_CONSTANT * flow / (7.183e19 * 400.0**0.728 * 10.0)
    factor = ((dragged + 1.00794e-3 - 2.014102e-3) / dragged).values
    ln_H = np.log(run.element_moles.sel(element="H").values)
    ln_ratio = np.log(run.tracer_ratio.sel(tracer="D").values)
    expected = np.sum((factor[1:] + factor[:-1]) / 2 * np.diff(ln_H)) - (ln_H[-1] - ln_H[0])
    assert ln_ratio[0] == pytest.approx(np.log(1.5e-4), abs=1e-12)
    assert ln_ratio[-1] - ln_ratio[0] == pytest.approx(expected, rel=1e-3)
    assert expected > 1e-5
    assert (np.diff(ln_ratio) >= 0).all()
    left = run.tracer_moles / run.tracer_moles[0]
    helium, argon = (float(left.sel(tracer=t)[-1]) for t in ("He", "36Ar"))
    assert helium < argon < 1.0
    hydrogen = float(run.element_moles.sel(element="H")[0])
    assert run.tracer_moles[0].values == pytest.approx([hydrogen * x for x in TRACERS.values()], rel=1e-12)


def test_a_small_enrichment_of_deuterium_is_not_lost_in_the_error_of_the_march():
    """8.77e-5 at a relative tolerance of 1e-5 as at 1e-8, and D/H never falls.

    Two amounts that are integrated apart give -6.6e-4 at 1e-5, and -2.0e-5 at 1e-6.
    """
    strong = {"escape.law": "ZahnleKasting1986", "escape.xuv_flux": 1e4, "escape.recombination_flux": "none"}
    coarse = {"mantle.model": "lumped", "escape.tracers.D": 1.5e-4, "run.rtol": 1e-5}
    ratio = mo.run(mo.Case.read("earth").replace(strong | coarse)).tracer_ratio.sel(tracer="D").values
    assert ratio[-1] / ratio[0] - 1 == pytest.approx(8.7734e-5, rel=2e-3)
    assert (np.diff(ratio) >= 0).all()


def test_noble_gases_leave_with_the_gas(run):
    """d ln N = -area w (m_c - m)/(m_c - m_H) dt/(atoms of the gas), m_c by the b of each, integrated here."""
    flow = (run.crossover_mass.sel(dragged_element="O").values - 1.00794e-3) / (BOLTZMANN_CONSTANT * 400.0)
    flow *= 4.8e19 * 400.0**0.75 * 10.0 / AVOGADRO_CONSTANT  # 1/m2/s
    atoms = {"H2": 2, "H2O": 3, "CO": 2, "CO2": 3, "CH4": 5, "O2": 2}
    grams = {"H2": 2.016, "H2O": 18.015, "CO": 28.01, "CO2": 44.009, "CH4": 16.043, "O2": 31.998}
    gas = sum(1e3 * run.gas_mass.sel(species=s).values / grams[s] * atoms[s] for s in run.species.values)
    scale = ((1 / 1.008 + 1 / 36) / (1 / 1.008 + 1 / 15.999)) ** 0.5
    for name, mass, b in (
        ("He", 4.0026e-3, 1.04e20 * 400.0**0.732),
        ("36Ar", 36e-3, 4.8e19 * 400.0**0.75 * scale),
    ):
        over = BOLTZMANN_CONSTANT * 400.0 * AVOGADRO_CONSTANT * flow / (b * 10.0)  # m_c - m_H
        rate = flow * (over + 1.00794e-3 - mass) / over * 4 * np.pi * 6.371e6**2 / AVOGADRO_CONSTANT / gas
        ln = np.log(run.tracer_moles.sel(tracer=name).values)
        expected = -simpson(rate, x=run.time.values)
        assert ln[-1] - ln[0] == pytest.approx(expected, rel=3e-3) and expected < -1e-3


def test_generated_jacobian(prepared):
    assert jacobian_misfit(prepared.system, prepared.start, 1 / YEAR) < 1e-6


def test_sources_are_stored(run):
    laws = json.loads(run.attrs["laws"])
    assert laws["escape"]["name"] == "ZahnleKasting1986" and "Watson" in laws["energy of escape"]["reference"]
    assert laws["diffusion of O in hydrogen"]["name"] == "O-ZahnleKasting1986"
    assert "XUV of the star" in laws
    for name in ("tracer_ratio", "crossover_mass", "xuv_flux", "element_escape_rate"):
        assert run[name].attrs["units"] and run[name].attrs["long_name"]


def test_hydrogen_escapes_from_under_a_closed_lid():
    """The run ends with a sentence when the hydrogen of the gas is used up; elements are conserved."""
    changes = LAW | {
        "volatiles.hydrogen": "0.02 ocean",
        "volatiles.carbon": "0 kg",
        "escape.xuv_flux": "300 W/m^2",
        "run.initial_surface_temperature": "1950 K",
        "run.end_surface_temperature": "1700 K",
        "run.after_lid": "closed",
    }
    run = mo.run(mo.Case.read("earth").replace(changes))
    assert run.attrs["end_name"] == "hydrogen escaped" and run.attrs["status"] == "complete"
    assert "All but 1e-05 of the hydrogen" in run.attrs["end_reason"]
    assert float(run.element_drift.max()) < 1e-10 and float(run.gas_element_drift.max()) < 1e-10
    assert (np.diff(run.escaped_element_mass, axis=0) >= 0).all()


def test_defaults():
    keys, law = mo.Case.read("earth").escape, find("escape", "ZahnleKasting1986")
    assert (keys.law, keys.efficiency, keys.temperature, keys.recombination_flux) == ("none", 0.15, 400, 10)
    assert (keys.tropopause_temperature, keys.tropopause_pressure, keys.xuv_flux) == (200, 1e4, None)
    assert law.ranges["hydrogen_fraction"] == (0.5, 1.0)


REFUSED = [
    ({"volatiles.hydrogen": "0 kg", "volatiles.carbon": "1e20 kg"}, "no hydrogen in the gas"),
    ({"escape.tracers": {"D": 1e-4}, "run.after_lid": "closed"}, "deuterium"),
    ({"escape.tracers": {"14N": 1e-4}}, "neither deuterium nor a noble gas"),
    ({"escape.tracers": {"400Ar": 1e-4}}, "no isotope"),
    ({"escape.xuv_radius": 5.0, "planet.orbit": "0.005 au"}, "outside the Hill sphere"),
    ({"star.xuv": 0.0}, "needs XUV"),
    ({"star.xuv": 1.0}, "XUV flux at the planet's orbit would be 3.56e-24 W/m2"),
    ({"escape.tracers": {"2H": 1e-4}}, "neither deuterium nor a noble gas(.|\n)*did you mean 'D'"),
    ({"escape.tracers": {"he": 1e-4}}, "neither deuterium nor a noble gas(.|\n)*did you mean 'He'"),
    ({"escape.diffusion": {"N": 4e21}}, "act on nothing"),
    ({"chemistry.mechanism": "all", "volatiles.chlorine": "1e18 kg"}, "Cl has no coefficient"),
]


@pytest.mark.parametrize("changes, says", REFUSED)
def test_what_cannot_escape_is_refused(changes, says):
    with pytest.raises(mo.InputError, match=says):
        assemble(mo.Case.read("earth").replace(LAW | changes))


IDLE = [
    ({"escape.efficiency": 0.0}, "efficiency"),
    ({"escape.efficiency": 1.5}, "efficiency"),
    ({"escape.temperature": "-5 K"}, "temperature"),
    ({"escape.xuv_flux": "0 W/m^2"}, "xuv_flux"),
    ({"escape.xuv_flux": "1e-20 W/m^2"}, "xuv_flux"),
    ({"escape.recombination_flux": "1e-30 W/m^2"}, "recombination_flux"),
    ({"escape.diffusion": {"O": 1e-3}}, "diffusion"),
    ({"escape.tropopause_pressure": "0.2 bar"}, "without a cold trap"),
    ({"escape.xuv": 40.0}, "belongs to escape of H2 alone"),
    ({"escape.law": "Zahnle2019", "escape.efficiency": 0.3}, "belongs to the law 'ZahnleKasting1986'"),
]


@pytest.mark.parametrize("changes, says", IDLE)
def test_bad_keys(changes, says):
    with pytest.raises(mo.InputError, match=says):
        mo.Case.read("earth").replace(LAW | changes)


def test_every_element_leaves_by_itself():
    """The sources of the balances add up to the loss of each element, among the gases of H, C, O, N and S."""
    changes = {
        "chemistry.mechanism": "chons",
        "volatiles.nitrogen": "1e19 kg",
        "volatiles.sulfur": "1e20 kg",
        "redox.ferric_iron": "Sossi2020",
    }
    case = mo.Case.read("earth").replace(LAW | changes)
    chemistry = resolve(case, 4e24)
    moles = [Output("element_moles", sympy.S.One, "mol", "", "element", e) for e in chemistry.elements]
    balances = tuple(Balance(s) for s in chemistry.species)
    air = Volatiles(Model(balances=balances, outputs=tuple(moles)))
    rates = {e: sympy.Symbol(e) for e in "HCONS"}
    species = chemistry.mechanism.species
    lost = dict.fromkeys(rates, sympy.S.Zero)
    for balance in _losses(case, chemistry, air, rates):
        for e, count in species[balance.name].composition.items():
            lost[e] -= count * balance.source / chemistry.molar_mass(balance.name)
    for e, rate in rates.items():
        left = sympy.expand(lost[e] - rate)
        assert all(abs(left.coeff(other)) < 1e-12 for other in rates.values()), e
