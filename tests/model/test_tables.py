"""Tables handed to other libraries."""

from __future__ import annotations

import importlib
from types import ModuleType

import numpy as np
import pytest

from inspector.errors import MissingPart
from inspector.model.tables import Layers


def _layers() -> Layers:
    return Layers(np.array([1, 2], np.uint8), np.array([0, 14], np.uint32), np.array([60, 46], np.uint32))


def test_columns_keep_their_order_and_are_not_copied() -> None:
    table = _layers()
    columns = table.columns()
    assert list(columns) == ["kind", "offset", "size"]
    assert columns["kind"] is table.kind


def test_to_pandas_has_a_column_for_each() -> None:
    pytest.importorskip("pandas")
    frame = _layers().to_pandas()
    assert frame["offset"].tolist() == [0, 14]


def test_to_arrow_keeps_dtypes() -> None:
    pytest.importorskip("pyarrow")
    table = _layers().to_arrow()
    assert str(table.schema.field("size").type) == "uint32"


@pytest.mark.parametrize(("method", "package"), [("to_pandas", "pandas"), ("to_arrow", "pyarrow")])
def test_a_missing_package_is_named_with_what_to_do(monkeypatch: pytest.MonkeyPatch, method: str, package: str) -> None:
    real = importlib.import_module

    def without(name: str, package: str | None = None) -> ModuleType:
        if name in ("pandas", "pyarrow"):
            raise ImportError(name)
        return real(name, package)

    monkeypatch.setattr(importlib, "import_module", without)
    with pytest.raises(MissingPart, match=f"pip install {package}"):
        getattr(_layers(), method)()
