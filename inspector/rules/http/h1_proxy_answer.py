"""H1: an intermediary answered for the server, or a limit was hit."""

from __future__ import annotations

from collections.abc import Iterator

from inspector.analysis.facts import Facts
from inspector.i18n import N_
from inspector.model.finding import Confidence, Finding, Outcome, Severity, Side, Text, told
from inspector.refs import Ref
from inspector.rules.alike import answered
from inspector.rules.needs import Need
from inspector.rules.places import first, place
from inspector.rules.rule import Rule

__all__ = ["RULE"]

_GATEWAY = {
    502: N_("the server behind did not answer properly"),
    503: N_("the server behind is overloaded or not there"),
    504: N_("the server behind did not answer in time"),
}
_LIMITS = {
    408: N_("the request took too long to arrive"),
    413: N_("the body is too large"),
    421: N_("the connection is for another host"),
    431: N_("the headers are too large"),
}
_BEHIND = ("via", "x-cache", "x-varnish", "cf-ray", "x-amz-cf-id", "x-served-by")
_PROXIES = (b"nginx", b"envoy", b"haproxy", b"cloudflare", b"awselb", b"varnish", b"traefik", b"caddy", b"squid")


def _judge(facts: Facts) -> Iterator[Finding]:
    for item, request, response in answered(facts):
        status = response.status or 0
        cause = _GATEWAY.get(status) or _LIMITS.get(status)
        if cause is None:
            continue
        gateway = status in _GATEWAY
        server = response.header("server") or b""
        proxy = any(response.values(name) for name in _BEHIND) or server.lower().startswith(_PROXIES)
        yield RULE.fail(
            *place(first(item.request_packets), Text(N_("request"))),
            *place(first(item.response_packets), Text(N_("answer"))),
            outcome=Outcome.FAIL if gateway else Outcome.WARN,
            severity=Severity.ERROR if gateway else Severity.WARNING,
            connections=facts.with_upstream(item.connection),
            time_ns=first(item.request_ns),
            side=Side.SERVER if gateway else Side.CLIENT,
            confidence=Confidence.LIKELY if proxy else Confidence.UNCLEAR,
            reason=str(status),
            fact=told(
                N_("{target} was answered with {status} after {wait_s} s, by {server}: {cause}"),
                target=request.first_line[:200].decode("utf-8", "backslashreplace"),
                status=status,
                wait_s=round((item.wait_ns or 0) / 1e9, 2),
                server=server.decode("latin-1") or "-",
                cause=Text(cause),
            ),
        )


RULE = Rule(
    id="H1",
    title_fail=N_("A hop on the way answered with an error of its own"),
    title_pass=N_("No hop on the way answered with an error of its own"),
    why=N_("502, 503 and 504 come from a proxy and speak of the server behind it; a round 30 or 60 s is its timeout."),
    next_step=N_("Look at the log of the hop that the Server and Via headers name, then at the server behind it."),
    refute=N_("The same request succeeds at the same time past that hop."),
    severity=Severity.ERROR,
    side=Side.SERVER,
    refs=(Ref("RFC 9110", "15.6"), Ref("RFC 6585", "5")),
    needs=(Need.HTTP,),
    judge=_judge,
)
