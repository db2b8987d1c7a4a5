"""WebSocket frames out of one direction's bytes (RFC 6455)."""

from __future__ import annotations

from inspector.model.anomaly import Anomaly
from inspector.model.websocket import OPCODES, Frame
from inspector.refs import Ref

__all__ = ["WebSocketDecoder"]


class WebSocketDecoder:
    """Reads frames from one direction.

    Args:
        is_client: The bytes come from the client, so they must be masked.
        position: Position in the stream of the first byte that will be fed.
    """

    def __init__(self, is_client: bool, position: int) -> None:
        self.frames: list[Frame] = []
        self.position = position
        self._is_client = is_client
        self._rest = b""

    def feed(self, data: bytes) -> None:
        """Take the next bytes of the stream."""
        self._rest += data
        while self._read_frame():
            pass

    def _read_frame(self) -> bool:
        data = self._rest
        if len(data) < 2:
            return False
        size = data[1] & 0x7F
        header = {126: 4, 127: 10}.get(size, 2)
        if len(data) < header:
            return False
        if size > 125:
            size = int.from_bytes(data[2:header], "big")
        key = None
        if data[1] & 0x80:
            key = data[header : header + 4]
            header += 4
        if len(data) < header + size:
            return False
        payload = data[header : header + size]
        if key is not None:
            payload = _unmask(payload, key)
        start, self.position = self.position, self.position + header + size
        opcode = data[0] & 0x0F
        frame = Frame(start, self.position, bool(data[0] & 0x80), data[0] >> 4 & 7, opcode, key, payload)
        if (key is not None) != self._is_client:
            code = "ws.unmasked_client_frame" if self._is_client else "ws.masked_server_frame"
            frame.anomalies.append(Anomaly(code, start, start + 2, Ref("RFC 6455", "5.1")))
        if opcode not in OPCODES:
            frame.anomalies.append(Anomaly("ws.reserved_opcode", start, start + 1, Ref("RFC 6455", "5.2"), str(opcode)))
        self.frames.append(frame)
        self._rest = data[header + size :]
        return True


def _unmask(payload: bytes, key: bytes) -> bytes:
    """XOR with the key repeated (RFC 6455 section 5.3), as one long number."""
    size = len(payload)
    repeated = (key * (size // 4 + 1))[:size]
    return (int.from_bytes(payload, "big") ^ int.from_bytes(repeated, "big")).to_bytes(size, "big")
