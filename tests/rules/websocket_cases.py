"""Cases of the rules about WebSocket handshakes and frames."""

from __future__ import annotations

import struct
import zlib

from hpack import Encoder

from tests.packets import ACK
from tests.rules.cases import fires, silent
from tests.rules.film import Film, Tcp
from tests.websockets import KEY, compress, frame

NOT_DAPHNE = "Server: example\r\n"


def plain(film: Film, at: float = 0.0, headers: str = "", server: str = NOT_DAPHNE) -> Tcp:
    """A WebSocket of a server that is none of those the channels rules know."""
    return film.tcp().open(at).ask(at + 0.02, "/ws/chat/", headers).switch(at + 0.04, server, upgrade="websocket")


_HEADERS = {
    "Host": "chat.example",
    "Upgrade": "websocket",
    "Connection": "Upgrade",
    "Sec-WebSocket-Key": "AAECAwQFBgcICQoLDA0ODw==",
    "Sec-WebSocket-Version": "13",
}


def _asks(film: Film, line: str = "GET /ws/ HTTP/1.1", *, without: str = "", **changed: str) -> Tcp:
    """A request for a WebSocket with other values in its headers, or without one of them."""
    headers = _HEADERS | {name.replace("_", "-"): value for name, value in changed.items()}
    lines = [line, *(f"{name}: {value}" for name, value in headers.items() if name != without)]
    return film.tcp().open(0.0).say(0.02, True, "".join(f"{line}\r\n" for line in [*lines, ""]).encode())


def over_http2(
    film: Film, *headers: tuple[str, str], status: str = "400", ends: bool = True, server: str = "", after: float = 0.02
) -> Tcp:
    """A request with these headers over HTTP/2, and its answer after a time; ``ends``: whether both end the stream."""
    tcp = film.tcp().open(0.0)
    asked = [(":scheme", "http"), (":authority", "chat.example"), (":path", "/ws/"), *headers]
    answer = [(":status", status), *([("server", server)] if server else [])]
    for at, from_client, fields in ((0.02, True, asked), (0.02 + after, False, answer)):
        preface = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" if from_client else b""
        connect_protocol = struct.pack(">HI", 8, 1)  # SETTINGS_ENABLE_CONNECT_PROTOCOL, RFC 8441 section 3
        settings = struct.pack(">xHBBI", len(connect_protocol), 4, 0, 0) + connect_protocol
        block = Encoder().encode(fields)
        tcp.say(at, from_client, preface + settings + struct.pack(">xHBBI", len(block), 1, 5 if ends else 4, 1) + block)
    return tcp


# --- handshakes --------------------------------------------------------------------------------------------------------


@fires(
    "W1", outcome="undecidable", packets=[4, 6], side="unknown", reason="426",
    why="The handshake as it was captured lacks nothing: a capture between a proxy and the server would show whether "
    "it arrived so.",
)  # fmt: skip
def upgrade_answered_with_426(film: Film) -> None:
    film.tcp().open(0.0).ask(0.02).answer(0.04, "426 Upgrade Required")


@fires("W1", side="server", reason="503")
def upgrade_answered_with_503(film: Film) -> None:
    film.tcp().open(0.0).ask(0.02).answer(0.04, "503 Service Unavailable")


@silent("W1", "W2", "W3", "W4", "W5")
def upgrade_granted(film: Film) -> None:
    plain(film, headers="Sec-WebSocket-Protocol: a, b\r\n", server=NOT_DAPHNE + "Sec-WebSocket-Protocol: b\r\n")


@fires("W1", side="client", reason="403", says="for /ws/a was answered with 403; Origin http://evil.example, Host")
def refusal_of_another_origin(film: Film) -> None:
    film.tcp().open(0.0).ask(0.02, "/ws/a", "Origin: http://evil.example\r\n").answer(0.04, "403 Forbidden")


@fires("W1", side="client", reason="400", says="Origin -, Host -")
def refusal_of_a_request_without_host(film: Film) -> None:
    _asks(film, without="Host").answer(0.04, "400 Bad Request")


