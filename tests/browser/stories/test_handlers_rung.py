"""A step runs overdue; level 1 has the handler explain and mend, who asks for more time; what is mended is closed."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from playwright.sync_api import expect

from tests.browser.stories.conftest import TakeSeat
from tests.browser.stories.errands import Errands
from tests.browser.stories.people import YJ
from tests.browser.stories.test_overdue import ORDER, told, work
from tests.browser.stories.town import Town

pytestmark = pytest.mark.browser


def test_an_overdue_step_is_explained_and_mended_by_its_handler_and_closed_at_level_1(
    town: Town, errands: Errands, seat: TakeSeat
) -> None:
    number = errands.bring(YJ, "site_survey")
    town.put(datetime.fromisoformat(errands.case(number)["user_tasks"][0]["due_at"]))
    town.wait(seconds=1)
    assert told(town, "yj_sup1", f"督办单 {ORDER}")

    # Level 1 names who is to mend, and signs for it so.
    level1 = seat("yj_sup1")
    level1.open(f"/orders/{ORDER}")
    level1.page.get_by_label("经办人", exact=True).select_option(value="yj_officer")
    level1.goes_on(level1.page.get_by_role("button", name="确定经办人").click)
    level1.claim()
    level1.page.get_by_label("责成经办人").check()
    level1.submit()
    town.wait(seconds=1)
    assert told(town, "yj_officer", "一级监察员督办")

    # Before its limit the handler is reminded, and asks for two days more.
    town.wait_working_days(1)
    assert told(town, "yj_officer", "督办提醒") and told(town, "sup2", "一级监察员逾期未办")
    handler = seat("yj_officer")
    handler.open(f"/orders/{ORDER}")
    work(handler, "order_handler_sign")
    handler.open(f"/orders/{ORDER}")
    handler.page.get_by_label("延至").fill((town.now() + timedelta(days=3)).date().isoformat())
    handler.page.get_by_label("延期理由").fill("须请企业补交检测报告")
    handler.look("order-asking-for-time")
    handler.goes_on(handler.page.get_by_role("button", name="提交延期申请").click)
    town.wait(seconds=1)
    assert told(town, "yj_sup1", "申请延期")
    level1.open(f"/orders/{ORDER}")
    level1.page.get_by_label("意见", exact=True).fill("情况属实，同意延期")
    level1.goes_on(level1.page.get_by_role("button", name="批准延期").click)
    town.wait(seconds=1)
    assert told(town, "yj_officer", "已批准延期")

    handler.open(f"/orders/{ORDER}")
    work(handler, "order_handler_answer")
    town.wait(seconds=1)
    assert told(town, "yj_sup1", "请在 1 个工作日内认定")
    level1.open(f"/orders/{ORDER}")
    work(level1, "order_judge")
    # It has climbed, so that level 2 closes it, and nobody below.
    expect(level1.page.locator(".case-head")).to_contain_text("待确认")
    level2 = seat("sup2")
    level2.open(f"/orders/{ORDER}")
    work(level2, "order_confirm")
    expect(level2.page.locator(".case-head")).to_contain_text("已销号")
    level2.open(f"/orders/{ORDER}")
    ladder = level2.page.locator("table.ladder")
    for words in ("已批准", "已提醒", "整改到位", "须请企业补交检测报告"):
        expect(ladder).to_contain_text(words)
    level2.look("order-by-the-handler")
