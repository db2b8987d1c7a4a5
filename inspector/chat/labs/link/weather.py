"""What a link does to the frames that pass it."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Weather"]


@dataclass(frozen=True)
class Weather:
    """Chances and times; one frame suffers at most one of the chances.

    Attributes:
        delay_s: How long every frame takes; the order stays.
        loss: Share of TCP frames that never arrive.
        reorder: Share of TCP frames that are held back and overtaken.
        hold_s: How long at least and at most they are held.
        duplicate: Share of TCP frames that arrive twice.
        corrupt: Share of TCP frames in whose data, where they have any, a bit is turned; the checksum finds it.
        mtu: Longest IP packet that passes; longer ones vanish without a word (a black hole). None: all pass.
        no_syn_to_server: Nothing that opens a connection reaches the server.
    """

    delay_s: float = 0.01
    loss: float = 0.0
    reorder: float = 0.0
    hold_s: tuple[float, float] = (0.002, 0.03)
    duplicate: float = 0.0
    corrupt: float = 0.0
    mtu: int | None = None
    no_syn_to_server: bool = False
