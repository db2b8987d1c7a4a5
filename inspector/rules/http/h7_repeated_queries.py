"""H7: the server's trace shows which view repeats which query (N+1)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from inspector.analysis.facts import Facts
from inspector.i18n import N_
from inspector.model.finding import Finding, Severity, Side, told
from inspector.rules.needs import Need
from inspector.rules.rule import Rule, Threshold

__all__ = ["RULE"]

_LEAST_REPEATED = 5
_MOST_SQL = 200
"""Characters of a statement in a sentence; its beginning tells which one it is."""


def _judge(facts: Facts) -> Iterator[Finding]:
    assert facts.trace is not None  # Need.TRACE
    ends = {(event["pid"], str(event.get("conn"))): event for event in facts.trace.of("end")}
    worst: dict[tuple[str, str], tuple[int, int]] = {}
    seen: dict[tuple[str, str], list[int]] = {}
    for event in facts.trace.of("sql"):
        end = ends.get((event["pid"], str(event.get("conn"))))
        if end is None or event.get("cause") != event.get("conn"):
            continue  # not the work of one HTTP request
        count, sql = _most_repeated(event)
        if count - 1 < _LEAST_REPEATED:
            continue
        key = (str(end.get("view") or end.get("route") or "-"), sql)
        seen.setdefault(key, []).append(event["t"])
        queries = event.get("queries")
        worst[key] = max(worst.get(key, (0, 0)), (count, queries if isinstance(queries, int) else 0))
    for (view, sql), times in seen.items():
        count, queries = worst[view, sql]
        yield RULE.fail(
            time_ns=times[0],
            reason="n_plus_one",
            fact=told(
                N_("{view} ran {sql} {count} times in one request, of {queries} queries; seen in {requests} requests"),
                view=view,
                sql=sql[:_MOST_SQL],
                count=count,
                queries=queries,
                requests=len(times),
            ),
        )


# Any: JSON; docs/trace.md lists the fields.
def _most_repeated(event: dict[str, Any]) -> tuple[int, str]:
    """How often the most frequent statement of an ``sql`` event ran, and its shape; 0 where the event tells none."""
    listed = event.get("statements")
    counted = [
        (one["count"], str(one.get("sql")))
        for one in (listed if isinstance(listed, list) else ())
        if isinstance(one, dict) and type(one.get("count")) is int
    ]
    return max(counted, default=(0, ""))


RULE = Rule(
    id="H7",
    title_fail=N_("A view runs the same query again and again in one request"),
    title_pass=N_("No view runs the same query again and again in one request"),
    why=N_("Each row's related object is fetched by a query of its own: the page gets slower with every row."),
    next_step=N_("select_related for what a row points to, prefetch_related for what points to it."),
    refute=N_("The view needs each of these answers before it can ask the next."),
    severity=Severity.WARNING,
    side=Side.APPLICATION,
    refs=(),
    needs=(Need.TRACE,),
    thresholds=(
        Threshold("LEAST_REPEATED", _LEAST_REPEATED, "repetitions", N_("A few of session and user are ordinary.")),
    ),
    judge=_judge,
)
