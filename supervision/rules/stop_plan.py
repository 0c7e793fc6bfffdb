"""停表异常: a clock stands still after the planned end of its stop, or with none planned for too long."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from supervision.facts import Facts, Stop
from supervision.rules.rule import Choose, Figure, Finding, Rule, of_case


def find(facts: Facts, choose: Choose) -> Iterator[Finding]:
    for stop in facts.stops:
        figures = choose(stop.case.place)
        if figures is None:
            continue
        end = stop.planned_end_at or stop.started_at + timedelta(days=figures["days_without_plan"])
        if (stop.ended_at or facts.now) > end + timedelta(minutes=1):
            yield _finding(stop)


def _finding(stop: Stop) -> Finding:
    row = {"at": stop.started_at.isoformat(), "case": stop.case.number, "zh": stop.basis, "en": stop.basis}
    planned = stop.planned_end_at.isoformat() if stop.planned_end_at else None
    return Finding(
        RULE,
        "yellow",
        f"stop/{stop.id}/plan",
        of_case(stop.case),
        stop.case.place,
        "停表超过计划期限" if planned else "停表未定期限，已久未恢复",
        "A clock stop lasts longer than planned" if planned else "A clock stop without a planned end goes on and on",
        (row | {"planned_end_at": planned, "ended_at": stop.ended_at.isoformat() if stop.ended_at else None},),
        case_id=stop.case.id,
        element_id=stop.element_id or None,
    )


RULE = Rule(
    "stop_abuse.plan",
    1,
    "停表超过计划期限，或未定期限而久未恢复。",
    "A clock stop lasts longer than planned, or goes on without a planned end.",
    "DOMAIN 5",
    find,
    {"days_without_plan": Figure(60, 5, 730, "未定期限的停表天数", "days of a stop without a plan")},
)
