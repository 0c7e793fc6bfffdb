"""Money that the bank took for no notice is lost to nobody: cashiers see it and say what became of it."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import Connection, select, update

from service.commands.booking import book
from service.commands.receive_message import open_case_act
from service.commands.recording import record_events
from service.database.session import transaction
from service.database.tables import ledger_entry, payment_notice
from service.fees.ledger import withdraw
from service.reads.ledger_faults import ledger_faults
from tests.service_fixtures import Office
from tests.web.test_api_papers import at_payment, bank_says
from tests.web.visiting import told, visit


def notice_of(office: Office, number: str) -> dict[str, Any]:
    found: dict[str, Any] = office.sign_in("zr_clerk").get(f"/cases/{number}/fees").get_json()["notices"][0]
    return found


def unmatched(office: Office, by: str = "zr_cashier") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = office.sign_in(by).get("/unmatched-payments").get_json()["items"]
    return found


def take_back(office: Office, number: str, status: str) -> None:
    """The notice asks for nothing any more."""
    with transaction(office.engine) as connection:
        act = open_case_act(connection, office.services, number, office.now)
        (code,) = act.books.codes
        act.note("payment_notice_withdrawn", None, ledger=book(act, withdraw(act.books, code)))
        connection.execute(update(payment_notice).where(payment_notice.c.pay_code == code).values(status=status))
        record_events(act)


@pytest.mark.parametrize("status", ["void", "refunded"])
def test_money_for_a_notice_that_is_no_more_is_kept_for_the_cashier(office: Office, status: str) -> None:
    number = at_payment(office)
    notice = notice_of(office, number)
    take_back(office, number, status)
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


def test_a_code_of_nobody_is_refused_and_kept_in_the_list_and_in_the_ledger(office: Office) -> None:
    notice = notice_of(office, at_payment(office))
    for _ in range(2):
        assert bank_says(office, {**notice, "pay_code": "9" * 20}, receipt_no="0000000009").status_code == 404
    assert [row["why"] for row in unmatched(office)] == ["unknown_code"]
    with transaction(office.engine) as connection:
        assert [entry.amount_fen for entry in nobodys(connection)] == [10000]
        assert ledger_faults(connection)[1] == []


def nobodys(connection: Connection) -> list[Any]:
    """Entries of money that belongs to no case."""
    return list(connection.execute(select(ledger_entry).where(ledger_entry.c.case_id.is_(None))))


def test_a_part_leaves_the_notice_unpaid_and_what_is_over_is_shown_to_the_cashier(office: Office) -> None:
    number = at_payment(office)
    notice = notice_of(office, number)
    assert bank_says(office, notice, amount_fen=1).get_json() == {"booked": True}
    assert notice_of(office, number)["status"] == "unpaid" and unmatched(office) == []
    assert bank_says(office, notice, receipt_no="0000000002").get_json() == {"booked": True}
    assert notice_of(office, number)["status"] == "paid"
    assert [(row["why"], row["amount_fen"]) for row in unmatched(office)] == [("overpaid", 1)]


def test_what_the_bank_did_not_sign_is_not_kept(office: Office) -> None:
    number = at_payment(office)
    notice = notice_of(office, number)
    assert bank_says(office, notice, key=b"somebody else's key, just as long").status_code == 401
    assert notice_of(office, number)["status"] == "unpaid"
    assert unmatched(office) == []


def test_the_cashier_of_the_department_says_once_what_became_of_it(office: Office) -> None:
    number = at_payment(office)
    notice = notice_of(office, number)
    take_back(office, number, "void")
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
    number = at_payment(office)
    notice = notice_of(office, number)
    take_back(office, number, "void")
    bank_says(office, notice)
    cashier, (row,) = visit(office, "zr_cashier"), unmatched(office)
    words = told(cashier.page("/unmatched-payments"))
    assert notice["pay_code"] in words and "¥100.00" in words and "通知书已作废" in words
    path = f"/unmatched-payments/{row['id']}/settle"
    refused = cashier.send(path, ground=" ")
    assert refused.status_code == 422 and "请写明处理结果" in told(refused.text)
    assert "已退款 T-1" in told(cashier.sent(path, ground="已退款 T-1"))


@pytest.mark.parametrize("fen", [9_999, 10_001, 1_000_000])
def test_a_receipt_told_again_with_another_amount_changes_no_books_and_is_seen(office: Office, fen: int) -> None:
    number = at_payment(office)
    notice = notice_of(office, number)
    assert bank_says(office, notice).get_json() == {"booked": True}
    with transaction(office.engine) as connection:
        before = connection.execute(select(ledger_entry)).all()
    for _ in range(2):
        again = bank_says(office, notice, amount_fen=fen)
        assert (again.status_code, again.get_json()["code"]) == (422, "invalid_request")
    with transaction(office.engine) as connection:
        assert connection.execute(select(ledger_entry)).all() == before
    assert notice_of(office, number)["status"] == "paid"
    (row,) = unmatched(office)
    assert (row["why"], row["case_number"], row["amount_fen"]) == ("amount_differs", number, fen)
    assert bank_says(office, notice).get_json() == {"booked": False}, "what was told first is still that"
    page = visit(office, "zr_cashier").page("/unmatched-payments")
    assert "与此前告知的金额不同" in page


def test_an_excess_told_again_with_its_whole_amount_is_the_same_payment(office: Office) -> None:
    notice = notice_of(office, at_payment(office))
    assert bank_says(office, notice, amount_fen=10_001).get_json() == {"booked": True}
    assert bank_says(office, notice, amount_fen=10_001).get_json() == {"booked": False}
    assert [row["why"] for row in unmatched(office)] == ["overpaid"]
    assert bank_says(office, notice, amount_fen=10_000).status_code == 422
    assert sorted(row["why"] for row in unmatched(office)) == ["amount_differs", "overpaid"]


def test_a_receipt_told_again_with_just_its_excess_stands_beside_the_excess(office: Office) -> None:
    number = at_payment(office)
    notice = notice_of(office, number)
    assert bank_says(office, notice, amount_fen=15_000).get_json() == {"booked": True}
    for _ in range(2):  # The bank tells us at least once.
        assert bank_says(office, notice, amount_fen=5_000).status_code == 422
    kept = [(row["why"], row["amount_fen"], row["case_number"]) for row in unmatched(office)]
    assert sorted(kept) == [("amount_differs", 5_000, number), ("overpaid", 5_000, number)]
    words = told(visit(office, "zr_cashier").page("/unmatched-payments"))
    assert "多缴" in words and "与此前告知的金额不同" in words
