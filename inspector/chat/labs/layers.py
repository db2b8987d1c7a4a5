"""Messages that the channel layer loses, or that go astray (F20-F25)."""

from __future__ import annotations

import asyncio
import json

from inspector.chat.labs.lab import Lab, Lesson, Needs
from inspector.chat.labs.peers import LabFailed, Peer
from inspector.chat.labs.scene import Scene, crash, frame, missing
from inspector.i18n import N_

__all__ = ["LABS"]

# Long enough for what is on its way to arrive on a loaded machine; what has not arrived then never will.
_QUIET_S = 1.0
_MOST_SOCKETS = 24


async def _quiet(*peers: Peer) -> None:
    """Wait until nothing has arrived for a while."""
    while True:
        before = [len(peer.received) for peer in peers]
        await asyncio.sleep(_QUIET_S)
        if [len(peer.received) for peer in peers] == before:
            return


async def separate_processes(scene: Scene) -> None:
    """Two processes with a layer in memory: a room falls into two."""
    room = scene.room()
    groups: dict[int, list[Peer]] = {}
    opened: list[Peer] = []
    # Which process gets a connection is the kernel's or nginx's choice.
    while len(groups) < 2 or min(len(group) for group in groups.values()) < 2:
        if len(opened) == _MOST_SOCKETS:
            raise LabFailed(f"{_MOST_SOCKETS} sockets, and not two in each process")
        opened.append(await scene.open(f"/ws/labs/member/{room}/"))
        groups.setdefault(await scene.process(opened[-1].pair), []).append(opened[-1])
    first, second = groups.values()
    start = 0
    for number, (speakers, others) in enumerate(((first, second), (second, first))):
        sent = await speakers[0].send({"say": f"{number}번째"})
        start = start or sent
        for peer in speakers:
            await peer.wait_for(number + 1 if speakers is first else 1)
        await _quiet(*opened)
        scene.expect(all(len(peer.texts) == number for peer in others), "the other process should hear nothing")
    # Every ping tells the phase of its process's timer.
    await asyncio.sleep(2 * scene.stage.needs.ping_interval + 2.5)
    partition = [[peer.pair.client for peer in group] for group in groups.values()]
    scene.fault(
        "F20", "application", [peer.pair for peer in opened], start, missing("server", partition=partition),
        reason="memory_layer",
    )  # fmt: skip


async def over_capacity(scene: Scene) -> None:
    """A burst at once: the queues of the layer fill, and what comes then is dropped."""
    room = scene.room()
    sender = await scene.open(f"/ws/labs/member/{room}/")
    slow = await scene.open(f"/ws/labs/slow-member/{scene.chance.choice([3, 5, 8])}/{room}/")
    sent = await sender.send({"burst": 300})
    await _lost(scene, 300, sent, slow, sender)


async def over_capacity_redis(scene: Scene) -> None:
    """Messages at a pace that Redis and the process keep up with, and one member's handler does not."""
    room = scene.room()
    # Not a member itself: its own handler is busy all the time.
    sender = await scene.open(f"/ws/labs/unmember/{room}/")
    quick = await scene.open(f"/ws/labs/member/{room}/")
    slow = await scene.open(f"/ws/labs/slow-member/{scene.chance.choice([60, 80])}/{room}/")
    sent = await sender.send({"burst": 100, "pause": 0.01})
    await _lost(scene, 100, sent, slow, quick)


async def _lost(scene: Scene, count: int, sent: int, *peers: Peer) -> None:
    """Note who lost which of the numbered messages; the first one must have."""
    await peers[0].wait(lambda peer: len(peer.texts) >= 10, "the first of the burst")
    await _quiet(*peers)
    lost = {}
    for peer in peers:
        seen = {json.loads(text)["seq"] for text in peer.texts}
        if len(seen) < count:
            lost[peer] = [number for number in range(count) if number not in seen]
    scene.expect(peers[0] in lost, "the slow member should have lost messages")
    evidence = [
        missing("server", client=peer.pair.client, count=len(gone), of=count, first=gone[0], last=gone[-1])
        for peer, gone in lost.items()
    ]
    scene.fault(
        "F21", "application", [peer.pair for peer in lost], sent, *evidence, reason=f"{scene.stage.layer}_capacity"
    )


