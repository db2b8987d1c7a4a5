"""Connections whose bytes cannot be had (HTTP/3, an unknown mitmproxy): written anew from what mitmproxy parsed.

Their interfaces have the grade ``reconstructed``.
"""

from __future__ import annotations

import time

from mitmproxy import connection, http

from addons.http_bytes import request_bytes, response_bytes
from addons.session_file import CLIENT_LEG, SERVER_LEG, SessionFile
from inspector.model.grade import Grade

__all__ = ["Rebuilt"]

_STREAMED = "its body was streamed and not kept"


class Rebuilt:
    """Writes exchanges and WebSocket messages of connections that nobody taps."""

    def __init__(self) -> None:
        self._known: set[str] = set()
        self._awaiting: set[str] = set()
        self._ended: set[str] = set()
        self.file: SessionFile | None = None

    def client_connected(self, client: connection.Client, hold: bool) -> None:
        """A connection of a client begins."""
        began = _ns(client.timestamp_start)
        self._connect(client, CLIENT_LEG, client.peername, client.sockname, (began, began), hold)

    def server_connected(self, server: connection.Server, client: connection.Client, hold: bool) -> None:
        """A connection to a server begins, made for one of a client."""
        if server.sockname and server.peername and server.timestamp_start:
            times = _ns(server.timestamp_start), _ns(server.timestamp_tcp_setup or server.timestamp_start)
            self._connect(server, SERVER_LEG, server.sockname, server.peername, times, hold, client.id)

    def disconnected(self, conn: connection.Connection) -> None:
        """A connection ends: perhaps before mitmproxy tells its last answer, where the server closes after it."""
        if conn.id in self._awaiting:
            self._ended.add(conn.id)
        elif conn.id in self._known:
            self._known.discard(conn.id)
            assert self.file is not None  # where it is known
            for from_client in (False, True):
                self.file.finish(conn.id, from_client, time.time_ns())
            self.file.forget(conn.id)

    def request(self, flow: http.HTTPFlow) -> None:
        """A request came from the client."""
        if not _multiplexed(flow.client_conn):
            self._request(flow, flow.client_conn, _ns(flow.request.timestamp_start))

    def responseheaders(self, flow: http.HTTPFlow) -> None:
        """The request has gone to the server: the answer begins."""
        if flow.server_conn.id in self._known:
            self._awaiting.add(flow.server_conn.id)
        if not _multiplexed(flow.server_conn):
            self._request(flow, flow.server_conn, _ns(flow.request.timestamp_end or flow.request.timestamp_start))

    def response(self, flow: http.HTTPFlow) -> None:
        """The answer is complete, as it goes to the client."""
        legs = [conn for conn in (flow.server_conn, flow.client_conn) if conn.id in self._known]
        for conn in legs:
            if _multiplexed(conn):
                self._request(flow, conn, _ns(flow.request.timestamp_start))
        if legs and flow.response is not None and self.file is not None:
            data, missing = response_bytes(flow.response)
            came = _ns(flow.response.timestamp_start or time.time())
            for conn in legs:
                time_ns = came if conn is flow.server_conn else time.time_ns()
                self.file.data(conn.id, False, time_ns, data, _streamed(flow.response))
                self.file.skip(conn.id, False, missing)
        self.settle(flow)

    def settle(self, flow: http.HTTPFlow) -> None:
        """There will be no answer, or no more of it."""
        self._awaiting.discard(flow.server_conn.id)
        if flow.server_conn.id in self._ended:
            self._ended.discard(flow.server_conn.id)
            self.disconnected(flow.server_conn)

    def message(self, flow: http.HTTPFlow) -> None:
        """A message of a WebSocket came."""
        assert flow.websocket is not None  # mitmproxy's promise
        message = flow.websocket.messages[-1]
        for conn in (flow.client_conn, flow.server_conn):
            if conn.id in self._known and self.file is not None and not message.dropped:
                data = _frame(int(message.type), message.content, masked=message.from_client)
                self.file.data(conn.id, message.from_client, _ns(message.timestamp), data)

    def _connect(
        self,
        conn: connection.Connection,
        leg: int,
        opener: tuple[str, int],
        other: tuple[str, int],
        times_ns: tuple[int, int],
        hold: bool,
        partner: str | None = None,
    ) -> None:
        if self.file is not None:
            self._known.add(conn.id)
            ends = opener[:2], other[:2]
            self.file.connect(conn.id, leg, *ends, times_ns, grade=Grade.RECONSTRUCTED, hold=hold, partner=partner)

    def _request(self, flow: http.HTTPFlow, conn: connection.Connection, time_ns: int) -> None:
        if conn.id in self._known and self.file is not None:
            data, missing = request_bytes(flow.request)
            self.file.data(conn.id, True, time_ns, data, _streamed(flow.request))
            self.file.skip(conn.id, True, missing)


def _streamed(message: http.Message) -> str | None:
    return _STREAMED if message.raw_content is None else None


def _multiplexed(conn: connection.Connection) -> bool:
    """Whether exchanges overlap on it: each is then written as a whole, since HTTP/1.1 pairs them by their order."""
    return conn.alpn in (b"h2", b"h3")


def _ns(seconds: float) -> int:
    return int(seconds * 1e9)


def _frame(opcode: int, payload: bytes, *, masked: bool) -> bytes:
    """A whole message in one frame (RFC 6455 section 5.2); the masking key of zeros leaves it readable."""
    bit = 0x80 if masked else 0
    if len(payload) < 126:
        length = bytes((bit | len(payload),))
    elif len(payload) < 1 << 16:
        length = bytes((bit | 126,)) + len(payload).to_bytes(2, "big")
    else:
        length = bytes((bit | 127,)) + len(payload).to_bytes(8, "big")
    return bytes((0x80 | opcode,)) + length + (bytes(4) if masked else b"") + payload
