"""A drawn page as a PNG file. Pillow tries five filters on each of its lines, which takes longer."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Mapping

import numpy as np

SIGNATURE = b"\x89PNG\r\n\x1a\n"
INCH = 0.0254  # m
EIGHT_BITS, RGBA, UP = 8, 6, 2  # depth and kind of the colours, and the filter of a line (PNG, third edition)


def png(page: np.ndarray, dpi: float, metadata: Mapping[str, str], level: int) -> bytes:
    """The file of a page (height, width, 4) of uint8: red, green, blue, opacity.

    metadata: keyword (Latin-1, 1 to 79 characters) -> text. level: of zlib's compression.
    Each line is stored as its difference from the line above it: pages are white, or go on downward.
    """
    height, width, _ = page.shape
    flat = page.reshape(height, 4 * width)
    lines = np.empty((height, 1 + 4 * width), dtype=np.uint8)
    lines[:, 0] = UP
    lines[0, 1:] = flat[0]
    np.subtract(flat[1:], flat[:-1], out=lines[1:, 1:])
    per_metre = int(dpi / INCH + 0.5)
    return b"".join([
        SIGNATURE,
        _chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, EIGHT_BITS, RGBA, 0, 0, 0)),
        _chunk(b"pHYs", struct.pack(">IIB", per_metre, per_metre, 1)),
        *(_text(keyword, text) for keyword, text in metadata.items()),
        _chunk(b"IDAT", zlib.compress(lines.data, level)),
        _chunk(b"IEND", b""),
    ])  # fmt: skip


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def _text(keyword: str, text: str) -> bytes:
    """The chunk of a text: Latin-1 where that has all its letters, else UTF-8."""
    try:
        return _chunk(b"tEXt", keyword.encode("latin-1") + b"\0" + text.encode("latin-1"))
    except UnicodeEncodeError:
        return _chunk(b"iTXt", keyword.encode("latin-1") + b"\0\0\0\0\0" + text.encode())
