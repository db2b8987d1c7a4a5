"""A rule explained: as JSON, and as a page of Markdown for the manual and the terminal."""

from __future__ import annotations

from typing import Any

from inspector.i18n import _
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


def rule_page(rule: Rule) -> str:
    """A rule as Markdown."""
    lines = [
        f"# {rule.id}: {_(rule.title_fail)}",
        "",
        _("When it does not fire: {title}.").format(title=_(rule.title_pass)),
        "",
        f"{_(rule.why)}",
        "",
        f"- {_('Severity')}: {rule.severity.value}",
        f"- {_('Side at fault')}: {rule.side.word}",
        f"- {_('What to do next')}: {_(rule.next_step)}",
        f"- {_('What would refute it')}: {_(rule.refute)}",
    ]
    if rule.refs:
        lines.append(f"- {_('References')}: " + ", ".join(_linked(str(ref), ref.url) for ref in rule.refs))
    if rule.needs:
        lines.append(f"- {_('Needs')}: " + ", ".join(need.name.lower().replace("_", " ") for need in rule.needs))
    if rule.explains:
        lines.append(f"- {_('Explains findings of')}: " + ", ".join(rule.explains))
    if rule.thresholds:
        lines += ["", f"| {_('threshold')} | {_('value')} | {_('reason')} |", "|---|---|---|"]
        lines += [f"| `{t.name}` | {t.value:g} {t.unit} | {_(t.reason)} |" for t in rule.thresholds]
    return "\n".join(lines)


def _linked(text: str, url: str | None) -> str:
    return f"[{text}]({url})" if url else text
