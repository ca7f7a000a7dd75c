"""What a result says of a mantle that is solid before its lid, mixes at its start, or cannot convect."""

from types import SimpleNamespace

import numpy as np
import pytest

import mocoupled as mo
from mocoupled.planet.assembly import assemble
from mocoupled.planet.limits_of_mantle import largest_rayleigh_number, solidus_above_lid
from mocoupled.provenance.omissions import crystals_at_the_start, frozen_surface, stiff_pile
from mocoupled.provenance.weighed_omissions import notable, short


def lumped(mass):
    return mo.Case.read("earth").replace({"planet.mass": f"{mass} M_earth", "mantle.model": "lumped"})


@pytest.mark.parametrize(("mass", "solidus"), [(1.03, None), (1.1, 1661.58)])
def test_the_lid_of_a_large_planet_is_solid_rock(mass, solidus):
    """Melting curves of planets above 1.04 Earth masses are those of Stixrude 2014."""
    case = lumped(mass)
    above = solidus_above_lid(case, assemble(case).laws)
    assert (above is None) if solidus is None else above == pytest.approx(solidus, abs=0.01)
    said = frozen_surface(above, 1650.0)
    assert bool(said) == (solidus is not None)
    if said:
        assert (
            short(said[0]) == "a lid on melt" and "solidus of the melting curves, 1662 K" in notable(said)[0]
        )


def test_crystals_that_warm_the_core_at_the_start_are_said():
    (still,), (warm,) = crystals_at_the_start(0.17, True, 0.5), crystals_at_the_start(0.17, True, 120.3)
    assert "core" not in still["sentence"] and warm["sentence"].endswith("warm the core, by up to 120 K.")


def test_the_rayleigh_number_of_a_stiff_pile():
    """rho g alpha drop D^3/(eta kappa), of a layer with round numbers; without compaction of its adiabat."""
    values = {
        "density": 4000.0,
        "gravity": 5.0,
        "expansivity": 2e-5,
        "viscosity": 1e24,
        "diffusivity": 1e-6,
        "heat_capacity": 1e3,
        "mantle_thickness": 2e6,
    }
    case = mo.Case.read("mars").replace({"cumulates.coupled": True})
    planet = SimpleNamespace(case=case, below=SimpleNamespace(values=values))
    drop = 3000.0 / np.exp(2e-5 * 5.0 * 2e6 / 1e3) - 1650.0
    Ra = largest_rayleigh_number(planet, 3000.0)
    assert Ra == pytest.approx(4000.0 * 5.0 * 2e-5 * drop * 8e18 / 1e18, rel=1e-12)
    still = case.replace({"cumulates.remelting": False})
    assert largest_rayleigh_number(SimpleNamespace(case=still, below=planet.below), 3000.0) is None
    assert largest_rayleigh_number(SimpleNamespace(case=case, below=None), 3000.0) is None


def test_a_pile_below_the_critical_rayleigh_number_is_said():
    assert stiff_pile(None) == stiff_pile(657.6) == []
    (said,) = stiff_pile(657.4)
    assert "at most 6.6e+02, below the critical 658" in said["sentence"] and notable([said])
