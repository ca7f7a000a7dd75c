"""Samples of a sweep: points of a Latin hypercube or a Sobol sequence over ranges, as one axis."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..errors import InputError
from ..plain_values import plain
from ..schema.grid_document import SampleDocument, checked
from .axes import CASES, Axis, flat
from .ranges import ends, spread


def sampled(sample: Mapping[str, Any], where: str) -> tuple[Axis, dict[str, Any]]:
    """The points as an axis, and the section in the form of a file. InputError if it is not a sample."""
    if not isinstance(sample, Mapping):
        raise InputError(where, "a sample is not a table.", "allowed: {'method', 'number', 'seed', 'ranges'}")
    section = checked(
        SampleDocument,
        plain(sample, where),
        where,
        "a sample has no such key.",
        "ranges stand in [sample.ranges]",
    )
    listed = {key: plain(entry, "sweep") for key, entry in flat(section.ranges, f"{where} ranges")}
    ranges = {}
    for key, entry in listed.items():
        if not isinstance(entry, dict) or "number" in entry:
            raise InputError(
                f"{where} ranges {key} = {entry!r}",
                "a range without a number is expected.",
                'for example: {from = "1 ocean", to = "10 ocean", scale = "log"}',
            )
        ranges[key] = ends(key, entry, f"{where} ranges {key}")
    from scipy.stats import qmc  # on use: it takes half a second to import

    engines = {"latin-hypercube": qmc.LatinHypercube, "sobol": qmc.Sobol}
    points = engines[section.method](len(ranges), seed=section.seed).random(section.number)
    columns = [spread(limits, unit) for limits, unit in zip(ranges.values(), points.T)]
    document = {
        "method": section.method,
        "number": section.number,
        "seed": section.seed,
        "ranges": listed,
    }
    return Axis(CASES, tuple(ranges), tuple(zip(*columns))), document
