"""Checksums: the RFC's example, every outcome, and tshark's opinion on real packets."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest

import inspector
from inspector.recording.checksums import ChecksumState, internet_checksum
from inspector.recording.dissect import dissect
from tests.packets import ACK, checksum, ethernet, ipv4, pcap, tcp
from tests.tshark import require_tshark, tshark_rows

A, B = "192.0.2.1", "192.0.2.2"
ENDS = bytes((192, 0, 2, 1, 192, 0, 2, 2))


def _states(tmp_path: Path, packet: bytes, link: int = 1, wire: int | None = None) -> dict[str, tuple[str, int | None]]:
    path = tmp_path / "one.pcap"
    raw = pcap([packet], link)
    if wire is not None:
        raw = raw[:36] + struct.pack("<I", wire) + raw[40:]
    path.write_bytes(raw)
    found = dissect(inspector.open(path), 1)
    return {
        layer.name: (layer.checksum.state.value, layer.checksum.computed) for layer in found.layers if layer.checksum
    }


def test_rfc_1071_example() -> None:
    """RFC 1071 section 3 sums 0001 f203 f4f5 f6f7 to ddf2."""
    assert internet_checksum(bytes.fromhex("0001f203f4f5f6f7")) == ~0xDDF2 & 0xFFFF


def test_correct(tmp_path: Path) -> None:
    states = _states(tmp_path, ethernet(ipv4(tcp(b"data!", A, B, (1, 2), 3, 4, ACK), A, B)))
    assert {name: state for name, (state, _) in states.items()} == {"ipv4": "correct", "tcp": "correct"}


def test_wrong_tells_what_it_should_be(tmp_path: Path) -> None:
    segment = tcp(b"data!", A, B, (1, 2), 3, 4, ACK)
    right = struct.unpack(">H", segment[16:18])[0]
    broken = segment[:16] + struct.pack(">H", right ^ 0x0101) + segment[18:]
    assert _states(tmp_path, ethernet(ipv4(broken, A, B)))["tcp"] == ("wrong", right)


@pytest.mark.parametrize("with_length", [True, False])
def test_sum_of_the_pseudo_header_alone_is_offload(tmp_path: Path, with_length: bool) -> None:
    segment = tcp(b"data!", A, B, (1, 2), 3, 4, ACK)
    pseudo = ENDS + struct.pack(">HH", 6, len(segment) if with_length else 0)
    unfinished = segment[:16] + struct.pack(">H", ~checksum(pseudo) & 0xFFFF) + segment[18:]
    assert _states(tmp_path, ethernet(ipv4(unfinished, A, B)))["tcp"][0] == "offloaded"


def test_zero_is_offload_unless_the_packet_was_received(tmp_path: Path) -> None:
    segment = tcp(b"data!", A, B, (1, 2), 3, 4, ACK)
    datagram = ipv4(segment[:16] + b"\0\0" + segment[18:], A, B)
    assert _states(tmp_path, ethernet(datagram))["tcp"][0] == "offloaded"
    for packet_type, state in ((0, "wrong"), (4, "offloaded")):
        cooked = struct.pack(">HHH8sH", packet_type, 1, 6, bytes(8), 0x0800) + datagram
        assert _states(tmp_path, cooked, 113)["tcp"][0] == state


def test_packet_cut_short_cannot_be_checked(tmp_path: Path) -> None:
    packet = ethernet(ipv4(tcp(b"x" * 100, A, B, (1, 2), 3, 4, ACK), A, B))
    states = _states(tmp_path, packet[:80], wire=len(packet))
    assert (states["ipv4"][0], states["tcp"][0]) == ("correct", "cut")


@pytest.mark.parametrize(("stored", "state"), [(0, "unused"), (1, "wrong")])
def test_udp_without_checksum(tmp_path: Path, stored: int, state: str) -> None:
    datagram = struct.pack(">HHHH", 5, 6, 12, stored) + b"data"
    assert _states(tmp_path, ethernet(ipv4(datagram, A, B, 17)))["udp"][0] == state


def test_odd_length_is_padded_with_zero(tmp_path: Path) -> None:
    packet = ethernet(ipv4(tcp(b"odd", A, B, (1, 2), 3, 4, ACK), A, B))
    assert _states(tmp_path, packet)["tcp"][0] == "correct"


_TSHARKS = {
    "1": {ChecksumState.CORRECT},
    "0": {ChecksumState.WRONG, ChecksumState.OFFLOADED},
    "2": {ChecksumState.CUT, ChecksumState.FRAGMENT},
    "3": {ChecksumState.UNUSED},
}
_LAYERS = ("ipv4", "tcp", "udp", "icmp", "icmpv6")


@pytest.mark.parametrize("pattern", ["tunnel-*", "ipv?-*", "link-*", "ws-*", "h2c-c*"])
def test_outcomes_are_tsharks_on_real_packets(shared_captures: Path, pattern: str) -> None:
    require_tshark()
    compared = 0
    for path in sorted(shared_captures.glob(pattern)):
        capture = inspector.open(path)
        rows = _tshark(path)
        for number in range(1, len(capture.packets) + 1, max(len(capture.packets) // 20, 1)):
            layers = dissect(capture, number).layers
            for name, printed in zip(_LAYERS, rows[number - 1], strict=True):
                states = [layer.checksum.state for layer in layers if layer.name == name and layer.checksum]
                expected = [_TSHARKS[code] for code in printed.split(",") if code]
                assert len(states) == len(expected), (path.name, number, name)
                for state, allowed in zip(states, expected, strict=True):
                    assert state in allowed, (path.name, number, name)
                    compared += 1
    assert compared > 20


def _tshark(path: Path) -> list[list[str]]:
    checks = [word for protocol in ("ip", "tcp", "udp") for word in ("-o", f"{protocol}.check_checksum:TRUE")]
    names = [f"{name}.checksum.status" for name in ("ip", "tcp", "udp", "icmp", "icmpv6")]
    return tshark_rows(path, names, options=checks)
