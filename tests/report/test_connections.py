"""Lists of connections: words, columns, orders, JSON."""

from __future__ import annotations

import io
import json
import shutil
import subprocess
from pathlib import Path

import pytest
from rich.cells import cell_len
from rich.console import Console

import inspector
from inspector.errors import UsageError
from inspector.i18n import LANGUAGES, speaking
from inspector.report.connections import SORTS, list_connections, list_udp
from tests.packets import ACK, FIN, RST, SYN, ethernet, ipv4, pcap, tcp_packet
from tests.recording.test_connections import HANDSHAKE
from tests.recording.test_streams import to_client, to_server
from tests.recording.test_track import opened


def udp_packet(source: str, destination: str, ports: tuple[int, int], payload: bytes) -> bytes:
    head = b"".join(number.to_bytes(2, "big") for number in (*ports, 8 + len(payload), 0))
    return ethernet(ipv4(head + payload, source, destination, 17))


@pytest.mark.parametrize(
    ("packets", "words"),
    [
        (HANDSHAKE, "still open"),
        ([*HANDSHAKE, to_client(1, flags=RST)], "server reset after 3.00 ms"),
        ([*HANDSHAKE, to_server(1, flags=FIN | ACK)], "client closed after 3.00 ms, server did not"),
        (
            [*HANDSHAKE, to_server(1, flags=FIN | ACK), to_client(1, flags=RST)],
            "client closed, server reset after 4.00 ms",
        ),
        (
            [*HANDSHAKE, to_client(1, flags=FIN | ACK), to_server(1, flags=FIN | ACK)],
            "server closed after 3.00 ms",
        ),
        ([to_server(0, flags=SYN), to_client(0, flags=RST | ACK)], "server refused after 1.00 ms"),
        ([to_server(0, flags=SYN)], "no answer"),
    ],
)
def test_endings_in_words(tmp_path: Path, packets: list[bytes], words: str) -> None:
    assert list_connections(opened(tmp_path, packets)).texts["ending"] == [words]


def test_line_shows_client_first_whatever_the_order_of_addresses(tmp_path: Path) -> None:
    packets = [
        tcp_packet("10.0.0.9", "10.0.0.2", (40000, 80), 0, 0, SYN),
        tcp_packet("10.0.0.2", "10.0.0.9", (80, 40000), 0, 1, SYN | ACK),
        tcp_packet("10.0.0.9", "10.0.0.2", (40000, 80), 1, 1, ACK, b"hello"),
    ]
    lines = list(list_connections(opened(tmp_path, packets)).lines())
    assert lines[1].split("\t") == [
        *("0", "10.0.0.9:40000", "10.0.0.2:80", "0.000000", "0.002000", "2", "1", "113", "54", "2.000"),
        *("still open", "-"),
    ]


def test_flags_name_what_is_remarkable(tmp_path: Path) -> None:
    packets = [to_server(1, b"abc"), to_server(1, b"abc"), to_server(14, b"x"), to_client(1, ack=15)]
    assert list_connections(opened(tmp_path, packets)).texts["flags"] == ["guess,resent,missing,unseen"]


def test_json_lines_are_json_with_numbers_of_packets_from_one(tmp_path: Path) -> None:
    packets = [*HANDSHAKE, to_client(1, flags=RST)]
    row = json.loads(next(iter(list_connections(opened(tmp_path, packets)).json_lines())))
    assert row["client"] == {"address": "10.0.0.1", "port": 40000}
    assert (row["first_packet"], row["last_packet"], row["end_packet"]) == (1, 4, 4)
    assert (row["ending"], row["ended_by"], row["reset_by"]) == ("reset", "server", "server")
    assert (row["end_ns"], row["rtt_ns"], row["rtt_plausible"]) == (3_000_000, 2_000_000, True)
    assert row["packets"] == {"client": 2, "server": 2}


@pytest.mark.parametrize("sort", SORTS)
def test_every_order_lists_every_connection(tmp_path: Path, sort: str) -> None:
    packets = [tcp_packet("10.0.0.1", "10.0.0.2", (1000 + n, 80), 1, 0, ACK, b"x" * (n % 5)) for n in range(7)]
    numbers = list_connections(opened(tmp_path, packets), sort).texts["number"]
    assert sorted(numbers) == [str(n) for n in range(7)]


