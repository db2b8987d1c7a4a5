"""The mitmproxy addon that records a session: both legs, every byte as it is on the wire, as it happens.

Embedded by ``inspector proxy``, and usable by itself::

    mitmdump -s rules.py -s addons/recorder.py --set inspector_record=session.pcapng

Rules stand before it, so that it sees what they did.
"""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable, Sequence
from typing import Any

from mitmproxy import connection, ctx, exceptions, http, tcp
from mitmproxy import flow as any_flow
from mitmproxy.net import tls

from addons.first_look import FirstLook
from addons.http1_cures import cure_http1, leave_http1
from addons.limits import Limits, Phase
from addons.notes import leg_of, make_note
from addons.observers import SessionObserver
from addons.rebuilt import Rebuilt
from addons.session_file import CLIENT_LEG, MOST_MTU, SERVER_LEG, SessionFile
from addons.tap import remove_tap, set_tap
from addons.wanted import Wanted
from addons.wire_tap import Ending, close_rest, tap
from inspector.model.proxy_note import NoteKind

__all__ = ["Recorder"]

_logger = logging.getLogger(__name__)

_LEAST_MTU = 576
"""What every host must accept of IPv4 (RFC 1122 section 3.3.2)."""
_HELD_S = 0.05
"""A rule that takes longer than this to look at a message has held it: people notice it, and keepalives may."""
_BY_PROXY = "the proxy ended it; what the peer did afterwards was not read"


