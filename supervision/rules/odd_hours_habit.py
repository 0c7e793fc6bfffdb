"""非工作时间办理: nights that are each below the figure of one night, again and again within the month."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date

from supervision.facts import Act, Facts
from supervision.rules.odd_hours_acts import night_of
from supervision.rules.rule import Choose, Figure, Finding, Rule, row_of


def find(facts: Facts, choose: Choose) -> Iterator[Finding]:
    by_person: dict[int, list[tuple[date, Act]]] = defaultdict(list)
    for done in facts.done:
        figures = choose(done.act.case.place)
        if figures is None:
            continue
        night = night_of(facts, done.act, figures["from_hour"], figures["until_hour"])
        if night is not None:
            by_person[done.act.person_id].append((night, done.act))
    for seen in by_person.values():
        figures = choose(seen[-1][1].case.place)
        nights = {night for night, _ in seen}
        if figures is not None and len(seen) >= figures["acts"] and len(nights) >= figures["nights"]:
            yield _finding(facts, [act for _, act in seen], len(nights))


def _finding(facts: Facts, acts: list[Act], nights: int) -> Finding:
    last = acts[-1]
    month = facts.calendar.local_date(last.at)
    return Finding(
        RULE,
        "yellow",
        f"nights/{last.person_id}/{month:%Y%m}",
        f"person/{last.person_id}/{month:%Y%m%d}",
        last.case.place,
        f"{last.person}近一月内有 {nights} 个夜间或休息日办结 {len(acts)} 个环节",
        f"{last.person} completed {len(acts)} steps in {nights} nights or days of rest within a month",
        tuple(row_of(act) for act in acts),
        person_id=last.person_id,
    )


RULE = Rule(
    "odd_hours.habit",
    1,
    "一人一月内在多个夜间或休息日办结环节（每晚件数不多）。",
    "One person completes steps in several nights or days of rest within a month, few in each.",
    "S14",
    find,
    {
        "acts": Figure(4, 2, 100, "环节数", "steps"),
        "nights": Figure(2, 2, 30, "夜数至少", "least nights"),
        "from_hour": Figure(22, 18, 24, "夜间自（时）", "night from (hour)"),
        "until_hour": Figure(6, 0, 8, "夜间至（时）", "night until (hour)"),
    },
)
