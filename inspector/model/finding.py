"""What a rule says about a capture, with the evidence a reader can open."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from inspector.i18n import N_, _
from inspector.refs import Ref

__all__ = ["NOTHING", "Confidence", "Evidence", "Finding", "Outcome", "Severity", "Side", "Text", "told"]


class Outcome(Enum):
    """How a rule ended, the worst first."""

    FAIL = "fail"
    WARN = "warn"
    UNDECIDABLE = "undecidable"
    PASS = "pass"
    NOT_APPLICABLE = "not_applicable"
    ERROR = "error"
    """The rule itself broke down; the others are not touched by it."""


class Severity(Enum):
    """How much a failing rule matters, the worst first."""

    ERROR = "error"
    WARNING = "warning"
    INFO = N_("info")


class Side(Enum):
    """Whose fault it is."""

    CLIENT = "client"
    NETWORK = "network"
    PROXY = "proxy"
    SERVER = "server"
    APPLICATION = "application"
    """The code on the server, as against the program that runs it."""
    NOBODY = "nobody"
    UNKNOWN = "unknown"

    @property
    def word(self) -> Text:
        """What it is called in a sentence."""
        return Text(_WORDS[self])


class Confidence(Enum):
    """How sure a finding is, the surest first."""

    CERTAIN = "certain"
    """The packets leave no other reading."""
    LIKELY = "likely"
    """Another reading exists and fits worse."""
    UNCLEAR = "unclear"
    """Several readings fit; what would tell them apart is said."""


@dataclass(frozen=True, slots=True)
class Text:
    """A sentence for people that can be said in any language later.

    Args:
        message: In English, marked with ``N_``, with named placeholders.
        params: Their values: numbers, other sentences, or captured text (to be cleaned where it is shown).
    """

    message: str
    params: Mapping[str, int | float | str | Text] = field(default_factory=dict)

    def __str__(self) -> str:
        """The sentence in the chosen language."""
        message = _(self.message)
        # Without values braces are the sentence's own, as in a line of settings that it quotes.
        return message.format(**self.params) if self.params else message

    def __hash__(self) -> int:
        return hash(self.message)


NOTHING = Text("")
"""No sentence."""


def told(message: str, **params: int | float | str | Text) -> Text:
    """A sentence with its values: ``told(N_("It took {time_ms} ms"), time_ms=12)``."""
    return Text(message, params)


_WORDS = {
    Side.CLIENT: N_("client"),
    Side.NETWORK: N_("network"),
    Side.PROXY: N_("proxy"),
    Side.SERVER: N_("server"),
    Side.APPLICATION: N_("application"),
    Side.NOBODY: N_("nobody"),
    Side.UNKNOWN: N_("unknown"),
}


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
    note: Text = NOTHING


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A rule's result for one connection, for several that failed as one, or for the capture as a whole.

    Args:
        rule: Id of the rule.
        outcome: How it ended.
        severity: How much it matters.
        title: One sentence.
        fact: What was seen, with the numbers.
        connections: Those concerned, the one that decides first; empty for the capture as a whole.
        time_ns: When it happened (when the cause acted, where that is known), since the epoch.
        side: Whose fault it is.
        confidence: How sure that is.
        evidence: Places, the deciding ones first.
        refs: Sections of standards.
        why: For not applicable and undecidable: the reason, or what would decide.
        refute: What would show that this finding is wrong.
        reason: The cause within the rule as a stable code, e.g. ``"foreign_origin"``; empty where there is only one.
        rivals: For undecidable: ids of the rules between which the capture cannot decide.
        consequences: Findings of other rules that this one explains.
        more: Like findings of this rule that were left out because they are too many.
    """

    rule: str
    outcome: Outcome
    severity: Severity
    title: Text
    fact: Text = NOTHING
    connections: tuple[int, ...] = ()
    time_ns: int | None = None
    side: Side = Side.UNKNOWN
    confidence: Confidence = Confidence.CERTAIN
    evidence: tuple[Evidence, ...] = ()
    refs: tuple[Ref, ...] = ()
    why: Text = NOTHING
    refute: Text = NOTHING
    reason: str = ""
    rivals: tuple[str, ...] = ()
    consequences: tuple[Finding, ...] = ()
    more: int = 0

    @property
    def connection(self) -> int | None:
        """The connection that decides, None for the capture as a whole."""
        return self.connections[0] if self.connections else None
