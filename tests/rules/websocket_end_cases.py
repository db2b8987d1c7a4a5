"""Cases of the rules about how WebSockets end."""

from __future__ import annotations

from tests.packets import ACK, PSH
from tests.rules.cases import fires, silent
from tests.rules.film import Film, Tcp
from tests.rules.websocket_cases import NOT_DAPHNE, over_http2, plain
from tests.websockets import KEY, frame


def _elsewhere(film: Film) -> Tcp:
    """A WebSocket at another server; so late that it is not a proxy's own for one of those before."""
    return film.tcp(server="10.0.0.3").open(33.0).ask(33.02).switch(33.04, NOT_DAPHNE, upgrade="websocket")


# --- W6 to W9 ----------------------------------------------------------------------------------------------------------


@silent("W14")
@fires("W6", packets=[10], at=1.0, side="server", says="packet 10, by the server")
def fin_without_close(film: Film) -> None:
    film.tcp().socket(0.0).text(0.5, True, "hello").fin(1.0, False)


@fires("W6", outcome="warn", packets=[10], at=1.0, side="client", says="packet 10, by the client")
def reset_by_the_client_without_close(film: Film) -> None:
    plain(film).text(0.5, True, "hello").rst(1.0, True)


@silent("W9")
@fires("W6", packets=[17], at=2.0, side="server")
def frames_whose_handshake_was_not_captured(film: Film) -> None:
    tcp = film.tcp()
    for number in range(4):
        tcp.text(0.1 + number * 0.2, True, "hello").text(
            0.2 + number * 0.2,
            False,
            "hello",
        )
    tcp.fin(2.0, False)


@silent("W6", "W15")
def both_sent_close(film: Film) -> None:
    film.tcp().socket(0.0).text(0.5, True, "hello").closed(1.0)


@silent("W6", "W7", "W8", "W9")
def still_open_after_a_minute(film: Film) -> None:
    plain(film).frame(0.5, True, 2, b"x" * 66000)
    film.tcp(81).open(60.5)


@silent("W6")
def only_the_server_sent_close(film: Film) -> None:
    film.tcp().socket(0.0).close(0.5, False).fin(1.0, True)


@silent("W6")
def only_one_side_sent_close(film: Film) -> None:
    film.tcp().socket(0.0).close(0.5, True).fin(1.0, True)


@fires(
    "W7",
    side="proxy",
    at=60.5,
    confidence="unclear",
    packets=[8, 10],
    says="as 1 sockets of this server were; usual timeout: 60 s",
)
def ended_after_a_minute_of_silence(film: Film) -> None:
    plain(film).text(0.5, True, "hello").fin(60.5, False)


@fires("W7", 2, side="proxy", confidence="unclear", says="as 2 sockets of this server were; usual timeout: -;")
def two_sockets_end_after_the_same_silence(film: Film) -> None:
    plain(film).text(0.5, True, "hello").fin(23.5, False)
    plain(film, 3.0).text(7.0, True, "hello").fin(30.3, False)


@fires("W7", 2, side="proxy", confidence="likely")
def two_sockets_end_after_a_minute(film: Film) -> None:
    plain(film).text(0.5, True, "hello").fin(60.5, False)
    plain(film, 3.0).text(7.0, True, "hello").fin(67.1, False)


@fires("W7", 2, side="proxy", confidence="unclear", says="as 1 sockets of this server were; usual timeout: 60 s")
def a_minute_each_at_different_servers(film: Film) -> None:
    plain(film).text(0.5, True, "hello").fin(60.5, False)
    _elsewhere(film).text(37.0, True, "hello").fin(97.0, False)


@fires("W7", side="proxy", at=75.0, says="pings every 5.0 s")
def ended_after_pings_and_a_minute_of_silence(film: Film) -> None:
    tcp = plain(film)
    for at in (5.0, 10.0, 14.99):
        tcp.text(at - 1, False, "news").frame(at, False, 9, b"beat").frame(at + 0.01, True, 10, b"beat")
    tcp.fin(75.0, False)