@fires("W1", side="server", reason="200", says="Origin -, Host chat.example")
def an_ordinary_page_instead(film: Film) -> None:
    film.tcp().open(0.0).ask(0.02).answer(0.04, "200 OK", body=b"<html>")


@silent("W1")
def asked_and_not_answered(film: Film) -> None:
    film.tcp().open(0.0).ask(0.02)


@silent("W1", "W3")
def an_upgrade_header_in_http2_asks_for_nothing(film: Film) -> None:
    over_http2(film, (":method", "GET"), ("upgrade", "websocket"))


@silent("W2")
def a_key_in_http2_needs_no_upgrade(film: Film) -> None:
    over_http2(film, (":method", "GET"), ("sec-websocket-key", _HEADERS["Sec-WebSocket-Key"]))


@silent("W1", "W2", "W3")
def an_answer_whose_request_was_not_captured(film: Film) -> None:
    film.tcp().answer(0.04, "404 Not Found")


@silent("W1")
def an_ordinary_404(film: Film) -> None:
    film.tcp().open(0.0).get(0.02).answer(0.04, "404 Not Found")


_STRIPPED = "Sec-WebSocket-Key: AAECAwQFBgcICQoLDA0ODw==\r\nSec-WebSocket-Version: 13\r\n"


@fires(
    "W2",
    side="proxy",
    packets=[4],
    confidence="likely",
    connections=(0,),
    says="Upgrade: -, Connection: close, HTTP/1.1",
)
def key_without_upgrade(film: Film) -> None:
    film.tcp(8000).open(0.0).get(0.02, "/ws/", _STRIPPED + "Connection: close\r\n").answer(0.04, "404 Not Found")


