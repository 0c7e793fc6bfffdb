"""Two separated acts of two accounts at one terminal: when they are too close, whatever else was done between them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from service.people.separation import EXCLUSIVE_GROUPS, ORDER_GROUPS, exclude_each_other
from service.user_tasks.terminals import Seat, kept, too_close, window

START = datetime(2026, 3, 9, 1, 0, tzinfo=UTC)
FIVE = timedelta(minutes=5)
GROUPS = sorted({group for pair in EXCLUSIVE_GROUPS | ORDER_GROUPS for group in pair})
seats = st.builds(
    Seat,
    st.sampled_from("abc"),
    st.sampled_from(GROUPS),
    st.integers(1, 4),
    st.integers(0, 1200).map(lambda seconds: START + timedelta(seconds=seconds)),
)


def seat(group: str, person: int = 1, seconds: int = 0, terminal: str = "a") -> Seat:
    return Seat(terminal, group, person, START + timedelta(seconds=seconds))


def test_acceptance_and_review_at_one_terminal_are_too_close_up_to_and_with_the_fifth_minute() -> None:
    accepted = seat("accept")
    assert too_close([accepted], seat("review", 2, 300), FIVE) == accepted
    assert too_close([accepted], seat("review", 2, 301), FIVE) is None


def test_another_terminal_the_same_account_and_groups_that_go_together_are_not() -> None:
    accepted = seat("accept")
    assert too_close([accepted], seat("review", 2, 60, terminal="b"), FIVE) is None
    assert too_close([accepted], seat("review", 1, 60), FIVE) is None
    assert not exclude_each_other("accept", "investigate")
    assert too_close([accepted], seat("investigate", 2, 60), FIVE) is None


def test_an_act_at_another_terminal_in_between_hides_nothing() -> None:
    accepted, between = seat("accept"), seat("investigate", 3, 30, terminal="b")
    assert too_close([accepted, between], seat("decide", 2, 60), FIVE) == accepted


def test_the_county_may_choose_another_time() -> None:
    assert window(None) == FIVE == window({"second_step": []})
    assert window({"shared_terminal_minutes": 30}) == timedelta(minutes=30)


@given(st.lists(seats, max_size=12), seats, st.integers(1, 30).map(lambda minutes: timedelta(minutes=minutes)))
def test_what_is_found_is_another_account_at_that_terminal_within_that_time_and_kept_apart(
    earlier: list[Seat], wanted: Seat, within: timedelta
) -> None:
    before = [one for one in earlier if one.at <= wanted.at]
    found = too_close(before, wanted, within)
    fits = [
        one
        for one in before
        if one.terminal == wanted.terminal
        and one.person_id != wanted.person_id
        and timedelta(0) <= wanted.at - one.at <= within
        and exclude_each_other(one.group, wanted.group)
    ]
    assert (found is None) == (not fits)
    assert found is None or (found in fits and found.at == max(one.at for one in fits))


@given(st.lists(seats, max_size=12), seats)
def test_forgetting_what_is_too_old_never_changes_an_answer(earlier: list[Seat], wanted: Seat) -> None:
    before = [one for one in earlier if one.at <= wanted.at]
    assert too_close(kept(before, wanted.at, FIVE), wanted, FIVE) == too_close(before, wanted, FIVE)


@given(seats)
def test_a_seat_survives_the_cases_row(one: Seat) -> None:
    assert Seat.of_json(one.as_json()) == one
