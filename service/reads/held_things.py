"""What of value a person has in his hands beside his work: books of tickets, and money that was taken on the spot."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, func, or_, select

from service.database.tables import case, fine_ticket, ticket_book
from service.fees.tickets import BLANK, USED
from service.people.actor import Holding

_BOOKS = (
    select(
        ticket_book.c.id,
        ticket_book.c.series,
        ticket_book.c.department,
        ticket_book.c.offered_at,
        func.count().label("blank"),
        func.min(fine_ticket.c.serial).label("first"),
    )
    .join(fine_ticket, fine_ticket.c.book_id == ticket_book.c.id)
    .where(ticket_book.c.officer == bindparam("person_id"), fine_ticket.c.status == BLANK)
    .group_by(ticket_book.c.id, ticket_book.c.series, ticket_book.c.department, ticket_book.c.offered_at)
    .order_by(ticket_book.c.id)
)
# With the officer until the cashier has counted it, with the cashier until it is at the bank.
_MONEY = (
    select(fine_ticket.c.number, fine_ticket.c.amount_fen, fine_ticket.c.received_at, ticket_book.c.department)
    .add_columns(case.c.number.label("case_number"))
    .join(ticket_book, ticket_book.c.id == fine_ticket.c.book_id)
    .join(case, case.c.id == fine_ticket.c.case_id)
    .where(
        fine_ticket.c.status == USED,
        fine_ticket.c.banked_at.is_(None),
        or_(
            (fine_ticket.c.taken_by == bindparam("person_id")) & fine_ticket.c.received_at.is_(None),
            fine_ticket.c.received_by == bindparam("person_id"),
        ),
    )
    .order_by(fine_ticket.c.id)
)


@dataclass(frozen=True, slots=True)
class BookHeld:
    """A book with `blank` leaves, the `first` of which is used next; `offered`: given back and not counted yet."""

    id: int
    series: str
    department: str
    blank: int
    first: int
    offered: bool


@dataclass(frozen=True, slots=True)
class CashHeld:
    """Money of a ticket; `counted`: it is with the cashier, and not at the bank."""

    ticket: str
    case_number: str
    department: str
    amount_fen: int
    counted: bool


@dataclass(frozen=True, slots=True)
class HeldThings:
    books: tuple[BookHeld, ...] = ()
    cash: tuple[CashHeld, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.books or self.cash)

    @property
    def cash_fen(self) -> int:
        return sum(one.amount_fen for one in self.cash)


def held_things(connection: Connection, person_id: int) -> HeldThings:
    """Of one person, in all departments."""
    asked = {"person_id": person_id}
    books = tuple(
        BookHeld(row.id, row.series, row.department, int(row.blank), row.first, row.offered_at is not None)
        for row in connection.execute(_BOOKS, asked)
    )
    cash = tuple(
        CashHeld(row.number, row.case_number, row.department, row.amount_fen, row.received_at is not None)
        for row in connection.execute(_MONEY, asked)
    )
    return HeldThings(books, cash)


def held_by_post(held: HeldThings, ending: Holding, kept: list[Holding]) -> HeldThings:
    """Of these things what a post that ends alone lets the person hold: an officer's, or a cashier's."""

    def stands(post: str, department: str) -> bool:
        return ending.serves(post, department) and not any(one.serves(post, department) for one in kept)

    return HeldThings(
        tuple(one for one in held.books if stands("officer", one.department)),
        tuple(one for one in held.cash if stands("cashier" if one.counted else "officer", one.department)),
    )
