"""F06: names of rooms that cannot be the names of groups."""

from __future__ import annotations

from inspector.analysis.causes import Cause
from inspector.analysis.endings.gone import Gone
from inspector.model.finding import Confidence

__all__ = ["fails_by_name", "name_crash", "unfit_for_group"]

_LONGEST_GROUP = 99
"""Characters of a group name that channels accepts."""
_SOON_NS = 1_050_000_000
"""connect() adds the socket to its group right after accept(); Daphne tells of the failure within its tick."""
_FIT = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.")


def unfit_for_group(path: str) -> str:
    """Why some part of a path cannot be a channels group name: ``not_ascii``, ``too_long`` or ``characters``; else empty."""
    if not path.isascii():
        return "not_ascii"
    parts = path.split("/")
    if any(len(part) > _LONGEST_GROUP for part in parts):
        return "too_long"
    return "" if all(_FIT.issuperset(part) for part in parts) else "characters"


def fails_by_name(item: Gone) -> bool:
    """Whether a socket ended right after it was opened, without a message, at an address that cannot be a group's name."""
    socket = item.socket
    return (
        item.time_ns - socket.opened_ns <= _SOON_NS
        and not len(socket.messages(False)[0])
        and unfit_for_group(socket.path) != ""
    )


def name_crash(item: Gone) -> Cause:
    """The cause of such an end."""
    socket = item.socket
    packets = ((socket.opened_packet, "handshake"), item.mark)
    return Cause(
        "F06",
        (socket.connection,),
        socket.opened_ns,
        item.time_ns,
        packets,
        unfit_for_group(socket.path),
        Confidence.LIKELY,
    )