@fires("W7", side="proxy", says="pings every -")
def ended_after_one_ping_and_a_minute_of_silence(film: Film) -> None:
    plain(film).frame(5.0, False, 9, b"beat").frame(5.01, True, 10, b"beat").fin(65.0, False)


@fires("W7", side="proxy", at=60.05, packets=[6, 8])
def ended_after_a_minute_in_which_nothing_was_said(film: Film) -> None:
    plain(film).fin(60.05, False)


@fires("W7", side="proxy", at=60.05, packets=[6, 8])
def ended_over_http2_after_a_minute_in_which_nothing_was_said(film: Film) -> None:
    asked = (":method", "CONNECT"), (":protocol", "websocket"), ("sec-websocket-version", "13")
    over_http2(film, *asked, status="200", ends=False).fin(60.05, False)


@fires("W7", side="proxy", packets=[10, 12], says="after 60.0 s of silence")
def ended_in_a_tunnel_a_minute_after_a_late_opening(film: Film) -> None:
    tcp = film.tcp(3128).open(0.0).say(0.02, True, b"CONNECT chat.example:80 HTTP/1.1\r\nHost: chat.example:80\r\n\r\n")
    tcp.say(0.04, False, b"HTTP/1.1 200 OK\r\nVia: 1.1 " + b"x" * 500 + b"\r\n\r\n")
    tcp.ask(0.06).switch(20.0, NOT_DAPHNE, upgrade="websocket").fin(80.0, False)


@fires("W7", 2, says="as 2 sockets of this server")
def ports_that_do_not_tell_who_is_the_client(film: Film) -> None:
    for port, at in ((1001, 0.0), (1002, 20.0)):
        tcp = film.tcp(50_000, port=port).ask(at).switch(at + 0.02, NOT_DAPHNE, upgrade="websocket")
        tcp.text(at + 0.5, True, "hello").fin(at + 60.5, False)


@silent("W7")
def closed_by_the_client_after_a_minute(film: Film) -> None:
    plain(film).text(0.5, True, "hello").close(60.5, True).fin(60.6, False)


@silent("W7")
def closed_by_the_server_after_a_minute(film: Film) -> None:
    plain(film).text(0.5, True, "hello").close(60.5, False).fin(60.6, False)


@silent("W7")
def the_same_silence_at_different_servers(film: Film) -> None:
    plain(film).text(0.5, True, "hello").fin(23.5, False)
    _elsewhere(film).text(37.0, True, "hello").fin(60.0, False)


@silent("W7")
def different_silences_at_one_server(film: Film) -> None:
    plain(film).text(0.5, True, "hello").fin(23.5, False)
    plain(film, 3.0).text(7.0, True, "hello").fin(42.0, False)


@silent("W7")
def two_sockets_end_after_five_seconds(film: Film) -> None:
    plain(film).text(0.5, True, "hello").fin(5.5, False)
    plain(film, 3.0).text(7.0, True, "hello").fin(12.0, False)


@silent("W7")
def ended_after_some_silence(film: Film) -> None:
    plain(film).text(0.5, True, "hello").fin(23.5, False)


@silent("W7")
def pings_kept_it_alive(film: Film) -> None:
    tcp = plain(film)
    for at in range(20, 61, 20):
        tcp.frame(at, False, 9, b"beat").frame(at + 0.02, True, 10, b"beat")
    tcp.fin(60.5, False)


@fires("W8", outcome="warn", side="client", reason="peer_silent", at=20.0, says="TCP: yes")
def ping_acknowledged_and_not_answered(film: Film) -> None:
    plain(film).frame(20.0, False, 9, b"beat").close(40.0, False, 1011, b"keepalive ping timeout").fin(40.1, False)


