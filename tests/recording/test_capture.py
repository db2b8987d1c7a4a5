"""What is looked at of a capture."""

from __future__ import annotations

from pathlib import Path

import pytest

import inspector
from inspector.recording import capture as captures
from inspector.recording.http import http_exchanges
from inspector.recording.tls_connections import tls_sessions
from tests.packets import SYN, pcap, tcp_packet


def test_connections_without_data_are_not_put_together(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """There may be tens of thousands of them, as in a scan of ports."""
    path = tmp_path / "scan.pcap"
    path.write_bytes(
        pcap(tcp_packet("10.0.0.1", f"10.1.{n >> 8}.{n & 255}", (2000, 80), n, 0, SYN) for n in range(500))
    )
    capture = inspector.open(path)
    read: list[int] = []
    monkeypatch.setattr(captures, "read_stream", lambda _capture, connection, _side: read.append(connection))
    assert len(capture.connections) == 500
    assert [*http_exchanges(capture), *tls_sessions(capture), *capture.websockets.connections] == []
    assert read == []
