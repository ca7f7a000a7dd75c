"""The pile of cumulates has the geometry, pressure and core of the planet of the run.

Its file prescribes material and readings.
"""

import io
import json
from functools import cache

import numpy as np
import pytest
from rich.console import Console
from support.grey import grey

import mocoupled as mo
from mocoupled.cli.pages.case_header import describe
from mocoupled.cli.pages.run_end import print_end
from mocoupled.cumulates.basal_layer import buffered
from mocoupled.cumulates.frozen_mantle import structure_at
from mocoupled.cumulates.of_case import pile
from mocoupled.cumulates.of_planet import pile_on_planet
from mocoupled.cumulates.remelting import RATES, remelt
from mocoupled.interior.static_structure import structure
from mocoupled.planet.assembly import assemble
from mocoupled.results.summaries import summary
from mocoupled.runs.main_job import prepare
from mocoupled.schema.buffering_case import BufferingCase

MOON = {"planet.radius": "1737 km", "planet.gravity": "1.62 m/s^2", "planet.core_radius_fraction": 0.2}
LIGHT = MOON | {
    "planet.surface_density": "3300 kg/m^3",
    "planet.compressibility": "1.5e-8 1/m",
    "planet.core_density": "6000 kg/m^3",
}
VENUS = {"planet.radius": "6051.8 km", "planet.gravity": "8.87 m/s^2", "planet.core_radius_fraction": 0.53}
# buffered Fe/(Fe + Mg) of the shipped files of `mocoupled mantle` in 0.1
EARTH, MARS = (
    0.267027937341228,
    0.5671067200557282,
)
FILE = """title = "somewhere"
like = "earth"
[planet]
bulk_iron = 0.12
{planet}
[readings]
geometry = "{geometry}"
"""


def case(changes=None, name="earth"):
    return grey(name).replace({"cumulates.coupled": True, "mantle.model": "lumped"} | (changes or {}))


@cache
def cooled():
    """A well-mixed Earth, whose core cools by hundreds of kelvin while the pile grows."""
    return mo.run(case({"run.rtol": 1e-5}))


@cache
def until_100_kyr(*change):
    return mo.run(case({"run.end_time": "100 kyr", "run.rtol": 1e-5} | dict([change] if change else [])))


def described(changes=None, name="earth"):
    text = io.StringIO()
    describe(assemble(case(changes, name)), Console(width=400, file=text))
    return text.getvalue()


def file_of(folder, planet="", geometry="cartesian", name="mantle.toml"):
    path = folder / name
    path.write_text(FILE.format(planet=planet, geometry=geometry), encoding="utf-8")
    return str(path)


def test_small_moon_has_no_buffered_ocean():
    """The core of the Moon is nowhere hotter than the calibrated melting curves, extrapolated.

    This holds with the densities of the Moon.
    """
    value, reason = buffered(pile(case(LIGHT)))
    assert np.isnan(value) and reason.startswith("no convection")


@pytest.mark.parametrize(
    "changes, name",
    [
        ({}, "earth"),
        ({}, "mars"),
        (MOON, "earth"),
        (VENUS, "earth"),
        ({"planet.compressibility": 0.0}, "earth"),
    ],
)
def test_pressure_is_that_of_the_planet(changes, name):
    """The pressure at the top of a plane pile is that of the structure of the run: to rounding."""
    planet_case = case(changes, name)
    inside, below, f = structure(planet_case.planet), pile(planet_case), np.linspace(0.1, 0.9, 9)
    states = remelt(f, np.full(9, 0.3), np.full(9, 0.1), below.values, below.readings)
    np.testing.assert_allclose(
        states.top_pressure,
        inside.pressure(inside.core_radius + f * (inside.radius - inside.core_radius)),
        rtol=1e-12,
    )
    values = below.values
    assert values["gravity"] == inside.gravity and values["core_radius"] == inside.core_radius
    assert values["density"] * values["gravity"] * values["mantle_thickness"] == pytest.approx(
        inside.core_mantle_pressure, rel=1e-14
    )


