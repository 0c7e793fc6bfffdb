"""Books of tickets and what became of each number, as finance, the department and the officer see them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, case, func, or_, select, true
from sqlalchemy.engine import Row

from service.database.tables import case as case_table
from service.database.tables import department, fine_ticket, person, post_holding, ticket_book
from service.errors import not_found
from service.fees.tickets import BLANK, LOST, USED, VOID, Span, skipped, unregistered
from service.people.actor import Actor
from service.people.permissions import FINANCE, PERMISSIONS
from service.reads.paging import FIRST_PAGE, Asked, Page, page_of

_READ_ALL = frozenset({"sup2", "centre", "sysadmin", "secadmin", "auditor"})
_OFFICER, _REGISTRAR = person.alias("book_officer"), person.alias("book_registrar")
_OFFERING = person.alias("book_offering")
_TAKER, _RECEIVER, _SETTLER = (person.alias(name) for name in ("taker", "receiver", "settler"))


def _count_of(status: str) -> ColumnElement[int]:
    return func.coalesce(func.sum(case((fine_ticket.c.status == status, 1), else_=0)), 0).label(status)


_COUNTS = (*map(_count_of, (USED, VOID, LOST, BLANK)), func.sum(fine_ticket.c.amount_fen).label("amount_fen"))
_BOOKS = (
    select(
        ticket_book,
        department.c.name_zh,
        department.c.name_en,
        _OFFICER.c.name.label("officer_name"),
        _REGISTRAR.c.name.label("registrar_name"),
        _OFFERING.c.name.label("offering_name"),
    )
    .join(department, department.c.code == ticket_book.c.department)
    .join(_REGISTRAR, _REGISTRAR.c.id == ticket_book.c.registered_by)
    .outerjoin(_OFFICER, _OFFICER.c.id == ticket_book.c.officer)
    .outerjoin(_OFFERING, _OFFERING.c.id == ticket_book.c.offered_by)
)
LEAVES = (
    select(
        fine_ticket,
        ticket_book.c.department,
        case_table.c.number.label("case_number"),
        case_table.c.applicant_name.label("party"),
        _TAKER.c.name.label("taker_name"),
        _RECEIVER.c.name.label("receiver_name"),
        _SETTLER.c.name.label("settler_name"),
    )
    .join(ticket_book, ticket_book.c.id == fine_ticket.c.book_id)
    .outerjoin(case_table, case_table.c.id == fine_ticket.c.case_id)
    .outerjoin(_TAKER, _TAKER.c.id == fine_ticket.c.taken_by)
    .outerjoin(_RECEIVER, _RECEIVER.c.id == fine_ticket.c.received_by)
    .outerjoin(_SETTLER, _SETTLER.c.id == fine_ticket.c.settled_by)
)


@dataclass(frozen=True, slots=True)
class LeavesCounted:
    """What became of a book's numbers; they add up to all of it."""

    used: int = 0
    void: int = 0
    lost: int = 0
    blank: int = 0
    amount_fen: int = 0


@dataclass(frozen=True, slots=True)
class LeafView:
    """One number. `place` says where its money is: officer, offered, organ, ordered, bank; empty without any."""

    number: str
    serial: int
    status: str
    place: str
    department: str
    case_number: str | None
    party: str | None
    amount_fen: int | None
    ground: str | None
    taken_by: str | None
    taken_at: datetime | None
    hand_over_by: datetime | None
    received_by: str | None
    received_at: datetime | None
    bank_by: datetime | None
    pay_code: str | None
    banked_at: datetime | None
    settled_by: str | None
    settled_at: datetime | None
    settled_reason: str | None
    skipped: bool = False


@dataclass(frozen=True, slots=True)
class BookView:
    """A book; `next` is the number of the leaf that is to be used next. Lists leave out the `numbers`."""

    id: int
    series: str
    first: int
    last: int
    department: str
    department_name_zh: str
    department_name_en: str
    registered_by: str
    registered_at: datetime
    officer_id: int | None
    officer: str | None
    allotted_at: datetime | None
    offered_by: str | None
    offered_by_id: int | None
    offered_at: datetime | None
    leaves: LeavesCounted
    numbers: tuple[LeafView, ...] = ()

    @property
    def next(self) -> str | None:
        """The number of the first blank leaf."""
        return next((one.number for one in self.numbers if one.status == BLANK), None)


def list_books(connection: Connection, actor: Actor, asked: Asked = FIRST_PAGE) -> Page[BookView]:
    """Books that the person sees, the newest first: an officer those in his hands."""
    where: list[ColumnElement[bool]] = [_visible(actor)]
    total = connection.execute(select(func.count()).select_from(ticket_book).where(*where)).scalar_one()
    if (after := asked.after(int)) is not None:
        where.append(ticket_book.c.id < after[0])
    rows = connection.execute(_BOOKS.where(*where).order_by(ticket_book.c.id.desc()).limit(asked.limit + 1)).all()
    counts = _counts(connection, [row.id for row in rows])
    return page_of(rows, total, asked, lambda row: [row.id], lambda row: _book(row, counts.get(row.id)))


