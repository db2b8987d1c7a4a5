"""Decrypted streams of captures, each byte knowing its packet."""

from __future__ import annotations

import ssl
from pathlib import Path

import numpy as np
import pytest

import inspector
from inspector.model.tls import Decryption
from inspector.recording.tls import decrypt, looks_like_tls
from inspector.wire.tls import KeyLog
from tests.packets import ACK, PSH, SYN, pcap, tcp_packet
from tests.tls_session import talk

_CLIENT, _SERVER, _PORTS = "10.0.0.1", "10.0.0.2", (40000, 443)
_SAID = [(True, b"GET /a HTTP/1.1\r\n\r\n"), (False, bytes(range(256)) * 200), (True, b"bye")]


def _segments(crossed: list[tuple[bool, bytes]], size: int) -> list[bytes]:
    """The conversation as packets of at most ``size`` payload bytes."""
    at = {True: 1, False: 1}
    packets = [
        tcp_packet(_CLIENT, _SERVER, _PORTS, 0, 0, SYN),
        tcp_packet(_SERVER, _CLIENT, _PORTS[::-1], 0, 1, SYN | ACK),
    ]
    for from_client, data in crossed:
        ends = (_CLIENT, _SERVER, _PORTS) if from_client else (_SERVER, _CLIENT, _PORTS[::-1])
        for start in range(0, len(data), size):
            part = data[start : start + size]
            packets.append(tcp_packet(*ends, at[from_client], at[not from_client], PSH | ACK, part))
            at[from_client] += len(part)
    return packets


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_plain_bytes_and_the_packets_that_carried_them(version: ssl.TLSVersion, tmp_path: Path) -> None:
    session = talk(tmp_path, version, None, _SAID)
    packets = _segments(session.crossed, 700)
    path = tmp_path / "tls.pcap"
    path.write_bytes(pcap(packets))
    capture = inspector.open(path)
    keys = KeyLog()
    keys.add(session.keys)
    streams = capture.stream(0, 0), capture.stream(0, 1)
    assert looks_like_tls(*streams)

    found = decrypt(*streams, keys)

    assert found.tls.decryption is Decryption.DONE
    assert found.client.read(0, 1000) == b"GET /a HTTP/1.1\r\n\r\nbye"
    assert b"".join(block for _, block in found.server.blocks()) == _SAID[1][1]
    # The 51,200 bytes are in records of 16 KiB; byte 0 is some 5 to 13 bytes into the first of them.
    sent = {n for n, packet in enumerate(packets, 1) if packet[34:36] == b"\x01\xbb"}
    numbers = found.server.packets_at(np.arange(0, 51200, 100))
    assert set(numbers.tolist()) <= sent
    assert np.all(np.diff(numbers.astype(int)) >= 0)
    # A packet carries 700 bytes, so bytes 600 apart are in the same packet or the next.
    assert set(np.diff(found.server.packets_at(np.arange(0, 51200, 600)).astype(int)).tolist()) <= {0, 1}
    assert found.server.packets_of(0, 51200) == list(dict.fromkeys(found.server.packets_at(np.arange(51200)).tolist()))


def test_lost_packets_leave_a_gap_and_the_records_after_it_are_read(tmp_path: Path) -> None:
    said = [(False, bytes([n]) * 500) for n in range(30)]
    session = talk(tmp_path, ssl.TLSVersion.TLSv1_3, None, said)
    packets = _segments(session.crossed, 1400)
    del packets[-10]
    path = tmp_path / "lost.pcap"
    path.write_bytes(pcap(packets))
    capture = inspector.open(path)
    keys = KeyLog()
    keys.add(session.keys)

    found = decrypt(capture.stream(0, 0), capture.stream(0, 1), keys)

    assert len(found.server.gaps) == 1
    data = b"".join(block for _, block in found.server.blocks())
    assert set(data) == set(range(30)) - {20}


def test_real_keylog_capture_equals_tsharks_requests(shared_captures: Path) -> None:
    capture = inspector.open(shared_captures / "tls12-keylog-16-requests.pcap")
    keys = KeyLog()
    assert keys.add((shared_captures / "tls12-keylog-16-requests.keylog").read_bytes()) == 1
    side = int(capture.connections.client[0])
    found = decrypt(capture.stream(0, side), capture.stream(0, 1 - side), keys)
    assert found.tls.server_name == "www.heise.de"
    assert found.client.read(0, found.client.end).count(b" HTTP/1.1\r\n") == 16
