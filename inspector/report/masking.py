"""Secrets out of a report: what is captured passes through here before it is kept."""

from __future__ import annotations

from inspector.report.redact import Redactor

__all__ = ["Masking"]

Headers = list[tuple[bytes, bytes]]


class Masking:
    """Masks the secrets of a source, or nothing.

    Args:
        redactor: Knows the secrets; None: nothing is masked.
    """

    def __init__(self, redactor: Redactor | None) -> None:
        self._redactor = redactor

    @property
    def on(self) -> bool:
        """Whether anything is masked."""
        return self._redactor is not None

    @property
    def counts(self) -> dict[str, int]:
        """How many different secrets of each kind were met."""
        return self._redactor.counts if self._redactor is not None else {}

    def text(self, text: str) -> str:
        """A text with marks in place of secrets."""
        return text if self._redactor is None or not text else self._redactor.text(text)

    def headers(self, headers: Headers) -> Headers:
        """Header fields with marks in place of secrets."""
        return headers if self._redactor is None else self._redactor.headers(headers)

    def octets(self, data: bytes) -> bytes:
        """Bytes of the same length, with ``*`` in place of secrets."""
        return data if self._redactor is None else self._redactor.octets(data)
