"""How the pages behave whoever uses them: keys alone, two at once, pressed twice, guessed at, read in English."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.stories.conftest import TakeSeat
from tests.browser.stories.errands import Errands
from tests.browser.stories.filling import tab_to, type_through
from tests.browser.stories.people import YJ, ZR, known
from tests.browser.stories.seats import Seat
from tests.browser.stories.town import Town

pytestmark = pytest.mark.browser


def test_a_task_is_claimed_opened_and_completed_without_a_mouse(town: Town, errands: Errands, seat: TakeSeat) -> None:
    number = errands.bring(ZR, "section_review")
    town.wait(minutes=6)
    section = seat("zr_section").sure()
    keys = section.page.keyboard
    section.open("/work?view=claimable")
    keys.press("j")
    section.goes_on(lambda: keys.press("c"))
    tab_to(section.page, ".tabs a[href*='view=mine']")
    section.goes_on(lambda: keys.press("Enter"))
    keys.press("j")
    section.goes_on(lambda: keys.press("Enter"))
    assert section.number() == number
    tab_to(section.page, ".skip")
    keys.press("Enter")
    section.goes_on(lambda: type_through(section.page, known(ZR, "section_review", town.now()), "task"))
    assert [task["element_id"] for task in errands.case(number)["user_tasks"]] == ["decide"]


def test_of_two_who_complete_one_task_one_is_told_who_was_faster_and_when(
    town: Town, errands: Errands, seat: TakeSeat
) -> None:
    number = errands.bring(YJ, "formal_check")
    first, second = seat("yj_clerk"), seat("yj_clerk2")
    second.open_case(number)
    first.open_case(number)
    first.claim()
    second.press("领取")
    expect(second.page.locator(".toast")).to_contain_text(re.compile(r"本环节已由王晓燕于 2026-11-23 \d\d:\d\d 领取"))
    second.look("claimed-by-another")

    first.upload_missing()
    first.fill(known(YJ, "formal_check", town.now()))
    first.save_draft()
    town.wait(minutes=2)
    slower = first.second_window()
    first.submit()
    with slower.refused(409):
        slower.page.locator("[data-submit-form]").click()
        expect(slower.page.locator(".summary")).to_contain_text(re.compile(r"本环节已由王晓燕于 .* 办结"))
    slower.picture("completed-by-another")


def test_a_double_click_has_one_effect(town: Town, errands: Errands, seat: TakeSeat) -> None:
    number = errands.bring(ZR, "section_review")
    town.wait(minutes=6)
    section = seat("zr_section").sure()
    section.open_case(number)
    section.goes_on(section.button("领取").dblclick)
    section.fill(known(ZR, "section_review", town.now()))
    section.goes_on(section.page.locator("[data-submit-form]").dblclick)
    events = errands.ask("auditor", "GET", f"/cases/{number}/history?limit=200")["items"]
    told = [one["kind"] for one in events if one["element_id"] == "section_review"]
    assert [told.count(kind) for kind in ("task_claimed", "task_completed", "act_refused")] == [1, 1, 0]


def answer_to(applicant: Seat, number: str, secret: str) -> str:
    applicant.open("/public")
    applicant.page.get_by_label("办件编号").fill(number)
    applicant.page.get_by_label("查询码", exact=True).fill(secret)
    with applicant.refused(404):
        applicant.press("查询")
    return applicant.page.get_by_role("alert").inner_text()


def test_a_wrong_number_and_a_wrong_secret_are_answered_in_the_same_words(
    town: Town, errands: Errands, seat: TakeSeat
) -> None:
    number = errands.start(YJ)
    applicant = seat()
    wrong_secret = answer_to(applicant, number, "AAAAAAAAAA")
    applicant.look("wrong-secret")
    assert wrong_secret == answer_to(applicant, "YJ-XK-2026-999999", "AAAAAAAAAA")
    assert "编号或查询码不正确" in wrong_secret


_CHINESE = re.compile(r"[\u4e00-\u9fff]{2,}")
PAGES = {
    "yj_clerk": ("/work", "/work?view=claimable", "/cases", "/cases/new", f"/cases/new/{YJ}", "/processes", "/notices"),
    "yj_sup1": ("/alarms", "/orders", "/calendar"),
    "hb_head": ("/delegations",),
    "secadmin": ("/people",),
    "sup2": ("/thresholds",),
}


@pytest.mark.parametrize("username", PAGES)
def test_every_page_is_read_in_english(town: Town, errands: Errands, seat: TakeSeat, username: str) -> None:
    one = seat(username)
    one.goes_on(one.page.get_by_role("link", name="English").click)
    expect(one.page.locator("html")).to_have_attribute("lang", "en")
    for path in PAGES[username]:
        one.open(path)
        assert untranslated(one) == [], path
        one.picture(f"english-{username}{path.replace('/', '-').partition('?')[0]}")


def untranslated(one: Seat) -> list[str]:
    """Chinese that is neither a person's or firm's own words nor marked as Chinese."""
    texts = one.page.locator("main, header, footer").evaluate_all(
        """all => all.flatMap(root => [...root.querySelectorAll('*')])
             .filter(node => !node.closest('[lang=zh-CN]:not(html), script, .canvas, option, td, th, .menu, dd'))
             .flatMap(node => [...node.childNodes])
             .filter(one => one.nodeType === Node.TEXT_NODE).map(one => one.textContent.trim())"""
    )
    return [text for text in texts if _CHINESE.search(text.replace("安监局", ""))]  # the old name, as people know it
