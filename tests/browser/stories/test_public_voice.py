"""The public rates a case and complains of it on the case's own page; the office answers, supervision hears of it."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.stories.conftest import TakeSeat
from tests.browser.stories.errands import Errands
from tests.browser.stories.people import YJ
from tests.browser.stories.town import Town

pytestmark = pytest.mark.browser
RATED, COMPLAINED = "窗口让我跑了三趟", "现场踏勘人员索要材料费"


def test_a_bad_rating_and_a_complaint_are_answered_by_who_did_not_handle_the_case(
    town: Town, errands: Errands, seat: TakeSeat
) -> None:
    number = errands.bring(YJ, "decide")
    secret = errands.ask("yj_clerk", "GET", f"/cases/{number}")["secret"]
    applicant = seat(width=390)
    applicant.open(f"/public/cases/{number}?secret={secret}")
    page = applicant.page
    page.locator("summary", has_text="我要评价").click()
    page.locator("input[name=stars][value='1']").check()
    page.locator("#rating-text").fill(RATED)
    applicant.look("rating")
    applicant.press("提交评价")
    expect(page.locator("main")).to_contain_text(RATED)
    expect(page.locator("summary", has_text="我要评价")).to_have_count(0)  # Once.
    page.locator("summary", has_text="我要投诉").click()
    page.locator("#complaint-text").fill(COMPLAINED)
    applicant.press("提交投诉")
    expect(page.locator("main")).to_contain_text("等待答复")

    town.wait(minutes=2)
    supervisor = seat("yj_sup1")
    supervisor.open("/alarms")
    expect(supervisor.page.locator("main")).to_contain_text(number)
    supervisor.look("rating-alarmed")

    handler = seat("yj_section")
    handler.open("/feedback")
    row = handler.page.get_by_role("row").filter(has_text=COMPLAINED)
    row.locator("summary").click()
    row.get_by_label("不属实").check()
    row.get_by_role("textbox").fill("没有这回事。")
    with handler.refused(409):
        handler.goes_on(row.get_by_role("button", name="保存").click)
    handler.look("handler-may-not-answer")

    head = seat("yj_head")
    head.open("/feedback")
    row = head.page.get_by_role("row").filter(has_text=COMPLAINED)
    row.locator("summary").click()
    row.get_by_label("属实", exact=True).check()
    row.get_by_role("textbox").fill("经核查属实，已退还并批评教育。")
    head.goes_on(row.get_by_role("button", name="保存").click)
    head.look("complaint-answered")
    applicant.open(f"/public/cases/{number}?secret={secret}")
    expect(page.locator("main")).to_contain_text("经核查属实，已退还并批评教育。")
    applicant.look("answered-in-public")
    town.wait(minutes=2)
    supervisor.open("/alarms?colour=red")
    expect(supervisor.page.locator("main")).to_contain_text(number)
