"""The layers of generated packets and of every shared capture against tshark's ``frame.protocols``."""

from __future__ import annotations

import re
from collections import defaultdict
from ipaddress import IPv6Address
from pathlib import Path

import pytest

import inspector
from inspector.proto import LayerKind
from inspector.recording.capture import Capture
from tests.packets import pcap
from tests.recording.layer_cases import CASES
from tests.tshark import require_tshark, tshark_rows

_NAMES = {
    LayerKind.ETHERNET: "eth",
    LayerKind.VLAN: "vlan",
    LayerKind.SERVICE_VLAN: "ieee8021ad",
    LayerKind.MPLS: "mpls",
    LayerKind.PPPOE: "pppoes",
    LayerKind.PPP: "ppp",
    LayerKind.SLL: "sll",
    LayerKind.SLL2: "sll",
    LayerKind.NULL: "null",
    LayerKind.LOOP: "null",
    LayerKind.CHDLC: "chdlc",
    LayerKind.RADIOTAP: "radiotap",
    LayerKind.IEEE80211: "wlan",
    LayerKind.LLC: "llc",
    LayerKind.ARP: "arp",
    LayerKind.IPV4: "ip",
    LayerKind.IPV6: "ipv6",
    LayerKind.IPV6_HOPOPTS: "ipv6.hopopts",
    LayerKind.IPV6_ROUTING: "ipv6.routing",
    LayerKind.IPV6_FRAGMENT: "ipv6.fraghdr",
    LayerKind.IPV6_DSTOPTS: "ipv6.dstopts",
    LayerKind.AH: "ah",
    LayerKind.ICMP: "icmp",
    LayerKind.ICMPV6: "icmpv6",
    LayerKind.TCP: "tcp",
    LayerKind.UDP: "udp",
    LayerKind.GRE: "gre",
    LayerKind.VXLAN: "vxlan",
    LayerKind.GENEVE: "geneve",
    LayerKind.GTPU: "gtp",
    LayerKind.FRAGMENT: "data",
}
"""tshark's name of each layer; it has none for SNAP (part of ``llc``) and for control words."""

_NO_HEADER = {"ethertype", "raw", "wlan_radio", "pwethheuristic", "pwethcw", "pwethnocw", "pwach"}
"""What tshark lists beside headers: its own dispatchers."""

_CARRIERS = set(_NAMES.values()) - {"data"}

_DIFFERENCES = {
    # tshark lists the dissector that was asked first and passed the packet on.
    r"ethernet ipv6 under the type of ipv4|icmp quotes ipv6$": "ip asked before ipv6",
    r"null with ppp framing": "null asked before ppp",
    r"ppp with cisco framing": "ppp asked before chdlc",
    r"pppoe discovery": "tshark has another name for the same header",
    # Where a payload says nothing of its kind, tshark goes by the makers of the addresses in it.
    r"pseudowire of unknown vendors": "we go by the EtherType",
    # Not decoded here, and said so.
    r"gre erspan": "ERSPAN",
    r"802.11 aggregate": "A-MSDU",
    # tshark names a header though no byte of it is there, or drops one that has failed inside a quotation.
    r"(pppoe|icmp 3|icmpv6 1), (captured to|ends at) \d+": "a header cut to nothing",
    r"gtp extension, (captured to|ends at) \d+": "a first byte of GTP alone is taken for WireGuard",
}
"""Where we differ, by the case's name, and why."""


def layer_names(capture: Capture) -> list[list[str]]:
    """tshark's names for the layers of each packet, with "?" for UNKNOWN and "!" for MALFORMED."""
    found = []
    for start, count in zip(capture.packets.layer_start.tolist(), capture.packets.layer_count.tolist(), strict=True):
        names: list[str] = []
        for kind in capture.layers.kind[start : start + count].tolist():
            if kind in (LayerKind.SNAP, LayerKind.PW_CONTROL) or (kind == LayerKind.MPLS and names[-1:] == ["mpls"]):
                continue
            names.append({LayerKind.UNKNOWN: "?", LayerKind.MALFORMED: "!"}.get(kind) or _NAMES[LayerKind(kind)])
        found.append(names)
    return found


