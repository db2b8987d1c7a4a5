"""Tables of a report as columns: little-endian arrays in chunks, each chunk gzip and base64.

A million rows are a few megabytes this way, and a browser decodes a chunk when it shows it.
"""

from __future__ import annotations

import base64
import gzip
import json
import zlib
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["CHUNK_ROWS", "TEXT_ROWS", "pack", "pack_column", "pack_texts", "unpack", "unpack_column"]

CHUNK_ROWS = 65_536
"""Rows per chunk of a column."""
TEXT_ROWS = 2_048
"""Rows per chunk of texts: one is decoded to show a screenful."""

# Any: JSON.
Json = dict[str, Any]
_TYPES = {"u1": np.uint8, "u2": np.uint16, "u4": np.uint32, "i4": np.int32, "i8": np.int64}


_LEVEL = 5
"""Of gzip: a report of a million packets is 2 % larger than with level 6, and packed in a third of the time."""


def pack(data: bytes) -> str:
    """Bytes as text: gzip (without a time, so that the same input gives the same report), then base64."""
    # gzip.compress writes another header since Python 3.13; zlib's is the same in all.
    return base64.b64encode(zlib.compress(data, _LEVEL, wbits=31)).decode("ascii")


def unpack(text: str) -> bytes:
    """The bytes again."""
    return gzip.decompress(base64.b64decode(text))


def pack_column(values: NDArray[Any], kind: str, *, delta: bool = False) -> Json:
    """A column of integers.

    Args:
        values: One per row.
        kind: ``u1``, ``u2``, ``u4``, ``i4`` or ``i8``.
        delta: Differences are stored, the first from 0; chunks then do not stand alone.
    """
    stored = np.diff(values, prepend=values.dtype.type(0)) if delta else values
    array = np.ascontiguousarray(stored.astype(_TYPES[kind])).astype(f"<{kind}")
    chunks = [pack(array[at : at + CHUNK_ROWS].tobytes()) for at in range(0, len(array), CHUNK_ROWS)]
    return {"type": kind, "delta": delta, "chunks": chunks}


def unpack_column(column: Json) -> NDArray[Any]:
    """The values again."""
    data = b"".join(map(unpack, column["chunks"]))
    values = np.frombuffer(data, f"<{column['type']}")
    return np.cumsum(values) if column["delta"] else values


def pack_texts(texts: Sequence[Any], rows: int = TEXT_ROWS) -> Json:
    """A column of JSON values (texts, or whole records), each chunk one JSON array."""
    chunks = [
        pack(json.dumps(texts[at : at + rows], ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace"))
        for at in range(0, len(texts), rows)
    ]
    return {"type": "json", "rows": rows, "chunks": chunks}
