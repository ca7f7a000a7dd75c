"""Heat and iron that pass the moving front of a pile, against what the cells below it lose."""

from functools import cache
from itertools import pairwise

import numpy as np
from support.grey import grey

from mocoupled.constants import YEAR
from mocoupled.dae.solve.bdf import FreshBDF
from mocoupled.dae.solve.integrate import march
from mocoupled.dae.solve.march_rates import Finite
from mocoupled.runs.main_job import prepare

FRONT = 0.4  # melt fraction
BEGIN, END = 4.5e4 * YEAR, 8e4 * YEAR
UNHEEDED = 1e40  # of integrals, which do not set the step size


class WithIntegrals:
    """A coupled column with the integrals of its fluxes at all faces as unknowns.

    y: the unknowns of the march, then the integrals of heat at the faces, and of iron.
    """

    def __init__(self, prepared, start):
        self.system, self.start = prepared.system, start
        self.totals = self.system.totals(start)
        names = [output.name for output in self.system.model.outputs]
        self.core, self.area = names.index("core_flux"), 4 * np.pi * prepared.planet.structure.core_radius**2
        self.march = len(start) + len(self.system.sourced)
        self.faces = self.system.cells - 1

    def core_lost(self, y):
        """Heat that the core has lost since it was at the coldest state of the tables [J]: below 0.

        core_flux is stored as a mean over steps, and its output is the integral.
        """
        return self.system.outputs(y[: self.system.size])[0][self.core] * self.area

    def rate(self, t, y):
        """dy/dt."""
        inner = self.system.rate(t, y[: self.march], self.totals, 1 / YEAR)
        return np.concatenate([inner, *self.system.face_fluxes(y[: self.system.size])])

    def jacobian(self, t, y):
        """d(dy/dt)/dy: that of the march, and the slopes of the fluxes by the cells beside their face."""
        system = self.system
        whole = np.zeros((len(y), len(y)))
        march_jacobian = system.rate_jacobian(t, y[: self.march], self.totals, 1 / YEAR)
        whole[: self.march, : self.march] = march_jacobian
        at_faces = system._links.at_faces(system._layout.rows(y[: system.inner]))
        slopes = np.reshape(system._stencil.faces_linear(*at_faces)[:8], (2, 4, self.faces))
        for k in range(self.faces):
            for component in range(2):
                row = self.march + component * self.faces + k
                # by entropy and iron above, then below the face
                whole[row, 2 * k : 2 * k + 4] = slopes[component, :, k]
        return whole


@cache
def steps():
    """A coupled earth while its front rises through several cells: the system, and y at all steps."""
    case = grey().replace({"cumulates.coupled": True, "mantle.cells": 20})
    prepared = prepare(case)
    system = prepared.system
    start = march(system, prepared.start, BEGIN, stabilisation=1 / YEAR).states[-1]
    equations = WithIntegrals(prepared, start)
    scales = np.concatenate([system.step_scales, np.ones(len(system.sourced))])
    integrals = 2 * equations.faces
    solver = FreshBDF(
        equations.rate,
        BEGIN,
        np.concatenate([start, np.zeros(len(system.sourced) + integrals)]),
        END,
        rtol=1e-7,
        atol=np.concatenate([1e-7 * scales, np.full(integrals, UNHEEDED)]),
        jac=Finite(equations.jacobian),
    )
    states = [solver.y.copy()]
    while solver.status == "running":
        assert solver.step() is None
        states.append(solver.y.copy())
    return equations, states


def front(system, S):
    """Number of the face below which the melt fraction is under FRONT."""
    span = system.field.profiles
    phi = (S[::2] - span["solid_entropy"]) / span["fusion_entropy"]
    return int(np.flatnonzero(phi < FRONT)[0]) - 1


def test_heat_and_iron_through_the_front_are_those_that_the_pile_loses():
    """int F through the moving front = sum over its stays of (loss of the cells below + core): 1e-6 of it.

    A front between two cells stays while the pile grows; its flux is taken at that face.
    """
    equations, states = steps()
    system, faces = equations.system, equations.faces
    passed, lost, fronts = np.zeros(2), np.zeros(2), set()
    for before, after in pairwise(states):
        k = front(system, before[: system.inner])
        fronts.add(k)
        grown = (after - before)[equations.march :]
        passed += grown[[k, faces + k]]
        change = np.subtract(*(system.storages(y[: system.size]) for y in (before, after)))
        core = equations.core_lost(after) - equations.core_lost(before)
        lost += change[:, k + 1 :].sum(axis=1) + [core, 0.0]
    assert len(fronts) > 2
    np.testing.assert_allclose(passed, lost, rtol=1e-6)
    assert passed[0] > 0


def test_melt_never_takes_more_heat_than_passes_the_front():
    """R L <= H: iron leaves the pile with at least the latent heat of the melt that has it.

    The iron that passes is at most X_l - X_s < 1 - c of the melt, whose heat is T_f dS_f a kilogram.
    """
    equations, states = steps()
    system, faces = equations.system, equations.faces
    latent = system.field.profiles["face_latent_heat"]
    melted = passed = 0.0
    for before, after in pairwise(states):
        k = front(system, before[: system.inner])
        grown = (after - before)[equations.march :]
        melted += grown[faces + k] * latent[k] / (1.0 - before[2 * k + 1])
        passed += grown[k]
    assert 0 < melted <= passed
