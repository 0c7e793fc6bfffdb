"""Whether the ledger is whole: entries within the rules, each case's books sound, and as its history tells them."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, select

from service.database.tables import case, event, ledger_entry, payment_notice
from service.fees.books import PAID, entry_of
from service.fees.ledger import Account, Books, Entry, faults

_ENTRIES = select(ledger_entry, case.c.number).outerjoin(case).order_by(ledger_entry.c.id)
# The text is compact JSON (service.history.chain), so that the name and its colon stand beside each other.
_TOLD = select(event.c.case_id, event.c.payload).where(event.c.payload.contains('"ledger":'))
_NOTICES = select(payment_notice.c.case_id, payment_notice.c.pay_code, payment_notice.c.status)
Told = Mapping[int, Counter[tuple[str | int, ...]]]


@dataclass(frozen=True, slots=True)
class LedgerFault:
    """`case` is None for money that belongs to no case."""

    case: str | None
    words: str


def ledger_faults(connection: Connection) -> tuple[int, list[LedgerFault]]:
    """How many entries there are, and what is wrong with them."""
    numbers: dict[int | None, str | None] = {None: None}
    books: dict[int | None, list[Entry]] = defaultdict(list)
    found: list[LedgerFault] = []
    rows = connection.execute(_ENTRIES).all()
    for row in rows:
        numbers[row.case_id] = row.number
        try:
            books[row.case_id].append(entry_of(row))
        except ValueError as error:
            found.append(LedgerFault(row.number, f"entry {row.id}: {error}"))
    told, notices = _told(connection), _notices(connection)
    for case_id, entries in books.items():
        words = faults(Books(tuple(entries)))
        if case_id is not None:
            words += _against_notices(entries, notices.get(case_id, {}))
            words += _against_history(entries, told.get(case_id, Counter()))
        found += [LedgerFault(numbers[case_id], one) for one in words]
    lost = sorted(case_id for case_id in told if case_id not in books)
    found += [LedgerFault(_number(connection, one), "all entries that its history tells are gone") for one in lost]
    return len(rows), found


def _number(connection: Connection, case_id: int) -> str | None:
    return connection.execute(select(case.c.number).where(case.c.id == case_id)).scalar_one_or_none()


def _told(connection: Connection) -> Told:
    """What the hash chain of each case tells of its ledger."""
    told: dict[int, Counter[tuple[str | int, ...]]] = defaultdict(Counter)
    for case_id, payload in connection.execute(_TOLD):
        told[case_id].update(tuple(entry) for entry in json.loads(payload).get("ledger", ()))
    return {case_id: entries for case_id, entries in told.items() if entries}


def _notices(connection: Connection) -> dict[int, dict[str, str]]:
    found: dict[int, dict[str, str]] = defaultdict(dict)
    for case_id, pay_code, status in connection.execute(_NOTICES):
        found[case_id][pay_code] = status
    return found


def _against_history(entries: list[Entry], told: Counter[tuple[str | int, ...]]) -> Iterator[str]:
    written = Counter(tuple(entry.told()) for entry in entries)
    for entry in written - told:
        yield f"the history does not tell of {list(entry)}"
    for entry in told - written:
        yield f"the history tells of {list(entry)}, which is gone"


def _against_notices(entries: list[Entry], notices: Mapping[str, str]) -> Iterator[str]:
    books = Books(tuple(entries))
    for code in sorted({entry.pay_code for entry in entries if entry.kind == "notice_issued"}):
        status, left = notices.get(code), books.balance(Account.NOTIFIED, code)
        settled = status in (*PAID, "void", "refunded")
        if status is None or settled != (left == 0):
            yield f"notice {code} is {status}, but {left} fen are open under it"
