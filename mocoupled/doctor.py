"""A check of an installation: versions, mechanism checksums and a short self-test against published numbers."""

from __future__ import annotations

import platform
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata

import numpy as np

from .case import Case
from .constants import BAR, YEAR
from .dae.system import System
from .output import LIBRARIES
from .planet import assemble_equilibrium
from .run import evolve, prepare
from .thermochemistry import read_mechanism, shipped_mechanisms

# Bower et al. 2022, Appendix E, "our model", second row: 3 oceans, C/H = 1, IW+0.5; bar, as printed
TABLE_E = {"CO": 51.0, "CO2": 48.0, "H2": 213.0, "H2O": 460.0, "CH4": 22.0}


@dataclass(frozen=True)
class Check:
    """One check: what was measured, what is allowed (at most)."""

    name: str
    measured: float
    allowed: float

    @property
    def passed(self) -> bool:
        return bool(self.measured <= self.allowed)

    @property
    def row(self) -> tuple[str, str, str, str]:
        return self.name, f"{self.measured:.2e}", f"{self.allowed:.0e}", "passed" if self.passed else "FAILED"


def versions() -> dict[str, str]:
    """Versions of mocoupled, Python and the libraries it computes with."""
    from . import __version__

    return {"mocoupled": __version__, "python": platform.python_version(), **{n: metadata.version(n) for n in LIBRARIES}}


def mechanisms() -> list[tuple[str, int, str]]:
    """Name, number of species and sha256 of each shipped mechanism."""
    found = [read_mechanism(name) for name in shipped_mechanisms()]
    return [(m.name, len(m.species), m.checksum) for m in found]


def self_test() -> Iterator[Check]:
    """Published pressures, the generated Jacobian against differences, and the conservation laws of a short run."""
    case = Case.read("F3-C1")
    planet = assemble_equilibrium(case, temperature=1388.0, melt_fraction=0.0)
    system = System(planet.model)
    start = system.start()
    shown = {o.label: v for o, v in zip(planet.model.outputs, system.outputs(start.x)[0]) if o.name == "pressure"}
    misfit = max(abs(shown[s] / BAR - p) for s, p in TABLE_E.items())
    yield Check("pressures of Bower et al. 2022, App. E, bar", misfit, 0.5)

    short = prepare(case.replace({"run.end_time": 20 * YEAR}))
    yield Check("analytic against numerical Jacobian", jacobian_misfit(short.system, short.start, 1.0 / YEAR), 1e-6)
    result = evolve(short)
    yield Check("drift of the elements", float(result.element_drift.max()), 1e-10)
    yield Check("drift of the equilibria, ln", float(result.equilibrium_drift.max()), 1e-8)
    yield Check("drift of the energy", float(result.energy_drift.max()), 1e-10)


def jacobian_misfit(system: System, x: np.ndarray, alpha: float) -> float:
    """Largest difference of the generated rate Jacobian and central differences, over the largest entry of its column.

    Columns are taken in units of the unknowns' own size; steps follow Richardson (h and h/2, error O(h^4)).
    """
    totals = system.totals(x)
    y = np.concatenate([x, np.zeros(len(system.sourced))])
    size = np.concatenate([system.scales + np.abs(x), np.ones(len(system.sourced))])
    exact = system.rate_jacobian(0.0, y, totals, alpha)
    rows = np.abs(exact) * size
    worst = 0.0
    for j in range(len(y)):

        def difference(h):
            shift = np.zeros(len(y))
            shift[j] = h * size[j]
            return (system.rate(0.0, y + shift, totals, alpha) - system.rate(0.0, y - shift, totals, alpha)) / (2 * shift[j])

        numeric = (4 * difference(5e-6) - difference(1e-5)) / 3
        scale = np.maximum(rows.max(axis=1), 1e-300)
        worst = max(worst, float(np.max(np.abs(exact[:, j] - numeric) * size[j] / scale)))
    return worst
