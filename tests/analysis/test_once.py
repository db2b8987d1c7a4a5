"""Work is done once for each capture, and forgotten with it."""

from __future__ import annotations

import gc
import weakref
from pathlib import Path

import inspector
from inspector.analysis.once import once_per_capture
from inspector.recording.capture import Capture
from tests.packets import pcap, tcp_packet


class _Result:
    """Something that can be seen to be gone."""


def test_once_for_each_capture_and_no_longer_than_it_lives(tmp_path: Path) -> None:
    path = tmp_path / "a.pcap"
    path.write_bytes(pcap([tcp_packet("10.0.0.1", "10.0.0.2", (40000, 80), 1, 1, 16)]))
    seen: list[int] = []

    @once_per_capture
    def work(capture: Capture) -> _Result:
        """What it does."""
        seen.append(capture.packet_count)
        return _Result()

    first, second = inspector.open(path), inspector.open(path)
    assert work(first) is work(first)
    assert work(first) is not work(second)
    assert seen == [1, 1]
    assert work.__doc__ == "What it does."
    kept = weakref.ref(work(first))
    del first
    gc.collect()
    assert kept() is None
