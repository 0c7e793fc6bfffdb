"""A leader's note becomes an order that climbs all three rungs, each by SMS, is closed, and is opened again."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.stories.conftest import TakeSeat
from tests.browser.stories.seats import Seat
from tests.browser.stories.test_overdue import MOBILES, ORDER, told, work
from tests.browser.stories.town import Town

pytestmark = pytest.mark.browser
NOTE = "核查窗口一次性告知落实情况并报结果"


def rung(one: Seat, name: str) -> str:
    """A rung of the ladder, as the order's page tells it."""
    one.open(f"/orders/{ORDER}")
    return one.page.locator("table.ladder").get_by_role("row").filter(has_text=name).inner_text()


def test_a_note_climbs_from_level_one_to_the_centre_and_is_closed_by_evidence(town: Town, seat: TakeSeat) -> None:
    level2 = seat("sup2")
    level2.open("/orders")
    level2.page.locator("summary", has_text="签发督办单").click()
    level2.page.get_by_label("来源").select_option(label="领导批示")
    level2.page.get_by_label("被督办部门").select_option(value="YJ")
    level2.page.get_by_label("督办要求").fill(NOTE)
    level2.look("order-issuing")
    level2.goes_on(level2.page.get_by_role("button", name="签发", exact=True).click)
    expect(level2.page.locator(".case-head")).to_contain_text("领导批示")
    town.wait(seconds=1)
    assert NOTE in town.messages(MOBILES["yj_sup1"])[0]

    # Level 1 opens it and does nothing; when it was opened stands on the ladder.
    level1 = seat("yj_sup1")
    level1.open(f"/orders/{ORDER}")
    assert "打开" in rung(level2, "一级监察员")
    town.wait_working_days(1)
    assert told(town, "sup2", "一级监察员逾期未办")
    town.wait_working_days(2)
    assert told(town, "centre", "提请控制中心")
    assert told(town, "yj_head", "提请控制中心")
    centre = seat("centre")
    centre.open("/orders?rung=4")
    centre.goes_on(centre.page.get_by_role("link", name=ORDER).click)
    work(centre, "order_centre")
    centre.open(f"/orders/{ORDER}")
    centre.look("order-three-rungs")

    for form in ("order_sign", "order_answer"):
        level1.open(f"/orders/{ORDER}")
        work(level1, form)
    level2.open(f"/orders/{ORDER}")
    work(level2, "order_confirm")
    expect(level2.page.locator(".case-head")).to_contain_text("已销号")
    level2.open("/orders/statistics")
    row = level2.page.get_by_role("row").filter(has_text="县应急管理局")
    assert row.get_by_role("cell").all_inner_texts()[:3] == ["1", "1", "2"]
    level2.look("orders-in-figures")

    level2.open(f"/orders/{ORDER}")
    level2.page.locator("details.move summary", has_text="重新督办").click()
    level2.page.get_by_label("理由").fill("同类问题又有反映")
    level2.goes_on(level2.page.get_by_role("button", name="重新督办").click)
    expect(level2.page.locator(".case-head")).to_contain_text(ORDER)
    town.wait(seconds=1)
    assert "重新督办" in town.messages(MOBILES["yj_sup1"])[0]
