"""当场处罚: from the decision in the street through the numbered ticket to the cashier's desk and the bank."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.stories.conftest import TakeSeat
from tests.browser.stories.errands import Errands
from tests.browser.stories.people import SPOT, known
from tests.browser.stories.seats import Seat
from tests.browser.stories.town import Town

pytestmark = pytest.mark.browser
SERIES = "临财罚2026A"
FIRST = f"{SERIES}-00000001"


def register_book(finance: Seat, cashier: Seat) -> None:
    """Finance issues a book, the department gives it to its officer."""
    finance.open("/ticket-books")
    finance.page.get_by_label("票据批次").fill(SERIES)
    finance.page.get_by_label("首号").fill("1")
    finance.page.get_by_label("末号").fill("5")
    finance.page.get_by_label("发给部门").select_option("CG")
    finance.page.get_by_label("理由").fill("城管局领用")
    finance.press("登记票据本")
    cashier.open("/ticket-books/1")
    cashier.page.locator("#reason").fill("上路执法")
    cashier.press("发放")
    cashier.look("ticket-book")


def test_a_fine_goes_from_the_street_through_the_ticket_to_the_bank(
    town: Town, errands: Errands, seat: TakeSeat
) -> None:
    finance, cashier, officer = seat("cz_cashier"), seat("cg_cashier"), seat("cg_officer", width=390)
    register_book(finance, cashier)

    officer.open("/work")
    officer.goes_on(officer.page.get_by_role("link", name="新收申请").click)
    officer.goes_on(officer.page.get_by_role("link", name="对擅自占道经营").click)
    officer.fill(known(SPOT, "spot_check", town.now()), "apply")
    officer.look("spot-check-narrow")
    officer.submit()
    number = officer.number()
    errands.go_on(number, "serve_decision")
    officer.open_case(number)
    officer.claim()
    errands.ask("cg_officer2", "POST", f"/user-tasks/{errands.case(number)['user_tasks'][0]['id']}/sign", {})
    officer.open_case(number)
    officer.fill(known(SPOT, "serve_decision", town.now()))
    officer.look("spot-serve-narrow")
    officer.submit()

    officer.open_case(number)
    officer.claim()
    expect(officer.page.locator("main")).to_contain_text(FIRST)
    officer.fill({"collected": "yes", "ticket_number": FIRST})
    officer.look("spot-ticket-narrow")
    officer.submit()
    officer.open("/cash")
    expect(officer.page.locator("main")).to_contain_text("在执法人员手中")
    officer.press("交款")
    officer.look("cash-offered-narrow")

    town.wait_working_days(1)
    cashier.open("/cash")
    cashier.page.get_by_label("清点金额（元）").fill("50")
    cashier.press("确认收到")
    cashier.press("缴付银行")
    cashier.look("cash-ordered")
    cashier.goes_on(cashier.page.get_by_role("link", name="缴款码").click)
    cashier.page.get_by_role("link", name="到代收银行缴款").click()
    cashier.page.wait_for_url(f"{town.bank}/pay/*")
    cashier.page.get_by_role("button").click()
    expect(cashier.page.get_by_role("status")).to_be_visible()
    town.wait(minutes=1)
    cashier.open("/cash?view=banked")
    expect(cashier.page.locator("main")).to_contain_text(FIRST)
    cashier.look("cash-banked")

    section = seat("cg_section").sure()
    section.open_case(number)
    section.claim()
    section.fill(known(SPOT, "close_case", town.now()))
    section.submit()
    assert errands.case(number)["outcome"] == "punished"
    section.open_case(number)
    section.tab("费用")
    section.look("spot-closed")
    public = seat()
    public.open(f"/public/verify?number={FIRST}")
    expect(public.page.locator("main")).to_contain_text("真实")
    public.look("ticket-verified")
