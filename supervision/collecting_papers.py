"""What a pass sees of outages: cases entered from paper receipts, and receipts that nobody accounts for."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, bindparam, or_, select

from service.commands.services import Services
from service.database.in_text import in_text
from service.database.rows import read_rows
from service.database.tables import case, outage, paper_receipt, person, receipt_block
from supervision.facts import CaseRef, OpenReceipts, PaperEntry, Place

# Kinds of receipts that tell of a penalty, and the number of its decision in a note: 临城管罚字〔2026〕0012号.
FINES = frozenset({"罚款", "没收违法所得", "加处罚款"})
_DECISION = re.compile(r"([\u4e00-\u9fff]{1,20})[〔\[(（](\d{4})[〕\])）]第?(\d+)号")
# So long after its receipts were due an outage is looked at.
OUTAGES_OF = timedelta(days=30)
# An act is dated when it begins; it may be seen only when its transaction has ended: looks overlap by so much.
OVERLAP = timedelta(hours=1)
# What is done while one waits: a penalty that is decided, served and paid on the spot.
AT_ONCE = "即办件"
OF_CASE = (case.c.number, case.c.department, case.c.power_item, case.c.item_version)
_BLOCKS = (
    select(paper_receipt.c.number.label("receipt"), outage.c.number.label("outage"), outage.c.enter_by)
    .join(receipt_block, receipt_block.c.id == paper_receipt.c.block_id)
    .join(outage, outage.c.id == receipt_block.c.outage_id)
)
_ENTRIES = (
    _BLOCKS.join(case, case.c.id == paper_receipt.c.case_id)
    .join(person, person.c.id == paper_receipt.c.entered_by)
    .add_columns(paper_receipt.c.case_id, paper_receipt.c.received_at, paper_receipt.c.entered_at)
    .add_columns(paper_receipt.c.entered_by, person.c.name.label("person"), outage.c.objected_at, *OF_CASE)
    .where(or_(paper_receipt.c.entered_at >= bindparam("since"), outage.c.objected_at >= bindparam("since")))
    .where(paper_receipt.c.entered_at <= bindparam("now"))
    .order_by(paper_receipt.c.entered_at, paper_receipt.c.id)
)
_OPEN = (
    _BLOCKS.add_columns(receipt_block.c.id, receipt_block.c.department)
    .where(paper_receipt.c.status == in_text("blank"))
    .where(outage.c.enter_by < bindparam("now"), outage.c.enter_by >= bindparam("oldest"))
    .order_by(paper_receipt.c.id)
)
# When a case was received on paper, where that excuses its late entry.
RECEIVED_IN_TIME = (
    select(paper_receipt.c.received_at)
    .join(receipt_block, receipt_block.c.id == paper_receipt.c.block_id)
    .join(outage, outage.c.id == receipt_block.c.outage_id)
    .where(paper_receipt.c.case_id == case.c.id, paper_receipt.c.entered_at <= outage.c.enter_by)
    .where(outage.c.objected_at.is_(None))
    .correlate(case)
    .scalar_subquery()
)


def case_ref(connection: Connection, services: Services, row: Row[Any]) -> CaseRef:
    """The case of a row that has its id and `OF_CASE`."""
    category, at_once = None, False
    if row.power_item is not None and row.item_version is not None:
        item = services.items.get(connection, row.power_item, row.item_version)
        category, at_once = item.category, item.handling_type == AT_ONCE
    return CaseRef(int(row.case_id), str(row.number), Place(row.department, row.power_item, category), at_once)


def paper_entries(connection: Connection, services: Services, since: datetime, now: datetime) -> tuple[PaperEntry, ...]:
    """Cases entered from paper since then, and those of an outage to which somebody has objected since."""
    rows = read_rows(connection, _ENTRIES, {"since": since, "now": now})
    return tuple(
        PaperEntry(
            row.receipt,
            case_ref(connection, services, row),
            row.received_at,
            row.entered_at,
            row.entered_by,
            row.person,
            row.outage,
            row.enter_by,
            row.objected_at is not None,
        )
        for row in rows
    )


def open_receipts(connection: Connection, now: datetime) -> tuple[OpenReceipts, ...]:
    """What is neither entered nor voided of blocks whose time of entering is over."""
    blocks: dict[int, list[Row[Any]]] = {}
    for row in read_rows(connection, _OPEN, {"now": now, "oldest": now - OUTAGES_OF}):
        blocks.setdefault(row.id, []).append(row)
    return tuple(
        OpenReceipts(rows[0].id, rows[0].department, rows[0].outage, rows[0].enter_by, tuple(r.receipt for r in rows))
        for rows in blocks.values()
    )


def decision_named(kind: str, note: str) -> str | None:
    """The penalty decision that a receipt's note names, its brackets as the county writes them."""
    found = _DECISION.search(note) if kind in FINES else None
    return f"{found[1]}〔{found[2]}〕{found[3]}号" if found is not None else None
