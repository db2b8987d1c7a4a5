"""Addresses and ports as text, for whole columns and for one row."""

from __future__ import annotations

import socket
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Endpoint", "address_text", "address_texts", "endpoint_text"]


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One end of a connection.

    Args:
        address: IPv4 or IPv6 address as usually written (RFC 5952).
        port: TCP or UDP port.
    """

    address: str
    port: int

    def __str__(self) -> str:
        return endpoint_text(self.address, self.port)


def endpoint_text(address: str, port: int) -> str:
    """``10.0.0.1:80`` or ``[2001:db8::1]:80`` (RFC 3986 section 3.2.2)."""
    return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"


def address_text(version: int, high: int, low: int) -> str:
    """An address as usually written, from its halves as in ``Flows``."""
    if version == 4:
        return f"{low >> 24}.{low >> 16 & 255}.{low >> 8 & 255}.{low & 255}"
    return socket.inet_ntop(socket.AF_INET6, (high << 64 | low).to_bytes(16, "big"))


def address_texts(
    high: NDArray[np.uint64], low: NDArray[np.uint64], version: NDArray[np.uint8]
) -> tuple[list[str], NDArray[np.intp]]:
    """Write addresses, each distinct one once.

    Args:
        high, low: Halves of the addresses, as in ``Flows``; shape (n,).
        version: 4 or 6, shape (n,).

    Returns:
        The distinct texts, and the index into them of each row.
    """
    if not (version == 6).any():
        values, index = np.unique(low, return_inverse=True)
        return [address_text(4, 0, v) for v in values.tolist()], index
    rows = np.empty(len(low), [("version", np.uint8), ("high", np.uint64), ("low", np.uint64)])
    rows["version"], rows["high"], rows["low"] = version, high, low
    distinct, index = np.unique(rows, return_inverse=True)
    return [address_text(*address) for address in distinct.tolist()], index
