"""Our verdict on resent segments against simulations that know the truth."""

from __future__ import annotations

from collections import Counter
from itertools import product
from pathlib import Path as File

import pytest

import inspector
from inspector.analysis.resend_rules import REASONS
from inspector.analysis.resends import Reason, Verdict, explain, resends
from inspector.analysis.tcp_flags import TcpFlag
from tests.analysis.conversations import fuzzed_pcap
from tests.analysis.simulation import Path, simulate
from tests.packets import ACK, SYN, ethernet, ipv4, pcap, tcp

CLIENT, SERVER = ("10.0.0.1", "10.0.0.2", (40000, 80)), ("10.0.0.2", "10.0.0.1", (80, 40000))

CHANCES = {"loss": (0.05, 0, 0), "reorder": (0, 0.05, 0), "copies": (0, 0, 0.05), "all": (0.03, 0.03, 0.03)}


def _score(tmp_path: File, seed: int, path: Path) -> Counter[str]:
    data, truth = simulate(seed, path)
    file = tmp_path / "simulated.pcap"
    file.write_bytes(data)
    table = resends(inspector.open(file))
    score: Counter[str] = Counter()
    for packet, verdict in zip(table.packet.tolist(), table.verdict.tolist(), strict=True):
        expected = {"first": Verdict.REORDER, "resend": Verdict.RESEND}.get(truth[packet], Verdict.CAPTURE_DUPLICATE)
        said = Verdict(verdict)
        score["undecided" if said is Verdict.UNDECIDED else "right" if said is expected else "wrong"] += 1
    return score


@pytest.mark.parametrize(
    ("timestamps", "ids", "least_decided", "most_wrong"),
    [
        (True, "counter", 0.97, 0.0),
        (True, "random", 0.88, 0.02),
        (False, "counter", 0.90, 0.01),
        (True, "zero", 0.80, 0.02),
        (False, "zero", 0.65, 0.05),
    ],
)
def test_verdicts_on_simulated_transfers(
    tmp_path: File, timestamps: bool, ids: str, least_decided: float, most_wrong: float
) -> None:
    """Loss, reordering and copies, captured at either end and between, over short and long paths."""
    score: Counter[str] = Counter()
    for trouble, capture, rtt in product(CHANCES, (0, 0.5, 1), (0.5, 40.0, 200.0)):
        loss, reorder, copies = CHANCES[trouble]
        path = Path(rtt, capture, loss, reorder, copies, timestamps=timestamps, ids=ids)
        score += _score(tmp_path, 5, path)
    total = sum(score.values())
    print(f"timestamps={timestamps} ids={ids}: {dict(score)}")
    assert total > 500
    assert score["wrong"] <= most_wrong * total
    assert total - score["undecided"] >= least_decided * total


def _verdicts(tmp_path: File, packets: list[bytes], step_ns: int = 1_000_000) -> list[tuple[int, Verdict, Reason, int]]:
    file = tmp_path / "x.pcap"
    file.write_bytes(pcap(packets, step_ns=step_ns))
    table = resends(inspector.open(file))
    rows = zip(table.packet, table.verdict, table.reason, table.decider, strict=True)
    return [(int(a), Verdict(int(b)), Reason(int(c)), int(d)) for a, b, c, d in rows]


def _from_client(seq: int, *, identification: int, stamp: int | None = None, ack: int = 1, size: int = 100) -> bytes:
    options = b"" if stamp is None else b"\x01\x01\x08\x0a" + stamp.to_bytes(4, "big") + bytes(4)
    source, destination, ports = CLIENT
    segment = tcp(b"x" * size, source, destination, ports, seq, ack, ACK, options=options)
    return ethernet(ipv4(segment, source, destination, identification=identification))


def _handshake() -> list[bytes]:
    syn = ethernet(ipv4(tcp(b"", *CLIENT, 0, 0, SYN), *CLIENT[:2], identification=1))
    answer = ethernet(ipv4(tcp(b"", *SERVER, 0, 1, SYN | ACK), *SERVER[:2], identification=9))
    return [syn, answer, _from_client(1, identification=2, size=0)]


