"""A random inspection: planned, approved, drawn before everybody's eyes, and done by those who were drawn."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.stories.conftest import TakeSeat
from tests.browser.stories.errands import Errands
from tests.browser.stories.people import INSPECTION, known
from tests.browser.stories.seats import Seat
from tests.browser.stories.town import Town

pytestmark = pytest.mark.browser
OFFICERS = ("sg_officer", "sg_officer2", "sg_officer3", "sg_officer4", "sg_officer5")


def plan(section: Seat) -> str:
    section.open("/work")
    section.goes_on(section.page.get_by_role("link", name="新收申请").click)
    section.goes_on(section.page.get_by_role("link", name="市场监管领域双随机抽查").click)
    section.fill(known(INSPECTION, "make_plan", section.town.now()), "apply")
    section.look("plan-form")
    section.submit()
    return section.number()


def who_has(errands: Errands, number: str) -> list[str]:
    """User names of the two who were drawn: they alone find the case among what they may claim."""
    found = []
    for one in OFFICERS:
        rows = errands.ask(one, "GET", "/user-tasks?view=claimable")["items"]
        found += [one] if number in [row["case_number"] for row in rows] else []
    return found


def submit(one: Seat, number: str, form: str, **choices: Any) -> None:
    one.open_case(number)
    one.fill(known(INSPECTION, form, one.town.now(), **choices))
    one.look(f"inspection-{form}")
    one.sure().submit()


def test_a_plan_is_drawn_inspected_and_published(town: Town, errands: Errands, seat: TakeSeat) -> None:
    section, public = seat("sg_section"), seat()
    number = plan(section)
    public.open("/public/inspections")
    expect(public.page.get_by_text("尚未抽取")).to_be_visible()
    public.page.get_by_text("核对随机性").click()
    commitment = public.page.locator("code.break").first.inner_text()
    vice = seat("sg_vice")
    vice.open_case(number)
    vice.claim()
    town.wait(minutes=2)
    submit(vice, number, "approve_plan")
    town.wait(minutes=1)
    public.open("/public/inspections")
    public.page.get_by_text("核对随机性").click()
    public.look("draw-public")
    expect(public.page.locator("code.break").first).to_have_text(commitment)
    expect(public.page.locator("code.break")).to_have_count(5)
    cases = errands.ask("sg_section", "GET", f"/cases?power_item={INSPECTION}")["items"]
    drawn = next(one["number"] for one in cases if one["number"] != number)
    first, second = who_has(errands, drawn)
    officer, other = seat(first), seat(second)
    officer.open_case(drawn)
    officer.claim()
    officer.fill(known(INSPECTION, "inspect", town.now()))
    officer.save_draft()
    other.open_case(drawn)
    other.button("签字").click()
    other.agree("签字")
    town.wait(minutes=21)
    officer.open_case(drawn)
    officer.upload("record_signed")
    officer.upload("inspect_photos", 2)
    submit(officer, drawn, "inspect")
    section.open_case(drawn)
    section.claim()
    town.wait(minutes=4)
    submit(section, drawn, "section_review")
    public.open("/public/inspections")
    expect(public.page.get_by_text("未发现问题")).to_have_count(1)
    narrow = seat(width=390)
    narrow.open("/public/inspections")
    narrow.look("draw-public-narrow")
    assert re.search("未公示", narrow.page.content())
