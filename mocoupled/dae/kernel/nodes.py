"""The kinds of nodes on a tape: small operations on other nodes, each known by its number.

A node says by `inputs` from which nodes it is computed.
"""

from __future__ import annotations

from dataclasses import dataclass

import sympy

Terms = tuple[tuple[int, float], ...]


@dataclass(frozen=True, slots=True)
class One:
    """The number 1, node number 0 of every tape."""

    @property
    def inputs(self) -> tuple[int, ...]:
        """No nodes."""
        return ()


@dataclass(frozen=True, slots=True)
class Argument:
    """An entry of an argument of the generated functions: kind "u" (unknowns) or "p" (parameters)."""

    kind: str
    position: int

    @property
    def inputs(self) -> tuple[int, ...]:
        """No nodes."""
        return ()


@dataclass(frozen=True, slots=True)
class Sum:
    """Sum of c i over the terms (i, c)."""

    terms: Terms

    @property
    def inputs(self) -> tuple[int, ...]:
        """The nodes of the terms."""
        return tuple(i for i, _ in self.terms)


@dataclass(frozen=True, slots=True)
class Product:
    """Product of i**e over the factors (i, e); `lower` replaces it by multiplications of two."""

    factors: Terms

    @property
    def inputs(self) -> tuple[int, ...]:
        """The nodes of the factors."""
        return tuple(i for i, _ in self.factors)


@dataclass(frozen=True, slots=True)
class Times:
    """Product of two nodes."""

    a: int
    b: int

    @property
    def inputs(self) -> tuple[int, ...]:
        """Both factors."""
        return self.a, self.b


@dataclass(frozen=True, slots=True)
class Inverse:
    """1 / a."""

    a: int

    @property
    def inputs(self) -> tuple[int, ...]:
        """The divisor."""
        return (self.a,)


@dataclass(frozen=True, slots=True)
class Power:
    """a**exponent, with a numeric exponent."""

    a: int
    exponent: float

    @property
    def inputs(self) -> tuple[int, ...]:
        """The base."""
        return (self.a,)


@dataclass(frozen=True, slots=True)
class Exp:
    """exp(factor * a)."""

    a: int
    factor: float

    @property
    def inputs(self) -> tuple[int, ...]:
        """The exponent."""
        return (self.a,)


@dataclass(frozen=True, slots=True)
class Log:
    """Natural logarithm of a."""

    a: int

    @property
    def inputs(self) -> tuple[int, ...]:
        """The argument."""
        return (self.a,)


@dataclass(frozen=True, slots=True)
class Operation:
    """An operation by its name in numpy: a comparison, a logical one, a choice, an extremum, a magnitude."""

    name: str
    inputs: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Call:
    """A function of sympy's or an external leaf."""

    function: type[sympy.Function]
    inputs: tuple[int, ...]


Node = One | Argument | Sum | Product | Times | Inverse | Power | Exp | Log | Operation | Call
