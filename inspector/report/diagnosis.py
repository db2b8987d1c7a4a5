"""A diagnosis as JSON-ready values and as lines for a terminal.

The JSON (``inspector diagnose --json``; texts in the chosen language)::

    {"schema": "diagnosis/1", "tool": "0.1.0", "capture": {"name", "format", "packets", "damage"},
     "verdict": {"side": "client|network|proxy|server|application|nobody|unknown", "text", "because": ["N2"],
                 "confidence": "certain|likely|unclear", "packets": [1, 2], "settle", "refute",
                 "sides": {"client": "ok|fault|unknown", …}},
     "not_examined": [{"what": "tls_no_keys", "text", "connections": [7], "count": 1}],
     "rules": [{"id": "N2", "state": "fail|warn|undecidable|pass|not_applicable|error", "why", "findings": 1}],
     "findings": [{"rule", "outcome", "severity", "side", "confidence", "title", "fact", "why", "why_it_matters", "next",
                   "refute", "reason", "rivals": ["F12"], "connection": 3, "connections": [3], "time_ns", "more": 0,
                   "evidence": [{"packet": 812, "bytes": [54, 58], "note"}], "refs": ["RFC 6455 §7.4.1"],
                   "consequences": [{"rule", "title", "fact", "connections", "time_ns", "evidence"}]}]}

``connections`` are ``tcp.stream`` numbers, ``packet`` is ``frame.number``; ``bytes`` is [0, 0] for the packet as a whole;
``time_ns`` and ``connection`` are null where there is none. Texts that do not apply are empty.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import numpy as np

from inspector import __version__
from inspector.i18n import _, ngettext
from inspector.model.damage import Damage
from inspector.model.finding import Confidence, Evidence, Finding, Outcome, Severity
from inspector.recording.capture import Capture
from inspector.report.clean import clean, shell_word
from inspector.report.duration import moment_text
from inspector.rules import Diagnosis, NotExamined, RuleResult, Verdict
from inspector.rules.registry import rule_by_id

__all__ = ["diagnosis_json", "diagnosis_lines", "exit_code", "finding_json", "rule_json", "verdict_json"]

SCHEMA = "diagnosis/1"

# Any: JSON; its shape is given above.
Json = dict[str, Any]

_MARKS = {Outcome.FAIL: "X", Outcome.WARN: "!", Outcome.UNDECIDABLE: "?", Outcome.ERROR: "E"}


def exit_code(diagnosis: Diagnosis) -> int:
    """What a program ends with: 2 for a failure, 1 for a warning or something undecided, 0 for neither."""
    told = [f for f in diagnosis.findings if f.severity is not Severity.INFO]
    if any(f.outcome is Outcome.FAIL for f in told):
        return 2
    return 1 if told else 0


# --- JSON --------------------------------------------------------------------------------------------------------------


def diagnosis_json(capture: Capture, diagnosis: Diagnosis) -> Json:
    """A diagnosis as JSON-ready values; the same capture gives the same values."""
    return {
        "schema": SCHEMA,
        "tool": __version__,
        "capture": {
            "name": capture.name,
            "format": capture.format,
            "packets": capture.packet_count,
            "damage": asdict(capture.damage) if capture.damage else None,
        },
        "verdict": verdict_json(diagnosis.verdict),
        "not_examined": [_not_examined(item) for item in diagnosis.not_examined],
        "rules": [rule_json(result) for result in diagnosis.results],
        "findings": [finding_json(finding) for finding in diagnosis.findings],
    }


def verdict_json(verdict: Verdict) -> Json:
    """The verdict as JSON-ready values."""
    return {
        "side": verdict.side.value,
        "text": str(verdict.sentence),
        "confidence": verdict.confidence.value,
        "because": list(verdict.because),
        "packets": list(verdict.packets),
        "settle": str(verdict.settle),
        "refute": str(verdict.refute),
        "sides": {side.value: state for side, state in verdict.sides},
    }


def _not_examined(item: NotExamined) -> Json:
    return {"what": item.what, "text": str(item.text), "connections": list(item.connections), "count": item.count}


def rule_json(result: RuleResult) -> Json:
    """How a rule ended, as JSON-ready values."""
    return {
        "id": result.rule.id,
        "state": result.outcome.value,
        "why": str(result.why),
        "findings": result.findings,
    }


def finding_json(finding: Finding) -> Json:
    """A finding as JSON-ready values."""
    rule = rule_by_id(finding.rule)
    return {
        "rule": finding.rule,
        "outcome": finding.outcome.value,
        "severity": finding.severity.value,
        "side": finding.side.value,
        "confidence": finding.confidence.value,
        "title": str(finding.title),
        "fact": str(finding.fact),
        "why": str(finding.why),
        "why_it_matters": _(rule.why) if rule else "",
        "next": _(rule.next_step) if rule else "",
        "refute": str(finding.refute),
        "reason": finding.reason,
        "rivals": list(finding.rivals),
        "connection": finding.connection,
        "connections": list(finding.connections),
        "time_ns": finding.time_ns,
        "more": finding.more,
        "evidence": [_evidence(item) for item in finding.evidence],
        "refs": [str(ref) for ref in finding.refs],
        "consequences": [
            {
                "rule": inner.rule,
                "title": str(inner.title),
                "fact": str(inner.fact),
                "connections": list(inner.connections),
                "time_ns": inner.time_ns,
                "evidence": [_evidence(item) for item in inner.evidence],
            }
            for inner in finding.consequences
        ],
    }


def _evidence(item: Evidence) -> Json:
    return {"packet": item.packet, "bytes": [item.start, item.end], "note": str(item.note)}


# --- terminal ----------------------------------------------------------------------------------------------------------


def diagnosis_lines(capture: Capture, diagnosis: Diagnosis, *, all_rules: bool = False) -> list[str]:
    """A diagnosis for a terminal: the verdict, the findings, what to do next; captured text is cleaned.

    Args:
        capture: What was diagnosed.
        diagnosis: The result.
        all_rules: Also tell how every rule ended.
    """
    # Blocks without a time, such as a proxy's notes, have 0 there.
    times, count = np.delete(capture.packets.time_ns, capture.untimed), capture.packet_count
    start = int(times.min()) if len(times) else 0
    seconds = (int(times.max()) - start) / 1e9 if len(times) else 0.0
    packets = ngettext("{count} packet", "{count} packets", count).format(count=f"{count:,}")
    lines = [f"{clean(capture.name)}  {packets}  {seconds:.1f} s" + (f"  {moment_text(start)}" if len(times) else "")]
    if capture.damage:
        lines.append(Damage(**asdict(capture.damage)).sentence)
    lines += _verdict_lines(diagnosis)
    for finding in diagnosis.findings:
        lines += ["", *_finding_lines(finding, start)]
    if all_rules:
        lines += ["", *_rule_lines(diagnosis)]
    lines += ["", *_closing_lines(capture, diagnosis)]
    return lines


def _verdict_lines(diagnosis: Diagnosis) -> list[str]:
    verdict = diagnosis.verdict
    words = {"certain": _("certain"), "likely": _("likely"), "unclear": _("unclear")}
    states = {"ok": _("ok"), "fault": _("FAULT"), "unknown": "?"}
    outcomes = [f.outcome for f in diagnosis.findings if f.severity is not Severity.INFO]
    quiet = "?" if verdict.confidence is Confidence.UNCLEAR else "ok"
    line = f"{_MARKS[outcomes[0]] if outcomes else quiet:<2} {clean(str(verdict.sentence))}  ({words[verdict.confidence.value]})"
    if verdict.packets:
        line += "  " + _("packets: {packets}").format(packets=", ".join(map(str, verdict.packets)))
    lines = [line]
    if verdict.sides:
        lines.append("   " + " | ".join(f"{side.word} {states[state]}" for side, state in verdict.sides))
    if verdict.settle.message:
        lines.append("   " + _("would settle it: {how}").format(how=clean(str(verdict.settle))))
    if verdict.refute.message:
        lines.append("   " + _("would refute it: {how}").format(how=clean(str(verdict.refute))))
    if diagnosis.not_examined:
        told = "; ".join(clean(str(item.text)) for item in diagnosis.not_examined)
        lines.append("   " + _("not looked at: {what}").format(what=told))
    return lines


def _finding_lines(finding: Finding, start_ns: int) -> list[str]:
    rule = rule_by_id(finding.rule)
    mark = "i" if finding.severity is Severity.INFO else _MARKS[finding.outcome]
    head = f"{mark} {finding.rule:<4} {clean(str(finding.title))}"
    if finding.connections:
        shown = ", ".join(f"#{number}" for number in finding.connections[:8])
        head += "  " + shown + (" …" if len(finding.connections) > 8 else "")
    if finding.time_ns is not None:
        head += f"  +{(finding.time_ns - start_ns) / 1e9:.3f} s"
    lines = [head]
    for text in (finding.fact, finding.why):
        if text.message:
            lines.append(f"       {clean(str(text))}")
    if finding.evidence:
        places = ", ".join(_place(item) for item in finding.evidence)
        lines.append("       " + _("packets: {packets}").format(packets=places))
    if finding.refs:
        lines.append("       " + ", ".join(str(ref) for ref in finding.refs))
    if finding.consequences:
        ids = sorted({f"{inner.rule}" for inner in finding.consequences})
        lines.append("       " + _("explains also: {rules}").format(rules=", ".join(ids)))
    if finding.more:
        lines.append("       " + _("further ones like this: {count}").format(count=finding.more))
    if rule is not None:
        lines.append("       " + _("next: {step}").format(step=_(rule.next_step)))
    return lines


def _place(item: Evidence) -> str:
    note = clean(str(item.note)) if item.note.message else ""
    return f"{item.packet} {note}".strip()


def _rule_lines(diagnosis: Diagnosis) -> list[str]:
    states = {
        Outcome.PASS: _("pass"),
        Outcome.NOT_APPLICABLE: _("not applicable"),
        Outcome.FAIL: _("fail"),
        Outcome.WARN: _("warning"),
        Outcome.UNDECIDABLE: _("cannot be decided"),
        Outcome.ERROR: _("the rule broke down"),
    }
    lines = []
    for result in diagnosis.results:
        title = _(result.rule.title_pass if result.outcome is Outcome.PASS else result.rule.title_fail)
        why = f"  {clean(str(result.why))}" if result.why.message else ""
        lines.append(f"  {result.rule.id:<4} {states[result.outcome]}: {title}{why}")
    return lines


def _closing_lines(capture: Capture, diagnosis: Diagnosis) -> list[str]:
    count = {outcome: sum(r.outcome is outcome for r in diagnosis.results) for outcome in Outcome}
    lines = [
        _("rules: {passed} passed, {failed} failed, {warned} warned, {open} undecided, {away} not applicable").format(
            passed=count[Outcome.PASS],
            failed=count[Outcome.FAIL],
            warned=count[Outcome.WARN],
            open=count[Outcome.UNDECIDABLE],
            away=count[Outcome.NOT_APPLICABLE],
        )
    ]
    lines += [
        _("rule {rule} broke down: {why}").format(rule=result.rule.id, why=clean(str(result.why)))
        for result in diagnosis.results
        if result.outcome is Outcome.ERROR
    ]
    place = next((f.evidence[0].packet for f in diagnosis.findings if f.evidence), None)
    if place is not None:
        command = f"inspector packet {shell_word(capture.name)} {place}"
        lines.append(_("look: {command}").format(command=command))
    return lines
