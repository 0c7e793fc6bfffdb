"""收费: finance approves what a department proposes to charge; a fee is reduced, and money goes back, by decision."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import requests
from playwright.sync_api import expect

from tests.browser.stories.conftest import TakeSeat
from tests.browser.stories.errands import Errands
from tests.browser.stories.people import ZR
from tests.browser.stories.seats import Seat
from tests.browser.stories.town import Town

pytestmark = pytest.mark.browser


def decided(errands: Errands, change: str) -> None:
    """Reviewed by the section and granted by the head, with a paper on file."""
    files = {"file": ("paper.pdf", b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n", "application/pdf")}
    errands.ask("zr_clerk", "POST", f"/cases/{change}/attachments", data={"material": "fee_paper"}, files=files)
    for who, answers in (
        ("zr_section", {"review_result": "agree", "review_note": "情况属实"}),
        ("zr_head", {"change_decision": "grant", "change_reason": "符合规定，材料齐全，同意办理"}),
    ):
        (task,) = errands.case(change)["user_tasks"]
        errands.ask(who, "POST", f"/user-tasks/{task['id']}/complete", {"answers": answers})


def notices(errands: Errands, number: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = errands.ask("zr_clerk", "GET", f"/cases/{number}/fees")["notices"]
    return found


def propose(cashier: Seat, number: str, kind: str, amount: str) -> str:
    """From the tab of the case's fees; the number of the case that decides it."""
    cashier.open_case(number)
    fees = cashier.tab("费用")
    fees.get_by_text("提出减免或退付").click()
    fees.get_by_label("种类").select_option(kind)
    fees.get_by_label("金额（元）").fill(amount)
    fees.get_by_label("法律依据").fill("财税〔2019〕45号第一条")
    fees.get_by_label("事实和理由").fill("申请人为小微企业，提交了证明材料。")
    cashier.press("提出")
    return cashier.page.url.rpartition("/")[2]


def test_a_standard_is_previewed_proposed_and_approved_by_finance(town: Town, seat: TakeSeat) -> None:
    cashier = seat("zr_cashier")
    cashier.open(f"/fee-standards/{ZR}")
    page = cashier.page
    page.get_by_label("生效日期").fill((town.now() + timedelta(days=8)).date().isoformat())
    page.get_by_label("收费依据").fill("发改价格规〔2026〕1号")
    page.locator("#c0-rules").fill('"dwelling" | 9000\n"other" | 55000')
    page.locator("#reason").fill("省里调整标准。")
    cashier.press("测算")
    expect(page.get_by_role("region", name="测算结果")).to_contain_text("¥90.00")
    cashier.look("standard-previewed")
    cashier.press("提出")
    expect(page.get_by_role("region", name="待审批的新版本")).to_contain_text("提出人不得审批自己的提议")
    finance = seat("cz_section").sure()
    finance.open(f"/fee-standards/{ZR}")
    finance.look("standard-to-approve")
    finance.press("批准")
    expect(finance.page.get_by_role("region", name="版本", exact=True)).to_contain_text("第 2 版")


def test_a_fee_is_reduced_and_money_goes_back_by_cases_of_their_own(
    town: Town, errands: Errands, seat: TakeSeat
) -> None:
    number = errands.bring(ZR, "decide", extra_copies=2)
    case = errands.case(number)
    errands.do(case, case["user_tasks"][0], extra_copies=2)
    cashier = seat("zr_cashier")
    reduction = propose(cashier, number, "reduction", "40")
    expect(cashier.page.get_by_role("region", name="要减免或退付的收费")).to_contain_text("¥40.00")
    cashier.look("reduction-proposed")
    decided(errands, reduction)
    cashier.open_case(number)
    expect(cashier.tab("费用")).to_contain_text("¥60.00")
    cashier.picture("fee-reduced")

    old, new = notices(errands, number)
    assert (old["status"], new["amount_fen"]) == ("void", 6000)
    assert requests.post(new["pay_url"], timeout=10).ok
    assert notices(errands, number)[1]["status"] == "paid"
    refund = propose(cashier, number, f"refund/{new['pay_code']}", "60")
    decided(errands, refund)
    town.put(town.now() + timedelta(seconds=1))
    assert notices(errands, number)[1]["status"] == "refunded", "the bank has paid back and said so"
    cashier.open_case(number)
    expect(cashier.tab("历史")).to_contain_text("银行已退款 ¥60.00")
    cashier.picture("fee-paid-back")
