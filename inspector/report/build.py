"""From a capture to report.json."""

from __future__ import annotations

import ipaddress
from dataclasses import asdict
from typing import Any

from inspector import __version__
from inspector.analysis.facts import Facts
from inspector.model.finding import Outcome
from inspector.recording.capture import Capture
from inspector.recording.conversations import Conversation, converse
from inspector.report.diagnosis import finding_json, rule_json, verdict_json
from inspector.rules import diagnose

__all__ = ["build_report"]

SCHEMA = "report/1"

# Any: the report is JSON; its shape is given by the schema, not by Python types.
Json = dict[str, Any]


def build_report(capture: Capture) -> Json:
    """The report as JSON-ready values; the same capture gives the same report."""
    diagnosis = diagnose(Facts(capture))
    failed = [finding for finding in diagnosis.findings if finding.outcome is Outcome.FAIL]
    talks = [converse(capture, number) for number in range(len(capture.connections))]
    frames: dict[int, list[int]] = {}
    for ws in capture.websockets.connections:  # over HTTP/2 there may be several on one connection
        sent, received = frames.get(ws.connection, (0, 0))
        frames[ws.connection] = [sent + len(ws.client.frames), received + len(ws.server.frames)]
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
        "rules": [rule_json(result) for result in diagnosis.results],
        "findings": [finding_json(finding) for finding in failed],
        "connections": [_connection(capture, number, talk, frames.get(number)) for number, talk in enumerate(talks)],
    }


def _connection(capture: Capture, number: int, talk: Conversation | None, frames: list[int] | None) -> Json:
    table = capture.connections
    client = int(table.client[number])
    flow = int(table.flow[number])
    ends = [_endpoint(capture, flow, "a"), _endpoint(capture, flow, "b")]
    return {
        "number": number,
        "client": None if client < 0 else ends[client],
        "server": None if client < 0 else ends[1 - client],
        "endpoints": ends,
        "packets": [int(table.packets_a[number]), int(table.packets_b[number])],
        "payload": [int(table.payload_a[number]), int(table.payload_b[number])],
        "rtt_ns": int(table.rtt_ns[number]) if table.rtt_ns[number] >= 0 else None,
        "exchanges": [
            {
                "request": _text(e.request.first_line) if e.request else None,
                "response": _text(e.response.first_line) if e.response else None,
            }
            for e in (talk.exchanges if talk else ())
        ],
        "websocket_frames": frames,
    }


def _endpoint(capture: Capture, flow: int, end: str) -> str:
    flows = capture.flows
    high, low = int(getattr(flows, f"{end}_high")[flow]), int(getattr(flows, f"{end}_low")[flow])
    port = int(getattr(flows, f"{end}_port")[flow])
    if flows.version[flow] == 6:
        return f"[{ipaddress.IPv6Address(high << 64 | low)}]:{port}"
    return f"{ipaddress.IPv4Address(low)}:{port}"


def _text(data: bytes) -> str:
    return data.decode("utf-8", "backslashreplace")
