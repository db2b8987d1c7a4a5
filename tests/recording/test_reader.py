"""The right reader for a file, and counts of packets and link types of real captures."""

from __future__ import annotations

from pathlib import Path

import pytest

import inspector
from inspector.errors import CaptureError
from inspector.proto.kinds import LayerKind
from inspector.recording.reader import NO_LINK, Interface, longest_packet


def test_counts_and_link_types_of_real_captures(shared_captures: Path) -> None:
    # Columns: file, what it shows, capinfos's count of packets, link types, ...
    rows = [
        [cell.strip() for cell in line.split("|")[1:6]]
        for line in (shared_captures / "INDEX.md").read_text("utf-8").splitlines()
        if line.startswith("| ") and line.count("|") > 8
    ]
    listed = [(name, int(count), links) for name, _shows, count, links, *_ in rows if count.isdigit()]
    assert len(listed) > 50
    for name, count, links in listed:
        try:
            capture = inspector.open(shared_captures / name)
        except CaptureError:
            assert count == 0
            continue
        assert capture.packet_count == count, name
        found = sorted({interface.link_type for interface in capture.interfaces} - {NO_LINK})
        assert ",".join(map(str, found)) == links, name


@pytest.mark.parametrize("content", [b"G", b"GIF89a, not packets", b"\x0a\x0d\x0a\x0d" * 10])
def test_other_files_are_refused_with_their_first_bytes(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "file"
    path.write_bytes(content)

    with pytest.raises(CaptureError, match=content[:4].hex(" ")):
        inspector.open(path)


def test_the_first_layer_of_a_link_type() -> None:
    assert Interface(link_type=1, snaplen=0).first_layer is LayerKind.ETHERNET
    assert Interface(link_type=4711, snaplen=0).first_layer is LayerKind.UNKNOWN
    assert Interface(link_type=NO_LINK, snaplen=0).first_layer is LayerKind.NONE


def test_some_link_types_have_longer_packets() -> None:
    assert (longest_packet(1), longest_packet(220)) == (262_144, 128 << 20)
