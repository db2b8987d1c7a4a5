"""Terms of HTTP: its parts, its methods, the header fields that one meets."""

from __future__ import annotations

from inspector.i18n import N_
from inspector.report.explain.explanation import Explanation, Kind
from inspector.report.explain.glossary import entry

__all__ = ["http_terms"]

_HTTP = "RFC 9110"
_CACHE = "RFC 9111"
_H1 = "RFC 9112"

_IDEAS = (
    entry(Kind.IDEA, "HTTP", N_("HTTP, requests and responses"),
        N_("The client sends a request (method, path, header fields, maybe a body), the server one response (status, header "
            "fields, body). Each stands for itself: what is to be remembered goes into a cookie."),
        ((_HTTP, "3"), (_H1, "2")), where=N_("In HTTP/1.1 lines of text that end with CR LF, an empty line, then the body; in "
            "HTTP/2 binary frames."), filter="http || http2",
        names=("HTTP/1.1", "request", "response", "exchange", "요청", "응답"), also=("method", "200", "HTTP/2", "persistent connection")),
    entry(Kind.IDEA, "method", N_("method"),
        N_("The first word of a request: what is to be done. Safe ones change nothing on the server (GET, HEAD, OPTIONS); "
            "idempotent ones may be sent twice and do the same as once (also PUT and DELETE)."),
        ((_HTTP, "9.1"), (_HTTP, "9.2")), filter="http.request.method", names=("request method", "safe method", "idempotent",
            "메서드", "멱등"), also=("GET", "POST", "405")),
    entry(Kind.IDEA, "status code", N_("status code"),
        N_("Three digits at the beginning of a response: 1xx interim, 2xx done, 3xx elsewhere, 4xx the client is asked to change "
            "something, 5xx the server failed."), ((_HTTP, "15"),),
        filter="http.response.code", names=("HTTP status", "상태 코드", "응답 코드"), also=("200", "301", "404", "500", "close code")),
    entry(Kind.IDEA, "header field", N_("header field"),
        N_("Name, colon, value: one line of a request or response. Letter case of the name does not matter, in HTTP/2 it is "
            "always small."), ((_HTTP, "5"),), filter="http.request.line || http.response.line",
        names=("HTTP header", "headers", "헤더 필드"), also=("Host", "Content-Type", "Cookie")),
    entry(Kind.IDEA, "persistent connection", N_("persistent connection"),
        N_("One TCP connection serves several requests one after the other, in HTTP/1.1 unless a side says Connection: close. It "
            "saves handshakes; a server closes it after some idle seconds."), ((_H1, "9.3"),),
        filter="http.connection", names=("HTTP keep-alive", "keep-alive connection", "지속 연결"), also=("Connection", "pipelining",
            "keep-alive")),
    entry(Kind.IDEA, "pipelining", N_("pipelining"),
        N_("Several requests are sent without waiting for responses, which must come in the same order. Browsers do not do it; "
            "HTTP/2 has streams instead."), ((_H1, "9.3.2"),), also=("head-of-line blocking", "HTTP/2")),
    entry(Kind.IDEA, "query string", N_("query string"),
        N_("What stands behind the ? of a URL: name=value pairs joined by &. It gets into logs and histories, so secrets do not "
            "belong there."), (("RFC 3986", "3.4"),), filter="http.request.uri.query",
        names=("query", "쿼리 문자열", "쿼리 스트링"), also=("percent-encoding", "GET")),
    entry(Kind.IDEA, "percent-encoding", N_("percent-encoding"),
        N_("In a URL each byte that may not stand there is written as % and two hexadecimal digits: 한 is %ED%95%9C, its three "
            "bytes in UTF-8. A form writes a space as +."), (("RFC 3986", "2.1"),),
        names=("url encoding", "urlencoded", "퍼센트 인코딩", "URL 인코딩"), also=("query string", "form")),
    entry(Kind.IDEA, "form", N_("form"),
        N_("A browser sends a form as application/x-www-form-urlencoded (one line of name=value pairs), or, with files, as "
            "multipart/form-data: parts between lines of a boundary, each with its own headers."),
        (("RFC 7578", "4"),), filter="http.content_type", names=("multipart", "multipart/form-data", "boundary", "upload", "폼",
            "업로드"), also=("POST", "Content-Type", "CSRF")),
    entry(Kind.IDEA, "chunked", N_("chunked transfer"),
        N_("A body whose length is not known beforehand: pieces, each with its size in hexadecimal on a line before it, and a "
            "last one of size 0. HTTP/2 has no need of it."), ((_H1, "7.1"),),
        filter='http.transfer_encoding == "chunked"', names=("chunk", "chunked encoding", "청크"), also=("Transfer-Encoding",
            "Content-Length")),
    entry(Kind.IDEA, "cookie", N_("cookie"),
        N_("The server has the browser keep a small value (Set-Cookie), and gets it back with every request to it (Cookie): that "
            "is how it knows again who asks. Secure: only over TLS. HttpOnly: not for scripts. SameSite: not with requests of "
            "other sites."),
        (("RFC 6265", "3"), ("draft-ietf-httpbis-rfc6265bis", "")), filter="http.cookie || http.set_cookie",
        names=("cookies", "SameSite", "HttpOnly", "Secure", "Max-Age", "session", "session cookie", "쿠키", "세션"),
            also=("Set-Cookie", "Cookie", "CSRF")),
    entry(Kind.IDEA, "cache", N_("cache"),
        N_("Keeps responses so that they need not be sent again: as long as Cache-Control says, afterwards by asking whether they "
            "changed (ETag, Last-Modified; the answer is 304)."), ((_CACHE, "2"), (_CACHE, "4.3")),
        filter="http.cache_control", names=("caching", "max-age", "no-cache", "no-store", "캐시"), also=("Cache-Control", "ETag", "304")),
    entry(Kind.IDEA, "SSE", N_("SSE, Server-Sent Events"),
        N_("A response that does not end: the server writes event after event as lines of text (data: …, an empty line ends "
            "each). One way only; the browser connects again by itself and names the last event it got."),
        (), where=N_("A response with Content-Type: text/event-stream."), filter='http.content_type contains "text/event-stream"',
        names=("Server-Sent Events", "text/event-stream", "EventSource", "server sent events"), also=("long polling",
            "websocket", "chunked")),
    entry(Kind.IDEA, "long polling", N_("polling and long polling"),
        N_("Polling asks again and again whether there is something new. With long polling the server answers only when there is, "
            "and the client asks anew at once. Both cost a whole request per message; WebSocket does not."),
        (("RFC 6202", "2"),), names=("polling", "폴링", "롱 폴링"), also=("SSE", "websocket")),
)  # fmt: skip

