"""The outgoing flux as a function inside the equations, of surface temperature and ln partial pressures."""

from __future__ import annotations

import math
import threading

import numpy as np

from ...dae.leaves.external import External, Number
from .emitter import Emitter
from .planck import HIGHEST

# ln of the highest partial pressure [Pa]: beyond, a step of the integrator has gone astray
HIGHEST_LN_P = math.log(1e13)


class _LastCall(threading.local):
    """The last arguments of a thread, with the value and the gradient there."""

    arguments: tuple[float, ...] | None = None
    value: float = math.nan
    gradient: tuple[float, ...] | None = None


def outgoing_flux(emitter: Emitter, name: str = "outgoing_flux") -> External:
    """The flux [W/m2] as a leaf of T [K] and the ln(p/Pa) of the gases, in the order of the emitter.

    NaN below the temperature of the stratosphere, above 6000 K, and above 1e13 Pa.
    Value and first derivatives are computed at most once for equal arguments in a thread: the equations call
    for each of them separately. NotImplementedError for higher derivatives: sources need none.
    """
    last = _LastCall()

    def at(orders: tuple[int, ...], arguments: tuple[float, ...]) -> float:
        wanted = _argument(orders)
        if last.arguments != arguments or (wanted is not None and last.gradient is None):
            last.value, last.gradient = _evaluated(emitter, arguments, wanted is not None)
            last.arguments = arguments
        if wanted is None or last.gradient is None:
            return last.value
        return last.gradient[wanted]

    def function(orders: tuple[int, ...], *arguments: Number) -> Number:
        if all(isinstance(argument, float) for argument in arguments):
            return at(orders, arguments)
        arrays = np.broadcast_arrays(*arguments)
        points = zip(*(array.reshape(-1).tolist() for array in arrays))
        values = np.array([at(orders, tuple(map(float, point))) for point in points])
        return values.reshape(arrays[0].shape) if arrays[0].ndim else float(values[0])

    return External(name, function, len(emitter.names) + 1)


def _argument(orders: tuple[int, ...]) -> int | None:
    """The argument of a first derivative; None for the value."""
    total = sum(orders)
    if total > 1:
        raise NotImplementedError(f"the outgoing flux has first derivatives only, not {orders}")
    return orders.index(1) if total else None


def _evaluated(
    emitter: Emitter, arguments: tuple[float, ...], gradient: bool
) -> tuple[float, tuple[float, ...] | None]:
    """The flux and, if requested, its derivatives."""
    T, *ln_p = arguments
    inside = emitter.around.stratosphere <= T <= HIGHEST and all(x <= HIGHEST_LN_P for x in ln_p)
    if not inside:
        return math.nan, (math.nan,) * len(arguments) if gradient else None
    result = emitter.emission(T, np.exp(ln_p), gradient)
    if result.by_T is None or result.by_ln_p is None:
        return result.flux.total, None
    return result.flux.total, (result.by_T, *result.by_ln_p.tolist())
