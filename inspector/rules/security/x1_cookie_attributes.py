"""X1: a cookie lacks an attribute that keeps it from others."""

from __future__ import annotations

import re
from collections.abc import Iterator

from inspector.analysis.facts import Facts
from inspector.analysis.sockets import path_of
from inspector.i18n import N_
from inspector.model.finding import Finding, Severity, Side, told
from inspector.recording.http import HttpExchange
from inspector.refs import Ref
from inspector.rules.alike import answered, finding_of, inside_tls
from inspector.rules.needs import Need
from inspector.rules.rule import Rule

__all__ = ["RULE"]

_SESSION = re.compile(rb"sess|token|auth|jwt|(?:^|[._-])sid$", re.IGNORECASE)
"""Names under which frameworks keep who somebody is: sessionid, PHPSESSID, JSESSIONID, connect.sid, access_token."""
_FOR_SCRIPTS = re.compile(rb"csrf|xsrf", re.IGNORECASE)
"""A CSRF cookie is there to be read by the page's script, and alone it opens nothing."""

_ATTRIBUTES = {"no_http_only": "HttpOnly", "no_same_site": "SameSite", "no_secure": "Secure"}


def _judge(facts: Facts) -> Iterator[Finding]:
    cookies: dict[tuple[str, bytes, str], list[HttpExchange]] = {}
    paths: dict[tuple[str, bytes, str], str] = {}
    for item, request, response in answered(facts):
        for value in response.values("set-cookie"):
            name, reasons = _missing(value, inside_tls(facts, item))
            for reason in reasons:
                key = (facts.server_name(item.connection), name, reason)
                cookies.setdefault(key, []).append(item)
                paths.setdefault(key, path_of(request.target_text))
    for (server, name, reason), items in cookies.items():
        mild = reason == "no_same_site" or not _is_session(name)
        yield finding_of(
            RULE,
            facts,
            items,
            reason=reason,
            severity=Severity.INFO if mild else Severity.WARNING,
            fact=told(
                N_("The cookie {name} was set without {attribute} in {count} responses, first by {path}"),
                name=name[:100].decode("latin-1"),
                attribute=_ATTRIBUTES[reason],
                count=len(items),
                path=paths[server, name, reason],
            ),
        )


def _missing(value: bytes, encrypted: bool) -> tuple[bytes, list[str]]:
    """Name of a Set-Cookie header's cookie, and what it lacks."""
    pair, *rest = value.split(b";")
    name, _, content = pair.partition(b"=")
    attributes = {part.partition(b"=")[0].strip().lower(): part.partition(b"=")[2].strip() for part in rest}
    name = name.strip()
    if content.strip() in (b"", b'""') or attributes.get(b"max-age") == b"0":
        return name, []  # a cookie that is taken away
    reasons = []
    if _is_session(name):
        reasons += ["no_http_only"] if b"httponly" not in attributes else []
        reasons += ["no_same_site"] if b"samesite" not in attributes else []
    if encrypted and b"secure" not in attributes:
        reasons.append("no_secure")
    return name, reasons


def _is_session(name: bytes) -> bool:
    return _SESSION.search(name) is not None and _FOR_SCRIPTS.search(name) is None


RULE = Rule(
    id="X1",
    title_fail=N_("A cookie lacks an attribute that protects it"),
    title_pass=N_("Cookies carry the attributes that protect them"),
    why=N_(
        "Without HttpOnly every script of the page can read the cookie; without Secure it also goes over plain "
        "HTTP; without SameSite it goes with requests that other sites make."
    ),
    next_step=N_(
        "Set the attributes; in Django SESSION_COOKIE_HTTPONLY, SESSION_COOKIE_SAMESITE and SESSION_COOKIE_SECURE."
    ),
    refute=N_("The cookie holds nothing that identifies anybody, whatever its name."),
    severity=Severity.WARNING,
    side=Side.APPLICATION,
    refs=(
        Ref("RFC 6265", "4.1.2.5"),
        Ref("RFC 6265", "4.1.2.6"),
        Ref("draft-ietf-httpbis-rfc6265bis"),
    ),
    needs=(Need.HTTP,),
    judge=_judge,
)