_METHODS = {
    "GET": ("9.3.1", N_("Fetches what is at the path. It has no body and changes nothing.")),
    "HEAD": ("9.3.2", N_("As GET, but only the header comes back.")),
    "POST": ("9.3.3", N_("Sends data that the server is to work on: a form, a login, a new message. Sent twice it may do it twice.")),
    "PUT": ("9.3.4", N_("Stores the body at the path, in place of what was there.")),
    "DELETE": ("9.3.5", N_("Removes what is at the path.")),
    "CONNECT": ("9.3.6", N_("Asks a proxy for a tunnel to host and port, mostly for TLS; after a 2xx it only passes bytes on.")),
    "OPTIONS": ("9.3.7", N_("Asks what may be done here; browsers send it before some requests to other origins (CORS preflight).")),
    "TRACE": ("9.3.8", N_("Has the request sent back as it arrived; mostly switched off.")),
    "PATCH": ("", N_("Changes a part of what is at the path.")),
}  # fmt: skip
"""Section of RFC 9110 and what it does; PATCH is RFC 5789."""
_METHOD_WHERE = N_("The first word of the request line; in HTTP/2 the pseudo-header field :method.")

_FIELDS = {
    "Host": (_HTTP, "7.2", N_("The name that the client wants: several sites can share one address. HTTP/1.1 demands it; in "
        "HTTP/2 it is :authority.")),
    "User-Agent": (_HTTP, "10.1.5", N_("The client's program and version, as it says itself.")),
    "Accept": (_HTTP, "12.5.1", N_("Media types that the client takes, with weights (q).")),
    "Accept-Encoding": (_HTTP, "12.5.3", N_("Compressions that the client can undo.")),
    "Accept-Language": (_HTTP, "12.5.4", N_("Languages that the user reads, the dearest first.")),
    "Content-Type": (_HTTP, "8.3", N_("What the body is: media type and, for text, its character set.")),
    "Content-Length": (_HTTP, "8.6", N_("Bytes of the body. Fewer than that means that the connection broke before the end.")),
    "Content-Encoding": (_HTTP, "8.4", N_("How the body is compressed: gzip, br (Brotli), deflate, zstd.")),
    "Transfer-Encoding": (_H1, "6.1", N_("How the body is cut for this one connection: chunked. It wins over Content-Length; both "
        "together are a way to smuggle requests.")),
    "Content-Disposition": ("RFC 6266", "4", N_("Whether to show the body or to save it, and under which file name.")),
    "Connection": (_HTTP, "7.6.1", N_("What holds for this one hop only: close, keep-alive, or Upgrade. A proxy takes it off, "
        "together with the fields that it names.")),
    "Keep-Alive": (_H1, "9.3", N_("How long the server will keep the idle connection, and for how many requests.")),
    "Upgrade": (_HTTP, "7.8", N_("Another protocol that the client would like to go on with, such as websocket; Connection has to "
        "name it too.")),
    "Cache-Control": (_CACHE, "5.2", N_("How long and by whom the response may be kept: max-age in seconds, no-cache (ask first), "
        "no-store, private.")),
    "Expires": (_CACHE, "5.3", N_("Until when the response may be used from a cache; max-age wins over it.")),
    "Age": (_CACHE, "5.1", N_("Seconds that the response has been in a cache.")),
    "Pragma": (_CACHE, "5.4", N_("The old form of Cache-Control: no-cache.")),
    "ETag": (_HTTP, "8.8.3", N_("A mark of this version of the content; with another content it is another one.")),
    "Last-Modified": (_HTTP, "8.8.2", N_("When the content changed last.")),
    "If-None-Match": (_HTTP, "13.1.2", N_("Send it only if its ETag is none of these; otherwise 304.")),
    "If-Modified-Since": (_HTTP, "13.1.3", N_("Send it only if it changed after this time; otherwise 304.")),
    "Vary": (_HTTP, "12.5.5", N_("Header fields of the request on which the response depends: a cache must compare them.")),
    "Location": (_HTTP, "10.2.2", N_("Where to go on (with 3xx), or where the new thing is (with 201).")),
    "Retry-After": (_HTTP, "10.2.3", N_("How long to wait before the next try, with 429 and 503.")),
    "Allow": (_HTTP, "10.2.1", N_("The methods that are possible here, with 405.")),
    "Server": (_HTTP, "10.2.4", N_("The server's program, as it says itself; behind a proxy often the proxy's.")),
    "Date": (_HTTP, "6.6.1", N_("When the response was made, in GMT.")),
    "Referer": (_HTTP, "10.1.3", N_("The page from which the request came (the spelling is a mistake that stayed).")),
    "Expect": (_HTTP, "10.1.1", N_("100-continue: the client waits for a 100 before it sends a large body.")),
    "Authorization": (_HTTP, "11.6.2", N_("Who asks: Basic with name and password in base64 (not encrypted), or Bearer with a token.")),
    "WWW-Authenticate": (_HTTP, "11.6.1", N_("How to log in, with 401.")),
    "Proxy-Authorization": (_HTTP, "11.7.2", N_("Who asks, for the proxy; it goes no further.")),
    "Range": (_HTTP, "14.2", N_("Which bytes of the content are wanted; the answer is 206.")),
    "Content-Range": (_HTTP, "14.4", N_("Which bytes of how many these are.")),
    "Accept-Ranges": (_HTTP, "14.3", N_("Whether parts of the content can be asked for.")),
    "TE": (_HTTP, "10.1.4", N_("Transfer codings that the client takes, and whether it wants trailer fields.")),
    "Trailer": (_HTTP, "6.6.2", N_("Header fields that come only behind a chunked body.")),
    "Via": (_HTTP, "7.6.3", N_("The proxies on the way, one behind the other.")),
    "Forwarded": ("RFC 7239", "4", N_("What a reverse proxy knows of the client: its address, the host and protocol that it asked for.")),
    "X-Forwarded-For": ("RFC 7239", "7.4", N_("The client's address and the proxies behind it, as the proxies wrote it. Anyone "
        "can send it: trust only what your own proxy added.")),
    "X-Forwarded-Proto": ("RFC 7239", "5.4", N_("Whether the client came by http or https to the proxy; Django reads it by "
        "SECURE_PROXY_SSL_HEADER.")),
    "Cookie": ("RFC 6265", "4.2", N_("The values that the server had set, sent back with every request to it.")),
    "Set-Cookie": ("RFC 6265", "4.1", N_("A value for the browser to keep, and to whom, how long and over what it is sent back. "
        "One line for each cookie.")),
    "Strict-Transport-Security": ("RFC 6797", "6.1", N_("The browser shall come by HTTPS only from now on, for so many seconds.")),
    "Alt-Svc": ("RFC 7838", "3", N_("The same site can also be had elsewhere, mostly over HTTP/3.")),
    "X-Frame-Options": ("RFC 7034", "2", N_("Whether the page may be shown within another one: protection from clickjacking.")),
}  # fmt: skip
"""Document, section, and what it says."""
_REQUEST, _RESPONSE = N_("In the header of a request."), N_("In the header of a response.")
_EITHER = N_("In the header of a request or a response.")
_OF_REQUESTS = frozenset({
    "Host", "User-Agent", "Accept", "Accept-Encoding", "Accept-Language", "If-None-Match", "If-Modified-Since", "Referer",
    "Expect", "Authorization", "Proxy-Authorization", "Range", "TE", "Forwarded", "X-Forwarded-For", "X-Forwarded-Proto", "Cookie",
})  # fmt: skip
_OF_BOTH = frozenset({
    "Content-Type", "Content-Length", "Content-Encoding", "Transfer-Encoding", "Content-Disposition", "Connection", "Keep-Alive",
    "Upgrade", "Cache-Control", "Pragma", "Date", "Trailer", "Via",
})  # fmt: skip
_FILTERS = {
    "Host": "http.host", "User-Agent": "http.user_agent", "Accept": "http.accept", "Accept-Encoding": "http.accept_encoding",
    "Accept-Language": "http.accept_language", "Content-Type": "http.content_type", "Content-Length": "http.content_length",
    "Content-Encoding": "http.content_encoding", "Transfer-Encoding": "http.transfer_encoding", "Connection": "http.connection",
    "Upgrade": "http.upgrade", "Cache-Control": "http.cache_control", "Last-Modified": "http.last_modified", "Location": "http.location",
    "Server": "http.server", "Date": "http.date", "Referer": "http.referer", "Authorization": "http.authorization",
    "WWW-Authenticate": "http.www_authenticate", "Proxy-Authorization": "http.proxy_authorization", "Cookie": "http.cookie",
    "Set-Cookie": "http.set_cookie", "X-Forwarded-For": "http.x_forwarded_for",
}  # fmt: skip
_MORE_NAMES = {
    "Authorization": ("Basic", "Bearer"), "Content-Encoding": ("gzip", "brotli", "deflate coding", "zstd"),
        "Strict-Transport-Security": ("HSTS",),
}  # fmt: skip
_ALSO = {
    "Connection": ("persistent connection", "Upgrade"), "Upgrade": ("WebSocket handshake", "101"), "Cookie": ("cookie",),
        "Set-Cookie": ("cookie",),
    "Cache-Control": ("cache",), "ETag": ("cache", "If-None-Match"), "Transfer-Encoding": ("chunked",), "Content-Type": ("form",),
    "Forwarded": ("reverse proxy",), "X-Forwarded-For": ("reverse proxy",), "Authorization": ("401",), "Location": ("301", "302"),
}  # fmt: skip


def http_terms() -> list[Explanation]:
    """Everything of HTTP/1 that has no declared field, but its status codes."""
    return [*_IDEAS, *map(_method, _METHODS), *map(_field, _FIELDS)]


def _method(name: str) -> Explanation:
    section, what = _METHODS[name]
    return entry(
        Kind.METHOD,
        name,
        name,
        what,
        ((_HTTP, section),) if section else (("RFC 5789", "2"),),
        where=_METHOD_WHERE,
        filter=f'http.request.method == "{name}" || http2.headers.method == "{name}"',
        names=(f"{name} request", f"{name} 요청"),
        also=("method",),
    )


def _field(name: str) -> Explanation:
    document, section, what = _FIELDS[name]
    side = "request" if name in _OF_REQUESTS else "response"
    return entry(
        Kind.HTTP_HEADER,
        name,
        name,
        what,
        ((document, section),),
        where=_EITHER if name in _OF_BOTH else _REQUEST if name in _OF_REQUESTS else _RESPONSE,
        filter=_FILTERS.get(name, f'http.{side}.line contains "{name}:"'),
        names=(f"{name} header", f"{name} 헤더", *_MORE_NAMES.get(name, ())),
        also=_ALSO.get(name, ("header field",)),
    )
