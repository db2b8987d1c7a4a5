"""Cases of the rules about Channels, Daphne and nginx; the bytes are those that these servers were seen to send."""

from __future__ import annotations

import json
import struct

from tests.packets import ACK, PSH, RST, SYN
from tests.rules.cases import fires, silent
from tests.rules.film import START_NS, Film, Tcp
from tests.websockets import KEY, frame

_DENIED = b"HTTP/1.1 403 Access denied\r\n\r\n"
_FAILED = b"HTTP/1.1 500 Internal server error\r\n\r\n"
_HERE = "Origin: http://chat.example\r\n"
_SESSION = "Cookie: sessionid=abc\r\n"
_UVICORN = "date: now\r\nserver: uvicorn\r\n"
_NGINX = "Server: nginx/1.22.1\r\n"


def _refused(film: Film, headers: str, answer: bytes = _DENIED, at: float = 0.0, path: str = "/ws/chat/a/") -> Tcp:
    return film.tcp().open(at).ask(at + 0.02, path, headers).say(at + 0.04, False, answer).fin(at + 0.05, False)


def _json(tcp: Tcp, at: float, from_client: bool, **value: object) -> Tcp:
    return tcp.text(at, from_client, json.dumps(value))


def _ping(tcp: Tcp, at: float, count: int, *, answered: bool = True, phase: float = 0.0) -> Tcp:
    payload = struct.pack(">QI", START_NS + round((at + phase) * 1e9), count)
    tcp.frame(at, False, 9, payload)
    return tcp.frame(at + 0.011, True, 10, payload) if answered else tcp


# --- F01, F02 ----------------------------------------------------------------------------------------------------------


@fires("F01", side="application", reason="foreign_origin", packets=[4, 6], at=0.02)
def foreign_origin(film: Film) -> None:
    _refused(film, "Origin: http://evil.example\r\n" + _SESSION)


@fires("F01", side="application", reason="foreign_port", confidence="likely")
def same_host_other_port(film: Film) -> None:
    _refused(film, "Origin: http://chat.example:3000\r\n" + _SESSION)


@fires("F01", side="client", reason="no_origin")
def no_origin_with_a_session(film: Film) -> None:
    _refused(film, _SESSION)


@fires("F01", outcome="undecidable", side="unknown", rivals=("F01", "F02"))
def neither_origin_nor_cookie(film: Film) -> None:
    _refused(film, "")


@fires("F01", side="application", reason="null_origin")
def page_without_an_origin_of_its_own(film: Film) -> None:
    _refused(film, "Origin: null\r\n" + _SESSION)


@silent("F01")
def origin_that_is_accepted_elsewhere(film: Film) -> None:
    film.tcp().socket(0.0, headers="Origin: http://other.example\r\n" + _SESSION)
    _refused(film, "Origin: http://other.example\r\n", at=1.0)


@silent("F01", "F02")
def forbidden_page_with_a_body(film: Film) -> None:
    film.tcp().open(0.0).ask(0.02, headers="Origin: http://evil.example\r\n").answer(
        0.04, "403 Forbidden", body=b"CSRF"
    )


@fires("F02", side="client", reason="no_cookie", confidence="certain")
def right_origin_no_cookie(film: Film) -> None:
    _refused(film, _HERE)


