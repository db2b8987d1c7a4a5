"""Cases of messages that do not reach whom they should (F20 to F22, F25)."""

from __future__ import annotations

from tests.rules.cases import fires, silent
from tests.rules.channels_film import json, ping, room
from tests.rules.film import Film, Tcp


def _said(
    members: list[Tcp], at: float, sender: Tcp, text: str, heard_by: list[Tcp] | None = None, **more: object
) -> None:
    json(sender, at, True, say=text, **more)
    for number, member in enumerate(members if heard_by is None else heard_by):
        json(member, at + 0.02 + number * 0.001, False, text=text)


def _halves(film: Film, *, leak: bool = False, phases: float | None = 0.5) -> None:
    """Four members, two in each half; ``phases``: seconds between the ping ticks of the halves, None for no pings."""
    members = room(film, 4)
    for number, member in enumerate(members if phases is not None else ()):
        ping(member, 1.0 + number * 0.01, 1, phase=(phases or 0.0) if number >= 2 else 0.0)
    _said(members, 2.0, members[0], "first half", members[:2])
    _said(members, 3.0, members[2], "second half", members[2:])
    if leak:
        _said(members, 4.0, members[0], "everybody")
    for member in members:
        member.text(6.0, True, "x")


@fires(
    "F20", side="application", connections=(0, 1, 2, 3), confidence="certain",
    says="only within groups of 2 + 2; processes told by pings: 2",
)  # fmt: skip
def two_halves_hear_only_themselves(film: Film) -> None:
    _halves(film)


@fires("F20", confidence="likely", says="processes told by pings: -", packets=[29, 31, 33, 35, 37, 39])
def two_halves_without_pings(film: Film) -> None:
    _halves(film, phases=None)


@silent("F20")
def two_halves_of_one_process(film: Film) -> None:
    _halves(film, phases=0.0)


@silent("F20")
def one_of_three_speaks_to_itself(film: Film) -> None:
    members = room(film, 3)
    _said(members, 2.0, members[0], "the two of us", members[:2])
    _said(members, 3.0, members[2], "only me", members[2:])
    for member in members:
        member.text(6.0, True, "x")


@silent("F20")
def two_consumers_of_one_name(film: Film) -> None:
    members = [*room(film, 2, "/ws/chat/room/"), *room(film, 2, "/ws/game/room/")]
    _said(members, 2.0, members[0], "in the chat", members[:2])
    _said(members, 3.0, members[2], "in the game", members[2:])
    for member in members:
        member.text(6.0, True, "x")


@silent("F20")
def one_message_reaches_both_halves(film: Film) -> None:
    _halves(film, leak=True)


@silent("F20", "F22", "F21")
def message_that_names_its_recipients(film: Film) -> None:
    members = room(film, 4)
    for at in (2.0, 3.0, 4.0):
        _said(members, at, members[0], f"for you {at}", members[:2], to=[1, 2])
        _said(members, at + 0.5, members[2], f"and you {at}", members[2:], to=[3, 4])
    for member in members:
        member.text(6.0, True, "x")


def _burst(film: Film, count: int, missing: range, every: float = 0.002) -> None:
    members = room(film, 2)
    film.tcp().socket(0.2, "/ws/chat/room/").text(1.0, False, "no numbers for you")
    members[1].text(1.0, False, "hello")
    json(members[1], 1.1, False, hello=1)
    for number in range(count):
        for index, member in enumerate(members):
            if index == 0 or number not in missing:
                json(member, 2.0 + number * every + index * 0.0005, False, text="x", seq=number)


@fires("F21", side="application", connections=(1,), reason="memory_capacity", packets=[506, 866])
def burst_with_its_tail_lost(film: Film) -> None:
    _burst(film, 300, range(120, 298))


@fires("F21", side="application", connections=(1,), reason="redis_capacity", packets=[34, 334])
def burst_with_its_head_lost(film: Film) -> None:
    _burst(film, 300, range(2, 150))


@silent("F21")
def burst_below_the_capacity(film: Film) -> None:
    _burst(film, 80, range(40, 60))


