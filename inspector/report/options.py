"""What a report is to hold, and how it is to be shown."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["DEFAULT_BYTES", "ReportOptions"]

DEFAULT_BYTES = 16 << 20
"""Size up to which a report can be sent by mail and opened on a small laptop without a wait."""


@dataclass(frozen=True, slots=True)
class ReportOptions:
    """Options of a report.

    Args:
        language: Which language is shown first: ``"en"`` or ``"ko"``.
        level: ``"normal"``, or ``"learn"`` with explanations opened.
        redact: Secrets are masked.
        most_bytes: Size that the HTML is to stay below; what is left out is counted where it is missed.
        command: How it was made, for the appendix.
    """

    language: str = "en"
    level: str = "normal"
    redact: bool = True
    most_bytes: int = DEFAULT_BYTES
    command: str = ""
