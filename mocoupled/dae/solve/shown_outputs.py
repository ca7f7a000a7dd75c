"""Outputs of states that an event has looked at, for the report on the same states when the march is over."""

from __future__ import annotations

import numpy as np

Outputs = tuple[list[float], list[float]]  # of the model, and the watched arguments
MOST = 4096  # states


class ShownOutputs:
    """Outputs by time [s] and state, at most MOST of them: the first ones; each is returned once."""

    def __init__(self) -> None:
        self._outputs: dict[tuple[float, bytes], Outputs] = {}

    def put(self, time: float, x: np.ndarray, outputs: Outputs) -> None:
        """Remember the outputs of a state."""
        if len(self._outputs) < MOST:
            self._outputs[time, x.tobytes()] = outputs

    def take(self, time: float, x: np.ndarray) -> Outputs | None:
        """The outputs of a state, which are then forgotten; None where they are not known."""
        return self._outputs.pop((time, x.tobytes()), None)
