from __future__ import annotations

from datetime import date, datetime

import pytest

from supervision.facts import Done
from supervision.rules.batch_eve import RULE, is_eve
from tests.supervision.facts import CST, calendar, done, facts, found


def month(last: int, usual: int = 2, before: int | None = None) -> list[Done]:
    """So many steps a day in the second half of March 2026, `last` on its last working day, and `before` on the one
    before that."""
    days = [day for day in range(12, 32) if calendar().is_workday(date(2026, 3, day))]
    counts = {day: usual for day in days} | {31: last} | ({} if before is None else {30: before})
    return [
        done(day * 100 + n, datetime(2026, 3, day, 9 + n % 8, n, tzinfo=CST), 30)
        for day, count in counts.items()
        for n in range(count)
    ]


def test_a_score_of_steps_on_the_last_working_day_of_a_month_is_told() -> None:
    (one,) = found(RULE, facts(datetime(2026, 3, 31, 18, tzinfo=CST), done=month(16)))
    assert (one.colour, one.person_id, len(one.evidence)) == ("yellow", 7, 16)


def test_an_eve_is_not_judged_weeks_later_by_what_is_still_in_sight_of_the_days_before_it() -> None:
    assert found(RULE, facts(datetime(2026, 4, 15, 9, tzinfo=CST), done=month(16))) == []


def test_a_quiet_office_is_known_by_its_working_days_and_one_that_has_just_begun_is_not() -> None:
    quiet = [one for one in month(13) if one.act.at.day in (12, 17, 24, 31)]
    assert len(found(RULE, facts(datetime(2026, 3, 31, 18, tzinfo=CST), done=quiet))) == 1
    begun = [one for one in month(13) if one.act.at.day in (25, 26, 27, 31)]
    assert found(RULE, facts(datetime(2026, 3, 31, 18, tzinfo=CST), done=begun)) == []


def test_a_day_that_is_busier_than_others_is_not() -> None:
    assert found(RULE, facts(datetime(2026, 3, 31, 18, tzinfo=CST), done=month(16, usual=8))) == []


def test_a_score_spread_over_the_last_two_days_is_told_as_one() -> None:
    (one,) = found(RULE, facts(datetime(2026, 3, 31, 18, tzinfo=CST), done=month(11, before=11)))
    assert len(one.evidence) == 22 and "最后 2 个工作日" in one.summary_zh
    (same,) = found(RULE, facts(datetime(2026, 3, 31, 18, tzinfo=CST), done=month(16, before=11)))
    assert same.subject == one.subject


def test_two_busy_days_are_not() -> None:
    assert found(RULE, facts(datetime(2026, 3, 31, 18, tzinfo=CST), done=month(9, before=6))) == []
    assert found(RULE, facts(datetime(2026, 3, 31, 18, tzinfo=CST), done=month(11, usual=4, before=11))) == []


@pytest.mark.parametrize(("day", "eve"), [(31, True), (30, False), (27, False)])
def test_the_eve_is_the_last_working_day_of_a_month(day: int, eve: bool) -> None:
    assert is_eve(calendar(), date(2026, 3, day)) is eve


def test_a_month_that_ends_on_days_of_rest_has_its_eve_before_them() -> None:
    assert is_eve(calendar(), date(2026, 1, 30)) and not is_eve(calendar(), date(2026, 1, 31))
