"""Books of tickets for fines, and what officers and cashiers do with the money of them, through the real commands."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, func, select

from service.commands.cash import offer_cash, receive_cash, remit_cash
from service.commands.performing import perform, perform_on_case
from service.commands.services import Services
from service.commands.ticket_books import (
    RegisterBook,
    SettleLeaves,
    allot_ticket_book,
    register_ticket_book,
    settle_leaves,
)
from service.database.session import reading
from service.database.tables import case, fine_ticket, person, ticket_book
from service.fees.tickets import LOST, VOID
from service.people.actor import Actor
from service.people.queries import read_actor
from service.reads.cash import next_ticket_of

SERIES = "临财罚2026A"
# (first, last) of each book; the city's first officer has the first two, and the numbers 51 to 60 never came.
_BOOKS = ((1, 25), (26, 50), (61, 85))
_LEAVES = 25


def load_books(engine: Engine, now: datetime) -> None:
    """Finance registers three books for the city; two go to officers, a leaf was spoilt and one is lost."""
    finance, cashier, officer = (_actor(engine, name, now) for name in ("cz_cashier", "cg_cashier", "cg_officer"))
    second = _actor(engine, "cg_officer2", now)
    books = [
        _registered(engine, finance, RegisterBook(SERIES, first, last, "CG", "城管局领用"), now)
        for first, last in _BOOKS
    ]
    _give(engine, cashier, books[0], officer, now)
    _give(engine, cashier, books[1], second, now)
    spoilt = SettleLeaves(books[0], VOID, 1, 1, "填写错误，重新开具", both_parts_kept=True)
    perform(engine, lambda c: settle_leaves(c, officer, spoilt, now))
    lost = SettleLeaves(books[1], LOST, 26, 26, "雨中浸坏遗失，已向财政部门报告")
    perform(engine, lambda c: settle_leaves(c, cashier, lost, now))


def _registered(engine: Engine, finance: Actor, command: RegisterBook, now: datetime) -> int:
    return perform(engine, lambda c: register_ticket_book(c, finance, command, now))


def _give(engine: Engine, cashier: Actor, book: int, officer: Actor, now: datetime) -> None:
    perform(engine, lambda c: allot_ticket_book(c, cashier, book, officer.person_id, "上路执法", now))


def next_ticket(engine: Engine, officer: Actor, now: datetime) -> str:
    """The number that an officer has to use next; who has used up a book gets another one first."""
    found = _next_of(engine, officer)
    if found is None:
        _give_another_book(engine, officer, now)
        found = _next_of(engine, officer)
    return found or ""


def _next_of(engine: Engine, officer: Actor) -> str | None:
    with reading(engine) as connection:
        return next_ticket_of(connection, officer)


def _give_another_book(engine: Engine, officer: Actor, now: datetime) -> None:
    """Finance registers the next numbers of the series, and the city's cashier gives them to the officer."""
    finance, cashier = (_actor(engine, name, now) for name in ("cz_cashier", "cg_cashier"))
    with reading(engine) as connection:
        last = connection.execute(select(func.max(ticket_book.c.last)).where(ticket_book.c.series == SERIES)).scalar()
    first = (last or 0) + 1
    book = RegisterBook(SERIES, first, first + _LEAVES - 1, "CG", "城管局领用")
    _give(engine, cashier, _registered(engine, finance, book, now), officer, now)


def hand_in(engine: Engine, services: Services, number: str, now: datetime) -> None:
    """The officer brings the money, the cashier counts it."""
    with reading(engine) as connection:
        asked = (
            select(person.c.username, fine_ticket.c.amount_fen)
            .join(fine_ticket, fine_ticket.c.taken_by == person.c.id)
            .join(case, case.c.id == fine_ticket.c.case_id)
            .where(case.c.number == number)
        )
        row = connection.execute(asked).one()
    officer, cashier = _actor(engine, row.username, now), _actor(engine, "cg_cashier", now)
    _on_case(engine, services, officer, number, now, lambda c: offer_cash(c, services, officer, number, now))
    fen = row.amount_fen
    _on_case(engine, services, cashier, number, now, lambda c: receive_cash(c, services, cashier, number, fen, now))


def order_remittance(engine: Engine, services: Services, number: str, now: datetime) -> None:
    """The cashier gets the code by which it is paid into the bank."""
    cashier = _actor(engine, "cg_cashier", now)
    _on_case(engine, services, cashier, number, now, lambda c: remit_cash(c, services, cashier, number, now))


def holds_cash(engine: Engine, number: str) -> bool:
    """Whether the case's fine was taken on the spot and has no code for the bank yet."""
    asked = select(fine_ticket.c.id).join(case, case.c.id == fine_ticket.c.case_id).where(case.c.number == number)
    with reading(engine) as connection:
        return connection.execute(asked.where(fine_ticket.c.pay_code.is_(None))).first() is not None


def _on_case(
    engine: Engine,
    services: Services,
    who: Actor,
    number: str,
    now: datetime,
    command: Callable[[Connection], Any],
) -> None:
    perform_on_case(engine, services, command, actor=who, now=now, number=number)


def _actor(engine: Engine, username: str, now: datetime) -> Actor:
    with reading(engine) as connection:
        person_id = connection.execute(select(person.c.id).where(person.c.username == username)).scalar_one()
        found = read_actor(connection, person_id, now)
    if found is None:
        raise LookupError(f"Expected {username} to be founded")
    return found
