"""A proxy's recording and real packets captured at the same time: which connections are the same, which packets a frame had.

The recording holds the bytes as they were on the wire, so that both decode to the same frames; connections are joined by
addresses, ports and time.
"""

from __future__ import annotations

import os

import numpy as np

from inspector.analysis.sessions import ConnectionFinder
from inspector.recording.capture import Capture
from inspector.recording.metadata import SecretKind
from inspector.recording.reader import Interface
from inspector.recording.secrets import secrets_inside
from inspector.recording.websockets import Direction, WebSockets, read_websockets
from inspector.recording.writer import PcapngWriter

__all__ = ["Beside", "join_connections", "write_joined"]

_APART_NS = 5 * 10**9
"""Between the first packets of a connection in both files: the clocks are one and the same."""


def join_connections(recording: Capture, packets: Capture) -> dict[int, int]:
    """Connections of the recording and what they are among the packets; those without twin are left out."""
    finder = ConnectionFinder(packets)
    found: dict[int, int] = {}
    for row in recording.connections:
        client, server = row.client, row.server
        ends = (client.address, client.port), (server.address, server.port)
        number = finder.find(*ends, row.start_ns + _APART_NS)
        if number is not None and abs(packets.connections[number].start_ns - row.start_ns) <= _APART_NS:
            found[row.number] = number
    return found


class Beside:
    """Leads from frames of a recording to the real packets.

    Args:
        websockets: Of the recording.
        packets: The real ones; keys of TLS are taken from the recording, too.
    """

    def __init__(self, websockets: WebSockets, packets: Capture) -> None:
        recording = websockets.capture
        self.connections = join_connections(recording, packets)
        keys = secrets_inside(recording)
        self._real = read_websockets(packets, only=sorted(set(self.connections.values())), keys=keys)
        self._recorded = websockets
        twins = {(socket.connection, socket.stream): socket for socket in self._real.connections}
        self._directions: dict[int, tuple[Direction, Direction]] = {}
        for index, direction in enumerate(websockets.directions):
            ours = websockets.connections[index // 2]
            socket = twins.get((self.connections.get(ours.connection, -1), ours.stream))
            if socket is not None:
                twin = socket.client if direction.is_client else socket.server
                self._directions[index] = (direction, twin)

    def packets_of(self, frame: int) -> list[int]:
        """Numbers of the real packets that brought a frame (a row of the recording's frames); empty when not known."""
        pair = self._directions.get(int(self._recorded.frames.direction[frame]))
        if pair is None:
            return []
        ours, theirs = pair
        row = theirs.frames.start + frame - ours.frames.start
        mine, real = self._recorded.frames, self._real.frames
        if row >= theirs.frames.stop or mine.length[frame] != real.length[row] or mine.start[frame] != real.start[row]:
            return []
        return self._real.packets(int(real.direction[row]), int(real.start[row]), int(real.end[row]))


def write_joined(recording: Capture, packets: Capture, path: str | os.PathLike[str]) -> tuple[int, int]:
    """Write the packets of the recording's connections only, with the keys of TLS, readable by their owner.

    Args:
        recording: Of the proxy.
        packets: All that was captured meanwhile.
        path: File to write.

    Returns:
        How many connections were found among the packets, and how many packets were written.

    Raises:
        OSError: If it cannot be written.
    """
    joined = join_connections(recording, packets)
    flows = packets.connections.flow[sorted(set(joined.values()))] if joined else np.zeros(0, np.int64)
    rows = np.unique(packets.segments.packet[np.isin(packets.segments.flow, flows)])
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb", buffering=1 << 20) as file:
        writer = PcapngWriter(file, application="Inspector")
        for interface in packets.interfaces:
            writer.add_interface(
                Interface(
                    link_type=interface.link_type,
                    snaplen=interface.snaplen,
                    name=interface.name,
                    filter=interface.filter,
                )
            )
        lines = [secret.data for secret in recording.metadata.secrets if secret.kind == SecretKind.TLS_KEY_LOG]
        if lines:
            writer.write_secret(SecretKind.TLS_KEY_LOG, b"".join(lines))
        data, table = memoryview(packets.source.data), packets.packets
        columns = (table.position, table.captured, table.length, table.interface, table.time_ns)
        for at, size, length, number, time_ns in zip(*(column[rows].tolist() for column in columns), strict=True):
            writer.write_packet(number, time_ns, bytes(data[at : at + size]), length=length)
    return len(joined), len(rows)
