"""Wireshark's expert items joined to what we found in the same packets.

Structure (schema ``expert/1``): ``version`` of Wireshark; ``items``: for each kind of Wireshark's items ``name``, ``severity``,
``group``, ``text`` (of the first), ``packets`` (how many), ``with_ours`` (in how many of them we found something) and ``same``
(in how many we found the very same); ``only_ours``: for each kind of ours ``code`` and ``packets`` about which Wireshark says
nothing; ``packets``: by packet ``packet``, ``wireshark`` (``severity``, ``protocol``, ``group``, ``name``, ``text``) and
``ours`` (``code``, ``text``, ``ref`` or null, ``same``: Wireshark has an item of that name here).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from captures.opinion import open_session
from captures.parsers import ExpertItem, parse_experts
from captures.profile import Profile
from inspector.analysis.facts import Facts
from inspector.analysis.resends import Verdict, explain, resends
from inspector.analysis.tcp_flags import TcpFlag, tcp_flags
from inspector.i18n import _
from inspector.model.anomaly import Anomaly
from inspector.model.tables import SEGMENT_FRAGMENT, SEGMENT_QUOTED, SEGMENT_SHORT
from inspector.recording.derived import ByteStream
from inspector.recording.dns import dns_messages
from inspector.recording.http import http_exchanges
from inspector.report.clean import clean
from inspector.rules import diagnose

if TYPE_CHECKING:
    from inspector.recording.capture import Capture

__all__ = ["SCHEMA", "SEVERITIES", "Json", "OurItem", "build_expert", "lines", "our_items"]

SCHEMA = "expert/1"
SEVERITIES = {"comment": 1, "chat": 0x200000, "note": 0x400000, "warning": 0x600000, "error": 0x800000}
"""Wireshark's severities, the least first, with their numbers in ``_ws.expert.severity``."""

_CHATTER = ("tcp.analysis.window_update",)
"""What Wireshark takes for chat: left out where that was not asked for."""
_NOT_SENT = SEGMENT_QUOTED | SEGMENT_FRAGMENT | SEGMENT_SHORT
_RST = 4

# Any: JSON; its shape is described above.
Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class OurItem:
    """Something that we found in a packet.

    Args:
        packet: Its number.
        code: Stable name: Wireshark's own (``tcp.analysis.…``), ``resend.…``, an anomaly's or a rule's.
        text: One sentence in the chosen language; empty where the code says it all.
        ref: Section of a standard; empty where there is none.
    """

    packet: int
    code: str
    text: str = ""
    ref: str = ""


def build_expert(capture: Capture, *, severity: str, way: str | None, seconds: float) -> Json:
    """Ask Wireshark for its expert items and join ours to them.

    Args:
        capture: The capture.
        severity: The least of ``SEVERITIES`` to ask for.
        way, seconds: As for ``captures.opinion.open_session``.
    """
    theirs: dict[int, list[ExpertItem]] = {}
    least = list(SEVERITIES).index(severity)
    wanted = set(list(SEVERITIES)[least:])
    with open_session(capture, Profile.thorough(), way=way, seconds=seconds) as session:
        version = session.program.version
        numbers = session.matching(f"_ws.expert.severity >= {SEVERITIES[severity]}")
        for packet in session.dissect(numbers):
            items = [item for item in parse_experts(packet) if item.severity in wanted]
            theirs[packet.number] = list(dict.fromkeys(items))
    ours: dict[int, list[OurItem]] = {}
    for item in our_items(capture):
        if item.code not in _CHATTER or severity in ("comment", "chat"):
            ours.setdefault(item.packet, []).append(item)
    return {
        "schema": SCHEMA,
        "capture": capture.name,
        "version": version,
        "severity": severity,
        "items": list(_kinds(theirs, ours)),
        "only_ours": [
            {"code": code, "packets": count}
            for code, count in sorted(
                Counter(
                    code
                    for number, items in ours.items()
                    if number not in theirs
                    for code in {item.code for item in items}
                ).items()
            )
        ],
        "packets": [
            _packet(number, theirs.get(number, []), ours.get(number, [])) for number in sorted({*theirs, *ours})
        ],
    }


def _kinds(theirs: dict[int, list[ExpertItem]], ours: dict[int, list[OurItem]]) -> Iterator[Json]:
    kinds: dict[tuple[str, str, str], list[ExpertItem]] = {}
    for items in theirs.values():
        for item in items:
            kinds.setdefault((item.name or item.text, item.severity, item.group), []).append(item)
    order = list(SEVERITIES)
    for (name, severity, group), items in sorted(
        kinds.items(), key=lambda kind: (-order.index(kind[0][1]), kind[0][0])
    ):
        packets = {item.packet for item in items}
        yield {
            "name": name,
            "severity": severity,
            "group": group,
            "text": items[0].text,
            "packets": len(packets),
            "with_ours": sum(number in ours for number in packets),
            "same": sum(any(item.code == name for item in ours.get(number, ())) for number in packets),
        }


def _packet(number: int, theirs: list[ExpertItem], ours: list[OurItem]) -> Json:
    names = {item.name for item in theirs}
    return {
        "packet": number,
        "wireshark": [
            {
                "severity": item.severity,
                "protocol": item.protocol,
                "group": item.group,
                "name": item.name,
                "text": item.text,
            }
            for item in theirs
        ],
        "ours": [
            {"code": item.code, "text": item.text, "ref": item.ref or None, "same": item.code in names} for item in ours
        ],
    }


