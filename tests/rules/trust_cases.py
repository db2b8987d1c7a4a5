"""Cases of the checks of the capture itself."""

from __future__ import annotations

import struct

from inspector.model.grade import Grade
from tests.blocks import block
from tests.packets import ACK, FIN, PSH, SYN, ethernet, icmp, ipv4
from tests.packets import tcp as segment
from tests.rules.cases import declines, fires, silent
from tests.rules.film import CLIENT, SERVER, Film, Tcp

_BIG = b"x" * 1400


def _syn(film: Film, at: float, port: int = 80) -> Tcp:
    talk = film.tcp(port)
    talk.packet(at, True, SYN, ack=0)
    talk.seq[True] += 1
    return talk


def _made(film: Film) -> Film:
    """What a proxy recorded, beside real packets."""
    film.beside = Film(grade=Grade.TAPPED, _ports=50000)
    return film.beside


def _quoted(film: Film, at: float, segment: bytes) -> None:
    """An ICMP error about a segment of the client."""
    film.add(at, ethernet(ipv4(icmp(3, ipv4(segment, CLIENT, SERVER)), "10.0.0.254", CLIENT, protocol=1)))


# --- T1 to T8 ----------------------------------------------------------------------------------------------------------------


@fires("T1", outcome="warn", severity="info")
def handshakes_that_contradict_each_other(film: Film) -> None:
    for at, first, second in ((0.0, 0.05, 0.001), (1.0, 0.001, 0.05)):
        tcp = _syn(film, at)
        tcp.packet(at + first, False, SYN | ACK)
        tcp.seq[False] += 1
        tcp.packet(at + first + second, True, ACK)


@declines("T1", says="holds nothing by which this can be told")
def no_handshake_tells_the_place(film: Film) -> None:
    film.tcp().get(0.1).answer(0.2)


@declines("T1", says="were made by the program that recorded this")
def packets_of_a_proxy_tell_no_place(film: Film) -> None:
    film.grade = Grade.TAPPED
    film.tcp().open(0.0).get(0.1).answer(0.2)


@silent("T1", "T2", "T3", "T4", "T5", "T6", "T7", "T8")
def a_sound_capture(film: Film) -> None:
    film.tcp().open(0.0).get(0.1).answer(0.2).fin(0.3, False)


@fires("T2", outcome="warn", severity="warning", side="nobody")
def acknowledged_and_never_captured(film: Film) -> None:
    tcp = film.tcp().open(0.0).get(0.1)
    tcp.packet(0.2, True, ACK, ack=tcp.seq[False] + 1000)


@fires("T3", outcome="warn")
def every_packet_twice(film: Film) -> None:
    tcp = film.tcp().open(0.0)
    for number in range(4):
        for copy in (0.0, 0.001):
            tcp.packet(0.1 + number * 0.1 + copy, True, PSH | ACK, b"abc", identification=500 + number)
        tcp.seq[True] += 3


@silent("T5")
@fires(
    "T4",
    outcome="warn",
    severity="info",
    packets=[4],
    says="Of 1 packets only the beginning was captured, at most 60 b",
)
def a_packet_cut_short(film: Film) -> None:
    film.tcp().open(0.0).get(0.1)
    at, packet, length = film.packets[3]
    film.packets[3] = (at, packet[:60], length)


@fires("T5", outcome="warn", severity="info")
def segments_larger_than_allowed(film: Film) -> None:
    tcp = film.tcp().open(0.0, mss=500)
    tcp.packet(0.1, True, PSH | ACK, _BIG)


@fires("T6", outcome="warn", severity="info", says="1 of 1 connections")
def data_without_a_handshake(film: Film) -> None:
    film.tcp().get(0.0).answer(0.1)


@fires(
    "T7", outcome="warn", says="Cut off: no; the clock steps back 1 times, by at most 110000000 ns", says_ko="아니요"
)
def the_clock_steps_back(film: Film) -> None:
    film.tcp().open(0.0).get(0.1)
    film.order = lambda item: 0.0 if item is film.packets[-1] else 1.0


