"""Cases of the WebSocket rules."""

from __future__ import annotations

from tests.packets import ACK, PSH
from tests.rules.cases import fires, silent
from tests.rules.film import Film, Tcp
from tests.websockets import KEY, frame

_NOT_DAPHNE = "Server: example\r\n"


def _plain(film: Film, at: float = 0.0, headers: str = "", server: str = _NOT_DAPHNE) -> Tcp:
    """A WebSocket of a server that is none of those the channels rules know."""
    return film.tcp().open(at).ask(at + 0.02, "/ws/chat/", headers).switch(at + 0.04, server, upgrade="websocket")


# --- handshakes --------------------------------------------------------------------------------------------------------


@fires("W1", packets=[4, 6], side="client", reason="426")
def upgrade_answered_with_426(film: Film) -> None:
    film.tcp().open(0.0).ask(0.02).answer(0.04, "426 Upgrade Required")


@fires("W1", side="server", reason="503")
def upgrade_answered_with_503(film: Film) -> None:
    film.tcp().open(0.0).ask(0.02).answer(0.04, "503 Service Unavailable")


@silent("W1", "W2", "W3", "W4", "W5")
def upgrade_granted(film: Film) -> None:
    _plain(film, headers="Sec-WebSocket-Protocol: a, b\r\n", server=_NOT_DAPHNE + "Sec-WebSocket-Protocol: b\r\n")


@silent("W1")
def an_ordinary_404(film: Film) -> None:
    film.tcp().open(0.0).get(0.02).answer(0.04, "404 Not Found")


_STRIPPED = "Sec-WebSocket-Key: AAECAwQFBgcICQoLDA0ODw==\r\nSec-WebSocket-Version: 13\r\n"


@fires("W2", side="proxy", packets=[4], confidence="likely")
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


@fires("W2", side="proxy", connections=(0, 1), confidence="certain")
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
    back.switch(0.06, _NOT_DAPHNE).fin(1.0, False)
    front.switch(0.08, _NOT_DAPHNE).fin(1.05, False)


@silent("W2")
def ordinary_get(film: Film) -> None:
    film.tcp(8000).open(0.0).get(0.02, "/ws/", "Connection: close\r\n").answer(0.04, "404 Not Found")


@fires("W3", side="server", reason="accept_mismatch")
def wrong_accept_value(film: Film) -> None:
    wrong = (
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Accept: AAAAAAAAAAAAAAAAAAAAAAAAAAA=\r\n\r\n"
    )
    film.tcp().open(0.0).ask(0.02).say(0.04, False, wrong)


@silent("W4", "W5")
@fires("W3", side="client", reason="header_repeated")
def version_twice(film: Film) -> None:
    _plain(film, headers="Sec-WebSocket-Version: 13\r\n")


@silent("W3", "W5")
@fires("W4", side="server", reason="not_offered")
def unasked_subprotocol(film: Film) -> None:
    _plain(film, headers="Sec-WebSocket-Protocol: a\r\n", server="Sec-WebSocket-Protocol: z\r\n")


@fires("W4", outcome="warn", side="server", reason="none_chosen")
def no_subprotocol_chosen(film: Film) -> None:
    _plain(film, headers="Sec-WebSocket-Protocol: a\r\n").text(1.0, True, "hello")


@silent("W3", "W4")
@fires("W5", side="server", reason="extension_not_offered")
def unasked_extension(film: Film) -> None:
    _plain(film, server="Sec-WebSocket-Extensions: x-foo\r\n")


@fires("W5", side="client", reason="rsv1_not_agreed")
def compressed_without_agreement(film: Film) -> None:
    _plain(film).frame(0.5, True, 1, b"hello", rsv=4)


# --- ends --------------------------------------------------------------------------------------------------------------


@fires("W6", packets=[10], at=1.0)
def fin_without_close(film: Film) -> None:
    film.tcp().socket(0.0).text(0.5, True, "hello").fin(1.0, False)


@silent("W6", "W15")
def both_sent_close(film: Film) -> None:
    film.tcp().socket(0.0).text(0.5, True, "hello").closed(1.0)


@silent("W6", "W8")
def still_open(film: Film) -> None:
    film.tcp().socket(0.0).text(0.5, True, "hello")


@silent("W6")
def only_the_server_sent_close(film: Film) -> None:
    film.tcp().socket(0.0).close(0.5, False).fin(1.0, True)


@silent("W6")
def only_one_side_sent_close(film: Film) -> None:
    film.tcp().socket(0.0).close(0.5, True).fin(1.0, True)


