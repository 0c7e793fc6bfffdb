"""Posting to a case's ledger within an act: the rows, and what the event that tells of them must carry."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from service.fees.books import post
from service.fees.ledger import Books, Entry

if TYPE_CHECKING:
    from service.commands.act import CaseAct

Told = list[list[str | int]]


def book(act: CaseAct, entries: Sequence[Entry], ground: str | None = None) -> Told:
    """Write entries, those of a time before the ledger first. The event of this act carries the answer as `ledger`."""
    books, person_id = act.books, act.actor.person_id if act.actor else None
    every = [*books.brought_forward, *entries]
    act.books = Books((*books.written, *every))
    return post(act.connection, act.row.case_id, every, act.now, person_id=person_id, ground=ground)
