"""The hotline's work order: answered at once, or handled by the department that the dispatcher chooses."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from service.database.tables import alarm, case_department, document, notice, supervision_order
from service.reads.case_list import list_cases
from service.reads.case_view import read_case
from service.reads.work_list import WorkFilter, list_work
from tests.commands.office import Office
from tests.commands.stories import HOTLINE
from tests.commands.walking import begin, do, done, finish, reach

TO_SG = {"target_department": "SG", "order_kind": "complaint"}


def test_an_order_goes_to_the_department_and_back_to_the_caller(office: Office) -> None:
    begin(office, HOTLINE, "sign", **TO_SG)
    assert office.task("sign").department == "SG"
    assert finish(office) == "answered"
    assert done(office) == [
        *("register_call", "dispatch", "sign", "contact_caller", "handle", "dept_review", "reply_caller", "follow_up"),
    ]


def test_what_can_be_answered_is_answered_by_the_operator(office: Office) -> None:
    office.start(HOTLINE, answerable="yes")
    assert office.open_steps() == ["answer_now"]
    assert finish(office) == "answered"
    assert office.rows(select(case_department)) == []


def test_what_is_out_of_scope_ends_at_once(office: Office) -> None:
    office.start(HOTLINE, answerable="out")
    assert (office.case().status, office.case().outcome) == ("completed", "not_accepted")


def test_a_caller_may_stay_anonymous(office: Office) -> None:
    office.start(HOTLINE, anonymous=True)
    assert office.case().applicant_name == "匿名来电人"
    office.start(HOTLINE)
    assert office.case().applicant["mobile"].startswith("138001380")
    told = office.rows(select(notice.c.text).where(notice.c.kind == "applicant_call_registered"))
    assert len(told) == 2 and office.number in told[-1].text


def test_a_returned_order_goes_to_another_department(office: Office) -> None:
    begin(office, HOTLINE, "sign", **TO_SG)
    do(office, "sign", sign_result="return", return_reason="该路段由城建部门管理，依据三定规定。")
    assert office.open_steps() == ["dispatch"]
    do(office, "dispatch", target_department="HB")
    assert office.task("sign").department == "HB"
    assert finish(office) == "answered"
    assert office.task("handle", status="completed").department == "HB"


def test_the_third_return_is_for_the_centre_to_rule_upon(office: Office) -> None:
    begin(office, HOTLINE, "sign", **TO_SG)
    for department in ("HB", "WJ"):
        do(office, "sign", sign_result="return", return_reason="不属本单位职责，依据三定规定。")
        do(office, "dispatch", target_department=department)
    do(office, "sign", sign_result="return", return_reason="不属本单位职责，依据三定规定。")
    assert office.open_steps() == ["centre_ruling"]
    do(office, "centre_ruling", ruling="assign")
    assert office.open_steps() == ["dispatch"]
    do(office, "dispatch", target_department="SG")
    assert finish(office) == "answered"


def test_a_dissatisfied_caller_has_it_handled_again_and_then_the_centre_rules(office: Office) -> None:
    begin(office, HOTLINE, "follow_up", **TO_SG)
    do(office, "follow_up", satisfaction="bad", reason_bad="没有解决。")
    assert office.open_steps() == ["handle"]
    reach(office, "follow_up")
    do(office, "follow_up", satisfaction="bad", reason_bad="还是没有解决。")
    assert office.open_steps() == ["centre_ruling"]
    do(office, "centre_ruling", ruling="redo")
    assert office.open_steps() == ["handle"]
    reach(office, "follow_up")
    assert finish(office) == "answered"


def test_the_centre_closes_what_was_handled_well(office: Office) -> None:
    begin(office, HOTLINE, "follow_up", **TO_SG)
    for _ in range(2):
        reach(office, "follow_up")
        do(office, "follow_up", satisfaction="bad", reason_bad="没有解决。")
    do(office, "centre_ruling", ruling="close")
    assert (office.case().status, office.case().outcome) == ("completed", "answered")


def test_a_reviewer_sends_the_handling_back(office: Office) -> None:
    begin(office, HOTLINE, "dept_review", **TO_SG)
    do(office, "dept_review", dept_ok="no")
    assert office.open_steps() == ["handle"]


def test_who_cannot_be_reached_was_called_three_times(office: Office) -> None:
    begin(office, HOTLINE, "follow_up", **TO_SG)
    with office.refused("invalid_answers"):
        office.complete("rx_hotline_visitor", "follow_up", satisfaction="unreachable", call_attempts=2)
    do(office, "follow_up", satisfaction="unreachable", call_attempts=3)
    assert office.case().outcome == "answered"


def test_only_the_chosen_department_may_do_its_steps(office: Office) -> None:
    begin(office, HOTLINE, "sign", **TO_SG)
    for stranger in ("hb_dept_clerk", "rx_hotline_dispatcher", "rx_hotline_operator"):
        with office.refused("not_permitted"):
            office.complete(stranger, "sign")
    office.claim("sg_dept_clerk", "sign")


def test_nobody_is_sent_an_order_where_nobody_can_take_it(office: Office) -> None:
    begin(office, HOTLINE, "dispatch")
    with office.refused("invalid_answers") as refusal:
        office.complete("rx_hotline_dispatcher", "dispatch", target_department="JY")
    assert refusal.missing == ("/answers/target_department",)
    with office.refused("invalid_answers"):
        office.complete("rx_hotline_dispatcher", "dispatch", target_department="XX")
    assert office.open_steps() == ["dispatch"]


def test_the_department_reads_the_order_from_the_dispatch_on_and_no_other_does(office: Office) -> None:
    number = begin(office, HOTLINE, "dispatch")

    def readers() -> list[str]:
        found = []
        with office.looking() as connection:
            for name in ("sg_officer", "hb_officer", "rx_hotline_visitor"):
                actor = office.actor(name)
                seen = read_case(connection, office.services, actor, number, office.now) is not None
                listed = number in [row.number for row in list_cases(connection, actor, _every()).items]
                assert seen == listed
                found += [name] if seen else []
        return found

    assert readers() == ["rx_hotline_visitor"]
    do(office, "dispatch", target_department="SG")
    assert readers() == ["sg_officer", "rx_hotline_visitor"]


def _every():  # type: ignore[no-untyped-def]
    from service.reads.case_list import CaseFilter

    return CaseFilter(power_item=HOTLINE)


def test_the_order_stands_in_the_work_list_of_the_department_s_contact(office: Office) -> None:
    begin(office, HOTLINE, "sign", **TO_SG)
    with office.looking() as connection:
        for name, expected in (("sg_dept_clerk", [office.number]), ("hb_dept_clerk", [])):
            rows = list_work(connection, office.actor(name), WorkFilter("claimable", power_item=HOTLINE)).items
            assert [row.case_number for row in rows] == expected


def test_an_order_nobody_signs_for_alarms_the_department_and_opens_an_order_there(office: Office) -> None:
    begin(office, HOTLINE, "sign", **TO_SG)
    office.advance(working_days=2)
    found = office.rows(select(alarm).where(alarm.c.element_id == "sign", alarm.c.kind == "overdue"))

    assert [(row.colour, row.department) for row in found if row.colour == "red"] == [("red", "SG")]
    assert [row.department for row in office.rows(select(supervision_order))] == ["SG"]


@pytest.mark.parametrize(
    ("kind", "days"), [("consult", 1), ("help", 3), ("complaint", 5), ("report", 10), ("suggest", 10)]
)
def test_the_time_for_handling_follows_the_kind(office: Office, kind: str, days: int) -> None:
    begin(office, HOTLINE, "handle", order_kind=kind, target_department="SG")
    due = office.due_rows()["handle_limit", "step_limit"]
    assert due == office.calendar.add_working_days(office.now, days)


def test_an_urgent_order_is_handled_within_a_day_and_dispatched_within_ten_minutes(office: Office) -> None:
    office.start(HOTLINE, order_kind="urgent")
    assert office.due_rows()["dispatch_limit", "step_limit"] == office.now + timedelta(minutes=10)
    office.put()
    reach(office, "handle")
    assert office.due_rows()["handle_limit", "step_limit"] == office.now + timedelta(hours=24)


def test_the_promise_counts_from_the_dispatch_and_anew_when_it_is_handled_again(office: Office) -> None:
    begin(office, HOTLINE, "contact_caller", **TO_SG)
    dispatched = office.today
    office.advance(working_days=1)
    do(office, "contact_caller")
    promised = ("order_handling_promised", "promised_limit")
    assert office.due_rows()[promised] == office.calendar.add_working_days(dispatched, 5)
    reach(office, "follow_up")
    office.advance(working_days=1)
    do(office, "follow_up", satisfaction="bad", reason_bad="没有解决。")
    assert office.due_rows()[promised] == office.calendar.add_working_days(office.today, 5)


def test_handling_in_no_time_halts_the_order_for_the_supervisor_of_the_department(office: Office) -> None:
    begin(office, HOTLINE, "handle", **TO_SG)
    assert office.complete("sg_officer", "handle").outcome == "halted"
    assert office.task("handle_ruling").department == "SG"
    with office.refused("not_permitted"):
        office.complete("rx_sup1", "handle_ruling")
    office.complete("sg_sup1", "handle_ruling", halt_ruling="redo")
    assert office.open_steps() == ["handle"]


def test_evidence_is_asked_for_before_the_review_where_somebody_complains(office: Office) -> None:
    office.start(HOTLINE, **TO_SG)
    reach(office, "handle")
    office.advance(timedelta(minutes=20))
    with office.refused("control_node_missing") as refusal:
        office.complete("sg_officer", "handle")
    assert refusal.missing == ("handle_evidence",)
    office.put("handle_evidence")
    office.complete("sg_officer", "handle")


def test_the_operator_does_not_ask_the_caller_whether_he_is_satisfied(office: Office) -> None:
    office.hire("rx_both", "RX", "hotline_operator")
    office.start(HOTLINE, by="rx_both", **TO_SG)
    office.end_posts("rx_both")
    office.grant("rx_both", "hotline_visitor", "RX")
    office.put()
    reach(office, "follow_up")
    with office.refused("separation_of_duty"):
        office.complete("rx_both", "follow_up")


def test_the_order_and_the_reply_are_papers_with_numbers(office: Office) -> None:
    begin(office, HOTLINE, "follow_up", **TO_SG)
    papers = {row.kind: row.number for row in office.rows(select(document))}
    assert papers["work_order"] == f"LJ12345-{office.today:%Y%m%d}-00001"
    assert set(papers) == {"work_order", "reply"}
    told = office.rows(select(notice.c.text).where(notice.c.kind == "applicant_call_replied"))
    assert "您反映的问题已经处理" in told[0].text