@silent("F21")
def slow_messages_with_a_gap(film: Film) -> None:
    _burst(film, 300, range(120, 200), every=0.1)


@silent("F21")
def burst_that_arrives(film: Film) -> None:
    _burst(film, 300, range(0))


@silent("F21")
def two_messages_missing(film: Film) -> None:
    _burst(film, 300, range(100, 102))


def _deaf(film: Film, count: int, *, heard: bool, alive: bool = True) -> None:
    members = room(film, 3)
    _said(members, 2.0, members[0], "hello", members if heard else members[:2])
    for number in range(count):
        _said(members, 3.0 + number, members[0], f"later {number}", members[:2])
    if alive:
        json(members[2], 12.0, True, echo="still here")
        json(members[2], 12.05, False, echo="still here")
    for member in members:
        member.closed(14.0)


@fires("F22", side="application", connections=(2,), reason="expiry")
def member_stops_hearing(film: Film) -> None:
    _deaf(film, 4, heard=True)


@fires("F22", outcome="undecidable", reason="missing_await", connections=(2,))
def member_never_heard_anything(film: Film) -> None:
    _deaf(film, 4, heard=False)


@silent("F22")
def of_two_members_nobody_can_tell(film: Film) -> None:
    members = room(film, 2)
    _said(members, 2.0, members[0], "hello")
    for number in range(4):
        _said(members, 3.0 + number, members[0], f"later {number}", members[:1])
    members[1].text(12.0, True, "x").text(12.1, False, "x")
    for member in members:
        member.closed(14.0)


@silent("F22")
def member_hears_the_last_message_again(film: Film) -> None:
    members = room(film, 3)
    _said(members, 2.0, members[0], "hello")
    for number in range(4):
        _said(members, 3.0 + number, members[0], f"later {number}", members[:2])
    _said(members, 8.0, members[0], "and all")
    for member in members:
        member.text(9.0, True, "x").closed(14.0)


@silent("F22")
def others_talk_to_themselves(film: Film) -> None:
    members = room(film, 3)
    _said(members, 2.0, members[0], "hello")
    for number in range(4):
        _said(members, 3.0 + number, members[0], f"later {number}", members[:1])
    for member in members:
        member.text(9.0, True, "x").closed(14.0)


@silent("F22")
def member_missed_two_messages(film: Film) -> None:
    _deaf(film, 2, heard=True)


@silent("F22")
def member_gives_no_sign_of_life(film: Film) -> None:
    members = room(film, 3)
    _said(members, 2.0, members[0], "hello")
    for number in range(4):
        _said(members, 3.0 + number, members[0], f"later {number}", members[:2])


@fires("F25", side="application", connections=(2, 3))
def emptied_for_those_not_meant(film: Film) -> None:
    members = room(film, 4)
    json(members[0], 2.0, True, message="you two", to=[0, 1])
    for number, member in enumerate(members):
        json(member, 2.02 + number * 0.001, False, message="you two" if number < 2 else "")


@silent("F25")
def one_empty_message(film: Film) -> None:
    members = room(film, 3)
    for number, member in enumerate(members):
        json(member, 2.02 + number * 0.001, False, message="you two" if number < 2 else "")


@fires("F25", 2)
def emptied_again_later(film: Film) -> None:
    members = room(film, 4)
    for at in (2.0, 5.0):
        for number, member in enumerate(members):
            json(member, at + number * 0.001, False, message="you two" if number < 2 else "")


@silent("F25")
def messages_without_any_text(film: Film) -> None:
    members = room(film, 4)
    for number, member in enumerate(members):
        json(member, 2.0 + number * 0.001, False, message=3 if number < 2 else 0)


@silent("F25")
def a_type_is_no_text(film: Film) -> None:
    members = room(film, 4)
    for number, member in enumerate(members):
        json(member, 2.0 + number * 0.001, False, type="typing", message="x" if number < 2 else "y")


@silent("F25")
def empty_messages_at_another_time(film: Film) -> None:
    members = room(film, 4)
    for number, member in enumerate(members):
        json(member, 2.0 if number < 2 else 5.0 + number * 0.001, False, message="you two" if number < 2 else "")


