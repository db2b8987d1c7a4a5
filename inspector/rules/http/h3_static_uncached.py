"""H3: static files cannot be kept by the browser."""

from __future__ import annotations

from collections.abc import Iterator

from inspector.analysis.facts import Facts
from inspector.analysis.sockets import path_of
from inspector.i18n import N_
from inspector.model.finding import Confidence, Finding, Severity, Side, told
from inspector.recording.http import HttpExchange
from inspector.refs import Ref
from inspector.rules.alike import answered, finding_of
from inspector.rules.needs import Need
from inspector.rules.rule import Rule, Threshold
from inspector.wire.forms import media_type

__all__ = ["RULE"]

_LEAST_FILES = 2
_ENDINGS = (
    ".css", ".js", ".mjs", ".png", ".jpg", ".jpeg", ".gif", ".svg", ".webp", ".avif", ".ico", ".woff", ".woff2", ".ttf",
)  # fmt: skip
_TYPES = ("text/css", "text/javascript", "application/javascript", "image/", "font/")
_TOLD_BY = ("cache-control", "etag", "last-modified", "expires")


def _judge(facts: Facts) -> Iterator[Finding]:
    servers: dict[str, dict[str, list[HttpExchange]]] = {}
    for item, request, response in answered(facts):
        if request.method != b"GET" or response.status != 200 or any(response.values(name) for name in _TOLD_BY):
            continue
        path = path_of(request.target_text)
        kind = media_type(response.header("content-type"))[0]
        if path.lower().endswith(_ENDINGS) or kind.startswith(_TYPES):
            servers.setdefault(facts.server_name(item.connection), {}).setdefault(path, []).append(item)
    for server, files in servers.items():
        if len(files) < _LEAST_FILES:
            continue
        items = [item for found in files.values() for item in found]
        yield finding_of(
            RULE,
            facts,
            items,
            confidence=Confidence.LIKELY,
            fact=told(
                N_("{server} sent {files} static files in {count} responses that nothing allows to keep, {path} first"),
                server=server,
                files=len(files),
                count=len(items),
                path=next(iter(files)),
            ),
        )


RULE = Rule(
    id="H3",
    title_fail=N_("Static files are sent without anything that lets a browser keep them"),
    title_pass=N_("Static files can be kept or asked for again cheaply"),
    why=N_(
        "With neither Cache-Control, Expires, ETag nor Last-Modified a browser fetches the whole file with every page."
    ),
    next_step=N_(
        "Give files a name with a hash (ManifestStaticFilesStorage) and Cache-Control: max-age=31536000, immutable; "
        "let nginx serve them."
    ),
    refute=N_("The files are made anew for each request."),
    severity=Severity.INFO,
    side=Side.SERVER,
    refs=(Ref("RFC 9111", "4.2"), Ref("RFC 9110", "8.8")),
    needs=(Need.HTTP,),
    thresholds=(Threshold("LEAST_FILES", _LEAST_FILES, "files", N_("One file alone, as an icon, is no habit.")),),
    judge=_judge,
)
