"""The association's change without its survey opinion (S13): the officer cannot hand it over."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.stories.conftest import TakeSeat
from tests.browser.stories.errands import Errands
from tests.browser.stories.people import MZ, known
from tests.browser.stories.town import Town

pytestmark = pytest.mark.browser


def test_a_survey_without_its_opinion_is_refused_by_name_and_keeps_what_was_typed(
    town: Town, errands: Errands, seat: TakeSeat
) -> None:
    number = errands.bring(MZ, "site_survey", reg_kind="change", change_items=["domicile"])
    officer, second = seat("mz_officer"), seat("mz_officer2")
    officer.open_case(number)
    officer.claim()
    given = known(MZ, "site_survey", town.now())
    officer.fill(given)
    officer.save_draft()
    second.open_case(number)
    second.button("签字").click()
    second.agree("签字")
    town.wait(minutes=31)
    officer.open_case(number)
    lines = officer.submit_refused(422)
    assert len(lines) == 1 and "现场踏勘意见书" in lines[0]
    officer.look("paper-missing")
    expect(officer.page.locator(".summary a")).to_have_attribute("href", "#m-survey_opinion")
    expect(officer.page.locator("#m-survey_opinion")).to_have_attribute("aria-invalid", "true")
    expect(officer.page.locator("#f-survey_record")).to_have_value(given["survey_record"])

    officer.open_case(number)
    expect(officer.page.locator("#f-survey_record")).to_have_value(given["survey_record"])
    expect(officer.tab("历史")).to_contain_text("提交被拒：控制节点未满足")
    officer.upload("survey_opinion")
    expect(officer.page.locator(".checks .no")).to_have_count(0)
    officer.submit()
    expect(officer.page.locator(".case-head .tag.now")).to_have_text("科室审核 · 办理中")
    officer.look("paper-there")
