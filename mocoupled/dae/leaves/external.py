"""Numerical functions inside the equations: leaves whose derivatives are leaves of higher order."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import overload

import numpy as np
import sympy

Number = float | np.ndarray


class LeafBase(sympy.Function):
    """Base of the functions that an External makes; their derivatives are leaves of higher order.

    The name must end in Base: sympy's printers look for a method of that name.
    """

    external: External
    orders: tuple[int, ...]

    def fdiff(self, argindex: int = 1) -> sympy.Expr:
        """The derivative by argument number `argindex`, counted from 1: the leaf of the next order."""
        orders = list(self.orders)
        orders[argindex - 1] += 1
        return self.external.leaf(tuple(orders))(*self.args)


@dataclass(frozen=True)
class External:
    """A numerical function inside the equations (a spline, an equation of state).

    function(orders, *arguments) returns the partial derivative of the prescribed orders; (0, …) is the value.
    It returns NaN outside its range, which makes the integrator shorten its step.
    costly: whether its value takes longer than all the other equations: it is then not computed for a
    projection, where it stands in sources alone.
    """

    name: str
    function: Callable[..., Number] = field(compare=False)
    arguments: int = 1
    costly: bool = False
    _leaves: dict[tuple[int, ...], type[LeafBase]] = field(default_factory=dict, compare=False, repr=False)

    def leaf(self, orders: tuple[int, ...]) -> type[LeafBase]:
        """The sympy function for the partial derivative of these orders.

        There is one class for each `orders`, so that equal calls are equal expressions.
        """
        if orders not in self._leaves:
            name = "_".join([self.name, *map(str, orders)])
            body = {"external": self, "orders": orders, "nargs": self.arguments}
            self._leaves[orders] = type(name, (LeafBase,), body)
        return self._leaves[orders]

    def __call__(self, *arguments: sympy.Expr) -> sympy.Expr:
        return self.leaf((0,) * self.arguments)(*arguments)


def numerical(leaf: type[LeafBase]) -> Callable[..., Number]:
    """The function of numbers (or arrays) that stands behind a leaf."""
    return partial(leaf.external.function, leaf.orders)


@overload
def numeric(
    symbols: Sequence[sympy.Symbol], expressions: Sequence[sympy.Expr]
) -> Callable[..., list[Number]]: ...


@overload
def numeric(symbols: Sequence[sympy.Symbol], expressions: sympy.Expr) -> Callable[..., Number]: ...


def numeric(
    symbols: Sequence[sympy.Symbol], expressions: sympy.Expr | Sequence[sympy.Expr]
) -> Callable[..., Number | list[Number]]:
    """Expressions, with their externals, as one function of numbers or numpy arrays.

    The arguments of the function are the values of `symbols`, in this order.
    It returns one value for one expression, and a list for a sequence of expressions.
    """
    flat = expressions if isinstance(expressions, (list, tuple)) else [expressions]
    leaves = {f.func.__name__: _on_arrays(f.func) for e in flat for f in sympy.sympify(e).atoms(LeafBase)}
    return sympy.lambdify(symbols, expressions, modules=[leaves, "numpy"], cse=True)


def _on_arrays(leaf: type[LeafBase]) -> Callable[..., Number]:
    """The function behind a leaf for arguments that broadcast against each other."""
    function = numerical(leaf)

    def called(*arguments: Number) -> Number:
        return function(*np.broadcast_arrays(*arguments))

    return called
