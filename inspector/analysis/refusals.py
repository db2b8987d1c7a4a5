"""Why handshakes of WebSockets failed (F01 to F11): one cause each, told from the answer and from what else was asked."""

from __future__ import annotations

import dataclasses
import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from inspector.analysis.causes import Cause
from inspector.analysis.endings.group_names import unfit_for_group
from inspector.analysis.servers import Program
from inspector.model.finding import Confidence
from inspector.model.http import HttpMessage

if TYPE_CHECKING:
    from inspector.analysis.facts import Facts, Upgrade

__all__ = ["HANDSHAKE_WINDOW", "refusal_causes"]

HANDSHAKE_WINDOW = 0.78, 1.06
"""Parts of the handshake timeout between which Daphne gives up: 4.0 to 5.0 s of 5 (it counts whole seconds)."""
_WAITED_NS = 1_500_000_000
"""A client that waited at least this long for any answer gave up because none came; handshakes take milliseconds."""
_QUICK_NS = 1_000_000_000
"""A client that leaves within this after the 101 did so because of the 101."""
_LONGEST_HEAD = 16 << 10
"""Bytes of headers beyond which Daphne closes without a word; nginx refuses more than 8 kB with 400."""
_SESSION = re.compile(rb"(?:^|;\s*)[^=;]*sessionid=")
_DEFAULT_PORTS = {"http": 80, "https": 443, "ws": 80, "wss": 443}
_OF_DJANGO = ("cross-origin-opener-policy", "referrer-policy", "x-frame-options")
"""Headers with which Django's security middleware marks its pages: it is the web side that answered."""
_MOST_PATHS = 2000
"""Paths that worked, compared with one that did not."""


def refusal_causes(facts: Facts) -> list[Cause]:
    """Causes of all handshakes that came to nothing, by time."""
    found = [cause for upgrade in facts.upgrades if (cause := _cause(facts, upgrade)) is not None]
    found += _tls_to_plain(facts)
    return sorted(found, key=lambda c: (c.time_ns, c.connections))


def _cause(facts: Facts, upgrade: Upgrade) -> Cause | None:
    if upgrade.connection in facts.behind:
        return None
    request, response = upgrade.handshake.request, upgrade.handshake.response
    if response is None:
        return _silence(facts, upgrade, request)
    status = response.status
    if status == 101:
        return _subprotocol(facts, upgrade)
    if status == 403:
        return _forbidden(facts, upgrade, request, response)
    if status == 500:
        return _failed(facts, upgrade)
    if status in (502, 504):
        return _gateway(facts, upgrade, status)
    if status == 400 and b"Request Header Or Cookie Too Large" in upgrade.item.body(response, 4096):
        return _make(upgrade, "F11", "headers_too_large")
    if status == 400 and b"plain HTTP request was sent to HTTPS port" in upgrade.item.body(response, 4096):
        return _make(upgrade, "F11", "plain_to_tls_port")
    if status in (200, 400, 404, 405, 426):
        return _page(facts, upgrade, status, response)
    return None


def _make(
    upgrade: Upgrade, rule: str, reason: str, confidence: Confidence = Confidence.CERTAIN,
    rivals: tuple[str, ...] = (), numbers: dict[str, int | float | str] | None = None,
) -> Cause:  # fmt: skip
    packets = [(upgrade.asked_packet, "request")]
    packets += [(pair[0], "answer") for pair in [upgrade.item.response_packets] if pair]
    values: dict[str, int | float | str] = {"path": upgrade.path, "status": upgrade.status or 0, **(numbers or {})}
    return Cause(
        rule, (upgrade.connection,), upgrade.asked_ns, upgrade.asked_ns, tuple(packets),
        reason, confidence, rivals, values,
    )  # fmt: skip


# --- no answer ---------------------------------------------------------------------------------------------------------


def _silence(facts: Facts, upgrade: Upgrade, request: HttpMessage) -> Cause | None:
    """F07: accept() never came; F11: the headers were too many."""
    row = facts.table[upgrade.connection]
    if row.end_packet is None or row.missing.server or row.unseen.server or not row.packets.server:
        return None
    waited = int(facts.time_ns[row.end_packet - 1]) - upgrade.asked_until_ns
    if request.head_end - request.start > _LONGEST_HEAD and row.ended_by == "server" and waited < _QUICK_NS:
        return _make(upgrade, "F11", "headers_too_large", numbers={"size": request.head_end - request.start})
    timeout = facts.settings.handshake_timeout * 1e9
    by_server = row.ended_by == "server" and HANDSHAKE_WINDOW[0] * timeout <= waited <= HANDSHAKE_WINDOW[1] * timeout
    if not by_server and not (row.ended_by == "client" and waited >= _WAITED_NS):
        return None
    cause = _make(
        upgrade, "F07", "no_accept", Confidence.CERTAIN if by_server else Confidence.LIKELY,
        () if by_server else ("F26",), {"waited_s": round(waited / 1e9, 2)},
    )  # fmt: skip
    return _with_packet(cause, row.end_packet, "end")


