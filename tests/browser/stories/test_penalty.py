"""A penalty from the lead to the closing: told before it is decided, heard, published masked, paid in two parts."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.stories.conftest import TakeSeat
from tests.browser.stories.errands import Errands
from tests.browser.stories.people import PENALTY, known
from tests.browser.stories.seats import Seat
from tests.browser.stories.town import Town

pytestmark = pytest.mark.browser
PILE = {"violation": "pile"}


def begin(officer: Seat) -> str:
    officer.open("/work")
    officer.goes_on(officer.page.get_by_role("link", name="新收申请").click)
    officer.goes_on(officer.page.get_by_role("link", name="对擅自在街道两侧").click)
    officer.fill(known(PENALTY, "register_lead", officer.town.now()), "apply")
    officer.look("penalty-lead")
    officer.submit()
    return officer.number()


def says(errands: Errands, number: str, **said: Any) -> None:
    """The party at the counter."""
    told = {"statement_made": False, "hearing_requested": False, "rights_waived": False, **said}
    errands.ask("cg_clerk", "POST", f"/cases/{number}/messages", {"kind": "statement", "answers": told})


def bring_paper(errands: Errands, number: str, material: str) -> None:
    files = {"file": ("receipt.pdf", b"%PDF-1.4\n%%EOF\n", "application/pdf")}
    path = f"/cases/{number}/attachments"
    errands.ask("cg_officer", "POST", path, data={"material": material}, files=files)


def part(head: Seat, place: int, day: str, yuan: str) -> None:
    head.page.locator(f"input[name=due-{place}]").fill(day)
    head.page.locator(f"input[name=amount-{place}]").fill(yuan)


def pay_at_the_bank(public: Seat, errands: Errands, number: str, place: int) -> None:
    """The party pays one of its open notices."""
    secret = errands.ask("cg_clerk", "GET", f"/cases/{number}")["secret"]
    public.open(f"/public/cases/{number}?secret={secret}")
    public.page.get_by_role("link", name="网上缴款").nth(place).click()
    public.page.wait_for_url(f"{public.town.bank}/pay/*")
    public.page.get_by_role("button").click()
    expect(public.page.get_by_role("status")).to_be_visible()
    public.goes_on(public.page.get_by_role("link", name="返回办件页面").click)


def test_a_penalty_is_told_heard_decided_and_published_masked(town: Town, errands: Errands, seat: TakeSeat) -> None:
    officer, head, public = seat("cg_officer"), seat("cg_head").sure(), seat()
    number = begin(officer)
    errands.go_on(number, "serve_prior_notice", **PILE)
    bring_paper(errands, number, "notice_receipt")
    errands.do(errands.case(number), errands.case(number)["user_tasks"][0], **PILE)
    says(errands, number, statement_made=True, statement_text="摊位已于次日清理。")
    officer.open_case(number)
    expect(officer.page.locator("main")).to_contain_text("等待陈述申辩、听证申请")
    officer.look("penalty-waits-for-the-party")
    says(errands, number, hearing_requested=True)
    errands.go_on(number, "hold_hearing", **PILE)
    town.wait(days=21)
    bring_paper(errands, number, "hearing_record")
    errands.go_on(number, "collective_discussion", **PILE)
    head.open_case(number)
    head.claim()
    head.fill(known(PENALTY, "collective_discussion", town.now()))
    town.wait(minutes=11)
    head.look("penalty-discussion")
    head.submit()
    bring_paper(errands, number, "discussion_record")
    errands.go_on(number, "serve_decision", **PILE)
    bring_paper(errands, number, "decision_receipt")
    errands.do(errands.case(number), errands.case(number)["user_tasks"][0], **PILE)

    public.open("/public/penalties")
    public.look("penalties-public")
    name = errands.case(number)["applicant"]["name"]
    expect(public.page.locator("main")).to_contain_text("1,200.00")
    expect(public.page.locator("main")).not_to_contain_text(name)


def served(errands: Errands) -> str:
    """A fine of 1,200 yuan that was served; the party has waived its rights."""
    lead = known(PENALTY, "register_lead", errands.town.now())
    body = {"power_item": PENALTY, "answers": lead}
    number = str(errands.ask("cg_officer", "POST", "/cases", body)["number"])
    errands.go_on(number, "serve_prior_notice", **PILE)
    bring_paper(errands, number, "notice_receipt")
    errands.do(errands.case(number), errands.case(number)["user_tasks"][0], **PILE)
    says(errands, number, rights_waived=True)
    errands.go_on(number, "serve_decision", **PILE)
    bring_paper(errands, number, "decision_receipt")
    errands.do(errands.case(number), errands.case(number)["user_tasks"][0], **PILE)
    return number


def test_a_fine_is_paid_in_parts_a_missed_one_shows_and_the_case_is_closed(
    town: Town, errands: Errands, seat: TakeSeat
) -> None:
    number = served(errands)
    head, public = seat("cg_head").sure(), seat()
    today = town.now().date()
    head.open_case(number)
    head.page.get_by_text("准予延期或分期缴纳").click()
    part(head, 0, str(today + timedelta(days=20)), "400")
    part(head, 1, str(today + timedelta(days=50)), "800")
    head.page.get_by_label("理由").locator("visible=true").first.fill("当事人确有经济困难，已书面申请")
    head.look("fine-instalments")
    head.press("准予")
    expect(head.page.locator("main")).to_contain_text("延期、分期计划")
    town.wait(minutes=1)
    pay_at_the_bank(public, errands, number, 0)
    town.wait(days=58)
    head.open_case(number)
    expect(head.page.locator("main")).to_contain_text("逾期未缴")
    head.look("fine-part-missed")

    clerk = seat("cg_clerk")
    clerk.open_case(number)
    clerk.tab("费用")
    clerk.press("开具缴款通知书")
    town.wait(minutes=1)
    pay_at_the_bank(public, errands, number, 0)
    vice = seat("cg_vice").sure()
    vice.open_case(number)
    vice.claim()
    vice.fill(known(PENALTY, "close_case", town.now()))
    vice.submit()
    assert errands.case(number)["outcome"] == "punished"
    head.open_case(number)
    head.look("penalty-closed")
    narrow = seat("cg_head", width=390)
    narrow.open_case(number)
    narrow.look("penalty-closed-narrow")
