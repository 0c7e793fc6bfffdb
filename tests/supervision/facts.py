"""Facts for tests of rules, shortly: acts at minutes after a Monday morning."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta, timezone
from functools import cache
from typing import Any

from service.working_time import WorkingCalendar, seed_days
from supervision.facts import (
    Act,
    CaseRef,
    Done,
    Ending,
    Facts,
    FileSeen,
    NoticeSeen,
    NumberSeen,
    OrderSeen,
    Place,
    ReceiptSeen,
    Stop,
    Voice,
)
from supervision.rules.rule import Choice, Finding, Rule, chooser

CST = timezone(timedelta(hours=8))
MONDAY = datetime(2026, 3, 9, 9, 0, tzinfo=CST)
HERE = Place("YJ", "LJ-YJ-XK-001", "XK")


@cache
def calendar() -> WorkingCalendar:
    return WorkingCalendar.build({day: kind for day, kind, _ in seed_days([2025, 2026])})


def minute(count: float) -> datetime:
    return MONDAY + timedelta(minutes=count)


def case(number: int, place: Place = HERE) -> CaseRef:
    return CaseRef(number, f"YJ-XK-2026-{number:06d}", place)


def act(
    of: int,
    at: float | datetime,
    person: int = 7,
    kind: str = "task_completed",
    step: str = "formal_check",
    **more: Any,
) -> Act:
    when = at if isinstance(at, datetime) else minute(at)
    place = more.pop("place", HERE)
    return Act(
        case(of, place), of, when, kind, person, f"某{person}", element_id=step, step_zh=step, step_en=step, **more
    )


def facts(now: float | datetime = 600, **given: Any) -> Facts:
    when = now if isinstance(now, datetime) else minute(now)
    acts = tuple(sorted(given.pop("acts", ()), key=lambda one: one.at))
    since = given.pop("since", None)
    rows = {name: dict(one) if isinstance(one, Mapping) else tuple(one) for name, one in given.items()}
    return Facts(when, calendar(), acts=acts, since=since, **rows)


def found(rule: Rule, given: Facts, choices: Iterable[Choice] = ()) -> list[Finding]:
    return list(rule.find(given, chooser(rule, choices)))


def chosen(rule: Rule, scope: str = "county", value: str = "", *, enabled: bool = True, **figures: int) -> list[Choice]:
    return [Choice(rule.code, scope, value, figures, enabled)]


def file(number: int, of: int, digest: str, size: int = 5000) -> FileSeen:
    return FileSeen(number, case(of), "survey_photos", digest, size, minute(number))


def stop(number: int, of: int, begun: float, planned: float | None, ended: float | None) -> Stop:
    ends = [minute(at) if at is not None else None for at in (planned, ended)]
    return Stop(number, case(of), "expert_review", "行政许可法 第四十五条", minute(begun), *ends)


def notice(
    number: int, of: int, amount: int, lines: int, status: str = "unpaid", owed: int | None = None
) -> NoticeSeen:
    return NoticeSeen(number, case(of), amount, lines, lines if owed is None else owed, status, minute(number))


def receipt(number: int, paid_on: date, status: str = "unmatched", of: int | None = None, **more: Any) -> ReceiptSeen:
    known = case(of) if of is not None else None
    return ReceiptSeen(number, f"P{number}", "YJ", "某公司", 500_00, paid_on, status, MONDAY, known, **more)


def document(number: int, position: int, series: str = "certificate/苏〔2026〕…号") -> NumberSeen:
    return NumberSeen(number, case(number), f"苏〔2026〕{position:04d}号", series, position, minute(number))


def done(of: int, at: float | datetime, took: float, minimum: float | None = None, **more: Any) -> Done:
    """A step that was completed at a minute after so many minutes; `minimum` in minutes."""
    one = act(of, at, **more)
    entered = one.at - timedelta(minutes=took)
    return Done(one, f"t{of}", entered, entered + timedelta(minutes=minimum) if minimum is not None else None)


def ending(of: int, outcome: str, owed: int = 0, by: int = 7) -> Ending:
    return Ending(case(of), of, minute(of), outcome, True, owed, by, f"某{by}")


def voice(number: int, kind: str = "rating", at: float = 0, **more: Any) -> Voice:
    return Voice(number, kind, HERE, minute(at), "态度不好", case(number), **more)


def order(number: int, **more: Any) -> OrderSeen:
    given: dict[str, Any] = {
        "due_at": None,
        "told_at": minute(0),
        "seen_at": None,
        "answered_at": None,
        "answerer_id": None,
        "answerer": "",
        "answer": "",
        "files": 0,
        "mended": True,
    }
    return OrderSeen(case(number), minute(0), **given | more)


def rows(finding: Finding) -> list[Mapping[str, Any]]:
    return list(finding.evidence)
