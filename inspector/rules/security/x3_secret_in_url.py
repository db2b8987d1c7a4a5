"""X3: a secret stands in an address."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from inspector.analysis.facts import Facts
from inspector.analysis.sockets import path_of
from inspector.i18n import N_
from inspector.model.finding import Confidence, Finding, Severity, Side, told
from inspector.recording.http import HttpExchange
from inspector.refs import Ref
from inspector.rules.alike import finding_of
from inspector.rules.needs import Need
from inspector.rules.rule import Rule, Threshold
from inspector.wire.forms import query_parameters

__all__ = ["RULE"]

_PASSWORDS = frozenset({"password", "passwd", "pwd", "secret", "client_secret"})
_KEYS = frozenset({
    "token", "access_token", "refresh_token", "id_token", "auth_token", "api_key", "apikey", "access_key", "jwt",
    "session", "sessionid", "session_id", "sid", "sig", "signature",
})  # fmt: skip
"""Names that mean a secret where the value is as long as one."""
_LEAST_VALUE = 8


def _judge(facts: Facts) -> Iterator[Finding]:
    found: dict[tuple[str, str, str], list[HttpExchange]] = {}
    for item in facts.exchanges:
        if not item.request_packets or item.connection in facts.behind:
            continue
        request = item.exchange.request
        assert request is not None  # seen
        path = path_of(request.target_text)
        for name in _secrets(request.target or b""):
            found.setdefault((facts.server_name(item.connection), path, name), []).append(item)
    for (_server, path, name), items in found.items():
        sentence = (
            N_("{count} requests for {path} carry a user name and password before the host")
            if name == "userinfo"
            else N_("{count} requests for {path} carry a secret in their address: {name}")
        )
        yield finding_of(
            RULE,
            facts,
            items,
            asked=True,
            reason=name,
            confidence=Confidence.CERTAIN if name in _PASSWORDS or name == "userinfo" else Confidence.LIKELY,
            fact=told(sentence, count=len(items), path=path, name=name),
        )


def _secrets(target: bytes) -> Iterator[str]:
    """Names of what is secret in a request target, each once."""
    names: dict[str, None] = {}
    for name, value in query_parameters(target):
        plain = name.lower().replace("-", "_")
        if (plain in _PASSWORDS and value) or (plain in _KEYS and len(value) >= _LEAST_VALUE):
            names[plain] = None
    if b"://" in target[:16]:
        try:
            if urlsplit(target.decode("latin-1")).password:
                names["userinfo"] = None
        except ValueError:  # no address that could be taken apart
            pass
    yield from names


RULE = Rule(
    id="X3",
    title_fail=N_("A secret stands in an address"),
    title_pass=N_("No address carries a secret"),
    why=N_("Addresses are kept in logs, histories and Referer headers, where many people and programs read them."),
    next_step=N_("Send it in a header or in the body; a WebSocket can take it in its first message or in a cookie."),
    refute=N_("The value is public, or it is good for one use and already spent."),
    severity=Severity.WARNING,
    side=Side.APPLICATION,
    refs=(Ref("RFC 9110", "17.9"), Ref("RFC 3986", "7.5"), Ref("RFC 6750", "5.3")),
    needs=(Need.HTTP,),
    thresholds=(
        Threshold("LEAST_VALUE", _LEAST_VALUE, "characters", N_("Shorter values are words or numbers, not keys.")),
    ),
    judge=_judge,
)
