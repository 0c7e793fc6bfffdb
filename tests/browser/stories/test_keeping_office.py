"""What keeps an office going: papers signed for in bulk, days off, the notice of holidays, hours, who leaves."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.stories.conftest import TakeSeat
from tests.browser.stories.errands import Errands
from tests.browser.stories.people import MZ, YJ
from tests.browser.stories.town import Town

pytestmark = pytest.mark.browser


def test_days_off_and_hours_are_seen_in_their_effect_before_they_count(
    town: Town, errands: Errands, seat: TakeSeat
) -> None:
    number = errands.bring(YJ, "formal_check")
    before = errands.case(number)["user_tasks"][0]["due_at"]
    admin = seat("sysadmin")
    admin.open("/calendar")
    page = admin.page
    page.get_by_label("日期").fill("2026-11-26")
    page.get_by_label("这一天").select_option(label="休息日")
    page.get_by_label("名称或依据").fill("县庆")
    page.get_by_label("理由").fill("县庆放假一天")
    admin.press("预览")
    expect(page.locator("main")).to_contain_text(number)
    admin.look("days-off-previewed")
    assert errands.case(number)["user_tasks"][0]["due_at"] == before, "nothing has changed yet"
    admin.press("确认修改")
    town.wait(seconds=5)
    moved = errands.case(number)["user_tasks"][0]["due_at"]
    assert moved > before

    admin.open("/office-hours")
    page.get_by_label("部门").select_option(label="县应急管理局")
    page.get_by_label("自哪天起").fill("2026-11-24")
    page.get_by_label("办公时间", exact=True).fill("18:00-08:00")
    page.get_by_label("理由").fill("延时服务")
    with admin.refused(422):
        admin.press("预览")
    page.get_by_label("办公时间", exact=True).fill("09:00-12:00, 13:00-19:00")
    admin.press("预览")
    expect(page.get_by_role("row").filter(has_text=number).first).to_contain_text("19:00")
    admin.look("hours-previewed")
    admin.press("确认登记")
    town.wait(seconds=5)
    assert errands.case(number)["user_tasks"][0]["due_at"].endswith("T19:00:00+08:00")


def test_a_missing_notice_of_holidays_is_an_alarm_until_it_is_entered(town: Town, seat: TakeSeat) -> None:
    town.wait(minutes=2)
    centre, admin = seat("centre"), seat("sysadmin")
    centre.open("/alarms")
    expect(centre.page.locator("main")).to_contain_text("2027 年的国务院放假通知尚未录入工作日历")
    centre.look("notice-missing")
    admin.open("/calendar/notice?notice=2027")
    admin.page.get_by_label("依据").fill("国办发明电〔2026〕9号")
    admin.press("预览")
    admin.look("notice-previewed")
    admin.press("确认修改")
    town.wait(minutes=2)
    centre.open("/alarms?status=open")
    expect(centre.page.locator("main")).not_to_contain_text("2027 年的国务院放假通知尚未录入工作日历")
    admin.open("/calendar?month=2027-02")
    expect(admin.page.locator("main")).not_to_contain_text("暂计")


def test_papers_are_signed_for_together_and_decided_one_by_one(errands: Errands, seat: TakeSeat) -> None:
    numbers = [errands.bring(MZ, "formal_check") for _ in range(3)]
    clerk = seat("mz_clerk")
    clerk.open("/work?view=claimable")
    for number in numbers:
        clerk.page.get_by_label(f"选择 {number}").check()
    clerk.look("picked-to-sign-for")
    clerk.press("一并领取")
    for number in numbers:
        expect(clerk.page.locator("main")).to_contain_text(number)
        (task,) = errands.case(number)["user_tasks"]
        assert task["element_id"] == "formal_check"
        expect(clerk.page.locator("header").first).to_contain_text(task["assignee"]["name"])
    clerk.look("signed-for")
    expect(clerk.page.get_by_role("button", name="批量办结")).to_have_count(0)


def test_who_leaves_hands_over_first_and_the_drafts_go_along(errands: Errands, seat: TakeSeat) -> None:
    number = errands.bring(YJ, "formal_check")
    clerk = seat("yj_clerk")
    clerk.open_case(number)
    clerk.claim()
    clerk.fill({"check_result": "accept"})
    clerk.save_draft()
    who = next(
        one for one in errands.ask("secadmin", "GET", "/people?q=yj_clerk")["items"] if one["username"] == "yj_clerk"
    )
    security = seat("secadmin").sure()
    security.open(f"/people/{who['id']}")
    leaving = security.page.get_by_role("region", name="离岗")
    leaving.locator("summary", has_text="停用账户").click()
    leaving.get_by_label("理由").fill("调离")
    security.goes_on(leaving.get_by_role("button", name="停用", exact=True).click)
    expect(security.page.locator("main")).to_contain_text(number)
    security.look("leaving-refused")
    security.open(f"/hand-over/{who['id']}")
    row = security.page.get_by_role("row").filter(has_text=number)
    row.get_by_role("combobox").select_option(index=1)
    security.page.get_by_label("理由").fill("调离，县委组〔2026〕12号")
    security.look("handing-over")
    security.press("交接")
    (task,) = errands.case(number)["user_tasks"]
    assert task["assignee"]["id"] != who["id"]
    assert errands.ask("yj_clerk2", "GET", f"/user-tasks/{task['id']}")["draft"]["check_result"] == "accept"
