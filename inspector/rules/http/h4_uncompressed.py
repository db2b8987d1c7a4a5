"""H4: text is sent uncompressed although the client takes it compressed."""

from __future__ import annotations

from collections.abc import Iterator

from inspector.analysis.facts import Facts
from inspector.analysis.sockets import path_of
from inspector.i18n import N_
from inspector.model.finding import Finding, Severity, Side, told
from inspector.model.http import HttpMessage
from inspector.recording.http import HttpExchange
from inspector.refs import Ref
from inspector.rules.alike import answered, finding_of
from inspector.rules.needs import Need
from inspector.rules.rule import Rule, Threshold
from inspector.wire.content import codings_of
from inspector.wire.forms import media_type

__all__ = ["RULE"]

_LEAST_BYTES = 1_400
_TEXTS = frozenset({
    "text/html", "text/css", "text/javascript", "text/plain", "text/xml", "application/javascript", "application/json",
    "application/xml", "image/svg+xml",
})  # fmt: skip
_CODINGS = frozenset({b"gzip", b"br", b"zstd", b"*"})


def _judge(facts: Facts) -> Iterator[Finding]:
    servers: dict[str, list[tuple[int, str, HttpExchange]]] = {}
    for item, request, response in answered(facts):
        if response.status != 200 or response.body_length <= _LEAST_BYTES or not _takes_codings(request):
            continue
        if media_type(response.header("content-type"))[0] not in _TEXTS or response.lists(
            "cache-control", "no-transform"
        ):
            continue
        if not codings_of(response.values("content-encoding")):
            found = (response.body_length, path_of(request.target_text), item)
            servers.setdefault(facts.server_name(item.connection), []).append(found)
    for server, texts in servers.items():
        yield finding_of(
            RULE,
            facts,
            [item for _, _, item in texts],
            fact=told(
                N_("{server} sent {count} texts of together {bytes} bytes uncompressed; the largest is {path}"),
                server=server,
                count=len(texts),
                bytes=sum(size for size, _, _ in texts),
                path=max(texts, key=lambda text: text[0])[1],
            ),
        )


def _takes_codings(request: HttpMessage) -> bool:
    """Whether Accept-Encoding names a coding without refusing it (``q=0``)."""
    for value in request.values("accept-encoding"):
        for part in value.lower().split(b","):
            coding, _, weight = part.partition(b";")
            refused = weight.replace(b" ", b"").rstrip(b"0").rstrip(b".") in (b"q=", b"q=0")
            if coding.strip() in _CODINGS and not refused:
                return True
    return False


RULE = Rule(
    id="H4",
    title_fail=N_("Text is sent uncompressed"),
    title_pass=N_("Text is compressed wherever the client takes it so"),
    why=N_("Markup, scripts and JSON shrink to a quarter or less; on a slow line they arrive that much earlier."),
    next_step=N_("Let nginx compress (gzip on, gzip_types), or add Django's GZipMiddleware."),
    refute=N_("The page holds a secret beside what a visitor can choose, and is left uncompressed against BREACH."),
    severity=Severity.INFO,
    side=Side.SERVER,
    refs=(Ref("RFC 9110", "8.4"), Ref("RFC 9110", "12.5.3")),
    needs=(Need.HTTP, Need.AS_SENT),
    thresholds=(
        Threshold(
            "LEAST_BYTES", _LEAST_BYTES, "bytes", N_("What fits into one packet arrives no earlier when smaller.")
        ),
    ),
    judge=_judge,
)