@fires("T8", outcome="warn")
def one_side_only(film: Film) -> None:
    tcp = film.tcp()
    for number in range(4):
        tcp.packet(number * 0.1, True, PSH | ACK, b"abc", ack=6000 + 100 * number)
        tcp.seq[True] += 3


@silent("T8")
def only_syns(film: Film) -> None:
    tcp = film.tcp()
    for at in (0.0, 1.0, 3.0, 7.0):
        tcp.packet(at, True, SYN, ack=0)


@silent("T3")
def sent_again_by_the_host(film: Film) -> None:
    tcp = film.tcp().open(0.0)
    for number in range(4):
        for copy in (0.0, 0.001):
            tcp.packet(0.1 + number * 0.1 + copy, True, PSH | ACK, b"abc")
        tcp.seq[True] += 3


@declines("T6", says="nothing by which")
def connection_without_data(film: Film) -> None:
    film.tcp().packet(0.0, True, FIN | ACK)


# --- T1 again -----------------------------------------------------------------------------------------------------------


@declines("T2", says="nothing by which")
def an_empty_capture(film: Film) -> None:
    pass


@declines("T2", says="made by the program that recorded this")
def a_recording_with_an_entry_of_the_journal(film: Film) -> None:
    film.grade = Grade.TAPPED
    film.tcp().open(0.0).get(0.1)
    entry = b"__REALTIME_TIMESTAMP=1700000000000000\nMESSAGE=hello\n"
    film.tail = block(9, struct.pack("<I", len(entry)) + entry)


@fires("T1", outcome="warn")
def one_handshake_at_the_server_and_one_between(film: Film) -> None:
    for at, first, second in ((0.0, 0.001, 0.05), (1.0, 0.02, 0.02)):
        talk = _syn(film, at)
        talk.packet(at + first, False, SYN | ACK)
        talk.seq[False] += 1
        talk.packet(at + first + second, True, ACK)


@silent("T1")
def two_handshakes_at_the_client(film: Film) -> None:
    film.tcp().open(0.0)
    film.tcp().open(1.0)


@declines("T1", says="nothing by which")
def handshake_without_its_ack(film: Film) -> None:
    _syn(film, 0.0).packet(0.01, False, SYN | ACK)


@declines("T1", says="nothing by which")
def handshake_without_its_syn(film: Film) -> None:
    talk = film.tcp()
    talk.packet(0.01, False, SYN | ACK)
    talk.seq[False] += 1
    talk.packet(0.02, True, ACK)


@declines("T1", says="nothing by which")
def handshake_whose_syn_was_recorded_late(film: Film) -> None:
    tcp = film.tcp()
    tcp.packet(0.01, False, SYN | ACK, ack=1001)
    tcp.packet(0.011, True, SYN, ack=0)
    tcp.packet(0.02, True, ACK, seq=1001, ack=5001)


@declines("T1", says="nothing by which")
def handshake_with_a_repeated_syn(film: Film) -> None:
    talk = film.tcp()
    talk.packet(0.0, True, SYN, ack=0)
    talk.open(1.0)


@declines("T1", says="nothing by which")
def handshake_with_a_repeated_syn_ack(film: Film) -> None:
    talk = _syn(film, 0.0)
    talk.packet(0.01, False, SYN | ACK)
    talk.packet(1.01, False, SYN | ACK)
    talk.seq[False] += 1
    talk.packet(1.02, True, ACK)


@fires("T1", outcome="warn", says="2 handshakes")
def a_recording_tells_no_place(film: Film) -> None:
    handshakes_that_contradict_each_other(film)
    _made(film).tcp().open(5.0)


# --- T2 ----------------------------------------------------------------------------------------------------------------


