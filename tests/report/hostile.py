"""Captures of peers that put what browsers, terminals and Markdown act on into every field they control."""

from __future__ import annotations

from pathlib import Path

from inspector.recording.reader import Interface
from inspector.recording.writer import PcapngWriter
from tests.websockets import KEY, Talk, frame, handshake

__all__ = ["PAYLOAD", "TOKEN", "hostile_capture"]

TOKEN = "h0st1le"
PAYLOAD = (
    f"{TOKEN}</script><script>window.pwned=1</script><img src=x onerror=window.pwned=1><svg/onload=window.pwned=1>"
    "\"' onmouseover=window.pwned=1 \u202eevil\u202c\u2066\u200b\u2028 \x1b]52;c;QUFBQQ==\x07 \x9b31m {{7*7}} {%x%} "
    "`code` ```fence ]]> --> ![x](http://evil.example/x.png) [y](javascript:alert(1)) http://evil.example/ @everyone |"
)
"""Script, markup, directions, invisible characters, terminal commands, templates, Markdown."""
_BIG = 1 << 20


def hostile_capture(path: Path) -> Path:
    """Write such a capture; its file name is hostile, too, where a file system allows."""
    payload = PAYLOAD.encode()
    line = payload.replace(b"\x07", b" ").replace(b"\xe2\x80\xa8", b" ")  # no line end of HTTP in it
    target = b"/" + line.replace(b" ", b"+")
    http = Talk()
    http.say(
        True,
        b"POST %s HTTP/1.1\r\nHost: %s\r\nX-Evil: %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
        % (target, line, line, len(payload))
        + payload,
    )
    http.say(
        False,
        b"HTTP/1.1 500 %s\r\nX-Evil: %s\r\nContent-Type: text/html;charset=utf-8\r\nContent-Length: %d\r\n\r\n"
        % (line, line, len(payload))
        + payload,
    )
    http.say(True, b"GET /big HTTP/1.1\r\nHost: a\r\nX-Big: " + b"A" * 60_000 + b"\r\n\r\n")
    http.say(False, b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % _BIG + b"<b>" * (_BIG // 3) + b"x")

    ask, answer = handshake(path=target.decode("utf-8"))
    extra = b"Sec-WebSocket-Protocol: " + line + b"\r\nSec-WebSocket-Extensions: x-" + TOKEN.encode() + b"\r\n\r\n"
    answer = answer[:-2] + extra
    chat = Talk().say(True, ask).say(False, answer)
    chat.say(True, frame(1, payload, KEY)).say(False, frame(1, payload)).say(False, frame(1, b"<i>" * 300_000))
    chat.say(False, frame(9, payload[:120])).say(True, frame(2, payload, KEY))
    chat.say(False, frame(8, b"\x03\xf3" + payload[:100]))
    with PcapngWriter(path, application=PAYLOAD, comments=[PAYLOAD]) as writer:
        number = writer.add_interface(
            Interface(link_type=1, snaplen=0, name=PAYLOAD, description=PAYLOAD, filter=PAYLOAD, comments=(PAYLOAD,))
        )
        packets = [*http.packets(ports=(40001, 80)), *chat.packets(ports=(40002, 80))]
        for index, packet in enumerate(packets):
            writer.write_packet(number, 10**18 + index * 10**6, packet, comments=[PAYLOAD] if index < 9 else [])
    return path
