"""Floating point is as numpy has it by default, whatever numpy.seterr says where a function is called."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

import numpy as np

Given = ParamSpec("Given")
Answer = TypeVar("Answer")


def usual_floats(function: Callable[Given, Answer]) -> Callable[Given, Answer]:
    """The function, under numpy's default settings: an underflow to zero is no error."""

    @wraps(function)
    def inside(*given: Given.args, **named: Given.kwargs) -> Answer:
        with np.errstate(divide="warn", over="warn", under="ignore", invalid="warn"):
            return function(*given, **named)

    return inside