# --- F20: what parts a room ------------------------------------------------------------------------------------------


@fires("F20", confidence="likely", at=2.0, says="groups of 2 + 2;")
def halves_in_which_all_speak_and_hear_the_server(film: Film) -> None:
    members = room(film, 4)
    for member in members:
        json(member, 1.0, False, text="news for everybody")
    for number, member in enumerate(members):
        half = members[:2] if number < 2 else members[2:]
        _said(members, 2.0 + number, member, f"number {number}", half)
    for member in members:
        member.text(7.0, True, "x")


@fires("F20", confidence="likely")
def only_one_half_is_pinged(film: Film) -> None:
    members = room(film, 4)
    for member in members[:2]:
        ping(member, 1.0, 1)
    _said(members, 2.0, members[0], "first half", members[:2])
    _said(members, 3.0, members[2], "second half", members[2:])
    for member in members:
        member.text(6.0, True, "x")


def _one_half_leaves(film: Film, phase: float | None) -> None:
    """The first half is gone when the second speaks; ``phase``: seconds between their ping ticks."""
    members = room(film, 4)
    for number, member in enumerate(members if phase is not None else ()):
        ping(member, 1.0, 1, phase=(phase or 0.0) if number >= 2 else 0.0)
    _said(members, 2.0, members[0], "first half", members[:2])
    for member in members[:2]:
        member.closed(2.8)
    _said(members, 4.0, members[2], "second half", members[2:])
    for member in members[2:]:
        member.text(6.0, True, "x")


@fires("F20", confidence="certain", connections=(0, 1, 2, 3))
def one_message_stays_within_a_process_that_is_known(film: Film) -> None:
    _one_half_leaves(film, 0.5)


@silent("F20")
def one_message_stays_within_a_half_and_no_process_is_known(film: Film) -> None:
    _one_half_leaves(film, None)


@silent("F20")
def halves_that_were_never_there_together(film: Film) -> None:
    """The speaker of the first is not sent its own words."""
    first = [film.tcp().socket(0.1 * number, "/ws/chat/room/") for number in range(2)]
    second = [film.tcp().socket(0.1 * number + 5.0, "/ws/chat/room/") for number in range(2)]
    for number, half in enumerate((first, second)):
        at = 5.0 * number + 0.5
        for member in half:
            ping(member, at, 1, phase=0.5 * number)
        _said(half, at + 1.0, half[0], f"half {number}", half[1:])
        for member in half:
            member.closed(at + 3.0)


@silent("F20")
def only_one_of_two_processes_speaks(film: Film) -> None:
    """Members that never heard anything may not have joined at all."""
    members = room(film, 4)
    for number, member in enumerate(members):
        ping(member, 1.0 + number * 0.01, 1, phase=0.5 if number >= 2 else 0.0)
    for at in (2.0, 3.0):
        _said(members, at, members[0], f"first half {at}", members[:2])
    for member in members:
        member.text(6.0, True, "x")


# --- F22: who is deaf, and since when --------------------------------------------------------------------------------


@fires("F22", connections=(2,), reason="expiry", at=2.5)
def busy_member_stops_hearing(film: Film) -> None:
    members = room(film, 3)
    json(members[2], 1.0, True, report="small")
    _said(members, 2.0, members[0], "hello")
    json(members[2], 2.5, True, report="large")
    for number in range(4):
        _said(members, 3.0 + number, members[0], f"later {number}", members[:2])
    json(members[2], 12.0, False, report="done")


@fires("F22", connections=(2,), reason="expiry", at=2.02)
def member_stops_hearing_and_had_asked_before(film: Film) -> None:
    members = room(film, 3)
    json(members[2], 1.0, True, report="small")
    _said(members, 2.0, members[0], "hello")
    for number in range(4):
        _said(members, 3.0 + number, members[0], f"later {number}", members[:2])
    json(members[2], 12.0, True, report="large")


@silent("F22")
def member_is_not_sent_its_own_words(film: Film) -> None:
    members = room(film, 3)
    _said(members, 2.0, members[0], "hello")
    for number in range(4):
        _said(members, 3.0 + number, members[2], f"mine {number}", members[:2])
    members[2].text(12.0, True, "x")


