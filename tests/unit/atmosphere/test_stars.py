"""Tracks of stars: published luminosities, smooth in age, and what is refused of a star."""

import math

import numpy as np
import pytest
import sympy

import mocoupled as mo
from mocoupled.atmosphere import star_tracks
from mocoupled.atmosphere.known_stars import STARS, xuv_of
from mocoupled.atmosphere.star_tracks import Tracks, baraffe, track_of
from mocoupled.atmosphere.stars import SATURATIONS
from mocoupled.closures.registry import find, names
from mocoupled.constants import ASTRONOMICAL_UNIT, SOLAR_LUMINOSITY, SOLAR_MASS, YEAR
from mocoupled.dae.declare.model import TIME
from mocoupled.dae.leaves.external import numeric
from mocoupled.planet.light_of_star import skin_temperature
from mocoupled.planet.star_of_case import starlight

MYR = 1e6 * YEAR
BANDS = {"atmosphere.radiation": "bands"}


def light(changes):
    return starlight(mo.Case.read("earth").replace(BANDS | changes))


def at(expression, myr):
    """An expression at an age [Myr] of a star that is 50 Myr old at the start."""
    return float(numeric([TIME], expression)((myr - 50.0) * MYR))


@pytest.mark.parametrize("myr, solar", [(10, 0.46), (50, 0.677), (100, 0.689), (1000, 0.749), (4500, 0.975)])
def test_luminosity_of_the_sun(myr, solar):
    """Baraffe et al. 2015, to the digits of the printed values; 10 Myr from its own start."""
    star = light({"star.age": "10 Myr"} if myr == 10 else {})
    expected = at(star.luminosity, 50 if myr == 10 else myr) / SOLAR_LUMINOSITY
    assert expected == pytest.approx(solar, abs=0.006 if myr == 10 else 6e-4)


def test_absorbed_flux_of_the_earth_and_of_trappist_1_e():
    """(1 - A) S/4: 207 W/m2 at 50 Myr; 1271 and 202 W/m2 at 50 Myr and 1 Gyr with 0.09 solar masses."""
    assert 0.9 * at(light({}).mean_insolation, 50) == pytest.approx(207.4, abs=0.1)
    star = light({"star.mass": "0.09 M_sun", "planet.orbit": "0.02925 au"})
    assert 0.9 * at(star.mean_insolation, 50) == pytest.approx(1271.0, abs=1.0)
    assert 0.9 * at(star.mean_insolation, 1000) == pytest.approx(202.0, abs=0.5)


def test_a_track_passes_through_its_table():
    """Every age of 0.09 and 1 solar masses; the radius is that of a black body: 1 solar radius at 4.5 Gyr."""
    tracks = baraffe()
    for k in (2, 16):
        track = track_of(float(tracks.masses[k]))
        known = np.isfinite(tracks.log10_luminosity[k])
        ages = tracks.log10_age[known]
        ours = [track.log10_luminosity((0,), float(age)) for age in ages]
        assert ours == pytest.approx(tracks.log10_luminosity[k][known].tolist(), abs=1e-12)
        assert [track.temperature((0,), float(a)) for a in ages] == pytest.approx(
            tracks.temperature[k][known].tolist(), abs=1e-9
        )
    assert track_of(SOLAR_MASS).radius(4500 * MYR) == pytest.approx(6.957e8, rel=0.02)


def test_a_track_between_the_tables(monkeypatch):
    """Stars that are left out are met within 0.011 dex (rms) from 50 Myr on, within 0.09 dex at worst."""
    full = baraffe()
    errors = []
    for k in range(1, len(full.masses) - 1):
        rest = [i for i in range(len(full.masses)) if i != k]
        fewer = Tracks(
            full.masses[rest], full.log10_age, full.log10_luminosity[rest], full.temperature[rest], ""
        )
        monkeypatch.setattr(star_tracks, "baraffe", lambda fewer=fewer: fewer)
        track = track_of.__wrapped__(float(full.masses[k]))
        ages = full.log10_age[17:35]
        ours = np.array([track.log10_luminosity((0,), float(a)) for a in ages])
        errors.append(ours - full.log10_luminosity[k, 17:35])
    assert np.sqrt(np.square(errors).mean()) < 0.0115
    assert np.abs(errors).max() < 0.09