_PASSED_ON = (
    "GET /ws/chat/ HTTP/1.1\r\nHost: chat.example\r\n{0}X-Forwarded-For: 10.0.0.1\r\n"
    "Sec-WebSocket-Key: AAECAwQFBgcICQoLDA0ODw==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)


def _legs(film: Film, kept: str) -> tuple[Tcp, Tcp]:
    """A handshake, and what a proxy passes on of it."""
    front = film.tcp().open(0.0).ask(0.02)
    back = film.tcp(8000, client="10.0.0.2", server="10.0.0.3").open(0.03)
    return front, back.say(0.045, True, _PASSED_ON.format(kept).encode())


@fires("W2", side="proxy", connections=(0, 1), confidence="certain", says="Upgrade: websocket, Connection: -")
def proxy_keeps_upgrade_and_loses_connection(film: Film) -> None:
    _legs(film, "Upgrade: websocket\r\n")


@fires("W2", side="proxy", connections=(0, 1), confidence="certain")
def proxy_keeps_connection_and_loses_upgrade(film: Film) -> None:
    _legs(film, "Connection: Upgrade\r\n")


@fires("W1", connections=(0, 1), reason="503")
def a_refusal_is_told_once_for_both_legs(film: Film) -> None:
    front, back = _legs(film, "Upgrade: websocket\r\nConnection: Upgrade\r\n")
    back.answer(0.06, "503 Service Unavailable")
    front.answer(0.08, "503 Service Unavailable")


@fires("W6", connections=(0, 1))
def an_end_is_told_once_for_both_legs(film: Film) -> None:
    front, back = _legs(film, "Upgrade: websocket\r\nConnection: Upgrade\r\n")
    back.switch(0.06, NOT_DAPHNE).fin(1.0, False)
    front.switch(0.08, NOT_DAPHNE).fin(1.05, False)


@silent("W2")
def ordinary_get(film: Film) -> None:
    film.tcp(8000).open(0.0).get(0.02, "/ws/", "Connection: close\r\n").answer(0.04, "404 Not Found")


@fires("W3", side="server", reason="accept_mismatch", packets=[6], at=0.04)
def wrong_accept_value(film: Film) -> None:
    wrong = (
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Accept: AAAAAAAAAAAAAAAAAAAAAAAAAAA=\r\n\r\n"
    )
    film.tcp().open(0.0).ask(0.02).say(0.04, False, wrong)


@silent("W4", "W5")
@fires("W3", side="client", reason="header_repeated", packets=[4], at=0.02)
def version_twice(film: Film) -> None:
    plain(film, headers="Sec-WebSocket-Version: 13\r\n")


@fires("W3", side="client", reason="version", says="version: 8,")
def an_older_version(film: Film) -> None:
    _asks(film, Sec_WebSocket_Version="8")


@fires("W3", side="client", reason="key_malformed", says="c2hvcnQ=")
def a_key_of_five_bytes(film: Film) -> None:
    _asks(film, Sec_WebSocket_Key="c2hvcnQ=")


@fires("W3", side="client", reason="header_missing", says="sec-websocket-key")
def a_request_without_a_key(film: Film) -> None:
    _asks(film, without="Sec-WebSocket-Key")


@fires("W3", side="client", reason="connection_header", says="connection_header: -,")
def a_request_without_connection(film: Film) -> None:
    _asks(film, without="Connection")


@fires("W3", side="client", reason="handshake_method", says="POST")
def asked_with_post(film: Film) -> None:
    _asks(film, "POST /ws/ HTTP/1.1")


@fires("W3", side="client", reason="handshake_http_version", says="HTTP/1.0")
def asked_with_http_1_0(film: Film) -> None:
    _asks(film, "GET /ws/ HTTP/1.0")


@fires("W3", side="server", reason="upgrade_header", says="h3")
def switched_to_something_else(film: Film) -> None:
    film.tcp().open(0.0).ask(0.02).switch(0.04, upgrade="h3")


@silent("W3", "W5")
@fires("W4", side="server", reason="not_offered", packets=[6], at=0.04)
def unasked_subprotocol(film: Film) -> None:
    plain(film, headers="Sec-WebSocket-Protocol: a\r\n", server="Sec-WebSocket-Protocol: z\r\n")


@fires("W4", outcome="warn", side="client", reason="repeated", packets=[4], at=0.02, says="a, a")
def a_subprotocol_offered_twice(film: Film) -> None:
    plain(film, headers="Sec-WebSocket-Protocol: a, a\r\n", server="Sec-WebSocket-Protocol: a\r\n")


@fires("W4", outcome="warn", side="server", reason="none_chosen", packets=[6])
def no_subprotocol_chosen(film: Film) -> None:
    plain(film, headers="Sec-WebSocket-Protocol: a\r\n").text(1.0, True, "hello")


@fires("W5", side="client", reason="extension_malformed", packets=[4], at=0.02)
def an_extension_that_is_no_token(film: Film) -> None:
    plain(film, headers="Sec-WebSocket-Extensions: =15\r\n")


@silent("W3", "W4")
@fires("W5", side="server", reason="extension_not_offered", packets=[6], at=0.04)
def unasked_extension(film: Film) -> None:
    plain(film, server="Sec-WebSocket-Extensions: x-foo\r\n")


@fires("W5", side="client", reason="rsv1_not_agreed")
def compressed_without_agreement(film: Film) -> None:
    plain(film).frame(0.5, True, 1, b"hello", rsv=4)


# --- frames ------------------------------------------------------------------------------------------------------------


@fires("W10", side="server", reason="text_not_utf8", packets=[8])
def surrogate_in_a_text(film: Film) -> None:
    plain(film).frame(0.5, False, 1, b"\xed\xa0\x80")


@fires("W10", side="client", reason="close_reason_not_utf8")
def reason_that_is_no_text(film: Film) -> None:
    plain(film).close(0.5, True, 1000, b"\xff")


@silent("W10")
def korean_cut_into_fragments(film: Film) -> None:
    text = "안녕".encode()
    plain(film).frame(0.5, False, 1, text[:2], fin=False).frame(0.6, False, 0, text[2:])


@silent("W10")
def binary_is_not_text(film: Film) -> None:
    plain(film).frame(0.5, False, 2, b"\xed\xa0\x80")


@fires("W11", side="client", reason="unmasked_client_frame")
def client_frame_without_mask(film: Film) -> None:
    plain(film).say(0.5, True, frame(1, b"hello"))


@fires("W11", side="server", reason="masked_server_frame")
def server_frame_with_mask(film: Film) -> None:
    plain(film).say(0.5, False, frame(1, b"hello", KEY))


@fires("W11", 2, side="client", packets=[8, 12], at=0.5, says="2 frames")
def both_sides_take_the_other_role(film: Film) -> None:
    tcp = plain(film).say(0.5, True, frame(1, b"hello")).say(0.6, False, frame(1, b"hello", KEY))
    tcp.say(0.7, True, frame(1, b"hello"))


@silent("W11", "W12", "W13", "W16")
def frames_as_they_must_be(film: Film) -> None:
    tcp = plain(film)
    tcp.frame(0.5, True, 1, b"a", fin=False).frame(0.6, True, 9, b"beat").frame(0.7, True, 0, b"b")
    tcp.frame(0.8, False, 10, b"beat").frame(0.9, False, 2, b"x" * 126).frame(1.0, False, 9, b"x" * 125)


@fires("W12", side="server", reason="control_too_long")
def ping_of_126_bytes(film: Film) -> None:
    plain(film).frame(0.5, False, 9, b"x" * 126)


@fires("W12", side="client", reason="control_fragmented")
def ping_in_fragments(film: Film) -> None:
    plain(film).frame(0.5, True, 9, b"x", fin=False)


@fires("W12", side="client", reason="reserved_opcode")
def opcode_three(film: Film) -> None:
    plain(film).frame(0.5, True, 3, b"x")


@fires("W12", side="client", reason="close_one_byte")
def close_of_one_byte(film: Film) -> None:
    plain(film).frame(0.5, True, 8, b"\x03")


@fires("W12", side="server", reason="rsv2_rsv3")
def reserved_bit_two(film: Film) -> None:
    plain(film).frame(0.5, False, 1, b"x", rsv=2)


@fires("W13", side="client", reason="continuation_without_start")
def continuation_of_nothing(film: Film) -> None:
    plain(film).frame(0.5, True, 0, b"x")


@fires("W13", side="server", reason="message_interrupted")
def new_message_before_the_end(film: Film) -> None:
    plain(film).frame(0.5, False, 1, b"a", fin=False).frame(0.6, False, 1, b"b")


@fires("W13", side="server", reason="length_not_minimal")
def length_written_too_long(film: Film) -> None:
    plain(film).frame(0.5, False, 1, b"abc", form=16)


@fires("W13", side="server", reason="length_top_bit")
def length_beyond_63_bits(film: Film) -> None:
    plain(film).say(0.5, False, struct.pack(">BBQ", 0x82, 127, 1 << 63 | 65536) + b"abc")


def _compressing(film: Film, parameters: str = "") -> Tcp:
    """A WebSocket on which permessage-deflate was agreed on."""
    deflate = f"Sec-WebSocket-Extensions: permessage-deflate{parameters}\r\n"
    return plain(film, headers=deflate, server=deflate)


@fires("W16", side="server", reason="inflate_failed")
def compressed_nonsense(film: Film) -> None:
    _compressing(film).frame(0.5, False, 1, b"\xff\xff\xff\xff", rsv=4)


@silent("W5", "W12", "W16")
def compressed_as_agreed_on(film: Film) -> None:
    _compressing(film).frame(0.5, False, 1, bytes.fromhex("f248cdc9c90700"), rsv=4)  # RFC 7692 section 7.2.3.1


@fires("W16", side="client", reason="rsv1_misplaced")
def a_ping_marked_as_compressed(film: Film) -> None:
    _compressing(film).frame(0.5, True, 9, b"beat", rsv=4)


@fires("W16", side="server", reason="window_exceeded")
def reference_beyond_the_agreed_window(film: Film) -> None:
    codec, noise = zlib.compressobj(wbits=-15), bytes(range(256)) * 4
    tcp = _compressing(film, "; server_max_window_bits=9")
    for number, part in enumerate((b"needle in a haystack", noise, b"needle in a haystack")):
        tcp.frame(0.5 + number, False, 2, compress(codec, part), rsv=4)


@fires("W16", side="server", reason="data_after_final_block")
def more_after_the_final_block(film: Film) -> None:
    final, more = zlib.compressobj(wbits=-15), zlib.compressobj(wbits=-15)
    data = final.compress(b"Hello") + final.flush(zlib.Z_FINISH) + compress(more, b"again")
    _compressing(film).frame(0.5, False, 1, data, rsv=4)


@fires("W16", side="client", reason="inflation_capped")
def a_message_that_grows_a_thousandfold(film: Film) -> None:
    codec = zlib.compressobj(wbits=-15)
    mebibyte = codec.compress(bytes(1 << 20)) + codec.flush(zlib.Z_FULL_FLUSH)  # refers to nothing before it
    _compressing(film).frame(0.5, True, 2, (mebibyte * 17)[:-4], rsv=4)


# --- no answer, and RFC 8441 -------------------------------------------------------------------------------------------


@fires(
    "W1", side="server", reason="unanswered", packets=[4, 6], says="ended the connection without an answer after 180"
)
def the_server_ends_instead_of_an_answer(film: Film) -> None:
    film.tcp().open(0.0).ask(0.02).fin(0.2, False)


@silent("W1")
def the_client_gives_up_waiting(film: Film) -> None:
    film.tcp().open(0.0).ask(0.02).fin(0.2, True)


@silent("W1")
def the_answer_was_not_captured(film: Film) -> None:
    """The end tells that bytes are missing; or, with a reset, only what was acknowledged does."""
    tcp = film.tcp().open(0.0).ask(0.02)
    tcp.seq[False] += 100
    tcp.fin(0.2, False, answered=False)


@silent("W1")
def the_answer_was_acknowledged_and_not_captured(film: Film) -> None:
    tcp = film.tcp().open(0.0).ask(0.02)
    tcp.packet(0.1, True, ACK, ack=tcp.seq[False] + 100)
    tcp.rst(0.2, False)


@fires("W1", side="client", reason="400", connections=(0, 1))
def a_proxy_passes_a_sound_handshake_on_and_it_is_refused(film: Film) -> None:
    front, back = film.tcp().open(0.0).ask(0.02), film.tcp(8000, client="10.0.0.2", server="10.0.0.3")
    back.open(0.03).ask(0.045).answer(0.06, "400 Bad Request")
    front.answer(0.08, "400 Bad Request")


@fires("W1", side="client", reason="400", confidence="likely")
def a_flaw_of_the_request_is_refused(film: Film) -> None:
    _asks(film, without="Sec-WebSocket-Key").answer(0.04, "400 Bad Request")


@fires("W1", side="client", reason="403", packets=[4, 6])
def an_extended_connect_is_refused(film: Film) -> None:
    over_http2(film, (":method", "CONNECT"), (":protocol", "websocket"), status="403")


@fires("W1", side="server", reason="503", confidence="certain")
def an_extended_connect_finds_no_server(film: Film) -> None:
    over_http2(film, (":method", "CONNECT"), (":protocol", "websocket"), status="503")


@silent("W1")
def an_extended_connect_is_granted(film: Film) -> None:
    over_http2(film, (":method", "CONNECT"), (":protocol", "websocket"), status="200", ends=False)


@silent("W1")
def an_extended_connect_for_something_else(film: Film) -> None:
    over_http2(film, (":method", "CONNECT"), (":protocol", "connect-udp"), status="403")


@silent("P1")
def an_extended_connect_that_a_server_refuses_is_no_tunnel_of_a_proxy(film: Film) -> None:
    over_http2(film, (":method", "CONNECT"), (":protocol", "websocket"), status="403")


@silent("W1")
def an_extended_connect_without_an_answer(film: Film) -> None:
    over_http2(film, (":method", "CONNECT"), (":protocol", "websocket"), ends=False)
    film.packets = [item for item in film.packets if item[0] < 0.035]
