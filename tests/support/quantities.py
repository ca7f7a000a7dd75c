"""Values with units as other libraries have them: pint, astropy, unyt."""

from decimal import Decimal

import numpy as np
import pint

UNITS = pint.UnitRegistry()  # another registry than the library's
Q = UNITS.Quantity
DECIMAL_QUANTITY = pint.UnitRegistry(non_int_type=Decimal).Quantity


class Astro:
    """A quantity as of astropy: `unit` and `value`, and an array for numpy."""

    def __init__(self, value, unit):
        self.value, self.unit = value, unit

    def __array__(self, *_, **__):
        return np.asarray(self.value)


class Metric(np.ndarray):
    """An array with `units`, as of unyt."""


def metric(values, units):
    """An array with the attribute `units`."""
    array = np.asarray(values, dtype=float).view(Metric)
    array.units = units
    return array
