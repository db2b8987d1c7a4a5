"""Resent segments with both opinions: Wireshark's rule set and our own verdict."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inspector.analysis.resends import Reason, Resends, Verdict, explain
from inspector.analysis.tcp_flags import TcpFlag
from inspector.recording.capture import Capture

__all__ = ["resend_json", "resend_lines", "resend_totals"]


def resend_json(capture: Capture, table: Resends, row: int) -> dict[str, Any]:  # Any: JSON
    """One judged segment as JSON-ready values."""
    segment = int(table.segment[row])
    return {
        "packet": int(table.packet[row]),
        "connection": int(capture.segment_connection[segment]),
        "bytes": int(capture.segments.length[segment]),
        "wireshark": _flag(int(table.wireshark[row])),
        "verdict": Verdict(int(table.verdict[row])).name.lower(),
        "reason": Reason(int(table.reason[row])).name.lower(),
        "decided_by_packet": int(table.decider[row]) or None,
    }


def resend_lines(capture: Capture, table: Resends, rows: NDArray[np.intp]) -> Iterator[str]:
    """One line per judged segment: packet, connection, bytes, Wireshark's flag, our verdict, why."""
    for row in rows.tolist():
        item = resend_json(capture, table, row)
        yield (
            f"{item['packet']:>8}  #{item['connection']:<5} {item['bytes']:>6} B  {item['wireshark']:<23} "
            f"{item['verdict']:<17} {' '.join(explain(table, row))}"
        )


def resend_totals(table: Resends, rows: NDArray[np.intp]) -> dict[str, dict[str, int]]:
    """How often each of our verdicts meets each of Wireshark's flags: ``{verdict: {flag: count}}``."""
    pairs, counts = np.unique(
        np.stack([table.verdict[rows].astype(np.int64), table.wireshark[rows].astype(np.int64)]),
        axis=1,
        return_counts=True,
    )
    totals: dict[str, dict[str, int]] = {}
    for (verdict, flag), count in zip(pairs.T.tolist(), counts.tolist(), strict=True):
        totals.setdefault(Verdict(verdict).name.lower(), {})[_flag(flag)] = count
    return totals


def _flag(value: int) -> str:
    name = TcpFlag(value).name
    return name.lower() if name else str(value)
