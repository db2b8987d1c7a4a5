"""Key logs: the NSS format that browsers, curl and servers write (draft-ietf-tls-keylogfile)."""

from __future__ import annotations

import re

__all__ = ["KeyLog"]

_LINE = re.compile(rb"([A-Z0-9_]{1,64}) ([0-9a-fA-F]{64}) ([0-9a-fA-F]{2,256})")
_MOST_SECRETS = 1 << 20
"""Secrets kept; a busy server's log of a day has fewer."""


class KeyLog:
    """Secrets by label and client random."""

    def __init__(self) -> None:
        self._secrets: dict[tuple[str, bytes], bytes] = {}

    def add(self, text: bytes) -> int:
        """Take the lines of a key log file or of a pcapng secrets block; returns how many were secrets."""
        count = 0
        for line in text.splitlines():
            match = _LINE.fullmatch(line.strip())
            if match is None or len(match[3]) % 2 or len(self._secrets) >= _MOST_SECRETS:
                continue
            random = bytes.fromhex(match[2].decode("ascii"))
            self._secrets[match[1].decode("ascii"), random] = bytes.fromhex(match[3].decode("ascii"))
            count += 1
        return count

    def secret(self, label: str, client_random: bytes) -> bytes | None:
        """The secret of a connection, or None."""
        return self._secrets.get((label, client_random))

    def __len__(self) -> int:
        return len(self._secrets)
