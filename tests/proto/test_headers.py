"""Every declared header against bytes written by hand and against tshark's values for them.

The bytes are written here with ``struct``, without the declarations, since a declaration could be wrong everywhere at
once; tshark is the second witness for values and for Wireshark's filter names.
"""

from __future__ import annotations

import ipaddress
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from struct import pack

import pytest

from inspector.proto import HEADERS, Header, Span
from tests.packets import checksum, ethernet, ipv4, pcap, tcp
from tests.proto.tshark_values import IN_UNITS, SHOWN_WHEN_SET, SPOKEN_OTHERWISE, as_number
from tests.tshark import require_tshark

MAC_1, MAC_2 = bytes.fromhex("020000000001"), bytes.fromhex("0200000000ff")
V6_1, V6_2 = ipaddress.IPv6Address("2001:db8::1").packed, ipaddress.IPv6Address("2001:db8::2").packed
A, B = "192.0.2.1", "192.0.2.2"
ENDS = (ipaddress.IPv4Address(A).packed, ipaddress.IPv4Address(B).packed)


def udp(payload: bytes, ports: tuple[int, int] = (40000, 40001)) -> bytes:
    return pack(">HHHH", *ports, 8 + len(payload), 0) + payload


def ipv6(payload: bytes, next_header: int) -> bytes:
    return pack(">IHBB", 0x6B8ABCDE, len(payload), next_header, 61) + V6_1 + V6_2 + payload


def icmp(kind: int, code: int, rest: bytes) -> bytes:
    return pack(">BBH", kind, code, checksum(pack(">BBH", kind, code, 0) + rest)) + rest


def icmpv6(kind: int, code: int, rest: bytes) -> bytes:
    pseudo = V6_1 + V6_2 + pack(">II", 4 + len(rest), 58)
    return pack(">BBH", kind, code, checksum(pseudo + pack(">BBH", kind, code, 0) + rest)) + rest


