"""The tracking kernel: numbers against tshark's ``tcp.stream``, counts against a model that looks at every byte."""

from __future__ import annotations

import random
import shutil
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import inspector
from inspector.errors import CaptureError
from inspector.recording.capture import Capture
from inspector.recording.growing import view
from inspector.recording.track import Tracker
from tests.packets import ACK, FIN, PSH, RST, SYN, ethernet, ipv4, pcap, tcp_packet
from tests.recording.test_streams import Sent, to_client, to_server, traffic
from tests.tshark import tshark_rows


def opened(folder: Path, packets: list[bytes]) -> Capture:
    path = folder / "x.pcap"
    path.write_bytes(pcap(packets))
    return inspector.open(path)


def numbers_of(capture: Capture) -> list[str]:
    """The connections in each packet, as ``tshark -T fields -e tcp.stream`` prints them."""
    found: list[list[str]] = [[] for _ in range(len(capture.packets))]
    pairs = zip(capture.segments.packet.tolist(), capture.segment_connection.tolist(), strict=True)
    for packet, number in pairs:
        if number >= 0:
            found[packet].append(str(number))
    return [",".join(numbers) for numbers in found]


def tshark_streams(path: Path) -> list[str]:
    if shutil.which("tshark") is None:
        pytest.skip("tshark is not installed")
    return [row[0] for row in tshark_rows(path, ["tcp.stream"])]


def test_numbers_are_tsharks_on_port_reuse_odd_and_quoted_headers(tmp_path: Path) -> None:
    draw = random.Random(20)
    packets = []
    for _ in range(3000):
        ports = (4000 + draw.randrange(3), 80)
        ends = ("10.0.0.1", "10.0.0.2")
        if draw.random() < 0.5:
            ports, ends = ports[::-1], ends[::-1]
        flags = draw.choice([SYN, SYN, SYN | ACK, ACK, ACK, PSH | ACK, FIN | ACK, RST, RST | ACK, 0])
        seq, ack = draw.choice([0, 1, 2, 3, 100, 2**32 - 1]), draw.choice([0, 1, 2, 3, 101])
        packet = tcp_packet(*ends, ports, seq, ack, flags, b"x" * draw.choice([0, 0, 1, 5]))
        if draw.random() < 0.2:  # a data offset of 16 bytes, or of 60, beyond the end
            packet = packet[:46] + draw.choice([b"\x40", b"\xf0"]) + packet[47:]
        if draw.random() < 0.2:  # quoted in an ICMP error, whole or its first 8 bytes
            packet = ethernet(ipv4(bytes.fromhex("0301fcfe00000000") + packet[14 : draw.choice([42, None])], *ends, 1))
        packets.append(packet)
    capture = opened(tmp_path, packets)
    assert numbers_of(capture) == tshark_streams(tmp_path / "x.pcap")


def test_numbers_are_tsharks_on_real_captures(shared_captures: Path) -> None:
    compared = 0
    for path in sorted(path for kind in ("tcp", "tunnel", "ipv") for path in shared_captures.glob(f"{kind}*.pcap*")):
        try:
            capture = inspector.open(path)
        except CaptureError:
            continue
        if not len(capture.segments):
            continue
        assert numbers_of(capture) == tshark_streams(path), path.name
        compared += 1
    assert compared


@given(traffic())
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_counts_are_those_of_a_model_that_looks_at_every_byte(
    tmp_path: Path, case: tuple[int, bool, list[Sent]]
) -> None:
    isn, _, segments = case
    packets = [to_server(isn, flags=SYN)]
    packets += [to_server(isn + 1 + segment.start, segment.data) for segment in segments]
    seen: set[int] = set()
    resent = duplicates = 0
    for segment in segments:
        places = set(range(segment.start, segment.start + len(segment.data)))
        resent += len(places & seen)
        duplicates += places <= seen
        seen |= places

    table = opened(tmp_path, packets).connections

    assert (table.resent_a[0], table.duplicates_a[0]) == (resent, duplicates)
    assert table.missing_a[0] == max(seen, default=-1) + 1 - len(seen)
    assert table.payload_a[0] == sum(len(segment.data) for segment in segments)


def test_a_late_segment_is_no_resend_and_a_repeated_one_is(tmp_path: Path) -> None:
    packets = [to_server(1, b"aaaa"), to_server(9, b"cccc"), to_server(5, b"bbbb"), to_server(5, b"bbbb")]
    table = opened(tmp_path, packets).connections
    assert (table.missing_a[0], table.resent_a[0], table.duplicates_a[0]) == (0, 4, 1)


def test_a_keep_alive_probe_is_no_resend(tmp_path: Path) -> None:
    packets = [to_server(1, b"abc"), to_client(1, ack=4), to_server(3, b"\0"), to_server(4, b"d")]
    table = opened(tmp_path, packets).connections
    assert (table.resent_a[0], table.duplicates_a[0]) == (0, 0)


