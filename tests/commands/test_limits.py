"""Blue, yellow and red fall due when the county's calendar of 2026 says; instants here were counted by hand."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import insert

from service.database.session import transaction
from service.database.tables import alarm_threshold
from tests.commands.instants import TICK, at, midnight_after, raised
from tests.commands.office import MONDAY, Office
from tests.commands.seeing import CST
from tests.commands.stories import HB, MZ, SG, WJ, YJ, ZR
from tests.commands.walking import begin, do, finish, reach


def expect_at(office: Office, rule: str, **instants: datetime) -> None:
    """Each colour was raised just after its instant, and no other was."""
    assert raised(office, rule) == {colour: instant + TICK for colour, instant in instants.items()}


# Working days ---------------------------------------------------------------------------------------------------------


def test_five_working_days_turn_blue_yellow_and_red_over_a_weekend(office: Office) -> None:
    office.start(YJ)
    assert office.task("formal_check").due_at == at(3, 16)
    office.advance(to=at(3, 12, 14, 0))
    assert office.alarms() == []
    office.advance(to=at(3, 16))
    expect_at(office, "overdue.step_limit", blue=at(3, 12, 14, 0), yellow=at(3, 13))
    office.advance(seconds=1)
    expect_at(office, "overdue.step_limit", blue=at(3, 12, 14, 0), yellow=at(3, 13), red=at(3, 16))


def test_spring_festival_and_its_make_up_days_move_every_limit(office: Office) -> None:
    office.now = at(2, 13, 9, 0)
    begin(office, SG, "site_survey")
    assert office.task("site_survey").due_at == at(2, 25)
    due = office.due_rows()
    assert due["handling_promised", "promised_limit"] == at(3, 2)
    assert due["handling_statutory", "statutory_limit"] == at(3, 19)
    assert office.case().due_at == at(3, 2)
    office.advance(to=at(3, 20))
    # Half of three days: Saturday the 14th is worked, then nothing until Tuesday the 24th.
    expect_at(office, "overdue.step_limit", blue=at(2, 24, 14, 0), yellow=at(2, 25, 11, 48), red=at(2, 25))
    # Half and four fifths of 49 hours; one working day is left a little later.
    expect_at(office, "overdue.promised_limit", blue=at(2, 26, 14, 0), yellow=at(2, 28, 14, 42), red=at(3, 2))


def test_national_day_moves_a_step_begun_before_it(office: Office) -> None:
    office.now = at(9, 28, 9, 0)
    begin(office, WJ, "site_survey")
    assert office.task("site_survey").due_at == at(10, 13)
    office.advance(to=at(10, 14))
    expect_at(office, "overdue.step_limit", blue=at(10, 9, 14, 0), yellow=at(10, 12, 14, 42), red=at(10, 13))


def test_a_one_day_limit_set_at_the_eve_of_a_holiday_waits_for_the_office_to_open(office: Office) -> None:
    office.now = at(9, 30, 15, 0)
    begin(office, SG, "section_review", application_kind="extend")
    assert office.task("section_review").due_at == at(10, 8)
    office.advance(to=at(10, 8, 9, 0))
    assert office.alarms() == []


def test_natural_days_that_end_in_a_holiday_end_with_the_next_working_day(office: Office) -> None:
    office.now = at(8, 18, 9, 0)
    begin(office, YJ, "site_survey")
    assert office.due_rows()["handling_statutory", "statutory_limit"] == midnight_after(10, 8)
    assert office.due_rows()["handling_statutory", "blue"] == at(9, 13, 12, 0)
    assert office.due_rows()["handling_statutory", "yellow"] == at(9, 28, 19, 12)


def test_the_promise_warns_before_the_law_and_the_earlier_one_is_the_cases_due_date(office: Office) -> None:
    begin(office, ZR, "section_review")
    assert office.case().due_at == at(3, 12)
    office.advance(working_days=31)
    assert raised(office, "overdue.promised_limit")["red"] == at(3, 12) + TICK
    # Thirty working days from 9 March, without Qingming on 6 April.
    assert raised(office, "overdue.statutory_limit")["red"] == at(4, 21) + TICK
    assert office.case().due_at == at(3, 12), "a case that is late stays late"


@pytest.mark.parametrize(
    ("item", "choices", "statutory"),
    [
        (HB, {"doc_type": "book"}, 60),
        (HB, {"doc_type": "form"}, 30),
        (MZ, {"reg_kind": "found"}, 60),
        (YJ, {}, 45),
    ],
)
def test_natural_days_of_the_law_count_from_receipt_though_accepted_days_later(
    office: Office, item: str, choices: dict[str, Any], statutory: int
) -> None:
    office.start(item, **choices)
    office.put()
    office.advance(working_days=3)
    reach(office, "site_survey", "technical_review")
    assert (office.case().received_on, office.case().accepted_on) == (date(2026, 3, 9), date(2026, 3, 12))
    limit = next(r for r in office.all_due_rows() if r.role == "statutory_limit")
    assert limit.counted_from == datetime(2026, 3, 9, tzinfo=CST)
    assert (limit.limit_value, limit.limit_unit) == (statutory, "natural_days")


def test_the_countys_own_shares_hold_for_the_item_they_were_set_for(office: Office) -> None:
    with transaction(office.engine) as connection:
        connection.execute(
            insert(alarm_threshold).values(
                power_item=YJ, blue_percent=20, yellow_percent=40, changed_at=office.now, reason="重点领域提前预警"
            )
        )
    office.start(YJ)
    expected = {"blue": at(3, 11, 9, 0) - timedelta(hours=15, minutes=30), "yellow": at(3, 11)}
    due = {role: instant for (_, role), instant in office.due_rows().items()}
    assert {colour: due[colour] for colour in expected} == expected
    office.start(WJ)
    assert office.due_rows()["formal_check_limit", "blue"] == at(3, 12, 14, 0)


def test_an_applicants_time_warns_nobody_in_the_office(office: Office) -> None:
    begin(office, ZR, "await_payment")
    office.advance(days=40)
    assert [a.rule for a in office.alarms()] == []
    assert office.open_steps() == ["await_payment"]
    assert office.notices()[-1].kind == "applicant_payment_reminder"
    assert finish(office) == "granted"


def test_a_limit_that_passes_takes_no_work_away(office: Office) -> None:
    begin(office, YJ, "section_review")
    office.advance(days=120)
    assert {"overdue.step_limit", "overdue.promised_limit", "overdue.statutory_limit"} <= {
        a.rule for a in office.alarms(colour="red")
    }
    assert finish(office) == "granted"


def test_delivery_counts_from_the_decision_and_is_late_at_once_if_printing_took_too_long(office: Office) -> None:
    begin(office, SG, "print_certificate")
    office.advance(working_days=6)
    assert office.alarms(rule="overdue.step_limit", element_id="delivery") == []
    office.complete("printer", "print_certificate")
    late = office.alarms(rule="overdue.step_limit", element_id="delivery")
    assert [a.colour for a in late] == ["red"]
    assert datetime.fromisoformat(late[0].evidence[0]["due_at"]) == at(3, 16)
    assert office.task("deliver").due_at == at(3, 16)


def test_the_days_in_which_a_buyer_does_not_pay_are_not_the_printers(office: Office) -> None:
    begin(office, ZR, "await_payment")
    office.advance(to=at(3, 30, 10, 0))
    office.pay()
    office.complete("printer", "print_certificate")
    assert office.task("deliver").due_at == at(4, 1)
    assert office.alarms() == []
    office.advance(to=at(4, 2))
    expect_at(office, "overdue.step_limit", blue=at(3, 31, 14, 0), yellow=at(4, 1, 11, 48), red=at(4, 1))


# Deemed acceptance ----------------------------------------------------------------------------------------------------


def test_five_working_days_without_a_word_are_acceptance_from_the_day_of_receipt(office: Office) -> None:
    office.start(YJ)
    office.put("application_form", "business_licence", "safety_assessment")
    office.advance(to=at(3, 16))
    assert office.open_steps() == ["formal_check"]
    office.advance(seconds=1)
    row = office.case()
    assert (row.received_on, row.accepted_on) == (date(2026, 3, 9), date(2026, 3, 9))
    assert office.open_steps() == ["site_survey"]
    deemed = office.history(kind="acceptance_deemed")[0]
    assert deemed["payload"]["missing"] == [
        "responsibility_list",
        "manager_certs",
        "special_operators",
        "injury_insurance",
        "plan_filing",
    ]
    assert deemed["actor"] is None
    assert office.history(kind="case_accepted")[0]["payload"]["deemed"] is True
    assert [d.kind for d in office.documents()] == ["acceptance_notice"]
    assert row.due_at == at(3, 30), "fifteen working days from receipt"
    (red,) = office.alarms(colour="red")
    assert (red.rule, red.element_id) == ("overdue.step_limit", "formal_check")
    assert len(office.orders()) == 1
    cancelled = office.task("formal_check", status="cancelled")
    assert cancelled.completed_by is None
    with office.refused("task_taken"):
        office.complete_task_of_id("clerk", cancelled.id, {"check_result": "correction"})
    office.put()
    assert finish(office) == "granted"


def test_the_five_days_begin_anew_with_a_correction(office: Office) -> None:
    office.start(MZ)
    do(office, "formal_check", check_result="correction")
    office.advance(to=at(4, 1, 10, 0))
    office.message("correction")
    # Thursday 2, Friday 3, Tuesday 7, Wednesday 8, Thursday 9: Monday the 6th is Qingming.
    assert office.task("formal_check").due_at == at(4, 9)
    office.advance(to=at(4, 9) + timedelta(seconds=1))
    assert office.case().accepted_on == date(2026, 4, 1)


def test_a_clerk_who_is_one_second_late_is_too_late_even_if_nobody_fired_the_timer(office: Office) -> None:
    office.start(YJ)
    office.put()
    office.now = at(3, 16) + timedelta(seconds=1)
    task = office.task("formal_check")
    with office.refused("task_taken") as refusal:
        office.complete("clerk", "formal_check", check_result="not_needed")
    assert refusal.facts["by"] is None and "系统" in refusal.message
    assert office.task("formal_check", status="cancelled").id == task.id
    assert [a.colour for a in office.alarms()] == ["blue", "yellow", "red"]


def test_a_clerk_at_the_very_last_moment_is_in_time(office: Office) -> None:
    office.start(YJ)
    office.put()
    office.now = at(3, 16)
    assert office.complete("clerk", "formal_check").outcome == "completed"
    assert "red" not in [a.colour for a in office.alarms()]


# Too fast -------------------------------------------------------------------------------------------------------------


def test_a_case_decided_within_ten_minutes_of_its_acceptance_is_too_fast_however_long_it_lay_before(
    office: Office,
) -> None:
    office.start(ZR)
    office.put()
    office.advance(working_days=3)
    office.complete("clerk", "formal_check")
    office.advance(minutes=5)
    office.complete("section", "section_review")
    office.advance(minutes=4)
    answered = office.complete("vice", "decide")
    assert ("case_too_fast", "red") in [(a["kind"], a["colour"]) for a in answered.alarms]


def test_an_honest_day_is_not_too_fast(office: Office) -> None:
    begin(office, ZR, "decide")
    office.advance(minutes=10)
    do(office, "decide")
    assert office.alarms() == []


def test_no_limit_is_left_when_a_case_has_ended(office: Office) -> None:
    begin(office, YJ, "formal_check")
    finish(office)
    office.advance(to=MONDAY + timedelta(days=200))
    assert office.alarms() == [] and office.all_due_rows() == []
