"""A key project: registered, planned by its unit, followed from milestone to milestone, late once, and filed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.stories.conftest import TakeSeat
from tests.browser.stories.errands import Errands
from tests.browser.stories.people import MILESTONES, known
from tests.browser.stories.seats import Seat
from tests.browser.stories.town import Town

pytestmark = pytest.mark.browser
UNIT = "xm1_project_unit"


def register(officer: Seat) -> str:
    """From the work list to the registered project; its number."""
    officer.open("/work")
    officer.goes_on(officer.page.get_by_role("link", name="新收申请").click)
    officer.goes_on(officer.page.get_by_role("link", name="重点建设工程节点监察").click)
    officer.fill(known(MILESTONES, "register_project", officer.town.now()), "apply")
    officer.look("project-form")
    officer.submit()
    return officer.number()


def take_and_submit(one: Seat, number: str, form: str, *, minutes: int = 0, **choices: Any) -> None:
    one.open_case(number)
    one.claim()
    one.upload_missing()
    one.fill(known(MILESTONES, form, one.town.now(), **choices))
    one.look(f"project-{form}")
    if minutes:
        one.save_draft()
        one.town.wait(minutes=minutes)
        one.open_case(number)
    one.sure().submit()


def report(unit: Seat, number: str) -> None:
    """The unit says on its case page that the milestone is reached, and fills in how."""
    unit.open_case(number)
    unit.fill(known(MILESTONES, "await_report", unit.town.now()), "wait-await_report")
    unit.look("project-await_report")
    unit.goes_on(unit.button("报告节点完成").click)
    take_and_submit(unit, number, "report_progress")


def verify(officer: Seat, other: Seat, number: str, form: str = "verify_on_site") -> None:
    officer.open_case(number)
    officer.claim()
    officer.fill(known(MILESTONES, form, officer.town.now()))
    officer.save_draft()
    other.open_case(number)
    other.button("签字").click()
    other.agree("签字")
    officer.town.wait(minutes=31)
    officer.open_case(number)
    officer.upload_missing()
    officer.fill(known(MILESTONES, form, officer.town.now()))
    officer.look(f"project-{form}")
    officer.sure().submit()


def reach(errands: Errands, number: str) -> None:
    """A milestone reported, verified and reviewed by everybody at their work."""
    told = {"kind": "milestone_report", "answers": known(MILESTONES, "await_report", errands.town.now())}
    errands.ask(UNIT, "POST", f"/cases/{number}/messages", told)
    for _ in range(3):
        case = errands.case(number)
        errands.do(case, case["user_tasks"][0])


def test_a_project_goes_from_milestone_to_milestone_and_is_filed(town: Town, errands: Errands, seat: TakeSeat) -> None:
    officer, other, unit = seat("fg_officer"), seat("fg_officer2"), seat(UNIT, width=390)
    vice, section = seat("fg_vice"), seat("fg_section")
    number = register(officer)
    unit.open("/work?view=claimable")
    expect(unit.page.get_by_text(number).first).to_be_visible()
    take_and_submit(unit, number, "make_plan")
    take_and_submit(vice, number, "approve_plan", minutes=6)
    officer.open_case(number)
    expect(officer.page.locator("main")).to_contain_text("节点：施工许可")
    # The milestone's own day, not that of the reminder before it.
    expect(officer.page.locator("main")).to_contain_text(f"最迟 {town.now() + timedelta(days=30):%m-%d} 24:00")
    officer.look("project-first-milestone")
    expect(officer.button("报告节点完成")).to_have_count(0)

    report(unit, number)
    verify(officer, other, number)
    take_and_submit(section, number, "section_review", minutes=4)
    unit.open_case(number)
    expect(unit.page.locator("main")).to_contain_text("节点：主体封顶")
    unit.look("project-second-milestone")

    town.wait(days=92)
    supervisor = seat("centre")
    supervisor.open_case(number)
    expect(supervisor.page.locator("main")).to_contain_text("节点期限")
    supervisor.look("project-late")
    take_and_submit(unit, number, "explain_delay")
    leader = seat("county_leader")
    town.wait(minutes=2)
    take_and_submit(leader, number, "rule_on_delay", minutes=2)
    later = (town.now() + timedelta(days=20)).date()
    unit.open_case(number)
    expect(unit.page.locator("main")).to_contain_text(f"最迟 {later:%m-%d} 24:00")
    unit.look("project-new-day")

    reach(errands, number)
    reach(errands, number)
    verify(officer, other, number, "final_acceptance")
    assert errands.case(number)["outcome"] == "completed"
    for one, picture in ((officer, "project-filed"), (unit, "project-filed-narrow")):
        one.open_case(number)
        expect(one.page.locator(".case-head")).to_contain_text("办结")
        one.look(picture)
    officer.tab("文书")
    officer.look("project-papers")
