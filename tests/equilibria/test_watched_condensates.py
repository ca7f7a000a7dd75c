"""Condensates that do not form beside vapour of a melt: activities, records and warnings."""

import json
import math
import warnings

import numpy as np
import pytest

import mocoupled as mo
from mocoupled.chemistry.equilibrium_constants import ln_K
from mocoupled.chemistry.mechanism import read_mechanism
from mocoupled.chemistry.stoichiometry import reactions

EVAPORATING = mo.Case.read("earth").replace(
    {
        "melt.vapour": True,
        "chemistry.mechanism": "silicates",
        "volatiles.sulfur": "1e20 kg",
        "volatiles.nitrogen": "1e18 kg",
        "chemistry.species": ["H2", "H2O", "CO", "CO2", "S2", "N2", "O2", "SiO", "Mg", "Ca", "TiO"],
        "chemistry.graphite": False,
    }
)
# condensate -> gases of its elements, which with O2 form it
FORMED_FROM = {
    "Si(sl)": ["SiO"],
    "SiC(s)": ["SiO", "CO"],
    "Si3N4(s)": ["SiO", "N2"],
    "MgS(s)": ["Mg", "S2"],
    "CaS(s)": ["Ca", "S2"],
    "TiC(sl)": ["TiO", "CO"],
    "TiN(sl)": ["TiO", "N2"],
}


def by_its_gases(condensate, state):
    """Activity of a condensate from pressures of gases: ln K of its formation, by the data of the gases."""
    mechanism = read_mechanism("condensates")
    (reaction,) = reactions(mechanism, ["O2", *FORMED_FROM[condensate], condensate], None)
    values = np.exp([float(ln_K(mechanism, reaction, T)) for T in state.temperature.values])
    for species, count in reaction.stoichiometry:
        if species != condensate:
            values = values * (state.pressure.sel(species=species).values / 1e5) ** -float(count)
    assert dict(reaction.stoichiometry)[condensate] in (1, -1), reaction.text
    return values ** float(dict(reaction.stoichiometry)[condensate])


@pytest.mark.parametrize("source", ["equilibrium", "vapour"])
def test_activities_follow_from_the_gases(source):
    """From the liquids of the melt and from the gases above it: one potential an element, so 1e-9."""
    T = np.array([1700.0, 2300.0, 2900.0])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if source == "equilibrium":
            state = mo.equilibrium(EVAPORATING, T, 0.5, oxygen_fugacity_offset=-5.0)
        else:
            gases = {"CO": 1e7, "S2": 1e3, "N2": 1e6}
            state = mo.vapour("BSE", T, "IW-5", pressure=gases, species=["SiO", "Mg", "Ca", "TiO"])
    assert set(state.watched.values) == {*FORMED_FROM, "FeS(sl)"}
    for name in FORMED_FROM:
        here = state.watched_activity.sel(watched=name)
        np.testing.assert_allclose(here, by_its_gases(name, state), rtol=1e-9, err_msg=name)
    assert float(state.residual.max()) < 1e-11


def test_sulfide_of_iron_refers_to_the_metal():
    """FeS with the iron of `metal_activity`: Fe(sl) + S2/2 = FeS(sl)."""
    with pytest.warns(mo.CalibrationWarning, match="FeS.sl., which does not form beside vapour"):
        state = mo.equilibrium(EVAPORATING, [1700.0, 3500.0], 0.5)
    mechanism = read_mechanism("condensates")
    (reaction,) = reactions(mechanism, ["S2", "Fe(sl)", "FeS(sl)"], None)
    scale = float(dict(reaction.stoichiometry)["FeS(sl)"])
    for k in range(2):
        S2 = float(state.pressure.sel(species="S2")[k]) / 1e5
        K = math.exp(float(ln_K(mechanism, reaction, float(state.temperature[k]))) / scale)
        expected = K * float(state.metal_activity[k]) * math.sqrt(S2)
        assert float(state.watched_activity.sel(watched="FeS(sl)")[k]) == pytest.approx(expected, rel=1e-9)
    (row,) = [r for r in json.loads(state.attrs["extrapolations"]) if r["law"].startswith("FeS")]
    assert row["share"] == 0.5 and row["reached"][0] < 1 < row["reached"][1]


def test_a_condensate_without_its_metal_is_not_watched():
    """A melt without an oxide at some points: activities of exactly 0 there, in a vapour and in a planet."""
    melt = {"SiO2": [50.0, 0.0, 50.0], "FeO": [10.0, 10.0, 0.0], "MgO": [40.0, 90.0, 50.0]}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        planet = mo.equilibrium(EVAPORATING, 2000.0, composition=melt)
        vapour = mo.vapour(melt, 2000.0, "IW", pressure={"S2": 1e3, "CO": 1e7})
    for state in (planet, vapour):
        assert state.converged.all()
        for name, k in (("Si(sl)", 1), ("SiC(s)", 1), ("FeS(sl)", 2)):
            there = state.watched_activity.sel(watched=name).values > 0
            assert there.tolist() == [k != j for j in range(3)], name
        assert (state.metal_activity.values > 0).tolist() == [True, True, False]
