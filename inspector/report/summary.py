"""What is in a capture, in one document and on one page."""

from __future__ import annotations

import datetime
from collections import Counter
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rich.cells import cell_len

from inspector.analysis.trust import clock_steps
from inspector.i18n import _, ngettext
from inspector.model.ending import Ending
from inspector.model.endpoint import address_texts
from inspector.model.grade import Grade
from inspector.proto.ethernet import ETHERTYPES
from inspector.proto.ipv4 import IP_PROTOCOLS
from inspector.proto.kinds import LayerKind
from inspector.recording.capture import Capture
from inspector.recording.grades import connection_grades
from inspector.recording.linktypes import link_type_name
from inspector.recording.reader import NO_LINK
from inspector.recording.streams import piece_places
from inspector.report.clean import clean
from inspector.report.duration import duration_text

__all__ = ["numbered_text", "render_summary", "summarize"]

# Any: JSON.
Json = dict[str, Any]

_MOST_TALKERS = 10
_NO_PROTOCOL = (LayerKind.UNKNOWN, LayerKind.MALFORMED, LayerKind.FRAGMENT)

_TYPE_FIELDS = {
    # layer: (offset of the field that names the next layer, its bytes, its values, what it is called)
    LayerKind.ETHERNET: (12, 2, ETHERTYPES, "EtherType"),
    LayerKind.VLAN: (2, 2, ETHERTYPES, "EtherType"),
    LayerKind.SLL: (14, 2, ETHERTYPES, "EtherType"),
    LayerKind.SLL2: (0, 2, ETHERTYPES, "EtherType"),
    LayerKind.GRE: (2, 2, ETHERTYPES, "EtherType"),
    LayerKind.IPV4: (9, 1, IP_PROTOCOLS, "IP protocol"),
    LayerKind.IPV6: (6, 1, IP_PROTOCOLS, "IP protocol"),
    LayerKind.IPV6_HOPOPTS: (0, 1, IP_PROTOCOLS, "IP protocol"),
    LayerKind.IPV6_ROUTING: (0, 1, IP_PROTOCOLS, "IP protocol"),
    LayerKind.IPV6_FRAGMENT: (0, 1, IP_PROTOCOLS, "IP protocol"),
    LayerKind.IPV6_DSTOPTS: (0, 1, IP_PROTOCOLS, "IP protocol"),
}


def summarize(capture: Capture) -> Json:
    """The facts of a capture as JSON-ready values; counts of bytes are those on the wire."""
    packets = capture.packets
    damage = capture.damage
    return {
        "file": {
            "name": capture.name,
            "format": capture.format,
            "size": len(capture.source.data),
            "packets": capture.packet_count,
            "last_number": len(packets),
            "bytes": int(packets.length.sum(dtype=np.int64)),
            "captured_bytes": int(packets.captured.sum(dtype=np.int64)),
            "cut_packets": int((packets.captured < packets.length).sum()),
            "damage": None
            if damage is None
            else {
                "kind": damage.kind.value,
                "code": damage.code,
                "position": damage.position,
                "sentence": damage.sentence,
            },
        },
        "time": _time(capture),
        "interfaces": _interfaces(capture),
        "layers": _layers(capture),
        "not_decoded": _not_decoded(capture),
        "tcp": _tcp(capture),
        "udp": {"conversations": len(capture.udp_conversations), "datagrams": len(capture.datagrams)},
        "talkers": _talkers(capture),
    }


def _time(capture: Capture) -> Json:
    timed = capture.packets.time_ns
    if len(capture.untimed):
        timed = np.delete(timed, capture.untimed)
    if not len(timed):
        return {"first_ns": None, "last_ns": None, "duration_ns": None, "steps_back": 0}
    first, last = int(timed.min()), int(timed.max())
    steps_back = int((clock_steps(capture)[1] < 0).sum())
    return {"first_ns": first, "last_ns": last, "duration_ns": last - first, "steps_back": steps_back}


def _interfaces(capture: Capture) -> list[Json]:
    packets = capture.packets
    count = len(capture.interfaces)
    numbers = np.bincount(packets.interface, minlength=count)
    sizes = np.bincount(packets.interface, packets.length, minlength=count)
    return [
        {
            "name": interface.name,
            "link_type": interface.link_type,
            "link_type_name": link_type_name(interface.link_type),
            "decoded": interface.first_layer is not LayerKind.UNKNOWN,
            "snaplen": interface.snaplen or None,
            "grade": interface.grade.code,
            "packets": int(numbers[index]),
            "bytes": int(sizes[index]),
        }
        for index, interface in enumerate(capture.interfaces)
        if interface.link_type != NO_LINK
    ]


def _packet_of_layers(capture: Capture) -> NDArray[np.uint32]:
    return np.repeat(np.arange(len(capture.packets), dtype=np.uint32), capture.packets.layer_count)


