"""The levy for digging up roads: measured, computed, reduced by a decision, paid before the permit is printed."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import update

from service.database.session import transaction
from service.database.tables import payment_notice
from service.enquiry.payment_view import read_public_payment
from service.fees.standing import standard_in_force
from service.reads.ledger_faults import ledger_faults
from tests.commands.office import Office
from tests.commands.stories import LEVY
from tests.commands.test_documents import says
from tests.commands.test_fees import print_certificate
from tests.commands.test_penalty import words_of
from tests.commands.walking import begin, do, done, finish, reach


def test_a_permit_is_paid_printed_and_closed_after_the_repair(office: Office) -> None:
    begin(office, LEVY, "site_survey")
    assert finish(office) == "granted"
    assert done(office) == [
        *("apply", "formal_check", "site_survey", "assess_fee", "section_review", "decide"),
        *("print_certificate", "deliver", "restoration_check"),
    ]


def test_the_amount_is_computed_and_nobody_types_it(office: Office) -> None:
    begin(office, LEVY, "assess_fee", pavement="asphalt", measured_m2=24.55)
    with office.refused("invalid_answers"):
        office.complete_with("officer", "assess_fee", {"fee_amount": 1, "of_my_own": 1})
    do(office, "assess_fee")
    assert office.task("assess_fee", status="completed").answers == {"fee_amount": 10_311_00}
    reach(office, "await_payment")
    assert [notice.amount_fen for notice in office.payment_notices()] == [10_311_00]


@pytest.mark.parametrize(
    ("pavement", "square_metres", "expected"),
    [("asphalt", 1, 42000), ("concrete", 2.5, 95000), ("brick", 0.00001, 0), ("brick", 0.00003, 1), ("brick", None, 0)],
)
def test_the_rate_follows_the_pavement_and_is_rounded_to_the_fen(
    office: Office, pavement: str, square_metres: float | None, expected: int
) -> None:
    with office.looking() as connection:
        standard = standard_in_force(connection, office.item(LEVY), office.today)
    assert standard is not None and standard.version == 1
    asked = standard.calculate({"pavement": pavement, "measured_m2": square_metres}.get, office.today)
    assert asked.amount_fen == expected


def test_a_part_reduced_by_the_head_is_a_line_of_the_notice(office: Office) -> None:
    begin(office, LEVY, "await_payment", pavement="asphalt", reduction_asked="yes", reduction_decision="part")
    assert "reduction_review" in done(office)
    (notice,) = office.payment_notices()
    assert [line["amount_fen"] for line in notice.lines] == [10_290_00, -2_000_00]
    assert notice.amount_fen == 8_290_00


def test_a_full_reduction_leaves_nothing_to_pay_and_the_permit_is_printed(office: Office) -> None:
    begin(office, LEVY, "print_certificate", reduction_asked="yes", reduction_decision="full")
    assert office.payment_notices() == []
    assert finish(office) == "granted"


def test_who_does_not_pay_is_urged_and_then_printed_when_paid(office: Office) -> None:
    begin(office, LEVY, "await_payment")
    office.advance(timedelta(days=17))
    assert office.open_steps() == ["urge"]
    do(office, "urge")
    *_, notice = office.payment_notices()
    asked = dict(says(office, "urging").fields)
    assert asked["尚欠金额"] == f"¥{notice.amount_fen / 100:,.2f}" and asked["缴款码"] == notice.pay_code
    do(office, "await_after_urge")
    assert dict(says(office, "urging").fields) == asked, "what it said stays, though it has been paid"
    english = says(office, "urging", "en")
    assert dict(english.fields)["Payment code"] == notice.pay_code
    assert english.item_name_zh.isascii() and english.remedy.court == "the People's Court of Linjiang County"
    assert office.open_steps() == ["print_certificate"]


def test_the_code_on_a_paper_that_urges_lasts_as_long_as_the_paper_gives(office: Office) -> None:
    begin(office, LEVY, "await_payment")
    (first,) = office.payment_notices()
    office.advance(timedelta(days=17))
    do(office, "urge")
    old, new = office.payment_notices()
    assert (old.pay_code, old.status, new.status) == (first.pay_code, "void", "unpaid")
    assert (new.amount_fen, new.lines) == (first.amount_fen, first.lines) and new.pay_code != first.pay_code
    said = says(office, "urging")
    last = office.calendar.local_date(office.due_rows()["await_after_urge_limit", "move"] - timedelta(microseconds=1))
    assert said.due_on == last and office.calendar.local_date(new.due_at - timedelta(microseconds=1)) >= last
    assert f"{last.year}年{last.month}月{last.day}日" in words_of(office, "urging")
    assert dict(said.fields)["缴款码"] == new.pay_code
    assert new.pay_code in words_of(office, "payment_notice"), "the notice itself is drawn anew"
    withdrawn = office.history(kind="payment_notice_withdrawn")[-1]["payload"]
    assert (withdrawn["pay_code"], withdrawn["replaced"]) == (first.pay_code, True)
    with transaction(office.engine) as connection:
        assert ledger_faults(connection)[1] == []
        pages = [read_public_payment(connection, one.pay_code, office.now) for one in (old, new)]
    assert [page and page.status for page in pages] == ["replaced", "unpaid"]
    office.advance(to=office.due_rows()["await_after_urge_limit", "move"] - timedelta(minutes=1))
    assert office.pay(pay_code=new.pay_code, amount_fen=new.amount_fen)
    assert office.open_steps() == ["print_certificate"]


def test_a_code_that_lasts_long_enough_is_not_replaced(office: Office) -> None:
    begin(office, LEVY, "await_payment")
    with transaction(office.engine) as connection:
        later = office.now + timedelta(days=90)
        connection.execute(update(payment_notice).values(due_at=later))
    office.advance(timedelta(days=17))
    do(office, "urge")
    (notice,) = office.payment_notices()
    assert dict(says(office, "urging").fields)["缴款码"] == notice.pay_code


def test_who_is_urged_in_vain_counts_as_withdrawn(office: Office) -> None:
    begin(office, LEVY, "await_payment")
    office.advance(timedelta(days=17))
    do(office, "urge")
    office.advance(timedelta(days=20))
    assert (office.case().status, office.case().outcome) == ("completed", "withdrawn")


def test_the_permit_is_not_printed_unpaid(office: Office) -> None:
    begin(office, LEVY, "await_payment")
    with office.refused("fee_unpaid"):
        print_certificate(office)


def test_the_road_is_looked_at_three_working_days_after_the_permitted_time(office: Office) -> None:
    begin(office, LEVY, "await_completion")
    until = date.fromisoformat(office.stories[office.number].on.isoformat()) + timedelta(days=30)
    due = office.due_rows()["await_completion_limit", "move"]
    assert due == office.calendar.add_working_days(until, 3)
    office.advance(to=due + timedelta(seconds=1))
    assert office.open_steps() == ["restoration_check"]


def test_a_bad_repair_is_ordered_anew_and_looked_at_again_after_ten_working_days(office: Office) -> None:
    begin(office, LEVY, "restoration_check")
    do(office, "restoration_check", restored="no")
    assert office.open_steps() == ["await_completion"]
    due = office.due_rows()["await_completion_limit", "move"]
    assert due == office.calendar.add_working_days(office.today, 10)
    assert finish(office) == "granted"


@pytest.mark.parametrize("step", ["site_survey", "assess_fee", "restoration_check"])
def test_field_work_in_no_time_halts_the_case(office: Office, step: str) -> None:
    begin(office, LEVY, step)
    if office.task(step).officers == 2:
        office.sign("officer2", step)
    assert office.complete("officer", step).outcome == "halted"
    reached = [step for step in office.open_steps() if step.endswith("_ruling")]
    assert reached == [f"{step}_ruling"]


def test_the_head_who_reduces_does_not_decide(office: Office) -> None:
    office.hire("zj_both", "ZJ", "head")
    begin(office, LEVY, "reduction_review", reduction_asked="yes")
    office.advance(timedelta(minutes=20))
    office.complete("zj_both", "reduction_review")
    office.end_posts("zj_both")
    office.grant("zj_both", "vice", "ZJ")
    with office.refused("separation_of_duty"):
        office.complete("zj_both", "decide")


def test_a_check_not_made_in_five_working_days_is_deemed_acceptance(office: Office) -> None:
    office.start(LEVY)
    office.advance(timedelta(days=9))
    assert office.open_steps() == ["site_survey"]
    assert office.case().accepted_on == office.case().received_on