@pytest.mark.parametrize("name", names("xuv"))
def test_xuv_is_saturated_and_then_falls(name):
    """Each law against its own sentence: constant share long before the knee, the power of age after it."""
    law = find("xuv", name)
    numbers = SATURATIONS.get(name)
    time = 0.1e9 * YEAR if numbers is None else numbers.time
    exponent = -1.23 if numbers is None else numbers.exponent
    early, late, later = (
        float(law(luminosity=SOLAR_LUMINOSITY, age=factor * time)) for factor in (0.01, 10.0, 20.0)
    )
    assert later / late == pytest.approx(2.0**exponent, rel=1e-3)
    assert late / early == pytest.approx(10.0**exponent, rel=1e-3)
    if numbers is not None:
        assert early / SOLAR_LUMINOSITY == pytest.approx(numbers.fraction, rel=1e-6)


# share of the luminosity, time in Myr, exponent: as docs/stars.md and the papers have them
PUBLISHED_XUV = {
    "Tu2015-median": (7.4e-4, 23.0, -1.22),
    "Ribas2005-saturated": (1e-3, 100.0, -1.23),
    "LugerBarnes2015": (1e-3, 1000.0, -1.23),
    "Fleming2020": (9.33e-4, 3140.0, -1.17),
}


@pytest.mark.parametrize("name", PUBLISHED_XUV)
def test_xuv_as_published(name):
    """At the knee 2^(exponent/4) of the saturated share; at ten times its age the power of ten."""
    share, knee, exponent = PUBLISHED_XUV[name]
    at_knee, late = (
        float(find("xuv", name)(luminosity=1.0, age=factor * knee * MYR)) for factor in (1.0, 10.0)
    )
    assert at_knee == pytest.approx(share * 2.0 ** (exponent / 4.0), rel=5e-4)
    assert late == pytest.approx(share * 10.0**exponent, rel=1e-3)


def test_stars_that_have_names():
    """Masses as published, in solar masses, and the law of the XUV of each."""
    expected = {
        "Sun": (1.0, "Ribas2005"),
        "TRAPPIST-1": (0.0898, "Fleming2020"),
        "L 98-59": (0.273, "LugerBarnes2015"),
        "TOI-561": (0.785, "Ribas2005-saturated"),
        "55 Cnc": (0.905, "Ribas2005-saturated"),
        "K2-141": (0.708, "Ribas2005-saturated"),
    }
    assert {name: (star.mass, star.xuv) for name, star in STARS.items()} == expected


def test_xuv_of_a_star_by_its_mass():
    """M stars are lighter than 0.6 solar masses."""
    assert xuv_of(None, 0.599 * SOLAR_MASS) == "LugerBarnes2015"
    assert xuv_of(None, 0.601 * SOLAR_MASS) == "Ribas2005-saturated"


