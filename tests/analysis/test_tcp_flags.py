"""Rule set "ws-4.0" against tshark, packet by packet."""

from __future__ import annotations

from pathlib import Path

import pytest

import inspector
from inspector.analysis.tcp_flags import TcpFlag, tcp_flags
from inspector.analysis.ws_rules import FLAGS
from tests.analysis.conversations import fuzzed_pcap
from tests.analysis.wireshark import our_lines, tshark_lines
from tests.packets import ACK, FIN, SYN, pcap, tcp_packet

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


@pytest.mark.parametrize("seed", range(5))
def test_fuzzed_conversations_as_tshark_says(tmp_path: Path, seed: int) -> None:
    path = tmp_path / "fuzzed.pcap"
    path.write_bytes(fuzzed_pcap(seed, 4_000, quoting=seed % 2 == 1))
    assert our_lines(inspector.open(path)) == tshark_lines(path)


def test_more_unacknowledged_segments_than_wireshark_keeps(tmp_path: Path) -> None:
    """10,050 segments without an answer: the last ones and the FIN are not among those that can be acknowledged."""
    ends, ports, start = ("10.0.0.1", "10.0.0.2"), (40000, 80), 2**32 - 40_000
    packets = [tcp_packet(*ends, ports, start, 0, SYN), tcp_packet(*ends[::-1], ports[::-1], 0, start + 1, SYN | ACK)]
    packets += [tcp_packet(*ends, ports, start + 1 + 10 * n, 1, ACK, b"x" * 10) for n in range(10_050)]
    end = start + 1 + 100_500
    packets += [
        tcp_packet(*ends, ports, end, 1, FIN | ACK),
        tcp_packet(*ends[::-1], ports[::-1], 1, start + 1 + 99_985, ACK),
        tcp_packet(*ends[::-1], ports[::-1], 1, end + 1, ACK),
        tcp_packet(*ends, ports, end + 1, 1, ACK, b"late"),
    ]
    path = tmp_path / "long.pcap"
    path.write_bytes(pcap(packets, step_ns=1000))
    assert our_lines(inspector.open(path)) == tshark_lines(path)


@pytest.mark.parametrize("reverse", [False, True], ids=["in order, all twice", "backwards"])
def test_segments_out_of_order_while_acknowledgments_come(tmp_path: Path, reverse: bool) -> None:
    """Equal to tshark where segments lie in several lanes, or in none of them."""
    ends, ports = ("10.0.0.1", "10.0.0.2"), (40000, 80)
    order = range(600, 0, -1) if reverse else [n for n in range(600) for _ in range(2)]
    packets = [tcp_packet(*ends, ports, 1 + 10 * n, 1, ACK, b"x" * 10) for n in order]
    for n in range(0, 600, 3):
        packets.append(tcp_packet(*ends[::-1], ports[::-1], 1, 1 + 10 * n + n % 2, ACK))
        packets.append(tcp_packet(*ends, ports, 6_011 + n, 1, ACK, b"y"))
    path = tmp_path / "window.pcap"
    path.write_bytes(pcap(packets, step_ns=1000))
    assert our_lines(inspector.open(path)) == tshark_lines(path)


@pytest.mark.parametrize("name", REAL)
def test_real_captures_as_tshark_says(shared_captures: Path, name: str) -> None:
    capture = inspector.open(shared_captures / name)
    assert our_lines(capture) == tshark_lines(shared_captures / name)


def test_computed_once(shared_captures: Path) -> None:
    capture = inspector.open(shared_captures / REAL[-1])
    assert tcp_flags(capture) is tcp_flags(capture)
