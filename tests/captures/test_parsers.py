"""Each parser gives what the bytes say, in the words of our model, whichever way Wireshark was asked."""

from __future__ import annotations

from pathlib import Path

import pytest

import inspector
from captures.opinion import WAYS, second_opinion
from captures.parsers import (
    parse_dns,
    parse_experts,
    parse_http,
    parse_http2,
    parse_other,
    parse_tcp,
    parse_tls,
    parse_websocket,
)
from captures.tree import Dissected
from inspector.model.dns import Question, Record
from tests.captures.asking import usable_ways
from tests.packets import ACK, FIN, PSH, ethernet, ipv4, pcap, tcp_packet, udp
from tests.tshark import require_tshark
from tests.websockets import CLIENT, KEY, SERVER, Talk, frame, handshake

_HELLO = bytes.fromhex(
    "1603010054010000500303" + "11" * 32 + "00" + "00021301" + "0100" + "0025"
    "0000000e000c000009612e6578616d706c65" + "0010000b000908687474702f312e31" + "00170000"
)  # fmt: skip
"""TLS 1.2 ClientHello (RFC 8446 section 4.1.2): one suite, server_name a.example, ALPN http/1.1."""


def _ask(folder: Path, packets: list[bytes], number: int, way: str) -> Dissected:
    require_tshark()
    usable_ways(way)
    path = folder / "case.pcap"
    path.write_bytes(pcap(packets))
    return second_opinion(inspector.open(path), number, way=way).dissected


def _talk(*said: tuple[bool, bytes], ports: tuple[int, int] = (40000, 80)) -> list[bytes]:
    talk = Talk()
    for from_client, data in said:
        talk.say(from_client, data)
    return talk.packets(ports=ports)


@pytest.mark.parametrize("way", WAYS)
def test_http(tmp_path: Path, way: str) -> None:
    answer = b"HTTP/1.1 404 Not Found\r\nX-One: a\r\nx-one:  b \r\nContent-Length: 5\r\n\r\nhello"
    [found] = parse_http(_ask(tmp_path, _talk((True, b"GET /x HTTP/1.1\r\nHost: a\r\n\r\n"), (False, answer)), 5, way))
    assert found.message.first_line == b"HTTP/1.1 404 Not Found"
    assert found.message.headers == [(b"X-One", b"a"), (b"x-one", b"b"), (b"Content-Length", b"5")]
    assert found.content == b"hello"


@pytest.mark.parametrize("way", WAYS)
def test_http2(tmp_path: Path, way: str) -> None:
    said = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes.fromhex(
        "00000c 04 00 00000000 0003 00000064 0004 0000ffff"
        "000004 08 00 00000000 000003e8"
        "000001 01 04 00000001 82"
        "000007 00 09 00000001 02 68656c6c 0000"
        "000004 03 00 00000001 00000008"
    )
    found = parse_http2(_ask(tmp_path, _talk((True, said)), 4, way))
    assert [(one.frame.type, one.frame.flags, one.frame.stream_id, one.length) for one in found] == [
        (4, 0, 0, 12),
        (8, 0, 0, 4),
        (1, 4, 1, 1),
        (0, 9, 1, 7),
        (3, 0, 1, 4),
    ]
    assert found[0].frame.detail == {"settings": {3: 100, 4: 65535}}
    assert found[1].frame.detail == {"increment": 1000}
    assert found[2].fields == ((b":method", b"GET"),)
    assert found[3].data == b"hell"
    assert found[4].frame.detail == {"error_code": 8}


