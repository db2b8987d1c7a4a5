"""Values, links and checksums in words."""

from __future__ import annotations

from pathlib import Path
from struct import pack

import pytest

import inspector
from inspector.proto import Field, Show, Span
from inspector.recording.checksums import Checksum, ChecksumState
from inspector.refs import Ref
from inspector.report.fieldtext import checksum_text, link_text, short_text, value_text
from inspector.report.packet import build_packet
from tests.packets import ACK, checksum, ethernet, ipv4, pcap, tcp_packet

_REF = Ref("RFC 791", "3.1")


def _span(bits: int, value: int, show: Show = Show.DECIMAL, **more: object) -> Span:
    field = Field("name", bits, "Name", "A field.", _REF, None, show, **more)  # type: ignore[arg-type]
    return Span(field, 0, bits, value)


@pytest.mark.parametrize(
    ("span", "text"),
    [
        (_span(8, 64), "64"),
        (_span(16, 1500, unit="bytes"), "1500 bytes"),
        (_span(4, 5, scale=4, unit="bytes"), "5 × 4 = 20 bytes"),
        (_span(8, 6, values={6: "TCP"}), "6 (TCP)"),
        (_span(12, 0x18, Show.HEX), "0x018"),
        (_span(1, 1, Show.FLAG), "1 (set)"),
        (_span(1, 0, Show.FLAG), "0 (not set)"),
        (_span(3, 0, Show.RESERVED), "0"),
        (_span(3, 2, Show.RESERVED), "2 (should be zero)"),
        (_span(48, 0x020000000001, Show.MAC), "02:00:00:00:00:01"),
        (_span(32, 0xC0000201, Show.IPV4), "192.0.2.1"),
        (_span(128, 1, Show.IPV6), "::1"),
        (_span(24, 0x010203, Show.BYTES), "01 02 03"),
    ],
)
def test_values(span: Span, text: str) -> None:
    assert value_text(span) == text


def test_long_bytes_are_cut_with_their_number() -> None:
    assert short_text(_span(8 * 40, 0, Show.BYTES)).endswith("00 … (40 bytes)")


@pytest.mark.parametrize(
    ("state", "text"),
    [
        (ChecksumState.CORRECT, "correct"),
        (ChecksumState.WRONG, "wrong: should be 0x00ab"),
        (ChecksumState.OFFLOADED, "not filled in: checksum offload (the network card makes it 0x00ab)"),
        (ChecksumState.CUT, "cannot be checked: packet cut"),
    ],
)
def test_checksums(state: ChecksumState, text: str) -> None:
    assert checksum_text(Checksum(state, 1, 0xAB)) == text


def test_quoted_packet_is_named_and_marked(tmp_path: Path) -> None:
    quote = ipv4(pack(">HHHH", 40000, 53, 8, 0), "192.0.2.9", "192.0.2.1", 17)
    message = pack(">BBHI", 3, 3, 0, 0) + quote
    message = message[:2] + pack(">H", checksum(message)) + message[4:]
    path = tmp_path / "icmp.pcap"
    path.write_bytes(pcap([ethernet(ipv4(message, "192.0.2.1", "192.0.2.9", 1))]))
    capture = inspector.open(path)
    packet = build_packet(capture, 1)
    assert [(layer["name"], layer["quoted"]) for layer in packet["layers"]] == [
        ("ethernet", False),
        ("ipv4", False),
        ("icmp", False),
        ("ipv4", True),
        ("udp", True),
    ]
    assert link_text(capture.packet(1), 2) == "type 3 → quotes the packet it is about: IPv4"
    assert [layer["checksum"]["state"] for layer in packet["layers"][1:]] == ["correct", "correct", "correct", "unused"]


@pytest.mark.parametrize(
    ("start", "told"),
    [
        (b"HTTP/1.1 200 OK", "HTTP/1.1"),
        (b"GET / HTTP/1.1\r\n", "GET"),
        (b"HTTP/1.\xb1\x1b[2J OK", "HTTP/1.±<U+001B>[2J"),
    ],
)
def test_what_looks_like_http_is_told_by_its_first_word(tmp_path: Path, start: bytes, told: str) -> None:
    path = tmp_path / "http.pcap"
    path.write_bytes(pcap([tcp_packet("192.0.2.1", "192.0.2.9", (8000, 40000), 1, 1, ACK, start)]))
    assert link_text(inspector.open(path).packet(1), 2) == f"first bytes “{told}” → HTTP (by content)"


@pytest.mark.parametrize(
    ("name", "number", "links"),
    [
        (
            "tunnel-vxlan-http.pcap",
            1,
            ["Protocol 17 → UDP", "port 4789 → VXLAN (by port)", "what follows → Ethernet"],
        ),
        ("tunnel-gre-http.pcap", 1, ["Protocol 47 → GRE", "Protocol type 0x6558 → Ethernet"]),
        ("link-802.11-dns.pcap", 1, ["Destination service access point 0xaa → SNAP", "EtherType 0x0800 → IPv4"]),
        ("h2c-long-frames.pcap", 4, ["the connection begins with the HTTP/2 preface → HTTP/2"]),
    ],
)
def test_links_of_real_packets(shared_captures: Path, name: str, number: int, links: list[str]) -> None:
    packet = build_packet(inspector.open(shared_captures / name), number)
    found = [layer["link"] for layer in packet["layers"]]
    assert [link for link in found if link in links] == links
