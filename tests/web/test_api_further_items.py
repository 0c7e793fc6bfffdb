"""The items that are no plain licence, through the interface from the first call to the last."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from service.database.session import reading
from service.database.tables import payment_notice
from tests.service_fixtures import Office
from tests.web.test_api_papers import bank_says
from tests.web.visiting import visit

PERSON = {"name": "李秀兰", "id_number": "32990119921103004X", "mobile": "13800138002"}


def _relief(office: Office, **choices: Any) -> str:
    body = {**office.application("LJ-MZ-JF-001", **choices), "applicant": PERSON}
    started = office.sign_in("mz_town_clerk").post("/cases", body)
    assert started.status_code == 201, started.text
    return str(started.get_json()["number"])


def test_urgent_relief_goes_its_whole_way_over_the_interface(office: Office) -> None:
    number = _relief(office, urgency="urgent")
    office.walk(number, "town_review")
    assert office.sign_in("mz_cashier").upload(number, "payment_proof").status_code == 201
    office.work(number, "town_review")
    office.wait(days=6)
    case = office.walk(number, "the end")
    assert (case["status"], case["outcome"]) == ("completed", "granted")
    steps = [step["element_id"] for step in case["steps_done"]]
    assert steps[2:5] == ["urgent_decision", "urgent_payment", "home_visit"] and "pay_out" not in steps


def test_the_permit_for_digging_is_paid_printed_and_ends_with_the_repair(office: Office) -> None:
    number = office.start("LJ-ZJ-ZS-001", pavement="brick")["number"]
    office.walk(number, "assess_fee")
    task = office.task(number, "assess_fee")
    shown = office.sign_in("zj_officer").get(f"/user-tasks/{task['id']}").get_json()["variables"]
    assert shown["fee_amount"] == 24.5 * 18000, "who confirms the amount sees it"
    office.walk(number, "decide")
    office.work(number, "decide")
    with reading(office.engine) as connection:
        notice = connection.execute(select(payment_notice)).one()
    assert notice.amount_fen == 24.5 * 18000
    assert bank_says(office, dict(notice._mapping)).status_code == 200
    office.walk(number, "deliver")
    office.work(number, "deliver")
    told = office.sign_in("zj_clerk").post(
        f"/cases/{number}/messages", {"kind": "completion", "answers": {"completion_note": "已恢复路面，请验收。"}}
    )
    assert told.status_code == 200, told.text
    case = office.walk(number, "the end")
    assert (case["status"], case["outcome"]) == ("completed", "granted")


def test_the_guides_of_both_are_told_to_the_public_in_two_languages(office: Office) -> None:
    for code, words in (("LJ-MZ-JF-001", "临时救助给付"), ("LJ-ZJ-ZS-001", "城市道路挖掘修复费")):
        assert words in visit(office).page(f"/public/items/{code}")
        assert "Levy" in visit(office, language="en").page(f"/public/items/{code}") or code == "LJ-MZ-JF-001"


def test_a_clerk_of_another_post_starts_nothing(office: Office) -> None:
    body = {**office.application("LJ-MZ-JF-001"), "applicant": PERSON}
    refused = office.sign_in("mz_officer").post("/cases", body)
    assert (refused.status_code, refused.get_json()["code"]) == (403, "not_permitted")