@pytest.mark.parametrize("way", WAYS)
def test_websocket(tmp_path: Path, way: str) -> None:
    shake = handshake()
    both = frame(1, "안녕".encode(), KEY) + frame(2, b"x" * 300, KEY) + frame(9, b"?", KEY)
    found = parse_websocket(_ask(tmp_path, _talk((True, shake[0]), (False, shake[1]), (True, both)), 6, way))
    assert [(one.fin, one.rsv, one.opcode, one.masking_key, one.length) for one in found.frames] == [
        (True, 0, 1, KEY, 6),
        (True, 0, 2, KEY, 300),
        (True, 0, 9, KEY, 1),
    ]
    assert [one.payload for one in found.frames] == ["안녕".encode(), b"x" * 300, b"?"]
    assert found.contents == ((1, "안녕".encode()), (2, b"x" * 300))
    assert not found.failed


@pytest.mark.parametrize("way", WAYS)
def test_dns(tmp_path: Path, way: str) -> None:
    message = (
        bytes.fromhex("1234 8580 0001 0002 0000 0000")
        + b"\x01a\x07example\0" + bytes.fromhex("0001 0001")
        + bytes.fromhex("c00c 0005 0001 0000003c 0004") + b"\x01b" + bytes.fromhex("c00e")
        + b"\x01b" + bytes.fromhex("c00e 0001 0001 00000e10 0004 c0000201")
    )  # fmt: skip
    packet = ethernet(ipv4(udp(message, (53, 50000)), SERVER, CLIENT, 17))
    [found] = parse_dns(_ask(tmp_path, [packet], 1, way))
    assert (found.id, found.opcode, found.rcode) == (0x1234, 0, 0)
    assert (found.response, found.authoritative, found.truncated) == (True, True, False)
    assert found.questions == [Question("a.example", 1, 1)]
    assert found.answers == [
        Record("a.example", 5, 1, 60, "b.example"),
        Record("b.example", 1, 1, 3600, "192.0.2.1"),
    ]


@pytest.mark.parametrize("way", WAYS)
def test_tls(tmp_path: Path, way: str) -> None:
    alert = bytes.fromhex("15 0303 0002 02 28")
    packets = _talk((True, _HELLO), (False, alert), ports=(40000, 443))
    [hello] = parse_tls(_ask(tmp_path, packets, 4, way)).client_hellos
    [found] = parse_tls(_ask(tmp_path, packets, 5, way)).alerts
    assert (hello.version, hello.random, hello.cipher_suites) == (0x0303, b"\x11" * 32, (0x1301,))
    assert (hello.server_name, hello.alpn, hello.extensions) == ("a.example", ("http/1.1",), (0, 16, 23))
    assert (found.fatal, found.description) == (True, 40)


@pytest.mark.parametrize("way", WAYS)
def test_tcp_and_experts(tmp_path: Path, way: str) -> None:
    packets = _talk((True, b"hello"))
    again = tcp_packet(CLIENT, SERVER, (40000, 80), 0xFFFFFF00, 1000, PSH | ACK, b"hello", 500)
    found = _ask(tmp_path, [*packets[:4], again, *packets[4:]], 5, way)
    [segment] = parse_tcp(found)
    assert (segment.place.connection, segment.place.seq, segment.place.next_seq) == (0, 1, 6)
    assert (segment.place.ack, segment.place.length, segment.flags, segment.window) == (1, 5, PSH | ACK, 500)
    assert segment.notes == ("retransmission",)
    assert [(item.severity, item.group, item.name) for item in parse_experts(found)] == [
        ("note", "Sequence", "tcp.analysis.retransmission")
    ]
    [ended] = parse_tcp(_ask(tmp_path, packets, 5, way))
    assert ended.flags == FIN | ACK


@pytest.mark.parametrize("way", WAYS)
def test_a_protocol_without_a_parser_of_its_own(tmp_path: Path, way: str) -> None:
    question = b"\x1b" + bytes(47)
    packet = ethernet(ipv4(udp(question, (50000, 123)), CLIENT, SERVER, 17))
    [values] = parse_other(_ask(tmp_path, [packet], 1, way), "ntp")
    assert values["ntp.stratum"] == ["0"]
    assert values["ntp.flags.mode"] == ["3"]
