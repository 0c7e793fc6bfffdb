"""监察不到位: a year comes, or runs, whose holidays were announced by nobody who keeps the county's calendar."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from supervision.facts import Facts, Place
from supervision.rules.rule import Choose, Finding, Rule

# The State Council announces the holidays of a year before it; on this day somebody has to look for the notice.
MONTH, DAY = 11, 1
# Nobody's department keeps the calendar: it is the county's.
COUNTY = Place("")


def find(facts: Facts, choose: Choose) -> Iterator[Finding]:
    today = facts.calendar.local_date(facts.now)
    years = [today.year, today.year + 1] if today >= date(today.year, MONTH, DAY) else [today.year]
    if choose(COUNTY) is None:
        return
    for year in years:
        if facts.calendar.is_provisional(year):
            yield _finding(facts, year)


def subject_of(year: int) -> str:
    return f"calendar/{year}"


def _finding(facts: Facts, year: int) -> Finding:
    row = {
        "at": facts.calendar.local_date(facts.now).isoformat(),
        "zh": f"{year} 年的时限按周末和法定节假日暂计",
        "en": f"Limits of {year} run on weekends and statutory holidays alone",
    }
    return Finding(
        RULE,
        "yellow",
        subject_of(year),
        subject_of(year),
        COUNTY,
        f"{year} 年的国务院放假通知尚未录入工作日历",
        f"The State Council's notice of the holidays of {year} is not entered in the working calendar",
        (row,),
    )


RULE = Rule(
    "supervision.calendar",
    1,
    "11 月 1 日起，次年的国务院放假通知仍未录入工作日历；通知录入后预警自行关闭。",
    "From 1 November on, the State Council's notice of next year's holidays is not entered in the working calendar; "
    "the alarm is closed by itself once it is.",
    "DOMAIN 3",
    find,
)
