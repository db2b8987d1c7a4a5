"""WebSockets out of captures made here: what other decoders get wrong, gaps, captures that begin later."""

from __future__ import annotations

import random
import ssl
import zlib
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

import inspector
from inspector.model.websocket import CLOSE_CODES, FAULTS, TEXT
from inspector.recording.websocket_control import closing, pings
from inspector.recording.websockets import Direction, WebSockets, read_websockets
from inspector.wire.websocket import Limits
from tests.blocks import epb, idb, secrets, shb
from tests.tls_session import talk
from tests.tshark import require_tshark, tshark_rows
from tests.websockets import KEY, Talk, compress, frame, handshake, write_capture

_WORDS = ("안녕하세요", "hello", "packet", "window", "반갑습니다", "socket", "오늘", "내일")


def _texts(count: int, seed: int = 1) -> list[str]:
    rng = random.Random(seed)
    return [f"{number} " + " ".join(rng.choices(_WORDS, k=rng.randint(1, 12))) for number in range(count)]


def _contents(found: WebSockets, direction: Direction) -> list[str | bytes | None]:
    return [
        content.decode() if content is not None and found.messages.opcode[row] == TEXT else content
        for row in direction.messages
        for content in [found.content(row)]
    ]


def _codes(found: WebSockets, direction: Direction) -> set[str]:
    rows = (
        slice(direction.messages.start, direction.messages.stop),
        slice(direction.frames.start, direction.frames.stop),
    )
    faults = [*found.messages.faults[rows[0]].tolist(), *found.frames.faults[rows[1]].tolist()]
    return {code for fault, (code, _) in FAULTS.items() if any(f & fault for f in faults)}


def _chat(deflate: str | None, texts: list[str], cut: int | None = None) -> Talk:
    """Both sides say every text in turn, compressed as ``deflate`` says, in fragments of ``cut`` bytes."""
    request, response = handshake(deflate, deflate)
    talk = Talk().say(True, request).say(False, response)
    codecs = {True: zlib.compressobj(wbits=-15), False: zlib.compressobj(wbits=-15)}
    for text in texts:
        for from_client in (True, False):
            key, side = (KEY, "client") if from_client else (None, "server")
            data, rsv = text.encode(), 0
            if deflate is not None:
                if f"{side}_no_context_takeover" in deflate:
                    codecs[from_client] = zlib.compressobj(wbits=-15)
                data, rsv = compress(codecs[from_client], data), 4
            edges = [*range(0, len(data), cut), len(data)] if cut else [0, len(data)]
            parts = [data[start:end] for start, end in pairwise(edges)]
            frames = [
                frame(0 if n else 1, part, key, fin=n == len(parts) - 1, rsv=0 if n else rsv)
                for n, part in enumerate(parts)
            ]
            for one in frames:
                talk.say(from_client, one)
    return talk


# --- legal traffic that tshark 4.0.17 shows wrongly ---------------------------------------------------------------------


@pytest.mark.parametrize("cut", [None, 7])
@pytest.mark.parametrize(
    "deflate",
    [
        None,
        "permessage-deflate",
        "permessage-deflate; server_no_context_takeover",
        "permessage-deflate; client_no_context_takeover",
        "permessage-deflate; server_no_context_takeover; client_no_context_takeover",
    ],
)
def test_every_message_of_both_sides(tmp_path: Path, deflate: str | None, cut: int | None) -> None:
    """tshark takes the no_context_takeover parameters for the wrong side, and fragments for uncompressed (RFC 7692 §6, 7.1.1)."""
    texts = _texts(40)
    found = inspector.open(write_capture(tmp_path / "chat.pcap", _chat(deflate, texts, cut).packets())).websockets
    for direction in (found.connections[0].client, found.connections[0].server):
        assert _contents(found, direction) == texts
        assert _codes(found, direction) == set()


def test_both_sides_in_fragments_at_once_text_and_binary(tmp_path: Path) -> None:
    """tshark keeps one opcode for both directions (RFC 6455 §5.4: it is that of the message's first frame)."""
    request, response = handshake()
    talk = Talk().say(True, request).say(False, response)
    talk.say(True, frame(1, b"te", KEY, fin=False)).say(False, frame(2, b"\x00\x01", fin=False))
    talk.say(True, frame(0, b"xt", KEY)).say(False, frame(0, b"\x02"))
    found = inspector.open(write_capture(tmp_path / "both.pcap", talk.packets())).websockets
    assert _contents(found, found.connections[0].client) == ["text"]
    assert _contents(found, found.connections[0].server) == [b"\x00\x01\x02"]


