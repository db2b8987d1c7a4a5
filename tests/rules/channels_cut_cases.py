"""Cases of sockets that end without an exception: a proxy, a frame, a restart, a ping (F10, F15 to F17)."""

from __future__ import annotations

import struct

from tests.packets import ACK, RST, SYN
from tests.rules.cases import fires, silent
from tests.rules.channels_film import NGINX, UVICORN, crash, json, nobody_listens, ping, room, uvicorn
from tests.rules.film import SERVER, START_NS, Film
from tests.rules.websocket_cases import over_http2
from tests.websockets import frame


@fires("F10", side="proxy", reason="idle", at=60.5)
def nginx_ends_an_idle_socket(film: Film) -> None:
    film.tcp().socket(0.0, server=NGINX).text(0.5, True, "hello").fin(60.5, False)


@fires("F10", settings={"proxy_timeout": 5.0}, side="proxy", reason="idle")
def nginx_with_a_timeout_of_five_seconds(film: Film) -> None:
    film.tcp().socket(0.0, server=NGINX).text(0.5, True, "hello").fin(5.5, False)


@fires("F10", side="server", reason="bad_gateway", connections=(0, 1), packets=[4, 8, 7])
def nothing_listens_behind_nginx(film: Film) -> None:
    front = film.tcp().open(0.0).get(0.02)
    back = film.tcp(8000, client="10.0.0.2", server="10.0.0.3")
    back.packet(0.03, True, SYN, ack=0)
    back.packet(0.031, False, RST | ACK, seq=0, ack=1001)
    front.answer(0.04, "502 Bad Gateway", NGINX)


@fires("F10", side="application", reason="gateway_timeout")
def page_slower_than_the_proxy_waits(film: Film) -> None:
    film.tcp().open(0.0).get(0.02).answer(60.03, "504 Gateway Time-out", NGINX)


@fires("F10", side="server", reason="bad_gateway")
def handshake_answered_with_502(film: Film) -> None:
    film.tcp().open(0.0).ask(0.02).answer(0.04, "502 Bad Gateway", NGINX)


@fires("F10", side="application", reason="gateway_timeout", at=0.02)
def proxy_gives_up_on_a_page_over_http2(film: Film) -> None:
    over_http2(film, (":method", "GET"), status="504", server="nginx/1.22.1", after=60.0)


@silent("F10")
def the_application_behind_fails(film: Film) -> None:
    film.tcp().open(0.0).get(0.02).answer(0.04, "500 Internal Server Error", NGINX)


@silent("F10")
def idle_for_less_than_the_timeout(film: Film) -> None:
    film.tcp().socket(0.0, server=NGINX).text(0.5, True, "hello").fin(30.0, False)


@silent("F10")
def no_proxy_is_known(film: Film) -> None:
    film.tcp().socket(0.0).text(0.5, True, "hello").fin(60.5, False)


@silent("F10")
def gateway_error_of_an_unknown_program(film: Film) -> None:
    film.tcp().open(0.0).get(0.02).answer(0.04, "502 Bad Gateway", "Server: example\r\n")


@fires("F15", settings={"largest_message": 5000}, side="client", reason="too_big")
def message_above_the_limit(film: Film) -> None:
    film.tcp().socket(0.0).frame(0.5, True, 2, b"x" * 6000).rst(0.52, False)


@fires("F15", settings={"largest_message": 5000}, side="client", reason="too_big")
def fragments_above_the_limit(film: Film) -> None:
    tcp = film.tcp().socket(0.0).frame(0.5, True, 2, b"x" * 3000, fin=False)
    tcp.frame(0.51, True, 0, b"x" * 3000).rst(0.53, False)


@fires("F15", side="client", reason="unmasked_client_frame")
def unmasked_frame(film: Film) -> None:
    film.tcp().socket(0.0).say(0.5, True, frame(1, b"hello")).rst(0.52, False)


