"""A certificate from the printer to the register and to the public, and the proposal to revoke it."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.stories.conftest import TakeSeat
from tests.browser.stories.errands import Errands
from tests.browser.stories.people import YJ
from tests.browser.stories.town import Town

pytestmark = pytest.mark.browser


def test_a_certificate_is_printed_registered_verified_and_its_revocation_proposed(
    town: Town, errands: Errands, seat: TakeSeat
) -> None:
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
    officer.open("/certificates")
    officer.look("revocation-proposed")
    anybody = seat(width=390)
    anybody.open(f"/public/verify?number={certificate}")
    expect(anybody.page.locator("main")).to_contain_text("有效")
    anybody.look("verified-in-public")
