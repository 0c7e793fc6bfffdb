"""停机收件凭证: blocks of numbered paper receipts are printed beforehand, and unused numbers voided afterwards."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, insert, select, update

from service.cases.numbers import next_numbers
from service.commands.office_changes import LONGEST_REASON, OfficeChange, note_change, stated
from service.commands.services import Services
from service.database.tables import department, outage, paper_receipt, receipt_block
from service.errors import Detail, Refused, not_found
from service.outages.receipts import BLANK, MOST_IN_BLOCK, VOID, receipt_number
from service.people.actor import Actor
from service.people.permissions import may
from service.reads.outages import SHEETS, times_printed

PRINTED, VOIDED = "paper_receipts_printed", "paper_receipts_voided"
LONGEST_PLACE = 80
_BLOCK = (
    select(receipt_block, outage.c.ends_at)
    .outerjoin(outage, outage.c.id == receipt_block.c.outage_id)
    .where(receipt_block.c.id == bindparam("id"))
    .with_for_update(of=receipt_block)
)
_VOID = (
    update(paper_receipt)
    .where(
        paper_receipt.c.block_id == bindparam("b_block"),
        paper_receipt.c.status == BLANK,
        paper_receipt.c.serial.between(bindparam("b_first"), bindparam("b_last")),
    )
    .values(status=VOID, voided_at=bindparam("at"), voided_by=bindparam("by"), void_reason=bindparam("reason"))
)


@dataclass(frozen=True, slots=True)
class PrintReceipts:
    """`place` is the window at which they will lie; empty for the department's only one."""

    department: str
    count: int
    place: str
    reason: str


def print_receipts(
    connection: Connection, services: Services, actor: Actor, command: PrintReceipts, now: datetime
) -> int:
    """A block of new numbers, one after the other in the county's sequence of the year. Its id.

    Raises Refused: not_permitted, invalid_request.
    """
    if not may(actor, "print_paper_receipts", command.department):
        raise Refused(
            "not_permitted",
            "停机收件凭证由本部门窗口或科室负责人印制",
            f"Expected a window or head of section of {command.department}",
        )
    reason = stated(command.reason)
    if not 1 <= command.count <= MOST_IN_BLOCK:
        words = f"一次印制 1 至 {MOST_IN_BLOCK} 份", f"Expected 1 to {MOST_IN_BLOCK} receipts"
        raise Refused("invalid_request", *words, [Detail("range", *words, pointer="/count")])
    if connection.execute(select(department.c.code).where(department.c.code == command.department)).first() is None:
        raise not_found("该部门", f"department {command.department}")
    year = services.calendars.get(connection).local_date(now).year
    serials = next_numbers(connection, f"paper_receipt/{year}", command.count)
    row = {"department": command.department, "place": command.place.strip()[:LONGEST_PLACE], "year": year}
    row |= {"first": serials[0], "last": serials[-1], "printed_by": actor.person_id, "printed_at": now}
    block_id = int(connection.execute(insert(receipt_block).returning(receipt_block.c.id), row).scalar_one())
    receipts = [
        {"block_id": block_id, "serial": serial, "number": receipt_number(year, serial), "status": BLANK}
        for serial in serials
    ]
    connection.execute(insert(paper_receipt), receipts)
    after = {"department": command.department, "place": row["place"], "first": serials[0], "last": serials[-1]}
    note_change(connection, actor, OfficeChange(PRINTED, f"receipt_block/{block_id}", reason, None, after), now)
    return block_id


@dataclass(frozen=True, slots=True)
class VoidReceipts:
    """The blank ones among the running numbers `first` to `last` of a block came back unused."""

    block_id: int
    first: int
    last: int
    reason: str


def void_receipts(connection: Connection, actor: Actor, command: VoidReceipts, now: datetime) -> int:
    """Void them; how many. During its outage a block stays as it is.

    Raises Refused: not_permitted, not_found, invalid_request, outage_over.
    """
    block = connection.execute(_BLOCK, {"id": command.block_id}).one_or_none()
    if block is None or not may(actor, "read_outages"):
        raise not_found("该批收件凭证", f"block {command.block_id} of receipts")
    if not may(actor, "void_paper_receipts", block.department):
        raise Refused(
            "not_permitted",
            "未用的收件凭证由本部门科室负责人清点作废",
            f"Expected a head of section of {block.department}",
        )
    reason = stated(command.reason)
    if not block.first <= command.first <= command.last <= block.last:
        words = f"号段须在 {block.first} 至 {block.last} 之内", f"Expected numbers within {block.first} to {block.last}"
        raise Refused("invalid_request", *words, [Detail("range", *words, pointer="/first")])
    if block.ends_at is not None and now < block.ends_at:
        words = "停机期间不能作废收件凭证", "Expected the outage to be over before receipts are voided"
        raise Refused("invalid_request", *words, [Detail("outage_running", *words, pointer="/first")])
    span = {"b_block": block.id, "b_first": command.first, "b_last": command.last}
    voided = connection.execute(_VOID, {**span, "at": now, "by": actor.person_id, "reason": reason}).rowcount
    if not voided:
        words = "号段内没有未用的收件凭证", "Expected blank receipts among these numbers"
        raise Refused("invalid_request", *words, [Detail("nothing_blank", *words, pointer="/first")])
    after = {"department": block.department, "first": command.first, "last": command.last, "count": voided}
    note_change(connection, actor, OfficeChange(VOIDED, f"receipt_block/{block.id}", reason, None, after), now)
    return int(voided)


def note_sheets(connection: Connection, actor: Actor, block_id: int, reason: str, now: datetime) -> None:
    """The sheets of a block are handed out to be printed: once freely, again with the reason, for then a number is
    on two sheets. The caller has read the block, and that numbers of it are blank.

    Raises Refused: not_permitted, not_found, invalid_request.
    """
    block = connection.execute(_BLOCK, {"id": block_id}).one_or_none()
    if block is None:
        raise not_found("该批收件凭证", f"block {block_id} of receipts")
    if not may(actor, "print_paper_receipts", block.department):
        raise Refused(
            "not_permitted",
            "停机收件凭证由本部门窗口或科室负责人印制",
            f"Expected a window or head of section of {block.department}",
        )
    again = times_printed(connection, block_id)
    if again and not reason.strip():
        words = (
            f"这批凭证已打印过 {again} 次，再次打印须写明理由",
            f"Expected the reason for printing again, for these sheets were printed {again} time(s)",
        )
        raise Refused("invalid_request", *words, [Detail("required", *words, pointer="/reason")])
    given = reason.strip()[:LONGEST_REASON] or "首次打印"
    after = {"department": block.department, "first": block.first, "last": block.last}
    note_change(connection, actor, OfficeChange(SHEETS, f"receipt_block/{block_id}", given, None, after), now)
