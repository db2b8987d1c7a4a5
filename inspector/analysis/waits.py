"""Whether a wait was the network's doing: resends or closed windows within it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from inspector.analysis.resends import Verdict

if TYPE_CHECKING:
    from inspector.analysis.facts import Facts

__all__ = ["undisturbed"]


def undisturbed(facts: Facts, connection: int, span_ns: tuple[int, int]) -> bool:
    """Whether nothing was sent again, and no window was closed, between two times on a connection."""
    resends = facts.resends
    numbers = facts.capture.segment_connection[resends.segment]
    mine = np.flatnonzero((numbers == connection) & (resends.verdict == Verdict.RESEND))
    times = facts.time_ns[resends.packet[mine] - 1]
    if ((times >= span_ns[0]) & (times <= span_ns[1])).any():
        return False
    return not any(b.connection == connection and span_ns[0] <= b.start_ns <= span_ns[1] for b in facts.blocked)
