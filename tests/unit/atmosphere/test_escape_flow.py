"""Hydrodynamic escape of all elements: closed forms, limits, constants, arrays and bad input of mo.escape."""

import math

import numpy as np
import pytest
import sympy

import mocoupled as mo
from mocoupled.atmosphere.binary_diffusion import ATOMIC_MASSES, diffusion_law
from mocoupled.atmosphere.cold_trap import reaching
from mocoupled.chemistry.mechanism import read_mechanism
from mocoupled.closures.law import find
from mocoupled.constants import AVOGADRO_CONSTANT, BOLTZMANN_CONSTANT, GRAVITATIONAL_CONSTANT

HYDROGEN = 1.00784e-3  # kg/mol, of the table
MASS, RADIUS = 5.972e24, 6.371e6
EARTH = {"mass": MASS, "radius": RADIUS, "recombination_flux": None}
STEAM = {"H": 2, "O": 1}
HEAVY = {"H": HYDROGEN, "O": 16 * HYDROGEN}
GRAVITY = GRAVITATIONAL_CONSTANT * MASS / RADIUS**2
# efficiency, XUV flux, phi [kg/m2/s], F_H, F_O [1/m2/s], m_c/m_H, eta: of a steam atmosphere of the Earth
TABLE = [
    (0.1, 1.0, 3.995969e-10, 1.400943e17, 6.167288e15, 17.44818, 0.088045),
    (0.1, 5.0, 1.997984e-9, 2.462147e17, 5.922749e16, 29.90755, 0.481104),
    (0.1, 20.0, 7.991938e-9, 6.441662e17, 2.582032e17, 76.63020, 0.801667),
    (0.15, 100.0, 5.993953e-8, 4.093079e18, 1.982660e18, 481.55982, 0.968786),
]


def closed_form(efficiency, flux, T=400.0):
    """phi, F_H, F_O and m_c/m_H of H:O = 2:1 with m_O = 16 m_H: Luger & Barnes 2015, section 2."""
    phi = efficiency * flux * RADIUS / (4 * GRAVITATIONAL_CONSTANT * MASS)
    atom = HYDROGEN / AVOGADRO_CONSTANT
    x = BOLTZMANN_CONSTANT * T * (phi / atom) / (10 * 4.8e19 * T**0.75 * GRAVITY * atom)
    eta = max(0.0, (x - 1) / (x + 8))
    hydrogen = phi / atom / (1 + 8 * eta)
    crossover = 1 + BOLTZMANN_CONSTANT * T * hydrogen / (4.8e19 * T**0.75 * GRAVITY * (2 / 3) * atom)
    return phi, hydrogen, eta * hydrogen / 2, crossover


@pytest.mark.parametrize("row", TABLE)
def test_closed_form_of_steam(row):
    """The closed form to 1e-10, and its values as printed: half of the last digit."""
    efficiency, flux, *printed = row
    result = mo.escape(STEAM, flux, efficiency=efficiency, molar_masses=HEAVY, **EARTH)
    H, oxygen = (float(result.escape_flux.sel(element=e)) * AVOGADRO_CONSTANT for e in "HO")
    ours = [
        float(result.mass_flux),
        H,
        oxygen,
        float(result.crossover_mass[0]) / HYDROGEN,
        float(result.fractionation[0]),
    ]
    assert ours[:4] == pytest.approx(closed_form(efficiency, flux), rel=1e-10)
    assert ours == pytest.approx(printed, rel=1e-5)
    assert ours[:4] == pytest.approx(printed[:4], rel=5e-7)


def test_limits():
    """Bulk blow-off: all alike, to (m_j - m_H)/(m_c - m_H). Diffusion limit: nothing dragged up to m_c = m_j.

    At the limit itself the corner is rounded: 1e-6 of m_H, of 15.
    """
    strong = mo.escape({"H": 2, "O": 1, "Xe": 1e-6}, 1e7, **EARTH)
    assert strong.fractionation.values == pytest.approx([1.0, 1.0], abs=1e-3)
    assert (strong.fractionation < 1).all()
    unit = closed_form(1.0, 1.0)[0]
    atom = HYDROGEN / AVOGADRO_CONSTANT
    limit = 10 * 4.8e19 * 400.0**0.75 * GRAVITY * atom / (BOLTZMANN_CONSTANT * 400.0) * atom  # x = 1
    at, below = (
        mo.escape(STEAM, factor * limit / unit, efficiency=1.0, molar_masses=HEAVY, **EARTH)
        for factor in (1.0, 0.99)
    )
    assert float(at.crossover_mass[0]) == pytest.approx(16 * HYDROGEN, rel=1e-6)
    assert float(below.escape_flux[1] / below.escape_flux[0]) < 1e-9
    assert float(at.escape_flux[1] / at.escape_flux[0]) < 1e-6
    assert float(below.escape_flux[0]) == pytest.approx(0.99 * limit / atom / AVOGADRO_CONSTANT, rel=1e-9)


