"""The end of a run in plain numbers with units in their names: summary.json."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np

from ..constants import YEAR
from .condensates import amounts
from .graphite import present
from .lid_text import EVENT, LID

# attribute and entry of summary.json: names of the parameters by which derivatives were requested
SENSITIVITIES = "sensitivities"

if TYPE_CHECKING:
    import xarray


def summary(result: xarray.Dataset) -> dict[str, Any]:
    """The end of a run in plain numbers with units in their names, for summary.json and people."""
    about = result.attrs
    drifts = {name: float(result[name].max()) for name in result.data_vars if str(name).endswith("_drift")}
    content = {
        "case": about["case_name"],
        "status": about["status"],
        "end": about["end_reason"],
        "passed_yr": {name: t / YEAR for name, t in json.loads(about.get("passed", "{}")).items()},
        "final": _final(result),
        "largest_drift": drifts,
        "extrapolations": json.loads(about["extrapolations"]),
        "left_out": json.loads(about.get("left_out", "[]")),  # version 0.1 does not store it
        "statistics": json.loads(about["statistics"]),
        "versions": json.loads(about["versions"]),
        "mechanism": {"name": about["mechanism"], "sha256": about["mechanism_sha256"]},
        "laws": json.loads(about["laws"]),
        "data": json.loads(about.get("data", "{}")),
    }
    if LID in about:
        content[LID] = about[LID]
    if "structure" in about:  # version 0.1 does not store it
        content["structure"] = json.loads(about["structure"])
    content["start"] = _start(result)
    if (at_lid := _at_lid(result)) is not None:
        content["at_lid"] = at_lid
    if SENSITIVITIES in about:
        content[SENSITIVITIES] = json.loads(about[SENSITIVITIES])
    if "pile" in about:
        content["pile"] = json.loads(about["pile"])
    return content


def _final(result: xarray.Dataset) -> dict[str, Any]:
    """The last state: name with unit -> a number, or a table of numbers."""
    last = result.isel(time=-1)
    end: dict[str, Any] = {
        "time_yr": float(last.time) / YEAR,
        "surface_temperature_K": float(last.surface_temperature),
        "melt_fraction": float(last.melt_fraction),
        "flux_W_m2": float(last.flux),
    }
    if "optical_depth" in result:
        end["optical_depth"] = float(last.optical_depth)
    for name in ("outgoing_flux", "absorbed_flux"):
        if name in result:
            end[f"{name}_W_m2"] = float(last[name])
    if "surface_pressure" in result:
        end |= _volatiles(result, last)
    redox = [name for name in ("delta_IW", "ferric_share", "mantle_ferric_share") if name in result]
    end |= {name: float(last[name]) for name in redox if np.isfinite(last[name])}
    if "ferric_share" in result:
        end["ferric_oxygen_mass_kg"] = float(last.ferric_oxygen_mass)
    if "rheological_front_depth" in result:
        end["rheological_front_depth_km"] = float(last.rheological_front_depth) / 1e3
    if "ocean_iron" in result:
        end |= _iron(result, last)
    if "rock_vapour_share" in result:
        end |= _rock_vapour(result)
    if "graphite_mass" in result:
        end["graphite_mass_kg"] = float(present(last))
    if any(c.mass.any() for c in amounts(result)) or "condensate_mass" in result:
        end["condensate_mass_kg"] = {c.name: float(c.mass[-1]) for c in amounts(result)}
    if "escaped_mass" in result:
        end["escaped_mass_kg"] = float(last.escaped_mass)
    if "escaped_element_mass" in result:
        masses = last.escaped_element_mass
        end["escaped_element_mass_kg"] = {
            str(e): float(masses.sel(escaping_element=e)) for e in masses.escaping_element.values
        }
    if "tracer_ratio" in result:
        ratios = last.tracer_ratio
        end["tracer_over_hydrogen"] = {str(t): float(ratios.sel(tracer=t)) for t in ratios.tracer.values}
    return end


def _start(result: xarray.Dataset) -> dict[str, float]:
    """The surface at the start, and the share of the mantle that is solid there."""
    first = result.isel(time=0)
    return {
        "surface_temperature_K": float(first.surface_temperature),
        "solid_share": max(1 - float(first.melt_fraction), 0.0),
    }


def _at_lid(result: xarray.Dataset) -> dict[str, Any] | None:
    """The state at the lid of a run that went on from it; None for any other run."""
    time = json.loads(result.attrs.get("passed", "{}")).get(EVENT)
    if time is None:
        return None

    def then(values: xarray.DataArray) -> float:
        return float(np.interp(time, result.time.values, values.values))

    at_lid: dict[str, Any] = {"time_yr": time / YEAR, "melt_fraction": then(result.melt_fraction)}
    if "surface_pressure" in result:
        at_lid["surface_pressure_bar"] = then(result.surface_pressure) / 1e5
        species = [str(s) for s in result.species.values]
        at_lid["pressure_bar"] = {s: then(result.pressure.sel(species=s)) / 1e5 for s in species}
    return at_lid


def _volatiles(result: xarray.Dataset, last: xarray.Dataset) -> dict[str, Any]:
    end: dict[str, Any] = {"surface_pressure_bar": float(last.surface_pressure) / 1e5}
    # not with a budget of oxygen among species without O2, and not of every gas above a closed lid
    if "log10_fO2" in result and np.isfinite(last.log10_fO2):
        end["log10_fO2_bar"] = float(last.log10_fO2)
    species = result.species.values
    end["pressure_bar"] = {str(s): float(last.pressure.sel(species=s)) / 1e5 for s in species}
    for name in ("dissolved_mass", "trapped_mass"):
        if name in result:
            end[f"{name}_kg"] = {str(s): float(last[name].sel(species=s)) for s in species}
    return end


def _rock_vapour(result: xarray.Dataset) -> dict[str, float]:
    """The share of the pressure of gases with metals of the melt: at the end, and the largest of the run."""
    share = result.rock_vapour_share.values
    most = int(np.nanargmax(share))
    return {
        "rock_vapour_share": float(share[-1]),
        "largest_rock_vapour_share": float(share[most]),
        "largest_rock_vapour_share_at_yr": float(result.time[most]) / YEAR,
        "rock_vapour_mass_kg": float(result.rock_vapour_mass[-1]),
    }


def _iron(result: xarray.Dataset, last: xarray.Dataset) -> dict[str, Any]:
    """Iron numbers, and the verdict on the last melt."""
    iron: dict[str, float | None] = {}
    for name in ("ocean", "crystal", "pile"):
        if f"{name}_iron" in result:
            iron[name] = 100 * float(last[f"{name}_iron"])
    buffered = 100 * result.attrs["buffered_ocean_iron"]
    iron["buffered"] = buffered if np.isfinite(buffered) else None
    layer = {
        "verdict": result.attrs["basal_layer"],
        "density_anomaly_kg_m3": float(result.attrs["basal_layer_density_anomaly"]),
        # up to 0.1: of the density anomaly, in words
        "thresholds": result.attrs.get("basal_layer_thresholds", ""),
        # version 0.1 took bridgmanite always
        "structure": result.attrs.get("basal_layer_structure", "bridgmanite"),
    }
    for name in ("mass_fraction", "thickness_m", "excess_kg_m3", "buoyancy_number", "regime", "criterion"):
        value = result.attrs.get(f"basal_layer_{name}")
        if isinstance(value, str) or (value is not None and np.isfinite(value)):
            layer[name] = value
    return {"iron_number": iron, "basal_layer": {k: v for k, v in layer.items() if v != ""}}
