"""The door to Cantera for atomic weights, and to mechanisms; the other, its minimisers, is chemistry/free_energy.py.

Temperatures in K, pressures in Pa, amounts in mol. What can be done with a mechanism without Cantera (reactions,
ln K) stands in chemistry/reactions.py and is handed on here under the same names; so is the finding of files (chemistry/mechanism_file.py).
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from ..errors import InputError
from .cantera_oracle import minimise_free_energy  # noqa: F401 (the same name is kept here)
from .mechanism import read
from .mechanism_file import find_mechanism, load, locate, shipped_folder, shipped_mechanisms, versions  # noqa: F401
from .reactions import (  # fmt: skip
    Mechanism,
)

# ---- reading


def read_mechanism(name_or_path: str | Path, where: str = "") -> Mechanism:
    """The mechanism of a shipped name or a path, read once per version of the file and of those it imports.

    "file.yaml:phase" takes the phase of this name for the gas; else it is the phase `gas`, or the first ideal gas.
    where: the place in the user's input, for errors. Raises InputError, with file, line and species where known, for
    a file that cannot be read, has no ideal gas, or a species whose data are missing, ambiguous or not supported.
    """
    path, gas = locate(name_or_path, where)
    try:
        return _read(versions(path), gas)
    except InputError as error:
        if not where:
            raise
        raise InputError(f"{where}: {error.where}", error.problem, error.allowed, error.cure) from None


@lru_cache(maxsize=16)
def _read(files, gas) -> Mechanism:
    """The mechanism of the first of these versions of files; the others are those it imports."""
    return read(load(files[0][0]), _standard_weight, gas)


@lru_cache(maxsize=256)
def _standard_weight(symbol: str) -> float | None:
    """Cantera's atomic weight [g/mol] of an element, D and E among them; None for what is no element, or has no weight."""
    import cantera as ct

    try:
        return float(ct.Element(symbol).weight)
    except ct.CanteraError:
        return None
