"""The capture again, with the findings as comments on their packets: Wireshark shows them."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from inspector.errors import UsageError
from inspector.i18n import _
from inspector.recording.capture import Capture
from inspector.recording.reader import NO_LINK
from inspector.recording.writer import PcapngWriter
from inspector.report.both import say
from inspector.report.clean import clean

__all__ = ["write_annotated"]

# Any: JSON.
Json = dict[str, Any]


def write_annotated(report: Json, captures: Sequence[Capture], path: str | os.PathLike[str]) -> None:
    """Write the packets of a capture with a comment for each piece of evidence.

    Packets, lengths, times, interfaces, names and comments are those of the capture; numbers stay the same.

    Args:
        report: As ``build_report`` made it.
        captures: The sources of the report, of which there may be only one here.
        path: File to write.

    Raises:
        UsageError: If there are several sources: packets of several files have no common numbers.
    """
    if len(captures) != 1:
        raise UsageError(_("an annotated pcapng is made of one capture; run it once for each of them"))
    capture = captures[0]
    language = report["language"]
    comments = _comments(report, language)
    verdict = clean(say(report["verdict"]["text"], language))
    with PcapngWriter(path, application=f"Inspector {report['tool']}", comments=[verdict]) as writer:
        if capture.metadata.names:
            writer.write_names(capture.metadata.names)
        for secret in capture.metadata.secrets:
            writer.write_secret(secret.kind, secret.data)
        blocks = {
            block.packet: (block.enterprise, capture.source.data[block.position : block.position + block.size])
            for block in capture.metadata.custom_blocks
        }
        numbers = {}
        for index, interface in enumerate(capture.interfaces):
            if interface.link_type != NO_LINK:
                numbers[index] = writer.add_interface(replace(interface, resolution=9, offset_seconds=0))
        packets = capture.packets
        for row, interface in enumerate(packets.interface.tolist()):
            number = row + 1
            if row in blocks:
                # They count as packets do.
                writer.write_custom(*blocks[row])
            if interface not in numbers:
                continue
            own = [clean(comment) for comment in capture.comments.get(number, ())]
            writer.write_packet(
                numbers[interface],
                int(packets.time_ns[row]),
                capture.bytes_at(row, 0, int(packets.captured[row])),
                length=int(packets.length[row]),
                comments=[*own, *comments.get(number, ())],
            )


def _comments(report: Json, language: str) -> dict[int, list[str]]:
    """Comments by packet number."""
    found: dict[int, list[str]] = {}
    for finding in report["findings"]:
        title = clean(say(finding["title"], language))
        for item in finding["evidence"]:
            note = clean(say(item["note"], language))
            place = ""
            if item["bytes"][1]:
                place = _("bytes {start}–{end}").format(start=item["bytes"][0], end=item["bytes"][1] - 1)
            parts = [f"{finding['rule']} {title}", note, place, ", ".join(ref["text"] for ref in finding["refs"])]
            found.setdefault(item["number"], []).append(" · ".join(part for part in parts if part))
    return found
