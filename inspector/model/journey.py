"""One message followed from its sender through the server to every recipient."""

from __future__ import annotations

from dataclasses import dataclass, field

__all__ = ["Arrival", "Hop", "Journey", "Missing", "Sql"]


@dataclass(frozen=True, slots=True)
class Hop:
    """A station of a message.

    Args:
        name: ``rx`` (the server's program has the message), ``dispatch`` (its consumer begins), ``group`` (group_send),
            ``queue`` (left the recipient's queue), ``handler`` (the recipient's consumer is done), ``tx`` (handed to the server
            program), ``wire`` (seen in the capture).
        at_ns: When, by the clock of the capture.
        duration_ns: How long it took there, where that is known.
        packet: Packet number, 0 where it is none.
        detail: Consumer, group or handler type, as the server names them.
    """

    name: str
    at_ns: int
    duration_ns: int | None = None
    packet: int = 0
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Arrival:
    """One recipient's copy.

    Args:
        connection: Of the recipient.
        message: Row of the received message; -1 where the capture does not hold it.
        packet: That completed it, 0 where the capture does not hold it.
        at_ns: When it was complete, None where the capture does not hold it.
        latency_ns: From the sender's message to this one, both complete at the capture.
        hops: On the way, after the group_send; empty without a trace.
        confidence: 0 to 1; 1 where the trace tells.
        rivals: Other messages that could have caused this copy; 0 where the trace tells.
    """

    connection: int
    message: int
    packet: int
    at_ns: int | None
    latency_ns: int | None
    hops: tuple[Hop, ...] = ()
    confidence: float = 1.0
    rivals: int = 0


@dataclass(frozen=True, slots=True)
class Missing:
    """A member that got nothing.

    Args:
        connection: Of the member; None where it is not in the capture.
        reason: ``not_dispatched`` (its consumer never took it out of the queue), ``nothing_sent`` (its handler sent nothing),
            ``not_on_the_wire`` (sent, and never seen), ``not_seen`` (without a trace).
        channel: The channel's name, empty without a trace.
    """

    connection: int | None
    reason: str
    channel: str = ""


@dataclass(frozen=True, slots=True)
class Sql:
    """SQL on the way: statements, those beyond the first of each shape, time."""

    queries: int
    repeated: int
    ns: int


@dataclass(slots=True)
class Journey:
    """A message and what became of it.

    Args:
        number: Counts from 1 in order of time.
        exact: The trace told, nothing is inferred.
        connection: Of the sender.
        message: Row of the sender's message; -1 where the capture does not hold it.
        packet: That completed it.
        at_ns: When it was complete.
        group: The room: the group's name, or the path without a trace.
        hops: From the sender's message to the group_send.
        arrivals: The recipients, in order of time.
        missing: Members that got nothing.
        sql: On the way, None without a trace.
        confidence: The lowest of the arrivals'.
    """

    number: int
    exact: bool
    connection: int
    message: int
    packet: int
    at_ns: int
    group: str
    hops: tuple[Hop, ...] = ()
    arrivals: list[Arrival] = field(default_factory=list)
    missing: list[Missing] = field(default_factory=list)
    sql: Sql | None = None

    @property
    def confidence(self) -> float:
        """Of the least sure arrival; 1 where there is none."""
        return min((arrival.confidence for arrival in self.arrivals), default=1.0)

    @property
    def duration_ns(self) -> int | None:
        """Until the last recipient had it."""
        return max((a.latency_ns for a in self.arrivals if a.latency_ns is not None), default=None)
