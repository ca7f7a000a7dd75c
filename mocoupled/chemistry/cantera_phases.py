"""Cantera's phases of a mechanism's species: a copy for each thread, because a phase has a state."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Hashable, Sequence
from typing import TYPE_CHECKING

from .records import Mechanism, RawTable
from .stoichiometry import formula_matrix

if TYPE_CHECKING:
    import cantera

# Number of Cantera's phases that a thread keeps.
PHASES = 256

_phases = threading.local()


def gas_phase(mechanism: Mechanism, names: tuple[str, ...]) -> cantera.Solution:
    """Cantera's ideal gas of these species only, with the data and atomic weights of the file."""
    return _of_this_thread(("gas", mechanism, names), lambda: _phase(mechanism, "ideal-gas", names))


def condensed_phase(mechanism: Mechanism, name: str, volume: bool) -> cantera.Solution:
    """Cantera's pure phase of a condensate.

    volume: whether it is the phase of the file, with its volume, or one without (free energy as at 1 bar).
    """

    def make() -> cantera.Solution:
        import cantera as ct

        if volume:
            phase = next(phase for phase, names in mechanism.phases.items() if name in names)
            return ct.Solution(str(mechanism.path), phase)
        no_volume = {"model": "constant-volume", "molar-volume": 1e-30}
        return _phase(mechanism, "fixed-stoichiometry", (name,), no_volume)

    return _of_this_thread(("condensed", mechanism, name, volume), make)


def _of_this_thread(key: Hashable, make: Callable[[], cantera.Solution]) -> cantera.Solution:
    """This thread's phase of that key, made when it is first needed; the last ones used are kept."""
    kept = _phases.__dict__.setdefault("kept", {})
    phase = kept.pop(key) if key in kept else make()
    kept[key] = phase
    if len(kept) > PHASES:
        del kept[next(iter(kept))]
    return phase


def _phase(
    mechanism: Mechanism, thermo: str, names: Sequence[str], equation_of_state: RawTable | None = None
) -> cantera.Solution:
    """A phase of Cantera's model `thermo` with these species."""
    import cantera as ct

    elements, _ = formula_matrix(mechanism, names)
    entries = []
    for name in names:
        species = mechanism.species[name]
        atoms = {e: n if isinstance(n, int) else float(n) for e, n in species.composition.items()}
        entry: dict[str, object] = {"name": name, "composition": atoms, "thermo": dict(species.thermo)}
        if equation_of_state:
            entry["equation-of-state"] = equation_of_state
        entries.append(entry)
    weights = [{"symbol": e, "atomic-weight": 1000 * mechanism.atomic_weights[e]} for e in elements]
    phases = [{"name": "phase", "thermo": thermo, "elements": list(elements), "species": list(names)}]
    text = json.dumps({"elements": weights, "phases": phases, "species": entries})
    return ct.Solution(yaml=text, name="phase")
