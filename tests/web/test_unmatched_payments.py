"""Money that the bank took for no notice is lost to nobody: cashiers see it and say what became of it."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import update

from service.database.session import transaction
from service.database.tables import payment_notice
from tests.service_fixtures import Office
from tests.web.test_api_papers import at_payment, bank_says
from tests.web.visiting import told, visit


def notice_of(office: Office, number: str) -> dict[str, Any]:
    found: dict[str, Any] = office.sign_in("zr_clerk").get(f"/cases/{number}/fees").get_json()["notices"][0]
    return found


def unmatched(office: Office, by: str = "zr_cashier") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = office.sign_in(by).get("/unmatched-payments").get_json()["items"]
    return found


def set_status(office: Office, status: str) -> None:
    with transaction(office.engine) as connection:
        connection.execute(update(payment_notice).values(status=status))


@pytest.mark.parametrize("status", ["void", "refunded"])
def test_money_for_a_notice_that_is_no_more_is_kept_for_the_cashier(office: Office, status: str) -> None:
    number = at_payment(office)
    notice = notice_of(office, number)
    set_status(office, status)
    for _ in range(2):  # The bank tells us at least once.
        assert bank_says(office, notice).get_json() == {"booked": False}
    (row,) = unmatched(office)
    assert (row["why"], row["case_number"], row["amount_fen"], row["status"]) == (status, number, 10000, "open")


def test_a_notice_paid_twice_with_two_receipts_shows_the_second_and_a_repeat_shows_nothing(office: Office) -> None:
    notice = notice_of(office, at_payment(office))
    assert bank_says(office, notice).get_json() == {"booked": True}
    assert bank_says(office, notice).get_json() == {"booked": False}
    assert unmatched(office) == []
    assert bank_says(office, notice, receipt_no="0000000002").get_json() == {"booked": False}
    assert [(row["why"], row["bank_reference"]) for row in unmatched(office)] == [("paid", "0000000002")]


def test_a_receipt_that_comes_again_under_another_pay_code_books_nothing_and_is_seen(office: Office) -> None:
    first, second = at_payment(office), at_payment(office)
    assert bank_says(office, notice_of(office, first)).get_json() == {"booked": True}
    again = bank_says(office, notice_of(office, second))
    assert (again.status_code, again.get_json()["code"]) == (422, "invalid_request")
    assert notice_of(office, second)["status"] == "unpaid"
    assert [(row["why"], row["case_number"]) for row in unmatched(office)] == [("receipt_reused", second)]


def test_a_wrong_amount_and_a_code_of_nobody_are_refused_and_kept(office: Office) -> None:
    notice = notice_of(office, at_payment(office))
    assert bank_says(office, notice, amount_fen=1).status_code == 422
    assert bank_says(office, {**notice, "pay_code": "9" * 20}, receipt_no="0000000009").status_code == 404
    assert [row["why"] for row in unmatched(office)] == ["unknown_code", "wrong_amount"]
    assert notice_of(office, unmatched(office)[1]["case_number"])["status"] == "unpaid"


def test_what_the_bank_did_not_sign_is_not_kept(office: Office) -> None:
    notice = notice_of(office, at_payment(office))
    assert bank_says(office, notice, key=b"somebody else's key, just as long", amount_fen=1).status_code == 401
    assert unmatched(office) == []


def test_the_cashier_of_the_department_says_once_what_became_of_it(office: Office) -> None:
    notice = notice_of(office, at_payment(office))
    set_status(office, "void")
    bank_says(office, notice)
    (row,) = unmatched(office)
    path = f"/unmatched-payments/{row['id']}/settle"
    assert unmatched(office, "yj_cashier") == []
    assert office.sign_in("yj_cashier").post(path, {"ground": "x"}).status_code == 403
    assert office.sign_in("sysadmin").post(path, {"ground": "x"}).status_code == 403
    assert [one["id"] for one in unmatched(office, "sysadmin")] == [row["id"]]
    assert office.sign_in("zr_cashier").post(path, {"ground": "已退款 T-1"}).status_code == 204
    (settled,) = unmatched(office)
    assert (settled["status"], settled["ground"]) == ("settled", "已退款 T-1")
    assert office.sign_in("zr_cashier").post(path, {"ground": "又退"}).status_code == 422
    assert office.sign_in("yj_clerk").get("/unmatched-payments").status_code == 403


def test_the_page_shows_it_and_takes_the_outcome(office: Office) -> None:
    notice = notice_of(office, at_payment(office))
    set_status(office, "void")
    bank_says(office, notice)
    cashier, (row,) = visit(office, "zr_cashier"), unmatched(office)
    words = told(cashier.page("/unmatched-payments"))
    assert notice["pay_code"] in words and "¥100.00" in words and "通知书已作废" in words
    path = f"/unmatched-payments/{row['id']}/settle"
    refused = cashier.send(path, ground=" ")
    assert refused.status_code == 422 and "请写明处理结果" in told(refused.text)
    assert "已退款 T-1" in told(cashier.sent(path, ground="已退款 T-1"))