@fires("T2", outcome="warn", says="in 1 connections", packets=[8])
def one_connection_of_two_was_not_captured_whole(film: Film) -> None:
    film.tcp().open(0.0)
    tcp = film.tcp().open(1.0).say(1.1, True, b"hello", acked=False)
    tcp.packet(1.2, True, ACK, ack=tcp.seq[False] + 1000)


@fires(
    "T2",
    outcome="warn",
    says="1000 bytes were acknowledged and never captured, beside 5 that were, in 1 connections",
    packets=[5],
)
def a_recording_is_not_counted(film: Film) -> None:
    for place in (film, _made(film)):
        tcp = place.tcp().open(1.0).say(1.1, True, b"hello", acked=False)
        tcp.packet(1.2, True, ACK, ack=tcp.seq[False] + 1000)


@declines("T2", says="nothing by which")
@declines("T3", says="nothing by which")
@declines("T5", says="nothing by which")
@declines("T8", says="nothing by which")
def capture_without_tcp(film: Film) -> None:
    film.add(0.0, ethernet(ipv4(b"hello", CLIENT, SERVER, protocol=99)))


# --- T3 ----------------------------------------------------------------------------------------------------------------


def _repeated(film: Film, identification: int | None, gap: float) -> None:
    tcp = film.tcp().open(0.0)
    for number in range(4):
        own = film.identification() if identification is None else identification
        for copy in (0.0, gap):
            tcp.packet(0.1 + number * 0.1 + copy, True, PSH | ACK, b"abc", identification=own)
        tcp.seq[True] += 3


@silent("T3")
def every_packet_again_much_later(film: Film) -> None:
    _repeated(film, None, 0.02)


@silent("T3")
def packets_without_an_identification(film: Film) -> None:
    _repeated(film, 0, 0.001)


@silent("T3")
def a_burst(film: Film) -> None:
    film.tcp().open(0.0).say(0.1, True, _BIG * 40)


@silent("T3")
def errors_that_quote_one_segment(film: Film) -> None:
    film.tcp().open(0.0)
    syn = segment(b"", CLIENT, SERVER, (40001, 80), 1000, 0, SYN)
    for number in range(5):
        _quoted(film, 0.1 + number * 0.001, syn)


@silent("T3")
def a_recording_with_every_packet_twice(film: Film) -> None:
    film.tcp().open(0.0)
    _repeated(_made(film), None, 0.001)


# --- T5 ----------------------------------------------------------------------------------------------------------------


@silent("T5")
def a_large_segment_without_a_handshake(film: Film) -> None:
    film.tcp().say(0.1, True, _BIG)


@silent("T5")
def an_option_in_a_segment_that_is_no_syn(film: Film) -> None:
    tcp = film.tcp().open(0.0).say(0.1, True, _BIG, acked=False)
    tcp.packet(0.2, False, ACK, options=struct.pack(">BBH", 2, 4, 500))


@silent("T5")
def a_quoted_syn_with_a_smaller_size(film: Film) -> None:
    tcp = film.tcp(port=40001).open(0.0)
    _quoted(film, 0.05, segment(b"", CLIENT, SERVER, (40001, 80), 1000, 0, SYN, options=struct.pack(">BBH", 2, 4, 500)))
    tcp.say(0.2, False, _BIG)


@silent("T5")
def a_quoted_segment_that_is_larger_than_allowed(film: Film) -> None:
    film.tcp(port=40001).open(0.0, mss=500)
    _quoted(film, 0.05, segment(_BIG, CLIENT, SERVER, (40001, 80), 1001, 5001, ACK))


@silent("T5")
def a_recording_with_large_segments(film: Film) -> None:
    film.tcp().open(0.0)
    _made(film).tcp().open(0.0, mss=500).say(0.1, True, _BIG)


def _spoilt(film: Film, at: float, place: int) -> None:
    """Another byte in a packet that is there."""
    number = next(n for n, packet in enumerate(film.packets) if packet[0] == at)
    _, packet, length = film.packets[number]
    film.packets[number] = at, packet[:place] + bytes([packet[place] ^ 0x55]) + packet[place + 1 :], length