@fires("W8", outcome="warn", side="network", reason="path_dead", says="TCP: no")
def ping_not_even_acknowledged(film: Film) -> None:
    tcp = plain(film)
    tcp.packet(20.0, False, PSH | ACK, frame(9, b"beat"))
    tcp.seq[False] += 6
    tcp.rst(40.0, False)


@fires("W8", outcome="warn", side="network", reason="path_dead")
def only_what_came_before_the_ping_is_acknowledged(film: Film) -> None:
    tcp = film.tcp()
    tcp.seq = {True: 90_000, False: 5_000}  # the server's acknowledgments are beyond its own numbers
    tcp.open(0.0).ask(0.02).switch(0.04, NOT_DAPHNE, upgrade="websocket")
    before = tcp.seq[False]
    tcp.packet(20.0, False, PSH | ACK, frame(9, b"beat"))
    tcp.seq[False] += 6
    tcp.packet(20.5, True, PSH | ACK, frame(1, b"hello", KEY), ack=before)
    tcp.seq[True] += 11
    tcp.packet(20.6, False, ACK)
    tcp.packet(20.7, True, PSH, ack=before + 6)  # without ACK that number means nothing
    tcp.rst(40.0, False)


@fires("W8", outcome="warn", side="client", at=20.0)
def a_closing_because_of_a_ping_is_answered(film: Film) -> None:
    plain(film).frame(20.0, False, 9, b"beat").close(40.0, False, 1001).close(40.1, True, 1001).fin(40.2, False)


@fires("W8", outcome="warn", side="client", at=30.0)
def the_second_of_two_unanswered_pings_timed_out(film: Film) -> None:
    tcp = plain(film).frame(0.5, True, 9, b"mine").frame(1.0, False, 9, b"first").frame(30.0, False, 9, b"second")
    tcp.close(70.0, False, 1011).fin(70.1, False)


@silent("W8")
def a_later_pong_stands_for_earlier_ones(film: Film) -> None:
    tcp = plain(film).frame(20.0, False, 9, b"first").frame(20.1, False, 9, b"second")
    tcp.frame(20.2, True, 10, b"second").close(40.0, False, 1011).fin(40.1, False)  # RFC 6455 section 5.5.3


@silent("W8")
@fires("F17", reason="overlapping_timer")
def daphne_waits_for_a_pong_that_a_later_one_stands_for(film: Film) -> None:
    tcp = film.tcp().socket(0.0).frame(20.0, False, 9, b"first").frame(40.0, False, 9, b"second")
    tcp.frame(40.01, True, 10, b"second").rst(50.5, False)


@silent("W8")
def still_open_with_an_unanswered_ping(film: Film) -> None:
    plain(film).frame(20.0, False, 9, b"beat")
    film.tcp(81).open(40.0)


@silent("W8")
def the_server_complains_of_something_else(film: Film) -> None:
    plain(film).frame(20.0, False, 9, b"beat").close(40.0, False, 1002).fin(40.1, False)


@silent("W8")
def the_client_closes_and_the_server_only_ends_tcp(film: Film) -> None:
    plain(film).frame(20.0, False, 9, b"beat").close(40.0, True, 1001).fin(40.1, False)


@fires("W8", outcome="warn", side="server", reason="peer_silent")
def the_server_leaves_a_ping_unanswered(film: Film) -> None:
    plain(film).frame(20.0, True, 9, b"beat").close(40.0, True, 1011).fin(40.1, True)


@silent("W8")
def closed_normally_after_a_ping(film: Film) -> None:
    plain(film).frame(20.0, False, 9, b"beat").close(40.0, False, 1000).fin(40.1, False)


@silent("W8")
def the_client_closes_after_a_ping(film: Film) -> None:
    plain(film).frame(20.0, False, 9, b"beat").close(40.0, True, 1011).close(40.1, False, 1011).fin(40.2, False)


@silent("W8")
def the_client_ends_tcp_after_a_ping(film: Film) -> None:
    plain(film).frame(20.0, False, 9, b"beat").rst(40.0, True)


