from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from inspector.chat.launch import ChatServer
from inspector.chat.options import ServerOptions
from inspector.chat.profile import NginxProfile

KEY = "INSPECTOR_CHAT_SECRET_KEY"


@pytest.mark.parametrize(
    ("options", "key", "debug", "demo"),
    [
        ({}, False, True, True),
        ({}, True, False, True),
        ({"host": "::1"}, False, True, True),
        ({"behind_proxy": True}, True, False, False),
        ({"host": "0.0.0.0", "allowed_hosts": ("chat.example",)}, True, False, False),
        ({"demo": False}, False, True, False),
    ],
)
def test_debug_and_demo_are_on_only_where_nobody_else_can_connect(
    monkeypatch: pytest.MonkeyPatch, options: dict[str, object], key: bool, debug: bool, demo: bool
) -> None:
    monkeypatch.delenv(KEY, raising=False)
    if key:
        monkeypatch.setenv(KEY, "k" * 60)
    chosen = ServerOptions(data=Path("data"), **options)  # type: ignore[arg-type]
    chosen.check()
    variables = chosen.variables()
    assert (variables["INSPECTOR_CHAT_DEBUG"], variables["INSPECTOR_CHAT_DEMO"]) == (str(int(debug)), str(int(demo)))


def test_a_public_profile_does_not_offer_demo_users(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(KEY, "k" * 60)
    seen: list[ServerOptions] = []

    def start(self: ChatServer) -> None:
        seen.append(self.options)
        raise RuntimeError("enough")

    monkeypatch.setattr(ChatServer, "start", start)
    options = ServerOptions(
        data=tmp_path, host="0.0.0.0", port=8080, allowed_hosts=("chat.example",), layer="redis://127.0.0.1:1"
    )
    with pytest.raises(RuntimeError, match="enough"):
        NginxProfile(options).start()
    assert (seen[0].host, seen[0].debug_mode, seen[0].demo_mode) == ("127.0.0.1", False, False)


@pytest.mark.parametrize(
    "command", ["chat", "chat drive", "lab list", "lab show no-handler", "lab run no-handler", "demo --no-open"]
)
def test_a_command_without_its_packages_says_how_to_get_them_and_leaves_nothing(command: str, tmp_path: Path) -> None:
    without = "import sys; sys.modules['websockets'] = None; from inspector.cli import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", without, "--lang", "en", *command.split()], cwd=tmp_path, capture_output=True, text=True
    )
    assert done.returncode == 2
    assert done.stdout == ""
    [line] = done.stderr.splitlines()
    assert line.startswith("inspector: the chat server, its users and labs need websockets: pip install ")
    assert not list(tmp_path.iterdir())
