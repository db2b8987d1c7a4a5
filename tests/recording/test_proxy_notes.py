"""What the proxy did is in custom blocks; foreign and broken ones are left out."""

from __future__ import annotations

from pathlib import Path

import inspector
from inspector.model.proxy_note import NoteKind, ProxyNote
from inspector.recording.proxy_notes import ENTERPRISE, note_data, proxy_notes
from inspector.recording.writer import PcapngWriter

_NOTE = ProxyNote(
    kind=NoteKind.DROPPED,
    time_ns=1_700_000_000_000_000_000,
    leg="client",
    client=("192.0.2.1", 50000),
    server=("2001:db8::1", 443),
    from_client=True,
    text='"안녕"',
)


def test_the_block_is_ascii_json_behind_a_word() -> None:
    assert note_data(_NOTE) == (
        b'InspectorProxyNote {"kind":"dropped","time_ns":1700000000000000000,"leg":"client",'
        b'"client":["192.0.2.1",50000],"server":["2001:db8::1",443],"from_client":true,'
        rb'"text":"\"\uc548\ub155\""}'
    )


def test_notes_are_read_in_order_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "x.pcapng"
    whole = note_data(_NOTE)
    with PcapngWriter(path) as writer:
        writer.write_custom(1, whole)
        writer.write_custom(ENTERPRISE, b"somebody else's example")
        for broken in (
            whole[:40],
            whole.replace(b"dropped", b"stolen!"),
            whole.replace(b'"leg":"client"', b'"leg":7'),
            whole.replace(b'"time_ns":1700000000000000000', b'"time_ns":"now"'),
            b"InspectorProxyNote " + b"[" * 9000,
            b"InspectorProxyNote " + b" " * 20_000 + b"{}",
            b"InspectorProxyNote []",
            b"InspectorProxyNote \xff",
        ):
            writer.write_custom(ENTERPRISE, broken)
        writer.write_custom(ENTERPRISE, whole)
        writer.write_custom(ENTERPRISE, whole.replace(b"50000", b'"50000"'))

    notes = proxy_notes(inspector.open(path))

    assert [note.packet for note in notes] == [10, 11]
    assert (notes[0].kind, notes[0].text, notes[0].client, notes[0].other_client) == (
        NoteKind.DROPPED,
        '"안녕"',
        ("192.0.2.1", 50000),
        None,
    )
    assert notes[1].client is None
