"""The order in which the control centre takes what waits for it, and the grounds that it is shown."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from service.alarms.urgency import Matter, percentile, urgency

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
TODAY = Matter(NOW)


def points(**more: object) -> int:
    return urgency(Matter(**{"raised_at": NOW} | more), NOW).points  # type: ignore[arg-type]


def test_each_ground_makes_a_matter_more_urgent_and_none_is_none() -> None:
    assert urgency(TODAY, NOW).grounds == ()
    assert points(colour="red") > points(colour="yellow") > points(colour="blue") == 0
    assert points(rung=5) > points(rung=4) > points(rung=3) > points(rung=2) == 0
    assert points(kinds=("overdue", "off_system")) > points(kinds=("batch",)) > points(kinds=("overdue",))
    assert points(money_fen=5_000_00) > points(money_fen=500_00) == 0
    assert points(repeated=3) > points(repeated=2) > points(repeated=1) == 0
    assert points(raised_at=NOW - timedelta(days=3)) > points(raised_at=NOW - timedelta(days=1)) > 0
    late, soon, far = (points(due_at=NOW + timedelta(hours=hours)) for hours in (-1, 3, 30))
    assert late > soon > far == 0


def test_no_single_ground_that_grows_outweighs_all_others() -> None:
    urgent = points(colour="red", rung=4, due_at=NOW - timedelta(hours=1))
    for more in ({"money_fen": 10**12}, {"repeated": 10_000}, {"raised_at": NOW - timedelta(days=3650)}):
        assert points(**more) < urgent


def test_the_weightiest_ground_stands_first_and_says_its_value() -> None:
    found = urgency(Matter(NOW, "red", ("fee",), money_fen=3_000_00), NOW)
    assert [(one.code, one.value) for one in found.grounds] == [("colour", "red"), ("kind", "fee"), ("money", "300000")]
    assert found.points == sum(one.points for one in found.grounds)


@pytest.mark.parametrize(
    ("counts", "found"), [([], 0), ([7], 7), (list(range(1, 101)), 95), ([1] * 19 + [50], 1), ([1] * 18 + [9, 50], 9)]
)
def test_the_95th_percentile_is_the_nearest_rank(counts: list[int], found: int) -> None:
    assert percentile(counts, 0.95) == found
