"""Both directions of an HTTP/1.x connection: requests, what answers them, and where HTTP ends."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from inspector.model.http import Exchange, Framing, HttpMessage, Paired
from inspector.wire.http1.decoder import Http1Decoder

__all__ = ["Http1Connection"]

_MOST_HELD = 4 << 20
"""Bytes of one direction kept until the other direction tells what they are; then the wait is given up."""
_TYPICAL_OF = 16
"""Complete responses whose mean size tells how many fit into missing bytes."""


class Http1Connection:
    """Decodes both directions and pairs requests with responses.

    Feed either direction in any portions, each direction in order. ``waiting_for_server`` tells that its bytes
    are needed before the client's can be decoded further; a file reader follows it, a live reader may ignore it.

    Args:
        earlier: Given the positions of a response and a request in their streams, tells whether the response was
            seen before the request (it is then the answer to something before the capture began).
    """

    def __init__(self, earlier: Callable[[int, int], bool] = lambda response, request: False) -> None:
        self.exchanges: list[Exchange] = []
        self.client = Http1Decoder(True, begun=self._request)
        self.server = Http1Decoder(False, self._method_of, self._response, self._server_may_begin)
        self._unanswered: deque[Exchange] = deque()
        self._earlier = earlier
        self._answering: Exchange | None = None
        self._client_ended = False
        self._given_up = False
        self._paired = Paired.ORDER

    @property
    def switched(self) -> HttpMessage | None:
        """The response after which HTTP ended (101, or success to CONNECT), or None."""
        return self.server.messages[-1] if self.server.switched else None

    @property
    def waiting_for_server(self) -> bool:
        """The client asked for another protocol; its further bytes cannot be decoded before the answer."""
        return self.client.held

    def feed(self, from_client: bool, data: bytes) -> None:
        """Take the next bytes of one direction."""
        decoder = self.client if from_client else self.server
        decoder.feed(data)
        if decoder.held and len(decoder.rest) > _MOST_HELD:
            self._give_up_waiting(decoder)
        if from_client:
            self._let_server_go_on()

    def gap(self, from_client: bool, size: int) -> None:
        """``size`` bytes of one direction are missing here."""
        decoder = self.client if from_client else self.server
        if decoder.held:
            self._give_up_waiting(decoder)
        between = not decoder.messages or decoder.messages[-1].complete
        decoder.gap(size)
        if not from_client and between and not decoder.switched:
            self._responses_lost(size)

    def finish(self, from_client: bool) -> None:
        """One direction has ended."""
        (self.client if from_client else self.server).finish()
        if from_client:
            self._client_ended = True
            self._let_server_go_on()

    def settle(self) -> None:
        """No more will come: the decoders forget whom they tell, so that nothing keeps all of it in memory."""
        self.client.settle()
        self.server.settle()

    def _let_server_go_on(self) -> None:
        if self.server.held and self._server_may_begin():
            self.server.held = False
            self.server.resume()

    def _server_may_begin(self) -> bool:
        """A response begins only when its request has been decoded, or none will come."""
        return bool(self._unanswered) or self._client_ended or self._given_up

    def _give_up_waiting(self, decoder: Http1Decoder) -> None:
        self._given_up = True
        decoder.held = False
        decoder.resume()

    # --- pairing ---------------------------------------------------------------------------------------------------

    def _request(self, message: HttpMessage) -> None:
        exchange = Exchange(message, paired=self._paired)
        self.exchanges.append(exchange)
        self._unanswered.append(exchange)
        asks = message.header("upgrade") is not None and message.lists("connection", "upgrade")
        self.client.held = asks or message.method == b"CONNECT"

    def _method_of(self, response: HttpMessage) -> bytes | None:
        """The method that a response answers; chooses the exchange it belongs to."""
        waiting = self._unanswered[0] if self._unanswered else None
        if waiting is None or (waiting.request and self._earlier(response.start, waiting.request.start)):
            self._answering = Exchange(None)
            self.exchanges.append(self._answering)
            return None
        self._answering = waiting
        return waiting.request.method if waiting.request else None

    def _response(self, message: HttpMessage) -> None:
        exchange = self._answering
        assert exchange is not None  # _method_of has chosen it
        status = message.status or 0
        if 100 <= status < 200 and status != 101:
            exchange.interim.append(message)
            if exchange.request is None:
                self.exchanges.remove(exchange)
            return
        exchange.response = message
        exchange.paired = self._paired
        if self._unanswered and self._unanswered[0] is exchange:
            self._unanswered.popleft()
        if self.client.held and not self._unanswered:
            self.client.held = False
            if message.framing is Framing.SWITCHED:
                self.client.switch()
            self.client.resume()

    def _responses_lost(self, size: int) -> None:
        """Bytes between two responses are missing: whole responses went with them, as many as fit.

        Only requests that were already sent when the bytes after the gap came can have been answered in it.
        """
        sizes = [m.end - m.start for m in self.server.messages[-_TYPICAL_OF:] if m.complete]
        fit = max(1, round(size * len(sizes) / sum(sizes))) if sizes else 1
        while fit and self._unanswered:
            request = self._unanswered[0].request
            if request is None or self._earlier(self.server.position, request.start):
                break
            self._unanswered.popleft()
            fit -= 1
        self._paired = Paired.INFERRED
