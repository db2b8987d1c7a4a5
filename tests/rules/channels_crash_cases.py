"""Cases of sockets that end by an exception (F12 to F14, F18, F19, F23)."""

from __future__ import annotations

from tests.packets import ACK, RST, SYN
from tests.rules.cases import fires, silent
from tests.rules.channels_film import FAILED, UVICORN, crash, echoes, json, nobody_listens, ping, refused, room, uvicorn
from tests.rules.film import Film, Tcp


def _asked(film: Film, last: str | bytes, opcode: int = 1, wait: float = 0.6) -> None:
    tcp = film.tcp().socket(0.0, "/ws/fragile/")
    json(tcp, 0.2, True, text="hello")
    json(tcp, 0.22, False, text="hello")
    tcp.frame(1.0, True, opcode, last.encode() if isinstance(last, str) else last)
    crash(tcp, 1.0 + wait)


@fires("F12", side="application", reason="invalid_json", confidence="certain", at=1.0)
def message_that_is_no_json(film: Film) -> None:
    _asked(film, "{'text': 1}")


@fires("F12", side="application", reason="missing_key")
def message_without_its_key(film: Film) -> None:
    _asked(film, '{"txt": "hello"}')


@fires("F12", side="application", reason="binary")
def binary_message(film: Film) -> None:
    _asked(film, b"\x00\x01", opcode=2)


@fires("F12", side="application", reason="empty_text")
def empty_message(film: Film) -> None:
    _asked(film, "")


@fires("F12", side="application", reason="not_an_object")
def message_that_is_no_object(film: Film) -> None:
    _asked(film, '["hello"]')


@silent("F06")
@fires("F12", side="application", reason="unknown", confidence="likely")
def ordinary_message(film: Film) -> None:
    _asked(film, '{"text": "again"}')


@fires("F12", side="application", reason="invalid_json")
def uvicorn_ends_without_a_close(film: Film) -> None:
    tcp = film.tcp().open(0.0).ask(0.02).switch(0.04, UVICORN, upgrade="websocket")
    json(tcp, 0.2, True, text="hello")
    json(tcp, 0.22, False, text="hello")
    tcp.text(1.0, True, "{'text': 1}").fin(1.03, False)


@silent("F17")
@fires("F12", reason="invalid_json")
def crash_while_a_pong_is_waited_for(film: Film) -> None:
    tcp = film.tcp().socket(0.0, "/ws/fragile/")
    json(tcp, 0.2, True, text="hello")
    json(tcp, 0.22, False, text="hello")
    ping(tcp, 20.0, 1, answered=False)
    tcp.text(49.0, True, "{'text': 1}")
    ping(tcp, 49.2, 2)
    crash(tcp, 49.5)


@silent("F12")
def crash_three_seconds_after_the_message(film: Film) -> None:
    _asked(film, "{'text': 1}", wait=3.0)


@silent("F12", "F13", "F16", "F17", "F18", "F19", "F23")
def closed_by_the_client(film: Film) -> None:
    film.tcp().socket(0.0).text(0.2, True, "{'text': 1}").closed(0.5, True, 4005)


@silent("F12", "F13", "F14", "F15", "F18", "F19")
def the_server_closes_normally_after_a_message(film: Film) -> None:
    film.tcp().socket(0.0).text(1.0, True, "{'text': 1}").close(1.5, False, 1000).close(1.51, True, 1000).rst(
        1.52, False
    )


@silent("F12", "F16")
def uvicorn_ends_long_after_a_message(film: Film) -> None:
    tcp = film.tcp().open(0.0).ask(0.02).switch(0.04, UVICORN, upgrade="websocket")
    tcp.text(1.0, True, "hello").fin(1.5, False)


@silent("F16", "F19")
@fires("F13", side="application", connections=(0, 1, 2), at=2.0, says="One message in /ws/chat/room/, and 3 sockets")
def one_message_crashes_all_members(film: Film) -> None:
    members = room(film, 3)
    json(members[0], 2.0, True, type="chat.gone", text="bye")
    for number, member in enumerate(members):
        crash(member, 2.5 + number * 0.001)


@silent("F13")
def members_crash_one_after_the_other(film: Film) -> None:
    members = room(film, 3)
    for number, member in enumerate(members):
        json(member, 2.0 + number, True, type="chat.gone", text="bye")
        crash(member, 2.5 + number)


@silent("F13", "F23")
def one_crashes_and_the_others_hear_nothing(film: Film) -> None:
    members = room(film, 3)
    json(members[0], 2.0, True, type="chat.gone", text="bye")
    crash(members[0], 2.5)


