"""F15: the server cut the connection because of a frame that is illegal or too large."""

from __future__ import annotations

from typing import TYPE_CHECKING

from inspector.analysis.causes import Cause
from inspector.analysis.endings.gone import AT_ONCE_NS, PROTOCOL_CODES, Gone
from inspector.model.websocket import Fault

if TYPE_CHECKING:
    from inspector.analysis.facts import Facts

__all__ = ["cut_by_frame"]

_TOO_BIG = 1009
_ILLEGAL = (
    Fault.UNMASKED_CLIENT_FRAME | Fault.RSV1_NOT_AGREED | Fault.RSV2_RSV3 | Fault.RESERVED_OPCODE
    | Fault.CONTROL_FRAGMENTED | Fault.CONTROL_TOO_LONG | Fault.LENGTH_TOP_BIT | Fault.CONTINUATION_WITHOUT_START
    | Fault.MESSAGE_INTERRUPTED | Fault.CLOSE_ONE_BYTE | Fault.CLOSE_CODE_ILLEGAL | Fault.CLOSE_REASON_NOT_UTF8
    | Fault.TEXT_NOT_UTF8 | Fault.INFLATE_FAILED
)  # fmt: skip


def cut_by_frame(facts: Facts, item: Gone) -> Cause | None:
    """The cause of an end that follows a client's offence at once, or whose Close says so."""
    socket, limit = item.socket, facts.settings.largest_message
    found = socket.offence(_ILLEGAL, limit, item.time_ns)
    if found is None and item.code == _TOO_BIG:
        # The server's limit is lower than we think.
        last = socket.last_message(False, item.time_ns)
        found = (
            (last[1], socket.packet_of(last[0]), "told_too_big", socket.size_of(last[0]))
            if last
            else (*_here(item), "told_too_big_unseen", 0)
        )
    if found is None:
        return None
    time_ns, packet, reason, size = found
    if item.code not in PROTOCOL_CODES and item.time_ns - time_ns > AT_ONCE_NS:
        return None
    return Cause(
        "F15", (socket.connection,), time_ns, item.time_ns, ((packet, "trigger"), item.mark), reason,
        numbers={"size": size, "limit": limit},
    )  # fmt: skip


def _here(item: Gone) -> tuple[int, int]:
    return item.time_ns, item.mark[0]
