"""What every section works on: one source of the report with what was decoded out of it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from inspector.analysis.facts import Facts
from inspector.model.finding import Finding
from inspector.model.finding import Text as Sentence
from inspector.recording.capture import Capture
from inspector.recording.http import HttpExchange
from inspector.recording.websockets import WebSocket
from inspector.report.both import Text, both
from inspector.report.masking import Masking
from inspector.report.options import ReportOptions
from inspector.report.redact import redactor_for
from inspector.rules import Diagnosis, diagnose

__all__ = ["Json", "Subject"]

# Any: the report is JSON; its shape is given by the schema, not by Python types.
Json = dict[str, Any]


@dataclass(eq=False)
class Subject:
    """One source of a report.

    Args:
        index: Its place among the sources, from 0.
        facts: What was recorded, and what follows from it.
        options: What the report is to hold.
    """

    index: int
    facts: Facts
    options: ReportOptions

    @property
    def capture(self) -> Capture:
        """What was recorded."""
        return self.facts.capture

    @cached_property
    def diagnosis(self) -> Diagnosis:
        """What the rules say."""
        return diagnose(self.facts)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What the rules found, the worst first."""
        return self.diagnosis.findings

    @cached_property
    def masking(self) -> Masking:
        """Masks the secrets of this source."""
        known = redactor_for(self.exchanges, self.capture.websockets) if self.options.redact else None
        return Masking(known)

    def key(self, number: int | str) -> str:
        """A number as an id in the report: plain in the first source, ``1.812`` in the second."""
        return f"{self.index}.{number}" if self.index else str(number)

    def socket_key(self, connection: int, stream: int | None) -> str:
        """A WebSocket as an id: that of its connection, with the stream over HTTP/2."""
        return self.key(connection if stream is None else f"{connection}s{stream}")

    @cached_property
    def start_ns(self) -> int:
        """Time of the first packet that has one."""
        times = self.capture.packets.time_ns
        timed = times[times > 0]
        return int(timed.min()) if len(timed) else 0

    @property
    def exchanges(self) -> list[HttpExchange]:
        """All HTTP exchanges."""
        return self.facts.exchanges

    @cached_property
    def websockets_of(self) -> dict[int, list[WebSocket]]:
        """WebSockets by number of their connection; over HTTP/2 there may be several on one."""
        found: dict[int, list[WebSocket]] = {}
        for websocket in self.capture.websockets.connections:
            found.setdefault(websocket.connection, []).append(websocket)
        return found

    @cached_property
    def socket_of_direction(self) -> list[str]:
        """The id of each direction's WebSocket, in the order of the tables' ``direction``."""
        return [
            self.socket_key(websocket.connection, websocket.stream)
            for websocket in self.capture.websockets.connections
            for _direction in (websocket.client, websocket.server)
        ]

    @cached_property
    def exchanges_of(self) -> dict[int, list[HttpExchange]]:
        """Exchanges by number of their connection."""
        found: dict[int, list[HttpExchange]] = {}
        for item in self.exchanges:
            found.setdefault(item.connection, []).append(item)
        return found

    @cached_property
    def remarkable(self) -> dict[int, list[int]]:
        """Indexes of findings by number of their connection, the worst finding's first."""
        found: dict[int, list[int]] = {}
        for index, finding in enumerate(self.findings):
            for connection in finding.connections:
                found.setdefault(connection, []).append(index)
        return found

    @cached_property
    def evidence(self) -> list[int]:
        """Numbers of the packets that findings point to."""
        return list(dict.fromkeys(item.packet for finding in self.findings for item in finding.evidence))

    def text(self, data: bytes | str | None) -> str | None:
        """Captured text with secrets masked."""
        if data is None:
            return None
        return self.masking.text(data if isinstance(data, str) else data.decode("utf-8", "backslashreplace"))

    def said(self, sentence: Sentence) -> Text:
        """A sentence of the rules in both languages; captured text in it is masked."""
        return both(lambda: self.masking.text(str(sentence))) if sentence.message else ""