def test_no_number_of_the_tracks_has_changed():
    """Ages, and sums over each track of log10 L and of the temperature, of the authors' table at 0.1 dex."""
    expected = {
        0.075: (41, -113.5448, 107554.0), 0.08: (41, -108.939, 111610.0), 0.09: (40, -99.4893, 114059.0),
        0.1: (40, -95.7879, 117392.0), 0.11: (40, -92.3054, 119717.0), 0.13: (40, -86.8012, 123057.0),
        0.15: (41, -85.0259, 128676.0), 0.17: (40, -78.5696, 127557.0), 0.2: (40, -74.1876, 130065.0),
        0.3: (41, -64.8064, 139701.0), 0.4: (40, -54.2331, 141391.0), 0.5: (40, -45.9557, 147389.0),
        0.6: (40, -37.1902, 156469.0), 0.7: (40, -28.2614, 168903.0), 0.8: (40, -19.7898, 182226.0),
        0.9: (41, -11.9215, 200380.0), 1.0: (40, -4.213, 206841.0), 1.1: (38, 2.2022, 205431.0),
        1.2: (37, 7.8889, 208020.0), 1.3: (36, 12.8305, 209936.0), 1.4: (35, 17.1504, 212070.0),
    }  # fmt: skip
    tracks = baraffe()
    assert tracks.masses / SOLAR_MASS == pytest.approx(list(expected))
    assert tracks.log10_age == pytest.approx(np.linspace(6.0, 10.0, 41))
    rows = zip(expected.values(), tracks.log10_luminosity, tracks.temperature)
    for (count, luminosity, temperature), ours, T in rows:
        assert np.isfinite(ours).sum() == np.isfinite(T).sum() == count
        assert np.nansum(ours) == pytest.approx(luminosity, abs=1e-6)
        assert np.nansum(T) == pytest.approx(temperature, abs=1e-3)


def test_xuv_of_the_sun():
    """Ribas et al. 2005: 29.7 erg/s/cm2 at 1 au and 1 Gyr; 4.6e-3 W/m2 today, 0.5 at 50 Myr."""
    star = light({})
    assert at(star.xuv_flux, 1000) == pytest.approx(29.7e-3, rel=1e-3)
    assert at(star.xuv_flux, 4570) == pytest.approx(4.6e-3, rel=0.02)
    assert at(star.xuv_flux, 50) == pytest.approx(0.5, rel=0.02)


def test_the_leaf_is_smooth_and_constant_beyond_its_track():
    """Its derivative agrees with differences; before and after the track nothing changes."""
    law = find("luminosity", "Baraffe2015")
    age = sympy.Symbol("age", real=True)
    expression = law(mass=0.3 * SOLAR_MASS, age=age)
    value, slope = numeric([age], expression), numeric([age], sympy.diff(expression, age))
    for myr in (2.0, 50.0, 700.0):
        step = 1e-5 * myr * MYR
        difference = (value(myr * MYR + step) - value(myr * MYR - step)) / (2.0 * step)
        assert slope(myr * MYR) == pytest.approx(difference, rel=1e-6)
    assert value(20e9 * YEAR) == value(30e9 * YEAR) and slope(20e9 * YEAR) == 0.0
    assert value(0.1 * MYR) == pytest.approx(value(1.0 * MYR), rel=1e-9)


def test_stratosphere_above_the_absorbed_flux():
    """(F/2 sigma)^(1/4), between 150 and 450 K."""
    assert float(skin_temperature(sympy.Float(207.0))) == pytest.approx(206.7, abs=0.05)
    assert float(skin_temperature(sympy.Float(1.0))) == pytest.approx(150.0, abs=1e-6)
    assert float(skin_temperature(sympy.Float(1e6))) == pytest.approx(450.0, abs=1e-6)


