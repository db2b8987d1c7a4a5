"""Findings about several exchanges that show the same: one finding instead of one per exchange."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from inspector.analysis.facts import Facts
from inspector.i18n import N_
from inspector.model.finding import Finding, Text
from inspector.model.grade import Grade
from inspector.model.http import HttpMessage
from inspector.recording.http import HttpExchange
from inspector.rules.places import first, place
from inspector.rules.rule import Rule
from inspector.rules.run import MOST_EVIDENCE

__all__ = ["answered", "finding_of", "inside_tls"]

_HTTPS = 443


def answered(facts: Facts) -> Iterator[tuple[HttpExchange, HttpMessage, HttpMessage]]:
    """Exchanges of clients with request and response, both with packets; a proxy's own copies are left out."""
    for item in facts.exchanges:
        if not item.request_packets or not item.response_packets or item.connection in facts.behind:
            continue
        request, response = item.exchange.request, item.exchange.response
        assert request is not None and response is not None  # seen
        yield item, request, response


# Any: the fields of Finding, checked by it.
def finding_of(
    rule: Rule, facts: Facts, items: Sequence[HttpExchange], *, asked: bool = False, **fields: Any
) -> Finding:
    """One finding about exchanges in the order of the capture.

    Args:
        rule: Whose finding it is.
        facts: The capture's facts.
        items: At least one exchange, each with packets.
        asked: The evidence is in the requests; otherwise it is in the responses.
        fields: Of ``Finding``.
    """
    seen = [(item.request_packets if asked else item.response_packets) for item in items[:MOST_EVIDENCE]]
    note = Text(N_("request")) if asked else Text(N_("answer"))
    start = {
        "connections": facts.with_upstream(*dict.fromkeys(item.connection for item in items)),
        "time_ns": first(items[0].request_ns),
    }
    return rule.fail(*(evidence for pair in seen for evidence in place(first(pair), note)), **(start | fields))


def inside_tls(facts: Facts, item: HttpExchange) -> bool:
    """Whether an exchange came out of TLS: decrypted here, or recorded by a program that saw it as https."""
    if item.application.tls is not None:
        return True
    recorded = facts.grades[item.connection] != Grade.CAPTURED
    return bool(recorded and facts.table[item.connection].server.port == _HTTPS)
