"""P1: a forward proxy refused a tunnel."""

from __future__ import annotations

from collections.abc import Iterator

from inspector.analysis.facts import Facts
from inspector.i18n import N_
from inspector.model.finding import Finding, Severity, Side, Text, told
from inspector.refs import Ref
from inspector.rules.alike import answered
from inspector.rules.needs import Need
from inspector.rules.places import first, place
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
    tried = [
        (item, request.target or b"", response.status or 0)
        for item, request, response in answered(facts)
        if request.method == b"CONNECT" and item.protocol is None  # RFC 8441's asks a server for another protocol
    ]
    granted = {(item.connection, target): item.number for item, target, status in tried if status < 300}
    for item, target, status in tried:
        if status < 300 or granted.get((item.connection, target), 0) > item.number:
            continue  # perhaps 407 first, and then with a login
        yield RULE.fail(
            *place(first(item.request_packets), Text("CONNECT")),
            *place(first(item.response_packets), Text(N_("answer"))),
            connections=(item.connection,),
            time_ns=first(item.request_ns),
            reason=str(status),
            side=Side.CLIENT if status == 407 else Side.SERVER if status in (502, 503, 504) else Side.PROXY,
            fact=told(
                N_("CONNECT {target} was answered with {status}: {cause}"),
                target=target.decode("latin-1"),
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
