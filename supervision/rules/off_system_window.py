"""网下运行: a window that takes in cases every day falls silent for days on which the office was open.

How long a silence must be follows from how busy the window is: a window with three cases a day is silent for three
days by chance as good as never, one with a case a day is so often. So what is usual within that many days counts, and
the quietest such stretch of the three weeks before it. These end where the silence begins: a silence that takes up
the days it is held against could be told for a week and never after.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import takewhile
from statistics import median

from supervision.facts import Facts, Intake, Place
from supervision.rules.rule import Choose, Figure, Finding, Rule

# So many stretches before the silence tell what is usual, of so many working days.
STRETCHES, BEFORE = 5, 15


def find(facts: Facts, choose: Choose) -> Iterator[Finding]:
    for window in facts.intakes:
        figures = choose(Place(window.department))
        quiet = len(list(takewhile(lambda day: not day[1], window.days)))
        if figures is not None and (usual := _usual(window, quiet, figures)):
            yield _finding(window, quiet, usual)


def _usual(window: Intake, quiet: int, figures: Mapping[str, int]) -> int:
    """The cases that as many days as it has been quiet for usually bring; 0 where they tell nothing."""
    before = [count for _, count in window.days[quiet : quiet + BEFORE]]
    stretches = [sum(before[begin : begin + quiet]) for begin in range(len(before) - quiet + 1)]
    if quiet < figures["days"] or len(stretches) < STRETCHES or min(stretches) < figures["quietest"]:
        return 0
    # A fair or a batch makes one day's count, not what is usual.
    usual = int(min(median(stretches), median(before) * quiet))
    return usual if usual >= figures["usual"] else 0


def _finding(window: Intake, days: int, usual: int) -> Finding:
    rows = tuple({"at": day.isoformat(), "zh": f"{n} 件", "en": f"{n} cases"} for day, n in window.days[: days + 10])
    since = window.days[days - 1][0]
    return Finding(
        RULE,
        "yellow",
        f"window/{window.department}/{since:%Y%m%d}",
        f"silence/{window.department}/{since:%Y%m}",
        Place(window.department),
        f"{window.name_zh}窗口连续 {days} 个工作日没有收件，平时同样天数收 {usual} 件",
        f"{window.name_en} has taken in nothing for {days} working days; as many usually bring {usual}",
        rows,
    )


RULE = Rule(
    "off_system.window",
    3,
    "平时天天收件的窗口连续数个工作日没有收件，且比此前三周任何同样长的时段冷清（法定节假日不计）。",
    "A window takes in nothing for working days on end, as it has not in any stretch of the three weeks before.",
    "S24",
    find,
    {
        "days": Figure(3, 2, 20, "连续工作日", "working days on end"),
        "usual": Figure(10, 3, 1000, "平时同样天数的件数至少", "least cases that as many days usually bring"),
        "quietest": Figure(3, 1, 100, "最冷清的同样天数件数至少", "least cases of the quietest such stretch"),
    },
)
