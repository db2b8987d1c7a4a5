"""What each anomaly code means, and the section that is broken."""

from __future__ import annotations

from inspector.i18n import N_
from inspector.model.finding import Text
from inspector.model.websocket import FAULTS
from inspector.refs import Ref
from inspector.report.explain.explanation import Explanation, Kind

__all__ = ["anomalies"]

_WHERE = {
    "ws": N_("In a WebSocket handshake or stream; inspector messages, frames and follow name packet and bytes."),
    "http": N_("In an HTTP/1.1 message; inspector http and follow name packet and bytes."),
    "h2": N_("In an HTTP/2 connection; inspector http and follow name packet and bytes."),
    "content": N_("In the body of an HTTP message; inspector http names the exchange."),
    "tls": N_("In a TLS connection; inspector tls names it."),
    "dns": N_("In a DNS message; inspector dns names it."),
}
_WHERE_HEADER = N_("In the options or extensions of a header; inspector packet marks the bytes.")

_FAULT_WORDS = {
    "ws.unmasked_client_frame": N_("A frame of the client is not masked; the server must close the connection."),
    "ws.masked_server_frame": N_("A frame of the server is masked; the client must close the connection."),
    "ws.rsv1_not_agreed": N_("RSV1 is set, and no extension that uses it was agreed on."),
    "ws.rsv1_misplaced": N_("RSV1 is set where compression may not mark it: only a message's first frame may."),
    "ws.rsv2_rsv3": N_("RSV2 or RSV3 is set, and no extension that uses them was agreed on."),
    "ws.reserved_opcode": N_("The opcode is one that has no meaning: 3 to 7 or 11 to 15."),
    "ws.control_fragmented": N_("A control frame lacks FIN; ping, pong and close may not be fragmented."),
    "ws.control_too_long": N_("A control frame carries more than 125 bytes."),
    "ws.length_not_minimal": N_("The payload length is written with more bytes than it needs."),
    "ws.length_top_bit": N_("The highest bit of the 64-bit payload length is set."),
    "ws.continuation_without_start": N_("A continuation frame came while no message was begun."),
    "ws.message_interrupted": N_("A new message began before the one before had its last frame."),
    "ws.data_after_close": N_("The sender of a Close frame sent more data after it."),
    "ws.close_one_byte": N_("A Close frame has a payload of one byte; a code takes two."),
    "ws.close_code_illegal": N_("A Close frame carries a code that may not be sent, such as 1005 or 1006."),
    "ws.close_reason_not_utf8": N_("The reason in a Close frame is not UTF-8."),
    "ws.bytes_missing": N_("The capture lacks bytes of this frame; no peer is to blame."),
    "ws.cut": N_("The capture or the connection ends within this frame."),
    "ws.resynchronised": N_("Frames were found again here after bytes that the capture lacks."),
    "ws.text_not_utf8": N_("A text message is not UTF-8; the receiver must close the connection."),
    "ws.inflate_failed": N_("A compressed message does not decompress."),
    "ws.inflation_capped": N_("A message grows so large when decompressed that it was given up."),
    "ws.context_lost": N_("The message needs bytes of earlier ones for decompression, and those are missing."),
    "ws.window_exceeded": N_("Compressed data refers further back than the agreed window."),
    "ws.data_after_final_block": N_("Bytes follow behind the block that says it is the last."),
}
_MORE: dict[str, tuple[str, Ref]] = {
    "ws.header_cut": (N_("The stream ends within a frame's header."), Ref("RFC 6455", "5.2")),
    "ws.frames_lost": (N_("Bytes in which no frame could be recognised were passed over."), Ref("RFC 6455", "5.2")),
    "ws.close_code_differs": (
        N_("The answer to a Close frame does not echo its code."), Ref("RFC 6455", "5.5.1"),
    ),
    "ws.close_not_answered": (
        N_("A Close frame was not answered with one before TCP ended."), Ref("RFC 6455", "5.5.1"),
    ),
    "ws.closed_without_close_frame": (
        N_("TCP ended and neither side had sent a Close frame: both applications see 1006."), Ref("RFC 6455", "7.1.5"),
    ),
    "ws.handshake_method": (N_("The handshake is not a GET (over HTTP/2: not a CONNECT)."), Ref("RFC 6455", "4.1")),
    "ws.handshake_http_version": (N_("The handshake is older than HTTP/1.1."), Ref("RFC 6455", "4.1")),
    "ws.connection_header": (
        N_("Connection does not name Upgrade, or stands in HTTP/2 where it may not."), Ref("RFC 6455", "4.1"),
    ),
    "ws.upgrade_header": (
        N_("Upgrade does not name websocket, or stands in HTTP/2 where it may not."), Ref("RFC 6455", "4.2.2"),
    ),
    "ws.header_missing": (N_("A header that the handshake must have is missing."), Ref("RFC 6455", "4.1")),
    "ws.header_repeated": (N_("A header that the handshake may have once is there several times."), Ref("RFC 6455", "4.1")),
    "ws.key_malformed": (N_("Sec-WebSocket-Key is not the base64 form of 16 bytes."), Ref("RFC 6455", "4.1")),
    "ws.accept_mismatch": (
        N_("Sec-WebSocket-Accept is not what follows from the key; the client must fail the connection."),
        Ref("RFC 6455", "4.2.2"),
    ),
    "ws.version": (N_("Sec-WebSocket-Version is not 13."), Ref("RFC 6455", "4.1")),
    "ws.subprotocol_repeated": (N_("The client offers a subprotocol twice."), Ref("RFC 6455", "4.1")),
    "ws.subprotocol_not_offered": (
        N_("The server chose a subprotocol that the client did not offer."), Ref("RFC 6455", "4.1"),
    ),
    "ws.subprotocol_none_chosen": (
        N_("The client offered subprotocols and the server chose none; browsers end the connection then."),
        Ref("RFC 6455", "4.2.2"),
    ),
    "ws.extension_malformed": (N_("Sec-WebSocket-Extensions does not follow its grammar."), Ref("RFC 6455", "9.1")),
    "ws.extension_not_offered": (
        N_("The server chose an extension that the client did not offer."), Ref("RFC 6455", "4.1"),
    ),
    "ws.extension_repeated": (N_("The server chose an extension twice."), Ref("RFC 7692", "5")),
    "ws.extension_parameter": (
        N_("A parameter of permessage-deflate is unknown, repeated or has an impossible value."), Ref("RFC 7692", "7.1"),
    ),
    "ws.extension_parameter_not_offered": (
        N_("The chosen parameters of permessage-deflate do not answer any offer."), Ref("RFC 7692", "7.1"),
    ),
    "ws.connect_not_enabled": (
        N_("The client asked for WebSocket over HTTP/2 although the server had not announced it."), Ref("RFC 8441", "3"),
    ),
    "http.bad_chunk_size": (N_("The size of a chunk is not a hexadecimal number."), Ref("RFC 9112", "7.1")),
    "http.chunk_size_overflow": (N_("The size of a chunk is beyond every integer."), Ref("RFC 9112", "7.1")),
    "http.chunk_longer_than_its_size": (N_("No end of line follows behind a chunk's bytes."), Ref("RFC 9112", "7.1")),
    "http.too_many_chunks": (N_("A body has more pieces than are kept."), Ref("RFC 9112", "7.1")),
    "http.line_too_long": (N_("A line of a chunked body is longer than servers accept."), Ref("RFC 9112", "7.1.1")),
    "http.bare_lf": (N_("A line ends with LF alone, without CR."), Ref("RFC 9112", "2.2")),
    "http.bytes_missing": (N_("The capture lacks bytes of this message."), Ref("RFC 9112", "8")),
    "http.message_cut": (N_("The stream ends before the message does."), Ref("RFC 9112", "8")),
    "http.bad_content_length": (N_("Content-Length is not a number."), Ref("RFC 9112", "6.3")),
    "http.conflicting_content_length": (
        N_("Several lengths are given that differ: two programs may disagree on where the message ends."),
        Ref("RFC 9112", "6.3"),
    ),
    "http.length_and_transfer_encoding": (
        N_("Both a length and a transfer coding are given: the way to smuggle a request past a proxy."),
        Ref("RFC 9112", "6.3"),
    ),
    "http.transfer_encoding_in_http10": (N_("HTTP/1.0 does not know transfer codings."), Ref("RFC 9112", "6.1")),
    "http.chunked_twice": (N_("Chunked is applied more than once."), Ref("RFC 9112", "6.1")),
    "http.chunked_not_last": (N_("Chunked is not the last transfer coding."), Ref("RFC 9112", "6.3")),
    "http.bad_field_line": (N_("A line among the headers is not one."), Ref("RFC 9112", "5")),
    "http.space_before_colon": (N_("A space stands between a header's name and its colon."), Ref("RFC 9112", "5.1")),
    "http.obs_fold": (N_("A header goes on in the next line, which is obsolete."), Ref("RFC 9112", "5.2")),
    "http.control_character": (N_("The head holds a control character."), Ref("RFC 9110", "5.5")),
    "http.missing_host": (N_("The request has no Host."), Ref("RFC 9112", "3.2")),
    "http.duplicate_host": (N_("The request has more than one Host."), Ref("RFC 9112", "3.2")),
    "h2.no_preface": (N_("The client did not begin with the preface of HTTP/2, or it was not captured."), Ref("RFC 9113", "3.4")),
    "h2.bytes_missing": (N_("The capture lacks bytes of this connection."), Ref("RFC 9113", "4.1")),
    "h2.wrong_frame_size": (N_("A frame has a size that its type does not allow."), Ref("RFC 9113", "4.2")),
    "h2.wrong_stream": (N_("A frame is on a stream where its type may not be."), Ref("RFC 9113", "6")),
    "h2.header_block_interrupted": (N_("Another frame came before the header block was complete."), Ref("RFC 9113", "6.10")),
    "h2.header_block_too_long": (N_("A header block is longer than is kept."), Ref("RFC 9113", "10.5.1")),
    "h2.bad_header_block": (N_("A header block does not decompress."), Ref("RFC 9113", "4.3")),
    "h2.continuation_of_nothing": (N_("CONTINUATION came while no header block was begun."), Ref("RFC 9113", "6.10")),
    "h2.padding_too_long": (N_("The padding is longer than its frame."), Ref("RFC 9113", "6.1")),
    "h2.push_from_client": (N_("A client sent PUSH_PROMISE, which only servers may."), Ref("RFC 9113", "8.4")),
    "h2.zero_window_update": (N_("A window was to grow by nothing."), Ref("RFC 9113", "6.9")),
    "content.broken": (N_("The body does not decompress."), Ref("RFC 9110", "8.4")),
    "content.capped": (N_("The body grows so large when decompressed that it was given up."), Ref("RFC 9110", "8.4")),
    "content.cut": (N_("The compressed body ends too early."), Ref("RFC 9110", "8.4")),
    "content.too_many_codings": (N_("More codings are applied than are undone."), Ref("RFC 9110", "8.4")),
    "content.unknown_coding": (N_("Content-Encoding names a coding that is not known here."), Ref("RFC 9110", "8.4")),
    "tls.bytes_missing": (N_("The capture lacks bytes of this connection."), Ref("RFC 8446", "5.1")),
    "tls.handshake_too_long": (N_("A handshake message is longer than is kept."), Ref("RFC 8446", "4")),
    "tls.certificate_unreadable": (N_("A certificate cannot be read."), Ref("RFC 5280", "4.1")),
    "tls.certificate_expired": (N_("A certificate had expired when it was shown."), Ref("RFC 5280", "4.1.2.5")),
    "tls.certificate_not_yet_valid": (N_("A certificate was not valid yet when it was shown."), Ref("RFC 5280", "4.1.2.5")),
    "tls.certificate_name_mismatch": (N_("The certificate is for other names than the one asked for."), Ref("RFC 9525", "6.3")),
    "tls.certificate_self_issued": (N_("The certificate was issued by its own owner."), Ref("RFC 5280", "3.2")),
    "tls.certificate_chain_broken": (N_("A certificate does not certify the one before it."), Ref("RFC 8446", "4.4.2")),
    "dns.cut": (N_("The message ends too early."), Ref("RFC 1035", "4.1")),
    "dns.bad_label": (N_("A label of a name has a type that does not exist."), Ref("RFC 1035", "4.1")),
    "dns.pointer_loop": (N_("Pointers in a name lead nowhere."), Ref("RFC 1035", "4.1")),
    "dns.name_too_long": (N_("A name is longer than 255 bytes."), Ref("RFC 1035", "4.1")),
    "dns.trailing_bytes": (N_("Bytes follow behind the last record."), Ref("RFC 1035", "4.1")),
    "tcp.option_length": (N_("The length of a TCP option is impossible or not one that it may have."), Ref("RFC 9293", "3.1")),
    "ipv4.option_length": (N_("The length of an IPv4 option is impossible."), Ref("RFC 791", "3.1")),
    "ipv6.option_length": (N_("The length of an IPv6 option is impossible."), Ref("RFC 8200", "4.2")),
    "icmpv6.option_length": (N_("The length of a neighbour discovery option is impossible."), Ref("RFC 4861", "4.6")),
    "geneve.option_length": (N_("The length of a GENEVE option is impossible."), Ref("RFC 8926", "3.5")),
    "gtpu.extension_length": (N_("The length of a GTP-U extension header is impossible."), Ref("TS 29.281", "5.2.1")),
}  # fmt: skip

