"""H6: a page is slow every time."""

from __future__ import annotations

import re
from collections.abc import Iterator
from statistics import median

from inspector.analysis.facts import Facts
from inspector.analysis.sockets import path_of
from inspector.i18n import N_
from inspector.model.finding import Confidence, Finding, Severity, Side, told
from inspector.recording.http import HttpExchange
from inspector.refs import Ref
from inspector.rules.alike import answered, finding_of
from inspector.rules.needs import Need
from inspector.rules.rule import Rule, Threshold

__all__ = ["RULE"]

_LEAST_SEEN = 3
_NUMBER = re.compile(r"(?<=/)(?:\d+|[0-9a-fA-F]{8}-?(?:[0-9a-fA-F]{4}-?){3}[0-9a-fA-F]{12})(?=/|$)")
"""A part of a path that names one row of many: a number or a UUID."""


def _judge(facts: Facts) -> Iterator[Finding]:
    pages: dict[tuple[str, str, str], list[tuple[int, HttpExchange]]] = {}
    for item, request, response in answered(facts):
        wait = item.wait_ns
        if wait is None or response.status == 101:
            continue
        path = _NUMBER.sub("<id>", path_of(request.target_text))
        key = (facts.server_name(item.connection), (request.method or b"").decode("latin-1"), path)
        pages.setdefault(key, []).append((wait, item))
    for (_server, method, path), found in pages.items():
        waits = [wait for wait, _ in found]
        middle = median(waits)
        if len(found) < _LEAST_SEEN or middle < facts.settings.slow * 1e9:
            continue
        yield finding_of(
            RULE,
            facts,
            [item for wait, item in found if wait >= middle],
            confidence=Confidence.LIKELY,
            fact=told(
                N_("{method} {path}: {count} requests waited {middle_s} s in the middle, {longest_s} s at most"),
                method=method,
                path=path,
                count=len(found),
                middle_s=round(middle / 1e9, 2),
                longest_s=round(max(waits) / 1e9, 2),
            ),
        )


RULE = Rule(
    id="H6",
    title_fail=N_("A page is slow every time"),
    title_pass=N_("No page is slow every time"),
    why=N_("When half of the requests for one page wait long, the page itself is slow, not one unlucky request."),
    next_step=N_("Look at the view behind this page: its queries (F29, H7), other services, work that can wait."),
    refute=N_("The page holds requests back on purpose, as in long polling."),
    severity=Severity.INFO,
    side=Side.SERVER,
    refs=(Ref("RFC 9110", "3.4"),),
    needs=(Need.HTTP, Need.BOTH_DIRECTIONS),
    thresholds=(
        Threshold("LEAST_SEEN", _LEAST_SEEN, "requests", N_("Fewer have no middle; S1 tells them one by one.")),
        Threshold("SLOW", 1.0, "s", N_("From here on people lose patience; --set slow=…")),
    ),
    judge=_judge,
)
