"""Who could do a coming step: posts, departments, two officers, what has been done already."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from service.people.separation import EXCLUSIVE_GROUPS
from service.user_tasks.eligibility import WHY, Candidate, Step, gaps

GROUPS = sorted({group for pair in EXCLUSIVE_GROUPS for group in pair})
REVIEW = Step("review", "审核", "Review", "section", "YJ", "review")
SURVEY = Step("survey", "踏勘", "Survey", "officer", "YJ", "investigate", officers=2)


def why(step: Step, candidates: list[Candidate], **done: list[int]) -> str | None:
    return next((gap.why for gap in gaps([step], candidates, done)), None)


def test_somebody_of_the_department_with_the_post_is_enough() -> None:
    assert why(REVIEW, [Candidate(1, "section", "YJ")]) is None
    assert why(REVIEW, [Candidate(1, "section", "MZ"), Candidate(2, "vice", "YJ")]) == "no_holder"


def test_a_post_that_serves_the_county_serves_every_department() -> None:
    step = Step("watch", "监察", "Watch", "sup2", "YJ", "supervise")
    assert why(step, [Candidate(1, "sup2", "JW")]) is None


def test_who_has_accepted_the_case_cannot_be_the_one_who_reviews_it() -> None:
    assert why(REVIEW, [Candidate(1, "section", "YJ")], accept=[1]) == "excluded"
    assert why(REVIEW, [Candidate(1, "section", "YJ"), Candidate(2, "section", "YJ")], accept=[1]) is None


def test_a_stand_in_is_excluded_by_what_the_principal_has_done() -> None:
    lent = Candidate(2, "section", "YJ", principal=1)
    assert why(REVIEW, [lent]) is None
    assert why(REVIEW, [lent], accept=[1]) == "excluded"


def test_two_officers_are_two_who_hold_the_post_themselves() -> None:
    one = [Candidate(1, "officer", "YJ")]
    assert why(SURVEY, one) == "one_officer"
    assert why(SURVEY, [*one, Candidate(2, "officer", "YJ", principal=1)]) == "one_officer"
    two = [*one, Candidate(2, "officer", "YJ")]
    assert why(SURVEY, two) is None
    assert why(SURVEY, two, legal=[2]) == "excluded"


steps = st.builds(
    Step,
    st.just("s"),
    st.just("步"),
    st.just("step"),
    st.sampled_from(("section", "officer", "vice")),
    st.sampled_from(("YJ", "MZ")),
    st.sampled_from([None, *GROUPS]),
    st.integers(1, 2),
)
people = st.lists(
    st.builds(
        Candidate,
        st.integers(1, 5),
        st.sampled_from(("section", "officer", "vice")),
        st.sampled_from(("YJ", "MZ")),
        st.one_of(st.none(), st.integers(6, 8)),
    ),
    max_size=8,
)
ledgers = st.dictionaries(st.sampled_from(GROUPS), st.lists(st.integers(1, 8), max_size=4), max_size=4)


NOON = datetime(2026, 3, 9, 12, tzinfo=UTC)


def test_an_open_step_of_whoever_is_on_leave_is_nobodys_now() -> None:
    away = Candidate(1, "section", "YJ", None, NOON)
    assert why(REVIEW, [away]) == "on_leave"
    assert why(REVIEW, [away, Candidate(2, "section", "YJ")]) is None
    assert why(REVIEW, [away, Candidate(2, "section", "YJ", principal=1)]) is None, "somebody stands in"
    assert why(REVIEW, [away], accept=[1]) == "excluded", "he could not do it if he were here"


def test_a_coming_step_waits_for_who_is_back_before_the_case_is_due() -> None:
    away = Candidate(1, "section", "YJ", None, NOON)
    assert why(replace(REVIEW, needed_by=NOON + timedelta(hours=1)), [away]) is None
    assert why(replace(REVIEW, needed_by=NOON), [away]) == "on_leave"


def test_two_officers_of_whom_one_is_away_are_too_few() -> None:
    here, away = Candidate(1, "officer", "YJ"), Candidate(2, "officer", "YJ", None, NOON)
    assert why(SURVEY, [here, away]) == "on_leave"


@given(steps, people, ledgers)
def test_another_person_never_makes_a_gap_and_another_act_never_closes_one(
    step: Step, candidates: list[Candidate], done: dict[str, list[int]]
) -> None:
    found = [gap.why for gap in gaps([step], candidates, done)]
    assert all(one in WHY for one in found)
    more = [*candidates, Candidate(9, step.post, step.department)]
    if not found:
        assert not list(gaps([step], more, done))
        assert not list(gaps([step], candidates, {}))
    enough = [Candidate(90 + n, step.post, step.department) for n in range(step.officers)]
    assert not list(gaps([step], enough, done)), "people who have done nothing here can do anything"
