"""Connections as objects."""

from __future__ import annotations

from pathlib import Path

import pytest

from inspector.errors import UsageError
from inspector.model.ending import Ending
from tests.packets import RST, SYN
from tests.recording.test_connections import HANDSHAKE
from tests.recording.test_streams import to_client, to_server
from tests.recording.test_track import opened


def test_a_row_is_seen_from_client_and_server(tmp_path: Path) -> None:
    connection = opened(tmp_path, [*HANDSHAKE, to_server(1, b"hello"), to_client(1, flags=RST)]).connections[0]
    assert (str(connection.client), str(connection.server)) == ("10.0.0.1:40000", "10.0.0.2:80")
    assert (connection.client_is_guess, connection.payload.client, connection.payload.server) == (False, 5, 0)
    assert (connection.ending, connection.ended_by, connection.end_packet) == (Ending.RESET, "server", 5)
    assert (connection.first_packet, connection.last_packet) == (1, 5)


def test_a_guess_is_marked(tmp_path: Path) -> None:
    connection = opened(tmp_path, [to_client(1, b"x")]).connections[0]
    assert connection.client_is_guess
    assert connection.client.port == 40000
    assert connection.rtt_ns is None
    assert connection.end_packet is None


def test_iteration_ends_and_bad_numbers_are_named(tmp_path: Path) -> None:
    capture = opened(tmp_path, [to_server(1, flags=SYN), to_server(9, flags=SYN)])
    assert [connection.number for connection in capture.connections] == [0, 1]
    with pytest.raises(UsageError, match="no connection 2"):
        capture.connections[2]
    with pytest.raises(UsageError, match="no connection 7"):
        capture.stream(7, "client")


def test_streams_by_role(tmp_path: Path) -> None:
    capture = opened(tmp_path, [*HANDSHAKE, to_server(1, b"ask"), to_client(1, b"answer")])
    assert capture.stream(0, "client").read(0, 9) == capture.stream(0, 0).read(0, 9) == b"ask"
    assert capture.stream(0, "server").read(0, 9) == b"answer"
    with pytest.raises(UsageError, match="no side 'middle'"):
        capture.stream(0, "middle")
