"""Each reason explains what it is for, and none of them hides a fault of ours."""

from __future__ import annotations

import random
import ssl
import zlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

import inspector
from captures.comparison import gather
from captures.comparison.http import our_http
from captures.comparison.places import Places
from captures.comparison.reasons import COLUMN_REASONS, REASONS
from captures.comparison.run import Verification, verify
from captures.comparison.unit import Unit
from captures.comparison.websocket import our_websockets
from inspector.recording.capture import Capture
from tests.captures.asking import need_sharkd
from tests.packets import ethernet, ipv4, pcap
from tests.tls_session import talk as tls_talk
from tests.tshark import require_tshark
from tests.websockets import KEY, Talk, compress, frame, handshake, write_capture

_BOTH = "permessage-deflate; client_no_context_takeover; server_no_context_takeover"
_TEXTS = [f"message number {number} with some repeated repeated text".encode() for number in range(4)]


def _open(answer: str = "") -> Talk:
    talk = Talk()
    for from_client, data in zip((True, False), handshake(_BOTH if answer else "", answer), strict=True):
        talk.say(from_client, data)
    return talk


def _deflated(answer: str) -> list[bytes]:
    talk = _open(answer)
    sides = {True: zlib.compressobj(wbits=-15), False: zlib.compressobj(wbits=-15)}
    for text in _TEXTS:
        for from_client, name in ((True, "client"), (False, "server")):
            if f"{name}_no_context_takeover" in answer:
                sides[from_client] = zlib.compressobj(wbits=-15)
            talk.say(from_client, frame(1, compress(sides[from_client], text), KEY if from_client else None, rsv=4))
    return talk.packets()


def _compressed_fragments() -> list[bytes]:
    talk, side = _open("permessage-deflate"), zlib.compressobj(wbits=-15)
    data = compress(side, _TEXTS[0] * 3)
    talk.say(False, frame(1, data[:10], rsv=4, fin=False)).say(False, frame(0, data[10:]))
    for text in _TEXTS:
        talk.say(False, frame(1, compress(side, text), rsv=4))
    return talk.packets()


def _large_compressed() -> list[bytes]:
    talk, side = _open("permessage-deflate"), zlib.compressobj(wbits=-15)
    talk.say(True, frame(1, compress(side, random.Random(2).randbytes(300_000).hex().encode()), KEY, rsv=4))
    for text in _TEXTS:
        talk.say(True, frame(1, compress(side, text), KEY, rsv=4))
    return talk.packets()


def _large() -> list[bytes]:
    text = bytes(random.Random(1).choices(b"abcdefgh ", k=300_000))
    return _open().say(True, frame(1, text, KEY)).say(True, frame(1, b"after", KEY)).packets()


def _both_in_fragments() -> list[bytes]:
    talk = _open()
    talk.say(True, frame(1, b"text begins", KEY, fin=False)).say(False, frame(2, b"\x01\x02", fin=False))
    return talk.say(True, frame(0, b" and ends", KEY)).say(False, frame(0, b"\x03\x04")).packets()


def _plain() -> Talk:
    talk = _open()
    for number in range(8):
        talk.say(number % 2 == 0, frame(1, b"hello %d" % number, KEY if number % 2 == 0 else None))
    return talk


def _begun_before() -> list[bytes]:
    return [*_plain().packets(lost=(0, 1), opening=False), *_plain().packets(ports=(40001, 80))]


def _one_direction() -> list[bytes]:
    server = [packet for packet in _plain().packets() if packet[34:36] == (80).to_bytes(2, "big")]
    return [*server, *_plain().packets(ports=(40001, 80))]


def _gap() -> list[bytes]:
    talk = _open().say(False, frame(1, b"x" * 4000))
    for number in range(4):
        talk.say(False, frame(1, b"hello %d" % number))
    return talk.packets(lost=(2,))


def _http(*said: tuple[bool, bytes], lost: tuple[int, ...] = ()) -> list[bytes]:
    talk = Talk()
    for from_client, data in said:
        talk.say(from_client, data)
    return talk.packets(lost=lost)


_GET = b"GET / HTTP/1.1\r\nHost: a.example\r\n\r\n"


