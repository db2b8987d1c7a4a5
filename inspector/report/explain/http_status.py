"""HTTP status codes: what each says, and more where WebSockets depend on it."""

from __future__ import annotations

from http import HTTPStatus

from inspector.i18n import N_
from inspector.model.finding import Text, told
from inspector.refs import Ref
from inspector.report.explain.explanation import Explanation, Kind

__all__ = ["http_statuses"]

_WHERE = N_("The first line of a response, behind the version: {example}; in HTTP/2 the pseudo-header field :status.")
_CLASSES = {
    1: N_("It is interim: the final response is still to come (but 101, which ends HTTP on this connection)."),
    2: N_("The request was received, understood and accepted."),
    3: N_("The client has to do more to get what it asked for, mostly to ask elsewhere."),
    4: N_("The request seems to be wrong, or may not be granted: the client has to change something."),
    5: N_("The server, or a proxy in its place, failed to fulfil a request that seems to be right."),
}
_OWN = {
    101: (
        "15.2.2",
        N_("The server agrees to go on in another protocol; behind the empty line come WebSocket frames."),
        N_("It is the only answer that opens a WebSocket over HTTP/1.1. Without it there is no socket."),
        ("WebSocket handshake", "Sec-WebSocket-Accept"),
    ),
    200: (
        "15.3.1",
        N_("The request succeeded, and the body holds what was asked for."),
        N_("In answer to a WebSocket handshake over HTTP/1.1 it means that the server took it for an ordinary request."),
        ("W1", "101"),
    ),
    304: (
        "15.4.5",
        N_("What the client has in its cache is still right; no body follows."),
        N_("A page that does not change may come from the cache: the server then sent headers only."),
        (),
    ),
    400: (
        "15.5.1",
        N_("The server could not understand the request."),
        N_("In answer to a WebSocket handshake a header of it is missing or wrong, often because a proxy dropped it."),
        ("F09", "W2", "W3"),
    ),
    401: (
        "15.5.2",
        N_("The client has to say who it is first; WWW-Authenticate tells how."),
        N_("Scripts in browsers cannot add an Authorization header to a WebSocket handshake: a cookie has to do."),
        ("403",),
    ),
    403: (
        "15.5.4",
        N_("The server understood the request and refuses it."),
        N_(
            "With Channels it is the answer to a handshake that a consumer or the Origin check closed before it was "
            "accepted; the browser reports 1006."
        ),
        ("F01", "F02", "CSRF", "Origin", "1006"),
    ),
    404: (
        "15.5.5",
        N_("Nothing is served at this path."),
        N_("In answer to a WebSocket handshake it often comes from a server that knows HTTP routes only."),
        ("F03", "F04"),
    ),
    408: (
        "15.5.9",
        N_("The server waited for the request for too long and gives up."),
        N_("The client was slow or was cut off while it sent its request."),
        ("C1",),
    ),
    413: (
        "15.5.14",
        N_("The body of the request is larger than the server or a proxy takes."),
        N_("nginx answers so by its own limit (client_max_body_size), and the application never sees the request."),
        ("F30",),
    ),
    426: (
        "15.5.22",
        N_("The server wants another protocol or version; its Upgrade header names which."),
        N_("A WebSocket server answers so to a plain request, or to a handshake whose version it does not speak."),
        ("Sec-WebSocket-Version",),
    ),
    500: (
        "15.6.1",
        N_("The server met a condition that it did not expect: as a rule an exception in the application."),
        N_("Before the WebSocket is accepted, an exception can be told only as this status."),
        ("F05", "1011"),
    ),
    502: (
        "15.6.3",
        N_("A proxy got no valid answer from the server behind it."),
        N_("The proxy wrote it, not the application: the server is down, refused the connection, or cut it."),
        ("H1", "F10", "504"),
    ),
    503: (
        "15.6.4",
        N_("The server cannot answer now because it is overloaded or being maintained; Retry-After may say until when."),
        N_("It passes: clients should come back later, each after a different time."),
        ("H1",),
    ),
    504: (
        "15.6.5",
        N_("A proxy waited for the server behind it for too long."),
        N_("The proxy wrote it: the server lives and is slow, or the proxy's time limit is too short."),
        ("H1", "F10", "S1", "502"),
    ),
}  # fmt: skip
"""Section of RFC 9110, what it says, why it matters, what to read next."""

