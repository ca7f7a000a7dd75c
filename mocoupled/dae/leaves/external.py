"""Numerical functions inside the equations: leaves whose derivatives are leaves of higher order."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
import sympy


class LeafBase(sympy.Function):
    """Base of the functions that an External makes; their derivatives are leaves of higher order.

    (The name must end in Base for sympy's printers to find a method for it.)
    """

    external: "External"
    orders: tuple[int, ...]

    def fdiff(self, argindex=1):
        orders = list(self.orders)
        orders[argindex - 1] += 1
        return self.external.leaf(tuple(orders))(*self.args)


@dataclass(frozen=True)
class External:
    """A numerical function inside the equations (a spline, an equation of state).

    function(orders, *arguments) returns the partial derivative of the given orders, (0, …) being the value; it
    returns NaN outside its range, which makes the integrator shorten its step.
    """

    name: str
    function: Callable[..., float] = field(compare=False)
    arguments: int = 1
    _leaves: dict = field(default_factory=dict, compare=False, repr=False)

    def leaf(self, orders: tuple[int, ...]) -> type[LeafBase]:
        """The sympy function for the partial derivative of these orders (one class each, so that equal calls are equal)."""
        if orders not in self._leaves:
            name = "_".join([self.name, *map(str, orders)])
            body = {"external": self, "orders": orders, "nargs": self.arguments}
            self._leaves[orders] = type(name, (LeafBase,), body)
        return self._leaves[orders]

    def __call__(self, *arguments) -> sympy.Expr:
        return self.leaf((0,) * self.arguments)(*arguments)


def numeric(symbols: Sequence[sympy.Symbol], expressions) -> Callable:
    """Expressions, with their externals, as one function of numbers or numpy arrays for the symbols, in this order."""
    flat = expressions if isinstance(expressions, (list, tuple)) else [expressions]
    leaves = {f.func.__name__: _called(f.func) for e in flat for f in sympy.sympify(e).atoms(LeafBase)}
    return sympy.lambdify(symbols, expressions, modules=[leaves, "numpy"], cse=True)


def _called(leaf):
    return lambda *arguments: leaf.external.function(leaf.orders, *np.broadcast_arrays(*arguments))
