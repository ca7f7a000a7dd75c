"""How far a map of equilibria has come: blocks, their checksums, what did not converge."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, NotRequired, TypedDict, cast

import numpy as np

from ..files import put_in_place
from ..results import blocks
from ..results.blocks import Block
from ..results.integrity import BLOCKS
from ..results.map_store import LAST, Store
from ..version import __version__
from .case_outcome import RUNNING, read_status
from .map_blocks import Piece

if TYPE_CHECKING:
    import xarray


class Status(TypedDict):
    """The status of a map, in the form of JSON.

    status: running, interrupted or complete. blocks, checks: number and records of the stored blocks. points,
    not_converged: solved so far. extrapolations: as `equilibrium` reports them. wall_time_s, cpu_time_s: so
    far. version: of mocoupled. frame: checksum of coordinates and attributes.
    """

    status: str
    blocks: int
    checks: list[Block]
    points: int
    not_converged: int
    extrapolations: list[dict[str, Any]]
    wall_time_s: float
    cpu_time_s: float
    version: str
    frame: NotRequired[str]


NOTHING: Status = {
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


def stored_status(folder: Path) -> Status | None:
    """The status that a folder stores; None for no status, or one of another version or of another kind."""
    stored = read_status(folder)
    if stored.get("version") != __version__ or not NOTHING.keys() <= stored.keys():
        return None
    return cast(Status, stored)  # its checksum is right: this version has written it


def frame(store: Store, path: Path) -> str:
    """Checksum of the coordinates and attributes of a map that need not be whole."""
    with store.read(path) as result:
        result.attrs = {key: value for key, value in result.attrs.items() if key not in (BLOCKS, *LAST)}
        return blocks.attribute(result, [])[BLOCKS]


def damaged(store: Store, status: Status, pieces: Sequence[Piece]) -> list[int] | None:
    """Numbers of the stored blocks whose values are not what was written; None where all has to be made anew.

    A complete map with such blocks is open again for writing afterwards.
    """
    path = next((path for path in (store.path, store.partial) if path.exists()), None)
    if path is None or not (path.is_file() or path.is_dir()):
        return None
    if status["blocks"] > len(pieces):
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
        numbers = [
            k for k, entry in enumerate(status["checks"]) if blocks.damaged(result, [entry]) is not None
        ]
    except Exception:  # damaged bytes that show only when the values are read
        return None
    finally:
        result.close()
    if whole and not numbers:
        return []
    if whole:
        put_in_place(store.path, store.partial, durable=False)
    try:
        store.try_writing()
    except Exception:  # a file that reads and cannot be written: the map is made anew
        with suppress(Exception):
            store.close()
        return None
    return numbers


def plain_gaps(values: np.ndarray) -> np.ndarray:
    """NaN of one kind: reading back replaces any other by it."""
    return np.where(np.isnan(values), np.nan, values) if values.dtype.kind == "f" else values


def with_block(status: Status, number: int, entry: Block, result: xarray.Dataset) -> Status:
    """The status with one block more.

    Where the block was there before, and was damaged, it was counted already.
    """
    if number < status["blocks"]:
        checks = [*status["checks"][:number], entry, *status["checks"][number + 1 :]]
        return {**status, "checks": checks}
    points = int(result.converged.size)
    good = int(result.converged.values.sum())
    before = status["points"] - status["not_converged"]
    uses = {(use["law"], use["argument"]): dict(use) for use in status["extrapolations"]}
    for use in uses.values():
        use["share"] *= before / max(before + good, 1)
    for new in json.loads(result.attrs["extrapolations"]):
        use = uses.setdefault((new["law"], new["argument"]), dict(new, share=0.0))
        use["share"] += new["share"] * good / max(before + good, 1)
        use["reached"] = [
            min(use["reached"][0], new["reached"][0]),
            max(use["reached"][1], new["reached"][1]),
        ]
    return {
        **status,
        "blocks": status["blocks"] + 1,
        "checks": [*status["checks"], entry],
        "points": status["points"] + points,
        "not_converged": status["not_converged"] + points - good,
        "extrapolations": list(uses.values()),
    }
