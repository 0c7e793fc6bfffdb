"""A certificate from the printer to the register and to the public, and its revocation from the proposal on."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.stories.conftest import TakeSeat
from tests.browser.stories.errands import Errands
from tests.browser.stories.people import YJ
from tests.browser.stories.town import Town

pytestmark = pytest.mark.browser


def test_a_certificate_is_printed_registered_verified_and_revoked(town: Town, errands: Errands, seat: TakeSeat) -> None:
    number = errands.bring(YJ, "print_certificate")
    printer = seat("yj_printer").sure()
    printer.open_case(number)
    assert printer.print_document("安全生产许可证").startswith(b"%PDF")
    town.wait(days=2)  # In force from the day after the decision on.
    officer = seat("yj_officer")
    officer.open("/certificates")
    row = officer.page.get_by_role("row").filter(has_text="安许证字")
    expect(row).to_contain_text("有效")
    officer.look("register")
    officer.goes_on(row.get_by_role("link").first.click)
    certificate = officer.page.locator("dl.facts dd").first.inner_text()
    officer.page.locator("input[name=kind][value=revoke]").check()
    officer.page.get_by_label("法律依据").fill("《中华人民共和国行政许可法》第六十九条第二款")
    officer.page.get_by_label("事实和理由").fill("以欺骗手段取得许可")
    officer.press("提出变动")
    change = officer.number()
    officer.open("/certificates")
    officer.look("revocation-proposed")
    anybody = seat(width=390)
    anybody.open(f"/public/verify?number={certificate}")
    expect(anybody.page.locator("main")).to_contain_text("有效")
    anybody.look("verified-in-public")

    town.wait(days=12)  # The holder says nothing.
    lawyer = seat("yj_legal").sure()
    lawyer.open_case(change)
    lawyer.claim()
    lawyer.upload_missing()
    lawyer.fill({"legal_opinion": "lawful", "legal_note": "事实清楚，依据准确"})
    lawyer.submit()
    head = seat("yj_head")
    head.open_case(change)
    head.claim()
    head.upload_missing()
    head.fill({"change_decision": "grant", "change_reason": "经查申请材料系伪造，应当依法处理"})
    head.submit_with_code("revocation-decided")
    anybody.open(f"/public/verify?number={certificate}")
    expect(anybody.page.locator("main")).to_contain_text("有效")
    clerk = seat("yj_clerk").sure()
    clerk.open_case(change)
    clerk.claim()
    assert clerk.print_document("撤销行政许可决定书").startswith(b"%PDF")
    clerk.upload_missing()
    clerk.fill({"delivery_way": "hand", "receiver_name": "王晓燕"})
    clerk.submit()
    anybody.open(f"/public/verify?number={certificate}")
    expect(anybody.page.locator("main")).to_contain_text("撤销")
    anybody.look("revoked-in-public")
