"""Vapour of a silicate melt at one or many conditions: `mo.vapour`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from ..broadcasting import Conditions
from ..chemistry.mechanism_file import versions
from ..chemistry.mechanism_paths import SILICATES, find_mechanism
from ..conditions import whole
from ..dae.kernel.batch import Points
from ..errors import InputError
from ..floating import usual_floats
from ..melt.activities import DEFAULT
from ..melt.composition import DEFAULT as EARTH
from ..planet.unformed_condensates import needs
from ..provenance.calibration import Extrapolation, extrapolations
from .melt_arguments import ln_moles
from .points import dataset, nothing, solve, spread
from .vapour_arguments import CONGRUENT, OXYGEN, VapourConditions, vapour_conditions
from .vapour_by_oxygen import texts_of, vapours
from .vapour_losses import fractional_vapour
from .vapour_problem import VapourProblem, attributes_of, check_temperature, problem_of

if TYPE_CHECKING:
    import xarray

MECHANISM = SILICATES
# label of an output's dimension -> whether it is a gas or an element
_OF_GAS = ("pressure", "mixing_ratio")
_OF_OXIDE = ("activity", "melt_mole_fraction", "melt_mass_fraction")


@usual_floats
def vapour(
    composition: object = EARTH,
    temperature: object = None,
    oxygen: object = CONGRUENT,
    *,
    buffer: str | None = None,
    activities: str = DEFAULT,
    pressure: Mapping[str, object] | None = None,
    species: str | Sequence[str] = "all",
    mechanism: str = MECHANISM,
    loss: object = None,
    threads: int | None = None,
) -> xarray.Dataset:
    """Vapour of a silicate melt: pressures, oxygen fugacity, activities; array arguments broadcast.

    composition: "BSE", "basalt", "komatiite" or "Mars", a Case (its melt.composition), oxides in wt%
    ({"SiO2": 45, "MgO": 38, ...}, numbers or arrays), or a list of these; normalised to 100 wt%, the iron of
    Fe2O3 as FeO.
    temperature [K]. oxygen: "congruent" (the vapour contains the oxygen of the oxides that evaporate), a
    buffer with an offset ("IW+0.5", by the law `buffer` or the family's default), or log10 fO2 in bar; a list
    of such texts gives the dimension `oxygen`.
    activities: "IMCC-MAGMA", "IMCC-ideal" or "MELTS-GhiorsoSack1995". They differ by up to 2 dex (K).
    pressure: {gas: Pa}, partial pressures of gases that bring further elements ("H2", "H2O", "CO2", "N2",
    "S2"), one for each such element; a congruent vapour contains what oxygen they have, besides that of the
    oxides.
    species: "all" gases that the mechanism has of these elements, or names. mechanism: a name or a path.
    loss: share of the melt's mass that evaporates, step by step, with the vapour removed (fractional
    vaporisation): a number for all steps up to it, or a list of them, 0 for the first vapour; temperature
    and composition are then single, oxygen is congruent, and the result has the dimension `loss` (see
    docs/rock-vapour.md).

    Returns a Dataset: pressure(species) [Pa], mixing_ratio(species), element_fraction(element),
    activity(oxide) of the pure liquid oxide, melt_mole_fraction(oxide), melt_mass_fraction(oxide),
    vapour_pressure [Pa], rock_vapour_share (of the pressure, by gases with metals of the melt),
    mean_molar_mass, log10_fO2, log10_fO2_above_IW, residual, converged. Ideal gases at 1 bar data.
    attrs: melt_composition, laws (name of the activities), oxygen_fugacity, data, extrapolations (liquids
    used outside the temperatures of their data), oxides_left_out (of a named composition).
    InputError: an oxide that the activities do not have, a sum outside 90 to 110 wt%, temperatures outside
    the gases' data, pressures that do not determine the elements.
    """
    threads = None if threads is None else whole(threads, "threads", 1, 4096)
    if texts := texts_of(oxygen):
        further = partial(vapour, activities=activities, pressure=pressure, species=species, threads=threads)
        return vapours(partial(further, composition, temperature, mechanism=mechanism), texts, buffer, loss)
    conditions = vapour_conditions(composition, temperature, oxygen, buffer, activities, pressure, species)
    if not isinstance(mechanism, str):
        raise InputError(
            f"mechanism = {mechanism!r}", "not the name of a mechanism.", f"for example {MECHANISM!r}"
        )
    problem = problem_of(mechanism, versions(find_mechanism(mechanism, "mechanism")), conditions.request)
    if loss is not None:
        return fractional_vapour(problem, conditions, loss)
    return _vapour(problem, conditions, threads)


def _vapour(problem: VapourProblem, request: VapourConditions, threads: int | None) -> xarray.Dataset:
    """The Dataset of a request."""
    conditions = request.conditions
    masked = conditions.masked
    places = None if masked is None or not masked.any() else np.flatnonzero(~masked)
    unmasked = conditions if places is None else conditions.at(places)
    check_temperature(problem, unmasked, places)
    points, parameters = nothing(len(problem.vapour.model.outputs), 0), {}
    if unmasked.size:
        parameters = _parameters(request, unmasked, places)
        points = solve(problem.batch, parameters, unmasked.size, threads)
        _without_absent(problem, request, points, places)
    stretched: list[Extrapolation] = []
    largest = 0.0
    if points.converged.any():
        watched = problem.watched.values(parameters, points.values)
        stretched = extrapolations(problem.vapour.model.watches, watched)
        largest = float(np.fmax.reduce(points.values[problem.rows["vapour_pressure", ""]], initial=0.0))
    attributes = attributes_of(problem, request, stretched, largest)
    return dataset(problem.layout, spread(points, masked), conditions, request.units, attributes)


def _parameters(
    request: VapourConditions, conditions: Conditions, places: np.ndarray | None
) -> dict[str, float | np.ndarray]:
    """Parameter -> value at the points that are not masked."""
    T = conditions.columns["temperature"]
    parameters: dict[str, float | np.ndarray] = {"temperature": T}
    for oxide, values in ln_moles(request.composition).items():
        every = np.size(values) > 1 and places is not None
        parameters[f"ln_moles_{oxide}"] = np.array(values)[places] if every else values
    for gas in request.request.prescribed:
        parameters[f"ln_p_{gas}"] = np.log(np.array(conditions.columns[f"pressure_{gas}"]) / 1e5)
    if OXYGEN in conditions.columns:
        parameters[OXYGEN] = conditions.columns[OXYGEN]
    elif request.oxygen is not None:
        parameters[OXYGEN] = request.oxygen.evaluate(T)
    return parameters


def _without_absent(
    problem: VapourProblem, request: VapourConditions, points: Points, places: np.ndarray | None
) -> None:
    """Set exact zeros for oxides that are absent at some points, and for the gases with their metals."""
    outputs = problem.vapour.model.outputs
    for oxide, share in request.composition.mass_fractions.items():
        values = np.array(share)
        if values.ndim and places is not None:
            values = values[places]
        empty = np.broadcast_to(values == 0.0, points.converged.shape)
        if not empty.any():
            continue
        species = problem.mechanism.species
        metals = {
            e for name, record in species.items() if name in _liquids(oxide) for e in record.composition
        }
        for (output, label), row in problem.rows.items():
            of_gas = output in _OF_GAS and metals - {"O"} & set(species[label].composition)
            of_element = output == "element_fraction" and label in metals - {"O"}
            of_metal = any(needs(outputs[row], metal) for metal in metals - {"O"})
            if of_gas or of_element or of_metal or (output in _OF_OXIDE and label == oxide):
                points.values[row, empty & points.converged] = 0.0


def _liquids(oxide: str) -> tuple[str, str]:
    return f"{oxide}(L)", f"{oxide}(s)"
