"""The safety licence whose survey ends 58 seconds after acceptance (S15): halted, until the supervisor has decided."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.stories.conftest import TakeSeat
from tests.browser.stories.errands import Errands
from tests.browser.stories.people import YJ, known
from tests.browser.stories.seats import Seat
from tests.browser.stories.town import Town

pytestmark = pytest.mark.browser


def signed_survey(officer: Seat, second: Seat, number: str) -> None:
    """The officer's page is filled in, the second has signed."""
    officer.open_case(number)
    officer.claim()
    officer.fill(known(YJ, "site_survey", officer.town.now()))
    officer.save_draft()
    sign(second, number)
    officer.open_case(number)


def sign(second: Seat, number: str) -> None:
    second.open_case(number)
    second.button("签字").click()
    second.agree("签字")


def halt(number: str, officer: Seat, second: Seat) -> Seat:
    """The survey, handed in 58 seconds after the acceptance; a window that still shows it unfinished."""
    signed_survey(officer, second, number)
    officer.upload("survey_opinion")
    officer.upload("site_photos", 3)
    officer.town.wait(seconds=58)
    stale = officer.second_window()
    officer.page.locator("[data-submit-form]").click()
    asked = officer.page.get_by_role("dialog")
    expect(asked).to_contain_text("未满最短时限")
    officer.picture("asked-back", whole=False)
    officer.agree("提交现场踏勘")
    return stale


def decide(supervisor: Seat, number: str, ruling: str) -> None:
    """From the red alarm to the case, and the ruling there."""
    supervisor.open("/alarms?colour=red&status=ordered")
    row = supervisor.page.get_by_role("row").filter(has_text=number)
    expect(row).to_contain_text("红色报警")
    expect(row).to_contain_text("“现场踏勘”用时 58 秒，最短时限 30 分")
    supervisor.look("red-alarm")
    supervisor.goes_on(row.get_by_role("link", name=number).click)
    supervisor.look("alarm")
    supervisor.goes_on(supervisor.page.locator(".case-head").get_by_role("link", name=number).click)
    expect(supervisor.page.locator(".duration")).to_contain_text("58 秒")
    supervisor.claim()
    supervisor.look("ruling")
    supervisor.fill(known(YJ, "halt_ruling", supervisor.town.now(), halt_ruling=ruling))
    supervisor.sure().submit()


@pytest.mark.parametrize("width", [1280, 390])
def test_a_survey_finished_in_58_seconds_halts_the_case_until_it_is_done_again(
    town: Town, errands: Errands, seat: TakeSeat, width: int
) -> None:
    officer, second = seat("yj_officer", width=width), seat("yj_officer2", width=width)
    number = errands.bring(YJ, "site_survey")
    stale = halt(number, officer, second)
    expect(officer.banner()).to_contain_text("办件已中止。")
    expect(officer.banner()).to_contain_text("58 秒")
    expect(officer.page.locator("[data-submit-form]")).to_have_count(0)
    officer.look(f"halted-{width}")

    with stale.refused(409):
        stale.page.locator("[data-submit-form]").click()
        stale.page.get_by_role("dialog").get_by_role("button", name="提交现场踏勘").click()
        expect(stale.page.locator(".summary")).to_contain_text("已中止")
    stale.picture("other-acts-refused")
    section = seat("yj_section", width=width)
    section.open_case(number)
    expect(section.banner()).to_contain_text("只有一级监察员可以解除")
    expect(section.page.locator(".dock")).to_have_count(0)

    decide(seat("yj_sup1", width=width), number, "redo")
    officer.open_case(number)
    expect(officer.banner()).to_have_count(0)
    expect(officer.tab("历史")).to_contain_text("监察员处置：重办")
    town.wait(minutes=31)
    officer.open_case(number)
    expect(officer.page.locator("#f-survey_record")).not_to_be_empty()  # Held and drafted as before; signed anew.
    sign(second, number)
    officer.open_case(number)
    officer.submit()
    expect(officer.page.locator(".case-head .tag.now")).to_have_text("科室审核 · 办理中")
    officer.look(f"goes-on-{width}")


def test_a_halted_case_is_released_on_a_recorded_ground_and_goes_on(
    town: Town, errands: Errands, seat: TakeSeat
) -> None:
    officer = seat("yj_officer")
    number = errands.bring(YJ, "site_survey")
    halt(number, officer, seat("yj_officer2"))
    supervisor = seat("yj_sup1")
    decide(supervisor, number, "release")
    expect(supervisor.page.locator(".case-head .tag.now")).to_have_text("科室审核 · 办理中")
    history = supervisor.tab("历史")
    expect(history).to_contain_text("监察员处置：认可，办件继续")
    supervisor.picture("released")
