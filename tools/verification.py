"""Writes docs/verification.md: how far Inspector and Wireshark agree on every capture at hand.

    python -m tools.verification [FOLDER …]

Folders of captures are by default the samples and ``../shared/captures``, where an INDEX.md may name the keys of a capture
("keys in NAME.keylog"). Takes a few minutes; ends with 1 where anything is unexplained.
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import inspector
from captures.comparison.reasons import COLUMN_REASONS, REASONS, ColumnReason, Reason
from captures.comparison.run import Verification, verify
from captures.programs import need_program
from inspector.errors import CaptureError

__all__ = ["captures_in", "main"]

_ROOT = Path(__file__).resolve().parents[1]
_PAGE = _ROOT / "docs" / "verification.md"
_FOLDERS = (_ROOT / "captures" / "samples", _ROOT.parent / "shared" / "captures")
_KINDS = {
    "field": "fields of packets",
    "http.message": "HTTP/1.x messages",
    "http2.frame": "HTTP/2 frames",
    "http2.fields": "HTTP/2 header blocks",
    "http2.data": "HTTP/2 bodies",
    "websocket.frame": "WebSocket frames",
    "websocket.message": "WebSocket messages",
    "dns.message": "DNS messages",
    "tls.client_hello": "TLS client hellos",
    "tls.server_hello": "TLS server hellos",
    "tls.alert": "TLS alerts",
    "tls.plain": "decrypted streams of other protocols",
}


def captures_in(folder: Path) -> Iterator[tuple[Path, Path | None]]:
    """The captures of a folder with their key logs."""
    index = folder / "INDEX.md"
    keys = {}
    if index.exists():
        for row in index.read_text("utf-8").splitlines():
            found = re.match(r"\| (\S+) \|.*keys in (\S+\.keylog)", row)
            if found:
                keys[found[1]] = folder / found[2]
    for path in sorted(folder.glob("*.pcap*")):
        yield path, keys.get(path.name)


def main() -> None:
    """Compare everything and write the page."""
    folders = [Path(name) for name in sys.argv[1:]] or list(_FOLDERS)
    rows: list[tuple[str, Verification]] = []
    unreadable: list[tuple[str, str]] = []
    for folder in folders:
        for path, keys in captures_in(folder):
            print(path.name, flush=True)
            try:
                rows.append((path.name, verify(inspector.open(path, keys=keys))))
            except CaptureError as error:
                unreadable.append((path.name, str(error).partition(path.name)[2].strip()))
    _PAGE.write_text(_page(rows, unreadable), "utf-8")
    sys.exit(1 if any(result.unexplained for _name, result in rows) else 0)


def _page(rows: list[tuple[str, Verification]], unreadable: list[tuple[str, str]]) -> str:
    units: Counter[str] = Counter()
    values: Counter[str] = Counter()
    reasons: Counter[str] = Counter()
    for _name, result in rows:
        units += result.comparison.units
        reasons += result.reasons
        for (kind, _field), count in result.comparison.agreements.items():
            values[kind] += count
    known: list[ColumnReason | Reason] = [*COLUMN_REASONS, *REASONS]
    unexplained = sum(len(result.unexplained) for _name, result in rows)
    return "\n".join(
        [
            "# Verification: Inspector beside Wireshark",
            "",
            "Written by `python -m tools.verification`: `inspector verify` on every capture at hand, with tshark "
            f"{need_program('tshark').version}.",
            f"{len(rows)} captures, {units['packet']:,} packets, {values.total():,} equal values, "
            f"**{unexplained} unexplained differences**.",
            "",
            "| compared | units | equal values |",
            "|---|---:|---:|",
            *(
                f"| {text} | {units['packet' if kind == 'field' else kind]:,} | {values[kind]:,} |"
                for kind, text in _KINDS.items()
            ),
            "",
            "## Where Wireshark says something else",
            "",
            "Each reason has a test of its own (`captures/comparison/reasons.py`) that looks at what TCP and the wire say, or",
            "does the step in question by other means; without it a difference counts as unexplained.",
            "",
            "| reason | differences here | what Wireshark does | standard |",
            "|---|---:|---|---|",
            *(f"| `{reason.id}` | {reasons[reason.id]} | {reason.text} | {reason.ref} |" for reason in known),
            "",
            "Reasons without a case here are shown by captures that tests make (`tests/captures/test_reasons.py`).",
            "",
            "## Every capture",
            "",
            "Keys are given where the capture has some. *Told* is what Wireshark had to be told: the protocol on a port that",
            "Inspector recognised by its bytes.",
            "",
            "| capture | packets | messages | equal values | explained | unexplained | told |",
            "|---|---:|---:|---:|---|---:|---|",
            *(_row(name, result) for name, result in rows),
            *(f"| {name} | – | – | – | not read: {why} | 0 | |" for name, why in unreadable),
            "",
        ]
    )


def _row(name: str, result: Verification) -> str:
    comparison = result.comparison
    messages = comparison.units.total() - comparison.units["packet"]
    explained = ", ".join(f"{count} {reason}" for reason, count in sorted(result.reasons.items()))
    told = ", ".join(f"{port} {name}" for (_table, port), name in sorted(result.decode_as.items()))
    return (
        f"| {name} | {comparison.units['packet']:,} | {messages:,} | {comparison.agreements.total():,} | {explained} "
        f"| {len(result.unexplained)} | {told} |"
    )


if __name__ == "__main__":
    main()
