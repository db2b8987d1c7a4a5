"""The report as Markdown for tickets: a pure function of the JSON.

Captured text stands only in code spans and fences that are longer than any run of backticks inside, so that it stays text.
"""

from __future__ import annotations

import re
from typing import Any

from inspector.i18n import _, speaking
from inspector.report.both import Text, say
from inspector.report.clean import clean
from inspector.report.duration import duration_text, moment_text
from inspector.report.shapes import hex_rows

__all__ = ["render_markdown"]

_MOST_FINDINGS = 8
_MOST_CONNECTIONS = 8
_MOST_ARROWS = 24
_TICKS = re.compile("`+")
_ACTS = re.compile(r"([\\`*_{}\[\]()<>#+!|~&$@:])")
"""Characters that Markdown and HTML act on."""
_SAFE_LABEL = re.compile(r"[^\w .,/:=?&%+-]")

# Any: JSON.
Json = dict[str, Any]


def render_markdown(report: Json, language: str | None = None) -> str:
    """Render a report as Markdown.

    Args:
        report: As ``build_report`` made it.
        language: Of its sentences; that of the report by default.
    """
    language = language or report["language"]
    with speaking(language):
        return _Page(report, language).text()


def _plain(text: str) -> str:
    """Text that nothing acts on: addresses and mentions are disarmed, since sites look for them after escapes are gone."""
    disarmed = clean(text).replace("://", "[:]//").replace("@", "\uff20").replace("www.", "www[.]")
    return _ACTS.sub(r"\\\1", disarmed)


def _code(text: str) -> str:
    """Captured text in a code span."""
    shown = clean(text)
    ticks = "`" * (max((len(run) for run in _TICKS.findall(shown)), default=0) + 1)
    return f"{ticks} {shown} {ticks}" if "`" in shown else f"{ticks}{shown or ' '}{ticks}"


def _fence(lines: list[str], kind: str = "text") -> list[str]:
    longest = max((len(run) for line in lines for run in _TICKS.findall(line)), default=0)
    ticks = "`" * max(longest + 1, 3)
    return [f"{ticks}{kind}", *(clean(line) for line in lines), ticks]


