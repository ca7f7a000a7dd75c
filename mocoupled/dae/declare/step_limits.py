"""What a Newton step may do to an unknown: its largest change, its kink and its upper bound (see Unknown).

Limits serves a vector of unknowns at one state; UnknownLimit serves one unknown at many points.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from .model import Unknown


@dataclass(frozen=True)
class Limits:
    """Limits of a vector of unknowns, each an array (unknowns,): see Unknown."""

    steps: np.ndarray
    kinks: np.ndarray
    highs: np.ndarray
    scales: np.ndarray

    @cached_property
    def _kinked(self) -> bool:
        return not np.isnan(self.kinks).all()

    def of(self, which: np.ndarray) -> Limits:
        """The limits of some of the unknowns."""
        return Limits(self.steps[which], self.kinks[which], self.highs[which], self.scales[which])

    def shortened(self, step: np.ndarray, clamp: float = 1.0) -> np.ndarray:
        """The step times one factor, at most 1, which keeps every change below clamp * steps."""
        allowed = clamp * self.steps
        return step * min(1.0, float((allowed / np.maximum(np.abs(step), 1e-300)).min(initial=np.inf)))

    def moved(self, x: np.ndarray, step: np.ndarray) -> np.ndarray:
        """x + step; an unknown that would cross its kink or its upper bound stops there."""
        after = np.minimum(x + step, self.highs)
        if not self._kinked:
            return after
        return np.where((x - self.kinks) * (after - self.kinks) < 0, self.kinks, after)


def limits(unknowns: Sequence[Unknown]) -> Limits:
    """The limits of the unknowns, in their order."""

    def column(values: Sequence[float | None], absent: float) -> np.ndarray:
        """One limit of all unknowns, with `absent` for None."""
        return np.array([absent if value is None else value for value in values], dtype=float)

    return Limits(
        column([u.step for u in unknowns], np.inf),
        column([u.kink for u in unknowns], np.nan),
        column([u.high for u in unknowns], np.inf),
        column([u.scale for u in unknowns], 1.0),
    )


class UnknownLimit:
    """The steps of one unknown with a kink or an upper bound, limited independently of the others."""

    def __init__(self, unknown: Unknown) -> None:
        self.step = math.inf if unknown.step is None else unknown.step
        self.kink = math.nan if unknown.kink is None else unknown.kink
        self.high = math.inf if unknown.high is None else unknown.high

    def subtract(self, values: np.ndarray, step: np.ndarray) -> None:
        """values - step in place (points,).

        Steps are clipped, in place too. A value stops at the kink where it would cross it, and at the bound.
        """
        np.clip(step, -self.step, self.step, out=step)
        before = values - self.kink
        np.subtract(values, step, values)
        np.minimum(values, self.high, out=values)
        np.multiply(before, values - self.kink, before)
        values[before < 0] = self.kink

    def moved(self, before: float, step: float, shrink: float) -> float:
        """before + step for a single number, with its largest step shortened by `shrink`."""
        most = self.step * shrink
        after = min(before + max(-most, min(step, most)), self.high)
        return self.kink if (before - self.kink) * (after - self.kink) < 0 else after
