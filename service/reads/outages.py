"""Declared outages, their blocks of paper receipts, and what became of each number."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, case, func, select, true
from sqlalchemy.engine import Row

from service.database.tables import case as case_table
from service.database.tables import department, office_change, outage, paper_receipt, person, receipt_block, setting
from service.errors import not_found
from service.outages.receipts import BLANK, ENTERED, VOID, written_number
from service.outages.span import CALLED_OFF, OVER, Bounds, Span, bounds_of, state_of
from service.people.actor import Actor
from service.people.county_settings import OUTAGES
from service.people.permissions import PERMISSIONS
from service.people.queries import department_names
from service.reads.paging import FIRST_PAGE, Asked, Page, page_of

# So long before it begins an outage is told to the public.
_AHEAD = timedelta(days=14)
_READ_ALL = frozenset({"sup2", "centre", "auditor", "secadmin"})
MISSING = "missing"
SHEETS = "paper_sheets_printed"
_BY, _ENDER, _OBJECTOR = (person.alias(name) for name in ("declared_by_person", "ended_by_person", "objector"))


def _count_of(status: str) -> ColumnElement[int]:
    return func.coalesce(func.sum(case((paper_receipt.c.status == status, 1), else_=0)), 0).label(status)


_COUNTS = (_count_of(ENTERED), _count_of(VOID), _count_of(BLANK))
_OUTAGES = (
    select(
        outage,
        _BY.c.name.label("declared_by_name"),
        _ENDER.c.name.label("ended_by_name"),
        _OBJECTOR.c.name.label("objected_by_name"),
    )
    .join(_BY, _BY.c.id == outage.c.declared_by)
    .outerjoin(_ENDER, _ENDER.c.id == outage.c.ended_by)
    .outerjoin(_OBJECTOR, _OBJECTOR.c.id == outage.c.objected_by)
)
_BLOCKS = (
    select(
        receipt_block,
        department.c.name_zh,
        department.c.name_en,
        person.c.name.label("printed_by_name"),
        outage.c.number.label("outage_number"),
        outage.c.ends_at,
        outage.c.enter_by,
    )
    .join(department, department.c.code == receipt_block.c.department)
    .join(person, person.c.id == receipt_block.c.printed_by)
    .outerjoin(outage, outage.c.id == receipt_block.c.outage_id)
)


@dataclass(frozen=True, slots=True)
class Counted:
    """What became of the numbers; `missing` are neither entered nor voided though their time is over."""

    entered: int = 0
    void: int = 0
    blank: int = 0
    missing: int = 0


@dataclass(frozen=True, slots=True)
class OutageView:
    """No departments is the whole county. `state` is to_come, running, entering, over or called_off."""

    id: int
    number: str
    departments: Sequence[str]
    names_zh: tuple[str, ...]
    names_en: tuple[str, ...]
    starts_at: datetime
    ends_at: datetime
    enter_by: datetime
    reason: str
    state: str
    declared_by: str
    declared_at: datetime
    acts_at_declaration: int
    acts_at_end: int | None
    ended_by: str | None
    ended_at: datetime | None
    objected_by: str | None
    objected_at: datetime | None
    objection: str | None
    receipts: Counted

    @property
    def span(self) -> Span:
        return Span(self.departments, self.starts_at, self.ends_at)


@dataclass(frozen=True, slots=True)
class ReceiptView:
    """`status` is blank, entered, void or missing."""

    number: str
    serial: int
    status: str
    case_number: str | None
    received_at: datetime | None
    entered_at: datetime | None
    entered_by: str | None
    voided_at: datetime | None
    voided_by: str | None
    void_reason: str | None


@dataclass(frozen=True, slots=True)
class BlockView:
    """Receipts that were printed together; `outage` is None as long as none has been declared since.

    Lists leave out the `numbers`.
    """

    id: int
    department: str
    department_name_zh: str
    department_name_en: str
    place: str
    year: int
    first: int
    last: int
    printed_by: str
    printed_at: datetime
    outage_id: int | None
    outage: str | None
    running: bool
    receipts: Counted
    numbers: tuple[ReceiptView, ...] = ()


@dataclass(frozen=True, slots=True)
class PaperOfCase:
    """The receipt that a case was entered from."""

    number: str
    received_at: datetime
    entered_at: datetime
    outage: str
    in_time: bool


@dataclass(frozen=True, slots=True)
class PublicReceipt:
    """What anybody may know of a number: whose it is, when printed, and whether it was entered."""

    number: str
    department_name_zh: str
    department_name_en: str
    printed_at: datetime
    status: str
    entered_at: datetime | None


def list_outages(connection: Connection, now: datetime, asked: Asked = FIRST_PAGE) -> Page[OutageView]:
    """All of them, the newest first."""
    total = connection.execute(select(func.count()).select_from(outage)).scalar_one()
    query = _OUTAGES.order_by(outage.c.id.desc()).limit(asked.limit + 1)
    if (after := asked.after(int)) is not None:
        query = query.where(outage.c.id < after[0])
    rows = connection.execute(query).all()
    told = _Telling(connection, rows, now)
    return page_of(rows, total, asked, lambda row: [row.id], told.view)


def read_outage(connection: Connection, outage_id: int, now: datetime) -> OutageView:
    """Raises Refused not_found."""
    rows = connection.execute(_OUTAGES.where(outage.c.id == outage_id)).all()
    if not rows:
        raise not_found("该停机公告", f"outage {outage_id}")
    return _Telling(connection, rows, now).view(rows[0])


def public_outages(connection: Connection, now: datetime) -> list[OutageView]:
    """Those that the public should know of: soon, going on, or just over."""
    query = _OUTAGES.where(outage.c.enter_by >= now, outage.c.starts_at <= now + _AHEAD).order_by(outage.c.starts_at)
    rows = connection.execute(query).all()
    told = _Telling(connection, rows, now)
    return [one for one in map(told.view, rows) if one.state != CALLED_OFF]


def outages_to_enter(connection: Connection, department_code: str, now: datetime) -> list[OutageView]:
    """Outages of a department that have begun, with receipts that were not entered yet; the newest first."""
    open_blocks = (
        select(receipt_block.c.outage_id)
        .join(paper_receipt, paper_receipt.c.block_id == receipt_block.c.id)
        .where(receipt_block.c.department == department_code, paper_receipt.c.status == BLANK)
    )
    query = _OUTAGES.where(outage.c.starts_at <= now, outage.c.id.in_(open_blocks)).order_by(outage.c.id.desc())
    rows = connection.execute(query).all()
    told = _Telling(connection, rows, now)
    return [told.view(row) for row in rows]


class _Telling:
    """Names and counts for some outages at once."""

    def __init__(self, connection: Connection, rows: Sequence[Row[Any]], now: datetime) -> None:
        self._names: Mapping[str, tuple[str, str]] = department_names(connection)
        self._now = now
        counts = (
            select(receipt_block.c.outage_id, *_COUNTS)
            .join(paper_receipt, paper_receipt.c.block_id == receipt_block.c.id)
            .where(receipt_block.c.outage_id.in_([row.id for row in rows]))
            .group_by(receipt_block.c.outage_id)
        )
        self._counts = {row.outage_id: row for row in connection.execute(counts)} if rows else {}

    def view(self, row: Row[Any]) -> OutageView:
        names = [self._names.get(code, (code, code)) for code in row.departments]
        state = state_of(Span(row.departments, row.starts_at, row.ends_at), row.enter_by, self._now)
        return OutageView(
            id=row.id,
            number=row.number,
            departments=row.departments,
            names_zh=tuple(zh for zh, _ in names),
            names_en=tuple(en for _, en in names),
            starts_at=row.starts_at,
            ends_at=row.ends_at,
            enter_by=row.enter_by,
            reason=row.reason,
            state=state,
            declared_by=row.declared_by_name,
            declared_at=row.declared_at,
            acts_at_declaration=row.acts_at_declaration,
            acts_at_end=row.acts_at_end,
            ended_by=row.ended_by_name,
            ended_at=row.ended_at,
            objected_by=row.objected_by_name,
            objected_at=row.objected_at,
            objection=row.objection,
            receipts=_counted(self._counts.get(row.id), over=state == OVER),
        )


def _counted(row: Any, *, over: bool) -> Counted:
    if row is None:
        return Counted()
    blank = int(row.blank)
    return Counted(int(row.entered), int(row.void), 0 if over else blank, blank if over else 0)


def departments_of_blocks(actor: Actor) -> frozenset[str] | None:
    """Departments whose receipts the person sees; None is all of them."""
    own = [h for h in actor.holdings if h.principal_id is None]
    if any(h.post in _READ_ALL for h in own):
        return None
    return frozenset(h.department for h in own if h.post in PERMISSIONS["read_outages"])


def list_blocks(
    connection: Connection, actor: Actor, now: datetime, *, outage_id: int | None = None, asked: Asked = FIRST_PAGE
) -> Page[BlockView]:
    """Blocks of the departments that the person sees, the newest first; of one outage where it is named."""
    where: list[ColumnElement[bool]] = [_visible(actor)]
    where += [receipt_block.c.outage_id == outage_id] if outage_id is not None else []
    total = connection.execute(select(func.count()).select_from(receipt_block).where(*where)).scalar_one()
    if (after := asked.after(int)) is not None:
        where.append(receipt_block.c.id < after[0])
    rows = connection.execute(_BLOCKS.where(*where).order_by(receipt_block.c.id.desc()).limit(asked.limit + 1)).all()
    counts = _counts_of_blocks(connection, [row.id for row in rows])
    return page_of(rows, total, asked, lambda row: [row.id], lambda row: _block(row, counts.get(row.id), now))


def read_block(connection: Connection, actor: Actor, block_id: int, now: datetime) -> BlockView:
    """One with its numbers. Raises Refused not_found, also for a block that the person does not see."""
    row = connection.execute(_BLOCKS.where(receipt_block.c.id == block_id, _visible(actor))).one_or_none()
    if row is None:
        raise not_found("该批收件凭证", f"block {block_id} of receipts")
    block = _block(row, _counts_of_blocks(connection, [row.id]).get(row.id), now)
    return replace(block, numbers=_numbers(connection, block))


def _numbers(connection: Connection, block: BlockView) -> tuple[ReceiptView, ...]:
    """Every number with what became of it, in order."""
    clerk, voider = person.alias("entered_by_person"), person.alias("voided_by_person")
    asked = (
        select(
            paper_receipt,
            case_table.c.number.label("case_number"),
            clerk.c.name.label("entered_by_name"),
            voider.c.name.label("voided_by_name"),
        )
        .outerjoin(case_table, case_table.c.id == paper_receipt.c.case_id)
        .outerjoin(clerk, clerk.c.id == paper_receipt.c.entered_by)
        .outerjoin(voider, voider.c.id == paper_receipt.c.voided_by)
        .where(paper_receipt.c.block_id == block.id)
        .order_by(paper_receipt.c.serial)
    )
    missing = block.receipts.missing > 0
    return tuple(
        ReceiptView(
            row.number,
            row.serial,
            MISSING if missing and row.status == BLANK else row.status,
            row.case_number,
            row.received_at,
            row.entered_at,
            row.entered_by_name,
            row.voided_at,
            row.voided_by_name,
            row.void_reason,
        )
        for row in connection.execute(asked)
    )


def _visible(actor: Actor) -> ColumnElement[bool]:
    departments = departments_of_blocks(actor)
    return true() if departments is None else receipt_block.c.department.in_(sorted(departments))


def _counts_of_blocks(connection: Connection, blocks: Sequence[int]) -> dict[int, Row[Any]]:
    asked = select(paper_receipt.c.block_id, *_COUNTS).where(paper_receipt.c.block_id.in_(blocks))
    return {row.block_id: row for row in connection.execute(asked.group_by(paper_receipt.c.block_id))}


def _block(row: Row[Any], counts: Any, now: datetime) -> BlockView:
    return BlockView(
        row.id,
        row.department,
        row.name_zh,
        row.name_en,
        row.place,
        row.year,
        row.first,
        row.last,
        row.printed_by_name,
        row.printed_at,
        row.outage_id,
        row.outage_number,
        row.ends_at is not None and now < row.ends_at,
        _counted(counts, over=row.enter_by is not None and row.enter_by < now),
    )


def paper_of_case(connection: Connection, case_id: int) -> PaperOfCase | None:
    """The receipt that a case was entered from after an outage; None for every other case."""
    asked = (
        select(paper_receipt, outage.c.number.label("outage"), outage.c.enter_by)
        .join(receipt_block, receipt_block.c.id == paper_receipt.c.block_id)
        .join(outage, outage.c.id == receipt_block.c.outage_id)
        .where(paper_receipt.c.case_id == case_id)
    )
    row = connection.execute(asked).one_or_none()
    if row is None:
        return None
    return PaperOfCase(row.number, row.received_at, row.entered_at, row.outage, row.entered_at <= row.enter_by)


def public_receipt(connection: Connection, typed: str) -> PublicReceipt | None:
    """Whether a number was given out; None for one that never was."""
    number = written_number(typed)
    if number is None:
        return None
    asked = (
        select(paper_receipt, department.c.name_zh, department.c.name_en, receipt_block.c.printed_at)
        .join(receipt_block, receipt_block.c.id == paper_receipt.c.block_id)
        .join(department, department.c.code == receipt_block.c.department)
        .where(paper_receipt.c.number == number)
    )
    row = connection.execute(asked).one_or_none()
    if row is None:
        return None
    return PublicReceipt(row.number, row.name_zh, row.name_en, row.printed_at, row.status, row.entered_at)


def read_bounds(connection: Connection) -> Bounds:
    """How far back, how long and how far ahead the county lets an outage be declared."""
    found = connection.execute(select(setting.c.content).where(setting.c.name == OUTAGES)).scalar_one_or_none()
    return bounds_of(found)


def times_printed(connection: Connection, block_id: int) -> int:
    """How often the sheets of a block were handed out to be printed."""
    told = select(func.count()).select_from(office_change)
    of_block = office_change.c.subject == f"receipt_block/{block_id}"
    return int(connection.execute(told.where(of_block, office_change.c.kind == SHEETS)).scalar_one())
