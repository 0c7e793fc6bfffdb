"""A case that runs overdue: blue, yellow, red, the order to level 1 and on to level 2, each by SMS, to its closing."""

from __future__ import annotations

from datetime import datetime

import pytest
from playwright.sync_api import expect

from service.demo.county import demo_people
from tests.browser.stories.conftest import TakeSeat
from tests.browser.stories.errands import Errands
from tests.browser.stories.people import YJ, known
from tests.browser.stories.seats import Seat
from tests.browser.stories.town import Town

pytestmark = pytest.mark.browser
ORDER = "DB-YJ-2026-000001"
MOBILES = {one.username: f"139{number:08d}" for number, one in enumerate(demo_people(), start=1)}


def work(one: Seat, form: str) -> None:
    """Claim the task of the page, fill it in, hand it over."""
    one.claim()
    one.fill(known(YJ, form, one.town.now()))
    one.submit()


def told(town: Town, username: str, what: str) -> bool:
    """Whether an SMS says so; reminders may have come since."""
    return any(what in text for text in town.messages(MOBILES[username]))


def sees(officer: Seat, number: str, colour: str) -> None:
    """The case with its colour, on the work list and on its own page."""
    officer.open("/work?view=claimable")
    expect(officer.page.get_by_role("row").filter(has_text=number)).to_contain_text(colour)
    officer.look(f"list-{colour}")
    officer.open_case(number)
    expect(officer.page.locator(".case-head")).to_contain_text(colour)


def test_a_case_climbs_from_blue_to_level_two_and_is_closed(town: Town, errands: Errands, seat: TakeSeat) -> None:
    number = errands.bring(YJ, "site_survey")
    entered = town.now()
    due = datetime.fromisoformat(errands.case(number)["user_tasks"][0]["due_at"])
    officer = seat("yj_officer")
    town.put(town.wait_working_days(3).replace(hour=16))
    sees(officer, number, "蓝色预警")
    town.put(town.wait_working_days(2).replace(hour=10))
    sees(officer, number, "黄色预警")
    assert town.messages(MOBILES["yj_sup1"]) == [] and entered < town.now() < due
    town.put(due)
    town.wait(seconds=1)
    sees(officer, number, "红色报警")
    officer.look("overdue")

    level1 = seat("yj_sup1")
    assert f"督办单 {ORDER}" in town.messages(MOBILES["yj_sup1"])[0]
    level1.open("/notices")
    expect(level1.page.locator("main")).to_contain_text(f"督办单 {ORDER}")
    level1.look("notices")
    level1.open("/orders")
    level1.goes_on(level1.page.get_by_role("link", name=ORDER).click)
    expect(level1.page.get_by_role("region", name="短信与回执")).to_contain_text(MOBILES["yj_sup1"][:3])
    level1.look("order-level-1")

    # Not signed for within four office hours: it climbs.
    town.wait_working_days(1)
    assert told(town, "sup2", "一级监察员逾期未办")
    level2 = seat("sup2")
    level2.open(f"/orders/{ORDER}")
    expect(level2.page.get_by_role("row").filter(has_text="二级监察员督办一级")).to_contain_text("已送达")
    work(level2, "order_urge")
    assert "二级监察员督促" in town.messages(MOBILES["yj_sup1"])[0]
    level2.open(f"/orders/{ORDER}")
    expect(level2.page.get_by_role("region", name="短信与回执").get_by_role("listitem")).to_have_count(3)
    level2.look("order-level-2")

    level1.open(f"/orders/{ORDER}")
    work(level1, "order_sign")
    work(level1, "order_answer")
    expect(level1.page.locator(".case-head")).to_contain_text("待确认")
    level2.open(f"/orders/{ORDER}")
    work(level2, "order_confirm")
    expect(level2.page.locator(".case-head")).to_contain_text("已销号")
    level2.look("order-closed")
    level2.open("/alarms?status=closed")
    expect(level2.page.get_by_role("row").filter(has_text=number)).to_contain_text("已销号")