def test_small_compression_has_no_effect():
    """The two forms of the pressure agree where compression is small.

    1e-6 of compression over the depth changes no rate by more than 1e-5.
    """
    below = pile(case({"planet.compressibility": 0.0}))
    state = np.array([0.8]), np.array([0.3]), np.array([0.055])
    plain, pressed = (
        remelt(*state, below.values | more, below.readings)
        for more in ({}, {"compressibility": 1e-6 / below.values["mantle_thickness"]})
    )
    for name in RATES:
        np.testing.assert_allclose(getattr(pressed, name), getattr(plain, name), rtol=1e-5)


SHAPING = [("planet.radius", "6000 km"), ("planet.gravity", "7 m/s^2"), ("planet.core_radius_fraction", 0.6),
    ("planet.surface_density", "3900 kg/m^3"), ("planet.compressibility", "0.9e-7 1/m")]  # fmt: skip
CORE = [
    ("planet.core_density", "9000 kg/m^3"),
    ("planet.core_heat_capacity", "1200 J/kg/K"),
    ("planet.core_temperature_ratio", 1.3),
]


@pytest.mark.parametrize("key, value", SHAPING)
def test_numbers_that_shape_the_mantle_move_the_pile(key, value):
    before, after = (buffered(pile(case(changes)))[0] for changes in ({}, {key: value}))
    assert abs(after - before) > 1e-3


@pytest.mark.parametrize("key, value", CORE)
@pytest.mark.usefixtures("without_overturn")
def test_numbers_of_the_core_act_by_its_cooling(key, value):
    """The static pile depends on the temperature of its core, not on its heat: it must not change.

    The core of the run has another amount of heat to lose, and another pile at the same time.
    """
    assert buffered(pile(case({key: value}))) == buffered(pile(case()))
    before, after = until_100_kyr(), until_100_kyr(key, value)
    assert abs(float(after.pile_thickness[-1]) / float(before.pile_thickness[-1]) - 1) > 1e-3
    assert abs(float(after.melt_returned[-1]) / float(before.melt_returned[-1]) - 1) > 1e-3


def test_the_star_does_not_affect_the_pile():
    assert pile(case({"planet.equilibrium_temperature": 600.0})).values == pile(case()).values


def test_planet_of_the_file_is_not_used(tmp_path):
    """Two files that differ in their planet alone give the same pile; their composition is material."""
    small = (
        'mantle_thickness = "500 km"\ngravity = "2 m/s^2"\ncore_temperature = "3000 K"\ndensity = "3500 '
        'kg/m^3"\ncore_radius = "900 km"'
    )
    piles = [
        pile(case({"cumulates.parameters": file_of(tmp_path, planet, name=name)}))
        for planet, name in (("", "a.toml"), (small, "b.toml"))
    ]
    assert piles[0].values == piles[1].values and piles[0].values["bulk_iron"] == 0.12
    assert buffered(piles[0]) != buffered(pile(case()))


def test_equations_name_the_pile(tmp_path):
    """A run is resumed with the same equations only.

    They differ when a number of the file differs, and not when its title does.
    """
    path = file_of(tmp_path)
    text = (tmp_path / "mantle.toml").read_text(encoding="utf-8")
    sources = []
    for old, new in (
        ("", ""),
        ("somewhere", "elsewhere"),
        ("[readings]", '[material]\nlatent_heat = "5e5 J/kg"\n[readings]'),
    ):
        (tmp_path / "mantle.toml").write_text(text.replace(old, new) if old else text, encoding="utf-8")
        sources.append(prepare(case({"cumulates.parameters": path})).system.source)
    assert sources[0] == sources[1] != sources[2]


def test_file_in_the_folder_of_the_case(tmp_path, monkeypatch):
    """A file of parameters is relative to the file of the case, wherever the run is started."""
    (tmp_path / "elsewhere").mkdir()
    file_of(tmp_path)
    file_of(tmp_path / "elsewhere", 'gravity = "9 m/s^2"')
    (tmp_path / "case.toml").write_text(
        '[cumulates]\ncoupled = true\nparameters = "mantle.toml"\n', encoding="utf-8"
    )
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert mo.Case.read(str(tmp_path / "case.toml")).cumulates.parameters == str(
        (tmp_path / "mantle.toml").resolve()
    )