async def deaf_member(scene: Scene) -> None:
    """A member is busy for longer than the layer's expiry, and hears nothing ever again."""
    room, expiry = scene.room(), scene.stage.needs.expiry
    speaker, other, busy = [await scene.open(f"/ws/labs/member/{room}/") for _ in range(3)]
    await speaker.send({"say": "안녕하세요"})
    await asyncio.gather(*(peer.wait_for(1) for peer in (speaker, other, busy)))
    start = await busy.send({"work": expiry + 1.5, "echo": "done"})
    for number in range(3):
        await speaker.send({"say": f"while busy {number}"})
    await asyncio.sleep(expiry + 1.0)
    # Whoever asks the layer next cleans it up.
    await speaker.send({"say": "after expiry"})
    await busy.wait(lambda peer: any("done" in text for text in peer.texts), "its own answer")
    await _quiet(speaker, other, busy)
    heard = len(busy.texts)
    later = 3
    for number in range(later):
        count = len(other.texts)
        await speaker.send({"say": f"later {number}"})
        await other.wait_for(count + 1)
    await busy.ask({"echo": "still here"})
    await _quiet(speaker, other, busy)
    scene.expect(len(busy.texts) == heard + 1, "the busy member should be deaf")
    scene.fault(
        "F22", "application", busy.pair, start, missing("server", messages=later, since="work"), reason="expiry",
    )  # fmt: skip


async def never_joined(scene: Scene) -> None:
    """group_add without await: a member that never was one."""
    room = scene.room()
    members = [await scene.open(f"/ws/labs/member/{room}/") for _ in range(2)]
    start = scene.now()
    stranger = await scene.open(f"/ws/labs/unmember/{room}/")
    for number in range(3):
        await members[0].send({"say": f"{number}번째"})
        await asyncio.gather(*(peer.wait_for(number + 1) for peer in members))
    await stranger.ask({"echo": "hello"})
    await _quiet(stranger)
    scene.expect(len(stranger.texts) == 1, "it should hear itself only")
    scene.fault(
        "F22", "application", stranger.pair, start, missing("server", messages=3), decidable=False,
        would_decide="trace", reason="missing_await",
    )  # fmt: skip


async def mutated_event(scene: Scene) -> None:
    """A handler changes the event that it shares with the others of its process."""
    room = scene.room()
    peers = [await scene.open(f"/ws/labs/mutating/{room}/") for _ in range(4)]
    sent = await peers[0].send({"say": "안녕하세요"})
    expected = crash(scene)
    await asyncio.sleep(2.5)
    ended = {peer: await peer.ended() for peer in peers if not peer.open}
    scene.expect(len(ended) == len(peers) - 1, f"{len(ended)} of {len(peers)} crashed")
    scene.expect(
        all((e.how, e.code) == (expected.kind, expected.code) for e in ended.values()), f"they ended as {ended}"
    )
    (lucky,) = (peer for peer in peers if peer.open)
    scene.expect(len(lucky.texts) == 1, "one member should get the message")
    scene.fault(
        "F23", "application", [peer.pair for peer in ended], sent, frame("server", client=lucky.pair.client), expected,
        seen_ns=min(e.time_ns for e in ended.values()), reason="event_changed",
    )  # fmt: skip


async def empty_to_others(scene: Scene) -> None:
    """A message for two goes to everybody, with its text left out for the others."""
    room = scene.room()
    peers = [await scene.open(f"/ws/labs/careless/{room}/?user={number}") for number in range(6)]
    targets = sorted(scene.chance.sample(range(1, 6), 2))
    sent = await peers[0].send({"message": "너희 둘만", "to": targets})
    await asyncio.gather(*(peer.wait_for(1) for peer in peers))
    others = [peer for number, peer in enumerate(peers) if number not in targets]
    scene.expect(
        all(json.loads(peer.texts[0]) == {"message": ""} for peer in others), "others should get nothing in it"
    )
    scene.fault(
        "F25", "application", [peer.pair for peer in others], sent, frame("server", text='{"message": ""}'),
        seen_ns=others[0].received[0][0], reason="empty_message",
    )  # fmt: skip


