"""Cases of servers and proxies whose program is not known: what only Channels does must not be claimed of them."""

from __future__ import annotations

import base64

from tests.rules.cases import fires, silent
from tests.rules.channels_film import UVICORN, nobody_listens
from tests.rules.film import SERVER, Film, Tcp

_NODE = ""
"""The ws library names no server."""


def _stranger(film: Film, at: float, path: str = "/ws/") -> Tcp:
    tcp = film.tcp().open(at).ask(at + 0.02, path).switch(at + 0.04, _NODE, upgrade="websocket")
    return tcp.text(at + 0.1, True, '{"n": 1}').text(at + 0.12, False, '{"n": 1}')


def _legs(film: Film, at: float, headers: str = _NODE, *, passed_on: bool = True) -> tuple[Tcp, Tcp]:
    """A socket through a proxy that does not name itself."""
    front, back = film.tcp(), film.tcp(8000, client=SERVER, server="10.0.0.3")
    front.websocket_key = back.websocket_key = base64.b64encode(b"%16d" % front.port).decode()
    front.open(at).ask(at + 0.02)
    back.open(at + 0.03).ask(at + 0.045)
    back.switch(at + 0.06, headers, upgrade="websocket")
    front.switch(at + 0.08, headers if passed_on else _NODE, upgrade="websocket")
    return front, back


# --- Close 1011 --------------------------------------------------------------------------------------------------------


@silent("F18")
@fires("W15", side="server", reason="1011")
def a_stranger_gives_an_idle_socket_up(film: Film) -> None:
    _stranger(film, 0.0).close(3.0, False, 1011).close(3.01, True, 1011).fin(3.02, False)


@silent("F19", "F13", "F16")
@fires("W15", 3, side="server", reason="1011")
def a_stranger_gives_all_idle_sockets_up(film: Film) -> None:
    for tcp in [_stranger(film, 0.1 * number) for number in range(3)]:
        tcp.close(3.0, False, 1011).close(3.01, True, 1011).fin(3.02, False)


@silent("F18", "F12")
def a_reason_was_given_for_an_idle_socket(film: Film) -> None:
    tcp = film.tcp().socket(0.0, server=UVICORN).text(0.1, True, "hello").text(0.12, False, "hello")
    tcp.close(0.9, False, 1011, b"backend lost").close(0.91, True, 1011).fin(0.92, False)


@silent("F13", "F19")
@fires("F12", connections=(0,), reason="invalid_json")
def one_message_and_all_are_closed_with_a_reason(film: Film) -> None:
    first, second = _stranger(film, 0.0), _stranger(film, 0.1)
    first.text(1.0, True, "kick")
    for tcp in (first, second):
        tcp.close(1.01, False, 1011, b"db gone").close(1.02, True, 1011).fin(1.03, False)


# --- no Close ----------------------------------------------------------------------------------------------------------


@silent("F13", "F12")
@fires("F16", side="server", reason="together", confidence="likely", rivals=(), connections=(0, 1))
def a_message_ends_the_process_of_a_stranger(film: Film) -> None:
    first, second = _stranger(film, 0.0), _stranger(film, 1.0)
    first.text(3.0, True, "crash").fin(3.003, False)
    second.fin(3.004, False)


@silent("F16", "F13", "F19")
@fires("F12", connections=(0,))
def a_stranger_ends_one_socket_of_two(film: Film) -> None:
    first, second = _stranger(film, 0.0), _stranger(film, 0.1)
    first.text(3.0, True, "crash").fin(3.003, False)
    second.text(4.0, True, "hello").text(4.02, False, "hello")


@silent("F16")
def a_stranger_ends_two_sockets_of_three(film: Film) -> None:
    for tcp in [_stranger(film, 0.1 * number) for number in range(3)][:2]:
        tcp.fin(3.0, False)


@fires(
    "F16", outcome="undecidable", side="unknown", rivals=("F10", "F16"), connections=(0, 1),
    why="The packets fit F10, F16; a capture between the proxy and the server tells them apart.",
)  # fmt: skip
def equal_silences_end_at_the_same_moment(film: Film) -> None:
    for tcp in [_stranger(film, 0.1 * number) for number in range(2)]:
        tcp.fin(3.0, False)


@silent("F10")
@fires("F16", reason="together", rivals=())
def unequal_silences_end_at_the_same_moment(film: Film) -> None:
    for tcp in [_stranger(film, float(number)) for number in range(2)]:
        tcp.fin(5.0, False)


@fires("F16", reason="together", rivals=())
def two_sockets_end_after_half_a_second(film: Film) -> None:
    for tcp in [_stranger(film, 0.1 * number) for number in range(2)]:
        tcp.fin(0.7, False)


@fires("F16", reason="refused_after", confidence="certain")
def the_stranger_is_gone(film: Film) -> None:
    for tcp in [_stranger(film, 0.1 * number) for number in range(2)]:
        tcp.fin(3.0, False)
    nobody_listens(film, 4.0)


# --- both legs ---------------------------------------------------------------------------------------------------------


@silent("F16")
@fires(
    "F10", side="proxy", reason="idle_unset", connections=(0, 1),
    says="Nothing was sent for 6.92 s, and the proxy ended its connections to both sides",
)  # fmt: skip
def a_proxy_ends_both_connections_after_a_silence(film: Film) -> None:
    front, back = _legs(film, 0.0)
    back.fin(7.001, True)
    front.fin(7.0, False)


