"""The Debye function D3 of a lattice's heat, as numbers and as a function of sympy."""

from __future__ import annotations

from functools import cache

import numpy as np
import sympy
from numpy.typing import ArrayLike


def debye_integral(u: ArrayLike) -> np.ndarray:
    """Debye function D3(u) = 3/u^3 int_0^u t^3/(e^t - 1) dt of u > 0, array; error below 1e-14.

    Bernoulli series below u = 2, exponential series above: a library leaf, since sympy has no closed form.
    """
    u = np.asarray(u, dtype=float)
    small = u < 2.0
    if small.all():  # a series is computed only where some value needs it
        return np.asarray(_power_series(u))
    if not small.any():
        return np.asarray(_exponential_series(u))
    return np.where(small, _power_series(np.minimum(u, 2.0)), _exponential_series(np.maximum(u, 2.0)))


def _power_series(u: np.ndarray) -> np.ndarray:
    """D3 up to u = 2."""
    return np.polynomial.polynomial.polyval(u * u, _bernoulli()) - 0.375 * u


def _exponential_series(u: np.ndarray) -> np.ndarray:
    """D3 from u = 2 on."""
    decay, inverse = np.exp(-u), 1.0 / u
    sums = np.polynomial.polynomial.polyval(decay, _EXPONENTIAL)  # all four at once: (4, ...)
    tail = sum(row * inverse**power for power, row in enumerate(sums))
    return (np.pi**4 / 5.0) * inverse**3 - tail


# D3 = 1 - 3u/8 + 3 sum_k B_2k u^2k/((2k+3)(2k)!), convergent for u < 2 pi
@cache
def _bernoulli() -> np.ndarray:
    terms = (3 * sympy.bernoulli(2 * n) / ((2 * n + 3) * sympy.factorial(2 * n)) for n in range(1, 17))
    return np.array([1.0, *map(float, terms)])


# D3 = pi^4/(5u^3) - 3 sum_k e^-ku [1/k + 3/(k^2 u) + 6/(k^3 u^2) + 6/(k^4 u^3)]
_ORDERS = np.arange(1.0, 20.0)
_EXPONENTIAL = np.array(
    [
        np.concatenate([[0.0], 3.0 * weight / _ORDERS**power])
        for power, weight in ((1, 1.0), (2, 3.0), (3, 6.0), (4, 6.0))
    ]
).T  # (powers of e^-u, powers of 1/u)


class DebyeFunction(sympy.Function):
    """D3 in an expression: it has its derivative, and its numbers by `debye_integral` when compiled."""

    nargs = 1
    _imp_ = staticmethod(debye_integral)

    def fdiff(self, argindex: int = 1) -> sympy.Expr:
        """dD3/du, for sympy."""
        u = self.args[0]
        return 3 / (sympy.exp(u) - 1) - 3 * self / u