@fires("F02", side="client", reason="stale_cookie", confidence="likely")
def right_origin_stale_cookie(film: Film) -> None:
    _refused(film, _HERE + _SESSION, b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nserver: uvicorn\r\n\r\n")


@silent("F02")
def foreign_origin_is_not_a_missing_login(film: Film) -> None:
    _refused(film, "Origin: http://evil.example\r\n")


# --- F03 to F09 --------------------------------------------------------------------------------------------------------


@fires("F03", side="server", reason="wsgi", confidence="certain")
def wsgi_answers_404(film: Film) -> None:
    film.tcp().open(0.0).ask(0.02).answer(0.04, "404 Not Found", "Server: WSGIServer/0.2 CPython/3.11\r\n", b"<html>")


@fires("F03", side="server", reason="plain_page")
def a_page_instead_of_an_upgrade(film: Film) -> None:
    film.tcp().open(0.0).ask(0.02).answer(0.04, "200 OK", body=b"<html>")


@silent("F03", "F09")
def too_many_handshakes(film: Film) -> None:
    film.tcp().open(0.0).ask(0.02).answer(0.04, "429 Too Many Requests", _NGINX)


@silent("F03")
def daphne_itself_answers_404(film: Film) -> None:
    film.tcp().open(0.0).ask(0.02).answer(0.04, "404 Not Found", "Server: daphne\r\n", b"<html>")


@silent("F03", "F09")
def ordinary_page_not_found(film: Film) -> None:
    film.tcp().open(0.0).get(0.02, "/nothing").answer(0.04, "404 Not Found", "Server: WSGIServer/0.2\r\n", b"<html>")


@fires("F04", side="application", reason="missing_slash", confidence="certain")
def slash_is_missing(film: Film) -> None:
    film.tcp().socket(0.0, "/ws/chat/room/")
    _refused(film, "", _FAILED, 1.0, "/ws/chat/room")


@fires("F04", side="application", reason="misspelt", confidence="likely")
def two_letters_swapped(film: Film) -> None:
    film.tcp().socket(0.0, "/ws/chat/room/")
    _refused(film, "", _FAILED, 1.0, "/ws/chat/romo/")


@silent("F04")
def quite_another_path(film: Film) -> None:
    film.tcp().socket(0.0, "/ws/chat/room/")
    _refused(film, "", _FAILED, 1.0, "/ws/game/3/")


@fires("F05", side="application", reason="exception")
def failed_before_accept(film: Film) -> None:
    _refused(film, _HERE, _FAILED)


@fires("F05", reason="exception", rivals=("F04",))
def failed_and_has_no_slash_as_others_have(film: Film) -> None:
    film.tcp().socket(0.0, "/ws/chat/room/")
    _refused(film, "", _FAILED, 1.0, "/ws/quite/another")


@silent("F05")
def failed_page_is_no_handshake(film: Film) -> None:
    film.tcp().open(0.0).get(0.02).answer(0.04, "500 Internal Server Error")


@fires("F06", side="application", reason="not_ascii", confidence="certain")
def korean_room_fails_ascii_room_works(film: Film) -> None:
    film.tcp().socket(0.0, "/ws/chat/lobby/")
    _refused(film, "", _FAILED, 1.0, "/ws/chat/%ED%95%9C%EA%B5%AD/")


@fires("F06", side="application", reason="too_long")
def crash_right_after_a_long_name(film: Film) -> None:
    tcp = film.tcp().socket(0.0, "/ws/chat/" + "a" * 100 + "/")
    tcp.close(0.6, False, 1011).close(0.611, True, 1011).rst(0.62, False)


@fires("F06", side="application", reason="not_ascii")
def uvicorn_ends_a_korean_room_right_after_the_101(film: Film) -> None:
    tcp = film.tcp().open(0.0).ask(0.02, "/ws/chat/%ED%95%9C%EA%B5%AD/").switch(0.04, _UVICORN, upgrade="websocket")
    tcp.fin(0.06, False)


@silent("F06")
def name_of_99_characters(film: Film) -> None:
    _refused(film, "", _FAILED, 0.0, "/ws/chat/" + "a" * 99 + "/")


@silent("F06")
def korean_room_that_works(film: Film) -> None:
    film.tcp().socket(0.0, "/ws/chat/%ED%95%9C%EA%B5%AD/").text(1.0, True, "hi").text(1.1, False, "hi")


@fires("F07", side="application", reason="no_accept", confidence="certain")
def no_answer_and_a_reset_after_4_5_s(film: Film) -> None:
    film.tcp().open(0.0).ask(0.02).rst(4.5, False)


@fires("F07", side="application", confidence="likely", rivals=("F26",))
def client_gives_up(film: Film) -> None:
    film.tcp().open(0.0).ask(0.02).fin(3.0, True)


@fires("F07", side="application", reason="no_accept")
def nginx_answers_502_when_daphne_gave_up(film: Film) -> None:
    film.tcp().open(0.0).ask(0.02).answer(4.3, "502 Bad Gateway", _NGINX)


@silent("F07")
def the_capture_lost_the_101(film: Film) -> None:
    tcp = film.tcp().open(0.0).ask(0.02)
    tcp.packet(0.1, True, ACK, ack=tcp.seq[False] + 145)
    tcp.seq[False] += 145
    tcp.rst(4.5, False)


@silent("F07")
def reset_at_once(film: Film) -> None:
    film.tcp().open(0.0).ask(0.02).rst(0.1, False)


@silent("F07")
def client_leaves_at_once(film: Film) -> None:
    film.tcp().open(0.0).ask(0.02).fin(0.5, True)


@silent("F07")
def reset_after_ten_seconds(film: Film) -> None:
    film.tcp().open(0.0).ask(0.02).rst(10.0, False)


@fires("F07", settings={"handshake_timeout": 10.0}, reason="no_accept")
def reset_after_nine_seconds_of_ten(film: Film) -> None:
    film.tcp().open(0.0).ask(0.02).rst(9.0, False)


@fires("F08", side="application", reason="none_chosen")
def chrome_leaves_without_its_subprotocol(film: Film) -> None:
    film.tcp().socket(0.0, headers="Sec-WebSocket-Protocol: chat.v1\r\n").fin(0.1, True)


@silent("F08")
def client_does_not_mind(film: Film) -> None:
    tcp = film.tcp().socket(0.0, headers="Sec-WebSocket-Protocol: chat.v1\r\n")
    tcp.text(0.1, True, "hello").fin(0.2, True)


@silent("F08")
def no_subprotocol_was_offered(film: Film) -> None:
    film.tcp().socket(0.0).fin(0.1, True)


_KEPT = (
    "GET /ws/chat/a/ HTTP/1.0\r\nHost: chat.example\r\nConnection: close\r\nX-Forwarded-For: 10.0.0.1\r\n"
    "Sec-WebSocket-Key: AAECAwQFBgcICQoLDA0ODw==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)


@fires("F09", side="proxy", reason="upgrade_stripped", confidence="certain", connections=(0, 1))
def proxy_drops_the_upgrade(film: Film) -> None:
    front = film.tcp().open(0.0).ask(0.02, "/ws/chat/a/")
    back = film.tcp(8000, client="10.0.0.2", server="10.0.0.3").open(0.03).say(0.045, True, _KEPT.encode())
    back.answer(0.06, "404 Not Found", "Server: daphne\r\n", b"<html>").fin(0.07, False)
    front.answer(0.08, "404 Not Found", _NGINX, b"<html>")


@fires("F09", side="proxy", reason="connection_header")
def the_connection_header_is_missing(film: Film) -> None:
    refusal = b'HTTP/1.1 400 HTTP Connection headers do not include "upgrade"\r\nContent-Length: 0\r\n\r\n'
    film.tcp().open(0.0).ask(0.02).say(0.04, False, refusal)


@fires("F09", outcome="undecidable", rivals=("F03", "F09"))
def nginx_answers_404_and_the_other_leg_is_not_seen(film: Film) -> None:
    film.tcp().open(0.0).ask(0.02).answer(0.04, "404 Not Found", _NGINX, b"<html>")


# --- F10 ---------------------------------------------------------------------------------------------------------------


@fires("F10", side="proxy", reason="idle", at=60.5)
def nginx_ends_an_idle_socket(film: Film) -> None:
    film.tcp().socket(0.0, server=_NGINX).text(0.5, True, "hello").fin(60.5, False)


@fires("F10", settings={"proxy_timeout": 5.0}, side="proxy", reason="idle")
def nginx_with_a_timeout_of_five_seconds(film: Film) -> None:
    film.tcp().socket(0.0, server=_NGINX).text(0.5, True, "hello").fin(5.5, False)


@fires("F10", side="server", reason="bad_gateway", connections=(0, 1), packets=[4, 8, 7])
def nothing_listens_behind_nginx(film: Film) -> None:
    front = film.tcp().open(0.0).get(0.02)
    back = film.tcp(8000, client="10.0.0.2", server="10.0.0.3")
    back.packet(0.03, True, SYN, ack=0)
    back.packet(0.031, False, RST | ACK, seq=0, ack=1001)
    front.answer(0.04, "502 Bad Gateway", _NGINX)


@fires("F10", side="application", reason="gateway_timeout")
def page_slower_than_the_proxy_waits(film: Film) -> None:
    film.tcp().open(0.0).get(0.02).answer(60.03, "504 Gateway Time-out", _NGINX)


@fires("F10", side="server", reason="bad_gateway")
def handshake_answered_with_502(film: Film) -> None:
    film.tcp().open(0.0).ask(0.02).answer(0.04, "502 Bad Gateway", _NGINX)


@silent("F10")
def the_application_behind_fails(film: Film) -> None:
    film.tcp().open(0.0).get(0.02).answer(0.04, "500 Internal Server Error", _NGINX)


@silent("F10")
def idle_for_less_than_the_timeout(film: Film) -> None:
    film.tcp().socket(0.0, server=_NGINX).text(0.5, True, "hello").fin(30.0, False)


@silent("F10")
def no_proxy_is_known(film: Film) -> None:
    film.tcp().socket(0.0).text(0.5, True, "hello").fin(60.5, False)


@silent("F10")
def gateway_error_of_an_unknown_program(film: Film) -> None:
    film.tcp().open(0.0).get(0.02).answer(0.04, "502 Bad Gateway", "Server: example\r\n")


# --- F12 to F14 --------------------------------------------------------------------------------------------------------


def _crash(tcp: Tcp, at: float) -> Tcp:
    return tcp.close(at, False, 1011).close(at + 0.011, True, 1011).rst(at + 0.02, False)


def _asked(film: Film, last: str | bytes, opcode: int = 1, wait: float = 0.6) -> None:
    tcp = film.tcp().socket(0.0, "/ws/fragile/")
    _json(tcp, 0.2, True, text="hello")
    _json(tcp, 0.22, False, text="hello")
    tcp.frame(1.0, True, opcode, last.encode() if isinstance(last, str) else last)
    _crash(tcp, 1.0 + wait)


@fires("F12", side="application", reason="invalid_json", confidence="certain", at=1.0)
def message_that_is_no_json(film: Film) -> None:
    _asked(film, "{'text': 1}")


@fires("F12", side="application", reason="missing_key")
def message_without_its_key(film: Film) -> None:
    _asked(film, '{"txt": "hello"}')


@fires("F12", side="application", reason="binary")
def binary_message(film: Film) -> None:
    _asked(film, b"\x00\x01", opcode=2)


@fires("F12", side="application", reason="empty_text")
def empty_message(film: Film) -> None:
    _asked(film, "")


@fires("F12", side="application", reason="not_an_object")
def message_that_is_no_object(film: Film) -> None:
    _asked(film, '["hello"]')


@fires("F12", side="application", reason="unknown", confidence="likely")
def ordinary_message(film: Film) -> None:
    _asked(film, '{"text": "again"}')


@fires("F12", side="application", reason="invalid_json")
def uvicorn_ends_without_a_close(film: Film) -> None:
    tcp = film.tcp().open(0.0).ask(0.02).switch(0.04, _UVICORN, upgrade="websocket")
    _json(tcp, 0.2, True, text="hello")
    _json(tcp, 0.22, False, text="hello")
    tcp.text(1.0, True, "{'text': 1}").fin(1.03, False)


@silent("F17")
@fires("F12", reason="invalid_json")
def crash_while_a_pong_is_waited_for(film: Film) -> None:
    tcp = film.tcp().socket(0.0, "/ws/fragile/")
    _json(tcp, 0.2, True, text="hello")
    _json(tcp, 0.22, False, text="hello")
    _ping(tcp, 20.0, 1, answered=False)
    tcp.text(49.0, True, "{'text': 1}")
    _ping(tcp, 49.2, 2)
    _crash(tcp, 49.5)


@silent("F12")
def crash_three_seconds_after_the_message(film: Film) -> None:
    _asked(film, "{'text': 1}", wait=3.0)


@silent("F12", "F13", "F16", "F17", "F18", "F19", "F23")
def closed_by_the_client(film: Film) -> None:
    film.tcp().socket(0.0).text(0.2, True, "{'text': 1}").closed(0.5, True, 4005)


@silent("F12", "F13", "F14", "F15", "F18", "F19")
def the_server_closes_normally_after_a_message(film: Film) -> None:
    film.tcp().socket(0.0).text(1.0, True, "{'text': 1}").close(1.5, False, 1000).close(1.51, True, 1000).rst(
        1.52, False
    )


@silent("F12", "F16")
def uvicorn_ends_long_after_a_message(film: Film) -> None:
    tcp = film.tcp().open(0.0).ask(0.02).switch(0.04, _UVICORN, upgrade="websocket")
    tcp.text(1.0, True, "hello").fin(1.5, False)


def _room(film: Film, count: int, path: str = "/ws/chat/room/") -> list[Tcp]:
    return [film.tcp().socket(number * 0.1, path) for number in range(count)]


@fires("F13", side="application", connections=(0, 1, 2), at=2.0)
def one_message_crashes_all_members(film: Film) -> None:
    members = _room(film, 3)
    _json(members[0], 2.0, True, type="chat.gone", text="bye")
    for number, member in enumerate(members):
        _crash(member, 2.5 + number * 0.001)


@silent("F13")
def members_crash_one_after_the_other(film: Film) -> None:
    members = _room(film, 3)
    for number, member in enumerate(members):
        _json(member, 2.0 + number, True, type="chat.gone", text="bye")
        _crash(member, 2.5 + number)


@silent("F13", "F23")
def one_crashes_and_the_others_hear_nothing(film: Film) -> None:
    members = _room(film, 3)
    _json(members[0], 2.0, True, type="chat.gone", text="bye")
    _crash(members[0], 2.5)


@fires("F14", side="application", reason="illegal_code", rivals=("F12",))
def leaving_crashes(film: Film) -> None:
    tcp = film.tcp().socket(0.0)
    _json(tcp, 0.2, True, type="message", text="hello")
    _json(tcp, 0.22, False, text="hello")
    _json(tcp, 1.0, True, type="leave", code=1001)
    _crash(tcp, 1.6)


@silent("F14")
def leaving_works(film: Film) -> None:
    tcp = film.tcp().socket(0.0)
    _json(tcp, 1.0, True, type="leave")
    tcp.close(1.01, False, 4001).close(1.02, True, 4001).rst(1.03, False)


# --- F15 to F19, F23 ---------------------------------------------------------------------------------------------------


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
    tcp = film.tcp().open(0.0).ask(0.02).switch(0.04, _UVICORN, upgrade="websocket")
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
    _ping(tcp, 20.0, 1, answered=False)
    _ping(tcp, 40.0, 2).rst(49.4, False)


@silent("F17")
@fires("W8", outcome="warn")
def nothing_comes_from_the_client(film: Film) -> None:
    _ping(film.tcp().socket(0.0), 20.0, 1, answered=False).rst(49.4, False)


@silent("F17")
def a_timeout_of_3_5_seconds(film: Film) -> None:
    _ping(film.tcp().socket(0.0), 4.0, 1, answered=False).rst(7.4, False)


@fires("W8", settings={"ping_timeout": 0.9}, outcome="warn", side="client", reason="peer_silent", at=1.0)
def a_timeout_shorter_than_a_second(film: Film) -> None:
    _ping(film.tcp().socket(0.0), 1.0, 1, answered=False).rst(1.9, False)


@silent("F17")
def every_ping_answered(film: Film) -> None:
    tcp = film.tcp().socket(0.0)
    _ping(tcp, 20.0, 1)
    _ping(tcp, 40.0, 2).rst(49.4, False)


@silent("F17")
def reset_before_the_timeout(film: Film) -> None:
    _ping(film.tcp().socket(0.0), 20.0, 1, answered=False).rst(40.0, False)


@fires("F18", side="server", connections=(0, 1), rivals=("F19",))
def idle_sockets_crash_one_by_one(film: Film) -> None:
    for number, tcp in enumerate([film.tcp().socket(0.7 * number, f"/ws/{number}/") for number in range(2)]):
        _crash(tcp, 6.8 + 5 * number)
    film.tcp().socket(2.0, "/ws/busy/").text(12.0, True, "hello").text(12.1, False, "hello")


@silent("F18")
def crash_after_a_message(film: Film) -> None:
    _asked(film, '{"text": "again"}')


@fires("F19", side="server", reason="all_at_once", connections=(0, 1, 2))
def all_sockets_crash_at_once(film: Film) -> None:
    for number, tcp in enumerate([film.tcp().socket(0.1 * number, f"/ws/{number}/") for number in range(3)]):
        _crash(tcp, 6.8 + number * 0.001)


@fires("F19", side="server", reason="refused", confidence="certain")
def redis_refuses(film: Film) -> None:
    tcp = film.tcp().socket(0.0)
    redis = film.tcp(6379, client="10.0.0.2", server="10.0.0.9")
    redis.packet(6.0, True, SYN, ack=0)
    redis.packet(6.001, False, RST | ACK, seq=0, ack=1001)
    _crash(tcp, 6.8)


@fires("F19", side="server", reason="all_at_once", connections=(0, 1, 2))
def uvicorn_without_redis(film: Film) -> None:
    for number in range(2):
        tcp = film.tcp().open(number * 0.1).ask(number * 0.1 + 0.02, f"/ws/{number}/")
        tcp.switch(number * 0.1 + 0.04, _UVICORN, upgrade="websocket").fin(6.8 + number * 0.001, False)
    _refused(film, "", _FAILED, 8.0)


@silent("F19")
def one_of_two_crashes(film: Film) -> None:
    tcps = [film.tcp().socket(0.1 * number, f"/ws/{number}/") for number in range(2)]
    _crash(tcps[0], 6.8)
    tcps[1].text(8.0, True, "hello")


@fires("F23", side="application", connections=(1, 2), at=2.0)
def one_member_hears_the_others_crash(film: Film) -> None:
    members = _room(film, 3)
    _json(members[1], 2.0, True, type="chat.message", text="hello all")
    _json(members[0], 2.05, False, text="hello all")
    for member in members[1:]:
        _crash(member, 2.5)


@fires("F23", side="application", connections=(1, 2))
def uvicorn_where_the_speaker_lives_on(film: Film) -> None:
    members = []
    for number in range(3):
        at = number * 0.1
        members.append(film.tcp().open(at).ask(at + 0.02).switch(at + 0.04, _UVICORN, upgrade="websocket"))
    _json(members[0], 2.0, True, type="chat.message", text="hello all")
    _json(members[0], 2.02, False, text="hello all")
    for member in members[1:]:
        member.fin(2.03, False)
    members[0].text(3.0, True, "x")


@silent("F23")
def daphne_sockets_end_while_somebody_speaks(film: Film) -> None:
    members = _room(film, 3)
    _json(members[0], 2.0, True, type="chat.message", text="hello all")
    _json(members[0], 2.02, False, text="hello all")
    for member in members[1:]:
        member.fin(2.03, False)
    members[0].text(3.0, True, "x")


# --- F20 to F25 --------------------------------------------------------------------------------------------------------


def _said(
    members: list[Tcp], at: float, sender: Tcp, text: str, heard_by: list[Tcp] | None = None, **more: object
) -> None:
    _json(sender, at, True, say=text, **more)
    for number, member in enumerate(members if heard_by is None else heard_by):
        _json(member, at + 0.02 + number * 0.001, False, text=text)


def _halves(film: Film, *, leak: bool = False, phases: float | None = 0.5) -> None:
    """Four members, two in each half; ``phases``: seconds between the ping ticks of the halves, None for no pings."""
    members = _room(film, 4)
    for number, member in enumerate(members if phases is not None else ()):
        _ping(member, 1.0 + number * 0.01, 1, phase=(phases or 0.0) if number >= 2 else 0.0)
    _said(members, 2.0, members[0], "first half", members[:2])
    _said(members, 3.0, members[2], "second half", members[2:])
    if leak:
        _said(members, 4.0, members[0], "everybody")
    for member in members:
        member.text(6.0, True, "x")


@fires("F20", side="application", connections=(0, 1, 2, 3), confidence="certain")
def two_halves_hear_only_themselves(film: Film) -> None:
    _halves(film)


@fires("F20", confidence="likely")
def two_halves_without_pings(film: Film) -> None:
    _halves(film, phases=None)


@silent("F20")
def two_halves_of_one_process(film: Film) -> None:
    _halves(film, phases=0.0)


@silent("F20")
def one_of_three_speaks_to_itself(film: Film) -> None:
    members = _room(film, 3)
    _said(members, 2.0, members[0], "the two of us", members[:2])
    _said(members, 3.0, members[2], "only me", members[2:])
    for member in members:
        member.text(6.0, True, "x")


@silent("F20")
def two_consumers_of_one_name(film: Film) -> None:
    members = [*_room(film, 2, "/ws/chat/room/"), *_room(film, 2, "/ws/game/room/")]
    _said(members, 2.0, members[0], "in the chat", members[:2])
    _said(members, 3.0, members[2], "in the game", members[2:])
    for member in members:
        member.text(6.0, True, "x")


@silent("F20")
def one_message_reaches_both_halves(film: Film) -> None:
    _halves(film, leak=True)


@silent("F20", "F22")
def message_that_names_its_recipients(film: Film) -> None:
    members = _room(film, 4)
    for at in (2.0, 3.0, 4.0):
        _said(members, at, members[0], f"for you {at}", members[:2], to=[1, 2])
        _said(members, at + 0.5, members[2], f"and you {at}", members[2:], to=[3, 4])
    for member in members:
        member.text(6.0, True, "x")


def _burst(film: Film, count: int, missing: range, every: float = 0.002) -> None:
    members = _room(film, 2)
    for number in range(count):
        for index, member in enumerate(members):
            if index == 0 or number not in missing:
                _json(member, 2.0 + number * every + index * 0.0005, False, seq=number)


@fires("F21", side="application", connections=(1,), reason="memory_capacity")
def burst_with_its_tail_lost(film: Film) -> None:
    _burst(film, 300, range(120, 298))


@fires("F21", side="application", connections=(1,), reason="redis_capacity")
def burst_with_its_head_lost(film: Film) -> None:
    _burst(film, 300, range(2, 150))


@silent("F21")
def burst_below_the_capacity(film: Film) -> None:
    _burst(film, 80, range(40, 60))


@silent("F21")
def slow_messages_with_a_gap(film: Film) -> None:
    _burst(film, 300, range(120, 200), every=0.1)


@silent("F21")
def burst_that_arrives(film: Film) -> None:
    _burst(film, 300, range(0))


@silent("F21")
def two_messages_missing(film: Film) -> None:
    _burst(film, 300, range(100, 102))


def _deaf(film: Film, count: int, *, heard: bool, alive: bool = True) -> None:
    members = _room(film, 3)
    _said(members, 2.0, members[0], "hello", members if heard else members[:2])
    for number in range(count):
        _said(members, 3.0 + number, members[0], f"later {number}", members[:2])
    if alive:
        _json(members[2], 12.0, True, echo="still here")
        _json(members[2], 12.05, False, echo="still here")
    for member in members:
        member.closed(14.0)


@fires("F22", side="application", connections=(2,), reason="expiry")
def member_stops_hearing(film: Film) -> None:
    _deaf(film, 4, heard=True)


@fires("F22", outcome="undecidable", reason="missing_await", connections=(2,))
def member_never_heard_anything(film: Film) -> None:
    _deaf(film, 4, heard=False)


@silent("F22")
def of_two_members_nobody_can_tell(film: Film) -> None:
    members = _room(film, 2)
    _said(members, 2.0, members[0], "hello")
    for number in range(4):
        _said(members, 3.0 + number, members[0], f"later {number}", members[:1])
    members[1].text(12.0, True, "x").text(12.1, False, "x")
    for member in members:
        member.closed(14.0)


@silent("F22")
def member_hears_the_last_message_again(film: Film) -> None:
    members = _room(film, 3)
    _said(members, 2.0, members[0], "hello")
    for number in range(4):
        _said(members, 3.0 + number, members[0], f"later {number}", members[:2])
    _said(members, 8.0, members[0], "and all")
    for member in members:
        member.text(9.0, True, "x").closed(14.0)


@silent("F22")
def others_talk_to_themselves(film: Film) -> None:
    members = _room(film, 3)
    _said(members, 2.0, members[0], "hello")
    for number in range(4):
        _said(members, 3.0 + number, members[0], f"later {number}", members[:1])
    for member in members:
        member.text(9.0, True, "x").closed(14.0)


@silent("F22")
def member_missed_two_messages(film: Film) -> None:
    _deaf(film, 2, heard=True)


@silent("F22")
def member_gives_no_sign_of_life(film: Film) -> None:
    members = _room(film, 3)
    _said(members, 2.0, members[0], "hello")
    for number in range(4):
        _said(members, 3.0 + number, members[0], f"later {number}", members[:2])


@fires("F25", side="application", connections=(2, 3))
def emptied_for_those_not_meant(film: Film) -> None:
    members = _room(film, 4)
    _json(members[0], 2.0, True, message="you two", to=[0, 1])
    for number, member in enumerate(members):
        _json(member, 2.02 + number * 0.001, False, message="you two" if number < 2 else "")


@silent("F25")
def one_empty_message(film: Film) -> None:
    members = _room(film, 3)
    for number, member in enumerate(members):
        _json(member, 2.02 + number * 0.001, False, message="you two" if number < 2 else "")


@fires("F25", 2)
def emptied_again_later(film: Film) -> None:
    members = _room(film, 4)
    for at in (2.0, 5.0):
        for number, member in enumerate(members):
            _json(member, at + number * 0.001, False, message="you two" if number < 2 else "")


@silent("F25")
def messages_without_any_text(film: Film) -> None:
    members = _room(film, 4)
    for number, member in enumerate(members):
        _json(member, 2.0 + number * 0.001, False, message=3 if number < 2 else 0)


@silent("F25")
def a_type_is_no_text(film: Film) -> None:
    members = _room(film, 4)
    for number, member in enumerate(members):
        _json(member, 2.0 + number * 0.001, False, type="typing", message="x" if number < 2 else "y")


@silent("F25")
def empty_messages_at_another_time(film: Film) -> None:
    members = _room(film, 4)
    for number, member in enumerate(members):
        _json(member, 2.0 if number < 2 else 5.0 + number * 0.001, False, message="you two" if number < 2 else "")


# --- F26 to F28 --------------------------------------------------------------------------------------------------------


def _echoes(film: Film, pause: float, *, page: float | None = None, second: float | None = None) -> None:
    """Two echo sockets whose last messages wait; ``second`` is the wait of the other, the same by default."""
    for number in range(2):
        tcp = film.tcp().socket(number * 0.1, "/ws/echo/")
        for step in range(5):
            at = 1.0 + step * 0.1 + number * 0.03
            tcp.text(at, True, f"a{step}").text(at + 0.011, False, f"a{step}")
        wait = pause if number == 0 or second is None else second
        tcp.text(2.0 + number * 0.03, True, "last").text(2.0 + wait + number * 0.005, False, "last")
    if page is not None:
        film.tcp().open(1.9).get(2.1, "/healthz").answer(2.1 + page)


@fires("F26", side="application", reason="loop_blocked", connections=(0, 1, 2), at=2.0)
def sockets_and_a_page_wait_together(film: Film) -> None:
    _echoes(film, 1.5, page=1.4)


@fires("F26", side="application", reason="thread_blocked", connections=(0, 1))
def sockets_wait_and_a_page_does_not(film: Film) -> None:
    _echoes(film, 1.5, page=0.02)


@fires("F26", side="application", reason="blocked", connections=(0, 1))
def sockets_wait_and_no_page_is_asked_for(film: Film) -> None:
    _echoes(film, 1.5)


@silent("F26")
def a_short_pause(film: Film) -> None:
    _echoes(film, 0.3)


@silent("F26")
def only_one_socket_waits(film: Film) -> None:
    _echoes(film, 1.5, second=0.02)


@silent("F26")
def sockets_wait_for_different_things(film: Film) -> None:
    _echoes(film, 1.5, second=2.5)


def _attempts(film: Film, gaps: list[float]) -> None:
    at = 0.0
    for gap in [*gaps, 0.0]:
        film.tcp().socket(at).fin(at + 0.2, False)
        at += gap


@fires("F27", outcome="warn", side="client", reason="fixed_period")
def reconnects_every_three_seconds(film: Film) -> None:
    _attempts(film, [3.0, 3.01, 2.99, 3.0, 3.0])


@silent("F27")
def reconnects_with_growing_pauses(film: Film) -> None:
    _attempts(film, [1.0, 2.1, 3.8, 8.3, 15.0])


@silent("F27")
def sockets_side_by_side(film: Film) -> None:
    for number in range(6):
        film.tcp().socket(number * 3.0)


@silent("F27")
def a_visit_every_two_minutes(film: Film) -> None:
    _attempts(film, [120.0] * 5)


@silent("F27")
def three_attempts(film: Film) -> None:
    _attempts(film, [3.0, 3.0])


def _flood(film: Film, count: int, answers_s: float) -> None:
    tcp = film.tcp().socket(0.0, "/ws/echo/")
    data = b"".join(frame(1, b"x", KEY) for _ in range(100))
    for block in range(count // 100):
        tcp.packet(1.0 + block * 0.05, True, PSH | ACK, data)
        tcp.seq[True] += len(data)
    for block in range(count // 100):
        reply = frame(1, b"x") * 100
        tcp.packet(1.02 + block * answers_s / (count / 100), False, PSH | ACK, reply)
        tcp.seq[False] += len(reply)


@fires("F28", side="client", reason="flood", at=1.0)
def eight_hundred_messages_and_late_answers(film: Film) -> None:
    _flood(film, 800, 3.0)


@silent("F28")
def eight_hundred_messages_answered_at_once(film: Film) -> None:
    _flood(film, 800, 0.4)


@silent("F28")
def three_hundred_messages(film: Film) -> None:
    _flood(film, 300, 3.0)


def _unread(film: Film, seconds: float) -> None:
    tcp = film.tcp().socket(0.0, "/ws/firehose/").frame(1.0, False, 2, b"x" * 1000)
    tcp.packet(1.2, True, ACK, window=0)
    tcp.packet(1.2 + seconds, True, ACK, window=1000)


@fires("F28", side="client", reason="slow_reader")
def client_does_not_read_for_two_seconds(film: Film) -> None:
    _unread(film, 2.0)


@silent("F28")
def the_server_does_not_read(film: Film) -> None:
    tcp = film.tcp().socket(0.0, "/ws/upload/").frame(1.0, True, 2, b"x" * 1000)
    tcp.packet(1.2, False, ACK, window=0)
    tcp.packet(3.2, False, ACK, window=1000)


@silent("F28")
def six_hundred_messages_in_six_seconds(film: Film) -> None:
    tcp = film.tcp().socket(0.0, "/ws/echo/")
    data = frame(1, b"x", KEY) * 10
    for block in range(60):
        tcp.packet(1.0 + block * 0.1, True, PSH | ACK, data)
        tcp.seq[True] += len(data)
    tcp.text(30.0, False, "x")


@silent("F28")
def client_reads_again_soon(film: Film) -> None:
    _unread(film, 0.5)


# --- F29, F30 ----------------------------------------------------------------------------------------------------------


def _timed(film: Film, queries: tuple[int, ...], repeated: tuple[int, ...]) -> None:
    for number, (count, again) in enumerate(zip(queries, repeated, strict=True)):
        timing = f'Server-Timing: db;dur=1;desc="{count} queries", dup;desc="{again} repeated"\r\n'
        film.tcp().open(number).get(number + 0.1, f"/messages/?page_size={number}").answer(number + 0.2, headers=timing)


@fires("F29", side="application", connections=(0, 1, 2), confidence="certain")
def queries_grow_with_the_rows(film: Film) -> None:
    _timed(film, (11, 21, 41), (9, 19, 39))


@fires("F29", side="application", connections=(0,), confidence="likely")
def one_page_with_many_repeated_queries(film: Film) -> None:
    _timed(film, (41,), (39,))


@silent("F29")
def a_handful_of_repeated_queries(film: Film) -> None:
    _timed(film, (11, 11), (8, 8))


@silent("F29")
def many_queries_of_different_kinds(film: Film) -> None:
    _timed(film, (40,), (15,))


def _http(film: Film, status: str, headers: str = "", body: bytes = b"", **request: object) -> None:
    method, path = str(request.get("method", "GET")), str(request.get("path", "/"))
    sent = request.get("sent", b"")
    assert isinstance(sent, bytes)
    extra = str(request.get("extra", ""))
    film.tcp().open(0.0).get(0.1, path, extra, method=method, body=sent).answer(0.5, status, headers, body)


@fires("F30", side="client", reason="csrf")
def form_without_its_token(film: Film) -> None:
    _http(film, "403 Forbidden", body=b"<h1>Forbidden</h1> CSRF verification failed", method="POST", path="/form/")


@fires("F30", side="application", reason="wrong_host")
def host_that_django_does_not_know(film: Film) -> None:
    _http(film, "400 Bad Request", body=b"DisallowedHost at /")


@fires("F30", side="client", reason="post_without_slash")
def post_to_a_path_without_slash(film: Film) -> None:
    _http(film, "500 Internal Server Error", body=b"APPEND_SLASH", method="POST", path="/form", sent=b"a=1")


@fires("F30", side="client", reason="post_without_slash")
def post_redirected_to_the_slash(film: Film) -> None:
    _http(film, "301 Moved Permanently", "Location: /form/\r\n", method="POST", path="/form", sent=b"a=1")


@fires("F30", side="client", reason="body_too_big")
def form_larger_than_django_takes(film: Film) -> None:
    _http(film, "400 Bad Request", body=b"RequestDataTooBig", method="POST", path="/form/", sent=b"a=1")


@fires("F30", side="proxy", reason="upload_too_big")
def upload_larger_than_nginx_takes(film: Film) -> None:
    _http(film, "413 Request Entity Too Large", _NGINX, method="POST", path="/upload/", sent=b"a" * 100)


@fires("F30", side="proxy", reason="static_doubled")
def nginx_does_not_find_a_static_file(film: Film) -> None:
    _http(film, "404 Not Found", _NGINX, b"nginx", path="/static/a.js")


@fires("F30", side="application", reason="static_not_served")
def daphne_serves_no_static_files(film: Film) -> None:
    _http(film, "404 Not Found", "Server: daphne\r\n", path="/static/a.js")


@silent("F30")
def too_many_logins(film: Film) -> None:
    _http(film, "429 Too Many Requests", method="POST", path="/login/")


@silent("F30")
def page_not_found(film: Film) -> None:
    _http(film, "404 Not Found", path="/nothing/")


@silent("F30")
def get_redirected_to_the_slash(film: Film) -> None:
    _http(film, "301 Moved Permanently", "Location: /form/\r\n", path="/form")


@silent("F30")
def forbidden_for_another_reason(film: Film) -> None:
    _http(film, "403 Forbidden", body=b"not yours", method="POST", path="/form/")
