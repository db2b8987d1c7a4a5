"""Where the facts come from: identity of each file, its interfaces with their grade of truth, drops, trust."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np

from inspector.analysis.trust import trust
from inspector.recording.capture import Capture
from inspector.recording.linktypes import link_type_name
from inspector.recording.reader import NO_LINK
from inspector.report.both import both
from inspector.report.sections.subject import Json, Subject
from inspector.report.trust import trust_sentence

__all__ = ["source_json"]

_BLOCK = 1 << 20


def source_json(subject: Subject) -> Json:
    """One source: what file it is and how far it can be believed."""
    capture = subject.capture
    packets = capture.packets
    digest, size = _identity(capture)
    times = packets.time_ns[packets.time_ns > 0]
    damage = capture.damage
    return {
        "index": subject.index,
        "name": Path(capture.name).name,
        "format": capture.format,
        "sha256": digest,
        "file_bytes": size,
        "packets": capture.packet_count,
        "last_number": len(packets),
        "bytes": int(packets.length.sum(dtype=np.int64)),
        "cut_packets": int((packets.captured < packets.length).sum()),
        "first_ns": int(times.min()) if len(times) else None,
        "last_ns": int(times.max()) if len(times) else None,
        "connections": len(capture.connections),
        "interfaces": _interfaces(subject),
        "damage": both(lambda: damage.sentence) if damage is not None else None,
        "trust": [
            {
                "id": check.id,
                "holds": check.holds,
                "packets": list(check.packets),
                "text": both(lambda check=check: trust_sentence(check)),  # type: ignore[misc]  # bound now
            }
            for check in trust(capture)
        ],
    }


def _interfaces(subject: Subject) -> list[Json]:
    capture = subject.capture
    counts = np.bincount(capture.packets.interface, minlength=len(capture.interfaces))
    rows = []
    for index, interface in enumerate(capture.interfaces):
        if interface.link_type == NO_LINK:
            continue
        counters = capture.metadata.statistics.get(index)
        rows.append(
            {
                "name": subject.text(interface.name),
                "description": subject.text(interface.description),
                "link_type": link_type_name(interface.link_type),
                "snaplen": interface.snaplen or None,
                "filter": subject.text(interface.filter),
                "grade": interface.grade.code,
                "packets": int(counts[index]),
                "dropped": counters.dropped if counters else None,
                "dropped_by_os": counters.dropped_by_os if counters else None,
            }
        )
    return rows


def _identity(capture: Capture) -> tuple[str, int]:
    """SHA-256 and size of the file as it lies on the disk; of the uncompressed bytes where it came through a pipe."""
    digest = hashlib.sha256()
    path = Path(capture.name)
    if capture.name != "-" and path.is_file():
        with path.open("rb") as file:
            while block := file.read(_BLOCK):
                digest.update(block)
        return digest.hexdigest(), path.stat().st_size
    data = memoryview(capture.source.data)
    for start in range(0, len(data), _BLOCK):
        digest.update(data[start : start + _BLOCK])
    return digest.hexdigest(), len(data)
