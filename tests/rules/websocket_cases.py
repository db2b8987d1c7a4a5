"""Cases of the WebSocket rules."""

from __future__ import annotations

from tests.rules.cases import fires, silent
from tests.rules.film import Film

# --- W6 ----------------------------------------------------------------------------------------------------------------


@fires("W6", packets=[10], at=1.0)
def fin_without_close(film: Film) -> None:
    film.tcp().socket(0.0).text(0.5, True, "hello").fin(1.0, False)


@silent("W6")
def both_sent_close(film: Film) -> None:
    film.tcp().socket(0.0).text(0.5, True, "hello").closed(1.0)


@silent("W6")
def still_open(film: Film) -> None:
    film.tcp().socket(0.0).text(0.5, True, "hello")
