"""Milestones of a run: when each condensate begins to form, and when the last of it is gone."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from ..dae.solve.field_system import FieldSystem
from ..dae.solve.integrate import Event
from ..dae.solve.system import System
from ..results.condensates import BEGINS, ENDS, FAMILIAR

# of the unknowns of condensates: s[name] is above 0 where the condensate is there
UNKNOWN = "s["


def condensate_events(system: System | FieldSystem) -> Iterator[Event]:
    """Begin and end of each condensate; nothing where there are graphite and water alone."""
    names = [u.name[len(UNKNOWN) : -1] for u in system.model.unknowns if u.name.startswith(UNKNOWN)]
    if not set(names) - set(FAMILIAR):
        return
    for name in names:
        there = system.state_value(f"{UNKNOWN}{name}]")
        yield Event(f"{name} {BEGINS}", f"{name} begins to form.", _signed(there, -1.0), ends=False)
        yield Event(f"{name} {ENDS}", f"The last {name} is gone.", _signed(there, 1.0), ends=False)


def _signed(value: Callable[[np.ndarray], float], sign: float) -> Callable[[float, np.ndarray], float]:
    return lambda t, x: sign * value(x)
