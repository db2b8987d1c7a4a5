"""Rule set "ws-4.0" against tshark, packet by packet."""

from __future__ import annotations

from pathlib import Path

import pytest

import inspector
from inspector.analysis.tcp_flags import TcpFlag, tcp_flags
from inspector.analysis.ws_rules import FLAGS
from tests.analysis.wireshark import our_lines, tshark_lines

REAL = (
    "big-web-browsing-2011.pcap",
    "http1-missing-response.pcap",
    "tcp-evasion-fake-reset.pcap",
    "tcp-out-of-order-sliced-reset.pcap",
    "tcp-overlapping-segments.pcap",
    "tcp-sequence-wraparound.pcap",
    "tcp-zero-window-retransmissions.pcap",
)


def test_flags_and_kernel_agree_on_names() -> None:
    assert {flag.name.lower(): int(flag) for flag in TcpFlag if flag.name} == {n: 1 << i for i, n in enumerate(FLAGS)}


@pytest.mark.parametrize("name", REAL)
def test_real_captures_as_tshark_says(shared_captures: Path, name: str) -> None:
    capture = inspector.open(shared_captures / name)
    assert our_lines(capture) == tshark_lines(shared_captures / name)


def test_computed_once(shared_captures: Path) -> None:
    capture = inspector.open(shared_captures / REAL[-1])
    assert tcp_flags(capture) is tcp_flags(capture)
