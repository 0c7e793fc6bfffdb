"""网下运行: numbers are missing in a series of documents, so that some were given out without the system."""

from __future__ import annotations

from collections.abc import Iterator

from supervision.facts import Facts, NumberSeen
from supervision.rules.rule import Choose, Figure, Finding, Rule


def find(facts: Facts, choose: Choose) -> Iterator[Finding]:
    for gap in facts.gaps:
        figures = choose(gap.after.case.place)
        missing = gap.after.position - gap.before.position - 1
        if figures is not None and 1 <= missing <= figures["most_missing"]:
            yield _finding(gap.before, gap.after, missing)


def _finding(before: NumberSeen, after: NumberSeen, missing: int) -> Finding:
    rows = tuple(
        {"at": one.made_at.isoformat(), "case": one.case.number, "zh": one.number, "en": one.number}
        for one in (before, after)
    )
    return Finding(
        RULE,
        "red",
        f"gap/{before.document_id}/{after.document_id}",
        f"gap/{after.case.place.department}/{after.series}"[:120],
        after.case.place,
        f"{before.number} 与 {after.number} 之间缺 {missing} 个编号",
        f"{missing} numbers are missing between {before.number} and {after.number}",
        rows,
    )


RULE = Rule(
    "off_system.gap",
    1,
    "同一序列的证照、文书编号有缺号。",
    "Numbers are missing in a series of certificates or documents.",
    "S24",
    find,
    {"most_missing": Figure(200, 1, 10000, "缺号上限（更多视为换号段）", "most missing (more is a new range)")},
)
