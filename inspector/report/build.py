"""From recordings to report.json, the product; text, Markdown and HTML are made of it alone."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from inspector import __version__
from inspector.analysis.facts import Facts
from inspector.recording.capture import Capture
from inspector.report.options import ReportOptions
from inspector.report.sections.appendix import left_out_json
from inspector.report.sections.connections import connections_json
from inspector.report.sections.exchanges import exchanges_json
from inspector.report.sections.findings import finding_json, in_order, not_examined_json, rules_json, verdict_json
from inspector.report.sections.journeys import fan_out_json, journeys_json
from inspector.report.sections.ladders import ladders_json
from inspector.report.sections.learning import add_learning
from inspector.report.sections.legs import legs_json
from inspector.report.sections.packets import packets_json
from inspector.report.sections.plots import plots_json
from inspector.report.sections.sources import source_json
from inspector.report.sections.subject import Subject
from inspector.report.sections.websockets import websockets_json

__all__ = ["SCHEMA", "build_report", "required_parts"]

SCHEMA = "report/1"

# Any: the report is JSON; its shape is given by schema/report-1.json, not by Python types.
Json = dict[str, Any]


def build_report(sources: Capture | Sequence[Capture | Facts], options: ReportOptions | None = None) -> Json:
    """The report as JSON-ready values; the same recordings and options give the same report.

    Args:
        sources: What was recorded, one or several; as ``Facts`` with the server's settings and trace.
        options: What the report is to hold.
    """
    options = options or ReportOptions()
    given = [sources] if isinstance(sources, Capture) else sources
    facts = [item if isinstance(item, Facts) else Facts(item) for item in given]
    subjects = [Subject(index, item, options) for index, item in enumerate(facts)]
    sections = [_sections(subject) for subject in subjects]
    pairs = in_order((subject, finding) for subject in subjects for finding in subject.findings)
    findings = [finding_json(subject, finding, number) for number, (subject, finding) in enumerate(pairs, 1)]
    _link_findings(findings, sections)
    counts: Counter[str] = Counter()
    for subject in subjects:
        counts.update(subject.masking.counts)
    report: Json = {
        "schema": SCHEMA,
        "tool": __version__,
        "language": options.language,
        "level": options.level,
        "sources": [source_json(subject) for subject in subjects],
        "verdict": verdict_json(pairs, subjects),
        "not_examined": [row for subject in subjects for row in not_examined_json(subject)],
        "findings": findings,
        "rules": rules_json(subjects),
        "sections": sections,
        "journeys": [row for subject in subjects for row in journeys_json(subject)],
        "fan_out": [row for subject in subjects for row in fan_out_json(subject)],
        "redaction": {"on": options.redact, "counts": dict(sorted(counts.items()))},
        "left_out": left_out_json(sections),
        "command": options.command,
    }
    add_learning(report)
    return report


def required_parts() -> list[str]:
    """What every report has at its top, as the JSON Schema says."""
    schema = json.loads((Path(__file__).parent / "schema" / "report-1.json").read_text("utf-8"))
    found: list[str] = schema["required"]
    return found


def _sections(subject: Subject) -> Json:
    return {
        "connections": connections_json(subject),
        "ladders": ladders_json(subject),
        "legs": legs_json(subject),
        "exchanges": exchanges_json(subject),
        "websockets": websockets_json(subject),
        "packets": packets_json(subject),
        "plots": plots_json(subject),
    }


def _link_findings(findings: list[Json], sections: list[Json]) -> None:
    """Write the ids of findings to their connections."""
    rows = {row["id"]: row for section in sections for row in section["connections"]["rows"]}
    for finding in findings:
        for connection in finding["connections"]:
            if connection in rows:
                rows[connection]["findings"].append(finding["id"])