@silent("W8")
def ended_at_once_after_a_ping(film: Film) -> None:
    plain(film).frame(20.0, False, 9, b"beat").rst(20.2, False)


@silent("W8")
def ended_long_after_a_ping(film: Film) -> None:
    plain(film).frame(20.0, False, 9, b"beat").rst(120.0, False)


@silent("W8")
def ping_answered_before_the_end(film: Film) -> None:
    plain(film).frame(20.0, False, 9, b"beat").frame(20.02, True, 10, b"beat").close(40.0, False, 1011).fin(40.1, False)


@fires("W9", side="client", reason="told", confidence="certain")
def answered_with_1009(film: Film) -> None:
    plain(film).frame(0.5, True, 2, b"x" * 70000).close(0.6, False, 1009).fin(0.7, False)


@fires("W9", 1, side="client", reason="told")
def the_client_echoes_1009(film: Film) -> None:
    tcp = plain(film).text(0.3, False, "hello").frame(0.5, True, 2, b"x" * 70000)
    tcp.close(0.6, False, 1009).close(0.61, True, 1009).fin(0.7, False)


@fires("W9", 1, side="client", reason="told")
def answered_with_1009_after_the_client_s_own_close(film: Film) -> None:
    tcp = plain(film).frame(0.5, True, 2, b"x" * 70000).close(0.55, True, 1000)
    tcp.close(0.6, False, 1009).fin(0.7, False)


@fires("W9", side="client", reason="told", says="accepted had 0, a usual limit between them is 131072")
def answered_with_1009_far_above_a_limit(film: Film) -> None:
    plain(film).frame(0.5, True, 2, b"x" * 200_000).close(0.6, False, 1009).fin(0.7, False)


@fires(
    "W9",
    side="client",
    reason="told",
    says="of 70001 bytes was rejected; the largest accepted had 70000, a usual limit",
)
@fires("W9", side="client", reason="told", says="between them is -")
def answered_with_1009_at_no_usual_limit(film: Film) -> None:
    tcp = plain(film).frame(0.5, True, 2, b"x" * 70_000).frame(0.6, True, 2, b"x" * 70_001)
    tcp.close(0.7, False, 1009).fin(0.8, False)


@fires("W9", side="client", reason="cut", says="between them is 100000")
def cut_right_above_100_000(film: Film) -> None:
    plain(film).frame(0.5, True, 2, b"x" * 60_000).frame(1.5, True, 2, b"x" * 100_500).rst(1.6, False)


@silent("W9")
def the_limit_near_the_size_was_passed_before(film: Film) -> None:
    plain(film).frame(0.5, True, 2, b"x" * 66_000).frame(1.5, True, 2, b"x" * 70_000).rst(1.6, False)


@fires("W9", side="client", reason="cut", confidence="likely")
def cut_right_above_64_kib(film: Film) -> None:
    plain(film).frame(0.5, True, 2, b"x" * 60000).frame(1.5, True, 2, b"x" * 66000).rst(1.6, False)


@fires("W9", side="server", reason="told")
def client_answers_with_1009(film: Film) -> None:
    plain(film).frame(0.5, False, 2, b"x" * 70000).close(0.6, True, 1009).fin(0.7, True)


@fires("W9", side="client", reason="cut", packets=[10, 12], at=3.5)
def a_large_message_that_takes_long(film: Film) -> None:
    tcp, data = plain(film), frame(2, b"x" * 66_000, KEY)
    for at, start, end in ((0.5, 0, 30_000), (2.0, 30_000, 60_000), (3.5, 60_000, 66_014)):
        tcp.packet(at, True, PSH | ACK, data[start:end])
        tcp.seq[True] += end - start
    tcp.packet(3.51, False, ACK)
    tcp.rst(3.6, False)


