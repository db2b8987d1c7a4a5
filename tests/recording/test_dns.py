"""DNS lookups against tshark."""

from __future__ import annotations

import shutil
import struct
import subprocess
from pathlib import Path

import pytest

import inspector
from inspector.recording.dns import dns_lookups
from tests.packets import ACK, PSH, SYN, ethernet, ipv4, pcap, tcp_packet

_QUERY = bytes.fromhex("0007 0100 0001 0000 0000 0000") + b"\x01a\x04test\x00" + bytes.fromhex("0001 0001")
_ANSWER = (
    bytes.fromhex("0007 8180 0001 0001 0000 0000")
    + _QUERY[12:]
    + bytes.fromhex("c00c 0001 0001 0000003c 0004 c0000201")
)


def _udp(data: bytes, query: bool) -> bytes:
    ports = (5000, 53) if query else (53, 5000)
    ends = ("10.0.0.1", "10.0.0.53") if query else ("10.0.0.53", "10.0.0.1")
    return ethernet(ipv4(struct.pack(">HHHH", *ports, 8 + len(data), 0) + data, *ends, protocol=17))


def test_a_question_sent_twice_and_answered_is_one_lookup(tmp_path: Path) -> None:
    path = tmp_path / "dns.pcap"
    path.write_bytes(pcap([_udp(_QUERY, True), _udp(_QUERY, True), _udp(_ANSWER, False)]))
    [lookup] = dns_lookups(inspector.open(path))
    assert (lookup.name, lookup.queries, lookup.answer_packet, lookup.latency_ns) == ("a.test", [1, 2], 3, 2_000_000)


def test_an_unanswered_question_stays_open(tmp_path: Path) -> None:
    path = tmp_path / "dns.pcap"
    path.write_bytes(pcap([_udp(_QUERY, True)]))
    [lookup] = dns_lookups(inspector.open(path))
    assert (lookup.answer, lookup.latency_ns) == (None, None)


def test_multicast_dns_is_answered_by_anyone_and_without_the_question(tmp_path: Path) -> None:
    # RFC 6762 section 6: answers go to the group, from the one who knows, with no question in them.
    name = b"\x05_http\x04_tcp\x05local\x00"
    query = struct.pack(">6H", 0, 0, 1, 0, 0, 0) + name + struct.pack(">HH", 12, 1)
    box = "\uc548\ub155 box".encode()
    answer = struct.pack(">6H", 0, 0x8400, 0, 1, 0, 0) + name + struct.pack(">HHIH", 12, 1, 120, len(box) + 3)
    answer += bytes([len(box)]) + box + b"\xc0\x0c"
    other = answer.replace(b"_http", b"_ipps")

    def told(data: bytes, source: str) -> bytes:
        udp = struct.pack(">HHHH", 5353, 5353, 8 + len(data), 0) + data
        return ethernet(ipv4(udp, source, "224.0.0.251", protocol=17))

    path = tmp_path / "mdns.pcap"
    path.write_bytes(pcap([told(query, "10.0.0.1"), told(answer, "10.0.0.2"), told(other, "10.0.0.3")]))
    asked, unasked = dns_lookups(inspector.open(path))
    assert (asked.name, asked.type, asked.queries, asked.answer_packet) == ("_http._tcp.local", 12, [1], 2)
    assert asked.answer is not None
    assert [record.data for record in asked.answer.answers] == ["\uc548\ub155\\032box._http._tcp.local"]
    assert (unasked.name, unasked.type, unasked.queries, unasked.answer_packet) == ("_ipps._tcp.local", 12, [], 3)


def test_over_tcp_with_the_length_in_a_packet_of_its_own(tmp_path: Path) -> None:
    ends, back = ("10.0.0.1", "10.0.0.53", (5000, 53)), ("10.0.0.53", "10.0.0.1", (53, 5000))
    size = struct.pack(">H", len(_QUERY))
    path = tmp_path / "dns.pcap"
    path.write_bytes(
        pcap([
            tcp_packet(*ends, 0, 0, SYN),
            tcp_packet(*back, 0, 1, SYN | ACK),
            tcp_packet(*ends, 1, 1, PSH | ACK, size),
            tcp_packet(*ends, 3, 1, PSH | ACK, _QUERY),
            tcp_packet(*back, 1, 3 + len(_QUERY), PSH | ACK, struct.pack(">H", len(_ANSWER)) + _ANSWER),
        ])
    )  # fmt: skip
    [lookup] = dns_lookups(inspector.open(path))
    assert (lookup.tcp, lookup.queries, lookup.answer_packet) == (True, [4], 5)


def test_answers_of_real_captures_equal_tsharks(shared_captures: Path) -> None:
    if not shutil.which("tshark"):
        pytest.skip("tshark is not installed")
    compared = 0
    for name in ("link-ppp-gz.pcap.gz", "link-802.11-dns.pcap"):
        path = shared_captures / name
        fields = ["frame.number", "dns.flags.response", "dns.qry.name"]
        told = subprocess.run(
            ["tshark", "-n", "-r", str(path), "-Y", "(dns || mdns) && udp && !icmp", "-T", "fields"]
            + [word for item in fields for word in ("-e", item)],
            capture_output=True,
            text=True,
            check=True,
        )
        theirs = set()
        for line in told.stdout.splitlines():
            number, response, query = line.split("	")
            theirs.add((int(number), response, query))
        ours = set()
        for lookup in dns_lookups(inspector.open(path)):
            ours |= {(number, "0", lookup.name) for number in lookup.queries}
            if lookup.answer_packet is not None and lookup.answer is not None:
                ours.add((lookup.answer_packet, "1", lookup.name if lookup.answer.questions else ""))
        assert ours == theirs, name
        compared += len(theirs)
    assert compared >= 4
