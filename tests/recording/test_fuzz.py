"""Mutated captures: reading either works or says in one sentence why not, in bounded time and memory."""

from __future__ import annotations

import contextlib
import gzip
import struct
import tracemalloc
from pathlib import Path

import lz4.frame
import pytest
import zstandard
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import inspector
from inspector.errors import CaptureError
from tests.blocks import (
    block,
    custom,
    epb,
    header,
    idb,
    isb,
    name_resolution,
    obsolete,
    option,
    record,
    secrets,
    shb,
    spb,
)
from tests.packets import ACK, FIN, PSH, SYN, tcp_packet

_CLIENT, _SERVER, _PORTS = "10.0.0.1", "10.0.0.2", (40000, 80)
_REQUEST = b"GET /chat HTTP/1.1\r\nHost: example\r\n\r\n"
_RESPONSE = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
_TALK = [
    tcp_packet(_CLIENT, _SERVER, _PORTS, 1, 0, SYN, options=bytes.fromhex("020405b40402080a0000000100000000010303 07")),
    tcp_packet(_SERVER, _CLIENT, _PORTS[::-1], 1, 2, SYN | ACK),
    tcp_packet(_CLIENT, _SERVER, _PORTS, 2, 2, PSH | ACK, _REQUEST),
    tcp_packet(_SERVER, _CLIENT, _PORTS[::-1], 2, 2 + len(_REQUEST), PSH | ACK, _RESPONSE),
    tcp_packet(_CLIENT, _SERVER, _PORTS, 2 + len(_REQUEST), 2 + len(_RESPONSE), FIN | ACK),
]


def _pcap(order: str, magic: int) -> bytes:
    # The modified format has eight more bytes per record header.
    extra = 8 if magic == 0xA1B2CD34 else 0
    data = header(magic, order)
    for number, packet in enumerate(_TALK):
        whole = record(packet, (number, number), order=order)
        data += whole[:16] + bytes(extra) + whole[16:]
    return data


def _pcapng(order: str) -> bytes:
    parts = [
        shb(option(4, b"writer", order), option(1, b"comment", order), order=order),
        idb(option(2, b"eth0", order), option(9, b"\x09", order), order=order, snaplen=96),
        idb(option(14, struct.pack(f"{order}q", 5), order), order=order, link_type=101),
        secrets(b"CLIENT_RANDOM 00 11\n", order=order),
        epb(_TALK[0], option(1, b"first", order), option(2, bytes(4), order), order=order, ticks=1 << 40),
        obsolete(_TALK[1], order=order, ticks=5),
        name_resolution((1, bytes(4) + b"host\0"), (2, bytes(16) + b"six\0"), order=order),
        epb(_TALK[2][14:], interface=1, order=order),
        spb(_TALK[3], order=order),
        custom(b"custom", order=order),
        block(0x77, b"unknown", order),
        block(9, b"__REALTIME_TIMESTAMP=12345678\nA=b\n", order),
        isb(option(5, struct.pack(f"{order}Q", 3), order), order=order),
        epb(_TALK[4], order=order),
    ]
    return b"".join(parts)


_PLAIN = [
    *(_pcap(order, magic) for order in "<>" for magic in (0xA1B2C3D4, 0xA1B23C4D, 0xA1B2CD34)),
    *(_pcapng(order) for order in "<>"),
    _pcapng("<") + _pcapng(">"),
]
_FILES = [
    *_PLAIN,
    gzip.compress(_PLAIN[0]),
    gzip.compress(_PLAIN[-1]),
    zstandard.compress(_PLAIN[-1]),
    lz4.frame.compress(_PLAIN[-1]),
]
_LENGTHS = [0, 1, 3, 4, 8, 11, 12, 16, 0x7FFF, 0xFFFF, 262_144, 262_145, 0x7FFFFFFF, 0x80000000, 0xFFFFFFF0, 0xFFFFFFFF]


@st.composite
def _mutated(draw: st.DrawFn) -> bytes:
    data = bytearray(draw(st.sampled_from(_FILES)))
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, max(len(data) - 1, 0)))
        match draw(st.sampled_from(["bit", "byte", "length", "cut", "remove", "repeat"])):
            case "bit" if data:
                data[at] ^= 1 << draw(st.integers(0, 7))
            case "byte" if data:
                data[at] = draw(st.integers(0, 255))
            case "length":
                order = draw(st.sampled_from("<>"))
                at &= ~3
                data[at : at + 4] = struct.pack(f"{order}I", draw(st.sampled_from(_LENGTHS)))
            case "cut":
                del data[at:]
            case "remove":
                del data[at : at + draw(st.integers(1, 40))]
            case "repeat":
                data[at:at] = data[at : at + draw(st.integers(1, 200))] * draw(st.integers(1, 20))
    return bytes(data)


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One file that every example overwrites."""
    return tmp_path_factory.mktemp("fuzz") / "capture"


@settings(max_examples=400, deadline=5000, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(data=_mutated())
def test_a_mutated_capture_is_read_or_refused(path: Path, data: bytes) -> None:
    path.unlink(missing_ok=True)
    path.write_bytes(data)
    try:
        capture = inspector.open(path)
    except CaptureError as error:
        assert str(error).count("\n") == 0
        return

    packets = capture.packets
    size = len(capture.source.data)
    assert (packets.position >= 24).all()
    assert (packets.position + packets.captured <= size).all()
    assert (packets.interface < len(capture.interfaces)).all()
    for number in capture.comments:
        assert capture.comments[number]
    damage = capture.damage
    if damage is not None:
        assert damage.packets == len(packets)
        assert 0 <= damage.position <= size
        assert damage.sentence
    for connection in range(len(capture.connections)):
        for side in (0, 1):
            capture.stream(connection, side)


def test_reading_the_same_file_again_and_again_does_not_grow(path: Path) -> None:
    tracemalloc.start()
    try:
        grown = []
        for round_number in range(30):
            for data in _FILES[-6:]:
                path.unlink(missing_ok=True)
                path.write_bytes(data[: len(data) - round_number % 3])
                with contextlib.suppress(CaptureError):
                    inspector.open(path)
            grown.append(tracemalloc.get_traced_memory()[0])
    finally:
        tracemalloc.stop()

    assert grown[-1] - grown[9] < 100_000
