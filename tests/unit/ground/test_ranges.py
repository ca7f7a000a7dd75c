"""The ends of a range are allowed, and nothing beyond them: in a number and in an array."""

import math

import numpy as np
import pytest

from mocoupled.broadcasting import check_range
from mocoupled.errors import InputError

INSIDE = [1.0, 1.5, 2.0]
OUTSIDE = [np.nextafter(1.0, 0.0), np.nextafter(2.0, 3.0), math.nan, math.inf, -math.inf]


@pytest.mark.parametrize("value", INSIDE)
def test_the_ends_are_allowed(value):
    check_range("temperature", value, 1.0, 2.0, "K")
    check_range("temperature", np.array([1.0, value, 2.0]), 1.0, 2.0, "K")


@pytest.mark.parametrize("value", OUTSIDE)
def test_what_is_beyond_is_refused_with_its_place(value):
    with pytest.raises(InputError, match="allowed: 1 to 2 K"):
        check_range("temperature", float(value), 1.0, 2.0, "K")
    with pytest.raises(InputError, match="at point 1"):
        check_range("temperature", np.array([1.0, value, 2.0]), 1.0, 2.0, "K")
    with pytest.raises(InputError, match="at point 7"):
        check_range("temperature", np.array([1.0, value]), 1.0, 2.0, "K", places=[3, 7])
