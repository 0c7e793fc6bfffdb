"""监察缺位: a supervisor with work due has not been there by ten o'clock of a working day."""

from __future__ import annotations

from collections.abc import Iterator

from supervision.facts import Absent, Facts, Place
from supervision.rules.rule import Choose, Figure, Finding, Rule


def find(facts: Facts, choose: Choose) -> Iterator[Finding]:
    local = facts.now.astimezone(facts.calendar.zone)
    if not facts.calendar.is_workday(local.date()):
        return
    for absent in facts.absent:
        figures = choose(Place(absent.department))
        if figures is not None and local.hour >= figures["hour"] and absent.due >= figures["due"]:
            yield _finding(facts, absent)


def _finding(facts: Facts, absent: Absent) -> Finding:
    today = facts.calendar.local_date(facts.now)
    row = {
        "at": facts.now.isoformat(),
        "person": absent.person,
        "zh": f"当日到期或已超期 {absent.due} 件，尚未登录",
        "en": f"{absent.due} cases due today or late; not signed in yet",
    }
    return Finding(
        RULE,
        "yellow",
        f"offline/{absent.person_id}/{today:%Y%m%d}",
        f"person/{absent.person_id}/{today:%Y%m%d}",
        Place(absent.department),
        f"监察员{absent.person}有 {absent.due} 件待办，工作日尚未上线",
        f"Supervisor {absent.person} has {absent.due} cases due and has not signed in",
        (row,),
        person_id=absent.person_id,
    )


RULE = Rule(
    "supervision.offline",
    1,
    "监察员有到期工作，工作日上午十时仍未上线（请假不计）。",
    "A supervisor with work due has not signed in by ten on a working day, leave apart.",
    "S18, S32",
    find,
    {
        "hour": Figure(10, 9, 18, "不晚于（时）", "by (hour)"),
        "due": Figure(1, 1, 100, "到期件数至少", "least cases due"),
    },
)
