"""非工作时间办理: one person completes steps at night or on days of rest."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta

from supervision.facts import Act, Facts
from supervision.rules.rule import Choose, Figure, Finding, Rule, row_of


def find(facts: Facts, choose: Choose) -> Iterator[Finding]:
    by_night: dict[tuple[int, date], list[Act]] = defaultdict(list)
    for act in facts.acts:
        figures = choose(act.case.place) if act.kind == "task_completed" else None
        if figures is not None and (night := night_of(facts, act, figures["from_hour"], figures["until_hour"])):
            by_night[act.person_id, night].append(act)
    for (person_id, night), acts in by_night.items():
        figures = choose(acts[-1].case.place)
        if figures is not None and len(acts) >= figures["acts"]:
            yield _finding(person_id, night, acts)


def night_of(facts: Facts, act: Act, from_hour: int, until_hour: int) -> date | None:
    """The day to which an odd hour belongs: a night is that of the evening on which it began."""
    local = act.at.astimezone(facts.calendar.zone)
    if not facts.calendar.is_workday(local.date()) or local.hour >= from_hour:
        return local.date()
    return local.date() - timedelta(days=1) if local.hour < until_hour else None


def _finding(person_id: int, night: date, acts: list[Act]) -> Finding:
    name, count = acts[0].person, len(acts)
    return Finding(
        RULE,
        "yellow",
        f"night/{person_id}/{night.isoformat()}",
        f"person/{person_id}/{night:%Y%m%d}",
        acts[-1].case.place,
        f"{name}于 {night.isoformat()} 夜间或休息日办结 {count} 个环节",
        f"{name} completed {count} steps at night or on a day of rest ({night.isoformat()})",
        tuple(row_of(act) for act in acts),
        person_id=person_id,
    )


RULE = Rule(
    "odd_hours.acts",
    1,
    "一人在夜间或休息日办结多个环节。",
    "One person completes several steps at night or on a day of rest.",
    "S14",
    find,
    {
        "acts": Figure(3, 1, 50, "环节数", "steps"),
        "from_hour": Figure(22, 18, 24, "夜间自（时）", "night from (hour)"),
        "until_hour": Figure(6, 0, 8, "夜间至（时）", "night until (hour)"),
    },
)
