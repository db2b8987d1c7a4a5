"""Reassembly against the byte strings that the packets were made of, and against tshark."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import inspector
from inspector.recording import streams
from inspector.recording.streams import Conflict, Stream
from tests.packets import ACK, FIN, PSH, RST, SYN, pcap, tcp_packet

CLIENT, SERVER = "10.0.0.1", "10.0.0.2"
PORTS = (40000, 80)


def to_server(seq: int, payload: bytes = b"", flags: int = PSH | ACK, ack: int = 1) -> bytes:
    return tcp_packet(CLIENT, SERVER, PORTS, seq, ack, flags, payload)


def to_client(seq: int, payload: bytes = b"", flags: int = PSH | ACK, ack: int = 1) -> bytes:
    return tcp_packet(SERVER, CLIENT, PORTS[::-1], seq, ack, flags, payload)


def stream_of(folder: Path, packets: list[bytes], side: int = 0) -> Stream:
    path = folder / "x.pcap"
    path.write_bytes(pcap(packets))
    return inspector.open(path).stream(0, side)


def joined(stream: Stream) -> bytes:
    return b"".join(block for _, block in stream.blocks())


@dataclass
class Sent:
    """One segment of a generated stream: where, and the bytes."""

    start: int
    data: bytes


@st.composite
def traffic(draw: st.DrawFn) -> tuple[int, bool, list[Sent]]:
    """(initial sequence number, SYN captured, segments in capture order): cut, resent, reordered, lost and altered."""
    text = bytes(draw(st.lists(st.integers(0, 255), min_size=1, max_size=120)))
    segments: list[Sent] = []
    at = 0
    while at < len(text):
        size = draw(st.integers(1, 30))
        segments.append(Sent(at, text[at : at + size]))
        at += size
    for _ in range(draw(st.integers(0, 6))):
        start = draw(st.integers(0, len(text) - 1))
        again = text[start : start + draw(st.integers(1, 40))]
        if draw(st.booleans()):
            again = bytes(255 - byte for byte in again)
        segments.insert(draw(st.integers(0, len(segments))), Sent(start, again))
    kept = [segment for segment in segments if draw(st.integers(0, 9))]
    if draw(st.booleans()):
        kept = draw(st.permutations(kept))
    isn = draw(st.sampled_from([0, 1000, 2**31 - 20, 2**32 - 1, 2**32 - 60]))
    return isn, draw(st.booleans()), kept


@given(traffic())
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_byte_is_the_first_captured_copy_and_knows_its_packet(
    tmp_path: Path, case: tuple[int, bool, list[Sent]]
) -> None:
    isn, syn, segments = case
    packets = [to_server(isn, flags=SYN)] if syn else [to_client(1)]
    packets += [to_server(isn + 1 + segment.start, segment.data) for segment in segments]
    origin = 0 if syn or not segments else min(segment.start for segment in segments)
    # The independent truth, byte by byte.
    owner: dict[int, int] = {}
    value: dict[int, int] = {}
    disputed: set[int] = set()
    for number, segment in enumerate(segments, 2):
        highest = max(owner, default=-2)
        for place, byte in enumerate(segment.data, segment.start - origin):
            if place in owner:
                probe = len(segment.data) == 1 and place == highest
                if value[place] != byte and not probe:
                    disputed.add(number)
            else:
                owner[place], value[place] = number, byte

    stream = stream_of(tmp_path, packets)

    assert joined(stream) == bytes(value[place] for place in sorted(value))
    end = max(owner, default=-1) + 1
    assert stream.packets_at(np.arange(-2, end + 2)).tolist() == [owner.get(place, 0) for place in range(-2, end + 2)]
    missing = [place for place in range(end) if place not in owner]
    assert [place for gap in stream.gaps for place in range(*gap)] == missing
    assert {conflict.packet for conflict in stream.conflicts} == disputed
    positions = [place for start, block in stream.blocks() for place in range(start, start + len(block))]
    assert positions == sorted(owner)


@given(st.lists(st.binary(max_size=20), max_size=12), st.sampled_from([0, 2**32 - 1, 2**32 - 30]), st.booleans())
@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_came_in_order_needs_no_reassembly_and_gives_the_same(
    tmp_path: Path, parts: list[bytes], isn: int, fin: bool
) -> None:
    packets, at = [to_server(isn, flags=SYN)], isn + 1
    for part in parts:
        packets += [to_server(at, part), to_client(1, b"answer")]
        at += len(part)
    path = tmp_path / "x.pcap"
    path.write_bytes(pcap(packets + [to_server(at, flags=FIN | ACK)] * 2 * fin))
    capture = inspector.open(path)
    quick = streams._in_order(capture, 0, 0)
    whole = streams._reassemble(capture, capture.rows_of_connection(0), 0)
    assert quick is not None
    for name in ("start", "size", "packet", "place"):
        assert getattr(quick, name).tolist() == getattr(whole, name).tolist()
        assert getattr(quick, name).dtype == getattr(whole, name).dtype
    assert (quick.from_start, quick.end, quick.ignored) == (whole.from_start, whole.end, whole.ignored)
    assert joined(quick) == b"".join(parts)


def test_blocks_are_bounded_and_contiguous(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "_BLOCK_BYTES", 100)
    data = bytes(range(250)) * 2
    packets = [to_server(1 + at, data[at : at + 30]) for at in range(0, 500, 30) if at != 210]

    stream = stream_of(tmp_path, packets)

    blocks = list(stream.blocks())
    assert all(len(block) < 130 for _, block in blocks)
    assert b"".join(block for _, block in blocks) == data[:210] + data[240:]
    assert stream.gaps == [(210, 240)]
    assert next(start for start, _ in blocks if start > 210) == 240
    sizes = [len(block) for _, block in stream.blocks(10)]
    assert sizes[:3] == [30, 60, 120]
    assert sum(sizes) == 470


def test_read_takes_any_range_and_leaves_gaps_out(tmp_path: Path) -> None:
    stream = stream_of(tmp_path, [to_server(1, b"abcde"), to_server(6, b"fghij"), to_server(16, b"pqrst")])
    assert stream.read(3, 8) == b"defgh"
    assert stream.read(8, 17) == b"ijpq"
    assert stream.read(10, 15) == b""
    assert stream.read(18, 99) == b"st"


def test_overlap_keeps_the_first_copy_and_reports_the_other(tmp_path: Path) -> None:
    stream = stream_of(tmp_path, [to_server(1, b"GOOD"), to_server(3, b"XXXX"), to_server(7, b"!")])
    assert joined(stream) == b"GOODXX!"
    assert stream.conflicts == [Conflict(2, 4, 2)]
    assert stream.ranges_of(2) == [(4, 6)]


def test_keep_alive_probe_is_no_conflict(tmp_path: Path) -> None:
    stream = stream_of(tmp_path, [to_server(1, b"abc"), to_server(3, b"\0"), to_server(4, b"d")])
    assert joined(stream) == b"abcd"
    assert stream.conflicts == []


def test_keep_alive_before_the_first_byte_is_left_out(tmp_path: Path) -> None:
    stream = stream_of(tmp_path, [to_server(9, flags=SYN), to_server(9, b"\0"), to_server(10, b"abc")])
    assert joined(stream) == b"abc"
    assert stream.ignored == []


def test_data_in_the_syn_starts_the_stream(tmp_path: Path) -> None:
    stream = stream_of(tmp_path, [to_server(9, b"early", flags=SYN), to_server(15, b"later")])
    assert joined(stream) == b"earlylater"


def test_payload_before_the_start_is_ignored_by_name(tmp_path: Path) -> None:
    stream = stream_of(tmp_path, [to_server(100, flags=SYN), to_server(51, b"old"), to_server(101, b"new")])
    assert joined(stream) == b"new"
    assert stream.ignored == [2]


def test_missing_syn_is_replaced_by_what_the_other_side_expects(tmp_path: Path) -> None:
    stream = stream_of(tmp_path, [to_client(7, flags=SYN | ACK, ack=500), to_server(510, b"late")])
    assert stream.gaps == [(0, 10)]


def test_stray_segment_far_away_does_not_move_the_stream(tmp_path: Path) -> None:
    far = 2**31 - 5
    stream = stream_of(tmp_path, [to_server(1, b"abc"), to_server(far, b"stray"), to_server(4, b"def")])
    assert joined(stream) == b"abcdef"
    assert stream.ignored == [2]


@pytest.mark.parametrize("answered", [False, True])
def test_far_jump_is_believed_when_acknowledged_or_continued(tmp_path: Path, answered: bool) -> None:
    far = 2_000_000_001
    packets = [to_server(0, flags=SYN), to_server(1, b"abc"), to_server(far, b"def")]
    packets += [to_client(1, ack=far + 3)] if answered else [to_server(far + 3, b"ghi"), to_server(far + 6, b"jkl")]
    stream = stream_of(tmp_path, packets)
    assert stream.gaps == [(3, 2_000_000_000)]
    assert stream.ignored == []


def test_streams_longer_than_the_sequence_space_keep_counting(tmp_path: Path) -> None:
    step = 1 << 29
    packets = [to_server(0, flags=SYN), *(to_server(1 + number * step, b"x" * 10) for number in range(20))]
    stream = stream_of(tmp_path, packets)
    assert stream.start.tolist() == [number * step for number in range(20)]


def test_snapped_packet_leaves_a_gap(tmp_path: Path) -> None:
    whole = pcap([to_server(1, b"abcdef"), to_server(7, b"ghijkl")])
    record = whole[24 : 24 + (len(whole) - 24) // 2]
    # Two bytes of the first packet's payload are not captured: its captured length shrinks, its length does not.
    captured = int.from_bytes(record[8:12], "little") - 2
    path = tmp_path / "x.pcap"
    path.write_bytes(
        whole[:24] + record[:8] + captured.to_bytes(4, "little") + record[12:-2] + whole[24 + len(record) :]
    )

    stream = inspector.open(path).stream(0, 0)

    assert joined(stream) == b"abcdghijkl"
    assert stream.gaps == [(4, 6)]


def test_what_a_fin_says_was_sent_is_a_gap_at_the_end(tmp_path: Path) -> None:
    stream = stream_of(tmp_path, [to_server(1, b"abc"), to_server(10, flags=FIN | ACK)])
    assert stream.gaps == [(3, 9)]
    assert stream.end == 9


def test_reason_in_a_reset_is_not_part_of_the_stream(tmp_path: Path) -> None:
    stream = stream_of(tmp_path, [to_server(1, b"abc"), to_server(4, b"reset because", flags=RST | ACK)])
    assert joined(stream) == b"abc"


def test_sides_do_not_mix_and_reused_ports_are_another_stream(tmp_path: Path) -> None:
    packets = [to_server(1, flags=SYN), to_server(2, b"first"), to_client(9, b"answer")]
    packets += [to_server(77, flags=SYN), to_server(78, b"second")]
    path = tmp_path / "x.pcap"
    path.write_bytes(pcap(packets))
    capture = inspector.open(path)
    assert [joined(capture.stream(0, side)) for side in (0, 1)] == [b"first", b"answer"]
    assert [joined(capture.stream(1, side)) for side in (0, 1)] == [b"second", b""]


@pytest.mark.parametrize(
    "name",
    ["http1-brotli-chunked.pcap", "tcp-out-of-order-sliced-reset.pcap", "h2c-long-frames.pcap", "ws-carrying-tls.pcap"],
)
def test_streams_are_what_tshark_follows(shared_captures: Path, name: str) -> None:
    if shutil.which("tshark") is None:
        pytest.skip("tshark is not installed")
    path = shared_captures / name
    capture = inspector.open(path)
    for number in range(min(len(capture.connections), 5)):
        command = ["tshark", "-r", str(path), "-q", "-o", "tcp.reassemble_out_of_order:TRUE"]
        command += ["-z", f"follow,tcp,raw,{number}"]
        lines = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
        node = next(index for index, line in enumerate(lines) if line.startswith("Node 1:"))
        first: list[bytes] = []
        second: list[bytes] = []
        for line in lines[node + 1 : -1]:
            (second if line.startswith("\t") else first).append(bytes.fromhex(line.strip()))
        theirs = {b"".join(first), b"".join(second)}
        streams_ = [capture.stream(number, side) for side in (0, 1)]
        if any(stream.gaps for stream in streams_):
            continue  # tshark writes a note in place of missing bytes
        assert {joined(stream) for stream in streams_} == theirs
