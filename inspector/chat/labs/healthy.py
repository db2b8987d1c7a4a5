"""Nothing is wrong: what a diagnosis must say nothing about."""

from __future__ import annotations

import asyncio
from urllib.parse import quote

from inspector.chat.client import Client
from inspector.chat.labs.lab import Lab, Lesson
from inspector.chat.labs.peers import Peer
from inspector.chat.labs.scene import Scene
from inspector.i18n import N_

__all__ = ["LABS", "conversation", "enter"]

_WORDS = ("네", "아니요", "안녕하세요", "좋아요 👍", "hello", "see you", "점심 먹을까요?")


async def enter(scene: Scene, client: Client, room: str) -> Peer:
    """Open a room of the chat as this visitor and wait for its welcome and history."""
    peer = await scene.open(f"/ws/chat/{quote(room, safe='')}/", cookie=client.cookie_header)
    await peer.wait_for(2)
    return peer


async def conversation(scene: Scene) -> None:
    """Three users log in, enter a room with a Korean name, talk, type, like and leave."""
    room = f"연습방 {scene.chance.randrange(10**6)}"
    names = scene.chance.sample([f"demo-{number:04d}" for number in range(1, 13)], 3)
    clients = [await scene.visitor(name, room=room) for name in names]
    peers = [await enter(scene, client, room) for client in clients]
    for number in range(6):
        speaker = scene.chance.choice(peers)
        counts = [len(peer.texts) for peer in peers]
        if number % 3 == 0:
            await speaker.send({"v": 1, "type": "chat.typing", "typing": True})
            counts = [count + 1 for count in counts]
        await speaker.send({"v": 1, "type": "chat.message", "text": scene.chance.choice(_WORDS), "ref": f"{number}"})
        for peer, count in zip(peers, counts, strict=True):
            await peer.wait_for(count + 1)
        await asyncio.sleep(scene.chance.uniform(0.02, 0.1))
    for peer in peers:
        await peer.close()


LABS = (
    Lab(
        "healthy-chat",
        N_("Three people talk in a room, and all is well"),
        (),
        conversation,
        Lesson(
            N_("Know what a healthy conversation looks like before looking for a broken one."),
            N_(
                "The three handshakes (101), who sends masked frames and who does not, and the Close frames at the end."
            ),
            N_("How many frames does the server send for one message of one member, and why?"),
            N_("One to each member of the room, the sender included: group_send reaches everybody in the group."),
        ),
        seconds=2.0,
    ),
)
