"""Flow-control stalls: what the h2 library's own windows say about a conversation whose packets are a millisecond apart."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import h2.config
import h2.connection
import h2.events
import h2.settings
from click.testing import CliRunner

import inspector
from inspector.cli.http import command
from inspector.recording.http import http_exchanges
from inspector.recording.http2_windows import Stall
from tests.websockets import Talk, write_capture

_MS = 1_000_000
_FIELDS = [(":method", "GET"), (":scheme", "http"), (":authority", "x"), (":path", "/big")]


@dataclass
class _Ends:
    """Two ends of HTTP/2; each call of ``cross`` makes a packet of what one of them has to send."""

    window: int = 65_535
    talk: Talk = field(default_factory=Talk)
    ends: dict[bool, Any] = field(default_factory=dict)  # Any: h2's connections have no types for both roles

    def __post_init__(self) -> None:
        for is_client in (True, False):
            end = self.ends[is_client] = h2.connection.H2Connection(h2.config.H2Configuration(client_side=is_client))
            end.initiate_connection()
            end.update_settings({h2.settings.SettingCodes.INITIAL_WINDOW_SIZE: self.window})
        for from_client in (True, False, True, False):
            self.cross(from_client)

    def cross(self, from_client: bool) -> int:
        """Send what is there in one packet; its number."""
        data = self.ends[from_client].data_to_send()
        if data:
            self.talk.say(from_client, data, [len(data)])
            self.ends[not from_client].receive_data(data)
        return 3 + len(self.talk.segments)  # after the three packets of the handshake

    def idle(self, packets: int) -> None:
        """Let time pass: pings, one a packet."""
        for _ in range(packets):
            self.ends[True].ping(b"12345678")
            self.cross(True)
            self.ends[False].data_to_send()  # its answers are not captured

    def get(self, stream_id: int = 1, *headers: tuple[str, str]) -> None:
        self.ends[True].send_headers(stream_id, _FIELDS, end_stream=True)
        self.cross(True)
        self.ends[False].send_headers(stream_id, [(":status", "200"), *headers])
        self.cross(False)

    def data(self, stream_id: int, size: int, *, end: bool = False) -> int:
        assert self.ends[False].local_flow_control_window(stream_id) >= size
        while size > 16_384:
            self.ends[False].send_data(stream_id, bytes(16_384))
            size -= 16_384
        self.ends[False].send_data(stream_id, bytes(size), end_stream=end)
        return self.cross(False)

    def update(self, size: int, stream_id: int | None) -> int:
        self.ends[True].increment_flow_control_window(size, stream_id)
        return self.cross(True)

    def stalls(self, folder: Path) -> dict[int, tuple[Stall, ...] | None]:
        path = write_capture(folder / "stalls.pcap", self.talk.packets())
        return {item.stream.id: item.stalls for item in http_exchanges(inspector.open(path)) if item.stream}


def test_a_used_up_stream_window_is_a_stall_until_its_update(tmp_path: Path) -> None:
    ends = _Ends(window=1000)
    ends.get()
    full = ends.data(1, 1000)
    assert ends.ends[False].local_flow_control_window(1) == 0
    ends.idle(40)
    opened = ends.update(500, 1)
    ends.data(1, 500, end=True)
    [stall] = ends.stalls(tmp_path)[1] or ()
    assert (stall.by_client, stall.blocked_by, stall.pending) == (False, "stream", "resumed")
    assert (stall.first_packet, stall.last_packet) == (full, opened)
    assert stall.duration_ns == (opened - full) * _MS == 41 * _MS


def test_a_used_up_connection_window_stops_every_stream_that_has_more(tmp_path: Path) -> None:
    ends = _Ends(window=100_000)
    ends.get(1, ("content-length", "70000"))
    ends.get(3, ("content-length", "40000"))
    ends.get(5, ("content-length", "10"))
    ends.data(5, 10, end=True)
    ends.data(3, 30_000)
    full = ends.data(1, 65_535 - 30_010)
    assert ends.ends[False].local_flow_control_window(1) == ends.ends[False].local_flow_control_window(3) == 0
    ends.get(7, ("content-length", "1"))  # begins while nothing may be sent
    begun = 3 + len(ends.talk.segments)
    ends.idle(10)
    opened = ends.update(60_000, None)
    found = ends.stalls(tmp_path)
    assert found[5] == ()
    for stream_id, first in ((1, full), (3, full), (7, begun)):
        [stall] = found[stream_id] or ()
        assert (stall.blocked_by, stall.pending) == ("connection", "content_length")
        assert (stall.first_packet, stall.last_packet) == (first, opened)


def test_a_window_that_never_opens_stalls_to_the_end(tmp_path: Path) -> None:
    ends = _Ends(window=1000)
    ends.get(1, ("content-length", "5000"))
    full = ends.data(1, 1000)
    ends.idle(9)
    last = ends.cross(True)
    [stall] = ends.stalls(tmp_path)[1] or ()
    assert stall.last_packet is None
    assert stall.duration_ns >= (last - full) * _MS


def test_a_larger_initial_window_opens_streams_too(tmp_path: Path) -> None:
    ends = _Ends(window=1000)
    ends.get()
    full = ends.data(1, 1000)
    ends.idle(5)
    ends.ends[True].update_settings({h2.settings.SettingCodes.INITIAL_WINDOW_SIZE: 3000})
    opened = ends.cross(True)
    assert ends.ends[False].local_flow_control_window(1) == 2000
    ends.data(1, 10, end=True)
    [stall] = ends.stalls(tmp_path)[1] or ()
    assert (stall.first_packet, stall.last_packet) == (full, opened)


def test_an_upload_stalls_its_client(tmp_path: Path) -> None:
    ends = _Ends()
    ends.ends[True].send_headers(1, [(":method", "POST"), *_FIELDS[1:]])
    ends.cross(True)
    for size in (16_384, 16_384, 16_384, 16_383):
        ends.ends[True].send_data(1, bytes(size))
        full = ends.cross(True)
    ends.ends[False].increment_flow_control_window(10_000)
    ends.cross(False)
    ends.ends[False].increment_flow_control_window(10_000, 1)
    opened = ends.cross(False)
    ends.ends[True].send_data(1, b"rest", end_stream=True)
    ends.cross(True)
    [stall] = ends.stalls(tmp_path)[1] or ()
    assert (stall.by_client, stall.blocked_by, stall.first_packet, stall.last_packet) == (True, "both", full, opened)


def test_near_misses_are_silent(tmp_path: Path) -> None:
    exact = _Ends(window=1000)
    exact.get(1, ("content-length", "1000"))
    exact.data(1, 1000, end=True)  # used up, but there is nothing more to send
    exact.update(500, None)
    assert exact.stalls(tmp_path) == {1: ()}

    open_ = _Ends(window=1000)
    open_.get()
    open_.data(1, 999)  # one byte is left
    open_.idle(5)
    open_.update(500, 1)
    open_.data(1, 100, end=True)
    assert open_.stalls(tmp_path) == {1: ()}

    late = _Ends(window=1000)
    late.get()
    late.data(1, 1000)
    late.update(500, 1)
    late.idle(250)  # a quarter of a second: the sender may have had nothing to send
    late.data(1, 10, end=True)
    assert late.stalls(tmp_path) == {1: ()}


def test_windows_are_not_known_where_frames_are_missing(tmp_path: Path) -> None:
    ends = _Ends(window=1000)
    ends.get()
    ends.data(1, 1000)
    ends.idle(5)
    ends.update(500, 1)
    ends.data(1, 100, end=True)
    lost = len(ends.talk.segments) - 4
    path = write_capture(tmp_path / "lost.pcap", ends.talk.packets(lost=[lost]))
    assert [item.stalls for item in http_exchanges(inspector.open(path))] == [None]


def test_what_inspector_http_shows(tmp_path: Path) -> None:
    ends = _Ends(window=1000)
    ends.get()
    full = ends.data(1, 1000)
    ends.idle(19)
    opened = ends.update(500, 1)
    ends.data(1, 500, end=True)
    path = str(write_capture(tmp_path / "shown.pcap", ends.talk.packets()))
    text = CliRunner().invoke(command, [path, "--detail", "1"], catch_exceptions=False).stdout
    assert "Flow control: 20.000 ms without a window" in text
    assert f"the server waited 20.000 ms for the window of the stream, packets {full} to {opened}" in text
    row = json.loads(CliRunner().invoke(command, [path, "--json"], catch_exceptions=False).stdout)
    assert row["stalled_ns"] == 20 * _MS
    assert row["stalls"] == [
        {
            "sender": "server", "blocked_by": "stream", "pending": "resumed", "packets": [full, opened],
            "start_ns": row["stalls"][0]["start_ns"], "duration_ns": 20 * _MS,
        }
    ]  # fmt: skip
    assert "stalled 20.0 ms" in CliRunner().invoke(command, [path], catch_exceptions=False).stdout
