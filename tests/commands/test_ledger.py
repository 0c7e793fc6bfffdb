"""The ledger in the database: it only grows, and the audit sees what should not be there or is gone."""

from __future__ import annotations

import pytest
from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import DBAPIError

from service.commands.take_payment import TakePayment, keep_refused, take_payment
from service.database.append_only import changes_allowed
from service.database.session import transaction
from service.database.tables import event, ledger_entry, unmatched_payment
from service.errors import Refused
from service.fees.books import read_books
from service.reads.ledger_faults import ledger_faults
from tests.commands.office import Office
from tests.commands.stories import ZR
from tests.commands.walking import begin, finish


@pytest.mark.parametrize("statement", [update(ledger_entry).values(amount_fen=1), delete(ledger_entry)])
def test_the_database_refuses_to_change_or_delete_an_entry(office: Office, statement: object) -> None:
    begin(office, ZR, "await_payment")
    before = office.books()
    with pytest.raises(DBAPIError, match="only grows"), transaction(office.engine) as connection:
        connection.execute(statement)  # type: ignore[call-overload]
    assert office.books() == before and before.outstanding == 8_000


def test_every_event_of_money_tells_its_entries_and_the_audit_finds_nothing(office: Office) -> None:
    begin(office, ZR, "await_payment")
    office.pay()
    assert finish(office) == "granted"
    with transaction(office.engine) as connection:
        assert ledger_faults(connection) == (3, [])


def test_the_audit_names_an_entry_that_nobody_posted_and_one_that_was_taken_away(office: Office) -> None:
    begin(office, ZR, "await_payment")
    case_id = office.known().id
    with pytest.raises(_Undo), transaction(office.engine) as connection:
        forged = {"kind": "received", "reference": "receipt/forged", "debit": "bank", "credit": "notified"}
        (notice,) = office.payment_notices()
        values = {**forged, "case_id": case_id, "amount_fen": 8_000, "pay_code": notice.pay_code, "at": office.now}
        connection.execute(insert(ledger_entry).values(**values))
        found = " ".join(fault.words for fault in ledger_faults(connection)[1])
        assert "the history does not tell of ['received', 'receipt/forged'" in found
        assert "is unpaid, but 0 fen are open" in found
        with changes_allowed(connection):
            connection.execute(delete(ledger_entry).where(ledger_entry.c.case_id == case_id))
        ((fault,), number) = ledger_faults(connection)[1], office.number
        assert (fault.case, fault.words) == (number, "all entries that its history tells are gone")
        raise _Undo


class _Undo(Exception):
    """Ends a transaction that must leave nothing."""


def test_a_notice_of_a_time_before_the_ledger_is_brought_forward_with_the_first_posting(office: Office) -> None:
    begin(office, ZR, "await_payment")
    (notice,), case_id = office.payment_notices(), office.known().id
    payment = TakePayment(notice.pay_code, notice.amount_fen, "R-1", office.now)
    with pytest.raises(_Undo), transaction(office.engine) as connection:
        connection.execute(update(event).where(event.c.kind == "payment_notice_made").values(payload="{}"))
        with changes_allowed(connection):
            connection.execute(delete(ledger_entry))
        assert read_books(connection, case_id).outstanding == 8_000
        assert take_payment(connection, office.services, payment, office.now)
        written = read_books(connection, case_id).written
        assert [entry.kind for entry in written] == ["fee_assessed", "notice_issued", "received"]
        assert ledger_faults(connection)[1] == []
        raise _Undo


def test_a_receipt_told_again_with_just_the_amount_of_its_excess_is_kept_beside_it(office: Office) -> None:
    begin(office, ZR, "await_payment")
    code = office.payment_notices()[0].pay_code
    assert office.pay(9_000, pay_code=code, reference="R-1")
    again = TakePayment(code, 1_000, "R-1", office.now)
    for _ in range(2):
        with pytest.raises(Refused) as refusal, transaction(office.engine) as connection:
            take_payment(connection, office.services, again, office.now)
        with transaction(office.engine) as connection:
            keep_refused(connection, again, refusal.value, office.now)
    rows = office.rows(select(unmatched_payment.c.why, unmatched_payment.c.amount_fen).order_by("id"))
    assert [tuple(row) for row in rows] == [("overpaid", 1_000), ("amount_differs", 1_000)]
