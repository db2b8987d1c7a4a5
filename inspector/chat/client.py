"""A small HTTP client with cookies that logs in as a browser does; for scripted users, labs and tests."""

from __future__ import annotations

import http.client
import http.cookies
import json
import re
import secrets
import ssl
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from inspector.errors import UsageError
from inspector.i18n import _

__all__ = ["Client", "Response"]

TIMEOUT_SECONDS = 30.0
_TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')


@dataclass(frozen=True)
class Response:
    """An HTTP response, read to its end; header names are lower case."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def text(self) -> str:
        """The body as text."""
        return self.body.decode()

    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)


class Client:
    """One visitor of a chat server.

    Args:
        url: The server's address, as `inspector chat` prints it.
        certificate: For https, the server's self-signed certificate.
    """

    def __init__(self, url: str, certificate: str | None = None) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise UsageError(
                _("{url} is not the address of a chat server: expected http://host:port/").format(url=repr(url))
            )
        self._parts = parts
        self.tls = ssl.create_default_context(cafile=certificate) if parts.scheme == "https" else None
        self.origin = f"{parts.scheme}://{parts.netloc}"
        self.cookies: dict[str, str] = {}
        # This side of every connection that was opened, ``address:port``: what finds it in a capture.
        self.opened: list[str] = []

    def request(
        self, method: str, path: str, body: bytes | None = None, headers: dict[str, str] | None = None
    ) -> Response:
        """Send one request; redirects are not followed.

        Raises:
            UsageError: If nothing answers there.
        """
        host, port = self._parts.hostname or "", self._parts.port
        connection = (
            http.client.HTTPConnection(host, port, timeout=TIMEOUT_SECONDS)
            if self.tls is None
            else http.client.HTTPSConnection(host, port, timeout=TIMEOUT_SECONDS, context=self.tls)
        )
        cookie = {"Cookie": self.cookie_header} if self.cookies else {}
        try:
            connection.connect()
            self.opened.append("{}:{}".format(*connection.sock.getsockname()[:2]))
            connection.request(method, path, body, {**cookie, **(headers or {})})
            answer = connection.getresponse()
            content = answer.read()
        except ssl.SSLCertVerificationError as error:
            raise UsageError(
                _(
                    "the certificate of {url} is not trusted: {why}; name it with --certificate "
                    "(inspector chat --tls writes tls-certificate.pem into its data folder)"
                ).format(url=self.origin, why=error.verify_message)
            ) from None
        except OSError as error:
            raise UsageError(
                _("no chat server answers at {url}: {why}").format(
                    url=self.origin, why=getattr(error, "strerror", None) or error
                )
            ) from None
        finally:
            connection.close()
        for line in answer.headers.get_all("Set-Cookie", []):
            for name, morsel in http.cookies.SimpleCookie(line).items():
                self.cookies[name] = morsel.value
        return Response(answer.status, {name.lower(): value for name, value in answer.headers.items()}, content)

    @property
    def cookie_header(self) -> str:
        """All cookies, as one header."""
        return "; ".join(f"{name}={value}" for name, value in self.cookies.items())

    def get(self, path: str) -> Response:
        """GET a page."""
        return self.request("GET", path)

    def post(self, path: str, fields: dict[str, str], page: str | None = None) -> Response:
        """Fill in a form: take the token from ``page`` (default: the same path), then POST."""
        found = _TOKEN.search(self.get(page or path).text)
        token = {"csrfmiddlewaretoken": found[1]} if found else {}
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Referer": self.origin + path}
        return self.request("POST", path, urlencode({**fields, **token}).encode(), headers)

    def api(self, method: str, path: str, data: object = None) -> Response:
        """Call the REST API with the session, JSON in and out."""
        headers = {"X-CSRFToken": self.cookies.get("csrftoken", ""), "Referer": self.origin + "/"}
        if data is None:
            return self.request(method, path, headers=headers)
        return self.request(method, path, json.dumps(data).encode(), {**headers, "Content-Type": "application/json"})

    def upload(self, room: int, name: str, content: bytes) -> Response:
        """Put a file into a room (multipart/form-data, RFC 7578)."""
        boundary = secrets.token_hex(16)
        head = (
            f'--{boundary}\r\nContent-Disposition: form-data; name="room"\r\n\r\n{room}\r\n'
            f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n'
            "Content-Type: application/octet-stream\r\n\r\n"
        )
        headers = {
            "Content-Type": f"multipart/form-data; boundary={boundary}",
            "X-CSRFToken": self.cookies.get("csrftoken", ""),
            "Referer": self.origin + "/",
        }
        body = head.encode() + content + f"\r\n--{boundary}--\r\n".encode()
        return self.request("POST", "/api/v2/uploads/", body, headers)

    def enter_demo(self, name: str) -> None:
        """Log in as a demo user.

        Raises:
            UsageError: If the server offers no such demo user.
        """
        response = self.post("/accounts/demo/", {"username": name}, page="/accounts/login/")
        if response.status != 302:
            raise UsageError(
                _("{url} has no demo user {name}: start it with `inspector chat --demo --scripted-users N`").format(
                    url=self.origin, name=name
                )
            )

    def enter_room(self, name: str) -> None:
        """Open a room or become a member of it."""
        response = self.post("/", {"name": name})
        if response.status != 302:
            raise UsageError(
                _("cannot enter room {name}: the server answered {status}").format(
                    name=repr(name), status=response.status
                )
            )

    def socket_url(self, path: str) -> str:
        """A WebSocket address on this server."""
        return f"{'wss' if self.tls else 'ws'}://{self._parts.netloc}{path}"

    def room_url(self, name: str, kind: str = "chat") -> str:
        """The WebSocket address of a room; ``kind`` is ``chat`` or ``sync``."""
        return self.socket_url(f"/ws/{kind}/{quote(name, safe='')}/")
