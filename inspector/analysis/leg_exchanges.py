"""HTTP exchanges of a proxied session on both legs, beside each other: what the proxy changed, and what it took."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from inspector.analysis.sessions import Session
from inspector.model.http import HttpMessage
from inspector.recording.http import HttpExchange

__all__ = ["Difference", "ExchangePair", "exchange_pairs"]


@dataclass(frozen=True, slots=True)
class Difference:
    """Something that is not the same on both legs.

    Args:
        message: ``"request"`` or ``"response"``.
        code: ``version``, ``method``, ``target``, ``status``, ``header_added``, ``header_removed``, ``header_changed``,
            ``body_reencoded`` (other content coding, same content), ``body_changed``, ``only_here``.
        name: Of the header, else empty.
        came, went: As it came to the proxy, and as it left; None where it is not.
    """

    message: str
    code: str
    name: str = ""
    came: bytes | None = None
    went: bytes | None = None


@dataclass(slots=True)
class ExchangePair:
    """One exchange on both legs.

    Args:
        client, server: On the leg of that name; None: the proxy answered by itself, or asked by itself.
        differences: In the order request, response.
        request_delay_ns, response_delay_ns: From the last byte's coming to its going on; None where not known.
    """

    client: HttpExchange | None
    server: HttpExchange | None
    differences: list[Difference] = field(default_factory=list)
    request_delay_ns: int | None = None
    response_delay_ns: int | None = None


def exchange_pairs(session: Session, exchanges: Iterable[HttpExchange]) -> list[ExchangePair]:
    """Put a session's exchanges beside each other.

    An exchange of the server leg belongs to the first one of the client leg that began before it with the same method and
    path; where a rule changed these, to the first that is left.

    Args:
        session: The session.
        exchanges: Of the capture.
    """
    ours, theirs = [], []
    for item in exchanges:
        if item.connection == session.client_leg:
            ours.append(ExchangePair(item, None))
        elif item.connection in session.server_legs:
            theirs.append(item)
    later: list[HttpExchange] = []
    for item in sorted(theirs, key=_began):
        if not _join(ours, item, same_target=True):
            later.append(item)
    alone = [ExchangePair(None, item) for item in later if not _join(ours, item, same_target=False)]
    for pair in ours:
        if pair.client is not None and pair.server is not None:
            _compare(pair, pair.client, pair.server)
    return sorted([*ours, *alone], key=lambda pair: _began(pair.client or pair.server))


def _began(item: HttpExchange | None) -> int:
    return item.request_ns[0] if item is not None and item.request_ns is not None else 0


def _join(ours: list[ExchangePair], item: HttpExchange, *, same_target: bool) -> bool:
    request = item.exchange.request
    for pair in ours:
        if pair.client is None or pair.server is not None or _began(pair.client) > _began(item):
            continue
        asked = pair.client.exchange.request
        if asked is None or asked.method == b"CONNECT":
            continue
        if not same_target or (
            request is not None and (asked.method, _path(asked)) == (request.method, _path(request))
        ):
            pair.server = item
            return True
    return False


def _path(request: HttpMessage) -> bytes:
    """The target without scheme and authority, which only requests to a proxy have (RFC 9112 section 3.2.2)."""
    target = request.target or b""
    scheme, separator, rest = target.partition(b"://")
    if separator and scheme.isalpha():
        return b"/" + rest.partition(b"/")[2]
    return target


def _compare(pair: ExchangePair, client: HttpExchange, server: HttpExchange) -> None:
    asked, passed = client.exchange.request, server.exchange.request
    if asked is not None and passed is not None:
        if asked.method != passed.method:
            pair.differences.append(Difference("request", "method", "", asked.method, passed.method))
        if _path(asked) != _path(passed):
            pair.differences.append(Difference("request", "target", "", asked.target, passed.target))
        _compare_messages(pair, "request", (client, asked), (server, passed))
    answered, given = server.exchange.response, client.exchange.response
    if answered is not None and given is not None:
        if answered.status != given.status:
            statuses = (b"%d" % (message.status or 0) for message in (answered, given))
            pair.differences.append(Difference("response", "status", "", *statuses))
        _compare_messages(pair, "response", (server, answered), (client, given))
    elif answered is not None or given is not None:
        first = (answered or given or HttpMessage(b"", [], 0, 0, 0)).first_line
        came, went = (first, None) if answered is not None else (None, first)
        pair.differences.append(Difference("response", "only_here", "", came, went))
    pair.request_delay_ns = _delay(client.request_ns, server.request_ns)
    pair.response_delay_ns = _delay(server.response_ns, client.response_ns)


def _delay(came: tuple[int, int] | None, went: tuple[int, int] | None) -> int | None:
    return None if came is None or went is None else went[1] - came[1]


Side = tuple[HttpExchange, HttpMessage]


def _compare_messages(pair: ExchangePair, name: str, came: Side, went: Side) -> None:
    (item, message), (other_item, other) = came, went
    if message.version != other.version:
        pair.differences.append(Difference(name, "version", "", message.version, other.version))
    before, after = _fields(message), _fields(other)
    for header in sorted(before.keys() | after.keys()):
        old, new = before.get(header), after.get(header)
        if old != new:
            code = "header_added" if old is None else "header_removed" if new is None else "header_changed"
            pair.differences.append(Difference(name, code, header.decode("latin-1"), _joined(old), _joined(new)))
    if item.protocol is not None or other_item.protocol is not None or not (message.complete and other.complete):
        return
    bodies = item.body(message), other_item.body(other)
    if bodies[0] != bodies[1]:
        same = item.content(message).data == other_item.content(other).data
        sizes = (b"%d" % len(body) for body in bodies)
        pair.differences.append(Difference(name, "body_reencoded" if same else "body_changed", "", *sizes))


def _fields(message: HttpMessage) -> dict[bytes, list[bytes]]:
    """Values by name in lower case; HTTP/2's authority is HTTP/1.1's Host, and its cookies may come one by one."""
    found: dict[bytes, list[bytes]] = {}
    for name, value in message.headers:
        found.setdefault(name.lower(), []).append(value)
    if b"host" not in found and (host := message.header("host")) is not None:
        found[b"host"] = [host]
    if b"cookie" in found:
        found[b"cookie"] = [b"; ".join(found[b"cookie"])]
    return found


def _joined(values: list[bytes] | None) -> bytes | None:
    return None if values is None else b"\n".join(values)
