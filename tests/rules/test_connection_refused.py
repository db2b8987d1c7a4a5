"""Rule N2."""

from __future__ import annotations

from pathlib import Path

import inspector
from inspector.model.finding import Outcome
from inspector.rules import run_rules
from tests.packets import ACK, RST, SYN, pcap, tcp_packet


def _outcome(path: Path, packets: list[bytes]) -> tuple[Outcome, list[int]]:
    path.write_bytes(pcap(packets))
    finding = next(f for f in run_rules(inspector.open(path)) if f.rule == "N2")
    return finding.outcome, [item.packet for item in finding.evidence]


def test_fires_when_a_syn_is_answered_by_a_reset(tmp_path: Path) -> None:
    packets = [
        tcp_packet("10.0.0.1", "10.0.0.2", (40000, 80), 1, 0, SYN),
        tcp_packet("10.0.0.2", "10.0.0.1", (80, 40000), 0, 2, RST | ACK),
    ]
    assert _outcome(tmp_path / "x.pcap", packets) == (Outcome.FAIL, [1, 2])


def test_silent_when_the_connection_was_open_before_the_reset(tmp_path: Path) -> None:
    packets = [
        tcp_packet("10.0.0.1", "10.0.0.2", (40000, 80), 1, 0, SYN),
        tcp_packet("10.0.0.2", "10.0.0.1", (80, 40000), 5, 2, SYN | ACK),
        tcp_packet("10.0.0.1", "10.0.0.2", (40000, 80), 2, 6, ACK),
        tcp_packet("10.0.0.2", "10.0.0.1", (80, 40000), 6, 2, RST | ACK),
    ]
    assert _outcome(tmp_path / "x.pcap", packets)[0] is Outcome.PASS


def test_silent_when_the_client_itself_resets(tmp_path: Path) -> None:
    packets = [
        tcp_packet("10.0.0.1", "10.0.0.2", (40000, 80), 1, 0, SYN),
        tcp_packet("10.0.0.1", "10.0.0.2", (40000, 80), 2, 0, RST),
    ]
    assert _outcome(tmp_path / "x.pcap", packets)[0] is Outcome.PASS