@pytest.mark.parametrize("deflate", [None, "permessage-deflate"])
def test_a_masked_message_above_256_kib(tmp_path: Path, deflate: str | None) -> None:
    """tshark cuts it silently, and shows a wrong text for the message after a compressed one."""
    rng = random.Random(3)
    texts = ["".join(rng.choices("가나다라마바사 abcdefgh", k=150_000)), "after it", "and again"]
    found = inspector.open(write_capture(tmp_path / "long.pcap", _chat(deflate, texts).packets())).websockets
    assert len(texts[0].encode()) > 262_144
    for direction in (found.connections[0].client, found.connections[0].server):
        assert _contents(found, direction) == texts


@pytest.mark.parametrize("takeover", [True, False])
def test_compressed_and_uncompressed_mixed_with_pings_inside(tmp_path: Path, takeover: bool) -> None:
    """Uncompressed messages do not enter the context (RFC 7692 §6); control frames may stand between fragments (RFC 6455 §5.4)."""
    deflate = "permessage-deflate" + ("" if takeover else "; client_no_context_takeover; server_no_context_takeover")
    request, response = handshake(deflate, deflate)
    talk = Talk().say(True, request).say(False, response)
    texts, rng = _texts(60, 7), random.Random(7)
    for from_client in (True, False):
        key, codec = KEY if from_client else None, zlib.compressobj(wbits=-15)
        for text in texts:
            packed = rng.random() < 0.6
            if packed and not takeover:
                codec = zlib.compressobj(wbits=-15)
            data = compress(codec, text.encode()) if packed else text.encode()
            cut = rng.randrange(len(data))
            talk.say(from_client, frame(1, data[:cut], key, fin=False, rsv=4 if packed else 0))
            talk.say(from_client, frame(9, b"\x01\x02", key) + frame(10, b"", key))
            talk.say(from_client, frame(0, data[cut:], key))
    found = inspector.open(write_capture(tmp_path / "mixed.pcap", talk.packets())).websockets
    for direction in (found.connections[0].client, found.connections[0].server):
        assert _contents(found, direction) == texts
        assert _codes(found, direction) == set()
        rows = slice(direction.messages.start, direction.messages.stop)
        assert set(found.messages.compressed[rows].tolist()) == {0, 1}


@pytest.mark.parametrize(
    ("code", "legal", "name"),
    [
        (1000, True, "normal closure"),
        (1006, False, "abnormal closure"),
        (1012, True, "service restart"),
        (1013, True, "try again later"),
        (1014, True, "bad gateway"),
        (1016, False, None),
        (3000, True, None),
        (4999, True, None),
        (5000, False, None),
    ],
)
def test_close_codes_and_their_names(tmp_path: Path, code: int, legal: bool, name: str | None) -> None:
    """tshark has no names for 1012 to 1014 and does not mind codes that may not be sent (RFC 6455 §7.4)."""
    request, response = handshake()
    talk = Talk().say(True, request).say(False, response).say(False, frame(8, code.to_bytes(2, "big") + b"why"))
    found = inspector.open(write_capture(tmp_path / "close.pcap", talk.packets())).websockets
    [close] = found.closes(found.connections[0].server)
    assert (close.code, close.reason, CLOSE_CODES.get(code)) == (code, b"why", name)
    assert (_codes(found, found.connections[0].server) == set()) is legal


@pytest.mark.parametrize("seed", range(5))
def test_segments_out_of_order_and_repeated(tmp_path: Path, seed: int) -> None:
    """tshark loses the message by default."""
    texts = _texts(60)
    packets = _chat("permessage-deflate", texts, 9).packets(shuffle=random.Random(seed))
    found = inspector.open(write_capture(tmp_path / "disorder.pcap", packets)).websockets
    for direction in (found.connections[0].client, found.connections[0].server):
        assert _contents(found, direction) == texts


