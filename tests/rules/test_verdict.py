"""What the verdict says where a capture shows little: no side is said to be well that was not seen."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest

import inspector
from inspector.analysis.facts import Facts
from inspector.model.finding import Confidence
from inspector.report.build import build_report
from inspector.report.text import render_text
from inspector.rules import Diagnosis, diagnose
from tests.packets import ACK, RST, SYN, pcap, tcp_packet
from tests.report.samples import SAMPLES
from tests.websockets import Talk, write_capture

_ARP = b"\xff" * 6 + b"\2" * 6 + b"\x08\x06" + struct.pack(">HHBBH", 1, 0x800, 6, 4, 1) + bytes(20)


def _diagnosed(path: Path) -> Diagnosis:
    return diagnose(Facts(inspector.open(path)))


def _sides(diagnosis: Diagnosis) -> dict[str, str]:
    return {side.value: state for side, state in diagnosis.verdict.sides}


@pytest.mark.parametrize(("packets", "undecoded"), [([_ARP] * 3, 0), ([b""] * 4, 4), ([_ARP[:14] + b"\1"] * 2, 2)])
def test_a_capture_without_any_conversation_is_not_said_to_be_well(
    tmp_path: Path, packets: list[bytes], undecoded: int
) -> None:
    path = tmp_path / "x.pcap"
    path.write_bytes(pcap(packets))
    diagnosis = _diagnosed(path)
    assert diagnosis.verdict.confidence is Confidence.UNCLEAR
    assert set(_sides(diagnosis).values()) == {"unknown"}
    assert [(item.what, item.count) for item in diagnosis.not_examined] == [("undecoded_packets", undecoded)] * (
        undecoded > 0
    )
    report = build_report(inspector.open(path))
    assert report["verdict"]["state"] == "undecided"
    assert render_text(report).splitlines()[1].startswith("?  The capture holds nothing that could be judged")


def test_a_link_layer_that_is_not_decoded_is_told(tmp_path: Path) -> None:
    path = tmp_path / "x.pcap"
    path.write_bytes(pcap([b"usb" * 30] * 5, link_type=189))
    assert [(item.what, item.count) for item in _diagnosed(path).not_examined] == [("undecoded_packets", 5)]


def test_of_requests_that_nobody_answered_nobody_is_said_to_be_well(tmp_path: Path) -> None:
    path = tmp_path / "x.pcap"
    path.write_bytes(pcap(tcp_packet("10.0.0.1", "10.0.0.2", (2000 + n, 80), n, 0, SYN) for n in range(30)))
    diagnosis = _diagnosed(path)
    sides = _sides(diagnosis)
    assert (sides["network"], sides["server"], sides["application"]) == ("unknown",) * 3
    assert diagnosis.verdict.confidence is Confidence.LIKELY
    assert [(item.what, item.count) for item in diagnosis.not_examined] == [("unanswered", 30)]


def test_the_application_is_well_only_where_it_was_understood(tmp_path: Path) -> None:
    unknown = Talk().say(True, b"\1\2\3 what is this").say(False, b"\4\5\6")
    http = Talk().say(True, b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
    http.say(False, b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi")
    for talk, state in ((unknown, "unknown"), (http, "ok")):
        sides = _sides(_diagnosed(write_capture(tmp_path / "x.pcap", talk.packets())))
        assert (sides["server"], sides["application"]) == ("ok", state)
    refused = tmp_path / "refused.pcap"
    asked = tcp_packet("10.0.0.1", "10.0.0.2", (2000, 80), 5, 0, SYN)
    refused.write_bytes(pcap([asked, tcp_packet("10.0.0.2", "10.0.0.1", (80, 2000), 0, 6, RST | ACK)]))
    assert _sides(_diagnosed(refused)) == {
        "client": "ok", "network": "ok", "proxy": "ok", "server": "fault", "application": "unknown",
    }  # fmt: skip


def test_a_name_that_does_not_exist_is_a_warning_that_the_verdict_tells() -> None:
    assert str(_diagnosed(SAMPLES / "dns.pcapng").verdict.sentence).startswith("Nothing failed; the warnings below")


def test_of_several_captures_the_one_that_told_least_decides_what_is_said(tmp_path: Path) -> None:
    path = tmp_path / "x.pcap"
    path.write_bytes(pcap([_ARP]))
    report = build_report([inspector.open(SAMPLES / "tcp-handshake.pcapng"), inspector.open(path)])
    assert (report["verdict"]["source"], report["verdict"]["confidence"]) == (1, "unclear")
