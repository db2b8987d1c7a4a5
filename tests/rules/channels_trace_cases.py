"""Cases of what only the server's trace tells (F14, F24); the events are those of docs/trace.md."""

from __future__ import annotations

from tests.rules.cases import fires, silent
from tests.rules.channels_film import UVICORN, json
from tests.rules.film import CLIENT, SERVER, Film, Tcp

# --- F24: stale members ------------------------------------------------------------------------------------------------


def _member(film: Film, *events: str, group: str = "room", channel: str = "c1", conn: object = "x") -> None:
    for number, kind in enumerate(events):
        film.tell(kind, number, group=group, channel=channel, conn=conn)


@fires("F24", outcome="warn", says="Group room: 1 channels ended and were never taken out of it", at=1.0)
def channel_ended_and_was_never_taken_out(film: Film) -> None:
    film.tcp().socket(0.0)
    _member(film, "group_add", "end")


@fires("F24", 2, outcome="warn", says="Group a: 1 channels ended")
def stale_in_one_group_of_several(film: Film) -> None:
    film.tcp().socket(0.0)
    _member(film, "group_add", "end", group="b", channel="c1", conn="x")
    _member(film, "group_add", "end", group="a", channel="c2", conn="y")
    _member(film, "group_add", group="a", channel="c3", conn="z")


@silent("F24")
def channel_was_taken_out(film: Film) -> None:
    film.tcp().socket(0.0)
    _member(film, "group_add", "group_discard", "end")


@silent("F24")
def channel_still_lives(film: Film) -> None:
    film.tcp().socket(0.0)
    _member(film, "group_add", "group_send")


@silent("F24")
def channels_of_no_connection(film: Film) -> None:
    """Workers join groups, too, and their channels end with no socket."""
    film.tcp().socket(0.0)
    _member(film, "group_add", "end", conn=None)
    _member(film, "open", "end", conn="x")


# --- F14: reasons that were dropped ------------------------------------------------------------------------------------


def _opened(film: Film, tcp: Tcp, conn: str = "x", kind: str = "websocket") -> Tcp:
    ends = {"client": [CLIENT, tcp.port], "server": [SERVER, tcp.server_port]}
    film.tell("open", 0.02, conn=conn, kind=kind, **ends)
    return tcp


def _closed(tcp: Tcp, code: int, reason: bytes = b"") -> Tcp:
    return tcp.close(1.0, False, code, reason).close(1.01, True, code).rst(1.02, False)


@fires("F14", outcome="warn", side="server", reason="reason_dropped", severity="info", says="closed with 4001 and")
def reason_that_daphne_drops(film: Film) -> None:
    _closed(_opened(film, film.tcp().socket(0.0)), 4001)
    film.tell("close", 0.99, conn="x", code=4001, has_reason=True)


@silent("F14")
def closed_without_a_reason(film: Film) -> None:
    _closed(_opened(film, film.tcp().socket(0.0)), 4001)
    film.tell("close", 0.99, conn="x", code=4001, has_reason=False)


@silent("F14")
def reason_that_arrives(film: Film) -> None:
    _closed(_opened(film, film.tcp().socket(0.0, server=UVICORN)), 4001, b"kicked")
    film.tell("close", 0.99, conn="x", code=4001, has_reason=True)


@silent("F14")
def another_code_than_was_asked_for(film: Film) -> None:
    _closed(_opened(film, film.tcp().socket(0.0)), 1000)
    film.tell("close", 0.99, conn="x", code=4001, has_reason=True)


@silent("F14")
def close_that_never_left(film: Film) -> None:
    _opened(film, film.tcp().socket(0.0)).text(0.5, True, "x")
    film.tell("close", 0.99, conn="x", code=4001, has_reason=True)
    film.tell("close", 0.99, conn="of another capture", code=4001, has_reason=True)


# --- F14: without the trace --------------------------------------------------------------------------------------------


@fires(
    "F14", outcome="undecidable", side="server", reason="reason_dropped", severity="info", packets=[8],
    says="closed with 4001; the Close frame carries no reason",
)  # fmt: skip
def daphne_closes_and_says_nothing(film: Film) -> None:
    _closed(film.tcp().socket(0.0), 4001)


@fires("F14", outcome="undecidable")
def the_answer_was_to_another_message(film: Film) -> None:
    tcp = film.tcp().socket(0.0)
    json(json(json(tcp, 0.95, True, text="hi"), 0.96, False, text="hi"), 0.98, True, type="kick")
    _closed(tcp, 4001)


@fires("F14", outcome="undecidable")
def the_last_word_was_long_before(film: Film) -> None:
    _closed(json(film.tcp().socket(0.0), 0.5, False, text="hi"), 4001)


@silent("F14")
def the_reason_comes_as_a_message(film: Film) -> None:
    _closed(json(film.tcp().socket(0.0), 0.99, False, type="closed", reason="kicked"), 4001)


@silent("F14")
def the_reason_comes_as_an_answer(film: Film) -> None:
    tcp = json(film.tcp().socket(0.0), 0.95, True, type="kick")
    _closed(json(tcp, 0.99, False, type="closed", reason="kicked"), 4001)


@silent("F14")
def another_server_gives_no_reason(film: Film) -> None:
    _closed(film.tcp().open(0.0).ask(0.02).switch(0.04, UVICORN, upgrade="websocket"), 4001)


@silent("F14")
def a_reason_behind_daphne_s_name(film: Film) -> None:
    _closed(film.tcp().socket(0.0), 4001, b"kicked")


@silent("F14")
def daphne_closes_normally(film: Film) -> None:
    _closed(film.tcp().socket(0.0), 1000)
    film.tcp().socket(0.5).text(0.6, True, "x")