def test_violations_that_tshark_does_not_mention(tmp_path: Path) -> None:
    request, response = handshake()
    talk = Talk().say(True, request).say(False, response)
    talk.say(True, frame(1, b"unmasked") + frame(9, b"p" * 126, KEY) + frame(1, b"\xff", KEY))
    talk.say(False, frame(1, b"masked", KEY) + frame(2, b"", rsv=3) + frame(0, b"") + frame(5, b""))
    talk.say(False, frame(8, b"\x03\xee")).say(True, frame(8, b"\x03", KEY))
    found = inspector.open(write_capture(tmp_path / "bad.pcap", talk.packets())).websockets
    client, server = found.connections[0].client, found.connections[0].server
    assert _codes(found, client) == {
        "ws.unmasked_client_frame", "ws.control_too_long", "ws.text_not_utf8", "ws.close_one_byte"
    }  # fmt: skip
    assert _codes(found, server) == {
        "ws.masked_server_frame", "ws.rsv2_rsv3", "ws.continuation_without_start", "ws.reserved_opcode",
        "ws.close_code_illegal",
    }  # fmt: skip
    bad_text = found.message(client.messages.stop - 1)
    assert [(a.code, str(a.ref), a.detail) for a in bad_text.anomalies] == [
        ("ws.text_not_utf8", "RFC 6455 §8.1", "byte 0")
    ]


def test_a_small_message_that_becomes_a_gigabyte_is_capped(tmp_path: Path) -> None:
    codec = zlib.compressobj(wbits=-15)
    zeros = bytes(1 << 20)
    bomb = b"".join(codec.compress(zeros) for _ in range(200)) + codec.flush(zlib.Z_SYNC_FLUSH)
    request, response = handshake("permessage-deflate", "permessage-deflate")
    talk = Talk().say(True, request).say(False, response)
    talk.say(False, frame(2, bomb[:-4], rsv=4) + frame(1, compress(zlib.compressobj(wbits=-15), b"after"), rsv=4))
    found = inspector.open(write_capture(tmp_path / "bomb.pcap", talk.packets())).websockets
    assert _contents(found, found.connections[0].server) == [None, "after"]
    assert _codes(found, found.connections[0].server) == {"ws.inflation_capped"}


@pytest.mark.parametrize("deflate", [None, "permessage-deflate"])
def test_tshark_sees_the_same_where_it_is_right(tmp_path: Path, deflate: str | None) -> None:
    require_tshark()
    texts = _texts(30)
    path = write_capture(tmp_path / "chat.pcap", _chat(deflate, texts).packets())
    found = inspector.open(path).websockets
    names = ("fin", "rsv", "opcode", "mask", "payload_length", "masking_key", "payload.text")
    rows = tshark_rows(path, ["frame.number", *(f"websocket.{name}" for name in names)], "websocket")
    ours = []
    for row in sorted(range(len(found.frames)), key=lambda row: int(found.frames.first_packet[row])):
        one = found.frame(row)
        text = (found.content(int(found.frames.message[row])) or b"").decode()
        key = one.masking_key.hex() if one.masking_key else ""
        size = str(one.length if one.length < 126 else 126)
        flags = [str(int(one.fin)), f"0x{one.rsv:02x}", str(one.opcode), str(int(one.masking_key is not None))]
        ours.append([str(found.frames.first_packet[row]), *flags, size, key, text])
    assert ours == rows


# --- bytes that were not captured ---------------------------------------------------------------------------------------


def test_the_message_in_a_lost_segment_is_lost_and_no_other(tmp_path: Path) -> None:
    texts = _texts(20)
    talk = _chat(None, texts)
    for lost in range(2, len(talk.segments)):
        found = inspector.open(write_capture(tmp_path / "lost.pcap", talk.packets(lost=[lost]))).websockets
        from_client, position, data = talk.segments[lost]
        hit, other = found.connections[0].client, found.connections[0].server
        if not from_client:
            hit, other = other, hit
        number = (lost - 2) // 2
        assert _contents(found, other) == texts and _codes(found, other) == set()
        if number < len(texts) - 1:
            assert _contents(found, hit) == texts[:number] + texts[number + 1 :]
            assert _codes(found, hit) == {"ws.resynchronised"}
        else:
            assert _contents(found, hit) == texts[:number]
        assert [(a.code, a.start, a.end) for a in hit.anomalies] == [("ws.frames_lost", position, position + len(data))]


