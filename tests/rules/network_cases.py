"""Cases of the TCP rules."""

from __future__ import annotations

import struct

from tests.packets import ACK, PSH, RST, SYN, ethernet, icmp, ipv4, ipv6
from tests.rules.cases import fires, silent
from tests.rules.film import CLIENT, SERVER, Film, Tcp

_BIG = b"x" * 1400


def _syn(film: Film, at: float, port: int = 80) -> Tcp:
    tcp = film.tcp(port)
    tcp.packet(at, True, SYN, ack=0)
    tcp.seq[True] += 1
    return tcp


# --- N1 to N5 ----------------------------------------------------------------------------------------------------------


@fires("N1", packets=[1, 2, 3], side="network", at=0.0)
def three_syns_and_no_answer(film: Film) -> None:
    tcp = film.tcp()
    for at in (0.0, 1.0, 3.0):
        tcp.packet(at, True, SYN, ack=0)


@silent("N1")
def one_syn_at_the_end(film: Film) -> None:
    _syn(film, 0.0)


@silent("N1")
def second_syn_is_answered(film: Film) -> None:
    tcp = film.tcp()
    tcp.packet(0.0, True, SYN, ack=0)
    tcp.open(1.0)


@fires("N2", packets=[1, 2], side="server", connections=(0,), at=0.0)
def syn_answered_by_reset(film: Film) -> None:
    _syn(film, 0.0).packet(0.01, False, RST | ACK, seq=0, ack=1001)


@fires("N2", outcome="warn", severity="info", reason="other_address_answers")
def the_other_address_answers(film: Film) -> None:
    _syn(film, 0.0).packet(0.01, False, RST | ACK, seq=0, ack=1001)
    film.tcp(server="10.0.0.3").open(0.02)


@fires("N2", outcome="fail", severity="error", reason="")
def another_port_answers(film: Film) -> None:
    _syn(film, 0.0).packet(0.01, False, RST | ACK, seq=0, ack=1001)
    film.tcp(8080, server="10.0.0.3").open(0.02)


@fires("N2", outcome="fail", severity="error", reason="")
def the_same_address_answers_later(film: Film) -> None:
    _syn(film, 0.0).packet(0.01, False, RST | ACK, seq=0, ack=1001)
    film.tcp().open(0.5)


@fires("N2", outcome="fail", severity="error", reason="")
def the_other_address_is_silent(film: Film) -> None:
    _syn(film, 0.0).packet(0.01, False, RST | ACK, seq=0, ack=1001)
    film.tcp(server="10.0.0.3").packet(0.02, True, SYN, ack=0)


@silent("N2", "R1")
def reset_after_the_handshake(film: Film) -> None:
    film.tcp().open(0.0).rst(0.1, False)


@silent("N2")
def the_client_itself_resets(film: Film) -> None:
    _syn(film, 0.0).packet(0.01, True, RST, ack=0)


@fires("N3", packets=[1, 2, 3], side="network")
def syn_ack_repeated_without_ack(film: Film) -> None:
    tcp = _syn(film, 0.0)
    tcp.packet(0.01, False, SYN | ACK)
    tcp.packet(1.01, False, SYN | ACK)


@fires("N3", packets=[1, 2, 3])
def client_gives_up_the_half_open_connection(film: Film) -> None:
    tcp = _syn(film, 0.0)
    tcp.packet(0.01, False, SYN | ACK)
    tcp.packet(1.01, False, SYN | ACK)
    tcp.packet(1.02, True, RST, ack=0)


@silent("N3")
def syn_ack_at_the_end_of_the_capture(film: Film) -> None:
    _syn(film, 0.0).packet(0.01, False, SYN | ACK)


@silent("N3")
def syn_ack_repeated_and_then_acknowledged(film: Film) -> None:
    tcp = _syn(film, 0.0)
    tcp.packet(0.01, False, SYN | ACK)
    tcp.packet(1.01, False, SYN | ACK)
    tcp.seq[False] += 1
    tcp.packet(1.02, True, ACK)


def _icmp(film: Film, at: float, tcp: Tcp, kind: int, code: int, rest: bytes = bytes(4)) -> None:
    quoted = ipv4(struct.pack(">HHI", tcp.port, tcp.server_port, 1000) + bytes(12), CLIENT, SERVER)
    message = bytearray(icmp(kind, quoted[:40], rest))
    message[1] = code
    film.add(at, ethernet(ipv4(bytes(message), "10.0.0.254", CLIENT, protocol=1)))