def read_book(connection: Connection, actor: Actor, book_id: int) -> BookView:
    """One with its numbers. Raises Refused not_found, also for a book that the person does not see."""
    row = connection.execute(_BOOKS.where(ticket_book.c.id == book_id, _visible(actor))).one_or_none()
    if row is None:
        raise not_found("该本票据", f"ticket book {book_id}")
    book = _book(row, _counts(connection, [row.id]).get(row.id))
    leaves = connection.execute(LEAVES.where(fine_ticket.c.book_id == book.id).order_by(fine_ticket.c.serial)).all()
    gaps = frozenset(skipped([(leaf.serial, leaf.status) for leaf in leaves]))
    return replace(book, numbers=tuple(leaf_view(leaf, is_skipped=leaf.serial in gaps) for leaf in leaves))


def numbers_missing(connection: Connection) -> list[Span]:
    """Numbers between registered books that nobody has registered, of all series."""
    rows = connection.execute(select(ticket_book.c.series, ticket_book.c.first, ticket_book.c.last))
    return unregistered(Span(*row) for row in rows)


def sees_all_books(actor: Actor) -> bool:
    """Whether the person sees every department's books."""
    own = [h for h in actor.holdings if h.principal_id is None]
    return any(h.post in _READ_ALL or _of_finance(h.department, h.post) for h in own)


def _of_finance(department_code: str, post: str) -> bool:
    return department_code == FINANCE and post in PERMISSIONS["read_ticket_books"]


def _visible(actor: Actor) -> ColumnElement[bool]:
    if sees_all_books(actor):
        return true()
    own = [h for h in actor.holdings if h.principal_id is None]
    office = PERMISSIONS["read_ticket_books"] - {"officer"}
    departments = sorted({h.department for h in own if h.post in office})
    return or_(ticket_book.c.department.in_(departments), ticket_book.c.officer == actor.person_id)


def officers_of_department(connection: Connection, code: str) -> list[tuple[int, str]]:
    """(id, name) of those who hold the post of officer there now."""
    asked = (
        select(person.c.id, person.c.name)
        .join(post_holding, post_holding.c.person_id == person.c.id)
        .where(post_holding.c.department == code, post_holding.c.post == "officer", post_holding.c.ended_at.is_(None))
        .where(person.c.active.is_(True))
        .order_by(person.c.id)
        .distinct()
    )
    return [(row.id, row.name) for row in connection.execute(asked)]


def _counts(connection: Connection, books: Sequence[int]) -> dict[int, Row[Any]]:
    asked = select(fine_ticket.c.book_id, *_COUNTS).where(fine_ticket.c.book_id.in_(books))
    return {row.book_id: row for row in connection.execute(asked.group_by(fine_ticket.c.book_id))}


def _book(row: Any, counted: Any) -> BookView:
    leaves = LeavesCounted()
    if counted is not None:
        numbers = {name: int(getattr(counted, name)) for name in (USED, VOID, LOST, BLANK)}
        leaves = LeavesCounted(**numbers, amount_fen=int(counted.amount_fen or 0))
    return BookView(
        row.id,
        row.series,
        row.first,
        row.last,
        row.department,
        row.name_zh,
        row.name_en,
        row.registrar_name,
        row.registered_at,
        row.officer,
        row.officer_name,
        row.allotted_at,
        row.offering_name,
        row.offered_by,
        row.offered_at,
        leaves,
    )


def leaf_view(row: Any, *, is_skipped: bool = False) -> LeafView:
    """A leaf of `LEAVES`."""
    return LeafView(
        number=row.number,
        serial=row.serial,
        status=row.status,
        place=place_of(row),
        department=row.department,
        case_number=row.case_number,
        party=row.party,
        amount_fen=row.amount_fen,
        ground=row.ground,
        taken_by=row.taker_name,
        taken_at=row.taken_at,
        hand_over_by=row.hand_over_by,
        received_by=row.receiver_name,
        received_at=row.received_at,
        bank_by=row.bank_by,
        pay_code=row.pay_code,
        banked_at=row.banked_at,
        settled_by=row.settler_name,
        settled_at=row.settled_at,
        settled_reason=row.settled_reason,
        skipped=is_skipped,
    )


def place_of(row: Any) -> str:
    """Where the money of a leaf is."""
    if row.taken_at is None:
        return ""
    if row.banked_at is not None:
        return "bank"
    if row.received_at is not None:
        return "ordered" if row.pay_code else "organ"
    return "offered" if row.offered_at is not None else "officer"
