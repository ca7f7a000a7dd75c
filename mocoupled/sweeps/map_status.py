"""How far a map of equilibria has come, as its status.json says: blocks, their checksums, what did not converge."""

from __future__ import annotations

import json
import os
from contextlib import suppress
from typing import Any

import numpy as np

from ..results import blocks
from ..version import __version__
from .map_store import LAST
from .one_case import RUNNING

NOTHING = {
    "status": RUNNING,
    "blocks": 0,
    "checks": [],
    "points": 0,
    "not_converged": 0,
    "extrapolations": [],
    "wall_time_s": 0.0,
    "cpu_time_s": 0.0,
    "version": __version__,
}


def frame(store, path) -> str:
    """Checksum of the coordinates and attributes of a map that need not be whole."""
    with store.read(path) as result:
        result.attrs = {
            key: value for key, value in result.attrs.items() if key not in (blocks.BLOCKS, *LAST)
        }
        return blocks.attribute(result, [])[blocks.BLOCKS]


def damaged(store, status, pieces) -> list[int] | None:
    """Numbers of the stored blocks whose values are not what was written; None where all has to be made anew.

    A complete map with such blocks is open again for writing afterwards.
    """
    path = next((path for path in (store.path, store.partial) if path.exists()), None)
    if (
        path is None
        or "checks" not in status
        or status["blocks"] > len(pieces)
        or not (path.is_file() or path.is_dir())
    ):
        return None
    try:
        if status.get("frame") != frame(store, path):
            return None
        result = store.read(path)
    except Exception:  # whatever the libraries make of damaged bytes
        return None
    try:
        whole = path == store.path
        if whole and (status["blocks"] < len(pieces) or not blocks.rest_is_whole(result)):
            return None
        found = [k for k, kept in enumerate(status["checks"]) if blocks.damaged(result, [kept]) is not None]
    except Exception:  # damaged bytes that show only when the values are read
        return None
    finally:
        result.close()
    if whole and not found:
        return []
    if whole:
        os.replace(store.path, store.partial)
    try:
        store.try_writing()
    except Exception:  # a file that reads and cannot be written: the map is made anew
        with suppress(Exception):
            store.close()
        return None
    return found


def plain_gaps(values: np.ndarray) -> np.ndarray:
    """NaN of one kind: reading back replaces any other by it."""
    return np.where(np.isnan(values), np.nan, values) if values.dtype.kind == "f" else values


def with_block(status, number, entry, result) -> dict[str, Any]:
    """The status with one block more; where the block was there before, and was damaged, it was counted already."""
    if number < status["blocks"]:
        return status | {"checks": [*status["checks"][:number], entry, *status["checks"][number + 1 :]]}
    points = int(result.converged.size)
    good = int(result.converged.values.sum())
    before = status["points"] - status["not_converged"]
    found = {(one["law"], one["argument"]): dict(one) for one in status["extrapolations"]}
    for one in found.values():
        one["share"] *= before / max(before + good, 1)
    for new in json.loads(result.attrs["extrapolations"]):
        old = found.setdefault((new["law"], new["argument"]), dict(new, share=0.0))
        old["share"] += new["share"] * good / max(before + good, 1)
        old["reached"] = [
            min(old["reached"][0], new["reached"][0]),
            max(old["reached"][1], new["reached"][1]),
        ]
    return status | {
        "blocks": status["blocks"] + 1,
        "checks": [*status["checks"], entry],
        "points": status["points"] + points,
        "not_converged": status["not_converged"] + points - good,
        "extrapolations": list(found.values()),
    }
