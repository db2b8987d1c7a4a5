"""What a proxy did to the traffic that passed it: what its recording cannot show as bytes."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

__all__ = ["NoteKind", "ProxyNote"]


class NoteKind(StrEnum):
    """What happened."""

    OPENED = "opened"
    """The proxy opened a connection of the server leg for a connection of the client leg."""
    CHANGED = "changed"
    """A rule changed a message before it was passed on."""
    DROPPED = "dropped"
    """A message was not passed on."""
    INJECTED = "injected"
    """A message was sent that the other side never sent, an answer of a rule included."""
    HELD = "held"
    """A message waited in the proxy for somebody's decision."""
    ENDED = "ended"
    """A WebSocket ended: with which close code, and who caused it."""
    ERROR = "error"
    """Something failed: a connection, TLS, an exchange."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProxyNote:
    """One thing that the proxy did.

    Args:
        kind: What happened.
        time_ns: When, nanoseconds since the epoch.
        leg: Where: ``"client"`` or ``"server"``.
        client, server: The ends of that connection, as ``(address, port)``; None when there was no connection.
        other_client, other_server: The ends of the connection of the other leg that belongs to it, where known.
        from_client: Who sent what this is about; None where it is about a connection.
        text: For people, in English.
        packet: Row of the custom block in the capture's packets; None while it is being written.
    """

    kind: NoteKind
    time_ns: int
    leg: str
    client: tuple[str, int] | None = None
    server: tuple[str, int] | None = None
    other_client: tuple[str, int] | None = None
    other_server: tuple[str, int] | None = None
    from_client: bool | None = None
    text: str = ""
    packet: int | None = None
