"""Records the samples that come from real programs: ``python -m tools.record_samples [NAME …]``.

The reference chat server, its clients, and small servers on loopback talk; their packets are captured. What cannot be the
same twice (ports, times, keys) is not: tests look at what the samples say, not at their bytes.
"""

from __future__ import annotations

import contextlib
import dataclasses
import json
import shutil
import socket
import struct
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin

from captures.excerpt import write_excerpt
from captures.live import CaptureRequest, LiveCapture
from captures.sample_list import FOLDER
from inspector.chat.client import Client
from inspector.chat.labs.link import LINK_LABS, run_link_lab
from inspector.chat.labs.link.weather import Weather
from inspector.chat.labs.run import run_lab
from inspector.chat.launch import ChatServer
from inspector.chat.options import ServerOptions
from inspector.recording.capture import open_capture

__all__ = ["RECORDED", "main"]

_ROOM = "점심 이야기"
_LOOPBACK = "lo"


def tcp_handshake(target: Path) -> None:
    """Opened, one line each way, closed by the client."""
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        _recording(target, server.getsockname()[1]),
        socket.create_connection(server.getsockname()) as client,
    ):
        accepted, _address = server.accept()
        client.sendall("안녕하세요\n".encode())
        accepted.recv(100)
        accepted.sendall(b"hello\n")
        client.recv(100)
        client.shutdown(socket.SHUT_WR)
        accepted.recv(100)
        accepted.close()


def http_get(target: Path) -> None:
    """The REST API asked for rooms by name."""
    with _chat() as server, _recording(target, server.port):
        Client(server.url).get("/accounts/login/?next=/chat/%EC%A0%90%EC%8B%AC/&lang=ko")


def http_post(target: Path) -> None:
    """The log-in form of a demo user."""
    with _chat() as server, _recording(target, server.port):
        client = Client(server.url)
        client.enter_demo("서연")
        client.get("/")


def upload(target: Path) -> None:
    """A text file of 20 KB."""
    with _chat() as server:
        client = _member(server, "서연")
        rooms = client.api("GET", "/api/v2/rooms/").json()
        with _recording(target, server.port):
            answer = client.upload(rooms["results"][0]["id"], "회의록.txt", "오늘의 회의 내용\n".encode() * 800)
        assert answer.status == 201, answer


def chat_ws(target: Path) -> None:
    """Two people, three messages, closed politely."""
    with _chat() as server:
        _conversation(target, server, compression=None)


def chat_compressed(target: Path) -> None:
    """The same message three times; uvicorn agrees on compression."""
    with _chat(server="uvicorn") as server:
        _conversation(target, server, compression="deflate", texts=(" ".join(["오늘 점심은 비빔밥 어때요?"] * 4),) * 3)


def chat_wss(target: Path) -> None:
    """As chat_ws, over TLS; the session's keys are put into the file."""
    with tempfile.TemporaryDirectory() as folder, _chat(tls=True) as server:
        bare, keys = Path(folder) / "bare.pcapng", Path(folder) / "keys.log"
        _conversation(bare, server, compression=None, keys=keys)
        # With the keys given, they are written into the copy.
        shutil.copyfile(write_excerpt(open_capture(bare, keys=keys), 1, Path(folder)).path, target)


def dns(target: Path) -> None:
    """Three questions over UDP to a server that knows one name, and is slow once."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server, socket.socket(
        socket.AF_INET, socket.SOCK_DGRAM
    ) as client:  # fmt: skip
        server.bind(("127.0.0.1", 53))
        client.bind(("127.0.0.1", 0))
        client.connect(server.getsockname())
        with _recording(target, 53, kind="udp"):
            _ask(server, client, 0x1A2B, "chat.example", address="192.0.2.7")
            _ask(server, client, 0x1A2C, "chat.exmaple", address=None)
            client.send(_question(0x1A2D, "files.example"))
            time.sleep(0.3)
            server.recvfrom(512)
            _ask(server, client, 0x1A2D, "files.example", address="192.0.2.8")


def close_1011(target: Path) -> None:
    """A consumer raises: Close 1011."""
    _from_lab("exception-in-receive", target)


def close_1006(target: Path) -> None:
    """The server's process is killed: no Close frame at all."""
    _from_lab("server-killed", target)


def slow_server(target: Path) -> None:
    """A blocked event loop: everybody waits."""
    _from_lab("loop-blocked", target)


