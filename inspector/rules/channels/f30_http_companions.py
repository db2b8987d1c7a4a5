"""F30: what Django and nginx answer beside a chat: CSRF, hosts, slashes, static files, sizes."""

from __future__ import annotations

from collections.abc import Iterator

from inspector.analysis.facts import Facts
from inspector.analysis.sockets import path_of
from inspector.i18n import N_
from inspector.model.finding import Confidence, Finding, Severity, Side, told
from inspector.model.http import HttpMessage
from inspector.recording.http import HttpExchange
from inspector.refs import Ref
from inspector.rules.alike import answered, finding_of
from inspector.rules.needs import Need
from inspector.rules.rule import Rule, Threshold
from inspector.wire.forms import media_type

__all__ = ["RULE"]

_MOST_BODY = 2_621_440
_LOOKED_AT = 1 << 18
"""Bytes of an error page in which its cause is looked for; Django's debug pages have some hundred kB."""
_FILES = ("/static/", "/media/")

_SENTENCES = {
    "csrf": N_("{method} {path} was answered with 403: the CSRF token is missing or wrong"),
    "wrong_host": N_("{path} was asked for under Host {host}, which Django does not know: 400"),
    "post_without_slash": N_(
        "{method} {path} has no slash at its end: Django cannot redirect it without losing the body ({status})"
    ),
    "body_too_big": N_("{method} {path} carries {size} bytes that are no file, more than Django takes: 400"),
    "upload_too_big": N_("{method} {path} carries {size} bytes, more than the proxy lets through: 413"),
    "static_doubled": N_("{path} was answered with the proxy's own 404: it looks in the wrong folder"),
    "static_not_served": N_("{path} was answered with 404: this server serves no static files"),
}
_TOLD = {
    "csrf": (Side.CLIENT, Confidence.CERTAIN),
    "wrong_host": (Side.APPLICATION, Confidence.CERTAIN),
    "post_without_slash": (Side.CLIENT, Confidence.CERTAIN),
    "body_too_big": (Side.CLIENT, Confidence.CERTAIN),
    "upload_too_big": (Side.PROXY, Confidence.LIKELY),
    "static_doubled": (Side.PROXY, Confidence.LIKELY),
    "static_not_served": (Side.APPLICATION, Confidence.LIKELY),
}
"""Whose fault each is, and how sure."""


def _judge(facts: Facts) -> Iterator[Finding]:
    for item, request, response in answered(facts):
        reason = _reason(facts, item, request, response)
        if reason is None:
            continue
        side, confidence = _TOLD[reason]
        yield finding_of(
            RULE,
            facts,
            [item],
            side=side,
            reason=reason,
            confidence=confidence,
            fact=told(
                _SENTENCES[reason],
                method=(request.method or b"").decode("latin-1"),
                path=path_of(request.target_text),
                host=(request.header("host") or b"").decode("latin-1"),
                size=request.body_length,
                status=response.status or 0,
            ),
        )


def _reason(facts: Facts, item: HttpExchange, request: HttpMessage, response: HttpMessage) -> str | None:
    status, method, target = response.status, request.method, request.target or b""
    path = target.partition(b"?")[0]
    if status == 403 and method not in (b"GET", b"HEAD") and b"CSRF" in _page(item, response):
        return "csrf"
    if status == 400:
        page = _page(item, response)
        if b"DisallowedHost" in page or b"Invalid HTTP_HOST header" in page:
            return "wrong_host"
        files = media_type(request.header("content-type"))[0] == "multipart/form-data"
        if b"RequestDataTooBig" in page or (request.body_length > _MOST_BODY and not files):
            return "body_too_big"
        return None
    if method not in (b"GET", b"HEAD") and not path.endswith(b"/"):
        location = response.header("location") or b""
        if status == 500 and b"APPEND_SLASH" in _page(item, response):
            return "post_without_slash"
        if status == 301 and location.partition(b"?")[0].endswith(path + b"/"):
            return "post_without_slash"
    if status == 413:
        return "upload_too_big" if facts.server(item.connection).proxied else "body_too_big"
    if status == 404 and path.decode("latin-1").startswith(_FILES):
        own = facts.server(item.connection).proxied and item.connection not in facts.upstream
        return "static_doubled" if own else "static_not_served"
    return None


def _page(item: HttpExchange, response: HttpMessage) -> bytes:
    return item.content(response).data[:_LOOKED_AT]


RULE = Rule(
    id="F30",
    title_fail=N_("A request failed for a reason of Django or nginx"),
    title_pass=N_("No request failed for one of the usual reasons of Django and nginx"),
    why=N_(
        "These answers look alike (400, 403, 404, 413, 500) and have one cause each: CSRF token, "
        "ALLOWED_HOSTS, a missing slash, DATA_UPLOAD_MAX_MEMORY_SIZE, client_max_body_size, root and alias "
        "of static files."
    ),
    next_step=N_(
        "Send the CSRF token; add the host to ALLOWED_HOSTS; end the path with a slash; send large data as a "
        "file; raise client_max_body_size; use alias for /static/."
    ),
    refute=N_("The same request succeeds with nothing else changed."),
    severity=Severity.ERROR,
    side=Side.APPLICATION,
    refs=(Ref("RFC 9110", "15.5"),),
    needs=(Need.HTTP,),
    explains=("H1",),
    thresholds=(
        Threshold("MOST_BODY", _MOST_BODY, "bytes", N_("Django's DATA_UPLOAD_MAX_MEMORY_SIZE, 2.5 MB without files.")),
    ),
    judge=_judge,
)
