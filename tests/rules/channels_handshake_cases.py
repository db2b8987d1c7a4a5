"""Cases of handshakes that come to nothing (F01 to F09, F11); the bytes are those that these servers were seen to send."""

from __future__ import annotations

from tests.packets import ACK
from tests.rules.cases import fires, silent
from tests.rules.channels_film import DENIED, FAILED, HERE, NGINX, SESSION, UVICORN, crash, refused, uvicorn
from tests.rules.film import SERVER, Film


@fires("F01", side="application", reason="foreign_origin", packets=[4, 6], at=0.02)
def foreign_origin(film: Film) -> None:
    refused(film, "Origin: http://evil.example\r\n" + SESSION)


@fires("F01", side="application", reason="foreign_port", confidence="likely")
def same_host_other_port(film: Film) -> None:
    refused(film, "Origin: http://chat.example:3000\r\n" + SESSION)


@fires("F01", side="client", reason="no_origin")
def no_origin_with_a_session(film: Film) -> None:
    refused(film, SESSION)


@fires(
    "F01", outcome="undecidable", side="unknown", rivals=("F01", "F02"),
    why="The packets fit F01, F02; the server's trace or log tells them apart (--trace).",
)  # fmt: skip
def neither_origin_nor_cookie(film: Film) -> None:
    refused(film, "")


@fires("F01", side="application", reason="null_origin")
def page_without_an_origin_of_its_own(film: Film) -> None:
    refused(film, "Origin: null\r\n" + SESSION)


@silent("F01")
def origin_that_is_accepted_elsewhere(film: Film) -> None:
    film.tcp().socket(0.0, headers="Origin: http://other.example\r\n" + SESSION)
    refused(film, "Origin: http://other.example\r\n", at=1.0)


@silent("F01", "F02")
def forbidden_page_with_a_body(film: Film) -> None:
    film.tcp().open(0.0).ask(0.02, headers="Origin: http://evil.example\r\n").answer(
        0.04, "403 Forbidden", body=b"CSRF"
    )


@fires("F02", side="client", reason="no_cookie", confidence="certain")
def right_origin_no_cookie(film: Film) -> None:
    refused(film, HERE)


