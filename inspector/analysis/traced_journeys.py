"""Journeys that the server's trace tells (docs/trace.md), joined with the messages of the capture.

A message of the trace is that of the capture with the same client port, direction and ordinal among the data messages of that
direction. Ordinals differ where Daphne sends no frame for an empty text.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from inspector.model.journey import Arrival, Hop, Journey, Missing, Sql

if TYPE_CHECKING:
    from inspector.analysis.facts import Facts
    from inspector.analysis.sockets import Socket

__all__ = ["traced_journeys", "traced_sockets"]

_DEEPEST = 4
"""How often a handler may send on what it got: deeper chains are loops."""
_MOST_JOURNEYS = 200_000

Event = dict[str, Any]  # Any: JSON, as docs/trace.md describes it


def traced_journeys(facts: Facts) -> list[Journey]:
    """Journeys of all messages that the trace says came in on a WebSocket and led to something."""
    return _Trace(facts).journeys()


def traced_sockets(facts: Facts) -> dict[str, Socket]:
    """The socket of each WebSocket connection of the trace; behind a proxy the browser's leg.

    They are the same when the server saw the ports that the capture shows.
    """
    if facts.trace is None:
        return {}
    front_of = {back: front for front, back in facts.upstream.items()}
    by_port = {(socket.client.port, socket.server.port): socket for socket in facts.sockets}
    found = {}
    for event in facts.trace.of("open"):
        client, server = event.get("client"), event.get("server")
        if not (isinstance(client, list) and isinstance(server, list) and len(client) == len(server) == 2):
            continue
        known = by_port.get((client[1], server[1]))
        if known is not None and event.get("kind") == "websocket":
            front = front_of.get(known.connection)
            found[str(event.get("conn"))] = facts.socket_of.get(front, known) if front is not None else known
    return found


class _Trace:
    def __init__(self, facts: Facts) -> None:
        assert facts.trace is not None
        self._facts = facts
        self._by_cause: dict[str, list[Event]] = defaultdict(list)
        self._received: list[Event] = []
        self._opens: dict[str, Event] = {}
        self._ends: dict[str, int] = {}
        self._channels: dict[str, list[tuple[int, str, str, bool]]] = defaultdict(list)
        for event in facts.trace.events:
            self._sort_in(event)
        self._sockets = traced_sockets(facts)
        self._offset = self._clock_offset()

    def _sort_in(self, event: Event) -> None:
        kind, conn = event["e"], event.get("conn")
        if kind == "open" and event.get("kind") == "websocket":
            self._opens[str(conn)] = event
        elif kind == "rx":
            self._received.append(event)
        elif kind in ("disconnect", "end", "close"):
            self._ends.setdefault(str(conn), event["t"])
        elif kind in ("group_add", "group_discard"):
            row = (event["t"], str(event.get("channel")), str(conn), kind == "group_add")
            self._channels[str(event.get("group"))].append(row)
        if isinstance(event.get("cause"), str):
            self._by_cause[event["cause"]].append(event)

    # --- joining with the capture ----------------------------------------------------------------------------------

    def _clock_offset(self) -> int:
        """What to add to the trace's times: so much that no message is received before it is on the wire."""
        early = []
        for event in self._received:
            place = self._place(event, False)
            if place is not None:
                early.append(place[2] - event["t"])
        # On one machine the clocks are the same and the wire is earlier; otherwise the nearest pair fits.
        return max(early, default=0) if early and max(early) > 0 else 0

    def _place(self, event: Event, from_server: bool) -> tuple[int, int, int] | None:
        """Row, packet and time in the capture of a message of the trace."""
        socket = self._sockets.get(str(event.get("conn")))
        ordinal = event.get("n")
        if socket is None or not isinstance(ordinal, int):
            return None
        if from_server:
            ordinal -= self._unsent(str(event["conn"]), event)
        rows, times = socket.messages(from_server)
        if not 1 <= ordinal <= len(rows):
            return None
        row, time_ns = int(rows[ordinal - 1]), int(times[ordinal - 1])
        return (row, socket.packet_of(row), time_ns) if time_ns >= 0 else None

    def _unsent(self, conn: str, event: Event) -> int:
        """Empty texts before this message, for which Daphne sends no frame."""
        if self._opens.get(conn, {}).get("asgi_server") != "daphne":
            return 0
        return sum(ordinal < event["n"] for ordinal in self._empty.get(conn, ()))

    @property
    def _empty(self) -> dict[str, list[int]]:
        if not hasattr(self, "_empty_texts"):
            self._empty_texts: dict[str, list[int]] = defaultdict(list)
            assert self._facts.trace is not None
            for event in self._facts.trace.of("tx"):
                if event.get("size") == 0 and not event.get("binary") and isinstance(event.get("n"), int):
                    self._empty_texts[str(event.get("conn"))].append(event["n"])
        return self._empty_texts

    # --- following -------------------------------------------------------------------------------------------------

    def journeys(self) -> list[Journey]:
        """One per message that came in."""
        found = []
        for event in self._received[:_MOST_JOURNEYS]:
            socket = self._sockets.get(str(event.get("conn")))
            if socket is None:
                continue
            journey = self._follow(event, socket)
            if journey.arrivals or journey.missing:
                found.append(journey)
        return found

    def _follow(self, event: Event, socket: Socket) -> Journey:
        place = self._place(event, False)
        row, packet, at_ns = place or (-1, 0, event["t"] + self._offset)
        cause = f"{event['conn']}.{event['n']}"
        start = [Hop("wire", at_ns, packet=packet), Hop("rx", event["t"] + self._offset)]
        journey = Journey(0, True, socket.connection, row, packet, at_ns, socket.path)
        sql = [0, 0, 0]
        self._descend(journey, cause, start, sql, 0)
        journey.sql = Sql(*sql)
        journey.arrivals.sort(key=lambda arrival: (arrival.at_ns or 0, arrival.connection))
        return journey

    def _descend(self, journey: Journey, cause: str, hops: list[Hop], sql: list[int], depth: int) -> None:
        """Everything that one cause led to."""
        if depth > _DEEPEST:
            return
        led_to = self._by_cause.get(cause, ())
        for event in led_to:
            if event["e"] == "sql":
                for index, name in enumerate(("queries", "repeated", "ns")):
                    sql[index] += int(event.get(name) or 0)
        dispatched = {str(event.get("conn")): event for event in led_to if event["e"] == "dispatch"}
        before = [*hops]
        own = dispatched.get(cause.rpartition(".")[0])
        if depth == 0 and own is not None:
            before.append(self._hop("dispatch", own, own.get("duration_ns"), str(own.get("consumer") or "")))
        for event in led_to:
            if event["e"] in ("group", "send"):
                self._group(journey, event, before, sql, depth)
        sent = [event for event in led_to if event["e"] == "tx"]
        for event in sent:
            journey.arrivals.append(
                self._arrival(journey, event, dispatched.get(str(event.get("conn"))), before if depth == 0 else hops)
            )
        if depth == 0 and not journey.hops:
            journey.hops = tuple(before)

    def _group(self, journey: Journey, event: Event, hops: list[Hop], sql: list[int], depth: int) -> None:
        name, identifier = str(event.get("group") or event.get("channel") or ""), str(event.get("id"))
        after = [*hops, self._hop("group", event, None, str(event.get("type") or ""))]
        if depth == 0:
            journey.group, journey.hops = name, tuple(after)
        before = len(journey.arrivals)
        self._descend(journey, identifier, after, sql, depth + 1)
        if event["e"] == "group":
            got = {arrival.connection for arrival in journey.arrivals[before:]}
            journey.missing.extend(self._missing(event, identifier, got))

    def _hop(self, name: str, event: Event, duration_ns: int | None, detail: str) -> Hop:
        return Hop(name, event["t"] + self._offset, duration_ns, detail=detail)

    def _arrival(self, journey: Journey, event: Event, handled: Event | None, hops: list[Hop]) -> Arrival:
        socket = self._sockets.get(str(event.get("conn")))
        place = self._place(event, True)
        way = []
        if handled is not None and hops and hops[-1].name == "group":
            queue = handled.get("queue_ns")
            # A dispatch is told when it is done: it began a duration earlier.
            began = handled["t"] + self._offset - int(handled.get("duration_ns") or 0)
            way.append(Hop("queue", began, queue if isinstance(queue, int) else None))
            detail = f"{handled.get('consumer') or ''}.{handled.get('type') or ''}"
            way.append(Hop("handler", began, handled.get("duration_ns"), detail=detail))
        way.append(self._hop("tx", event, None, ""))
        if place is None:
            return Arrival(socket.connection if socket else -1, -1, 0, None, None, tuple(way))
        row, packet, at_ns = place
        way.append(Hop("wire", at_ns, packet=packet))
        assert socket is not None
        return Arrival(socket.connection, row, packet, at_ns, at_ns - journey.at_ns, tuple(way))

    def _missing(self, event: Event, identifier: str, got: set[int]) -> list[Missing]:
        """Members of the group at that time whose consumers sent nothing because of it."""
        members: dict[str, str] = {}
        for time_ns, channel, conn, added in self._channels.get(str(event.get("group")), ()):
            if time_ns > event["t"]:
                break
            if added:
                members[channel] = conn
            else:
                members.pop(channel, None)
        led_to = self._by_cause.get(identifier, ())
        dispatched = {str(e.get("conn")) for e in led_to if e["e"] == "dispatch"}
        sent = {str(e.get("conn")) for e in led_to if e["e"] == "tx"}
        found = []
        for channel, conn in sorted(members.items()):
            socket = self._sockets.get(conn)
            gone = self._ends.get(conn)
            if conn in sent and (socket is None or socket.connection in got):
                continue
            if gone is not None and conn not in dispatched and gone < event["t"] + _LEAVING_NS:
                continue
            reason = "not_on_the_wire" if conn in sent else "nothing_sent" if conn in dispatched else "not_dispatched"
            found.append(Missing(socket.connection if socket else None, reason, channel))
        return found


_LEAVING_NS = 50_000_000
"""A member that ends so soon after may have been leaving already."""
