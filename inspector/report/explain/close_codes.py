"""WebSocket close codes: who sends each and why, and why three of them never travel."""

from __future__ import annotations

from inspector.i18n import N_
from inspector.model.finding import Text
from inspector.model.websocket import CLOSE_CODES, close_code_may_travel
from inspector.refs import Ref
from inspector.report.explain.explanation import Explanation, Kind

__all__ = ["close_code", "close_codes"]

_SECTION = Ref("RFC 6455", "7.4.1")
_RANGES = Ref("RFC 6455", "7.4.2")
_REGISTRY = Ref("IANA")
_TRAVELS = N_("The first two payload bytes of a Close frame (opcode 8), in network byte order; a reason may follow.")
_NEVER_TRAVELS = N_("Nowhere: no Close frame may carry it. The API of the program that was cut off reports it.")
_WHY = N_("The code is what the application learns about the end; a client often decides by it whether to reconnect.")
_WHY_UNSENT = {
    1005: N_("The other side closed on purpose and gave no reason, as close() in a browser does without arguments."),
    1006: N_(
        "It says what did not arrive, not what was sent: look at the packets before it for who ended the connection."
    ),
    1015: N_("The reason is in the alert, or in the log of the side that refused; the WebSocket part is not to blame."),
}
_FORBIDDEN = N_("Nowhere: no Close frame may carry it.")
_RESERVED = 1004

_WHAT = {
    1000: N_("Either side has done what the connection was opened for. Nothing is wrong."),
    1001: N_("An endpoint goes away: a server that is shut down, or a browser that left the page."),
    1002: N_(
        "An endpoint ends the connection because the other one broke the protocol: wrong masking, a reserved bit or "
        "opcode, fragments out of order."
    ),
    1003: N_(
        "An endpoint got a type of data that it cannot take, such as binary where it understands text only."
    ),
    1004: N_("Reserved: its meaning may be defined in future, and no Close frame may carry it."),
    1005: N_(
        "A Close frame came, and it had no code. The receiving program needs some number to report, and this one is "
        "set aside for that."
    ),
    1006: N_(
        "The connection ended without any Close frame: a reset, a FIN, a timeout on the way, a crash, or a handshake "
        "that failed. Each side may see it on its own, and it cannot be sent because there is no frame to carry it."
    ),
    1007: N_("An endpoint got data that does not fit the type of the message, such as text that is not UTF-8."),
    1008: N_(
        "An endpoint got a message that breaks its policy. It is the general code where no other fits, or where "
        "details shall stay hidden."
    ),
    1009: N_("An endpoint got a message that is larger than it takes."),
    1010: N_(
        "The client ends the connection because the server did not agree to an extension that it needs. Servers do "
        "not send it; they refuse the handshake instead."
    ),
    1011: N_(
        "The server met a condition that keeps it from fulfilling the request: as a rule an exception in the "
        "application."
    ),
    1012: N_("The server restarts; clients may connect again after a random delay."),
    1013: N_("The server is overloaded for now; clients should come back later, or to another address."),
    1014: N_("A gateway got an invalid answer from the server behind it, as status 502 says it in HTTP."),
    1015: N_(
        "The TLS handshake failed, for instance because the certificate could not be verified. No Close frame can "
        "carry it, since the WebSocket was never opened."
    ),
}  # fmt: skip
_WHAT_LIBRARY = N_("A code for libraries and frameworks, registered with IANA; the library's manual tells its meaning.")
_WHAT_PRIVATE = N_("A code of the application's own: only its source or its makers can tell what it means.")
_WHAT_UNASSIGNED = N_("Not assigned: a later version of the protocol or an extension may define it.")

_TITLE_RESERVED = N_("reserved")
_TITLE_LIBRARY = N_("a library's code")
_TITLE_PRIVATE = N_("the application's own code")
_TITLE_UNASSIGNED = N_("not assigned")

_ALSO = {
    1000: ("closing handshake",), 1001: ("F16",), 1002: ("W12", "W13"), 1003: ("message",), 1005: ("1006",),
    1006: ("closing handshake", "W6", "W7", "1005"), 1007: ("W10",), 1009: ("W9", "F15"),
    1010: ("extension",), 1011: ("F12", "F13"), 1012: ("F16",), 1013: ("F28",), 1014: ("502",), 1015: ("TLS handshake",),
}  # fmt: skip


def close_codes() -> list[Explanation]:
    """Every code that has a meaning of its own."""
    return [found for code in sorted({*CLOSE_CODES, _RESERVED}) if (found := close_code(code)) is not None]


def close_code(code: int) -> Explanation | None:
    """What a code says; None where it is not in the range of close codes."""
    if not 1000 <= code <= 4999:
        return None
    travels = close_code_may_travel(code)
    title, what, ref = _meaning(code)
    where = _TRAVELS if travels else _NEVER_TRAVELS if code in _WHY_UNSENT else _FORBIDDEN
    return Explanation(
        kind=Kind.CLOSE_CODE,
        term=str(code),
        title=title,
        what=Text(what),
        where=Text(where),
        why=Text(_WHY if travels else _WHY_UNSENT.get(code, "")),
        refs=(ref, Ref("RFC 6455", "5.5.1")) if travels else (ref, Ref("RFC 6455", "7.4")),
        filter=_filter(code),
        names=(f"close code {code}", *((title,) if code in CLOSE_CODES else ())),
        also=_ALSO.get(code, ()),
    )


def _meaning(code: int) -> tuple[str, str, Ref]:
    if code in _WHAT:
        title = CLOSE_CODES.get(code, _TITLE_RESERVED)
        return title, _WHAT[code], _REGISTRY if code in (1012, 1013, 1014) else _SECTION
    if code >= 4000:
        return _TITLE_PRIVATE, _WHAT_PRIVATE, _RANGES
    if code >= 3000:
        return _TITLE_LIBRARY, _WHAT_LIBRARY, _RANGES
    return _TITLE_UNASSIGNED, _WHAT_UNASSIGNED, _RANGES


def _filter(code: int) -> str:
    """What shows the end in Wireshark: the frame with that code, or what stands in its place."""
    if close_code_may_travel(code):
        return f"websocket.payload.close.status_code == {code}"
    return {
        1005: "websocket.opcode == 8 && websocket.payload_length == 0",
        1006: "tcp.flags.reset == 1 || tcp.flags.fin == 1",
        1015: "tls.alert_message",
    }.get(code, f"websocket.payload.close.status_code == {code}")