def test_fractionation_of_isotopes():
    """f = (m_c - m_j)/(m_c - m_H), m_c by the b of each; trace amounts do not act on the others.

    D: m_c = 37.7 m_H by the b of O (closed form), 29.0 m_H by that of D, whence f = 1 - 1.006/28.2 = 0.9643.
    """
    atoms = {"H": 2, "O": 1, "D": 1e-12, "20Ne": 1e-12, "22Ne": 1e-12}
    result, alone = mo.escape(atoms, 5.0, **EARTH), mo.escape(STEAM, 5.0, **EARTH)
    assert float(result.escape_flux[0]) == pytest.approx(float(alone.escape_flux[0]), rel=1e-10)
    masses = {"O": 15.999e-3, "D": 2.014102e-3, "20Ne": 20e-3, "22Ne": 22e-3}
    for name, mass in masses.items():
        crossover = float(result.crossover_mass.sel(dragged_element=name))
        share = (crossover - mass) / (crossover - 1.008e-3)
        assert float(result.fractionation.sel(dragged_element=name)) == pytest.approx(share, rel=1e-9)
    assert float(result.fractionation.sel(dragged_element="D")) == pytest.approx(0.9643, abs=1e-4)


# b in hydrogen at 400 and 1000 K [1/m/s], worked out from the published powers of T to four digits; those of
# C and S as Genda & Ikoma's scaling gives them elsewhere: 4.85e19 and 4.73e19 T^0.75, of N 4.82e19
DIFFUSION = {
    "O": (4.293e21, 8.536e21),
    "He": (8.351e21, 1.633e22),
    "D": (5.631e21, 1.097e22),
    "C": (4.335e21, 8.619e21),
    "N": (4.311e21, 8.572e21),
    "S": (4.229e21, 8.408e21),
    "Ne": (4.267e21, 8.483e21),
    "Ar": (4.216e21, 8.383e21),
    "Kr": (4.189e21, 8.329e21),
    "Xe": (4.18e21, 8.311e21),
}


@pytest.mark.parametrize("name", DIFFUSION)
def test_diffusion_coefficients(name):
    law = diffusion_law(name, "here")
    ours = [float(law(T=T, molar_mass=ATOMIC_MASSES[name])) for T in (400.0, 1000.0)]
    assert ours == pytest.approx(DIFFUSION[name], rel=4e-4)


def test_masses_of_atoms():
    """As in the mechanism with all elements, to 2e-4; deuterium is twice hydrogen within 0.1 %."""
    weights = read_mechanism("all").atomic_weights
    for name, mass in ATOMIC_MASSES.items():
        expected = 2 * weights["H"] if name == "D" else weights[name]
        assert mass == pytest.approx(expected, rel=1e-3 if name == "D" else 2e-4), name


def test_energy_limit():
    """eps F R/(4 G M); the square of the XUV radius; Erkaev's K; and the square root of the flux."""
    law = find("escape_energy", "energy-limited")
    at = {"efficiency": 0.3, "radius": RADIUS, "gravity": GRAVITY}
    earth = float(law(xuv_flux=0.5, **at))
    assert earth == pytest.approx(6.0e-10, rel=5e-3)  # Earth at 50 Myr, two digits
    assert earth == pytest.approx(0.15 * RADIUS / (4 * GRAVITATIONAL_CONSTANT * MASS), rel=1e-12)
    near = float(law(xuv_flux=0.5, xuv_radius=1.5, inverse_hill_radius=0.2, **at))
    assert near / earth == pytest.approx(2.25 / (1 - 1.5 * 0.3 + 0.5 * 0.3**3), rel=1e-12)
    strong = [float(law(xuv_flux=F, inverse_recombination_flux=0.1, **at)) for F in (0.5, 10.0, 1e4, 4e4)]
    assert strong[0] == pytest.approx(earth, rel=2e-6)
    assert strong[1] / earth == pytest.approx(20.0 / 2**0.125, rel=1e-12)
    assert strong[3] / strong[2] == pytest.approx(2.0, rel=1e-9)
    assert strong[2] / earth == pytest.approx(2e4 * math.sqrt(1e-3), rel=1e-9)


