"""Columns as text, written exactly as ``tshark -T fields`` writes them."""

from __future__ import annotations

import socket
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inspector.analysis.fields.values import (
    BOOLEAN,
    BYTES,
    IPV4,
    IPV6,
    MAC,
    PRESENT,
    SECONDS,
    TEXT,
    Kind,
    Values,
)

__all__ = ["column_of_text", "texts"]

_Texts = NDArray[np.object_]


def column_of_text(kind: Kind, values: Values, packets: int) -> list[str]:
    """One text per packet: its occurrences joined with commas, empty where there is none.

    Args:
        kind: The field's kind.
        values: Its column in a window.
        packets: Packets in the window.
    """
    written = texts(kind, values.data)
    rows = values.packet
    if len(rows) == packets and (packets == 0 or bool((np.diff(rows) == 1).all())):
        return list(written)
    column = np.full(packets, "", object)
    if len(rows):
        starts = np.flatnonzero(np.diff(rows, prepend=-1))
        rank = np.arange(len(rows)) - np.repeat(starts, np.diff(starts, append=len(rows)))
        first = rank == 0
        column[rows[first]] = written[first]
        for number in range(1, int(rank.max()) + 1):
            this = rank == number
            column[rows[this]] += "," + written[this]
    return list(column)


def texts(kind: Kind, data: NDArray[Any]) -> _Texts:
    """Each value as tshark prints it, shape (n,), ``str``."""
    if kind.digits:
        return _hexadecimal(data, kind.digits)
    return _WRITERS.get(kind, _decimal)(data)


@cache
def _decimals() -> _Texts:
    """The decimal numbers that 16 bits can hold, so that most fields need no formatting at all."""
    return np.array([str(number) for number in range(1 << 16)], object)


def _decimal(data: NDArray[Any]) -> _Texts:
    if len(data) == 0 or (int(data.min()) >= 0 and int(data.max()) < 1 << 16):
        return _decimals()[data.astype(np.int64)]
    return _objects(list(map(str, data.tolist())))


def _objects(items: list[str]) -> _Texts:
    column = np.empty(len(items), object)
    column[:] = items
    return column


def _of_unique(data: NDArray[Any], write: Callable[[Any], str]) -> _Texts:
    """Write every distinct value once: captures hold few addresses."""
    distinct, inverse = np.unique(data, return_inverse=True)
    return _objects([write(item) for item in distinct.tolist()])[inverse]


def _hexadecimal(data: NDArray[Any], digits: int) -> _Texts:
    if digits <= 4:
        return _of_unique(data, lambda number: f"0x{number:0{digits}x}")
    return _objects([f"0x{number:0{digits}x}" for number in data.tolist()])


def _mac(data: NDArray[Any]) -> _Texts:
    return _of_unique(data, lambda number: number.to_bytes(6, "big").hex(":"))


def _ipv4(data: NDArray[Any]) -> _Texts:
    return _of_unique(data, lambda number: ".".join(map(str, number.to_bytes(4, "big"))))


def _ipv6(data: NDArray[Any]) -> _Texts:
    whole = np.ascontiguousarray(data).view("V16").reshape(len(data))
    return _of_unique(whole, lambda address: socket.inet_ntop(socket.AF_INET6, address))


def _seconds(data: NDArray[Any]) -> _Texts:
    digits = (str(number).zfill(10) for number in np.abs(data).tolist())
    written = _objects([f"{text[:-9]}.{text[-9:]}" for text in digits])
    negative = data < 0
    if negative.any():
        written[negative] = "-" + written[negative]
    return written


def _bytes(data: NDArray[Any]) -> _Texts:
    return _objects([item.hex() or "<MISSING>" for item in data.tolist()])


def _text(data: NDArray[Any]) -> _Texts:
    return data


def _present(data: NDArray[Any]) -> _Texts:
    return np.full(len(data), "1", object)


_WRITERS: dict[Kind, Callable[[NDArray[Any]], _Texts]] = {
    BOOLEAN: _decimal,
    PRESENT: _present,
    MAC: _mac,
    IPV4: _ipv4,
    IPV6: _ipv6,
    SECONDS: _seconds,
    BYTES: _bytes,
    TEXT: _text,
}
