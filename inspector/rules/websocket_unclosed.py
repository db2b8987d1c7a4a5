"""W6: a WebSocket ended without a Close frame from either or both sides (1006 to the application)."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from inspector.i18n import N_, _
from inspector.model.finding import Evidence, Finding, Outcome, Severity
from inspector.recording.capture import Capture
from inspector.refs import Ref
from inspector.rules.rule import Rule

__all__ = ["RULE"]


def _judge(rule: Rule, capture: Capture) -> Iterator[Finding]:
    table = capture.connections
    ends = np.stack([table.fin_a_packet, table.fin_b_packet, table.rst_packet])
    websockets = capture.websockets
    for websocket in websockets.connections:
        seen = ends[:, websocket.connection]
        if not (seen >= 0).any() or websockets.closes(websocket.client) or websockets.closes(websocket.server):
            continue
        evidence = (Evidence(int(seen[seen >= 0].min()) + 1, note="FIN/RST"),)
        yield Finding(
            rule.id, Outcome.FAIL, rule.severity, _(rule.title_fail), websocket.connection, evidence, rule.refs
        )


RULE = Rule(
    id="W6",
    title_fail=N_("The WebSocket ended without a Close frame"),
    title_pass=N_("Every WebSocket that ended was closed with a Close frame"),
    why=N_("The application sees close code 1006 and cannot know why; something below WebSocket ended the connection."),
    next_step=N_("See which side sent FIN or RST first, and what came just before it."),
    severity=Severity.ERROR,
    refs=(Ref("RFC 6455", "7.1.5"),),
    judge=_judge,
)
