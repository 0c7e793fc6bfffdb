"""The clock stands still where the law stops it, and goes on with what was left; a way back never starts it anew."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from service.database.tables import clock_stop
from tests.commands.instants import TICK, at, midnight_after, raised
from tests.commands.office import Office
from tests.commands.stories import HB, MZ, SG, WJ, YJ, ZR
from tests.commands.walking import begin, do, finish, reach


def stops(office: Office) -> list[Any]:
    return office.rows(select(clock_stop).order_by(clock_stop.c.id))


def test_rectification_stops_both_clocks_and_they_go_on_with_what_was_left(office: Office) -> None:
    begin(office, YJ, "site_survey", survey_result="rectify")
    assert office.case().due_at == at(3, 30)
    office.advance(to=at(3, 11, 10, 0))
    do(office, "site_survey")
    assert office.open_steps() == ["await_rectification"]
    assert not [
        role for _, role in office.due_rows() if role in ("statutory_limit", "promised_limit", "blue", "yellow")
    ]
    office.advance(to=at(3, 23, 10, 0))
    assert office.alarms() == []
    office.message("correction")
    # Fourteen working days were left of fifteen, 43 natural days of 45; Qingming and Labour Day lie on the way.
    assert office.due_rows()["handling_promised", "promised_limit"] == at(4, 10)
    assert office.due_rows()["handling_statutory", "statutory_limit"] == midnight_after(5, 6)
    assert office.case().due_at == at(4, 10)
    (stop,) = stops(office)
    assert stop.started_at.astimezone(office.now.tzinfo).date() == date(2026, 3, 11) and stop.ended_at == office.now
    assert "实施办法" in stop.basis
    assert office.case().received_on == date(2026, 3, 9), "a rectified site is not a new receipt"
    office.advance(to=at(4, 11, 0, 0))
    assert raised(office, "overdue.promised_limit")["red"] == at(4, 10) + TICK


def test_an_enterprise_that_does_not_rectify_in_thirty_days_goes_on_to_the_section(office: Office) -> None:
    begin(office, YJ, "site_survey", survey_result="rectify", review_result="agree_refuse", decision="refuse")
    do(office, "site_survey")
    office.advance(to=midnight_after(4, 8))
    assert office.open_steps() == ["await_rectification"]
    office.advance(seconds=1)
    assert office.open_steps() == ["section_review"]
    assert finish(office) == "refused"


def test_a_second_rectification_is_a_second_stop(office: Office) -> None:
    begin(office, YJ, "site_survey", survey_result="rectify")
    for _ in range(2):
        do(office, "site_survey")
        office.advance(working_days=4)
        office.message("correction")
    do(office, "site_survey", survey_result="pass")
    assert len(stops(office)) == 2
    # Of the fifteen days, 10 to 12 and 13 to 18 March stood still at their close.
    assert office.case().due_at == at(4, 9)
    assert finish(office) == "granted"


def expert_review_from_the_11th(office: Office) -> None:
    begin(office, YJ, "site_survey", complex_process=True)
    office.advance(to=at(3, 11, 10, 0))
    do(office, "site_survey")
    assert office.open_steps() == ["expert_review"]


def test_an_expert_review_stops_the_clock_while_it_lasts(office: Office) -> None:
    expert_review_from_the_11th(office)
    assert office.task("expert_review").due_at == at(4, 1)
    office.advance(to=at(3, 18, 10, 0))
    do(office, "expert_review")
    # From the 11th to the 17th five working days stood still at their close.
    assert office.case().due_at == at(4, 7)


def test_an_expert_review_that_lasts_longer_stops_the_clock_to_its_planned_end_alone(office: Office) -> None:
    expert_review_from_the_11th(office)
    office.advance(to=at(4, 1) + timedelta(seconds=1))
    (stop,) = stops(office)
    assert stop.planned_end_at == at(4, 1)
    assert stop.ended_at - stop.planned_end_at <= TICK
    assert office.open_steps() == ["expert_review"]
    assert office.case().due_at == at(4, 22)
    assert office.history(kind="clock_resumed")[-1]["payload"]["why"] == "planned_end"
    office.advance(working_days=3)
    do(office, "expert_review")
    assert office.case().due_at == at(4, 22)


def test_a_stop_ends_at_its_planned_end_even_if_nobody_looked_for_days(office: Office) -> None:
    expert_review_from_the_11th(office)
    office.now = at(4, 10, 11, 0)
    office.advance(seconds=1)
    assert office.case().due_at == at(4, 22)
    assert stops(office)[0].ended_at - at(4, 1) <= TICK


def test_a_limit_that_passed_while_nobody_looked_is_red_as_soon_as_somebody_does(office: Office) -> None:
    expert_review_from_the_11th(office)
    office.now = at(4, 28, 11, 0)
    office.advance(seconds=1)
    assert "red" in raised(office, "overdue.promised_limit")
    red = office.alarms(rule="overdue.promised_limit", colour="red")[0]
    assert datetime.fromisoformat(red.evidence[0]["due_at"]) == at(4, 22)


def test_publicity_and_review_side_by_side_stop_the_clock_once(office: Office) -> None:
    begin(office, HB, "technical_review")
    assert office.open_steps() == ["acceptance_publicity", "technical_review"]
    assert office.case().due_at == at(3, 23)
    office.advance(to=at(3, 11, 10, 0))
    do(office, "technical_review")
    assert ("handling_promised", "promised_limit") not in office.due_rows()
    office.advance(to=at(3, 16) + timedelta(seconds=1))
    assert office.open_steps() == ["section_review"]
    # Ten working days, of which none had gone: the publicity of five ended with Monday the 16th.
    assert office.case().due_at == at(3, 30)
    assert office.due_rows()["handling_statutory", "statutory_limit"] == midnight_after(4, 14)
    first, second = stops(office)
    assert first.started_at == second.started_at and first.ended_at != second.ended_at


def test_a_review_that_outlasts_the_publicity_keeps_the_clock_still(office: Office) -> None:
    begin(office, HB, "technical_review")
    office.advance(to=at(3, 18, 10, 0))
    assert office.open_steps() == ["technical_review"]
    do(office, "technical_review")
    # The 18th runs again at its close and is the first of the ten.
    assert office.case().due_at == at(3, 31)
    do(office, "section_review")
    assert office.open_steps() == ["decision_publicity"]
    before = office.case().due_at
    office.advance(to=office.due_rows()["decision_publicity", "move"] + timedelta(seconds=1))
    assert office.open_steps() == ["vice_approve"]
    # The 18th stood still at its close after all: all ten days are left, and begin with the 26th.
    assert (before, office.case().due_at) == (at(3, 31), at(4, 9))


def test_a_stop_within_the_first_day_costs_no_day(office: Office) -> None:
    begin(office, YJ, "site_survey", survey_result="rectify")
    do(office, "site_survey")
    office.advance(to=at(3, 10, 10, 0))
    office.message("correction")
    assert office.case().due_at == at(3, 30)
    assert office.due_rows()["handling_statutory", "statutory_limit"] == midnight_after(4, 23)


def test_a_promise_that_was_broken_before_a_stop_stays_broken(office: Office) -> None:
    begin(office, YJ, "site_survey", complex_process=True)
    office.advance(to=at(4, 1, 10, 0))
    assert raised(office, "overdue.promised_limit")["red"] == at(3, 30) + TICK
    do(office, "site_survey")
    office.advance(working_days=2)
    do(office, "expert_review")
    assert office.case().due_at == at(3, 30)
    assert list(raised(office, "overdue.promised_limit")) == ["blue", "yellow", "red"]
    assert office.due_rows()["handling_statutory", "statutory_limit"] > midnight_after(4, 23)


# Back to the counter --------------------------------------------------------------------------------------------------

BACK_TO_THE_COUNTER = [(SG, {"application_kind": "extend"}, 7), (ZR, {}, 3), (MZ, {"change_items": ["name"]}, 10)]


@pytest.mark.parametrize(("item", "choices", "days"), BACK_TO_THE_COUNTER)
def test_a_case_sent_back_to_the_counter_keeps_its_clock(
    office: Office, item: str, choices: dict[str, Any], days: int
) -> None:
    begin(office, item, "section_review", **choices)
    row, due = office.case(), office.due_rows()["handling_promised", "promised_limit"]
    office.advance(working_days=1)
    do(office, "section_review", review_result="back")
    assert office.open_steps() == ["formal_check"]
    office.advance(working_days=1)
    do(office, "formal_check")
    now = office.case()
    assert (now.received_on, now.accepted_on, now.due_at) == (row.received_on, row.accepted_on, row.due_at)
    assert office.due_rows()["handling_promised", "promised_limit"] == due == office.case().due_at
    office.advance(working_days=days)
    assert set(raised(office, "overdue.promised_limit")) == {"blue", "yellow", "red"}
    assert raised(office, "overdue.promised_limit")["red"] == due + TICK


def test_a_case_parked_at_the_counter_until_its_promise_has_passed_is_red_when_it_comes_back(office: Office) -> None:
    begin(office, ZR, "section_review")
    office.advance(working_days=1)
    do(office, "section_review", review_result="back")
    office.advance(to=at(3, 16, 10, 0))
    assert raised(office, "overdue.promised_limit") == {}
    answered = office.complete("clerk", "formal_check")
    assert ("overdue", "red") in [(a["kind"], a["colour"]) for a in answered.alarms]
    red = office.alarms(rule="overdue.promised_limit", colour="red")[0]
    assert datetime.fromisoformat(red.evidence[0]["due_at"]) == at(3, 12)
    assert (red.evidence[0]["limit"], red.evidence[0]["unit"]) == (3, "working_days")
    assert office.case().due_at == at(3, 12)
    office.advance(days=1)
    assert len(office.alarms(rule="overdue.promised_limit", colour="red")) == 1
    assert finish(office) == "granted"


def test_a_case_that_is_late_already_and_sent_back_is_not_reported_twice(office: Office) -> None:
    begin(office, ZR, "section_review")
    office.advance(working_days=4)
    assert set(raised(office, "overdue.promised_limit")) == {"blue", "yellow", "red"}
    do(office, "section_review", review_result="back")
    do(office, "formal_check")
    office.advance(working_days=1)
    assert set(raised(office, "overdue.promised_limit")) == {"blue", "yellow", "red"}


def test_a_correction_after_a_way_back_does_not_make_the_case_a_new_receipt(office: Office) -> None:
    begin(office, MZ, "section_review", change_items=["name"])
    do(office, "section_review", review_result="back")
    do(office, "formal_check", check_result="correction")
    office.advance(working_days=3)
    office.message("correction")
    do(office, "formal_check")
    row = office.case()
    assert (row.received_on, row.accepted_on) == (date(2026, 3, 9), date(2026, 3, 9))


def test_the_applicants_days_of_a_correction_after_a_way_back_are_not_the_offices(office: Office) -> None:
    begin(office, MZ, "section_review", change_items=["name"])
    assert office.case().due_at == at(3, 23)
    office.advance(to=at(3, 10, 10, 0))
    do(office, "section_review", review_result="back")
    do(office, "formal_check", check_result="correction")
    office.advance(to=at(3, 31, 10, 0))
    office.message("correction")
    do(office, "formal_check")
    assert office.alarms() == []
    # From 10 to 30 March fifteen working days stood still at their close; Qingming is on 6 April.
    assert office.case().due_at == at(4, 14)
    assert office.due_rows()["handling_promised", "promised_limit"] == at(4, 14)


@pytest.mark.parametrize("item", [YJ, HB, WJ])
def test_a_way_back_inside_the_decision_never_touches_the_clock(office: Office, item: str) -> None:
    begin(office, item, "section_review")
    due = office.due_rows().get(("handling_promised", "promised_limit"))
    steps = office.history(kind="limit_moved")
    do(office, "section_review", review_result="back")
    reach(office, "section_review")
    if item != HB:
        assert office.due_rows()["handling_promised", "promised_limit"] == due
        assert office.history(kind="limit_moved") == steps
    assert len(office.history(kind="case_accepted")) == 1
