"""Temporary relief: paid at once where it is urgent, checked in the village, decided by the county."""

from __future__ import annotations

from datetime import timedelta

import pytest

from service.commands.act import CaseAct
from service.commands.relief import income_a_head
from service.reads.hot import hot_by_number
from tests.commands.office import Office
from tests.commands.stories import OBJECTION, RELIEF
from tests.commands.variants import Variant
from tests.commands.walking import begin, do, done, finish, reach


def test_an_ordinary_case_goes_from_the_township_to_the_county_and_is_paid_out(office: Office) -> None:
    begin(office, RELIEF, "home_visit")
    assert finish(office) == "granted"
    assert done(office) == [
        *("apply", "formal_check", "home_visit", "town_review", "county_review", "decide", "pay_out"),
    ]


def test_an_urgent_case_is_paid_before_it_is_checked_and_not_paid_twice(office: Office) -> None:
    begin(office, RELIEF, "urgent_decision", urgency="urgent")
    assert finish(office) == "granted"
    assert done(office)[2:4] == ["urgent_decision", "urgent_payment"]
    assert "pay_out" not in done(office)


def test_what_is_not_urgent_after_all_goes_the_ordinary_way(office: Office) -> None:
    begin(office, RELIEF, "urgent_decision", urgency="urgent", urgent_ok="no")
    assert finish(office) == "granted"
    assert "urgent_payment" not in done(office) and "pay_out" in done(office)


def test_the_urgent_part_has_twenty_four_hours_and_its_papers_ten_working_days(office: Office) -> None:
    begin(office, RELIEF, "urgent_decision", urgency="urgent")
    accepted = office.now
    assert office.due_rows()["urgent_promised", "promised_limit"] == accepted + timedelta(hours=24)
    assert office.case().due_at == accepted + timedelta(hours=24)
    reach(office, "home_visit")
    ten_days = office.calendar.add_working_days(office.today, 10)
    assert office.due_rows()["handling_statutory", "statutory_limit"] == ten_days
    assert office.case().due_at == ten_days


def test_the_fact_of_the_urgent_decision_is_no_answer_of_a_form(office: Office) -> None:
    declined = begin(office, RELIEF, "urgent_decision", urgency="urgent", urgent_ok="no")
    reach(office, "home_visit")
    agreed = begin(office, RELIEF, "urgent_payment", urgency="urgent")
    for number, recorded in ((declined, False), (agreed, True)):
        with office.looking() as connection:
            act = CaseAct(connection, office.services, hot_by_number(connection, number), office.now)
            assert act.fact("urgent_decision_recorded") is recorded


def test_a_payment_without_the_recorded_decision_is_refused(office: Office) -> None:
    """A careless designer leads the refusal of the township's head to the cashier: the gate holds."""
    careless = Variant("temporary_relief")
    careless.condition("flow_urgent_decision_gateway__urgent_payment", "urgent_ok == 'no'")
    office.deploy(careless.xml)
    begin(office, RELIEF, "urgent_decision", urgency="urgent")
    with office.refused("control_node_missing"):
        do(office, "urgent_decision", urgent_ok="no")


def test_an_objection_during_the_publicity_is_checked_by_two(office: Office) -> None:
    begin(office, RELIEF, "publicity")
    office.message("objection", **OBJECTION)
    do(office, "publicity")
    assert office.open_steps() == ["objection_check"]
    assert office.task("objection_check").officers == 2
    assert finish(office) == "granted"


def test_a_refusal_is_served_and_pays_nothing(office: Office) -> None:
    begin(office, RELIEF, "town_review", town_result="refuse", review_result="agree_refuse", decision="refuse")
    assert finish(office) == "refused"
    assert "publicity" not in done(office) and "pay_out" not in done(office)


def test_a_visit_of_five_minutes_halts_the_case(office: Office) -> None:
    begin(office, RELIEF, "home_visit")
    office.advance(timedelta(minutes=5))
    office.sign("town_officer2", "home_visit")
    assert office.complete("town_officer", "home_visit").outcome == "halted"
    assert office.case().status == "halted"


def test_the_head_who_reviewed_for_the_township_does_not_decide_for_the_county(office: Office) -> None:
    begin(office, RELIEF, "decide")
    office.grant("mz_town_head", "vice", "MZ")
    with office.refused("separation_of_duty"):
        office.complete("mz_town_head", "decide")


def test_the_check_of_means_tells_what_the_record_knows(office: Office) -> None:
    begin(office, RELIEF, "home_visit")
    finish(office)
    begin(office, RELIEF, "home_visit")
    told = next(row for row in office.history() if row["kind"] == "means_checked")["payload"]
    assert told["computed_fen"] == told["declared_fen"] == 700_00 and not told["differs"]


@pytest.mark.parametrize(
    ("incomes", "size", "expected"),
    [
        (["1200", "900", "0"], 3, 700_00),
        (["99.99"], 1, 99_99),
        (["many"], 1, None),
        (["1"], 0, None),
        (["NaN"], 1, None),
    ],
)
def test_income_a_head_is_reckoned_from_the_members(incomes: list[str], size: int, expected: int | None) -> None:
    assert income_a_head([{"monthly_income_yuan": income} for income in incomes], size) == expected