# --- ours --------------------------------------------------------------------------------------------------------------


def our_items(capture: Capture) -> Iterator[OurItem]:
    """What we found in single packets: TCP's flags and our verdict on resends, anomalies of protocols, rules' evidence."""
    yield from _flags(capture)
    yield from _endings(capture)
    yield from _resends(capture)
    yield from _of_websockets(capture)
    yield from _of_http(capture)
    for packet, _flow, _tcp, message in dns_messages(capture):
        for anomaly in message.anomalies:
            yield OurItem(packet, anomaly.code, anomaly.detail, str(anomaly.ref))
    for finding in diagnose(Facts(capture)).findings:
        for evidence in finding.evidence:
            ref = str(finding.refs[0]) if finding.refs else ""
            note = f" ({evidence.note})" if str(evidence.note) else ""
            yield OurItem(evidence.packet, f"rule.{finding.rule}", f"{finding.title}{note}", ref)


def _flags(capture: Capture) -> Iterator[OurItem]:
    flags = tcp_flags(capture).flags
    for row in np.flatnonzero(flags).tolist():
        packet = int(capture.segments.packet[row]) + 1
        found = TcpFlag(int(flags[row]))
        if found & (TcpFlag.SPURIOUS_RETRANSMISSION | TcpFlag.FAST_RETRANSMISSION):
            found |= TcpFlag.RETRANSMISSION  # as Wireshark has it
        for flag in found:
            yield OurItem(packet, f"tcp.analysis.{(flag.name or '').lower()}")


def _endings(capture: Capture) -> Iterator[OurItem]:
    """Resets, and the first FIN of each side, under Wireshark's names."""
    segments, connections = capture.segments, capture.connections
    resets = (segments.flags & _RST != 0) & (segments.marks & _NOT_SENT == 0)
    for packet in np.unique(segments.packet[resets]).tolist():
        yield OurItem(packet + 1, "tcp.connection.rst")
    for pair in zip(connections.fin_a_packet.tolist(), connections.fin_b_packet.tolist(), strict=True):
        for packet, code in zip(sorted(packet for packet in pair if packet >= 0), _FINS, strict=False):
            yield OurItem(packet + 1, code)


_FINS = ("tcp.connection.fin_active", "tcp.connection.fin_passive")


def _resends(capture: Capture) -> Iterator[OurItem]:
    table = resends(capture)
    for row in range(len(table.packet)):
        verdict = Verdict(int(table.verdict[row])).name.lower()
        yield OurItem(int(table.packet[row]), f"resend.{verdict}", " ".join(explain(table, row)))


def _of_websockets(capture: Capture) -> Iterator[OurItem]:
    found = capture.websockets
    for direction in found.directions:
        for row in direction.frames:
            if int(found.frames.faults[row]):
                yield from _placed(direction.stream, found.frame_anomalies(row))
        for row in direction.messages:
            if int(found.messages.faults[row]):
                yield from _placed(direction.stream, found.message_anomalies(row))
        yield from _placed(direction.stream, direction.anomalies)


def _of_http(capture: Capture) -> Iterator[OurItem]:
    for found in http_exchanges(capture):
        exchange, application = found.exchange, found.application
        for message in (exchange.request, *exchange.interim, exchange.response):
            if message is not None:
                stream = application.client if message is exchange.request else application.server
                yield from _placed(stream, message.anomalies)


def _placed(stream: ByteStream, anomalies: list[Anomaly]) -> Iterator[OurItem]:
    """Each anomaly in the packet of its first byte, or of the last one before it that was captured."""
    for anomaly in anomalies:
        packet = stream.packet_at(anomaly.start) or stream.packet_at(max(anomaly.start - 1, 0))
        if packet is not None:
            yield OurItem(packet, anomaly.code, anomaly.detail, str(anomaly.ref))


def lines(report: Json, most: int) -> Iterator[str]:
    """The report as text: kinds first, then at most ``most`` packets."""
    yield _("Expert items of Wireshark {version} ({severity} and above) beside ours").format(
        version=report["version"], severity=report["severity"]
    )
    yield ""
    if not report["items"]:
        yield _("Wireshark has none.")
    else:
        yield _("packets   ours too   the same   severity   what Wireshark says")
        for kind in report["items"]:
            yield (
                f"{kind['packets']:>7} {kind['with_ours']:>10} {kind['same']:>10}   {kind['severity']:<9}  "
                f"{clean(kind['text'])}  [{clean(kind['name'])}]"
            )
    if report["only_ours"]:
        yield ""
        yield _("Only ours (packets)")
        for kind in report["only_ours"]:
            yield f"{kind['packets']:>7}   {clean(kind['code'])}"
    for packet in report["packets"][:most]:
        yield ""
        yield _("packet {number}").format(number=packet["packet"])
        for item in packet["wireshark"]:
            yield f"  Wireshark  {item['severity']:<8} {clean(item['text'])}  [{clean(item['name'] or item['group'])}]"
        for item in packet["ours"]:
            same = _("the same") if item["same"] else clean(item["text"])
            ref = f"  [{item['ref']}]" if item["ref"] else ""
            yield (
                f"  Inspector  {clean(item['code'])}: {same}{ref}"
                if same
                else f"  Inspector  {clean(item['code'])}{ref}"
            )
    if len(report["packets"]) > most:
        yield ""
        yield _("{count} more packets: --limit, or --json").format(count=len(report["packets"]) - most)