def _layers(capture: Capture) -> list[Json]:
    """Headers found, from the link outwards to the transport, with the packets that hold them."""
    packet_of = _packet_of_layers(capture)
    kinds = capture.layers.kind
    rows = []
    for kind in np.unique(kinds).tolist():
        if kind in _NO_PROTOCOL:
            continue
        holding = packet_of[kinds == kind]
        headers = len(holding)
        holding = holding[np.concatenate([[True], holding[1:] != holding[:-1]])]
        size = int(capture.packets.length[holding].sum(dtype=np.int64))
        rows.append({"layer": LayerKind(kind).name.lower(), "headers": headers, "packets": len(holding), "bytes": size})
    return rows


def _not_decoded(capture: Capture) -> list[Json]:
    """What stands behind the last header that is decoded, by the number that names it; the most frequent first."""
    packet_of = _packet_of_layers(capture)
    kinds, found = capture.layers.kind, Counter[str]()
    found["fragment of an IP datagram"] = int((kinds == LayerKind.FRAGMENT).sum())
    found["header that does not fit"] = int((kinds == LayerKind.MALFORMED).sum())
    rows = np.flatnonzero(kinds == LayerKind.UNKNOWN)
    first = rows == capture.packets.layer_start[packet_of[rows]]
    interfaces = capture.packets.interface[packet_of[rows[first]]]
    for number, count in zip(*np.unique(interfaces, return_counts=True), strict=True):
        link = capture.interfaces[int(number)].link_type
        found[f"link type {link} ({link_type_name(link)})"] += int(count)
    rows = rows[~first]
    before = kinds[rows - 1]
    data = np.frombuffer(memoryview(capture.source.data), np.uint8)
    for kind in np.unique(before).tolist():
        some = rows[before == kind]
        if kind not in _TYPE_FIELDS:
            found[f"behind {LayerKind(kind).name.lower()}"] += len(some)
            continue
        at, size, names, title = _TYPE_FIELDS[LayerKind(kind)]
        places = piece_places(capture, packet_of[some], capture.layers.offset[some - 1])
        found["inside of fragments put together"] += int((places < 0).sum())
        places = places[places >= 0] + at
        values = data[places].astype(np.int64)
        if size == 2:
            values = values << 8 | data[places + 1]
        for value, count in zip(*(column.tolist() for column in np.unique(values, return_counts=True)), strict=True):
            shown = f"{value:#06x}" if size == 2 else str(value)
            name = f" ({names[value]})" if value in names else ""
            found[f"{title} {shown}{name}"] += count
    return [{"what": what, "packets": count} for what, count in found.most_common() if count]


def _tcp(capture: Capture) -> Json:
    table = capture.connections
    endings = Counter(table.ending.tolist())
    # What a proxy or a file of another program tells of TCP was made by the writer of the recording.
    real = connection_grades(capture) == Grade.CAPTURED
    rtt_ns = table.rtt_ns[(table.rtt_plausible == 1) & real]

    def both(name: str) -> int:
        return int(getattr(table, f"{name}_a").sum() + getattr(table, f"{name}_b").sum())

    def both_real(name: str) -> int | None:
        return both(name) if real.any() or not len(table) else None

    return {
        "connections": len(table),
        "segments": len(capture.segments),
        "client_observed": int((table.client >= 0).sum()),
        "endings": {ending.code: endings[ending] for ending in Ending if endings[ending]},
        "payload": both("payload"),
        "resent": both_real("resent"),
        "duplicates": both_real("duplicates"),
        "missing": both("missing"),
        "unseen": both_real("unseen"),
        "zero_windows": both_real("zero_windows"),
        "median_rtt_ns": int(np.median(rtt_ns)) if len(rtt_ns) else None,
    }


def _talkers(capture: Capture) -> list[Json]:
    """The addresses with the most TCP and UDP bytes."""
    flows = capture.flows
    sent = np.zeros((2, len(flows)))
    packets = np.zeros((2, len(flows)))
    for table in (capture.connections, capture.udp_conversations):
        for side, end in enumerate(("a", "b")):
            sent[side] += np.bincount(table.flow, getattr(table, f"bytes_{end}"), minlength=len(flows))
            packets[side] += np.bincount(table.flow, getattr(table, f"packets_{end}"), minlength=len(flows))
    if not len(flows):
        return []
    texts, index = address_texts(
        np.concatenate([flows.a_high, flows.b_high]),
        np.concatenate([flows.a_low, flows.b_low]),
        np.concatenate([flows.version, flows.version]),
    )
    columns = {
        "sent_bytes": np.bincount(index, sent.ravel()),
        "received_bytes": np.bincount(index, sent[::-1].ravel()),
        "sent_packets": np.bincount(index, packets.ravel()),
        "received_packets": np.bincount(index, packets[::-1].ravel()),
    }
    order = np.argsort(-(columns["sent_bytes"] + columns["received_bytes"]), kind="stable")[:_MOST_TALKERS]
    return [
        {"address": texts[row], **{name: int(column[row]) for name, column in columns.items()}}
        for row in order.tolist()
        if columns["sent_bytes"][row] + columns["received_bytes"][row]
    ]


