"""What follows from the tracked state: who opened a connection, how it ended, and the handshake's round trip."""

from __future__ import annotations

from pathlib import Path

import pytest

from inspector.model.ending import Ending
from inspector.model.tables import Connections
from tests.packets import ACK, FIN, PSH, RST, SYN, tcp_packet
from tests.recording.test_streams import to_client, to_server
from tests.recording.test_track import opened

MS = 1_000_000
HANDSHAKE = [to_server(0, flags=SYN), to_client(0, flags=SYN | ACK), to_server(1, flags=ACK)]


def table_of(folder: Path, packets: list[bytes]) -> Connections:
    return opened(folder, packets).connections


@pytest.mark.parametrize(
    ("packets", "ending", "ended_by", "end_packet"),
    [
        (HANDSHAKE, Ending.OPEN, -1, -1),
        ([to_server(0, flags=SYN), to_server(0, flags=SYN)], Ending.UNANSWERED, -1, -1),
        ([to_server(0, flags=SYN), to_client(0, flags=RST | ACK)], Ending.REFUSED, 1, 1),
        ([*HANDSHAKE, to_client(1, flags=RST)], Ending.RESET, 1, 3),
        ([to_server(0, flags=SYN), to_server(1, flags=RST)], Ending.RESET, 0, 1),
        ([*HANDSHAKE, to_client(1, flags=FIN | ACK)], Ending.HALF_CLOSED, 1, 3),
        ([*HANDSHAKE, to_client(1, flags=FIN | ACK), to_server(1, flags=FIN | ACK)], Ending.CLOSED, 1, 3),
        ([*HANDSHAKE, to_server(1, flags=FIN | ACK), to_server(2, flags=RST)], Ending.RESET_AFTER_FIN, 0, 3),
        (
            [*HANDSHAKE, to_server(1, flags=FIN | ACK), to_client(1, flags=FIN | ACK), to_client(2, flags=RST)],
            Ending.CLOSED,
            0,
            3,
        ),
        ([to_server(5, b"data", flags=PSH | ACK)], Ending.OPEN, -1, -1),
    ],
)
def test_ending(tmp_path: Path, packets: list[bytes], ending: Ending, ended_by: int, end_packet: int) -> None:
    table = table_of(tmp_path, packets)
    assert (Ending(table.ending[0]), table.ended_by[0], table.end_packet[0]) == (ending, ended_by, end_packet)


def test_a_reset_that_its_sender_ignores_is_visible(tmp_path: Path) -> None:
    table = table_of(tmp_path, [*HANDSHAKE, to_client(1, flags=RST), to_client(1, b"more")])
    assert (Ending(table.ending[0]), table.after_rst[0]) == (Ending.RESET, 1)


def test_only_quoted_headers_make_no_connection_of_their_own(tmp_path: Path) -> None:
    packet = to_server(1, b"x")
    broken = packet[:46] + b"\x10" + packet[47:]  # a data offset of four bytes
    assert Ending(table_of(tmp_path, [broken]).ending[0]) is Ending.QUOTED


def test_handshake_gives_client_and_round_trip(tmp_path: Path) -> None:
    table = table_of(tmp_path, HANDSHAKE)
    assert (table.client[0], table.likely_client[0]) == (0, 0)
    assert (table.syn_packet[0], table.syn_ack_packet[0], table.ack_packet[0]) == (0, 1, 2)
    assert (table.rtt_ns[0], table.rtt_plausible[0]) == (2 * MS, 1)


def test_a_repeated_syn_makes_the_round_trip_doubtful(tmp_path: Path) -> None:
    table = table_of(tmp_path, [HANDSHAKE[0], *HANDSHAKE])
    assert (table.rtt_ns[0], table.rtt_plausible[0], table.syns[0]) == (2 * MS, 0, 2)


def test_no_handshake_means_unknown_client_and_a_marked_guess(tmp_path: Path) -> None:
    table = table_of(tmp_path, [to_client(1, b"x")])
    assert (table.client[0], table.likely_client[0], table.rtt_ns[0]) == (-1, 0, -1)


def test_equal_ports_guess_the_first_sender(tmp_path: Path) -> None:
    table = table_of(tmp_path, [tcp_packet("10.0.0.2", "10.0.0.1", (179, 179), 1, 1, ACK, b"x")])
    assert (table.client[0], table.likely_client[0]) == (-1, 1)


def test_a_syn_ack_alone_tells_the_client(tmp_path: Path) -> None:
    assert table_of(tmp_path, [to_client(0, flags=SYN | ACK)]).client[0] == 0


def test_times_per_side(tmp_path: Path) -> None:
    table = table_of(tmp_path, [*HANDSHAKE, to_server(1, b"x")])
    first = int(table.first_time_ns[0])
    assert [int(column[0]) - first for column in (table.last_time_a_ns, table.last_time_b_ns)] == [3 * MS, MS]
    assert table.last_time_ns[0] == first + 3 * MS
    silent = table_of(tmp_path, [to_server(1, b"x")])
    assert silent.last_time_b_ns[0] == -1
