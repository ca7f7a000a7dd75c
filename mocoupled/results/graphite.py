"""The mass of graphite for readers: 0 where only the tail of its smooth switch is left."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..constants import ATOMIC_MASS_CARBON

if TYPE_CHECKING:
    import xarray

# of the carbon: less graphite is the tail of the smooth switch (activity above 0.99999), and there is none
TRACE = 1e-9


def present(result: xarray.Dataset) -> xarray.DataArray:
    """`graphite_mass` [kg] of a stored run or state, 0 where there is no graphite."""
    mass = result["graphite_mass"]
    if "element_moles" not in result or "C" not in result["element"].values:
        return mass
    carbon = ATOMIC_MASS_CARBON * result["element_moles"].sel(element="C", drop=True)
    return mass.where(mass > TRACE * carbon, 0.0).assign_attrs(mass.attrs)
