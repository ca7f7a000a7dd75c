"""Planets of 0.01 to 10 Earth masses run to their lid; what is said of their start and of their depth."""

import json

import numpy as np
import pytest
from support.grey import grey

import mocoupled as mo
from mocoupled.closures import registry
from mocoupled.closures.law import law
from mocoupled.constants import YEAR
from mocoupled.errors import InputError
from mocoupled.planet.assembly import assemble
from mocoupled.provenance.omissions import SINKING, START
from mocoupled.results.summaries import summary

EARTH = grey()


@pytest.mark.parametrize("mass", [0.01, 0.1, 1, 3, 10])
def test_lumped_planets_reach_their_lid(mass):
    """With grey radiation and no key but the mass; energy is conserved to 1e-6 of the heat at the start."""
    case = EARTH.replace({"planet.mass": f"{mass} M_earth", "mantle.model": "lumped"})
    run = mo.run(case)
    assert run.surface_temperature[-1] == pytest.approx(1650.0, abs=0.01)
    assert float(run.energy_drift.max()) < 1e-6
    crystals = [note for note in json.loads(run.attrs["left_out"]) if note["what"] == START]
    solid = 1 - float(run.melt_fraction[0])
    assert bool(crystals) == (solid > 1e-6)
    assert all(note["share"] == pytest.approx(solid) for note in crystals)


@pytest.mark.parametrize("model", ["lumped", "column"])
@pytest.mark.parametrize("mass", ["0.1 M_earth", "3 M_earth"])
def test_molten_start(model, mass):
    """All of the mantle is molten, and 300 K below it is not: a column starts hotter at depth."""
    case = EARTH.replace({"planet.mass": mass, "mantle.model": model, "mantle.cells": 30})
    molten = case.replace({"run.initial_surface_temperature": "molten", "run.end_time": "1 yr"})
    run = mo.run(molten)
    assert float(run.melt_fraction[0]) == pytest.approx(1.0, abs=1e-9)
    assert not any(note["what"] == START for note in json.loads(run.attrs["left_out"]))
    first = float(run.surface_temperature[0]) - 300.0
    cold = mo.run(molten.replace({"run.initial_surface_temperature": f"{first} K"}))
    assert float(cold.melt_fraction[0]) < 1.0
    assert json.loads(cold.attrs["left_out"])[0]["what"] == START


def test_crystals_at_the_start_are_said():
    """A warning with their share and the cure, where there is one; the summary has the share too."""
    case = EARTH.replace({"planet.mass": "3 M_earth", "mantle.model": "lumped", "run.end_time": "1 yr"})
    with pytest.warns(mo.OmissionWarning, match=r"18 % of the mantle is solid then; .* = 'molten' starts"):
        run = mo.run(case)
    assert summary(run)["start"]["solid_share"] == pytest.approx(0.18, abs=0.005)
    larger = case.replace({"planet.mass": "5 M_earth"})
    with pytest.warns(mo.OmissionWarning, match=r"28 % of the mantle is solid then; no surface temperature"):
        mo.run(larger)


def test_the_structure_is_stored():
    """With the result, its summary, and the table of a sweep over masses."""
    lumped = {"mantle.model": "lumped", "run.end_time": "1 yr"}
    case = EARTH.replace(lumped | {"planet.mass": "2 M_earth"})
    inside, about = assemble(case).structure, json.loads(mo.run(case).attrs["structure"])
    assert about == {
        "stated_by": "mass",
        "radius_km": inside.radius / 1e3,
        "core_radius_km": inside.core_radius / 1e3,
        "gravity_m_s2": inside.gravity,
        "mantle_mass_kg": inside.mantle_mass,
        "core_mantle_pressure_GPa": inside.core_mantle_pressure / 1e9,
    }
    assert json.loads(mo.run(EARTH.replace(lumped)).attrs["structure"])["stated_by"] == "radius"


def test_a_mantle_that_is_too_deep_is_refused():
    """Before anything is computed, with the planet's key."""
    with pytest.raises(InputError, match=r"\[planet\] mass = .*the pressure at the core would be 2836 GPa"):
        mo.run(EARTH.replace({"planet.mass": "15 M_earth", "mantle.model": "lumped"}))