@fires("W7", side="proxy", at=60.5, confidence="unclear")
def ended_after_a_minute_of_silence(film: Film) -> None:
    _plain(film).text(0.5, True, "hello").fin(60.5, False)


@fires("W7", 2, side="proxy", confidence="unclear")
def two_sockets_end_after_the_same_silence(film: Film) -> None:
    _plain(film).text(0.5, True, "hello").fin(23.5, False)
    _plain(film, 3.0).text(7.0, True, "hello").fin(30.3, False)


@fires("W7", 2, side="proxy", confidence="likely")
def two_sockets_end_after_a_minute(film: Film) -> None:
    _plain(film).text(0.5, True, "hello").fin(60.5, False)
    _plain(film, 3.0).text(7.0, True, "hello").fin(67.1, False)


@silent("W7")
def closed_by_the_client_after_a_minute(film: Film) -> None:
    _plain(film).text(0.5, True, "hello").close(60.5, True).fin(60.6, False)


@silent("W7")
def closed_by_the_server_after_a_minute(film: Film) -> None:
    _plain(film).text(0.5, True, "hello").close(60.5, False).fin(60.6, False)


@silent("W7")
def the_same_silence_at_different_servers(film: Film) -> None:
    _plain(film).text(0.5, True, "hello").fin(23.5, False)
    other = film.tcp(server="10.0.0.3").open(3.0).ask(3.02).switch(3.04, _NOT_DAPHNE, upgrade="websocket")
    other.text(7.0, True, "hello").fin(30.0, False)


@silent("W7")
def different_silences_at_one_server(film: Film) -> None:
    _plain(film).text(0.5, True, "hello").fin(23.5, False)
    _plain(film, 3.0).text(7.0, True, "hello").fin(42.0, False)


@silent("W7")
def two_sockets_end_after_five_seconds(film: Film) -> None:
    _plain(film).text(0.5, True, "hello").fin(5.5, False)
    _plain(film, 3.0).text(7.0, True, "hello").fin(12.0, False)


@silent("W7")
def ended_after_some_silence(film: Film) -> None:
    _plain(film).text(0.5, True, "hello").fin(23.5, False)


@silent("W7")
def pings_kept_it_alive(film: Film) -> None:
    tcp = _plain(film)
    for at in range(20, 61, 20):
        tcp.frame(at, False, 9, b"beat").frame(at + 0.02, True, 10, b"beat")
    tcp.fin(60.5, False)


@fires("W8", outcome="warn", side="client", reason="peer_silent", at=20.0)
def ping_acknowledged_and_not_answered(film: Film) -> None:
    _plain(film).frame(20.0, False, 9, b"beat").close(40.0, False, 1011, b"keepalive ping timeout").fin(40.1, False)


@fires("W8", outcome="warn", side="network", reason="path_dead")
def ping_not_even_acknowledged(film: Film) -> None:
    tcp = _plain(film)
    tcp.packet(20.0, False, PSH | ACK, frame(9, b"beat"))
    tcp.seq[False] += 6
    tcp.rst(40.0, False)


@fires("W8", outcome="warn", side="server", reason="peer_silent")
def the_server_leaves_a_ping_unanswered(film: Film) -> None:
    _plain(film).frame(20.0, True, 9, b"beat").close(40.0, True, 1011).fin(40.1, True)


@silent("W8")
def closed_normally_after_a_ping(film: Film) -> None:
    _plain(film).frame(20.0, False, 9, b"beat").close(40.0, False, 1000).fin(40.1, False)


@silent("W8")
def the_client_closes_after_a_ping(film: Film) -> None:
    _plain(film).frame(20.0, False, 9, b"beat").close(40.0, True, 1011).close(40.1, False, 1011).fin(40.2, False)


@silent("W8")
def the_client_ends_tcp_after_a_ping(film: Film) -> None:
    _plain(film).frame(20.0, False, 9, b"beat").rst(40.0, True)


@silent("W8")
def ended_at_once_after_a_ping(film: Film) -> None:
    _plain(film).frame(20.0, False, 9, b"beat").rst(20.2, False)


@silent("W8")
def ended_long_after_a_ping(film: Film) -> None:
    _plain(film).frame(20.0, False, 9, b"beat").rst(120.0, False)


@silent("W8")
def ping_answered_before_the_end(film: Film) -> None:
    _plain(film).frame(20.0, False, 9, b"beat").frame(20.02, True, 10, b"beat").close(40.0, False, 1011).fin(
        40.1, False
    )


