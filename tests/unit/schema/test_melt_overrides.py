"""One melt composition: what follows from it, what overrides it, and contradictions that are refused."""

import pytest

import mocoupled as mo
from mocoupled.closures.ferric_iron import BULK_SILICATE_EARTH
from mocoupled.cumulates.of_case import pile
from mocoupled.errors import InputError
from mocoupled.schema.melt_overrides import iron_of, oxides_of

EARTH = mo.Case.read("earth").replace({"cumulates.coupled": True})
ROCK = {"SiO2": 50.0, "MgO": 38.0, "FeO": 12.0}
FERRIC = {"redox.ferric_iron": "Sossi2020"}


def test_iron_of_the_mantle_is_that_of_a_stated_composition():
    rock = pile(EARTH.replace({"melt.composition": ROCK}))
    moles = 12.0 / 71.844, 38.0 / 40.304
    assert rock.values["bulk_iron"] == pytest.approx(moles[0] / sum(moles), rel=1e-9)
    assert rock.origins["bulk_iron"] == "melt.composition"
    mars = pile(EARTH.replace({"melt.composition": "Mars"}))
    assert mars.values["bulk_iron"] == pytest.approx(0.2498, abs=5e-5)
    assert mars.values["viscosity"] == pile(EARTH).values["viscosity"]


def test_beside_the_default_composition_it_stays_that_of_the_parameters():
    """0.1067 is Fe/(Fe + Mg) of McDonough & Sun 1995; the parameters have the 0.1 of the paper."""
    assert pile(EARTH).values["bulk_iron"] == 0.1
    assert iron_of(BULK_SILICATE_EARTH) == pytest.approx(0.1067, abs=5e-5)
    stated = pile(EARTH.replace({"cumulates.bulk_iron": 0.12}))
    assert stated.values["bulk_iron"] == 0.12 and stated.origins["bulk_iron"] == "cumulates.bulk_iron"


@pytest.mark.parametrize(
    "changes, message",
    [
        ({"melt.composition": "Mars", "redox.total_iron": "8 %", **FERRIC}, "8 % FeO(.|\n)*18.14 %"),
        ({"melt.composition": "Mars", "redox.melt_oxides": {"CaO": 0.1}, **FERRIC}, "10 % CaO(.|\n)*2.435 %"),
        ({"melt.composition": "Mars", "cumulates.bulk_iron": 0.2}, "= 0.2,(.|\n)*0.2498"),
        ({"redox.total_iron": "18 %", "cumulates.bulk_iron": 0.1, **FERRIC}, "redox.total_iron(.|\n)*0.2305"),
    ],
)
def test_two_keys_that_disagree_are_refused(changes, message):
    with pytest.raises(InputError, match=message):
        EARTH.replace(changes)


def test_two_keys_that_agree_within_rounding():
    keys = {"redox.total_iron": "18 %", "cumulates.bulk_iron": 0.25, "redox.melt_oxides": {"CaO": 0.0243}}
    case = EARTH.replace({"melt.composition": "Mars", **keys, **FERRIC})
    assert oxides_of(case.melt, case.redox)["FeO"] == 0.18
    assert pile(case).values["bulk_iron"] == 0.25


def test_a_new_composition_replaces_the_overrides_of_the_former():
    case = EARTH.replace({"cumulates.bulk_iron": 0.12, "redox.total_iron": "9 %", **FERRIC})
    mars = case.replace({"melt.composition": "Mars"})
    assert mars.cumulates.bulk_iron is None and mars.redox.total_iron is None
    kept = case.replace({"melt.composition": "Mars", "cumulates.bulk_iron": 0.25})
    assert kept.cumulates.bulk_iron == 0.25


def test_vapour_takes_the_overrides():
    case = mo.Case.read("earth").replace({"redox.total_iron": "16 %", **FERRIC})
    with pytest.warns(mo.CalibrationWarning):
        plain, rich = (mo.vapour(melt, 2400.0, -5.0, species=["Fe"]) for melt in ("BSE", case))
    assert float(rich.pressure.sel(species="Fe") / plain.pressure.sel(species="Fe")) > 1.8
