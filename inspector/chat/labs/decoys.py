"""What looks like a failure and is none: a diagnosis must say nothing about it."""

from __future__ import annotations

import asyncio
import json

from inspector.chat.labs.healthy import enter
from inspector.chat.labs.lab import Lab, Lesson, Play
from inspector.chat.labs.peers import Peer
from inspector.chat.labs.scene import Scene
from inspector.i18n import N_

__all__ = ["LABS"]


def _say(text: str, **more: object) -> dict[str, object]:
    return {"v": 1, "type": "chat.message", "text": text, **more}


async def _room(scene: Scene, count: int) -> tuple[str, list[Peer]]:
    """Some users in a room of the chat; the first one owns it."""
    room = f"미끼 {scene.chance.randrange(10**6)}"
    names = scene.chance.sample([f"demo-{number:04d}" for number in range(1, 13)], count)
    clients = [await scene.visitor(name, room=room) for name in names]
    return room, [await enter(scene, client, room) for client in clients]


def _kinds(peer: Peer, kind: str) -> list[dict[str, object]]:
    return [message for message in map(json.loads, peer.texts) if message["type"] == kind]


async def _hears(peer: Peer, kind: str, count: int) -> None:
    await peer.wait(lambda peer: len(_kinds(peer, kind)) >= count, f"{count} of {kind}")


async def server_closes(scene: Scene) -> None:
    """The server says goodbye; afterwards Daphne resets, uvicorn ends with FIN."""
    peer = await scene.open("/ws/whoami/")
    ended = await peer.ended()
    scene.expect(ended.code == 1000, f"it ended as {ended}")
    looks_like = "F15" if scene.daphne else "F16"
    scene.decoy(looks_like, peer.pair, "the end of the connection comes after both Close frames")


async def code_not_echoed(scene: Scene) -> None:
    """The client closes with a code of its own; Daphne answers 1000."""
    peer = await scene.open("/ws/echo/")
    await peer.ask("hello")
    ended = await peer.close(4005, "tab closed")
    scene.expect(ended.code == (1000 if scene.daphne else 4005), f"it ended as {ended}")
    scene.decoy("F14", peer.pair, "Daphne answers every Close frame with 1000; the client's own code stands")


async def throttled(scene: Scene) -> None:
    """Too many attempts to log in: 429 with Retry-After is what should happen."""
    client = scene.browser()
    body = json.dumps({"username": "demo-0001"}).encode()
    for _ in range(12):
        pair, response = await scene.http(
            client, "POST", "/api/v1/token/", body=body, headers={"Content-Type": "application/json"}
        )
        if response.status == 429:
            scene.expect("retry-after" in response.headers, "429 should say when to try again")
            scene.decoy("F30", pair, "a throttle that works")
            return
    scene.expect(False, "the throttle let everything pass")


async def page_not_found(scene: Scene) -> None:
    """An ordinary page that does not exist."""
    pair, response = await scene.http(scene.browser(), "GET", "/no-such-page/")
    scene.expect(response.status == 404, f"it was answered with {response.status}")
    scene.decoy("F03", pair, "a page, not a handshake, was not found")


async def idle_with_pings(scene: Scene) -> None:
    """Nobody speaks; the server's pings are answered, and the socket lives."""
    peer = await scene.open("/ws/echo/")
    await peer.ask("hello")
    # Daphne looks every two seconds who is due.
    await asyncio.sleep(scene.stage.needs.ping_interval + 2.5)
    scene.expect(peer.open, "the idle socket should live")
    await peer.ask("still here")
    scene.decoy("F17", peer.pair, "idle for long, and every ping has its pong")


async def sleeping_client(scene: Scene) -> None:
    """The client's machine sleeps: it answers nothing any more, and the server gives up rightly."""
    peer = await scene.raw_socket("/ws/echo/")
    await peer.send(0x1, b"good night")
    await peer.frame()
    ended = await peer.until_end(40.0, lambda payload: False)
    scene.expect(ended.how in ("rst", "fin", "close"), f"it ended as {ended}")
    scene.decoy("F17", peer.pair, "the client answers no ping at all: it is gone, and no timer is wrong")