def test_parameters_decide_the_material():
    """The files of Earth and Mars differ in planet and iron alone.

    With the same iron they are the same material, as the planet is that of the run.
    """
    same = [
        pile(case({"cumulates.parameters": name, "cumulates.bulk_iron": 0.15})) for name in ("earth", "mars")
    ]
    assert same[0].values == same[1].values
    assert (
        same[0].origins["bulk_iron"] == "cumulates.bulk_iron"
        and same[1].origins["latent_heat"] == "cumulates.parameters = mars"
    )


def test_thickness_follows_the_reading_of_the_geometry(tmp_path):
    """The pile is a shell where the file reads the geometry so.

    Its volume is a share of that of the mantle, in the stored thickness as in the tables.
    """
    changes = {
        "cumulates.parameters": file_of(tmp_path, geometry="spherical"),
        "run.end_melt_fraction": 0.7,
        "run.rtol": 1e-4,
    }
    result = mo.run(case(changes))
    core, R, f = 0.55 * 6371e3, 6371e3, 1 - result.melt_fraction.values
    np.testing.assert_allclose(
        result.pile_thickness, np.cbrt(core**3 + f * (R**3 - core**3)) - core, rtol=1e-9, atol=1e-3
    )
    plane = f[-1] * (R - core)
    assert float(result.pile_thickness[-1]) > 1.1 * plane


def test_end_members_that_cross_in_this_planet_are_refused(tmp_path):
    path = tmp_path / "steep.toml"
    path.write_text('like = "mars"\n[melting]\niron_slope = "22 K/GPa"\n', encoding="utf-8")
    assert pile(case({"cumulates.parameters": str(path)}, "mars")).values["iron_slope"] == pytest.approx(
        22e-9
    )
    with pytest.raises(mo.InputError, match=r"\[cumulates\].*within the mantle"):
        pile(case({"cumulates.parameters": str(path)}))


def test_files_of_the_mantle_command_keep_their_values():
    for name, expected in (("earth", EARTH), ("mars", MARS)):
        assert float(mo.buffering(name).ocean_iron) == pytest.approx(expected, rel=1e-12)


def test_pile_is_that_of_the_file_on_the_planet_of_the_file():
    """A planet with the numbers of a file gives the value of that file.

    Nothing else of a run affects the static pile.
    """
    from mocoupled.interior.adams_williamson import AdamsWilliamson

    material = BufferingCase.read("earth")
    inside = AdamsWilliamson(4797.0, 0.0, 3481e3 + 2890e3, 3481e3, 9.81)
    assert buffered(pile_on_planet(material, inside, 4400.0))[0] == pytest.approx(EARTH, rel=1e-12)


@pytest.mark.parametrize(
    "pressure, structure", [(7e9, "pyroxene"), (20.9e9, "akimotoite"), (121e9, "bridgmanite")]
)
def test_structure_at_the_base(pressure, structure):
    assert structure_at(pressure) == structure


def test_output_says_what_was_used():
    """Attributes and summary have each number of the pile with unit and origin.

    The header has the gravity that follows from the masses.
    """
    result = cooled()
    numbers = json.loads(result.attrs["pile"])
    assert numbers["mantle_thickness"] == {
        "value": pytest.approx(2866949.95),
        "unit": "m",
        "from": "planet.radius and core_radius_fraction, or planet.mass",
    }
    assert (
        numbers["latent_heat"]["from"] == "cumulates.parameters = earth"
        and summary(result)["pile"] == numbers
    )
    assert result.attrs["buffered_core_temperature"] == pytest.approx(4442, abs=1)
    assert result.attrs["calibration_spread"].startswith("of the planet of Earth, Fig. 1")
    text = described(MOON)
    assert (
        "whose [planet] gives bulk_iron alone" in text
        and "mantle and core of these densities would have 2.1 m/s2" in text
    )
    assert "would have" not in described(LIGHT) and "would have" not in described(name="mars")


def test_results_of_0_1_are_shown():
    """Results without the attributes that 0.1 did not write are shown."""
    old = cooled().copy()
    for name in ("pile", "basal_layer_structure", "buffered_core_temperature"):
        del old.attrs[name]
    assert summary(old)["final"]["basal_layer"]["structure"] == "bridgmanite"
    text = io.StringIO()
    print_end(old, Console(width=300, file=text))
    assert "as bridgmanite" in text.getvalue()