_SAYS = {
    201: ("RFC 9110", "15.3.2", N_("Something new was made; Location tells where it is.")),
    204: ("RFC 9110", "15.3.5", N_("Done, and there is nothing to send back: no body follows.")),
    206: ("RFC 9110", "15.3.7", N_("A part of the content, as the Range header field asked for.")),
    301: (
        "RFC 9110",
        "15.4.2",
        N_("It has moved for good: Location tells where to. Browsers keep that in mind and turn a POST into a GET."),
    ),
    302: ("RFC 9110", "15.4.3", N_("For now it is elsewhere: Location tells where. Browsers turn a POST into a GET.")),
    303: ("RFC 9110", "15.4.4", N_("Done; go on with a GET to Location. That is how a form leads to its result page.")),
    307: ("RFC 9110", "15.4.8", N_("For now it is elsewhere, and the same method and body have to be sent there.")),
    308: ("RFC 9110", "15.4.9", N_("It has moved for good, and the same method and body have to be sent there.")),
    405: (
        "RFC 9110",
        "15.5.6",
        N_("There is something at this path, but not for this method; Allow names those that are possible."),
    ),
    406: ("RFC 9110", "15.5.7", N_("There is nothing in a form that the client accepts (Accept).")),
    409: (
        "RFC 9110",
        "15.5.10",
        N_("The request does not fit what is stored now, as when somebody else changed it meanwhile."),
    ),
    410: ("RFC 9110", "15.5.11", N_("It was here and is gone for good.")),
    411: ("RFC 9110", "15.5.12", N_("The server wants to know the length of the body beforehand (Content-Length).")),
    414: ("RFC 9110", "15.5.15", N_("The path and query are longer than the server takes.")),
    415: ("RFC 9110", "15.5.16", N_("The server does not take a body of this Content-Type.")),
    421: ("RFC 9110", "15.5.20", N_("This server does not serve that host: the connection was meant for another one.")),
    501: ("RFC 9110", "15.6.2", N_("The server does not know this method at all.")),
    505: ("RFC 9110", "15.6.6", N_("The server does not speak this version of HTTP.")),
    428: (
        "RFC 6585",
        "3",
        N_("The server wants a condition (If-Match), so that no change by somebody else gets lost."),
    ),
    429: ("RFC 6585", "4", N_("Too many requests in a short time; Retry-After may tell how long to wait.")),
    431: ("RFC 6585", "5", N_("The header fields are too large, often because of cookies.")),
    451: ("RFC 7725", "3", N_("Not shown for legal reasons.")),
}
"""Document and section, and what it says, of further ones."""

_SECTIONS = {1: "15.2", 2: "15.3", 3: "15.4", 4: "15.5", 5: "15.6"}


def http_statuses() -> list[Explanation]:
    """Every status code that the standard library names."""
    return [_status(status) for status in HTTPStatus]


def _status(status: HTTPStatus) -> Explanation:
    group = status // 100
    section, what, why, also = _OWN.get(status.value, (_SECTIONS[group], "", "", ()))
    document = "RFC 9110"
    if status.value in _SAYS:
        document, section, what = _SAYS[status.value]
    return Explanation(
        kind=Kind.STATUS,
        term=str(status.value),
        title=status.phrase,
        what=Text(what or _CLASSES[group]),
        where=told(_WHERE, example=f"HTTP/1.1 {status.value} {status.phrase}"),
        why=Text(why),
        refs=(Ref(document, section),),
        filter=f"http.response.code == {status.value} || http2.headers.status == {status.value}",
        names=(
            status.phrase,
            *(f"{word} {status.value}" for word in ("HTTP", "status")),
            f"{status.value} {status.phrase}",
        ),
        also=also,
    )