def agree(ours: list[str], protocols: str) -> bool:
    """Whether tshark found the same headers, and none behind them that is read here."""
    theirs = [name for name in protocols.split(":") if name and name not in _NO_HEADER]
    end = ours[-1:]
    headers = ours[:-1] if end in (["?"], ["!"]) else ours
    rest = theirs[len(headers) :]
    if theirs[: len(headers)] != headers:
        return False
    # tshark also names the header that does not fit.
    return len(rest) <= 1 if end == ["!"] else not _CARRIERS & set(rest)


@pytest.mark.parametrize("link", sorted({case.link for case in CASES}))
def test_layers_of_generated_packets_are_tsharks(tmp_path: Path, link: int) -> None:
    require_tshark()
    cases = [case for case in CASES if case.link == link]
    path = tmp_path / "cases.pcap"
    path.write_bytes(pcap([(case.packet, case.length) for case in cases], link))
    wrong = []
    unused = {pattern for pattern in _DIFFERENCES if any(re.match(pattern, case.name) for case in cases)}
    for case, ours, (protocols,) in zip(
        cases, layer_names(inspector.open(path)), tshark_rows(path, ["frame.protocols"]), strict=True
    ):
        if not agree(ours, protocols):
            reasons = {pattern for pattern in _DIFFERENCES if re.match(pattern, case.name)}
            unused -= reasons
            if not reasons:
                wrong.append((case.name, ":".join(ours), protocols))
    assert wrong == []
    assert unused == set()


_SHARED_DIFFERENCES = {
    "bad-fuzzed-pcap.pcap": "tshark guesses another length of record headers",
}
_EMPTY = 2
"""Files of which tshark reads no packet."""


def test_layers_of_shared_captures_are_tsharks(shared_captures: Path) -> None:
    require_tshark()
    files = [path for path in sorted(shared_captures.iterdir()) if ".pcap" in path.name]
    checked = 0
    for path in files:
        rows = tshark_rows(path, ["frame.protocols"])
        if path.name in _SHARED_DIFFERENCES or not rows:
            continue
        wrong = [
            (number, ":".join(names), protocols)
            for number, (names, (protocols,)) in enumerate(zip(layer_names(inspector.open(path)), rows, strict=True), 1)
            if not agree(names, protocols)
        ]
        assert wrong[:5] == [], path.name
        checked += 1
    assert checked >= len(files) - len(_SHARED_DIFFERENCES) - _EMPTY


def _values(capture: Capture) -> list[dict[str, list[str]]]:
    """Some fields of each packet's headers, read at the layers' offsets; nothing for packets cut or malformed."""
    found = []
    for packet, (start, count) in enumerate(
        zip(capture.packets.layer_start.tolist(), capture.packets.layer_count.tolist(), strict=True)
    ):
        values: dict[str, list[str]] = defaultdict(list)
        whole = LayerKind.MALFORMED not in capture.layers.kind[start : start + count].tolist()
        for row in range(start, start + count if whole else start):
            kind, offset = capture.layers.kind[row], int(capture.layers.offset[row])
            header = capture.bytes_at(packet, offset, 40)
            if kind == LayerKind.IPV4:
                values["ip.src"].append(".".join(str(byte) for byte in header[12:16]))
            elif kind == LayerKind.IPV6:
                values["ipv6.src"].append(str(IPv6Address(header[8:24])))
            elif kind in (LayerKind.TCP, LayerKind.UDP):
                name = "tcp.srcport" if kind == LayerKind.TCP else "udp.srcport"
                values[name].append(str(int.from_bytes(header[:2], "big")))
            elif kind == LayerKind.VLAN:
                values["vlan.id"].append(str(int.from_bytes(header[:2], "big") & 0xFFF))
        found.append(values)
    return found


def test_layers_are_where_tshark_reads_them(tmp_path: Path) -> None:
    require_tshark()
    names = ["ip.src", "ipv6.src", "tcp.srcport", "udp.srcport", "vlan.id"]
    checked = 0
    for link in sorted({case.link for case in CASES}):
        cases = [c for c in CASES if c.link == link and not any(re.match(pattern, c.name) for pattern in _DIFFERENCES)]
        path = tmp_path / f"{link}.pcap"
        path.write_bytes(pcap([(case.packet, case.length) for case in cases], link))
        for case, values, row in zip(cases, _values(inspector.open(path)), tshark_rows(path, names), strict=True):
            if values:
                assert [",".join(values[name]) for name in names] == row, case.name
                checked += 1
    assert checked > 300