@fires("N4", packets=[2], side="network")
def router_forbids(film: Film) -> None:
    _icmp(film, 0.01, _syn(film, 0.0), 3, 13)


@fires("N4", packets=[2], side="server")
def port_unreachable(film: Film) -> None:
    _icmp(film, 0.01, _syn(film, 0.0), 3, 3)


def _icmp_v6(film: Film, kind: int, code: int) -> None:
    syn = struct.pack(">HHIIBBHHH", 40000, 80, 1000, 0, 0x50, SYN, 65535, 0, 0)
    film.add(0.0, ethernet(ipv6(syn), 0x86DD))
    message = bytearray(icmp(kind, ipv6(syn)))
    message[1] = code
    film.add(0.01, ethernet(ipv6(bytes(message), 58), 0x86DD))


@fires("N4", packets=[2], side="network", says="address unreachable")
def router_of_ipv6_finds_no_neighbour(film: Film) -> None:
    _icmp_v6(film, 1, 3)


@fires("N4", packets=[2], side="server", says="port unreachable")
def port_unreachable_in_ipv6(film: Film) -> None:
    _icmp_v6(film, 1, 4)


@silent("N4")
def time_exceeded_in_ipv6(film: Film) -> None:
    _icmp_v6(film, 3, 0)


@silent("N4")
def fragmentation_needed_is_another_matter(film: Film) -> None:
    _icmp(film, 0.01, _syn(film, 0.0), 3, 4)


@silent("N4")
def time_exceeded_is_no_unreachable(film: Film) -> None:
    _icmp(film, 0.01, _syn(film, 0.0), 11, 0)


@fires("N4", packets=[2])
def router_says_it_twice(film: Film) -> None:
    tcp = _syn(film, 0.0)
    _icmp(film, 0.01, tcp, 3, 13)
    _icmp(film, 0.02, tcp, 3, 13)


@fires("N5", outcome="warn", packets=[1, 2, 3], side="network", severity="info")
def handshake_takes_150_ms(film: Film) -> None:
    film.tcp(rtt=0.15).open(0.0)


@silent("N5")
def handshake_takes_90_ms(film: Film) -> None:
    film.tcp(rtt=0.09).open(0.0)


@silent("N5")
def slow_acknowledgments_after_a_handshake_that_tells_nothing(film: Film) -> None:
    tcp = film.tcp()
    tcp.packet(0.0, True, SYN, ack=0)
    tcp.open(1.0)  # which SYN was answered?
    tcp.rtt = 0.3
    tcp.get(2.0).answer(3.0)


# --- N6 to N8 ----------------------------------------------------------------------------------------------------------


def _resends(
    film: Film, count: int, of: int, server: str = "192.0.2.80", *, size: int = 100, from_client: bool = True,
    start: float = 0.0,
) -> None:  # fmt: skip
    tcp = film.tcp(server=server).open(start)
    for number in range(of):
        at = start + 0.1 + number * 0.05
        tcp.say(at, from_client, b"a" * size, acked=False)
        if number < count:
            tcp.packet(at + 0.03, from_client, PSH | ACK, b"a" * size, seq=tcp.seq[from_client] - size)
        tcp.packet(at + 0.045, not from_client, ACK)


@silent("N7")
@fires(
    "N6",
    outcome="warn",
    side="network",
    severity="warning",
    says="4 of 104 data segments were sent again (3.8 %), 0 af",
)
def four_of_a_hundred_sent_again(film: Film) -> None:
    _resends(film, 4, 100)


@fires("N6", outcome="fail", side="network", severity="error")
def twelve_of_a_hundred_sent_again(film: Film) -> None:
    _resends(film, 12, 100)


@fires("N6", outcome="warn", severity="warning")
def four_of_twenty_sent_again(film: Film) -> None:
    _resends(film, 4, 20)


@fires("N6", outcome="warn", severity="warning")
def twelve_of_four_hundred_sent_again(film: Film) -> None:
    _resends(film, 12, 400)


