"""What the ledger answers to a gate. A fact is read, never set by a form."""

from __future__ import annotations

from collections.abc import Callable

from service.catalogue.item import PowerItem
from service.fees.books import PAID as SETTLED
from service.fees.ledger import Books

__all__ = ["FEE_FACTS", "SETTLED", "fee_fact", "fine_settled", "settles"]
FEE_FACTS = ("fee_settled", "fee_exempt", "paid")


def settles(books: Books, owed_fen: int) -> bool:
    """Nothing is outstanding, and what was kept or reduced by an approved case reaches what the standard asks.

    A debt that was written off settles nothing: what nobody paid is not printed.
    """
    return books.outstanding <= 0 and books.kept + books.of_kind("reduced_by_case") >= owed_fen


def fee_fact(read: Callable[[], Books], item: PowerItem | None, name: str, due_fen: Callable[[], int]) -> bool:
    """`fee_settled`: no fee is due, or all of it is paid; `paid`: something is due and all is paid; `fee_exempt`:
    something is due by the standard, and an approved reduction covers it. Books are read only where something is due.
    """
    if item is not None and item.fines:
        assessed = read().of_kind("fine_assessed") > 0
        return name != "fee_exempt" and (fine_settled(read()) if assessed else name == "fee_settled")
    owed = due_fen() if item is not None and item.fee is not None else 0
    if owed == 0:
        return name == "fee_settled"
    books = read()
    if name == "fee_exempt":
        return books.of_kind("reduced_by_case") >= owed
    return settles(books, owed)


def fine_settled(books: Books) -> bool:
    """A fine was assessed, and nothing of it or its surcharge is outstanding: paid, reduced or written off.

    What was taken on the spot is paid for the party, but settles nothing before it is at the bank (Art. 71).
    """
    return books.of_kind("fine_assessed") > 0 and books.outstanding <= 0 and books.in_hand == 0
