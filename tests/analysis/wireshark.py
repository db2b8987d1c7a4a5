"""The oracle: what tshark prints of ``tcp.analysis.*``, and the same lines from our columns."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from inspector.analysis.tcp_flags import TcpFlag, tcp_flags
from inspector.recording.capture import Capture
from tests.tshark import tshark_rows, version

__all__ = ["FIELDS", "VERSION", "our_lines", "require_tshark", "tshark_lines"]

VERSION = "4.0.17"
"""The version that rule set "ws-4.0" was compared with; others are known to differ."""

FLAG_FIELDS = tuple(flag.name.lower() for flag in TcpFlag if flag.name)
VALUE_FIELDS = (
    "duplicate_ack_num",
    "duplicate_ack_frame",
    "acks_frame",
    "ack_rtt",
    "initial_rtt",
    "bytes_in_flight",
    "push_bytes_sent",
    "rto",
    "rto_frame",
)
FIELDS = ("tcp.stream", *(f"tcp.analysis.{name}" for name in ("flags", *FLAG_FIELDS, *VALUE_FIELDS)))


def require_tshark() -> None:
    """Skip the test where there is no tshark whose rules these are."""
    if shutil.which("tshark") is None:
        pytest.skip("tshark is not installed")
    if not version().startswith(VERSION):
        pytest.skip(f"the rules are those of tshark {VERSION}, here is {version()}")


def tshark_lines(path: Path) -> list[tuple[str, ...]]:
    """The fields of every packet, as tshark prints them."""
    require_tshark()
    return [tuple(row) for row in tshark_rows(path, FIELDS)]


def _seconds(time_ns: int) -> str:
    sign, time_ns = ("-" if time_ns < 0 else ""), abs(time_ns)
    return f"{sign}{time_ns // 10**9}.{time_ns % 10**9:09d}"


def our_lines(capture: Capture) -> list[tuple[str, ...]]:
    """The same from ``tcp_flags``; several segments in one packet are joined by commas as tshark does."""
    table = tcp_flags(capture)
    bits = {flag: flag.name.lower() for flag in TcpFlag if flag.name}
    resent = TcpFlag.RETRANSMISSION | TcpFlag.FAST_RETRANSMISSION | TcpFlag.SPURIOUS_RETRANSMISSION
    lines: list[dict[str, list[str]]] = [{} for _ in range(len(capture.packets))]
    columns = {name: getattr(table, name).tolist() for name in type(table).__slots__}
    numbers = capture.segment_connection.tolist()
    for row, packet in enumerate(capture.segments.packet.tolist()):
        values: dict[str, str] = {}
        flags = TcpFlag(columns["flags"][row])
        for flag, name in bits.items():
            if flags & (resent if flag is TcpFlag.RETRANSMISSION else flag):
                values[name] = "1"
        if flags:
            values["flags"] = "1"
        if flags & TcpFlag.DUPLICATE_ACK:
            values["duplicate_ack"] = "1,1"  # tshark has a heading and a note of this name
            values["duplicate_ack_num"] = str(columns["duplicate_ack_num"][row])
            values["duplicate_ack_frame"] = str(columns["duplicate_ack_frame"][row])
        for name in ("acks_frame", "bytes_in_flight", "push_bytes_sent", "rto_frame"):
            if columns[name][row]:
                values[name] = str(columns[name][row])
        for name in ("ack_rtt", "initial_rtt", "rto"):
            if columns[f"{name}_ns"][row]:
                values[name] = _seconds(columns[f"{name}_ns"][row])
        for name, value in values.items():
            lines[packet].setdefault(f"tcp.analysis.{name}", []).append(value)
        if numbers[row] >= 0:
            lines[packet].setdefault("tcp.stream", []).append(str(numbers[row]))
    assert np.all(np.diff(capture.segments.packet.astype(np.int64)) >= 0)
    return [tuple(",".join(line.get(name, [])) for name in FIELDS) for line in lines]
