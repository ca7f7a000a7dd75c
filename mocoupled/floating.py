"""Floating point is as numpy has it by default, whatever numpy.seterr says where a function is called."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

import numpy as np

Arguments = ParamSpec("Arguments")
Answer = TypeVar("Answer")


def usual_floats(function: Callable[Arguments, Answer]) -> Callable[Arguments, Answer]:
    """The function, under numpy's default settings: an underflow to zero is no error."""

    @wraps(function)
    def inside(*positional: Arguments.args, **named: Arguments.kwargs) -> Answer:
        with np.errstate(divide="warn", over="warn", under="ignore", invalid="warn"):
            return function(*positional, **named)

    return inside
