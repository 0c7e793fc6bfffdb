"""How a case's fee was computed, and the reductions and refunds that were proposed of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, select

from service.database.tables import case, fee_assessment, fee_change, person
from service.fees.books import read_books
from service.fees.ledger import Account
from service.fees.standards import FeeStandard
from service.reads.answer_words import NO_WORDS, AnswerWords
from service.reads.case_view import CaseRow

_CHANGE = select(fee_change, case.c.number, case.c.status.label("case_status"), case.c.outcome, person.c.name).join(
    person, person.c.id == fee_change.c.opened_by
)
_OF = (
    _CHANGE.join(case, case.c.id == fee_change.c.case_id)
    .where(fee_change.c.of_case_id == bindparam("case_id"))
    .order_by(fee_change.c.case_id.desc())
)
_ABOUT = _CHANGE.join(case, case.c.id == fee_change.c.of_case_id).where(fee_change.c.case_id == bindparam("case_id"))
_LAST = (
    select(fee_assessment.c.version, fee_assessment.c.in_force_on, fee_assessment.c.inputs)
    .where(fee_assessment.c.case_id == bindparam("case_id"))
    .order_by(fee_assessment.c.id.desc())
    .limit(1)
)


@dataclass(frozen=True, slots=True)
class FeeChangeView:
    """`number` is that of the case that decides it, or of the fee's own case where that is asked for.

    `status`: open, posted, paid_back, impossible.
    """

    number: str
    kind: str
    amount_fen: int
    pay_code: str
    legal_basis: str
    reason: str
    opened_at: datetime
    opened_by: str
    status: str
    case_status: str
    outcome: str | None


@dataclass(frozen=True, slots=True)
class FeeStory:
    """`assessed`: whether the version and the inputs are those of a notice that was made, or of today's computation.

    `refundable` are payment codes with what came under each.
    """

    standard: FeeStandard | None
    assessed: bool
    in_force_on: date | None
    inputs: Mapping[str, object]
    changes: tuple[FeeChangeView, ...]
    refundable: Mapping[str, int]
    words: AnswerWords


def fee_story(connection: Connection, found: CaseRow) -> FeeStory:
    """For the office alone: answers stand in it as they were given."""
    if found.item is None or found.item.fee is None or found.item.fines:
        return FeeStory(None, False, None, {}, (), {}, NO_WORDS)
    fee = found.values.fee
    last = connection.execute(_LAST, {"case_id": found.row.id}).one_or_none()
    asked = fee.calculation
    books = read_books(connection, found.row.id)
    came = {code: _held(books.entries, code) for code in sorted({e.pay_code for e in books.entries if e.pay_code})}
    return FeeStory(
        fee.standard,
        last is not None,
        last.in_force_on if last is not None else asked.in_force_on if asked else None,
        last.inputs if last is not None else asked.inputs if asked else {},
        tuple(_view(row) for row in connection.execute(_OF, {"case_id": found.row.id})),
        {code: fen for code, fen in came.items() if fen > 0 and books.balance(Account.BANK) > 0},
        AnswerWords.of(found.bundle),
    )


def _held(entries: Any, code: str) -> int:
    of_code = [entry for entry in entries if entry.pay_code == code]
    came = sum(e.amount_fen for e in of_code if e.kind == "received")
    return int(came - sum(e.amount_fen for e in of_code if e.kind in ("reversed", "refund_approved")))


def fee_change_of(connection: Connection, case_id: int) -> FeeChangeView | None:
    """What a case of the office's own decides about a fee; its `number` is that of the fee's own case."""
    row = connection.execute(_ABOUT, {"case_id": case_id}).one_or_none()
    return _view(row) if row is not None else None


def _view(row: Row[Any]) -> FeeChangeView:
    return FeeChangeView(
        row.number,
        row.kind,
        row.amount_fen,
        row.pay_code,
        row.legal_basis,
        row.reason,
        row.opened_at,
        row.name,
        row.status,
        row.case_status,
        row.outcome,
    )
