"""Sockets that die of a message (F12-F15)."""

from __future__ import annotations

import asyncio

from inspector.chat.labs.lab import Lab, Lesson
from inspector.chat.labs.scene import Scene, close, fin, frame
from inspector.chat.labs.truth import Evidence
from inspector.i18n import N_

__all__ = ["LABS"]


def _crash(scene: Scene) -> Evidence:
    """How a consumer's exception looks: Daphne closes with 1011, uvicorn ends without a Close frame."""
    return close("server", 1011) if scene.daphne else fin("server")


async def exception_in_receive(scene: Scene) -> None:
    """A consumer that trusts its messages gets one that is different from the ones before."""
    messages: list[tuple[str, str | bytes]] = [
        ("invalid_json", "{'text': 'hello'}"),
        ("missing_key", '{"txt": "hello"}'),
        ("binary", b"\x00\x01\x02"),
        ("not_an_object", '["hello"]'),
        ("sync_orm", '{"text": "hello", "count": true}'),
    ]
    reason, message = scene.chance.choice(messages)
    peer = await scene.open("/ws/labs/fragile/")
    for text in ("안녕", "hello"):
        await peer.ask({"text": text})
    sent = await peer.send(message)
    ended = await peer.ended()
    expected = _crash(scene)
    scene.expect((ended.how, ended.code) == (expected.kind, expected.code), f"exception ended as {ended}")
    scene.fault(
        "F12", "application", peer.pair, sent, frame("client", n=3), expected, seen_ns=ended.time_ns, reason=reason,
        reason_decidable=reason != "sync_orm",
    )  # fmt: skip


async def no_handler(scene: Scene) -> None:
    """A group message of a type that the consumer has no method for closes every member."""
    room = scene.room()
    members = [await scene.open(f"/ws/labs/trusting/{room}/") for _ in range(3)]
    await members[0].send({"type": "chat.message", "text": "안녕하세요"})
    for member in members:
        await member.wait_for(1)
    # The first two are in a recipe that is passed around; generic consumers have no such methods.
    kind = scene.chance.choice(["websocket.close", "chat.closed", "chat.mesage"])
    sent = await members[0].send({"type": kind, "text": "bye"})
    ends = await asyncio.gather(*(member.ended() for member in members))
    expected = _crash(scene)
    scene.expect(all((e.how, e.code) == (expected.kind, expected.code) for e in ends), f"members ended as {ends}")
    scene.fault(
        "F13", "application", [member.pair for member in members], sent, frame("client", n=2), expected,
        seen_ns=ends[0].time_ns, reason=kind,
    )  # fmt: skip


LABS = (
    Lab(
        "exception-in-receive",
        N_("A message makes the consumer raise, and its socket closes"),
        ("F12",),
        exception_in_receive,
        Lesson(
            N_("Find the message that killed a socket."),
            N_("The last frame of the client before the Close frame with 1011, or before the FIN."),
            N_("Two messages were answered, the third was the last. What is different about it?"),
            N_(
                "The consumer raised an exception and nobody caught it. Daphne then closes with 1011 within a second, "
                "uvicorn ends the connection without a Close frame. Check what arrives, and answer with an error."
            ),
        ),
    ),
    Lab(
        "no-handler",
        N_("A group message without a handler closes the whole room"),
        ("F13",),
        no_handler,
        Lesson(
            N_("See how one message can end every socket of a room."),
            N_("The Close frames: how many there are, and how far apart in time."),
            N_("One member sent one frame, and three sockets closed with 1011 at the same moment. Why?"),
            N_(
                "group_send reached every consumer with a type that none has a method for: each raised ValueError. "
                "Define the method, and never pass on a type that a client chose."
            ),
        ),
    ),
)