def test_bytes_missing_within_one_payload_leave_the_framing_whole(tmp_path: Path) -> None:
    request, response = handshake()
    talk = Talk().say(True, request).say(False, response)
    whole = b"0123456789" * 20
    talk.say(True, frame(2, whole, KEY) + frame(1, b"next", KEY), [50, 50])
    found = inspector.open(write_capture(tmp_path / "hole.pcap", talk.packets(lost=[3]))).websockets
    client = found.connections[0].client
    assert _contents(found, client) == [None, "next"]
    assert _codes(found, client) == {"ws.bytes_missing"}
    assert found.payload(client.frames.start) == whole[:42] + whole[92:]


def test_what_follows_a_gap_says_why_it_cannot_be_decompressed(tmp_path: Path) -> None:
    texts = ["the first message", "the second message", "the first message", "0123456789"]
    talk = _chat("permessage-deflate", texts)
    found = inspector.open(write_capture(tmp_path / "gap.pcap", talk.packets(lost=[3]))).websockets
    server = found.connections[0].server
    missing = talk.segments[3]
    assert _contents(found, found.connections[0].client) == texts
    assert _contents(found, server) == [None, None, "0123456789"]
    anomaly = found.message(server.messages.start).anomalies[-1]
    assert anomaly.code == "ws.context_lost"
    start, end = missing[1], missing[1] + len(missing[2])
    assert anomaly.detail == f"undecodable from frame 1 because bytes {start}-{end} are missing"


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
@pytest.mark.parametrize("deflate", [None, "permessage-deflate"])
def test_after_lost_records_nothing_is_shown_that_was_not_sent(
    tmp_path: Path, version: ssl.TLSVersion, deflate: str | None
) -> None:
    """How many plain bytes are missing is only about known inside TLS, so frames are looked for again."""
    texts = [text * 30 for text in _texts(60)]
    said = [(from_client, data) for from_client, _, data in _chat(deflate, texts).segments]
    session = talk(tmp_path, version, None, said)
    (tmp_path / "keys").write_bytes(session.keys)
    crossed = Talk()
    for from_client, data in session.crossed:
        crossed.say(from_client, data, (random.Random(len(data)).randint(200, 900) for _ in range(9)))
    for lost in range(60, len(crossed.segments), 37):
        path = write_capture(tmp_path / "lossy.pcap", crossed.packets(lost=[lost], ports=(40000, 443)))
        found = inspector.open(path, keys=tmp_path / "keys").websockets
        [websocket] = found.connections
        for direction in (websocket.client, websocket.server):
            shown = [content for content in _contents(found, direction) if content is not None]
            assert set(shown) <= set(texts)
            assert deflate is not None or len(shown) > len(texts) - 5


@pytest.mark.parametrize("deflate", [None, "permessage-deflate", "permessage-deflate; server_no_context_takeover"])
@pytest.mark.parametrize("seed", range(8))
def test_nothing_is_ever_shown_that_was_not_sent(tmp_path: Path, deflate: str | None, seed: int) -> None:
    """Whatever is lost: what is shown are messages that were sent, in their order."""
    rng = random.Random(seed)
    texts = _texts(80, seed)
    chat = _chat(deflate, texts)
    talk = Talk()
    for from_client, _, data in chat.segments:
        talk.say(from_client, data, (rng.randint(1, 40) for _ in iter(int, 1)))
    head = 60  # the handshake
    lost = [index for index in range(head, len(talk.segments)) if rng.random() < 0.03]
    packets = talk.packets(lost=lost, shuffle=rng)
    found = inspector.open(write_capture(tmp_path / "lossy.pcap", packets)).websockets
    for direction in (found.connections[0].client, found.connections[0].server):
        sent: Iterator[str | bytes] = iter(texts)
        shown = [
            content
            for row, content in zip(direction.messages, _contents(found, direction), strict=True)
            if content is not None and found.messages.complete[row] and found.messages.opcode[row] == TEXT
        ]
        assert all(content in sent for content in shown)
        assert len(shown) > (60 if deflate is None else 4)


