"""A designer raises a minimum, sees a planted error named, mends it and deploys; running cases keep their version."""

from __future__ import annotations

import re
from datetime import datetime

import pytest
from playwright.sync_api import Page, expect

from tests.browser.stories.conftest import TakeSeat
from tests.browser.stories.errands import Errands
from tests.browser.stories.people import YJ
from tests.browser.stories.town import Town

pytestmark = pytest.mark.browser
KEY = "hazardous_chemicals_licence"


def choose(page: Page, element: str) -> None:
    """A step by its id, found as one finds it in a large diagram."""
    page.locator(".djs-container > svg").first.focus()
    page.keyboard.press("Control+F")
    page.keyboard.type(element)
    page.locator(".djs-search-result").first.wait_for()
    page.keyboard.press("Enter")
    expect(page.locator("[data-entry-id=id] input, [data-entry-id=mj-minimum] input").first).to_be_attached()


def put(page: Page, entry: str, value: str) -> None:
    field = page.locator(f"[data-entry-id={entry}] input").first
    field.fill(value)
    field.press("Tab")


def test_a_new_version_is_followed_by_new_cases_and_not_by_running_ones(
    town: Town, errands: Errands, seat: TakeSeat
) -> None:
    running = errands.bring(YJ, "site_survey")
    designer = seat("designer")
    designer.open("/processes")
    designer.look("processes")
    designer.goes_on(
        designer.page.get_by_role("row").filter(has_text=KEY).get_by_role("link", name=re.compile("设计")).click
    )
    page = designer.page
    designer.look("modeler")
    problems = page.locator(".problem-list li[data-severity=error]")
    expect(problems).to_have_count(0)

    choose(page, "site_survey")
    put(page, "mj-minimum", "45")
    choose(page, "formal_check")
    select = page.locator("[data-entry-id=mj-formKey] select")
    select.select_option(index=0)
    expect(problems.first).to_contain_text("材料核对")
    designer.picture("planted-error", whole=False)
    page.locator("[data-deploy]").click(force=True)
    expect(page.locator(".toast")).to_contain_text("个错误")
    choose(page, "section_review")
    problems.first.get_by_role("button", name="在图上看").click()
    expect(page.locator(".bio-properties-panel-header-label")).to_have_text("材料核对")

    select.select_option("formal_check")
    expect(problems).to_have_count(0)
    page.locator("[data-deploy]").click()
    changes = page.locator("dialog .change-list li")
    expect(changes).to_have_text(["现场踏勘 最短时限 30 分钟 → 45 分钟"])
    designer.picture("deploying", whole=False)
    designer.goes_on(page.locator("dialog .button.main").click)
    expect(page.locator("main")).to_contain_text("第 2 版")
    designer.look("deployed")

    fresh = errands.bring(YJ, "site_survey")
    officer = seat("yj_officer")
    for number, version, minutes in ((running, 1, 30), (fresh, 2, 45)):
        officer.open_case(number)
        expect(officer.page.locator(".case-meta")).to_contain_text(f"第 {version} 版")
        task = errands.case(number)["user_tasks"][0]
        entered, earliest = (datetime.fromisoformat(task[name]) for name in ("entered_at", "earliest_at"))
        assert (earliest - entered).total_seconds() == minutes * 60
