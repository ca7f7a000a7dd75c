"""Numbers with units: one meaning, with pint or without it; anything else is an InputError."""

import math
import subprocess
import sys
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.waiting import at_once

from mocoupled.constants import OCEAN_HYDROGEN, YEAR
from mocoupled.errors import InputError
from mocoupled.units import FACTORS, registry, si_text, spelled, to_si

ROUNDING = 4e-16  # two products of doubles may differ by this much, relative


@pytest.mark.parametrize(
    ("text", "unit", "value"),
    [
        ("2700 K", "K", 2700.0),
        ("2700", "K", 2700.0),
        (2700, "K", 2700.0),
        ("  2700   K ", "K", 2700.0),
        ("2700K", "K", 2700.0),
        ("1376.85 degC", "K", 1650.0),
        ("1376.85 °C", "K", 1650.0),
        ("6371 km", "m", 6.371e6),
        ("1 mm", "m", 1e-3),
        ("5 cm", "m", 0.05),
        ("10 m/s^2", "m/s^2", 10.0),
        ("10 m/s2", "m/s^2", 10.0),
        ("10 m s-2", "m/s^2", 10.0),
        ("10 m s^-2", "m/s^2", 10.0),
        ("10 m/s**2", "m/s^2", 10.0),
        ("880 J/(kg K)", "J/kg/K", 880.0),
        ("880 J kg-1 K-1", "J/kg/K", 880.0),
        ("3 ocean", "kg", 4.65e20),
        ("3 oceans", "kg", 4.65e20),
        ("100 ppmw", "1", 1e-4),
        ("100 ppmw", "kg/kg", 1e-4),
        ("45.4 wt%", "1", 0.454),
        ("45.4 wt. %", "%", 45.4),
        ("2 mass%", "kg/kg", 0.02),
        ("30 %", "1", 0.3),
        ("1 / yr", "1/s", 1 / YEAR),
        ("1/yr", "1/s", 1 / YEAR),
        ("10 Myr", "s", 1e7 * YEAR),
        ("10 Ma", "s", 1e7 * YEAR),
        ("365.25 d", "s", YEAR),
        ("1e-2 m^2/kg", "m^2/kg", 0.01),
        ("0.1 cm^2/g", "m^2/kg", 0.01),
        (".5e1 K", "K", 5.0),
        ("-5 K", "K", -5.0),
    ],
)
def test_reads(text, unit, value):
    """Every way to write a number with a unit; the only error is the rounding of a product."""
    assert to_si(text, unit) == pytest.approx(value, rel=2 * ROUNDING)


def test_solubility_coefficient_of_bower_2022():
    """534 ppmw/bar^0.5 is 1.6886562705299146 ppmw/Pa^0.5, the value that the runs behind Bower et al. 2022
    used."""
    assert to_si("534 ppmw/bar^0.5", "1/Pa^0.5") == pytest.approx(1.6886562705299146e-6, rel=ROUNDING)


@pytest.mark.parametrize("unit", FACTORS)
def test_common_units_mean_what_pint_means(unit):
    """The table that spares the import of pint holds pint's own factors."""
    si, factor = FACTORS[unit]
    units = registry()
    measured = units.Quantity(1.0, units.parse_units(unit)).to(units.parse_units(si)).magnitude
    assert factor == pytest.approx(measured, rel=ROUNDING)
    assert to_si(f"1 {unit}", si) == factor


def test_ocean_and_year():
    assert to_si("1 ocean", "kg") == OCEAN_HYDROGEN == 1.55e20
    assert to_si("1 Gyr", "s") == 1e9 * 365.25 * 86400


@pytest.mark.parametrize(
    ("text", "unit", "said"),
    [
        ("3 kg", "K", ["3 kg", "unit of mass; one of temperature is needed", "number in K"]),
        ("5 kg/kg", "K", ["no dimension; one of temperature"]),
        ("2700 k", "K", ["did you mean 'K'?"]),
        ("2700 kelvn", "K", ["no unit is called 'kelvn'", "did you mean 'kelvin'?"]),
        ("3 ocaen", "kg", ["did you mean 'ocean'?"]),
        ("100 myr", "s", ["did you mean 'Myr'?"]),
        ("nan K", "K", ["not a finite number"]),
        (math.nan, "K", ["not a finite number"]),
        (-math.inf, "K", ["not a finite number"]),
        ("1e400 K", "K", ["not a finite number"]),
        ("1e308 km", "m", ["not a finite number"]),
        (10**400, "K", ["not a finite number"]),
        (True, "K", ["True is not a number"]),
        (None, "K", ["None is not a number"]),
        ([1], "K", ["is not a number"]),
        ("", "K", ["does not begin with a number"]),
        ("K", "K", ["does not begin with a number"]),
        ("6 371 km", "m", ["cannot be read as a unit"]),
        ("6 371", "m", ["cannot be read as a number and a unit"]),
        ("2,7 K", "K", ["cannot be read as a unit"]),
        ("5 K-K", "K", ["cannot be read as a unit"]),
        ("1/2 yr", "s", ["cannot be read as a unit"]),
    ],
)
def test_refuses(text, unit, said):
    with pytest.raises(InputError) as error:
        to_si(text, unit)
    for fragment in said:
        assert fragment in str(error.value)


