"""罚款专用票据: finance registers a book, the department gives it to an officer, each number is accounted for."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from service.commands.return_ticket_book import ReceiveBook, offer_ticket_book, receive_ticket_book
from service.commands.ticket_books import (
    RegisterBook,
    SettleLeaves,
    allot_ticket_book,
    register_ticket_book,
    settle_leaves,
)
from service.database.session import reading, transaction
from service.database.tables import fine_ticket, office_change
from service.errors import Refused
from service.fees.tickets import LOST, VOID, Span
from service.reads.tickets import BookView, list_books, numbers_missing, read_book
from tests.commands.office import Office

SERIES = "临财罚A"


def registered(office: Office, first: int = 1, last: int = 5, by: str = "cz_cashier", **changes: Any) -> int:
    given = {"series": SERIES, "department": "CG", "reason": "领用"} | changes
    command = RegisterBook(given["series"], first, last, given["department"], given["reason"])
    with transaction(office.engine) as connection:
        return register_ticket_book(connection, office.actor(by), command, office.now)


def allotted(office: Office, book: int, officer: str = "cg_officer", by: str = "cg_cashier") -> None:
    with transaction(office.engine) as connection:
        allot_ticket_book(connection, office.actor(by), book, office.ids[officer], "上路执法", office.now)


def settled(office: Office, book: int, status: str, first: int, last: int, by: str = "cg_officer", **more: Any) -> int:
    command = SettleLeaves(book, status, first, last, more.pop("reason", "填写错误"), **more)
    with transaction(office.engine) as connection:
        return settle_leaves(connection, office.actor(by), command, office.now)


def offered(office: Office, book: int, by: str = "cg_officer") -> None:
    with transaction(office.engine) as connection:
        offer_ticket_book(connection, office.actor(by), book, "调离执法岗位", office.now)


def received(office: Office, book: int, blank: int, first: int, by: str = "cg_cashier") -> None:
    with transaction(office.engine) as connection:
        receive_ticket_book(connection, office.actor(by), ReceiveBook(book, blank, first, "清点无误"), office.now)


def seen(office: Office, book: int, by: str = "cz_section") -> BookView:
    with reading(office.engine) as connection:
        return read_book(connection, office.actor(by), book)


def test_every_number_of_a_book_is_accounted_for(office: Office) -> None:
    book = registered(office)
    allotted(office, book)
    assert settled(office, book, VOID, 1, 1, both_parts_kept=True) == 1
    assert settled(office, book, LOST, 4, 5, by="cg_cashier", reason="票夹被盗，已报案") == 2
    view = seen(office, book)
    assert [one.status for one in view.numbers] == ["void", "blank", "blank", "lost", "lost"]
    counted = view.leaves
    assert (counted.used, counted.void, counted.lost, counted.blank) == (0, 1, 2, 2)
    assert view.next == f"{SERIES}-00000002"
    assert (
        view.numbers[0].settled_reason == "填写错误" and view.numbers[0].settled_by == office.actor("cg_officer").name
    )
    kinds = [row.kind for row in office.rows(select(office_change.c.kind).order_by(office_change.c.id))]
    assert kinds[-4:] == ["ticket_book_registered", "ticket_book_allotted", "tickets_voided", "tickets_lost"]


def test_a_number_is_settled_once_and_a_void_leaf_keeps_both_parts(office: Office) -> None:
    book = registered(office)
    allotted(office, book)
    with pytest.raises(Refused, match="both parts"):
        settled(office, book, VOID, 1, 1)
    settled(office, book, LOST, 1, 1)
    with pytest.raises(Refused, match="blank leaves among"):
        settled(office, book, VOID, 1, 1, both_parts_kept=True)
    for first, last in ((0, 1), (5, 6), (3, 2)):
        with pytest.raises(Refused, match="numbers within"):
            settled(office, book, LOST, first, last)
    with pytest.raises(Refused, match="Give the reason"):
        settled(office, book, LOST, 2, 2, reason=" ")
    with pytest.raises(Refused, match="void or lost"):
        settled(office, book, "used", 2, 2)


def test_finance_alone_registers_and_no_number_twice(office: Office) -> None:
    registered(office)
    for nobody in ("cg_cashier", "cg_section", "cz_head", "sysadmin"):
        with pytest.raises(Refused, match="of finance") as refused:
            registered(office, 6, 9, nobody)
        assert refused.value.code == "not_permitted"
    with pytest.raises(Refused, match="are registered"):
        registered(office, 5, 9, "cz_section")
    with pytest.raises(Refused, match="Choose the department"):
        registered(office, 6, 9, department="XX")
    registered(office, 8, 9, "cz_section")
    with reading(office.engine) as connection:
        assert numbers_missing(connection) == [Span(SERIES, 6, 7)]
    assert len(office.rows(select(fine_ticket.c.id))) == 7


def test_a_book_is_given_to_an_officer_of_its_department(office: Office) -> None:
    book = registered(office)
    with pytest.raises(Refused, match="an officer of the department"):
        allotted(office, book, "sg_officer")
    with pytest.raises(Refused, match="an officer of the department"):
        allotted(office, book, "cg_clerk")
    for nobody in ("cg_officer", "sg_cashier", "cz_cashier"):
        with pytest.raises(Refused) as refused:
            allotted(office, book, by=nobody)
        assert refused.value.code == "not_permitted"
    allotted(office, book, by="cg_section")
    with pytest.raises(Refused, match="whoever has the book"):
        settled(office, book, LOST, 1, 1, by="cg_officer2")
    with pytest.raises(Refused, match="nobody's hands"):
        allotted(office, book, "cg_officer2")
    offered(office, book)
    received(office, book, 5, 1)
    allotted(office, book, "cg_officer2")
    settled(office, book, LOST, 1, 5, by="cg_officer2")
    with pytest.raises(Refused, match="book with blank leaves"):
        allotted(office, book)


def test_who_has_no_part_in_a_book_does_not_see_it(office: Office) -> None:
    book = registered(office)

    def sees(who: str) -> bool:
        with reading(office.engine) as connection:
            return list_books(connection, office.actor(who)).total == 1

    assert not sees("cg_officer")
    allotted(office, book)
    readers = ("cg_officer", "cg_cashier", "cg_section", "cz_cashier", "cz_head", "sup2", "auditor", "cg_sup1")
    assert [who for who in readers if not sees(who)] == []
    assert [who for who in ("cg_officer2", "sg_cashier", "sg_section", "cg_clerk") if sees(who)] == []
    with pytest.raises(Refused) as refused:
        seen(office, book, "sg_section")
    assert refused.value.code == "not_found"


def test_a_book_goes_back_by_two_hands_and_only_with_all_its_blank_leaves(office: Office) -> None:
    book = registered(office)
    with pytest.raises(Refused, match="somebody's hands"):
        offered(office, book, "cg_cashier")
    allotted(office, book)
    settled(office, book, VOID, 1, 1, both_parts_kept=True)
    with pytest.raises(Refused, match="a book that is offered"):
        received(office, book, 4, 2)
    for nobody in ("cg_clerk", "cg_officer2"):
        with pytest.raises(Refused):
            offered(office, book, nobody)
    offered(office, book)
    with pytest.raises(Refused, match="not offered before"):
        offered(office, book)
    for wrong in ((5, 1), (3, 2), (4, 3)):
        with pytest.raises(Refused, match="as many blank leaves"):
            received(office, book, *wrong)
    with pytest.raises(Refused, match="other than who gives"):
        received(office, book, 4, 2, by="cg_officer")
    received(office, book, 4, 2)
    view = seen(office, book)
    assert (view.officer, view.offered_at, view.leaves.blank) == (None, None, 4)
    kinds = [row.kind for row in office.rows(select(office_change.c.kind).order_by(office_change.c.id))]
    assert kinds[-2:] == ["ticket_book_offered", "ticket_book_returned"]
    allotted(office, book, "cg_officer2")
    assert seen(office, book).officer == office.actor("cg_officer2").name


def test_for_an_officer_who_cannot_come_one_gives_it_back_and_another_counts(office: Office) -> None:
    book = registered(office)
    allotted(office, book)
    offered(office, book, "cg_section")
    with pytest.raises(Refused, match="other than who gives"):
        received(office, book, 5, 1, by="cg_section")
    received(office, book, 5, 1)