@fires("N6", outcome="warn", severity="warning", packets=[5, 4], says="1 after a timeout; first: client")
def one_sent_again_after_a_timeout(film: Film) -> None:
    tcp = film.tcp(server="192.0.2.80").open(0.0)
    for at in (0.1, 0.5):
        tcp.packet(at, True, PSH | ACK, b"a" * 100, identification=0)
    tcp.seq[True] += 100
    tcp.packet(0.51, False, ACK)


@fires("N6", 2, outcome="fail", packets=[52, 55, 58, 61, 51, 54], says="first: server")
def the_second_connection_loses_more(film: Film) -> None:
    _resends(film, 4, 20)
    _resends(film, 12, 30, from_client=False, start=10.0)


@silent("N6")
def one_byte_repeated_to_probe_the_window(film: Film) -> None:
    tcp = film.tcp(server="192.0.2.80").open(0.0).say(0.1, True, b"a" * 100)
    tcp.packet(0.2, False, ACK, window=0)
    for number in range(4):
        tcp.packet(1.0 + number, True, ACK, b"b")
        tcp.packet(1.01 + number, False, ACK, window=0)


@fires("N6", outcome="warn", severity="info")
def sent_again_within_one_host(film: Film) -> None:
    _resends(film, 12, 100, CLIENT)


@fires("N6", outcome="warn", severity="info")
def sent_again_on_loopback(film: Film) -> None:
    _resends(film, 12, 100, "127.0.0.2")


@silent("N6")
def two_of_a_hundred_sent_again(film: Film) -> None:
    _resends(film, 2, 100)


@silent("N6")
def four_of_a_thousand_sent_again(film: Film) -> None:
    _resends(film, 4, 1000)


def _overtaken(film: Film, count: int, start: float = 0.0) -> None:
    tcp = film.tcp(rtt=0.02).open(start)
    for number in range(count):
        at = start + 0.1 + number * 0.1
        ids = film.identification(), film.identification()
        seq = tcp.seq[True]
        tcp.packet(at, True, PSH | ACK, b"b" * 100, seq=seq + 100, identification=ids[1])
        tcp.packet(at + 0.0005, True, PSH | ACK, b"a" * 100, seq=seq, identification=ids[0])
        tcp.seq[True] += 200
        tcp.packet(at + 0.03, False, ACK)


@silent("N6")
@fires("N7", outcome="warn", severity="info", side="network")
def four_segments_overtaken(film: Film) -> None:
    _overtaken(film, 4)


@fires("N7", 2, outcome="warn", packets=[5, 8, 11])
def segments_overtaken_in_two_connections(film: Film) -> None:
    _overtaken(film, 3)
    _overtaken(film, 3, 5.0)


@silent("N7")
def two_segments_overtaken(film: Film) -> None:
    _overtaken(film, 2)


def _black_hole(film: Film, copies: int, size: int = 1400, acknowledged: bool = False) -> Tcp:
    tcp = film.tcp().open(0.0).say(0.1, True, b"small")
    for number in range(copies):
        tcp.packet(0.2 + 0.4 * 2**number, True, PSH | ACK, b"x" * size)
    if acknowledged:
        tcp.seq[True] += size
    tcp.packet(9.0, False, ACK)
    return tcp


@fires("N8", side="network", packets=[6, 7, 8], confidence="likely", says="MTU told by ICMP: -")
def large_segment_sent_three_times_in_vain(film: Film) -> None:
    _black_hole(film, 3)


@fires("N8", confidence="certain", says="MTU told by ICMP: 1300")
def a_router_tells_the_mtu(film: Film) -> None:
    tcp = _black_hole(film, 3)
    _icmp(film, 0.7, tcp, 3, 4, b"\x00\x00\x05\x14")
    _icmp(film, 0.8, tcp, 3, 1)


@fires("N8", packets=[6, 8, 9])
def the_first_of_two_large_segments_is_stuck(film: Film) -> None:
    tcp = film.tcp().open(0.0).say(0.1, True, b"small")
    tcp.packet(0.2, True, PSH | ACK, _BIG)
    tcp.packet(0.201, True, PSH | ACK, _BIG, seq=tcp.seq[True] + len(_BIG))
    for at in (0.6, 1.4):
        tcp.packet(at, True, PSH | ACK, _BIG)
    tcp.packet(9.0, False, ACK)


