"""The penalty for occupying streets: filed by the organ, told before it is decided, paid at the bank, enforced."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from pypdf import PdfReader
from sqlalchemy import Connection, select

from service.commands.end_case import withdraw_case
from service.commands.fines import AllowLater, allow_later, decide_surcharge, write_off_fine
from service.commands.print_document import PrintDocument, print_document
from service.commands.take_payment import make_payment_notice
from service.commands.withdraw_publication import withdraw_publication
from service.database.session import reading
from service.database.tables import publication
from service.enquiry.payment_view import read_public_payment
from service.enquiry.public_view import PublicCase, read_public_case
from service.enquiry.reference import secret_of
from service.fees.fines import Part
from service.fees.ledger import Account
from service.fees.plans import PartState, days_late, read_plan
from service.reads.published import list_penalties
from tests.commands.office import Office
from tests.commands.stories import PENALTY
from tests.commands.walking import begin, do, done, finish, reach

TO_THE_NOTICE = ["register_lead", "filing_decision", "investigate", "section_review", "legal_review"]
FINE = 1200_00


def open_penalty(office: Office, *steps: str, **choices: Any) -> str:
    return begin(office, PENALTY, *steps, **{"violation": "pile", **choices})


def unpaid(office: Office, **choices: Any) -> None:
    """A fine that was served and is not paid in fifteen days."""
    open_penalty(office, "await_payment", **choices)
    office.advance(to=office.due_rows()["await_payment_limit", "move"] + timedelta(seconds=1))


def by(office: Office, name: str, verb: Callable[..., Any], *given: Any) -> Any:
    actor, number = office.actor(name), office.number

    def run(connection: Connection) -> Any:
        return verb(connection, office.services, actor, number, *given, office.now)

    return office.perform(run, actor, number)


def words_of(office: Office, kind: str, name: str = "officer") -> str:
    """What a printed paper says, without white space."""
    actor, number = office.actor(name), office.number
    command = PrintDocument(number, kind)
    pdf = office.perform(lambda c: print_document(c, office.services, actor, command, office.now), actor, number)
    return "".join("".join(page.extract_text().split()) for page in PdfReader(io.BytesIO(pdf)).pages)


def seen_by_the_public(office: Office) -> PublicCase:
    services, number = office.services, office.number
    key = services.settings.secret_key
    with reading(office.engine) as connection:
        found = read_public_case(connection, services.items, services.bundles, key, number, secret_of(key, number))
    assert found is not None
    return found


def published(office: Office, on: date | None = None) -> list[dict[str, str]]:
    with reading(office.engine) as connection:
        page = list_penalties(connection, on or office.today)
    return [{field.key: field.value_zh for field in one.result} for one in page.items]


# The way ----------------------------------------------------------------------------------------------------------


def test_a_fine_runs_from_the_lead_to_the_closing(office: Office) -> None:
    open_penalty(office, "await_statement")
    assert done(office) == [*TO_THE_NOTICE, "serve_prior_notice"]
    assert finish(office) == "punished"
    assert done(office)[-3:] == ["decide", "serve_decision", "close_case"]
    assert office.books().kept == FINE and office.books().outstanding == 0


def test_an_officer_begins_and_nobody_at_the_window_can(office: Office) -> None:
    with office.refused("not_permitted"):
        office.start(PENALTY, by="clerk")
    office.start(PENALTY, by="officer")
    assert office.case().applicant_name in ("张伟明", "李秀兰", "欧阳建国", "王晓燕", "陈志强", "赵小雨")
    assert office.case().applicant["id_number"]
    assert office.notices(kind="applicant_received") == []


def test_the_party_is_whom_the_first_form_names(office: Office) -> None:
    office.start(PENALTY, party_kind="organisation")
    row = office.case()
    assert row.applicant_name.startswith("临江县") and row.applicant["credit_code"] and "id_number" not in row.applicant


def test_a_lead_that_is_not_filed_ends_without_a_clock(office: Office) -> None:
    open_penalty(office, "filing_decision", filing="no")
    assert finish(office) == "not_filed"
    assert office.case().accepted_on is None and office.documents() == []


def test_the_ninety_days_count_from_the_filing(office: Office) -> None:
    open_penalty(office, "investigate")
    filed = office.today
    assert office.case().accepted_on == filed
    due = office.due_rows()["handling_statutory", "statutory_limit"]
    assert office.calendar.local_date(due - timedelta(microseconds=1)) >= filed + timedelta(days=90)
    assert office.due_rows()["handling_promised", "promised_limit"] < due


def test_an_investigation_is_done_by_two_and_not_in_a_minute(office: Office) -> None:
    open_penalty(office, "investigate")
    office.advance(minutes=40)
    with office.refused("control_node_missing"):
        office.complete("officer", "investigate")
    office.sign("officer2", "investigate")
    office.complete("officer", "investigate")
    assert office.open_steps() == ["section_review"]


def test_without_a_proposal_to_punish_nothing_but_no_penalty_or_transfer_can_be_decided(office: Office) -> None:
    open_penalty(office, "decide", proposal="none")
    assert "legal_review" not in done(office)
    with office.refused("invalid_answers"):
        do(office, "decide", penalty_decision="fine")
    do(office, "decide", penalty_decision="none")
    do(office, "close_case", closing_kind="no_penalty")
    assert office.case().outcome == "no_penalty"
    assert office.payment_notices() == [] and published(office) == []


def test_a_case_for_the_courts_is_transferred(office: Office) -> None:
    open_penalty(office, "decide", proposal="transfer", penalty_decision="transfer")
    assert finish(office) == "transferred"


def test_a_warning_is_served_and_published_and_asks_for_no_money(office: Office) -> None:
    open_penalty(office, "close_case", penalty_decision="warning")
    assert office.payment_notices() == [] and office.books().entries == ()
    assert finish(office) == "punished"


@pytest.mark.parametrize(("back", "steps"), [("proposal", ["investigate"]), ("legal_opinion", ["section_review"])])
def test_reviewers_may_give_it_back(office: Office, back: str, steps: list[str]) -> None:
    open_penalty(office, "section_review" if back == "proposal" else "legal_review")
    do(office, office.open_steps()[0], **{back: "back"})
    assert office.open_steps() == steps


# Statement and hearing ----------------------------------------------------------------------------------------------


def test_nothing_is_decided_before_the_party_has_answered_or_its_five_working_days_are_over(office: Office) -> None:
    open_penalty(office, "await_statement")
    assert office.open_steps() == ["await_statement"]
    office.advance(working_days=4)
    assert office.open_steps() == ["await_statement"]
    office.advance(working_days=2)
    assert office.open_steps() == ["decide"]


def test_a_party_that_waives_its_rights_need_not_wait(office: Office) -> None:
    open_penalty(office, "await_statement")
    with office.refused("invalid_answers"):
        office.message("statement", statement_made=True, statement_text="已清理", rights_waived=True)
    office.message("statement", rights_waived=True)
    assert office.open_steps() == ["decide"]


def test_a_statement_does_not_end_the_time_to_ask_for_a_hearing(office: Office) -> None:
    """Five working days for the hearing (行政处罚法 Art. 64), whatever the party has said before."""
    open_penalty(office, "await_statement", answer="statement")
    until = office.due_rows()["await_statement_limit", "move"]
    office.message("statement")
    assert office.open_steps() == ["await_statement"]
    assert office.due_rows()["await_statement_limit", "move"] == until
    office.advance(working_days=3)
    office.message("statement", hearing_requested=True)
    assert office.open_steps() == ["notify_hearing"]
    do(office, "notify_hearing")
    do(office, "hold_hearing")
    assert finish(office) == "punished"


def test_a_statement_is_examined_when_the_time_is_over(office: Office) -> None:
    open_penalty(office, "await_statement", answer="statement")
    office.message("statement")
    office.message("statement", statement_made=True, statement_text="补充：另有照片为证。")
    office.advance(working_days=6)
    assert office.open_steps() == ["statement_review"]


def test_a_party_that_has_spoken_may_waive_the_hearing(office: Office) -> None:
    open_penalty(office, "await_statement", answer="statement")
    office.message("statement")
    office.message("statement", rights_waived=True)
    assert office.open_steps() == ["statement_review"]


def test_the_time_to_ask_for_a_hearing_counts_from_the_service_of_the_notice(office: Office) -> None:
    open_penalty(office, "serve_prior_notice")
    office.advance(days=2)
    served = (office.today - timedelta(days=1)).isoformat()
    do(office, "serve_prior_notice", notice_served_on=served)
    until = office.due_rows()["await_statement_limit", "move"]
    assert until == office.calendar.add_working_days(date.fromisoformat(served), 5)


def test_nothing_was_served_before_it_was_written(office: Office) -> None:
    open_penalty(office, "serve_prior_notice")
    with office.refused("invalid_answers") as refusal:
        do(office, "serve_prior_notice", notice_served_on=(office.today - timedelta(days=1)).isoformat())
    assert "/answers/notice_served_on" in refusal.missing, "the time for a statement would be over at once"
    do(office, "serve_prior_notice", notice_served_on=office.today.isoformat())
    reach(office, "serve_decision")
    with office.refused("invalid_answers") as refusal:
        do(office, "serve_decision", served_on=(office.today - timedelta(days=1)).isoformat())
    assert "/answers/served_on" in refusal.missing, "the fine would be late before it was decided"
    do(office, "serve_decision", served_on=office.today.isoformat())
    assert office.open_steps() == ["await_payment"]


def test_a_statement_is_examined_and_makes_no_fine_higher(office: Office) -> None:
    open_penalty(office, "statement_review", answer="statement")
    do(office, "statement_review")
    with office.refused("invalid_answers"):
        do(office, "decide", fine_amount=FINE + 1)
    do(office, "decide", fine_amount=FINE // 2)
    assert office.books().outstanding == FINE // 2


def test_a_grave_case_is_discussed_by_three_or_more(office: Office) -> None:
    open_penalty(office, "collective_discussion", complex="yes")
    one = [{"name": "甲", "position": "局长", "opinion": "同意"}]
    with office.refused("invalid_answers"):
        do(office, "collective_discussion", participants=one)
    office.remove("discussion_record")
    with office.refused("control_node_missing") as refusal:
        do(office, "collective_discussion")
    assert refusal.missing == ("discussion_record",)
    office.put("discussion_record")
    do(office, "collective_discussion")
    assert office.open_steps() == ["decide"]


def test_a_hearing_is_told_seven_working_days_before_and_stops_the_clock(office: Office) -> None:
    open_penalty(office, "notify_hearing", answer="hearing")
    due = office.due_rows()["handling_statutory", "statutory_limit"]
    soon = (office.today + timedelta(days=6)).isoformat()
    with office.refused("invalid_answers"):
        do(office, "notify_hearing", hearing_on=soon)
    do(office, "notify_hearing")
    assert office.history(kind="clock_stopped")
    office.advance(hours=2)
    with office.refused("invalid_answers"):  # not before the day that was told
        office.complete("hearing_chair", "hold_hearing")
    do(office, "hold_hearing")
    assert office.open_steps() == ["legal_review_hearing"]
    assert office.due_rows()["handling_statutory", "statutory_limit"] > due + timedelta(days=17)
    assert finish(office) == "punished"
    assert {"legal_review_hearing", "collective_discussion"} <= set(done(office))


def test_who_has_investigated_does_not_chair_the_hearing(office: Office) -> None:
    open_penalty(office, "notify_hearing", answer="hearing")
    with office.refused("separation_of_duty"):
        office.grant("cg_officer", "hearing_chair", "CG")
    moved_to(office, "cg_officer", "hearing_chair")
    with office.refused("separation_of_duty"):
        office.complete("cg_officer", "notify_hearing")
    do(office, "notify_hearing")


def test_a_new_notice_opens_the_partys_time_anew(office: Office) -> None:
    """What was answered to an earlier notice must not lead the case again to a hearing that nobody asked for."""
    open_penalty(office, "notify_hearing", answer="hearing")
    do(office, "notify_hearing")
    do(office, "hold_hearing")
    do(office, "legal_review_hearing", legal_opinion="back")
    reach(office, "await_statement")
    office.advance(working_days=6)
    assert office.open_steps() == ["decide"]


def test_a_leader_who_decides_has_not_reviewed(office: Office) -> None:
    open_penalty(office, "decide")
    moved_to(office, "cg_section", "vice")
    with office.refused("separation_of_duty"):
        office.complete("cg_section", "decide")


def moved_to(office: Office, username: str, post: str) -> None:
    """Somebody leaves a post and is given another: what was done before still counts."""
    office.end_posts(username)
    office.grant(username, post, "CG")


# Papers -------------------------------------------------------------------------------------------------------------


def test_the_prior_notice_can_be_printed_before_it_is_served(office: Office) -> None:
    open_penalty(office, "serve_prior_notice")
    said = words_of(office, "prior_notice")
    assert office.case().applicant_name in said and "五个工作日内" in said and "¥1,200.00" in said
    assert secret_of(office.services.settings.secret_key, office.number) in said
    assert "受送达人" in words_of(office, "notice_service_proof")


def test_the_decision_states_what_the_law_wants(office: Office) -> None:
    open_penalty(office, "serve_decision", answer="statement")
    said = words_of(office, "decision")
    for part in ("临城管罚字〔2026〕0001号", "¥1,200.00", "十五日内", "百分之三", "六十日内", "六个月内", "进行了复核"):
        assert part in said, part
    do(office, "serve_decision")
    assert "送达方式直接" in words_of(office, "service_proof")
    assert "临城管罚字〔2026〕0001号行政处罚决定书" in words_of(office, "payment_notice")


def test_every_paper_of_the_longest_way_can_be_printed(office: Office) -> None:
    unpaid(office, answer="hearing")
    by(office, "head", decide_surcharge, "逾期未缴")
    assert "百分之三" in words_of(office, "surcharge_decision")
    reach_by_time(office, "await_remedy_period")
    said = words_of(office, "urging")
    assert "十个工作日内" in said and "¥" in said and office.payment_notices()[-1].pay_code in said
    do(office, "urge")
    reach_by_time(office, "await_after_urge")
    do(office, "court_application")
    for n, one in enumerate(one for one in office.payment_notices() if one.status == "unpaid"):
        office.pay(one.amount_fen, pay_code=one.pay_code, reference=f"COURT-{n}")
    do(office, "close_case", closing_kind="executed")
    assert "法院执行" in words_of(office, "closing")
    kinds = {row.kind for row in office.documents()}
    listed = {row["key"] for row in office.item(PENALTY).content["documents"]}
    assert kinds == listed - {"deferral"} | {"payment_receipt"}
    for kind in sorted(kinds):
        assert words_of(office, kind)


def reach_by_time(office: Office, step: str) -> None:
    office.advance(to=office.due_rows()[f"{step}_limit", "move"] + timedelta(seconds=1))


# Money --------------------------------------------------------------------------------------------------------------


def test_before_the_decision_is_served_nobody_raises_or_gives_up_the_fine(office: Office) -> None:
    open_penalty(office, "serve_decision")
    later = AllowLater(office.number, [Part(office.today + timedelta(days=3), FINE)], "确有经济困难")
    head = office.actor("head")
    office.perform(lambda c: allow_later(c, office.services, head, later, office.now), head, office.number)
    office.advance(days=6)
    with office.refused("not_waiting"):
        by(office, "head", decide_surcharge, "逾期未缴")
    with office.refused("not_waiting"):
        by(office, "head", write_off_fine, "无财产可供执行")
    do(office, "serve_decision")
    due = office.payment_notices()[0].due_at
    assert due == office.calendar.add_natural_days(office.today, 15), "the law's days, though the plan's are over"
    office.advance(to=due - timedelta(minutes=1))
    with office.refused("not_waiting"):
        by(office, "head", decide_surcharge, "逾期未缴")
    office.advance(minutes=2)
    assert by(office, "head", decide_surcharge, "逾期未缴") == FINE * 3 // 100


def test_a_fine_has_fifteen_days_from_service_and_is_never_dearer_by_itself(office: Office) -> None:
    open_penalty(office, "serve_decision")
    office.advance(days=3)
    served = (office.today - timedelta(days=2)).isoformat()
    do(office, "serve_decision", served_on=served)
    notice = office.payment_notices()[0]
    last = office.calendar.local_date(notice.due_at - timedelta(microseconds=1))
    assert last >= date.fromisoformat(served) + timedelta(days=15)
    office.advance(to=notice.due_at - timedelta(minutes=1))
    assert office.open_steps() == ["await_payment"]
    office.advance(minutes=2)
    assert office.open_steps() == ["await_remedy_period"]
    assert office.books().outstanding == FINE
    assert [row.colour for row in office.alarms(rule="fee.fine_overdue")] == ["yellow"]
    assert by(office, "head", decide_surcharge, "逾期未缴") == FINE * 3 // 100


def allow(office: Office, *parts: tuple[int, int]) -> AllowLater:
    """Later payment, each part so many days from now."""
    later = AllowLater(
        office.number, [Part(office.today + timedelta(days=days), fen) for days, fen in parts], "确有经济困难"
    )
    actor, number = office.actor("head"), office.number
    office.perform(lambda c: allow_later(c, office.services, actor, later, office.now), actor, number)
    return later


def test_a_deferred_fine_is_not_overdue_before_the_day_that_was_allowed(office: Office) -> None:
    open_penalty(office, "await_payment")
    allow(office, (60, FINE))
    office.advance(days=59)
    assert office.open_steps() == ["await_payment"] and office.alarms(rule="fee.fine_overdue") == []
    office.advance(days=2)
    assert office.open_steps() == ["await_remedy_period"]
    assert len(office.alarms(rule="fee.fine_overdue")) == 1


def test_a_deferral_before_the_wait_for_the_payment_counts_too(office: Office) -> None:
    open_penalty(office, "serve_decision")
    allow(office, (60, FINE))
    reach(office, "await_payment")
    assert office.payment_notices()[0].due_at == office.due_rows()["await_payment_limit", "move"]
    office.advance(days=50)
    assert office.open_steps() == ["await_payment"]


def test_each_instalment_has_its_day_and_a_missed_one_is_overdue(office: Office) -> None:
    open_penalty(office, "await_payment")
    start = office.now
    allow(office, (20, 400_00), (40, 400_00), (60, 400_00))
    first, *parts = office.payment_notices()
    assert first.status == "void" and [one.amount_fen for one in parts] == [400_00] * 3
    assert [one.due_at for one in parts] == [
        office.calendar.add_natural_days(office.calendar.local_date(start) + timedelta(days=days), 0)
        for days in (20, 40, 60)
    ]
    code = parts[0].pay_code
    office.advance(to=start + timedelta(days=19))
    office.pay(400_00, pay_code=code, reference="I-1")
    office.advance(to=start + timedelta(days=39))
    assert office.open_steps() == ["await_payment"]
    (missed,) = [one for one in plan_of(office) if one.due_on == office.calendar.local_date(start) + timedelta(days=40)]
    office.advance(days=(missed.last_day - office.today).days + 2)
    assert office.open_steps() == ["await_remedy_period"]
    assert by(office, "head", decide_surcharge, "第二期未缴") == 2 * FINE * 3 // 100
    office.advance(days=1)
    assert by(office, "head", decide_surcharge, "第二期仍未缴") == FINE * 3 // 100
    assert [one.state for one in plan_of(office)] == ["paid", "missed", "open"]
    reach_by_time(office, "await_remedy_period")
    assert office.open_steps() == ["urge"]


def test_nobody_is_urged_while_a_plan_is_kept(office: Office) -> None:
    open_penalty(office, "await_payment")
    start = office.now
    allow(office, (20, 200_00), (300, 1000_00))
    code = office.payment_notices()[1].pay_code
    office.advance(to=start + timedelta(days=22))
    assert office.open_steps() == ["await_remedy_period"]
    office.pay(200_00, pay_code=code, reference="I-1")
    office.advance(to=start + timedelta(days=290))
    assert office.open_steps() == ["await_remedy_period"]
    office.advance(to=start + timedelta(days=302))
    assert office.open_steps() == ["urge"]


def test_a_late_fine_is_paid_under_a_new_code_and_stays_late(office: Office) -> None:
    """The bank takes nothing under a notice whose day is over."""
    unpaid(office)
    office.advance(days=10)
    (old,) = office.payment_notices()
    by(office, "cashier", make_payment_notice)
    first, new = office.payment_notices()
    assert (first.status, new.status, new.amount_fen) == ("void", "unpaid", FINE) and new.pay_code != old.pay_code
    assert by(office, "head", decide_surcharge, "逾期未缴") >= FINE * 3 * 10 // 100
    for place, one in enumerate(office.payment_notices()[1:]):
        office.pay(one.amount_fen, pay_code=one.pay_code, reference=f"N-{place}")
    assert office.open_steps() == ["close_case"]


def test_the_time_to_ask_the_court_counts_from_the_end_of_the_plan(office: Office) -> None:
    """行政处罚法 Art. 72(2)."""
    open_penalty(office, "await_payment")
    allow(office, (300, FINE))
    ends = plan_of(office)[-1].last_day
    reach_by_time(office, "await_payment")
    assert office.open_steps() == ["urge"]  # The periods for remedies were over before.
    do(office, "urge")
    reach_by_time(office, "await_after_urge")
    due = office.due_rows()["court_application_limit", "step_limit"]
    assert due == office.calendar.add_natural_days(ends, 90)


def plan_of(office: Office) -> tuple[PartState, ...]:
    with reading(office.engine) as connection:
        plan = read_plan(connection, office.case().id, office.books(), office.calendar, office.today)
    assert plan is not None
    return plan.parts


def test_paid_late_with_its_surcharge_the_case_closes(office: Office) -> None:
    unpaid(office)
    by(office, "head", decide_surcharge, "逾期未缴")
    first, second = office.payment_notices()
    office.pay(first.amount_fen, pay_code=first.pay_code, reference="L-1")
    assert office.open_steps() == ["await_remedy_period"]
    office.pay(second.amount_fen, pay_code=second.pay_code, reference="L-2")
    assert office.open_steps() == ["close_case"]
    assert finish(office) == "punished"


def test_six_months_after_service_it_is_urged_and_ten_days_later_the_court_is_asked(office: Office) -> None:
    unpaid(office)
    served = date.fromisoformat(office.task("serve_decision", status="completed").answers["served_on"])
    until = office.calendar.local_date(
        office.due_rows()["await_remedy_period_limit", "move"] - timedelta(microseconds=1)
    )
    assert (until.year * 12 + until.month) - (served.year * 12 + served.month) == 6
    reach_by_time(office, "await_remedy_period")
    assert office.open_steps() == ["urge"]
    do(office, "urge")
    assert office.task("urge", status="completed").answers["urge_amount"] == FINE
    reach_by_time(office, "await_after_urge")
    assert office.open_steps() == ["court_application"]
    do(office, "court_application")
    assert finish(office) == "punished"


def test_the_codes_on_a_letter_that_urges_are_good_while_it_is_served_and_answered(office: Office) -> None:
    unpaid(office)
    by(office, "head", decide_surcharge, "逾期未缴")
    before = [one.pay_code for one in office.payment_notices()]
    reach_by_time(office, "await_remedy_period")
    new = [one for one in office.payment_notices() if one.status == "unpaid"]
    assert {one.pay_code for one in new}.isdisjoint(before), "the bank takes nothing under them any more"
    said, books = words_of(office, "urging"), office.books()
    assert sum(books.balance(Account.NOTIFIED, one.pay_code) for one in new) == books.outstanding
    three_months = office.today + timedelta(days=90)
    assert all(one.pay_code in said and office.calendar.local_date(one.due_at) > three_months for one in new)
    assert "缴款码有效至" in said
    do(office, "urge")
    office.advance(to=office.due_rows()["await_after_urge_limit", "move"] - timedelta(minutes=1))
    for n, one in enumerate(new):
        office.pay(one.amount_fen, pay_code=one.pay_code, reference=f"LATE-{n}")
    assert office.open_steps() == ["close_case"]


def test_a_fine_stays_late_though_the_letter_has_new_codes(office: Office) -> None:
    unpaid(office)
    with office.looking() as connection:
        late = days_late(connection, office.known().id, office.books(), office.calendar, office.today)
    today = office.today
    reach_by_time(office, "await_remedy_period")
    with office.looking() as connection:
        after = days_late(connection, office.known().id, office.books(), office.calendar, office.today)
    assert after - late == (office.today - today).days


def test_paid_after_the_urging_no_court_is_asked(office: Office) -> None:
    unpaid(office)
    reach_by_time(office, "await_remedy_period")
    do(office, "urge")
    office.pay()
    assert office.open_steps() == ["close_case"]


def test_an_unpaid_case_is_closed_by_no_role(office: Office) -> None:
    open_penalty(office, "await_payment")
    office.pay(FINE - 1, pay_code=office.payment_notices()[0].pay_code)
    assert office.open_steps() == ["await_payment"]


def test_what_nobody_can_collect_is_written_off_by_a_leader_and_the_case_goes_on(office: Office) -> None:
    unpaid(office)
    assert by(office, "head", write_off_fine, "当事人死亡，无遗产可供执行") == FINE
    assert office.open_steps() == ["close_case"]
    do(office, "close_case", closing_kind="written_off", closing_paper="终结执行审批表")
    assert office.case().outcome == "punished"


def test_the_party_cannot_withdraw_what_is_no_application(office: Office) -> None:
    open_penalty(office, "await_statement")
    with office.refused("move_refused"):
        office.perform(
            lambda c: withdraw_case(c, office.services, None, office.number, "不想处理了", office.now),
            None,
            office.number,
        )


# What the public sees ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "masked"), [("张伟明", "张某"), ("欧阳建国", "欧阳某"), ("王五", "王某"), ("上官飞", "上官某")]
)
def test_the_public_reads_no_more_of_a_person_than_the_family_name(office: Office, name: str, masked: str) -> None:
    office.start(PENALTY, answers_instead={"party_name": name}, violation="pile")
    office.put()
    reach(office, "await_payment")
    found = seen_by_the_public(office)
    assert found.applicant == masked
    assert {one.key: one.value_zh for one in found.result}["party_name"] == masked
    (row,) = published(office)
    assert row["party_name"] == masked
    code = office.payment_notices()[0].pay_code
    with reading(office.engine) as connection:
        paying = read_public_payment(connection, code, office.now)
    assert paying is not None and paying.payer == masked
    everything = repr(found) + repr(published(office)) + repr(paying)
    answers = office.task("investigate", status="completed").answers
    applicant = office.case().applicant
    for secret in (name, name[1:], applicant["id_number"], applicant["mobile"], answers["facts"]):
        assert secret not in everything.replace(masked, ""), secret
    assert "party_id" not in row and "place" not in row


def test_an_organisation_is_named_in_full(office: Office) -> None:
    open_penalty(office, "await_payment", party_kind="organisation")
    (row,) = published(office)
    assert row["party_name"] == office.case().applicant_name
    assert row["decision_no"] == "临城管罚字〔2026〕0001号" and row["violation"] == "堆放物料"
    assert row["fine_amount"] == "¥1,200.00" and row["penalty_decision"] == "罚款"


@pytest.mark.parametrize(("fine", "months"), [(1200_00, 3), (6000_00, 36)])
def test_it_is_taken_down_after_three_months_or_three_years(office: Office, fine: int, months: int) -> None:
    open_penalty(office, "await_payment", violation="structure", proposed_fine=fine)
    with reading(office.engine) as connection:
        row = connection.execute(select(publication)).one()
    on = office.today
    assert (row.until_on.year * 12 + row.until_on.month) - (on.year * 12 + on.month) == months
    assert len(published(office, row.until_on)) == 1
    assert published(office, row.until_on + timedelta(days=1)) == []


def test_a_decision_that_does_not_stand_is_withdrawn_by_a_leader(office: Office) -> None:
    open_penalty(office, "await_payment")
    with office.refused("not_permitted"):
        by(office, "officer", withdraw_publication, "annulled")
    with office.refused("invalid_request"):
        by(office, "head", withdraw_publication, "张伟明的处罚有误")
    by(office, "head", withdraw_publication, "annulled")
    assert published(office) == [{"decision_no": "临城管罚字〔2026〕0001号"}]
    assert seen_by_the_public(office).result == ()
    with office.refused("not_waiting"):
        by(office, "head", withdraw_publication, "annulled")


def test_nothing_is_published_before_the_decision_is_served(office: Office) -> None:
    open_penalty(office, "serve_decision")
    assert published(office) == [] and seen_by_the_public(office).result == ()


def test_the_papers_say_what_was_violated_and_where_the_party_lives(office: Office) -> None:
    """The conduct violates the rule for streets, not the law of procedure (行政处罚法 Art. 59)."""
    open_penalty(office, "serve_decision")
    said = words_of(office, "decision")
    assert "违反了《城市市容和环境卫生管理条例》第十四条的规定" in said and "住址（住所）临江县" in said
    assert "依据《城市市容和环境卫生管理条例》第十四、三十六条第二项" in said
    proof = words_of(office, "service_proof")
    assert "送达回证（处罚决定书）" in proof and f"{office.case().applicant_name}：" not in proof
