"""A whole case is stopped by law and goes on, is put on a special step, corrected, linked, extended and ended."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.stories.conftest import TakeSeat
from tests.browser.stories.errands import Errands
from tests.browser.stories.people import MZ, YJ
from tests.browser.stories.town import Town

pytestmark = pytest.mark.browser


def test_a_case_is_stopped_by_law_and_its_limits_move(town: Town, errands: Errands, seat: TakeSeat) -> None:
    number = errands.bring(YJ, "section_review")
    vice = seat("yj_vice").sure()
    before = errands.case(number)["due_at"]
    vice.open_case(number)
    with vice.move("依法中止") as stopping:
        stopping.get_by_label("中止依据").select_option(label="《中华人民共和国行政许可法》第四十五条")
        stopping.get_by_label("理由").fill("等待上级答复。")
    expect(vice.page.locator(".case-head")).to_contain_text("中止")
    vice.look("suspended")
    town.wait_working_days(3)
    vice.open_case(number)
    with vice.move("恢复办理") as resuming:
        resuming.get_by_label("理由").fill("已收到答复。")
    vice.look("resumed")
    assert errands.case(number)["due_at"] > before
    section = seat("yj_section")
    section.open_case(number)
    section.claim()
    with section.sure().move("特别程序") as special:
        special.get_by_label("程序").select_option(index=1)
        special.get_by_label("计划工作日").fill("10")
        special.get_by_label("理由").fill("专家评审。")
    section.look("special-step")
    expect(section.page.locator("main")).to_contain_text("特别程序")
    with section.move("特别程序结束"):
        pass


def test_slips_are_corrected_cases_linked_and_ended(town: Town, errands: Errands, seat: TakeSeat) -> None:
    first, other = errands.bring(YJ, "section_review"), errands.bring(YJ, "section_review")
    section, vice = seat("yj_section").sure(), seat("yj_vice").sure()
    section.open_case(first)
    section.claim()
    with section.move("笔误更正") as slip:
        place = slip.get_by_label("要更正的栏目")
        label = next(one for one in place.locator("option").all_inner_texts() if one.startswith("联系人"))
        place.select_option(label=label)
        slip.get_by_label("更正为").fill("张伟铭")
        slip.get_by_label("理由").fill("与身份证不一致。")
    expect(section.tab("历史")).to_contain_text("张伟铭")
    section.look("slip-corrected")
    with section.move("关联、并案") as linking:
        linking.get_by_label("办件编号").fill(other)
        linking.get_by_label("理由").fill("同一申请人的两份申请。")
    expect(section.page.get_by_role("region", name="关联办件")).to_contain_text(other)
    section.look("linked")
    vice.open_case(other)
    with vice.move("终止") as ending:
        ending.get_by_label("法律依据").fill("《行政许可法》第六十九条")
        ending.get_by_label("理由").fill("申请人重复申请。")
    expect(vice.page.locator(".case-head")).to_contain_text("终止")
    vice.look("terminated")
    clerk = seat("yj_clerk", width=390)
    clerk.open_case(first)
    with clerk.move("申请人撤回申请"):
        pass
    expect(clerk.page.locator(".case-head")).to_contain_text("已终止")
    expect(clerk.tab("历史")).to_contain_text("撤回")
    clerk.look("withdrawn")


def test_a_limit_is_extended_once_and_told_in_writing(errands: Errands, seat: TakeSeat) -> None:
    number = errands.bring(MZ, "section_review", reg_kind="change", change_items=["name"])
    before = errands.case(number)["due_at"]
    head = seat("mz_head").sure()
    head.open_case(number)
    with head.move("延期") as extending:
        extending.get_by_label("理由").fill("材料复杂，需向上级请示。")
    assert errands.case(number)["due_at"] > before
    expect(head.page.locator("details.move summary", has_text="延期")).to_have_count(0)
    expect(head.tab("历史")).to_contain_text("材料复杂，需向上级请示。")
    expect(head.tab("文书")).to_contain_text("延期告知书")
    head.look("extended-once")
