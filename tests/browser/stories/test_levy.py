"""Digging up a road: the fee is measured and computed, paid before the permit, and the repair is looked at."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.stories.conftest import TakeSeat
from tests.browser.stories.errands import Errands
from tests.browser.stories.people import LEVY, known
from tests.browser.stories.seats import Seat
from tests.browser.stories.town import Town

pytestmark = pytest.mark.browser


def assess(officer: Seat, number: str) -> None:
    """The amount stands there before anybody could type one."""
    officer.open_case(number)
    officer.claim()
    officer.town.wait(minutes=11)
    officer.open_case(number)
    officer.upload_missing()
    expect(officer.page.locator("main")).to_contain_text("10,290.00")
    officer.look("fee-computed")
    officer.submit()


def pay(payer: Seat, number: str, secret: str) -> None:
    payer.open(f"/public/cases/{number}?secret={secret}")
    payer.page.get_by_role("link", name="网上缴款").click()
    payer.page.wait_for_url(f"{payer.town.bank}/pay/*")
    payer.page.get_by_role("button").click()
    payer.goes_on(payer.page.get_by_role("link", name="返回办件页面").click)
    expect(payer.page.get_by_role("region", name="费用")).to_contain_text("已缴")


def look_at_the_repair(officer: Seat, number: str) -> None:
    officer.town.wait(minutes=31)
    officer.open_case(number)
    officer.upload_missing()
    officer.fill(known(LEVY, "restoration_check", officer.town.now()))
    officer.look("repair-looked-at")
    officer.submit()
    expect(officer.page.locator(".case-head")).to_contain_text("已办结")


def test_a_fee_is_computed_paid_and_the_repair_looked_at(town: Town, errands: Errands, seat: TakeSeat) -> None:
    number = errands.bring(LEVY, "assess_fee", pavement="asphalt")
    assess(seat("zj_officer"), number)
    errands.go_on(number, "decide")
    case = errands.case(number)
    errands.do(case, case["user_tasks"][0])
    pay(seat(width=390), number, errands.ask("zj_clerk", "GET", f"/cases/{number}")["secret"])
    printer = seat("zj_printer").sure()
    printer.open_case(number)
    printer.claim()
    assert printer.print_document("城市道路挖掘许可证").startswith(b"%PDF")
    printer.fill(known(LEVY, "print_certificate", town.now()))
    printer.submit()
    case = errands.case(number)
    errands.do(case, case["user_tasks"][0])
    clerk = seat("zj_clerk")
    clerk.open_case(number)
    clerk.look("waits-for-the-repair")
    clerk.upload_missing()
    clerk.fill(known(LEVY, "await_completion", town.now()), "wait-await_completion")
    clerk.goes_on(clerk.page.locator("[data-submit-form=wait-await_completion]").click)
    officer, second = seat("zj_officer"), seat("zj_officer2")
    officer.open_case(number)
    officer.claim()
    officer.fill(known(LEVY, "restoration_check", town.now()))
    officer.save_draft()
    second.open_case(number)
    second.button("签字").click()
    second.agree("签字")
    look_at_the_repair(officer, number)
