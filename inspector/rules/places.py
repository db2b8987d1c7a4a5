"""Where and when something was seen, for what a capture may not hold."""

from __future__ import annotations

from inspector.model.finding import Evidence, Text

__all__ = ["first", "place"]


def first(pair: tuple[int, int] | None) -> int | None:
    """The first of two packets or times; None where nothing was seen."""
    return pair[0] if pair is not None else None


def place(packet: int | None, note: Text) -> tuple[Evidence, ...]:
    """Evidence in a packet; none where it was not captured (None or 0)."""
    return (Evidence(packet, note=note),) if packet else ()
