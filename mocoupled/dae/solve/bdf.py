"""scipy's BDF with a Jacobian that belongs to the step which uses it, and scipy's private names in use.

scipy's BDF stays the integrator.
Its public face allows neither what FreshBDF changes nor a checkpoint between two steps.
This file and march_state.py therefore use private attributes. PRIVATE is the list of all of them.
pyproject.toml caps scipy at the newest version (TESTED) that has passed
tests/unit/dae/test_scipy_internals.py.
For a newer scipy: run that test; adapt the names that it lists, here and in march_state.py; raise TESTED and
the cap.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.integrate import BDF
from scipy.linalg.lapack import dgetrf, dgetrs
from scipy.sparse import csc_matrix, issparse
from scipy.sparse.linalg import SuperLU

TESTED = "1.17"  # newest scipy whose BDF has the private names below
NEWTON_SHARE = 10.0  # times scipy's tolerance of Newton's iteration, sqrt(rtol) of the permitted error
LARGEST_SHARE = 0.03  # of the permitted error; scipy has the same bound

Factors = tuple[np.ndarray, np.ndarray]  # of a dense matrix, and the pivots
Jacobian = Callable[[float, np.ndarray], np.ndarray | csc_matrix]


@dataclass(frozen=True)
class Private:
    """A name of scipy's BDF that is used here although it is private or undocumented.

    kind: "number", "integer", "array", "matrix" (array or sparse), "function", or "factors".
    Factors are a pair of arrays, SuperLU or None.
    shape: of an array or matrix for n unknowns, as text; "" else.
    stored: whether a checkpoint stores it.
    """

    name: str
    kind: str
    meaning: str
    shape: str = ""
    stored: bool = False


PRIVATE = (
    Private("t", "number", "time after the last step", stored=True),
    Private("t_old", "number", "time before the last step, None before the first", stored=True),
    Private("y", "array", "state after the last step", "n", stored=True),
    Private("D", "array", "differences of the interpolating polynomial", "8, n", stored=True),
    Private("h_abs", "number", "size of the next step", stored=True),
    Private("order", "integer", "order of the next step", stored=True),
    Private("n_equal_steps", "integer", "steps since the last change of size", stored=True),
    Private("nfev", "integer", "number of rates computed", stored=True),
    Private("njev", "integer", "number of Jacobians computed", stored=True),
    Private("nlu", "integer", "number of factorizations", stored=True),
    Private("J", "matrix", "Jacobian in use", "n, n", stored=True),
    Private("LU", "factors", "lu(I - c J), None where it must be computed anew", stored=True),
    Private("jac", "function", "Jacobian as function(t, y); None: J is taken for exact"),
    Private("fun", "function", "rates as function(t, y), which also counts"),
    Private("lu", "function", "factors of a matrix"),
    Private("solve_lu", "function", "solution from factors and a right-hand side"),
    Private("newton_tol", "number", "tolerance of Newton's iteration"),
    Private("_step_impl", "function", "one step: (success, message)"),
)
# attributes that no step changes, or that BDF does not read between steps
CONSTANT = frozenset(
    ["_fun", "fun_single", "fun_vectorized", "vectorized", "n", "direction", "t_bound", "max_step", "rtol"]
    + ["atol", "I", "alpha", "gamma", "error_const", "jac_factor", "h_abs_old", "error_norm_old", "status"]
)


def internals_changed(solver: BDF) -> list[str]:
    """What is different in this scipy's BDF from what this package relies on, one sentence each."""
    sentences = []
    for private in PRIVATE:
        if not hasattr(solver, private.name):
            sentences.append(f"BDF.{private.name} ({private.meaning}) is missing")
        elif not _is(getattr(solver, private.name), private, len(solver.y)):
            shape = f" of shape ({private.shape})" if private.shape else ""
            sentences.append(f"BDF.{private.name} ({private.meaning}) is no {private.kind}{shape}")
    return sentences


def new_attributes(solver: BDF) -> list[str]:
    """Attributes of a scipy BDF that are neither in PRIVATE nor in CONSTANT: a checkpoint may lack them."""
    return sorted(set(vars(solver)) - {private.name for private in PRIVATE} - CONSTANT)


def _is(value: object, private: Private, n: int) -> bool:
    """Whether a value is of the kind and shape of a private attribute for n unknowns."""
    shape = tuple(n if size == "n" else int(size) for size in private.shape.split(", ") if size)
    match private.kind:
        case "number":
            return value is None or isinstance(value, (int, float, np.floating))
        case "integer":
            return isinstance(value, (int, np.integer))
        case "array":
            return isinstance(value, np.ndarray) and value.shape == shape
        case "matrix":
            matrix = isinstance(value, np.ndarray) or issparse(value)
            return matrix and getattr(value, "shape", None) == shape
        case "factors":
            return (
                value is None or isinstance(value, SuperLU) or (isinstance(value, tuple) and len(value) == 2)
            )
        case _:
            return callable(value) or (private.name == "jac" and value is None)


