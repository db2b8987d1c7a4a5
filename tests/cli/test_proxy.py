"""``inspector proxy``: what it says when it cannot start."""

from __future__ import annotations

import json
import socket
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from tests.addons.running import command, require_mitmproxy


def _fails(*arguments: str) -> str:
    done = subprocess.run(command("proxy", *arguments), capture_output=True, text=True, timeout=60)
    assert done.returncode == 2, done
    assert done.stdout == ""
    return done.stderr


def test_a_busy_port_is_one_line(tmp_path: Path) -> None:
    require_mitmproxy()
    recording = tmp_path / "r.pcapng"
    recording.write_bytes(b"what was recorded before")
    with socket.create_server(("127.0.0.1", 0)) as busy:
        address = f"127.0.0.1:{busy.getsockname()[1]}"
        said = _fails("--record", str(recording), "--listen", address, "--confdir", str(tmp_path / "c"))

    assert recording.read_bytes() == b"what was recorded before"
    assert said.startswith("inspector: the proxy cannot start: ")
    assert address.rpartition(":")[2] in said
    assert said.count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--mode", "sideways"], "mode sideways is not one of the proxy"),
        (["--reverse", "gopher://x"], "mode reverse:gopher://x is not one of the proxy"),
        (["--reverse", "localhost:8000"], "say http://localhost:8000, or https://localhost:8000"),
        (["--listen", "8080"], "--listen 8080 is not HOST:PORT"),
        (["--reverse", "http://x", "--mode", "regular"], "either --reverse or --mode"),
    ],
)
def test_a_wrong_argument_is_one_line(tmp_path: Path, arguments: list[str], words: str) -> None:
    require_mitmproxy()
    said = _fails("--record", str(tmp_path / "r.pcapng"), "--confdir", str(tmp_path / "c"), *arguments)

    assert words in said
    assert said.count("\n") == 1
    assert not (tmp_path / "r.pcapng").exists()


def test_a_file_that_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    require_mitmproxy()
    path = tmp_path / "absent" / "r.pcapng"
    said = _fails("--record", str(path), "--listen", "127.0.0.1:0", "--confdir", str(tmp_path / "c"))

    assert said == f"inspector: {path} cannot be written: No such file or directory\n"


def test_without_mitmproxy_it_says_how_to_get_it(tmp_path: Path) -> None:
    hide = "import sys; sys.modules['mitmproxy'] = None; from inspector.cli import main; main()"
    words = [sys.executable, "-c", hide, "proxy", "--record", str(tmp_path / "r.pcapng")]
    done = subprocess.run(words, capture_output=True, text=True)

    assert done.returncode == 2
    assert done.stderr.startswith("inspector: the proxy needs mitmproxy")
    assert "pip install 'wire-inspector[proxy]'" in done.stderr
    assert done.stderr.count("\n") == 1


def test_ca_shows_the_certificate_that_openssl_reads(tmp_path: Path) -> None:
    require_mitmproxy()
    folder = tmp_path / "c"
    words = command("proxy", "ca", "--confdir", str(folder))
    done = subprocess.run(words, capture_output=True, text=True, timeout=60, check=True)
    facts = json.loads(
        subprocess.run([*words, "--json"], capture_output=True, text=True, timeout=60, check=True).stdout
    )

    path = folder / "mitmproxy-ca-cert.pem"
    assert facts["path"] == str(path)
    shown = ["openssl", "x509", "-in", str(path), "-noout", "-fingerprint", "-sha256"]
    fingerprint = subprocess.run(shown, capture_output=True, text=True, check=True).stdout.strip().partition("=")[2]
    assert facts["sha256"] == fingerprint
    assert f"SHA-256: {fingerprint}\n" in done.stdout
    for system in ("Debian, Ubuntu", "Fedora", "macOS", "Windows", "Firefox", "curl"):
        assert system in done.stdout
    assert done.stderr == ""
    assert stat.S_IMODE((folder / "mitmproxy-ca.pem").stat().st_mode) == 0o600


def test_a_folder_that_cannot_be_used_is_one_line(tmp_path: Path) -> None:
    require_mitmproxy()
    (tmp_path / "file").touch()

    assert "cannot be used" in _fails("ca", "--confdir", str(tmp_path / "file"))
    said = _fails("--record", str(tmp_path / "r.pcapng"), "--confdir", str(tmp_path / "file" / "c"))
    assert "cannot be made" in said
    assert said.count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "say what to write: --record FILE.pcapng"),
        (["--record", "r.pcapng", "--headless"], "give --browser, too"),
        (["--record", "r.pcapng", "--mtu", "70000"], "70000"),
    ],
)
def test_what_does_not_fit_together_is_told(arguments: list[str], words: str) -> None:
    require_mitmproxy()
    assert words in _fails(*arguments)


def test_deprecations_of_libraries_are_not_the_users(tmp_path: Path) -> None:
    require_mitmproxy()
    words = command("proxy", "ca", "--confdir", str(tmp_path / "c"), "--json")
    done = subprocess.run([words[0], "-W", "default::DeprecationWarning", *words[1:]], capture_output=True, text=True)
    assert done.returncode == 0
    assert "mitmproxy" not in done.stderr
