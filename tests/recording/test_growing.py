"""Tables that grow batch by batch."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from inspector.recording.growing import GrowingTable, view


@pytest.mark.parametrize("parts", [(0.1, 0.2, 1.0), (0.9, 0.95, 1.0), (1.0, 1.0, 1.0), (1e-12, 0.5, 1.0)])
def test_rows_are_kept_whatever_the_estimate_was(parts: tuple[float, ...]) -> None:
    table = GrowingTable({"a": np.dtype(np.uint8), "b": np.dtype(np.int64)})
    expected: list[int] = []
    for count, part in zip((3, 50, 7), parts, strict=True):
        numbers = list(range(len(expected), len(expected) + count))
        batch: dict[str, NDArray[np.generic]] = {"a": np.array([*numbers, 99], np.uint8), "b": np.array([*numbers, 99])}
        table.extend(batch, count, part)
        expected += numbers

    columns = table.finish()

    assert columns["a"].tolist() == columns["b"].tolist() == expected
    assert [str(columns[name].dtype) for name in "ab"] == ["uint8", "int64"]


def test_items_of_a_view_are_python_integers() -> None:
    assert type(view(np.array([1], np.uint8))[0]) is int
