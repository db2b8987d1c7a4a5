"""Sockets that die of a message (F12-F15)."""

from __future__ import annotations

import asyncio

from inspector.chat.labs.lab import Lab, Lesson
from inspector.chat.labs.peers import BINARY, CLOSE, TEXT, Ended
from inspector.chat.labs.scene import Scene, close, crash, fin, frame, rst
from inspector.chat.labs.truth import Evidence
from inspector.i18n import N_

__all__ = ["LABS"]


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
    expected = crash(scene)
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
    expected = crash(scene)
    scene.expect(all((e.how, e.code) == (expected.kind, expected.code) for e in ends), f"members ended as {ends}")
    scene.fault(
        "F13", "application", [member.pair for member in members], sent, frame("client", n=2), expected,
        seen_ns=ends[0].time_ns, reason=kind,
    )  # fmt: skip


async def close_code_refused(scene: Scene) -> None:
    """close() with a code that Daphne refuses to send: the consumer raises instead."""
    code = scene.chance.choice([1001, 1008, 403, 5000])
    peer = await scene.open("/ws/labs/leaving/")
    await peer.ask({"type": "message", "text": "안녕"})
    sent = await peer.send({"type": scene.chance.choice(["leave", "kick"]), "code": code})
    ended = await peer.ended()
    scene.expect(ended.code == 1011, f"close({code}) ended as {ended}")
    scene.fault(
        "F14", "application", peer.pair, sent, frame("client", n=2), close("server", 1011), seen_ns=ended.time_ns,
        reason="code_refused",
    )  # fmt: skip


async def close_reason_lost(scene: Scene) -> None:
    """close(4001, reason) with Daphne: the code arrives, the reason does not."""
    code = scene.chance.choice([4001, 4003])
    peer = await scene.open("/ws/labs/leaving/")
    await peer.ask({"type": "message", "text": "안녕"})
    sent = await peer.send({"type": "kick", "code": code})
    ended = await peer.ended()
    scene.expect((ended.code, ended.reason) == (code, ""), f"close({code}) ended as {ended}")
    scene.fault(
        "F14", "server", peer.pair, sent, frame("client", n=2), close("server", code, reason=""),
        seen_ns=ended.time_ns, decidable=False, would_decide="trace", reason="reason_dropped",
    )  # fmt: skip


# Daphne's and uvicorn's limits and a little more.
_TOO_BIG = {"daphne": 1024 * 1024 + 1000, "uvicorn": 16 * 1024 * 1024 + 1000}