def _with_packet(cause: Cause, packet: int, role: str) -> Cause:
    return dataclasses.replace(cause, packets=(*cause.packets, (packet, role)))


def _gateway(facts: Facts, upgrade: Upgrade, status: int) -> Cause | None:
    """502 and 504 of a proxy: F07 when the server behind gave up waiting for accept(), else F10."""
    waited = upgrade.item.wait_ns or 0
    timeout = facts.settings.handshake_timeout * 1e9
    if status == 502 and HANDSHAKE_WINDOW[0] * timeout <= waited <= HANDSHAKE_WINDOW[1] * timeout:
        return _make(upgrade, "F07", "no_accept", numbers={"waited_s": round(waited / 1e9, 2)})
    return _make(
        upgrade,
        "F10",
        "bad_gateway" if status == 502 else "gateway_timeout",
        numbers={"waited_s": round(waited / 1e9, 2)},
    )


# --- 403 ---------------------------------------------------------------------------------------------------------------


def _forbidden(facts: Facts, upgrade: Upgrade, request: HttpMessage, response: HttpMessage) -> Cause | None:
    """F01 or F02: refused by an origin validator, or by the consumer; a page comes from elsewhere unless it speaks of the origin."""
    origin, host = request.header("origin"), request.header("host") or b""
    session = any(_SESSION.search(value) for value in request.values("cookie"))
    values: dict[str, int | float | str] = {"origin": (origin or b"").decode("latin-1"), "host": host.decode("latin-1")}
    if response.body_length:
        foreign = origin is not None and _place(origin.decode("latin-1")) != _place(f"http://{host.decode('latin-1')}")
        speaks_of_it = b"origin" in upgrade.item.body(response, 4096).lower()
        return _make(upgrade, "F01", "told", numbers=values) if foreign and speaks_of_it else None
    if _accepted_from(facts, upgrade, origin):
        if _unrouted(facts, upgrade):
            return _make(upgrade, "F02", "no_cookie", Confidence.UNCLEAR, ("F02", "F04"), values)
        return _make(upgrade, "F02", "stale_cookie" if session else "no_cookie", Confidence.LIKELY, (), values)
    if origin is None:
        if session:
            return _make(upgrade, "F01", "no_origin", Confidence.LIKELY, ("F02",), values)
        return _make(upgrade, "F01", "no_origin", Confidence.UNCLEAR, ("F01", "F02"), values)
    there, here = _place(origin.decode("latin-1")), _place(f"http://{host.decode('latin-1')}")
    if there is None:
        return _make(upgrade, "F01", "null_origin", numbers=values)
    if here is None or there[0] != here[0]:
        return _make(upgrade, "F01", "foreign_origin", numbers=values)
    if there[1] != here[1]:
        return _make(upgrade, "F01", "foreign_port", Confidence.LIKELY, ("F02",), values)
    if session:
        return _make(upgrade, "F02", "stale_cookie", Confidence.LIKELY, (), values)
    return _make(upgrade, "F02", "no_cookie", numbers=values)


def _place(origin: str) -> tuple[str, int] | None:
    """Host and port of an origin; None for ``null`` and what is none."""
    try:
        parts = urlsplit(origin)
        if not parts.hostname:
            return None
        return parts.hostname.lower(), parts.port or _DEFAULT_PORTS.get(parts.scheme, 80)
    except ValueError:
        return None


def _accepted_from(facts: Facts, upgrade: Upgrade, origin: bytes | None) -> bool:
    """Whether the same server accepted another handshake from the same origin (or without any) under the same host."""
    server, host = facts.server_name(upgrade.connection), upgrade.handshake.request.header("host")
    return any(
        other.status == 101
        and other.handshake.request.header("origin") == origin
        and other.handshake.request.header("host") == host
        and facts.server_name(other.connection) == server
        for other in facts.upgrades
    )


def _unrouted(facts: Facts, upgrade: Upgrade) -> bool:
    """Whether the path may be unknown: others are granted without a login, and Starlette answers 403 where it has no route.

    Channels raises instead, which is answered with 500; a session cookie of Django at the same server shows that it is there.
    """
    server = facts.server_name(upgrade.connection)
    here = [other for other in facts.upgrades if facts.server_name(other.connection) == server]
    django = any(_SESSION.search(value) for other in here for value in other.handshake.request.values("cookie"))
    known = facts.server(upgrade.connection).program is Program.DAPHNE
    return not django and not known and upgrade.path not in _worked(facts, upgrade)


# --- 500 ---------------------------------------------------------------------------------------------------------------


def _failed(facts: Facts, upgrade: Upgrade) -> Cause:
    """F06: the path cannot be a group's name; F04: a path almost like it works; F05: an exception, or anything else."""
    path = upgrade.path
    worked = _worked(facts, upgrade)
    unfit = unfit_for_group(path)
    if unfit and path not in worked:
        if any(not unfit_for_group(other) and _same_but_one(path, other) for other in worked):
            return _make(upgrade, "F06", unfit)
        return _make(upgrade, "F06", unfit, Confidence.LIKELY, ("F05",))
    near = next((other for other in worked if other != path and _one_slip(path, other)), None)
    if near is not None:
        if near.rstrip("/") == path.rstrip("/"):
            return _make(upgrade, "F04", "missing_slash", numbers={"near": near})
        return _make(upgrade, "F04", "misspelt", Confidence.LIKELY, ("F05",), {"near": near})
    if not path.endswith("/") and any(other.endswith("/") for other in worked):
        return _make(upgrade, "F05", "exception", Confidence.LIKELY, ("F04",))
    return _make(upgrade, "F05", "exception", Confidence.LIKELY)


