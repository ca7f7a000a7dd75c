"""A check of an installation: versions, mechanism checksums, and a self-test on published numbers."""

from __future__ import annotations

import platform
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ..case import Case
from ..chemistry.mechanism import read_mechanism
from ..chemistry.mechanism_paths import shipped_mechanisms
from ..constants import BAR, YEAR
from ..dae.solve.field_system import FieldSystem
from ..dae.solve.system import System
from ..planet.assembly import assemble_equilibrium
from ..results.origin import LIBRARIES
from ..results.output import read, write
from ..runs.evolution import evolve
from ..runs.main_job import finish, prepare
from ..version import __version__

if TYPE_CHECKING:
    import xarray

STEPS = (1e-3, 2e-5, 5e-7, 3e-8, 1e-8, 1e-9, 3e-10, 1e-10, 1e-11)  # of differences, over an unknown's size
OTHERS = ("thermo", "matplotlib", "click", "rich")  # needed, but not to compute a run

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
        """Whether the measured value is allowed; a NaN is not."""
        return bool(self.measured <= self.allowed)

    @property
    def line(self) -> str:
        """The check on one line."""
        verdict = "passed" if self.passed else "FAILED"
        return f"{verdict}  {self.name}: {self.measured:.1e}, allowed {self.allowed:.0e}"


def versions() -> dict[str, str]:
    """Versions of mocoupled, Python and the libraries it needs; "not installed" for one that is missing."""
    installed = {
        "mocoupled": __version__,
        "python": f"{platform.python_version()} on {platform.system()} {platform.machine()}",
    }
    for name in dict.fromkeys([*LIBRARIES, *OTHERS]):
        try:
            installed[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            installed[name] = "not installed"
    return installed


def mechanisms() -> list[tuple[str, int, str]]:
    """Name, number of species and sha256 of each shipped mechanism; InputError for a damaged one."""
    shipped = [read_mechanism(name) for name in shipped_mechanisms()]
    return [(mechanism.name, len(mechanism.species), mechanism.checksum) for mechanism in shipped]


def self_test() -> Iterator[Check]:
    """Published pressures, the generated Jacobian beside differences, conservation in a short run."""
    case = Case.read("F3-C1")
    planet = assemble_equilibrium(case, temperature=1388.0, melt_fraction=0.0)
    system = System(planet.model)
    start = system.start()
    values = system.outputs(start.x)[0]
    pressures = {o.label: v for o, v in zip(planet.model.outputs, values) if o.name == "pressure"}
    misfit = max(abs(pressures[s] / BAR - printed) for s, printed in TABLE_E.items())
    yield Check("pressures of Bower et al. 2022, App. E (printed to 1 bar), bar", misfit, 0.5)

    short = prepare(case.replace({"run.end_time": 20 * YEAR}))
    misfit = jacobian_misfit(short.system, short.start, 1.0 / YEAR)
    yield Check("generated Jacobian against differences", misfit, 1e-6)
    result = evolve(short)
    if result.attrs["status"] == "interrupted":
        raise KeyboardInterrupt
    finish(result, None)
    yield Check("drift of the elements, of the total", float(result.element_drift.max()), 1e-10)
    yield Check("drift of the equilibria, ln K", float(result.equilibrium_drift.max()), 1e-8)
    yield Check("drift of the energy, of the total", float(result.energy_drift.max()), 1e-10)
    with tempfile.TemporaryDirectory() as folder:
        write(result, Path(folder))
        stored = read(folder)
    yield Check("stored and read back, largest difference", _difference(result, stored), 0.0)


def _difference(first: xarray.Dataset, second: xarray.Dataset) -> float:
    """Largest difference of two results; infinite where their variables or attributes differ."""
    if set(first.variables) != set(second.variables) or first.attrs != second.attrs:
        return float("inf")
    differences = []
    for name, variable in first.variables.items():
        if variable.dtype.kind == "f":
            apart = np.abs(variable.values - second[name].values)
            differences.append(float(apart.max(initial=0.0)))
    return max(differences)


def jacobian_misfit(system: System | FieldSystem, x: np.ndarray, alpha: float) -> float:
    """Largest difference of the generated rate Jacobian and central ones, over the largest of its row.

    x (n,): the state. alpha: rate of the pull towards the constraints [1/s].
    Columns are scaled by the size of the unknowns.
    Differences are Richardson's (h and h/2, error O(h^4)), for several h. For each entry the best h counts:
    a long step crosses a knot of a tabulated curve, or leaves the small differences of a mixed layer; a short
    one rounds.
    """
    totals = system.totals(x)
    y = np.concatenate([x, np.zeros(len(system.sourced))])
    size = np.concatenate([system.scales + np.abs(x), np.ones(len(system.sourced))])
    exact = system.rate_jacobian(0.0, y, totals, alpha)
    scale = np.maximum((np.abs(exact) * size).max(axis=1), 1e-300)

    def difference(j: int, h: float) -> np.ndarray:
        shift = np.zeros(len(y))
        shift[j] = h * size[j]
        above = system.rate(0.0, y + shift, totals, alpha)
        below = system.rate(0.0, y - shift, totals, alpha)
        return (above - below) / (2 * shift[j])

    def misfit(j: int, h: float) -> np.ndarray:
        numeric = (4 * difference(j, h / 2) - difference(j, h)) / 3
        return np.abs(exact[:, j] - numeric) * size[j] / scale

    worst = np.array([np.minimum.reduce([misfit(j, h) for h in STEPS]) for j in range(len(y))])
    return float(worst.max()) if np.all(np.isfinite(worst)) else float("inf")
