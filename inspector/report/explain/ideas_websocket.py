"""Ideas of WebSocket."""

from __future__ import annotations

from inspector.i18n import N_
from inspector.model.finding import Text
from inspector.refs import Ref
from inspector.report.explain.explanation import Explanation, Kind

__all__ = ["WEBSOCKET_IDEAS"]

_WS = "RFC 6455"

WEBSOCKET_IDEAS = (
    Explanation(
        kind=Kind.IDEA,
        term="WebSocket handshake",
        title=N_("WebSocket handshake"),
        what=Text(N_(
            "An HTTP GET asks to go on as WebSocket (Upgrade: websocket, Connection: Upgrade, a random key, version 13), "
            "and the server answers 101 with a value made of that key. From the next byte on frames follow. Over HTTP/2 "
            "it is an extended CONNECT on one stream, answered with 200."
        )),
        where=Text(N_("The first request of the connection and its response.")),
        why=Text(N_(
            "All refusals happen here: Origin, login, routing, a proxy that drops the headers. The browser tells its "
            "scripts nothing but 1006; only the packets show the status."
        )),
        refs=(Ref(_WS, "4.1"), Ref(_WS, "4.2.2"), Ref("RFC 8441", "4")),
        filter='http.upgrade == "websocket"',
        names=("handshake", "upgrade", "opening handshake"),
        also=("101", "403", "Sec-WebSocket-Key", "W1", "W2", "W3"),
    ),
    Explanation(
        kind=Kind.IDEA,
        term="frame",
        title=N_("WebSocket frame"),
        what=Text(N_(
            "A piece on the wire: 2 to 14 bytes of header, then the payload. Data frames (text, binary, continuation) "
            "make up messages; control frames (close, ping, pong) stand between them, have at most 125 bytes and are "
            "never fragmented."
        )),
        where=Text(N_("In the TCP stream behind the handshake; frames and TCP segments have no common borders.")),
        why=Text(N_("Applications see messages, the wire has frames: one message may be many frames, or many share a packet.")),
        refs=(Ref(_WS, "5.2"), Ref(_WS, "5.5")),
        filter="websocket",
        names=("WebSocket frame",),
        also=("websocket", "message", "WebSocket fragment", "websocket.opcode"),
    ),
    Explanation(
        kind=Kind.IDEA,
        term="message",
        title=N_("WebSocket message"),
        what=Text(N_(
            "What an application sent at once, text or binary: one frame with FIN, or several of which the last has FIN. "
            "It arrives whole or not at all, and in order."
        )),
        why=Text(N_("WebSocket does not tell a sender whether a message arrived: that needs an answer of the application.")),
        refs=(Ref(_WS, "5.4"), Ref(_WS, "5.6")),
        filter="websocket.opcode == 1 || websocket.opcode == 2",
        names=("WebSocket message",),
        also=("frame", "WebSocket fragment"),
    ),
    Explanation(
        kind=Kind.IDEA,
        term="WebSocket fragment",
        title=N_("WebSocket fragment"),
        what=Text(N_(
            "A message in several frames: the first has the opcode and no FIN, the others opcode 0, the last FIN. "
            "Control frames may come between, other data may not. Proxies may cut and join as they like, where no "
            "extension forbids it."
        )),
        where=Text(N_("FIN and opcode in the first byte of the frame.")),
        why=Text(N_("A receiver that takes each frame for a message breaks on large messages only.")),
        refs=(Ref(_WS, "5.4"),),
        filter="websocket.fin == 0 || websocket.opcode == 0",
        names=("fragment", "fragments", "fragmented message", "fragmentation", "continuation"),
        also=("websocket.fin", "W13", "IP fragment"),
    ),
    Explanation(
        kind=Kind.IDEA,
        term="masking",
        title=N_("masking"),
        what=Text(N_(
            "The client combines every payload byte with one of four random bytes by exclusive or (byte i with key byte i "
            "modulo 4); the same again gives the clear text. Servers never mask. It is no encryption: the key stands in "
            "the frame."
        )),
        where=Text(N_("Bit MASK of the second byte, and four bytes of key before the payload.")),
        why=Text(N_(
            "It keeps scripts from putting chosen bytes on the wire that a proxy could take for HTTP. A frame masked "
            "wrongly must end the connection; 1002 may say so."
        )),
        refs=(Ref(_WS, "5.3"), Ref(_WS, "10.3")),
        filter="websocket.mask == 1",
        names=("mask", "unmask", "ws mask", "XOR", "마스크"),
        also=("websocket.mask", "websocket.masking_key", "W11"),
    ),
    Explanation(
        kind=Kind.IDEA,
        term="ping",
        title=N_("ping and pong"),
        what=Text(N_(
            "Either side may send a ping at any time; the other answers with a pong that repeats its payload, as soon as "
            "it can. A pong that nobody asked for is allowed and needs no answer. Browsers answer pings but scripts can "
            "neither send nor see them."
        )),
        where=Text(N_("Control frames with opcode 9 (ping) and 10 (pong), at most 125 bytes.")),
        why=Text(N_(
            "They keep proxies from cutting an idle connection and show that the other side lives; a server that gets no "
            "pong in time gives the connection up."
        )),
        refs=(Ref(_WS, "5.5.2"), Ref(_WS, "5.5.3")),
        filter="websocket.opcode == 9 || websocket.opcode == 10",
        names=("pong", "heartbeat", "ping frame", "퐁"),
        also=("W8", "F17", "W7", "keep-alive"),
    ),
    Explanation(
        kind=Kind.IDEA,
        term="closing handshake",
        title=N_("closing handshake"),
        what=Text(N_(
            "One side sends a Close frame, the other answers with one, usually with the same code; then the server closes "
            "TCP first. After its Close frame a side sends no more data."
        )),
        where=Text(N_("Frames with opcode 8, then FIN.")),
        why=Text(N_("Without it each application sees 1006 and cannot know which messages still arrived.")),
        refs=(Ref(_WS, "7.1.2"), Ref(_WS, "7.1.1"), Ref(_WS, "5.5.1")),
        filter="websocket.opcode == 8",
        names=("handshake", "close", "close frame", "close handshake", "ws.close"),
        also=("close code", "1006", "W6", "W14"),
    ),
    Explanation(
        kind=Kind.IDEA,
        term="close code",
        title=N_("close code"),
        what=Text(N_(
            "A number that tells why a WebSocket ends: 1000 to 2999 belong to the protocol, 3000 to 3999 to registered "
            "libraries, 4000 to 4999 to applications. 1004, 1005, 1006 and 1015 never travel. Scripts in browsers may "
            "send 1000 and 3000 to 4999 only."
        )),
        where=Text(N_("The first two bytes of a Close frame's payload.")),
        why=Text(N_("It is the only word about the end that reaches the other application.")),
        refs=(Ref(_WS, "7.4"), Ref(_WS, "7.4.2")),
        filter="websocket.payload.close.status_code",
        names=("close codes", "종료 코드"),
        also=("1000", "1001", "1006", "1011", "F14", "W15", "close reason"),
    ),
    Explanation(
        kind=Kind.IDEA,
        term="close reason",
        title=N_("close reason"),
        what=Text(N_(
            "A text behind the code in a Close frame, in UTF-8, at most 123 bytes because a control frame has at most 125. "
            "It is meant for developers, not for users."
        )),
        where=Text(N_("From the third payload byte of a Close frame on.")),
        why=Text(N_("Few servers fill it in; where one does, it often names the cause.")),
        refs=(Ref(_WS, "5.5.1"), Ref(_WS, "7.1.6")),
        filter="websocket.payload.close.reason",
        names=("reason",),
        also=("close code",),
    ),
    Explanation(
        kind=Kind.IDEA,
        term="subprotocol",
        title=N_("subprotocol"),
        what=Text(N_(
            "The application's own protocol inside WebSocket, such as graphql-transport-ws. The client lists what it "
            "speaks, the server chooses one of them or none."
        )),
        where=Text(N_("The header Sec-WebSocket-Protocol of request and response.")),
        why=Text(N_("When a browser offered some and the server chose none, the browser ends the connection at once.")),
        refs=(Ref(_WS, "1.9"), Ref(_WS, "4.2.2")),
        filter="http.sec_websocket_protocol",
        names=("Sec-WebSocket-Protocol",),
        also=("W4", "F08"),
    ),
    Explanation(
        kind=Kind.IDEA,
        term="extension",
        title=N_("WebSocket extension"),
        what=Text(N_(
            "A change to the frames themselves that both sides agree on in the handshake, marked by the bits RSV1 to RSV3. "
            "The only common one is permessage-deflate."
        )),
        where=Text(N_("The header Sec-WebSocket-Extensions of request and response.")),
        why=Text(N_("A reserved bit that is set without an agreement must end the connection.")),
        refs=(Ref(_WS, "9.1"), Ref(_WS, "5.8")),
        filter="http.sec_websocket_extensions",
        names=("Sec-WebSocket-Extensions", "WebSocket extension"),
        also=("permessage-deflate", "websocket.rsv", "W5"),
    ),
    Explanation(
        kind=Kind.IDEA,
        term="permessage-deflate",
        title=N_("compression of messages"),
        what=Text(N_(
            "Messages are compressed with DEFLATE; the last four bytes 00 00 ff ff are left out on the wire and added "
            "again by the receiver. With context takeover later messages refer to earlier ones; no_context_takeover and "
            "max_window_bits limit that for each direction."
        )),
        where=Text(N_("Agreed in Sec-WebSocket-Extensions; bit RSV1 of a message's first frame marks it as compressed.")),
        why=Text(N_(
            "A capture that starts late or lacks a message cannot decompress those after it. A proxy that does not pass "
            "the header on switches it off."
        )),
        refs=(Ref("RFC 7692", "7"), Ref("RFC 7692", "7.2.1"), Ref("RFC 7692", "7.1.1")),
        filter="websocket.pmc == 1",
        names=("deflate", "RSV1", "context takeover", "compression"),
        also=("websocket.rsv1", "W16", "ws.context_lost"),
    ),
    Explanation(
        kind=Kind.IDEA,
        term="Sec-WebSocket-Key",
        title="Sec-WebSocket-Key",
        what=Text(N_(
            "16 random bytes in base64 that the client makes for each handshake. It is no secret and proves nothing about "
            "the user."
        )),
        where=Text(N_("A header of the handshake request.")),
        why=Text(N_("The answer must be made from it, so that a cache or a server that does not know WebSocket cannot give it.")),
        refs=(Ref(_WS, "4.1"), Ref(_WS, "11.3.1")),
        filter="http.sec_websocket_key",
        also=("Sec-WebSocket-Accept", "WebSocket handshake"),
    ),
    Explanation(
        kind=Kind.IDEA,
        term="Sec-WebSocket-Accept",
        title="Sec-WebSocket-Accept",
        what=Text(N_("The base64 form of SHA-1 over the client's key with 258EAFA5-E914-47DA-95CA-C5AB0DC85B11 behind it.")),
        where=Text(N_("A header of the 101 response.")),
        why=Text(N_("When it does not fit the key, the client must fail the connection: somebody answered who did not read the "
            "request.")),
        refs=(Ref(_WS, "4.2.2"), Ref(_WS, "11.3.3")),
        filter="http.sec_websocket_accept",
        names=("GUID", "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"),
        also=("Sec-WebSocket-Key", "ws.accept_mismatch"),
    ),
    Explanation(
        kind=Kind.IDEA,
        term="Sec-WebSocket-Version",
        title="Sec-WebSocket-Version",
        what=Text(N_(
            "The version of the protocol, 13 since RFC 6455. A server that does not speak it names those that it does, "
            "usually with 426."
        )),
        where=Text(N_("A header of the handshake request, and of a refusal.")),
        why=Text(N_("Any other value comes from software older than 2011 or from a broken client.")),
        refs=(Ref(_WS, "4.4"), Ref(_WS, "11.3.5")),
        filter="http.sec_websocket_version",
        also=("426", "ws.version"),
    ),
)  # fmt: skip
