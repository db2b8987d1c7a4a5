"""Cases of connections that a proxy opens for others: what is said on both is told once."""

from __future__ import annotations

from tests.packets import ACK, RST, SYN
from tests.rules.cases import fires
from tests.rules.film import Film, Tcp

_NGINX = "Server: nginx/1.22.1\r\n"
_FORWARDED = "X-Forwarded-For: 10.0.0.1\r\n"
_BUSY, _BAD = "503 Service Unavailable", "502 Bad Gateway"


def _back(film: Film, at: float) -> Tcp:
    """A connection of the server 10.0.0.2 to one behind it."""
    return film.tcp(8000, client="10.0.0.2", server="10.0.0.3").open(at)


def _refused(film: Film, at: float, *, server: str = "10.0.0.3", port: int = 8000) -> None:
    tcp = film.tcp(port, client="10.0.0.2", server=server)
    tcp.packet(at, True, SYN, ack=0)
    tcp.packet(at + 0.001, False, RST | ACK, seq=0, ack=1001)


# --- ordinary requests -------------------------------------------------------------------------------------------------


@fires("H1", connections=(0, 1), at=0.1)
def a_proxy_passes_a_request_and_its_answer_on(film: Film) -> None:
    front = film.tcp().open(0.0).get(0.1, "/page")
    _back(film, 0.11).get(0.15, "/page", _FORWARDED).answer(0.2, _BUSY)
    front.answer(0.25, _BUSY, _NGINX)
    film.tcp().open(1.0).get(1.1, "/page")  # not answered


@fires("H1", 2, connections=(0,))
def another_method_behind_the_proxy(film: Film) -> None:
    front = film.tcp().open(0.0).get(0.1, "/page")
    _back(film, 0.11).get(0.15, "/page", _FORWARDED, method="DELETE").answer(0.2, _BUSY)
    front.answer(0.25, _BUSY, _NGINX)


@fires("H1", 2, connections=(0,))
def another_page_behind_the_proxy(film: Film) -> None:
    front = film.tcp().open(0.0).get(0.1, "/page")
    _back(film, 0.11).get(0.15, "/other", _FORWARDED).answer(0.2, _BUSY)
    front.answer(0.25, _BUSY, _NGINX)


@fires("H1", 2, connections=(0,))
def a_server_that_is_no_known_proxy(film: Film) -> None:
    front = film.tcp().open(0.0).get(0.1, "/page")
    _back(film, 0.11).get(0.15, "/page", _FORWARDED).answer(0.2, _BUSY)
    front.answer(0.25, _BUSY)


@fires("H1", 2, connections=(0,))
def asked_behind_the_proxy_after_its_answer(film: Film) -> None:
    film.tcp().open(0.0).get(0.1, "/page").answer(0.25, _BUSY, _NGINX)
    _back(film, 1.0).get(1.1, "/page", _FORWARDED).answer(1.2, _BUSY)


@fires("H1", 2, connections=(0,))
def asked_elsewhere_without_a_word_of_a_proxy(film: Film) -> None:
    front = film.tcp().open(0.0).get(0.1, "/page")
    _back(film, 0.11).get(0.15, "/page").answer(0.2, _BUSY)
    front.answer(0.25, _BUSY, _NGINX)


@fires("H1", connections=(0,))
def a_proxy_that_is_itself_behind_one(film: Film) -> None:
    film.tcp().open(0.0).get(0.1, "/page", _FORWARDED).answer(0.25, _BUSY, _NGINX)


# --- 502 ---------------------------------------------------------------------------------------------------------------


@fires("H1", connections=(0, 1))
def refused_while_the_proxy_was_asked(film: Film) -> None:
    front = film.tcp().open(0.0).get(0.1, "/page")
    _refused(film, 0.15)
    front.answer(0.2, _BAD, _NGINX)


@fires("H1", connections=(0,))
def refused_before_the_proxy_was_asked(film: Film) -> None:
    front = film.tcp().open(0.0)
    _refused(film, 0.05)
    front.get(0.1, "/page").answer(0.2, _BAD, _NGINX)


@fires("H1", connections=(0,))
def refused_after_the_proxy_had_answered(film: Film) -> None:
    film.tcp().open(0.0).get(0.1, "/page").answer(0.2, _BAD, _NGINX)
    _refused(film, 0.25)


@fires("H1", connections=(0,))
def the_proxy_itself_refuses_somebody(film: Film) -> None:
    front = film.tcp().open(0.0).get(0.1, "/page")
    _refused(film, 0.15, server="10.0.0.2", port=80)
    front.answer(0.2, _BAD, _NGINX)


@fires("H1", 2, connections=(0,))
def one_refusal_is_of_what_was_answered_first(film: Film) -> None:
    first, second = film.tcp().open(0.0).get(0.1, "/page"), film.tcp().open(0.01).get(0.12, "/other")
    _refused(film, 0.15)
    second.answer(0.2, _BAD, _NGINX)
    first.answer(0.9, _BAD, _NGINX)


@fires("H1", 2, connections=(0, 3))
def two_refusals_for_two_answers(film: Film) -> None:
    first, second = film.tcp().open(0.0).get(0.1, "/page"), film.tcp().open(0.01).get(0.12, "/other")
    _refused(film, 0.15)
    _refused(film, 0.3)
    second.answer(0.2, _BAD, _NGINX)
    first.answer(0.9, _BAD, _NGINX)


@fires("H1", connections=(1, 2))
def a_502_whose_request_was_not_captured(film: Film) -> None:
    film.tcp().answer(0.05, _BAD, _NGINX)
    front = film.tcp().open(0.06).get(0.1, "/page")
    _refused(film, 0.15)
    front.answer(0.2, _BAD, _NGINX)


# --- handshakes --------------------------------------------------------------------------------------------------------


@fires("W1", 2, connections=(0,))
def the_same_key_much_later(film: Film) -> None:
    film.tcp().open(0.0).ask(0.02).answer(0.04, _BUSY)
    film.tcp(8000, server="10.0.0.3").open(20.0).ask(20.02).answer(20.04, _BUSY)


@fires("W1", 2, connections=(0,))
def the_same_key_at_the_same_server(film: Film) -> None:
    film.tcp().open(0.0).ask(0.02).answer(0.04, _BUSY)
    film.tcp().open(1.0).ask(1.02).answer(1.04, _BUSY)
