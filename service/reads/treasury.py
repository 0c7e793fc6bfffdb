"""Files of the treasury: how far they are matched, what became of each line, and what the bank told and no file has."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import Connection, bindparam, exists, func, select
from sqlalchemy.engine import Row

from service.database.tables import (
    case,
    ledger_entry,
    payment_reversal,
    person,
    treasury_import,
    treasury_receipt,
    treasury_row,
)
from service.fees.ledger import receipt_reference
from service.people.actor import Actor
from service.people.permissions import FINANCE, may
from service.reads.paging import FIRST_PAGE, Asked, Page, page_of
from service.working_time import WorkingCalendar

OUTCOMES = ("waiting", "matched", "booked", "differs", "unmatched", "repeated", "refused")
_DONE = frozenset(OUTCOMES) - {"waiting"}
# Of a row that was read its receipt says what became of it.
_OUTCOME = func.coalesce(func.nullif(treasury_row.c.outcome, "read"), treasury_receipt.c.status)
_IMPORTS = select(treasury_import, person.c.name.label("imported_by_name")).outerjoin(person)
_COUNTS = (
    select(treasury_row.c.import_id, _OUTCOME.label("outcome"), func.count().label("rows"))
    .outerjoin(treasury_receipt, treasury_receipt.c.id == treasury_row.c.receipt_id)
    .where(treasury_row.c.import_id.in_(bindparam("ids", expanding=True)))
    .group_by(treasury_row.c.import_id, _OUTCOME)
)
_ROWS = (
    select(
        treasury_row.c.row_no,
        treasury_row.c.receipt_no,
        _OUTCOME.label("outcome"),
        func.coalesce(treasury_row.c.why, treasury_receipt.c.why).label("why"),
        treasury_receipt.c.pay_code,
        treasury_receipt.c.payer,
        treasury_receipt.c.amount_fen,
        treasury_receipt.c.paid_on,
        case.c.number.label("case_number"),
    )
    .outerjoin(treasury_receipt, treasury_receipt.c.id == treasury_row.c.receipt_id)
    .outerjoin(case, case.c.id == treasury_receipt.c.case_id)
    .where(treasury_row.c.import_id == bindparam("import_id"))
)
_FIRST_DAY = select(func.min(treasury_receipt.c.paid_on))
_MISSING = (
    select(
        ledger_entry.c.reference,
        ledger_entry.c.pay_code,
        func.sum(ledger_entry.c.amount_fen).label("amount_fen"),
        func.min(ledger_entry.c.at).label("at"),
        case.c.number.label("case_number"),
        case.c.department,
    )
    .join(case, case.c.id == ledger_entry.c.case_id)
    .where(
        ledger_entry.c.kind == "received",
        ledger_entry.c.at < bindparam("until"),
        ledger_entry.c.at >= bindparam("since"),
        ~exists().where(
            treasury_receipt.c.receipt_no == func.substr(ledger_entry.c.reference, len(receipt_reference("")) + 1)
        ),
        # Of what the bank took back no file need have anything.
        ~exists().where(
            payment_reversal.c.receipt_no == func.substr(ledger_entry.c.reference, len(receipt_reference("")) + 1),
            payment_reversal.c.status == "posted",
        ),
    )
    .group_by(ledger_entry.c.reference, ledger_entry.c.pay_code, case.c.number, case.c.department)
    .order_by(func.min(ledger_entry.c.id).desc())
)
_MOST_MISSING = 200


@dataclass(frozen=True, slots=True)
class ImportView:
    """`counts` by outcome; `state` running until every row has been read and every receipt matched."""

    id: int
    digest: str
    filename: str
    mapping: str
    total_rows: int
    total_fen: int
    imported_at: datetime
    imported_by: str | None
    counts: Mapping[str, int]

    @property
    def done_rows(self) -> int:
        return sum(rows for outcome, rows in self.counts.items() if outcome in _DONE)

    @property
    def state(self) -> str:
        return "done" if self.done_rows == self.total_rows else "running"


@dataclass(frozen=True, slots=True)
class RowView:
    """A line of the report; amounts and the payer of a line that could not be read are None."""

    row_no: int
    receipt_no: str
    outcome: str
    why: str | None
    pay_code: str | None
    payer: str | None
    amount_fen: int | None
    paid_on: date | None
    case_number: str | None


@dataclass(frozen=True, slots=True)
class MissingReceipt:
    """Paid at the bank, and in no file of the treasury after the next working day."""

    receipt_no: str
    pay_code: str
    amount_fen: int
    at: datetime
    case_number: str
    department: str


def may_read_treasury(actor: Actor) -> bool:
    return may(actor, "read_treasury_receipts", FINANCE)


def list_imports(connection: Connection, asked: Asked = FIRST_PAGE) -> Page[ImportView]:
    """The newest first."""
    total = connection.execute(select(func.count()).select_from(treasury_import)).scalar_one()
    query = _IMPORTS.order_by(treasury_import.c.id.desc()).limit(asked.limit + 1)
    if (after := asked.after(int)) is not None:
        query = query.where(treasury_import.c.id < after[0])
    rows = connection.execute(query).all()
    counts = _counts(connection, [row.id for row in rows])
    return page_of(rows, total, asked, lambda row: [row.id], lambda row: _view(row, counts.get(row.id, {})))


def find_import(connection: Connection, import_id: int) -> ImportView | None:
    row = connection.execute(_IMPORTS.where(treasury_import.c.id == import_id)).one_or_none()
    return None if row is None else _view(row, _counts(connection, [row.id]).get(row.id, {}))


def list_rows(
    connection: Connection, import_id: int, outcome: str | None = None, asked: Asked = FIRST_PAGE
) -> Page[RowView]:
    """The lines of a file in its order; those of one outcome where one is named."""
    of_import = {"import_id": import_id}
    query = _ROWS if outcome is None else _ROWS.where(_OUTCOME == outcome)
    total = connection.execute(select(func.count()).select_from(query.subquery()), of_import).scalar_one()
    if (after := asked.after(int)) is not None:
        query = query.where(treasury_row.c.row_no > after[0])
    rows = connection.execute(query.order_by(treasury_row.c.row_no).limit(asked.limit + 1), of_import).all()
    return page_of(rows, total, asked, lambda row: [row.row_no], lambda row: RowView(*row))


def missing_receipts(connection: Connection, calendar: WorkingCalendar, now: datetime) -> list[MissingReceipt]:
    """Payments since the first day of any file that stand in none although the next working day is over."""
    first = connection.execute(_FIRST_DAY).scalar_one_or_none()
    if first is None:
        return []
    day = calendar.local_date(now)
    while calendar.add_working_days(day, 1) > now:
        day -= timedelta(days=1)
    since = datetime.combine(first, time(), tzinfo=calendar.zone)
    until = datetime.combine(day + timedelta(days=1), time(), tzinfo=calendar.zone)
    rows = connection.execute(_MISSING.limit(_MOST_MISSING), {"since": since, "until": until})
    return [
        MissingReceipt(
            row.reference.partition("/")[2], row.pay_code, int(row.amount_fen), row.at, row.case_number, row.department
        )
        for row in rows
    ]


def _counts(connection: Connection, ids: list[int]) -> dict[int, dict[str, int]]:
    found: dict[int, dict[str, int]] = {}
    for import_id, outcome, rows in connection.execute(_COUNTS, {"ids": ids}) if ids else ():
        found.setdefault(import_id, {})[outcome] = rows
    return found


def _view(row: Row[Any], counts: Mapping[str, int]) -> ImportView:
    return ImportView(
        row.id,
        row.digest,
        row.filename,
        row.mapping,
        row.total_rows,
        row.total_fen,
        row.imported_at,
        row.imported_by_name,
        {name: counts.get(name, 0) for name in OUTCOMES},
    )
