"""Captures and reports that several tests of the report share."""

from __future__ import annotations

import zlib
from pathlib import Path
from typing import Any

import inspector
from inspector.report.build import build_report
from inspector.report.options import ReportOptions
from tests.websockets import KEY, Talk, compress, frame, handshake, write_capture

__all__ = ["SAMPLES", "chat_capture", "report_of_file"]

SAMPLES = Path(__file__).parents[2] / "captures" / "samples"


# Any: JSON.
def report_of_file(path: Path, **options: Any) -> dict[str, Any]:
    """The report of a capture."""
    return build_report(inspector.open(path), ReportOptions(**options))


def chat_capture(path: Path, messages: int = 30) -> Path:
    """A compressed chat in Korean and English with a ping, closed by the server with 1011."""
    codecs = {side: zlib.compressobj(wbits=-15) for side in (True, False)}
    ask, answer = handshake("permessage-deflate", "permessage-deflate", path="/ws/chat/lobby/")
    talk = Talk().say(True, ask).say(False, answer)
    for number in range(messages):
        text = f'{{"n":{number},"text":"안녕하세요 {number}번째 packet"}}'.encode()
        talk.say(True, frame(1, compress(codecs[True], text), KEY, rsv=4))
        talk.say(False, frame(1, compress(codecs[False], text), rsv=4))
    talk.say(False, frame(9, b"alive?")).say(True, frame(10, b"alive?", KEY))
    talk.say(False, frame(8, b"\x03\xf3server broke")).say(True, frame(8, b"\x03\xf3", KEY))
    return write_capture(path, talk.packets())
