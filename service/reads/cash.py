"""Fines taken on the spot: what is with whom, what an officer's next ticket is, and whether a ticket is genuine."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, func, or_, select, true

from service.database.tables import department, fine_ticket, ticket_book
from service.errors import not_found
from service.fees.tickets import BLANK, USED, written_ticket
from service.people.actor import Actor
from service.reads.paging import FIRST_PAGE, Asked, Page, page_of
from service.reads.tickets import LEAVES, LeafView, leaf_view, sees_all_books

# Who sees the money of a whole department; an officer sees what he has taken himself.
_DEPARTMENT_POSTS = frozenset({"section", "vice", "head", "cashier", "sup1"})
_LEAF = LEAVES.where(fine_ticket.c.status == USED)


def list_cash(
    connection: Connection, actor: Actor, asked: Asked = FIRST_PAGE, *, in_hand: bool = True
) -> Page[LeafView]:
    """Tickets whose money is not at the bank yet, or with `in_hand` False those that are done; the newest first."""
    where: list[ColumnElement[bool]] = [_visible(actor), fine_ticket.c.status == USED]
    where.append(fine_ticket.c.banked_at.is_(None) if in_hand else fine_ticket.c.banked_at.is_not(None))
    counted = select(func.count()).select_from(fine_ticket.join(ticket_book)).where(*where)
    total = connection.execute(counted).scalar_one()
    if (after := asked.after(int)) is not None:
        where.append(fine_ticket.c.id < after[0])
    rows = connection.execute(LEAVES.where(*where).order_by(fine_ticket.c.id.desc()).limit(asked.limit + 1)).all()
    return page_of(rows, total, asked, lambda row: [row.id], leaf_view)


def _visible(actor: Actor) -> ColumnElement[bool]:
    if sees_all_books(actor):
        return true()
    own = [h for h in actor.holdings if h.principal_id is None]
    departments = sorted({h.department for h in own if h.post in _DEPARTMENT_POSTS})
    return or_(ticket_book.c.department.in_(departments), fine_ticket.c.taken_by == actor.person_id)


def ticket_of_case(connection: Connection, case_id: int) -> LeafView | None:
    """The ticket by which the case's fine was taken on the spot."""
    row = connection.execute(_LEAF.where(fine_ticket.c.case_id == case_id)).one_or_none()
    return leaf_view(row) if row is not None else None


def ticket_of_number(connection: Connection, case_id: int) -> LeafView:
    """The same where an act has just been done on it. Raises Refused not_found."""
    found = ticket_of_case(connection, case_id)
    if found is None:
        raise not_found("该票据", f"a ticket of case {case_id}")
    return found


def next_ticket_of(connection: Connection, actor: Actor, department_code: str | None = None) -> str | None:
    """The number that the officer has to use next; None without a blank leaf in his hands."""
    asked = (
        select(fine_ticket.c.number)
        .join(ticket_book, ticket_book.c.id == fine_ticket.c.book_id)
        .where(ticket_book.c.officer == actor.person_id, fine_ticket.c.status == BLANK)
        .order_by(ticket_book.c.allotted_at, ticket_book.c.id, fine_ticket.c.serial)
        .limit(1)
    )
    if department_code is not None:
        asked = asked.where(ticket_book.c.department == department_code)
    return connection.execute(asked).scalars().first()


@dataclass(frozen=True, slots=True)
class PublicTicket:
    """What anybody may know of a number: whose it is, what became of it, and over how much."""

    number: str
    department_zh: str
    department_en: str
    status: str
    amount_fen: int | None
    taken_at: datetime | None


def public_ticket(connection: Connection, typed: str) -> PublicTicket | None:
    """Whether finance has issued this number; None for one that it never did."""
    asked = (
        select(
            fine_ticket.c.number,
            department.c.name_zh,
            department.c.name_en,
            fine_ticket.c.status,
            fine_ticket.c.amount_fen,
            fine_ticket.c.taken_at,
        )
        .join(ticket_book, ticket_book.c.id == fine_ticket.c.book_id)
        .join(department, department.c.code == ticket_book.c.department)
        .where(fine_ticket.c.number == written_ticket(typed))
    )
    row = connection.execute(asked).one_or_none()
    return PublicTicket(*row) if row is not None else None
