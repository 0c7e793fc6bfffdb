"""How a fine stands, for the page and the interface: what is owed, the plan of later payment, what a leader may do."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, bindparam, select

from service.database.tables import case, publication
from service.errors import Refused
from service.fees.books import read_books
from service.fees.ledger import Books
from service.fees.plans import FinePlan, Lateness, asked_for, lateness, read_plan
from service.people.actor import Actor
from service.reads.case_view import CaseRow
from service.user_tasks.rules import permitted_holding
from service.working_time import WorkingCalendar

_ACTORS = select(case.c.actors).where(case.c.id == bindparam("case_id"))
_PUBLISHED = select(publication.c.published_at, publication.c.until_on, publication.c.withdrawn_at).where(
    publication.c.case_id == bindparam("case_id"), publication.c.stage == "result", publication.c.until_on.is_not(None)
)


@dataclass(frozen=True, slots=True)
class FineView:
    """`ways`: which acts this person may take now, of `defer`, `surcharge` and `write_off`.

    `surcharge_now_fen` is what a surcharge decided today would add, `in_hand_fen` what was taken on the spot and is not
    at the bank yet.
    """

    fine_fen: int
    surcharge_fen: int
    paid_fen: int
    in_hand_fen: int
    written_off_fen: int
    outstanding_fen: int
    days_late: int
    surcharge_now_fen: int
    plan: FinePlan | None
    ways: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PublicationView:
    """A penalty's decision that was published; `may_withdraw` for a leader while it stands."""

    until_on: date
    withdrawn: bool
    may_withdraw: bool


def fine_of_case(
    connection: Connection, actor: Actor, found: CaseRow, calendar: WorkingCalendar, today: date
) -> FineView | None:
    """None where the case has no fine."""
    if found.item is None or not found.item.fines:
        return None
    case_id = found.row.id
    books = read_books(connection, case_id)
    if books.of_kind("fine_assessed") == 0:
        return None
    owed = books.outstanding > 0
    late = lateness(connection, case_id, books, calendar, today) if owed else Lateness(0, 0)
    return FineView(
        books.of_kind("fine_assessed"),
        books.of_kind("surcharge_assessed"),
        books.kept,
        books.in_hand,
        books.of_kind("written_off"),
        max(0, books.outstanding),
        late.days,
        late.surcharge_fen,
        read_plan(connection, case_id, books, calendar, today),
        _ways(connection, actor, found, books, late.surcharge_fen),
    )


def _ways(connection: Connection, actor: Actor, found: CaseRow, books: Books, more: int) -> tuple[str, ...]:
    open_now = found.row.status not in ("completed", "terminated", "halted")
    if books.outstanding <= 0 or not open_now or not _may_decide(connection, actor, found):
        return ()
    if not asked_for(books):
        return ("defer",)
    return ("defer", "surcharge", "write_off") if more > 0 else ("defer", "write_off")


def _may_decide(connection: Connection, actor: Actor, found: CaseRow) -> bool:
    """By the same rule as the command: a leader who has neither investigated nor reviewed."""
    post = "head" if actor.holding_for("head", found.row.department) else "vice"
    actors = connection.execute(_ACTORS, {"case_id": found.row.id}).scalar_one() or {}
    try:
        permitted_holding(actor, post=post, department=found.row.department, group="decide", actors=actors)
    except Refused:
        return False
    return True


def publication_of_case(connection: Connection, actor: Actor, found: CaseRow) -> PublicationView | None:
    """None where nothing of a penalty was published."""
    row = connection.execute(_PUBLISHED, {"case_id": found.row.id}).one_or_none()
    if row is None:
        return None
    leads = any(actor.holding_for(post, found.row.department) for post in ("head", "vice"))
    gone = row.withdrawn_at is not None
    return PublicationView(row.until_on, gone, leads and not gone)
