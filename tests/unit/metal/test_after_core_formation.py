"""A case of what core formation left: its elements, oxygen, melt and core are those of the state."""

import warnings

import numpy as np
import pytest

import mocoupled as mo
from mocoupled.closures.redox import parse_oxygen_fugacity
from mocoupled.constants import EARTH_MASS
from mocoupled.errors import InputError
from mocoupled.interior.static_structure import structure
from mocoupled.metal.phase_species import ELEMENTS, shipped, species_of
from mocoupled.planet.chemistry_of_case import resolve
from mocoupled.provenance.omissions import OmissionWarning

# as in test_laws_of_nature.py, whose equations are compiled once
PLANET = {"Si": 1.0, "Mg": 1.05, "Fe": 0.9, "O": 3.3, "H": 0.2, "Na": 0.02, "S": 0.02, "N": 2e-4, "C": 5e-3}
T = 2400.0


@pytest.fixture(scope="module")
def planet():
    return mo.planet_equilibrium(PLANET, temperature=T, planet_mass=EARTH_MASS)


@pytest.fixture(scope="module")
def case(planet):
    return mo.case_after_core_formation(planet)


def kilograms(planet, element, *phases, only=None):
    """Mass of an element in phases of a planet of EARTH_MASS, by a separate sum. only: in these species."""
    total = 0.0
    for s in species_of(shipped(), ELEMENTS):
        if s.phase in phases and element in s.composition and (only is None or s.name in only):
            x = planet.mole_fraction.sel(phase=s.phase, species=s.name)
            total += float(s.composition[element]) * float(x * planet.phase_moles.sel(phase=s.phase))
    sample = sum(shipped().atomic_weights[e] * moles for e, moles in PLANET.items())
    return total * shipped().atomic_weights[element] * EARTH_MASS / sample


def test_elements_are_those_of_silicate_and_gas(planet, case):
    """With what the metal took, an inventory adds up to the planet's amount of the element: 1e-10."""
    mantle = structure(case.planet).mantle_mass
    masses = case.volatiles.masses(mantle)
    assert set(masses) == {"H", "C", "N", "S"}
    whole = EARTH_MASS / sum(shipped().atomic_weights[e] * n for e, n in PLANET.items())
    for element, mass in masses.items():
        assert mass == pytest.approx(kilograms(planet, element, "silicate", "gas"), rel=1e-10)
        total = PLANET[element] * shipped().atomic_weights[element] * whole
        assert mass + kilograms(planet, element, "metal") == pytest.approx(total, rel=1e-10)
    assert set(resolve(case, mantle).masses) == {"H", "C", "N", "S"}  # chons has them; volatiles has not


def test_the_melt_keeps_what_the_silicate_had(planet, case):
    """H2O, N2 and S2 by the laws of the state: their elements stay where they were when the run starts.

    Within 20 %: the gases of the run are others (H2S, CO by no law), and H2 does not dissolve there.
    """
    laws = dict(case.volatiles.solubility)
    assert laws.pop("CO2") == "basalt-Dixon1995"  # of the base
    assert laws == {
        "H2O": "peridotite-Sossi2022",
        "N2": "basalt-Bernadou2021",
        "S2": "basalt-sulfide-Boulliung2023",
    }
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        state = mo.equilibrium(case, temperature=T, melt_fraction=1.0)
    for element, gas, share in (("H", "H2O", 2 * 1.00794 / 18.01528), ("N", "N2", 1.0), ("S", "S2", 1.0)):
        dissolved = share * float(state.dissolved_mass.sel(species=gas))
        species = "OH" if element == "H" else element
        before = kilograms(planet, element, "silicate", only=(species, gas))
        assert dissolved == pytest.approx(before, rel=0.2), element


