"""What a field holds in a run of packets: kinds of values, and columns in which a packet may have none or several."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "BOOLEAN",
    "BYTES",
    "HEX8",
    "HEX16",
    "HEX24",
    "HEX32",
    "IPV4",
    "IPV6",
    "MAC",
    "NUMBER",
    "PRESENT",
    "SECONDS",
    "TEXT",
    "Kind",
    "Values",
    "merge",
]


@dataclass(frozen=True, slots=True)
class Kind:
    """How a field's values are stored, printed and compared.

    Args:
        name: For people, in ``--list``.
        digits: Hexadecimal digits printed, for the kinds that print a number so.
    """

    name: str
    digits: int = 0


NUMBER = Kind("number")
"""Integers, printed in decimal."""
HEX8 = Kind("number", 2)
HEX16 = Kind("number", 4)
HEX24 = Kind("number", 6)
HEX32 = Kind("number", 8)
BOOLEAN = Kind("boolean")
"""0 or 1."""
PRESENT = Kind("mark")
"""Has no value; printed as 1 where it is there."""
MAC = Kind("mac")
"""uint64 of which the low 48 bits count."""
IPV4 = Kind("ipv4")
"""uint32."""
IPV6 = Kind("ipv6")
"""uint8, shape (n, 16)."""
SECONDS = Kind("seconds")
"""int64 nanoseconds, printed as seconds with nine decimals."""
BYTES = Kind("bytes")
"""object: ``bytes``."""
TEXT = Kind("text")
"""object: ``str``."""


@dataclass(frozen=True, slots=True, eq=False)
class Values:
    """Occurrences of one field in a window of packets, in the order of the packets' bytes.

    Args:
        packet: int64, shape (n,): row within the window, never decreasing.
        layer: int64, shape (n,): layer row that it was found in, to merge several columns in order.
        data: n values as the field's kind stores them.
    """

    packet: NDArray[np.int64]
    layer: NDArray[np.int64]
    data: NDArray[Any]

    def where(self, mask: NDArray[np.bool_]) -> Values:
        """The occurrences for which ``mask`` is true."""
        return self if mask.all() else Values(self.packet[mask], self.layer[mask], self.data[mask])


def merge(*parts: Values) -> Values:
    """All occurrences of several columns, in the order of layers; within one layer in the order given."""
    layer = np.concatenate([part.layer for part in parts])
    order = np.argsort(layer, kind="stable")
    packet = np.concatenate([part.packet for part in parts])
    data = np.concatenate([part.data for part in parts])
    return Values(packet[order], layer[order], data[order])
