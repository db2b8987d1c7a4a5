"""What a rule is, and running them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from inspector.model.finding import Finding, Severity
from inspector.recording.capture import Capture
from inspector.refs import Ref

__all__ = ["Rule"]


@dataclass(frozen=True, slots=True)
class Rule:
    """One thing that can be wrong with a capture.

    Args:
        id: Short stable name, e.g. ``"N2"``.
        title_fail, title_pass: One sentence for either outcome (translatable).
        why: Why it matters (translatable).
        next_step: What to do next (translatable).
        severity: Of a failure.
        refs: Sections of standards.
        judge: Yields a finding per connection that fails, passes or cannot be judged.
    """

    id: str
    title_fail: str
    title_pass: str
    why: str
    next_step: str
    severity: Severity
    refs: tuple[Ref, ...]
    judge: Callable[[Rule, Capture], Iterable[Finding]]