@fires("W9", side="client", reason="told", confidence="certain")
def answered_with_1009(film: Film) -> None:
    _plain(film).frame(0.5, True, 2, b"x" * 70000).close(0.6, False, 1009).fin(0.7, False)


@fires("W9", side="client", reason="cut", confidence="likely")
def cut_right_above_64_kib(film: Film) -> None:
    _plain(film).frame(0.5, True, 2, b"x" * 60000).frame(1.5, True, 2, b"x" * 66000).rst(1.6, False)


@fires("W9", side="server", reason="told")
def client_answers_with_1009(film: Film) -> None:
    _plain(film).frame(0.5, False, 2, b"x" * 70000).close(0.6, True, 1009).fin(0.7, True)


@silent("W9")
def large_message_answered_with_1011(film: Film) -> None:
    _plain(film).frame(0.5, True, 2, b"x" * 66000).close(0.6, False, 1011).fin(0.7, False)


@silent("W9")
def cut_far_above_the_limit(film: Film) -> None:
    _plain(film).frame(0.5, True, 2, b"x" * 60000).frame(1.5, True, 2, b"x" * 90000).rst(1.6, False)


@silent("W9")
def the_sender_itself_ends_it(film: Film) -> None:
    _plain(film).frame(1.5, True, 2, b"x" * 66000).rst(1.6, True)


@silent("W9")
def the_sender_had_said_goodbye(film: Film) -> None:
    _plain(film).frame(1.5, True, 2, b"x" * 66000).close(1.51, True).rst(1.6, False)


@silent("W9")
def cut_at_no_usual_limit(film: Film) -> None:
    _plain(film).frame(0.5, True, 2, b"x" * 70000).frame(1.5, True, 2, b"x" * 90000).rst(1.6, False)


@silent("W9")
def cut_long_after_a_large_message(film: Film) -> None:
    _plain(film).frame(0.5, True, 2, b"x" * 66000).rst(5.0, False)


# --- frames ------------------------------------------------------------------------------------------------------------


@fires("W10", side="server", reason="text_not_utf8", packets=[8])
def surrogate_in_a_text(film: Film) -> None:
    _plain(film).frame(0.5, False, 1, b"\xed\xa0\x80")


@fires("W10", side="client", reason="close_reason_not_utf8")
def reason_that_is_no_text(film: Film) -> None:
    _plain(film).close(0.5, True, 1000, b"\xff")


@silent("W10")
def korean_cut_into_fragments(film: Film) -> None:
    text = "안녕".encode()
    _plain(film).frame(0.5, False, 1, text[:2], fin=False).frame(0.6, False, 0, text[2:])


@silent("W10")
def binary_is_not_text(film: Film) -> None:
    _plain(film).frame(0.5, False, 2, b"\xed\xa0\x80")


@fires("W11", side="client", reason="unmasked_client_frame")
def client_frame_without_mask(film: Film) -> None:
    _plain(film).say(0.5, True, frame(1, b"hello"))


@fires("W11", side="server", reason="masked_server_frame")
def server_frame_with_mask(film: Film) -> None:
    _plain(film).say(0.5, False, frame(1, b"hello", KEY))


@silent("W11", "W12", "W13", "W16")
def frames_as_they_must_be(film: Film) -> None:
    tcp = _plain(film)
    tcp.frame(0.5, True, 1, b"a", fin=False).frame(0.6, True, 9, b"beat").frame(0.7, True, 0, b"b")
    tcp.frame(0.8, False, 10, b"beat").frame(0.9, False, 2, b"x" * 126).frame(1.0, False, 9, b"x" * 125)


@fires("W12", side="server", reason="control_too_long")
def ping_of_126_bytes(film: Film) -> None:
    _plain(film).frame(0.5, False, 9, b"x" * 126)


@fires("W12", side="client", reason="control_fragmented")
def ping_in_fragments(film: Film) -> None:
    _plain(film).frame(0.5, True, 9, b"x", fin=False)


@fires("W12", side="client", reason="reserved_opcode")
def opcode_three(film: Film) -> None:
    _plain(film).frame(0.5, True, 3, b"x")


@fires("W12", side="client", reason="close_one_byte")
def close_of_one_byte(film: Film) -> None:
    _plain(film).frame(0.5, True, 8, b"\x03")


@fires("W12", side="server", reason="rsv2_rsv3")
def reserved_bit_two(film: Film) -> None:
    _plain(film).frame(0.5, False, 1, b"x", rsv=2)


