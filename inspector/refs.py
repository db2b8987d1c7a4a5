"""References to the standards: checked values, not free text."""

from __future__ import annotations

import re
from dataclasses import dataclass

__all__ = ["Ref"]

_DOCUMENT = re.compile(
    r"RFC [1-9]\d{0,4}|IEEE 802(\.[0-9]{1,2}[A-Za-z]*)?|ISO/IEC \d+|TS \d\d\.\d{3}|IANA|LINKTYPE|draft-[a-z0-9-]+"
)


@dataclass(frozen=True, slots=True)
class Ref:
    """A section of a standard.

    Args:
        document: ``"RFC 9293"``, ``"IEEE 802.3"``, ``"LINKTYPE"`` (the tcpdump group's link-type pages) …
        section: Section number as printed, e.g. ``"3.1"``; empty for the document as a whole.

    Raises:
        ValueError: If the document does not look like one of the known kinds.
    """

    document: str
    section: str = ""

    def __post_init__(self) -> None:
        if not _DOCUMENT.fullmatch(self.document):
            raise ValueError(f"unknown kind of reference {self.document!r}; expected e.g. 'RFC 9293'")

    @property
    def url(self) -> str | None:
        """Where to read it, when that address follows from the name."""
        if not self.document.startswith("RFC "):
            return None
        anchor = f"#section-{self.section}" if self.section else ""
        return f"https://www.rfc-editor.org/rfc/rfc{self.document[4:]}.html{anchor}"

    def __str__(self) -> str:
        return f"{self.document} §{self.section}" if self.section else self.document
