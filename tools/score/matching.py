"""One diagnosis beside one truth: what was found, missed, invented; whether side, evidence and time are right."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

import inspector
from inspector.analysis.facts import Facts
from inspector.analysis.trace_events import read_trace
from inspector.chat.labs.truth import Evidence, Fault, Pair, Truth, load
from inspector.model.finding import Finding, Outcome, Severity
from inspector.recording.capture import Capture
from inspector.recording.http import http_exchanges
from inspector.report.connections import list_connections
from inspector.rules import diagnose
from tools.score.settings import settings_of

__all__ = ["Match", "Scored", "score"]

_TOLD = (Outcome.FAIL, Outcome.WARN)


@dataclass(frozen=True)
class Match:
    """A fault of the truth and what the diagnosis says of it.

    Args:
        fault: What happened.
        found: The finding of the same rule on one of its connections, or None.
        undecided: A finding that says that it cannot be decided, naming the rule, or None.
        evidence: The finding's packets are those of the fault.
        late_s: The finding's time against the fault's, in seconds; None without a time.
    """

    fault: Fault
    found: Finding | None
    undecided: Finding | None
    evidence: bool = False
    late_s: float | None = None

    @property
    def side(self) -> bool:
        """Whether the side at fault is right."""
        return self.found is not None and self.found.side.value == self.fault.side


@dataclass
class Scored:
    """What came of one lab.

    Args:
        lab, via, server, seed: Which.
        matches: One per fault.
        invented: Findings about faults that did not happen, with why they count as such.
        alarms: Findings of severity error on connections that are healthy or decoys.
        verdict_side: Side of the verdict.
        sides: Sides of the faults.
    """

    lab: str
    via: str
    server: str
    seed: int
    matches: list[Match] = field(default_factory=list)
    invented: list[Finding] = field(default_factory=list)
    alarms: list[Finding] = field(default_factory=list)
    verdict_side: str = ""
    sides: frozenset[str] = frozenset()


def score(folder: Path, *, trace: bool) -> Scored:
    """Diagnose a lab's capture and compare.

    Args:
        folder: Where the lab left its files.
        trace: Give the server's trace to the diagnosis.
    """
    truth = load(folder / "truth.json")
    capture = inspector.open(folder / "capture.pcapng")
    events = read_trace(folder / "trace.jsonl") if trace and (folder / "trace.jsonl").exists() else None
    diagnosis = diagnose(Facts(capture, settings_of(truth), events))
    places = _Places(capture)
    told = list(diagnosis.findings)
    every = list(_with_consequences(told))
    scored = Scored(truth.lab, truth.via, truth.server, truth.seed)
    scored.matches = [_match(fault, every, places) for fault in truth.faults]
    scored.verdict_side = diagnosis.verdict.side.value
    scored.sides = frozenset(fault.side for fault in truth.faults)
    true = {(fault.rule, number) for fault in truth.faults for number in places.of_fault(fault)}
    faulty = {number for _rule, number in true}
    innocent = _innocent(truth, places) - faulty
    for finding in told:
        if finding.outcome not in _TOLD or finding.severity is Severity.INFO:
            continue  # a note accuses nobody
        on = set(finding.connections)
        # Rules of causes (F) name one fault each: said of another connection, or of one with another fault, it is wrong.
        # Other rules describe what packets show, which is as true on a connection that has a fault.
        cause = finding.rule.startswith("F") and on and not any((finding.rule, number) in true for number in on)
        if cause or (finding.outcome is Outcome.FAIL and on and on <= innocent):
            scored.invented.append(finding)
        if finding.outcome is Outcome.FAIL and finding.severity is Severity.ERROR and on and on <= innocent:
            scored.alarms.append(finding)
    return scored


def _with_consequences(findings: list[Finding]) -> Iterator[Finding]:
    for finding in findings:
        yield finding
        yield from _with_consequences(list(finding.consequences))


def _match(fault: Fault, findings: list[Finding], places: _Places) -> Match:
    numbers = places.of_fault(fault)
    # A room's fault concerns several sockets; whoever names one of them found it.
    on = [finding for finding in findings if not finding.connections or numbers & set(finding.connections)]
    found = next((f for f in on if f.rule == fault.rule and f.outcome in _TOLD), None)
    undecided = next((f for f in on if f.outcome is Outcome.UNDECIDABLE and fault.rule in (f.rule, *f.rivals)), None)
    if found is None:
        return Match(fault, None, undecided)
    late = None if found.time_ns is None else (found.time_ns - fault.time_ns) / 1e9
    return Match(fault, found, undecided, _evidence(found, fault, numbers, places), late)


def _evidence(found: Finding, fault: Fault, numbers: set[int], places: _Places) -> bool:
    """Whether a packet named is one that the truth speaks of, or, where it speaks of absence, of its connection."""
    packets = {place.packet for place in found.evidence}
    wanted = set()
    for item in fault.evidence:
        for number in numbers:
            wanted |= places.packets(item, number)
    if wanted:
        return bool(packets & wanted)
    return any(places.connection_of(packet) in numbers for packet in packets)


def _innocent(truth: Truth, places: _Places) -> set[int]:
    pairs = [*truth.healthy, *(Pair(decoy.client, decoy.server) for decoy in truth.decoys)]
    return {number for pair in pairs for number in places.of_pair(pair)}


class _Places:
    """Where in a capture things are: connections by their addresses, packets by what they show."""

    def __init__(self, capture: Capture) -> None:
        self._capture = capture
        columns = list_connections(capture).texts
        self._numbers: dict[tuple[str, str], set[int]] = {}
        for number, pair in enumerate(zip(columns["client"], columns["server"], strict=True)):
            self._numbers.setdefault(pair, set()).add(number)
            self._numbers.setdefault((pair[1], pair[0]), set()).add(number)
        self._statuses: dict[int, list[tuple[int, int, int]]] = {}
        for item in http_exchanges(capture):
            if item.response_packets is not None and item.exchange.response is not None:
                first, last = item.response_packets
                status = int(item.exchange.response.first_line.split()[1])
                self._statuses.setdefault(item.connection, []).append((status, first, last))
        self._connection_of_packet = dict(
            zip((capture.segments.packet + 1).tolist(), capture.segment_connection.tolist(), strict=True)
        )

    def connection_of(self, packet: int) -> int | None:
        """The connection of a packet."""
        return self._connection_of_packet.get(packet)

    def of_pair(self, pair: Pair) -> set[int]:
        """Connections between two addresses."""
        return self._numbers.get((pair.client, pair.server), set())

    def of_fault(self, fault: Fault) -> set[int]:
        """Connections of a fault, those behind a proxy included."""
        pairs = [*fault.connections, *(pair for pair in fault.upstream if pair is not None)]
        return {number for pair in pairs for number in self.of_pair(pair)}

    def packets(self, item: Evidence, connection: int) -> set[int]:
        """Packets of a connection that show a piece of evidence."""
        table = self._capture.connections
        if item.kind == "status":
            found = {
                packet
                for status, first, last in self._statuses.get(connection, ())
                if status == item.status
                for packet in range(first, last + 1)
            }
            return {packet for packet in found if self.connection_of(packet) == connection}
        if item.kind in ("fin", "rst"):
            columns = (table.fin_a_packet, table.fin_b_packet) if item.kind == "fin" else (table.rst_packet,)
            return {int(column[connection]) + 1 for column in columns if column[connection] >= 0}
        if item.kind == "close":
            return self._close_packets(item, connection)
        return set()

    def _close_packets(self, item: Evidence, connection: int) -> set[int]:
        websockets = self._capture.websockets
        frames = websockets.frames
        found = set()
        for row in np.flatnonzero(frames.first_byte & 15 == 8).tolist():
            direction = websockets.directions[int(frames.direction[row])]
            close = websockets.close(row)
            if direction.connection == connection and close is not None and close.code == item.code:
                found.add(int(frames.first_packet[row]))
        return found
