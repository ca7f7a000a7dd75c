"""Columns whose crystals settle, at a prescribed heat loss: Rayleigh, the limit of a pile, batch."""

import importlib.util
import sys
from functools import cache

import numpy as np
import pytest
import sympy
from support.places import ROOT

import mocoupled as mo
from mocoupled.closures.distillation import distilled
from mocoupled.constants import YEAR
from mocoupled.dae.solve.integrate import Event, march
from mocoupled.interior.silicate_eos import solid_phase
from mocoupled.reservoirs import column_heat_flux, column_iron

SCRIPTS = ROOT / "validation"
pytestmark = pytest.mark.skipif(not SCRIPTS.is_dir(), reason="without the folder validation")
BULK, K = 0.1, 0.3


@cache
def script(name):
    if name == "pile":
        script("pile_limit")  # which it imports
    spec = importlib.util.spec_from_file_location(name, SCRIPTS / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def frozen(last, cells, **keys):
    """The column of an earth, its states until the pile has a share, and share and Fe/(Fe + Mg) of each."""
    pile = script("pile")
    variant = pile.Variant("test", keys={f"cumulates.{key}": value for key, value in keys.items()})
    system = pile.losing_heat(variant, pile.system_of(variant, cells))
    share = pile.pile_share(system)
    end = Event("pile", "the pile has its share", lambda _, x: last - share(x))
    trajectory = march(
        system, system.start().x, 3e7 * YEAR, events=[end], stabilisation=1 / YEAR, max_steps=15000, rtol=1e-6
    )
    assert trajectory.end.name == "pile", trajectory.end.sentence
    iron, melt = system.state_value("ocean_melt_iron"), system.state_value("ocean_melt")
    solid = np.array([share(x) for x in trajectory.states])
    return system, trajectory, solid, np.array([iron(x) / melt(x) for x in trajectory.states])


@cache
def distilling(cells):
    """A pile that does not convect, to a share of 0.78."""
    return frozen(0.78, cells, remelting=False)


def misfit(cells):
    """Relative difference from Rayleigh's law of all that is above the uppermost solid cell."""
    system, trajectory, *_ = distilling(cells)
    x, span = trajectory.states[-1], system.field.profiles
    phi = (x[: system.inner : 2] - span["solid_entropy"]) / span["fusion_entropy"]
    mass, solid = span["cell_mass"], int(np.flatnonzero(phi < 0.05)[0])
    share = mass[:solid].sum() / mass.sum()
    above = np.average(x[1 : system.inner : 2][:solid], weights=mass[:solid])
    return float(above / float(distilled(share, BULK, K)) - 1)


def test_without_convection_the_ocean_follows_rayleigh():
    """Within 1 % when a quarter of the mantle is left."""
    assert abs(misfit(20)) < 0.01


def test_energy_and_iron_are_conserved():
    """Without any projection of the cells: iron to 1e-10, energy of the integrator to 1e-6 of all."""
    system, trajectory, *_ = distilling(20)
    iron = system.state_value("iron_mass")
    assert abs(iron(trajectory.states[-1]) / iron(trajectory.states[0]) - 1) < 1e-10
    energy = [balance.name for balance in system.model.balances].index("energy")
    assert trajectory.balance_drift[:, energy].max() < 1e-6


def test_deposit_is_no_poorer_than_the_crystals_of_the_ocean():
    """Melt takes the heat by which it differs from crystals at equal temperature: no over-distillation.

    The lowest cell, which the core heats, is left out.
    """
    system, trajectory, *_ = distilling(20)
    c = trajectory.states[-1][1 : system.inner : 2]
    assert c[:-1].min() > K * BULK / (1 - BULK + K * BULK)


def test_a_pile_that_convects_ends_near_its_closed_limit():
    """Within 3 Fe# of the limit with the equations of state of the run."""
    limit = script("pile_limit").limit
    *_, solid, X = frozen(0.9, 20)
    pile = script("pile")
    fine = pile.system_of(pile.Variant("test"), 100)
    closed = limit(fine, solid_phase(mo.Case.read("earth").mantle.solid_eos), BULK)
    for share in (0.5, 0.775, 0.89):
        assert np.interp(share, solid, X) == pytest.approx(closed.at(share), abs=0.03)


def test_crystals_that_do_not_separate_stay_in_batch_equilibrium(monkeypatch):
    """Without separation nothing moves iron: every cell keeps that of the bulk, to rounding."""
    nothing = column_iron.Separated(sympy.S.Zero, sympy.S.Zero)
    monkeypatch.setattr(column_heat_flux, "separated", lambda *_: nothing)
    system, trajectory, *_ = frozen(0.5, 20, remelting=False)
    np.testing.assert_allclose(trajectory.states[:, 1 : system.inner : 2], BULK, rtol=1e-12)


@pytest.mark.parametrize("factor", [0.2, 5.0])
def test_how_smoothly_eddies_begin_decides_nothing(monkeypatch, factor):
    """Fe# of the ocean moves by less than 0.2 while half of the mantle freezes."""
    *_, solid, X = distilling(20)
    monkeypatch.setattr(column_heat_flux, "SWITCH", factor * column_heat_flux.SWITCH)
    *_, other, Y = frozen(0.5, 20, remelting=False)
    for share in (0.3, 0.49):
        assert np.interp(share, other, Y) == pytest.approx(np.interp(share, solid, X), abs=2e-3)
