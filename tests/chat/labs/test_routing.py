"""What breaks on purpose is reachable in lab mode only."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from websockets.exceptions import ConnectionClosed

from inspector.chat.client import Client

from ..talk import dial


@pytest.mark.parametrize("path", ["/ws/labs/fragile/", "/ws/labs/blocking/", "/ws/labs/strict/romo/"])
def test_the_chat_has_no_lab_sockets(path: str, visitor: Callable[[str], Client]) -> None:
    client = visitor("alice")
    with dial(client, client.socket_url(path)) as socket:
        assert "nothing at this address" in str(socket.recv(timeout=10))
        with pytest.raises(ConnectionClosed) as closed:
            socket.recv(timeout=10)
    assert closed.value.rcvd is not None and closed.value.rcvd.code == 4404


@pytest.mark.parametrize("path", ["/labs/slow/?seconds=1", "/labs/messages/?page_size=5&way=lazy", "/labs/unguarded/"])
def test_the_chat_has_no_lab_pages(path: str, visitor: Callable[[str], Client]) -> None:
    assert visitor("alice").get(path).status == 404
