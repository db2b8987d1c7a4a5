"""P1: a forward proxy refused a tunnel."""

from __future__ import annotations

from collections.abc import Iterator

from inspector.analysis.facts import Facts
from inspector.i18n import N_
from inspector.model.finding import Evidence, Finding, Severity, Side, Text, told
from inspector.refs import Ref
from inspector.rules.needs import Need
from inspector.rules.rule import Rule

__all__ = ["RULE"]

_CAUSES = {
    403: N_("the proxy does not allow it"),
    407: N_("the proxy wants a login"),
    502: N_("the proxy could not reach the host"),
    503: N_("the proxy could not reach the host"),
    504: N_("the host did not answer the proxy"),
}
_OTHER = N_("the proxy refused it")


def _judge(facts: Facts) -> Iterator[Finding]:
    asked_again: dict[tuple[int, bytes], int] = {}
    for item in facts.exchanges:
        request, response = item.exchange.request, item.exchange.response
        if (
            request is not None
            and request.method == b"CONNECT"
            and response is not None
            and (response.status or 0) < 300
        ):
            asked_again[item.connection, request.target or b""] = item.number
    for item in facts.exchanges:
        request, response = item.exchange.request, item.exchange.response
        if request is None or response is None or request.method != b"CONNECT" or (response.status or 0) < 300:
            continue
        if asked_again.get((item.connection, request.target or b""), 0) > item.number:
            continue  # 407, and then with a login
        status = response.status or 0
        places = [
            Evidence(p[0], note=Text(n))
            for p, n in ((item.request_packets, "CONNECT"), (item.response_packets, N_("answer")))
            if p
        ]
        yield RULE.fail(
            *places,
            connections=(item.connection,),
            time_ns=item.request_ns[0] if item.request_ns else None,
            reason=str(status),
            side=Side.CLIENT if status == 407 else Side.SERVER if status in (502, 503, 504) else Side.PROXY,
            fact=told(
                N_("CONNECT {target} was answered with {status}: {cause}"),
                target=(request.target or b"").decode("latin-1"),
                status=status,
                cause=Text(_CAUSES.get(status, _OTHER)),
            ),
        )


RULE = Rule(
    id="P1",
    title_fail=N_("A forward proxy refused the tunnel"),
    title_pass=N_("Forward proxies opened every tunnel"),
    why=N_("Everything behind the proxy is out of reach; the browser shows it as its own error."),
    next_step=N_("Give the proxy its login, or ask for the host to be allowed; for 502 look at the host."),
    refute=N_("The same CONNECT succeeds right after."),
    severity=Severity.ERROR,
    side=Side.PROXY,
    refs=(Ref("RFC 9110", "9.3.6"),),
    needs=(Need.HTTP,),
    explains=("H1",),
    judge=_judge,
)