@silent("F16")
@fires("F10", side="proxy", reason="idle_unset")
def a_proxy_ends_the_server_s_connection_first(film: Film) -> None:
    front, back = _legs(film, 0.0)
    back.fin(6.999, True)
    front.fin(7.0, False)


@silent("F16")
@fires("F10", side="proxy", reason="idle_unset")
def a_proxy_leaves_the_server_s_connection_open(film: Film) -> None:
    front, _ = _legs(film, 0.0)
    front.fin(7.0, False)


@silent("F10")
def the_server_ends_its_connection_to_the_proxy(film: Film) -> None:
    front, back = _legs(film, 0.0)
    back.fin(59.99, False)
    front.fin(60.0, False)


@silent("F10")
@fires("F16", side="proxy", reason="proxy", confidence="likely", connections=(0, 1))
def the_proxy_s_process_ends(film: Film) -> None:
    front, back = _legs(film, 0.0)
    front.text(0.5, True, "hello")
    back.fin(0.9, True)
    front.fin(0.901, False)


@fires("F13", connections=(0, 2, 1, 3))
def crash_of_a_uvicorn_behind_a_proxy(film: Film) -> None:
    first, second = _legs(film, 0.0, UVICORN), _legs(film, 0.2, UVICORN)
    first[0].text(1.0, True, '{"type": "x"}')
    for front, back in (first, second):
        back.fin(1.01, False)
        front.fin(1.02, False)


@fires("F13", connections=(0, 2, 1, 3))
def crash_of_a_uvicorn_behind_a_proxy_that_hides_it(film: Film) -> None:
    first, second = _legs(film, 0.0, UVICORN, passed_on=False), _legs(film, 0.2, UVICORN, passed_on=False)
    first[0].text(1.0, True, '{"type": "x"}')
    for front, back in (first, second):
        back.fin(1.01, False)
        front.fin(1.02, False)


@fires("F10", side="proxy", reason="idle_unset")
def the_server_follows_a_proxy_that_ended_the_client_s_connection(film: Film) -> None:
    front, back = _legs(film, 0.0)
    front.fin(7.0, False)
    back.fin(7.05, False)


@fires("F16", 1, side="proxy", reason="proxy", connections=(0, 1))
def the_proxy_s_process_ends_and_one_without_a_second_leg(film: Film) -> None:
    front, back = _legs(film, 0.0)
    other = _stranger(film, 0.3)
    front.text(0.5, True, "hello")
    back.fin(0.9, True)
    front.fin(0.901, False)
    other.fin(0.902, False)


@fires("F16", 2)
def the_proxy_s_process_ends_and_two_without_a_second_leg(film: Film) -> None:
    front, back = _legs(film, 0.0)
    others = [_stranger(film, 0.3 + 0.1 * number) for number in range(2)]
    front.text(0.5, True, "hello")
    back.fin(0.9, True)
    front.fin(0.901, False)
    for other in others:
        other.fin(0.902, False)


@fires("F16", reason="together", rivals=(), connections=(0, 2))
def another_server_lives_on(film: Film) -> None:
    for tcp in [_stranger(film, float(number)) for number in range(2)]:
        tcp.fin(5.0, False)
    other = film.tcp(81)
    other.websocket_key = base64.b64encode(b"another one 16 B").decode()
    other.open(0.0).ask(0.02, "/ws/").switch(0.04, _NODE, upgrade="websocket")
    other.text(6.0, True, "hello").text(6.02, False, "hello")


@silent("F16")
@fires("F12", connections=(0,))
def the_only_socket_of_a_stranger_ends(film: Film) -> None:
    _stranger(film, 0.0).text(1.0, True, "crash").fin(1.003, False)


@silent("F12")
def a_stranger_resets_after_a_message(film: Film) -> None:
    first, second = _stranger(film, 0.0), _stranger(film, 0.1)
    first.text(3.0, True, "crash").rst(3.003, False)
    second.text(4.0, True, "hello").text(4.02, False, "hello")


# --- parts of a conversation -------------------------------------------------------------------------------------------


@fires("R1", outcome="warn", side="unknown")
def a_reset_of_a_connection_whose_opening_was_not_captured(film: Film) -> None:
    film.tcp(50000).say(0.1, True, b"question").say(0.2, False, b"answer").rst(0.3, True)


@silent("F07")
def only_the_client_s_packets_were_captured(film: Film) -> None:
    film.tcp().open(0.0).ask(0.02).switch(0.04).fin(4.3, True)
    film.packets = [item for item in film.packets if item[1][26:30] == bytes([10, 0, 0, 1])]


@silent("W6")
def only_the_server_s_packets_were_captured(film: Film) -> None:
    film.tcp().socket(0.0).text(0.1, False, "hello").text(0.2, False, "hello").text(0.3, False, "hello").fin(1.0, True)
    film.packets = [item for item in film.packets if item[1][26:30] == bytes([10, 0, 0, 2])]


@fires("R1", side="server", says="by the server")
def a_reset_of_a_socket_whose_opening_was_not_captured(film: Film) -> None:
    tcp = film.tcp(50000)
    for number in range(3):
        tcp.text(0.1 + number, True, "hello").text(0.2 + number, False, "hello")
    tcp.text(4.0, True, "hello").rst(4.1, False)
