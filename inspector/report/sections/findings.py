"""Verdict, findings with their evidence, and what each rule said."""

from __future__ import annotations

from collections.abc import Iterable

from inspector.i18n import _
from inspector.model.finding import Confidence, Evidence, Finding, Outcome, Severity
from inspector.model.tables import ASSEMBLED
from inspector.recording.dissect import dissect
from inspector.refs import Ref
from inspector.report.both import both
from inspector.report.sections.raw import packet_bytes
from inspector.report.sections.subject import Json, Subject
from inspector.rules import RULES, Verdict
from inspector.rules.registry import rule_by_id

__all__ = ["finding_json", "in_order", "not_examined_json", "rules_json", "verdict_json"]

_EXCERPT_BYTES = 48
"""Bytes shown beside a piece of evidence."""
_OUTCOMES = {outcome: place for place, outcome in enumerate(Outcome)}
_SEVERITIES = {severity: place for place, severity in enumerate(Severity)}
_SURE = list(Confidence)
_STATES = {Outcome.WARN: "warning", Outcome.UNDECIDABLE: "undecided"}


def in_order(findings: Iterable[tuple[Subject, Finding]]) -> list[tuple[Subject, Finding]]:
    """The worst first, else as each source has them."""
    return sorted(findings, key=lambda item: (_OUTCOMES[item[1].outcome], _SEVERITIES[item[1].severity]))


def finding_json(subject: Subject, finding: Finding, number: int) -> Json:
    """One finding; ``number`` counts over all sources from 1."""
    rule = rule_by_id(finding.rule)
    return {
        "id": str(number),
        "rule": finding.rule,
        "outcome": finding.outcome.value,
        "severity": finding.severity.value,
        "side": finding.side.value,
        "confidence": finding.confidence.value,
        "source": subject.index,
        "connection": subject.key(finding.connection) if finding.connection is not None else None,
        "connections": [subject.key(connection) for connection in finding.connections],
        "after_ns": finding.time_ns - subject.start_ns if finding.time_ns is not None else None,
        "title": subject.said(finding.title),
        "fact": subject.said(finding.fact),
        "why": subject.said(finding.why),
        "why_it_matters": both(lambda: _(rule.why) if rule else ""),
        "next": both(lambda: _(rule.next_step) if rule else ""),
        "refute": subject.said(finding.refute),
        "reason": finding.reason,
        "rivals": list(finding.rivals),
        "more": finding.more,
        "refs": [_ref(ref) for ref in finding.refs],
        "evidence": [_evidence(subject, item) for item in finding.evidence],
        "consequences": [
            {
                "rule": inner.rule,
                "title": subject.said(inner.title),
                "fact": subject.said(inner.fact),
                "packets": [subject.key(item.packet) for item in inner.evidence[:4]],
            }
            for inner in finding.consequences
        ],
    }


def _ref(ref: Ref) -> Json:
    return {"text": str(ref), "url": ref.url}


def _evidence(subject: Subject, item: Evidence) -> Json:
    capture = subject.capture
    row = item.packet - 1
    captured = int(capture.packets.captured[row])
    start = max(item.start - 8, 0) // 8 * 8 if item.end else _innermost(subject, row)
    size = min(max(item.end - start, _EXCERPT_BYTES), 2 * _EXCERPT_BYTES, captured - start)
    found = dissect(subject.capture, item.packet, inside=False)
    return {
        "packet": subject.key(item.packet),
        "number": item.packet,
        "bytes": [item.start, item.end],
        "note": subject.said(item.note),
        "after_ns": int(capture.packets.time_ns[row]) - subject.start_ns,
        "excerpt": {"start": start, "hex": packet_bytes(subject, found)[start : start + size].hex()},
    }


def _innermost(subject: Subject, row: int) -> int:
    """Where the innermost header of a packet begins: what is remarkable about a packet as a whole stands there."""
    packets, layers = subject.capture.packets, subject.capture.layers
    if not packets.layer_count[row]:
        return 0
    offset = int(layers.offset[int(packets.layer_start[row]) + int(packets.layer_count[row]) - 1])
    return 0 if offset & ASSEMBLED else offset


def _nothing_found(verdict: Verdict) -> str:
    return "undecided" if verdict.confidence is Confidence.UNCLEAR else "pass"


def verdict_json(pairs: list[tuple[Subject, Finding]], subjects: list[Subject]) -> Json:
    """The verdict in one sentence: that of the source with the worst finding, else of the one that told least."""
    subject = pairs[0][0] if pairs else max(subjects, key=lambda one: _SURE.index(one.diagnosis.verdict.confidence))
    verdict = subject.diagnosis.verdict
    worst = pairs[0][1] if pairs else None
    because = [str(place) for place, (_s, f) in enumerate(pairs, 1) if _s is subject and f.rule in verdict.because]
    return {
        "state": _nothing_found(verdict) if worst is None else _STATES.get(worst.outcome, worst.severity.value),
        "source": subject.index,
        "text": subject.said(verdict.sentence),
        "side": verdict.side.value,
        "confidence": verdict.confidence.value,
        "because": because,
        "packets": [subject.key(packet) for packet in verdict.packets],
        "settle": subject.said(verdict.settle),
        "refute": subject.said(verdict.refute),
        "sides": {side.value: state for side, state in verdict.sides},
    }


def not_examined_json(subject: Subject) -> list[Json]:
    """What nobody looked at, with the reason: a verdict is only as good as this list is short."""
    return [
        {
            "what": item.what,
            "source": subject.index,
            "count": item.count,
            "text": subject.said(item.text),
            "connections": [subject.key(connection) for connection in item.connections],
        }
        for item in subject.diagnosis.not_examined
    ]


def rules_json(subjects: list[Subject]) -> list[Json]:
    """Every rule with how it ended, the worst over all sources."""
    rows = []
    for place, rule in enumerate(RULES):
        results = [(subject, subject.diagnosis.results[place]) for subject in subjects]
        worst, result = min(results, key=lambda item: _OUTCOMES[item[1].outcome])
        failed = result.outcome in (Outcome.FAIL, Outcome.WARN, Outcome.UNDECIDABLE)
        title = rule.title_fail if failed else rule.title_pass
        rows.append(
            {
                "id": rule.id,
                "state": result.outcome.value,
                "severity": rule.severity.value,
                "title": both(lambda title=title: _(title)),  # type: ignore[misc]  # bound now
                "why_state": worst.said(result.why),
                "findings": sum(item.findings for _subject, item in results),
                "refs": [_ref(ref) for ref in rule.refs],
            }
        )
    return rows
