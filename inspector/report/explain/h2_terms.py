"""Terms of HTTP/2 and what came after it: frames, streams, header compression."""

from __future__ import annotations

from inspector.i18n import N_
from inspector.report.explain.explanation import Explanation, Kind
from inspector.report.explain.glossary import entry

__all__ = ["h2_terms"]

_H2 = "RFC 9113"

_IDEAS = (
    entry(Kind.IDEA, "HTTP/2", N_("HTTP/2"),
        N_("The same requests and responses as frames: 9 bytes (length, type, flags, stream) and a payload. Many streams share "
            "one connection, so that nothing waits for its turn. Over TLS it is chosen by ALPN (h2); h2c is without TLS."),
        ((_H2, "2"), (_H2, "4.1")), filter="http2", names=("h2", "h2c", "HTTP2"), also=("HTTP/2 stream", "HEADERS", "DATA",
            "HPACK", "ALPN")),
    entry(Kind.IDEA, "HTTP/2 stream", N_("HTTP/2 stream"),
        N_("One request and its response within the connection. The client's have odd numbers, 1, 3, 5 …; 0 is the connection "
            "itself. END_STREAM says that a side has no more to send."), ((_H2, "5.1"),),
        filter="http2.streamid", names=("stream id", "stream identifier", "END_STREAM", "multiplexing"), also=("HTTP/2",
            "RST_STREAM", "WINDOW_UPDATE")),
    entry(Kind.IDEA, "HPACK", N_("HPACK, compression of header fields"),
        N_("A header field that was sent before is sent as a number only: both sides keep the same table. So one byte that is "
            "missing makes all later headers of the connection unreadable."), (("RFC 7541", "2.3"),),
        filter="http2.header", names=("header compression", "QPACK"), also=("HEADERS", "COMPRESSION_ERROR")),
    entry(Kind.IDEA, "connection preface", N_("connection preface"),
        N_("What an HTTP/2 client sends first: 24 fixed bytes (PRI * HTTP/2.0 …), which an HTTP/1 server would refuse, and "
            "SETTINGS."), ((_H2, "3.4"),), filter="http2.magic", names=("preface", "PRI"), also=("SETTINGS",)),
    entry(Kind.IDEA, "pseudo-header field", N_("pseudo-header field"),
        N_("What was the first line in HTTP/1: :method, :scheme, :authority and :path of a request, :status of a response. They "
            "stand before all other fields."), ((_H2, "8.3"),), filter="http2.header.name matches \"^:\"",
        names=(":method", ":path", ":status", ":authority", ":scheme", "pseudo-headers"), also=("HEADERS", "method", "Host")),
    entry(Kind.IDEA, "QUIC", N_("QUIC and HTTP/3"),
        N_("QUIC does over UDP what TCP and TLS do together: a handshake of one round trip, streams that do not wait for each "
            "other, connections that outlive a change of address. HTTP/3 is HTTP over it. Nearly all is encrypted."),
        (("RFC 9000", "1"), ("RFC 9114", "2")), filter="quic || http3", names=("HTTP/3", "h3"), also=("HTTP/2", "udp", "Alt-Svc")),
    entry(Kind.IDEA, "gRPC", N_("gRPC"),
        N_("Calls between programs over HTTP/2: each message is one byte (compressed or not), four bytes of length, and the "
            "message in protobuf. How the call ended stands in the trailer grpc-status, also when the HTTP status is 200."),
        (), filter="grpc", names=("protobuf", "grpc-status"), also=("HTTP/2", "DATA", "Trailer")),
)  # fmt: skip

_FRAMES = {
    "DATA": (0, "6.1", N_("A piece of a body. It counts against the windows of its stream and of the connection.")),
    "HEADERS": (1, "6.2", N_("Opens a stream: header fields, compressed with HPACK. Trailer fields come in one, too.")),
    "PRIORITY": (2, "6.3", N_("Once told how much a stream matters; no longer used.")),
    "RST_STREAM": (3, "6.4", N_("Ends one stream at once, with an error code; the connection goes on.")),
    "SETTINGS": (4, "6.5", N_("What the sender allows: streams at a time, first window, largest frame, size of the header table. "
        "The other side has to acknowledge it.")),
    "PUSH_PROMISE": (5, "6.6", N_("The server announces a response that nobody asked for; browsers no longer take it.")),
    "PING": (6, "6.7", N_("Eight bytes that the other side sends back: is it alive, how long is the round trip?")),
    "GOAWAY": (7, "6.8", N_("No more streams: the last one that will be dealt with, and an error code, NO_ERROR for a proper end.")),
    "WINDOW_UPDATE": (8, "6.9", N_("So many more bytes of DATA may be sent, on this stream, or on the connection (stream 0). "
        "Without it the sender stands still.")),
    "CONTINUATION": (9, "6.10", N_("The rest of header fields that did not fit into one HEADERS frame.")),
}  # fmt: skip
"""Type, section of RFC 9113, what it does."""


def h2_terms() -> list[Explanation]:
    """Everything of HTTP/2 but its error codes."""
    return [*_IDEAS, *map(_frame, _FRAMES)]


def _frame(name: str) -> Explanation:
    number, section, what = _FRAMES[name]
    return entry(
        Kind.H2_FRAME,
        name,
        name,
        what,
        ((_H2, section),),
        filter=f"http2.type == {number}",
        names=(f"{name} frame", f"{name} 프레임", f"http2.type={number}"),
        also=("HTTP/2",),
    )
