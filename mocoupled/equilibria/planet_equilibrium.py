"""Equilibrium of a planet's gas, melt and condensates at one or a million conditions."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from ..broadcasting import Conditions, broadcast
from ..case import Case, case_of
from ..chemistry.gas_mixtures import is_mixture
from ..chemistry.real_mixtures import recorded_parameters
from ..conditions import table, whole
from ..dae.kernel.batch import Points
from ..errors import InputError, nearest
from ..floating import usual_floats
from ..planet.degrees_of_freedom import Prescribed
from ..provenance import omissions as left_out
from ..provenance.calibration import extrapolations, of_another_melt, warn
from ..provenance.weighed_omissions import WeighedOmission
from .amounts import inventories_of, offset_of
from .melt_arguments import MeltOfPoints, melt_of_planet
from .planet_failures import reason_of_failure, refusal
from .planet_points import check_conditions, solved
from .planet_problem import INVENTORIES, SYMBOLS, Prepared, oxygen_text, prepare
from .points import dataset, nothing, spread
from .sampled_equilibrium import call_text
from .sensitivities import added, changes

if TYPE_CHECKING:
    import xarray

UNITS = {"temperature": "K", "melt_fraction": "1", "oxygen_fugacity_offset": "1"} | dict.fromkeys(
    INVENTORIES, "kg"
)


@usual_floats
def equilibrium(
    case: Case | str | os.PathLike,
    temperature: object = None,
    melt_fraction: object = 1.0,
    *,
    oxygen_fugacity_offset: object = None,
    pressure: Mapping[str, object] | None = None,
    fugacity: Mapping[str, object] | None = None,
    composition: object = None,
    sensitivities: Sequence[str] | None = None,
    threads: int | None = None,
    **inventories: object,
) -> xarray.Dataset:
    """Gas, melt and condensates in equilibrium at prescribed conditions; array arguments broadcast.

    case: a Case, a shipped case's name or a path. temperature [K]; melt_fraction of the mantle (0 to 1, by
    mass).
    oxygen_fugacity_offset: dex from the case's buffer (log10 fO2 where the case has no buffer), or "IW+0.5"
    of the same buffer. hydrogen, carbon, ...: inventories [kg] in place of the case's (a ratio such as C/H in
    the case then refers to the argument), or text as in a case.
    pressure, fugacity: {species: Pa}, each in place of the case's inventory of one of the species' elements,
    which is then a result (element_moles, element_mass); an inventory that is an argument stays. Pressure and
    fugacity are the same for an ideal gas.
    composition: of the melt, in place of the case's: a name ("Mars"), oxides in wt% (numbers or arrays), or a
    list of these; the result then has melt_mass_fraction(oxide, ...).
    All of them may be numbers in SI, text with units, quantities (pint, astropy), or arrays of these: numpy
    (dimension `point`, or `point_0`, `point_1`, ...), masked arrays (masked points are not solved),
    xarray.DataArrays and pandas.Series (with their dimensions; docs/library.md). threads: for large batches
    (default: all processors).
    sensitivities: names of parameters (keys of the case, conditions, "law:H2O.coefficient"), for which the
    result has sensitivity_VARIABLE(parameter, ...): d ln(variable)/d ln(parameter) (docs/sensitivities.md).

    Returns a Dataset with pressure(species, ...) [Pa], mixing_ratio, gas_mass and dissolved_mass [kg],
    surface_pressure, mean_molar_mass, log10_fO2, oxygen_mass with a buffer, graphite_mass and
    graphite_activity where there is carbon, residual (largest logarithmic residual) and converged. A point
    that did not converge is NaN, and is counted in a warning, with the reason where none can exist (beyond
    the saturation of graphite or water).
    With melt.vapour in the case also rock_vapour_share (of the pressure, by gases with metals of the melt),
    rock_vapour_mass [kg] and activity(oxide); attrs name the model of the activities and its known spread;
    oxygen="congruent" is none beyond that of the oxides (docs/rock-vapour.md).
    InputError: outside the species' data, not finite, negative, an element that the case's mechanism lacks,
    or more or fewer amounts, pressures and fugacities than one for each element. A CalibrationWarning and
    attrs["extrapolations"] (JSON) name laws outside their calibration, with the ranges reached. An
    OmissionWarning and attrs["left_out"] (JSON) name what matters and is left out.
    """
    case = case_of(case)
    threads = None if threads is None else whole(threads, "threads", 1, 4096)
    arguments, case, names = _arguments(case, temperature, melt_fraction, oxygen_fugacity_offset, inventories)
    pressures = _pressures(pressure, fugacity)
    arguments |= {f"{kind}_{species}": value for (kind, species), value in pressures.items()}
    units = UNITS | {f"{kind}_{species}": "Pa" for kind, species in pressures}
    melt = None if composition is None else melt_of_planet(case, composition)
    stated = {} if melt is None else melt.stated.arguments
    conditions = broadcast(arguments | stated, units | dict.fromkeys(stated, "%"))
    if melt is not None:
        conditions, composed = melt.taken_from(conditions, case)
        prepared = prepare(case, names, tuple(pressures), sensitivities, composed.oxides)
        return _equilibrium(case, prepared, conditions, units, names, tuple(pressures), threads, composed)
    prepared = prepare(case, names, tuple(pressures), sensitivities)
    return _equilibrium(case, prepared, conditions, units, names, tuple(pressures), threads)


def _equilibrium(
    case: Case,
    prepared: Prepared,
    conditions: Conditions,
    units: Mapping[str, str],
    inventories: tuple[str, ...],
    pressures: tuple[Prescribed, ...],
    threads: int | None,
    melted: MeltOfPoints | None = None,
) -> xarray.Dataset:
    """The Dataset at these conditions.

    inventories, pressures: names of the arguments in place of the case's. melted: the melt in place of it.
    """
    masked = conditions.masked
    places = None if masked is None or not masked.any() else np.flatnonzero(~masked)
    unmasked = conditions if masked is None or places is None else conditions.at(~masked)
    check_conditions(prepared, unmasked, pressures, places)
    melted = melted and melted.at(places)
    unmasked = unmasked if melted is None else melted.beside(unmasked)
    points, reason, stretched, omitted = nothing(len(prepared.batch.model.outputs), 0), "", [], []
    if unmasked.size:
        points, parameters = solved(prepared, unmasked, threads)
        reason = reason_of_failure(case, prepared, unmasked, points, parameters, inventories, pressures)
        if reason and not conditions.shape:
            raise refusal(case, pressures, reason)
        watched = prepared.watched.values(parameters, points.values)
        planet = prepared.planet
        stretched = extrapolations(planet.model.watches, watched)
        melt = planet.chemistry.melt if melted is None else melted.composition.mass_fractions
        stretched += of_another_melt(planet.laws, melt)
        omitted = _omissions(prepared, points)
        if points.converged.any():
            warn(stretched)
            left_out.warn(omitted)
    text = oxygen_text(prepared.planet.chemistry, unmasked.columns if unmasked.size else {})
    attributes = {
        **prepared.attributes,
        **({} if melted is None else melted.attributes),
        "oxygen_fugacity": text,
        "extrapolations": json.dumps(stretched),
        "left_out": json.dumps(omitted),
    }
    attributes |= _interactions(case, prepared)
    result = dataset(
        prepared.layout,
        spread(points, masked),
        conditions,
        units,
        attributes,
        reason=reason,
        reserved=("element_mass",) if prepared.gives_moles else (),
    )
    if prepared.wanted is not None:
        slopes = np.empty((prepared.wanted.outputs, len(prepared.wanted.parameters), 0))
        if unmasked.size:
            slopes = changes(prepared.wanted, points, parameters, unmasked.size)
        result = added(result, prepared.wanted, prepared.layout, slopes, masked)
        result.attrs |= call_text(case, inventories, pressures) if melted is None else {}
    return _with_masses(result, prepared) if prepared.gives_moles else result


def _interactions(case: Case, prepared: Prepared) -> dict[str, str]:
    """The parameters of a mixture of real gases as an attribute; none for other gases."""
    if not is_mixture(case.chemistry.fugacity):
        return {}
    known = recorded_parameters(case.chemistry.fugacity, prepared.planet.chemistry.gases)
    return {"interaction_parameters": json.dumps(dict(known))}


def _omissions(prepared: Prepared, points: Points) -> list[WeighedOmission]:
    """What the states leave out, with the largest share of the gas that it concerns."""
    shares = left_out.largest(points.values[prepared.mixing_rows], prepared.planet.chemistry.all_gases)
    pressure = np.fmax.reduce(points.values[prepared.pressure_row], initial=0.0)
    return left_out.weighed(prepared.omissions, shares, pressure)


def _with_masses(result: xarray.Dataset, prepared: Prepared) -> xarray.Dataset:
    """The Dataset with the masses of the elements, where their amounts are results."""
    atomic_weights = prepared.planet.chemistry.mechanism.atomic_weights
    weights = [atomic_weights[str(element)] for element in result.element.values]
    moles = result.element_moles
    shaped = np.reshape(weights, (-1, *[1] * (moles.ndim - 1)))
    label = {"units": "kg", "long_name": "mass in gas, melt and graphite"}
    result["element_mass"] = (moles.dims, moles.values * shaped, label)
    return result


# ---- arguments


def _arguments(
    case: Case, temperature: object, melt_fraction: object, offset: object, inventories: Mapping[str, object]
) -> tuple[dict[str, object], Case, tuple[str, ...]]:
    """Name -> argument, the case with inventories that are ratios, names of the other inventories.

    InputError for a missing temperature, an unknown name, or an oxidation state that is prescribed twice.
    """
    if temperature is None:
        raise InputError(
            "temperature=", "it is missing.", "for example: temperature=1650.0 (K), or temperature='1650 K'"
        )
    arguments = {
        "temperature": temperature,
        "melt_fraction": 1.0 if melt_fraction is None else melt_fraction,
    }
    if offset is not None:
        _check_offset(case, inventories)
        arguments["oxygen_fugacity_offset"] = offset_of(case, offset)
    for name in inventories:
        if name not in INVENTORIES:
            cure = f"did you mean {SYMBOLS[name]}=?" if name in SYMBOLS else nearest(name, INVENTORIES)
            allowed = f"allowed: {', '.join(INVENTORIES)}"
            raise InputError(f"{name}=", "not an argument of equilibrium.", allowed, cure)
    case, numbers = inventories_of(case, inventories)
    return arguments | numbers, case, tuple(numbers)


def _check_offset(case: Case, inventories: Mapping[str, object]) -> None:
    """InputError where an offset of the oxygen fugacity meets another prescription of the oxidation state."""
    other = ""
    if "oxygen" in inventories or case.redox.oxygen is not None:
        other = "a budget of oxygen"
    elif case.redox.ferric_share is not None:
        other = "the case's ferric_share"
    if other:
        raise InputError(
            "oxygen_fugacity_offset=",
            f"the oxidation state is given twice: by an offset and by {other}.",
        )


def _pressures(
    pressure: Mapping[str, object] | None, fugacity: Mapping[str, object] | None
) -> dict[Prescribed, object]:
    """("pressure" or "fugacity", species) -> argument."""
    arguments: dict[Prescribed, object] = {}
    for kind, values in (("pressure", pressure), ("fugacity", fugacity)):
        if values is not None:
            rows = table(values, f"{kind}=", f"{kind}={{'H2O': 5e7}}, in Pa")
            arguments |= {(kind, species): value for species, value in rows.items()}
    return arguments