def numbered_text(packets: int, last_number: int) -> str:
    """Why numbers of packets go further than their count: notes between them count as records, as in Wireshark."""
    notes = last_number - packets
    return ngettext(
        "Packets are numbered to {last}, as in Wireshark: {count} note of the recorder between them has a number, too",
        "Packets are numbered to {last}, as in Wireshark: {count} notes of the recorder between them have numbers, too",
        notes,
    ).format(last=f"{last_number:,}", count=f"{notes:,}")


def render_summary(summary: Json) -> str:
    """The summary as plain text, captured names cleaned."""
    file = summary["file"]
    lines = [
        clean(file["name"]),
        ngettext(
            "{count} packet, {size} bytes on the wire, {format} file of {file} bytes",
            "{count} packets, {size} bytes on the wire, {format} file of {file} bytes",
            file["packets"],
        ).format(
            count=f"{file['packets']:,}", size=f"{file['bytes']:,}", format=file["format"], file=f"{file['size']:,}"
        ),
    ]
    if file["last_number"] > file["packets"]:
        lines.append(numbered_text(file["packets"], file["last_number"]))
    if file["cut_packets"]:
        lines.append(
            ngettext(
                "{count} packet was not captured to its end",
                "{count} packets were not captured to their end",
                file["cut_packets"],
            ).format(count=f"{file['cut_packets']:,}")
        )
    if file["damage"]:
        lines.append(_("Damaged: {sentence}").format(sentence=file["damage"]["sentence"]))
    lines += _time_lines(summary["time"])
    grades = {
        "captured": "",
        "tapped": _("tapped: bytes are real, TCP and IP headers are made by the recorder"),
        "reconstructed": _("reconstructed: written anew from a parsed view"),
    }
    rows = [
        [
            clean(row["name"] or "-"),
            row["link_type_name"],
            f"{row['packets']:,}",
            grades[row["grade"]] if row["decoded"] else _("not decoded"),
        ]
        for row in summary["interfaces"]
    ]
    lines += _section(_("Interfaces"), rows)
    rows = [[row["layer"], f"{row['packets']:,}", f"{row['bytes']:,}"] for row in summary["layers"]]
    lines += _section(_("Protocols (packets, bytes)"), rows)
    lines += _section(
        _("Not decoded (packets)"), [[row["what"], f"{row['packets']:,}"] for row in summary["not_decoded"]]
    )
    lines += _tcp_lines(summary["tcp"])
    if summary["udp"]["conversations"]:
        lines += _section("UDP", [[_("conversations"), f"{summary['udp']['conversations']:,}"]])
    rows = [[row["address"], f"{row['sent_bytes']:,}", f"{row['received_bytes']:,}"] for row in summary["talkers"]]
    lines += _section(_("Top talkers (bytes sent, received)"), rows)
    return "\n".join(lines)


def _time_lines(time: Json) -> list[str]:
    if time["first_ns"] is None:
        return [_("No times were written")]
    start = datetime.datetime.fromtimestamp(time["first_ns"] // 10**9, datetime.UTC)
    lines = [
        _("From {start} UTC, for {duration}").format(
            start=start.strftime("%Y-%m-%d %H:%M:%S"), duration=duration_text(time["duration_ns"])
        )
    ]
    if time["steps_back"]:
        lines.append(
            ngettext(
                "Time steps back {count} time from one packet of an interface to its next",
                "Time steps back {count} times from one packet of an interface to its next",
                time["steps_back"],
            ).format(count=f"{time['steps_back']:,}")
        )
    return lines


def _tcp_lines(tcp: Json) -> list[str]:
    if not tcp["connections"]:
        return []
    words = {
        "open": _("still open"),
        "closed": _("closed by both sides"),
        "half_closed": _("closed by one side only"),
        "reset": _("reset"),
        "reset_after_fin": _("closed, then reset"),
        "refused": _("refused"),
        "unanswered": _("no answer"),
        "quoted": _("only quoted in ICMP errors"),
    }
    rows = [[_("connections"), f"{tcp['connections']:,}"]]
    rows += [["  " + words[code], f"{count:,}"] for code, count in tcp["endings"].items()]
    rows.append([_("handshakes that show the client"), f"{tcp['client_observed']:,}"])
    if tcp["median_rtt_ns"] is not None:
        rows.append([_("median round trip of handshakes"), duration_text(tcp["median_rtt_ns"])])
    numbers = (
        (_("payload bytes"), tcp["payload"]),
        (_("resent bytes"), tcp["resent"]),
        (_("bytes never captured"), tcp["missing"]),
        (_("bytes acknowledged but never captured"), tcp["unseen"]),
        (_("zero windows"), tcp["zero_windows"]),
    )
    rows += [[name, f"{number:,}"] for name, number in numbers if number is not None]
    return _section("TCP", rows)


def _section(title: str, rows: list[list[str]]) -> list[str]:
    """A heading and aligned rows: words to the left, numbers to the right; nothing without rows."""
    if not rows:
        return []
    widths = [max(map(cell_len, column)) for column in zip(*rows, strict=True)]
    lines = ["", title]
    for row in rows:
        cells = [
            " " * (width - cell_len(cell)) + cell
            if cell[:1].isdigit() and index
            else cell + " " * (width - cell_len(cell))
            for index, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        lines.append("  " + "  ".join(cells).rstrip())
    return lines
