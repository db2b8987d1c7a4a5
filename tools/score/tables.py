"""The scores as tables: per rule, of the verdicts, and what went wrong, named."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

from tools.score.matching import Match, Scored

__all__ = ["failures", "figures", "rule_table", "verdict_table"]


def figures(scored: Sequence[Scored]) -> dict[str, float]:
    """Precision, recall, sides, evidence and alarms over everything."""
    matches = [match for one in scored for match in one.matches]
    decidable = [match for match in matches if match.fault.decidable]
    found = [match for match in decidable if match.found is not None]
    open_ones = [match for match in matches if not match.fault.decidable]
    invented = sum(len(one.invented) for one in scored)
    all_found = sum(match.found is not None for match in matches)
    return {
        "captures": len(scored),
        "faults": len(matches),
        "decidable": len(decidable),
        "precision": _share(all_found, all_found + invented),
        "recall": _share(len(found), len(decidable)),
        "side": _share(sum(match.side for match in found), len(found)),
        "evidence": _share(sum(match.evidence for match in found), len(found)),
        "undecidable said": _share(
            sum(match.undecided is not None or match.found is not None for match in open_ones), len(open_ones)
        ),
        "alarms": sum(len(one.alarms) for one in scored),
    }


def rule_table(scored: Sequence[Scored]) -> str:
    """A row per rule."""
    by_rule: dict[str, list[Match]] = defaultdict(list)
    invented: Counter[str] = Counter()
    for one in scored:
        for match in one.matches:
            by_rule[match.fault.rule].append(match)
        invented.update(finding.rule for finding in one.invented)
    lines = [
        "| rule | faults | decidable | recall | invented | precision | side | evidence | time error p50 / max s | undecidable said |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    for rule in sorted({*by_rule, *invented}):
        lines.append(_row(rule, by_rule.get(rule, []), invented[rule]))
    return "\n".join(lines)


def _row(rule: str, matches: list[Match], invented: int) -> str:
    decidable = [match for match in matches if match.fault.decidable]
    found = [match for match in decidable if match.found is not None]
    all_found = sum(match.found is not None for match in matches)
    open_ones = [match for match in matches if not match.fault.decidable]
    late = sorted(abs(match.late_s) for match in found if match.late_s is not None)
    time = f"{late[len(late) // 2]:.2f} / {late[-1]:.2f}" if late else "-"
    said = sum(match.undecided is not None or match.found is not None for match in open_ones)
    cells = (
        rule, len(matches), len(decidable), _percent(len(found), len(decidable)), invented,
        _percent(all_found, all_found + invented), _percent(sum(m.side for m in found), len(found)),
        _percent(sum(m.evidence for m in found), len(found)), time, f"{said} of {len(open_ones)}",
    )  # fmt: skip
    return "| " + " | ".join(map(str, cells)) + " |"


def verdict_table(scored: Iterable[Scored]) -> str:
    """The verdict's side against the sides of the faults, for captures whose faults are all of one side."""
    counts: Counter[tuple[str, str]] = Counter()
    for one in scored:
        if len(one.sides) <= 1:
            counts[next(iter(one.sides), "nobody"), one.verdict_side] += 1
    said = sorted({verdict for _truth, verdict in counts})
    lines = ["| truth \\ verdict | " + " | ".join(said) + " |", "|---" * (len(said) + 1) + "|"]
    for truth in sorted({truth for truth, _verdict in counts}):
        lines.append(f"| {truth} | " + " | ".join(str(counts[truth, verdict]) for verdict in said) + " |")
    return "\n".join(lines)


def failures(scored: Iterable[Scored]) -> list[str]:
    """Every miss, invention and wrong side, a line each."""
    lines = []
    for one in scored:
        where = f"{one.lab} {one.via} {one.server} seed {one.seed}"
        for match in one.matches:
            rule, reason = match.fault.rule, match.fault.reason or "-"
            if match.found is None and match.fault.decidable:
                lines.append(f"missed {rule} ({reason}): {where}")
            elif match.found is None and match.undecided is None:
                lines.append(f"not said to be undecidable {rule} ({reason}): {where}")
            elif match.found is not None and match.fault.decidable and not match.side:
                lines.append(f"side {match.found.side.value}, not {match.fault.side}, {rule} ({reason}): {where}")
            elif match.found is not None and not match.evidence:
                lines.append(f"evidence {rule} ({reason}): {where}")
        lines.extend(f"invented {finding.rule} ({finding.reason or '-'}): {where}" for finding in one.invented)
        lines.extend(f"alarm {finding.rule}: {where}" for finding in one.alarms)
    return lines


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 1.0


def _percent(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f} %" if whole else "-"