@pytest.mark.parametrize(
    "changes, words",
    [
        ({"star.mass": "2 M_sun"}, ("mass = 2 M_sun", "0.075 to 1.4 M_sun", "star.luminosity")),
        ({"star.age": "0.5 Myr"}, ("age = 0.5 Myr", "younger", "1 to 7943 Myr")),
        ({"star.age": "9 Gyr"}, ("age = 9000 Myr", "older")),
        ({"run.end_time": "9 Gyr"}, ("end_time", "9050 Myr old", "up to 7893 Myr")),
        ({"planet.orbit": "0.004 au"}, ("orbit = 0.004 au", "inside the star", "0.004158 au")),
        ({"planet.orbit": 0.0}, ("orbit", "from 1e+08 to 1e+20 m")),
        ({"planet.orbit": 1e200}, ("orbit", "from 1e+08 to 1e+20 m")),
        ({"planet.orbit": 1}, ("orbit", "did you mean '1 au'", "in m")),
        ({"star.age": 50}, ("age", "did you mean '50 Myr'", "in s")),
        ({"star.luminosity": 0.7}, ("luminosity", "did you mean '0.7 L_sun'", "in W")),
        ({"star.name": "TRAPIST-1"}, ("no star of this name", "did you mean 'TRAPPIST-1'")),
        ({"star.name": "Sun", "star.mass": "0.5 M_sun"}, ("0.5 solar masses", "Sun, 1", "set star.name")),
        ({"star.name": "none"}, ("neither a name nor a mass",)),
        ({"star.luminosity": "Barafe2015"}, ("no law of luminosity", "Baraffe2015")),
        ({"star.luminosity": 0.0}, ("luminosity", "from 1e+18 to 1e+33 W")),
        ({"star.xuv": "Ribas2004"}, ("no law of xuv", "did you mean 'Ribas2005'")),
    ],
)
def test_refused(changes, words):
    with pytest.raises(mo.InputError) as error:
        light(changes)
    for word in words:
        assert word in str(error.value)


def test_constants_in_place_of_laws():
    """A luminosity and an XUV luminosity of numbers need no track: any mass and any age."""
    star = light({"star.mass": "3 M_sun", "star.luminosity": "2 L_sun", "star.xuv": "1e23 W"})
    assert float(star.insolation) == pytest.approx(2 * 1361.17, rel=1e-5)
    assert float(star.xuv_flux) == pytest.approx(1e23 / (4 * math.pi * ASTRONOMICAL_UNIT**2))
    assert star.temperature is None


def test_keys_that_replace_others():
    """A mass replaces the name and a name the mass; "bands" replaces the equilibrium temperature.

    A grey law needs a temperature, in place of "bands" and in a file: none is taken in silence.
    """
    case = mo.Case.read("trappist-1e").replace(BANDS)
    assert case.planet.equilibrium_temperature is None and case.star.xuv_law == "Fleming2020"
    assert mo.Case.parse(case.to_toml()) == case
    small = case.replace({"star.mass": "0.3 M_sun"})
    assert small.star.name is None and small.star.xuv_law == "LugerBarnes2015"
    assert small.replace({"star.mass": "0.9 M_sun"}).star.xuv_law == "Ribas2005-saturated"
    assert small.replace({"star.name": "Sun"}).star == mo.Case.read("earth").star
    grey = {"atmosphere.radiation": "blackbody"}
    with pytest.raises(mo.InputError, match="the law 'blackbody' needs it, and it has no default"):
        case.replace(grey)
    with pytest.raises(mo.InputError, match="the law 'AbeMatsui1985' needs it"):
        mo.Case.parse('[atmosphere]\nradiation = "AbeMatsui1985"')
    with pytest.raises(mo.InputError, match="belongs to the grey laws(.|\n)*set planet.orbit"):
        mo.Case.parse('[planet]\nequilibrium_temperature = "255 K"')
    warm = case.replace(grey | {"planet.equilibrium_temperature": "250 K"})
    assert warm.planet.equilibrium_temperature == 250.0


def test_a_name_and_a_mass_that_agree():
    """Within half a per cent, as masses of stars are known; a mass beyond that is another star."""
    for mass in (0.9951, 1.0049):
        star = mo.Case.read("earth").replace({"star.name": "Sun", "star.mass": f"{mass} M_sun"}).star
        assert star.kilograms == pytest.approx(mass * SOLAR_MASS) and star.xuv_law == "Ribas2005"
    for mass in (0.99499, 1.00501):
        with pytest.raises(mo.InputError, match="are not those of Sun"):
            light({"star.name": "Sun", "star.mass": f"{mass} M_sun"})


def test_every_known_star_is_within_the_tracks():
    masses = baraffe().masses / SOLAR_MASS
    assert all(masses[0] < star.mass < masses[-1] and star.xuv in names("xuv") for star in STARS.values())
