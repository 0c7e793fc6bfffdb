"""What papers say and who brings them: new words for a document, and an agent with his authorisation."""

from __future__ import annotations

import io

import pytest
from playwright.sync_api import expect
from pypdf import PdfReader

from tests.browser.stories.conftest import TakeSeat
from tests.browser.stories.errands import Errands
from tests.browser.stories.filling import type_through
from tests.browser.stories.people import APPLICANT, YJ, known
from tests.browser.stories.town import Town

pytestmark = pytest.mark.browser
PHRASE = "请妥善保管本通知书，领证时出示。"


def test_new_words_of_a_document_are_proposed_by_one_and_released_by_another(
    town: Town, errands: Errands, seat: TakeSeat
) -> None:
    designer = seat("designer").sure()
    designer.open("/document-words")
    designer.goes_on(designer.page.get_by_role("link", name="受理通知书", exact=True).click)
    words = designer.page.get_by_label("正文（表格之后）", exact=True)
    built_in = words.input_value()
    words.fill(f"{built_in}\n{{no_such}}")
    designer.page.get_by_label("理由").fill("提醒申请人带证")
    with designer.refused(422):
        designer.press("提出新版")
    expect(designer.page.locator("main")).to_contain_text("没有占位符 {no_such}")
    designer.page.get_by_label("正文（表格之后）", exact=True).fill(f"{built_in}\n{PHRASE}")
    designer.look("words-proposed")
    designer.press("提出新版")
    expect(designer.button("撤回提议")).to_be_visible()
    expect(designer.button("批准")).to_have_count(0)

    administrator = seat("sysadmin").sure()
    administrator.open("/document-words")
    expect(administrator.page.locator("main")).to_contain_text(PHRASE)
    administrator.page.locator("summary", has_text="处理").first.click()
    administrator.press("批准")
    number = errands.bring(YJ, "site_survey")
    clerk = seat("yj_clerk").sure()
    clerk.open_case(number)
    notice = clerk.print_document("受理通知书")
    said = "".join("".join(page.extract_text().split()) for page in PdfReader(io.BytesIO(notice)).pages)
    assert PHRASE in said


def test_an_agent_acts_with_the_authorisation_on_file(town: Town, seat: TakeSeat) -> None:
    clerk = seat("yj_clerk")
    clerk.open(f"/cases/new/{YJ}")
    page = clerk.page
    for label, value in zip(("名称或姓名", "统一社会信用代码或身份证号", "联系手机"), APPLICANT, strict=True):
        page.get_by_label(label).first.fill(value)
    page.locator("summary", has_text="由代理人提交").click()
    page.get_by_label("代理人姓名").fill("王代办")
    page.get_by_label("代理人身份证号").fill("329901199001011230")
    page.get_by_label("代理人手机").fill("13900000001")
    with clerk.refused(422):
        clerk.goes_on(lambda: page.keyboard.press("Control+Enter"))
    expect(page.get_by_label("代理人身份证号")).to_have_attribute("aria-invalid", "true")
    clerk.look("agent-with-a-wrong-number")
    page.get_by_label("代理人身份证号").fill("329901199001011238")
    clerk.goes_on(lambda: page.keyboard.press("Control+Enter"))
    filled = known(YJ, "apply", town.now())
    filled["chemicals"] = filled["chemicals"][:1]
    clerk.goes_on(lambda: type_through(page, filled, "apply"))
    expect(page.locator("main")).to_contain_text("王代办")
    clerk.claim()
    expect(page.locator(".field", has_text="授权委托书").first).to_be_visible()
    clerk.look("authorisation-asked-for")
