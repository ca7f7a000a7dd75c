"""The outgoing flux as a function inside the equations, of surface temperature and ln partial pressures."""

from __future__ import annotations

import math
import threading

import numpy as np

from ...dae.leaves.external import External, Number
from .emitter import Emission, Emitter
from .planck import HIGHEST

# ln of the highest partial pressure [Pa]: beyond, a step of the integrator has gone astray
HIGHEST_LN_P = math.log(1e13)
REMEMBERED = 4096  # values of a thread


class _LastCall(threading.local):
    """The last arguments of a thread, with the emission (None: outside the range) and the gradient there.

    values: of former arguments of the thread, since a state that was accepted is needed again.
    """

    arguments: tuple[float, ...] | None = None
    emission: Emission | None = None
    gradient: tuple[float, ...] | None = None

    def __init__(self) -> None:
        self.values: dict[tuple[float, ...], float] = {}


def outgoing_flux(emitter: Emitter, name: str = "outgoing_flux", stratosphere: bool = False) -> External:
    """The flux [W/m2] as a leaf of T [K] and the ln(p/Pa) of the gases, in the order of the emitter.

    stratosphere: whether its temperature [K] is one more argument, the last; else it is that of the emitter.
    NaN below the temperature of the stratosphere, above 6000 K, and above 1e13 Pa.
    Value and first derivatives are computed at most once for equal arguments in a thread: the equations call
    for each of them separately. NotImplementedError for higher derivatives: sources need none.
    """
    last = _LastCall()
    count = len(emitter.names) + 1

    def at(orders: tuple[int, ...], arguments: tuple[float, ...]) -> float:
        wanted = _argument(orders)
        if wanted is None and (known := last.values.get(arguments)) is not None:
            return known
        if last.arguments != arguments:
            cold = arguments[count] if stratosphere else emitter.around.stratosphere
            last.emission, last.gradient = _emission(emitter, arguments[:count], cold), None
            last.arguments = arguments
            if len(last.values) >= REMEMBERED:
                last.values.clear()
            last.values[arguments] = math.nan if last.emission is None else last.emission.flux.total
        if wanted is None:
            return last.values[arguments]
        if last.emission is None:
            return math.nan
        if wanted == count:
            return emitter.by_stratosphere(last.emission)
        if last.gradient is None:
            slopes = emitter.gradient(last.emission)
            last.gradient = (slopes.by_T, *slopes.by_ln_p.tolist())
        return last.gradient[wanted]

    def function(orders: tuple[int, ...], *arguments: Number) -> Number:
        numbers = tuple(argument for argument in arguments if isinstance(argument, float))
        if len(numbers) == len(arguments):
            return at(orders, numbers)
        arrays = np.broadcast_arrays(*arguments)
        points = zip(*(array.reshape(-1).tolist() for array in arrays))
        values = np.array([at(orders, tuple(map(float, point))) for point in points])
        return values.reshape(arrays[0].shape) if arrays[0].ndim else float(values[0])

    return External(name, function, count + stratosphere, costly=True)


def _argument(orders: tuple[int, ...]) -> int | None:
    """The argument of a first derivative; None for the value."""
    total = sum(orders)
    if total > 1:
        raise NotImplementedError(f"the outgoing flux has first derivatives only, not {orders}")
    return orders.index(1) if total else None


def _emission(emitter: Emitter, arguments: tuple[float, ...], stratosphere: float) -> Emission | None:
    """The emission at these T [K] and ln(p/Pa), None outside the range. stratosphere [K]: its temperature."""
    T, *ln_p = arguments
    if not stratosphere <= T <= HIGHEST or not all(x <= HIGHEST_LN_P for x in ln_p):
        return None
    return emitter.emission(T, np.exp(ln_p), stratosphere)
