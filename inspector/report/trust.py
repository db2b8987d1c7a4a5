"""Whether a capture can be trusted, in words and as JSON."""

from __future__ import annotations

from typing import Any

from inspector.analysis.trust import TrustCheck
from inspector.i18n import N_, _

__all__ = ["trust_json", "trust_lines", "trust_sentence"]

_SENTENCES: dict[str, dict[bool | None, str]] = {
    "T1": {
        True: N_("Captured near the {place} ({handshakes} handshakes; on the host itself: {on_host})."),
        None: N_("Where it was captured cannot be told: {handshakes} handshakes, place {place}."),
    },
    "T2": {
        True: N_("Nothing was acknowledged that is not in the file: no sign of packets lost while capturing."),
        False: N_(
            "{unseen_bytes} bytes were acknowledged that the file does not hold: packets were lost while capturing."
        ),
        None: N_("Whether packets were lost while capturing cannot be told."),
    },
    "T3": {
        True: N_("No packet was recorded twice."),
        False: N_("{copies} of {segments} segments were recorded twice, as with a mirror port or the any device."),
        None: N_("Whether packets were recorded twice cannot be told."),
    },
    "T4": {
        True: N_("Every packet was captured whole."),
        False: N_("{packets} packets were cut when captured, to at most {longest_captured_bytes} bytes."),
    },
    "T5": {
        True: N_("Sizes and checksums are those of the wire."),
        False: N_(
            "The network card works on packets after they were captured: {larger_than_mss} are larger than the wire "
            "allows, {wrong_checksums} checksums are not filled in (in {wrong_in})."
        ),
        None: N_("Sizes and checksums could not be checked: no TCP."),
    },
    "T6": {
        True: N_("The beginning of every connection with data was captured."),
        False: N_(
            "{connections} of {with_data} connections with data lack their beginning: window scales are unknown there."
        ),
        None: N_("No connection carries data."),
    },
    "T7": {
        True: N_("The file is whole and its clock never steps back."),
        False: N_(
            "The file is cut off: {cut_off}; its clock steps back {steps_back} times, by at most {largest_step_ns} ns."
        ),
    },
    "T8": {
        True: N_("Both directions of every connection were captured."),
        False: N_("Of {connections} of {of} connections only one direction was captured."),
        None: N_("There is no TCP connection."),
    },
}

_MADE = N_("Not applicable: the packets were made by the program that recorded the session.")
_WORDS = frozenset({
    N_("client"), N_("server"), N_("middle"), N_("mixed"), N_("unknown"), N_("yes"), N_("no"), N_("both directions"),
    N_("one direction"), N_("none"),
})  # fmt: skip
"""What is measured in words."""
_MARKS = {True: "ok", False: "!", None: "?"}


def trust_json(check: TrustCheck) -> dict[str, Any]:  # Any: JSON
    """A check as JSON-ready values; ``holds`` is null where it cannot be told."""
    return {"id": check.id, "holds": check.holds, "packets": list(check.packets), "params": check.params}


def trust_sentence(check: TrustCheck) -> str:
    """What a check found, as a sentence."""
    text = _MADE if "made_packets" in check.params else _SENTENCES[check.id][check.holds]
    params = {name: _(str(value)) if value in _WORDS else value for name, value in check.params.items()}
    return _(text).format(**params)


def trust_lines(checks: tuple[TrustCheck, ...]) -> list[str]:
    """One line per check: its mark, what was found, and packets that show it."""
    lines = []
    for check in checks:
        line = f"{_MARKS[check.holds]:<3}{check.id}  {trust_sentence(check)}"
        if check.packets and check.holds is not True:
            line += "  " + _("Packets: {numbers}").format(numbers=", ".join(map(str, check.packets)))
        lines.append(line)
    return lines
