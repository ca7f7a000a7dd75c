"""A refused number is answered in the unit that it was written in, and a pure number without a unit."""

import pytest

import mocoupled as mo
from mocoupled.constants import EARTH_MASS
from mocoupled.schema.buffering_case import BufferingCase
from mocoupled.units import measured, number_text, range_text, to_si, written_unit


def refusal(function, *arguments, **named):
    with pytest.raises(mo.InputError) as error:
        function(*arguments, **named)
    return " ".join(str(error.value).split())


@pytest.mark.parametrize(
    "unit, written", [("kg", "M_jup"), ("s", "Myr"), ("K", "degC"), ("1", "%"), ("Pa", "psi")]
)
def test_measured_is_the_inverse_of_reading(unit, written):
    number, name = measured(3.0, unit, written)
    assert name == written
    assert to_si(f"{number!r} {written}", unit) == pytest.approx(3.0, rel=1e-12)


def test_a_pure_number_has_no_unit():
    assert (number_text(3.0, "1"), range_text(0.0, 1.0, "kg/kg"), written_unit("3")) == ("3", "0 to 1", "")
    assert number_text(3.0, "K", "bar") == "3 K"  # a unit of another kind


EARTH = mo.Case.read("earth")


@pytest.mark.parametrize(
    "key, value, says",
    [
        (
            "planet.mass",
            "-3 M_earth",
            "-3 M_earth is out of range. allowed: from 1.67443e-05 to 167.443 M_earth",
        ),
        ("planet.mass", "1 M_jup", "to 0.526836 M_jup"),
        ("run.end_time", "-1 Myr", "allowed: above 0 Myr, or 'none'"),
        ("run.end_surface_temperature", "-300 degC", "from -73.15 to 5726.85 degC"),
        ("cumulates.trapped_melt", "70 %", "70 % is out of range. allowed: from 0 to 50 %"),
        ("cumulates.trapped_melt", 0.7, "0.7 is out of range. allowed: from 0 to 0.5."),
        ("planet.mass", 3, "did you mean '3 M_earth'? A bare number is in kg"),
        ("star.luminosity", "1e9 L_sun", "L_sun, or 'Baraffe2015'"),
    ],
)
def test_keys_of_a_case(key, value, says):
    assert says in refusal(EARTH.replace, {key: value})


def test_arguments_of_functions():
    atoms = {"H": 2, "O": 1}
    assert refusal(mo.escape, atoms, 1.0, efficiency=3) == "efficiency = 3: out of range. allowed: 1e-09 to 1"
    heavy = refusal(mo.escape, atoms, 1.0, mass=["3 M_earth", "1e5 M_earth"])
    assert heavy.startswith("mass = 100000 M_earth at point 1") and heavy.endswith(
        f"{1e28 / EARTH_MASS:g} M_earth"
    )
    assert "allowed: 100 to 1e+06 g/kmol" in refusal(mo.escape, atoms, 1.0, molar_masses={"O": "1 g/kmol"})
    deep = refusal(mo.gas_equilibrium, temperature=1500, pressure="1e9 bar", moles=atoms)
    assert deep.startswith("pressure = 1e+09 bar: out of range. allowed: 1e-15 to 1e+06 bar")
    thick = refusal(
        mo.outgoing_radiation, 900, {"H2O": "1e12 bar"}, gravity=9.8, stratosphere_temperature=200
    )
    assert "allowed: 0 to 1e+07 bar" in thick


def test_cases_of_a_mantle(tmp_path):
    assert "from 226.85 to 19726.8 degC" in refusal(mo.buffering, "earth", core_temperature="24500 degC")
    assert "from 10 to 30000 km" in refusal(mo.buffering, "earth", mantle_thickness=["1e6 km", "10 km"])
    assert "hour is out of range. allowed: from 277.778" in refusal(mo.buffering, "earth", timescale="1 hour")
    for value, says in (("2450 km", "'km' is a unit of length"), ("24500 K", "24500 K is out of range")):
        file = tmp_path / "mine.toml"
        file.write_text(f'like = "earth"\n[planet]\ncore_temperature = "{value}"\n')
        message = refusal(BufferingCase.read, str(file))
        assert message.startswith(f"mine.toml [planet] core_temperature = '{value}'") and says in message


def test_what_is_wrong_with_a_core_or_a_stratosphere():
    from mocoupled.interior.static_structure import structure

    for share, what in ((0, "without a core"), (0.9995, "the mantle of such a planet")):
        case = EARTH.replace({"planet.mass": "1 M_earth", "planet.core_mass_fraction": share})
        assert what in refusal(structure, case.planet)
    cold = refusal(mo.outgoing_radiation, 150, {"H2O": 1e5}, gravity=9.8, stratosphere_temperature=200)
    assert "lower stratosphere_temperature" in cold and "it follows" not in cold
