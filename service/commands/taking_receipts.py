"""Rows of a file become receipts and lines of its report, some thousands a transaction; a message brings the next."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from itertools import islice
from operator import attrgetter
from pathlib import Path
from typing import IO, Any

from sqlalchemy import Connection, bindparam, func, insert, select

from service.commands.services import Services
from service.database.rows import write_rows
from service.database.tables import ledger_entry, outbox, treasury_import, treasury_receipt, treasury_row
from service.fees.ledger import receipt_reference
from service.fees.matching import Match, against_the_bank
from service.fees.receipt_file import Place, Scan, rows_from
from service.fees.receipt_row import ReadRow, Receipt
from service.notices.writing import add_to_outbox

OUTBOX_KIND = "treasury_receipt"
ROWS_KIND = "treasury_rows"
COMPARE_KIND = "compare_treasury"
ROWS_AT_ONCE = 5_000
_BATCH = 500
# A file is read before its receipts are booked one by one: its messages stand before theirs.
_FIRST = timedelta(hours=1)
_FACTS = tuple(Receipt.__dataclass_fields__)
_facts_of = attrgetter(*_FACTS)
_KNOWN = select(treasury_receipt.c.id, *(treasury_receipt.c[name] for name in _FACTS)).where(
    treasury_receipt.c.receipt_no.in_(bindparam("numbers", expanding=True))
)
_IDS = select(treasury_receipt.c.receipt_no, treasury_receipt.c.id).where(
    treasury_receipt.c.receipt_no.in_(bindparam("numbers", expanding=True))
)
_TOLD = select(
    ledger_entry.c.reference, ledger_entry.c.case_id, ledger_entry.c.pay_code, ledger_entry.c.amount_fen
).where(ledger_entry.c.kind == "received", ledger_entry.c.reference.in_(bindparam("references", expanding=True)))
_LAST = select(func.max(treasury_row.c.row_no)).where(treasury_row.c.import_id == bindparam("import_id"))
_TEXT = select(treasury_import.c.text_digest).where(treasury_import.c.id == bindparam("import_id"))
_RECEIPTS = insert(treasury_receipt).inline()
_ROWS = insert(treasury_row).inline()
_MESSAGES = insert(outbox).inline()
_WAITS = Match("waiting")


def take_rows(
    connection: Connection, services: Services, import_id: int, digest: str, found: Scan, place: Place, now: datetime
) -> None:
    """Take in the rows behind a place, as many as one transaction should; a message for what is left."""
    with _opened(services, digest) as file:
        rows = rows_from(file, found, place)
        for _ in range(ROWS_AT_ONCE // _BATCH):
            if not (batch := list(islice(rows, _BATCH))):
                break
            _keep(connection, import_id, [row for row, _ in batch], now)
            place = batch[-1][1]
        more = next(rows, None) is not None
    if more:
        payload = {
            "import_id": import_id,
            "scan": found.as_json(rows=False),
            "offset": place.offset,
            "line": place.line,
        }
        key = f"{ROWS_KIND}/{import_id}/{place.line}"
        add_to_outbox(connection, ROWS_KIND, key, payload, now, at=now - _FIRST)
    else:
        asked = {"asked_at": now.isoformat()}
        add_to_outbox(connection, COMPARE_KIND, f"{COMPARE_KIND}/import/{import_id}", asked, now)


def take_more_rows(connection: Connection, services: Services, payload: dict[str, Any], now: datetime) -> None:
    """Outbox message `treasury_rows`: doing it twice changes nothing. LookupError if the file is gone."""
    import_id, place = int(payload["import_id"]), Place(payload["offset"], payload["line"])
    if int(connection.execute(_LAST, {"import_id": import_id}).scalar_one() or 0) > place.line:
        return
    digest = connection.execute(_TEXT, {"import_id": import_id}).scalar_one()
    take_rows(connection, services, import_id, digest, Scan.of_json(payload["scan"]), place, now)


@contextmanager
def _opened(services: Services, digest: str) -> Iterator[IO[bytes]]:
    source = services.files.source(digest)
    if source is None:
        raise LookupError(f"Expected the text {digest}, but it is gone")
    with source.open("rb") if isinstance(source, Path) else source as file:
        yield file


def _keep(connection: Connection, import_id: int, rows: Sequence[ReadRow], now: datetime) -> None:
    """Receipts that are new, a line of the report for every row, a message for every receipt that is to be matched."""
    numbers = [row.receipt_no for row in rows if row.receipt]
    known = {row.receipt_no: row for row in connection.execute(_KNOWN, {"numbers": numbers})} if numbers else {}
    fresh: dict[str, Receipt] = {}
    report: list[tuple[ReadRow, str, str | None]] = []
    for row in rows:
        report.append((row, *_outcome(row, known, fresh)))
    ids = {row.receipt_no: row.id for row in known.values()}
    if fresh:
        matches = by_the_bank(connection, fresh)
        receipts = [_receipt(import_id, one, matches.get(number, _WAITS)) for number, one in fresh.items()]
        write_rows(connection, _RECEIPTS, receipts)
        ids |= {row.receipt_no: row.id for row in connection.execute(_IDS, {"numbers": list(fresh)})}
        write_rows(connection, _MESSAGES, [_message(ids[number], now) for number in fresh])
    write_rows(connection, _ROWS, [_line(import_id, *one, ids) for one in report])


def by_the_bank(connection: Connection, fresh: Mapping[str, Receipt]) -> dict[str, Match]:
    """What came of the receipts that the bank has told of."""
    references = {receipt_reference(number): number for number, one in fresh.items() if one.amount_fen > 0}
    told: dict[str, list[Any]] = defaultdict(list)
    for row in connection.execute(_TOLD, {"references": list(references)}) if references else ():
        told[references[row.reference]].append(row)
    return {number: against_the_bank(entries, fresh[number]) for number, entries in told.items()}


def _outcome(row: ReadRow, known: Mapping[str, Any], fresh: dict[str, Receipt]) -> tuple[str, str | None]:
    if row.receipt is None:
        return "refused", row.why
    earlier = known.get(row.receipt_no)
    before = _facts(earlier) if earlier is not None else fresh.get(row.receipt_no)
    if before is None:
        fresh[row.receipt_no] = row.receipt
        return "read", None
    return ("repeated", None) if before == row.receipt else ("refused", "conflict:receipt_no")


def _facts(row: Any) -> Receipt:
    return Receipt(*_facts_of(row))


def _receipt(import_id: int, one: Receipt, match: Match) -> dict[str, Any]:
    row = dict(zip(_FACTS, _facts_of(one), strict=True))
    row |= {"status": match.status, "why": match.why, "case_id": match.case_id, "matched_code": match.code}
    row["import_id"] = import_id
    return row


def _line(import_id: int, row: ReadRow, outcome: str, why: str | None, ids: Mapping[str, int]) -> dict[str, Any]:
    receipt_id = ids.get(row.receipt_no) if outcome != "refused" else None
    return {
        "import_id": import_id,
        "row_no": row.row_no,
        "receipt_no": row.receipt_no,
        "receipt_id": receipt_id,
        "outcome": outcome,
        "why": why,
    }


def _message(receipt_id: int, now: datetime) -> dict[str, Any]:
    key, payload = f"{OUTBOX_KIND}/{receipt_id}", {"receipt_id": receipt_id}
    common = {"created_at": now, "next_at": now, "attempts": 0, "state": 0, "case_id": None, "lane": None}
    return {"kind": OUTBOX_KIND, "idempotency_key": key, "payload": payload, **common}
