"""X2: a server took a WebSocket from a page of another site."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from inspector.analysis.facts import Facts, Upgrade
from inspector.analysis.sockets import path_of
from inspector.i18n import N_
from inspector.model.finding import Confidence, Finding, Severity, Side, told
from inspector.recording.http import HttpExchange
from inspector.refs import Ref
from inspector.rules.alike import finding_of
from inspector.rules.needs import Need
from inspector.rules.rule import Rule

__all__ = ["RULE"]

_BROWSER = b"Mozilla/"
"""Every browser's User-Agent begins so."""
_REFUSED = 403

_SENTENCES = {
    "foreign_origin": N_("{path} under {host} took {count} WebSockets from Origin {origin}"),
    "null_origin": N_(
        "{path} under {host} took {count} WebSockets from Origin {origin}, which any sandboxed page sends"
    ),
    "no_origin": N_("{path} under {host} took {count} WebSockets of a browser without an Origin"),
}


def _judge(facts: Facts) -> Iterator[Finding]:
    found: dict[tuple[str, str, str, str, str], list[HttpExchange]] = {}
    checking = set()
    for upgrade in facts.upgrades:
        reason = _reason(upgrade)
        if not reason or upgrade.connection in facts.behind:
            continue
        request = upgrade.handshake.request
        server, path = facts.server_name(upgrade.connection), path_of(request.target_text)
        if upgrade.status == _REFUSED:
            checking.add((server, path))
        elif upgrade.handshake.accepted:
            key = (server, path, reason, _text(request.header("origin")), _text(request.header("host")))
            found.setdefault(key, []).append(upgrade.item)
    for (server, path, reason, origin, host), items in found.items():
        if (server, path) in checking:
            continue  # it refuses some: this one is on its list
        yield finding_of(
            RULE,
            facts,
            items,
            reason=reason,
            confidence=Confidence.LIKELY,
            fact=told(_SENTENCES[reason], path=path, host=host, count=len(items), origin=origin),
        )


def _reason(upgrade: Upgrade) -> str:
    """What is foreign about a request; empty when nothing is."""
    request = upgrade.handshake.request
    origin = request.header("origin")
    if origin is None:
        return "no_origin" if (request.header("user-agent") or b"").startswith(_BROWSER) else ""
    if origin.lower() == b"null":
        return "null_origin"
    # Names alone: proxies often pass the port on in one of the two only.
    here = {_host(f"//{_text(value)}") for name in ("host", "x-forwarded-host") for value in request.values(name)}
    there = _host(_text(origin))
    return "foreign_origin" if there is not None and here and there not in here else ""


def _host(url: str) -> str | None:
    try:
        return urlsplit(url).hostname
    except ValueError:
        return None


def _text(value: bytes | None) -> str:
    return (value or b"").decode("utf-8", "backslashreplace")


RULE = Rule(
    id="X2",
    title_fail=N_("A WebSocket was accepted without a check of its Origin"),
    title_pass=N_("No WebSocket from another site was accepted"),
    why=N_(
        "Browsers let any page open a WebSocket to any server and send its cookies along; only the server can "
        "refuse by looking at Origin. Otherwise another site speaks in its visitor's name."
    ),
    next_step=N_("Refuse foreign origins; in Channels wrap the application in AllowedHostsOriginValidator."),
    refute=N_("The server lists this origin as allowed, or a proxy rewrote Host on the way."),
    severity=Severity.WARNING,
    side=Side.APPLICATION,
    refs=(Ref("RFC 6455", "10.2"), Ref("RFC 6455", "4.2.2"), Ref("RFC 6454", "7")),
    needs=(Need.UPGRADE,),
    judge=_judge,
)
