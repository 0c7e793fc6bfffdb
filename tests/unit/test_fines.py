"""A fine that is late: since when, and what may be added."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.fees.fines import Part, hastens, late_since, surcharge_fen, wrong_plan

TODAY = date(2026, 3, 9)


def part(days: int, fen: int) -> Part:
    return Part(TODAY + timedelta(days=days), fen)


@pytest.mark.parametrize(
    ("days", "fen"), [(-3, 0), (0, 0), (1, 30_000), (33, 990_000), (34, 1_000_000), (400, 1_000_000)]
)
def test_three_per_cent_of_the_fine_a_day_and_never_more_than_the_fine(days: int, fen: int) -> None:
    assert surcharge_fen(1_000_000, days) == fen


@given(st.integers(0, 10**9), st.integers(-400, 4000))
def test_a_surcharge_never_exceeds_the_fine(fine: int, days: int) -> None:
    assert 0 <= surcharge_fen(fine, days) <= fine


def test_instalments_are_late_from_the_first_part_that_the_money_does_not_cover() -> None:
    plan = [part(10, 100), part(20, 100), part(30, 50)]
    assert [late_since(plan, paid) for paid in (0, 99, 100, 200, 249, 250)] == [
        plan[0].due_on,
        plan[0].due_on,
        plan[1].due_on,
        plan[2].due_on,
        plan[2].due_on,
        None,
    ]


@pytest.mark.parametrize(
    "plan", [[], [part(1, 99)], [part(0, 100)], [part(2, 50), part(1, 50)], [part(1, 50), part(1, 50)], [part(1, 0)]]
)
def test_a_plan_adds_up_to_what_is_owed_on_days_to_come(plan: list[Part]) -> None:
    assert wrong_plan(plan, 100, TODAY)
    assert wrong_plan([part(1, 50), part(2, 50)], 100, TODAY) is None


def test_a_plan_hastens_where_more_is_asked_by_a_day_than_was_before() -> None:
    standing = [part(10, 100), part(20, 50)]
    assert hastens([part(10, 100), part(20, 50)], standing, 150) is None
    assert hastens([part(5, 30), part(10, 100), part(20, 50)], standing, 180) is None, "30 have no day of their own"
    assert hastens([part(10, 101), part(20, 49)], standing, 150) == standing[0].due_on
    assert hastens([part(1, 150)], [], 150) is None
