"""The outgoing flux as a function inside the equations, of surface temperature and ln partial pressures."""

from __future__ import annotations

import math
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from ...dae.leaves.external import External, Number
from .emitter import Emission, Emitter
from .planck import HIGHEST

# ln of the highest partial pressure [Pa]: beyond, a step of the integrator has gone astray
HIGHEST_LN_P = math.log(1e13)
# of a thread: values, and emissions, which its Newton iterations come back to for their Jacobian
REMEMBERED, RECENT = 16384, 8
# further arguments
STRATOSPHERE, FACTOR = "stratosphere", "factor"


@dataclass(eq=False)
class _State:
    """The emission at some arguments (None: outside the range), and its gradient once it was needed."""

    emission: Emission | None
    gradient: tuple[float, ...] | None = None

    def slope(self, emitter: Emitter, argument: int, further: Sequence[str]) -> float:
        """The derivative by an argument: T [K], each ln(p/Pa), and the further ones, by their names."""
        if self.emission is None:
            return math.nan
        if self.gradient is None:
            slopes = emitter.gradient(self.emission)
            rest = {STRATOSPHERE: slopes.by_stratosphere, FACTOR: slopes.by_factor}
            self.gradient = (slopes.by_T, *slopes.by_ln_p.tolist(), *(rest[name] for name in further))
        return self.gradient[argument]


class _Memory(threading.local):
    """The last states of a thread by their arguments, and the values at many more.

    A state that was accepted is needed again when the result is written.
    """

    def __init__(self) -> None:
        self.states: dict[tuple[float, ...], _State] = {}
        self.values: dict[tuple[float, ...], float] = {}

    def add(self, arguments: tuple[float, ...], state: _State) -> None:
        """Remember a state in place of the oldest one."""
        for known, most in ((self.states, RECENT), (self.values, REMEMBERED)):
            if len(known) >= most:
                del known[next(iter(known))]
        self.states[arguments] = state
        self.values[arguments] = math.nan if state.emission is None else state.emission.flux.total


def outgoing_flux(emitter: Emitter, name: str = "outgoing_flux", further: tuple[str, ...] = ()) -> External:
    """The flux [W/m2] as a leaf of T [K] and the ln(p/Pa) of the gases, in the order of the emitter.

    further: STRATOSPHERE (its temperature [K]) or FACTOR (on the absorption) where they are arguments too,
    after the gases; else they are those of the emitter.
    NaN below the temperature of the stratosphere, above 6000 K, and above 1e13 Pa.
    Value and first derivatives are computed at most once for equal arguments among the last ones of a thread:
    the equations call for each of them separately. NotImplementedError for higher derivatives: sources need
    none.
    """
    memory = _Memory()
    count = len(emitter.names) + 1

    def at(orders: tuple[int, ...], arguments: tuple[float, ...]) -> float:
        wanted = _argument(orders)
        if wanted is None and (known := memory.values.get(arguments)) is not None:
            return known
        state = memory.states.get(arguments)
        if state is None:
            rest = dict(zip(further, arguments[count:]))
            cold = rest.get(STRATOSPHERE, emitter.around.stratosphere)
            state = _State(_emission(emitter, arguments[:count], cold, rest.get(FACTOR)))
            memory.add(arguments, state)
        return memory.values[arguments] if wanted is None else state.slope(emitter, wanted, further)

    def on_arrays(orders: tuple[int, ...], *arguments: Number) -> Number:
        arrays = np.broadcast_arrays(*arguments)
        points = zip(*(array.reshape(-1).tolist() for array in arrays))
        values = np.array([at(orders, tuple(map(float, point))) for point in points])
        return values.reshape(arrays[0].shape) if arrays[0].ndim else float(values[0])

    def function(orders: tuple[int, ...], *arguments: Number) -> Number:
        for argument in arguments:
            if not isinstance(argument, float):
                return on_arrays(orders, *arguments)
        return at(orders, arguments)  # type: ignore[arg-type]  # all are floats

    return External(name, function, count + len(further), costly=True)


@lru_cache(maxsize=256)
def _argument(orders: tuple[int, ...]) -> int | None:
    """The argument of a first derivative; None for the value."""
    total = sum(orders)
    if total > 1:
        raise NotImplementedError(f"the outgoing flux has first derivatives only, not {orders}")
    return orders.index(1) if total else None


def _emission(
    emitter: Emitter, arguments: tuple[float, ...], stratosphere: float, factor: float | None
) -> Emission | None:
    """The emission at these T [K] and ln(p/Pa), None outside the range. stratosphere [K]: its temperature.

    factor: on the absorption; None: that of the emitter.
    """
    T, *ln_p = arguments
    if not stratosphere <= T <= HIGHEST:
        return None
    for x in ln_p:
        if not x <= HIGHEST_LN_P:
            return None
    return emitter.emission(T, np.exp(ln_p), stratosphere, factor)
