"""How a TCP connection ended, as far as the capture shows."""

from __future__ import annotations

from enum import IntEnum

from inspector.i18n import N_, _

__all__ = ["Ending"]


class Ending(IntEnum):
    """Values of ``Connections.ending``."""

    OPEN = 0
    """Still open when the capture ended: neither FIN nor RST."""
    CLOSED = 1
    """Both sides sent FIN."""
    HALF_CLOSED = 2
    """One side sent FIN, the other never did."""
    RESET = 3
    """RST before any FIN."""
    RESET_AFTER_FIN = 4
    """One side sent FIN, then came an RST."""
    REFUSED = 5
    """The SYN was answered by an RST."""
    UNANSWERED = 6
    """Only SYNs of the client; nothing came back."""
    QUOTED = 7
    """Never seen itself: only quoted inside ICMP errors, or with headers that cannot be read."""

    @property
    def code(self) -> str:
        """The stable name in JSON, e.g. ``"half_closed"``."""
        return self.name.lower()

    @property
    def word(self) -> str:
        """The name for people, in the chosen language."""
        return _(_WORDS[self])


_WORDS = {
    Ending.OPEN: N_("open"),
    Ending.CLOSED: N_("closed"),
    Ending.HALF_CLOSED: N_("half closed"),
    Ending.RESET: N_("reset"),
    Ending.RESET_AFTER_FIN: N_("reset after FIN"),
    Ending.REFUSED: N_("refused"),
    Ending.UNANSWERED: N_("unanswered"),
    Ending.QUOTED: N_("quoted"),
}
