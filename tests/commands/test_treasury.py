"""The treasury's files: taken in once, matched with what the bank told, and booked where the bank was silent."""

from __future__ import annotations

import io
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from service.commands.import_receipts import Examined, ImportReceipts, examine, import_receipts
from service.database.session import reading, transaction
from service.database.tables import outbox, payment_notice, treasury_import, treasury_receipt, treasury_row
from service.fees.ledger import Account
from service.reads.treasury import find_import, list_rows, missing_receipts
from tests.commands.office import Office
from tests.commands.stories import ZR
from tests.commands.walking import begin, finish

HEAD = "receipt_no,pay_code,amount_fen,paid_on,payer,dept_code"


def take(office: Office, *lines: str, by: str | None = "cz_cashier", head: str = HEAD) -> int:
    """A file comes in and is matched; its id."""
    content = "\n".join([head, *lines, ""]).encode()
    actor = office.actor(by) if by else None
    examined = looked_at(office, content, by)
    with transaction(office.engine) as connection:
        found, _ = import_receipts(connection, office.services, actor, examined, office.now)
    office.deliver()
    return found


def looked_at(office: Office, content: bytes, by: str | None = None, **given: str) -> Examined:
    """A file that was read and not taken in."""
    command = ImportReceipts(io.BytesIO(content), "day.csv", **given)
    with reading(office.engine) as connection:
        return examine(connection, office.services, office.actor(by) if by else None, command)


def outcomes(office: Office, import_id: int) -> list[tuple[str, str | None]]:
    with office.looking() as connection:
        return [(row.outcome, row.why) for row in list_rows(connection, import_id).items]


def line(office: Office, receipt: str, fen: int = 8_000, code: str | None = None) -> str:
    code = office.payment_notices()[-1].pay_code if code is None else code
    return f"{receipt},{code},{fen},{office.today},张伟明,ZR"


def missing(office: Office) -> list[tuple[str, int]]:
    with office.looking() as connection:
        return [(one.receipt_no, one.amount_fen) for one in missing_receipts(connection, office.calendar, office.now)]


def test_what_the_bank_told_and_the_file_tells_is_matched_and_the_notice_reconciled(office: Office) -> None:
    begin(office, ZR, "await_payment")
    office.pay(reference="R-1")
    found = take(office, line(office, "R-1"))
    assert outcomes(office, found) == [("matched", None)]
    assert office.payment_notices()[0].status == "reconciled"
    assert [event["kind"] for event in office.history()][-1] == "payment_reconciled"
    assert finish(office) == "granted"


def test_what_the_bank_never_told_is_booked_on_the_treasurys_word_and_the_case_goes_on(office: Office) -> None:
    begin(office, ZR, "await_payment")
    found = take(office, line(office, "R-1"))
    assert outcomes(office, found) == [("booked", None)]
    assert office.payment_notices()[0].status == "reconciled" and office.open_steps() == ["print_certificate"]
    (event,) = office.history(kind="payment_received")
    assert event["payload"]["via"] == "treasury"
    assert office.pay(reference="R-1") is False  # The callback comes after all.
    assert (office.books().kept, office.books().balance(Account.OVERPAID)) == (8_000, 0)


def test_the_same_file_twice_and_the_same_receipt_in_another_file_change_nothing(office: Office) -> None:
    begin(office, ZR, "await_payment")
    first = take(office, line(office, "R-1"))
    before = office.everything()
    assert take(office, line(office, "R-1"), by="sup2") == first
    assert office.everything() == before
    second = take(office, line(office, "R-1"), line(office, "R-1", 1), line(office, "R-2", 5), line(office, "R-2", 5))
    assert second != first
    assert outcomes(office, second) == [
        ("repeated", None),
        ("refused", "conflict:receipt_no"),
        ("booked", None),
        ("repeated", None),
    ]
    assert office.books().balance(Account.OVERPAID) == 5


def test_a_receipt_that_tells_otherwise_than_the_bank_differs_and_books_nothing(office: Office) -> None:
    number = begin(office, ZR, "await_payment")
    office.pay(reference="R-1")
    begin(office, ZR, "await_payment")
    office.pay(reference="R-2")
    first, second = office.payment_notices(number)[0], office.payment_notices()[0]
    found = take(office, line(office, "R-1", 7_999, first.pay_code), line(office, "R-2", 8_000, first.pay_code))
    assert outcomes(office, found) == [("differs", "amount"), ("differs", "pay_code")]
    assert second.status == "paid" and office.books().balance(Account.OVERPAID) == 0


def test_money_without_a_notice_is_unmatched_and_one_with_a_code_stands_in_the_ledger(office: Office) -> None:
    begin(office, ZR, "await_payment")
    found = take(office, line(office, "R-1", 500, ""), line(office, "R-2", 700, "9" * 20))
    assert outcomes(office, found) == [("unmatched", "no_code"), ("unmatched", "unknown_code")]
    assert office.payment_notices()[0].status == "unpaid"


