"""The distance from iron-wustite, by the buffer that a law was calibrated with."""

from __future__ import annotations

from collections.abc import Mapping

import sympy

from ..constants import BAR
from .elementary import levelled
from .law_types import IronWustite
from .redox import DEFAULT_IRON_WUSTITE, HIGHEST_PRESSURE, above_buffer
from .registry import find


def buffer_of(buffer: IronWustite | None) -> str:
    """Name of the buffer's law; ONeillEggins2002 for a law that names none."""
    return buffer.name if buffer is not None else DEFAULT_IRON_WUSTITE


def distance(buffer: IronWustite | None, state: Mapping[str, sympy.Expr]) -> sympy.Expr:
    """log10 fO2 less that of iron-wustite at a state: T [K], ln_fO2 (of bar) and, where needed, P [Pa].

    buffer: `iron_wustite` of a law; None takes ONeillEggins2002 at 1 bar.
    A buffer at the total pressure levels off at the end of its range, far beyond that of any law:
    a step of the solver that goes astray must not meet the polynomial's far side.
    At 2 GPa that is 1e-9 of the pressure.
    """
    chosen = buffer or IronWustite(DEFAULT_IRON_WUSTITE)
    P = BAR
    if chosen.total_pressure:
        highest = find("buffer", chosen.name).ranges.get("P", (BAR, HIGHEST_PRESSURE))[1]
        P = levelled(state["P"], highest)
    return above_buffer(chosen.name, T=state["T"], ln_fO2=state["ln_fO2"], P=P)
