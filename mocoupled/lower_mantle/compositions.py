"""Compositions that a user of the melting model prescribes.

Of the system, by name or amounts, and of melts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from ..conditions import column, number, table
from ..errors import InputError, nearest
from .end_members import OXIDES

if TYPE_CHECKING:
    from numpy.typing import ArrayLike
    from pandas import Series

MOST_CALCIUM = 0.1  # moles of CaO per mole of FeO + MgO + SiO2: beyond, it is no passive component


@dataclass(frozen=True)
class Composition:
    """A bulk composition.

    oxides: mole fractions of (FeO, MgO, SiO2), sum 1; calcium: CaO over all four oxides, moles.
    """

    name: str
    oxides: tuple[float, float, float]
    calcium: float = 0.0


COMPOSITIONS = MappingProxyType(
    {
        # (Mg0.9Fe0.1)2SiO4, assumed
        "olivine": Composition("olivine", (0.2 / 3, 1.8 / 3, 1.0 / 3)),
        # FeO and CaO as printed, SiO2 such that 33 % is bridgmanite
        "pyrolite": Composition("pyrolite", (0.07, 0.505, 0.425), 0.024),
    }
)
# what `composition` takes
Bulk: TypeAlias = "Composition | str | Mapping[str, float | str] | Series"


def composition(given: Bulk) -> Composition:
    """A bulk composition: a name of COMPOSITIONS, a Composition, or amounts of oxides in moles, of any sum.

    given: e.g. "pyrolite" or {"FeO": 7, "MgO": 50.5, "SiO2": 42.5, "CaO":
    2.4}, or a pandas Series of such amounts.
    Raises InputError for anything else.
    """
    if isinstance(given, Composition):
        return given
    if isinstance(given, str):
        if given not in COMPOSITIONS:
            raise InputError(
                f"composition {given!r}",
                "no composition has this name.",
                f"known: {', '.join(COMPOSITIONS)}; or amounts of FeO, MgO, SiO2 and CaO",
                nearest(given, COMPOSITIONS),
            )
        return COMPOSITIONS[given]
    amounts = _amounts(given)
    moles = np.array([amounts.get(oxide, 0.0) for oxide in OXIDES])
    calcium = amounts.get("CaO", 0.0)
    if not moles.sum() > 0:
        raise InputError(
            "composition",
            "it contains none of FeO, MgO and SiO2.",
            "allowed: an amount above zero of one of them",
        )
    if calcium > MOST_CALCIUM * moles.sum():
        raise InputError(
            f"composition CaO = {calcium:g}",
            "too much for a passive component, which does not change the phase diagram.",
            "allowed: up to a tenth of FeO + MgO + SiO2",
        )
    x_FeO, x_MgO, x_SiO2 = (moles / moles.sum()).tolist()
    name = ", ".join(f"{oxide}={x:.6g}" for oxide, x in zip(OXIDES, (x_FeO, x_MgO, x_SiO2)))
    return Composition(name, (x_FeO, x_MgO, x_SiO2), calcium / (calcium + moles.sum()))


def _amounts(oxides: Mapping[str, float | str] | Series) -> dict[str, float]:
    """Moles by oxide; InputError for another oxide, and for a number that is not an amount."""
    known = (*OXIDES, "CaO")
    example = "{'FeO': 0.07, 'MgO': 0.505, 'SiO2': 0.425} [mol]"
    read = table(oxides, "composition", f"{', '.join(COMPOSITIONS)}, or for example {example}")
    amounts = {}
    for oxide, amount in read.items():
        if oxide not in known:
            raise InputError(
                f"composition {oxide}",
                "the model has no such oxide.",
                f"allowed: {', '.join(known)}",
                nearest(oxide, known),
            )
        amounts[oxide] = number(amount, "mol", f"composition {oxide}")
        if amounts[oxide] < 0:
            raise InputError(
                f"composition {oxide} = {amount!r}",
                "this is not an amount.",
                "allowed: a number of moles, not negative",
            )
    return amounts


def melts_of(composition: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    """Mole fractions (n, 3) of melts along OXIDES, and which of the n are masked; leading axes are flattened.

    composition: an array (..., 3); a DataArray along `oxide` is put in the order of OXIDES.
    Raises InputError for anything else than mole fractions.
    """
    problem = (
        "composition",
        "these are not mole fractions of FeO, MgO and SiO2.",
        "allowed: an array (..., 3), not negative, sums of 1",
    )
    if isinstance(composition, (str, Mapping, Composition)):
        raise InputError(*problem, "amounts and names are for melting.path; here: [[0.07, 0.505, 0.425]]")
    read = column(composition, "1", "composition")
    x = read.values
    masked = np.zeros(x.shape, dtype=bool) if read.mask is None else read.mask
    if read.frame is not None and "oxide" in read.frame.dims:
        labels = list(OXIDES)
        if "oxide" in read.frame.coords:
            labels = [str(oxide) for oxide in read.frame["oxide"].values]
        if sorted(labels) != sorted(OXIDES):
            raise InputError(*problem, f"the dimension oxide has the labels {', '.join(OXIDES)}")
        axis, order = read.frame.dims.index("oxide"), [labels.index(oxide) for oxide in OXIDES]
        x, masked = (np.moveaxis(a, axis, -1)[..., order] for a in (x, masked))
    if x.size == 0 and x.ndim < 2:
        x = masked = np.empty((0, 3))
    if x.ndim == 0 or x.shape[-1] != 3:
        raise InputError(*problem)
    rows = masked.reshape(-1, 3).astype(bool)
    hidden = rows[:, 0] | rows[:, 1] | rows[:, 2]
    x = np.where(hidden[:, None], 1 / 3, x.reshape(-1, 3))
    if (x < 0).any() or not np.allclose(x.sum(axis=-1), 1, atol=1e-6):
        raise InputError(*problem)
    return x, hidden
