"""Cases of responses that end too early (H8)."""

from __future__ import annotations

from tests.packets import ACK
from tests.rules.cases import declines, fires, silent
from tests.rules.film import SERVER, Film
from tests.rules.websocket_cases import over_http2

_HALF = b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n" + b"x" * 900
_CHUNK = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n"


@fires(
    "H8", side="server", reason="cut", packets=[4, 6, 8], at=0.1, confidence="likely",
    says="GET /file HTTP/1.1: the server ended the connection in the middle of its response, by FIN",
)  # fmt: skip
def half_of_a_file(film: Film) -> None:
    film.tcp().open(0.0).get(0.1, "/file").say(0.2, False, _HALF).fin(0.3, False)


@fires("H8", reason="cut", says="by RST")
def chunks_without_an_end(film: Film) -> None:
    film.tcp().open(0.0).get(0.1).say(0.2, False, _CHUNK).rst(0.3, False)


@silent("R1")
@fires("H8", reason="unanswered", packets=[4, 6], says="the server ended the connection without a response, by FIN")
def nothing_instead_of_a_response(film: Film) -> None:
    film.tcp().open(0.0).get(0.1).fin(0.3, False)


@fires("H8", reason="unanswered", says="by RST")
def a_reset_instead_of_a_response(film: Film) -> None:
    film.tcp().open(0.0).get(0.1).rst(0.3, False)


@fires("H8", reason="unanswered", connections=(1, 2))
def the_server_behind_a_proxy_ends(film: Film) -> None:
    front = film.tcp().open(0.0).get(0.1).answer(0.12, headers="Server: nginx/1.22.1\r\n")
    front = film.tcp().open(0.0).get(0.1, "/page")
    back = film.tcp(8000, client=SERVER, server="10.0.0.3").open(0.11).get(0.15, "/page", "Via: 1.1 a\r\n")
    back.fin(0.2, False)
    front.fin(0.25, False)


@silent("H8")
def the_user_cancels_the_download(film: Film) -> None:
    film.tcp().open(0.0).get(0.1).say(0.2, False, _HALF).rst(0.3, True)


@silent("H8")
def a_download_at_the_end_of_the_capture(film: Film) -> None:
    film.tcp().open(0.0).get(0.1).say(0.2, False, _HALF)


@silent("H8")
def a_response_until_the_end(film: Film) -> None:
    film.tcp().open(0.0).get(0.1).say(0.2, False, b"HTTP/1.0 200 OK\r\n\r\nhello").fin(0.3, False)


@silent("H8")
def a_whole_response(film: Film) -> None:
    film.tcp().open(0.0).get(0.1).answer(0.2, body=b"hello").fin(0.3, False)


@silent("H8")
def a_response_of_which_the_capture_lost_a_part(film: Film) -> None:
    tcp = film.tcp().open(0.0).get(0.1).say(0.2, False, _HALF)
    tcp.seq[False] += 4100
    tcp.fin(0.3, False)


@silent("H8")
def a_response_that_was_acknowledged_and_not_captured(film: Film) -> None:
    tcp = film.tcp().open(0.0).get(0.1)
    tcp.packet(0.2, True, ACK, ack=tcp.seq[False] + 300)
    tcp.rst(0.3, False)


@silent("H8")
def a_request_meets_the_end_of_an_idle_connection(film: Film) -> None:
    film.tcp().open(0.0).get(0.1).answer(0.2).get(5.0).fin(5.001, False)


@silent("H8")
def a_first_request_meets_the_end_of_an_idle_connection(film: Film) -> None:
    film.tcp().open(0.0).fin(5.0, False, answered=False).get(5.001)


@silent("H8")
def a_handshake_without_an_answer_is_another_matter(film: Film) -> None:
    film.tcp().open(0.0).ask(0.1).fin(0.3, False)


@silent("H8")
def a_response_whose_request_was_not_captured(film: Film) -> None:
    film.tcp().open(0.0).say(0.2, False, _HALF).fin(0.3, False)


@silent("H8")
def packets_that_were_not_captured_whole(film: Film) -> None:
    film.tcp().open(0.0).get(0.1).say(0.2, False, _HALF).fin(0.3, False)
    film.packets = [(at, packet[:100], len(packet)) for at, packet, _ in film.packets]


@fires("H8", side="server", reason="cut")
def a_server_on_the_higher_port_whose_opening_was_not_captured(film: Film) -> None:
    film.tcp(50000).get(0.1).say(0.2, False, _HALF).fin(0.3, False)


@silent("H8")
def a_client_of_a_higher_port_cancels(film: Film) -> None:
    film.tcp(50000).get(0.1).say(0.2, False, _HALF).rst(0.3, True)


@silent("H8")
def the_end_tells_that_a_response_was_lost(film: Film) -> None:
    tcp = film.tcp().open(0.0).get(0.1)
    tcp.seq[False] += 300
    tcp.fin(0.3, False, answered=False)


@declines("H8", says="No HTTP request was seen.")
def nothing_but_bytes(film: Film) -> None:
    film.tcp().open(0.0).say(0.1, True, b"hello").fin(0.3, False)


@silent("H8")
def a_stream_of_http2_without_an_answer(film: Film) -> None:
    tcp = over_http2(film, (":method", "GET"))
    film.packets = [item for item in film.packets if item[0] < 0.035]
    tcp.seq[False] = 5001
    tcp.fin(0.3, False)
