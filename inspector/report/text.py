"""The report as text for a terminal."""

from __future__ import annotations

from typing import Any

from inspector.i18n import _, ngettext
from inspector.model.damage import Damage
from inspector.report.clean import clean

__all__ = ["render_text"]


# Any: JSON.
def render_text(report: dict[str, Any]) -> str:
    """Render a report as plain text; captured text in it is cleaned."""
    capture = report["capture"]
    count = capture["packets"]
    lines = [
        ngettext("{name}  {count} packet", "{name}  {count} packets", count).format(
            name=clean(capture["name"]), count=count
        )
    ]
    if capture["damage"]:
        lines.append(Damage(**capture["damage"]).sentence)
    lines.append(clean(report["verdict"]["text"]))
    for finding in report["findings"]:
        packets = ", ".join(str(item["packet"]) for item in finding["evidence"])
        lines.append(
            _("X {rule}  connection {connection}  {title}  packets: {packets}  ({refs})").format(
                rule=finding["rule"],
                connection=finding["connection"],
                title=clean(finding["title"]),
                packets=packets,
                refs=", ".join(finding["refs"]),
            )
        )
    for row in report["connections"]:
        ends = " > ".join((row["client"], row["server"])) if row["client"] else " - ".join(row["endpoints"])
        lines.append(f"#{row['number']} {ends}")
        lines.extend(f"   {clean(e['request'] or '?')} | {clean(e['response'] or '?')}" for e in row["exchanges"])
        if row["websocket_frames"]:
            sent, received = row["websocket_frames"]
            counts = _("WebSocket frames: {sent} from the client, {received} from the server")
            lines.append("   " + counts.format(sent=sent, received=received))
    return "\n".join(lines)
