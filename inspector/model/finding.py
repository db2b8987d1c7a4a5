"""What a rule says about a capture, with the evidence a reader can open."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

from inspector.refs import Ref

__all__ = ["Evidence", "Finding", "Outcome", "Severity"]


class Outcome(Enum):
    """How a rule ended."""

    FAIL = "fail"
    WARN = "warn"
    PASS = "pass"
    NOT_APPLICABLE = "not_applicable"
    UNDECIDABLE = "undecidable"


class Severity(Enum):
    """How much a failing rule matters."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


@dataclass(frozen=True, slots=True)
class Evidence:
    """A place in the capture.

    Args:
        packet: Packet number, from 1.
        start, end: Byte range within the packet (half open); 0, 0 for the packet as a whole.
        note: What is to be seen there (shown to people).
    """

    packet: int
    start: int = 0
    end: int = 0
    note: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule's result.

    Args:
        rule: Id of the rule.
        outcome: How it ended.
        severity: How much it matters.
        title: One sentence (shown to people).
        connection: Connection number, or None for the capture as a whole.
        evidence: Places, the deciding ones first.
        refs: Sections of standards.
        why: For not applicable and undecidable: the reason, or what would decide.
    """

    rule: str
    outcome: Outcome
    severity: Severity
    title: str
    connection: int | None = None
    evidence: tuple[Evidence, ...] = ()
    refs: tuple[Ref, ...] = ()
    why: str = ""
    params: dict[str, int | str] = field(default_factory=dict)
