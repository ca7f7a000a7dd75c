"""The problem of a melt's vapour, compiled once and stored, and what a result says of itself."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np

from ..broadcasting import Conditions
from ..chemistry.equilibrium_constants import limiting
from ..chemistry.mechanism import read_mechanism
from ..chemistry.mechanism_file import Version
from ..chemistry.records import Mechanism
from ..closures.registry import find
from ..dae.kernel.batch import Batch
from ..melt.activities import KIND
from ..planet.vapour_of_melt import RockVapour, VapourRequest, assemble_vapour, liquid_of
from ..provenance import omissions as left_out
from ..provenance.calibration import Extrapolation, Watched, warn
from ..provenance.melt_vapour import OXIDES_LEFT_OUT, left_out_sentence
from ..provenance.sources import gas_sources
from .points import Layout, Range, check_columns, layout
from .vapour_arguments import VapourConditions

IDEAL_GASES = left_out.Omission("real gas", (), "all gases of a melt's vapour are ideal.")


@dataclass(frozen=True)
class VapourProblem:
    """The vapour of a melt, compiled on first use."""

    mechanism: Mechanism
    vapour: RockVapour
    layout: Layout

    @cached_property
    def batch(self) -> Batch:
        """The compiled kernel."""
        return Batch(self.vapour.model, [p.name for p in self.vapour.model.parameters])

    @cached_property
    def watched(self) -> Watched:
        """The arguments of the laws whose ranges are watched."""
        return Watched(self.vapour.model)

    @cached_property
    def rows(self) -> Mapping[tuple[str, str], int]:
        """(output, label) -> row of the kernel's outputs."""
        return {(o.name, o.label): k for k, o in enumerate(self.vapour.model.outputs)}

    @property
    def gases(self) -> tuple[str, ...]:
        """Names of the gases."""
        return tuple(gas.name for gas in self.vapour.evaporation.gases)


@lru_cache(maxsize=32)
def problem_of(mechanism: str, files: tuple[Version, ...], request: VapourRequest) -> VapourProblem:
    """The problem of a request. files: versions of the mechanism's files, so that a changed one is read."""
    read = read_mechanism(mechanism, where="mechanism")
    vapour = assemble_vapour(read, request)
    return VapourProblem(read, vapour, layout(vapour.model))


def check_temperature(problem: VapourProblem, conditions: Conditions, places: np.ndarray | None) -> None:
    """InputError for a temperature outside the data of the gases."""
    low, high = problem.vapour.limits
    reason = limiting(problem.mechanism, problem.gases, low, high)
    limits = Range(low, high, "K", reason or "no silicate is liquid below")
    columns = {"temperature": conditions.columns["temperature"]}
    check_columns(columns, {"temperature": limits}, places, conditions.written)


def attributes_of(
    problem: VapourProblem,
    request: VapourConditions,
    stretched: list[Extrapolation],
    pressure: float,
) -> dict[str, str]:
    """Where the result is from, and what is extrapolated or left out; warnings name the latter too.

    pressure: the largest sum of the partial pressures [Pa].
    """
    liquids = {oxide: liquid_of(problem.mechanism, oxide) for oxide in problem.vapour.oxides}
    inert = left_out.without_gas(problem.mechanism, liquids, problem.gases, "species")
    omitted = left_out.weighed((IDEAL_GASES, *inert), {}, pressure)
    warn(stretched)
    left_out.warn(omitted)
    law = find(KIND, request.request.activities)
    laws = {"activities": {"name": law.name, "reference": law.reference}}
    if request.oxygen is not None and request.oxygen.buffer is not None:
        buffer = find("buffer", request.oxygen.buffer)
        laws["oxygen fugacity"] = {"name": buffer.name, "reference": buffer.reference}
    data = gas_sources(problem.mechanism, problem.vapour.data, "ideal", False)
    if request.composition.reference:
        data[f"composition: {request.composition.name}"] = request.composition.reference
    attributes = {
        "melt_composition": request.composition.label,
        "mechanism": problem.mechanism.name,
        "mechanism_sha256": problem.mechanism.checksum,
        "thermochemistry": "nasa7",
        "activity_model": law.name,
        "activity_model_spread": law.note,
        "oxygen_fugacity": request.oxygen_label,
        "laws": json.dumps(laws),
        "data": json.dumps(data),
        "extrapolations": json.dumps(stretched),
        "left_out": json.dumps(omitted),
    }
    if request.left_out:
        attributes[OXIDES_LEFT_OUT] = left_out_sentence(dict(request.left_out), law.name)
    if problem.vapour.inert:
        attributes["oxides_without_vapour"] = ", ".join(problem.vapour.inert)
    return attributes
