"""Captures that lack what rules need: each must say that it cannot judge them, and what it misses."""

from __future__ import annotations

from inspector.model.grade import Grade
from tests.packets import ethernet, ipv4, udp
from tests.rules.cases import declines
from tests.rules.film import CLIENT, SERVER, Film


@declines(
    "C2", "F11", "N1", "N2", "N3", "N5", "N6", "N7", "N8", "R1", "R2", "R3", "R4", "R5", "S3",
    says="There is no TCP connection.",
)  # fmt: skip
@declines("D1", says="No DNS lookup was seen.")
def a_datagram(film: Film) -> None:
    film.add(0.0, ethernet(ipv4(udp(b"hello"), CLIENT, SERVER, 17)))


@declines(
    "C1", "C2", "N1", "N2", "N3", "N4", "N5", "N6", "N7", "N8", "R1", "R2", "R3", "R4", "R5", "S3",
    says="TCP and IP headers were made by the program that recorded this",
)  # fmt: skip
def a_page_that_a_proxy_recorded(film: Film) -> None:
    film.grade = Grade.TAPPED
    film.tcp().open(0.0).get(0.1).answer(0.2)


@declines(
    "F17", "H4", "W6", "W7", "W8", "W11", "W12", "W13", "W14", "W16",
    says="The bytes were written anew from what another program kept",
)  # fmt: skip
def a_socket_out_of_a_har(film: Film) -> None:
    film.grade = Grade.RECONSTRUCTED
    film.tcp().socket(0.0).text(1.0, True, "hello")


@declines("H6", "N3", "N6", "N8", "R4", "R5", "S1", says="Only one direction was captured.")
def a_request_whose_answer_went_another_way(film: Film) -> None:
    film.tcp().say(0.1, True, b"GET / HTTP/1.1\r\nHost: chat.example\r\n\r\n", acked=False)


@declines("N5", "S3", says="The beginning of the connection was not captured.")
def a_page_without_the_handshake(film: Film) -> None:
    film.tcp().get(0.1).answer(0.2)


@declines(
    "C1", "F10", "F29", "F30", "H1", "H3", "H4", "H5", "H6", "P1", "S1", "W2", "X1", "X3", "X4",
    says="No HTTP request was seen.",
)  # fmt: skip
@declines("L1", "L2", "L3", says="No TLS connection was seen.")
def bytes_of_another_protocol(film: Film) -> None:
    film.tcp(9999).open(0.0).say(0.1, True, b"\x01\x02\x03").say(0.2, False, b"\x04\x05\x06")


@declines("H2", says="No HTTP/2 was seen.")
@declines(
    "F01", "F02", "F03", "F04", "F05", "F06", "F07", "F08", "F09", "F27", "W1", "W3", "W4", "W5", "X2",
    says="No request for a WebSocket was seen.",
)  # fmt: skip
@declines("F24", "H7", says="The server's trace is needed")
def a_page(film: Film) -> None:
    film.tcp().open(0.0).get(0.1).answer(0.2)


@declines(
    "F12", "F13", "F14", "F15", "F16", "F17", "F18", "F19", "F20", "F21", "F22", "F23", "F25", "F26", "F28",
    "W6", "W7", "W8", "W9", "W10", "W11", "W12", "W13", "W14", "W15", "W16",
    says="No WebSocket was seen.",
)  # fmt: skip
def a_websocket_refused(film: Film) -> None:
    film.tcp().open(0.0).ask(0.1).answer(0.2, "403 Forbidden")