def test_a_law_of_the_base_for_sulfur_stays(planet):
    base = mo.Case.read("earth").replace(
        {"chemistry.mechanism": "chons", "volatiles.solubility.S2": "silicate-ONeill2022"}
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        left = mo.case_after_core_formation(planet, base)
    assert left.volatiles.solubility["S2"] == "silicate-ONeill2022"


def test_rock_core_and_oxygen(planet, case):
    """The melt has the metals of silicate and gas; the mantle weighs what the silicate weighs, within 1e-6.

    The buffer at the temperature of the state gives its oxygen fugacity, to the six digits of the text.
    """
    moles = case.melt.oxides.moles
    for oxide, element, cations in (("FeO", "Fe", 1), ("Na2O", "Na", 2), ("SiO2", "Si", 1)):
        ratio = cations * moles[oxide] / moles["MgO"]
        expected = kilograms(planet, element, "silicate", "gas") / kilograms(planet, "Mg", "silicate", "gas")
        weights = shipped().atomic_weights
        assert ratio == pytest.approx(expected * weights["Mg"] / weights[element], rel=2e-5), oxide
    built = structure(case.planet)
    sample = float(planet.phase_mass.sum())
    silicate, metal = (
        float(planet.phase_mass.sel(phase=p)) * EARTH_MASS / sample for p in ("silicate", "metal")
    )
    assert built.mantle_mass == pytest.approx(silicate, rel=1e-6)
    assert built.core_mass == pytest.approx(metal, rel=1e-6)
    oxygen = parse_oxygen_fugacity(case.redox.oxygen_fugacity, case.redox.buffer)
    assert oxygen.buffer == "ONeillEggins2002"
    assert float(oxygen.evaluate(T)) == pytest.approx(float(planet.log10_fO2), abs=1e-6)
    assert case.run.initial_surface_temperature == T
    other = mo.case_after_core_formation(planet, buffer="Hirschmann2021")
    assert float(other.redox.imposed.evaluate(T)) == pytest.approx(float(planet.log10_fO2), abs=1e-6)
    assert other.redox.oxygen_fugacity != case.redox.oxygen_fugacity


def test_what_the_base_had(planet):
    """Keys that the state replaces are removed from the base, and what is lost is said."""
    base = mo.Case.read("earth").replace(
        {
            "volatiles.initial_pressure": {"H2O": "100 bar"},
            "redox.ferric_iron": "Borisov2018",
            "redox.total_iron": 0.2,
            "redox.melt_oxides": {"CaO": 0.1},
            "cumulates.coupled": True,
            "mantle.model": "lumped",
        }
    )
    with pytest.warns(
        OmissionWarning, match=r"it is counted to the rock. volatiles.initial_pressure of earth"
    ):
        case = mo.case_after_core_formation(planet, base)
    assert not case.volatiles.initial_pressure and case.redox.total_iron is None
    assert not case.redox.melt_oxides and case.mantle.model == "lumped"
    iron = kilograms(planet, "Fe", "silicate", "gas") / 55.845
    magnesium = kilograms(planet, "Mg", "silicate", "gas") / 24.305
    assert case.cumulates.bulk_iron == pytest.approx(iron / (iron + magnesium), rel=1e-10)
    with pytest.warns(OmissionWarning, match="chemistry.species of WE1 lacks an element"):
        steam = mo.case_after_core_formation(planet, "WE1")
    assert steam.chemistry.species is None and steam.chemistry.mechanism == "chons"
    assert set(resolve(steam, structure(steam.planet).mantle_mass).masses) == {"H", "C", "N", "S"}
    few = {e: PLANET[e] for e in ("Si", "Mg", "Fe", "O", "H")}
    dry = mo.planet_equilibrium(few, temperature=T, planet_mass=EARTH_MASS)
    with pytest.warns(OmissionWarning, match="C of earth is set to zero: the planet has none"):
        assert mo.case_after_core_formation(dry).chemistry.mechanism == "volatiles"


def test_refused(planet):
    """One state with a result and a core, or an error that says what to do."""
    two = mo.planet_equilibrium(PLANET, temperature=[T, 4500.0], planet_mass=EARTH_MASS)
    with pytest.raises(
        InputError, match=r"has 2 states.\n  allowed: one\n  choose one: planet.isel\(point=0\)"
    ):
        mo.case_after_core_formation(two)
    assert mo.case_after_core_formation(two.isel(point=[0])).melt == mo.case_after_core_formation(planet).melt
    with pytest.raises(InputError, match="has no result: it lies outside the domain of the laws"):
        mo.case_after_core_formation(two.isel(point=1))
    rusty = {"Si": 1.0, "Mg": 1.05, "Fe": 0.9, "O": 3.974, "H": 0.05}
    oxidised = mo.planet_equilibrium(rusty, temperature=2000.0, planet_mass=EARTH_MASS)
    assert np.isfinite(oxidised.log10_fO2)
    with pytest.raises(InputError, match="it has no core"):
        mo.case_after_core_formation(oxidised)
    with pytest.raises(InputError, match="buffer = 'Hirschmann2001': no buffer law has this name"):
        mo.case_after_core_formation(planet, buffer="Hirschmann2001")
    with pytest.raises(InputError, match="no result of planet_equilibrium"):
        mo.case_after_core_formation(planet.drop_vars("mass_below_gas"))