async def same_text_twice(scene: Scene) -> None:
    """A user says the same twice: two messages, not two sockets."""
    _room_name, peers = await _room(scene, 2)
    for number in range(2):
        await peers[0].send(_say("ㅋㅋㅋ", ref=f"{number}"))
    for peer in peers:
        await _hears(peer, "chat.message", 2)
        scene.decoy("F27", peer.pair, "the same text was said twice")


async def targeted(scene: Scene) -> None:
    """A message to some members reaches only these: so it is meant."""
    _room_name, peers = await _room(scene, 4)
    chosen = _kinds(peers[1], "room.welcome")[0]["user"]
    assert isinstance(chosen, dict)
    await peers[0].send(_say("너만 봐", to=[chosen["id"]], ref="private"))
    await peers[0].send(_say("모두에게", ref="public"))
    for number, peer in enumerate(peers):
        await _hears(peer, "chat.message", 2 if number < 2 else 1)
    scene.expect(all(len(_kinds(peer, "chat.message")) == 1 for peer in peers[2:]), "others should not get it")
    for peer in peers[2:]:
        scene.decoy("F20", peer.pair, "a message to chosen people is not lost for the others")


async def late_joiner(scene: Scene) -> None:
    """A member that comes later has not lost what was said before."""
    room, peers = await _room(scene, 2)
    await peers[0].send(_say("먼저 한 말", ref="early"))
    for peer in peers:
        await _hears(peer, "chat.message", 1)
    late = await enter(scene, await scene.visitor("demo-0012", room=room), room)
    await peers[0].send(_say("나중에 한 말", ref="late"))
    for peer in (*peers, late):
        await _hears(peer, "chat.message", 1 if peer is late else 2)
    scene.expect(len(_kinds(late, "chat.message")) == 1, "the late one should hear one message live")
    scene.decoy("F22", late.pair, "joined after the first message; its history has it")


async def room_closed(scene: Scene) -> None:
    """A room is closed for everybody, as it should be done: a handler, a code of the application, a reason."""
    _room_name, peers = await _room(scene, 3)
    await peers[0].send({"v": 1, "type": "chat.close", "reason": "수업 끝"})
    ends = await asyncio.gather(*(peer.ended() for peer in peers))
    scene.expect(all(ended.code == 4000 for ended in ends), f"they ended as {ends}")
    for peer in peers:
        scene.decoy("F13", peer.pair, "all members are closed on purpose, with 4000 and a reason")


async def bad_message_answered(scene: Scene) -> None:
    """A message that is no JSON: the server answers with an error, and the socket lives."""
    _room_name, peers = await _room(scene, 1)
    await peers[0].send("{'text': 'hello'}")
    await _hears(peers[0], "error", 1)
    await peers[0].send(_say("다시", ref="again"))
    await _hears(peers[0], "chat.message", 1)
    scene.decoy("F12", peers[0].pair, "invalid JSON, answered with an error")


_LESSON = Lesson(
    N_("Do not see failures where there are none."),
    N_("The end of the connection, or what is missing, and what came before it."),
    N_("Why is this no failure?"),
    N_("See why in truth.json, under decoys."),
)


def _lab(name: str, title: str, play: Play, seconds: float = 1.0) -> Lab:
    return Lab(name, title, (), play, _LESSON, seconds=seconds)


LABS = (
    _lab("decoy-server-closes", N_("The server closes politely, and the connection ends with a RST"), server_closes),
    _lab("decoy-code-not-echoed", N_("The client closes with 4005 and is answered 1000"), code_not_echoed),
    _lab("decoy-throttled", N_("Too many logins are answered with 429"), throttled),
    _lab("decoy-page-not-found", N_("A page that does not exist"), page_not_found),
    _lab("decoy-idle", N_("A socket on which nobody speaks for long"), idle_with_pings, seconds=7.0),
    _lab("decoy-sleeping-client", N_("The client's machine goes to sleep"), sleeping_client, seconds=10.0),
    _lab("decoy-same-text-twice", N_("Somebody says the same thing twice"), same_text_twice),
    _lab("decoy-targeted", N_("A message to some members only"), targeted),
    _lab("decoy-late-joiner", N_("A member that comes later"), late_joiner),
    _lab("decoy-room-closed", N_("A room is closed for everybody, with a reason"), room_closed),
    _lab("decoy-bad-message", N_("Invalid JSON is answered with an error"), bad_message_answered),
)