@fires("W13", side="client", reason="continuation_without_start")
def continuation_of_nothing(film: Film) -> None:
    _plain(film).frame(0.5, True, 0, b"x")


@fires("W13", side="server", reason="message_interrupted")
def new_message_before_the_end(film: Film) -> None:
    _plain(film).frame(0.5, False, 1, b"a", fin=False).frame(0.6, False, 1, b"b")


@fires("W13", side="server", reason="length_not_minimal")
def length_written_too_long(film: Film) -> None:
    _plain(film).frame(0.5, False, 1, b"abc", form=16)


@fires("W16", side="server", reason="inflate_failed")
def compressed_nonsense(film: Film) -> None:
    deflate = "Sec-WebSocket-Extensions: permessage-deflate\r\n"
    _plain(film, headers=deflate, server=deflate).frame(0.5, False, 1, b"\xff\xff\xff\xff", rsv=4)


@fires("W14", outcome="warn", severity="warning", side="client", reason="data_after_close")
def text_after_close(film: Film) -> None:
    _plain(film).close(0.5, True).text(0.51, True, "one more").close(0.52, False).fin(0.6, False)


@fires("W14", outcome="warn", severity="info", side="server", reason="not_answered")
def close_without_answer(film: Film) -> None:
    _plain(film).close(0.5, True).fin(0.6, False)


@fires("W14", outcome="warn", severity="info", reason="code_differs")
def answered_with_another_code(film: Film) -> None:
    _plain(film).close(0.5, True, 4005).close(0.52, False, 1000).fin(0.6, False)


@fires("W14", outcome="warn", severity="info", reason="left_open", side="server")
def tcp_left_open(film: Film) -> None:
    _plain(film).close(0.5, True).close(0.52, False).fin(12.0, True)


@fires("W14", outcome="warn", reason="code_differs", side="client")
def client_answers_another_code(film: Film) -> None:
    _plain(film).close(0.5, False, 4005).close(0.52, True, 1000).fin(0.6, False)


@fires("W14", outcome="warn", reason="left_open", side="server")
def tcp_open_to_the_end_of_the_capture(film: Film) -> None:
    _plain(film).close(0.5, True).close(0.52, False)
    film.tcp(81).open(15.0)


@silent("W14")
def the_answer_may_still_come(film: Film) -> None:
    _plain(film).close(0.5, True)


@silent("W14")
def closed_as_it_should_be(film: Film) -> None:
    _plain(film).close(0.5, True).close(0.52, False).fin(0.6, False)


@silent("W14")
def close_without_a_code(film: Film) -> None:
    _plain(film).close(0.5, True, None).close(0.52, False, 1000).fin(0.6, False)


@fires("W15", side="server", severity="error", reason="1011")
def internal_error(film: Film) -> None:
    _plain(film).close(0.5, False, 1011).close(0.52, True, 1011).fin(0.6, False)


@fires("W15", side="client", severity="error", reason="1002")
def server_complains_about_the_client(film: Film) -> None:
    _plain(film).close(0.5, False, 1002).close(0.52, True, 1002).fin(0.6, False)


@fires("W15", side="client", severity="error", reason="1006")
def code_that_must_not_travel(film: Film) -> None:
    _plain(film).close(0.5, True, 1006)


@fires("W15", outcome="warn", side="nobody", severity="info", reason="4000")
def code_of_the_application(film: Film) -> None:
    _plain(film).close(0.5, False, 4000, b"room closed").close(0.52, True, 4000).fin(0.6, False)


@fires("W15", side="client", severity="error", reason="1011")
def client_admits_an_error(film: Film) -> None:
    _plain(film).close(0.5, True, 1011)


@fires("W15", side="server", severity="error", reason="1002")
def client_complains_about_the_server(film: Film) -> None:
    _plain(film).close(0.5, True, 1002)


@fires("W15", outcome="warn", side="server", severity="warning", reason="1013")
def try_again_later(film: Film) -> None:
    _plain(film).close(0.5, False, 1013)


@fires("W15", 2)
def answered_with_a_failure_of_another_kind(film: Film) -> None:
    _plain(film).close(0.5, True, 1002).close(0.52, False, 1011)


@fires("W15", side="server", severity="error", reason="5000")
def code_beyond_all_ranges(film: Film) -> None:
    _plain(film).close(0.5, False, 5000)


@silent("W15")
def going_away(film: Film) -> None:
    _plain(film).close(0.5, True, 1001).close(0.52, False, 1001).fin(0.6, False)
