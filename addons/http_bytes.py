"""HTTP messages as HTTP/1.1 bytes, made from what mitmproxy parsed: their grade is ``reconstructed``."""

from __future__ import annotations

from mitmproxy import http
from mitmproxy.net.http import http1

__all__ = ["request_bytes", "response_bytes"]


def request_bytes(request: http.Request) -> tuple[bytes, int]:
    """A request as one HTTP/1.1 message in origin form: mitmproxy does not keep the absolute form of a client's.

    Args:
        request: As mitmproxy has it; not changed.

    Returns:
        Its bytes, and how many of its body are missing because mitmproxy did not keep them.
    """
    copy = request.copy()
    if request.http_version != "HTTP/1.0":
        copy.http_version = "HTTP/1.1"
    if "host" not in copy.headers:
        copy.headers.insert(0, "Host", request.authority or request.host)
    copy.authority = ""
    _frame(copy, has_body=bool(copy.raw_content))
    body, missing = _body(copy)
    return http1.assemble_request_head(copy) + body, missing


def response_bytes(response: http.Response) -> tuple[bytes, int]:
    """A response as one HTTP/1.1 message; what is returned is as for ``request_bytes``."""
    copy = response.copy()
    if response.http_version != "HTTP/1.0":
        copy.http_version = "HTTP/1.1"
    # RFC 9112 section 6.3: these never have a body.
    _frame(copy, has_body=copy.status_code >= 200 and copy.status_code not in (204, 304))
    body, missing = _body(copy)
    return http1.assemble_response_head(copy) + body, missing


def _frame(message: http.Message, *, has_body: bool) -> None:
    """Say how long the body is where HTTP/2 needed no header for that."""
    if has_body and message.raw_content is not None:
        framed = "content-length" in message.headers or "transfer-encoding" in message.headers
        if not framed:
            message.headers["Content-Length"] = str(len(message.raw_content))


def _body(message: http.Message) -> tuple[bytes, int]:
    if message.raw_content is None:
        if "chunked" in message.headers.get("transfer-encoding", "").lower():
            return b"0\r\n\r\n", 0
        length = message.headers.get("content-length", "")
        return b"", int(length) if length.isascii() and length.isdigit() else 0
    if message.trailers is not None and "chunked" not in message.headers.get("transfer-encoding", "").lower():
        return message.raw_content, 0
    return b"".join(http1.assemble_body(message.headers, [message.raw_content], message.trailers)), 0
