"""Cases of the TCP rules."""

from __future__ import annotations

from tests.packets import ACK, RST, SYN
from tests.rules.cases import fires, silent
from tests.rules.film import Film

# --- N2 ----------------------------------------------------------------------------------------------------------------


@fires("N2", packets=[1, 2], side="server", connections=(0,), at=0.0)
def syn_answered_by_reset(film: Film) -> None:
    tcp = film.tcp()
    tcp.packet(0.0, True, SYN, ack=0)
    tcp.packet(0.01, False, RST | ACK, seq=0, ack=1001)


@silent("N2")
def reset_after_the_handshake(film: Film) -> None:
    film.tcp().open(0.0).rst(0.1, False)


@silent("N2")
def the_client_itself_resets(film: Film) -> None:
    tcp = film.tcp()
    tcp.packet(0.0, True, SYN, ack=0)
    tcp.packet(0.01, True, RST, seq=1001, ack=0)
