"""mocoupled: from a planet's volatile budget to its early atmosphere and its mantle, in one implicit system.

The public names load on first use, so that importing the package is fast.
A public name is added here, in _HOMES and in the list for type checkers, and in docs/library.md.
A file of this folder never has the name of a public function: importing it would replace the function.
Start reading with case.py (what a user specifies) and planet/assembly.py (how it becomes equations).
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from .version import __version__

# public name -> the module that defines it
_HOMES = {
    "Case": "case",
    "shipped_cases": "case",
    "equilibrium": "equilibria.planet_equilibrium",
    "gas_equilibrium": "equilibria.closed_equilibrium",
    "vapour": "equilibria.rock_vapour",
    "saturation_at_depth": "equilibria.melt_saturation",
    "planet_equilibrium": "equilibria.metal_equilibrium",
    "case_after_core_formation": "equilibria.after_core_formation",
    "outgoing_radiation": "radiation.outgoing",
    "escape": "equilibria.escape_fluxes",
    "profiles": "radiation.atmospheres",
    "buffering": "cumulates.static_buffering",
    "buffering_history": "cumulates.timed_buffering",
    "overturned_cumulates": "cumulates.decompression",
    "uncertainty": "inference.error_bars",
    "likelihood": "inference.likelihoods",
    "posterior": "inference.posteriors",
    "jax_equilibrium": "inference.jax_functions",
    "run": "runs.main_job",
    "sweep": "sweeps.many_cases",
    "equilibrium_map": "sweeps.maps",
    "resume": "runs.main_job",
    "read": "results.output",
    "cite": "provenance.references",
    "InputError": "errors",
    "ConvergenceError": "errors",
    "MocoupledError": "errors",
    "CalibrationWarning": "provenance.calibration",
    "OmissionWarning": "provenance.omissions",
}
# folders that are part of the face: mocoupled.melting.ternary(...)
_ROOMS = {"melting": "lower_mantle"}
__all__ = ["__version__", *_HOMES, *_ROOMS]

if TYPE_CHECKING:
    from . import lower_mantle as melting
    from .case import Case, shipped_cases
    from .cumulates.decompression import overturned_cumulates
    from .cumulates.static_buffering import buffering
    from .cumulates.timed_buffering import buffering_history
    from .equilibria.after_core_formation import case_after_core_formation
    from .equilibria.closed_equilibrium import gas_equilibrium
    from .equilibria.escape_fluxes import escape
    from .equilibria.melt_saturation import saturation_at_depth
    from .equilibria.metal_equilibrium import planet_equilibrium
    from .equilibria.planet_equilibrium import equilibrium
    from .equilibria.rock_vapour import vapour
    from .errors import ConvergenceError, InputError, MocoupledError
    from .inference.error_bars import uncertainty
    from .inference.jax_functions import jax_equilibrium
    from .inference.likelihoods import likelihood
    from .inference.posteriors import posterior
    from .provenance.calibration import CalibrationWarning
    from .provenance.omissions import OmissionWarning
    from .provenance.references import cite
    from .radiation.atmospheres import profiles
    from .radiation.outgoing import outgoing_radiation
    from .results.output import read
    from .runs.main_job import resume, run
    from .sweeps.many_cases import sweep
    from .sweeps.maps import equilibrium_map


def __getattr__(name: str) -> object:
    if name in _ROOMS:
        return import_module(f".{_ROOMS[name]}", __name__)
    if name not in _HOMES:
        raise AttributeError(f"module 'mocoupled' has no attribute {name!r}")
    return getattr(import_module(f".{_HOMES[name]}", __name__), name)


def __dir__() -> list[str]:
    return sorted(__all__)
