"""scipy's BDF with a Jacobian that belongs to the step which uses it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.integrate import BDF
from scipy.linalg.lapack import dgetrf, dgetrs
from scipy.sparse import issparse

NEWTON_SHARE = 10.0  # times scipy's own tolerance of Newton's iteration, sqrt(rtol) of the permitted error
LARGEST_SHARE = 0.03  # of the permitted error; scipy has the same bound


class _Shortened(Exception):
    """The step was shortened after its Jacobian had been evaluated; `time` is its new end."""

    def __init__(self, time):
        self.time = time


class FreshBDF(BDF):
    """BDF that evaluates the Jacobian anew whenever it must factorize anew.

    scipy's keeps an old Jacobian while Newton's iteration converges, and evaluates it once a step if not: at a predicted
    state that may be far off. When the step is then halved, it keeps that one for every further attempt, so that near a
    front a step can shrink a thousandfold before Newton's iteration converges. Here each length of a step that is tried has
    the Jacobian of its own predicted state. Newton's iteration ends at NEWTON_SHARE times scipy's tolerance, which with the
    closer Jacobian is as accurate. Arguments as of scipy's, of which `jac` must be a function.
    """

    def __init__(
        self,
        fun: Callable,
        t0: float,
        y0: np.ndarray,
        t_bound: float,
        *,
        jac: Callable,
        rtol: float,
        **options,
    ):
        self._evaluated = None  # where the Jacobian of the step in hand was evaluated, if it was

        def watched(t, y):
            if self._evaluated is not None and t != self._evaluated:
                raise _Shortened(t)
            return fun(t, y)

        def noted(t, y):
            self._evaluated = t
            return jac(t, y)

        super().__init__(watched, t0, y0, t_bound, jac=noted, rtol=rtol, **options)
        self._jacobian = self.jac
        if not issparse(
            self.J
        ):  # LAPACK's routines as scipy.linalg calls them, without its checks: as long as the solution itself
            self.lu, self.solve_lu = self._factorize, lambda factors, b: dgetrs(*factors, b)[0]
        self.newton_tol = max(self.newton_tol, min(LARGEST_SHARE, NEWTON_SHARE * self.newton_tol))

    def _step_impl(self):
        self._evaluated = None
        if self.LU is None:
            self._refresh(self.t + self.h_abs)
        while True:
            self.jac = (
                self._jacobian if self._evaluated is None else None
            )  # None: scipy takes the Jacobian for exact
            try:
                return super()._step_impl()
            except _Shortened as new:  # the differences D were rescaled in place
                self.h_abs = new.time - self.t
                self.n_equal_steps = 0
                self._refresh(new.time)
            finally:
                self.jac = self._jacobian

    def _factorize(self, matrix):
        self.nlu += 1
        factors, pivots, _ = dgetrf(
            matrix, overwrite_a=True
        )  # a singular one makes the update infinite: the step is shortened
        return factors, pivots

    def _refresh(self, time):
        """Take the Jacobian of the predicted state at `time`, the end of the step in hand."""
        predicted = np.sum(self.D[: self.order + 1], axis=0)
        self._evaluated = None
        self.J = self._jacobian(time, predicted)
        self.LU = None
