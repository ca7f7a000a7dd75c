"""The problem of silicate, metal and gas: equations compiled once for its elements, solved at points."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np

from ..dae.declare.model import Model
from ..dae.kernel.batch import Batch, Begin, Points
from ..dae.leaves.external import numeric
from ..metal.declaration import PER, declare
from ..metal.miscibility import LOWEST_PRESSURE, SOLUTION, mixes
from ..metal.phase_species import METAL, SILICATE, shipped
from ..metal.three_phases import MOLECULES, Conventions, ThreePhases
from ..provenance.calibration import Watched
from .points import nothing

# Mole fraction of Si and O together in the metal, up to which their activities are calibrated.
# Beyond, Ma's equations attract Si and O without limit, and have a root that is not physical.
LARGEST_LIGHT_FRACTION = 0.25
# why a root is beyond the domain of the laws, by the first cause that applies
ONE_PHASE, THIN = "one phase", "low pressure"
CAUSES = (METAL, ONE_PHASE, THIN)
# Starts that are tried one after the other where there is no result: unknowns that differ from their guess,
# and a factor on the largest Newton steps.
ATTEMPTS: Sequence[tuple[Mapping[str, float], float]] = (
    ({}, 1.0),
    ({"ln_a[O]": -5.0}, 1.0),
    ({"ln_x[O]": -7.0, "ln_x[Si]": -7.0}, 1.0),
    ({"ln_x[O]": -2.0, "ln_x[Si]": -2.0}, 1.0),
    ({}, 0.3),
)
CONVENTIONS: Mapping[str, Conventions] = {
    "standard": Conventions(),
    "Young2023": Conventions("Young2023", at_one_bar=True, metal=("Si", "O", "H"), water=MOLECULES),
    "Gilmore2026": Conventions(mixing=SOLUTION),
}

Columns = Mapping[str, np.ndarray]


@dataclass(frozen=True)
class MetalProblem:
    """The declared equations of the elements that are present."""

    system: ThreePhases
    model: Model

    @cached_property
    def batch(self) -> Batch:
        """The compiled kernel. Rows are not balances alone: its linear system is solved with pivoting."""
        names = [unknown.name for unknown in self.model.unknowns]
        parameters = [p.name for p in self.model.parameters]
        return Batch(self.model, parameters, patient=False, keep=names, pivoted=True)

    @cached_property
    def rows(self) -> Mapping[tuple[str, str], int]:
        """(output, label) -> row of the kernel's outputs."""
        return {(output.name, output.label): k for k, output in enumerate(self.model.outputs)}

    @cached_property
    def watched(self) -> Watched:
        """The arguments of the laws whose calibration is watched."""
        return Watched(self.model)

    @cached_property
    def _standards(self) -> Callable[..., Sequence[np.ndarray]]:
        """The standard potentials from the two temperatures."""
        symbols = self.system.symbols
        values = [standard.value for standard in self.system.levels.values()]
        return numeric([symbols.temperature.symbol, symbols.metal_temperature.symbol], values)

    def parameters(self, columns: Columns, n: int) -> dict[str, np.ndarray]:
        """Every parameter of the equations at n points, amounts over their sum; columns: the conditions."""
        full = {name: np.broadcast_to(np.asarray(v, dtype=float), n) for name, v in columns.items()}
        moles = {name: full[name] for name in (p.name for p in self.system.symbols.moles.values())}
        total = np.sum(list(moles.values()), axis=0)
        values = self._standards(full["temperature"], full["metal_temperature"])
        standards = [standard.parameter.name for standard in self.system.levels.values()]
        parameters = {name: full[name] for name in ("temperature", "metal_temperature", "planet_mass")}
        parameters |= {name: value / total for name, value in moles.items()}
        return parameters | {name: np.broadcast_to(v, n) for name, v in zip(standards, values)}

    def solve(self, columns: Columns, n: int, threads: int, starts: Columns | None = None) -> Solved:
        """The solutions at n points. starts: unknown -> where Newton begins first, (n,)."""
        parameters = self.parameters(columns, n)
        points = nothing(len(self.model.outputs), n)
        beyond = {cause: np.zeros(n, dtype=bool) for cause in CAUSES}
        begins = [Begin(starts)] if starts else []
        for start, shrink in ATTEMPTS:
            begins.append(Begin({name: np.full(n, value) for name, value in start.items()}, shrink))
        for begin in begins:
            left = np.flatnonzero(~points.converged)
            if not len(left):
                break
            there = {name: values[left] for name, values in parameters.items()}
            at = Begin({name: values[left] for name, values in begin.starts.items()}, begin.shrink)
            tried = self.batch.solve(there, threads, begin=at)
            inside = tried.converged.copy()
            for cause, which in self.beyond(tried, there["temperature"]).items():
                beyond[cause][left] |= inside & which
                inside = inside & ~which
            _insert(points, left, tried, inside)
        without = ~points.converged
        for cause in CAUSES:
            beyond[cause] &= without
            without = without & ~beyond[cause]
        total = np.sum(
            [np.broadcast_to(columns[p.name], n) for p in self.system.symbols.moles.values()], axis=0
        )
        for (name, _), row in self.rows.items():
            if name in ("phase_moles", "phase_mass"):
                points.values[row] *= total
        return Solved(points, beyond)

    def beyond(self, tried: Points, T: np.ndarray) -> dict[str, np.ndarray]:
        """Cause -> the points whose root is for this cause beyond the domain of the laws; T [K]."""
        light, P = (tried.values[self.rows[name, ""]] for name in ("light_fraction", "surface_pressure"))
        causes = {METAL: light > LARGEST_LIGHT_FRACTION}
        if self.system.mixing:
            x = tried.values[self.rows["mole_fraction", f"{SILICATE}{PER}H2"]]
            causes |= {ONE_PHASE: mixes(x, T, P), THIN: P < LOWEST_PRESSURE}
        return causes


@dataclass(frozen=True)
class Solved:
    """Points, and for each of CAUSES those whose only root is for this cause beyond the domain."""

    points: Points
    beyond: Mapping[str, np.ndarray]


def _insert(points: Points, where: np.ndarray, solved: Points, which: np.ndarray) -> None:
    """Set the points `where` to those of `solved`, where `which` is true."""
    target = where[which]
    points.values[:, target] = solved.values[:, which]
    points.converged[target] = True
    points.residual[target] = solved.residual[which]
    points.iterations[target] = solved.iterations[which]


@lru_cache(maxsize=32)
def compiled(elements: tuple[str, ...], conventions: str, apart: bool) -> MetalProblem:
    """The problem of these elements by a name of CONVENTIONS.

    apart: whether the metal has another temperature.
    """
    system = ThreePhases(shipped(), elements, CONVENTIONS[conventions], apart)
    return MetalProblem(system, declare(system))