@fires("F22", connections=(2,), reason="expiry")
def deaf_member_still_gets_what_is_for_it_alone(film: Film) -> None:
    members = room(film, 3)
    _said(members, 2.0, members[0], "hello")
    for number in range(4):
        _said(members, 3.0 + number, members[0], f"later {number}", members[:2])
    _said(members, 8.0, members[0], "psst", members[2:])
    members[2].text(12.0, True, "x")


@fires("F22", connections=(2,), reason="expiry")
def deaf_member_and_another_get_their_own_echoes(film: Film) -> None:
    members = room(film, 3)
    _said(members, 2.0, members[0], "hello")
    for number in range(4):
        _said(members, 3.0 + number, members[0], f"later {number}", members[:2])
    for number, member in enumerate(members[1:]):
        json(member, 8.0 + number * 0.01, True, say="ok")
        json(member, 8.1 + number * 0.01, False, text="ok")
    members[2].text(12.0, True, "x")


# --- F25: what is empty ----------------------------------------------------------------------------------------------


@fires("F25", connections=(2, 3))
def emptied_messages_with_their_type(film: Film) -> None:
    for number, member in enumerate(room(film, 4)):
        json(member, 2.0 + number * 0.001, False, type="chat.message", message="you two" if number < 2 else "")


@silent("F25")
def numbers_where_others_got_a_text(film: Film) -> None:
    for number, member in enumerate(room(film, 4)):
        json(member, 2.0 + number * 0.001, False, message="you two" if number < 2 else 3)


@silent("F25")
def lists_and_plain_texts(film: Film) -> None:
    for number, member in enumerate(room(film, 4)):
        member.text(2.0 + number * 0.001, False, '["you two"]' if number < 2 else '[""]')
        member.text(3.0 + number * 0.001, False, "you two" if number < 2 else "")


@silent("F25")
def without_a_text_but_not_empty(film: Film) -> None:
    for number, member in enumerate(room(film, 4)):
        text = "you two" if number < 2 else ""
        json(member, 2.0 + number * 0.001, False, message=text, points=list(range(60)))


# --- F21: what is a sequence -------------------------------------------------------------------------------------------


def _numbered(film: Film, numbers: list[int], key: str = "id") -> None:
    """A member gets these in a burst; another only the first and the last."""
    members = room(film, 2)
    for place, number in enumerate(numbers):
        for member in members if place in (0, len(numbers) - 1) else members[:1]:
            json(member, 2.0 + place * 0.002, False, **{key: number})


@silent("F21")
def prices_that_rise_and_fall(film: Film) -> None:
    _numbered(film, [number * 7 % 401 for number in range(200)])


@silent("F21")
def identifiers_with_wide_gaps(film: Film) -> None:
    _numbered(film, [number * 60 for number in range(120)])


@silent("F21", settings={"capacity": 10})
def a_dozen_numbers(film: Film) -> None:
    _numbered(film, list(range(0, 36, 3)))


@silent("F21")
def texts_without_any_number(film: Film) -> None:
    for member in room(film, 2):
        for number in range(30):
            member.text(2.0 + number * 0.002, False, f"line {number}")


@silent("F21")
def numbers_for_one_socket_alone(film: Film) -> None:
    tcp = film.tcp().socket(0.0)
    for number in (*range(60), *range(90, 150)):
        json(tcp, 2.0 + number * 0.002, False, seq=number)


# --- rooms: what is a broadcast ----------------------------------------------------------------------------------------


@silent("F22")
def each_gets_messages_for_itself(film: Film) -> None:
    """From the server, unasked; and once the same ones, long after each other."""
    members = room(film, 3)
    _said(members, 1.0, members[0], "hello")
    for number in range(4):
        json(members[0], 2.0 + number, False, text=f"for one {number}")
        json(members[1], 6.5 + number, False, text=f"for one {number}")
    for member in members:
        member.text(12.0, True, "x")