def _unfinished() -> list[bytes]:
    return _http((True, _GET), (False, b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n"))[:-3]


def _impossible_chunk() -> list[bytes]:
    head = b"POST / HTTP/1.1\r\nHost: a.example\r\nTransfer-Encoding: chunked\r\n\r\n"
    return _http((True, head + b"10000000000000000\r\n\r\n" + _GET))


def _tunnel() -> list[bytes]:
    connect = b"CONNECT a.example:80 HTTP/1.1\r\nHost: a.example:80\r\n\r\n"
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
    return _http((True, connect), (False, b"HTTP/1.1 200 OK\r\n\r\n"), (True, _GET), (False, answer))


def _simple_request() -> list[bytes]:
    return _http((True, b"GET /\r\n\r\n"), (False, b"<html>hello</html>"))


def _ssl2_hello() -> list[bytes]:
    body = bytes.fromhex("01 0300 0006 0000 0010") + bytes.fromhex("010080 030080") + bytes(range(16))
    hello = bytes([0x80, len(body)]) + body
    server = bytes.fromhex("160300002a 02000026 0300") + bytes(range(32)) + bytes.fromhex("00 0004 00")
    return Talk().say(True, hello).say(False, server).packets(ports=(40000, 443))


def _until_close() -> list[bytes]:
    return _http((True, _GET), (False, b"HTTP/1.0 200 OK\r\n\r\nhello"))


def _pipelined_head() -> list[bytes]:
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: 70\r\n\r\n"
    return _http((True, _GET.replace(b"GET", b"HEAD") + _GET), (False, answer), (False, answer + b"x" * 70))


def _folded_line() -> list[bytes]:
    return _http((True, _GET[:-2] + b"X: a\r\n b\r\n\r\n"), (False, b"HTTP/1.1 204 No Content\r\n\r\n"))


def _late() -> list[bytes]:
    talk = _open()
    for number in range(4):
        talk.say(False, frame(1, b"hello %d" % number))
    packets = talk.packets()
    at = [number for number, packet in enumerate(packets) if b"hello" in packet]
    packets[at[1]], packets[at[2]] = packets[at[2]], packets[at[1]]
    return packets


def _lone_alert() -> list[bytes]:
    return Talk().say(False, bytes.fromhex("15 0303 0002 0232")).packets(ports=(40000, 9443))


def _empty_last_fragment() -> list[bytes]:
    talk = _open().say(False, frame(1, b"begun", fin=False)).say(False, frame(0, b""))
    return talk.say(False, frame(1, b"after")).say(True, frame(2, b"of the other side", KEY)).packets()


_CASES: dict[str, tuple[str, Callable[[], list[bytes]]]] = {
    "server parameter alone": (
        "ws.inflated_otherwise",
        lambda: _deflated("permessage-deflate; server_no_context_takeover"),
    ),
    "client parameter alone": (
        "ws.inflated_otherwise",
        lambda: _deflated("permessage-deflate; client_no_context_takeover"),
    ),
    "compressed fragments": ("ws.inflated_otherwise", _compressed_fragments),
    "large compressed": ("ws.inflated_otherwise", _large_compressed),
    "large masked": ("ws.cut_at_256_kib", _large),
    "both in fragments": ("ws.opcode_of_the_other_side", _both_in_fragments),
    "handshake before the capture": ("ws.unseen_handshake", _begun_before),
    "one direction": ("ws.unseen_handshake", _one_direction),
    "gap": ("stream.after_gap", _gap),
    "unfinished": ("http.unfinished", _unfinished),
    "impossible chunk": ("http.chunk_size_overflow", _impossible_chunk),
    "tunnel": ("http.connect_tunnel", _tunnel),
    "simple request": ("http.simple_request", _simple_request),
    "SSL 2.0 hello": ("tls.ssl2_hello", _ssl2_hello),
    "until close beside a WebSocket": (
        "http.until_close",
        lambda: [*_until_close(), *_plain().packets(ports=(40001, 80))],
    ),
    "until close": ("http.until_close", _until_close),
    "pipelined HEAD": ("http.pipelined_head", _pipelined_head),
    "folded line": ("http.folded_line", _folded_line),
    "late bytes": ("stream.in_order", _late),
    "lone alert": ("tls.lone_alert", _lone_alert),
    "empty last fragment": ("ws.empty_fragment", _empty_last_fragment),
}
_NEAR = {
    "both parameters": lambda: _deflated(_BOTH),
    "no parameter": lambda: _deflated("permessage-deflate"),
    "plain": lambda: _plain().packets(),
    "out of order": lambda: _plain().packets(shuffle=random.Random(3)),
}


def _verify(folder: Path, packets: list[bytes]) -> Verification:
    require_tshark()
    need_sharkd()
    path = folder / "case.pcap"
    path.write_bytes(pcap(packets))
    return verify(inspector.open(path))


@pytest.mark.parametrize("name", _CASES)
def test_a_known_fault_is_explained_by_its_reason(tmp_path: Path, name: str) -> None:
    reason, packets = _CASES[name]
    result = _verify(tmp_path, packets())
    assert [(item.kind, item.field, item.packet) for item in result.unexplained] == []
    assert set(result.reasons) == {reason}


@pytest.mark.parametrize("name", _NEAR)
def test_what_wireshark_does_right_needs_no_reason(tmp_path: Path, name: str) -> None:
    result = _verify(tmp_path, _NEAR[name]())
    assert result.comparison.differences == []
    assert result.comparison.units["websocket.message"] == 8


def test_times_that_overflow_are_explained_and_others_are_not(tmp_path: Path) -> None:
    require_tshark()
    need_sharkd()
    path = tmp_path / "case.pcap"
    packets = _plain().packets()
    data = bytearray(pcap(packets))
    at = len(data) - len(packets[-1]) - 12
    data[at : at + 4] = (2_000_000_000).to_bytes(4, "little" if data[0] == 0xD4 else "big")
    path.write_bytes(data)
    result = verify(inspector.open(path))
    assert set(result.reasons) == {"frame.time_overflow"}
    assert {item.packet for item in result.comparison.differences} == {len(packets)}
    assert result.unexplained == []


@pytest.mark.parametrize("together", [True, False])
def test_messages_in_the_tls_records_of_one_packet(tmp_path: Path, together: bool) -> None:
    require_tshark()
    need_sharkd()
    side = zlib.compressobj(wbits=-15)
    shake = zip((True, False), handshake("permessage-deflate", "permessage-deflate"), strict=True)
    texts = [(True, frame(1, compress(side, text), KEY, rsv=4)) for text in (b"hello", b"second one")]
    session = tls_talk(tmp_path, ssl.TLSVersion.TLSv1_3, None, [*shake, *texts])
    talk = Talk()
    merged = b""
    for from_client, data in session.crossed[:-2]:
        talk.say(from_client, data)
    for from_client, data in session.crossed[-2:]:
        assert from_client
        merged += data
        if not together:
            talk.say(True, data)
    if together:
        talk.say(True, merged)
    path = write_capture(tmp_path / "tls.pcap", talk.packets(ports=(40000, 443)))
    (tmp_path / "keys").write_bytes(session.keys)

    result = verify(inspector.open(path, keys=tmp_path / "keys"))

    assert result.unexplained == []
    assert result.comparison.units["websocket.message"] == (1 if together else 2)
    assert set(result.reasons) == ({"ws.last_of_the_packet"} if together else set())


def test_tls_that_only_wireshark_decrypts(tmp_path: Path) -> None:
    require_tshark()
    need_sharkd()
    suite = "CAMELLIA128-SHA:@SECLEVEL=0"
    session = tls_talk(tmp_path, ssl.TLSVersion.TLSv1_2, suite, [(True, _GET), (False, b"HTTP/1.1 204 None\r\n\r\n")])
    talk = Talk()
    for from_client, data in session.crossed:
        talk.say(from_client, data)
    path = write_capture(tmp_path / "tls.pcap", talk.packets(ports=(40000, 443)))
    (tmp_path / "keys").write_bytes(session.keys)
    result = verify(inspector.open(path, keys=tmp_path / "keys"))
    assert (result.unexplained, set(result.reasons)) == ([], {"tls.not_decrypted_here"})
    assert result.reasons["tls.not_decrypted_here"] >= 2


def test_dns_on_a_port_of_something_else(tmp_path: Path) -> None:
    query = bytes.fromhex("0007 0100 0001 0000 0000 0000") + b"\x01a\x04test\x00" + bytes.fromhex("0001 0001")
    packets = []
    for port in (53, 54):
        udp = (
            (5000).to_bytes(2, "big") + port.to_bytes(2, "big") + (8 + len(query)).to_bytes(2, "big") + bytes(2) + query
        )
        packets.append(ethernet(ipv4(udp, "10.0.0.1", "10.0.0.53", protocol=17)))
    result = _verify(tmp_path, packets)
    assert (result.unexplained, set(result.reasons)) == ([], {"dns.unusual_port"})


def test_every_reason_has_a_case() -> None:
    shown = {reason for reason, _packets in _CASES.values()} | {"frame.time_overflow", "ws.last_of_the_packet"}
    shown |= {"tls.not_decrypted_here", "dns.unusual_port"}
    assert {*(reason.id for reason in REASONS), *(reason.id for reason in COLUMN_REASONS)} == shown


@pytest.mark.parametrize("name", [name for name, (reason, _) in _CASES.items() if reason.startswith("ws.")])
def test_a_fault_of_ours_beside_a_known_one_stays_unexplained(
    tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One byte of every message of ours is wrong: as many differences must be left without a reason."""

    def wrong(capture: Capture, places: Places) -> Iterator[Unit]:
        for unit in our_websockets(capture, places):
            content = unit.values.get("content")
            if isinstance(content, bytes):
                content = bytes([content[0] ^ 1]) + content[1:]
                yield replace(unit, values={**unit.values, "content": content})
            else:
                yield unit

    monkeypatch.setattr(gather, "our_websockets", wrong)
    packets = _CASES[name][1]()
    result = _verify(tmp_path, packets)
    ours = sum(
        unit.kind == "websocket.message"
        for unit in our_websockets(
            inspector.open(tmp_path / "case.pcap"), Places(inspector.open(tmp_path / "case.pcap"))
        )
    )
    assert ours
    explained = sum(result.reasons.values())
    assert len([item for item in result.unexplained if item.kind == "websocket.message"]) >= ours - explained
    assert result.unexplained


@pytest.mark.parametrize("name", ["unfinished", "impossible chunk", "tunnel"])
def test_wrong_headers_of_ours_stay_unexplained(tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def wrong(capture: Capture, places: Places) -> Iterator[Unit]:
        for unit in our_http(capture, places):
            yield replace(unit, values={**unit.values, "headers": ((b"X", b"Y"),)})

    monkeypatch.setattr(gather, "our_http", wrong)
    assert _verify(tmp_path, _CASES[name][1]()).unexplained
