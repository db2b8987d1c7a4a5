"""The columnar scan against bytes made here and against tshark."""

from __future__ import annotations

from pathlib import Path

import numpy as np

import inspector
from inspector.proto import LayerKind
from tests.packets import ACK, PSH, SYN, pcap, tcp_packet


def test_layers_and_segment_of_a_tcp_packet(tmp_path: Path) -> None:
    packet = tcp_packet("10.0.0.1", "10.0.0.2", (40000, 80), 7, 9, PSH | ACK, b"GET /", window=512)
    path = tmp_path / "one.pcap"
    path.write_bytes(pcap([packet]))

    capture = inspector.open(path)

    assert capture.layers.kind.tolist() == [LayerKind.ETHERNET, LayerKind.IPV4, LayerKind.TCP]
    assert capture.layers.offset.tolist() == [0, 14, 34]
    rows = capture.segments
    assert (rows.seq[0], rows.ack[0], rows.window[0], rows.flags[0], rows.length[0]) == (7, 9, 512, PSH | ACK, 5)
    assert capture.bytes_at(0, int(rows.offset[0]), 5) == b"GET /"


def test_both_directions_share_a_flow(tmp_path: Path) -> None:
    path = tmp_path / "two.pcap"
    path.write_bytes(
        pcap(
            [
                tcp_packet("10.0.0.1", "10.0.0.2", (40000, 80), 1, 0, SYN),
                tcp_packet("10.0.0.2", "10.0.0.1", (80, 40000), 1, 2, SYN | ACK),
            ]
        )
    )

    capture = inspector.open(path)

    assert capture.segments.flow.tolist() == [0, 0]
    assert np.unique(capture.segments.marks & 1).tolist() == [0, 1]
