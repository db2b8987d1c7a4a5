"""Content that is kept: bytes one after the other."""

from __future__ import annotations

import numpy as np

__all__ = ["Kept"]


class Kept:
    """What a ``bytearray`` is for here, in the large pages that NumPy asks for (see ``room_for``).

    Args:
        room: Bytes to begin with; those that are never written to cost no memory.
    """

    def __init__(self, room: int = 0) -> None:
        self._size = 0
        self._bytes = memoryview(np.empty(room, np.uint8))  # type: ignore[arg-type]  # a buffer in the stubs of 3.12 only

    def __len__(self) -> int:
        return self._size

    def __getitem__(self, place: slice) -> memoryview:
        return self._bytes[: self._size][place]

    def add(self, data: bytes | memoryview) -> None:
        """Append bytes."""
        end = self._size + len(data)
        if end > len(self._bytes):
            longer = memoryview(np.empty(2 * end, np.uint8))  # type: ignore[arg-type]
            longer[: self._size] = self._bytes[: self._size]
            self._bytes = longer
        self._bytes[self._size : end] = data
        self._size = end

    def cut(self, size: int) -> None:
        """Forget what is behind the first ``size`` bytes."""
        self._size = min(size, self._size)

    def forget(self, size: int) -> None:
        """Forget the first ``size`` bytes; what is behind them moves to the front."""
        rest = bytes(self._bytes[size : self._size])
        self._size = 0
        self.add(rest)
