"""A table that grows batch by batch without holding two copies of itself."""

from __future__ import annotations

from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from inspector.model.tables import room_for

__all__ = ["GrowingTable", "view"]

_MARGIN = 1.05
"""Room above the estimate, so that an estimate slightly short does not move the whole table."""

_MOST_AHEAD = 64
"""Rows reserved per row at hand: a first batch unlike the rest must not ask for more memory than there is."""


def view(array: NDArray[Any]) -> memoryview[int]:
    """A column as a memoryview: what kernels take, and whose items are Python integers when they run uncompiled."""
    # Any: NumPy's stubs name the buffer protocol only from Python 3.12 on.
    return memoryview(cast(Any, array))


class GrowingTable:
    """Columns of equal length that are appended to.

    The first batch tells how many rows the whole file will have; memory that is reserved and not written costs nothing
    (the kernel gives pages when they are touched).

    Args:
        dtypes: The columns.
    """

    def __init__(self, dtypes: dict[str, np.dtype[np.generic]]) -> None:
        self.dtypes = dtypes
        self.rows = 0
        self._columns = room_for(dtypes, 0)
        self._capacity = 0

    def extend(self, columns: dict[str, NDArray[np.generic]], count: int, part: float) -> None:
        """Append the first ``count`` rows of ``columns``; ``part`` of the file (0 to 1) is read by now."""
        needed = self.rows + count
        if needed > self._capacity:
            self._capacity = max(
                needed, int(min(needed / max(part, 1e-9) * _MARGIN, needed * _MOST_AHEAD)) if part < 1 else needed
            )
            grown = room_for(self.dtypes, self._capacity)
            for name, column in self._columns.items():
                grown[name][: self.rows] = column[: self.rows]
            self._columns = grown
        for name, column in self._columns.items():
            column[self.rows : needed] = columns[name][:count]
        self.rows = needed

    def finish(self) -> dict[str, NDArray[np.generic]]:
        """The columns, as long as there are rows."""
        return {name: column[: self.rows] for name, column in self._columns.items()}
