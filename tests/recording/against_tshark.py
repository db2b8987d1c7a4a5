"""Compares what we read out of real captures with what tshark tells of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import inspector
from inspector.errors import CaptureError
from tests.tshark import require_tshark, tshark_rows

__all__ = ["Facts", "compare", "keys_of", "options_of", "tshark_values"]

Facts = Counter[tuple[str, ...]]

_TOO_BIG = 20_000
"""Packets beyond which tshark would take most of the test run."""
_KEYS = {
    "h2-tls13-keylog.pcapng": "h2-tls13-keylog.keylog",
    "tls12-cbc-encrypt-then-mac.pcapng": "tls12-hotplace.keylog",
    "tls12-renegotiation-keylog.pcapng": "tls12-hotplace.keylog",
    "tls13-ccm-x25519mlkem768.pcapng": "tls13-hotplace.keylog",
    "tls12-keylog-16-requests.pcap": "tls12-keylog-16-requests.keylog",
}
_DECODE_AS = {"h2c-long-frames.pcap": "tcp.port==8443,http2", "h2c-grpc-bidi-streaming.pcapng": "tcp.port==50051,http2"}
"""Where tshark goes by port and has to be told; we go by the bytes."""


def options_of(path: Path) -> list[str]:
    """What tshark has to be told to decode a capture as we do."""
    options = ["-o", "tcp.reassemble_out_of_order:TRUE"]
    keys = keys_of(path)
    if keys is not None:
        options += ["-o", f"tls.keylog_file:{keys}"]
    if path.name in _DECODE_AS:
        options += ["-d", _DECODE_AS[path.name]]
    return options


def tshark_values(path: Path, names: Sequence[str], display_filter: str) -> list[list[list[str]]]:
    """For each packet that matches: the stream, and all values of each field."""
    # aggregator: request targets contain commas.
    options = [*options_of(path), "-E", "aggregator=\x01"]
    rows = tshark_rows(path, ["tcp.stream", *names], display_filter, options)
    return [[column.split("\x01") for column in row] for row in rows]


def keys_of(path: Path) -> Path | None:
    """The key log that lies beside a capture."""
    return path.with_name(_KEYS[path.name]) if path.name in _KEYS else None


def compare(
    folder: Path,
    theirs: Callable[[Path], Facts],
    ours: Callable[[Path], Facts],
    exceptions: Mapping[str, tuple[Facts, Facts]],
) -> tuple[dict[str, tuple[Facts, Facts]], int]:
    """What differs, by file: only tshark has it, only we have it; and how many facts of tshark's were compared.

    Args:
        folder: Of captures; what is none and what is large is left out.
        theirs: What tshark tells of a file.
        ours: What we tell of it.
        exceptions: Differences that are meant, by file.
    """
    require_tshark()
    differences = {}
    compared = 0
    for path in sorted(folder.glob("*.pcap*")):
        try:
            if len(inspector.open(path).packets) > _TOO_BIG:
                continue
        except CaptureError:
            continue
        told, found = theirs(path), ours(path)
        compared += told.total()
        difference = (told - found, found - told)
        if difference != exceptions.get(path.name, (Counter(), Counter())):
            differences[path.name] = difference
    return differences, compared