LABS = (
    Lab(
        "separate-processes",
        N_("Two processes, a layer in memory: one room becomes two"),
        ("F20",),
        separate_processes,
        Lesson(
            N_("Find out how many processes are behind one port."),
            N_("Who receives which message; the times of the server's pings, modulo two seconds."),
            N_("Which members can hear each other, and what do they have in common?"),
            N_(
                "Those of one process: the in-memory layer knows no others. All pings of a process share a timer, so "
                "that their phase names it. Use the Redis layer."
            ),
        ),
        # Daphne cuts the moment of a timeout down to whole seconds: one below a second may strike with its ping.
        Needs(layer="memory", processes=2, ping_interval=1.0, ping_timeout=1.9),
        seconds=10.0,
    ),
    Lab(
        "over-capacity",
        N_("A burst overflows the layer in memory: the newest messages are lost"),
        ("F21",),
        over_capacity,
        Lesson(
            N_("See a loss that no socket tells of."),
            N_(
                "The numbers in the messages that reach the slow member: where they are complete, where they have gaps."
            ),
            N_("300 messages were sent. Which are missing, and who dropped them?"),
            N_(
                "The channel layer: at most capacity messages wait for a socket, and the newest are dropped in silence. "
                "Make handlers quick, raise the capacity, number messages and ask again for gaps."
            ),
        ),
        Needs(layer="memory"),
        heavy=True,
        seconds=4.0,
    ),
    Lab(
        "over-capacity-redis",
        N_("A slow handler behind the Redis layer: the oldest messages are lost"),
        ("F21",),
        over_capacity_redis,
        Lesson(
            N_("Compare two layers by what they lose."),
            N_(
                "The numbers in the messages that reach the slow member: where they are complete, where they have gaps."
            ),
            N_("Compare with over-capacity. What is different about the gaps?"),
            N_(
                "The process keeps up with Redis and queues for the slow handler: that queue drops the oldest, so that "
                "the end is whole. Where Redis itself is full, the newest are dropped. The pub/sub layer has no limit."
            ),
        ),
        Needs(layer="redis", capacity=20),
        seconds=5.0,
    ),
    Lab(
        "deaf-member",
        N_("A busy member turns deaf for good"),
        ("F22",),
        deaf_member,
        Lesson(
            N_("See a socket that is alive and yet gets nothing."),
            N_("What the three members receive before, during and after the pause of one."),
            N_("It answers pings and its own echo. Since when does it hear nobody, and why?"),
            N_(
                "It was busy for longer than the layer's expiry: the in-memory layer then drops the message and takes "
                "the channel out of all its groups. Keep handlers short, and join again with every heartbeat."
            ),
        ),
        Needs(layer="memory", expiry=2),
        seconds=9.0,
    ),
    Lab(
        "never-joined",
        N_("A socket that never joined its group, without any error"),
        ("F22",),
        never_joined,
        Lesson(
            N_("Know what packets cannot tell."),
            N_("What reaches the third socket; the group_add events in trace.jsonl."),
            N_("Can the packets tell whether it lost its membership or never had one?"),
            N_("No. The trace shows two group_add events for three sockets: an await is missing."),
        ),
        seconds=2.0,
    ),
    Lab(
        "mutated-event",
        N_("One member gets the message, all others crash"),
        ("F23",),
        mutated_event,
        Lesson(
            N_("Reason from who survives."),
            N_("Which member receives the message, and which get 1011, all at one moment."),
            N_("Why does exactly one member per process survive?"),
            N_(
                "The Redis layer hands one dictionary to all consumers of a process, and the first to get it takes "
                "something out. Treat events as read-only."
            ),
        ),
        Needs(layer="redis"),
        seconds=4.0,
    ),
    Lab(
        "empty-to-others",
        N_("A message for two people, and an empty one for everybody else"),
        ("F25",),
        empty_to_others,
        Lesson(
            N_("Read what small frames give away."),
            N_("All frames that the server sends at the moment of the message, and their lengths."),
            N_("The message was for two. What do the others learn?"),
            N_("That something was said, and when. Send inside the if, or to a group per user."),
        ),
    ),
)
