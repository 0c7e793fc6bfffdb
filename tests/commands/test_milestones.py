"""Milestones of key projects: planned by the unit, verified by two, alarmed when they come near or pass."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import Row, select

from service.certificates import DocumentData
from service.commands.document_texts import document_data
from service.commands.print_document import act_on_any_case
from service.database.session import transaction
from service.database.tables import alarm, department, document, notice, publication, supervision_order
from tests.commands.office import Office
from tests.commands.stories import MILESTONES
from tests.commands.walking import begin, do, finish

UNIT = "xm1_project_unit"


def report(office: Office) -> None:
    """The unit says that the milestone is reached, and fills in how."""
    office.advance(timedelta(minutes=20))
    office.message("milestone_report", by=UNIT, report_note="已完成。")


def go(office: Office, *elements: str) -> None:
    """Go on until one of these steps is open, reports of the unit included."""
    for _ in range(40):
        steps = office.open_steps()
        if set(elements) & set(steps):
            return
        if steps == ["await_report"]:
            report(office)
        else:
            do(office, steps[0])
    raise AssertionError(office.open_steps())


def said(office: Office, paper: Row[Any]) -> DocumentData:
    """What a copy of the paper says."""
    with office.looking() as connection:
        return document_data(act_on_any_case(connection, office.services, None, office.number, office.now), paper)


def alarms(office: Office) -> list[tuple[str, str]]:
    rows = office.rows(select(alarm).where(alarm.c.rule == "overdue.milestone").order_by(alarm.c.id))
    return [(row.colour, row.element_id) for row in rows]


def test_a_project_goes_through_all_its_milestones(office: Office) -> None:
    begin(office, MILESTONES, "await_report")
    taken = []
    for _ in range(3):
        taken.append([row for row in office.history() if row["kind"] == "milestone_taken"][-1]["payload"])
        go(office, "section_review")
        do(office, "section_review")
    assert [one["name"] if isinstance(one, dict) else one for one in taken]
    assert office.open_steps() == ["final_acceptance"]
    assert finish(office) == "completed"
    kinds = {row.kind for row in office.rows(select(document))}
    assert kinds == {"plan", "acceptance"}
    assert office.rows(select(publication))


def test_the_plan_and_the_reports_are_the_unit_s_own(office: Office) -> None:
    begin(office, MILESTONES, "make_plan")
    assert office.task("make_plan").department == "XM1"
    with office.refused("not_permitted"):
        office.complete("fg_officer", "make_plan")
    office.hire("xm2_unit", "XM1", "clerk")
    with transaction(office.engine) as connection:
        connection.execute(department.insert().values(code="XM2", name_zh="别的单位", name_en="Another"))
    office.hire("xm2_project_unit", "XM2", "project_unit")
    with office.refused("not_permitted"):
        office.complete("xm2_project_unit", "make_plan")
    do(office, "make_plan")
    go(office, "await_report")
    for stranger in ("xm2_project_unit", "fg_clerk"):
        with office.refused("not_permitted"):
            office.message("milestone_report", by=stranger, report_note="已完成。")


def test_a_unit_that_is_late_is_warned_and_alarmed_at_the_department_that_follows_the_project(office: Office) -> None:
    begin(office, MILESTONES, "make_plan")
    unit = office.ids[UNIT]
    of_step = select(alarm).where(alarm.c.rule == "overdue.step_limit", alarm.c.element_id == "make_plan")
    for colour, day in (("blue", 8), ("yellow", 5), ("red", 4)):
        office.advance(timedelta(days=day))
        assert office.rows(of_step.order_by(alarm.c.id.desc()))[0].colour == colour
    assert {row.department for row in office.rows(of_step)} == {"FG"}
    warned = office.rows(select(notice.c.recipient).where(notice.c.kind.in_(("alarm_blue", "alarm_yellow"))))
    assert unit in {row.recipient for row in warned}
    assert [row.department for row in office.rows(select(supervision_order))] == ["FG"]
    do(office, "make_plan")
    assert office.open_steps() == ["approve_plan"]


def test_a_project_of_a_unit_without_accounts_is_refused(office: Office) -> None:
    with office.refused("invalid_answers") as refusal:
        office.start(MILESTONES, owner_code="91329901MA1K2T3X6K")
    assert refusal.missing == ("/answers/owner_code",)


def test_a_plan_is_sent_back_to_the_unit(office: Office) -> None:
    begin(office, MILESTONES, "approve_plan")
    do(office, "approve_plan", plan_ok="no")
    assert office.open_steps() == ["make_plan"]


def test_a_milestone_warns_fifteen_and_five_days_ahead_and_then_asks_for_the_reason(office: Office) -> None:
    begin(office, MILESTONES, "await_report")
    start = office.stories[office.number].on
    due = start + timedelta(days=30)
    assert office.calendar.local_date(office.due_rows()["await_report_early", "reminder"]) == due - timedelta(days=15)
    office.advance(timedelta(days=16))
    assert alarms(office) == [("blue", "await_report")]
    office.advance(timedelta(days=10))
    assert alarms(office) == [("blue", "await_report"), ("yellow", "await_report")]
    told = office.rows(select(notice.c.text).where(notice.c.kind == "milestone_near"))
    assert "施工许可" in told[0].text
    office.advance(timedelta(days=8))
    assert alarms(office)[-1] == ("red", "await_report")
    assert office.open_steps() == ["explain_delay"]
    assert [row.department for row in office.rows(select(supervision_order))] == ["FG"]


@pytest.mark.parametrize(("ruling", "steps"), [("catch_up", ["await_report"]), ("replan", ["make_plan"]), ("stop", [])])
def test_the_county_leader_rules_on_the_delay(office: Office, ruling: str, steps: list[str]) -> None:
    begin(office, MILESTONES, "await_report")
    office.advance(timedelta(days=35))
    do(office, "explain_delay")
    office.advance(timedelta(minutes=5))
    office.complete("county_leader", "rule_on_delay", delay_ruling=ruling)
    assert office.open_steps() == steps
    if ruling == "stop":
        assert office.case().outcome == "stopped"
    if ruling == "catch_up":
        given = office.task("rule_on_delay", status="completed").answers["new_due"]
        due = office.due_rows()["await_report_limit", "move"]
        assert due >= office.calendar.add_natural_days(date.fromisoformat(given), 0)
        assert office.calendar.local_date(due - timedelta(microseconds=1)) >= date.fromisoformat(given)


def test_what_was_reached_is_not_asked_for_again_after_a_new_plan(office: Office) -> None:
    begin(office, MILESTONES, "await_report")
    go(office, "section_review")
    do(office, "section_review")
    office.advance(timedelta(days=100))
    assert office.open_steps() == ["explain_delay"]
    do(office, "explain_delay")
    office.advance(timedelta(minutes=5))
    office.complete("county_leader", "rule_on_delay", delay_ruling="replan")
    do(office, "make_plan")
    do(office, "approve_plan")
    assert office.open_steps() == ["await_report"]
    assert "主体封顶" in str([row for row in office.history() if row["kind"] == "milestone_taken"][-1]["payload"])


def test_a_review_that_finds_it_not_reached_asks_for_the_reason(office: Office) -> None:
    begin(office, MILESTONES, "await_report")
    go(office, "section_review")
    do(office, "section_review", milestone_ok="no")
    assert office.open_steps() == ["explain_delay"]
    assert {row.kind for row in office.rows(select(document))} == {"plan"}
    do(office, "explain_delay")
    (notice,) = office.rows(select(document).where(document.c.kind == "delay_notice"))
    assert notice.number == "临发改延督〔2026〕0001号", "the unit that is behind does not urge itself"
    assert said(office, notice).organ_zh == "临江县发展和改革委员会"


def test_the_plan_says_on_which_day_each_milestone_is_due(office: Office) -> None:
    begin(office, MILESTONES, "await_report")
    (plan,) = office.rows(select(document).where(document.c.kind == "plan"))
    milestones = dict(said(office, plan).fields)["节点计划"]
    first = office.task("make_plan", status="completed").answers["milestones"][0]
    day = date.fromisoformat(first["milestone_due"])
    assert milestones.split("、")[0] == f"{first['name']}（{day.year}年{day.month}月{day.day}日）"


def test_a_verification_in_no_time_halts(office: Office) -> None:
    begin(office, MILESTONES, "await_report")
    go(office, "verify_on_site")
    office.sign("fg_officer2", "verify_on_site")
    assert office.complete("fg_officer", "verify_on_site").outcome == "halted"
