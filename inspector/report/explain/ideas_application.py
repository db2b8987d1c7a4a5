"""Ideas of HTTP, Django and Channels."""

from __future__ import annotations

from inspector.i18n import N_
from inspector.model.finding import Text
from inspector.refs import Ref
from inspector.report.explain.explanation import Explanation, Kind

__all__ = ["APPLICATION_IDEAS"]

APPLICATION_IDEAS = (
    Explanation(
        kind=Kind.IDEA,
        term="Origin",
        title=N_("Origin"),
        what=Text(N_(
            "Scheme, host and port of the page whose script made the request. The browser adds it and scripts cannot "
            "change it; other clients may send what they like, or nothing."
        )),
        where=Text(N_("A header of the request, also of the WebSocket handshake.")),
        why=Text(N_(
            "WebSockets are not bound to their own origin, and cookies are sent along: a server that does not compare "
            "Origin lets any page speak in its visitor's name. Channels does so with AllowedHostsOriginValidator and "
            "answers 403."
        )),
        refs=(Ref("RFC 6454", "7"), Ref("RFC 6455", "10.2")),
        filter='http.request.line contains "Origin:"',
        names=("origin check", "AllowedHostsOriginValidator", "same origin"),
        also=("CORS", "CSRF", "F01", "403"),
    ),
    Explanation(
        kind=Kind.IDEA,
        term="CORS",
        title=N_("CORS, requests to other origins"),
        what=Text(N_(
            "By default a script may send a request to another origin but not read the answer. The answer's "
            "Access-Control-Allow-Origin permits it; for unusual methods and headers the browser asks first with OPTIONS "
            "(preflight)."
        )),
        where=Text(N_("Headers that begin with Access-Control, and OPTIONS requests.")),
        why=Text(N_(
            "The browser enforces it, not the network: the packets show a good answer that the page never gets. It does "
            "not apply to WebSockets; there the server has to check Origin itself."
        )),
        refs=(Ref("RFC 6454", "7"), Ref("RFC 9110", "9.3.7")),
        filter='http.request.method == "OPTIONS"',
        names=("preflight", "cross-origin", "Access-Control-Allow-Origin"),
        also=("Origin", "F30"),
    ),
    Explanation(
        kind=Kind.IDEA,
        term="CSRF",
        title=N_("CSRF, forged requests from other pages"),
        what=Text(N_(
            "Another site's page makes a visitor's browser send a request, and the browser adds the cookies. Django "
            "demands a token in the form or header that fits the one in the cookie, and over HTTPS a fitting Origin or "
            "Referer."
        )),
        where=Text(N_("The cookie csrftoken, the form field csrfmiddlewaretoken or the header X-CSRFToken.")),
        why=Text(N_(
            "A 403 of Django on POST mostly means that the token is missing or old. WebSockets have no such token: Origin "
            "has to do."
        )),
        refs=(Ref("RFC 6265", "8.2"),),
        filter="http.response.code == 403",
        names=("csrf token", "csrftoken"),
        also=("403", "Origin", "F30"),
    ),
    Explanation(
        kind=Kind.IDEA,
        term="ASGI",
        title=N_("ASGI"),
        what=Text(N_(
            "How a Python server such as Daphne or uvicorn calls an asynchronous application: one call per connection "
            "with a scope, then events in both directions (websocket.connect, websocket.receive, websocket.disconnect). "
            "WSGI, its predecessor, knows requests with one answer only."
        )),
        why=Text(N_("A server that knows only WSGI cannot open WebSockets: it answers the handshake as a request, with 404 or 200.")),
        refs=(),
        names=("Daphne", "uvicorn", "WSGI", "scope", "AuthMiddleware", "비동기"),
        also=("consumer", "F03"),
    ),
    Explanation(
        kind=Kind.IDEA,
        term="consumer",
        title=N_("consumer"),
        what=Text(N_(
            "The class in Channels that handles one WebSocket: connect accepts or closes it, receive gets each message, "
            "disconnect comes at the end. Every open socket has an instance of its own."
        )),
        why=Text(N_(
            "Closing before accept gives 403 in the handshake; an exception after it ends that socket with 1011 or "
            "without a word. Blocking calls in an asynchronous one stop all sockets of the process."
        )),
        refs=(Ref("RFC 6455", "7.4.1"),),
        also=("channel layer", "F02", "F05", "F07", "F12", "F26"),
    ),
    Explanation(
        kind=Kind.IDEA,
        term="channel layer",
        title=N_("channel layer"),
        what=Text(N_(
            "What carries messages from consumer to consumer in Channels: each has a channel with a name, and groups are "
            "sets of channels. In memory it stays within one process; over Redis it joins several. It delivers at most "
            "once: full channels lose messages, silently for groups."
        )),
        where=Text(N_("Not on the WebSocket; with Redis between the server and port 6379.")),
        why=Text(N_("When some members of a room get a message and others do not, the reason is mostly here.")),
        refs=(),
        names=("Redis", "InMemoryChannelLayer", "capacity", "Channels", "채널"),
        also=("group_send", "F18", "F19", "F20", "F21"),
    ),
    Explanation(
        kind=Kind.IDEA,
        term="group_send",
        title=N_("sending to a group"),
        what=Text(N_(
            "Puts an event on the channel of every member of a group. Each member's consumer calls the method that the "
            "event's type names, with underscores for dots: chat.message calls chat_message."
        )),
        where=Text(N_("Not on the wire; what members then send to their clients is.")),
        why=Text(N_(
            "Where the method does not exist, every member crashes at once. The sender gets no error, whether anybody "
            "received the event or not."
        )),
        refs=(),
        names=("group", "chat_message", "event type"),
        also=("channel layer", "F06", "F13", "F22", "F23", "F24"),
    ),
    Explanation(
        kind=Kind.IDEA,
        term="N+1",
        title=N_("N+1 queries"),
        what=Text(N_(
            "One query fetches a list, and then one more is made for each of its rows, because a related object is read "
            "in a loop. select_related and prefetch_related fetch them with one or two queries."
        )),
        where=Text(N_("Between server and database; on the client's side only as a slow answer, seen with the trace.")),
        why=Text(N_("The time of a page grows with its rows; with few rows in development nobody notices.")),
        refs=(),
        names=("n+1 queries", "select_related", "prefetch_related"),
        also=("F29", "S1"),
    ),
    Explanation(
        kind=Kind.IDEA,
        term="reverse proxy",
        title=N_("reverse proxy"),
        what=Text(N_(
            "A program such as nginx that takes the client's connection and opens another one to the server. Upgrade and "
            "Connection belong to one connection only: a proxy has to be told to pass them on, and for how long an idle "
            "socket may live."
        )),
        where=Text(N_("Two connections, each with its own TCP, handshake and frames.")),
        why=Text(N_(
            "What the client sees may come from the proxy: 400 and 426 without Upgrade, 502, 504, or a cut after 60 silent "
            "seconds."
        )),
        refs=(Ref("RFC 9110", "7.6.1"), Ref("RFC 9110", "7.8")),
        names=("proxy", "nginx", "hop-by-hop", "leg", "load balancer", "프록시"),
        also=("F09", "F10", "H1", "W2", "502", "504"),
    ),
    Explanation(
        kind=Kind.IDEA,
        term="journey",
        title=N_("journey of a message"),
        what=Text(N_(
            "One message followed from its sender through the server to every recipient, with the time at each hop. From "
            "packets alone it is inferred by content; the server's trace makes it exact."
        )),
        why=Text(N_("It answers whether a message arrived, at whom, how late, and where it was lost.")),
        refs=(),
        also=("group_send", "message", "F21", "F22"),
    ),
)  # fmt: skip
