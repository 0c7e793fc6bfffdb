"""A safety licence from the counter to the printed certificate, every step through the pages."""

from __future__ import annotations

import io
import zipfile

import pytest
from playwright.sync_api import expect
from pypdf import PdfReader

from tests.browser.stories.conftest import TakeSeat
from tests.browser.stories.filling import type_through
from tests.browser.stories.people import APPLICANT, YJ, known
from tests.browser.stories.seats import Seat
from tests.browser.stories.town import Town

pytestmark = pytest.mark.browser
CERTIFICATE = "苏 WH安许证字〔2026〕00001"
CHANGED = "储罐区增设围堰一处，消防通道畅通，值班记录完整，安全距离经复测符合设计图纸要求。"


def receive(clerk: Seat) -> str:
    """A new case, entered without touching the mouse; its number."""
    page = clerk.page
    clerk.open(f"/cases/new/{YJ}")
    page.get_by_label("名称或姓名").focus()
    for text in APPLICANT:
        page.keyboard.insert_text(text)
        page.keyboard.press("Tab")
    clerk.goes_on(lambda: page.keyboard.press("Control+Enter"))
    filled = known(YJ, "apply", clerk.town.now())
    filled["chemicals"] = filled["chemicals"][:1]
    clerk.goes_on(lambda: type_through(page, filled, "apply"))
    return clerk.number()


def accept(clerk: Seat, number: str) -> None:
    """The formal check, with everything that the applicant has brought."""
    clerk.claim()
    clerk.upload_missing()
    clerk.fill(known(YJ, "formal_check", clerk.town.now()))
    clerk.save_draft()
    expect(clerk.page.locator(".checks .no")).to_have_count(0)
    clerk.town.wait(minutes=2)
    clerk.submit()
    expect(clerk.tab("文书")).to_contain_text("受理通知书")


def survey(officer: Seat, second: Seat, number: str) -> None:
    """Half an hour on site, signed by both."""
    officer.open("/work?view=claimable")
    officer.press("领取")
    officer.open("/work")
    officer.goes_on(officer.page.get_by_role("link", name="办理").click)
    officer.look("survey-claimed")
    officer.fill(known(YJ, "site_survey", officer.town.now()))
    officer.save_draft()
    second.open("/work?view=to_sign")
    second.goes_on(second.page.get_by_role("link", name="去签字").click)
    expect(second.page.locator("#f-officer_b")).to_have_value("陈国强 F-0004")
    second.look("to-sign")
    second.button("签字").click()
    second.picture("second-signature", whole=False)
    second.agree("签字")
    expect(second.page.locator(".notice.done")).to_contain_text("陈国强")
    officer.town.wait(minutes=31)
    officer.open_case(number)
    officer.upload_missing()
    expect(officer.page.locator(".checks .no")).to_have_count(0)
    change_what_was_signed(officer, second, number)
    officer.submit()


def change_what_was_signed(officer: Seat, second: Seat, number: str) -> None:
    """Nothing else than what the second officer has signed is handed in; he sees it and signs anew."""
    officer.fill({"survey_record": CHANGED})
    lines = officer.submit_refused(422)
    assert len(lines) == 1 and "须重新签字" in lines[0]
    officer.save_draft()
    expect(officer.page.locator(".checks .no")).to_contain_text("签字后内容已改动")
    officer.open_case(number)
    expect(officer.page.locator(".notice.yellow")).to_contain_text("与所签内容不符")
    officer.look("signature-outdated")
    second.open_case(number)
    expect(second.page.locator("#f-survey_record")).to_have_value(CHANGED)
    second.look("to-sign-anew")
    second.button("重新签字").click()
    second.agree("重新签字")
    officer.open_case(number)
    expect(officer.page.locator(".checks .no")).to_have_count(0)


def test_a_licence_goes_from_the_counter_to_the_printed_certificate(town: Town, seat: TakeSeat) -> None:
    clerk = seat("yj_clerk")
    number = receive(clerk)
    secret = clerk.page.locator("#secret").inner_text().strip()
    clerk.look("received")
    accept(clerk, number)
    survey(seat("yj_officer"), seat("yj_officer2"), number)
    for username, form, minutes in (("yj_section", "section_review", 11), ("yj_vice", "decide", 3)):
        town.wait(minutes=minutes)
        one = seat(username)
        one.open_case(number)
        one.claim()
        one.fill(known(YJ, form, town.now()))
        one.submit_with_code("code-asked" if form == "decide" else None)
    printer = seat("yj_printer").sure()
    printer.open_case(number)
    printer.claim()
    printer.look("printing")
    certificate = printer.print_document("安全生产许可证")
    text = "".join(page.extract_text() for page in PdfReader(io.BytesIO(certificate)).pages)
    assert CERTIFICATE in text and APPLICANT[0] in text
    printer.fill(known(YJ, "print_certificate", town.now()))
    printer.submit()
    printer.claim()
    printer.fill(known(YJ, "deliver", town.now()))
    printer.submit()
    expect(printer.page.locator(".case-head")).to_contain_text("已办结 · 准予")
    printer.look("closed")
    package = archive(printer)
    assert {"index.json"} < set(package.namelist())
    assert sum(name.endswith(".pdf") for name in package.namelist()) > 3, package.namelist()
    follow(seat(), number, secret)


def archive(clerk: Seat) -> zipfile.ZipFile:
    """The package of the case that is over, as it comes down."""
    clerk.tab("文书")
    with clerk.page.expect_download() as came:
        clerk.page.get_by_role("link", name="下载归档包").click()
    return zipfile.ZipFile(came.value.path())


def follow(applicant: Seat, number: str, secret: str) -> None:
    """At home, without signing in."""
    applicant.open("/public")
    applicant.page.get_by_label("办件编号").fill(number)
    applicant.page.get_by_label("查询码", exact=True).fill(secret)
    applicant.press("查询")
    expect(applicant.page.locator("h1")).to_have_text("已办结 · 准予")
    assert secret not in applicant.page.url
    applicant.look("followed")
    applicant.open("/public/verify")
    applicant.page.get_by_label("证照编号").fill(CERTIFICATE)
    applicant.press("核验")
    expect(applicant.page.get_by_role("region", name="安全生产许可证")).to_contain_text("真实")