_JUDGES: dict[str, tuple[str, ...]] = {
    "W3": (
        "ws.accept_mismatch", "ws.header_repeated", "ws.header_missing", "ws.version", "ws.key_malformed",
        "ws.connection_header", "ws.upgrade_header", "ws.handshake_method", "ws.handshake_http_version",
    ),
    "W4": ("ws.subprotocol_not_offered", "ws.subprotocol_none_chosen", "ws.subprotocol_repeated"),
    "W5": (
        "ws.rsv1_not_agreed", "ws.extension_malformed", "ws.extension_not_offered", "ws.extension_repeated",
        "ws.extension_parameter", "ws.extension_parameter_not_offered",
    ),
    "W10": ("ws.text_not_utf8", "ws.close_reason_not_utf8"),
    "W11": ("ws.unmasked_client_frame", "ws.masked_server_frame"),
    "W12": (
        "ws.control_fragmented", "ws.control_too_long", "ws.close_one_byte", "ws.reserved_opcode", "ws.rsv2_rsv3",
    ),
    "W13": (
        "ws.continuation_without_start", "ws.message_interrupted", "ws.length_not_minimal", "ws.length_top_bit",
    ),
    "W14": ("ws.data_after_close",),
    "W16": (
        "ws.inflate_failed", "ws.inflation_capped", "ws.window_exceeded", "ws.data_after_final_block",
        "ws.rsv1_misplaced",
    ),
    "L3": (
        "tls.certificate_expired", "tls.certificate_not_yet_valid", "tls.certificate_name_mismatch",
        "tls.certificate_self_issued", "tls.certificate_chain_broken", "tls.certificate_unreadable",
    ),
}  # fmt: skip
"""Rules that make a finding of an anomaly; a test looks into them."""


def anomalies() -> list[Explanation]:
    """Every anomaly code; a test compares the list with the decoders."""
    found = {code: (_FAULT_WORDS[code], ref) for code, ref in FAULTS.values()} | _MORE
    return [
        Explanation(
            kind=Kind.ANOMALY,
            term=code,
            title=code,
            what=Text(what),
            where=Text(_WHERE.get(code.partition(".")[0], _WHERE_HEADER)),
            refs=(ref,),
            also=tuple(rule for rule, codes in _JUDGES.items() if code in codes),
        )
        for code, (what, ref) in found.items()
    ]
