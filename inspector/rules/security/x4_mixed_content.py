"""X4: an https page fetches parts of itself in the clear."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from inspector.analysis.facts import Facts
from inspector.analysis.sockets import path_of
from inspector.i18n import N_
from inspector.model.finding import Finding, Severity, Side, told
from inspector.recording.http import HttpExchange
from inspector.refs import Ref
from inspector.rules.alike import answered, finding_of, inside_tls
from inspector.rules.needs import Need
from inspector.rules.rule import Rule, Threshold
from inspector.wire.content import codings_of, decode_content
from inspector.wire.forms import media_type

__all__ = ["RULE"]

_LOOKED_AT = 1 << 18
_TAG = re.compile(rb"<(script|img|iframe|link)\s([^<>]{1,2000})>", re.IGNORECASE)
_PLAIN = re.compile(rb"(?:^|\s)(?:src|href)\s{0,9}=\s{0,9}[\"']?(http://[^\"'\s]{1,300})", re.IGNORECASE)
_FETCHED = re.compile(rb"rel\s{0,9}=\s{0,9}[\"']?[^\"'=]{0,50}(?:stylesheet|icon|preload|manifest)", re.IGNORECASE)
"""Links that a browser follows by itself; the others (canonical, next) are only said."""
_SOCKET = re.compile(rb"new\s{1,9}WebSocket\s{0,9}\(\s{0,9}[\"'`](ws://[^\"'`\s]{1,300})")
_HERE = ("localhost", "127.0.0.1", "::1")
"""Browsers take the machine itself for safe."""


def _judge(facts: Facts) -> Iterator[Finding]:
    found: dict[tuple[str, str, str, str], list[HttpExchange]] = {}
    for item, request, response in answered(facts):
        if media_type(response.header("content-type"))[0] != "text/html" or not inside_tls(facts, item):
            continue
        page = decode_content(
            item.body(response, _LOOKED_AT), codings_of(response.values("content-encoding")), _LOOKED_AT
        ).data
        path = path_of(request.target_text)
        for reason, url in dict(_in_the_clear(page)).items():
            found.setdefault((facts.server_name(item.connection), path, reason, url), []).append(item)
    for (_server, path, reason, url), items in found.items():
        yield finding_of(
            RULE,
            facts,
            items,
            reason=reason,
            severity=Severity.INFO if reason == "img" else Severity.WARNING,
            fact=told(
                N_("The https page {path} fetches {url} in the clear ({element})"), path=path, url=url, element=reason
            ),
        )


def _in_the_clear(page: bytes) -> Iterator[tuple[str, str]]:
    """Kind of element and address of what a page fetches without TLS."""
    for tag in _TAG.finditer(page):
        url = _PLAIN.search(tag[2])
        kind = tag[1].lower().decode("ascii")
        if url is not None and _elsewhere(url[1]) and (kind != "link" or _FETCHED.search(tag[2])):
            yield kind, url[1].decode("latin-1")
    for socket in _SOCKET.finditer(page):
        if _elsewhere(socket[1]):
            yield "websocket", socket[1].decode("latin-1")


def _elsewhere(url: bytes) -> bool:
    try:
        return urlsplit(url.decode("latin-1")).hostname not in _HERE
    except ValueError:  # no address, so nothing is fetched
        return False


RULE = Rule(
    id="X4",
    title_fail=N_("An https page fetches parts of itself in the clear"),
    title_pass=N_("No https page fetches anything in the clear"),
    why=N_(
        "Browsers block scripts, frames and WebSockets in the clear on https pages, so the page misses them; an "
        "image can be read and changed on the way."
    ),
    next_step=N_(
        "Write https:// and wss://, or addresses without a scheme; behind a proxy set SECURE_PROXY_SSL_HEADER."
    ),
    refute=N_("The page's Content-Security-Policy has upgrade-insecure-requests: the browser asks over TLS."),
    severity=Severity.WARNING,
    side=Side.APPLICATION,
    refs=(Ref("RFC 6455", "10.6"), Ref("RFC 9110", "4.2.2")),
    needs=(Need.HTTP,),
    thresholds=(
        Threshold("LOOKED_AT", _LOOKED_AT, "bytes", N_("Of each page; what it fetches stands near its beginning.")),
    ),
    judge=_judge,
)
