"""批量录入: all on the eve of a scoring day (考核前突击), the last working day of a month."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from statistics import median

from service.working_time import WorkingCalendar
from supervision.facts import Done, Facts
from supervision.rules.rule import Choose, Figure, Finding, Rule, row_of


def find(facts: Facts, choose: Choose) -> Iterator[Finding]:
    by_day: dict[int, dict[date, list[Done]]] = defaultdict(lambda: defaultdict(list))
    for done in facts.done:
        by_day[done.act.person_id][facts.calendar.local_date(done.act.at)].append(done)
    for days in by_day.values():
        for day, steps in days.items():
            figures = choose(steps[-1].act.case.place)
            if figures is None or not is_eve(facts.calendar, day) or len(steps) < figures["least"]:
                continue
            others = [len(one) for other, one in days.items() if other != day]
            if len(others) >= figures["days"] and len(steps) >= median(others) * figures["times"]:
                yield _finding(steps, day, int(median(others)))


def is_eve(calendar: WorkingCalendar, day: date) -> bool:
    """Whether it is the last working day of its month: scores are counted by the month."""
    later = day + timedelta(days=1)
    while not calendar.is_workday(later):
        later += timedelta(days=1)
    return calendar.is_workday(day) and later.month != day.month


def _finding(done: list[Done], day: date, usual: int) -> Finding:
    last = done[-1].act
    return Finding(
        RULE,
        "yellow",
        f"eve/{last.person_id}/{day:%Y%m%d}",
        f"person/{last.person_id}/{day:%Y%m%d}",
        last.case.place,
        f"{last.person}在考核前最后一个工作日办结 {len(done)} 个环节，平日中位数 {usual} 个",
        f"{last.person} completed {len(done)} steps on the eve of a scoring day; the median day has {usual}",
        tuple(row_of(one.act) for one in done),
        person_id=last.person_id,
    )


RULE = Rule(
    "batch.eve",
    1,
    "考核前最后一个工作日突击办结，数倍于平日。",
    "Many times the steps of an ordinary day are completed on the eve of a scoring day.",
    "S14, S20",
    find,
    {
        "least": Figure(12, 3, 500, "当日至少（个环节）", "least steps of that day"),
        "times": Figure(4, 2, 20, "平日的倍数", "times the median day"),
        "days": Figure(8, 3, 25, "比较的天数至少", "least days to compare with"),
    },
)
