"""One entry of the glossaries: an idea, a method, a header field, a record type, a message, a frame."""

from __future__ import annotations

from inspector.model.finding import Text
from inspector.refs import Ref
from inspector.report.explain.explanation import Explanation, Kind

__all__ = ["entry"]


def entry(
    kind: Kind,
    term: str,
    title: str,
    what: str,
    refs: tuple[tuple[str, str], ...],
    *,
    where: str = "",
    why: str = "",
    filter: str = "",
    names: tuple[str, ...] = (),
    also: tuple[str, ...] = (),
) -> Explanation:
    """Make an explanation of what has no declared field.

    Args:
        kind: What it is.
        term: Its name, as ``inspector explain`` takes it.
        title: Short name for people (translatable).
        what: What it is (translatable).
        refs: Document and section, as in ``("RFC 9293", "3.1")``.
        where: Where it is on the wire (translatable).
        why: Why it matters (translatable).
        filter: Wireshark display filter.
        names: Other names that it answers to, in either language.
        also: Terms to read next.
    """
    return Explanation(
        kind=kind,
        term=term,
        title=title,
        what=Text(what),
        where=Text(where),
        why=Text(why),
        refs=tuple(Ref(document, section) for document, section in refs),
        filter=filter,
        names=names,
        also=also,
    )