@silent("F15", settings={"largest_message": 5000})
def message_below_the_limit(film: Film) -> None:
    film.tcp().socket(0.0).frame(0.5, True, 2, b"x" * 4000).rst(0.52, False)


@silent("F15", settings={"largest_message": 5000})
def reset_long_after_the_large_message(film: Film) -> None:
    film.tcp().socket(0.0).frame(0.5, True, 2, b"x" * 6000).rst(1.5, False)


@fires("F16", side="server", reason="refused_after", connections=(0, 1))
def socket_ends_and_the_server_is_gone(film: Film) -> None:
    film.tcp().socket(0.0).text(0.5, True, "hello").text(0.52, False, "hello").fin(2.0, False)
    again = film.tcp()
    again.packet(3.0, True, SYN, ack=0)
    again.packet(3.01, False, RST | ACK, seq=0, ack=1001)


@fires("F16", side="server", reason="together", confidence="likely", rivals=("F19",))
def three_sockets_end_together(film: Film) -> None:
    for number, tcp in enumerate([film.tcp().socket(0.1 * number, f"/ws/{number}/") for number in range(3)]):
        tcp.text(1.0 + number, True, "hello").text(1.02 + number, False, "hello").fin(7.0 + number * 0.001, False)


@fires("F16", side="server", reason="announced")
def uvicorn_announces_its_restart(film: Film) -> None:
    tcp = film.tcp().open(0.0).ask(0.02).switch(0.04, UVICORN, upgrade="websocket")
    tcp.close(2.0, False, 1012).close(2.01, True, 1012).fin(2.02, False)


@silent("F16")
def another_server_refuses(film: Film) -> None:
    film.tcp().socket(0.0).text(0.5, True, "hello").text(0.52, False, "hello").fin(2.0, False)
    other = film.tcp(9000)
    other.packet(3.0, True, SYN, ack=0)
    other.packet(3.01, False, RST | ACK, seq=0, ack=1001)


@silent("F16")
def refused_before_the_socket_ended(film: Film) -> None:
    film.tcp().socket(0.0).text(0.5, True, "hello").text(0.52, False, "hello").fin(2.0, False)
    other = film.tcp()
    other.packet(1.0, True, SYN, ack=0)
    other.packet(1.01, False, RST | ACK, seq=0, ack=1001)


@silent("F16")
def sockets_end_at_different_times(film: Film) -> None:
    for number, tcp in enumerate([film.tcp().socket(0.1 * number) for number in range(3)]):
        tcp.text(1.0, True, "hello").fin(5.0 + 3 * number, False)


@fires("F17", side="server", reason="overlapping_timer", at=20.0, packets=[8, 12, 14])
def first_pong_lost_second_answered(film: Film) -> None:
    tcp = film.tcp().socket(0.0)
    ping(tcp, 20.0, 1, answered=False)
    ping(tcp, 40.0, 2).rst(49.4, False)


@silent("F17")
@fires("W8", outcome="warn")
def nothing_comes_from_the_client(film: Film) -> None:
    ping(film.tcp().socket(0.0), 20.0, 1, answered=False).rst(49.4, False)


@silent("F17")
def a_timeout_of_3_5_seconds(film: Film) -> None:
    ping(film.tcp().socket(0.0), 4.0, 1, answered=False).rst(7.4, False)


@fires("W8", settings={"ping_timeout": 0.9}, outcome="warn", side="client", reason="peer_silent", at=1.0)
def a_timeout_shorter_than_a_second(film: Film) -> None:
    ping(film.tcp().socket(0.0), 1.0, 1, answered=False).rst(1.9, False)


@silent("F17")
def every_ping_answered(film: Film) -> None:
    tcp = film.tcp().socket(0.0)
    ping(tcp, 20.0, 1)
    ping(tcp, 40.0, 2).rst(49.4, False)


@silent("F17")
def reset_before_the_timeout(film: Film) -> None:
    ping(film.tcp().socket(0.0), 20.0, 1, answered=False).rst(40.0, False)


