"""Decrypted streams of captures, each byte knowing its packet."""

from __future__ import annotations

import asyncio
import shutil
import ssl
from pathlib import Path

import numpy as np
import pytest

import inspector
from inspector.model.tls import Decryption
from inspector.recording.application import Applications, speaks_http2
from inspector.recording.http2 import read_http2
from inspector.recording.tls import decrypt, looks_like_tls
from inspector.wire.tls import KeyLog
from tests.addons.running import settled
from tests.certificates import make_certificate
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


async def _update_keys(folder: Path) -> list[tuple[bool, bytes]]:
    """What crosses between openssl's client and server while the client asks for new keys, twice."""
    certificate, crossed = str(make_certificate(folder)), list[tuple[bool, bytes]]()
    pipe = asyncio.subprocess.PIPE
    server = await asyncio.create_subprocess_exec(
        "openssl", "s_server", "-accept", "127.0.0.1:0", "-cert", certificate, "-key", certificate, "-tls1_3", "-rev",
        stdin=pipe, stdout=pipe, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    client: asyncio.subprocess.Process | None = None
    try:
        assert server.stdout is not None
        while not (line := await asyncio.wait_for(server.stdout.readline(), 20)).startswith(b"ACCEPT"):
            assert line
        port = int(line.rsplit(b":", 1)[1])

        async def relay(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            there_reader, there_writer = await asyncio.open_connection("127.0.0.1", port)

            async def pass_on(source: asyncio.StreamReader, target: asyncio.StreamWriter, from_client: bool) -> None:
                while data := await source.read(1 << 16):
                    crossed.append((from_client, data))
                    target.write(data)
                target.close()

            await asyncio.gather(pass_on(reader, there_writer, True), pass_on(there_reader, writer, False))

        async with await asyncio.start_server(relay, "127.0.0.1", 0) as between:
            client = await asyncio.create_subprocess_exec(
                "openssl", "s_client", "-connect", f"127.0.0.1:{between.sockets[0].getsockname()[1]}", "-tls1_3",
                "-keylogfile", str(folder / "keys.log"), stdin=pipe, stdout=pipe, stderr=asyncio.subprocess.DEVNULL,
            )  # fmt: skip
            assert client.stdin is not None and client.stdout is not None
            for said, answer in (
                (b"one\n", b"eno"),
                (b"K\n", b""),
                (b"two\n", b"owt"),
                (b"K\n", b""),
                (b"three\n", b"eerht"),
            ):
                client.stdin.write(said)
                await client.stdin.drain()
                while answer and answer not in (line := await asyncio.wait_for(client.stdout.readline(), 60)):
                    assert line
                if not answer:
                    await settled(client.pid)  # a command is one only when it is read by itself
            client.stdin.write(b"Q\n")
            await asyncio.wait_for(client.wait(), 60)
    finally:
        for process in (client, server):
            if process is not None and process.returncode is None:
                process.kill()
                await process.wait()
    return crossed


@pytest.mark.skipif(shutil.which("openssl") is None, reason="needs the openssl program")
def test_key_updates_of_openssls_own_ends(tmp_path: Path) -> None:
    crossed = asyncio.run(_update_keys(tmp_path))
    (tmp_path / "tls.pcap").write_bytes(pcap(_segments(crossed, 700)))
    capture = inspector.open(tmp_path / "tls.pcap")
    keys = KeyLog()
    keys.add((tmp_path / "keys.log").read_bytes())
    found = decrypt(capture.stream(0, 0), capture.stream(0, 1), keys)
    assert found.tls.decryption is Decryption.DONE
    assert found.client.read(0, 1000) == b"one\ntwo\nthree\n"
    assert found.server.read(0, 1000) == b"eno\nowt\neerht\n"
    assert found.tls.key_updates == {True: 2, False: 2}


def test_http2_that_was_agreed_on_before_the_client_has_spoken(tmp_path: Path) -> None:
    # Browsers open connections in advance; the server's SETTINGS come at once (RFC 9113 section 3.4).
    settings = bytes.fromhex("000006 04 00 00000000 0003 00000064")
    session = talk(tmp_path, ssl.TLSVersion.TLSv1_3, None, [(False, settings)], alpn="h2")
    path = tmp_path / "tls.pcap"
    path.write_bytes(pcap(_segments(session.crossed, 700)))
    keys = KeyLog()
    keys.add(session.keys)
    application = Applications(inspector.open(path), keys).of(0)
    assert speaks_http2(application)
    [(from_client, frame)] = read_http2(application).frames
    assert (from_client, frame.type, frame.detail["settings"]) == (False, 4, {3: 100})


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