def test_default_recombination_flux():
    """10 W/m2, 1e4 erg/cm2/s: at that flux escape is 2^(-1/8) of the energy limit."""
    weak, strong = (mo.escape(STEAM, 10.0, recombination_flux=limit) for limit in (10.0, None))
    assert float(mo.escape(STEAM, 10.0).mass_flux) == float(weak.mass_flux)
    assert float(weak.mass_flux / strong.mass_flux) == pytest.approx(2**-0.125, rel=1e-12)


def test_tides_of_a_hill_sphere():
    """K of Erkaev et al. 2007 at twice the radius divides what XUV can lift."""
    near, far = (mo.escape(STEAM, 1.0, hill_radius=h, **EARTH) for h in (2.0 * RADIUS, None))
    assert float(far.mass_flux / near.mass_flux) == pytest.approx(1 - 1.5 / 2 + 0.5 / 8, rel=1e-12)


@pytest.mark.parametrize("T, saturation", [(200.0, 0.1627), (273.16, 611.7), (300.0, 3537.0)])
def test_cold_trap(T, saturation):
    """Saturated at 0.1 bar: 0.1627 and 611.7 Pa over ice (its triple point), 3537 Pa over water at 300 K.

    A wet gas keeps the saturated share, 2^(-1/4) of it where it was just saturated; a dry gas is not changed.
    """
    share = saturation / 1e4
    wet, edge, dry = (float(reaching(x * 1e7, 1e7, T, 1e4)) / 1e7 for x in (1.0, share, 1e-3 * share))
    assert wet == pytest.approx((1 + share**-4) ** -0.25, rel=1e-3)
    assert edge == pytest.approx(share * 2**-0.25, rel=1e-3) and dry == pytest.approx(1e-3 * share, rel=1e-9)


def test_default_planet():
    """The Earth, 0.15 and 400 K: the closed form with g and R of the nominal Earth."""
    result = mo.escape(STEAM, 1.0, molar_masses=HEAVY, recombination_flux=None)
    assert float(result.mass_flux) == pytest.approx(0.15 * 6.3781e6 / (4 * 3.986004e14), rel=1e-12)
    same = mo.escape(STEAM, 1.0, molar_masses=HEAVY, recombination_flux=None, temperature=400.0)
    assert float(result.crossover_mass[0]) == float(same.crossover_mass[0])


def test_arrays_are_loops():
    """More points than are solved one at a time, broadcast by the names of their dimensions; zeros."""
    import xarray

    fluxes = xarray.DataArray(np.geomspace(0.1, 1e3, 40), dims="flux")
    carbon = xarray.DataArray([0.0, 1e-3, 4.0], dims="carbon")
    result = mo.escape({"H": 2, "O": 1, "C": carbon}, fluxes, hill_radius="2e6 km", temperature="700 K")
    assert result.escape_flux.dims[0] == "element" and set(result.escape_flux.dims[1:]) == {"flux", "carbon"}
    assert bool(result.converged.all())
    for i, k in ((0, 0), (17, 1), (39, 2)):
        single = mo.escape(
            {"H": 2, "O": 1, "C": float(carbon[k])}, float(fluxes[i]), hill_radius="2e6 km", temperature=700.0
        )
        np.testing.assert_allclose(
            result.escape_flux.isel(flux=i, carbon=k), single.escape_flux, rtol=1e-9, atol=1e-19
        )
        mass = float((single.escape_flux * [1.008e-3, 15.999e-3, 12.011e-3]).sum())
        assert mass == pytest.approx(float(single.mass_flux), rel=1e-9)
    assert (result.escape_flux.sel(element="C").isel(carbon=0) < 1e-25).all()