def test_what_was_acknowledged_but_not_captured_is_unseen(tmp_path: Path) -> None:
    packets = [to_server(1, b"abc"), to_server(14, b"def"), to_client(1, ack=9), to_client(1, ack=21)]
    table = opened(tmp_path, packets).connections
    assert (table.missing_a[0], table.unseen_a[0]) == (10, 10 + 4)


def test_holes_are_bounded_and_the_oldest_are_given_up(tmp_path: Path) -> None:
    count = 306  # the limit is 256
    packets = [to_server(1 + 20 * at, b"0123456789") for at in range(count)]
    packets += [to_client(1, ack=1 + 20 * count)]
    late = [to_server(11, b"0123456789"), to_server(1 + 20 * (count - 2) + 10, b"0123456789")]
    table = opened(tmp_path, packets + late).connections
    # The newest hole was filled; the oldest was no longer remembered, so its bytes look resent.
    assert table.missing_a[0] == 10 * (count - 2)
    assert table.resent_a[0] == 10


def test_far_jumps_are_strays_unless_acknowledged(tmp_path: Path) -> None:
    far = 2_000_000_000
    stray = [to_server(1, b"abc"), to_server(far, b"x"), to_server(4, b"def")]
    table = opened(tmp_path, stray).connections
    assert (table.strays_a[0], table.missing_a[0], table.resent_a[0]) == (1, 0, 0)
    answered = [to_server(1, b"abc"), to_client(1, ack=far), to_server(far, b"x"), to_client(1, ack=far + 1)]
    table = opened(tmp_path, answered).connections
    assert (table.strays_a[0], table.missing_a[0], table.unseen_a[0]) == (0, far - 4, far - 4)


def test_quoted_headers_take_numbers_but_count_nothing() -> None:
    # Observed of tshark 4.0.17 on generated ICMP errors.
    rows = [
        # side, quoted, seq, ack, flags, expected number
        (0, True, 5, 0, SYN, 0),
        (0, True, 7, 0, SYN, 0),
        (0, False, 9, 0, SYN, 0),
        (0, True, 9, 0, SYN, 0),
        (0, True, 11, 0, SYN, 1),
    ]
    numbers = np.zeros(len(rows), np.int32)

    def column(dtype: type[np.generic], values: list[int]) -> memoryview[int]:
        return view(np.array(values, dtype))

    tracker = Tracker(1)
    tracker.run(
        column(np.uint32, [0] * 5),
        column(np.int32, [0] * 5),
        column(np.uint8, [row[0] | (2 if row[1] else 0) for row in rows]),
        column(np.uint32, [row[2] for row in rows]),
        column(np.uint32, [row[3] for row in rows]),
        column(np.uint16, [9] * 5),
        column(np.uint16, [row[4] for row in rows]),
        column(np.uint32, [0] * 5),
        column(np.int64, [1]),
        column(np.uint32, [60]),
        view(numbers),
    )
    assert numbers.tolist() == [row[5] for row in rows]
    assert tracker.finish()["packets"].tolist() == [[1, 0], [0, 0]]


def test_zero_windows_count_per_side_without_resets(tmp_path: Path) -> None:
    packets = [
        tcp_packet("10.0.0.1", "10.0.0.2", (40000, 80), 1, 1, ACK, window=0),
        tcp_packet("10.0.0.2", "10.0.0.1", (80, 40000), 1, 1, RST, window=0),
    ]
    table = opened(tmp_path, packets).connections
    assert (table.zero_windows_a[0], table.zero_windows_b[0]) == (1, 0)


@pytest.mark.parametrize("isn", [0, 2**32 - 3])
def test_many_flows_and_reuse_grow_the_table(tmp_path: Path, isn: int) -> None:
    packets = [
        tcp_packet("10.0.0.1", "10.0.0.2", (1000 + flow, 80), isn + attempt, 0, SYN)
        for attempt in range(4)
        for flow in range(50)
    ]
    table = opened(tmp_path, packets).connections
    assert len(table) == 200
    assert table.flow.tolist() == list(range(50)) * 4
    assert table.packets_a.tolist() == [1] * 200


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 2**32 - 1), st.integers(0, 2**32 - 1), st.integers(0, 63), st.integers(0, 9))))
def test_any_numbers_and_flags_are_data(case: list[tuple[int, int, int, int]]) -> None:
    def column(dtype: type[np.generic], values: list[int]) -> memoryview[int]:
        return view(np.array(values, dtype))

    count = len(case)
    tracker = Tracker(1)
    numbers = np.zeros(count, np.int32)
    tracker.run(
        column(np.uint32, [0] * count),
        column(np.int32, [0] * count),
        column(np.uint8, [item[3] & 1 for item in case]),
        column(np.uint32, [item[0] for item in case]),
        column(np.uint32, [item[1] for item in case]),
        column(np.uint16, [item[3] for item in case]),
        column(np.uint16, [item[2] for item in case]),
        column(np.uint32, [item[3] for item in case]),
        column(np.int64, [1]),
        column(np.uint32, [60]),
        view(numbers),
    )
    state = tracker.finish()
    assert (state["missing"] >= 0).all()
    assert (state["resent"] >= 0).all()
    assert int(state["packets"].sum()) == count
