"""Which exchanges are recorded: those that a filter in mitmproxy's syntax matches.

On a connection of plain HTTP/1.x each exchange is written or left out by itself. Where exchanges cannot be told apart
without breaking what is recorded, a connection is written as a whole, on both legs, once one of them matches: TLS (a record
that is missing makes all after it unreadable), HTTP/2 and HTTP/3 (they share tables of headers), tunnels and SOCKS (what comes
first explains the rest), and the grade ``reconstructed``.
"""

from __future__ import annotations

from mitmproxy import connection, flowfilter, http
from mitmproxy import flow as any_flow
from mitmproxy.proxy import mode_specs

from addons.session_file import SessionFile

__all__ = ["Wanted"]


class Wanted:
    """A filter that decides what of a recording is written.

    Args:
        text: In mitmproxy's syntax.

    Raises:
        ValueError: If it is not a filter.
    """

    def __init__(self, text: str) -> None:
        self._matches = flowfilter.parse(text)
        # "Not" and "has no answer" may be true of an exchange that has begun and not of the whole.
        self._wait = "!" in text or "~q" in text
        self._current: dict[str, http.HTTPFlow] = {}

    def begins(self, file: SessionFile, flow: http.HTTPFlow) -> None:
        """A request begins."""
        file.begins(flow.client_conn.id)
        if self._wait:
            self._current[flow.client_conn.id] = flow

    def look(self, file: SessionFile, flow: any_flow.Flow, complete: bool) -> None:
        """Have what is held of a flow written, and what follows of it, where it matches.

        Args:
            file: What is recorded.
            flow: An exchange, or a stream of bytes.
            complete: Whether its answer is complete; for a WebSocket its handshake's.
        """
        if self._wait and not complete:
            return
        if file.holds(flow.client_conn.id) and self._matches(flow):
            file.keep(flow.client_conn.id)

    def ended(self, file: SessionFile, conn: connection.Connection, client: connection.Connection | None) -> None:
        """A connection has ended, which mitmproxy may tell before an answer that ends with it.

        Args:
            file: What is recorded.
            conn: The connection.
            client: What it was made for, where it is of the server leg.
        """
        flow = self._current.get((client or conn).id)
        if flow is not None and conn in (flow.client_conn, flow.server_conn):
            self.look(file, flow, True)
        self._current.pop(conn.id, None)

    def over(self, file: SessionFile, flow: http.HTTPFlow) -> None:
        """An exchange has been answered: what follows is another one, where exchanges can be told apart."""
        self._current.pop(flow.client_conn.id, None)
        if flow.response is not None and flow.response.status_code == 101:
            return
        legs = [flow.client_conn, flow.server_conn]
        apart = all(map(_plain, legs)) and not isinstance(flow.client_conn.proxy_mode, mode_specs.Socks5Mode)
        for conn in legs:
            (file.over if apart else file.whole)(conn.id)


def _plain(conn: connection.Connection) -> bool:
    return not conn.tls and conn.alpn not in (b"h2", b"h3")
