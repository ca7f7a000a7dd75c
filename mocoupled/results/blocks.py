"""Checksums of a file that is written block by block and read on demand, such as a map of equilibria."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Hashable, Mapping, Sequence
from typing import TYPE_CHECKING, TypedDict

import numpy as np

from ..errors import InputError
from .integrity import BLOCKS, attribute_text, content_bytes, parsed

if TYPE_CHECKING:
    import xarray


class Block(TypedDict):
    """A block in the form of JSON. at: dimension -> first index and end. sha256: of its values."""

    at: dict[str, list[int]]
    sha256: str


def entry(piece: Mapping[str, slice], values: Mapping[str, tuple[Sequence[Hashable], np.ndarray]]) -> Block:
    """The record of a block.

    piece: dimension -> slice; values: of every variable of the file, name -> (dimensions, array), as they are
    written.
    """
    digest = hashlib.sha256()
    for name in sorted(values):
        dimensions, array = values[name]
        digest.update(repr((name, tuple(map(str, dimensions)), np.shape(array))).encode())
        # logical values are the bytes that they are stored as
        digest.update(content_bytes(np.asarray(array)))
    return {
        "at": {str(d): [int(s.start), int(s.stop)] for d, s in piece.items()},
        "sha256": digest.hexdigest(),
    }


def damaged(result: xarray.Dataset, entries: Sequence[Block]) -> int | None:
    """The number of the first block whose values are not what was written; None where all are.

    One block is in memory at a time.
    """
    for number, kept in enumerate(entries):
        piece = {d: slice(*ends) for d, ends in kept["at"].items()}
        part = result.isel(piece)
        now = entry(piece, {str(n): (part[n].dims, part[n].values) for n in part.data_vars})
        if now["sha256"] != kept["sha256"]:
            return number
    return None


def attribute(result: xarray.Dataset, entries: Sequence[Block]) -> dict[str, str]:
    """The attribute of the finished file: its blocks, and one checksum of coordinates and attributes.

    result: the finished file, read back.
    """
    return {BLOCKS: json.dumps({"blocks": list(entries), "rest": _rest(result)})}


def rest_is_whole(result: xarray.Dataset) -> bool:
    """Whether coordinates and attributes of a finished file are what was written."""
    kept = parsed(result.attrs.get(BLOCKS))
    return isinstance(kept, dict) and kept.get("rest") == _rest(result)


def checked(result: xarray.Dataset, where: str) -> xarray.Dataset:
    """The result without the attribute.

    InputError where a block, a coordinate or an attribute is not what was written.
    A file without the attribute (of version 0.1) is returned as it is.
    """
    if BLOCKS not in result.attrs:
        return result
    kept = parsed(result.attrs[BLOCKS])
    try:
        sound = kept["rest"] == _rest(result) and damaged(result, kept["blocks"]) is None
    except (TypeError, ValueError, KeyError, IndexError, AttributeError):
        sound = False
    if not sound:
        raise InputError(
            where,
            "the file is damaged: its content is not what was written.",
            cure="remove it and make the map again, in the same folder with --resume",
        )
    del result.attrs[BLOCKS]  # of this very Dataset: a copy would not close the file
    return result


def _rest(result: xarray.Dataset) -> str:
    digest = hashlib.sha256(repr(attribute_text(result.attrs)).encode())
    for name in sorted(map(str, result.variables)):
        variable = result[name].variable
        digest.update(repr((name, variable.dims, variable.shape, attribute_text(variable.attrs))).encode())
        if name in result.coords:
            digest.update(content_bytes(np.asarray(variable.values)))
    return digest.hexdigest()
