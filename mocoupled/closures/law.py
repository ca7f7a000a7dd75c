"""Law: a published closure with its unit, valid range and reference; and the one registry of them."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import Any

from ..errors import InputError, nearest
from .law_call import call, check_declaration


@dataclass(frozen=True)
class Law:
    """One published relation, written once.

    kind, name: the key under which the registry holds it, e.g. ("buffer", "ONeillEggins2002").
    unit: unit of the result, as text; every argument is SI.
    reference: paper with table or equation.
    function: called with keyword arguments (sympy expressions or numbers); unknown keywords are ignored.
    ranges: argument name -> (low, high) of the calibration, SI; outside it the law is computed and recorded.
    attributes: anything else a reader needs (family of a buffer, species of a solubility law, conditions).
    """

    kind: str
    name: str
    unit: str
    reference: str
    function: Callable[..., Any]
    ranges: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    attributes: Mapping[str, Any] = field(default_factory=dict)

    def __call__(self, **arguments):
        """The law's value: a sympy expression for symbols, a number for numbers; InputError where its function fails on them."""
        return call(self, arguments)

    @property
    def arguments(self) -> tuple[str, ...]:
        """Names of the arguments the law really uses."""
        if "arguments" in self.attributes:
            return tuple(self.attributes["arguments"])
        kinds = (inspect.Parameter.KEYWORD_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
        return tuple(n for n, p in inspect.signature(self.function).parameters.items() if p.kind in kinds)

    @cached_property
    def _compiled(self):
        import sympy

        symbols = [sympy.Symbol(name, real=True) for name in self.arguments]
        expression = self(**dict(zip(self.arguments, symbols)))
        return sympy.lambdify(symbols, expression, modules="numpy", cse=True)

    def evaluate(self, **values):
        """The law on numbers or numpy arrays (SI, broadcast), from the same expression as the solver's."""
        lacking = [name for name in self.arguments if name not in values]
        if lacking:
            problem = f"its argument {', '.join(lacking)} is missing."
            raise InputError(
                f"law {self.kind} {self.name!r}",
                problem,
                f"its arguments: {', '.join(self.arguments)}",
                nearest(lacking[0], [v for v in values if v not in self.arguments]),
            )
        return self._compiled(*(values[name] for name in self.arguments))

    @property
    def doc(self) -> str:
        """The law's docstring on one line."""
        return " ".join((self.function.__doc__ or "").split())


_registry: dict[tuple[str, str], Law] = {}


def law(
    kind: str, name: str, *, unit: str, reference: str, attributes: Mapping[str, Any] | None = None, **ranges
):
    """Register the decorated function as Law (kind, name); other keywords are ranges: T=(1473, 1473)."""

    def register(function) -> Law:
        if (kind, name) in _registry:
            raise ValueError(f"law {kind} {name} is declared twice")
        found = Law(
            kind,
            name,
            unit,
            reference,
            function,
            MappingProxyType(ranges),
            MappingProxyType(dict(attributes or {})),
        )
        check_declaration(found)
        _registry[kind, name] = found
        return found

    return register


def names(kind: str) -> tuple[str, ...]:
    """Names of the registered laws of a kind, sorted."""
    return tuple(sorted(n for k, n in _registry if k == kind))


def registered() -> tuple[Law, ...]:
    """Every law of the registry, by kind and name: those of the modules imported so far, and a user's own."""
    return tuple(_registry[key] for key in sorted(_registry))


def find(kind: str, name: str, where: str = "") -> Law:
    """The registered law, or an InputError that lists the known names; `where` is the place in the user's input."""
    try:
        return _registry[kind, name]
    except KeyError:
        raise InputError(
            where or f"{kind} = {name!r}",
            f"no {kind} law has this name.",
            f"known: {', '.join(names(kind)) or 'none'}",
            nearest(name, names(kind)),
        ) from None
