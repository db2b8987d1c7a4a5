"""The report as text for a terminal: the verdict, what proves it, who talked, where to look."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from typing import Any

from inspector.i18n import _, ngettext
from inspector.report.both import Text, say
from inspector.report.clean import clean, shell_word
from inspector.report.duration import duration_text, moment_text

__all__ = ["exit_code", "render_text"]

# Any: JSON.
Json = dict[str, Any]

_MOST_FINDINGS = 20
_MOST_CONNECTIONS = 10
_LEAST_WIDTH = 30
"""Columns for words; in a narrower window the terminal breaks them."""
_MARKS = {"fail": "X", "warn": "!", "undecidable": "?", "error": "E"}


def render_text(report: Json, language: str | None = None, width: int | None = None) -> str:
    """Render a report as plain text; captured text in it is cleaned.

    Args:
        report: As ``build_report`` made it.
        language: Of its sentences; that of the report by default.
        width: Columns of the terminal, Korean letters taking two; None: lines are as long as they are.
    """
    language = language or report["language"]

    def told(text: Text) -> str:
        return clean(say(text, language))

    lines = [_source_line(source) for source in report["sources"]]
    lines += [told(source["damage"]) for source in report["sources"] if source["damage"]]
    lines += _verdict_lines(report, told)
    for finding in report["findings"][:_MOST_FINDINGS]:
        lines += ["", *_finding_lines(finding, told)]
        if report["level"] == "learn":
            lines += _wireshark_lines(finding, told)
    if len(report["findings"]) > _MOST_FINDINGS:
        lines.append(_("… {count} more findings").format(count=len(report["findings"]) - _MOST_FINDINGS))
    lines += ["", *_connection_lines(report, told)]
    lines += ["", _("next: {command}").format(command=f"{_again(report)} -o report.html")]
    return "\n".join(lines if width is None else _wrapped(lines, width))


def _again(report: Json) -> str:
    """The command that made the report, without where it wrote to."""
    if report["command"]:
        words = shlex.split(report["command"])
        return clean(shlex.join(words[:-2] if words[-2:-1] == ["-o"] else words))
    return " ".join(["inspector report", *(shell_word(row["name"]) for row in report["sources"])])


def _wrapped(lines: list[str], width: int) -> Iterator[str]:
    """Lines broken between words; what is broken off stands under the text that it belongs to."""
    from rich.cells import cell_len
    from rich.console import Console
    from rich.text import Text as Line

    console = Console(width=width)
    for line in lines:
        if cell_len(line) <= width:
            yield line
            continue
        text = line.lstrip()
        start = len(line) - len(text)
        hanging = " " * (start + (3 if not start else 2))
        first, *rest = Line(text).wrap(console, max(width - len(hanging), _LEAST_WIDTH))
        yield line[:start] + first.plain.rstrip()
        yield from (hanging + part.plain.strip() for part in rest)


def exit_code(report: Json) -> int:
    """What a program ends with: 2 for a failure, 1 for a warning or something undecided, 0 for neither."""
    told = [finding for finding in report["findings"] if finding["severity"] != "info"]
    if any(finding["outcome"] == "fail" for finding in told):
        return 2
    return 1 if told else 0


def _source_line(source: Json) -> str:
    count = source["packets"]
    packets = ngettext("{count} packet", "{count} packets", count).format(count=f"{count:,}")
    line = f"{clean(source['name'])}  {packets}"
    if source["first_ns"] is not None:
        line += f"  {duration_text(source['last_ns'] - source['first_ns'])}  {moment_text(source['first_ns'])}"
    return line


# Any: a function from Text to str.
def _verdict_lines(report: Json, told: Any) -> list[str]:
    verdict = report["verdict"]
    words = {"certain": _("certain"), "likely": _("likely"), "unclear": _("unclear")}
    quiet = "?" if verdict["state"] == "undecided" else "ok"
    mark = _MARKS[report["findings"][0]["outcome"]] if report["findings"] else quiet
    line = f"{mark:<2} {told(verdict['text'])}  ({words[verdict['confidence']]})"
    if verdict["packets"]:
        line += "  " + _("packets: {packets}").format(packets=", ".join(verdict["packets"]))
    lines = [line]
    if report["not_examined"]:
        what = "; ".join(told(row["text"]) for row in report["not_examined"])
        lines.append("   " + _("not looked at: {what}").format(what=what))
    return lines


def _finding_lines(finding: Json, told: Any) -> list[str]:
    head = f"{_MARKS[finding['outcome']]} {finding['rule']:<4} {told(finding['title'])}"
    if finding["connections"]:
        head += "  " + ", ".join(f"#{number}" for number in finding["connections"][:8])
    lines = [head]
    lines += [f"       {told(finding[name])}" for name in ("fact", "why") if finding[name]]
    if finding["evidence"]:
        places = ", ".join(f"{item['packet']} {told(item['note'])}".strip() for item in finding["evidence"])
        lines.append("       " + _("packets: {packets}").format(packets=places))
    if finding["refs"]:
        lines.append("       " + ", ".join(ref["text"] for ref in finding["refs"]))
    if finding["next"]:
        lines.append("       " + _("next: {step}").format(step=told(finding["next"])))
    return lines


# Any: a function from Text to str.
def _wireshark_lines(finding: Json, told: Any) -> list[str]:
    """How to see the same there; the rule in other words is one command away."""
    lines = ["       " + _("See it in Wireshark") + ":"]
    for step in finding["wireshark"]:
        lines += [f"         {step['filter']}", f"           {told(step['text'])}"]
    return [*lines, "       " + _("explained: {command}").format(command=f"inspector explain {finding['rule']}")]


def _connection_lines(report: Json, told: Any) -> list[str]:
    rows = [row for section in report["sections"] for row in section["connections"]["rows"]]
    total = sum(section["connections"]["total"] for section in report["sections"])
    rows = sorted(rows, key=lambda row: (not row["findings"],))
    lines = [
        f"#{row['id']} {row['client']} > {row['server']}  {row['protocol']}  {duration_text(row['duration_ns'])}  "
        f"{told(row['ending_text'])}"
        for row in rows[:_MOST_CONNECTIONS]
    ]
    if total > _MOST_CONNECTIONS:
        lines.append(_("… {count} more connections").format(count=f"{total - _MOST_CONNECTIONS:,}"))
    return lines