# --- captures that begin later --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("deflate", [None, "permessage-deflate"])
@pytest.mark.parametrize("ports", [(40000, 80), (51234, 9999), (80, 51234)])
def test_a_connection_whose_handshake_was_not_captured(
    tmp_path: Path, deflate: str | None, ports: tuple[int, int]
) -> None:
    texts = _texts(30)
    talk = _chat(deflate, texts)
    for first in (2, 3, 10, 31):
        packets = talk.packets(lost=range(first), opening=False, ports=ports)
        found = inspector.open(write_capture(tmp_path / "later.pcap", packets)).websockets
        assert len(found.connections) == 1
        websocket = found.connections[0]
        assert websocket.handshake is None and 0.999 < websocket.confidence < 1
        if deflate is None:
            assert _contents(found, websocket.client) == texts[(first - 1) // 2 :]
            assert _contents(found, websocket.server) == texts[(first - 2) // 2 :]
        for direction in (websocket.client, websocket.server):
            shown = [content for content in _contents(found, direction) if content is not None]
            assert set(shown) <= set(texts)


@pytest.mark.parametrize("seed", range(20))
def test_random_bytes_are_not_taken_for_a_websocket(tmp_path: Path, seed: int) -> None:
    rng = random.Random(seed)
    talk = Talk().say(True, rng.randbytes(20_000)).say(False, rng.randbytes(20_000))
    found = inspector.open(write_capture(tmp_path / "random.pcap", talk.packets(opening=False))).websockets
    assert found.connections == []


@pytest.mark.parametrize("is_client", [True, False])
def test_of_a_capture_of_one_direction_its_side_is_decoded(tmp_path: Path, is_client: bool) -> None:
    texts, deflate = _texts(12), "permessage-deflate; client_no_context_takeover"
    talk = _chat(deflate, texts)
    for from_client in (True, False):
        talk.say(from_client, frame(8, b"\x03\xe8", KEY if from_client else None))
    port = (80).to_bytes(2, "big")
    packets = [packet for packet in talk.packets() if (packet[36:38] == port) is is_client]
    found = read_websockets(inspector.open(write_capture(tmp_path / "side.pcap", packets)))
    [socket] = found.connections
    side, other = (socket.client, socket.server) if is_client else (socket.server, socket.client)
    assert (socket.handshake, socket.confidence > 0.99, len(other.frames)) == (None, True, 0)
    assert _contents(found, side) == texts
    assert not _codes(found, side)
    assert closing(found, socket).anomalies == []


def test_text_is_not_taken_for_a_websocket(tmp_path: Path) -> None:
    lines = "".join(f"{text}\r\n" for text in _texts(400)).encode()
    talk = Talk().say(True, lines).say(False, lines)
    found = inspector.open(write_capture(tmp_path / "text.pcap", talk.packets(opening=False))).websockets
    assert found.connections == []


def test_other_captures_hold_no_websockets(shared_captures: Path) -> None:
    from inspector.errors import CaptureError

    opened = 0
    for path in sorted(shared_captures.glob("*.pcap*")):
        if path.name.startswith("ws-"):
            continue
        try:
            found = inspector.open(path).websockets
        except CaptureError:
            continue
        opened += 1
        assert found.connections == [], path.name
    assert opened > 40


# --- the rest of a connection ---------------------------------------------------------------------------------------------


def test_an_answer_captured_before_its_request(tmp_path: Path) -> None:
    """Captures on several queues or interfaces may hold packets of the two directions in the wrong order."""
    packets = _chat(None, _texts(5)).packets()
    packets[3], packets[4] = packets[4], packets[3]
    found = inspector.open(write_capture(tmp_path / "swapped.pcap", packets)).websockets
    [websocket] = found.connections
    assert _contents(found, websocket.client) == _contents(found, websocket.server) == _texts(5)


def test_frames_before_and_after_the_handshake_in_its_segments(tmp_path: Path) -> None:
    request, response = handshake()
    talk = Talk().say(True, request).say(False, response + frame(1, b"at once")).say(True, frame(1, b"back", KEY))
    found = inspector.open(write_capture(tmp_path / "at-once.pcap", talk.packets())).websockets
    assert _contents(found, found.connections[0].server) == ["at once"]
    assert _contents(found, found.connections[0].client) == ["back"]


def test_wss_with_the_secrets_inside_the_file(tmp_path: Path) -> None:
    texts = _texts(20)
    said = [(from_client, data) for from_client, _, data in _chat("permessage-deflate", texts).segments]
    session = talk(tmp_path, ssl.TLSVersion.TLSv1_3, None, said)
    crossed = Talk()
    for from_client, data in session.crossed:
        crossed.say(from_client, data)
    packets = crossed.packets(ports=(40000, 443))
    blocks = [shb(), idb(), secrets(session.keys), *(epb(packet, ticks=n) for n, packet in enumerate(packets))]
    (tmp_path / "wss.pcapng").write_bytes(b"".join(blocks))
    found = inspector.open(tmp_path / "wss.pcapng").websockets
    for direction in (found.connections[0].client, found.connections[0].server):
        assert _contents(found, direction) == texts
        assert _codes(found, direction) == set()


def test_a_websocket_in_a_connect_tunnel(tmp_path: Path) -> None:
    request, response = handshake()
    talk = Talk().say(True, b"CONNECT chat.example:80 HTTP/1.1\r\nHost: chat.example:80\r\n\r\n")
    talk.say(False, b"HTTP/1.1 200 Connection established\r\n\r\n").say(True, request).say(False, response)
    talk.say(True, frame(1, b"through", KEY)).say(False, frame(1, b"the tunnel"))
    found = inspector.open(write_capture(tmp_path / "tunnel.pcap", talk.packets())).websockets
    assert _contents(found, found.connections[0].client) == ["through"]
    assert _contents(found, found.connections[0].server) == ["the tunnel"]
    assert found.frames.first_packet.tolist() == [8, 9]


def test_pings_are_matched_with_their_pongs(tmp_path: Path) -> None:
    request, response = handshake()
    talk = Talk().say(True, request).say(False, response)
    talk.say(True, frame(9, b"1", KEY) + frame(9, b"2", KEY)).say(False, frame(10, b"2")).say(False, frame(10, b"?"))
    talk.say(False, frame(9)).say(False, frame(9)).say(True, frame(10, b"", KEY)).say(True, frame(10, b"", KEY))
    talk.say(True, frame(9, b"never", KEY))
    found = inspector.open(write_capture(tmp_path / "pings.pcap", talk.packets())).websockets
    told = [(p.sender, p.rtt_ns, p.skipped) for p in pings(found, found.connections[0])]
    assert told == [
        ("client", None, True),
        ("client", 1_000_000, False),
        ("client", None, False),
        ("server", 2_000_000, False),
        ("server", 2_000_000, False),
    ]


def test_who_closed_and_how_tcp_ended(tmp_path: Path) -> None:
    request, response = handshake()
    talk = Talk().say(True, request).say(False, response)
    talk.say(False, frame(8, b"\x03\xf4restart")).say(True, frame(8, b"\x03\xe8", KEY))
    found = inspector.open(write_capture(tmp_path / "close.pcap", talk.packets())).websockets
    end = closing(found, found.connections[0])
    assert (end.first, end.server and end.server.code, end.client and end.client.code) == ("server", 1012, 1000)
    assert (end.tcp_by, end.end_packet, end.after_close_ns) == ("server", 8, 1_000_000)
    assert [(side, a.code, a.detail) for side, a in end.anomalies] == [("client", "ws.close_code_differs", "1000 1012")]


@pytest.mark.parametrize("keep_bytes", [0, 500, 1 << 20])
@pytest.mark.parametrize("deflate", [None, "permessage-deflate"])
def test_content_that_is_not_kept_is_read_again(tmp_path: Path, deflate: str | None, keep_bytes: int) -> None:
    texts = _texts(50)
    capture = inspector.open(write_capture(tmp_path / "again.pcap", _chat(deflate, texts, 11).packets()))
    found = read_websockets(capture, keep_bytes=keep_bytes)
    assert len(found.kept) <= keep_bytes
    for direction in (found.connections[0].client, found.connections[0].server):
        assert _contents(found, direction) == texts
        assert [found.content(row) for row in reversed(direction.messages)] == [t.encode() for t in reversed(texts)]


def test_limits_hold_when_read_again(tmp_path: Path) -> None:
    texts = ["x" * 5000, "short"]
    capture = inspector.open(write_capture(tmp_path / "cap.pcap", _chat("permessage-deflate", texts).packets()))
    found = read_websockets(capture, keep_bytes=0, limits=Limits(message=1000))
    for direction in (found.connections[0].client, found.connections[0].server):
        assert _contents(found, direction) == [None, "short"]
