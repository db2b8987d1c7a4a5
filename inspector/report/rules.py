"""A rule explained: as JSON, and as a page of Markdown for the manual and the terminal."""

from __future__ import annotations

from typing import Any

from inspector.i18n import N_, _
from inspector.rules import Rule

__all__ = ["rule_as_json", "rule_page"]


def rule_as_json(rule: Rule) -> dict[str, Any]:  # Any: JSON
    """A rule as JSON-ready values."""
    return {
        "id": rule.id,
        "title_fail": _(rule.title_fail),
        "title_pass": _(rule.title_pass),
        "why": _(rule.why),
        "next": _(rule.next_step),
        "refute": _(rule.refute),
        "severity": rule.severity.value,
        "side": rule.side.value,
        "refs": [str(ref) for ref in rule.refs],
        "needs": [need.name.lower() for need in rule.needs],
        "explains": list(rule.explains),
        "thresholds": [
            {"name": t.name, "value": t.value, "unit": t.unit, "reason": _(t.reason)} for t in rule.thresholds
        ],
    }


# Units of thresholds, which rules name in plain strings.
_UNITS = (
    N_("times"), N_("copies"), N_("packets"), N_("queries"), N_("round trips"), N_("segments"), N_("of data segments"),
    N_("of the timeout"), N_("members"), N_("messages"), N_("bytes"), N_("bytes per second"), N_("hops"),
    N_("of the capacity per second"), N_("handshakes"), N_("standard deviation over mean"), N_("messages per second"),
    N_("times the sending"), N_("of all queries"), N_("times the limit"), N_("characters"), N_("files"),
    N_("redirects"), N_("requests"), N_("repetitions"),
)  # fmt: skip


def rule_page(rule: Rule) -> str:
    """A rule as Markdown."""
    lines = [
        f"# {rule.id}: {_(rule.title_fail)}",
        "",
        _("When it does not fire: {title}.").format(title=_(rule.title_pass)),
        "",
        f"{_(rule.why)}",
        "",
        f"- {_('Severity')}: {_(rule.severity.value)}",
        f"- {_('Side at fault')}: {rule.side.word}",
        f"- {_('What to do next')}: {_(rule.next_step)}",
        f"- {_('What would refute it')}: {_(rule.refute)}",
    ]
    if rule.refs:
        lines.append(f"- {_('References')}: " + ", ".join(_linked(str(ref), ref.url) for ref in rule.refs))
    if rule.needs:
        lines.append(f"- {_('Needs')}: " + ", ".join(_(need.word) for need in rule.needs))
    if rule.explains:
        lines.append(f"- {_('Explains findings of')}: " + ", ".join(rule.explains))
    if rule.thresholds:
        lines += ["", f"| {_('threshold')} | {_('value')} | {_('reason')} |", "|---|---|---|"]
        lines += [f"| `{t.name}` | {t.value:g} {_(t.unit)} | {_(t.reason)} |" for t in rule.thresholds]
    return "\n".join(lines)


def _linked(text: str, url: str | None) -> str:
    return f"[{text}]({url})" if url else text
