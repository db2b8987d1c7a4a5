"""The trust checks: each has a capture that must trip it and a near miss that must not."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest

import inspector
from inspector.analysis.trust import CHECKS, TrustCheck, trust
from inspector.model.grade import Grade, grade_comment
from inspector.recording.reader import Interface
from inspector.recording.writer import PcapngWriter
from tests.analysis.conversations import fuzzed_pcap, timed_pcap
from tests.packets import ACK, PSH, RST, SYN, ethernet, ipv4, pcap, tcp
from tests.rules.film import Film
from tests.rules.trust_cases import handshakes_that_contradict_each_other

CLIENT, SERVER, PORTS = "10.0.0.1", "10.0.0.2", (40000, 80)
MSS = bytes.fromhex("020403e8")  # 1000
MS = 1_000_000
START = 1_700_000_000 * 10**9


class _Talk:
    """Packets of one connection with their times; every packet has its own IP identification."""

    def __init__(self) -> None:
        self.packets: list[tuple[int, bytes]] = []
        self.now = START
        self.identification = 100

    def send(
        self, side: int, seq: int, ack: int, flags: int, payload: bytes = b"", options: bytes = b"", ttl: int = 64
    ) -> bytes:
        ends = (CLIENT, SERVER) if side == 0 else (SERVER, CLIENT)
        segment = tcp(payload, *ends, PORTS if side == 0 else PORTS[::-1], seq, ack, flags, options=options)
        self.identification += 1
        packet = bytearray(ethernet(ipv4(segment, *ends, identification=self.identification)))
        packet[22] = ttl
        self.packets.append((self.now, bytes(packet)))
        return bytes(packet)

    def shake(self, answer_ns: int = MS, reply_ns: int = MS, ttl: tuple[int, int] = (64, 64)) -> None:
        self.send(0, 0, 0, SYN, options=MSS, ttl=ttl[0])
        self.now += answer_ns
        self.send(1, 0, 1, SYN | ACK, options=MSS, ttl=ttl[1])
        self.now += reply_ns
        self.send(0, 1, 1, ACK, ttl=ttl[0])
        self.now += MS

    def check(self, path: Path, name: str) -> TrustCheck:
        path.write_bytes(timed_pcap(self.packets))
        return _check(path, name)


def _check(path: Path, name: str) -> TrustCheck:
    return next(check for check in trust(inspector.open(path)) if check.id == name)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "x.pcap"


@pytest.mark.parametrize(
    ("answer_ms", "reply_ms", "ttl", "place", "host"),
    [
        (40, 1, (64, 50), "client", "yes"),
        (40, 1, (63, 50), "client", "no"),  # one router away
        (1, 40, (50, 64), "server", "yes"),
        (20, 15, (64, 64), "middle", "no"),
        (4, 1, (64, 64), "middle", "no"),  # exactly four times is not more
    ],
)
def test_t1_where_it_was_captured(
    file: Path, answer_ms: int, reply_ms: int, ttl: tuple[int, int], place: str, host: str
) -> None:
    talk = _Talk()
    talk.shake(answer_ms * MS, reply_ms * MS, ttl)
    found = talk.check(file, "T1")
    assert (found.params["place"], found.params["on_host"], found.packets) == (place, host, (1, 2, 3))


def test_t1_a_repeated_syn_tells_nothing(file: Path) -> None:
    talk = _Talk()
    talk.send(0, 0, 0, SYN)
    talk.now += 1000 * MS
    talk.shake()
    assert talk.check(file, "T1").holds is None


def test_t1_handshakes_that_contradict_each_other(file: Path) -> None:
    film = Film()
    handshakes_that_contradict_each_other(film)
    found = _check(film.write(file), "T1")
    assert (found.holds, found.params["place"]) == (None, "mixed")


def test_t2_acknowledged_but_never_seen(file: Path) -> None:
    talk = _Talk()
    talk.shake()
    talk.send(0, 1, 1, ACK, b"x" * 100)
    talk.send(1, 1, 301, ACK)
    talk.send(0, 301, 1, ACK, b"x" * 100)
    found = talk.check(file, "T2")
    assert (found.holds, found.packets, found.params["unseen_bytes"]) == (False, (5,), 200)


def test_t2_lost_and_sent_again_is_no_drop(file: Path) -> None:
    talk = _Talk()
    talk.shake()
    talk.send(0, 1, 1, ACK, b"x" * 100)
    talk.send(0, 201, 1, ACK, b"x" * 100)
    talk.send(1, 1, 101, ACK)
    talk.send(0, 101, 1, ACK, b"x" * 100)
    talk.send(1, 1, 301, ACK)
    assert talk.check(file, "T2").holds is True


@pytest.mark.parametrize(("gap_ns", "holds"), [(10_000, False), (5 * MS, False), (5 * MS + 1000, True)])
def test_t3_everything_twice_within_5_ms(file: Path, gap_ns: int, holds: bool) -> None:
    talk = _Talk()
    talk.shake(20 * MS, 20 * MS)
    talk.now += 20 * MS
    for number in range(3):
        packet = talk.send(0, 1 + 10 * number, 1, ACK, b"x" * 10)
        talk.packets.append((talk.now + gap_ns, packet))
        talk.now += 20 * MS
    found = talk.check(file, "T3")
    assert found.holds is holds
    assert found.packets == (() if holds else (4, 5, 6, 7))


def test_t3_resends_and_duplicate_acknowledgments_are_no_copies(file: Path) -> None:
    talk = _Talk()
    talk.shake()
    for _ in range(6):
        talk.send(0, 1, 1, ACK, b"x" * 10)
        talk.send(1, 1, 1, ACK)
    assert talk.check(file, "T3").holds is True


def test_t4_cut_by_the_snap_length(file: Path) -> None:
    talk = _Talk()
    talk.shake()
    packet = talk.send(0, 1, 1, ACK, b"x" * 500)
    whole = timed_pcap(talk.packets)
    assert talk.check(file, "T4").holds is True
    head = len(whole) - len(packet) - 8
    file.write_bytes(whole[:head] + struct.pack("<II", 96, len(packet)) + packet[:96])
    found = _check(file, "T4")
    assert (found.holds, found.packets, found.params["longest_captured_bytes"]) == (False, (4,), 96)


@pytest.mark.parametrize(("size", "holds"), [(1000, True), (1001, False)])
def test_t5_larger_than_the_receiver_said(file: Path, size: int, holds: bool) -> None:
    talk = _Talk()
    talk.shake()
    talk.send(0, 1, 1, ACK, b"x" * size)
    found = talk.check(file, "T5")
    assert (found.holds, found.packets) == (holds, () if holds else (4,))
    assert (found.params["largest_bytes"], found.params["wrong_in"]) == (0 if holds else size, "none")


@pytest.mark.parametrize(
    ("sides", "holds", "where"), [((0,), False, "one direction"), ((0, 1), True, "both directions")]
)
def test_t5_wrong_checksums_in_one_direction(file: Path, sides: tuple[int, ...], holds: bool, where: str) -> None:
    talk = _Talk()
    talk.shake()
    for side in (0, 1):
        packet = bytearray(talk.send(side, 1, 1, ACK | PSH, b"data"))
        if side in sides:
            packet[50:52] = bytes(a ^ 0x55 for a in packet[50:52])
            talk.packets[-1] = (talk.now, bytes(packet))
    found = talk.check(file, "T5")
    assert (found.holds, found.params["wrong_in"]) == (holds, where)


def test_t6_data_without_a_handshake(file: Path) -> None:
    talk = _Talk()
    talk.send(0, 1, 1, ACK, b"x")
    talk.send(1, 1, 2, ACK)
    found = talk.check(file, "T6")
    assert (found.holds, found.packets) == (False, (1,))


def test_t6_a_connection_without_data_needs_none(file: Path) -> None:
    talk = _Talk()
    talk.shake()
    talk.send(0, 1, 1, ACK, b"x")
    # The end of an older connection: nothing depends on its window scale.
    other = tcp(b"", CLIENT, SERVER, (40001, 80), 5, 5, RST)
    talk.packets.append((talk.now, ethernet(ipv4(other, CLIENT, SERVER))))
    assert talk.check(file, "T6").holds is True


@pytest.mark.parametrize(("step_ns", "holds"), [(-MS, True), (-MS - 1000, False), (0, True)])
def test_t7_the_clock_steps_back(file: Path, step_ns: int, holds: bool) -> None:
    talk = _Talk()
    talk.shake()
    talk.now = talk.packets[-1][0] + step_ns
    talk.send(0, 1, 1, ACK, b"x")
    found = talk.check(file, "T7")
    assert (found.holds, found.packets) == (holds, () if holds else (3, 4))


def test_t7_nothing_orders_the_packets_of_two_interfaces(file: Path) -> None:
    talk = _Talk()
    talk.shake()
    times = [(0, 0), (1, -50 * MS), (0, 10 * MS), (1, -40 * MS)]  # the second interface's queue was written late
    with PcapngWriter(file) as writer:
        for _interface in range(2):
            writer.add_interface(Interface(link_type=1, snaplen=0))
        for (interface, after), (_time, packet) in zip(times, [*talk.packets, talk.packets[0]], strict=True):
            writer.write_packet(interface, START + after, packet)
    assert _check(file, "T7").holds is True


def test_packets_that_a_recorder_made_tell_nothing(file: Path) -> None:
    talk = _Talk()
    talk.shake()
    with PcapngWriter(file) as writer:
        writer.add_interface(Interface(link_type=1, snaplen=0, comments=(grade_comment(Grade.TAPPED, "a proxy"),)))
        for time_ns, packet in reversed(talk.packets):
            writer.write_packet(0, time_ns, packet)
    found = {check.id: check for check in trust(inspector.open(file))}
    assert {id_ for id_, check in found.items() if check.holds is not None} == {"T7"}
    assert found["T1"].params == {"made_packets": 3}


def test_t7_the_file_is_cut_off(file: Path) -> None:
    talk = _Talk()
    talk.shake()
    file.write_bytes(timed_pcap(talk.packets)[:-1])
    found = _check(file, "T7")
    assert (found.holds, found.params["cut_off"]) == (False, "yes")


def test_t8_one_side_only(file: Path) -> None:
    talk = _Talk()
    for number in range(3):
        talk.send(1, 1, 1 + number, ACK)
    found = talk.check(file, "T8")
    assert (found.holds, found.packets) == (False, (1,))


def test_t8_a_syn_that_nobody_answers_is_no_fault_of_the_capture(file: Path) -> None:
    talk = _Talk()
    for _ in range(4):
        talk.send(0, 0, 0, SYN)
        talk.now += 1000 * MS
    assert talk.check(file, "T8").holds is True


def test_a_clean_capture_passes_everything(file: Path) -> None:
    talk = _Talk()
    talk.shake()
    talk.send(0, 1, 1, ACK | PSH, b"GET /")
    talk.send(1, 1, 6, ACK | PSH, b"200")
    file.write_bytes(timed_pcap(talk.packets))
    found = trust(inspector.open(file))
    assert [check.id for check in found] == [f"T{number}" for number in range(1, 9)]
    assert len(CHECKS) == 8
    assert all(check.holds for check in found)


@pytest.mark.parametrize("data", [pcap([]), pcap([b""]), pcap([ethernet(b"\1" * 60, 0x0806)])])
def test_captures_without_tcp(file: Path, data: bytes) -> None:
    file.write_bytes(data)
    assert len(trust(inspector.open(file))) == 8


def test_any_traffic_can_be_checked(file: Path) -> None:
    file.write_bytes(fuzzed_pcap(9, 2_000, quoting=True))
    found = trust(inspector.open(file))
    assert all(check.packets or check.holds is not False for check in found)