BAD = [
    ({"atoms": {"O": 1}}, "hydrogen, which carries"),
    ({"atoms": {"H": 0, "O": 0}}, "there are none"),
    ({"atoms": {"H": -1, "O": 2}}, "out of range"),
    ({"atoms": {"H": 1, "Cl": 1}}, "Cl"),
    ({"atoms": {"H": 1, "90Ar": 1}}, "no isotope"),
    ({"efficiency": 0.0}, "efficiency = 0"),
    ({"efficiency": 1.01}, "efficiency = 1.01"),
    ({"xuv_flux": 0.0}, "xuv_flux = 0"),
    ({"xuv_flux": math.nan}, "xuv_flux"),
    ({"temperature": -3.0}, "temperature = -3"),
    ({"temperature": [400.0, 1e5]}, "at point 1"),
    ({"hill_radius": 1e6}, "outside the Hill sphere"),
    ({"molar_masses": {"N": 0.014}}, "not among the atoms"),
    ({"diffusion": {"O": -1.0}}, "out of range"),
    ({"diffusion": {"O": 1e-300}}, "1e\\+12 to 1e\\+30"),
    ({"diffusion": {"H": 1e21}}, "does not diffuse through itself"),
    ({"molar_masses": {"O": 16.0}}, "0.0001 to 1 kg/mol"),
    ({"molar_masses": {"O": 1.008e-3}}, "not heavier than hydrogen"),
    ({"molar_masses": {"H": 0.5}}, "not heavier than hydrogen"),
    ({"drag": "false"}, "not a logical value"),
]


@pytest.mark.parametrize("changes, says", BAD)
def test_bad_input(changes, says):
    arguments = {"atoms": STEAM, "xuv_flux": 1.0} | changes
    with pytest.raises(mo.InputError, match=says):
        mo.escape(**arguments)


def test_the_law_has_no_step():
    """Flux and slope are continuous where dragging begins, at a flow of 2 with unit coefficients."""
    w = sympy.Symbol("w", positive=True)
    flux = find("escape", "ZahnleKasting1986")(
        fraction=1.0,
        flow=w,
        diffusion=AVOGADRO_CONSTANT * BOLTZMANN_CONSTANT,
        gravity=1.0,
        temperature=1.0,
        molar_mass=3.0,
        carrier_mass=1.0,
    )
    value, slope = sympy.lambdify(w, flux), sympy.lambdify(w, sympy.diff(flux, w))
    assert float(slope(2.0)) == pytest.approx(0.5, abs=1e-9)
    assert float(value(2.0)) == pytest.approx(1e-6, rel=1e-3)
    assert (float(value(1.0)), float(slope(1.0))) == (pytest.approx(0, abs=1e-9), pytest.approx(0, abs=1e-9))
    assert (float(value(5.0)), float(slope(5.0))) == (pytest.approx(3.0, rel=1e-9), pytest.approx(1.0))


def test_beside_zahnle_2019():
    """The limit of low XUV of pure H2 is 1.805 times the whole energy of 4.64e-3 W/m2 at the Earth today."""
    xuv, molar_mass = 1e-6, 2.01588e-3
    theirs = float(find("escape", "Zahnle2019")(mixing_ratio_H2=1.0, xuv=xuv, prefactor=1.0)) * molar_mass
    ours = find("escape_energy", "energy-limited")(
        xuv_flux=4.64e-3 * xuv, efficiency=1.0, radius=RADIUS, gravity=GRAVITY
    )
    assert theirs / float(ours) == pytest.approx(1.805, abs=1e-3)


def test_without_drag():
    """1/F^2 = 1/F_E^2 + 1/F_D^2: all energy to hydrogen, and b g (m_O - m_H)/(k T) of it through oxygen."""
    for flux in (0.01, 1.0, 100.0):
        result = mo.escape(STEAM, flux, molar_masses=HEAVY, drag=False, efficiency=0.1, **EARTH)
        energy = 0.1 * flux * RADIUS / (4 * GRAVITATIONAL_CONSTANT * MASS) / HYDROGEN
        limit = 4.8e19 * 400.0**0.75 * GRAVITY * 15 * HYDROGEN / (BOLTZMANN_CONSTANT * 400.0)
        diffusion = 2 / 3 * limit / AVOGADRO_CONSTANT**2
        expected = energy * diffusion / math.hypot(energy, diffusion)
        assert result.escape_flux.values == pytest.approx([expected, 0.0], rel=1e-10)
    mixed = mo.escape({"H": 1e-9, "O": 2, "C": 1}, 100.0, drag=False, **EARTH)
    limits = [
        4.8e19 * 400.0**0.75 * GRAVITY * (15.999e-3 - 1.008e-3),
        4.335e21 * GRAVITY * (12.011e-3 - 1.008e-3),
    ]
    mean = (2 * limits[0] + limits[1]) / 3 / (BOLTZMANN_CONSTANT * 400.0) / AVOGADRO_CONSTANT**2
    assert float(mixed.escape_flux[0]) == pytest.approx(1e-9 / 3 * mean, rel=1e-4)
    alone = mo.escape({"H": 1}, 1.0, drag=False)
    assert float(alone.escape_flux[0]) * 1.008e-3 == pytest.approx(float(alone.mass_flux), rel=1e-10)
