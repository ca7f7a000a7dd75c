"""Iron metal of a melt whose redox does not evolve: none forms, and the result says where it would."""

import json

import numpy as np
import pytest

import mocoupled as mo
from mocoupled.melt.composition import composition_of
from mocoupled.planet.assembly import assemble

pytestmark = pytest.mark.filterwarnings("ignore::mocoupled.provenance.calibration.CalibrationWarning")
LABEL = "iron metal of the melt, which does not form without redox.ferric_iron"
LUMPED = {
    "mantle.model": "lumped",
    "mantle.shells": 20,
    "atmosphere.radiation": "AbeMatsui1985",
    "planet.equilibrium_temperature": "255 K",
}


def records(result):
    return [r for r in json.loads(result.attrs["extrapolations"]) if r["law"] == LABEL]


def case(**changes):
    return mo.Case.read("earth").replace({"volatiles.carbon": "0 kg", **changes})


def by_hand(name, offset):
    """1.5 x_FeO over the square root of fO2 relative to iron-wuestite, the buffer of case and saturation."""
    return 1.5 * composition_of(name).mole_fractions["FeO"] * 10 ** (-offset / 2)


@pytest.mark.parametrize("melt, offset", [("BSE", -3.0), ("BSE", -5.0), ("Mars", -2.0)])
def test_supersaturation_is_recorded(melt, offset):
    """By the equation of saturation written out; BSE here has 8.05 wt% FeO of 99.98 as 0.0805: 3e-4."""
    (record,) = records(
        mo.equilibrium(case(**{"melt.composition": melt}), 2000.0, oxygen_fugacity_offset=offset)
    )
    assert record["reached"][1] == pytest.approx(by_hand(melt, offset), rel=5e-4)
    assert record["calibrated"] == [0.0, 1.0] and record["share"] == 1.0


def test_the_share_of_the_points():
    """BSE is saturated at IW-2.11, between the second and the third point; Mars at IW-1.38."""
    offsets = np.array([0.0, -2.0, -2.5, -4.0])
    (record,) = records(mo.equilibrium(case(), 2000.0, oxygen_fugacity_offset=offsets))
    assert record["share"] == 0.5
    melts = mo.equilibrium(case(), 2000.0, oxygen_fugacity_offset=-1.8, composition=["BSE", "Mars"])
    assert records(melts)[0]["share"] == 0.5
    with pytest.warns(mo.CalibrationWarning, match="iron metal of the melt, which does not form"):
        mo.equilibrium(case(), 2000.0, oxygen_fugacity_offset=-2.5)


def test_a_budget_of_oxygen():
    """The same state by its oxygen has the same activity: to 1e-6 of it."""
    buffered = mo.equilibrium(case(), 2000.0, oxygen_fugacity_offset=-4.0)
    budget = mo.equilibrium(case(), 2000.0, oxygen=float(buffered.oxygen_mass))
    activities = [records(state)[0]["reached"][1] for state in (buffered, budget)]
    assert activities[1] == pytest.approx(activities[0], rel=1e-6)


def test_where_nothing_is_to_be_said():
    """At IW, without iron in the melt, with metal that forms, and beside vapour, which has its own record."""
    assert not records(mo.equilibrium(case(), 2000.0))
    silica = case(**{"melt.composition": {"SiO2": 60.0, "MgO": 40.0}})
    assert not records(mo.equilibrium(silica, 2000.0, oxygen_fugacity_offset=-5.0))
    evolving = case(**{"redox.ferric_iron": "Sossi2020"})
    assert not records(mo.equilibrium(evolving, 2000.0, oxygen_fugacity_offset=-2.0))
    vapour = case(**{"melt.vapour": True, "chemistry.mechanism": "silicates"})
    state = mo.equilibrium(vapour, 2000.0, oxygen_fugacity_offset=-5.0)
    assert not records(state) and "beside vapour" in state.attrs["extrapolations"]


def test_in_a_run_and_above_a_lid():
    """A run at IW-3 records it; the gas above a lid that closes has no melt, and nothing is watched there."""
    reduced = case(**LUMPED, **{"redox.oxygen_fugacity": "IW-3", "run.after_lid": "closed"})
    (record,) = records(mo.run(reduced))
    assert record["reached"][1] == pytest.approx(by_hand("BSE", -3.0), rel=5e-4)
    planet = assemble(reduced)
    assert LABEL in {watch.law for watch in planet.model.watches}
    assert LABEL not in {watch.law for watch in planet.under_lid.model.watches}
