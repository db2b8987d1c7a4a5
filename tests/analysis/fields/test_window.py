"""Columns are the same however a capture is cut into windows."""

from __future__ import annotations

from pathlib import Path

import pytest

import inspector
from inspector.analysis.fields import FILTER_FIELDS, window
from inspector.analysis.fields.filter_grammar import parse_filter
from inspector.analysis.fields.table import columns_of_text
from tests.analysis.conversations import fuzzed_pcap


def _rows(path: Path, condition: str | None = None) -> list[tuple[str, ...]]:
    chosen = None if condition is None else parse_filter(condition, FILTER_FIELDS)
    windows = columns_of_text(inspector.open(path), list(FILTER_FIELDS.values()), chosen)
    return [row for columns in windows for row in zip(*columns, strict=True)]


@pytest.mark.parametrize(("packets", "size"), [(1, 1 << 30), (7, 1 << 30), (1000, 900)])
def test_windows_do_not_show(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, packets: int, size: int) -> None:
    path = tmp_path / "fuzzed.pcap"
    path.write_bytes(fuzzed_pcap(5, 40, quoting=True))
    whole, part = _rows(path), _rows(path, "tcp.len > 0 and not tcp.flags.syn == 1")
    assert len(whole) == 40
    assert 0 < len(part) < 40

    monkeypatch.setattr(window, "_WINDOW_PACKETS", packets)
    monkeypatch.setattr(window, "_WINDOW_BYTES", size)

    assert _rows(path) == whole
    assert _rows(path, "tcp.len > 0 and not tcp.flags.syn == 1") == part
