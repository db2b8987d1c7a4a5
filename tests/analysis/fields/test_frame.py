"""frame.* of recordings with blocks that are no packets, times that were not written, and comments."""

from __future__ import annotations

from pathlib import Path

from tests.analysis.fields.differences import differences
from tests.blocks import block, custom, epb, idb, option, shb, spb
from tests.tshark import require_tshark

_JOURNAL = block(9, b"__REALTIME_TIMESTAMP=1234567\nA=b\n")
_JOURNAL_WITHOUT_TIME = block(9, b"MESSAGE=a journal entry without time\n")


def _packet(seconds: int, *options: bytes) -> bytes:
    return epb(b"no protocol here", *options, ticks=seconds * 1_000_000)


def test_numbers_times_interfaces_and_comments_are_tsharks(tmp_path: Path) -> None:
    require_tshark()
    path = tmp_path / "capture"
    content = shb() + idb(link_type=147) + custom(b"first") + _packet(1) + _JOURNAL + custom(b"") + _packet(3)
    content += _JOURNAL_WITHOUT_TIME + _packet(4, option(1, b"one"), option(1, "둘".encode())) + spb(b"timeless")
    path.write_bytes(content + _packet(5) + custom(b"") + _JOURNAL_WITHOUT_TIME + _packet(6))

    assert differences(path) == []