@fires("F02", side="client", reason="stale_cookie", confidence="likely")
def right_origin_stale_cookie(film: Film) -> None:
    refused(film, HERE + SESSION, b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nserver: uvicorn\r\n\r\n")


@silent("F02")
def foreign_origin_is_not_a_missing_login(film: Film) -> None:
    refused(film, "Origin: http://evil.example\r\n")


@fires("F03", side="server", reason="wsgi", confidence="certain")
def wsgi_answers_404(film: Film) -> None:
    film.tcp().open(0.0).ask(0.02).answer(0.04, "404 Not Found", "Server: WSGIServer/0.2 CPython/3.11\r\n", b"<html>")


@fires("F03", side="server", reason="plain_page")
def a_page_instead_of_an_upgrade(film: Film) -> None:
    film.tcp().open(0.0).ask(0.02).answer(0.04, "200 OK", body=b"<html>")


@silent("F03", "F09")
def too_many_handshakes(film: Film) -> None:
    film.tcp().open(0.0).ask(0.02).answer(0.04, "429 Too Many Requests", NGINX)


@silent("F03")
def daphne_itself_answers_404(film: Film) -> None:
    film.tcp().open(0.0).ask(0.02).answer(0.04, "404 Not Found", "Server: daphne\r\n", b"<html>")


@silent("F03", "F09")
def ordinary_page_not_found(film: Film) -> None:
    film.tcp().open(0.0).get(0.02, "/nothing").answer(0.04, "404 Not Found", "Server: WSGIServer/0.2\r\n", b"<html>")


@fires("F04", side="application", reason="missing_slash", confidence="certain")
def slash_is_missing(film: Film) -> None:
    film.tcp().socket(0.0, "/ws/chat/room/")
    refused(film, "", FAILED, 1.0, "/ws/chat/room")


@fires("F04", side="application", reason="misspelt", confidence="likely")
def two_letters_swapped(film: Film) -> None:
    film.tcp().socket(0.0, "/ws/chat/room/")
    refused(film, "", FAILED, 1.0, "/ws/chat/romo/")


@silent("F04")
def quite_another_path(film: Film) -> None:
    film.tcp().socket(0.0, "/ws/chat/room/")
    refused(film, "", FAILED, 1.0, "/ws/game/3/")


@fires("F05", side="application", reason="exception")
def failed_before_accept(film: Film) -> None:
    refused(film, HERE, FAILED)


@fires("F05", reason="exception", rivals=("F04",))
def failed_and_has_no_slash_as_others_have(film: Film) -> None:
    film.tcp().socket(0.0, "/ws/chat/room/")
    refused(film, "", FAILED, 1.0, "/ws/quite/another")


@silent("F05")
def failed_page_is_no_handshake(film: Film) -> None:
    film.tcp().open(0.0).get(0.02).answer(0.04, "500 Internal Server Error")


@fires("F06", side="application", reason="not_ascii", confidence="certain")
def korean_room_fails_ascii_room_works(film: Film) -> None:
    film.tcp().socket(0.0, "/ws/chat/lobby/")
    refused(film, "", FAILED, 1.0, "/ws/chat/%ED%95%9C%EA%B5%AD/")


@fires("F06", side="application", reason="too_long", packets=[6, 8], says="longer than 99")
@silent("F18", "F05")
def crash_right_after_a_long_name(film: Film) -> None:
    tcp = film.tcp().socket(0.0, "/ws/chat/" + "a" * 100 + "/")
    tcp.close(0.6, False, 1011).close(0.611, True, 1011).rst(0.62, False)


@fires("F06", side="application", reason="not_ascii")
def uvicorn_ends_a_korean_room_right_after_the_101(film: Film) -> None:
    tcp = film.tcp().open(0.0).ask(0.02, "/ws/chat/%ED%95%9C%EA%B5%AD/").switch(0.04, UVICORN, upgrade="websocket")
    tcp.fin(0.06, False)


@silent("F06")
def name_of_99_characters(film: Film) -> None:
    refused(film, "", FAILED, 0.0, "/ws/chat/" + "a" * 99 + "/")


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
    film.tcp().open(0.0).ask(0.02).answer(4.3, "502 Bad Gateway", NGINX)


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
    front.answer(0.08, "404 Not Found", NGINX, b"<html>")


@fires("F09", side="proxy", reason="connection_header")
def the_connection_header_is_missing(film: Film) -> None:
    refusal = b'HTTP/1.1 400 HTTP Connection headers do not include "upgrade"\r\nContent-Length: 0\r\n\r\n'
    film.tcp().open(0.0).ask(0.02).say(0.04, False, refusal)


@fires(
    "F09", outcome="undecidable", rivals=("F03", "F09"),
    why="The packets fit F03, F09; a capture between the proxy and the server tells them apart.",
)  # fmt: skip
def nginx_answers_404_and_the_other_leg_is_not_seen(film: Film) -> None:
    film.tcp().open(0.0).ask(0.02).answer(0.04, "404 Not Found", NGINX, b"<html>")


# --- F01, F02: which origins, which hosts ------------------------------------------------------------------------------


@fires("F01", side="application", reason="foreign_origin", says="Origin http://evil.example is not Host chat.example")
def origin_accepted_only_elsewhere(film: Film) -> None:
    """By another server, under another host, and another origin here."""
    evil = "Origin: http://evil.example\r\n"
    other = film.tcp(9000)
    other.websocket_key = "b3RoZXIgc2VydmVyLi4uLg=="
    other.open(0.0).ask(0.02, headers=evil).switch(0.04)
    film.tcp().open(0.1).ask(0.12, headers=evil, host="other.example").switch(0.14)
    film.tcp().socket(0.2, headers=HERE)
    refused(film, evil + SESSION, at=1.0)


@fires("F02", reason="no_cookie", confidence="likely")
@silent("F01")
def origin_accepted_elsewhere_without_a_cookie_here(film: Film) -> None:
    film.tcp().socket(0.0, headers="Origin: http://other.example\r\n" + SESSION)
    refused(film, "Origin: http://other.example\r\n", at=1.0)


@fires("F02", reason="stale_cookie", confidence="likely")
@silent("F01")
def origin_accepted_elsewhere_with_a_cookie_here(film: Film) -> None:
    film.tcp().socket(0.0, headers="Origin: http://other.example\r\n" + SESSION)
    refused(film, "Origin: http://other.example\r\n" + SESSION, at=1.0)


@fires("F02", reason="no_cookie")
@silent("F01")
def another_handshake_without_origin_is_accepted(film: Film) -> None:
    film.tcp().socket(0.0, headers=SESSION)
    refused(film, "", at=1.0)


@fires("F01", reason="foreign_origin")
def request_without_a_host(film: Film) -> None:
    tcp = film.tcp().open(0.0)
    tcp.say(0.02, True, _KEPT.replace("Host: chat.example\r\n", HERE + "Upgrade: websocket\r\n").encode())
    tcp.say(0.04, False, DENIED).fin(0.05, False)


@fires("F02", reason="no_cookie")
@silent("F01")
def port_that_is_the_scheme_s_own(film: Film) -> None:
    refused(film, "Origin: http://chat.example:80\r\n")


@fires("F01", reason="foreign_port")
def page_over_tls_and_socket_without(film: Film) -> None:
    refused(film, "Origin: https://chat.example\r\n")


# --- F03, F09 ----------------------------------------------------------------------------------------------------------


_OF_DJANGO = "Referrer-Policy: same-origin\r\n"


@fires("F03", side="server", reason="not_found", confidence="likely", says="/ws/chat/ was answered with 404")
def another_program_answers_404(film: Film) -> None:
    film.tcp().open(0.0).ask(0.02).answer(0.04, "404 Not Found", _OF_DJANGO, body=b"<html>")


@silent("F03", "F09", "F11")
def unknown_program_that_wants_another_method(film: Film) -> None:
    film.tcp().open(0.0).ask(0.02).answer(0.04, "405 Method Not Allowed", body=b"Request Header Or Cookie Too Large")


@fires("F03", side="server", reason="wsgi", connections=(0, 1))
@silent("F09")
def wsgi_behind_a_proxy(film: Film) -> None:
    front = film.tcp().open(0.0).ask(0.02)
    back = film.tcp(8000, client=SERVER, server="10.0.0.3").open(0.03).ask(0.045)
    back.answer(0.06, "404 Not Found", "Server: gunicorn\r\n", b"<html>").fin(0.07, False)
    front.answer(0.08, "404 Not Found", NGINX, b"<html>")


@fires("F03", side="server", reason="plain_page", connections=(0, 1), confidence="likely")
@silent("F09", "F01")
def page_behind_a_proxy_that_passes_the_upgrade_on(film: Film) -> None:
    front = film.tcp().open(0.0).ask(0.02)
    back = film.tcp(8000, client=SERVER, server="10.0.0.3").open(0.03).ask(0.045)
    back.answer(0.06, "200 OK", "", b"<html>").fin(0.07, False)
    front.answer(0.08, "200 OK", NGINX, b"<html>")


@fires("F09", side="proxy", reason="upgrade_stripped", connections=(0, 1), packets=[4, 15, 9])
def proxy_drops_the_upgrade_and_django_refuses_the_host(film: Film) -> None:
    front = film.tcp().open(0.0).ask(0.02, "/ws/chat/a/")
    back = film.tcp(8000, client=SERVER, server="10.0.0.3").open(0.03).say(0.045, True, _KEPT.encode())
    back.answer(0.06, "400 Bad Request", "Server: daphne\r\n", b"<html>").fin(0.07, False)
    front.answer(0.08, "400 Bad Request", NGINX, b"<html>")


# --- F04 to F06: paths -------------------------------------------------------------------------------------------------


def _typo(film: Film, path: str, worked: str = "/ws/chat/room/") -> None:
    film.tcp().socket(0.0, worked)
    refused(film, "", FAILED, 1.0, path)


@fires("F04", reason="misspelt", says="/ws/chat/rooom/ was answered with 500, /ws/chat/room/ with 101")
def one_letter_too_many(film: Film) -> None:
    _typo(film, "/ws/chat/rooom/")


@fires("F04", reason="misspelt")
def one_letter_too_few(film: Film) -> None:
    _typo(film, "/ws/chat/rom/")


@fires("F04", reason="misspelt")
def one_letter_wrong(film: Film) -> None:
    _typo(film, "/ws/chat/ruom/")


@silent("F04")
def two_letters_wrong(film: Film) -> None:
    _typo(film, "/ws/chat/ruum/")


@silent("F04")
def two_letters_swapped_and_one_wrong(film: Film) -> None:
    _typo(film, "/ws/chat/romo/2/", "/ws/chat/room/1/")


@silent("F04")
def quite_another_path_of_that_length(film: Film) -> None:
    _typo(film, "/xy/talk/file/")


@silent("F04")
@fires("F05", reason="exception", rivals=())
def path_that_works_at_other_times(film: Film) -> None:
    _typo(film, "/ws/chat/room/")


@fires("F05", reason="exception", rivals=())
def path_with_its_slash(film: Film) -> None:
    _typo(film, "/ws/quite/another/")


@fires("F05", reason="exception", rivals=())
def no_path_has_a_slash(film: Film) -> None:
    _typo(film, "/ws/quite/another", "/ws/chat/room")


@silent("F04")
def path_that_works_at_another_server(film: Film) -> None:
    uvicorn(film, 0.0, "/ws/chat/room/", server_port=9000)
    refused(film, "", FAILED, 1.0, "/ws/chat/room")


@fires(
    "F06",
    reason="characters",
    confidence="likely",
    rivals=("F05",),
    says="characters that a group's name must not have",
)
def room_with_a_space(film: Film) -> None:
    refused(film, "", FAILED, 1.0, "/ws/chat/my%20room/")


@fires("F06", reason="too_long", confidence="likely", rivals=("F05",))
def long_room_and_others_of_other_shapes(film: Film) -> None:
    """What worked is another consumer, a deeper path, or no better a name."""
    film.tcp().socket(0.0, "/ws/game/1/")
    film.tcp().socket(0.1, "/ws/chat/a/b/")
    film.tcp().socket(0.2, "/ws/chat/" + "b" * 100 + "/")
    refused(film, "", FAILED, 1.0, "/ws/chat/" + "a" * 100 + "/")


@silent("F06")
def korean_room_that_works_at_other_times(film: Film) -> None:
    _typo(film, "/ws/chat/%ED%95%9C%EA%B5%AD/", "/ws/chat/%ED%95%9C%EA%B5%AD/")


@silent("F06")
def korean_room_that_crashes_later(film: Film) -> None:
    crash(film.tcp().socket(0.0, "/ws/chat/%ED%95%9C%EA%B5%AD/"), 6.8)


@silent("F06")
def korean_room_that_crashes_by_a_message(film: Film) -> None:
    crash(film.tcp().socket(0.0, "/ws/chat/%ED%95%9C%EA%B5%AD/").text(0.1, True, "{"), 0.6)


@silent("F06")
def good_name_that_crashes_at_once(film: Film) -> None:
    crash(film.tcp().socket(0.0, "/ws/chat/room_1.a-b/"), 0.6)


# --- F07, F10, F11 -----------------------------------------------------------------------------------------------------

_LARGE = "Cookie: " + "a" * 17_000 + "\r\n"


@silent("F07", "F11")
def the_capture_ends_before_the_answer(film: Film) -> None:
    film.tcp().open(0.0).ask(0.02)
    film.tcp().socket(9.0)


@silent("F07")
def bytes_of_the_answer_were_lost(film: Film) -> None:
    tcp = film.tcp().open(0.0).ask(0.02)
    tcp.seq[False] += 145
    tcp.say(1.0, False, b"xx", acked=False).rst(4.5, False)


@fires("F07", confidence="certain", rivals=(), packets=[4, 17], says="got no answer for 4.48 s")
@silent("F11")
def large_headers_and_no_answer_for_long(film: Film) -> None:
    film.tcp().open(0.0).ask(0.02, headers=_LARGE).rst(4.5, False)


@fires("F07", confidence="likely")
@silent("F11")
def client_that_gives_up_after_4_5_s(film: Film) -> None:
    film.tcp().open(0.0).ask(0.02).fin(4.5, True)


@silent("F11", "F07")
def client_with_large_headers_that_leaves_at_once(film: Film) -> None:
    film.tcp().open(0.0).ask(0.02, headers=_LARGE).fin(0.1, True)


@fires("F10", reason="gateway_timeout", side="application", settings={"proxy_timeout": 4.5})
@silent("F07")
def handshake_that_the_proxy_gave_up_after_4_5_s(film: Film) -> None:
    film.tcp().open(0.0).ask(0.02).answer(4.5, "504 Gateway Time-out", NGINX)


@fires("F10", reason="bad_gateway", side="server", says="502 after 9.48 s")
@silent("F07")
def handshake_answered_with_502_after_9_5_s(film: Film) -> None:
    film.tcp().open(0.0).ask(0.02).answer(9.5, "502 Bad Gateway", NGINX)


@fires("F07", connections=(0, 1), confidence="certain")
def no_answer_behind_a_proxy(film: Film) -> None:
    front = film.tcp().open(0.0).ask(0.02)
    back = film.tcp(8000, client=SERVER, server="10.0.0.3").open(0.03).ask(0.045)
    back.rst(4.5, False)
    front.answer(4.52, "502 Bad Gateway", NGINX)


# --- F08 ---------------------------------------------------------------------------------------------------------------

_OFFER = "Sec-WebSocket-Protocol: chat.v1\r\n"


@fires("F08", reason="none_chosen", packets=[4, 6, 8], says="subprotocol chat.v1")
def browser_closes_without_its_subprotocol(film: Film) -> None:
    tcp = film.tcp().socket(0.0, headers=_OFFER)
    tcp.close(0.1, True, None).close(0.11, False, 1000).fin(0.12, False)


@silent("F08")
def subprotocol_that_was_chosen(film: Film) -> None:
    film.tcp().socket(0.0, headers=_OFFER, server="Server: daphne\r\n" + _OFFER).fin(0.1, True)


@silent("F08")
def the_server_ends_it_at_once(film: Film) -> None:
    film.tcp().socket(0.0, headers=_OFFER).fin(0.1, False)


@silent("F08")
def client_stays_for_a_while(film: Film) -> None:
    film.tcp().socket(0.0, headers=_OFFER).fin(2.0, True)
    film.tcp().socket(3.0, headers=_OFFER)


@silent("F08")
def switched_to_something_else(film: Film) -> None:
    tcp = film.tcp().open(0.0).ask(0.02, headers=_OFFER)
    tcp.say(0.04, False, b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\n").fin(
        0.1, True
    )


# --- servers that are no Daphne ----------------------------------------------------------------------------------------


def _node(film: Film, at: float, path: str, headers: str = "") -> None:
    film.tcp().open(at).ask(at + 0.02, path, headers).switch(at + 0.04, "", upgrade="websocket")


@silent("F04")
@fires("F03", outcome="undecidable", side="unknown", rivals=("F03", "F04"))
def a_stranger_answers_404(film: Film) -> None:
    film.tcp().open(0.0).ask(0.02).answer(0.04, "404 Not Found", body=b"Not Found")


@silent("F03", "F09")
@fires(
    "F04", side="application", reason="elsewhere", confidence="likely",
    says="/nope was answered with 404, /ws with 101: the server speaks WebSocket, at another path",
)  # fmt: skip
def a_stranger_answers_404_and_grants_another_path(film: Film) -> None:
    _node(film, 0.0, "/ws")
    film.tcp().open(1.0).ask(1.02, "/nope").answer(1.04, "404 Not Found", body=b"Not Found")


@fires("F04", reason="elsewhere", confidence="certain", says="/ws with 101")
def a_stranger_answers_404_to_a_slip(film: Film) -> None:
    _node(film, 0.0, "/quite/another")
    _node(film, 0.1, "/ws")
    film.tcp().open(1.0).ask(1.02, "/wss").answer(1.04, "404 Not Found", body=b"Not Found")


@silent("F03", "F04", "F09")
def a_path_that_is_granted_later(film: Film) -> None:
    film.tcp().open(0.0).ask(0.02, "/ws").answer(0.04, "404 Not Found", body=b"Not Found")
    _node(film, 1.0, "/ws")


@silent("F09")
def a_path_that_a_proxy_grants_later(film: Film) -> None:
    film.tcp().open(0.0).ask(0.02, "/ws").answer(0.04, "404 Not Found", NGINX, b"Not Found")
    film.tcp().open(1.0).ask(1.02, "/ws").switch(1.04, NGINX, upgrade="websocket")


@silent("F04")
def a_stranger_grants_one_path_and_finds_a_mistake_at_another(film: Film) -> None:
    _node(film, 0.0, "/ws")
    film.tcp().open(1.0).ask(1.02, "/nope").answer(1.04, "400 Bad Request", body=b"Bad Request")


@silent("F04")
@fires("F03", outcome="undecidable")
def another_server_grants_the_path(film: Film) -> None:
    film.tcp().open(0.0).ask(0.02, "/nope").answer(0.04, "404 Not Found", body=b"Not Found")
    other = film.tcp(9000)
    other.websocket_key = "b3RoZXIgc2VydmVyLi4uLg=="
    other.open(1.0).ask(1.02).switch(1.04)


_UNROUTED = b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nServer: uvicorn\r\n\r\n"


@fires(
    "F02", outcome="undecidable", side="unknown", rivals=("F02", "F04"),
    why="The packets fit F02, F04; the server's trace or log tells them apart (--trace).",
)  # fmt: skip
def starlette_knows_no_such_path(film: Film) -> None:
    _node(film, 0.0, "/ws", HERE)
    refused(film, HERE, _UNROUTED, 1.0, "/nothing")


@fires("F02", outcome="undecidable")
def a_cookie_at_another_server_makes_none(film: Film) -> None:
    _node(film, 0.0, "/ws", HERE)
    other = film.tcp(9000)
    other.websocket_key = "b3RoZXIgc2VydmVyLi4uLg=="
    other.open(0.5).ask(0.6, "/ws", HERE + SESSION).switch(0.7)
    refused(film, HERE, _UNROUTED, 1.0, "/nothing")


@fires("F02", confidence="likely")
def a_cookie_makes_the_difference(film: Film) -> None:
    _node(film, 0.0, "/ws", HERE + SESSION)
    refused(film, HERE, _UNROUTED, 1.0, "/nothing")


@fires("F02", confidence="likely")
def the_same_path_was_granted(film: Film) -> None:
    _node(film, 0.0, "/ws", HERE)
    _node(film, 0.1, "/nothing", HERE)
    refused(film, HERE, _UNROUTED, 1.0, "/nothing")


@fires("F02", confidence="likely")
def granted_at_another_server_or_origin(film: Film) -> None:
    _node(film, 0.0, "/nothing", HERE)
    _node(film, 0.1, "/ws", "Origin: http://other.example\r\n")
    refused(film, HERE, _UNROUTED, 1.0, "/nothing")


@fires("F02", confidence="likely")
def daphne_does_not_answer_403_without_a_route(film: Film) -> None:
    film.tcp().socket(0.0, "/ws", HERE)
    refused(film, HERE, at=1.0, path="/nothing")


@silent("F09")
@fires("F11", side="client", reason="plain_to_tls_port")
def a_handshake_without_tls_to_a_tls_port(film: Film) -> None:
    page = b"<center>The plain HTTP request was sent to HTTPS port</center>"
    film.tcp().open(0.0).ask(0.02).answer(0.04, "400 Bad Request", NGINX, page)


@silent("F11")
def a_page_that_tells_of_a_tls_port(film: Film) -> None:
    page = b"What means: The plain HTTP request was sent to HTTPS port?"
    film.tcp().open(0.0).ask(0.02).answer(0.04, "404 Not Found", NGINX, page)


def _page(film: Film, origin: str, body: bytes) -> None:
    film.tcp().open(0.0).ask(0.02, headers=origin).answer(0.04, "403 Forbidden", body=body)


@fires(
    "F01", side="application", reason="told", says="Origin http://evil.example is not Host chat.example, and the 403"
)
def tornado_refuses_an_origin(film: Film) -> None:
    _page(film, "Origin: http://evil.example\r\n", b"Cross origin websockets not allowed")


@silent("F01", "F02")
def a_page_about_origins_for_the_own_origin(film: Film) -> None:
    _page(film, HERE, b"Cross origin websockets not allowed")


@silent("F01", "F02")
def a_page_about_origins_without_one(film: Film) -> None:
    _page(film, "", b"Cross origin websockets not allowed")
