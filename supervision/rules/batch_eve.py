"""批量录入: all on the eve of a scoring day (考核前突击), the last working days of a month."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from itertools import islice
from statistics import median

from service.working_time import WorkingCalendar
from supervision.facts import Done, Facts
from supervision.rules.rule import Choose, Figure, Finding, Rule, row_of

# An eve is judged by the days before it while it is fresh: with each later week fewer of these are in sight.
FRESH = timedelta(days=7)
# So many days with work have a median.
LEAST_DAYS = 3


def find(facts: Facts, choose: Choose) -> Iterator[Finding]:
    by_day: dict[int, dict[date, list[Done]]] = defaultdict(lambda: defaultdict(list))
    for done in facts.done:
        by_day[done.act.person_id][facts.calendar.local_date(done.act.at)].append(done)
    today = facts.calendar.local_date(facts.now)
    for days in by_day.values():
        for day, steps in days.items():
            figures = choose(steps[-1].act.case.place)
            if figures is not None and today - day <= FRESH and is_eve(facts.calendar, day):
                yield from islice(_pushed(facts.calendar, days, day, figures), 1)


def _pushed(
    calendar: WorkingCalendar, days: Mapping[date, list[Done]], eve: date, figures: Mapping[str, int]
) -> Iterator[Finding]:
    """The eve alone, or the last days together: whoever knows the day may spread over those before it.

    Two days have more work than one by themselves, so that each further day asks for half as many steps more. A quiet
    office is known by the working days since its first step in sight, whether or not something was done on each.
    """
    last, began = [eve], min(days) - timedelta(days=1)
    for count in range(1, figures["last_days"] + 1):
        others = [len(steps) for day, steps in days.items() if day not in last]
        steps = [one for day in sorted(last) for one in days.get(day, ())]
        known = calendar.working_days_between(began, last[-1]) - 1
        if len(steps) * 2 >= figures["least"] * (count + 1) and known >= figures["days"] and len(others) >= LEAST_DAYS:
            if len(steps) >= median(others) * figures["times"] * count:
                yield _finding(steps, eve, count, int(median(others)))
        last.append(_workday_before(calendar, last[-1]))


def _workday_before(calendar: WorkingCalendar, day: date) -> date:
    while True:
        day -= timedelta(days=1)
        if calendar.is_workday(day):
            return day


def is_eve(calendar: WorkingCalendar, day: date) -> bool:
    """Whether it is the last working day of its month: scores are counted by the month."""
    later = day + timedelta(days=1)
    while not calendar.is_workday(later):
        later += timedelta(days=1)
    return calendar.is_workday(day) and later.month != day.month


def _finding(done: list[Done], day: date, count: int, usual: int) -> Finding:
    last = done[-1].act
    zh, en = ("最后一个工作日", "on the eve") if count == 1 else (f"最后 {count} 个工作日", f"on the last {count} days")
    return Finding(
        RULE,
        "yellow",
        f"eve/{last.person_id}/{day:%Y%m%d}",
        f"person/{last.person_id}/{day:%Y%m%d}",
        last.case.place,
        f"{last.person}在考核前{zh}办结 {len(done)} 个环节，平日中位数 {usual} 个",
        f"{last.person} completed {len(done)} steps {en} before a scoring day; the median day has {usual}",
        tuple(row_of(one.act) for one in done),
        person_id=last.person_id,
    )


RULE = Rule(
    "batch.eve",
    3,
    "考核前最后一两个工作日突击办结，数倍于平日。",
    "Many times the steps of an ordinary day are completed on the eve of a scoring day, or on the last days before it.",
    "S14, S20",
    find,
    {
        "least": Figure(12, 3, 500, "当日至少（个环节）", "least steps of that day"),
        "times": Figure(4, 2, 20, "平日的倍数", "times the median day"),
        "last_days": Figure(2, 1, 5, "最后几个工作日", "last working days of the month"),
        "days": Figure(8, 3, 25, "此前至少有（工作日）", "least working days known before"),
    },
)
