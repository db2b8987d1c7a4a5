"""Puts IP datagrams together from their fragments; rare enough to be plain Python.

Results are those of tshark: a datagram is whole when its last fragment is known and nothing is missing before its end;
where fragments overlap, the one that begins first is kept, and of two that begin together the one seen first.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field

__all__ = ["Fragments"]

_LONGEST_DATAGRAM = 65_535
"""IP's length fields have 16 bits; a fragment that ends beyond is an attack (RFC 791 section 3.2)."""
_MOST_WAITING = 4_096
"""Datagrams waiting for fragments; beyond, the one that waits longest is given up, so that a flood cannot fill memory."""
_MOST_BYTES = 64 << 20
"""Bytes held for all of them, for the same reason."""
_PIECE_BYTES = 128
"""What Python needs to hold a fragment however short it is."""


@dataclass(slots=True)
class _Datagram:
    pieces: list[tuple[int, bytes]] = field(default_factory=list)
    end: int | None = None
    """Where the datagram ends, from the first fragment seen that says it is the last."""
    seen: int = 0
    """One bit for each byte seen."""
    cost: int = 0


class Fragments:
    """Datagrams of which some fragments have been seen."""

    def __init__(self) -> None:
        self._waiting: dict[Hashable, _Datagram] = {}
        self._cost = 0

    def add(self, key: Hashable, start: int, more: bool, piece: bytes) -> bytes | None:
        """Take in a fragment.

        Args:
            key: What the fragments of one datagram have in common.
            start: Where the fragment belongs in the datagram, in bytes.
            more: Whether others come behind it.
            piece: Its bytes.

        Returns:
            The datagram when this fragment makes it whole, else None.
        """
        end = start + len(piece)
        if not piece or end > _LONGEST_DATAGRAM:
            return None
        datagram = self._waiting.setdefault(key, _Datagram())
        datagram.pieces.append((start, piece))
        datagram.seen |= ((1 << len(piece)) - 1) << start
        datagram.cost += len(piece) + _PIECE_BYTES
        self._cost += len(piece) + _PIECE_BYTES
        if not more and datagram.end is None:
            datagram.end = end
        if datagram.end is not None:
            all_of_it = (1 << datagram.end) - 1
            if datagram.seen & all_of_it == all_of_it:
                self._forget(key)
                return _join(datagram.pieces, datagram.end)
        while len(self._waiting) > _MOST_WAITING or self._cost > _MOST_BYTES:
            self._forget(next(iter(self._waiting)))
        return None

    def _forget(self, key: Hashable) -> None:
        self._cost -= self._waiting.pop(key).cost


def _join(pieces: list[tuple[int, bytes]], end: int) -> bytes:
    whole = bytearray()
    for start, piece in sorted(pieces, key=lambda item: item[0]):
        whole += piece[len(whole) - start :]
    return bytes(whole[:end])