@fires("F14", side="application", reason="illegal_code", rivals=("F12",))
def leaving_crashes(film: Film) -> None:
    tcp = film.tcp().socket(0.0)
    json(tcp, 0.2, True, type="message", text="hello")
    json(tcp, 0.22, False, text="hello")
    json(tcp, 1.0, True, type="leave", code=1001)
    crash(tcp, 1.6)


@fires("F14", outcome="undecidable", side="server", reason="reason_dropped", severity="info", packets=[10])
def leaving_works(film: Film) -> None:
    tcp = film.tcp().socket(0.0)
    json(tcp, 1.0, True, type="leave")
    tcp.close(1.01, False, 4001).close(1.02, True, 4001).rst(1.03, False)


@fires("F18", side="server", connections=(0, 1), rivals=("F19",))
def idle_sockets_crash_one_by_one(film: Film) -> None:
    for number, tcp in enumerate([film.tcp().socket(0.7 * number, f"/ws/{number}/") for number in range(2)]):
        crash(tcp, 6.8 + 5 * number)
    film.tcp().socket(2.0, "/ws/busy/").text(12.0, True, "hello").text(12.1, False, "hello")


@silent("F18")
def crash_after_a_message(film: Film) -> None:
    _asked(film, '{"text": "again"}')


@fires("F19", side="server", reason="all_at_once", connections=(0, 1, 2))
def all_sockets_crash_at_once(film: Film) -> None:
    for number, tcp in enumerate([film.tcp().socket(0.1 * number, f"/ws/{number}/") for number in range(3)]):
        crash(tcp, 6.8 + number * 0.001)


@fires("F19", side="server", reason="refused", confidence="certain")
def redis_refuses(film: Film) -> None:
    tcp = film.tcp().socket(0.0)
    redis = film.tcp(6379, client="10.0.0.2", server="10.0.0.9")
    redis.packet(6.0, True, SYN, ack=0)
    redis.packet(6.001, False, RST | ACK, seq=0, ack=1001)
    crash(tcp, 6.8)


@fires("F19", side="server", reason="all_at_once", connections=(0, 1, 2))
def uvicorn_without_redis(film: Film) -> None:
    for number in range(2):
        tcp = film.tcp().open(number * 0.1).ask(number * 0.1 + 0.02, f"/ws/{number}/")
        tcp.switch(number * 0.1 + 0.04, UVICORN, upgrade="websocket").fin(6.8 + number * 0.001, False)
    refused(film, "", FAILED, 8.0)


@silent("F19")
def one_of_two_crashes(film: Film) -> None:
    tcps = [film.tcp().socket(0.1 * number, f"/ws/{number}/") for number in range(2)]
    crash(tcps[0], 6.8)
    tcps[1].text(8.0, True, "hello")


@fires("F23", side="application", connections=(1, 2), at=2.0)
def one_member_hears_the_otherscrash(film: Film) -> None:
    members = room(film, 3)
    json(members[1], 2.0, True, type="chat.message", text="hello all")
    json(members[0], 2.05, False, text="hello all")
    for member in members[1:]:
        crash(member, 2.5)


@fires("F23", side="application", connections=(1, 2))
def uvicorn_where_the_speaker_lives_on(film: Film) -> None:
    members = []
    for number in range(3):
        at = number * 0.1
        members.append(film.tcp().open(at).ask(at + 0.02).switch(at + 0.04, UVICORN, upgrade="websocket"))
    json(members[0], 2.0, True, type="chat.message", text="hello all")
    json(members[0], 2.02, False, text="hello all")
    for member in members[1:]:
        member.fin(2.03, False)
    members[0].text(3.0, True, "x")


@silent("F23")
def daphne_sockets_end_while_somebody_speaks(film: Film) -> None:
    members = room(film, 3)
    json(members[0], 2.0, True, type="chat.message", text="hello all")
    json(members[0], 2.02, False, text="hello all")
    for member in members[1:]:
        member.fin(2.03, False)
    members[0].text(3.0, True, "x")


# --- which message it was ----------------------------------------------------------------------------------------------


def _hello(tcp: Tcp, at: float = 0.2) -> Tcp:
    return json(json(tcp, at, True, text="hello"), at + 0.02, False, text="hello")


@fires("F12", reason="invalid_json", at=1.1)
def the_first_of_two_messages_was_answered(film: Film) -> None:
    tcp = _hello(_hello(film.tcp().socket(0.0)), 1.0)
    crash(tcp.text(1.1, True, "{"), 1.6)


