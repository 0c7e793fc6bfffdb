"""网下运行: a window that takes in cases every day falls silent for days on which the office was open."""

from __future__ import annotations

from collections.abc import Iterator
from statistics import median

from supervision.facts import Facts, Intake, Place
from supervision.rules.rule import Choose, Figure, Finding, Rule


def find(facts: Facts, choose: Choose) -> Iterator[Finding]:
    for window in facts.intakes:
        figures = choose(Place(window.department))
        if figures is None:
            continue
        quiet, earlier = window.days[: figures["days"]], window.days[figures["days"] :]
        if len(quiet) < figures["days"] or len(earlier) < figures["days"] or any(count for _, count in quiet):
            continue
        usual = median(count for _, count in earlier)
        if usual >= figures["usual"]:
            yield _finding(window, figures["days"], int(usual))


def _finding(window: Intake, days: int, usual: int) -> Finding:
    rows = tuple({"at": day.isoformat(), "zh": f"{n} 件", "en": f"{n} cases"} for day, n in window.days[: days + 10])
    since = window.days[days - 1][0]
    return Finding(
        RULE,
        "yellow",
        f"window/{window.department}/{since:%Y%m%d}",
        f"silence/{window.department}/{since:%Y%m}",
        Place(window.department),
        f"{window.name_zh}窗口连续 {days} 个工作日没有收件，平日中位数 {usual} 件",
        f"{window.name_en} has taken in nothing for {days} working days; the median day has {usual}",
        rows,
    )


RULE = Rule(
    "off_system.window",
    1,
    "每日都有收件的窗口连续数个工作日没有收件（法定节假日不计）。",
    "A window that takes in cases every day takes in none for several working days.",
    "S24",
    find,
    {
        "days": Figure(3, 2, 20, "连续工作日", "working days on end"),
        "usual": Figure(2, 1, 100, "平日中位数至少（件）", "least cases of the median day"),
    },
)