async def too_big(scene: Scene) -> None:
    """One message above the server's limit, whole or in two fragments."""
    peer = await scene.raw_socket("/ws/echo/")
    await peer.send(TEXT, b"hello")
    await peer.frame()
    size = _TOO_BIG[scene.stage.server]
    whole = scene.chance.random() < 0.5
    sent = scene.now()
    try:
        if scene.daphne and not whole:
            await peer.send(BINARY, b"x" * (size // 2), first=0)
            await peer.send(0, b"x" * (size - size // 2))
        elif scene.daphne:
            await peer.send(BINARY, b"x" * size)
        else:
            # uvicorn refuses as soon as it reads the length: the first bytes are enough.
            await peer.write(b"\x82\xff" + size.to_bytes(8, "big") + b"\0\0\0\0" + b"x" * 60_000)
        ended = await peer.until_end()
    except OSError:
        ended = Ended("rst", None, "", scene.now())
    evidence = _violation(scene, ended, {1009})
    reason = "too_big" if whole or not scene.daphne else "too_big_in_fragments"
    scene.fault(
        "F15", "client", peer.pair, sent, frame("client", bytes=size), evidence, seen_ns=ended.time_ns, reason=reason
    )


def _violation(scene: Scene, ended: Ended, codes: set[int]) -> Evidence:
    """How a server ends a connection whose client breaks a rule: Daphne resets, uvicorn closes with a code."""
    if scene.daphne:
        # nginx turns the RST into a FIN, unless it holds bytes of the client that nobody will read.
        scene.expect(ended.how == "rst" or (ended.how == "fin" and not scene.direct), f"a bad frame ended as {ended}")
        return rst("server") if ended.how == "rst" else fin("server")
    scene.expect(ended.code in codes, f"a bad frame ended as {ended}")
    return close("server", ended.code)


async def illegal_frame(scene: Scene) -> None:
    """A frame that RFC 6455 does not allow."""
    peer = await scene.raw_socket("/ws/echo/")
    await peer.send(TEXT, b"hello")
    await peer.frame()
    reason = scene.chance.choice(["rsv2", "unmasked", "not_utf8", "close_1005", "reserved_opcode"])
    if reason == "rsv2":
        # Not RSV1: uvicorn has compression agreed on with clients that offer it.
        sent = await peer.send(TEXT, b"hello", first=0xA0)
    elif reason == "unmasked":
        sent = await peer.send(TEXT, b"hello", masked=False)
    elif reason == "not_utf8":
        sent = await peer.send(TEXT, b"\xed\xa0\x80")
    elif reason == "close_1005":
        sent = await peer.send(CLOSE, (1005).to_bytes(2, "big"))
    else:
        sent = await peer.send(0x3, b"hello")
    ended = await peer.until_end()
    evidence = _violation(scene, ended, {1002, 1007})
    scene.fault("F15", "client", peer.pair, sent, frame("client", n=2), evidence, seen_ns=ended.time_ns, reason=reason)


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
    Lab(
        "close-code-refused",
        N_("A close code that the server does not send becomes 1011"),
        ("F14",),
        close_code_refused,
        Lesson(
            N_("Know which close codes an application may use."),
            N_("The last message of the client, and the code of the Close frame that answers it."),
            N_("The application wanted to say goodbye with a code of its own. Why is it 1011?"),
            N_(
                "Daphne sends 1000 and 3000 to 4999 only; any other makes close() raise, and an exception is 1011. "
                "Use 4000 to 4999."
            ),
        ),
        servers=("daphne",),
    ),
    Lab(
        "close-reason-lost",
        N_("The reason given to close() does not arrive"),
        ("F14",),
        close_reason_lost,
        Lesson(
            N_("See what Daphne leaves out of a Close frame."),
            N_("The length of the server's Close frame; has_reason of the close event in trace.jsonl."),
            N_("Can the packets alone tell that a reason was lost?"),
            N_(
                "No: a Close frame of two bytes has a code and no reason, and nobody sees that there was one. The trace "
                "knows. Send the reason as a last message, or use uvicorn."
            ),
        ),
        servers=("daphne",),
    ),
    Lab(
        "too-big",
        N_("A message above the server's limit ends the connection"),
        ("F15",),
        too_big,
        Lesson(
            N_("Find the message that was too big, also when it came in pieces."),
            N_(
                "The lengths of the client's last frames, summed over fragments, and the RST or Close frame that follows."
            ),
            N_("What is the largest message this server takes, and what does the browser learn?"),
            N_(
                "Daphne takes 1 MiB and resets the connection above it: the browser sees 1006 and no reason. uvicorn "
                "takes 16 MiB and closes with 1009. Send files over HTTP."
            ),
        ),
    ),
    Lab(
        "illegal-frame",
        N_("A client sends a frame that the standard forbids"),
        ("F15",),
        illegal_frame,
        Lesson(
            N_("Read the first two bytes of a frame."),
            N_("FIN, RSV, opcode and MASK of the client's last frame."),
            N_("Which rule of RFC 6455 does the last frame break?"),
            N_(
                "One of: an RSV bit without an extension, no mask, a reserved opcode, text that is no UTF-8, a Close "
                "frame with a code that must not be sent. truth.json names it."
            ),
        ),
    ),
)
