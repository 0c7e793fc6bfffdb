"""A call to the hotline: taken down, dispatched, handled by the department, and asked about again."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.stories.conftest import TakeSeat
from tests.browser.stories.people import HOTLINE, known
from tests.browser.stories.seats import Seat
from tests.browser.stories.town import Town

pytestmark = pytest.mark.browser


def take_down(operator: Seat) -> str:
    """From the work list to the registered call; the order's number."""
    operator.open("/work")
    operator.goes_on(operator.page.get_by_role("link", name="新收申请").click)
    operator.goes_on(operator.page.get_by_role("link", name="12345热线工单办理").click)
    operator.fill(known(HOTLINE, "register_call", operator.town.now()), "apply")
    operator.look("call-form")
    operator.submit()
    operator.look("call-registered")
    return operator.number()


def take_and_submit(one: Seat, number: str, form: str, **choices: Any) -> None:
    one.open("/work?view=claimable")
    expect(one.page.get_by_text(number).first).to_be_visible()
    one.open_case(number)
    one.claim()
    one.upload_missing()
    one.fill(known(HOTLINE, form, one.town.now(), **choices))
    one.look(f"order-{form}")
    one.sure().submit()


def test_a_call_is_answered_by_the_department_that_the_dispatcher_chose(town: Town, seat: TakeSeat) -> None:
    number = take_down(seat("rx_hotline_operator"))
    town.wait(minutes=1)
    take_and_submit(seat("rx_hotline_dispatcher"), number, "dispatch")
    stranger = seat("hb_dept_clerk")
    stranger.open("/work?view=claimable")
    expect(stranger.page.get_by_text(number)).to_have_count(0)
    contact, officer = seat("sg_dept_clerk", width=390), seat("sg_officer")
    take_and_submit(contact, number, "sign")
    take_and_submit(officer, number, "contact_caller")
    officer.open_case(number)
    officer.claim()
    officer.upload_missing()
    officer.fill(known(HOTLINE, "handle", town.now()))
    officer.save_draft()
    town.wait(minutes=11)
    officer.open_case(number)
    expect(officer.page.get_by_text("油烟直接飘进二楼住户家中")).to_be_visible()
    officer.look("order-handle")
    officer.submit()
    section = seat("sg_section")
    section.open_case(number)
    section.claim()
    town.wait(minutes=2)
    section.open_case(number)
    section.fill(known(HOTLINE, "dept_review", town.now()))
    section.sure().submit()
    take_and_submit(contact, number, "reply_caller")
    visitor = seat("rx_hotline_visitor")
    take_and_submit(visitor, number, "follow_up", satisfaction="very")
    visitor.open_case(number)
    visitor.look("order-closed")
    expect(visitor.page.locator(".case-head")).to_contain_text("办结")
