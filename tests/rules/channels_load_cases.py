"""Cases of servers that stand still and clients that ask too much (F26 to F28)."""

from __future__ import annotations

import base64

from tests.packets import ACK, PSH
from tests.rules.cases import fires, silent
from tests.rules.channels_film import echoes, ping
from tests.rules.film import SERVER, Film
from tests.websockets import KEY, frame


@fires("F26", side="application", reason="loop_blocked", connections=(0, 1, 2), at=2.0)
def sockets_and_a_page_wait_together(film: Film) -> None:
    echoes(film, 1.5, page=1.4)


@fires("F26", side="application", reason="thread_blocked", connections=(0, 1))
def sockets_wait_and_a_page_does_not(film: Film) -> None:
    echoes(film, 1.5, page=0.02)


@fires("F26", side="application", reason="blocked", connections=(0, 1))
def sockets_wait_and_no_page_is_asked_for(film: Film) -> None:
    echoes(film, 1.5)


@silent("F26")
def a_short_pause(film: Film) -> None:
    echoes(film, 0.3)


@silent("F26")
def only_one_socket_waits(film: Film) -> None:
    echoes(film, 1.5, second=0.02)


@silent("F26")
def sockets_wait_for_different_things(film: Film) -> None:
    echoes(film, 1.5, second=2.5)


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


@silent("F27")
def a_room_opened_by_one_host_in_one_go(film: Film) -> None:
    """Six sockets 2 ms apart, and a second later all end."""
    for number in range(6):
        film.tcp(rtt=0.0001).socket(number * 0.002).fin(1.0 + number * 0.001, False)


@fires("F27", outcome="warn", connections=tuple(range(0, 12, 2)) + tuple(range(1, 12, 2)))
def reconnects_through_a_proxy_with_both_legs(film: Film) -> None:
    for number in range(6):
        at, key = number * 3.0, base64.b64encode(f"attempt {number:8}".encode()).decode()
        front = film.tcp()
        back = film.tcp(8000, client=SERVER, server="10.0.0.3")
        front.websocket_key = back.websocket_key = key
        front.open(at).ask(at + 0.02)
        back.open(at + 0.03).ask(at + 0.045).switch(at + 0.06).fin(at + 0.2, False)
        front.switch(at + 0.08).fin(at + 0.21, False)


@silent("F28")
def a_download_that_is_not_read(film: Film) -> None:
    film.tcp().socket(0.0)
    tcp = film.tcp().open(0.0).get(0.02).answer(0.05, body=b"x" * 1000)
    tcp.packet(1.2, True, ACK, window=0)
    tcp.packet(3.2, True, ACK, window=1000)


@silent("F28")
def eight_hundred_messages_to_a_sink(film: Film) -> None:
    """Nobody answers, so nobody lags behind."""
    tcp = film.tcp().socket(0.0, "/ws/upload/")
    data = b"".join(frame(1, b"x", KEY) for _ in range(100))
    for block in range(8):
        tcp.packet(1.0 + block * 0.05, True, PSH | ACK, data)
        tcp.seq[True] += len(data)
    film.tcp().socket(2.0)


# --- F26: whose waits belong together ------------------------------------------------------------------------------------


@silent("F26")
def slow_answers_one_after_the_other(film: Film) -> None:
    """Each took half a second, and the server worked all the time."""
    for number in range(3):
        tcp = film.tcp().socket(number * 0.1, "/ws/echo/")
        for step in range(5):
            tcp.text(1.0 + step * 0.1, True, f"a{step}").text(1.011 + step * 0.1, False, f"a{step}")
        tcp.text(3.0 + number * 0.14, True, "slow").text(3.52 + number * 0.14, False, "slow")


@silent("F26")
def sockets_that_are_always_slow(film: Film) -> None:
    for number in range(2):
        tcp = film.tcp().socket(number * 0.1, "/ws/report/")
        for step in range(4):
            tcp.text(0.2 + step * 0.45, True, f"r{step}").text(0.6 + step * 0.45, False, f"r{step}")
        tcp.text(2.0 + number * 0.03, True, "report").text(3.5, False, "report")


@fires("F26", reason="blocked", connections=(0, 1), says="2 sockets waited together for 1.5")
def pages_that_tell_nothing(film: Film) -> None:
    """Before and after the pause, shortly before its end, of another server, never answered; and a listener says nothing."""
    echoes(film, 1.5)
    for at, after in ((1.9, 0.02), (4.0, 0.3), (3.4, 0.2)):
        film.tcp().open(at - 0.1).get(at, "/healthz").answer(at + after)
    film.tcp(9000).open(2.1).get(2.2, "/healthz").answer(2.22)
    film.tcp().open(2.1).get(2.2, "/healthz")
    film.tcp().socket(0.5, "/ws/feed/").text(4.0, False, "news")
    film.tcp().socket(0.6, "/ws/sink/").text(4.0, True, "x")


def _pinged(film: Film, phases: tuple[float | None, float | None]) -> None:
    """Echo sockets with the phases of their pings, which wait at the same time."""
    for number, phase in enumerate(phases):
        tcp = film.tcp().socket(number * 0.1, "/ws/echo/")
        if phase is not None:
            ping(tcp, 0.5, 1, phase=phase)
        for step in range(5):
            tcp.text(1.0 + step * 0.1, True, f"a{step}").text(1.011 + step * 0.1, False, f"a{step}")
        tcp.text(2.0, True, "last").text(3.5, False, "last")


@silent("F26")
def one_socket_of_each_of_two_processes(film: Film) -> None:
    _pinged(film, (0.0, 0.5))


@fires("F26")
def a_socket_that_was_never_pinged(film: Film) -> None:
    _pinged(film, (0.0, None))


@silent("F26")
def one_socket_of_each_of_two_servers(film: Film) -> None:
    for number in range(2):
        tcp = film.tcp(8000 + number)
        tcp.websocket_key = base64.b64encode(f"server {number:9}".encode()).decode()
        tcp.socket(number * 0.1, "/ws/echo/")
        for step in range(5):
            tcp.text(1.0 + step * 0.1, True, f"a{step}").text(1.011 + step * 0.1, False, f"a{step}")
        tcp.text(2.0, True, "last").text(3.5, False, "last")


@fires("F26", reason="thread_blocked", connections=(0, 1))
def sockets_wait_and_a_slow_page_does_not(film: Film) -> None:
    echoes(film, 1.5, page=0.4)
