"""The outcome of ``inspector verify`` as JSON-ready values and as text.

Structure (schema ``verify/1``): ``capture``, ``program``, ``version``, ``tried`` (whether our tests know this version),
``decode_as`` (what Wireshark was told about ports), ``agreements`` (``kind``, ``units`` that both have, equal ``values``),
``reasons`` (``id``, ``text``, ``ref``, ``count``), ``unexplained`` (how many), ``differences`` (the first 1,000: ``kind``,
``field``, ``packet``, ``ours``, ``wireshark``, ``reason`` or null).
"""

from __future__ import annotations

from typing import Any

from captures.comparison.reasons import COLUMN_REASONS, REASONS, ColumnReason, Reason
from captures.comparison.run import Verification
from captures.comparison.unit import Difference, Value
from inspector.i18n import _, ngettext
from inspector.recording.capture import Capture
from inspector.report.clean import clean

__all__ = ["SCHEMA", "Json", "build_verification", "render_verification"]

SCHEMA = "verify/1"

_MOST_DIFFERENCES = 1000
"""Differences in the JSON: a decoder that is wrong is wrong everywhere, and the first ones tell how."""
_SHOWN = 20
_LONGEST = 60
"""Characters of a value in the text."""

# Any: JSON; its shape is described above.
Json = dict[str, Any]


def build_verification(capture: Capture, verification: Verification) -> Json:
    """The outcome as JSON-ready values."""
    comparison = verification.comparison
    values: dict[str, int] = {}
    for (kind, _field), count in comparison.agreements.items():
        values[kind] = values.get(kind, 0) + count
    units = {("field" if kind == "packet" else kind): count for kind, count in comparison.units.items()}
    counts = verification.reasons
    known: list[ColumnReason | Reason] = [*COLUMN_REASONS, *REASONS]
    worst_first = sorted(comparison.differences, key=lambda item: (item.reason is not None, item.packet))
    return {
        "schema": SCHEMA,
        "capture": capture.name,
        "program": verification.program.name,
        "version": verification.program.version,
        "tried": verification.program.tried,
        "decode_as": [f"{table}=={port},{name}" for (table, port), name in sorted(verification.decode_as.items())],
        "agreements": [
            {"kind": kind, "units": units.get(kind, 0), "values": count} for kind, count in sorted(values.items())
        ],
        "reasons": [
            {"id": reason.id, "text": _(reason.text), "ref": str(reason.ref), "count": counts[reason.id]}
            for reason in known
            if counts[reason.id]
        ],
        "unexplained": len(verification.unexplained),
        "differences": [_difference(item) for item in worst_first[:_MOST_DIFFERENCES]],
    }


def _difference(item: Difference) -> Json:
    return {
        "kind": item.kind,
        "field": item.field,
        "packet": item.packet,
        "ours": _plain(item.ours),
        "wireshark": _plain(item.wireshark),
        "reason": item.reason,
    }


# Any: JSON.
def _plain(value: Value) -> Any:
    if isinstance(value, bytes):
        return value.decode("utf-8", "backslashreplace")
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return value


def render_verification(report: Json) -> list[str]:
    """The outcome as lines of text."""
    version = f"{report['program']} {report['version']}"
    lines = [_("{name} compared with {version}").format(name=clean(report["capture"]), version=version)]
    if not report["tried"]:
        lines.append(_("Our tests were not run with this version: newer ones print some fields in another way."))
    if report["decode_as"]:
        lines.append(_("Wireshark was told: {rules}").format(rules="  ".join(report["decode_as"])))
    lines += ["", _("The same")]
    for row in report["agreements"]:
        units = row["units"]
        text = (
            ngettext("{count} packet", "{count} packets", units)
            if row["kind"] == "field"
            else ngettext("{count} unit", "{count} units", units)
        )
        values = ngettext("{count} value", "{count} values", row["values"]).format(count=f"{row['values']:,}")
        lines.append(f"  {row['kind']:<20} {text.format(count=f'{units:,}'):>16} {values:>24}")
    if report["reasons"]:
        lines += ["", _("Not the same, for a known reason")]
        for reason in report["reasons"]:
            lines.append(f"  {reason['count']:>5}  {reason['id']}  [{reason['ref']}]")
            lines.append(f"         {reason['text']}")
    lines.append("")
    unexplained = [item for item in report["differences"] if item["reason"] is None]
    if not report["unexplained"]:
        lines.append(_("Nothing is left unexplained."))
        return lines
    lines.append(
        ngettext(
            "{count} difference is not explained: either Inspector or Wireshark is wrong.",
            "{count} differences are not explained: either Inspector or Wireshark is wrong.",
            report["unexplained"],
        ).format(count=report["unexplained"])
    )
    for item in unexplained[:_SHOWN]:
        head = _("packet {number}  {kind}  {field}").format(
            number=item["packet"], kind=item["kind"], field=item["field"]
        )
        lines += [f"  {head}", f"    Inspector: {_short(item['ours'])}", f"    Wireshark: {_short(item['wireshark'])}"]
    if report["unexplained"] > _SHOWN:
        lines.append(_("  … the rest: --json"))
    return lines


# object: a value out of JSON.
def _short(value: object) -> str:
    text = clean(str(value))
    return text if len(text) <= _LONGEST else text[:_LONGEST] + "…"
