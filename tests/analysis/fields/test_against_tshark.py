"""Every supported field of every packet equals tshark's, on real captures and on generated ones."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.analysis.fields.differences import Deviation, differences
from tests.conftest import SHARED_CAPTURES
from tests.tshark import require_tshark

_DEVIATIONS: tuple[Deviation, ...] = (
    Deviation(
        "bad-fuzzed-pcap.pcap",
        "",
        lambda number: True,
        "The magic number says classic pcap (draft-ietf-opsawg-pcap 4); tshark guesses a variant from later bytes.",
    ),
)

_NOT_CAPTURES = ("bad-reserved-linktype-bits.pcap", "bad-pcapng-shb-option-too-long.pcapng")
"""Files without a readable packet: there is nothing to compare (what is said about them: tests of reading)."""

_NOT_READ_YET = frozenset(
    [
        "bad-record-length-after-27.pcap",
        "big-82582-packets.pcap.gz",
        "h2-tls13-dsb.pcapng",
        "h2-tls13-keylog.pcapng",
        "h2c-continuation.pcap",
        "h2c-deflate-body.pcap",
        "h2c-grpc-bidi-streaming.pcapng",
        "http1-1000-pipelined-one-lost.pcap.gz",
        "http1-connect-tunnel-split.pcap",
        "http1-ipv6-null-link.pcap",
        "ipv4-overlapping-fragments.pcap",
        "ipv6-extension-headers-http.pcap",
        "link-802.11-dns.pcap",
        "link-cisco-hdlc-http.pcap",
        "link-ppp-gz.pcap.gz",
        "link-sll2-http.pcap",
        "link-usb-linux.pcapng",
        "pcapng-mixed-endian-sections.pcapng",
        "tcp-gap-in-http-body.pcap",
        "tcp-port-reuse.pcap.gz",
        "tls12-cbc-encrypt-then-mac.pcapng",
        "tls12-renegotiation-keylog.pcapng",
        "tls12-two-dsb-raw-ipv4.pcapng",
        "tls13-ccm-x25519mlkem768.pcapng",
        "tunnel-geneve-options-http.pcap",
        "tunnel-gre-http.pcap",
        "tunnel-gtp-fragmented.pcap",
        "tunnel-mixed-vlan-mpls-http.pcap",
        "tunnel-vxlan-http.pcap",
        "ws-oversized-close-frame.pcapng",
    ]
)
"""Formats, link types and tunnels that the scan does not know yet."""

_CAPTURES = [
    pytest.param(path.name, marks=pytest.mark.xfail(path.name in _NOT_READ_YET, reason="not decoded yet"))
    for path in (sorted(SHARED_CAPTURES.glob("*.pcap*")) if SHARED_CAPTURES.is_dir() else [])
    if path.name not in _NOT_CAPTURES
] or [pytest.param("", marks=pytest.mark.skip("no shared captures"))]


@pytest.mark.parametrize("name", _CAPTURES)
def test_fields_equal_tshark_on_a_real_capture(shared_captures: Path, name: str) -> None:
    require_tshark()
    deviations = [deviation for deviation in _DEVIATIONS if deviation.file == name]

    found = differences(shared_captures / name)

    unexpected = [
        item
        for item in found
        if not any(item.field.startswith(known.prefix) and known.number(item.number) for known in deviations)
    ]
    assert unexpected[:10] == []
    assert bool(found) == bool(deviations), "a listed deviation no longer exists"
