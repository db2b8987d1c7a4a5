"""Interleaving the two streams."""

from __future__ import annotations

from pathlib import Path

from hypothesis import HealthCheck, given, settings

from inspector.recording.turns import take_turns
from tests.packets import SYN
from tests.recording.test_streams import Sent, to_client, to_server, traffic
from tests.recording.test_track import opened


@given(traffic())
@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_turns_hold_each_stream_whole_and_in_order(tmp_path: Path, case: tuple[int, bool, list[Sent]]) -> None:
    isn, _, segments = case
    packets = [to_server(isn, flags=SYN)]
    for number, segment in enumerate(segments):
        packets.append(to_server(isn + 1 + segment.start, segment.data))
        packets.append(to_client(1 + number, b"."))
    capture = opened(tmp_path, packets)
    streams = [capture.stream(0, 0), capture.stream(0, 1)]
    turns = list(take_turns(capture, streams))
    for side, stream in enumerate(streams):
        mine = [turn for turn in turns if turn.side == side]
        assert b"".join(turn.data or b"" for turn in mine) == b"".join(block for _, block in stream.blocks())
        assert [(turn.start, turn.end) for turn in mine if turn.data is None] == stream.gaps
        edges = [0, *(turn.end for turn in mine)]
        assert [turn.start for turn in mine] == edges[:-1]
