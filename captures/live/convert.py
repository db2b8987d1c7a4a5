"""A classic pcap that tcpdump wrote, as the pcapng that was asked for."""

from __future__ import annotations

from pathlib import Path
from struct import Struct

from captures.live.programs import CaptureRequest, Drops
from inspector.recording.metadata import Statistics
from inspector.recording.reader import Interface
from inspector.recording.writer import PcapngWriter

__all__ = ["to_pcapng"]

_NANOSECONDS = 0xA1B23C4D
_HEAD = Struct("=IHHiIII")
_RECORD = Struct("=IIII")


def to_pcapng(source: Path, target: Path, request: CaptureRequest, application: str, drops: Drops) -> None:
    """Copy every whole packet; the file is in this machine's byte order, since this machine just wrote it."""
    with source.open("rb") as file, PcapngWriter(target, application=application) as writer:
        head = file.read(_HEAD.size)
        if len(head) < _HEAD.size:
            return
        magic, _major, _minor, _zone, _sigfigs, snaplen, link_type = _HEAD.unpack(head)
        unit = 1 if magic == _NANOSECONDS else 1000
        interface = writer.add_interface(
            Interface(link_type=link_type, snaplen=snaplen, name=request.interface, filter=request.filter or None)
        )
        last = 0
        while len(record := file.read(_RECORD.size)) == _RECORD.size:
            seconds, fraction, captured, length = _RECORD.unpack(record)
            data = file.read(captured)
            if len(data) < captured:
                break
            last = seconds * 10**9 + fraction * unit
            writer.write_packet(interface, last, data, length=length)
        writer.write_statistics(
            interface, last, Statistics(accepted=drops.received, dropped_by_os=drops.kernel, dropped=drops.interface)
        )
