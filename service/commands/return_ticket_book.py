"""交回票据本: a book goes back by two hands, one who gives it and another who counts its blank leaves."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, bindparam, func, select, update

from service.commands.office_changes import OfficeChange, note_change, stated
from service.commands.ticket_books import locked_book
from service.database.tables import fine_ticket, ticket_book
from service.errors import Detail, Refused
from service.fees.tickets import BLANK
from service.people.actor import Actor
from service.people.permissions import may
from service.people.queries import person_names

OFFERED: Final = "ticket_book_offered"
RETURNED: Final = "ticket_book_returned"
_BLANKS = select(func.count(), func.min(fine_ticket.c.serial)).where(
    fine_ticket.c.book_id == bindparam("book"), fine_ticket.c.status == BLANK
)
_UPDATE = update(ticket_book).where(ticket_book.c.id == bindparam("b_id"))


@dataclass(frozen=True, slots=True)
class ReceiveBook:
    """What whoever receives it has counted: how many leaves are blank, and the number of the first; 0 for none."""

    book_id: int
    blank: int
    first_blank: int
    reason: str


def offer_ticket_book(connection: Connection, actor: Actor, book_id: int, reason: str, now: datetime) -> None:
    """Who has the book gives it back; for one who cannot, the cashier or a head of section of his department.

    Raises Refused: not_found, not_permitted, invalid_request for a book that nobody has or that is offered already.
    """
    book = locked_book(connection, actor, book_id)
    if actor.person_id != book.officer and not may(actor, "allot_ticket_books", book.department):
        zh = "票据本由领用人交回；不能到场的，由本部门财务人员或科室负责人代交"
        raise Refused("not_permitted", zh, "Expected whoever has the book, or a cashier or section for him")
    if book.officer is None or book.offered_at is not None:
        words = "该本票据无人领用或者已提交交回", "Expected a book in somebody's hands, not offered before"
        raise Refused("invalid_request", *words, [Detail("not_in_hand", *words, pointer="/reason")])
    given = stated(reason)
    connection.execute(_UPDATE.values(offered_by=actor.person_id, offered_at=now), {"b_id": book.id})
    holder = {"officer": person_names(connection, {book.officer})[book.officer]}
    note_change(connection, actor, OfficeChange(OFFERED, f"ticket_book/{book.id}", given, holder, None), now)


def receive_ticket_book(connection: Connection, actor: Actor, command: ReceiveBook, now: datetime) -> None:
    """Another person counts it and takes it in: it is in nobody's hands, and can be given to an officer again.

    Raises Refused: not_found, not_permitted for whoever offered it or has it, invalid_request for a book that nobody
    offers or another count than the register's.
    """
    book = locked_book(connection, actor, command.book_id)
    if not may(actor, "allot_ticket_books", book.department) or actor.person_id in (book.offered_by, book.officer):
        zh = "票据本须由提交人以外的本部门财务人员或科室负责人清点收回"
        raise Refused("not_permitted", zh, "Expected a cashier or section other than who gives it back")
    if book.offered_at is None:
        words = "该本票据尚未提交交回", "Expected a book that is offered"
        raise Refused("invalid_request", *words, [Detail("not_offered", *words, pointer="/blank")])
    given = stated(command.reason)
    blank, first = connection.execute(_BLANKS, {"book": book.id}).one()
    if (command.blank, command.first_blank) != (blank, first or 0):
        words = "清点的空白份数、首号与登记不符；有缺少的先登记遗失", "Expected as many blank leaves as registered"
        raise Refused("invalid_request", *words, [Detail("count", *words, pointer="/blank")])
    free = {"officer": None, "allotted_by": None, "allotted_at": None, "offered_by": None, "offered_at": None}
    connection.execute(_UPDATE.values(free), {"b_id": book.id})
    before = {"officer": person_names(connection, {book.officer})[book.officer]}
    after = {"series": book.series, "first": first or 0, "blank": blank}
    note_change(connection, actor, OfficeChange(RETURNED, f"ticket_book/{book.id}", given, before, after), now)
