"""A step goes round the office: asked about, signed beside, handed on, lent, sent back, taken back and urged."""

from __future__ import annotations

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from tests.browser.stories.conftest import TakeSeat
from tests.browser.stories.errands import Errands
from tests.browser.stories.people import MZ, YJ, known
from tests.browser.stories.seats import Seat
from tests.browser.stories.town import Town

pytestmark = pytest.mark.browser


def test_others_are_asked_and_sign_before_a_step_goes_on(town: Town, errands: Errands, seat: TakeSeat) -> None:
    number = errands.bring(YJ, "section_review")
    section, officer, legal, cashier = (seat(f"yj_{post}") for post in ("section", "officer2", "legal", "cashier"))
    section.open_case(number)
    section.claim()
    with section.move("征求意见") as asked:
        asked.get_by_label("陈国强").check()
        asked.get_by_label("理由").fill("现场情况是否与图纸一致？")
    with section.move("加签") as signers:
        signers.get_by_label("何时签署").select_option("beside")
        signers.get_by_label("孟想").check()
        signers.get_by_label("理由").fill("涉及重大危险源，请法制岗一并签署。")
    with section.move("抄送") as copies:
        copies.get_by_label("吴芳").check()
    section.look("asked-three")
    answer(officer, number, "agree", text="一致，罐区围堰已加高。")
    answer(legal, number, "agree")
    cashier.open("/copies")
    expect(cashier.page.locator("main")).to_contain_text(number)
    cashier.look("copies-to-read")
    section.open_case(number)
    opinions = section.page.get_by_role("region", name="签署与意见")
    expect(opinions).to_contain_text("一致，罐区围堰已加高。")
    town.wait(minutes=11)
    section.open_case(number)
    section.fill(known(YJ, "section_review", town.now()))
    section.look("asked-and-answered")
    section.sure().submit()
    expect(section.page.locator(".case-head .tag.now")).to_contain_text("审批")


def answer(one: Seat, number: str, key: str, text: str = "") -> None:
    """On the page of what one was asked for."""
    one.open("/opinions")
    expect(one.page.locator("main")).to_contain_text(number)
    one.look("to-answer")
    one.page.locator(f"input[name=answer][value={key}]").check()
    if text:
        one.page.get_by_label("说明").fill(text)
    one.sure().goes_on(one.page.locator("article .button.main").click)
    one.open("/opinions?state=given")
    expect(one.page.locator("main")).to_contain_text(number)


def test_a_step_is_urged_and_handed_on(town: Town, errands: Errands, seat: TakeSeat) -> None:
    number = errands.bring(MZ, "formal_check")
    clerk, section = seat("mz_clerk"), seat("mz_section")
    clerk.open_case(number)
    clerk.claim()
    before = len(town.messages())
    section.open_case(number)
    with section.move("催办") as urging:
        urging.get_by_label("理由").fill("申请人在窗口等候。")
    town.wait(seconds=5)
    assert len(town.messages()) == before + 1 and number in town.messages()[0]
    with section.move("转办") as handing:
        handing.get_by_label("转给").select_option(label="朱永康（窗口受理人员）")
        handing.get_by_label("理由").fill("经办人去参加培训。")
    expect(section.tab("历史")).to_contain_text("转办")
    section.look("handed-on")
    clerk.open("/work")
    expect(clerk.page.get_by_text(number)).to_have_count(0)
    (task,) = errands.case(number)["user_tasks"]
    assert task["assignee"]["name"] == "朱永康"


def test_an_act_is_taken_back_while_nobody_has_acted_since(town: Town, errands: Errands, seat: TakeSeat) -> None:
    number = errands.bring(YJ, "section_review")
    section, vice = seat("yj_section"), seat("yj_vice")
    section.open_case(number)
    section.claim()
    town.wait(minutes=11)
    section.fill(known(YJ, "section_review", town.now()))
    section.sure().submit()
    section.page.locator("#take-back-reason").fill("意见写错了。")
    section.press("撤回")
    expect(section.page.locator(".case-head .tag.now")).to_contain_text("科室审核")
    section.look("taken-back")
    section.fill(known(YJ, "section_review", town.now()))
    section.submit()
    vice.open_case(number)
    vice.claim()
    with vice.sure().move("退回") as back:
        back.get_by_label("理由").fill("请补写踏勘照片编号。")
    vice.look("sent-back")
    (task,) = errands.case(number)["user_tasks"]
    assert task["element_id"] != "decide"


def test_a_task_is_lent_until_a_day(town: Town, errands: Errands, seat: TakeSeat) -> None:
    number = errands.bring(MZ, "formal_check")
    clerk = seat("mz_clerk")
    clerk.open_case(number)
    clerk.claim()
    with clerk.move("委托代办") as lending:
        who = lending.get_by_label("受托人")
        name = next(one for one in who.locator("option").all_inner_texts() if one.startswith("朱永康"))
        who.select_option(label=name)
        lending.get_by_label("至", exact=True).fill((town.now() + timedelta(days=2)).date().isoformat())
        lending.get_by_label("理由").fill("明日外出培训。")
    expect(clerk.tab("历史")).to_contain_text("委托朱永康代办")
    clerk.look("task-lent")


def test_a_decision_waits_for_its_countersigners(errands: Errands, seat: TakeSeat) -> None:
    number = errands.bring(YJ, "decide")
    vice = seat("yj_vice")
    vice.open_case(number)
    vice.claim()
    with vice.move("会签") as signing:
        signing.get_by_label("规则").select_option("veto")
        signing.get_by_role("checkbox").first.check()
        asked = signing.get_by_role("checkbox").first.locator("xpath=..").inner_text()
    opinions = vice.page.get_by_role("region", name="签署与意见")
    expect(opinions).to_contain_text("会签")
    vice.look("countersign-asked")
    assert asked.partition("（")[0] in opinions.inner_text()


def test_the_leave_of_its_holder_moves_a_step_to_the_stand_in(town: Town, errands: Errands, seat: TakeSeat) -> None:
    number = errands.bring(YJ, "site_survey")
    officer, head, second = seat("yj_officer"), seat("yj_head"), seat("yj_officer2")
    officer.open_case(number)
    officer.claim()
    head.open("/leaves")
    page = head.page
    page.get_by_label("请假人").select_option(label="李建华")
    page.get_by_label("至", exact=True).fill((town.now() + timedelta(days=3)).date().isoformat())
    page.get_by_label("代办人").select_option(label="陈国强（经办/执法人员）")
    page.get_by_label("理由").fill("病假。")
    head.press("登记")
    head.look("leave-entered")
    town.wait(minutes=1)
    second.open("/work")
    expect(second.page.locator("main")).to_contain_text(number)
    second.look("stands-in")
    officer.open("/work")
    expect(officer.page.locator("main")).not_to_contain_text(number)
