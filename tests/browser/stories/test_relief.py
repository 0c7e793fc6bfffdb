"""临时救助: a family asks in the township, is visited at home, named in the village, and paid by the county."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.stories.conftest import TakeSeat
from tests.browser.stories.errands import Errands
from tests.browser.stories.people import HOUSEHOLDER, RELIEF, known
from tests.browser.stories.seats import Seat
from tests.browser.stories.town import Town

pytestmark = pytest.mark.browser


def receive(clerk: Seat) -> str:
    """At the township's window; the case's number."""
    page, (name, identity, mobile) = clerk.page, HOUSEHOLDER
    clerk.open(f"/cases/new/{RELIEF}")
    page.get_by_label("自然人").check()
    for label, text in (("名称或姓名", name), ("统一社会信用代码或身份证号", identity), ("联系手机", mobile)):
        page.get_by_label(label).fill(text)
    clerk.press("下一步")
    clerk.fill(known(RELIEF, "apply", clerk.town.now()), "apply")
    clerk.look("relief-form")
    clerk.submit()
    return clerk.number()


def visit(officer: Seat, second: Seat, number: str) -> None:
    """Both officers in the family's home, with a phone."""
    officer.open_case(number)
    officer.claim()
    officer.fill(known(RELIEF, "home_visit", officer.town.now()))
    officer.save_draft()
    second.open_case(number)
    second.button("签字").click()
    second.agree("签字")
    officer.town.wait(minutes=31)
    officer.open_case(number)
    officer.upload_missing()
    officer.fill(known(RELIEF, "home_visit", officer.town.now()))
    officer.look("home-visit")
    officer.submit()


def test_a_family_is_visited_named_and_paid(town: Town, errands: Errands, seat: TakeSeat) -> None:
    clerk = seat("mz_town_clerk")
    number, secret = receive(clerk), clerk.page.locator("#secret").inner_text().strip()
    errands.go_on(number, "home_visit")
    visit(seat("mz_town_officer", width=390), seat("mz_town_officer2"), number)
    errands.go_on(number, "county_review")
    errands.go_on(number, "decide")
    vice = seat("mz_vice")
    vice.open_case(number)
    vice.claim()
    town.wait(minutes=3)
    vice.open_case(number)
    vice.fill(known(RELIEF, "decide", town.now()))
    vice.look("relief-decide")
    vice.sure().submit()
    cashier = seat("mz_cashier")
    cashier.open_case(number)
    cashier.claim()
    cashier.upload_missing()
    cashier.fill(known(RELIEF, "pay_out", town.now()))
    cashier.look("relief-pay")
    cashier.submit()
    expect(cashier.page.locator(".case-head")).to_contain_text("已办结 · 准予")
    applicant = seat(width=390)
    applicant.open(f"/public/cases/{number}?secret={secret}")
    expect(applicant.page.locator("h1")).to_have_text("已办结 · 准予")
    assert HOUSEHOLDER[0] not in applicant.page.content(), "the village's board alone says more than a masked name"
    applicant.look("relief-followed")