class _Shortened(Exception):
    """The step was shortened after its Jacobian had been evaluated; `time` is its new end."""

    def __init__(self, time: float) -> None:
        self.time = time


class FreshBDF(BDF):
    """BDF that evaluates the Jacobian anew whenever it must factorize anew.

    scipy's BDF keeps an old Jacobian while Newton's iteration converges.
    Otherwise it evaluates the Jacobian once a step, at a predicted state that may be far from the solution.
    When the step is then halved, it keeps that Jacobian for every further attempt.
    Near a front a step can thus shrink a thousandfold before Newton's iteration converges.
    Here each length of a step that is tried has the Jacobian of its predicted state.
    Newton's iteration ends at NEWTON_SHARE times scipy's tolerance.
    The result may be more or less accurate than with scipy's tolerance.
    In the table below the error is 9 times smaller in one case, and 2.5 times larger in the other.

    What it gains, measured by validation/benchmarks/fresh_jacobian.py against scipy's BDF as it is
    (processor time of the march; error: of the time of the end, against a tolerance 10 times smaller):

    ======  =========  =====  ======  =========  ==============  =====  ======
    case    BDF        steps  rates   Jacobians  factorizations  time   error
    ======  =========  =====  ======  =========  ==============  =====  ======
    E1      scipy's    732    3510    416        1085            1.9 s  9e-6
    E1      FreshBDF   345    1310    322        369             0.9 s  1e-6
    earth   scipy's    4320   18937   2314       4820            14 s   8e-6
    earth   FreshBDF   2933   11169   2272       2447            8.8 s  2e-5
    ======  =========  =====  ======  =========  ==============  =====  ======

    Arguments as of scipy's BDF, of which `jac` must be a function.
    """

    t: float
    y: np.ndarray
    D: np.ndarray
    h_abs: float
    order: int
    n_equal_steps: int
    nlu: int
    J: np.ndarray | csc_matrix
    LU: Factors | SuperLU | None
    jac: Jacobian | None
    lu: Callable[..., Factors | SuperLU]
    solve_lu: Callable[..., np.ndarray]
    newton_tol: float

    def __init__(
        self,
        fun: Callable[[float, np.ndarray], np.ndarray],
        t0: float,
        y0: np.ndarray,
        t_bound: float,
        *,
        jac: Jacobian,
        rtol: float,
        atol: float | np.ndarray,
        first_step: float | None = None,
    ) -> None:
        # where the Jacobian of the present step was evaluated, if it was
        self._evaluated: float | None = None

        def rate(t: float, y: np.ndarray) -> np.ndarray:
            """The rate; it ends an attempt whose step has become another one since its Jacobian."""
            if self._evaluated is not None and t != self._evaluated:
                raise _Shortened(t)
            return fun(t, y)

        def evaluated(t: float, y: np.ndarray) -> np.ndarray | csc_matrix:
            """The Jacobian; its time is noted."""
            self._evaluated = t
            return jac(t, y)

        super().__init__(rate, t0, y0, t_bound, jac=evaluated, rtol=rtol, atol=atol, first_step=first_step)
        if self.jac is None:
            raise TypeError("the Jacobian must be a function")
        if not internals_changed(self):
            self.D[2:] = 0.0  # scipy leaves them as the memory was; a checkpoint stores them
        self._jacobian: Jacobian = self.jac
        if not issparse(self.J):
            # LAPACK's routines as scipy.linalg calls them; its checks take as long as the solution
            self.lu, self.solve_lu = self._factorize, _solve_factorized
        self.newton_tol = max(self.newton_tol, min(LARGEST_SHARE, NEWTON_SHARE * self.newton_tol))

    def _step_impl(self) -> tuple[bool, str | None]:
        self._evaluated = None
        if self.LU is None:
            self._refresh(self.t + self.h_abs)
        while True:
            # None: scipy takes the Jacobian for exact
            self.jac = self._jacobian if self._evaluated is None else None
            try:
                result: tuple[bool, str | None] = super()._step_impl()
                return result
            except _Shortened as new:  # the differences D were rescaled in place
                self.h_abs = new.time - self.t
                self.n_equal_steps = 0
                self._refresh(new.time)
            finally:
                self.jac = self._jacobian

    def _factorize(self, matrix: np.ndarray) -> Factors:
        self.nlu += 1
        # a singular matrix makes the update infinite: the step is shortened
        factors, pivots, _ = dgetrf(matrix, overwrite_a=True)
        return factors, pivots

    def _refresh(self, time: float) -> None:
        """Take the Jacobian of the predicted state at `time`, the end of the present step."""
        predicted = np.sum(self.D[: self.order + 1], axis=0)
        self._evaluated = None
        self.J = self._jacobian(time, predicted)
        self.LU = None


def _solve_factorized(factors: Factors, b: np.ndarray) -> np.ndarray:
    """x of A x = b from the factors of A."""
    x: np.ndarray = dgetrs(*factors, b)[0]
    return x
