"""What the two forms of the kernel's text share: a function, the nodes it computes, names of functions."""

from __future__ import annotations

from collections.abc import Container, Iterable
from dataclasses import dataclass, field

import sympy

from ..generate.python_module import identifier
from ..leaves.external import LeafBase
from .nodes import Argument
from .operations import COMPARISONS, ONE, Tape

LOGICAL = {"logical_and": "and", "logical_or": "or"}  # numpy's name -> Python's word
BOOLEAN = (*COMPARISONS.values(), *LOGICAL)
# sympy's name -> numpy's, math's
NAMES = {"Abs": ("absolute", "fabs")} | {
    name: (name, name) for name in ("tanh", "cosh", "sinh", "sin", "cos")
}


@dataclass(frozen=True)
class Function:
    """Lines of one function; registers: rows of workspace it uses; called: name -> leaf that it calls."""

    lines: list[str]
    registers: int = 0
    called: dict[str, type[LeafBase]] = field(default_factory=dict)


def plan(tape: Tape, roots: Iterable[int], hoisted: Container[int]) -> list[int]:
    """The nodes to compute, in order: those behind the roots that are neither hoisted nor arguments."""
    return [
        i
        for i in tape.order(roots, hoisted)
        if i != ONE and i not in hoisted and not isinstance(tape.nodes[i], Argument)
    ]


def function_name(function: type[sympy.Function], module: str, called: dict[str, type[LeafBase]]) -> str:
    """The name of a function in the text for module "numpy" or "math"; a leaf is added to `called`.

    ValueError for a function that the module lacks.
    """
    if issubclass(function, LeafBase):
        name = identifier(function.__name__)
        called[name] = function
        return name
    if function.__name__ not in NAMES:
        raise ValueError(f"the function {function.__name__} has no counterpart in a kernel")
    in_numpy, in_math = NAMES[function.__name__]
    return f"numpy.{in_numpy}" if module == "numpy" else f"math.{in_math}"
