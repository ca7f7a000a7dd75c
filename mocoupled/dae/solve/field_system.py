"""A compiled Model with a field: the same face as a System, for cells and scalars in one implicit system.

The integrator's vector is y = [S; x; q]: the field's cells, the scalar unknowns and the accumulated sources.
In S the components of a cell stand side by side, in the order of their declaration.
Scalars that follow (`Unknown.follows`) are solved from their rows of H at every call, so that they are exact.
They are functions of the cells, the other scalars and q.
What y has of them is a first guess only, which approaches those functions at once (FOLLOW_RATE).
field_rates.py has the equations, field_jacobian.py their Jacobian, which is sparse for many cells.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from copy import copy
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from ...errors import ConvergenceError, ModelError
from ..declare.model import Model
from ..generate.field_text import stencil
from ..generate.python_module import ARITHMETIC
from .clamped_newton import Solution, newton
from .conserved_components import ConservedComponents
from .field_jacobian import FieldJacobian
from .field_layout import layout
from .field_links import FieldLinks
from .field_rates import FieldRates
from .shown_outputs import Outputs, ShownOutputs
from .system import Parameters, Settled, System, projected

if TYPE_CHECKING:
    from scipy.sparse import csc_matrix

UNHEEDED = 1e12  # scale of what follows from the rest, so that the step size does not depend on it
LEVEL_STEPS = 60  # repetitions of a start with levels
LEVELLED = 1e-13  # last change of the levels in a start, over their scales


class FieldSystem:
    """The generated functions of a Model with a field on numpy vectors. Immutable.

    cells: number of cells; inner: number of their unknowns, which come first in a state.
    x (size,): cells and scalars; y, totals, q, time [s] and alpha [1/s] as of System.
    """

    def __init__(self, model: Model) -> None:
        self.model = model.check()
        if model.field is None:
            raise ModelError(f"model {model.name} has no field: it needs a System")
        self.field = model.field
        self._scalar = System(model, scalars_of_field=True)
        self._stencil = stencil(model, self.field)
        self.source = self._scalar.source + self._stencil.source
        self.cells = self.field.cells
        self.names = tuple(u.name for u in model.unknowns)
        self.inner = self.cells * len(self.field.components)
        self.size = self.inner + len(self.names)
        self.links = tuple(link.name for link in model.links)
        self.sourced, self.carrying = self._scalar.sourced, self._scalar.carrying
        self.parameters = tuple(p.value for p in model.parameters)
        self._shown = ShownOutputs()
        field_scales = np.tile([float(c.scale) for c in self.field.components], self.cells)
        self.scales = np.concatenate([field_scales, [u.scale for u in model.unknowns]])
        follows = [False] * self.inner + [u.follows for u in model.unknowns]
        self.step_scales = np.where(follows, UNHEEDED, self.scales)
        parts = layout(model, self.field, self.sourced, self.carrying)
        self._levels, self._layout = parts.scalars.levels, parts
        self._links = FieldLinks(self._stencil, parts)
        self._rates = FieldRates(self._scalar, self._stencil, parts, self._links)
        self._jacobian = FieldJacobian(self._scalar, self._stencil, parts, self._links)
        self._conserved = ConservedComponents(self.field, self._storages_of_field)

    # -- parameters, links and start ---------------------------------------------------------------------

    def with_parameters(self, changes: Mapping[str, float]) -> tuple[float, ...]:
        """The parameter vector with some values replaced by name; KeyError for an unknown name."""
        return self._scalar.with_parameters(changes)

    def at(self, changes: Mapping[str, float]) -> FieldSystem:
        """The same functions with other values of parameters by name; KeyError for an unknown name."""
        numbers = {name: changes[name] for name in self.field.numbers if name in changes}
        if numbers:  # they are bound to the functions of the cells
            return self._with_numbers(numbers).at({k: v for k, v in changes.items() if k not in numbers})
        other = copy(self)
        other._scalar, other._shown = self._scalar.at(changes), ShownOutputs()
        other.parameters, other.model = other._scalar.parameters, other._scalar.model
        return other

    def _with_numbers(self, numbers: Mapping[str, float]) -> FieldSystem:
        """The system with other numbers of its field."""
        parameters = tuple(replace(q, value=numbers.get(q.name, q.value)) for q in self.model.parameters)
        field = replace(self.field, numbers={**self.field.numbers, **numbers})
        return FieldSystem(replace(self.model, parameters=parameters, field=field))

    def _divided(self, x: np.ndarray) -> tuple[np.ndarray, np.ndarray, list[float]]:
        """Cells, scalars and levels of a state."""
        scalars = x[self.inner :]
        return x[: self.inner], scalars, self._rates.levels_of(scalars)

    @np.errstate(all="ignore")  # of the branches that are not taken
    def link_values(self, x: np.ndarray) -> np.ndarray:
        """What the scalars see of the field at a state, in the order of the model's links."""
        S, _, levels = self._divided(x)
        return self._links.values(S, levels)

    def _stored(self, x: np.ndarray) -> np.ndarray:
        """The links with 0 for the quantities at faces."""
        S, _, levels = self._divided(x)
        return self._links.stored(S, levels)

    @np.errstate(all="ignore")  # of the branches that are not taken
    def face_fluxes(self, x: np.ndarray) -> list[np.ndarray]:
        """The flux of each component, positive upwards, at the inner faces (each (cells - 1,))."""
        S, _, levels = self._divided(x)
        fluxes: list[np.ndarray] = self._stencil.faces(*self._links.at_faces(self._layout.rows(S)), *levels)[
            0
        ]
        return fluxes

    def storages(self, x: np.ndarray) -> list[np.ndarray]:
        """What the balance of each component stores in the cells (each (cells,)), at a state."""
        S, _, levels = self._divided(x)
        return self._storages_of_field(S, levels)

    def _storages_of_field(self, S: np.ndarray, levels: Sequence[float] | None = None) -> list[np.ndarray]:
        """`storages` of a field; levels, on which no storage depends, are 0 unless they are given."""
        levels = [0.0] * len(self.field.levels) if levels is None else levels
        stored: list[np.ndarray] = self._stencil.cells(*self._layout.rows(S), *levels)[0]
        return stored

    def state_value(self, name: str) -> Callable[[np.ndarray], float]:
        """A function of the state: the value of the link or scalar unknown of this name."""
        if name in self.names:
            unknown = self.inner + self.names.index(name)
            return lambda x: x[unknown]
        k = self.links.index(name)
        if self.model.links[k].kind == "face":
            return lambda x: float(self.link_values(x)[k])
        value = self._links.value_of(self.model.links[k].kind, k)

        def of_state(x: np.ndarray) -> float:
            """The link at a state."""
            S, _, levels = self._divided(x)
            return value(S, levels)

        return of_state

    def guess(self) -> np.ndarray:
        """The field as declared, and where a cold start of the scalars begins."""
        return np.concatenate([self.field.start, self._scalar.guess()])

    def start(
        self, parameters: Parameters = None, guess: np.ndarray | None = None, time: float = 0.0
    ) -> Solution:
        """The field as declared, and the scalars that satisfy the starts and constraints with it.

        See System.start. With levels, scalars and links are determined in turn until the levels are constant.
        ConvergenceError where they do not become so.
        """
        S = np.array(self.field.start if guess is None else guess[: self.inner], dtype=float)
        scalar_guess = None if guess is None else guess[self.inner :]
        x = self._scalar.guess() if scalar_guess is None else np.asarray(scalar_guess, dtype=float)
        largest = LEVELLED * self.scales[self.inner :][self._levels]
        with np.errstate(all="ignore"):
            for _ in range(LEVEL_STEPS):
                before = self._rates.levels_of(x)
                solution = self._scalar.start(parameters, scalar_guess, time, self._links.stored(S, before))
                x = scalar_guess = solution.x
                change = np.abs(np.array(self._rates.levels_of(x)) - before)
                if (change < largest).all():
                    return Solution(np.concatenate([S, x]), solution.iterations, solution.residual)
        names = ", ".join(level.name for level in self.field.levels)
        raise ConvergenceError(f"model {self.model.name}: no start at which the field and {names} agree")

    def project(
        self, x: np.ndarray, totals: np.ndarray, parameters: Parameters = None, time: float = 0.0
    ) -> np.ndarray:
        """The state near x at which storages equal `totals` and residuals vanish.

        The field is that of x, but for its conserved components, which have their sums at the start.
        ConvergenceError where Newton does not converge.
        """
        p = self.parameters if parameters is None else parameters
        x = self._conserved.restored(x)
        S, scalars, levels = self._divided(x)
        if not levels:
            return np.concatenate([S, self._scalar.project(scalars, totals, p, time, self._stored(x))])
        target = np.concatenate([totals, np.zeros(len(self.names) - len(totals))])

        def rows(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
            """Residuals and their Jacobian by the scalars."""
            z, slopes = self._links.stored_with_slopes(S, self._rates.levels_of(x))
            H, A = self._scalar.rows(x, p, time, z)
            J = A[:, : len(x)].copy()
            J[:, self._levels] += A[:, len(x) :] @ slopes
            return H - target, J

        with np.errstate(all="ignore"):
            solution = newton(rows, scalars, 1.0, 20, self._scalar.limits)
        return np.concatenate([S, projected(solution, self.model.name, time).x])

    def settle(
        self,
        x: np.ndarray,
        totals: np.ndarray,
        q: np.ndarray,
        parameters: Parameters = None,
        time: float = 0.0,
    ) -> Settled:
        """The projected state near x, and the drift that the rates see.

        The drift is that of each balance and then of each conserved component, and the largest one of a
        constraint.
        """
        p = self.parameters if parameters is None else parameters
        lost = self._conserved.drift(x)
        x = self._conserved.restored(x)
        S, scalars, levels = self._divided(x)
        z = self._stored(x)
        at = None
        with suppress(*ARITHMETIC):  # the projection, which is damped in another way, decides
            scalars, at = self._rates.follow_at_rest(scalars, z, q, p, time, totals)
        if not levels:
            scalars, balances, largest = self._scalar.settle(scalars, totals, q, p, time, z, at)
            return np.concatenate([S, scalars]), np.concatenate([balances, lost]), largest
        balances, constraints = self._scalar.drift(scalars, totals, q, p, time, z)
        near = np.concatenate([S, scalars])
        state = self.project(near, self.accumulated(totals, q), p, time)
        return state, np.concatenate([balances, lost]), constraints.max(initial=0.0)

    # -- march -------------------------------------------------------------------------------------------

    def totals(self, x: np.ndarray, parameters: Parameters = None, time: float = 0.0) -> np.ndarray:
        """Scaled storages of the balances at x."""
        p = self.parameters if parameters is None else parameters
        return self._scalar.totals(x[self.inner :], p, time, self._stored(x))

    def accumulated(self, totals: np.ndarray, q: np.ndarray) -> np.ndarray:
        """totals + q (balances,), where q has entries for the sourced balances only."""
        return self._scalar.accumulated(totals, q)

    def rate(
        self, time: float, y: np.ndarray, totals: np.ndarray, alpha: float, parameters: Parameters = None
    ) -> np.ndarray:
        """dy/dt; NaN outside the model's domain, which makes the integrator shorten its step."""
        p = self.parameters if parameters is None else parameters
        n, m = self.inner, self.size
        S = y[:n]
        if not self._inside(S):
            return np.full(len(y), np.nan)
        try:
            with np.errstate(all="ignore"):  # of the branches that are not taken
                rates = self._rates.rates(S, y[n:m], y[m:], p, time, totals, alpha)
        except ARITHMETIC:
            return np.full(len(y), np.nan)
        return np.concatenate([rates.cells, rates.scalars, rates.accumulated])

    def _inside(self, S: np.ndarray) -> bool:
        """Whether a field is within the bounds of its components; false for NaN."""
        for row, component in zip(self._layout.rows(S), self.field.components):
            if not (np.minimum.reduce(row) >= component.low and np.maximum.reduce(row) <= component.high):
                return False
        return True

    def rate_jacobian(
        self, time: float, y: np.ndarray, totals: np.ndarray, alpha: float, parameters: Parameters = None
    ) -> np.ndarray | csc_matrix:
        """d(dy/dt)/dy, analytic; dense (len(y), len(y)), or sparse for many cells."""
        return self.rate_with_jacobian(time, y, totals, alpha, parameters)[1]

    @np.errstate(all="ignore")  # of the branches that are not taken
    def rate_with_jacobian(
        self, time: float, y: np.ndarray, totals: np.ndarray, alpha: float, parameters: Parameters = None
    ) -> tuple[np.ndarray, np.ndarray | csc_matrix]:
        """dy/dt as of `rate`, and d(dy/dt)/dy, which needs it."""
        p = self.parameters if parameters is None else parameters
        n, m = self.inner, self.size
        S, q = y[:n], y[m:]
        rates = self._rates.rates(S, y[n:m], q, p, time, totals, alpha)
        jacobian = self._jacobian.jacobian(rates, S, q, p, time, alpha)
        if not self._inside(S):
            return np.full(len(y), np.nan), jacobian
        return np.concatenate([rates.cells, rates.scalars, rates.accumulated]), jacobian

    def drift(
        self,
        x: np.ndarray,
        totals: np.ndarray,
        q: np.ndarray,
        parameters: Parameters = None,
        time: float = 0.0,
    ) -> tuple[np.ndarray, np.ndarray]:
        """|storage - total - int source| of the balances (scaled) and |residual| of the constraints."""
        p = self.parameters if parameters is None else parameters
        return self._scalar.drift(x[self.inner :], totals, q, p, time, self._stored(x))

    def outputs(
        self, x: np.ndarray, parameters: Parameters = None, time: float = 0.0
    ) -> tuple[list[float], list[float]]:
        """Values of the model's outputs and of the watched arguments, in the order of their declaration."""
        p = self.parameters if parameters is None else parameters
        return self._scalar.outputs(x[self.inner :], p, time, self.link_values(x))

    def report(
        self, x: np.ndarray, totals: np.ndarray, q: np.ndarray, time: float = 0.0
    ) -> tuple[tuple[list[float], list[float]], tuple[np.ndarray, np.ndarray]]:
        """(outputs, watched), drift: of `outputs` and `drift` at a state, with links computed once."""
        known = self._shown.take(time, x)
        if known is not None:
            return known, self.drift(x, totals, q, time=time)
        z, scalars, p = self.link_values(x), x[self.inner :], self.parameters
        shown = self._scalar.outputs(scalars, p, time, z)
        return shown, self._scalar.drift(scalars, totals, q, p, time, z)

    def show(self, x: np.ndarray, time: float) -> Outputs:
        """`outputs` at a state whose `report` will follow, which then does not compute them again."""
        shown = self.outputs(x, time=time)
        self._shown.put(time, x, shown)
        return shown

    def field_outputs(self, x: np.ndarray) -> list[np.ndarray]:
        """What Field.stored lists, of every cell (each (cells,)), at a state."""
        S, _, levels = self._divided(x)
        return [
            np.zeros(self.cells) + value for value in self._stencil.outputs(*self._layout.rows(S), *levels)
        ]


def compiled(model: Model) -> System | FieldSystem:
    """The generated functions of a Model, with or without a field."""
    return System(model) if model.field is None else FieldSystem(model)
