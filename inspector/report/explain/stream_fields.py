"""Fields of the protocols inside TCP and UDP by their Wireshark names: our decoders read them without declared headers."""

from __future__ import annotations

from inspector.i18n import N_
from inspector.report.explain.explanation import Explanation, Kind
from inspector.report.explain.glossary import entry

__all__ = ["stream_fields"]

_DNS, _HTTP, _H1, _H2, _TLS = "RFC 1035", "RFC 9110", "RFC 9112", "RFC 9113", "RFC 8446"

_FIELDS: dict[str, tuple[str, str, str, str, tuple[str, ...]]] = {
    "dns.id": (N_("DNS identification"), N_("The number of a question; its answer has the same."), _DNS, "4.1.1", ("DNS",)),
    "dns.flags": (N_("DNS flags"), N_("Question or response, what is wished for, and how it ended."), _DNS, "4.1.1", ("DNS flags",)),
    "dns.flags.response": (N_("DNS response"), N_("0 in a question, 1 in an answer (QR)."), _DNS, "4.1.1", ("DNS flags",)),
    "dns.flags.rcode": (N_("DNS response code"), N_("How it ended: 0 no error, 1 question not understood, 2 server failed, 3 no "
        "such name, 5 refused."), _DNS, "4.1.1", ("NOERROR", "SERVFAIL", "NXDOMAIN", "REFUSED")),
    "dns.count.answers": (N_("Number of answers"), N_("How many records the answer has."), _DNS, "4.1.1", ("DNS",)),
    "dns.qry.name": (N_("DNS name asked for"), N_("The name that is asked for, each label behind its length on the wire."), _DNS,
        "4.1.2", ("DNS",)),
    "dns.qry.type": (N_("DNS type asked for"), N_("Which kind of record is asked for: 1 A, 28 AAAA, 15 MX …"), _DNS, "4.1.2",
        ("A", "AAAA", "DNS")),
    "dns.a": (N_("IPv4 address of an answer"), N_("The address in an A record."), _DNS, "3.4.1", ("A",)),
    "dns.aaaa": (N_("IPv6 address of an answer"), N_("The address in an AAAA record."), "RFC 3596", "2.2", ("AAAA",)),
    "dns.cname": (N_("Canonical name of an answer"), N_("The name for which the asked one stands."), _DNS, "3.3.1", ("CNAME",)),
    "dns.resp.name": (N_("Name of a record"), N_("Whose record this is; mostly two bytes that point back to the question "
        "(compression)."), _DNS, "4.1.4", ("DNS",)),
    "dns.resp.ttl": (N_("Time to live of a record"), N_("Seconds for which the record may be kept. It has nothing to do with the "
        "TTL of IP."), _DNS, "4.1.3", ("resolver", "ip.ttl")),
    "dns.time": (N_("Time of the answer"), N_("From the question to its answer; worked out, not sent."), _DNS, "4.1", ("DNS", "D1")),
    "http.request.method": (N_("Request method"), N_("The first word of a request."), _H1, "3.1", ("method",)),
    "http.request.uri": (N_("Request target"), N_("The path and query of a request, as they were sent."), _H1, "3.2", ("query "
        "string", "percent-encoding")),
    "http.request.version": (N_("HTTP version"), N_("The last word of the request's first line: HTTP/1.1."), _H1, "2.3", ("HTTP",)),
    "http.response.code": (N_("Status code"), N_("The three digits in the first line of a response."), _H1, "4", ("status code",)),
    "http.response.phrase": (N_("Reason phrase"), N_("Words behind the status code, for people; programs ignore them, and HTTP/2 "
        "has none."), _H1, "4", ("status code",)),
    "http.host": (N_("Host"), N_("The value of the header field Host."), _HTTP, "7.2", ("Host",)),
    "http.user_agent": (N_("User-Agent"), N_("The value of the header field User-Agent."), _HTTP, "10.1.5", ("User-Agent",)),
    "http.cookie": (N_("Cookie"), N_("The value of the header field Cookie."), "RFC 6265", "4.2", ("cookie",)),
    "http.set_cookie": (N_("Set-Cookie"), N_("The value of the header field Set-Cookie."), "RFC 6265", "4.1", ("cookie",)),
    "http.content_type": (N_("Content-Type"), N_("The value of the header field Content-Type."), _HTTP, "8.3", ("Content-Type",)),
    "http.content_length": (N_("Content-Length"), N_("The value of the header field Content-Length."), _HTTP, "8.6", ("Content-Length",)),
    "http.file_data": (N_("HTTP body"), N_("The body, put together and decompressed."), _HTTP, "6.4", ("chunked",)),
    "http.time": (N_("Time of the response"), N_("From the request to its response; worked out, not sent."), _HTTP, "3.4", ("S1",)),
    "http2.length": (N_("HTTP/2 frame length"), N_("Bytes of the payload behind the nine of the frame's header."), _H2, "4.1",
        ("HTTP/2",)),
    "http2.type": (N_("HTTP/2 frame type"), N_("What the frame is for: 0 DATA, 1 HEADERS, 3 RST_STREAM, 4 SETTINGS, 6 PING, 7 "
        "GOAWAY, 8 WINDOW_UPDATE."), _H2, "4.1", ("HTTP/2",)),
    "http2.flags": (N_("HTTP/2 flags"), N_("Their meaning depends on the type: END_STREAM or ACK (0x01), END_HEADERS (0x04), "
        "PADDED (0x08)."), _H2, "4.1", ("HTTP/2",)),
    "http2.streamid": (N_("HTTP/2 stream identifier"), N_("Which stream the frame belongs to; 0 is the connection."), _H2,
        "5.1.1", ("HTTP/2 stream",)),
    "http2.header.name": (N_("HTTP/2 header name"), N_("The name of a header field, decompressed."), _H2, "8.2", ("HPACK",)),
    "http2.header.value": (N_("HTTP/2 header value"), N_("The value of a header field, decompressed."), _H2, "8.2", ("HPACK",)),
    "http2.rst_stream.error": (N_("Error code of RST_STREAM"), N_("Why one stream was ended."), _H2, "6.4", ("RST_STREAM",)),
    "http2.goaway.error": (N_("Error code of GOAWAY"), N_("Why the connection is ended; 0 is a proper end."), _H2, "6.8", ("GOAWAY",)),
    "http2.window_update.window_size_increment": (N_("Window increment"), N_("How many more bytes of DATA may be sent."), _H2,
        "6.9", ("WINDOW_UPDATE",)),
    "tls.handshake.type": (N_("Handshake type"), N_("Which message of the handshake it is: 1 ClientHello, 2 ServerHello, 11 "
        "Certificate, 20 Finished."), _TLS, "4", ("TLS handshake",)),
    "tls.handshake.version": (N_("Version in a hello"), N_("0x0303 (TLS 1.2) also in TLS 1.3, whose real version stands in an "
        "extension."), _TLS, "4.1.2", ("supported_versions",)),
    "tls.handshake.ciphersuite": (N_("Cipher suite"), N_("Those that the client offers, or the one that the server chose."),
        _TLS, "4.1.2", ("cipher suite",)),
    "tls.handshake.extensions_server_name": (N_("Server name"), N_("The host that the client wants (SNI)."), "RFC 6066", "3", ("SNI",)),
    "tls.handshake.extensions_alpn_str": (N_("Application protocol"), N_("A protocol that is offered or chosen for the inside "
        "(ALPN)."), "RFC 7301", "3.1", ("ALPN",)),
    "tls.alert_message.level": (N_("Alert level"), N_("1 warning, 2 fatal; TLS 1.3 goes by the description alone."), _TLS, "6",
        ("TLS handshake",)),
    "tls.alert_message.desc": (N_("Alert description"), N_("What the sender of the alert did not like."), _TLS, "6",
        ("handshake_failure", "close_notify")),
    "tls.app_data": (N_("Encrypted data"), N_("What a record of type 23 holds, as it was sent."), _TLS, "5.2", ("key log",)),
    "websocket.payload": (N_("WebSocket payload"), N_("The data of a frame, the mask undone."), "RFC 6455", "5.2", ("masking",
        "message")),
    "websocket.payload.close.status_code": (N_("Close code"), N_("The first two bytes of a Close frame's data."), "RFC 6455",
        "5.5.1", ("close code",)),
    "dhcp.option.dhcp": (N_("DHCP message type"), N_("1 Discover, 2 Offer, 3 Request, 4 Decline, 5 Ack, 6 Nak, 7 Release, 8 "
        "Inform."), "RFC 2132", "9.6", ("DHCP",)),
}  # fmt: skip
"""Title, meaning, document, section, what to read next."""
_NAMES = {"dns.flags.response": ("QR",), "dhcp.option.dhcp": ("dhcp.type",)}


def stream_fields() -> list[Explanation]:
    """Fields of DNS, HTTP, TLS, WebSocket and DHCP that people filter by."""
    return [
        entry(Kind.FIELD, name, title, what, ((document, section),), filter=name, names=_NAMES.get(name, ()), also=also)
        for name, (title, what, document, section, also) in _FIELDS.items()
    ]
