"""The spread of a buffered ocean over the shipped laws of K_D: each value has those of all laws beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..closures.exchange_coefficient import KIND
from ..closures.registry import names
from ..errors import InputError
from ..schema.buffering_case import EXCHANGE_KEY, BufferingCase
from .buffering_variables import attributes, density_anomaly
from .crossing_search import REASONS, crossings, path

LAW_AXIS = "exchange_law"
IRON = "Fe/(Fe + Mg) of the buffered magma ocean with this law of K_D, molar"
DENSITY = "density of the crystallised ocean above that of the pile with this law of K_D, 1 bar and 300 K"
OUTSIDE = "outside the pressures of the law"
Variables = dict[str, tuple[Sequence[str], np.ndarray, dict[str, str]]]


@dataclass(frozen=True)
class Buffered:
    """A buffered ocean and the pile below it: Fe/(Fe + Mg), NaN where there is none, and why."""

    ocean_iron: float
    pile_iron: float
    reason: str


def with_law(case: BufferingCase, law: str, growth: float = 0.0) -> Buffered:
    """The buffered ocean of a case with another law of K_D. growth [1/s]: 1/timescale, 0: static."""
    try:
        case = case.replace({EXCHANGE_KEY: law})
    except InputError:
        return Buffered(np.nan, np.nan, OUTSIDE)
    rates = np.full(1, growth)
    places, (word,) = crossings(case.values, case.readings, rates)
    solid = places.solid_fraction[places.buffers][:1]
    if not solid.size:
        return Buffered(np.nan, np.nan, f"{word}: {REASONS[word]}")
    way = path(solid, case.values, case.readings, rates)
    return Buffered(float(way.ocean_iron[0]), float(way.pile_iron[0]), f"{word}: {REASONS[word]}")


def spread(case: BufferingCase, growth: float = 0.0) -> tuple[tuple[str, ...], list[Buffered]]:
    """The names of the shipped laws of K_D, and the buffered ocean with each."""
    laws = names(KIND)
    return laws, [with_law(case, law, growth) for law in laws]


def spread_variables(case: BufferingCase, growth: float, structures: Sequence[str]) -> Variables:
    """The spread as variables of a result along LAW_AXIS; its coordinate is among them."""
    laws, oceans = spread(case, growth)
    iron, pile = (
        np.array([getattr(ocean, name) for ocean in oceans]) for name in ("ocean_iron", "pile_iron")
    )
    density = np.array([density_anomaly(iron, pile, structure) for structure in structures])
    return {
        LAW_AXIS: ((LAW_AXIS,), np.array(laws), attributes("1", "name of a law of K_D")),
        "ocean_iron_of_law": ((LAW_AXIS,), iron, attributes("1", IRON)),
        "density_anomaly_of_law": (("structure", LAW_AXIS), density, attributes("kg/m3", DENSITY)),
        "reason_of_law": (
            (LAW_AXIS,),
            np.array([ocean.reason for ocean in oceans]),
            attributes("1", "why there is a buffered magma ocean with this law or none"),
        ),
    }


def range_of(oceans: Sequence[Buffered]) -> tuple[float, float]:
    """Least and largest Fe/(Fe + Mg) of buffered oceans, NaN without any."""
    iron = np.array([ocean.ocean_iron for ocean in oceans])
    if np.isnan(iron).all():
        return np.nan, np.nan
    return float(np.nanmin(iron)), float(np.nanmax(iron))
