"""The mitmproxy addon that records a session: both legs, every byte of each WebSocket, as it happens.

Embedded by ``inspector proxy``, and usable by itself::

    mitmdump -s addons/recorder.py --set inspector_record=session.pcapng
"""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable
from typing import Any

from mitmproxy import connection, ctx, exceptions, http
from mitmproxy.net import tls

from addons.http_bytes import request_bytes, response_bytes
from addons.session_file import CLIENT_LEG, SERVER_LEG, SessionFile
from addons.tap import remove_tap, set_tap

__all__ = ["Recorder"]

_logger = logging.getLogger(__name__)

_RECONSTRUCTED = "reconstructed: written anew from the HTTP message that mitmproxy parsed"
_STREAMED = "; its body was streamed and not kept"
_ENDED = "tapped: the peer ended the connection; whether with FIN or RST is not known"


class Recorder:
    """Records to one pcapng.

    Args:
        path: File to write; None: the option ``inspector_record`` names it.
        trim: Keep only the last message of each WebSocket in mitmproxy's memory. Not where mitmproxy's own views and
            savers are to show all of them.
    """

    name = "inspector_recorder"

    def __init__(self, path: str | os.PathLike[str] | None = None, *, trim: bool = False) -> None:
        self._path = path
        self._trim = trim
        self._can_tap = False
        self._tapped: set[str] = set()
        self._awaiting: set[str] = set()
        self._ended: set[str] = set()
        self._key_log: Callable[..., None] | None = None
        self.file: SessionFile | None = None
        self.failure: OSError | None = None

    # --- mitmproxy's life -----------------------------------------------------------------------------------------

    def load(self, loader: Any) -> None:
        """Start at once when the file is known, else declare the option."""
        self._can_tap = set_tap(self)
        if not self._can_tap:
            _logger.warning(
                "this mitmproxy has no place to see the bytes of WebSockets: their messages are recorded anew, "
                "without frames, pings and compression"
            )
        self._key_log, tls.log_master_secret = tls.log_master_secret, self._secret
        if self._path is None:
            loader.add_option("inspector_record", str, "", "File (pcapng) to record the session to.")
        else:
            self.file = SessionFile(self._path)

    def configure(self, updated: set[str]) -> None:
        """Open the file that the option names."""
        if self._path is not None or "inspector_record" not in updated:
            return
        self._close()
        if ctx.options.inspector_record:
            try:
                self.file = SessionFile(ctx.options.inspector_record)
            except OSError as error:
                raise exceptions.OptionsError(f"{ctx.options.inspector_record}: {error.strerror}") from error

    def done(self) -> None:
        """Leave mitmproxy as it was."""
        remove_tap(self)
        tls.log_master_secret = self._key_log
        self._close()

    # --- connections ----------------------------------------------------------------------------------------------

    def client_connected(self, client: connection.Client) -> None:
        """The client leg begins."""
        began = _ns(client.timestamp_start)
        self._do("connect", client.id, CLIENT_LEG, client.peername[:2], client.sockname[:2], (began, began))

    def client_disconnected(self, client: connection.Client) -> None:
        """The client leg ends; who ended it first is known when it was seen."""
        self._end(client.id, first_is_client=False)

    def server_connected(self, data: Any) -> None:
        """The server leg begins."""
        server: connection.Server = data.server
        if server.sockname and server.peername and server.timestamp_start:
            times = _ns(server.timestamp_start), _ns(server.timestamp_tcp_setup or server.timestamp_start)
            self._do("connect", server.id, SERVER_LEG, server.sockname[:2], server.peername[:2], times)

    def server_disconnected(self, data: Any) -> None:
        """The server leg ends: before mitmproxy tells its last answer where the server closes after it."""
        if data.server.id in self._awaiting:
            self._ended.add(data.server.id)
        else:
            # Of a WebSocket the proxy ends it, unless the tap saw the peer do so.
            self._end(data.server.id, first_is_client=data.server.id in self._tapped)

    def _end(self, key: str, *, first_is_client: bool) -> None:
        self._tapped.discard(key)
        now = time.time_ns()
        for from_client in (first_is_client, not first_is_client):
            self._do("finish", key, from_client, now)
        self._do("forget", key)

    # --- HTTP -----------------------------------------------------------------------------------------------------

    def request(self, flow: http.HTTPFlow) -> None:
        """A request came from the client."""
        if not _multiplexed(flow.client_conn):
            self._request(flow, flow.client_conn, _ns(flow.request.timestamp_start))

    def responseheaders(self, flow: http.HTTPFlow) -> None:
        """The request has gone to the server: the answer begins."""
        self._awaiting.add(flow.server_conn.id)
        if not _multiplexed(flow.server_conn):
            self._request_to_server(flow)

    def response(self, flow: http.HTTPFlow) -> None:
        """The answer is complete, as it goes to the client."""
        assert flow.response is not None  # mitmproxy's promise
        if _multiplexed(flow.client_conn):
            self._request(flow, flow.client_conn, _ns(flow.request.timestamp_start))
        if _multiplexed(flow.server_conn):
            self._request_to_server(flow)
        data, missing = response_bytes(flow.response)
        comment = _RECONSTRUCTED + (_STREAMED if flow.response.raw_content is None else "")
        came = _ns(flow.response.timestamp_start or time.time())
        for conn, time_ns in ((flow.server_conn, came), (flow.client_conn, time.time_ns())):
            self._do("data", conn.id, False, time_ns, data, comment)
            self._do("skip", conn.id, False, missing)

        self._settle(flow)

    def error(self, flow: http.HTTPFlow) -> None:
        """There will be no answer, or no more of it."""
        self._settle(flow)

    def _settle(self, flow: http.HTTPFlow) -> None:
        key = flow.server_conn.id
        self._awaiting.discard(key)
        if key in self._ended:
            self._ended.discard(key)
            self._end(key, first_is_client=False)

    def _request_to_server(self, flow: http.HTTPFlow) -> None:
        sent = _ns(flow.request.timestamp_end or flow.request.timestamp_start)
        self._request(flow, flow.server_conn, sent)

    def _request(self, flow: http.HTTPFlow, conn: connection.Connection, time_ns: int) -> None:
        data, missing = request_bytes(flow.request)
        comment = _RECONSTRUCTED + (_STREAMED if flow.request.raw_content is None else "")
        self._do("data", conn.id, True, time_ns, data, comment)
        self._do("skip", conn.id, True, missing)

    # --- WebSockets -----------------------------------------------------------------------------------------------

    def began(self, conn: connection.Connection) -> None:
        """From the tap: a WebSocket begins on this leg."""
        self._tapped.add(conn.id)

    def received(self, conn: connection.Connection, data: bytes | None) -> None:
        """From the tap: bytes came from the peer, or it ended."""
        from_client = isinstance(conn, connection.Client)
        if data is None:
            self._do("finish", conn.id, from_client, time.time_ns(), _ENDED)
        else:
            self._do("data", conn.id, from_client, time.time_ns(), data)

    def sent(self, conn: connection.Connection, data: bytes) -> None:
        """From the tap: bytes are about to go to the peer."""
        self._do("data", conn.id, not isinstance(conn, connection.Client), time.time_ns(), data)

    def websocket_start(self, flow: http.HTTPFlow) -> None:
        """Say aloud when a WebSocket is not seen by the tap."""
        if self._can_tap and flow.client_conn.id not in self._tapped:
            _logger.warning(
                "the bytes of the WebSocket %s cannot be seen: another addon replaced mitmproxy's class; its messages "
                "are recorded anew, without frames, pings and compression",
                flow.request.path,
            )

    def websocket_message(self, flow: http.HTTPFlow) -> None:
        """Record a message where its bytes were not seen; keep memory flat."""
        assert flow.websocket is not None  # mitmproxy's promise
        messages = flow.websocket.messages
        message = messages[-1]
        if flow.client_conn.id not in self._tapped and not message.dropped:
            time_ns = _ns(message.timestamp)
            data = _frame(int(message.type), message.content, masked=message.from_client)
            comment = "reconstructed: one frame made from a message"
            for conn in (flow.client_conn, flow.server_conn):
                self._do("data", conn.id, message.from_client, time_ns, data, comment)
        if self._trim:
            # mitmproxy's own addons look at the last one after us.
            del messages[:-1]

    # --- the file -------------------------------------------------------------------------------------------------

    def _secret(self, ssl: Any, line: bytes) -> None:
        if self._key_log is not None:
            self._key_log(ssl, line)
        self._do("secret", line)

    def _do(self, what: str, *arguments: object) -> None:
        if self.file is None:
            return
        try:
            getattr(self.file, what)(*arguments)
        except OSError as error:
            self.failure = error
            _logger.error("recording has ended, traffic goes on: %s", error.strerror)
            self._close()

    def _close(self) -> None:
        if self.file is not None:
            self.file.close()
            self.file = None


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


addons = [Recorder()]