# --- whose end it is ---------------------------------------------------------------------------------------------------


@silent("F16")
def tabs_close_together(film: Film) -> None:
    """A browser that is closed ends its sockets with FIN, without a Close."""
    for tcp in [film.tcp().socket(0.1 * number) for number in range(3)]:
        tcp.fin(5.0, True)


@silent("F16")
def the_server_only_ends_tcp_after_the_clients_closes(film: Film) -> None:
    for tcp in [film.tcp().socket(0.1 * number) for number in range(3)]:
        tcp.close(5.0, True, 1000).fin(5.02, False)


@silent("F16", "F19")
def a_room_is_closed(film: Film) -> None:
    """All members got 4000 within 2 ms (measured)."""
    for tcp in room(film, 3):
        tcp.close(5.0, False, 4000).close(5.01, True, 4000).rst(5.02, False)


@silent("F12", "F18", "F16")
def the_client_s_own_1011_is_echoed(film: Film) -> None:
    for number in range(2):
        tcp = uvicorn(film, 0.1 * number)
        tcp.text(1.0, True, "hi").close(1.5, True, 1011).close(1.51, False, 1011).fin(1.52, False)


# --- F15 ---------------------------------------------------------------------------------------------------------------


@fires("F15", side="client", reason="close_code_illegal")
def close_with_a_code_that_is_never_sent(film: Film) -> None:
    film.tcp().socket(0.0).close(0.5, True, 1005).rst(0.51, False)


@fires("F15", side="client", reason="close_code_illegal", packets=[8, 10])
def illegal_close_answered_by_1002(film: Film) -> None:
    uvicorn(film, 0.0).close(0.5, True, 1005).close(0.51, False, 1002).fin(0.52, False)


@fires("W9", side="client")
@fires(
    "F15", side="client", reason="told_too_big", packets=[8, 10], notes=["the last message before it", "Close frame"],
    says="After a message of 1000 bytes",
)  # fmt: skip
def limit_that_is_not_known(film: Film) -> None:
    """1009 half a second after the message: a Close needs not come at once to say what it is for."""
    uvicorn(film, 0.0).frame(0.5, True, 2, b"x" * 1000).close(1.0, False, 1009).close(1.01, True, 1009).fin(1.02, False)


@fires("F15", reason="too_big", packets=[8, 12], settings={"largest_message": 500})
def large_message_before_the_last_one(film: Film) -> None:
    tcp = uvicorn(film, 0.0).frame(0.5, True, 2, b"x" * 1000).text(0.51, True, "small")
    tcp.close(1.0, False, 1009).close(1.01, True, 1009).fin(1.02, False)


@fires("F15", reason="told_too_big_unseen", packets=[8, 8])
def refused_before_its_message_was_captured(film: Film) -> None:
    uvicorn(film, 0.0).close(1.0, False, 1009).close(1.01, True, 1009).fin(1.02, False)


# --- F16 ---------------------------------------------------------------------------------------------------------------


@fires(
    "F16", reason="refused_after", connections=(2, 3, 5), confidence="certain", says="2 sockets ended without a Close"
)
@silent("F12")
def killed_right_after_somebody_spoke(film: Film) -> None:
    uvicorn(film, 0.0).fin(1.0, True)
    uvicorn(film, 0.1, server_port=9000)
    spoke, idle = uvicorn(film, 0.2), uvicorn(film, 0.3)
    film.tcp().open(0.4).get(0.45).answer(0.5)
    spoke.text(2.0, True, "hi").fin(2.03, False)
    idle.fin(2.03, False)
    nobody_listens(film, 3.0)


@fires("F12", reason="invalid_json", connections=(0,))
@silent("F16")
def crashed_before_the_server_went(film: Film) -> None:
    tcp = json(json(uvicorn(film, 0.0), 0.2, True, text="hi"), 0.22, False, text="hi")
    tcp.text(1.0, True, "{'text': 1}").fin(1.03, False)
    nobody_listens(film, 4.0)


