"""TLS records and WebSocket frames in a packet: places and values as tshark has them."""

from __future__ import annotations

import ssl
from itertools import pairwise
from pathlib import Path

import pytest

import inspector
from inspector.proto.websocket import WEBSOCKET
from inspector.recording.capture import Capture
from inspector.recording.dissect import dissect
from inspector.recording.inside import Piece
from tests.packets import ACK, SYN, pcap, tcp_packet
from tests.recording.test_tls import _segments
from tests.tls_session import talk
from tests.tshark import require_tshark, tshark_rows
from tests.websockets import KEY, frame, handshake

CLIENT, SERVER = "10.0.0.1", "10.0.0.2"
UP, DOWN = (40000, 443), (443, 40000)


def _tls(tmp_path: Path, cuts: list[int]) -> Capture:
    """A connection on which the client sends two TLS records, its bytes parted at ``cuts``."""
    stream = b"\x16\x03\x01\x00\x04abcd" + b"\x17\x03\x03\x00\x14" + b"e" * 20
    edges = [0, *cuts, len(stream)]
    packets = [
        tcp_packet(CLIENT, SERVER, UP, 99, 0, SYN),
        tcp_packet(SERVER, CLIENT, DOWN, 49, 100, SYN | ACK),
        *(tcp_packet(CLIENT, SERVER, UP, 100 + start, 50, ACK, stream[start:end]) for start, end in pairwise(edges)),
    ]
    path = tmp_path / "tls.pcap"
    path.write_bytes(pcap(packets))
    return inspector.open(path)


def _told(pieces: list[Piece]) -> list[tuple[int, int, int, int | None, dict[str, int]]]:
    return [
        (piece.offset, piece.size, piece.total, piece.began, {span.field.name: span.value for span in piece.spans})
        for piece in pieces
    ]


FIRST = {"type": 22, "legacy_record_version": 0x0301, "length": 4}
SECOND = {"type": 23, "legacy_record_version": 0x0303, "length": 20}


def test_two_records_in_one_packet(tmp_path: Path) -> None:
    pieces = dissect(_tls(tmp_path, []), 3).inside
    assert _told(pieces) == [(54, 9, 9, None, FIRST), (63, 25, 25, None, SECOND)]


def test_record_that_goes_on_in_the_next_packet(tmp_path: Path) -> None:
    capture = _tls(tmp_path, [15])
    assert _told(dissect(capture, 3).inside) == [(54, 9, 9, None, FIRST), (63, 6, 25, None, SECOND)]
    assert _told(dissect(capture, 4).inside) == [(54, 19, 25, 3, {})]


def test_header_parted_between_packets_shows_what_is_there(tmp_path: Path) -> None:
    capture = _tls(tmp_path, [12])
    here = {"type": 23, "legacy_record_version": 0x0303}
    assert _told(dissect(capture, 3).inside)[1] == (63, 3, 25, None, here)
    assert _told(dissect(capture, 4).inside) == [(54, 22, 25, 3, {})]


@pytest.mark.parametrize(
    "name", ["ws-ping-inside-fragmented-text.pcap", "ws-text-basic.pcap", "ws-jupyter-binary.pcap"]
)
def test_websocket_frames_are_tsharks(shared_captures: Path, name: str) -> None:
    require_tshark()
    filters = ["websocket.fin", "websocket.opcode", "websocket.mask", "websocket.payload_length"]
    filters += ["websocket.payload_length_ext_16", "websocket.masking_key"]
    capture = inspector.open(shared_captures / name)
    compared = 0
    for number, row in enumerate(tshark_rows(shared_captures / name, filters), 1):
        pieces = dissect(capture, number).inside
        found: dict[str, list[str]] = {item: [] for item in filters}
        for piece in pieces:
            for span in piece.spans:
                if span.field.filter in found:
                    key = span.field.filter == "websocket.masking_key"
                    found[span.field.filter].append(f"{span.value:08x}" if key else str(span.value))
        assert [",".join(found[item]) for item in filters] == row, number
        compared += len(pieces)
    assert compared > 2


def test_masked_payload_is_unmasked(shared_captures: Path) -> None:
    capture = inspector.open(shared_captures / "ws-ping-inside-fragmented-text.pcap")
    assert dissect(capture, 8).inside[0].unmasked == b"MALWARE_DOWNLOAD cmd"


@pytest.mark.parametrize(
    ("version", "ciphers"), [(ssl.TLSVersion.TLSv1_3, None), (ssl.TLSVersion.TLSv1_2, "ECDHE-RSA-AES128-SHA")]
)
def test_websocket_frames_inside_decrypted_tls_are_tsharks(
    tmp_path: Path, version: ssl.TLSVersion, ciphers: str | None
) -> None:
    require_tshark()
    request, response = handshake()
    said = [
        (True, request),
        (False, response),
        (True, frame(1, b"masked", KEY) + frame(9, b"", KEY)),
        (False, frame(2, b"x" * 1700) + frame(10, b"")),
        (True, frame(8, b"\x03\xe8", KEY)),
    ]
    session = talk(tmp_path, version, ciphers, said)
    (tmp_path / "tls.pcap").write_bytes(pcap(_segments(session.crossed, 700)))
    (tmp_path / "keys").write_bytes(session.keys)
    capture = inspector.open(tmp_path / "tls.pcap", keys=tmp_path / "keys")
    told: list[tuple[int, int, int]] = []
    unmasked: list[bytes] = []
    for number in range(1, len(capture.packets) + 1):
        found = dissect(capture, number)
        frames = [piece for piece in found.inside if piece.decrypted]
        for piece in frames:
            assert piece.header is WEBSOCKET
            assert piece.offset + piece.size <= len(found.decrypted)
            values = {span.field.name: span.value for span in piece.spans}
            if values:
                told.append((number, values["opcode"], piece.total))
            if piece.unmasked:
                unmasked.append(piece.unmasked)
    assert [item[1:] for item in told] == [(1, 12), (9, 6), (2, 1704), (10, 2), (8, 8)]
    assert unmasked == [b"masked", b"\x03\xe8"]
    # tshark names the packet in which a record is complete; a frame's header may have come in an earlier one.
    rows = tshark_rows(
        tmp_path / "tls.pcap",
        ["frame.number", "websocket.opcode"],
        "websocket",
        options=["-o", f"tls.keylog_file:{tmp_path / 'keys'}", "-d", "tcp.port==443,tls"],
    )
    theirs = [(int(number), int(opcode)) for number, opcodes in rows for opcode in opcodes.split(",")]
    assert [opcode for _, opcode in theirs] == [opcode for _, opcode, _ in told]
    assert all(ours <= number for (number, _), (ours, _, _) in zip(theirs, told, strict=True))
    assert theirs[0][0] == told[0][0] and theirs[-1][0] == told[-1][0]


def test_without_keys_only_records_are_shown(tmp_path: Path) -> None:
    session = talk(tmp_path, ssl.TLSVersion.TLSv1_3, None, [(True, b"secret")])
    (tmp_path / "tls.pcap").write_bytes(pcap(_segments(session.crossed, 700)))
    capture = inspector.open(tmp_path / "tls.pcap")
    for number in range(1, len(capture.packets) + 1):
        found = dissect(capture, number)
        assert not found.decrypted and not any(piece.decrypted for piece in found.inside)