def test_bytes_come_largest_first_and_a_limit_cuts(tmp_path: Path) -> None:
    packets = [tcp_packet("10.0.0.1", "10.0.0.2", (1000 + n, 80), 1, 0, ACK, b"x" * n) for n in range(5)]
    assert list_connections(opened(tmp_path, packets), "bytes", 2).texts["number"] == ["4", "3"]


def test_udp_conversations(tmp_path: Path) -> None:
    packets = [
        udp_packet("10.0.0.9", "10.0.0.2", (5000, 53), b"query"),
        udp_packet("10.0.0.1", "10.0.0.2", (5000, 53), b"other"),
        udp_packet("10.0.0.2", "10.0.0.9", (53, 5000), b"answer"),
    ]
    capture = opened(tmp_path, packets)
    lines = list(list_udp(capture).lines())
    assert lines[1].split("\t")[:9] == [
        *("0", "10.0.0.9:5000", "10.0.0.2:53", "0.000000", "0.002000", "1", "1", "47", "48")
    ]
    with pytest.raises(UsageError, match="rtt"):
        list_udp(capture, "rtt")


def test_an_empty_capture_lists_nothing(tmp_path: Path) -> None:
    path = tmp_path / "x.pcap"
    path.write_bytes(pcap([]))
    capture = inspector.open(path)
    assert len(list(list_connections(capture).lines())) == 1
    assert list(list_udp(capture).json_lines()) == []


def test_ipv6_addresses_are_written_in_brackets(shared_captures: Path) -> None:
    capture = inspector.open(shared_captures / "ipv6-extension-headers-http.pcap")
    assert list_connections(capture).texts["server"][0].endswith("]:80")


def test_packets_and_bytes_are_those_of_tshark_conv(shared_captures: Path) -> None:
    if shutil.which("tshark") is None:
        pytest.skip("tshark is not installed")
    for name in ("tcp-zero-window-retransmissions.pcap", "http1-100-continue.pcap", "tcp-sequence-wraparound.pcap"):
        path = shared_captures / name
        capture = inspector.open(path)
        command = ["tshark", "-n", "-r", str(path), "-T", "fields", "-e", "tcp.stream", "-e", "frame.len", "-Y", "tcp"]
        lines = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
        expected: dict[int, list[int]] = {}
        for line in lines:
            number, size = map(int, line.split("\t"))
            counts = expected.setdefault(number, [0, 0])
            counts[0] += 1
            counts[1] += size
        table = capture.connections
        found = zip((table.packets_a + table.packets_b).tolist(), (table.bytes_a + table.bytes_b).tolist(), strict=True)
        assert dict(enumerate(map(list, found))) == expected


def test_the_terminal_table_keeps_endpoints_whole(tmp_path: Path) -> None:
    console = Console(width=160, file=io.StringIO())
    console.print(list_connections(opened(tmp_path, [*HANDSHAKE, to_client(1, flags=RST)])).table(160))
    output = console.file
    assert isinstance(output, io.StringIO)
    headings, line = output.getvalue().splitlines()
    assert headings.split()[:3] == ["#", "client", "server"]
    assert line.split()[:3] == ["0", "10.0.0.1:40000", "10.0.0.2:80"]
    assert "server reset after 3.00 ms" in line


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_narrow_terminal_shows_every_value_too(tmp_path: Path, language: str) -> None:
    with speaking(language):
        rows = list_connections(opened(tmp_path, [*HANDSHAKE, to_client(1, flags=RST)]))
        console = Console(width=80, file=io.StringIO())
        console.print(rows.table(80))
        ending = rows.texts["ending"][0]
    output = console.file
    assert isinstance(output, io.StringIO)
    text = output.getvalue()
    assert "…" not in text
    assert all(word in text.split() for word in ("0", "10.0.0.1:40000", "10.0.0.2:80", "0.003", *ending.split()))
    assert all(cell_len(line) <= 80 for line in text.splitlines())