@fires("W9", side="client", reason="cut", packets=[8, 11], at=0.5)
def a_large_message_whose_end_was_not_captured(film: Film) -> None:
    tcp, data = plain(film), frame(2, b"x" * 66_000, KEY)
    tcp.packet(0.5, True, PSH | ACK, data[:60_000])
    tcp.seq[True] += len(data)
    tcp.frame(0.52, True, 10, b"beat").rst(0.6, False)


@silent("W9")
def large_message_answered_with_1011(film: Film) -> None:
    plain(film).frame(0.5, True, 2, b"x" * 66000).close(0.6, False, 1011).fin(0.7, False)


@silent("W9")
def cut_far_above_the_limit(film: Film) -> None:
    plain(film).frame(0.5, True, 2, b"x" * 60000).frame(1.5, True, 2, b"x" * 90000).rst(1.6, False)


@silent("W9")
def the_sender_itself_ends_it(film: Film) -> None:
    plain(film).frame(1.5, True, 2, b"x" * 66000).rst(1.6, True)


@silent("W9")
def the_sender_had_said_goodbye(film: Film) -> None:
    plain(film).frame(1.5, True, 2, b"x" * 66000).close(1.51, True).rst(1.6, False)


@silent("W9")
def cut_at_no_usual_limit(film: Film) -> None:
    plain(film).frame(0.5, True, 2, b"x" * 70000).frame(1.5, True, 2, b"x" * 90000).rst(1.6, False)


@silent("W9")
def cut_long_after_a_large_message(film: Film) -> None:
    plain(film).frame(0.5, True, 2, b"x" * 66000).rst(5.0, False)


# --- W14, W15 ----------------------------------------------------------------------------------------------------------


@fires("W14", outcome="warn", severity="warning", side="client", reason="data_after_close")
def text_after_close(film: Film) -> None:
    plain(film).close(0.5, True).text(0.51, True, "one more").close(0.52, False).fin(0.6, False)


@fires("W14", outcome="warn", severity="info", side="server", reason="not_answered")
def close_without_answer(film: Film) -> None:
    plain(film).close(0.5, True).fin(0.6, False)


@fires("W14", outcome="warn", severity="info", side="client", reason="not_answered", says="code 1000 was never")
def close_without_answer_of_the_client(film: Film) -> None:
    plain(film).close(0.5, False).fin(0.6, True)


@fires("W14", outcome="warn", severity="info", side="server", reason="not_answered", says="code - was never")
def close_without_code_or_answer(film: Film) -> None:
    plain(film).close(0.5, True, None).fin(0.6, False)


@fires("W14", outcome="warn", side="server", reason="code_differs", says="Closed with 4005, answered with -")
def answered_without_the_code(film: Film) -> None:
    plain(film).close(0.5, True, 4005).close(0.52, False, None).fin(0.6, False)


@fires("W14", outcome="warn", severity="info", reason="code_differs", says="Closed with 4005, answered with 1000")
def answered_with_another_code(film: Film) -> None:
    plain(film).close(0.5, True, 4005).close(0.52, False, 1000).fin(0.6, False)


@fires("W14", outcome="warn", severity="info", reason="left_open", side="server")
def tcp_left_open(film: Film) -> None:
    plain(film).close(0.5, True).close(0.52, False).fin(12.0, True)


@fires("W14", outcome="warn", reason="code_differs", side="client")
def client_answers_another_code(film: Film) -> None:
    plain(film).close(0.5, False, 4005).close(0.52, True, 1000).fin(0.6, False)


@fires("W14", outcome="warn", reason="left_open", side="server")
def tcp_open_to_the_end_of_the_capture(film: Film) -> None:
    plain(film).close(0.5, True).close(0.52, False)
    film.tcp(81).open(15.0)


@silent("W14")
def the_answer_may_still_come(film: Film) -> None:
    plain(film).close(0.5, True)


@silent("W14")
def closed_as_it_should_be(film: Film) -> None:
    plain(film).close(0.5, True).close(0.52, False).fin(0.6, False)


