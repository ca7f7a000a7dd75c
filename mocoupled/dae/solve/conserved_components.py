"""Components of a field whose sum over the cells is constant: their drift, and fields without it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from ...errors import ConvergenceError
from ..declare.field import Field

# of the sum: an integrator that loses more than this solves other equations than those declared
LARGEST_DRIFT = 1e-4


class ConservedComponents:
    """The sums that the components declared as `conserved` have at the start of the field.

    storages: of a field S (cells * components,), what each component stores in each cell. A state of the
    integrator drifts by the rounding of its linear solves; `restored` scales it back. The storage of such a
    component is proportional to it, so that one factor for all cells gives the sum at the start.
    x: S, then scalars.
    """

    def __init__(self, field: Field, storages: Callable[[np.ndarray], Sequence[np.ndarray]]) -> None:
        self.numbers = [k for k, component in enumerate(field.components) if component.conserved]
        self._stride, self._storages = len(field.components), storages
        self._size = field.cells * len(field.components)
        self._names = [field.components[k].name for k in self.numbers]
        self._sums = self._sums_of(field.start) if self.numbers else np.zeros(0)

    def _sums_of(self, x: np.ndarray) -> np.ndarray:
        stored = self._storages(x[: self._size])
        return np.array([stored[k].sum() for k in self.numbers])

    def drift(self, x: np.ndarray) -> np.ndarray:
        """|sum/sum at the start - 1| of each conserved component."""
        return np.abs(self._sums_of(x) / self._sums - 1) if self.numbers else self._sums

    def restored(self, x: np.ndarray) -> np.ndarray:
        """The state with the sums at the start; itself where nothing is conserved.

        ConvergenceError where a sum has drifted by more than LARGEST_DRIFT.
        """
        if not self.numbers:
            return x
        factors = self._sums / self._sums_of(x)
        new = x.copy()
        for k, name, factor in zip(self.numbers, self._names, factors):
            if not abs(factor - 1) < LARGEST_DRIFT:
                raise ConvergenceError(
                    f"the sum of {name} over the cells has changed by {1 / factor - 1:.2g} of it"
                )
            new[k : self._size : self._stride] *= factor
        return new
