"""Overdue cases taken apart: whose hands the office time lay in, and whether they were there."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from functools import cache
from typing import Any

import pytest

from service.people.dissection import (
    HANDS,
    Dissection,
    InHand,
    OverdueCase,
    Presence,
    Stopped,
    causes,
    dissect,
    hands_of,
)
from service.working_time import WorkingCalendar, seed_days

CST = timezone(timedelta(hours=8))
NOBODY = Presence(frozenset(), frozenset())


def at(day: int, hour: int = 9, minute: int = 0) -> datetime:
    """In March 2026; the 9th is a Monday. The office is open 9:00 to 12:00 and 13:30 to 17:30."""
    return datetime(2026, 3, day, hour, minute, tzinfo=CST)


@cache
def calendar() -> WorkingCalendar:
    return WorkingCalendar.build({day: kind for day, kind, _ in seed_days([2026])})


def overdue(*steps: InHand, ends: datetime, stops: tuple[Stopped, ...] = (), department: str = "YJ") -> OverdueCase:
    return OverdueCase("YJ-XK-2026-000001", department, "LJ-YJ-XK-001", at(9), ends, None, steps, stops)


def taken(case: OverdueCase, presence: Presence = NOBODY) -> dict[str, Any]:
    return {share.hands: share for share in dissect(case, presence, calendar()).shares}


def test_each_hour_of_the_office_lies_with_whoever_has_the_step() -> None:
    case = overdue(
        InHand("clerk", (1,), at(9), at(9, 12)),
        InHand("section", (2,), at(9, 13, 30), at(10, 10)),
        InHand("sup1", (3,), at(10, 14), at(10, 15)),
        ends=at(10, 17, 30),
    )
    shares = taken(case)
    assert {hands: shares[hands].minutes for hands in HANDS} == {
        "clerk": 180,
        "leader": 300,
        "applicant": 2 * 60 + 30 + 150,
        "supervisor": 60,
    }
    assert dissect(case, NOBODY, calendar()).main in ("leader", "applicant")


def test_all_shares_together_are_the_cases_office_time_less_what_stood_still() -> None:
    steps = (InHand("clerk", (1,), at(9), at(11)), InHand("vice", (2,), at(10), at(12)))
    case = overdue(*steps, ends=at(13, 17, 30), stops=(Stopped(at(11, 9), at(12, 9)),))
    whole = calendar().office_minutes_between(at(9), at(13, 17, 30))
    still = calendar().office_minutes_between(at(11, 9), at(12, 9))
    assert sum(share.minutes for share in taken(case).values()) == whole - still


def test_two_who_have_a_step_at_once_have_equal_parts() -> None:
    case = overdue(InHand("clerk", (1,), at(9), at(9, 11)), InHand("head", (2,), at(9), at(9, 11)), ends=at(9, 11))
    shares = taken(case)
    assert (shares["clerk"].minutes, shares["leader"].minutes, shares["applicant"].minutes) == (60, 60, 0)


def test_days_on_which_nobody_was_there_and_days_of_leave_are_figures() -> None:
    case = overdue(InHand("officer", (1, 2), at(9), at(13, 17)), ends=at(13, 17))
    online = frozenset({(1, date(2026, 3, 9)), (2, date(2026, 3, 10))})
    away = frozenset({(1, date(2026, 3, 12)), (2, date(2026, 3, 12)), (1, date(2026, 3, 13))})
    share = taken(case, Presence(online, away))["clerk"]
    assert (share.days, share.days_absent, share.days_away) == (5, 2, 1)


def test_a_weekend_is_no_waiting() -> None:
    case = overdue(InHand("clerk", (1,), at(9), at(16, 9)), ends=at(16, 9))
    share = taken(case)["clerk"]
    assert (share.minutes, share.days) == (5 * 7 * 60, 6)


@pytest.mark.parametrize(
    ("post", "hands"),
    [("officer", "clerk"), ("printer", "clerk"), ("legal", "leader"), ("party", "applicant"), ("centre", "supervisor")],
)
def test_a_post_says_in_whose_hands_a_step_lies(post: str, hands: str) -> None:
    assert hands_of(post) == hands


def test_causes_sum_up_by_department_the_most_cases_first() -> None:
    def one(department: str, post: str) -> Dissection:
        steps = (InHand(post, (1,), at(9), at(9, 12)),)
        return dissect(overdue(*steps, ends=at(9, 12), department=department), NOBODY, calendar())

    first, second = causes([one("SG", "clerk"), one("YJ", "clerk"), one("YJ", "vice")])
    assert (first.department, first.cases, second.department) == ("YJ", 2, "SG")
    assert [share.minutes for share in first.shares] == [180, 180, 0, 0]
    assert first.mainly == {"clerk": 1, "leader": 1, "applicant": 0, "supervisor": 0}
