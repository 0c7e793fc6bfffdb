"""Nobody takes a case through all posts (S26): not by a grant, and not by what leaders lend."""

from __future__ import annotations

from datetime import timedelta

import pyotp
import pytest
from playwright.sync_api import expect

from service.demo.county import demo_people
from tests.browser.stories.conftest import TakeSeat
from tests.browser.stories.errands import Errands
from tests.browser.stories.people import HB, known
from tests.browser.stories.seats import Seat
from tests.browser.stories.town import Town

pytestmark = pytest.mark.browser
CLERK = next(one for one in demo_people() if one.username == "hb_clerk")


def test_granting_one_person_the_posts_of_a_case_is_refused_with_the_reason(town: Town, seat: TakeSeat) -> None:
    admin = seat("secadmin")
    admin.open(f"/people?q={CLERK.username}")
    admin.goes_on(admin.page.get_by_role("link", name=CLERK.name).click)
    secret = next(one.totp_secret for one in demo_people() if one.username == "secadmin")
    for post in ("审核/科室负责人", "分管负责人", "主要负责人"):
        admin.page.get_by_label("岗位", exact=True).select_option(label=post)
        admin.page.locator("#reason").fill("人手不够，一人兼办。")
        code = admin.page.locator("#totp")
        if code.count():
            code.fill(pyotp.TOTP(secret).now())
        with admin.refused(409):
            admin.goes_on(admin.button("提出").click)
        expect(admin.page.get_by_role("alert")).to_contain_text(
            f"岗位“{post}”与已有岗位“窗口受理人员”不相容，一人不得兼任"
        )
        expect(admin.page.get_by_role("alert").get_by_role("listitem")).to_have_text(f"窗口受理人员 × {post}")
        expect(admin.page.locator("#reason")).to_have_value("人手不够，一人兼办。")
    admin.look("grant-refused")
    expect(admin.page.get_by_role("region", name="现任岗位").get_by_role("listitem")).to_have_count(1)


def lend(leader: Seat, post: str) -> None:
    """The post to the clerk, for three weeks."""
    leader.open("/delegations")
    page = leader.page
    page.get_by_label("受托人").select_option(label=f"{CLERK.name}（窗口受理人员）")
    page.get_by_label("至", exact=True).fill((leader.town.now() + timedelta(days=21)).date().isoformat())
    page.get_by_label("理由").fill("外出学习三周。")
    leader.press("委托")
    expect(page.get_by_role("region", name="委托记录")).to_contain_text(f"→ {CLERK.name} {post}")


def test_the_first_excluded_act_is_refused_where_leaders_lend_their_posts_to_the_clerk(
    town: Town, errands: Errands, seat: TakeSeat
) -> None:
    clerk = seat("hb_clerk")
    for username, post in (("hb_section", "审核"), ("hb_vice", "分管负责人"), ("hb_head", "主要负责人")):
        lend(leader := seat(username), post)
    leader.look("lent")
    number = errands.start(HB)
    clerk.open_case(number)
    clerk.claim()
    clerk.upload_missing()
    clerk.fill(known(HB, "formal_check", town.now()))
    town.wait(minutes=2, seconds=33)
    clerk.submit()

    errands.go_on(number, "section_review")
    clerk.open("/work?view=claimable")
    row = clerk.page.get_by_role("row").filter(has_text=number)
    expect(row).to_contain_text("职责分离，不能领取")
    clerk.look("not-to-be-claimed")
    clerk.goes_on(row.get_by_role("link").first.click)
    expect(clerk.page.locator(".form-body .notice")).to_contain_text("已办理本件的受理环节，不得再办理审核环节")
    expect(clerk.button("领取")).to_have_count(0)
    task = errands.case(number)["user_tasks"][0]["id"]
    with clerk.refused(409):
        assert clerk.call("POST", f"/api/v1/user-tasks/{task}/claim") == (409, "separation_of_duty")
    clerk.open_case(number)
    expect(clerk.tab("历史")).to_contain_text("“科室审核”被拒：职责分离")
    clerk.look("separation")
