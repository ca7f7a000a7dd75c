"""The melt on which a law was measured, beside the melt of a case."""

import json

import pytest

import mocoupled as mo
from mocoupled.chemistry.mechanism import read_mechanism
from mocoupled.closures.melt_classes import CLASSES, class_of, measured_on, outside
from mocoupled.closures.registry import find
from mocoupled.closures.solubility import solubility_law
from mocoupled.melt.composition import composition_of
from mocoupled.provenance.calibration import of_another_melt

# melts of experiments without a class: nothing is compared for them
UNCLASSED = {"", "silicate", "lunar glass"}


def shares(name):
    return composition_of(name).mass_fractions


def test_the_named_melts_are_of_their_classes():
    dixon, sossi = find("solubility", "basalt-Dixon1995"), find("ferric_iron", "Sossi2020")
    assert measured_on(dixon) == "basalt (MORB)" and measured_on(sossi) == "peridotite"
    assert not outside(dixon, shares("basalt")) and not outside(sossi, shares("BSE"))
    assert not outside(sossi, shares("Mars")) and not outside(sossi, shares("komatiite"))
    assert outside(dixon, shares("BSE")) == {"MgO": (pytest.approx(37.81, abs=0.01), (0.0, 18.0))}
    assert set(outside(dixon, shares("Mars"))) == {"SiO2", "MgO"}
    assert outside(sossi, shares("basalt"))["MgO"][1] == (18.0, 60.0)
    assert not outside(find("ferric_iron", "KressCarmichael1991"), shares("basalt"))


def test_andesite_lies_between_basalt_and_rhyolite():
    melts = [{"SiO2": share, "MgO": 0.03} for share in (0.50, 0.57, 0.70)]
    for melt, name in zip(melts, ("basalt", "andesite", "rhyolite")):
        inside = [c for c in ("basalt", "andesite", "rhyolite") if _within(melt, CLASSES[c])]
        assert inside == [name]


@pytest.mark.parametrize(
    "oxide, limit, below, above",
    [
        ("SiO2", 45.0, "", "basalt"),
        ("SiO2", 52.0, "basalt", "andesite"),
        ("SiO2", 63.0, "andesite", "rhyolite"),
    ],
)
def test_limits_of_silica(oxide, limit, below, above):
    """Le Maitre 2002: 45, 52 and 63 %."""
    for share, name in ((limit - 0.1, below), (limit + 0.1, above)):
        melt = {oxide: share / 100, "MgO": 0.05}
        assert [c for c in ("basalt", "andesite", "rhyolite") if _within(melt, CLASSES[c])] == [name] * bool(
            name
        )


def test_limit_of_magnesia():
    """A melt with more than 18 % MgO is ultramafic."""
    for share, name in ((0.179, "basalt"), (0.181, "peridotite")):
        melt = {"SiO2": 0.48, "MgO": share}
        assert [c for c in ("basalt", "peridotite") if _within(melt, CLASSES[c])] == [name]


def _within(melt, ranges):
    return all(low <= 100 * melt[oxide] <= high for oxide, (low, high) in ranges.items())


def test_every_shipped_law_names_a_melt_with_a_class():
    melts = set()
    for species in read_mechanism("all").species.values():
        laws = [solubility_law(species.name, name, data) for name, data in species.melt.items()]
        melts |= {measured_on(law) for law in laws if law.name != "none"}
    assert {melt for melt in melts if not class_of(melt)} <= UNCLASSED
    assert len(melts) > 8


def test_the_report_of_a_law_on_another_melt():
    laws = {"solubility of CO2": find("solubility", "basalt-Dixon1995")}
    (record,) = of_another_melt(laws, shares("BSE"))
    assert record["melt"] == "basalt (MORB)" and record["unit"] == "wt%" and record["share"] == 1.0
    assert record["calibrated"] == [0.0, 18.0] and record["reached"] == [record["reached"][0]] * 2
    assert of_another_melt(laws, shares("basalt")) == []


def test_an_equilibrium_says_so():
    with pytest.warns(
        mo.CalibrationWarning, match=r"MgO of the melt 0 to 18 wt%.*measured on basalt \(MORB\)"
    ):
        state = mo.equilibrium("earth", temperature=1473.0)
    named = [r for r in json.loads(state.attrs["extrapolations"]) if "melt" in r]
    assert [r["law"] for r in named] == ["solubility of CO2: basalt-Dixon1995"]
    basalt = mo.Case.read("earth").replace({"melt.composition": "basalt"})
    with pytest.warns(mo.CalibrationWarning):
        state = mo.equilibrium(basalt, temperature=2173.0)
    named = [r for r in json.loads(state.attrs["extrapolations"]) if "melt" in r]
    assert [r["law"] for r in named] == ["solubility of H2O: peridotite-Sossi2022"]