def test_laws_beyond_their_calibration_are_recorded():
    """By pressure and by temperature, with the pressure of the base."""
    case = EARTH.replace({"planet.mass": "5 M_earth", "mantle.model": "lumped", "run.end_time": "1 yr"})
    run = mo.run(case)
    base = assemble(case).structure.core_mantle_pressure
    records = {(r["law"], r["argument"]): r for r in json.loads(run.attrs["extrapolations"])}
    melt = "equation of state of the melt: RTpress-WolfBower2018"
    assert records[melt, "P"]["reached"] == pytest.approx([base, base])
    assert records[melt, "T"]["reached"][1] > 10000.0
    assert json.loads(run.attrs["laws"])["solidus"]["name"] == "Stixrude2014"
    small = mo.run(case.replace({"planet.mass": "0.5 M_earth"}))
    assert json.loads(small.attrs["laws"])["solidus"]["name"] == "Andrault2011-Hamano2013"
    assert melt not in {r["law"] for r in json.loads(small.attrs["extrapolations"])}


@pytest.fixture
def flat_liquidus():
    """A liquidus that a cooling melt meets at 40 GPa first, registered for one test."""

    def temperature(P, **_):
        """Temperature [K]; P [Pa]."""
        return 2000.0 + 2000.0 * np.minimum(np.asarray(P, dtype=float) / 40e9, 1.0)

    def slope(P):
        """dT/dP [K/Pa]."""
        return np.where(np.asarray(P) < 40e9, 2000.0 / 40e9, 0.0)

    attributes = {"arguments": ("P",), "slope": slope}
    law("liquidus", "Flat2026", unit="K", reference="made up", attributes=attributes)(temperature)
    yield "Flat2026"
    registry._registry.pop(("liquidus", "Flat2026"), None)


def test_crystallisation_in_mid_mantle(flat_liquidus):
    """A part of the model that grows from the base is refused, with the place; without it the run goes on.

    The pile of a column may begin anywhere.
    """
    case = EARTH.replace({"mantle.liquidus": flat_liquidus, "mantle.solidus": "Stixrude2014"})
    case = case.replace({"planet.mass": "0.3 M_earth"})
    below = {"cumulates.coupled": "true", "mantle.model": "lumped"}
    for changes in (below, {"mantle.closure": "reference"}):
        with pytest.raises(InputError, match=r"begins to crystallise at 40 GPa, above its base at 4\d GPa"):
            assemble(case.replace(changes))
    assert len(assemble(case.replace({"cumulates.coupled": "true"})).model.field.components) == 2
    molten = {"mantle.model": "lumped", "run.initial_surface_temperature": "molten"}
    run = mo.run(case.replace({**molten, "run.end_melt_fraction": 0.9}))
    assert float(run.melt_fraction[-1]) == pytest.approx(0.9, abs=1e-6)


@pytest.mark.parametrize("mass", [0.05, 10])
def test_columns_reach_their_lid(mass):
    """On 15 cells, with energy conserved to 1e-9; in the larger one dense melt sinks, which is said."""
    case = EARTH.replace({"planet.mass": f"{mass} M_earth", "mantle.cells": 15, "run.rtol": 1e-5})
    run = mo.run(case)
    assert run.surface_temperature[-1] == pytest.approx(1650.0, abs=0.01)
    assert 0.0 < float(run.melt_fraction[-1]) < 0.3
    assert float(run.energy_drift.max()) < 1e-9
    said = [note["sentence"] for note in json.loads(run.attrs["left_out"]) if note["what"] == SINKING]
    assert [" more than 9" in sentence and "GPa" in sentence for sentence in said] == [True] * (mass == 10)


@pytest.mark.parametrize("after", ["open", "closed"])
def test_a_mantle_that_freezes_before_its_lid(after):
    """Without an end of its own, a run that goes on from its lid does not end before the lid.

    The lumped mantle of 3 Earth masses has 0.1 % of melt at 1723 K.
    """
    changes = {"planet.mass": "3 M_earth", "mantle.model": "lumped", "run.after_lid": after}
    run = mo.run(EARTH.replace(changes))
    lid = summary(run)["at_lid"]
    assert lid["melt_fraction"] < 1e-3
    ended = mo.run(EARTH.replace(changes | {"run.after_lid": "end"}))
    assert lid["time_yr"] == pytest.approx(float(ended.time[-1]) / YEAR, rel=1e-4)
    early = mo.run(EARTH.replace(changes | {"run.end_melt_fraction": 0.01}))
    assert early.attrs["end_name"] == "melt fraction" and "at_lid" not in summary(early)


def test_a_lid_of_the_start_is_said():
    """A column that starts 40 K above its lid reaches it while it still adjusts to its start."""
    cold = {"run.initial_surface_temperature": "1690 K", "mantle.cells": 30}
    with pytest.warns(mo.OmissionWarning, match="boundary layer at the start: the lid forms after"):
        run = mo.run(EARTH.replace(cold))
    assert float(run.time[-1]) < YEAR