@fires("F12", reason="invalid_json", at=1.0)
def two_messages_and_neither_was_answered(film: Film) -> None:
    tcp = _hello(film.tcp().socket(0.0)).text(1.0, True, "{")
    crash(json(tcp, 1.1, True, text="more"), 1.6)


@fires("F12", reason="unknown", at=1.1)
def answered_and_crashed_afterwards(film: Film) -> None:
    crash(_hello(_hello(_hello(film.tcp().socket(0.0)), 1.0), 1.1), 1.6)


@silent("F12")
def message_that_crosses_the_close(film: Film) -> None:
    tcp = _hello(film.tcp().socket(0.0)).close(3.0, False, 1011).text(3.005, True, "{")
    tcp.close(3.011, True, 1011).rst(3.02, False)


@silent("F12")
def uvicorn_resets_right_after_a_message(film: Film) -> None:
    uvicorn(film, 0.0).text(1.0, True, "{").rst(1.03, False)


@silent("F12", "F14")
def daphne_ends_with_fin_right_after_a_message(film: Film) -> None:
    film.tcp().socket(0.0).text(1.0, True, "{").fin(1.03, False)


@silent("F12")
def application_that_closes_with_1003(film: Film) -> None:
    uvicorn(film, 0.0).text(1.0, True, "{").close(1.02, False, 1003).close(1.03, True, 1003).fin(1.04, False)


# --- a tick that waits while the loop stands still ---------------------------------------------------------------------


@fires("F12", reason="invalid_json", at=1.95)
@silent("F18")
def crash_that_waits_for_a_blocked_loop(film: Film) -> None:
    tcp = film.tcp().socket(0.0, "/ws/fragile/")
    echoes(film, 1.5, page=1.4)
    crash(_hello(tcp).text(1.95, True, "{"), 3.6)


@silent("F12")
def crash_long_after_the_loop_stood_still(film: Film) -> None:
    tcp = _hello(film.tcp().socket(0.0, "/ws/fragile/"))
    echoes(film, 1.5, page=1.4)
    crash(tcp.text(5.0, True, "{"), 7.0)


@silent("F12")
def crash_before_the_loop_stands_still(film: Film) -> None:
    tcp = _hello(film.tcp().socket(0.0, "/ws/fragile/"))
    crash(tcp.text(1.0, True, "{"), 3.0)
    echoes(film, 1.5, at=4.0, page=1.4)


@silent("F12")
def crash_while_another_server_stands_still(film: Film) -> None:
    tcp = film.tcp(9000)
    tcp.websocket_key = "b3RoZXIgc2VydmVyLi4uLg=="
    tcp.socket(0.0, "/ws/fragile/")
    echoes(film, 1.5, page=1.4)
    crash(_hello(tcp).text(1.95, True, "{"), 3.6)


# --- what is odd about it ----------------------------------------------------------------------------------------------


def _after(film: Film, earlier: list[str], last: str) -> None:
    tcp = film.tcp().socket(0.0, "/ws/fragile/")
    for number, text in enumerate(earlier):
        tcp.text(0.1 + number * 0.1, True, text).text(0.15 + number * 0.1, False, "ok")
    crash(tcp.text(2.0, True, last), 2.5)


@fires("F12", reason="unknown")
def object_after_a_text(film: Film) -> None:
    _after(film, ['"hi"'], '{"text": "hi"}')


@fires("F12", reason="unknown")
def plain_text_where_all_is_plain(film: Film) -> None:
    _after(film, ["hello", "world"], "and all")


@fires("F12", reason="invalid_json")
def the_very_first_message_is_no_json(film: Film) -> None:
    _after(film, [], "hello")


@fires("F12", reason="unknown")
def list_where_all_are_lists(film: Film) -> None:
    _after(film, ["[1]"], "[2]")


@fires("F12", reason="missing_key")
@silent("F14")
def leaving_without_a_key(film: Film) -> None:
    _after(film, ['{"type": "leave", "code": 4000}'], '{"type": "leave"}')


# --- who crashed with whom ---------------------------------------------------------------------------------------------


@fires("F13", connections=(1, 0, 2), at=2.0)
def the_second_member_crashes_all(film: Film) -> None:
    members = room(film, 3)
    json(members[1], 2.0, True, type="chat.gone", text="bye")
    for member in members:
        crash(member, 2.5)


@fires("F13", connections=(0, 1))
def binary_message_crashes_all(film: Film) -> None:
    members = room(film, 2)
    members[0].frame(2.0, True, 2, b"x")
    film.tcp().socket(0.5, "/ws/other/")
    for member in members:
        crash(member, 2.5)