@silent("N8")
def the_peer_is_dead(film: Film) -> None:
    tcp = film.tcp().open(0.0).say(0.1, True, b"small")
    for number in range(3):
        tcp.packet(0.2 + 0.4 * 2**number, True, PSH | ACK, _BIG)


@silent("N8")
def the_peer_only_resets(film: Film) -> None:
    tcp = film.tcp().open(0.0).say(0.1, True, b"small")
    for number in range(3):
        tcp.packet(0.2 + 0.4 * 2**number, True, PSH | ACK, _BIG)
    tcp.packet(3.0, False, RST | ACK)


@silent("N8")
def the_servers_large_segment_is_acknowledged_at_last(film: Film) -> None:
    tcp = film.tcp().open(0.0).say(0.1, True, b"small")
    for number in range(3):
        tcp.packet(0.2 + 0.4 * 2**number, False, PSH | ACK, _BIG)
    tcp.seq[False] += len(_BIG)
    tcp.packet(9.0, True, ACK)


@silent("N8")
def large_segment_acknowledged_at_last(film: Film) -> None:
    _black_hole(film, 3, acknowledged=True)


@silent("N8")
def large_segment_sent_twice(film: Film) -> None:
    _black_hole(film, 2)


@silent("N8")
def small_segment_sent_three_times(film: Film) -> None:
    _black_hole(film, 3, size=400)


@silent("N8")
def small_segment_sent_five_times(film: Film) -> None:
    _black_hole(film, 5, size=400)


# --- C1, C2, S1, S3 ----------------------------------------------------------------------------------------------------


