"""What an explanation consists of, wherever it comes from."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from inspector.i18n import N_
from inspector.model.finding import NOTHING, Text
from inspector.proto import Field, Header
from inspector.refs import Ref

__all__ = ["Explanation", "Kind"]

_NOT_IN_LINKS = re.compile(r"[^\w.=-]+")


class Kind(Enum):
    """What a term is; the order in which several meanings are told."""

    IDEA = "idea"
    CLOSE_CODE = "close_code"
    STATUS = "http_status"
    METHOD = "http_method"
    HTTP_HEADER = "http_header"
    H2_FRAME = "http2_frame"
    TLS_MESSAGE = "tls_message"
    DNS_TYPE = "dns_type"
    HEADER = "header"
    FIELD = "field"
    RULE = "rule"
    ANOMALY = "anomaly"
    ALERT = "tls_alert"
    H2_ERROR = "http2_error"
    WORD = "word"
    VALUE = "value"
    PORT = "port"

    @property
    def word(self) -> Text:
        """What it is called."""
        return Text(_WORDS[self])


_WORDS = {
    Kind.IDEA: N_("idea"),
    Kind.CLOSE_CODE: N_("WebSocket close code"),
    Kind.STATUS: N_("HTTP status"),
    Kind.METHOD: N_("HTTP request method"),
    Kind.HTTP_HEADER: N_("HTTP header field"),
    Kind.H2_FRAME: N_("HTTP/2 frame"),
    Kind.TLS_MESSAGE: N_("TLS handshake message"),
    Kind.DNS_TYPE: N_("DNS record type"),
    Kind.HEADER: N_("header"),
    Kind.FIELD: N_("field"),
    Kind.RULE: N_("rule of the diagnosis"),
    Kind.ANOMALY: N_("anomaly"),
    Kind.ALERT: N_("TLS alert"),
    Kind.H2_ERROR: N_("HTTP/2 error code"),
    Kind.WORD: N_("word of the reports"),
    Kind.VALUE: N_("value of a field"),
    Kind.PORT: N_("port"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """One meaning of a term.

    Args:
        kind: What it is.
        term: Its name, as ``inspector explain`` takes it.
        title: Short name for people (translatable).
        what: What it is.
        where: Where it is on the wire.
        why: Why it matters.
        next_step: What to do about it.
        refs: Sections of standards.
        filter: Wireshark display filter that shows it; empty where there is none.
        names: Other names that it answers to.
        values: Names of its values (translatable).
        header: The header that it is, or that it lies in.
        fields: Fields of ``header`` to mark in the bit diagram.
        also: Terms to read next.
    """

    kind: Kind
    term: str
    title: str
    what: Text
    where: Text = NOTHING
    why: Text = NOTHING
    next_step: Text = NOTHING
    refs: tuple[Ref, ...] = ()
    filter: str = ""
    names: tuple[str, ...] = ()
    values: Mapping[int, str] = field(default_factory=dict)
    header: Header | None = None
    fields: tuple[Field, ...] = ()
    also: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """What names it among all explanations, and in links: ``close_code-1006``."""
        return f"{self.kind.value}-" + _NOT_IN_LINKS.sub("_", self.term)
