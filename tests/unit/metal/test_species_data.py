"""Free energies of species.yaml: their ranges meet, and they are those of NASA in other mechanisms."""

from itertools import pairwise

import pytest

from mocoupled.chemistry.free_energies import gibbs_value
from mocoupled.chemistry.mechanism import read_mechanism
from mocoupled.metal.phase_species import shipped


def test_ranges_meet():
    """mu0/RT where two ranges meet, to 2e-5: a wrong digit of either row is larger."""
    joints = 0
    for species in shipped().species.values():
        for (end, row), (_, above) in pairwise(species.gibbs):
            joints += 1
            assert gibbs_value(above, end) == pytest.approx(gibbs_value(row, end), abs=2e-5), (
                species.name,
                end,
            )
    assert joints == 15


def test_beside_nasa():
    """JANAF in Shomate's form beside NASA's polynomials: 0.006 in mu0/RT, of water 0.04 at 4000 K."""
    nasa = read_mechanism("volatiles").species
    for name, most in {"H2": 6e-3, "CO": 6e-3, "CO2": 7e-3, "O2": 6e-3, "H2O": 0.04}.items():
        for T in (1500.0, 1800.0, 2600.0, 4000.0):
            ours, theirs = (
                next(gibbs_value(row, T) for end, row in species[name].gibbs if end >= T)
                for species in (shipped().species, nasa)
            )
            assert ours == pytest.approx(theirs, abs=most), (name, T)
