"""The ledger and the acts on fines over the interface."""

from __future__ import annotations

from tests.service_fixtures import Office
from tests.web.test_api_papers import at_payment, bank_says


def test_the_ledger_of_a_case_tells_what_is_owed_and_what_came_in(office: Office) -> None:
    number = at_payment(office)
    clerk = office.sign_in("zr_clerk")
    told = clerk.get(f"/cases/{number}/ledger").get_json()
    assert ([one["kind"] for one in told["items"]], told["outstanding_fen"]) == (
        ["fee_assessed", "notice_issued"],
        10000,
    )
    (notice,) = clerk.get(f"/cases/{number}/fees").get_json()["notices"]
    bank_says(office, notice)
    told = clerk.get(f"/cases/{number}/ledger").get_json()
    assert (told["outstanding_fen"], told["kept_fen"], told["balances"]["bank"]) == (0, 10000, 10000)
    assert office.sign_in("yj_clerk").get(f"/cases/{number}/ledger").status_code == 404


def test_acts_on_a_fine_are_a_leaders_and_need_a_fine(office: Office) -> None:
    number = at_payment(office)
    plan = {"reason": "经济困难", "parts": [{"due_on": "2026-12-30", "amount_fen": 5}]}
    for act, body in (("surcharge", {"reason": "逾期"}), ("write-off", {"reason": "无财产"}), ("deferral", plan)):
        path = f"/cases/{number}/fine/{act}"
        assert office.sign_in("zr_cashier").post(path, body).status_code == 403
        assert office.sign_in("zr_head").post(path, body).get_json()["code"] == "not_waiting"
    assert office.sign_in("zr_head").post(f"/cases/{number}/fine/deferral", {"reason": "x"}).status_code == 422
