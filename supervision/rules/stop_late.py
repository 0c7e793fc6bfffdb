"""停表异常: a clock is stopped when hardly any of its time is left."""

from __future__ import annotations

from collections.abc import Iterator

from service.working_time import Limit
from supervision.facts import Facts, Stop
from supervision.rules.rule import Choose, Figure, Finding, Rule, of_case


def find(facts: Facts, choose: Choose) -> Iterator[Finding]:
    for stop in facts.stops:
        figures = choose(stop.case.place)
        if figures is None or stop.due_before is None or stop.due_before <= stop.started_at:
            continue
        enough = facts.calendar.due(Limit(figures["working_days"], "working_days"), stop.started_at)
        if stop.due_before < enough:
            yield _finding(stop, figures["working_days"])


def _finding(stop: Stop, days: int) -> Finding:
    due = stop.due_before.isoformat() if stop.due_before is not None else ""
    row = {"at": stop.started_at.isoformat(), "case": stop.case.number, "zh": stop.basis, "en": stop.basis}
    return Finding(
        RULE,
        "yellow",
        f"stop/{stop.id}/late",
        of_case(stop.case),
        stop.case.place,
        f"到期前不足 {days} 个工作日才停表",
        f"The clock was stopped less than {days} working day(s) before it was due",
        (row | {"due_at": due},),
        case_id=stop.case.id,
        element_id=stop.element_id or None,
    )


RULE = Rule(
    "stop_abuse.late",
    1,
    "到期前不足一个工作日才停表。",
    "A clock is stopped less than a working day before it is due.",
    "DOMAIN 5",
    find,
    {"working_days": Figure(1, 1, 5, "到期前工作日", "working days before it is due")},
)