def _slow_request(film: Film, pause: float, resent: bool = False) -> None:
    tcp = film.tcp().open(0.0).say(0.1, True, b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nab")
    if resent:
        tcp.packet(0.1 + pause / 2, True, PSH | ACK, b"\r\nab", seq=tcp.seq[True] - 4)
    tcp.say(0.1 + pause, True, b"cd")
    tcp.answer(0.2 + pause)


@fires("C1", outcome="warn", side="client", packets=[4, 6], at=0.1)
def request_takes_two_seconds(film: Film) -> None:
    _slow_request(film, 2.0)


@silent("C1")
def a_large_request_takes_its_time(film: Film) -> None:
    tcp = film.tcp().open(0.0).say(0.1, True, b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 40000\r\n\r\n")
    for number in range(40):
        tcp.say(0.1 + number * 0.04, True, b"x" * 1000)
    tcp.answer(2.0)


@silent("C1")
def request_takes_half_a_second(film: Film) -> None:
    _slow_request(film, 0.5)


@silent("C1")
def request_was_lost_on_the_way(film: Film) -> None:
    _slow_request(film, 2.0, resent=True)


@silent("C1")
def request_that_never_ends(film: Film) -> None:
    tcp = film.tcp().open(0.0).say(0.1, True, b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\na")
    tcp.say(2.1, True, b"b")
    film.tcp().open(0.0).get(0.1).answer(0.2)


@silent("C1")
def answer_whose_request_was_not_captured(film: Film) -> None:
    film.tcp().answer(0.1)
    film.tcp().open(0.0).get(0.1).answer(0.2)


def _closed_window(film: Film, seconds: float, from_client: bool = True) -> None:
    tcp = film.tcp().open(0.0).get(0.1).answer(0.2, body=b"x" * 1000)
    tcp.packet(0.3, from_client, ACK, window=0)
    tcp.packet(0.3 + seconds, from_client, ACK, window=1000)


@fires("C2", outcome="warn", side="client", packets=[8, 9], at=0.3)
def client_closes_its_window(film: Film) -> None:
    _closed_window(film, 0.5)


@fires("C2", outcome="warn", side="server")
def server_closes_its_window(film: Film) -> None:
    _closed_window(film, 0.5, from_client=False)


@silent("C2")
def window_closed_for_a_moment(film: Film) -> None:
    _closed_window(film, 0.1)


@silent("C2")
def zero_window_of_a_reset(film: Film) -> None:
    film.tcp().open(0.0).get(0.1).packet(0.2, False, RST | ACK, window=0)


@fires("S1", outcome="warn", side="server", packets=[4, 6], confidence="certain", says=": 1.99 s from the end")
def answer_after_two_seconds(film: Film) -> None:
    film.tcp().open(0.0).get(0.1).answer(2.1)


def _at_the_server(film: Film) -> None:
    tcp = _syn(film, 0.0)
    tcp.packet(0.0001, False, SYN | ACK)
    tcp.seq[False] += 1
    tcp.packet(0.02, True, ACK)
    tcp.get(0.1).answer(2.1)


@fires("S1", outcome="warn", side="server", confidence="likely", says=": 2.0 s from the end")
def slow_answer_captured_at_the_server(film: Film) -> None:
    _at_the_server(film)


@fires("S1", outcome="warn", confidence="likely")
def slow_answer_on_a_connection_without_handshake(film: Film) -> None:
    film.tcp().open(0.0)  # tells the place
    film.tcp().get(0.1).answer(2.1)


@silent("S1")
def request_without_an_answer(film: Film) -> None:
    film.tcp().open(0.0).get(0.1)


@silent("S1")
def answer_after_half_a_second(film: Film) -> None:
    film.tcp().open(0.0).get(0.1).answer(0.6)


@silent("S1")
def answer_after_five_long_round_trips(film: Film) -> None:
    film.tcp(rtt=0.5).open(0.0).get(1.0).answer(3.0)


@silent("S1")
def the_answer_was_sent_again(film: Film) -> None:
    tcp = film.tcp().open(0.0).get(0.1)
    tcp.packet(0.5, True, PSH | ACK, b"GET / HTTP/1.1\r\nHost: chat.example\r\n\r\n", seq=tcp.seq[True] - 38)
    tcp.answer(2.1)


def _filling(film: Film, times: int, start: float = 0.0, from_client: bool = True) -> None:
    tcp = film.tcp().open(start)
    for number in range(times):
        at = start + 0.1 + number * 0.1
        tcp.packet(at, not from_client, ACK, window=2)  # scaled by 7: 256 bytes
        tcp.say(at + 0.01, from_client, b"x" * 256, acked=False)
        tcp.packet(at + 0.05, not from_client, ACK, window=2)


@fires("S3", outcome="warn", severity="info", side="server")
def window_filled_four_times(film: Film) -> None:
    _filling(film, 4)


@fires("S3", 2, outcome="warn", side="client", packets=[5, 8, 11])
def windows_of_two_connections_filled(film: Film) -> None:
    _filling(film, 3, from_client=False)
    _filling(film, 3, 5.0)


@silent("S3")
def window_filled_twice(film: Film) -> None:
    _filling(film, 2)


# --- R1 to R5 ----------------------------------------------------------------------------------------------------------


@fires("R1", side="server", severity="error", says="by the server")
def server_resets_after_the_request(film: Film) -> None:
    film.tcp().open(0.0).get(0.1).rst(0.2, False)


@fires("R1", outcome="warn", side="client", says="by the client")
def client_resets_after_the_answer(film: Film) -> None:
    film.tcp().open(0.0).get(0.1).answer(0.2).rst(0.3, True)


@fires("R1", side="server")
def websocket_reset_after_a_message(film: Film) -> None:
    film.tcp().socket(0.0).text(0.5, True, "hello").rst(0.9, False)


@fires("R1", side="server", packets=[4, 5, 6])
def data_of_the_server_overtaken_by_its_reset(film: Film) -> None:
    film.tcp().open(0.0).get(0.1).rst(0.2, False).say(0.21, False, b"late", acked=False)


@silent("R1")
def reset_after_the_servers_fin(film: Film) -> None:
    film.tcp().open(0.0).get(0.1).fin(0.2, False, answered=False).say(0.3, True, b"more", acked=False).rst(0.31, False)


@silent("R1")
def websocket_reset_after_the_clients_close(film: Film) -> None:
    film.tcp().socket(0.0).close(0.5, True).rst(0.6, False)


@silent("R1")
def websocket_reset_after_the_servers_close(film: Film) -> None:
    film.tcp().socket(0.0).close(0.5, False).text(0.51, True, "hello").rst(0.6, False)


@silent("R1")
def server_resets_after_its_own_answer(film: Film) -> None:
    film.tcp().open(0.0).get(0.1).answer(0.2).rst(0.3, False)


@silent("R1")
def server_resets_much_later(film: Film) -> None:
    film.tcp().open(0.0).get(0.1).rst(2.0, False)


@silent("R1", "W6")
def websocket_reset_after_both_close_frames(film: Film) -> None:
    film.tcp().socket(0.0).text(0.5, True, "hello").closed(1.0, False)


@fires(
    "R2", side="network", severity="error", confidence="likely", says="by the server; usual timeout that fits: 100 s"
)
def data_after_a_long_silence_is_reset(film: Film) -> None:
    tcp = film.tcp().open(0.0).get(0.1).answer(0.2)
    tcp.get(100.0).packet(100.01, False, RST, ack=0)


@fires("R2", side="network", confidence="unclear", says="fits: -")
def data_after_an_unusual_silence_is_reset(film: Film) -> None:
    tcp = film.tcp().open(0.0).get(0.1).answer(0.2)
    tcp.get(137.0).packet(137.01, False, RST, ack=0)


@fires("R2", outcome="warn", side="network", confidence="likely")
def reset_after_exactly_five_minutes(film: Film) -> None:
    film.tcp().open(0.0).get(0.1).answer(0.2).rst(300.2, False)


@fires("R2", outcome="warn", says="by the client")
def client_resets_after_a_minute(film: Film) -> None:
    film.tcp().open(0.0).get(0.1).answer(0.2).rst(60.2, True)


@silent("R2")
def reset_a_minute_after_the_fin(film: Film) -> None:
    film.tcp().open(0.0).get(0.1).answer(0.2).fin(0.3, False, answered=False).rst(60.3, False)


@silent("R2")
def data_after_twenty_seconds_is_reset(film: Film) -> None:
    tcp = film.tcp().open(0.0).get(0.1).answer(0.2)
    tcp.get(10.0).answer(10.1).get(31.0).packet(31.01, False, RST, ack=0)


@silent("R2")
def much_was_said_after_the_silence(film: Film) -> None:
    tcp = film.tcp().open(0.0).get(0.1).answer(0.2).get(60.2).answer(60.3)
    tcp.get(60.5).answer(60.6).get(60.7).packet(60.71, False, RST, ack=0)


@silent("R2")
def reset_after_an_unusual_silence(film: Film) -> None:
    film.tcp().open(0.0).get(0.1).answer(0.2).rst(137.0, False)


@silent("R2")
def closed_after_a_minute(film: Film) -> None:
    film.tcp().open(0.0).get(0.1).answer(0.2).fin(60.2, False)


def _reset_from(film: Film, ttl: int) -> None:
    tcp = film.tcp().open(0.0).get(0.1).answer(0.2).get(0.3)
    tcp.packet(0.31, False, RST | ACK, ttl=ttl)
    tcp.packet(0.32, True, ACK)


@fires(
    "R3", side="network", packets=[10, 9], says="in the name of the server has time to live 61, its other packets 64"
)
def reset_comes_from_nearer(film: Film) -> None:
    _reset_from(film, 61)


@fires("R3", side="network", says="time to live 64, its other packets 50")
def reset_of_a_far_server_comes_from_nearby(film: Film) -> None:
    tcp = film.tcp()
    tcp.ttl[False] = 50
    tcp.open(0.0).get(0.1).answer(0.2).packet(0.3, False, RST | ACK, ttl=64)


@fires("R3", side="network", says="in the name of the client")
def reset_of_the_client_comes_from_elsewhere(film: Film) -> None:
    film.tcp().open(0.0).get(0.1).answer(0.2).packet(0.31, True, RST | ACK, ttl=61)


@silent("R3")
def client_resets_a_far_server(film: Film) -> None:
    tcp = film.tcp()
    tcp.ttl[False] = 50
    tcp.open(0.0).get(0.1).answer(0.2).rst(0.3, True)


@silent("R3")
def reset_comes_two_hops_nearer(film: Film) -> None:
    _reset_from(film, 62)


@silent("R3")
def nothing_to_compare_the_reset_with(film: Film) -> None:
    tcp = film.tcp(443)
    tcp.packet(0.0, False, ACK)
    tcp.packet(0.1, False, RST | ACK, ttl=50)


@silent("R3")
def server_whose_packets_come_by_two_ways(film: Film) -> None:
    tcp = film.tcp().open(0.0)
    tcp.packet(0.1, False, ACK, ttl=50)
    tcp.packet(0.2, False, ACK, ttl=50)
    tcp.get(0.3).packet(0.31, False, RST | ACK, ttl=61)


@fires("R4", side="server", packets=[1, 2], says="by the server")
def packets_of_an_unknown_connection_are_reset(film: Film) -> None:
    tcp = film.tcp(443)
    tcp.packet(0.0, True, PSH | ACK, b"still here")
    tcp.packet(0.01, False, RST, ack=0)


@fires("R4", side="client", packets=[1, 2], says="by the client")
def client_has_forgotten_the_connection(film: Film) -> None:
    tcp = film.tcp(443)
    tcp.packet(0.0, False, PSH | ACK, b"still here")
    tcp.packet(0.01, True, RST, ack=0)


@silent("R4")
def known_connection_is_reset(film: Film) -> None:
    tcp = film.tcp(443)
    tcp.packet(0.0, True, PSH | ACK, b"still here")
    tcp.packet(0.005, False, ACK, ack=1010)
    tcp.packet(0.01, False, RST, ack=0)


@silent("R4")
def both_sides_only_reset(film: Film) -> None:
    tcp = film.tcp(443)
    tcp.packet(0.0, True, RST, ack=0)
    tcp.packet(0.01, False, RST, ack=0)


@silent("R2", "R4")
def a_reset_out_of_nowhere(film: Film) -> None:
    film.tcp(443).packet(0.01, False, RST, ack=0)
    film.tcp().open(1.0)


@silent("R4")
def refused_connection_is_no_forgotten_one(film: Film) -> None:
    _syn(film, 0.0, 443).packet(0.01, False, RST | ACK, seq=0)


@fires("R5", outcome="warn", side="client", packets=[1, 2])
def syn_meets_an_old_connection(film: Film) -> None:
    tcp = _syn(film, 0.0)
    tcp.packet(0.01, False, ACK, seq=77, ack=555)
    tcp.packet(0.02, True, RST, seq=555, ack=0)


@fires("R5", outcome="warn", packets=[2, 3])
def old_server_speaks_before_the_syn(film: Film) -> None:
    tcp = film.tcp()
    tcp.packet(0.0, False, PSH | ACK, b"old", seq=70, ack=1000)
    tcp.packet(0.01, True, SYN, ack=0, seq=999)
    tcp.packet(0.02, False, ACK, seq=77, ack=555)


@fires("R5", outcome="warn", packets=[1, 3])
def syn_repeated_before_the_challenge(film: Film) -> None:
    tcp = _syn(film, 0.0)
    tcp.packet(1.0, True, SYN, seq=1000, ack=0)
    tcp.packet(1.01, False, ACK, seq=77, ack=555)


@silent("R5")
def syn_meets_nobody(film: Film) -> None:
    _syn(film, 0.0)
    film.tcp().open(1.0)


@silent("R5")
def syn_answered_by_a_bare_reset(film: Film) -> None:
    _syn(film, 0.0).packet(0.01, False, RST, seq=0, ack=0)


@silent("R5")
def syn_ack_recorded_before_the_syn(film: Film) -> None:
    tcp = film.tcp()
    tcp.packet(0.0, False, SYN | ACK, ack=1001)
    tcp.packet(0.001, True, SYN, ack=0)
    tcp.packet(0.002, False, PSH | ACK, b"220 mail.example", seq=5001, ack=1001)


@silent("R5")
def packet_of_the_client_before_its_syn(film: Film) -> None:
    tcp = film.tcp()
    tcp.packet(0.0, True, ACK, seq=1000)
    tcp.packet(0.01, True, SYN, ack=0, seq=999)
    tcp.packet(0.02, False, ACK, ack=1000)


@silent("R5")
def connection_without_a_syn(film: Film) -> None:
    film.tcp().get(0.0).answer(0.1)
    film.tcp().open(1.0)


@silent("R5")
def the_syn_ack_was_not_captured(film: Film) -> None:
    tcp = _syn(film, 0.0)
    tcp.packet(0.01, False, ACK, ack=1001)


@silent("R5")
def an_ordinary_handshake(film: Film) -> None:
    film.tcp().open(0.0).get(0.1).answer(0.2)
