"""How a case's plan of later payment stands: what of each part is paid, and since when one is late (Art. 66)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Literal

from sqlalchemy import Connection, bindparam, func, select

from service.database.tables import fine_plan, ledger_entry, payment_notice
from service.fees.fines import Part, late_since, surcharge_fen
from service.fees.ledger import Account, Books
from service.working_time import WorkingCalendar

_PLAN = select(fine_plan).where(fine_plan.c.case_id == bindparam("case_id")).order_by(fine_plan.c.id.desc()).limit(1)
_LATER_NOTICES = select(payment_notice.c.pay_code, payment_notice.c.lines).where(
    payment_notice.c.case_id == bindparam("case_id"), payment_notice.c.made_at > bindparam("since")
)
_FIRST_NOTICE = (
    select(payment_notice.c.due_at)
    .where(payment_notice.c.case_id == bindparam("case_id"))
    .order_by(payment_notice.c.id)
    .limit(1)
)
_LAST_SURCHARGE = select(func.max(ledger_entry.c.at)).where(
    ledger_entry.c.case_id == bindparam("case_id"), ledger_entry.c.kind == "surcharge_assessed"
)
SURCHARGE = "surcharge"
State = Literal["paid", "open", "missed"]


@dataclass(frozen=True, slots=True)
class PartState:
    """One part: `missed` where it is not covered and `last_day` is over: a rest day's next working day (Art. 85), and
    never before the law's fifteen days are over (Art. 67), which no plan shortens.
    """

    due_on: date
    last_day: date
    amount_fen: int
    paid_fen: int
    state: State


@dataclass(frozen=True, slots=True)
class FinePlan:
    """The plan in force. `pay_by` is the last day of the first part that is not covered, None where all are."""

    parts: tuple[PartState, ...]
    reason: str
    pay_by: date | None

    @property
    def ends_on(self) -> date:
        return max(part.last_day for part in self.parts)


def read_plan(
    connection: Connection, case_id: int, books: Books, calendar: WorkingCalendar, today: date
) -> FinePlan | None:
    """The last plan that was allowed; None where the fine is due as the law says."""
    row = connection.execute(_PLAN, {"case_id": case_id}).one_or_none()
    if row is None:
        return None
    parts = sorted(
        (Part(date.fromisoformat(one["due_on"]), one["amount_fen"]) for one in row.parts), key=lambda one: one.due_on
    )
    later = connection.execute(_LATER_NOTICES, {"case_id": case_id, "since": row.decided_at}).all()
    beside = [one.pay_code for one in later if is_surcharge(one.lines)]
    paid = _paid(parts, books, beside)
    states = tuple(_states(parts, paid, calendar, today, _lawful_day(connection, case_id, calendar)))
    first = late_since(parts, paid)
    pay_by = next((one.last_day for one in states if one.due_on == first), None)
    return FinePlan(states, row.reason, pay_by)


def asked_for(books: Books) -> bool:
    """Whether a notice has asked the party for the fine: it does once the decision is served, and days count then."""
    return books.of_kind("notice_issued") > 0


def is_surcharge(lines: Sequence[Any]) -> bool:
    """Whether a notice asks for a surcharge, by its lines."""
    return any(line.get("condition") == SURCHARGE for line in lines)


def _paid(parts: Sequence[Part], books: Books, beside: Sequence[str]) -> int:
    """What of the plan is covered: it asked for all that was owed then; what notices `beside` it ask came later."""
    left = books.outstanding - sum(books.balance(Account.NOTIFIED, code) for code in beside)
    return sum(part.amount_fen for part in parts) - left


def _lawful_day(connection: Connection, case_id: int, calendar: WorkingCalendar) -> date:
    """The last of the law's days to pay, by the first notice; the first day of all where there is none yet."""
    due_at = connection.execute(_FIRST_NOTICE, {"case_id": case_id}).scalar_one_or_none()
    # `due_at` is 24:00 of the last day.
    return calendar.local_date(due_at) - timedelta(days=1) if due_at is not None else date.min


def _states(
    parts: Sequence[Part], paid: int, calendar: WorkingCalendar, today: date, lawful: date
) -> Iterator[PartState]:
    for part in parts:
        covered = max(0, min(part.amount_fen, paid))
        paid -= covered
        last_day = max(lawful, last_day_of(part.due_on, calendar))
        state: State = "missed" if last_day < today else "open"
        if covered == part.amount_fen:
            state = "paid"
        yield PartState(part.due_on, last_day, part.amount_fen, covered, state)


def last_day_of(due_on: date, calendar: WorkingCalendar) -> date:
    """The day itself, or the next working day after a rest day (Art. 85)."""
    # The first instant of the day after the last one is what `add_natural_days` gives.
    return calendar.local_date(calendar.add_natural_days(due_on, 0)) - timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Lateness:
    """`days` natural days late; `surcharge_fen`: what a leader may add for those that no surcharge has counted."""

    days: int
    surcharge_fen: int


def lateness(connection: Connection, case_id: int, books: Books, calendar: WorkingCalendar, today: date) -> Lateness:
    """How late the fine is. A day is charged once, whichever part was late on it, and all of them up to the fine."""
    days = days_late(connection, case_id, books, calendar, today)
    fine, added = books.of_kind("fine_assessed"), books.of_kind("surcharge_assessed")
    last = connection.execute(_LAST_SURCHARGE, {"case_id": case_id}).scalar_one_or_none() if days and added else None
    uncharged = days if last is None else min(days, (today - calendar.local_date(last)).days)
    return Lateness(days, min(surcharge_fen(fine, uncharged), fine - added))


def days_late(connection: Connection, case_id: int, books: Books, calendar: WorkingCalendar, today: date) -> int:
    """Natural days since the last one on which the fine, or the first open part of its plan, could be paid in time."""
    plan = read_plan(connection, case_id, books, calendar, today)
    if plan is not None:
        return max(0, (today - plan.pay_by).days) if plan.pay_by else 0
    due_at = connection.execute(_FIRST_NOTICE, {"case_id": case_id}).scalar_one_or_none()
    # `due_at` is 24:00 of the last day: the day that begins then is the first late one.
    return max(0, (today - calendar.local_date(due_at)).days + 1) if due_at is not None else 0
