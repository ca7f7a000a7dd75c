"""Where a mantle begins to crystallise, and the coldest surface of a mantle that is molten at all depths."""

import numpy as np
import pytest

from mocoupled.closures.registry import find
from mocoupled.errors import InputError
from mocoupled.interior.deep_melting_curves import AUTO, DEEP, SHALLOW, chosen
from mocoupled.interior.molten_start import (
    HOTTEST_MELT,
    MARGIN,
    first_crystals,
    hottest_melt,
    molten_surface,
)
from mocoupled.interior.silicate_eos import Phase, melt

GPA = 1e9


class Flat:
    """A liquidus that does not change with pressure below 40 GPa, and rises steeply above them."""

    name = "flat"

    def __call__(self, P):
        """Temperature [K]; P [Pa]."""
        return 2000.0 + 2000.0 * np.minimum(np.asarray(P, dtype=float) / 40e9, 1.0)


@pytest.mark.parametrize(
    ("name", "base"), [("Andrault2011-Hamano2013", 140.0), ("Stixrude2014", 380.0), ("Fei2021", 200.0)]
)
def test_molten_at_every_depth(name, base):
    """The isentrope of the surface is above the liquidus everywhere; MARGIN and 1 K below it, it is not."""
    liquidus = find("liquidus", name)
    surface = molten_surface(base * GPA, melt(), liquidus)
    P = np.linspace(0.0, base * GPA, 400)

    def hotter(T_surface):
        entropy = melt().state(0.0, T_surface).entropy
        return melt().temperature(P, entropy, liquidus(P=P), hottest_melt(P)) - liquidus(P=P)

    assert hotter(surface).min() > 0
    assert hotter(surface - MARGIN - 1.0).min() < 0
    assert surface <= HOTTEST_MELT


@pytest.mark.parametrize(("name", "base"), [("Andrault2011-Hamano2013", 140e9), ("Stixrude2014", 1500e9)])
def test_crystallisation_from_the_base(name, base):
    """With these curves a melt meets its liquidus at the base first, in planets of any size."""
    assert first_crystals(base, melt(), find("liquidus", name))[0] == base


def test_crystallisation_from_mid_mantle():
    """A liquidus that is flat below 40 GPa is met there first: T of an isentrope rises further down."""
    at, entropy = first_crystals(120e9, melt(), Flat())
    assert at == pytest.approx(40e9, rel=0.01)
    assert entropy == pytest.approx(float(melt().state(at, 4000.0).entropy), abs=1.0)


def test_a_mantle_that_no_surface_melts():
    """The surface would have to be hotter than any dense melt: refused, with where and what else there is."""
    with pytest.raises(
        InputError, match=r"at 700 GPa the liquidus Stixrude2014 is above the hottest isentrope"
    ):
        molten_surface(700e9, melt(), find("liquidus", "Stixrude2014"))


@pytest.mark.parametrize("P", [0.0, 1e6, 1e8, 1e9, 5e9, 2e10, 1e11, 1e12])
def test_the_hottest_melt_exists(P):
    """On this side of the spinodal, where the bulk modulus is above zero."""
    assert float(melt().state(P, float(hottest_melt(P))).bulk_modulus) > 0


def test_temperature_of_an_entropy():
    """It inverts the entropy, to 1e-9."""
    P, T = np.array([0.0, 1e9, 1e11, 5e11]), np.array([2500.0, 3000.0, 5000.0, 9000.0])
    entropy = melt().state(P, T).entropy
    np.testing.assert_allclose(melt().temperature(P, entropy, 2000.0, 2e4), T, rtol=1e-9)


def test_curves_by_the_depth_of_the_mantle():
    """145 GPa is where the curve of the paper ends; a name is taken as it is."""
    assert [chosen(AUTO, base) for base in (0.0, 145e9, 145.1e9, 1e12)] == [SHALLOW, SHALLOW, DEEP, DEEP]
    assert chosen("Fei2021", 1e12) == "Fei2021"


def test_a_stored_surface_is_the_computed_one(tmp_path, monkeypatch):
    """To the last bit, and without the search for it; a mantle without one stays without one."""
    liquidus = find("liquidus", "Stixrude2014")
    monkeypatch.setenv("MOCOUPLED_CACHE", "off")
    computed = molten_surface(135.0 * GPA, melt(), liquidus)
    monkeypatch.setenv("MOCOUPLED_CACHE", str(tmp_path))
    assert molten_surface(135.0 * GPA, melt(), liquidus) == computed
    with pytest.raises(InputError, match="no surface temperature melts"):
        molten_surface(1500.0 * GPA, melt(), liquidus)
    monkeypatch.delattr(Phase, "temperature")
    assert molten_surface(135.0 * GPA, melt(), liquidus) == computed
    with pytest.raises(InputError, match="no surface temperature melts"):
        molten_surface(1500.0 * GPA, melt(), liquidus)