@fires("F13", connections=(0, 1))
@silent("F16")
def a_room_crashed_and_later_the_server_went(film: Film) -> None:
    members = [uvicorn(film, 0.1 * number) for number in range(2)]
    other = uvicorn(film, 0.3, "/ws/other/")
    members[0].text(2.0, True, "hi")
    for member in members:
        member.fin(2.03, False)
    other.text(3.0, True, "x").close(4.0, True, 1000).close(4.01, False, 1000).fin(4.02, False)
    nobody_listens(film, 6.0)


@fires("F13", connections=(0, 1))
@silent("F16")
def daphne_s_room_crashed_and_later_the_server_went(film: Film) -> None:
    members = room(film, 2)
    json(members[0], 2.0, True, type="chat.gone")
    for member in members:
        crash(member, 2.5)
    nobody_listens(film, 6.0)


@fires("F16", reason="together", connections=(0, 1, 2), confidence="likely")
@silent("F13", "F12", "F18", "F19")
def sockets_of_a_uvicorn_end_together(film: Film) -> None:
    """One worker of several: who lives on said nothing, or elsewhere, or is gone as well."""
    ended = [uvicorn(film, 0.1 * number) for number in range(3)]
    uvicorn(film, 0.3).text(9.0, True, "x")
    elsewhere = uvicorn(film, 0.4, "/ws/other/")
    other_server = uvicorn(film, 0.5, server_port=9000)
    left = uvicorn(film, 0.6)
    left.text(6.95, True, "bye").fin(6.97, True)
    for tcp in (elsewhere, other_server):
        tcp.text(6.98, True, "hello")
    for tcp in ended:
        tcp.fin(7.0, False)


@fires("F16", reason="announced", connections=(0, 1, 3), packets=[15, 31, 17])
def restart_whose_second_socket_got_no_close(film: Film) -> None:
    first, second = uvicorn(film, 0.0), uvicorn(film, 0.1)
    first.close(2.0, False, 1012)
    second.fin(2.01, False)
    first.close(2.02, True, 1012).fin(2.03, False)
    film.tcp().open(2.1).get(2.2)
    nobody_listens(film, 3.0)


@silent("F16")
def refused_twenty_seconds_later(film: Film) -> None:
    film.tcp().socket(0.0).text(0.5, True, "hello").text(0.52, False, "hello").fin(2.0, False)
    nobody_listens(film, 22.0)


@fires("F16", reason="refused_after", connections=(0, 1), packets=[8, 16])
@fires("F10", reason="bad_gateway", connections=(1,), packets=[14, 16])
def proxy_answers_502_after_the_socket_ended(film: Film) -> None:
    film.tcp().socket(0.0, server=NGINX).fin(2.0, False)
    film.tcp().open(3.0).get(3.02).answer(3.04, "502 Bad Gateway", NGINX)


@fires("F16", reason="refused_after", connections=(0, 2, 1))
def the_server_behind_the_proxy_refuses(film: Film) -> None:
    front = film.tcp().open(0.0).ask(0.02)
    back = film.tcp(8000, client=SERVER, server="10.0.0.3").open(0.03).ask(0.045).switch(0.06)
    front.switch(0.08, NGINX)
    back.fin(2.0, False)
    front.fin(2.01, False)
    nobody_listens(film, 3.0, 8000, "10.0.0.3")


@silent("F16")
def old_502_of_another_proxy(film: Film) -> None:
    film.tcp().open(0.0).get(0.02).answer(0.04, "502 Bad Gateway")
    film.tcp().socket(1.0, server=NGINX).fin(2.0, False)
    film.tcp(9000).open(3.0).get(3.02).answer(3.04, "502 Bad Gateway")


# --- F17 ---------------------------------------------------------------------------------------------------------------


