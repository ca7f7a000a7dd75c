"""The composition of the melt in a case: one object for ferric iron and rock vapour."""

import pytest

import mocoupled as mo
from mocoupled.closures.ferric_iron import BULK_SILICATE_EARTH
from mocoupled.errors import InputError
from mocoupled.planet.chemistry_of_case import resolve

EARTH = mo.Case.read("earth")
ROCK = {"SiO2": 50.0, "MgO": 38.0, "FeO": 12.0}


def oxides(**changes):
    """Oxides of the melt whose iron evolves, by mass."""
    keys = {key.replace("__", "."): value for key, value in changes.items()}
    case = EARTH.replace({"redox.ferric_iron": "Borisov2018", **keys})
    return resolve(case, 4e24).iron.oxides


def test_the_default_is_the_earth_of_before():
    """Bit for bit: results with ferric iron do not change."""
    assert EARTH.melt.composition == "BSE" and EARTH.redox.total_iron is None
    whole = sum(share for name, share in BULK_SILICATE_EARTH.items() if name != "FeO")
    expected = {n: s * (1 - 0.0805) / whole for n, s in BULK_SILICATE_EARTH.items() if n != "FeO"}
    assert oxides() == {"FeO": 0.0805} | expected == oxides(redox__total_iron=0.0805)


def test_another_melt_and_its_overrides():
    mars = oxides(melt__composition="mars")
    assert mars["FeO"] == pytest.approx(18.1 / 99.8, rel=1e-12)
    assert sum(mars.values()) == pytest.approx(1.0, rel=1e-12)
    richer = oxides(redox__total_iron=0.25)
    assert richer["FeO"] == 0.25
    assert richer["SiO2"] / richer["MgO"] == pytest.approx(45.0 / 37.8, rel=1e-12)
    calcic = oxides(redox__melt_oxides={"CaO": 0.1})
    assert calcic["CaO"] / calcic["SiO2"] == pytest.approx(0.1 / 0.45, rel=1e-12)


def test_a_case_is_written_and_read():
    case = EARTH.replace({"melt.composition": ROCK})
    assert mo.Case.parse(case.to_toml()) == case
    assert dict(case.melt.composition) == ROCK
    assert case.replace({"melt.composition.FeO": 14}).melt.oxides.total == 102.0
    named = case.replace({"melt.composition": "komatiite"})
    assert named.melt.oxides.reference.startswith("Schaefer & Fegley 2004")


def test_vapour_takes_the_melt_of_a_case():
    case = EARTH.replace({"melt.composition": ROCK})
    with pytest.warns(mo.CalibrationWarning):
        first, second = (mo.vapour(melt, 2400.0, -5.0, species=["SiO"]) for melt in (case, ROCK))
    assert first.pressure.equals(second.pressure)


@pytest.mark.parametrize(
    "composition, message",
    [
        ("Moon", "no composition has this name(.|\n)*known: BSE, basalt, komatiite, Mars"),
        ({"SiO2": 50.0}, "add up to 50 wt%"),
        ({"SiO2": 50.0, "Xx": 50.0}, "no oxide has this name"),
        (5, "not a table"),
    ],
)
def test_what_is_refused(composition, message):
    with pytest.raises(InputError, match=message):
        EARTH.replace({"melt.composition": composition})


def test_iron_that_evolves_needs_iron():
    with pytest.raises(InputError, match="the melt has no iron"):
        oxides(melt__composition={"SiO2": 60.0, "MgO": 40.0})


def test_weight_percent():
    """`wt%` wherever a share by mass is read, and never where a share of moles is."""
    written = EARTH.replace({"melt.composition": {name: f"{share} wt%" for name, share in ROCK.items()}})
    assert (
        written.melt.oxides.mass_fractions
        == EARTH.replace({"melt.composition": ROCK}).melt.oxides.mass_fractions
    )
    assert oxides(redox__total_iron="25 wt%")["FeO"] == 0.25
    assert EARTH.replace({"volatiles.carbon": "0.02 wt%"}).volatiles.masses(4e24)["C"] == pytest.approx(8e20)
    with pytest.raises(InputError, match="a share by mass, and the key is one of moles"):
        EARTH.replace({"cumulates.bulk_iron": "10 wt%"})
    with pytest.raises(InputError, match="did you mean 'wt%'"):
        EARTH.replace({"volatiles.carbon": "0.02 %"})
