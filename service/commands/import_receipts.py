"""A file of the bank or the treasury is taken in whole, once; each receipt is matched in a transaction of its own."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from sqlalchemy import Connection, Insert, bindparam, insert, select
from sqlalchemy.dialects import postgresql, sqlite

from service.database.session import is_sqlite
from service.database.tables import outbox, receipt_mapping, treasury_import, treasury_receipt, treasury_row
from service.errors import Detail, Refused
from service.fees.receipt_file import FileRefused, ReadRow, Receipt, read_receipts
from service.fees.receipt_mapping import BUILT_IN, ReceiptMapping, read_mapping
from service.people.actor import Actor
from service.people.permissions import FINANCE, may

OUTBOX_KIND = "treasury_receipt"
LONGEST_MAPPING_NAME = 40
_BATCH = 500
_SAVED = select(receipt_mapping).order_by(receipt_mapping.c.name)
_SAME = select(treasury_import.c.id).where(treasury_import.c.digest == bindparam("digest"))
_FACTS = tuple(Receipt.__dataclass_fields__)
_KNOWN = select(treasury_receipt.c.id, *(treasury_receipt.c[name] for name in _FACTS)).where(
    treasury_receipt.c.receipt_no.in_(bindparam("numbers", expanding=True))
)
_RECEIPTS = insert(treasury_receipt).returning(treasury_receipt.c.id, treasury_receipt.c.receipt_no)
_ROWS = insert(treasury_row).inline()
_MESSAGES = insert(outbox).inline()
# code -> what stands in the file and should not, in both languages
_FAULTS: Mapping[str, tuple[str, str]] = {
    "unreadable": (
        "文件无法读取（须为 UTF-8 或 GB18030 编码的 CSV）",
        "Expected a CSV file in UTF-8 or GB18030, but it cannot be read",
    ),
    "no_mapping": (
        "没有一个映射与文件的表头相符",
        "Expected the headings of a known mapping, but found others",
    ),
    "too_many_rows": ("文件行数过多", "Expected fewer rows"),
    "no_rows": ("文件中没有数据行", "Expected rows below the headings, but there are none"),
    "wrong_total": ("合计与明细不符，文件不完整", "Expected totals that add up, but the file is not whole"),
}


@dataclass(frozen=True, slots=True)
class ImportReceipts:
    """`mapping` names a saved mapping; without one the file's headings choose it."""

    content: bytes
    filename: str
    mapping: str | None = None


def may_import(actor: Actor) -> bool:
    """Finance's cashiers, level 2 and the centre: nobody whose department takes fees or fines."""
    return may(actor, "import_treasury_receipts", FINANCE)


def _not_permitted() -> Refused:
    return Refused("not_permitted", "只有财政、二级监察和控制中心可以办理", "Expected finance, level 2 or the centre")


def import_receipts(
    connection: Connection, actor: Actor | None, command: ImportReceipts, now: datetime
) -> tuple[int, bool]:
    """Take a file in; its id, and whether it is new: the same bytes again change nothing.

    `actor` None is the machine's own command line. Raises Refused: not_permitted, invalid_request for a file that
    cannot be read or whose totals do not add up: then nothing of it is kept.
    """
    if actor is not None and not may_import(actor):
        raise _not_permitted()
    digest = hashlib.sha256(command.content).hexdigest()
    known = connection.execute(_SAME, {"digest": digest}).scalar_one_or_none()
    if known is not None:
        return int(known), False
    try:
        found = read_receipts(command.content, _mappings(connection, command.mapping))
    except FileRefused as fault:
        raise _refused(fault) from fault
    values = {
        "digest": digest,
        "filename": command.filename[:200] or "receipts.csv",
        "mapping": found.mapping,
        "total_rows": len(found.rows),
        "total_fen": found.total_fen,
        "imported_at": now,
        "imported_by": actor.person_id if actor else None,
    }
    made = connection.execute(_once(connection), values).scalar_one_or_none()
    if made is None:  # Somebody else was first with the same file.
        return int(connection.execute(_SAME, {"digest": digest}).scalar_one()), False
    for batch in _batches(found.rows):
        _keep(connection, int(made), batch, now)
    return int(made), True


def save_mapping(connection: Connection, actor: Actor, name: str, content: Mapping[str, Any], now: datetime) -> None:
    """Save how a file is read, under a name. Raises Refused: not_permitted, invalid_request."""
    if not may_import(actor):
        raise _not_permitted()
    try:
        mapping = read_mapping(name, content)
    except ValueError as wrong:
        raise _wrong_mapping("映射不正确", str(wrong)) from wrong
    if name in BUILT_IN or len(name) > LONGEST_MAPPING_NAME:
        raise _wrong_mapping("该名称为系统内置或过长", "Expected a name that is not built in")
    values = {"content": mapping.as_json(), "saved_at": now, "saved_by": actor.person_id}
    dialect = sqlite if is_sqlite(connection) else postgresql
    made = dialect.insert(receipt_mapping).values(name=name, **values)
    connection.execute(made.on_conflict_do_update(index_elements=["name"], set_=values))


def saved_mappings(connection: Connection) -> list[ReceiptMapping]:
    """The county's own, then those that are built in."""
    own = [read_mapping(row.name, row.content) for row in connection.execute(_SAVED)]
    return [*own, *BUILT_IN.values()]


def _mappings(connection: Connection, name: str | None) -> list[ReceiptMapping]:
    every = saved_mappings(connection)
    chosen = [one for one in every if name in (None, "", one.name)]
    if not chosen:
        words = f"没有名为“{name}”的映射", f"Expected a saved mapping, but there is none called {name!r}"
        raise Refused("invalid_request", *words, [Detail("not_a_choice", *words, pointer="/mapping")])
    return chosen


def _wrong_mapping(zh: str, en: str) -> Refused:
    return Refused("invalid_request", zh, en, [Detail("invalid", zh, en, pointer="/columns")])


def _refused(fault: FileRefused) -> Refused:
    zh, en = _FAULTS[fault.code]
    told = f"：{fault.found}" if fault.found else "", f": {fault.found}" if fault.found else ""
    detail = Detail(fault.code, zh + told[0], en + told[1], pointer="/file")
    return Refused("invalid_request", zh + told[0], en + told[1], [detail])


def _once(connection: Connection) -> Insert:
    dialect = sqlite if is_sqlite(connection) else postgresql
    made: Insert = dialect.insert(treasury_import).on_conflict_do_nothing(index_elements=["digest"])
    return made.returning(treasury_import.c.id)


def _batches(rows: Iterable[ReadRow]) -> Iterator[list[ReadRow]]:
    left = iter(rows)
    while batch := list(islice(left, _BATCH)):
        yield batch


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
        values = [{**asdict(one), "import_id": import_id, "status": "waiting"} for one in fresh.values()]
        ids |= {no: new_id for new_id, no in connection.execute(_RECEIPTS, values)}
        connection.execute(_MESSAGES, [_message(ids[no], now) for no in fresh])
    connection.execute(_ROWS, [_line(import_id, *one, ids) for one in report])


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
    return Receipt(**{name: getattr(row, name) for name in _FACTS})


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
