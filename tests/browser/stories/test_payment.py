"""Real estate: the certificate stays in the printer until the fee is paid at the bank (S10)."""

from __future__ import annotations

import io

import pytest
from playwright.sync_api import expect
from pypdf import PdfReader

from tests.browser.stories.conftest import TakeSeat
from tests.browser.stories.errands import Errands
from tests.browser.stories.people import ZR, known
from tests.browser.stories.town import Town

pytestmark = pytest.mark.browser


def test_a_certificate_is_refused_before_payment_and_printed_after_it(
    town: Town, errands: Errands, seat: TakeSeat
) -> None:
    number = errands.bring(ZR, "decide")
    vice = seat("zr_vice").sure()
    vice.open_case(number)
    vice.claim()
    vice.fill(known(ZR, "decide", town.now()))
    vice.submit()

    printer = seat("zr_printer").sure()
    printer.open_case(number)
    printer.look("waits-for-payment")
    printer.tab("文书")
    with printer.refused(409), printer.page.context.expect_page() as opened:
        printer.button("打印不动产权证书").click()
        opened.value.get_by_role("heading", level=1).wait_for()
    expect(opened.value.locator("main")).to_contain_text("费用尚未网上缴清，不能制证打印")
    printer.picture_of(opened.value, "print-refused")
    opened.value.get_by_role("link", name="回到办件").click()
    opened.value.wait_for_url(f"{town.address}/cases/{number}")
    printer.open_case(number)
    expect(printer.tab("历史")).to_contain_text("申请制证打印被拒：费用未缴清")
    expect(printer.page.locator(".case-head")).to_contain_text("收费异常")
    fees = printer.tab("费用")
    expect(fees).to_contain_text("¥80.00")
    expect(fees).to_contain_text("未缴清")
    printer.picture("fee-unpaid")

    payer = seat()
    secret = errands.ask("zr_clerk", "GET", f"/cases/{number}")["secret"]
    payer.open(f"/public/cases/{number}?secret={secret}")
    expect(payer.page.locator(".case-head")).to_contain_text("缴清后才能制证")
    payer.look("asked-to-pay")
    payer.page.get_by_role("link", name="网上缴款").click()
    payer.page.wait_for_url(f"{town.bank}/pay/*")
    expect(payer.page.locator("main")).to_contain_text("¥80.00")
    payer.picture("bank")
    payer.page.get_by_role("button").click()
    expect(payer.page.get_by_role("status")).to_be_visible()
    payer.picture("bank-paid")
    payer.goes_on(payer.page.get_by_role("link", name="返回办件页面").click)
    expect(payer.page.get_by_role("region", name="费用")).to_contain_text("已缴")

    printer.open_case(number)
    expect(printer.tab("费用")).to_contain_text("已缴清")
    printer.claim()
    certificate = printer.print_document("不动产权证书")
    text = "".join(page.extract_text() for page in PdfReader(io.BytesIO(certificate)).pages)
    assert "0000001" in text and known(ZR, "apply", town.now())["buyer_name"] in text
    printer.fill(known(ZR, "print_certificate", town.now()))
    printer.submit()
    expect(printer.page.locator(".case-head .tag.now")).to_have_text("送达 · 办理中")
    expect(printer.tab("历史")).to_contain_text("已网上缴款 ¥80.00")