def test_a_part_and_an_excess_are_booked_as_the_banks_are(office: Office) -> None:
    begin(office, ZR, "await_payment")
    take(office, line(office, "R-1", 3_000))
    assert office.payment_notices()[0].status == "unpaid" and office.open_steps() == ["await_payment"]
    take(office, line(office, "R-2", 5_001))
    assert office.payment_notices()[0].status == "reconciled"
    assert office.books().balance(Account.OVERPAID) == 1


def test_a_notice_is_reconciled_only_when_all_of_its_money_is_in_files(office: Office) -> None:
    begin(office, ZR, "await_payment")
    office.pay(3_000, reference="R-1")
    office.pay(5_000, reference="R-2")
    take(office, line(office, "R-2", 5_000))
    assert office.payment_notices()[0].status == "paid"
    take(office, line(office, "R-1", 3_000))
    assert office.payment_notices()[0].status == "reconciled"


def test_a_payment_that_no_file_has_is_told_after_the_next_working_day(office: Office) -> None:
    begin(office, ZR, "await_payment")
    take(office, line(office, "R-0", 1, ""))
    office.pay(reference="R-1")
    assert missing(office) == []
    office.advance(working_days=1)
    assert missing(office) == []
    office.advance(working_days=1)
    assert missing(office) == [("R-1", 8_000)]
    take(office, line(office, "R-1"))
    assert missing(office) == []


def test_wrong_totals_refuse_the_file_and_keep_nothing_of_it(office: Office) -> None:
    begin(office, ZR, "await_payment")
    with office.refused("invalid_request") as refusal:
        take(office, line(office, "R-1"), "合计,2,8000,,,")
    assert refusal.missing == ("/file",)
    with office.looking() as connection:
        for table in (treasury_import, treasury_receipt, treasury_row):
            assert connection.execute(select(func.count()).select_from(table)).scalar_one() == 0
    assert office.payment_notices()[0].status == "unpaid"


@pytest.mark.parametrize("name", ["zr_cashier", "zr_head", "zr_sup1", "sysadmin", "auditor"])
def test_nobody_whose_department_takes_money_brings_the_treasurys_word(office: Office, name: str) -> None:
    begin(office, ZR, "await_payment")
    with office.refused("not_permitted"):
        take(office, line(office, "R-1"), by=name)
    assert office.payment_notices()[0].status == "unpaid"


def test_rows_wait_until_each_is_matched_in_a_transaction_of_its_own(office: Office) -> None:
    begin(office, ZR, "await_payment")
    content = "\n".join([HEAD, line(office, "R-1", 1), line(office, "R-2", 2), "R-3,,x,2026-03-09,,"]).encode()
    examined = looked_at(office, content)
    with transaction(office.engine) as connection:
        found, new = import_receipts(connection, office.services, None, examined, office.now)
        view = find_import(connection, found)
        waiting = connection.execute(select(func.count()).where(outbox.c.kind == "treasury_receipt")).scalar_one()
    assert new and view is not None and (view.state, view.done_rows, waiting) == ("running", 1, 2)
    office.deliver()
    with office.looking() as connection:
        view = find_import(connection, found)
    assert view is not None and (view.state, view.done_rows, view.counts["booked"]) == ("done", 3, 2)


def test_a_receipt_for_a_case_that_is_over_is_overpaid_there(office: Office) -> None:
    begin(office, ZR, "await_payment")
    office.pay(reference="R-1")
    code = office.payment_notices()[0].pay_code
    assert finish(office) == "granted"
    office.now += timedelta(days=1)
    found = take(office, line(office, "R-1", 8_000, code), line(office, "R-2", 8_000, code))
    assert outcomes(office, found) == [("matched", None), ("booked", None)]
    assert office.books().balance(Account.OVERPAID) == 8_000


def test_a_receipt_without_a_code_names_the_one_notice_that_it_may_belong_to(office: Office) -> None:
    number = begin(office, ZR, "await_payment")
    notice = office.payment_notices()[0]
    found = take(
        office,
        f"R-1,,{notice.amount_fen},{office.today},{notice.payer},ZR",
        f"R-2,,{notice.amount_fen},{office.today},{notice.payer},SG",
        f"R-3,,{notice.amount_fen},{office.today - timedelta(days=16)},{notice.payer},ZR",
    )
    assert outcomes(office, found) == [("unmatched", "candidate"), ("unmatched", "no_code"), ("unmatched", "no_code")]
    with office.looking() as connection:
        assert [row.case_number for row in list_rows(connection, found).items] == [number, None, None]
    assert office.payment_notices()[0].status == "unpaid", "nothing is booked on a likeness"
    begin(office, ZR, "await_payment")
    with transaction(office.engine) as connection:
        connection.execute(update(payment_notice).values(payer=notice.payer))
    found = take(office, f"R-4,,{notice.amount_fen},{office.today},{notice.payer},ZR")
    assert outcomes(office, found) == [("unmatched", "several_candidates")]