def test_the_same_identification_at_once_is_a_copy_of_the_capture(tmp_path: File) -> None:
    one = _from_client(1, identification=3)
    found = _verdicts(tmp_path, [*_handshake(), one, one])
    assert found == [(5, Verdict.CAPTURE_DUPLICATE, Reason.SAME_IP_ID, 4)]


def test_the_same_identification_later_is_not_called_a_copy(tmp_path: File) -> None:
    one = _from_client(1, identification=3)
    found = _verdicts(tmp_path, [*_handshake(), one, one], step_ns=6_000_000)
    assert found == [(5, Verdict.UNDECIDED, Reason.SAME_IP_ID_LATE, 4)]


def test_another_identification_is_a_resend(tmp_path: File) -> None:
    packets = [*_handshake(), _from_client(1, identification=3), _from_client(1, identification=4)]
    assert _verdicts(tmp_path, packets) == [(5, Verdict.RESEND, Reason.NEW_IP_ID, 4)]


@pytest.mark.parametrize(
    ("stamp", "verdict", "reason"),
    [
        (999, Verdict.REORDER, Reason.OLDER_TSVAL),
        (1001, Verdict.RESEND, Reason.NEWER_TSVAL),
        (1000, Verdict.UNDECIDED, Reason.NO_EVIDENCE),
    ],
)
def test_a_filled_hole_is_judged_by_its_timestamp(tmp_path: File, stamp: int, verdict: Verdict, reason: Reason) -> None:
    packets = [
        *_handshake(),
        _from_client(101, identification=0, stamp=1000),
        _from_client(1, identification=0, stamp=stamp),
    ]
    assert _verdicts(tmp_path, packets, step_ns=3_000_000) == [(5, verdict, reason, 4)]


def test_a_filled_hole_is_judged_by_counted_identifications(tmp_path: File) -> None:
    late = [_from_client(101, identification=4), _from_client(1, identification=3)]
    again = [_from_client(101, identification=4), _from_client(1, identification=5)]
    start = [*_handshake(), _from_client(1, identification=2, size=0)]
    assert _verdicts(tmp_path, start + late) == [(6, Verdict.REORDER, Reason.EARLIER_IP_ID, 5)]
    assert _verdicts(tmp_path, start + again) == [(6, Verdict.RESEND, Reason.LATER_IP_ID, 5)]


def test_bytes_long_acknowledged_were_sent_before(tmp_path: File) -> None:
    """The capture lost the first copy: the server acknowledged what was not seen."""
    packets = [
        *_handshake(),
        _from_client(101, identification=0),
        ethernet(ipv4(tcp(b"", *SERVER, 1, 201, ACK), *SERVER[:2])),
        _from_client(1, identification=0),
    ]
    found = _verdicts(tmp_path, packets, step_ns=10_000_000)
    assert found == [(6, Verdict.RESEND, Reason.ALREADY_ACKNOWLEDGED, 5)]


def test_dsack_tells_that_the_network_doubled_the_packet(tmp_path: File) -> None:
    one = _from_client(1, identification=3)
    told = tcp(b"", *SERVER, 1, 101, ACK, options=bytes.fromhex("0101 050a 00000001 00000065"))
    packets = [*_handshake(), one, one, ethernet(ipv4(told, *SERVER[:2]))]
    assert _verdicts(tmp_path, packets) == [(5, Verdict.NETWORK_DUPLICATE, Reason.NETWORK_DUPLICATE, 4)]


def test_the_explanation_names_the_packet_and_why_wireshark_differs(tmp_path: File) -> None:
    one = _from_client(1, identification=3)
    file = tmp_path / "x.pcap"
    file.write_bytes(pcap([*_handshake(), one, one]))
    table = resends(inspector.open(file))
    assert TcpFlag(int(table.wireshark[0])) is TcpFlag.RETRANSMISSION
    first, second = explain(table, 0)
    assert "packet 4" in first
    assert second.startswith("Wireshark says retransmission")


def test_reasons_and_kernel_agree_on_names() -> None:
    assert [reason.name.lower() for reason in Reason] == list(REASONS)


def test_any_traffic_gets_an_explained_verdict(tmp_path: File) -> None:
    file = tmp_path / "fuzzed.pcap"
    file.write_bytes(fuzzed_pcap(3, 4_000))
    table = resends(inspector.open(file))
    assert len(table) > 300
    assert all(explain(table, row) for row in range(len(table)))
