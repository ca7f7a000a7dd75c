"""The CF conventions on results: what a reader of NetCDF needs beyond units and long names.

Of the CF table's standard names only two are those of our quantities. Time is counted from the molten start,
which has no date: it has units of s without "since", and no standard name, for CF's `time` requires a date.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import xarray

CONVENTIONS = "CF-1.11"
STANDARD_NAMES = {"surface_temperature": "surface_temperature", "surface_pressure": "surface_air_pressure"}
LABELS = {
    "species": "chemical species",
    "reaction": "chemical reaction",
    "element": "chemical element",
    "condensate": "condensed phase",
    "escaping_element": "chemical element that escapes to space",
    "dragged_element": "chemical element that hydrogen drags to space",
    "tracer": "isotope or noble gas",
    "structure": "mineral structure of the frozen melt",
    "temperature": "temperature",
    "melt_fraction": "melt fraction of the mantle, by mass",
}
# variable -> beginnings of the roles of the laws and data that it rests on
ROLES = {
    "flux": ("radiation",),
    "outgoing_flux": ("radiation", "opacity"),
    "absorbed_flux": ("luminosity", "albedo"),
    "stellar_luminosity": ("luminosity",),
    "albedo": ("albedo",),
    "optical_depth": ("opacity",),
    "dissolved_mass": ("solubility",),
    "log10_fO2": ("oxygen fugacity",),
    "pressure": ("free energy", "equilibrium constants", "ln K", "solubility"),
    "log10_viscosity": ("viscosity",),
    "escape_rate": ("escape",),
    "element_escape_rate": ("escape", "energy of escape", "diffusion of", "XUV"),
    "escape_mass_flux": ("energy of escape", "XUV"),
    "crossover_mass": ("escape", "diffusion of"),
    "xuv_flux": ("XUV",),
    "tracer_moles": ("escape", "diffusion of"),
    "local_melt_fraction": ("solidus", "liquidus"),
    "temperature": ("equation of state",),
    "density_anomaly": ("cumulate density",),
}


def annotated(result: xarray.Dataset, references: Mapping[str, str], what: str) -> xarray.Dataset:
    """The result with the attributes of the CF conventions.

    These are standard names, long names of labels, `references` of all laws and data and on the variables
    that rest on them, `Conventions` and `history`. references: role -> reference; what: text of the history.
    """
    marked = result.copy()
    for name in map(str, marked.variables):
        attributes = marked[name].attrs
        if name in STANDARD_NAMES:
            attributes["standard_name"] = STANDARD_NAMES[name]
        if name in LABELS:
            attributes.setdefault("long_name", LABELS[name])
        if name in marked.data_vars:
            if attributes.get("units") == "K":
                attributes["units_metadata"] = "temperature: on_scale"
            roles = ROLES.get(name, ())
            if chosen := {reference for role, reference in references.items() if role.startswith(roles)}:
                attributes["references"] = "\n".join(sorted(chosen))
    about = {"Conventions": CONVENTIONS, "history": what}
    if references:
        about["references"] = "\n".join(f"{role}: {reference}" for role, reference in references.items())
    return marked.assign_attrs(about)


def encoding(result: xarray.Dataset) -> dict[str, dict]:
    """For to_netcdf: coordinates have no _FillValue, since none of their values may be missing (CF 2.5.1)."""
    return {str(name): {"_FillValue": None} for name in result.coords}