class Recorder:
    """Records to one pcapng.

    Args:
        path: File to write; None: the option ``inspector_record`` names it.
        trim: Keep only the last message of each socket in mitmproxy's memory. Not where mitmproxy's own views and
            savers are to show all of them.
        wanted: Filter (mitmproxy's syntax): only what matches is recorded (``addons.wanted``).
        mtu: Longest packet in bytes; by default bytes that came together are one packet.
        faithful: WebSockets pass as bytes that mitmproxy does not look into.
        limits: Bounds on what mitmproxy keeps in memory.
        observers: Who else follows the session.

    Raises:
        ValueError: If the filter is not one.
    """

    name = "inspector_recorder"

    def __init__(
        self,
        path: str | os.PathLike[str] | None = None,
        *,
        trim: bool = False,
        wanted: str | None = None,
        mtu: int = MOST_MTU,
        faithful: bool = False,
        limits: Limits | None = None,
        observers: Sequence[SessionObserver] = (),
    ) -> None:
        self._path = path
        self._trim = trim
        self._wanted = Wanted(wanted) if wanted else None
        self._mtu = mtu
        self._faithful = faithful
        self._limits = limits
        self._observers = list(observers)
        self._legs: dict[str, connection.Connection] = {}
        self._partners: dict[str, connection.Connection] = {}
        self._comments: dict[str, str] = {}
        self._raw: set[str] = set()
        self._phases: dict[str, Phase] = {}
        self._rebuilt = Rebuilt()
        self._said = False
        self._key_log: Callable[..., None] | None = None
        self._first_look = FirstLook()
        self.file: SessionFile | None = None
        self.failure: OSError | None = None

    # --- mitmproxy's life -----------------------------------------------------------------------------------------

    def load(self, loader: Any) -> None:
        """Start at once when the file is known, else declare the options."""
        # The recorder itself sees the bytes below TLS; who follows the session wants them without.
        set_tap(self if self._observers else None)
        cure_http1()
        self._key_log, tls.log_master_secret = tls.log_master_secret, self._secret
        if self._path is None:
            loader.add_option("inspector_record", str, "", "File (pcapng) to record the session to.")
            loader.add_option("inspector_filter", str, "", "Record what matches.")
            loader.add_option("inspector_mtu", int, MOST_MTU, "Longest recorded packet in bytes.")
            loader.add_option("inspector_faithful", bool, False, "Pass WebSockets as bytes.")
        else:
            self._open(self._path)

    def configure(self, updated: set[str]) -> None:
        """Take over what the options say."""
        if self._path is not None:
            return
        if "inspector_filter" in updated:
            try:
                self._wanted = Wanted(ctx.options.inspector_filter) if ctx.options.inspector_filter else None
            except ValueError as error:
                raise exceptions.OptionsError(str(error)) from error
        if "inspector_mtu" in updated:
            self._mtu = ctx.options.inspector_mtu
            if not _LEAST_MTU <= self._mtu <= MOST_MTU:
                raise exceptions.OptionsError(f"inspector_mtu is from {_LEAST_MTU} to {MOST_MTU}")
        if "inspector_faithful" in updated:
            self._faithful = ctx.options.inspector_faithful
        if "inspector_record" in updated:
            self._close()
            if ctx.options.inspector_record:
                try:
                    self._open(ctx.options.inspector_record)
                except OSError as error:
                    raise exceptions.OptionsError(f"{ctx.options.inspector_record}: {error.strerror}") from error

    def running(self) -> None:
        """Look at messages before all others, too."""
        if self._first_look not in ctx.master.addons.chain:
            ctx.master.addons.chain.insert(0, self._first_look)

    def done(self) -> None:
        """Leave mitmproxy as it was."""
        if self._first_look in ctx.master.addons.chain:
            ctx.master.addons.chain.remove(self._first_look)
        remove_tap(self if self._observers else None)
        leave_http1()
        tls.log_master_secret = self._key_log
        self._close()

    # --- connections ----------------------------------------------------------------------------------------------

    def client_connected(self, client: connection.Client) -> None:
        """A connection of a client begins: from here on its bytes are seen."""
        handler = _handler(client)
        if handler is not None and tap(handler, self) and client.transport_protocol == "tcp":
            began = _ns(client.timestamp_start)
            self._begin(client, CLIENT_LEG, client.peername[:2], client.sockname[:2], (began, began))
            return
        if not self._said:
            self._said = True
            _logger.warning("bytes cannot be seen here (HTTP/3, or an unknown mitmproxy): HTTP is recorded anew")
        self._do(self._rebuilt.client_connected, client, self._wanted is not None)

    def client_disconnected(self, client: connection.Client) -> None:
        """A connection of a client has ended, and all that were made for it."""
        self._end(client)
        close_rest(_handler(client), client)

    def server_connected(self, data: Any) -> None:
        """A connection to a server begins, which nobody taps."""
        server: connection.Server = data.server
        if data.client.id not in self._legs and server.id not in self._legs:
            self._do(self._rebuilt.server_connected, server, data.client, self._wanted is not None)

    def server_disconnected(self, data: Any) -> None:
        """A connection to a server has ended."""
        self._end(data.server)
        close_rest(_handler(data.client), data.server)

    def server_connect_error(self, data: Any) -> None:
        """A server cannot be reached."""
        self._note(NoteKind.ERROR, data.client, None, f"no connection to the server: {data.server.error}")

    def tls_failed_client(self, data: Any) -> None:
        """The client and the proxy do not agree on TLS."""
        self._note(NoteKind.ERROR, data.conn, None, f"TLS failed: {data.conn.error}")

    tls_failed_server = tls_failed_client

    def opened(self, server: connection.Server, client: connection.Client) -> None:
        """From the tap: a connection to a server was established."""
        if server.transport_protocol != "tcp" or not (server.sockname and server.peername and server.timestamp_start):
            return
        times = _ns(server.timestamp_start), _ns(server.timestamp_tcp_setup or server.timestamp_start)
        self._partners[server.id] = client
        self._begin(server, SERVER_LEG, server.sockname[:2], server.peername[:2], times)
        self._note(NoteKind.OPENED, server, None, "opened for the connection of the client leg")

    def _begin(
        self,
        conn: connection.Connection,
        leg: int,
        opener: tuple[str, int],
        other: tuple[str, int],
        times_ns: tuple[int, int],
    ) -> None:
        self._legs[conn.id] = conn
        partner = self._partners.get(conn.id)
        self._do(
            lambda file: file.connect(
                conn.id, leg, opener, other, times_ns, hold=self._wanted is not None, partner=partner and partner.id
            )
        )
        self._tell("opened", leg, conn.id, opener, other, times_ns[0])

    def _end(self, conn: connection.Connection) -> None:
        leg, partner = self._legs.pop(conn.id, None), self._partners.pop(conn.id, None)
        if self._wanted is not None:
            self._do(self._wanted.ended, self.file, conn, partner)
        self._comments.pop(conn.id, None)
        self._raw.discard(conn.id)
        self._phases.pop(conn.id, None)
        if self._limits is not None:
            self._limits.forget(conn)
        now = time.time_ns()
        if leg is None:
            self._do(self._rebuilt.disconnected, conn)
            return
        of_client = isinstance(conn, connection.Client)
        self._do(lambda file: file.finish(conn.id, not of_client, now))
        self._do(lambda file: file.finish(conn.id, of_client, now, _BY_PROXY))
        self._do(lambda file: file.forget(conn.id))
        self._tell("closed", leg_of(conn), conn.id, now)

    # --- bytes on the wire, from the tap --------------------------------------------------------------------------

    def received(self, conn: connection.Connection, data: bytes) -> None:
        """Bytes came from the peer."""
        if self.file is not None and conn.id in self._legs:
            try:
                self.file.data(conn.id, isinstance(conn, connection.Client), time.time_ns(), data)
            except OSError as error:
                self._fail(error)

    def sent(self, conn: connection.Connection, data: bytes) -> None:
        """Bytes are about to be sent to the peer."""
        if self.file is not None and conn.id in self._legs:
            comment = self._comments.pop(conn.id, None) if self._comments else None
            try:
                self.file.data(conn.id, not isinstance(conn, connection.Client), time.time_ns(), data, comment)
            except OSError as error:
                self._fail(error)

    def ended(self, conn: connection.Connection, how: str) -> None:
        """One side of a connection has ended."""
        if conn.id not in self._legs:
            return
        of_client, now = isinstance(conn, connection.Client), time.time_ns()
        if how == Ending.RESET:
            self._do(lambda file: file.reset(conn.id, of_client, now))
        else:
            by_peer = how == Ending.CLOSED
            self._do(lambda file: file.finish(conn.id, of_client == by_peer, now))

    def buffered(self, handler: Any, conn: connection.Connection, size: int) -> None:
        """Bytes came that mitmproxy only keeps, or 0: it keeps them no longer."""
        if self._limits is not None:
            default = Phase.BODY if conn.alpn == b"h2" else Phase.HEAD
            why = self._limits.buffered(handler, conn, size, self._phases.get(conn.id, default))
            if why is not None:
                self._note(NoteKind.ERROR, conn, None, why)

    # --- HTTP -----------------------------------------------------------------------------------------------------

    def requestheaders(self, flow: http.HTTPFlow) -> None:
        """A request begins."""
        self._phases[flow.client_conn.id] = Phase.BODY
        if self._wanted is not None:
            self._do(self._wanted.begins, self.file, flow)

    def http_connect(self, flow: http.HTTPFlow) -> None:
        """A client wants a tunnel, or the proxy does: what passes inside belongs to it."""
        for conn in (flow.client_conn, flow.server_conn):
            self._do(lambda file, conn=conn: file.whole(conn.id))

    http_connect_upstream = http_connect

    def request(self, flow: http.HTTPFlow) -> None:
        """A request came from the client, and all other addons have seen it."""
        self._match(flow, complete=False)
        parts = self._first_look.changed(flow, "request")
        if flow.response is not None:
            text = f"a rule answered {_name(flow)} with {flow.response.status_code}; the server was not asked"
            self._note(NoteKind.INJECTED, flow.client_conn, False, text, on_next=True)
        elif parts:
            text = f"the proxy or a rule changed the {' and '.join(parts)} of {_name(flow)}"
            self._note(NoteKind.CHANGED, flow.client_conn, True, text)
        self._do(self._rebuilt.request, flow)
        self._tell("flow", "request", flow, time.time_ns())

    def responseheaders(self, flow: http.HTTPFlow) -> None:
        """An answer begins."""
        self._match(flow, complete=False)
        self._phases[flow.server_conn.id] = Phase.BODY
        if flow.response is not None and flow.response.headers.get("content-type", "").startswith("text/event-stream"):
            # Otherwise mitmproxy would keep the events until the stream ends, which it may never do.
            flow.response.stream = flow.response.stream or True
        self._do(self._rebuilt.responseheaders, flow)

    def response(self, flow: http.HTTPFlow) -> None:
        """An answer is complete, and all other addons have seen it."""
        self._match(flow)
        parts = self._first_look.changed(flow, "response")
        if parts:
            text = f"the proxy or a rule changed the {' and '.join(parts)} of the answer to {_name(flow)}"
            self._note(NoteKind.CHANGED, flow.client_conn, False, text, on_next=True)
        self._do(self._rebuilt.response, flow)
        self._over(flow)
        self._tell("flow", "response", flow, time.time_ns())
        if self._faithful and flow.websocket is not None:
            flow.websocket = None  # mitmproxy then passes bytes
            if self._observers:
                self._raw |= {flow.client_conn.id, flow.server_conn.id}

    def error(self, flow: http.HTTPFlow) -> None:
        """There will be no answer, or no more of it."""
        self._match(flow)
        if flow.error is not None:
            self._note(
                NoteKind.ERROR, flow.client_conn, None, f"{_name(flow)}: {flow.error.msg}", on_next=True, tell=False
            )
        self._do(self._rebuilt.settle, flow)
        self._over(flow)
        self._tell("flow", "error", flow, time.time_ns())

    def _over(self, flow: http.HTTPFlow) -> None:
        """The next thing on both connections is a head, or a WebSocket."""
        for conn in (flow.client_conn, flow.server_conn):
            if flow.response is not None and flow.response.status_code == 101:
                self._phases[conn.id] = Phase.MESSAGE
            else:
                self._phases.pop(conn.id, None)
        if self._wanted is not None:
            self._do(self._wanted.over, self.file, flow)

    # --- WebSockets -----------------------------------------------------------------------------------------------

    def websocket_start(self, flow: http.HTTPFlow) -> None:
        """A WebSocket begins."""
        self._match(flow)
        self._tell("flow", "websocket_start", flow, time.time_ns())

    def websocket_message(self, flow: http.HTTPFlow) -> None:
        """A message came, and all other addons have seen it: note what they did, and keep memory flat."""
        assert flow.websocket is not None  # mitmproxy's promise
        if self._wanted is not None:
            self._match(flow)
        messages = flow.websocket.messages
        message = messages[-1]
        before = self._first_look.message_before(flow)
        source, target = flow.client_conn, flow.server_conn
        if not message.from_client:
            source, target = target, source
        if message.injected:
            self._note(NoteKind.INJECTED, target, message.from_client, "this message was injected", on_next=True)
        if before is not None and not message.dropped and before[0] != message.content:
            text = f"a rule changed this message: {len(before[0])} bytes came, {len(message.content)} go on"
            self._note(NoteKind.CHANGED, target, message.from_client, text, on_next=True)
        if before is not None and time.monotonic() - before[1] > _HELD_S:
            text = f"a rule held this message for {time.monotonic() - before[1]:.3f} s"
            self._note(NoteKind.HELD, target, message.from_client, text, on_next=not message.dropped)
        elif flow.intercepted:
            self._note(NoteKind.HELD, target, message.from_client, "this message was intercepted", on_next=True)
        if message.dropped:
            text = f"the message that ended here ({len(message.content)} bytes) was dropped"
            self._note(NoteKind.DROPPED, source, message.from_client, text)
            self._do(lambda file: file.remark(source.id, message.from_client, time.time_ns(), text))
        self._do(self._rebuilt.message, flow)
        self._tell("flow", "websocket_message", flow, time.time_ns())
        if self._trim:
            # mitmproxy's own addons look at the last one after us.
            del messages[:-1]

    def websocket_end(self, flow: http.HTTPFlow) -> None:
        """A WebSocket has ended."""
        assert flow.websocket is not None  # mitmproxy's promise
        conn = flow.client_conn if flow.websocket.closed_by_client else flow.server_conn
        who = "client" if flow.websocket.closed_by_client else "server"
        text = f"the {who} ended the WebSocket with code {flow.websocket.close_code}"
        if flow.websocket.close_code == 1006:
            text = f"the {who}'s connection ended without a Close; the proxy tells the other side Close 1000"
        self._note(NoteKind.ENDED, conn, flow.websocket.closed_by_client, text)
        self._tell("flow", "websocket_end", flow, time.time_ns())

    def began(self, conn: connection.Connection) -> None:
        """From the tap of WebSockets."""

    def came(self, conn: connection.Connection, data: bytes) -> None:
        """From the tap of WebSockets: what came from a peer, without TLS."""
        self._tell("websocket", leg_of(conn), conn.id, isinstance(conn, connection.Client), time.time_ns(), data)

    def goes(self, conn: connection.Connection, data: bytes) -> None:
        """From the tap of WebSockets: what goes to a peer, without TLS."""
        self._tell("websocket", leg_of(conn), conn.id, not isinstance(conn, connection.Client), time.time_ns(), data)

    # --- bytes that mitmproxy does not look into ------------------------------------------------------------------

    def tcp_start(self, flow: tcp.TCPFlow) -> None:
        """A connection of bytes begins."""
        self._match(flow)
        self._tell("flow", "tcp_start", flow, time.time_ns())

    def tcp_message(self, flow: tcp.TCPFlow) -> None:
        """Bytes came: keep memory flat."""
        if self._raw and flow.client_conn.id in self._raw:
            message, now = flow.messages[-1], time.time_ns()
            ends = ((CLIENT_LEG, flow.client_conn), (SERVER_LEG, flow.server_conn))
            for leg, conn in ends if message.from_client else reversed(ends):
                self._tell("websocket", leg, conn.id, message.from_client, now, message.content)
        if self._trim:
            del flow.messages[:-1]

    def tcp_end(self, flow: tcp.TCPFlow) -> None:
        """A connection of bytes has ended."""
        self._tell("flow", "tcp_end", flow, time.time_ns())

    # --- what is wanted, what is said -----------------------------------------------------------------------------

    def _match(self, flow: any_flow.Flow, *, complete: bool = True) -> None:
        if self._wanted is not None:
            self._do(self._wanted.look, self.file, flow, complete)

    def _note(
        self,
        kind: NoteKind,
        conn: connection.Connection,
        from_client: bool | None,
        text: str,
        *,
        on_next: bool = False,
        tell: bool = True,
    ) -> None:
        """Write a note; the next packet that goes to this connection's peer says it too, where that is its subject.

        Observers are told unless something else tells them the same.
        """
        note = make_note(kind, conn, self._partners.get(conn.id), from_client, text)
        if on_next and conn.id in self._legs:
            self._comments[conn.id] = f"{kind}: {note.text}"
        self._do(lambda file: file.note(conn.id, note))
        if tell:
            self._tell("note", note)

    def _tell(self, what: str, *arguments: object) -> None:
        for observer in self._observers:
            try:
                getattr(observer, what)(*arguments)
            except Exception:
                _logger.exception("an observer failed")

    # --- the file -------------------------------------------------------------------------------------------------

    def _secret(self, ssl: Any, line: bytes) -> None:
        if self._key_log is not None:
            self._key_log(ssl, line)
        self._do(lambda file: file.secret(line))

    def _do(self, what: Callable[..., object], *arguments: object) -> None:
        """Write, unless nothing is written any more."""
        if self.file is None:
            return
        try:
            what(*(arguments or (self.file,)))
        except OSError as error:
            self._fail(error)

    def _open(self, path: str | os.PathLike[str]) -> None:
        self.file = self._rebuilt.file = SessionFile(path, self._mtu)

    def _fail(self, error: OSError) -> None:
        self.failure = error
        _logger.error("recording has ended, traffic goes on: %s", error.strerror)
        self._close()

    def _close(self) -> None:
        if self.file is not None:
            self.file.close()
            self.file = self._rebuilt.file = None


def _handler(client: connection.Client) -> Any:
    """mitmproxy's handler of a client's connection and of those that were made for it, or None."""
    return getattr(ctx.master.addons.get("proxyserver"), "connections", {}).get(client.id)


def _name(flow: http.HTTPFlow) -> str:
    return f"{flow.request.method} {flow.request.path.partition('?')[0]}"


def _ns(seconds: float) -> int:
    return int(seconds * 1e9)


addons = [Recorder()]