@fires("F13", connections=(0, 1))
@silent("F12")
def two_ordinary_messages_before_all_crash(film: Film) -> None:
    members = room(film, 2)
    for member in members:
        crash(json(member, 2.0, True, text="hi"), 2.5)


@fires("F12", 2, reason="binary")
@silent("F13", "F19")
def two_members_each_with_their_own_mistake(film: Film) -> None:
    for member in room(film, 2):
        crash(member.frame(2.0, True, 2, b"x"), 2.5)


@fires("F13", 2, connections=(0, 2))
@silent("F23")
def two_rooms_crash_on_one_tick(film: Film) -> None:
    """A third room goes on, and hears the same words at that moment."""
    rooms = [*room(film, 2, "/ws/a/"), *room(film, 2, "/ws/b/")]
    other = film.tcp().socket(0.5, "/ws/c/")
    json(rooms[0], 2.0, True, text="hello all")
    json(rooms[2], 2.0, True, text="hello all")
    json(other, 2.1, False, text="hello all")
    for member in rooms:
        crash(member, 2.5)


@fires("F13", connections=(0, 1, 2), at=2.0)
def uvicorn_ends_a_whole_room(film: Film) -> None:
    members = [uvicorn(film, 0.1 * number) for number in range(3)]
    json(members[0], 2.0, True, type="chat.gone", text="bye")
    for number, member in enumerate(members):
        member.fin(2.03 + number * 0.001, False)


# --- F19, F18 ----------------------------------------------------------------------------------------------------------


@fires("F19", reason="all_at_once", connections=(1, 2))
def all_that_are_left_crash(film: Film) -> None:
    """Others had left before, or are at another server."""
    film.tcp().socket(0.0).closed(0.5)
    for number in range(2):
        crash(film.tcp().socket(0.1 * number + 0.6, f"/ws/{number}/"), 6.8)
    uvicorn(film, 0.9, server_port=9000)


@fires("F19", reason="all_at_once", connections=(0, 1, 2))
def a_whole_room_crashes_and_nobody_spoke(film: Film) -> None:
    for member in room(film, 3):
        crash(member, 6.8)


@fires("F13", connections=(0, 1))
@silent("F19")
def everybody_in_one_room_crashes_while_talking_as_before(film: Film) -> None:
    for member in room(film, 2):
        json(member, 1.0, True, text="hi")
        crash(json(member, 6.3, True, text="again"), 6.8)


@fires("F19", reason="all_at_once", connections=(0, 1))
def everybody_in_two_rooms_crashes_while_talking_as_before(film: Film) -> None:
    for number in range(2):
        tcp = film.tcp().socket(0.1 * number, f"/ws/{number}/")
        json(tcp, 1.0, True, text="hi")
        crash(json(tcp, 6.3, True, text="again"), 6.8)


@fires("F19", reason="all_at_once", connections=(0, 1))
def everybody_in_two_rooms_crashes_and_one_had_said_nothing_new(film: Film) -> None:
    first, second = (film.tcp().socket(0.1 * number, f"/ws/{number}/") for number in range(2))
    json(first, 1.0, True, type="message", text="hi")
    crash(json(first, 6.3, True, type="message", text="again"), 6.8)
    crash(json(second, 6.3, True, type="message", text="hi"), 6.8)


@fires("F12", 2)
@silent("F19")
def everybody_in_two_rooms_crashes_over_something_new(film: Film) -> None:
    first, second = (film.tcp().socket(0.1 * number, f"/ws/{number}/") for number in range(2))
    for tcp in (first, second):
        json(tcp, 1.0, True, type="message", text="hi")
    crash(json(first, 6.3, True, type="search", text="hi"), 6.8)
    crash(json(second, 6.3, True, type="message", text="hi", to=7), 6.8)


@fires("F12", 1, connections=(2,))
@fires("F13", connections=(0, 1))
@silent("F19")
def a_room_and_somebody_elsewhere_crash_on_one_tick(film: Film) -> None:
    members = room(film, 2)
    json(members[0], 6.3, True, type="chat.gone", text="bye")
    other = film.tcp().socket(0.3, "/ws/else/").text(1.0, True, "hello").text(6.4, True, "[1]")
    for member in members:
        crash(member, 6.8)
    crash(other, 6.8)


@fires("F18", connections=(0,), says="Nobody had said anything for")
@silent("F19")
def the_only_socket_crashes(film: Film) -> None:
    crash(film.tcp().socket(0.0), 6.8)