@silent("W14")
def closed_long_before_the_capture_ends(film: Film) -> None:
    plain(film).close(0.5, True).close(0.52, False).fin(0.6, False)
    film.tcp(81).open(15.0)


@silent("W14", "W15")
def close_without_a_code(film: Film) -> None:
    plain(film).close(0.5, True, None).close(0.52, False, 1000).fin(0.6, False)


@fires("W15", side="server", severity="error", reason="1011")
def internal_error(film: Film) -> None:
    plain(film).close(0.5, False, 1011).close(0.52, True, 1011).fin(0.6, False)


@fires("W15", side="client", severity="error", reason="1002")
def server_complains_about_the_client(film: Film) -> None:
    plain(film).close(0.5, False, 1002).close(0.52, True, 1002).fin(0.6, False)


@fires("W15", side="client", severity="error", reason="1006")
def code_that_must_not_travel(film: Film) -> None:
    plain(film).close(0.5, True, 1006)


@fires(
    "W15", outcome="warn", side="nobody", severity="info", reason="4000", says="own), sent by the server; reason: room"
)
def code_of_the_application(film: Film) -> None:
    plain(film).close(0.5, False, 4000, b"room closed").close(0.52, True, 4000).fin(0.6, False)


@fires("W15", side="client", severity="error", reason="1011", says="(internal error), sent by the client; reason: -")
def client_admits_an_error(film: Film) -> None:
    plain(film).close(0.5, True, 1011).close(0.52, False, 1011).fin(0.6, False)


@fires("W15", side="server", severity="error", reason="1002")
def client_complains_about_the_server(film: Film) -> None:
    plain(film).close(0.5, True, 1002)


@fires("W15", outcome="warn", side="server", severity="warning", reason="1013")
def try_again_later(film: Film) -> None:
    plain(film).close(0.5, False, 1013)


@fires("W15", 2)
def answered_with_a_failure_of_another_kind(film: Film) -> None:
    plain(film).close(0.5, True, 1002).close(0.52, False, 1011)


@silent("W15")
def going_away(film: Film) -> None:
    plain(film).close(0.5, True, 1001).close(0.52, False, 1001).fin(0.6, False)


def _closed_with(code: int, name: str, side: str, severity: str) -> None:
    """A case of each code that RFC 6455 section 7.4 and IANA's registry give a meaning or none."""

    def script(film: Film) -> None:
        plain(film).close(0.5, False, code).close(0.52, True, code).fin(0.6, False)

    script.__name__ = f"closed_with_{code}"
    outcome = "fail" if severity == "error" else "warn"
    fires("W15", outcome=outcome, side=side, severity=severity, reason=str(code), says=f"Close {code} ({name}),")(
        script
    )


for _arguments in (
    (999, "must not be sent", "server", "error"),
    (1003, "unsupported data", "client", "error"),
    (1004, "must not be sent", "server", "error"),
    (1007, "invalid frame payload data", "client", "error"),
    (1008, "policy violation", "server", "warning"),
    (1009, "message too big", "client", "error"),
    (1010, "mandatory extension", "client", "error"),
    (1012, "service restart", "server", "warning"),
    (1014, "bad gateway", "server", "error"),
    (2999, "must not be sent", "server", "error"),
    (3000, "registered", "nobody", "info"),
    (3999, "registered", "nobody", "info"),
    (4999, "the application's own", "nobody", "info"),
    (5000, "must not be sent", "server", "error"),
):
    _closed_with(*_arguments)


@fires("W9", side="server", reason="told")
def both_find_the_other_s_message_too_big(film: Film) -> None:
    """The client's 1009 is no echo: its own code differs from the server's earlier one."""
    tcp = plain(film).frame(0.5, True, 2, b"x" * 200).frame(0.6, False, 2, b"x" * 200)
    tcp.close(0.7, True, 1009).close(0.71, False, 1000)
