"""The process in which pyshark runs: one request on standard input, one line of JSON per packet on standard output.

pyshark wants the main thread and an event loop of its own and is not always tidy when it is interrupted; a process that
is ended after each call keeps all that away from the program. Only ``captures.pyshark_session`` starts it.

The request is ``{"tshark", "file", "filter"}``. A packet is ``{"number", "layers"}``; a line of a tree is
``[name, label, value, start, size, data in hexadecimal, lines below]``. The last line is ``{"end", "said"}``: tshark's
exit code and what it wrote last.
"""

from __future__ import annotations

import json
import os
import re
import signal
import sys
from types import FrameType
from typing import Any

__all__ = ["main"]

_NOT_XML = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_CRASH_CODE = re.compile(r"retcode: (-?\d+)")


def main() -> None:
    """Answer one request."""
    signal.signal(signal.SIGTERM, _stop)
    request = json.loads(sys.stdin.readline())
    import lxml.etree
    import pyshark
    from pyshark.capture.capture import TSharkCrashException
    from pyshark.tshark.output_parser.tshark_xml import TsharkXmlParser

    strict = lxml.etree.XMLParser(recover=True, huge_tree=True, resolve_entities=False, no_network=True)

    # pyshark has no types; its own parser keeps neither the tree nor where a field's bytes are.
    class TreeParser(TsharkXmlParser):  # type: ignore[misc]
        def _parse_single_packet(self, packet: bytes) -> Any:
            text = _NOT_XML.sub("", packet.decode("utf-8", "replace"))
            return _packet(lxml.etree.fromstring(text.encode(), strict))

    class TreeCapture(pyshark.FileCapture):  # type: ignore[misc]
        def _setup_tshark_output_parser(self) -> TreeParser:
            return TreeParser()

    end, said = 0, ""
    try:
        # Two passes: what a packet says about later ones is known, as in Wireshark's window and in sharkd.
        with TreeCapture(
            request["file"],
            display_filter=request["filter"],
            tshark_path=request["tshark"],
            custom_parameters=["-2"],
            keep_packets=False,
        ) as capture:
            for packet in capture:
                _write(packet)
    except TSharkCrashException as error:
        found = _CRASH_CODE.search(str(error))
        end, said = int(found[1]) if found else 1, str(error)
    _write({"end": end, "said": said})


# Any: JSON.
def _write(answer: dict[str, Any]) -> None:
    """Write a line. With ``print`` the rest of a long one is lost when tshark's end (SIGCHLD) interrupts it half-way."""
    rest = memoryview(json.dumps(answer).encode() + b"\n")
    while rest:
        rest = rest[os.write(1, rest) :]


def _stop(_number: int, _frame: FrameType | None) -> None:
    """Leave through the context manager, which ends tshark and waits for it."""
    raise SystemExit(1)


# Any: lxml elements have no types here.
def _packet(root: Any) -> dict[str, Any]:
    number, layers = 0, []
    for proto in root:
        if proto.get("name") == "geninfo":
            number = int(next(field.get("show") for field in proto if field.get("name") == "num"))
        elif proto.get("name") == "fake-field-wrapper":
            # PDML wraps what stands beside the protocols, so that it has one to be in.
            layers += _lines(proto)
        else:
            layers.append(_line(proto))
    return {"number": number, "layers": layers}


def _lines(parent: Any) -> list[Any]:
    return [_line(child) for child in parent if child.get("hide") != "yes"]


def _line(element: Any) -> list[Any]:
    name, show = element.get("name", ""), element.get("show", "")
    label = element.get("showname") or show
    data = element.get("unmaskedvalue") or element.get("value") or ""
    size = int(element.get("size") or 0)
    start = int(element.get("pos") or 0) if size else 0
    return [name, label, show if name else "", start, size, data if len(data) % 2 == 0 else "", _lines(element)]
