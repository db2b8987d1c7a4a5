"""The words that reports use: grades, verdicts, endings, what became of TLS."""

from __future__ import annotations

from enum import Enum

from inspector.analysis.resends import Verdict
from inspector.i18n import N_
from inspector.model.ending import Ending
from inspector.model.finding import Confidence, Outcome, Severity, Side, Text
from inspector.model.grade import Grade
from inspector.model.tls import Decryption
from inspector.report.explain.explanation import Explanation, Kind

__all__ = ["words"]

_GRADE = N_("a grade of truth: what the packets of an interface were made from")
_OUTCOME = N_("how a rule ended")
_SEVERITY = N_("how much a finding matters")
_SIDE = N_("whose fault a finding is")
_CONFIDENCE = N_("how sure a finding is")
_ENDING = N_("how a TCP connection ended, as far as the capture shows")
_RESEND = N_("what inspector resends says of bytes that came twice or late")
_DECRYPTION = N_("what became of the protected records of a TLS connection")

_WORDS: tuple[tuple[Enum, str, str], ...] = (
    (Grade.CAPTURED, _GRADE, N_("Real packets, as a network card saw them: everything about them can be judged.")),
    (Grade.TAPPED,
        _GRADE,
        N_(
            "Payload bytes and times are real, and the TCP and IP headers were made by the program that recorded them. "
            "Loss, round-trip times and resets of the network cannot be judged."
        ),
    ),
    (Grade.RECONSTRUCTED,
        _GRADE,
        N_(
            "Written anew from somebody's parsed view, such as a HAR: what was said is right, the bytes and their "
            "division into packets are not those of the wire."
        ),
    ),
    (Outcome.FAIL, _OUTCOME, N_("The rule's condition was seen, and it broke something.")),
    (Outcome.WARN, _OUTCOME, N_("The rule's condition was seen; it deserves a look and broke nothing.")),
    (Outcome.UNDECIDABLE,
        _OUTCOME,
        N_("Something is wrong, and the capture cannot tell whether it is this; the finding says what would."),
    ),
    (Outcome.PASS, _OUTCOME, N_("The rule looked, and all is well.")),
    (Outcome.NOT_APPLICABLE, _OUTCOME, N_("The capture holds nothing that the rule could judge; the reason is given.")),
    (Outcome.ERROR, _OUTCOME, N_("The rule itself broke down; the others are not touched by it.")),
    (Severity.ERROR, _SEVERITY, N_("Something is broken by it, and somebody notices.")),
    (Severity.WARNING, _SEVERITY, N_("It costs time or may break something later.")),
    (Severity.INFO, _SEVERITY, N_("Good to know; nothing is wrong with the traffic.")),
    (Side.CLIENT, _SIDE, N_("The program that opened the connection, or the machine it runs on.")),
    (Side.NETWORK, _SIDE, N_("What lies between the machines: cables, radio, routers, firewalls.")),
    (Side.PROXY, _SIDE, N_("A program between client and server that speaks for both, such as nginx.")),
    (Side.SERVER, _SIDE, N_("The program that took the connection, or the machine it runs on.")),
    (Side.APPLICATION, _SIDE, N_("The code on the server, as against the program that runs it.")),
    (Side.NOBODY, _SIDE, N_("Nothing failed.")),
    (Side.UNKNOWN, _SIDE, N_("The capture does not tell whose fault it is.")),
    (Confidence.CERTAIN, _CONFIDENCE, N_("The packets leave no other reading.")),
    (Confidence.LIKELY, _CONFIDENCE, N_("Another reading exists and fits worse.")),
    (Confidence.UNCLEAR, _CONFIDENCE, N_("Several readings fit; what would tell them apart is said.")),
    (Ending.OPEN, _ENDING, N_("Still open when the capture ended: neither FIN nor RST.")),
    (Ending.CLOSED, _ENDING, N_("Both sides sent FIN.")),
    (Ending.HALF_CLOSED, _ENDING, N_("One side sent FIN, the other never did.")),
    (Ending.RESET, _ENDING, N_("An RST came before any FIN.")),
    (Ending.RESET_AFTER_FIN, _ENDING, N_("One side sent FIN, then came an RST.")),
    (Ending.REFUSED, _ENDING, N_("The SYN was answered by an RST: nobody listens on this port.")),
    (Ending.UNANSWERED, _ENDING, N_("Only SYNs of the client; nothing came back.")),
    (Ending.QUOTED, _ENDING, N_("Never seen itself: only quoted inside ICMP errors, or with headers that cannot be read.")),
    (Verdict.RESEND, _RESEND, N_("The sender sent these bytes again.")),
    (Verdict.REORDER, _RESEND, N_("This is the first copy, overtaken by later bytes: nothing was sent again.")),
    (Verdict.CAPTURE_DUPLICATE, _RESEND, N_("One packet that was recorded twice, as on a mirror port: the network did nothing wrong.")),
    (Verdict.NETWORK_DUPLICATE, _RESEND, N_("One packet that the network delivered twice: the receiver tells so by DSACK.")),
    (Verdict.UNDECIDED, _RESEND, N_("The capture cannot tell whether it was sent again or came late.")),
    (Decryption.NOT_NEEDED, _DECRYPTION, N_("Nothing protected was seen.")),
    (Decryption.DONE, _DECRYPTION, N_("Everything was decrypted.")),
    (Decryption.NO_KEYS, _DECRYPTION, N_("No secret for this connection was given (--keys).")),
    (Decryption.WRONG_KEYS, _DECRYPTION, N_("A secret was given and does not fit.")),
    (Decryption.UNSUPPORTED, _DECRYPTION, N_("The version or cipher suite is not decrypted here.")),
    (Decryption.PARTIAL, _DECRYPTION, N_("Some records could not be decrypted, as after missing bytes.")),
    (Decryption.NO_HANDSHAKE,
        _DECRYPTION, N_("The beginning was not captured, so neither keys nor cipher suite are known."),
    ),
)  # fmt: skip
"""Word, what it belongs to, its meaning. No mapping: members of different IntEnums are equal."""


def words() -> list[Explanation]:
    """Every word of the reports."""
    return [Explanation(kind=Kind.WORD, term=_name(word), title=group, what=Text(what)) for word, group, what in _WORDS]


def _name(word: Enum) -> str:
    return word.name.lower()
