"""H5: a client is sent on again and again."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urljoin, urlsplit

from inspector.analysis.facts import Facts
from inspector.analysis.sockets import path_of
from inspector.i18n import N_
from inspector.model.finding import Confidence, Finding, Severity, Side, told
from inspector.recording.http import HttpExchange
from inspector.refs import Ref
from inspector.rules.alike import answered, finding_of, inside_tls
from inspector.rules.needs import Need
from inspector.rules.rule import Rule, Threshold

__all__ = ["RULE"]

_LEAST_REDIRECTS = 3
_MOST_PAUSE_S = 5.0
_REDIRECTS = (301, 302, 303, 307, 308)


def _judge(facts: Facts) -> Iterator[Finding]:
    found: dict[tuple[str, str, str], list[list[HttpExchange]]] = {}
    for chain in _chains(facts):
        urls = [_url(facts, item) for item in chain]
        reason = "loop" if len(set(urls)) < len(urls) else "chain"
        path = path_of(urlsplit(urls[0]).path)
        found.setdefault((facts.server_name(chain[0].connection), path, reason), []).append(chain)
    for (_server, path, reason), chains in found.items():
        longest = max(chains, key=len)
        loop = reason == "loop"
        sentence = (
            N_("{path} leads in a circle: {redirects} redirects in a row; seen {count} times")
            if loop
            else N_("{path} is reached over {redirects} redirects in a row; seen {count} times")
        )
        yield finding_of(
            RULE,
            facts,
            longest,
            reason=reason,
            severity=Severity.WARNING if loop else Severity.INFO,
            confidence=Confidence.LIKELY,
            fact=told(sentence, path=path, redirects=len(longest), count=len(chains)),
        )


def _chains(facts: Facts) -> Iterator[list[HttpExchange]]:
    """Redirects that one client followed one after the other, three and more."""
    waiting: dict[tuple[str, str], list[HttpExchange]] = {}
    for item, _request, response in sorted(answered(facts), key=lambda found: _begin(found[0])):
        client, url = facts.table[item.connection].client.address, _url(facts, item)
        chain = waiting.pop((client, _place(url)), [])
        if chain and not _at_once(chain[-1], item):
            yield from _long(chain)
            chain = []
        location = response.header("location") if response.status in _REDIRECTS else None
        if not location:
            yield from _long(chain)
            continue
        place = (client, _place(_joined(url, location.decode("utf-8", "backslashreplace"))))
        yield from _long(waiting.pop(place, []))
        chain.append(item)
        waiting[place] = chain
    for chain in waiting.values():
        yield from _long(chain)


def _long(chain: list[HttpExchange]) -> Iterator[list[HttpExchange]]:
    if len(chain) >= _LEAST_REDIRECTS:
        yield chain


def _begin(item: HttpExchange) -> int:
    assert item.request_ns is not None  # as ``answered`` says
    return item.request_ns[0]


def _at_once(before: HttpExchange, after: HttpExchange) -> bool:
    assert before.response_ns is not None  # as ``answered`` says
    return 0 <= _begin(after) - before.response_ns[0] <= _MOST_PAUSE_S * 1e9


def _url(facts: Facts, item: HttpExchange) -> str:
    request = item.exchange.request
    assert request is not None  # as ``answered`` says
    target, host = request.target or b"", request.header("host") or b""
    scheme = "https" if inside_tls(facts, item) else "http"
    return _joined(f"{scheme}://{host.decode('latin-1')}/", target.decode("utf-8", "backslashreplace"))


def _joined(base: str, target: str) -> str:
    try:
        return urljoin(base, target)
    except ValueError:  # no address; it leads nowhere that was asked for
        return target


def _place(url: str) -> str:
    """An address without its scheme: behind a proxy that ends TLS every request looks like http."""
    return url.partition("://")[2].partition("#")[0]


RULE = Rule(
    id="H5",
    title_fail=N_("A client was redirected again and again"),
    title_pass=N_("No client was redirected more than twice in a row"),
    why=N_("Each redirect costs a round trip or more; a circle never ends, and browsers give up after about twenty."),
    next_step=N_(
        "Redirect once, to the last address. For a circle between http and https set SECURE_PROXY_SSL_HEADER and let "
        "the proxy send X-Forwarded-Proto."
    ),
    refute=N_("Several clients behind one address asked for these pages, each on its own."),
    severity=Severity.WARNING,
    side=Side.APPLICATION,
    refs=(Ref("RFC 9110", "15.4"), Ref("RFC 9110", "10.2.2")),
    needs=(Need.HTTP,),
    thresholds=(
        Threshold(
            "LEAST_REDIRECTS", _LEAST_REDIRECTS, "redirects", N_("Two are ordinary: to https, then to the slash.")
        ),
        Threshold("MOST_PAUSE", _MOST_PAUSE_S, "s", N_("Programs follow a redirect at once, people do not.")),
    ),
    judge=_judge,
)
