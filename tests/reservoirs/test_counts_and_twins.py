"""Balances of the reservoirs, compared with counts and separate equations that share no code with them."""

import numpy as np
import pytest
import sympy

import mocoupled as mo
from mocoupled.closures.law import find
from mocoupled.dae.leaves.external import numeric
from mocoupled.interior.silicate_eos import melt_phase, solid_phase
from mocoupled.interior.two_phase import melting_range, properties
from mocoupled.planet.assembly import assemble, assemble_equilibrium
from mocoupled.reservoirs.cumulates import CoolingPile, Return, cooling_pile

OXYGEN, IRON_OXIDE = 15.999e-3, 71.844e-3  # kg/mol, IUPAC


@pytest.mark.parametrize("partition", [1.0, 0.2])
def test_oxygen_atoms_of_ferric_iron_counted(partition):
    """FeO1.5 has half an atom of O more than FeO.

    The oxygen of the planet is that of all species and of ferric iron.
    """
    case = mo.Case.read("earth").replace(
        {"redox.ferric_iron": "Hirschmann2022", "redox.ferric_partition": partition}
    )
    state = mo.equilibrium(case, temperature=1900.0, melt_fraction=0.6)
    planet = assemble_equilibrium(case, 1900.0, 0.6)
    iron = planet.chemistry.iron.oxides["FeO"] / IRON_OXIDE * planet.structure.mantle_mass
    ferric = float(state.mantle_ferric_share) * iron
    assert float(state.ferric_oxygen_mass) == pytest.approx(ferric / 2 * OXYGEN, rel=1e-3)
    mechanism = planet.chemistry.mechanism
    atoms = ferric / 2
    for name in state.species.values:
        species = mechanism.species[str(name)]
        mass = float(state.gas_mass.sel(species=name) + state.dissolved_mass.sel(species=name))
        atoms += species.composition.get("O", 0) * mass / species.molar_mass
    assert float(state.element_moles.sel(element="O")) == pytest.approx(atoms, rel=1e-3)


def test_share_of_ferric_iron_is_that_of_melt_and_crystals():
    """Fe3+ of the mantle by the law of the melt and the exchange with crystals, in plain numbers."""
    K, phi = 0.2, 0.6
    case = mo.Case.read("earth").replace({"redox.ferric_iron": "Hirschmann2022", "redox.ferric_partition": K})
    state = mo.equilibrium(case, temperature=1900.0, melt_fraction=phi)
    melt = float(state.ferric_share)
    ratio = K * melt / (1 - melt)  # Fe3+/Fe2+ of the crystals
    crystals = ratio / (1 + ratio)
    assert float(state.mantle_ferric_share) == pytest.approx(phi * melt + (1 - phi) * crystals, rel=1e-9)


@pytest.fixture(scope="module")
def column():
    """A column, with its planet."""
    case = mo.Case.read("earth").replace(
        {
            "mantle.cells": 20,
            "mantle.top_cell": "100 m",
            "mantle.bottom_cell": "50 km",
        }
    )
    return assemble(case)


def rock(planet, pressure, entropies):
    """Melting range and properties at pressures [Pa] and entropies [J/kg/K], directly from the laws."""
    mantle = planet.case.mantle
    phases = melt_phase(mantle.melt_eos), solid_phase(mantle.solid_eos)
    curves = (planet.laws[kind] for kind in ("solidus", "liquidus"))
    span = melting_range(np.asarray(pressure), *phases, *curves)
    viscosity = find("viscosity", "tanh-Bower2018")
    return span, properties(span, np.asarray(entropies), *phases, viscosity, 0.05)


@pytest.mark.parametrize("S", [1500.0, 2800.0])
def test_core_loses_heat_along_the_adiabat(column, S):
    """Conduction along the adiabat, without eddies: upwards, as it is hotter below.

    The adiabat is that of the equations of state at two pressures; dP/dr is that of the static mantle.
    """
    (inflow,) = (i for i in column.model.inflows if i.at == "last")
    names = ("core_mantle_entropy", "lowest_entropy", "lowest_diffusivity")
    flux = numeric([sympy.Symbol(name, real=True) for name in names], inflow.expression)
    inside, step = column.structure, 1e8
    pressure = inside.core_mantle_pressure
    _, at = rock(column, [pressure - 2 * step, pressure], [S])
    warming = float(at.temperature[1, 0] - at.temperature[0, 0]) / (2 * step)
    density = float(inside.density(np.array([inside.core_radius]))[0])
    expected = column.case.mantle.conductivity * warming * density * inside.gravity
    assert expected > 0
    area = 4 * np.pi * inside.core_radius**2
    assert float(flux(S, S, 0.0)) / area == pytest.approx(expected, rel=1e-2)


def test_iron_of_settled_crystals_and_trapped_melt():
    """At a constant melt fraction as much settles as is returned.

    n dX/dt = q (X_m - (1 - t) X_c - t X).
    """
    n, q, X_m, bulk, KD, t = 0.4, 3e-14, 0.08, 0.1, 0.3, 0.2
    back = Return(sympy.Float(q / (1 - n)), sympy.Float(q * X_m / (1 - n)))
    pile_of_crystals = CoolingPile(sympy.Float(n), sympy.Float(1e6), bulk, KD, t)
    model = cooling_pile(pile_of_crystals, back)
    (unknown,), (balance,) = model.unknowns, model.balances
    for X in (0.12, 0.25, 0.6):
        at = {unknown.symbol: np.log(X / (1 - X))}
        logit_rate = float(balance.source.subs(at)) / float(balance.storage.diff(unknown.symbol).subs(at))
        ratio = KD * X / (1 - X)
        X_c = ratio / (1 + ratio)
        expected = (X_m - (1 - t) * X_c - t * X) / n
        assert logit_rate * X * (1 - X) / q == pytest.approx(expected, rel=1e-6)
