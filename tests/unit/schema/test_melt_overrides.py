"""One melt composition: what follows from it, what overrides it, and contradictions that are refused."""

import io

import pytest
from rich.console import Console

import mocoupled as mo
from mocoupled.cli.pages.case_header import describe
from mocoupled.closures.ferric_iron import BULK_SILICATE_EARTH
from mocoupled.cumulates.of_case import pile
from mocoupled.equilibria.melt_arguments import stated_melt
from mocoupled.errors import InputError
from mocoupled.melt.composition import composition_of
from mocoupled.planet.assembly import assemble
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


def test_how_far_two_keys_may_differ():
    """Fe/(Fe + Mg) by 0.005; an oxide by 1 %."""
    iron = iron_of(composition_of("Mars").mass_fractions)
    for key, near, far in (
        ("cumulates.bulk_iron", iron + 0.00495, iron + 0.00505),
        ("redox.total_iron", 0.1813627 / 1.0099, 0.1813627 / 1.0103),
    ):
        EARTH.replace({"melt.composition": "Mars", key: near, **FERRIC})
        with pytest.raises(InputError, match="of each other"):
            EARTH.replace({"melt.composition": "Mars", key: far, **FERRIC})


def test_a_new_composition_replaces_the_overrides_of_the_former():
    case = EARTH.replace({"cumulates.bulk_iron": 0.12, "redox.total_iron": "9 %", **FERRIC})
    mars = case.replace({"melt.composition": "Mars"})
    assert mars.cumulates.bulk_iron is None and mars.redox.total_iron is None
    kept = case.replace({"melt.composition": "Mars", "cumulates.bulk_iron": 0.25})
    assert kept.cumulates.bulk_iron == 0.25


def test_vapour_takes_the_overrides():
    case = mo.Case.read("earth").replace({"redox.total_iron": "16 %", **FERRIC})
    melt = stated_melt(case, "IMCC-MAGMA")
    stated = melt.weight_percent
    assert stated["FeO"] == pytest.approx(16.0, rel=1e-12) and not melt.left_out and melt.name == ""
    assert stated["SiO2"] / stated["MgO"] == pytest.approx(45.0 / 37.8, rel=1e-9)
    assert stated_melt(mo.Case.read("earth"), "IMCC-MAGMA").name == "BSE"


def test_the_header_of_a_case_has_its_melt():
    text = io.StringIO()
    case = mo.Case.read("earth").replace({"melt.composition": ROCK, "mantle.model": "lumped"})
    describe(assemble(case), Console(file=text, width=200))
    assert "melt.composition: FeO 12, SiO2 50, MgO 38 wt%" in text.getvalue()


def test_iron_as_printed_beside_an_analysis_that_does_not_add_up():
    """An analysis of 96.5 wt% in all: its FeO agrees as printed and scaled, and not in between nor beyond.

    Of Fe2O3 the iron counts as FeO: 12.8 wt% are 11.52 (2 x 71.844 / 159.688).
    """
    oxides = {"SiO2": 46.5, "MgO": 30.0, "FeO": 18.0, "CaO": 2.0}
    for share in ("18 %", f"{18 / 0.965:.4f} %"):
        case = EARTH.replace({"melt.composition": oxides, "redox.total_iron": share, **FERRIC})
        assert case.redox.total_iron == pytest.approx(float(share.split()[0]) / 100)
    for share in ("17.7 %", "18.32 %", "19 %"):
        with pytest.raises(InputError, match="FeO"):
            EARTH.replace({"melt.composition": oxides, "redox.total_iron": share, **FERRIC})
    ferric = {"melt.composition": "komatiite", "redox.total_iron": "11.5177 %", **FERRIC}
    assert EARTH.replace(ferric).redox.total_iron == pytest.approx(0.115177)
