"""What Wireshark is given of a capture: the packets that one packet's meaning depends on, and the secrets."""

from __future__ import annotations

import stat
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from inspector.analysis.fields import FIELDS
from inspector.analysis.fields.window import windows
from inspector.recording.metadata import SecretKind
from inspector.recording.reader import NO_LINK
from inspector.recording.writer import PcapngWriter

if TYPE_CHECKING:
    from inspector.recording.capture import Capture

__all__ = ["WHOLE", "Excerpt", "write_excerpt", "write_keys", "write_whole"]

WHOLE = 10_000
"""Captures of up to this many packets are given whole: a fraction of a second, and every number stays as it is."""
_MOST_BEFORE, _MOST_AFTER = 200_000, 20_000
"""Packets of the conversation before and after the one that is asked about: some seconds of Wireshark's time."""
_LATEST_NS = 9_223_372_035 * 10**9


@dataclass(frozen=True, slots=True)
class Excerpt:
    """A temporary recording.

    Args:
        path: The file.
        numbers: Packet number in the capture of each packet of the file, ascending; the file's packets count from 1.
        whole: The file holds every packet, so that its numbers are those of the capture.
    """

    path: Path
    numbers: NDArray[np.int64]
    whole: bool

    def there(self, number: int) -> int:
        """The number in the file of a packet of the capture; 0 when the file does not have it."""
        at = int(np.searchsorted(self.numbers, number))
        return at + 1 if at < len(self.numbers) and int(self.numbers[at]) == number else 0

    def here(self, number: int) -> int:
        """The number in the capture of a packet of the file; 0 when there is none."""
        return int(self.numbers[number - 1]) if 1 <= number <= len(self.numbers) else 0


def write_excerpt(capture: Capture, number: int, folder: Path) -> Excerpt:
    """Write the packet with everything of its conversation, or the whole of a small capture.

    Args:
        capture: Where it is.
        number: The packet.
        folder: Where the file goes.
    """
    count = len(capture.packets)
    rows = np.arange(count) if count <= WHOLE else _needed(capture, number - 1)
    return _write(capture, rows, folder / "excerpt.pcapng")


def write_whole(capture: Capture, folder: Path) -> Excerpt:
    """The capture's own file; where that is no plain file (standard input) or of another format a copy of its bytes."""
    path = Path(capture.name).resolve()
    if capture.source.converted or not (path.exists() and stat.S_ISREG(path.stat().st_mode)):
        path = folder / "whole.capture"
        path.write_bytes(capture.source.data)
    return Excerpt(path, np.arange(1, len(capture.packets) + 1), True)


def write_keys(capture: Capture, folder: Path) -> Path | None:
    """The TLS secrets of the capture and of the key log given beside it as one key log; None when there are none."""
    secrets = [secret.data for secret in capture.metadata.secrets if secret.kind == SecretKind.TLS_KEY_LOG]
    if not secrets:
        return None
    path = folder / "keys.log"
    path.touch(mode=0o600)
    path.write_bytes(b"\n".join(secrets) + b"\n")
    return path


def _needed(capture: Capture, row: int) -> NDArray[np.int64]:
    """Rows of the packets of the same TCP connection or UDP conversation, and of the IP fragments of all these."""
    rows = {row}
    for table, conversation in (
        (capture.segments, capture.segment_connection),
        (capture.datagrams, capture.datagrams.flow),
    ):
        first, end = np.searchsorted(table.packet, [row, row + 1])
        for index in range(int(first), int(end)):
            mine = int(conversation[index])
            if mine >= 0:
                rows.update(table.packet[conversation == mine].tolist())
    found = np.array(sorted(rows), np.int64)
    at = int(np.searchsorted(found, row))
    found = found[max(at - _MOST_BEFORE, 0) : at + _MOST_AFTER]
    return _with_fragments(capture, found)


def _with_fragments(capture: Capture, rows: NDArray[np.int64]) -> NDArray[np.int64]:
    """The rows, and all IPv4 fragments of the capture where one of the rows is a fragment: they may belong together."""
    pieces = []
    for window in windows(capture):
        for name in ("ip.frag_offset", "ip.flags.mf"):
            values = FIELDS[name].extract(window)
            pieces.append(values.packet[values.data != 0].astype(np.int64) + window.first)
    every = np.unique(np.concatenate(pieces)) if pieces else rows[:0]
    return np.union1d(rows, every) if np.isin(rows, every).any() else rows


def _write(capture: Capture, rows: NDArray[np.int64], path: Path) -> Excerpt:
    packets = capture.packets
    interfaces: dict[int, int] = {}
    written: list[int] = []
    comments = capture.comments
    with PcapngWriter(path) as writer:
        for secret in capture.metadata.secrets:
            writer.write_secret(secret.kind, secret.data)
        for row in rows.tolist():
            index = int(packets.interface[row])
            interface = capture.interfaces[index]
            if interface.link_type == NO_LINK:
                continue
            if index not in interfaces:
                interfaces[index] = writer.add_interface(interface)
            writer.write_packet(
                interfaces[index],
                min(max(int(packets.time_ns[row]), 0), _LATEST_NS),
                capture.bytes_at(row, 0, int(packets.captured[row])),
                length=int(packets.length[row]),
                comments=comments.get(row + 1, ()),
            )
            written.append(row + 1)
    numbers = np.array(written, np.int64)
    return Excerpt(path, numbers, len(numbers) == len(packets))
