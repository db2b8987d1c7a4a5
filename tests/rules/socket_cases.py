"""Cases of what rules share about sockets: their frames by time, their faults, how they end."""

from __future__ import annotations

import json

from tests.packets import ACK, PSH, RST, SYN
from tests.rules.cases import fires, silent
from tests.rules.film import Film, Tcp
from tests.websockets import KEY, frame

_UVICORN = "Server: uvicorn\r\n"
_SMALL: dict[str, float] = {"largest_message": 5000}


# --- the frame that led to an end --------------------------------------------------------------------------------------


@fires("F15", side="client", reason="text_not_utf8", packets=[8, 10])
def text_that_is_no_text(film: Film) -> None:
    film.tcp().socket(0.0).frame(0.5, True, 1, b"\xff").rst(0.52, False)


@fires("F15", settings=_SMALL, side="client", reason="too_big")
def fragments_above_the_limit_with_a_ping_between(film: Film) -> None:
    tcp = film.tcp().socket(0.0).frame(0.5, True, 2, b"x" * 3000, fin=False).frame(0.51, True, 9, b"beat")
    tcp.frame(0.52, True, 0, b"x" * 3000).rst(0.54, False)


@silent("F15", settings=_SMALL)
def messages_that_only_together_are_above_the_limit(film: Film) -> None:
    film.tcp().socket(0.0).frame(0.5, True, 2, b"x" * 3000).frame(0.51, True, 2, b"x" * 3000).rst(0.53, False)


@fires("F15", settings=_SMALL, side="client", reason="too_big", packets=[8, 11], at=0.5)
def large_message_whose_end_was_not_captured(film: Film) -> None:
    tcp, data = film.tcp().socket(0.0), frame(2, b"x" * 6000, KEY)
    tcp.packet(0.5, True, PSH | ACK, data[:5000])
    tcp.seq[True] += len(data)
    tcp.frame(0.505, True, 10, b"beat").rst(0.52, False)


@silent("F15")
def an_illegal_frame_after_the_server_had_closed(film: Film) -> None:
    tcp = film.tcp().socket(0.0).text(0.5, True, "hello").close(0.51, False, 1011)
    tcp.say(0.515, True, frame(1, b"hello")).rst(0.53, False)


# --- who is alive ------------------------------------------------------------------------------------------------------


def _say(tcp: Tcp, at: float, from_client: bool, text: str) -> None:
    tcp.text(at, from_client, json.dumps({"text": text}))


@silent("F22")
def a_deaf_member_that_only_says_goodbye(film: Film) -> None:
    members = [film.tcp().socket(number * 0.1) for number in range(3)]
    for number in range(5):
        _say(members[0], 2.0 + number, True, f"news {number}")
        for place, member in enumerate(members if not number else members[:2]):
            _say(member, 2.02 + number + place * 0.001, False, f"news {number}")
    for member in members:
        member.closed(14.0)


# --- ends --------------------------------------------------------------------------------------------------------------


@silent("F12")
def the_client_leaves_right_after_its_message(film: Film) -> None:
    film.tcp().socket(0.0, server=_UVICORN).text(0.5, True, '{"text": 1}').fin(0.51, True)


@silent("F12")
def the_client_closes_right_after_its_message(film: Film) -> None:
    film.tcp().socket(0.0, server=_UVICORN).text(0.5, True, '{"text": 1}').close(0.505, True).fin(0.51, False)


@silent("F12")
def uvicorn_resets_right_after_a_message(film: Film) -> None:
    film.tcp().socket(0.0, server=_UVICORN).text(0.5, True, '{"text": 1}').rst(0.51, False)


@silent("F18")
def uvicorn_ends_long_after_the_opening_and_soon_after_a_message(film: Film) -> None:
    film.tcp().socket(0.0, server=_UVICORN).text(30.0, True, '{"text": 1}').fin(30.5, False)


def _crash_of_two(film: Film) -> None:
    """uvicorn ends two sockets right after a message, and refuses the next connection."""
    members = [film.tcp().socket(number * 0.1, server=_UVICORN) for number in range(2)]
    _say(members[0], 2.0, True, "hello")
    for member in members:
        member.fin(2.05, False)
    again = film.tcp()
    again.packet(2.3, True, SYN, ack=0)
    again.packet(2.31, False, RST | ACK, seq=0, ack=1001)


@fires("F16", side="server", reason="refused_after")
def a_server_that_nobody_is_left_at(film: Film) -> None:
    film.tcp().socket(0.2, server=_UVICORN).close(1.0, True).close(1.01, False).fin(10.0, True)
    _crash_of_two(film)
    film.tcp().socket(5.0, server=_UVICORN)


@silent("F16")
def somebody_whose_handshake_was_not_captured_lives_on(film: Film) -> None:
    _crash_of_two(film)
    survivor = film.tcp()
    for number in range(8):
        _say(survivor, 0.5 + number, True, "I am here")
        _say(survivor, 0.6 + number, False, "I am here")
