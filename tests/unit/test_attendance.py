"""Who should have been there, who was, and touched what was due."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from service.people.attendance import Acted, Away, DueTask, Facts, OfficeDay, Posting, SigningIn, person_days, rates

DAY = date(2026, 11, 23)
START = datetime(2026, 11, 22, 16, tzinfo=UTC)  # Midnight in the county.
TODAY = OfficeDay(DAY, START, START + timedelta(days=1))
BEFORE = START - timedelta(days=30)


def posted(person: int, post: str = "officer", **more: Any) -> Posting:
    return Posting(
        **{"person_id": person, "name": f"p{person}", "department": "YJ", "post": post, "since": BEFORE, "until": None}
        | more
    )


def due(
    person: int | None = None, *, case: int = 1, hours: float = 17.5, post: str = "officer", **more: Any
) -> DueTask:
    fixed = {"entered_at": BEFORE, "due_at": START + timedelta(hours=hours), "done_at": None}
    return DueTask(**{"case_id": case, "department": "YJ", "post": post, "person_id": person} | fixed | more)


def facts(**given: Any) -> Facts:
    return Facts(**{"postings": [posted(1)], "away": [], "due": [], "signed_in": [], "acted": []} | given)


def test_only_who_has_work_due_is_expected() -> None:
    assert person_days(facts(), [TODAY]) == []
    assert person_days(facts(due=[due(1, hours=25)]), [TODAY]) == [], "due tomorrow"
    (one,) = person_days(facts(due=[due(1)]), [TODAY])
    assert (one.due, one.touched, one.online, one.role) == (1, 0, False, "handler")


def test_work_of_the_pool_is_due_for_everybody_who_may_take_it_and_claimed_work_for_one() -> None:
    people = [posted(1), posted(2), posted(3, "section")]
    assert [one.person_id for one in person_days(facts(postings=people, due=[due()]), [TODAY])] == [1, 2]
    assert [one.person_id for one in person_days(facts(postings=people, due=[due(2)]), [TODAY])] == [2]


def test_leave_ended_posts_and_finished_work_are_out() -> None:
    away = Away(1, START - timedelta(days=1), START + timedelta(days=2))
    assert person_days(facts(due=[due(1)], away=[away]), [TODAY]) == []
    assert person_days(facts(postings=[posted(1, until=START)], due=[due(1)]), [TODAY]) == []
    assert person_days(facts(due=[due(1, done_at=START - timedelta(minutes=1))]), [TODAY]) == []
    assert len(person_days(facts(due=[due(1, done_at=START + timedelta(hours=9))]), [TODAY])) == 1


def test_signing_in_counts_with_its_first_instant_and_an_act_counts_for_its_case() -> None:
    seen = [SigningIn(1, START + timedelta(hours=h), f"10.0.0.{h}") for h in (14, 9)]
    acted = [Acted(1, 1, START + timedelta(hours=10)), Acted(1, 7, START + timedelta(hours=10))]
    (one,) = person_days(facts(due=[due(1), due(1, case=2)], signed_in=seen, acted=acted), [TODAY])
    assert (one.signed_in_at, one.address) == (START + timedelta(hours=9), "10.0.0.9")
    assert (one.due, one.touched, one.online) == (2, 1, True)
    (late,) = person_days(facts(due=[due(1)], signed_in=[SigningIn(1, TODAY.ends_at, None)]), [TODAY])
    assert not late.online, "the next day is another day"


def test_the_rate_is_of_a_day_a_department_and_a_role_and_supervisors_owe_more() -> None:
    people = [posted(n) for n in range(1, 12)] + [posted(20, "sup1")]
    seen = [SigningIn(n, START + timedelta(hours=9), None) for n in range(1, 11)]
    found = facts(postings=people, due=[due(), due(20, post="sup1")], signed_in=seen)
    handlers, supervisors = rates(person_days(found, [TODAY]))
    assert (handlers.expected, handlers.online, handlers.rate, handlers.met) == (11, 10, 90.9, True)
    assert (supervisors.role, supervisors.rate, supervisors.target, supervisors.met) == ("supervisor", 0.0, 95.0, False)
