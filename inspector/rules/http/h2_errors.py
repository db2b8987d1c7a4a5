"""H2: an HTTP/2 stream or connection ended with an error."""

from __future__ import annotations

from collections.abc import Iterator

from inspector.analysis.facts import Facts
from inspector.i18n import N_
from inspector.model.finding import Confidence, Evidence, Finding, Outcome, Severity, Side, Text, told
from inspector.model.http2 import ERROR_CODES
from inspector.refs import Ref
from inspector.rules.needs import Need
from inspector.rules.rule import Rule

__all__ = ["RULE"]

_NO_ERROR, _CANCEL = 0, 8
_GOAWAY, _RST_STREAM = 7, 3


def _judge(facts: Facts) -> Iterator[Finding]:
    for number, http2 in facts.http2.items():
        application = facts.application(number)
        for from_client, frame in http2.frames:
            code = frame.detail.get("error_code")
            if not isinstance(code, int):
                continue  # another frame, or one that is cut short
            if code == _NO_ERROR or (frame.type == _RST_STREAM and code == _CANCEL):
                continue  # a polite end, or a page that lost interest
            side = Side.CLIENT if from_client else Side.SERVER
            packet = (application.client if from_client else application.server).packet_at(frame.start)
            assert packet is not None  # it was read there
            connection = frame.type == _GOAWAY
            name = "GOAWAY" if connection else "RST_STREAM"
            yield RULE.fail(
                Evidence(packet, note=Text(name)),
                outcome=Outcome.FAIL if connection else Outcome.WARN,
                severity=Severity.ERROR if connection else Severity.WARNING,
                connections=(number,),
                time_ns=int(facts.time_ns[packet - 1]),
                side=side,
                confidence=Confidence.LIKELY,
                reason=ERROR_CODES.get(code, str(code)).lower(),
                fact=told(
                    N_("{frame} with error {code} on stream {stream}, sent by the {side}"),
                    frame=name,
                    code=ERROR_CODES.get(code, str(code)),
                    stream=frame.stream_id,
                    side=side.word,
                ),
            )


RULE = Rule(
    id="H2",
    title_fail=N_("An HTTP/2 stream or connection was ended with an error"),
    title_pass=N_("No HTTP/2 stream or connection was ended with an error"),
    why=N_("The error code says what the sender holds against the other side; after GOAWAY no new requests are taken."),
    next_step=N_("Take the code at its word; FLOW_CONTROL_ERROR and PROTOCOL_ERROR are faults of a program."),
    refute=N_("Frames before it that the capture lost."),
    severity=Severity.ERROR,
    side=Side.UNKNOWN,
    refs=(Ref("RFC 9113", "7"), Ref("RFC 9113", "6.8")),
    needs=(Need.HTTP2,),
    judge=_judge,
)
