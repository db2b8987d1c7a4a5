"""A real Daphne with the chat, once per test process."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from inspector.chat.client import Client
from inspector.chat.launch import ChatServer
from inspector.chat.options import ServerOptions

from .talk import Talker

pytest.importorskip("daphne", reason="the chat server's packages are not installed")


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ChatServer]:
    """Daphne, SQLite and the memory layer on a free port."""
    data = tmp_path_factory.mktemp("chat")
    options = ServerOptions(data=data, port=0, scripted_users=4, environment={"INSPECTOR_CHAT_API_RATE": "10000/min"})
    with ChatServer(options) as running:
        yield running


@pytest.fixture
def visitor(server: ChatServer) -> Callable[[str], Client]:
    """A visitor logged in as a demo user."""

    def enter(name: str) -> Client:
        client = Client(server.url)
        client.enter_demo(name)
        return client

    return enter


_rooms = itertools.count(1)


@pytest.fixture
def room() -> str:
    """A Korean room name nobody has used."""
    return f"토론 방 {next(_rooms)}"


@pytest.fixture
def talk(visitor: Callable[[str], Client]) -> Iterator[Callable[..., Talker]]:
    """Sockets in rooms, closed at the end of the test."""
    opened: list[Talker] = []

    def enter(name: str, room: str, kind: str = "chat") -> Talker:
        client = visitor(name)
        client.enter_room(room)
        opened.append(Talker(client, room, kind))
        return opened[-1]

    yield enter
    for talker in opened:
        talker.socket.close()


@pytest.fixture
def data(server: ChatServer) -> Path:
    """The server's data folder."""
    return server.options.data