@fires("T5", outcome="warn", says="0 segments are larger than the other side can take, 2 checksums", packets=[4, 6])
def checksums_of_the_client_are_wrong(film: Film) -> None:
    film.tcp().open(0.0).say(0.1, True, b"hello").say(0.2, True, b"hello")
    _spoilt(film, 0.1, 50)
    _spoilt(film, 0.2, 50)


@silent("T5")
def checksums_of_both_sides_are_wrong(film: Film) -> None:
    film.tcp().open(0.0).say(0.1, True, b"hello").say(0.2, False, b"hello")
    _spoilt(film, 0.1, 50)
    _spoilt(film, 0.2, 50)


@silent("T5")
def checksum_of_ip_is_wrong(film: Film) -> None:
    film.tcp().open(0.0).say(0.1, True, b"hello")
    _spoilt(film, 0.1, 24)


# --- T6 ----------------------------------------------------------------------------------------------------------------


@fires("T6", outcome="warn", says="1 of 2 connections", packets=[5])
def one_connection_without_data_and_one_without_a_handshake(film: Film) -> None:
    film.tcp().packet(0.0, True, ACK)
    film.tcp().open(0.01)
    film.tcp().get(1.0)
    film.tcp().open(2.0).get(2.1)


@fires("T6", outcome="warn")
def syn_without_an_answer_and_data(film: Film) -> None:
    _syn(film, 0.0).say(0.1, True, b"hello")


@fires("T6", outcome="warn")
def syn_ack_without_a_syn_and_data(film: Film) -> None:
    tcp = film.tcp()
    tcp.packet(0.01, False, SYN | ACK)
    tcp.seq[False] += 1
    tcp.say(0.1, True, b"hello")


@silent("T6")
def a_recording_without_a_handshake(film: Film) -> None:
    film.tcp().open(0.0).get(0.1)
    _made(film).tcp().get(1.0)


# --- T7 ----------------------------------------------------------------------------------------------------------------


@fires("T7", outcome="warn", says="Cut off: yes; the clock steps back 0 times")
def the_file_is_cut_off(film: Film) -> None:
    film.order = lambda item: item[0]
    film.tcp().get(1.0).answer(2.0)
    film.tail = bytes(9)


@fires("T7", outcome="warn", says="Cut off: yes")
def a_recording_is_cut_off(film: Film) -> None:
    film.grade = Grade.TAPPED
    film.tcp().get(1.0).answer(2.0)
    film.tail = bytes(9)


@silent("T7")
def the_second_interface_was_written_later(film: Film) -> None:
    film.tcp().get(1.0).answer(2.0)
    film.beside = Film()
    film.beside.tcp().get(0.0).answer(0.5)


# --- T8 ----------------------------------------------------------------------------------------------------------------


def _alone(film: Film, count: int, from_client: bool = True) -> None:
    tcp = film.tcp()
    for number in range(count):
        tcp.packet(number * 0.1, from_client, PSH | ACK, b"abc", ack=6000 + 100 * number)
        tcp.seq[from_client] += 3


@fires("T8", outcome="warn")
def only_the_server(film: Film) -> None:
    _alone(film, 4, False)


@silent("T8")
def two_packets_of_one_side(film: Film) -> None:
    _alone(film, 2)


@silent("T8")
def a_recording_of_one_side(film: Film) -> None:
    film.tcp().open(0.0)
    _alone(_made(film), 4)


@silent("T8")
def syns_and_an_error_that_quotes_more(film: Film) -> None:
    tcp = film.tcp(port=40001)
    for at in (0.0, 1.0, 3.0, 7.0):
        tcp.packet(at, True, SYN, ack=0)
    _quoted(film, 8.0, segment(b"", CLIENT, SERVER, (40001, 80), 1001, 5001, ACK))