class _Page:
    def __init__(self, report: Json, language: str) -> None:
        self._report = report
        self._language = language

    def _say(self, text: Text) -> str:
        """A sentence of ours; what is captured in it cannot act."""
        return _plain(say(text, self._language))

    def text(self) -> str:
        lines = self._head()
        for finding in self._report["findings"][:_MOST_FINDINGS]:
            lines += ["", *self._finding(finding)]
        left = len(self._report["findings"]) - _MOST_FINDINGS
        if left > 0:
            lines += ["", _("{count} more findings are in the full report.").format(count=left)]
        lines += ["", *self._connections(), *self._ladder()]
        lines += ["", _("Made by Inspector {version}:").format(version=self._report["tool"])]
        lines += _fence([self._report["command"] or "inspector report"], "sh")
        return "\n".join(lines) + "\n"

    def _head(self) -> list[str]:
        report, verdict = self._report, self._report["verdict"]
        words = {"certain": _("certain"), "likely": _("likely"), "unclear": _("unclear")}
        packets = ""
        if verdict["packets"]:
            packets = "; " + _("packets: {packets}").format(packets=", ".join(verdict["packets"]))
        lines = [f"**{self._say(verdict['text'])}** ({words[verdict['confidence']]}{packets})", ""]
        for source in report["sources"]:
            lines.append(f"- {_code(source['name'])} SHA-256 `{source['sha256'][:16]}…`")
            if source["first_ns"] is not None:
                lines[-1] += (
                    f", {moment_text(source['first_ns'])}, {duration_text(source['last_ns'] - source['first_ns'])}"
                )
        what = "; ".join(self._say(row["text"]) for row in report["not_examined"])
        if what:
            lines.append("- " + _("not looked at: {what}").format(what=what))
        masked = ", ".join(f"{kind} {count}" for kind, count in report["redaction"]["counts"].items())
        if not report["redaction"]["on"]:
            lines.append("- **" + _("Nothing in this report is masked.") + "**")
        elif masked:
            lines.append("- " + _("masked: {what}").format(what=masked))
        return lines

    def _finding(self, finding: Json) -> list[str]:
        where = [f"#{number}" for number in finding["connections"][:4]]
        packets = ", ".join(item["packet"] for item in finding["evidence"])
        lines = [f"{finding['id']}. **{finding['rule']}** {self._say(finding['title'])}"]
        if where:
            lines[0] += " — " + _("connection {number}").format(number=", ".join(where).replace("#", "\\#"))
        if packets:
            lines[0] += "; " + _("packets: {packets}").format(packets=packets)
        start = self._report["sources"][finding["source"]]["first_ns"]
        if finding["after_ns"] is not None and start is not None:
            lines[0] += f"; {moment_text(start + finding['after_ns'])}"
        for name in ("fact", "why"):
            if finding[name] and finding[name] != finding["title"]:
                lines.append(f"   - {self._say(finding[name])}")
        if finding["next"]:
            lines.append("   - " + _("next: {step}").format(step=self._say(finding["next"])))
        if finding["refs"]:
            lines.append("   - " + ", ".join(ref["text"] for ref in finding["refs"]))
        if self._report["level"] == "learn":
            lines += [
                f"   - Wireshark: {_code(step['filter'])} {self._say(step['text'])}" for step in finding["wireshark"]
            ]
        if finding["evidence"]:
            lines += ["", *("   " + line for line in self._bytes(finding["evidence"][0]))]
        return lines

    def _bytes(self, item: Json) -> list[str]:
        rows = hex_rows(item["excerpt"]["hex"], item["excerpt"]["start"], item["bytes"])
        note = clean(say(item["note"], self._language))
        title = _("packet {number}").format(number=item["number"]) + (f", {note}" if note else "")
        shown = [f"{row['offset']}  {' '.join(run for run, _inside in row['runs']):<47}  {row['text']}" for row in rows]
        return _fence([title, *shown])

    def _connections(self) -> list[str]:
        rows = [row for section in self._report["sections"] for row in section["connections"]["rows"]]
        total = sum(section["connections"]["total"] for section in self._report["sections"])
        if not rows:
            return []
        rows = sorted(rows, key=lambda row: not row["findings"])[:_MOST_CONNECTIONS]
        heads = ("#", _("client"), _("server"), _("protocol"), _("duration"), _("ending"))
        lines = ["| " + " | ".join(heads) + " |", "|---|---|---|---|---|---|"]
        for row in rows:
            cells = (row["id"], row["client"], row["server"], row["protocol"], duration_text(row["duration_ns"]))
            lines.append("| " + " | ".join([*map(_plain, cells), self._say(row["ending_text"])]) + " |")
        if total > len(rows):
            lines += ["", _("{count} more connections are in the full report.").format(count=total - len(rows))]
        return lines

    def _ladder(self) -> list[str]:
        """The ladder of the first connection that has one, as a diagram and as text."""
        ladders = [ladder for section in self._report["sections"] for ladder in section["ladders"]]
        wanted = next((f["connection"] for f in self._report["findings"] if f["connection"] is not None), None)
        ladder = next((one for one in ladders if one["connection"] == wanted), ladders[0] if ladders else None)
        if ladder is None:
            return []
        arrows = ladder["arrows"][:_MOST_ARROWS]
        diagram = ["sequenceDiagram", f"participant C as {_('client')}", f"participant S as {_('server')}"]
        twin = []
        for row in arrows:
            words = " ".join(
                part for part in (say(row["label"], self._language), say(row["detail"], self._language)) if part
            )
            label = " ".join(_SAFE_LABEL.sub(" ", clean(words)).split())[:80]
            seconds = f"{row['after_ns'] / 1e9:.6f}"
            if row["kind"] == "folded":
                diagram.append(f"Note over C,S: {label}")
                twin.append(f"{seconds}       {words}")
            else:
                diagram.append(f"{'C->>S' if row['from_client'] else 'S->>C'}: {label} [{row['number']}]")
                twin.append(f"{seconds}  {'-->' if row['from_client'] else '<--'}  {words}  [{row['number']}]")
        return [
            "",
            *_fence(diagram, "mermaid"),
            "",
            "<details><summary>" + _("The same as text") + "</summary>",
            "",
            *_fence(twin),
            "",
            "</details>",
        ]