@pytest.mark.parametrize(
    "text", ["9 9^9^9^9^9/s", "5 m^(99^99^99)", "5 m^9^9^9^9", "1 K**9**9**9", "5 (9^9^9)^9 m"]
)
def test_powers_of_powers_are_not_computed(text):
    """A unit parser that evaluated these would not come back."""
    with pytest.raises(InputError, match="cannot be read as a"):
        to_si(text, "1/s")


def test_where_stands_first():
    with pytest.raises(InputError, match=r"^earth.toml \[planet\] radius = '3 kg': "):
        to_si("3 kg", "m", "earth.toml [planet] radius = '3 kg'")


@given(
    st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from(["K", "m/s^2", "1/s", "kg/m^3", "1", "m^2/kg"]),
)
def test_si_text_reads_back_exactly(value, unit):
    assert to_si(si_text(value, unit), unit) == value


ALPHABET = st.sampled_from("0123456789.eE+-*/^() ,_KkmgsPabryoceanMG%°µ[]{}\"'\n\0√") | st.characters()


@settings(deadline=None, max_examples=400)
@given(st.text(ALPHABET, max_size=30), st.sampled_from(["K", "kg", "1", "1/Pa^0.5"]))
def test_any_text_is_a_number_or_an_input_error(text, unit):
    with suppress(InputError):
        assert math.isfinite(to_si(text, unit))


@settings(deadline=None, max_examples=200)
@given(st.floats(1e-3, 1e3), st.text(ALPHABET, max_size=20))
def test_any_unit_is_read_or_an_input_error(number, unit):
    with suppress(InputError):
        assert math.isfinite(to_si(f"{number} {unit}", "kg"))


@given(
    st.lists(
        st.tuples(st.sampled_from(["kg", "m", "s", "K", "Pa"]), st.integers(-3, 3).filter(bool)),
        min_size=1,
        max_size=4,
    ),
    st.sampled_from(["{}^{}", "{}{}", "{}**{}", "{} ^ {}"]),
    st.sampled_from([" ", "*", "·", " * "]),
)
def test_spellings_of_a_unit_are_one(factors, power, product):
    """However powers and products are written, the unit is the same; and spelling it again changes
    nothing."""
    item = spelled("*".join(f"{name}^{exponent}" for name, exponent in factors))
    other = spelled(product.join(power.format(name, exponent) for name, exponent in factors))
    assert other == item == spelled(item)


@pytest.mark.parametrize(
    ("text", "unit", "cure"),
    [
        ("1650C", "K", "write degC: C is coulomb"),
        ("255 C", "K", "write degC"),
        ("9,81 m/s^2", "m/s^2", "write 9.81"),
        ("6,371 km", "m", "write 6371, or 6.371"),
        ("3 CO2", "kg", "is a species"),
    ],
)
def test_cures_of_units(text, unit, cure):
    with pytest.raises(InputError) as error:
        to_si(text, unit)
    assert cure in str(error.value)


@pytest.mark.parametrize(
    "text",
    [
        "5 " + " " * 80000 + "K",
        "5 K" + " *" * 40000 + " K",
        "5 " + "(" * 80000,
        "9" * 80000 + " K",
        "5 K" + "^2" * 40000,
    ],
)
def test_hostile_text_is_refused_at_once(text):
    """80 kB of blanks in a unit took 130 s."""
    with at_once(), pytest.raises(InputError):
        to_si(text, "K")


def test_earth_radii_and_masses():
    """Nominal values of the IAU (2015, resolution B3)."""
    assert to_si("1 R_earth", "m") == 6.3781e6 and to_si("5 M_earth", "kg") == pytest.approx(
        5 * 5.9722e24, rel=1e-5
    )
    assert to_si("1 earthMass", "kg") == to_si("1 M_Earth", "kg") == to_si("1 M_earth", "kg")


def test_importing_units_leaves_pint_out():
    code = "import sys, mocoupled.units as u; u.to_si('6371 km', 'm'); assert 'pint' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_raised_powers_and_cures_for_amounts():
    assert to_si("9.81 m·s⁻²", "m/s^2") == 9.81 and to_si("3 J·kg⁻¹·K⁻¹", "J/kg/K") == 3.0
    with pytest.raises(InputError, match="H2O is a species"):
        to_si("3 kg H2O", "kg")
    with pytest.raises(InputError, match="did you mean 'ppmw'"):
        to_si("3 ppm", "kg")


def test_a_long_list_is_shortened_once():
    """An error that is raised anew with the words of another keeps the number of names left out."""
    first = InputError("x", "no such name.", f"known: {', '.join(f'species{k}' for k in range(500))}")
    again = InputError("y", first.problem, first.allowed)
    assert again.allowed == first.allowed and int(first.allowed.split()[-2]) > 400
