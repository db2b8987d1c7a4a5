"""F29: a page asks the database again for every row (N+1)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from inspector.analysis.facts import Facts
from inspector.analysis.sockets import path_of
from inspector.i18n import N_
from inspector.model.finding import Confidence, Finding, Severity, Side, told
from inspector.model.http import HttpMessage
from inspector.recording.http import HttpExchange
from inspector.rules.alike import answered, finding_of
from inspector.rules.needs import Need
from inspector.rules.rule import Rule, Threshold

__all__ = ["RULE"]

_LEAST_REPEATED = 10
_PART_REPEATED = 0.5
_QUERIES = re.compile(r'db;[^,]*desc="(\d+) quer')
_REPEATED = re.compile(r'dup;[^,]*desc="(\d+) ')


def _judge(facts: Facts) -> Iterator[Finding]:
    pages: dict[tuple[str, str], list[tuple[HttpExchange, int, int]]] = {}
    for item, request, response in answered(facts):
        counts = _counts(response)
        if counts is not None and counts[1] >= _PART_REPEATED * counts[0]:
            path = path_of(request.target_text)
            pages.setdefault((facts.server_name(item.connection), path), []).append((item, *counts))
    for (_, path), found in sorted(pages.items()):
        worst = max(found, key=lambda entry: entry[2])
        if worst[2] < _LEAST_REPEATED:
            continue
        grows = len({queries for _, queries, _ in found}) > 1
        yield finding_of(
            RULE,
            facts,
            [item for item, _, _ in found],
            confidence=Confidence.CERTAIN if grows else Confidence.LIKELY,
            reason="n_plus_one",
            fact=told(
                N_(
                    "{path} took {queries} queries, {repeated} of them repeated; over its requests the count "
                    "goes from {least} to {queries}"
                ),
                path=path,
                queries=worst[1],
                repeated=worst[2],
                least=min(queries for _, queries, _ in found),
            ),
        )


def _counts(response: HttpMessage) -> tuple[int, int] | None:
    """Queries and repeated ones, as the response's Server-Timing header tells; None when it tells nothing."""
    timing = b", ".join(response.values("server-timing")).decode("latin-1")
    queries, repeated = _QUERIES.search(timing), _REPEATED.search(timing)
    return (int(queries[1]), int(repeated[1])) if queries and repeated else None


RULE = Rule(
    id="F29",
    title_fail=N_("A page asks the database once per row"),
    title_pass=N_("No page repeats its queries row by row"),
    why=N_("Each row's related object is fetched by a query of its own: the page gets slower with every row."),
    next_step=N_("select_related for what a row points to, prefetch_related for what points to it."),
    refute=N_("The repeated queries do not grow with the rows."),
    severity=Severity.ERROR,
    side=Side.APPLICATION,
    refs=(),
    needs=(Need.HTTP,),
    explains=("S1",),
    thresholds=(
        Threshold("LEAST_REPEATED", _LEAST_REPEATED, "queries", N_("A handful of repeated queries is ordinary.")),
        Threshold(
            "PART_REPEATED", _PART_REPEATED, "of all queries", N_("In an N+1 page most queries are repetitions.")
        ),
    ),
    judge=_judge,
)
