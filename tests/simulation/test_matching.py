"""An alarm tells of a deed that is about the same case, receipt or item, or about the same person at that time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from simulation.matching import LATEST, Index, Told, tells_of
from simulation.truth import Deed

NOON = datetime(2025, 3, 3, 12, tzinfo=UTC)


def deed(**about: object) -> Deed:
    made = Deed("batch", "burst", begun_at=NOON, done_at=NOON + timedelta(minutes=5))
    for name, value in about.items():
        setattr(made, name, value)
    return made


def told(
    at: datetime = NOON + timedelta(minutes=6), person: int | None = None, cases: frozenset[str] = frozenset()
) -> Told:
    return Told(1, "batch", "batch.burst", "red", at, person, "ZR", cases, frozenset(), frozenset())


def test_an_alarm_of_the_same_case_tells_of_it_and_one_of_another_does_not() -> None:
    assert tells_of(told(cases=frozenset({"A"})), deed(cases=["A"]))
    assert not tells_of(told(cases=frozenset({"B"})), deed(cases=["A"]))
    assert not tells_of(told(), deed())


@pytest.mark.parametrize("early", [timedelta(minutes=2), -LATEST - timedelta(minutes=6)])
def test_what_was_told_before_it_began_or_long_after_is_about_something_else(early: timedelta) -> None:
    assert not tells_of(told(NOON - early, cases=frozenset({"A"})), deed(cases=["A"]))


def test_a_person_is_told_of_that_day_alone_unless_it_lasts() -> None:
    later = NOON + timedelta(days=9)
    assert tells_of(told(person=7), deed(persons=[7]))
    assert not tells_of(told(later, person=7), deed(persons=[7]))
    assert tells_of(told(later, person=7), deed(persons=[7], lasting=True))


def test_a_deed_that_is_not_whole_is_told_by_nothing() -> None:
    assert not tells_of(told(cases=frozenset({"A"})), deed(cases=["A"], done_at=None))


def test_an_alarm_that_names_two_cases_of_one_deed_tells_of_it_once() -> None:
    one, other = deed(cases=["A", "B"]), deed(cases=["C"])
    assert Index([one, other]).of(told(cases=frozenset({"A", "B"}))) == [one]


def test_a_deed_of_several_acts_is_whole_with_the_last() -> None:
    made = Deed("batch", "burst", acts=2, parts=2)
    made.act(NOON)
    assert made.done_at is None
    made.act(NOON + timedelta(minutes=1))
    assert (made.begun_at, made.done_at) == (NOON, NOON + timedelta(minutes=1))
