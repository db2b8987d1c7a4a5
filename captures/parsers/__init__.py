"""Capture parsers: Wireshark's dissection of one protocol family each, in the words of our model.

Each takes a packet's tree and gives what the family's messages in it say. They are the other side of ``inspector verify``
and the way to Wireshark's view from Python; nothing is decoded here that Wireshark did not decode.
"""

from __future__ import annotations

from captures.parsers.dns import parse_dns
from captures.parsers.generic import ExpertItem, parse_experts, parse_other
from captures.parsers.http import WiresharkHttp, parse_http
from captures.parsers.http2 import WiresharkHttp2, parse_http2
from captures.parsers.tcp import WiresharkSegment, parse_tcp
from captures.parsers.tls import WiresharkTls, parse_tls
from captures.parsers.websocket import WiresharkWebSocket, parse_websocket

__all__ = [
    "ExpertItem",
    "WiresharkHttp",
    "WiresharkHttp2",
    "WiresharkSegment",
    "WiresharkTls",
    "WiresharkWebSocket",
    "parse_dns",
    "parse_experts",
    "parse_http",
    "parse_http2",
    "parse_other",
    "parse_tcp",
    "parse_tls",
    "parse_websocket",
]