@fires("F18", connections=(0,))
@silent("F12", "F13", "F23")
def an_idle_member_crashes_while_others_talk(film: Film) -> None:
    members = room(film, 4)
    _hello(members[1], 6.0)
    crash(members[0], 6.8)


@fires("F18", connections=(0, 1))
@silent("F13", "F23", "F12")
def members_crash_long_after_somebody_spoke(film: Film) -> None:
    members = room(film, 3)
    _hello(members[2], 3.0)
    for member in members[:2]:
        crash(member, 6.8)


@fires("F19", reason="refused", connections=(0,))
def redis_refuses_a_single_uvicorn_socket(film: Film) -> None:
    nobody_listens(film, 6.0, 6379, "10.0.0.9")
    uvicorn(film, 0.0).fin(6.8, False)


@silent("F19")
def another_port_refuses(film: Film) -> None:
    nobody_listens(film, 6.0, 6380, "10.0.0.9")
    crash(film.tcp().socket(0.0), 6.8)


@silent("F19")
def redis_had_refused_long_before(film: Film) -> None:
    nobody_listens(film, 0.5, 6379, "10.0.0.9")
    crash(film.tcp().socket(0.0), 6.8)


@silent("F19")
def one_uvicorn_socket_ends_and_a_handshake_fails(film: Film) -> None:
    uvicorn(film, 0.0).fin(6.8, False)
    refused(film, "", FAILED, 8.0)


@silent("F19")
def daphne_s_sockets_end_and_a_handshake_fails(film: Film) -> None:
    for number in range(2):
        film.tcp().socket(0.1 * number, f"/ws/{number}/").fin(6.8, False)
    refused(film, "", FAILED, 8.0)


@silent("F19")
def uvicorn_s_sockets_end_and_other_handshakes_fail(film: Film) -> None:
    """One before, one of another server; the one afterwards succeeds."""
    failed = b"HTTP/1.1 500 Internal Server Error\r\nserver: uvicorn\r\nContent-Length: 0\r\n\r\n"
    refused(film, "", failed, 0.0)
    for number in range(2):
        uvicorn(film, 0.1 * number + 0.2, f"/ws/{number}/").fin(6.8, False)
    uvicorn(film, 8.0)
    other = film.tcp(9000)
    other.websocket_key = "b3RoZXIgc2VydmVyLi4uLg=="
    other.open(8.0).ask(8.02).say(8.04, False, failed).fin(8.05, False)


# --- F23 ---------------------------------------------------------------------------------------------------------------


def _survivors(film: Film, phases: tuple[float, float], heard: float = 2.05, text: str = "hello all") -> None:
    """Four members, two of whom live on and get a text; two of the four crash at 2.5."""
    members = room(film, 4)
    for member, phase in zip(members[:2], phases, strict=True):
        ping(member, 1.0, 1, phase=phase)
        json(member, heard, False, text=text)
    json(members[2], 2.0, True, text="hello all")
    for member in members[2:]:
        crash(member, 2.5)


@fires("F23", connections=(2, 3), confidence="likely", says="2 members got it, 2 crashed")
def one_member_of_each_process_lives_on(film: Film) -> None:
    _survivors(film, (0.0, 0.5))


@fires("F23", connections=(2, 3), confidence="unclear")
def two_members_of_one_process_live_on(film: Film) -> None:
    _survivors(film, (0.0, 0.0))


@fires("F13", connections=(2, 3))
@silent("F23")
def the_others_had_heard_it_before(film: Film) -> None:
    _survivors(film, (0.0, 0.5), heard=1.9)


@fires("F13", connections=(2, 3))
@silent("F23")
def the_others_hear_it_later(film: Film) -> None:
    _survivors(film, (0.0, 0.5), heard=3.0)


@fires("F13", connections=(2, 3))
@silent("F23")
def the_others_hear_something_else(film: Film) -> None:
    _survivors(film, (0.0, 0.5), text="good bye")


@fires("F23", connections=(3, 4), at=2.15)
@silent("F16")
def another_socket_had_crashed_shortly_before(film: Film) -> None:
    """On uvicorn, 50 ms before, so that the ends make one group: the room's speaker had not spoken then."""
    crashed = _hello(uvicorn(film, 0.0, "/ws/fragile/"))
    members = [uvicorn(film, 0.1 + 0.1 * number) for number in range(4)]
    crashed.text(2.08, True, "{").fin(2.12, False)
    json(members[0], 2.15, True, text="hello all")
    for number, member in enumerate(members[:2]):
        json(member, 2.16 + number * 0.001, False, text="hello all")
    for member in members[2:]:
        member.fin(2.17, False)
    members[0].text(3.0, True, "x")