@fires("F17", reason="overlapping_timer", at=20.0, packets=[8, 12, 14])
def the_first_pong_comes_when_all_is_over(film: Film) -> None:
    tcp = film.tcp().socket(0.0)
    ping(tcp, 20.0, 1, answered=False)
    ping(tcp, 40.0, 2).rst(49.4, False)
    tcp.frame(49.405, True, 10, struct.pack(">QI", START_NS + round(20.0 * 1e9), 1))


@silent("F17")
@fires("W8", outcome="warn", reason="peer_silent", at=40.0)
def an_earlier_pong_is_not_a_later_one(film: Film) -> None:
    tcp = film.tcp().socket(0.0)
    ping(tcp, 20.0, 1)
    ping(tcp, 40.0, 2, answered=False).rst(69.4, False)


@fires("W8", outcome="warn", reason="peer_silent", at=20.0, settings={"ping_timeout": 20.0})
@silent("F18", settings={"ping_timeout": 20.0})
def uvicorn_says_that_the_ping_timed_out(film: Film) -> None:
    tcp = uvicorn(film, 0.0).frame(20.0, False, 9, b"abcd")
    tcp.close(40.0, False, 1011, b"keepalive ping timeout").fin(41.0, False)


@silent("F12", settings={"ping_timeout": 20.0})
def the_ping_timed_out_although_something_was_said(film: Film) -> None:
    tcp = uvicorn(film, 0.0).text(1.0, True, "hello").frame(20.0, False, 9, b"abcd").text(39.95, True, "still here")
    tcp.close(40.0, False, 1011, b"keepalive ping timeout").fin(41.0, False)


# --- F10 ---------------------------------------------------------------------------------------------------------------


@fires("F10", 2, side="proxy", reason="idle")
@silent("F16", "F18")
def two_idle_sockets_of_a_proxy(film: Film) -> None:
    for number in range(2):
        film.tcp().socket(0.1 * number, server=NGINX).text(0.5, True, "hello").fin(60.5, False)


@fires("F10", side="proxy", reason="idle", connections=(0, 1))
def idle_behind_a_proxy_that_hides_its_name(film: Film) -> None:
    front = film.tcp().open(0.0).ask(0.02)
    back = film.tcp(8000, client=SERVER, server="10.0.0.3").open(0.03).ask(0.045).switch(0.06)
    front.switch(0.08, "")
    front.text(0.5, True, "hello").fin(60.5, False)
    back.fin(60.5, True)


@fires("F10", reason="gateway_timeout", packets=[4, 11], connections=(0, 1), says="504 after 5.01 s")
def slow_page_with_both_legs(film: Film) -> None:
    front = film.tcp().open(0.0).get(0.02)
    back = film.tcp(8000, client=SERVER, server="10.0.0.3").open(0.03).get(0.05, headers="X-Real-IP: 10.0.0.1\r\n")
    front.answer(5.03, "504 Gateway Time-out", NGINX)
    back.fin(5.04, True)


@fires("F10", reason="bad_gateway", connections=(0, 1))
def gateway_behind_a_gateway(film: Film) -> None:
    front = film.tcp().open(0.0).get(0.02)
    back = film.tcp(8000, client=SERVER, server="10.0.0.3").open(0.03).get(0.05, headers="X-Real-IP: 10.0.0.1\r\n")
    back.answer(0.07, "502 Bad Gateway", NGINX)
    front.answer(0.08, "502 Bad Gateway", NGINX)


@silent("F18", "F16")
def daphne_ends_an_idle_socket_with_fin(film: Film) -> None:
    film.tcp().socket(0.0).text(0.5, True, "hello").text(0.52, False, "hello").fin(5.0, False)


@fires("F18", side="server", connections=(0,))
def uvicorn_ends_an_idle_socket(film: Film) -> None:
    uvicorn(film, 0.0).text(0.5, True, "hello").text(0.52, False, "hello").fin(6.8, False)


@silent("F18")
def uvicorn_ends_a_socket_soon_after_a_message(film: Film) -> None:
    uvicorn(film, 0.0).text(0.5, True, "hello").text(0.52, False, "hello").fin(1.0, False)
