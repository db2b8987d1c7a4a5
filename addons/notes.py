"""Notes of what the proxy did, made from mitmproxy's connections."""

from __future__ import annotations

import time

from mitmproxy import connection

from addons.session_file import CLIENT_LEG, SERVER_LEG
from inspector.model.proxy_note import NoteKind, ProxyNote

__all__ = ["leg_of", "make_note"]

_LEG_NAMES = {CLIENT_LEG: "client", SERVER_LEG: "server"}
_MOST_TEXT = 1000
"""Characters of a note: paths are as long as clients make them."""


def leg_of(conn: connection.Connection) -> int:
    """The leg that a connection is of."""
    return CLIENT_LEG if isinstance(conn, connection.Client) else SERVER_LEG


def make_note(
    kind: NoteKind,
    conn: connection.Connection,
    partner: connection.Connection | None,
    from_client: bool | None,
    text: str,
) -> ProxyNote:
    """A note of now about a connection.

    Args:
        kind: What happened.
        conn: Where.
        partner: The connection of the other leg that it was made for.
        from_client: Who sent what this is about, or None.
        text: For people; what is too long of it is cut.
    """
    client, server = _ends(conn)
    other_client, other_server = _ends(partner) if partner is not None else (None, None)
    return ProxyNote(
        kind=kind,
        time_ns=time.time_ns(),
        leg=_LEG_NAMES[leg_of(conn)],
        client=client,
        server=server,
        other_client=other_client,
        other_server=other_server,
        from_client=from_client,
        text=text[:_MOST_TEXT],
    )


def _ends(conn: connection.Connection) -> tuple[tuple[str, int] | None, tuple[str, int] | None]:
    """Who opened a connection, and whom to."""
    here = tuple(conn.sockname[:2]) if conn.sockname else None
    there = tuple(conn.peername[:2]) if conn.peername else None
    return (there, here) if isinstance(conn, connection.Client) else (here, there)
