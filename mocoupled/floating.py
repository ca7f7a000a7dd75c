"""numpy's default handling of floating-point errors, whatever numpy.seterr the caller has set."""

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