def options_ipv4(options: bytes) -> bytes:
    head = pack(">BBHHHBBH", 0x40 | (5 + len(options) // 4), 0xB9, 20 + len(options) + 8, 0xABCD, 0x4000, 63, 17, 0)
    whole = head + ENDS[0] + ENDS[1] + options
    return whole[:10] + pack(">H", checksum(whole)) + whole[12:] + udp(b"")


INNER_IP = ipv4(udp(b"x"), A, B, 17)
QUOTE = ipv4(udp(b"quoted"), B, A, 17)
TCP_OPTIONS = {
    "handshake": bytes.fromhex("020405b4 0402 080a 00000102 00000304 01 030307"),
    "sack": bytes.fromhex("0101 050a 00000bb8 00000fa0 0101 0512 00001388 00001770 00001b58 00001f40"),
    "signed": bytes.fromhex("1312")
    + bytes(range(16))
    + bytes.fromhex("1c04 803c 22 0a 0102030405060708 fd08 f98912345678"),
    "multipath": bytes.fromhex("1e0c 01 81 0102030405060708 1d08 0304 aabbccdd 45 04 abcd"),
}
LINK_ETHERNET, LINK_NULL, LINK_PPP, LINK_RAW, LINK_CHDLC, LINK_WLAN, LINK_LOOP = 1, 0, 9, 101, 104, 105, 108
LINK_SLL, LINK_RADIOTAP, LINK_SLL2 = 113, 127, 276


@dataclass(frozen=True)
class Case:
    """A header in a packet.

    Args:
        name: Of the case.
        header: Name of the declaration.
        link: Link type of the packet.
        before, data: Bytes up to the header, and from it on.
        expected: Some values as read by hand from the bytes; groups and parts by name.
    """

    name: str
    header: str
    link: int
    before: bytes
    data: bytes
    expected: dict[str, int]


def _ether(ethertype: int) -> bytes:
    return MAC_2 + MAC_1 + pack(">H", ethertype)


def _cases() -> Iterator[Case]:
    eth4 = _ether(0x0800)
    eth6 = _ether(0x86DD)
    yield Case("ethernet", "ethernet", 1, b"", eth4 + INNER_IP, {"type": 0x0800, "source": 0x020000000001})
    stp = bytes.fromhex("424203") + bytes(35)
    yield Case("802.3", "ieee8023", 1, b"", MAC_2 + MAC_1 + pack(">H", 38) + stp, {"length": 38})
    yield Case("llc", "llc", 1, MAC_2 + MAC_1 + pack(">H", 38), stp, {"dsap": 0x42, "ssap": 0x42, "control": 3})
    llc_i = bytes.fromhex("0404 0a0c") + bytes(20)
    yield Case("llc information", "llc", 1, MAC_2 + MAC_1 + pack(">H", 24), llc_i, {"control": 0x0C0A})
    snap = pack(">BBB", 0xAA, 0xAA, 3)
    length = MAC_2 + MAC_1 + pack(">H", 8 + len(INNER_IP))
    yield Case("snap", "snap", 1, length + snap, pack(">BHH", 0, 0, 0x0800) + INNER_IP, {"ethertype": 0x0800})
    tag = pack(">HH", 0xB07B, 0x0800) + INNER_IP
    yield Case(
        "vlan",
        "vlan",
        1,
        _ether(0x8100),
        tag,
        {"priority_code_point": 5, "drop_eligible_indicator": 1, "vlan_identifier": 0x07B, "type": 0x0800},
    )
    yield Case(
        "service_vlan",
        "service_vlan",
        1,
        _ether(0x88A8),
        tag,
        {"priority_code_point": 5, "drop_eligible_indicator": 1, "vlan_identifier": 0x07B, "type": 0x0800},
    )
    label = pack(">I", 0x12345 << 12 | 5 << 9 | 1 << 8 | 62) + INNER_IP
    yield Case(
        "mpls",
        "mpls",
        1,
        _ether(0x8847),
        label,
        {"label": 0x12345, "traffic_class": 5, "bottom_of_stack": 1, "time_to_live": 62},
    )
    session = pack(">BBHHH", 0x11, 0, 0xBEEF, 2 + len(INNER_IP), 0x21) + INNER_IP
    yield Case("pppoe", "pppoe", 1, _ether(0x8864), session, {"version": 1, "type": 1, "session_id": 0xBEEF})
    yield Case("ppp in pppoe", "ppp", 1, _ether(0x8864) + session[:6], session[6:], {"protocol": 0x21})
    full = bytes.fromhex("ff030021") + INNER_IP
    yield Case("ppp", "ppp", LINK_PPP, b"", full, {"address": 0xFF, "control": 3, "protocol": 0x21})
    yield Case("chdlc", "chdlc", LINK_CHDLC, b"", bytes.fromhex("0f000800") + INNER_IP, {"protocol": 0x0800})
    yield Case("null, little-endian", "null", LINK_NULL, b"", pack("<I", 30) + ipv6(udp(b""), 17), {"family": 30})
    yield Case("null, big-endian", "null", LINK_NULL, b"", pack(">I", 2) + INNER_IP, {"family": 2})
    yield Case("loop", "loop", LINK_LOOP, b"", pack(">I", 2) + INNER_IP, {"family": 2})
    cooked = pack(">HHH6sHH", 4, 1, 6, MAC_1, 0xABCD, 0x0800) + INNER_IP
    yield Case("sll", "sll", LINK_SLL, b"", cooked, {"packet_type": 4, "address": 0x020000000001, "unused": 0xABCD})
    cooked4 = pack(">HHH4sIH", 0, 768, 4, b"\xc0\0\2\7", 0, 0x0800) + INNER_IP
    yield Case("sll, four-byte address", "sll", LINK_SLL, b"", cooked4, {"address": 0xC0000207, "unused": 0})
    cooked2 = pack(">HHIHBB6sH", 0x0800, 0, 7, 1, 4, 6, MAC_1, 0) + INNER_IP
    yield Case("sll2", "sll2", LINK_SLL2, b"", cooked2, {"protocol": 0x0800, "interface_index": 7, "packet_type": 4})
    data_frame = pack("<BBH", 0x88, 0x41, 44) + MAC_1 + MAC_2 + MAC_1 + pack("<HH", 0x1235, 6) + bytes(12)
    wlan_values = {
        "type": 2,
        "subtype": 8,
        "protected_frame": 1,
        "to_ds": 1,
        "duration": 44,
        "sequence_number": 0x123,
        "fragment_number": 5,
        "qos_control": 6,
    }
    yield Case("802.11 data", "ieee80211", LINK_WLAN, b"", data_frame, wlan_values)
    rts = pack("<BBH", 0xB4, 0, 100) + MAC_1 + MAC_2
    yield Case("802.11 control", "ieee80211", LINK_WLAN, b"", rts, {"type": 1, "subtype": 11})
    tap = pack("<BBHII", 0, 0, 16, 0x80000000, 0) + bytes(4)
    yield Case("radiotap", "radiotap", LINK_RADIOTAP, b"", tap + rts, {"length": 16, "present": 0x80000000})
    ask = pack(">HHBBH", 1, 0x0800, 6, 4, 1) + MAC_1 + ENDS[0] + bytes(6) + ENDS[1]
    yield Case("arp", "arp", 1, _ether(0x0806), ask, {"opcode": 1, "target_protocol_address": 0xC0000202})
    odd = pack(">HHBBH", 6, 0x0800, 2, 4, 2) + b"\1\2" + ENDS[0] + b"\3\4" + ENDS[1]
    yield Case("arp, short addresses", "arp", 1, _ether(0x0806), odd, {"sender_hardware_address": 0x0102})
    plain = pack(">BBHHHBBH", 0x45, 0xB9, 28, 0xABCD, 0x3FFF, 63, 17, 0) + ENDS[0] + ENDS[1] + udp(b"")
    plain = plain[:10] + pack(">H", checksum(plain[:20])) + plain[12:]
    ip_values = {
        "version": 4,
        "ihl": 5,
        "dscp": 46,
        "ecn": 1,
        "total_length": 28,
        "identification": 0xABCD,
        "more_fragments": 1,
        "dont_fragment": 0,
        "fragment_offset": 0x1FFF,
        "time_to_live": 63,
        "protocol": 17,
        "source": 0xC0000201,
    }
    yield Case("ipv4", "ipv4", 1, eth4, plain, ip_values)
    route = options_ipv4(bytes.fromhex("07 0b 08 c0000203 00000000 01"))
    yield Case("ipv4 record route", "ipv4", 1, eth4, route, {"ihl": 8, "pointer": 8, "address": 0xC0000203})
    times = options_ipv4(bytes.fromhex("44 0c 0d 01 c0000203 00012345 94 04 0000"))
    yield Case("ipv4 timestamp, router alert", "ipv4", 1, eth4, times, {"flag": 1, "timestamp": 0x12345, "value": 0})
    yield Case(
        "ipv6",
        "ipv6",
        1,
        eth6,
        ipv6(udp(b"ab"), 17),
        {"version": 6, "dscp": 0xB8 >> 2, "ecn": 0, "flow_label": 0xABCDE, "payload_length": 10, "hop_limit": 61},
    )
    yield from _extension_headers(eth6)
    yield from _control_messages(eth4, eth6)
    for name, options in TCP_OPTIONS.items():
        segment = tcp(b"", A, B, (40000, 40001), 0x01020304, 0x05060708, 0xD2, 4000, options)
        segment = segment[:12] + bytes((segment[12] | 1,)) + segment[13:]  # accurate ECN
        values = {"sequence_number": 0x01020304, "flags": 0x1D2, "ae": 1, "cwr": 1, "ece": 1, "syn": 1, "ack": 1}
        yield Case(f"tcp {name}", "tcp", 1, eth4 + ipv4(segment, A, B)[:20], segment, values)
    yield Case("udp", "udp", 1, eth4 + INNER_IP[:20], INNER_IP[20:], {"source_port": 40000, "length": 9})
    yield from _tunnels(eth4)


def _extension_headers(eth6: bytes) -> Iterator[Case]:
    payload = udp(b"")
    hop = bytes.fromhex("1100 0502 0000 0100") + payload
    yield Case("ipv6 hop-by-hop", "ipv6_hopopts", 1, eth6 + ipv6(hop, 0)[:40], hop, {"next_header": 17, "value": 0})
    home = bytes.fromhex("1102 0102 0000 c910") + V6_2 + payload
    before = eth6 + ipv6(home, 60)[:40]
    yield Case("ipv6 destination", "ipv6_dstopts", 1, before, home, {"hdr_ext_len": 2, "opt_data_len": 2})
    segments = pack(">BBBBBBH", 17, 4, 4, 1, 1, 0, 0xABCD) + V6_1 + V6_2 + payload
    before = eth6 + ipv6(segments, 43)[:40]
    yield Case("ipv6 segment routing", "ipv6_routing", 1, before, segments, {"routing_type": 4, "last_entry": 1})
    mobile = pack(">BBBBI", 17, 2, 2, 1, 0) + V6_1 + payload
    yield Case("ipv6 mobile routing", "ipv6_routing", 1, eth6 + ipv6(mobile, 43)[:40], mobile, {"segments_left": 1})
    piece = pack(">BBHI", 17, 0, 185 << 3 | 1, 0xDEADBEEF) + bytes(16)
    values = {"fragment_offset": 185, "more_fragments": 1, "identification": 0xDEADBEEF}
    yield Case("ipv6 fragment", "ipv6_fragment", 1, eth6 + ipv6(piece, 44)[:40], piece, values)
    auth = pack(">BBHII", 17, 4, 0, 0x1001, 7) + bytes(range(12)) + payload
    yield Case("ah", "ah", 1, eth6 + ipv6(auth, 51)[:40], auth, {"security_parameters_index": 0x1001, "payload_len": 4})


def _control_messages(eth4: bytes, eth6: bytes) -> Iterator[Case]:
    messages = {
        "echo": (icmp(8, 0, pack(">HH", 0x1234, 7) + b"ping"), {"identifier": 0x1234, "sequence_number": 7}),
        "unreachable": (icmp(3, 4, pack(">BBH", 0, 0, 1400) + QUOTE), {"code": 4, "next_hop_mtu": 1400}),
        "redirect": (icmp(5, 1, ENDS[1] + QUOTE), {"gateway_internet_address": 0xC0000202}),
        "exceeded": (icmp(11, 0, pack(">BBH", 0, 9, 0) + QUOTE + b"\0\0"), {"code": 0, "length": 9}),
        "parameter": (icmp(12, 0, pack(">BBH", 20, 0, 0) + QUOTE), {"pointer": 20}),
        "timestamp": (icmp(13, 0, pack(">HHIII", 1, 2, 3, 0, 0)), {"identifier": 1, "originate_timestamp": 3}),
    }
    for name, (message, values) in messages.items():
        yield Case(f"icmp {name}", "icmp", 1, eth4 + ipv4(message, A, B, 1)[:20], message, values)
    link_address = bytes.fromhex("0101") + MAC_1
    prefix = pack(">BBBBIII", 3, 4, 64, 0xC0, 7200, 3600, 0) + V6_1
    servers = pack(">BBHI", 25, 3, 0, 600) + V6_2
    messages6 = {
        "echo": (icmpv6(128, 0, pack(">HH", 0x1234, 7)), {"identifier": 0x1234, "sequence_number": 7}),
        "too big": (icmpv6(2, 0, pack(">I", 1280) + ipv6(udp(b""), 17)), {"mtu": 1280}),
        "unreachable": (icmpv6(1, 4, pack(">I", 0) + ipv6(udp(b""), 17)), {"code": 4}),
        "parameter": (icmpv6(4, 1, pack(">I", 40) + ipv6(udp(b""), 17)), {"pointer": 40}),
        "solicitation": (
            icmpv6(135, 0, bytes(4) + V6_2 + link_address),
            {"target_address": int.from_bytes(V6_2, "big"), "link_layer_address": 0x020000000001},
        ),
        "advertisement": (icmpv6(136, 0, pack(">I", 0xE0000000) + V6_2), {"router": 1, "solicited": 1, "override": 1}),
        "router": (
            icmpv6(
                134, 0, pack(">BBHII", 64, 0xC0, 1800, 30000, 1000) + prefix + pack(">BBHI", 5, 1, 0, 1500) + servers
            ),
            {
                "cur_hop_limit": 64,
                "managed": 1,
                "router_lifetime": 1800,
                "prefix_length": 64,
                "mtu": 1500,
                "lifetime": 600,
            },
        ),
        "redirect": (icmpv6(137, 0, bytes(4) + V6_1 + V6_2), {"target_address": int.from_bytes(V6_1, "big")}),
    }
    for name, (message, values) in messages6.items():
        yield Case(f"icmpv6 {name}", "icmpv6", 1, eth6 + ipv6(message, 58)[:40], message, values)


def _tunnels(eth4: bytes) -> Iterator[Case]:
    inner = ipv4(udp(b"y"), B, A, 17)
    gre = pack(">HHHHII", 0xB000, 0x0800, 0, 0, 0xCAFE, 9) + inner
    gre = gre[:4] + pack(">H", checksum(gre)) + gre[6:]
    values = {
        "checksum_present": 1,
        "key_present": 1,
        "sequence_number_present": 1,
        "key": 0xCAFE,
        "sequence_number": 9,
    }
    yield Case("gre", "gre", 1, eth4 + ipv4(gre, A, B, 47)[:20], gre, values)
    pptp = pack(">HHHHII", 0x3081, 0x880B, 2, 77, 5, 6) + b"\xc0\x21"
    values = {"version": 1, "call_id": 77, "payload_length": 2, "acknowledgment_number": 6, "acknowledgment_present": 1}
    yield Case("gre pptp", "gre", 1, eth4 + ipv4(pptp, A, B, 47)[:20], pptp, values)
    frame = ethernet(inner)
    vxlan = pack(">II", 0x08000000, 0x123456 << 8) + frame
    before = eth4 + ipv4(udp(vxlan, (50000, 4789)), A, B, 17)[:28]
    yield Case("vxlan", "vxlan", 1, before, vxlan, {"i": 1, "vni": 0x123456})
    options = bytes.fromhex("0102 80 01 01020304  0103 01 00")
    geneve = pack(">BBHI", 3, 0x40, 0x6558, 0xABCDEF00) + options + frame
    before = eth4 + ipv4(udp(geneve, (50000, 6081)), A, B, 17)[:28]
    yield Case("geneve", "geneve", 1, before, geneve, {"opt_len": 3, "c": 1, "vni": 0xABCDEF, "option_class": 0x0102})
    extension = bytes.fromhex("01 0009 00")
    gtp = pack(">BBHIHBB", 0x37, 0xFF, 8 + len(inner), 0xFEED0001, 0x55AA, 3, 0x85) + extension + inner
    before = eth4 + ipv4(udp(gtp, (2152, 2152)), A, B, 17)[:28]
    values = {
        "e": 1,
        "s": 1,
        "pn": 1,
        "npdu_number": 3,
        "message_type": 0xFF,
        "teid": 0xFEED0001,
        "sequence_number": 0x55AA,
    }
    yield Case("gtpu", "gtpu", 1, before, gtp, values)


CASES = tuple(_cases())
BY_NAME = {header.name: header for header in HEADERS}


def _flat(spans: list[Span]) -> Iterator[Span]:
    for span in spans:
        yield span
        yield from _flat(list(span.children))


def _decode(case: Case) -> list[Span]:
    header: Header = BY_NAME[case.header]
    quoting = case.name.startswith("icmp ") and case.name not in ("icmp echo", "icmp timestamp")
    return list(_flat(header.decode(case.data[:8] if quoting else case.data)))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_values_are_those_written(case: Case) -> None:
    found: dict[str, list[int]] = {}
    for span in _decode(case):
        found.setdefault(span.field.name, []).append(span.value)
        assert not span.anomaly
    assert {name: value for name, value in case.expected.items() if value not in found.get(name, [])} == {}


def test_every_header_of_a_packet_has_a_case() -> None:
    within_streams = {"websocket", "tls_record"}
    assert {case.header for case in CASES} == {header.name for header in HEADERS} - within_streams - {"pw_control"}


@pytest.fixture(scope="module")
def tshark_values(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, list[str]]]:
    """For each case, what tshark prints for each filter name of its header."""
    require_tshark()
    folder = tmp_path_factory.mktemp("headers")
    values: dict[str, dict[str, list[str]]] = {}
    for link in sorted({case.link for case in CASES}):
        cases = [case for case in CASES if case.link == link]
        file = folder / f"{link}.pcap"
        file.write_bytes(pcap([case.before + case.data for case in cases], link))
        names = sorted({span.field.filter for case in cases for span in _decode(case) if span.field.filter})
        for case, row in zip(cases, _tshark(file, names), strict=True):
            values[case.name] = dict(zip(names, row, strict=True))
    return values


def _tshark(file: Path, names: list[str]) -> list[list[list[str]]]:
    wanted = [argument for name in names for argument in ("-e", name)]
    command = ["tshark", "-n", "-r", str(file), "-T", "fields", "-E", "occurrence=a", "-E", "aggregator=|", *wanted]
    command += ["-o", "tcp.relative_sequence_numbers:FALSE"]
    text = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return [[cell.split("|") if cell else [] for cell in line.split("\t")] for line in text.split("\n")[:-1]]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_values_are_tsharks(case: Case, tshark_values: dict[str, dict[str, list[str]]]) -> None:
    printed = tshark_values[case.name]
    differing = []
    compared = 0
    for name in {span.field.filter for span in _decode(case) if span.field.filter}:
        if name in SPOKEN_OTHERWISE:
            continue
        spans = [span for span in _decode(case) if span.field.filter == name]
        theirs = printed[name][: len(spans)]  # inner headers of the same kind come after
        ours = [as_number(text, span) for text, span in zip(theirs, spans, strict=False)]
        expected = [span.value * (1 if name in IN_UNITS else span.field.scale) for span in spans]
        if ours != expected and not (name in SHOWN_WHEN_SET and not theirs and not any(expected)):
            differing.append((name, theirs, [span.value for span in spans]))
        compared += 1
    assert not differing
    assert compared