def lossy_link(target: Path) -> None:
    """A short conversation over a link that loses four of a hundred frames, at the client."""
    lab = dataclasses.replace(
        next(lab for lab in LINK_LABS if lab.name == "link-loss"), size=120_000, weather=Weather(loss=0.04)
    )
    with tempfile.TemporaryDirectory() as folder:
        run_link_lab(lab, Path(folder), seed=3)
        shutil.copyfile(Path(folder) / "capture.pcapng", target)


def _from_lab(name: str, target: Path) -> None:
    with tempfile.TemporaryDirectory() as folder:
        result = run_lab(name, Path(folder))
        assert result.capture is not None, result.not_captured
        shutil.copyfile(result.capture, target)


def _ask(server: socket.socket, client: socket.socket, number: int, name: str, *, address: str | None) -> None:
    question = _question(number, name)
    client.send(question)
    asked, peer = server.recvfrom(512)
    assert asked == question
    flags, answers = (0x8180, 1) if address else (0x8183, 0)
    answer = struct.pack(">HHHHHH", number, flags, 1, answers, 0, 0) + question[12:]
    if address:
        answer += struct.pack(">HHHIH", 0xC00C, 1, 1, 300, 4) + socket.inet_aton(address)
    server.sendto(answer, peer)
    client.recv(512)


def _question(number: int, name: str) -> bytes:
    labels = b"".join(bytes((len(label),)) + label.encode() for label in name.split("."))
    return struct.pack(">HHHHHH", number, 0x0100, 1, 0, 0, 0) + labels + b"\0" + struct.pack(">HH", 1, 1)


def _recording(target: Path, port: int, kind: str = "tcp") -> LiveCapture:
    target.unlink(missing_ok=True)
    return LiveCapture(CaptureRequest(_LOOPBACK, target, f"{kind} port {port}"))


def _chat(server: str = "daphne", *, tls: bool = False) -> ChatServer:
    folder = tempfile.TemporaryDirectory(prefix="samples-")
    _folders.append(folder)
    return ChatServer(ServerOptions(data=Path(folder.name), port=0, server=server, tls=tls))


_folders: list[tempfile.TemporaryDirectory[str]] = []
"""Data of the servers, removed when the program ends."""


def _member(server: ChatServer, name: str) -> Client:
    client = Client(server.url, str(server.options.data / "tls-certificate.pem") if server.options.tls else None)
    client.enter_demo(name)
    client.enter_room(_ROOM)
    return client


def _conversation(
    target: Path,
    server: ChatServer,
    *,
    compression: str | None,
    texts: tuple[str, ...] = ("점심 뭐 먹을까요?", "Bibimbap at noon?", "좋아요, 12시에 만나요 🍚"),
    keys: Path | None = None,
) -> None:
    members = [_member(server, name) for name in ("서연", "alice")]
    with _recording(target, server.port), contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(_join(member, compression, keys)) for member in members]
        for number, text in enumerate(texts):
            sockets[number % 2].send(json.dumps({"type": "chat.message", "text": text}, ensure_ascii=False))
            for opened in sockets:
                _until(opened, text)
            time.sleep(0.05)


def _join(
    member: Client, compression: str | None, keys: Path | None
) -> contextlib.AbstractContextManager[ClientConnection]:
    if member.tls is not None and keys is not None:
        member.tls.keylog_filename = str(keys)
    return connect(
        member.room_url(_ROOM),
        additional_headers={"Cookie": member.cookie_header},
        origin=Origin(member.origin),
        compression=compression,
        ssl=member.tls,
    )


def _until(opened: ClientConnection, text: str) -> None:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        if text in str(opened.recv(timeout=10)):
            return
    raise TimeoutError(text)


RECORDED: dict[str, Callable[[Path], None]] = {
    "tcp-handshake": tcp_handshake,
    "http-get": http_get,
    "http-post": http_post,
    "upload": upload,
    "chat-ws": chat_ws,
    "chat-wss": chat_wss,
    "chat-compressed": chat_compressed,
    "dns": dns,
    "close-1011": close_1011,
    "close-1006": close_1006,
    "slow-server": slow_server,
    "lossy-link": lossy_link,
}
"""What is recorded, by the sample's name."""


def main(names: list[str]) -> None:
    """Record the named samples, or all."""
    for name in names or RECORDED:
        print(name, flush=True)
        target = FOLDER / f"{name}.pcapng"
        RECORDED[name](target)
        target.chmod(0o644)  # a capture is for its owner only, a sample for everybody
    for folder in _folders:
        folder.cleanup()


if __name__ == "__main__":
    main(sys.argv[1:])
