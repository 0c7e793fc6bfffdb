"""An outage from its declaration to the last number: declared, taken in on paper, entered, accounted for (停机补录)."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.stories.conftest import TakeSeat
from tests.browser.stories.people import APPLICANT, YJ, known
from tests.browser.stories.town import Town

pytestmark = pytest.mark.browser


def test_what_came_in_on_paper_is_entered_as_of_its_receipt_and_every_number_accounted_for(
    town: Town, seat: TakeSeat
) -> None:
    clerk = seat("yj_clerk")
    clerk.open("/paper-receipts")
    clerk.page.get_by_label("份数").fill("3")
    clerk.page.get_by_label("存放窗口").fill("一楼 3 号窗口")
    clerk.page.get_by_label("理由").fill("备用")
    clerk.press("取号")
    numbers = clerk.page.locator("tbody code").all_inner_texts()
    assert len(numbers) == 3 and all(re.fullmatch(r"SJ-2026-\d{6}-[A-Z0-9]{5}", one) for one in numbers)
    clerk.look("receipts-printed")

    began = town.wait(minutes=10)
    admin = seat("secadmin").sure()
    admin.open("/outages")
    admin.page.get_by_label("预计恢复").fill(began.replace(hour=12, minute=0).strftime("%Y-%m-%d %H:%M"))
    admin.page.get_by_label("理由").fill("机房断电检修")
    admin.press("公告")
    expect(admin.page.locator(".case-meta .tag").first).to_have_text("停机中")
    admin.look("outage-declared")
    home = seat()
    home.open("/public")
    expect(home.page.locator(".notice").first).to_contain_text("系统停机，窗口凭纸质凭证收件")
    home.look("outage-public")

    received = town.wait(minutes=40).strftime("%Y-%m-%d %H:%M")
    town.wait(hours=1)
    admin.open("/outages/1")
    admin.page.locator("#reason").fill("恢复供电")
    admin.press("公告恢复")
    expect(admin.page.locator(".case-meta .tag").first).to_have_text("补录中")

    clerk.open(f"/cases/new/{YJ}")
    clerk.page.get_by_label("名称或姓名").fill(APPLICANT[0])
    clerk.page.get_by_label("统一社会信用代码或身份证号").fill(APPLICANT[1])
    clerk.page.get_by_label("联系手机").fill(APPLICANT[2])
    clerk.page.get_by_text("凭停机收件凭证补录").click()
    clerk.page.get_by_label("收件凭证编号").fill("SJ-2026-000001-AAAAA")
    clerk.page.get_by_label("凭证上的收件时间").fill(received)
    with clerk.refused(422):
        clerk.press("下一步")
    expect(clerk.page.get_by_role("alert")).to_contain_text("没有这个收件凭证编号")
    clerk.look("receipt-unknown")
    clerk.page.get_by_label("收件凭证编号").fill(numbers[0].lower())
    clerk.press("下一步")
    clerk.fill(known(YJ, "apply", town.now()), "apply")
    clerk.press("收件")
    facts = clerk.page.get_by_role("region", name="申请人与办件")
    expect(facts).to_contain_text(received)
    expect(facts).to_contain_text(numbers[0])
    expect(clerk.tab("历史")).to_contain_text(f"停机补录：{received} 凭收件凭证 {numbers[0]} 收件")
    clerk.look("entered-from-paper")

    section = seat("yj_section")
    section.open("/paper-receipts/1")
    section.page.get_by_label("首号").fill("2")
    section.page.get_by_label("末号").fill("2")
    section.page.get_by_label("理由").fill("清点收回")
    section.press("作废")
    town.wait(days=4)
    section.open("/paper-receipts/1")
    states = section.page.locator("tbody .tag").all_inner_texts()
    assert states == ["已补录", "已作废", "未交代"]
    section.look("receipts-accounted-for")