def _worked(facts: Facts, upgrade: Upgrade) -> list[str]:
    """Paths on which the same server accepted handshakes."""
    server = facts.server_name(upgrade.connection)
    found = {
        other.path for other in facts.upgrades if other.status == 101 and facts.server_name(other.connection) == server
    }
    return sorted(found)[:_MOST_PATHS]


def _same_but_one(path: str, other: str) -> bool:
    """Whether two paths differ in one part only."""
    parts, others = path.split("/"), other.split("/")
    return len(parts) == len(others) and sum(a != b for a, b in zip(parts, others, strict=True)) == 1


def _one_slip(path: str, other: str) -> bool:
    """Whether one slip of a finger makes one path of the other: a character too many, too few, wrong, or two swapped."""
    start = 0
    while start < min(len(path), len(other)) and path[start] == other[start]:
        start += 1
    a, b = path[start:], other[start:]
    return a[1:] == b[1:] or a[1:] == b or a == b[1:] or (a[:2] == b[:2][::-1] and a[2:] == b[2:])


# --- pages instead of an upgrade ---------------------------------------------------------------------------------------


def _page(facts: Facts, upgrade: Upgrade, status: int, response: HttpMessage) -> Cause | None:
    """F09 where a proxy took the upgrade away, F03 where the server cannot upgrade."""
    behind = facts.upstream.get(upgrade.connection)
    if behind is not None and all(other.connection != behind for other in facts.upgrades):
        passed = [(answer.asked_packet, "passed_on") for answer in facts.answers if answer.connection == behind][:1]
        cause = _make(upgrade, "F09", "upgrade_stripped")
        return dataclasses.replace(cause, packets=(*cause.packets, *passed))
    if b'HTTP Connection headers do not include "upgrade"' in response.first_line:
        return _make(upgrade, "F09", "connection_header", Confidence.LIKELY)
    known = facts.server(upgrade.connection)
    if any(facts.server(number).program is Program.WSGI for number in facts.with_upstream(upgrade.connection)):
        return _make(upgrade, "F03", "wsgi")
    worked = _worked(facts, upgrade)
    if status in (200, 404) and worked and upgrade.path not in worked:
        # It speaks WebSocket: what is not there is the path.
        near = next((other for other in worked if _one_slip(upgrade.path, other)), None)
        return _make(
            upgrade, "F04", "elsewhere", Confidence.CERTAIN if near else Confidence.LIKELY, (),
            {"near": near or worked[0]},
        )  # fmt: skip
    if known.proxied and behind is None and not worked:
        return _make(upgrade, "F09", "unseen_leg", Confidence.UNCLEAR, ("F03", "F09"))
    if status in (200, 404) and known.program not in (Program.DAPHNE, Program.UVICORN) and not worked:
        if status == 404 and not any(response.values(name) for name in _OF_DJANGO):
            return _make(upgrade, "F03", "not_found", Confidence.UNCLEAR, ("F03", "F04"))
        return _make(upgrade, "F03", "plain_page" if status == 200 else "not_found", Confidence.LIKELY)
    return None


# --- after the 101, and before any HTTP --------------------------------------------------------------------------------


def _subprotocol(facts: Facts, upgrade: Upgrade) -> Cause | None:
    """F08: none of the offered subprotocols was chosen, and the client left at once."""
    offered = b", ".join(upgrade.handshake.request.values("sec-websocket-protocol")).decode("latin-1")
    socket = facts.socket_of.get(upgrade.connection)
    if upgrade.handshake.subprotocol is not None or not offered or socket is None or len(socket.messages(False)[0]):
        return None
    close, end = socket.close(False), socket.end
    left = close if close is not None else end if end is not None and not end.by_server else None
    if left is None or left.time_ns - socket.opened_ns > _QUICK_NS:
        return None
    return _with_packet(_make(upgrade, "F08", "none_chosen", numbers={"offered": offered}), left.packet, "end")


def _tls_to_plain(facts: Facts) -> list[Cause]:
    """F11: a ClientHello to a port that speaks plain HTTP."""
    found = []
    for number in facts.tls:
        row = facts.table[number]
        stream = facts.capture.stream(number, "server")
        if stream.read(0, 5) != b"HTTP/":
            continue
        packet = stream.packet_at(0)
        assert packet is not None  # it has just been read
        found.append(
            Cause(
                "F11", (number,), row.start_ns, int(facts.time_ns[packet - 1]),
                ((row.first_packet, "handshake"), (packet, "answer")), "tls_to_plain_port",
                numbers={"path": "", "status": 400, "server": str(row.server)},
            )
        )  # fmt: skip
    return found
