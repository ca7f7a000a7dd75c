"""mocoupled: from a planet's volatile budget to its early atmosphere and its mantle, in one implicit system.

The names below load on first use, so that importing the package is fast.
"""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING

__version__ = "0.2.0.dev0"

_HOMES = {
    "Case": "case",
    "shipped_cases": "case",
    "equilibrium": "equilibria.equilibrium",
    "gas_equilibrium": "equilibria.gas",
    "buffering": "cumulates.buffering",
    "buffering_history": "cumulates.buffering_history",
    "run": "run",
    "sweep": "sweeps.sweep",
    "equilibrium_map": "sweeps.equilibrium_map",
    "resume": "run",
    "read": "results.output",
    "cite": "references",
    "InputError": "errors",
    "ConvergenceError": "errors",
    "MocoupledError": "errors",
    "CalibrationWarning": "results.calibration",
    "OmissionWarning": "results.omissions",
}
_ROOMS = ("melting",)  # modules that are part of the face: mocoupled.melting.ternary(...)
__all__ = ["__version__", *_HOMES, *_ROOMS]

if TYPE_CHECKING:
    from . import melting
    from .case import Case, shipped_cases
    from .cumulates.buffering import buffering
    from .cumulates.buffering_history import buffering_history
    from .equilibria.equilibrium import equilibrium
    from .equilibria.gas import gas_equilibrium
    from .errors import ConvergenceError, InputError, MocoupledError
    from .references import cite
    from .results.calibration import CalibrationWarning
    from .results.omissions import OmissionWarning
    from .results.output import read
    from .run import resume, run
    from .sweeps.equilibrium_map import equilibrium_map
    from .sweeps.sweep import sweep


def __getattr__(name: str):
    if name in _ROOMS:
        return import_module(f".{name}", __name__)
    if name not in _HOMES:
        raise AttributeError(f"module 'mocoupled' has no attribute {name!r}")
    return getattr(import_module(f".{_HOMES[name]}", __name__), name)


def __dir__():
    return sorted(__all__)


class _Face(ModuleType):
    """Keeps `mocoupled.run` the function: importing the file of the same name must not put the module in its place."""

    def __setattr__(self, name, value):
        if not (name in _HOMES and isinstance(value, ModuleType)):
            super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Face
