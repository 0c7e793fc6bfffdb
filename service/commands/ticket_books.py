"""罚款专用票据本: finance registers books, a department gives them to officers, leaves are voided or reported lost."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, insert, select, update
from sqlalchemy.engine import Row

from service.commands.office_changes import OfficeChange, note_change, stated
from service.database.tables import department, fine_ticket, person, post_holding, ticket_book
from service.errors import Detail, Refused, not_found
from service.fees.tickets import BLANK, LOST, VOID, Span, ticket_number, ticket_refused, wrong_span
from service.people.actor import Actor
from service.people.permissions import FINANCE, may

REGISTERED, ALLOTTED = "ticket_book_registered", "ticket_book_allotted"
VOIDED, LOST_ONES = "tickets_voided", "tickets_lost"
_SPANS = select(ticket_book.c.series, ticket_book.c.first, ticket_book.c.last).where(
    ticket_book.c.series == bindparam("series")
)
_BOOK = select(ticket_book).where(ticket_book.c.id == bindparam("id")).with_for_update(of=ticket_book)
_OFFICER = (
    select(person.c.name)
    .join(post_holding, post_holding.c.person_id == person.c.id)
    .where(
        person.c.id == bindparam("id"),
        person.c.active.is_(True),
        post_holding.c.post == "officer",
        post_holding.c.department == bindparam("department"),
        post_holding.c.ended_at.is_(None),
    )
)
_BLANK = select(fine_ticket.c.id).where(
    fine_ticket.c.book_id == bindparam("book"),
    fine_ticket.c.status == BLANK,
    fine_ticket.c.serial.between(bindparam("first"), bindparam("last")),
)
_SETTLE = (
    update(fine_ticket)
    .where(
        fine_ticket.c.book_id == bindparam("b_book"),
        fine_ticket.c.status == BLANK,
        fine_ticket.c.serial.between(bindparam("b_first"), bindparam("b_last")),
    )
    .values(
        status=bindparam("b_status"),
        settled_by=bindparam("by"),
        settled_at=bindparam("at"),
        settled_reason=bindparam("reason"),
        both_parts_kept=bindparam("kept"),
    )
)


@dataclass(frozen=True, slots=True)
class RegisterBook:
    """A book that finance hands to a department."""

    series: str
    first: int
    last: int
    department: str
    reason: str


def register_ticket_book(connection: Connection, actor: Actor, command: RegisterBook, now: datetime) -> int:
    """Its id; every number stands in the register from now on, blank.

    Raises Refused: not_permitted, invalid_request.
    """
    if not may(actor, "register_ticket_books", FINANCE):
        words = "罚款专用票据由财政部门登记发放", "Expected the cashier or head of section of finance"
        raise Refused("not_permitted", *words)
    reason = stated(command.reason)
    # One registration after the other, so that no two take the same numbers.
    connection.execute(select(department.c.code).where(department.c.code == FINANCE).with_for_update())
    if connection.execute(select(department.c.code).where(department.c.code == command.department)).first() is None:
        words = "请选择领用部门", "Choose the department"
        raise Refused("invalid_request", *words, [Detail("required", *words, pointer="/department")])
    span = Span(command.series.strip(), command.first, command.last)
    wrong = wrong_span(span, [Span(*row) for row in connection.execute(_SPANS, {"series": span.series})])
    if wrong is not None:
        raise wrong
    row = {"series": span.series, "first": span.first, "last": span.last, "department": command.department}
    values = {**row, "registered_by": actor.person_id, "registered_at": now}
    book_id = int(connection.execute(insert(ticket_book).returning(ticket_book.c.id), values).scalar_one())
    leaves = [
        {"book_id": book_id, "serial": serial, "number": ticket_number(span.series, serial), "status": BLANK}
        for serial in range(span.first, span.last + 1)
    ]
    connection.execute(insert(fine_ticket), leaves)
    note_change(connection, actor, OfficeChange(REGISTERED, f"ticket_book/{book_id}", reason, None, row), now)
    return book_id


def allot_ticket_book(
    connection: Connection, actor: Actor, book_id: int, officer: int, reason: str, now: datetime
) -> None:
    """An officer of the department has the book in his hands; another's book goes back first (`return_ticket_book`).

    Raises Refused: not_permitted, not_found, invalid_request.
    """
    book = locked_book(connection, actor, book_id)
    if not may(actor, "allot_ticket_books", book.department):
        words = "票据本由领用部门的财务人员或科室负责人发放", f"Expected a cashier or section of {book.department}"
        raise Refused("not_permitted", *words)
    given = stated(reason)
    name = _officer(connection, officer, book.department)
    if name is None:
        words = "只能发给本部门的执法人员", "Expected an officer of the department"
        raise Refused("invalid_request", *words, [Detail("required", *words, pointer="/officer")])
    if connection.execute(_BLANK, {"book": book.id, "first": book.first, "last": book.last}).first() is None:
        words = "该本票据已用完", "Expected a book with blank leaves"
        raise Refused("invalid_request", *words, [Detail("nothing_blank", *words, pointer="/officer")])
    if book.officer is not None:
        words = "该本票据在他人手中，须先交回清点", "Expected a book that is in nobody's hands"
        raise Refused("invalid_request", *words, [Detail("in_hand", *words, pointer="/officer")])
    connection.execute(
        update(ticket_book)
        .where(ticket_book.c.id == book.id)
        .values(officer=officer, allotted_by=actor.person_id, allotted_at=now)
    )
    after = {"series": book.series, "first": book.first, "last": book.last, "officer": name}
    note_change(connection, actor, OfficeChange(ALLOTTED, f"ticket_book/{book.id}", given, None, after), now)


@dataclass(frozen=True, slots=True)
class SettleLeaves:
    """Blank leaves `first` to `last` of a book are void (`both_parts_kept`) or lost."""

    book_id: int
    status: str
    first: int
    last: int
    reason: str
    both_parts_kept: bool = False


def settle_leaves(connection: Connection, actor: Actor, command: SettleLeaves, now: datetime) -> int:
    """Void them, with both parts kept, or report them lost; how many. A used leaf stays what it is.

    Raises Refused: not_permitted, not_found, invalid_request, ticket_refused.
    """
    book = locked_book(connection, actor, command.book_id)
    if book.officer != actor.person_id and not may(actor, "allot_ticket_books", book.department):
        words = "票据由领用人或本部门财务人员、科室负责人作废、报失", "Expected whoever has the book, or its cashier"
        raise Refused("not_permitted", *words)
    if command.status not in (VOID, LOST):
        words = "请选择作废或者报失", "Choose void or lost"
        raise Refused("invalid_request", *words, [Detail("required", *words, pointer="/status")])
    reason = stated(command.reason)
    if not book.first <= command.first <= command.last <= book.last:
        words = f"号段须在 {book.first} 至 {book.last} 之内", f"Expected numbers within {book.first} to {book.last}"
        raise Refused("invalid_request", *words, [Detail("range", *words, pointer="/first")])
    if command.status == VOID and not command.both_parts_kept:
        zh = "作废的票据各联须齐全留存；有缺联的，按遗失登记"
        raise ticket_refused(zh, "Expected both parts of a void leaf to be kept: else it is lost", "/both_parts_kept")
    span = {"b_book": book.id, "b_first": command.first, "b_last": command.last, "b_status": command.status}
    values = {"by": actor.person_id, "at": now, "reason": reason, "kept": command.status == VOID}
    settled = int(connection.execute(_SETTLE, {**span, **values}).rowcount)
    if not settled:
        words = "号段内没有未用的票据", "Expected blank leaves among these numbers"
        raise Refused("invalid_request", *words, [Detail("nothing_blank", *words, pointer="/first")])
    after: dict[str, Any] = {"series": book.series, "first": command.first, "last": command.last, "count": settled}
    if command.status == VOID:
        after["both_parts_kept"] = True
    kind = VOIDED if command.status == VOID else LOST_ONES
    note_change(connection, actor, OfficeChange(kind, f"ticket_book/{book.id}", reason, None, after), now)
    return settled


def locked_book(connection: Connection, actor: Actor, book_id: int) -> Row[Any]:
    """The book's row, which nobody else changes meanwhile. Raises Refused not_found."""
    row = connection.execute(_BOOK, {"id": book_id}).one_or_none()
    if row is None or not may(actor, "read_ticket_books"):
        raise not_found("该本票据", f"ticket book {book_id}")
    return row


def _officer(connection: Connection, person_id: int, department_code: str) -> str | None:
    asked = {"id": person_id, "department": department_code}
    return connection.execute(_OFFICER, asked).scalars().first()
