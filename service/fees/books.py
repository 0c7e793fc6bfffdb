"""The ledger in the database: reading a case's books and adding to them. Nothing is ever changed or taken away."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, func, insert, select
from sqlalchemy.engine import Row

from service.database.rows import read_rows
from service.database.tables import ledger_entry, payment_notice
from service.fees.ledger import Account, Books, Entry, assess, receipt_reference

_OF_CASE = select(ledger_entry).where(ledger_entry.c.case_id == bindparam("case_id")).order_by(ledger_entry.c.id)
_REFERENCE = select(ledger_entry.c.case_id, ledger_entry.c.pay_code).where(
    ledger_entry.c.reference == bindparam("reference")
)
_BROUGHT = select(func.sum(ledger_entry.c.amount_fen)).where(
    ledger_entry.c.reference == bindparam("reference"), ledger_entry.c.debit == Account.BANK
)
_NOTICES = select(payment_notice).where(payment_notice.c.case_id == bindparam("case_id")).order_by(payment_notice.c.id)
_INSERT = insert(ledger_entry)
PAID = ("paid", "reconciled")


def read_books(connection: Connection, case_id: int) -> Books:
    """The books of a case; whoever posts to them holds the case's row.

    Notices of a time before the ledger are `brought_forward`: they are written with the first posting.
    """
    entries = tuple(entry_of(row) for row in read_rows(connection, _OF_CASE, {"case_id": case_id}))
    if entries:
        return Books(entries)
    notices = read_rows(connection, _NOTICES, {"case_id": case_id})
    return Books(brought_forward=tuple(entry for row in notices for entry in _of_notice(row)))


def _of_notice(row: Row[Any]) -> Iterable[Entry]:
    """What the ledger would say of a notice, had it stood when the notice was made."""
    code, fen = row.pay_code, row.amount_fen
    if row.status not in ("unpaid", *PAID):
        return
    yield from assess("fee", f"fee/{code}", fen)
    yield Entry("notice_issued", f"notice/{code}", Account.NOTIFIED, Account.ASSESSED, fen, code)
    if row.status in PAID:
        receipt = receipt_reference(row.bank_reference or code)
        yield Entry("received", receipt, Account.BANK, Account.NOTIFIED, fen, code)


def entry_of(row: Row[Any]) -> Entry:
    """ValueError for a row that no rule allows."""
    return Entry(row.kind, row.reference, Account(row.debit), Account(row.credit), row.amount_fen, row.pay_code)


def posted_by(connection: Connection, reference: str) -> Row[*tuple[Any, ...]] | None:
    """The (case_id, pay_code) of an entry of this reference; None if there is none yet."""
    return connection.execute(_REFERENCE, {"reference": reference}).first()


def brought_to_the_bank(connection: Connection, reference: str) -> int:
    """What a payment of this reference has brought, in fen, an excess counted in; 0 for one that is not posted."""
    return int(connection.execute(_BROUGHT, {"reference": reference}).scalar_one() or 0)


def post(
    connection: Connection,
    case_id: int | None,
    entries: Sequence[Entry],
    now: datetime,
    *,
    person_id: int | None = None,
    ground: str | None = None,
) -> list[list[str | int]]:
    """Add entries; what the event that tells of them must carry as `ledger`."""
    if entries:
        common = {"case_id": case_id, "at": now, "person_id": person_id, "ground": ground}
        connection.execute(_INSERT, [{**asdict(entry), **common} for entry in entries])
    return [entry.told() for entry in entries]
