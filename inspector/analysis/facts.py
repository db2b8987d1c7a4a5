"""What all rules share: the facts of a capture, each worked out when it is first asked for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from inspector.analysis.causes import Cause
from inspector.analysis.deliveries import Room, rooms_of
from inspector.analysis.endings import ending_causes
from inspector.analysis.legs import upstream_legs
from inspector.analysis.processes import process_classes
from inspector.analysis.refusals import refusal_causes
from inspector.analysis.resends import Resends, resends
from inspector.analysis.servers import ServerFacts, server_facts
from inspector.analysis.settings import Settings
from inspector.analysis.sockets import Socket, path_of, sockets_of
from inspector.analysis.stalls import Stall, stalls
from inspector.analysis.tcp_rows import round_trips
from inspector.analysis.trace_events import TraceEvents
from inspector.analysis.trust import TrustCheck, trust
from inspector.analysis.windows import Blocked, blocked_times
from inspector.model.ending import Ending
from inspector.model.endpoint import address_texts, endpoint_text
from inspector.model.http import Framing
from inspector.recording.application import Application, Applications
from inspector.recording.capture import Capture
from inspector.recording.connection import ConnectionTable
from inspector.recording.dns import Lookup, dns_lookups
from inspector.recording.grades import connection_grades
from inspector.recording.http import HttpExchange, http_exchanges
from inspector.recording.http2 import read_http2
from inspector.recording.secrets import secrets_inside
from inspector.recording.tls_connections import TlsSession, tls_sessions
from inspector.recording.websockets import WebSockets, read_websockets
from inspector.wire.http2 import Http2Connection
from inspector.wire.tls import TlsConnection
from inspector.wire.websocket.handshake import Handshake, check_handshake, is_upgrade_request

__all__ = ["Answer", "Facts", "Upgrade"]


@dataclass(frozen=True, slots=True)
class Upgrade:
    """A request for a WebSocket.

    Args:
        connection: Number of its connection.
        item: The exchange, with packets and times.
        handshake: What the request asked for and whether it was granted.
    """

    connection: int
    item: HttpExchange
    handshake: Handshake

    @property
    def status(self) -> int | None:
        """Status of the answer, None when there was none."""
        return self.handshake.response.status if self.handshake.response else None

    @property
    def asked_ns(self) -> int:
        """Time of its first byte."""
        assert self.item.request_ns is not None  # Facts.upgrades has seen to it
        return self.item.request_ns[0]

    @property
    def asked_until_ns(self) -> int:
        """Time of its last byte."""
        assert self.item.request_ns is not None  # Facts.upgrades has seen to it
        return self.item.request_ns[1]

    @property
    def asked_packet(self) -> int:
        """Number of the packet with its first byte."""
        assert self.item.request_packets is not None  # Facts.upgrades has seen to it
        return self.item.request_packets[0]

    @property
    def path(self) -> str:
        """The path that was asked for, without its query, percent-decoded."""
        return path_of(self.handshake.request.target_text)


@dataclass(frozen=True, slots=True)
class Answer:
    """When a request and its answer were seen.

    Args:
        connection: Number of their connection.
        status: Of the answer.
        asked_ns, answered_ns: Times of the request's last byte and of the answer's first byte.
        asked_packet, packet: Numbers of the packets with their first bytes.
    """

    connection: int
    status: int
    asked_ns: int
    answered_ns: int
    asked_packet: int
    packet: int


class Facts:
    """The facts of one capture.

    Args:
        capture: The capture.
        settings: What its servers are set to.
        trace: The server's own account, where there is one.
    """

    def __init__(self, capture: Capture, settings: Settings | None = None, trace: TraceEvents | None = None) -> None:
        self.capture = capture
        self.settings = settings or Settings()
        self.trace = trace

    # --- tables ----------------------------------------------------------------------------------------------------

    @property
    def table(self) -> ConnectionTable:
        """The connections."""
        return self.capture.connections

    @property
    def time_ns(self) -> NDArray[np.int64]:
        """Time of each packet row."""
        return self.capture.packets.time_ns

    @cached_property
    def grades(self) -> NDArray[np.uint8]:
        """The ``Grade`` of each connection."""
        return connection_grades(self.capture)

    @cached_property
    def trust(self) -> dict[str, TrustCheck]:
        """What the capture can hide, by id (``"T1"`` to ``"T8"``)."""
        return {check.id: check for check in trust(self.capture)}

    @cached_property
    def resends(self) -> Resends:
        """Our own verdict on each segment that came again or late."""
        return resends(self.capture)

    @cached_property
    def round_trip_ns(self) -> NDArray[np.int64]:
        """The shortest round trip of each connection, -1 where it cannot be told."""
        return round_trips(self)

    @cached_property
    def blocked(self) -> list[Blocked]:
        """Receivers that closed their windows, by connection."""
        return blocked_times(self)

    # --- what was said ---------------------------------------------------------------------------------------------

    @cached_property
    def _applications(self) -> Applications:
        return Applications(self.capture, secrets_inside(self.capture))

    def application(self, connection: int) -> Application:
        """What the application said on a connection."""
        return self._applications.of(connection)

    @property
    def talking(self) -> list[int]:
        """Numbers of the connections that carry data."""
        return self.capture.talking

    @cached_property
    def _spoken(self) -> tuple[dict[int, TlsConnection], list[HttpExchange]]:
        """TLS connections and HTTP exchanges in one pass over the streams."""
        inside: dict[int, TlsConnection] = {}

        def watched() -> Iterator[int]:
            for number in self.talking:
                tls = self._applications.of(number).tls
                if tls is not None:
                    inside[number] = tls
                yield number

        exchanges = list(http_exchanges(self.capture, watched(), self._applications))
        return inside, exchanges

    @property
    def tls(self) -> dict[int, TlsConnection]:
        """The TLS connections by number."""
        return self._spoken[0]

    @property
    def exchanges(self) -> list[HttpExchange]:
        """Every HTTP exchange, by connection."""
        return self._spoken[1]

    @cached_property
    def tls_sessions(self) -> list[TlsSession]:
        """The TLS connections with their certificates and alerts, tunnelled ones, too."""
        tunnels = {
            e.connection for e in self.exchanges if e.exchange.request and e.exchange.request.method == b"CONNECT"
        }
        return list(tls_sessions(self.capture, sorted(tunnels | set(self.tls))))

    @cached_property
    def answers(self) -> list[Answer]:
        """Every request that was seen to be answered."""
        return [
            Answer(item.connection, response.status or 0, asked[1], answered[0], request[0], packets[0])
            for item in self.exchanges
            if (response := item.exchange.response) is not None
            and (asked := item.request_ns)
            and (answered := item.response_ns)
            and (request := item.request_packets)
            and (packets := item.response_packets)
        ]

    @cached_property
    def _by_status(self) -> dict[int, list[Answer]]:
        found: dict[int, list[Answer]] = {}
        for answer in self.answers:
            found.setdefault(answer.status, []).append(answer)
        return found

    def answered(self, status: int) -> list[Answer]:
        """The requests that were seen to be answered with this status."""
        return self._by_status.get(status, [])

    @cached_property
    def http2(self) -> dict[int, Http2Connection]:
        """The HTTP/2 connections by number."""
        numbers = dict.fromkeys(e.connection for e in self.exchanges if e.stream is not None)
        return {number: read_http2(self._applications.of(number)) for number in numbers}

    @cached_property
    def upgrades(self) -> list[Upgrade]:
        """Every request for a WebSocket over HTTP/1.1, granted or not; in HTTP/2 an Upgrade header asks for nothing."""
        return [
            Upgrade(e.connection, e, check_handshake(request, e.exchange.response))
            for e in self.exchanges
            if (request := e.exchange.request) is not None
            and e.request_packets
            and e.stream is None
            and is_upgrade_request(request)
        ]

    @cached_property
    def connects(self) -> list[HttpExchange]:
        """Every request for a WebSocket over HTTP/2 (RFC 8441), granted or not."""
        return [item for item in self.exchanges if item.protocol == "websocket" and item.request_packets]

    @cached_property
    def websockets(self) -> WebSockets:
        """The WebSocket connections."""
        if "websockets" in self.capture.__dict__:
            return self.capture.websockets
        # What begins with a handshake and stays plain HTTP/1 to its end holds none.
        plain: dict[int, bool] = {}
        for item in self.exchanges:
            response = item.exchange.response
            switched = response is not None and (response.status == 101 or response.framing is Framing.SWITCHED)
            plain[item.connection] = plain.get(item.connection, True) and item.stream is None and not switched
        seen = self.table.syn_packet >= 0
        return read_websockets(self.capture, only=[n for n in self.talking if not (plain.get(n, False) and seen[n])])

    @cached_property
    def sockets(self) -> list[Socket]:
        """The WebSockets as rules look at them."""
        return sockets_of(self)

    @cached_property
    def front_sockets(self) -> list[Socket]:
        """The WebSockets of clients, without those that a proxy in this capture opened for them."""
        return [socket for socket in self.sockets if socket.connection not in self.behind]

    @cached_property
    def socket_of(self) -> dict[int, Socket]:
        """The WebSockets by connection; the first of each."""
        found: dict[int, Socket] = {}
        for socket in self.sockets:
            found.setdefault(socket.connection, socket)
        return found

    @cached_property
    def refusals(self) -> dict[str, list[Cause]]:
        """Why handshakes failed, by number of the failure."""
        found: dict[str, list[Cause]] = {}
        for cause in refusal_causes(self):
            found.setdefault(cause.rule, []).append(cause)
        return found

    @cached_property
    def _all_rooms(self) -> list[Room]:
        return rooms_of(self)

    @property
    def rooms(self) -> list[Room]:
        """Addresses with several WebSockets, and what was said there; without those too large to be compared."""
        return [room for room in self._all_rooms if room.compared]

    @property
    def large_rooms(self) -> list[Room]:
        """Rooms whose messages are too many to be compared."""
        return [room for room in self._all_rooms if not room.compared]

    @cached_property
    def processes(self) -> dict[int, int]:
        """Class of the process that serves each socket, by connection; those that cannot be placed are left out."""
        return process_classes(self)

    @cached_property
    def endings(self) -> dict[str, list[Cause]]:
        """Why the server let go of sockets, by number of the failure."""
        found: dict[str, list[Cause]] = {}
        for cause in ending_causes(self):
            found.setdefault(cause.rule, []).append(cause)
        return found

    @cached_property
    def stalls(self) -> list[Stall]:
        """Moments in which a server answered nobody."""
        return stalls(self)

    def ended_as(self, ending: Ending) -> list[int]:
        """Numbers of the connections that ended in this way."""
        found: list[int] = np.flatnonzero(self.table.ending == ending).tolist()
        return found

    @cached_property
    def _server_names(self) -> list[str]:
        table, flows = self.table, self.capture.flows
        flow, client_is_a = table.flow, table.likely_client == 0
        high = np.where(client_is_a, flows.b_high[flow], flows.a_high[flow])
        low = np.where(client_is_a, flows.b_low[flow], flows.a_low[flow])
        ports = np.where(client_is_a, flows.b_port[flow], flows.a_port[flow]).tolist()
        texts, index = address_texts(high, low, flows.version[flow])
        return [endpoint_text(texts[place], port) for place, port in zip(index.tolist(), ports, strict=True)]

    def server_name(self, connection: int) -> str:
        """Address and port of a connection's server."""
        return self._server_names[connection]

    @cached_property
    def servers(self) -> dict[str, ServerFacts]:
        """What answers, by address and port."""
        return server_facts(self)

    def server(self, connection: int) -> ServerFacts:
        """What answers on a connection."""
        return self.servers.get(self.server_name(connection), ServerFacts())

    @cached_property
    def upstream(self) -> dict[int, int]:
        """Connections to a proxy, and the proxy's own connection on which it passed the same handshake on."""
        return upstream_legs(self)

    @cached_property
    def behind(self) -> set[int]:
        """Connections that a proxy in this capture opened for another one."""
        return set(self.upstream.values())

    def with_upstream(self, *connections: int) -> tuple[int, ...]:
        """The connections and, behind them, what a proxy opened for them."""
        return (*connections, *(self.upstream[number] for number in connections if number in self.upstream))

    @cached_property
    def lookups(self) -> Sequence[Lookup]:
        """The DNS lookups."""
        return dns_lookups(self.capture)