@fires("F22", outcome="undecidable", reason="missing_await", connections=(1,))
def words_for_one_member_only(film: Film) -> None:
    members = room(film, 3)
    for number in range(4):
        _said(members, 2.0 + number, members[0], f"psst {number}", members[2:])
    for member in members:
        member.text(12.0, True, "x")


@fires("F22", connections=(2,), reason="expiry")
def deaf_in_a_room_that_sends_nobody_his_own_words(film: Film) -> None:
    members = room(film, 3)
    _said(members, 2.0, members[0], "hello", members[1:])
    for number in range(4):
        _said(members, 3.0 + number, members[0], f"later {number}", members[1:2])
    members[2].text(12.0, True, "x")


@fires("F22", connections=(2,), reason="expiry")
def deaf_to_the_server_s_own_news(film: Film) -> None:
    members = room(film, 3)
    for number in range(5):
        for place, member in enumerate(members if number == 0 else members[:2]):
            json(member, 2.0 + number + place * 0.001, False, news=f"number {number}")
    members[2].text(12.0, True, "x")


@fires("F22", connections=(2,), reason="expiry")
def deaf_to_what_is_repeated(film: Film) -> None:
    """The same words again within three seconds are another message."""
    members = room(film, 3)
    for number in range(5):
        for place, member in enumerate(members if number == 0 else members[:2]):
            json(member, 2.0 + number * 0.4 + place * 0.001, False, news="tick tick")
    members[2].text(12.0, True, "x")


@fires("F22", connections=(2,), reason="expiry")
def deaf_to_what_the_listener_had_once_said_himself(film: Film) -> None:
    members = room(film, 3)
    for number in range(4):
        _said(members, 1.0 + number * 0.2, members[1], f"words {number}")
    for number in range(4):
        _said(members, 9.0 + number, members[0], f"words {number}", members[:2])
    members[2].text(20.0, True, "x")


@silent("F20")
def news_of_what_members_had_said_long_before(film: Film) -> None:
    members = room(film, 4)
    json(members[0], 1.0, True, say="number one")
    json(members[2], 1.0, True, say="number two")
    for place, member in enumerate(members):
        json(member, 8.0 + place * 0.001, False, text="number one" if place < 2 else "number two")
        member.text(12.0, True, "x")


@silent("F20")
def the_second_half_comes_while_the_first_speaks(film: Film) -> None:
    first = [film.tcp().socket(0.1 * number, "/ws/chat/room/") for number in range(2)]
    for member in first:
        ping(member, 1.0, 1)
    json(first[0], 2.0, True, say="half one")
    second = [film.tcp(rtt=0.001).socket(2.1 + 0.01 * number, "/ws/chat/room/") for number in range(2)]
    for member in first:
        json(member, 2.2, False, text="half one")
        member.closed(3.0)
    for member in second:
        ping(member, 4.0, 1, phase=0.5)
    _said(second, 5.0, second[0], "half two")
    for member in second:
        member.text(8.0, True, "x")


@fires("F20", confidence="likely", packets=[33, 35, 37, 39, 41, 43])
def answers_that_quote_an_earlier_message(film: Film) -> None:
    """Of all that says the quoted words, the latest is what was answered."""
    members = room(film, 4)
    for place, text in ((1, "aaa quoted"), (1, "zzz quoted")):
        json(members[place], 1.9, True, draft=text)
    for half, text in ((members[:2], "first half"), (members[2:], "second half")):
        at = 2.0 if text == "first half" else 3.0
        json(half[0], at, True, say=text)
        for place, member in enumerate(half):
            quoted = ["aaa quoted", "zzz quoted"] if text == "first half" else []
            json(member, at + 0.02 + place * 0.001, False, text=text, quoted=quoted)
    for member in members:
        member.text(6.0, True, "x")


@silent("F20")
def news_that_members_repeat_later(film: Film) -> None:
    members = room(film, 4)
    for place, member in enumerate(members):
        json(member, 2.0 + place * 0.001, False, text="number one" if place < 2 else "number two")
    json(members[0], 5.0, True, say="number one")
    json(members[2], 5.0, True, say="number two")
    for member in members:
        member.text(8.0, True, "x")
