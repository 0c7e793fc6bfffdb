"""停机公告: the security administrator declares an outage, lengthens and ends it; supervision is told and may object.

A declaration takes an alarm away, so whoever declares can enter nothing, and an objection gives the alarm back.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, func, insert, select, update

from service.cases.numbers import next_number
from service.commands.calendar_versions import queue
from service.commands.office_changes import OfficeChange, note_change, stated
from service.commands.services import Services
from service.database.tables import case, department, event, outage, paper_receipt, receipt_block
from service.errors import Detail, Refused, not_found
from service.notices.writing import Recipient, notify
from service.outages.receipts import ENTRY_LIMIT
from service.outages.span import CALLED_OFF, Span, require_declarable, require_length, state_of, wrong_span
from service.people.actor import Actor
from service.people.permissions import may
from service.people.queries import holders_of
from service.reads.outages import read_bounds

# Outbox message: the planned end of an outage has come.
PLANNED_END = "outage_planned_end"
DECLARED, LENGTHENED, ENDED, OBJECTED = "outage_declared", "outage_lengthened", "outage_ended", "outage_objected"
# What somebody did in the system: an office that is out does none of it.
ACTS = ("case_started", "task_completed", "message_received", "document_printed")
_ONE = select(outage).where(outage.c.id == bindparam("id")).with_for_update()
_SPANS = select(outage.c.number, outage.c.departments, outage.c.starts_at, outage.c.ends_at).where(
    outage.c.ends_at > bindparam("starts_at")
)
_SET = update(outage).where(outage.c.id == bindparam("b_id"))
_FREE_BLOCKS = update(receipt_block).where(
    receipt_block.c.outage_id.is_(None), receipt_block.c.printed_at < bindparam("b_starts_at")
)
_LAST_RECEIVED = (
    select(func.max(paper_receipt.c.received_at))
    .join(receipt_block, receipt_block.c.id == paper_receipt.c.block_id)
    .where(receipt_block.c.outage_id == bindparam("id"))
)


@dataclass(frozen=True, slots=True)
class DeclareOutage:
    """No departments means the whole county; `ends_at` is when it is expected to be over."""

    departments: Sequence[str]
    starts_at: datetime
    ends_at: datetime
    reason: str


def declare_outage(
    connection: Connection, services: Services, actor: Actor, command: DeclareOutage, now: datetime
) -> int:
    """Declare it: the blocks of receipts that were printed before it serve it from now on. Its id.

    Raises Refused: not_permitted, invalid_request.
    """
    _require(actor)
    reason = stated(command.reason)
    span = Span(sorted(set(command.departments)), command.starts_at, command.ends_at)
    _require_departments(connection, span.departments)
    require_declarable(span, now, read_bounds(connection))
    calendar = services.calendars.get(connection)
    year = calendar.local_date(now).year
    # Who declares at the same time waits here, and then sees this outage.
    number = f"临停〔{year}〕{next_number(connection, f'outage/{year}'):04d}号"
    _require_alone(connection, span)
    acts = acts_within(connection, span, now)
    row: dict[str, Any] = {"number": number, "departments": span.departments, "reason": reason}
    row |= {"starts_at": span.starts_at, "ends_at": span.ends_at, "enter_by": calendar.due(ENTRY_LIMIT, span.ends_at)}
    row |= {"declared_by": actor.person_id, "declared_at": now, "acts_at_declaration": acts}
    outage_id = int(connection.execute(insert(outage).returning(outage.c.id), row).scalar_one())
    _bind_blocks(connection, outage_id, span)
    _await_end(connection, outage_id, span.ends_at, now)
    after = {**_said(services, span), "acts": acts}
    note_change(connection, actor, OfficeChange(DECLARED, f"outage/{outage_id}", reason, None, after), now)
    times = _times(services, span)
    text = f"{number}：{_places(connection, span)}自 {times[0]} 起停机，预计 {times[1]} 恢复。{reason}"
    counted = f"（该时段内系统中已有 {acts} 次操作）" if acts else ""
    _tell_supervision(connection, span, DECLARED, f"{text}{counted}有异议的可以提出。", now)
    return outage_id


def lengthen_outage(
    connection: Connection,
    services: Services,
    actor: Actor,
    outage_id: int,
    ends_at: datetime,
    reason: str,
    now: datetime,
) -> None:
    """It takes longer than expected. Raises Refused: not_permitted, not_found, outage_over, invalid_request."""
    _require(actor)
    given = stated(reason)
    row, before = _running(connection, outage_id, now)
    after = Span(before.departments, before.starts_at, ends_at)
    if ends_at <= before.ends_at:
        words = "延长后的止点须晚于原止点", "Expected an end after the one that stands"
        raise wrong_span("range", *words, "ends_at")
    require_length(after, read_bounds(connection))
    _require_alone(connection, after, but=row.number)
    _move_end(connection, services, row.id, after)
    _await_end(connection, row.id, after.ends_at, now)
    change = OfficeChange(LENGTHENED, f"outage/{row.id}", given, _said(services, before), _said(services, after))
    note_change(connection, actor, change, now)
    text = f"{row.number}：停机延长，预计 {_times(services, after)[1]} 恢复。{given}"
    _tell_supervision(connection, after, LENGTHENED, text, now)


def end_outage(
    connection: Connection,
    services: Services,
    actor: Actor,
    outage_id: int,
    reason: str,
    now: datetime,
    *,
    at: datetime | None = None,
) -> None:
    """It is over, now or since `at`; one that has not begun is called off, and its blocks serve the next one.

    Raises Refused: not_permitted, not_found, outage_over, invalid_request.
    """
    _require(actor)
    given = stated(reason)
    row, before = _running(connection, outage_id, now)
    ends_at = before.starts_at if now < before.starts_at else at or now
    _require_end(connection, row.id, before, ends_at, now)
    after = Span(before.departments, before.starts_at, ends_at)
    acts = acts_within(connection, after, now)
    enter_by = _move_end(connection, services, row.id, after)
    ended = {"ended_by": actor.person_id, "ended_at": now, "acts_at_end": acts}
    connection.execute(_SET.values(ended), {"b_id": row.id})
    called_off = ends_at == before.starts_at
    if called_off:
        freed = update(receipt_block).where(receipt_block.c.outage_id == row.id).values(outage_id=None)
        connection.execute(freed)
    said = {**_said(services, after), "acts": acts}
    change = OfficeChange(ENDED, f"outage/{row.id}", given, _said(services, before), said)
    note_change(connection, actor, change, now)
    if called_off:
        text = f"{row.number}：停机取消。{given}"
    else:
        text = f"{row.number}：系统已恢复。{_enter_until(services, enter_by)}"
        _tell(connection, _office(connection, after), ENDED, text, now)
    _tell_supervision(connection, after, ENDED, text, now)


def tell_planned_end(connection: Connection, services: Services, payload: Mapping[str, Any], now: datetime) -> None:
    """Outbox message: nobody has lengthened or ended it, so it is over; windows and supervision are told.

    Nothing happens for an end that was moved meanwhile: that has a message of its own.
    """
    row = connection.execute(_ONE, {"id": int(payload["outage"])}).one()
    if row.ended_at is not None or int(row.ends_at.timestamp()) != payload["ends_at"]:
        return
    span = Span(row.departments, row.starts_at, row.ends_at)
    text = f"{row.number}：已到预计恢复时间，停机结束。{_enter_until(services, row.enter_by)}"
    _tell(connection, _office(connection, span), ENDED, text, now)
    _tell(connection, holders_of(connection, "secadmin", None), ENDED, f"{text}仍未恢复的，请另行公告。", now)
    _tell_supervision(connection, span, ENDED, text, now)


def object_to_outage(
    connection: Connection, services: Services, actor: Actor, outage_id: int, reason: str, now: datetime
) -> None:
    """Supervision does not believe it: what is entered by it raises the alarm of back-filling like anything else.

    Raises Refused: not_permitted, not_found, outage_over, invalid_request.
    """
    given = stated(reason)
    row = connection.execute(_ONE, {"id": outage_id}).one_or_none()
    if row is None:
        raise not_found("该停机公告", f"outage {outage_id}")
    span = Span(row.departments, row.starts_at, row.ends_at)
    if not may_object(actor, span):
        raise Refused(
            "not_permitted", "停机公告的异议由监察员提出", "Expected a supervisor of a department that is out"
        )
    if row.objected_at is not None or state_of(span, row.enter_by, now) == CALLED_OFF:
        raise Refused("outage_over", "该停机公告已被提出异议或者已取消", "Expected an outage without objection")
    objected = {"objected_by": actor.person_id, "objected_at": now, "objection": given}
    connection.execute(_SET.values(objected), {"b_id": row.id})
    note_change(connection, actor, OfficeChange(OBJECTED, f"outage/{row.id}", given), now)
    text = f"{row.number}：{actor.name}提出异议，凭此补录的办件按事后补录报警。{given}"
    _tell(connection, holders_of(connection, "secadmin", None), OBJECTED, text, now)
    _tell_supervision(connection, span, OBJECTED, text, now)


def may_object(actor: Actor, span: Span) -> bool:
    """Whether the person supervises a department that is out."""
    own = [h for h in actor.holdings if h.principal_id is None]
    return any(h.post in ("sup2", "centre") or (h.post == "sup1" and span.concerns(h.department)) for h in own) and may(
        actor, "object_to_outages"
    )


def acts_within(connection: Connection, span: Span, now: datetime) -> int:
    """How many acts people of the departments did in the system within that time."""
    until = min(span.ends_at, now)
    counted = (
        select(func.count())
        .select_from(event.join(case, case.c.id == event.c.case_id))
        .where(event.c.kind.in_(ACTS), event.c.at >= span.starts_at, event.c.at < until, event.c.actor.is_not(None))
    )
    if span.departments:
        counted = counted.where(case.c.department.in_(span.departments))
    return int(connection.execute(counted).scalar_one())


def _require(actor: Actor) -> None:
    if not may(actor, "declare_outages"):
        raise Refused("not_permitted", "停机由安全管理员公告", "Expected a security administrator")


def _require_departments(connection: Connection, codes: Sequence[str]) -> None:
    known = set(connection.execute(select(department.c.code)).scalars())
    if unknown := sorted(set(codes) - known):
        said = "、".join(unknown)
        words = f"没有这个部门：{said}", f"There is no department {said}"
        raise Refused("invalid_request", *words, [Detail("unknown_department", *words, pointer="/departments")])


def _require_alone(connection: Connection, span: Span, but: str = "") -> None:
    for row in connection.execute(_SPANS, {"starts_at": span.starts_at}):
        if row.number != but and span.overlaps(Span(row.departments, row.starts_at, row.ends_at)):
            words = f"与已公告的停机重叠：{row.number}", f"Expected no other outage then, but there is {row.number}"
            raise wrong_span("overlaps", *words, "starts_at")


def _running(connection: Connection, outage_id: int, now: datetime) -> tuple[Any, Span]:
    row = connection.execute(_ONE, {"id": outage_id}).one_or_none()
    if row is None:
        raise not_found("该停机公告", f"outage {outage_id}")
    if row.ended_at is not None or row.ends_at <= now:
        raise Refused("outage_over", "该停机已结束", "Expected an outage that goes on or is to come, but it is over")
    return row, Span(row.departments, row.starts_at, row.ends_at)


def _require_end(connection: Connection, outage_id: int, span: Span, ends_at: datetime, now: datetime) -> None:
    last = connection.execute(_LAST_RECEIVED, {"id": outage_id}).scalar_one_or_none()
    if ends_at > now and ends_at != span.starts_at:
        words = "恢复时间不能晚于现在", "Expected an end that is not to come"
        raise wrong_span("range", *words, "ends_at")
    if ends_at < span.starts_at or (last is not None and ends_at <= last):
        words = (
            "恢复时间不能早于停机起点和已补录的收件时间",
            "Expected an end after its beginning and after the receipts that were entered",
        )
        raise wrong_span("range", *words, "ends_at")


def _move_end(connection: Connection, services: Services, outage_id: int, span: Span) -> datetime:
    """The end and, counted from it, until when receipts may be entered."""
    enter_by = services.calendars.get(connection).due(ENTRY_LIMIT, span.ends_at)
    connection.execute(_SET.values(ends_at=span.ends_at, enter_by=enter_by), {"b_id": outage_id})
    return enter_by


def _await_end(connection: Connection, outage_id: int, ends_at: datetime, now: datetime) -> None:
    second = int(ends_at.timestamp())
    key = f"{PLANNED_END}/{outage_id}/{second}"
    queue(connection, PLANNED_END, key, {"outage": outage_id, "ends_at": second}, now, at=ends_at)


def _enter_until(services: Services, enter_by: datetime) -> str:
    until = enter_by.astimezone(services.settings.zone).strftime("%Y-%m-%d %H:%M")
    return f"收件凭证须于 {until} 前补录，未用的号码由科室负责人清点作废。"


def _bind_blocks(connection: Connection, outage_id: int, span: Span) -> None:
    blocks = _FREE_BLOCKS.values(outage_id=outage_id)
    if span.departments:
        blocks = blocks.where(receipt_block.c.department.in_(span.departments))
    connection.execute(blocks, {"b_starts_at": span.starts_at})


def _said(services: Services, span: Span) -> Mapping[str, Any]:
    starts_at, ends_at = _times(services, span)
    return {"departments": list(span.departments), "starts_at": starts_at, "ends_at": ends_at}


def _times(services: Services, span: Span) -> tuple[str, str]:
    zone = services.settings.zone
    starts_at, ends_at = (at.astimezone(zone).strftime("%Y-%m-%d %H:%M") for at in (span.starts_at, span.ends_at))
    return starts_at, ends_at


def _places(connection: Connection, span: Span) -> str:
    if not span.departments:
        return "全县"
    names = connection.execute(select(department.c.name_zh).where(department.c.code.in_(span.departments)))
    return "、".join(names.scalars())


def _concerned(connection: Connection, span: Span) -> Sequence[str]:
    return span.departments or connection.execute(select(department.c.code)).scalars().all()


def _office(connection: Connection, span: Span) -> list[tuple[int, str, str | None]]:
    posts = ("clerk", "section", "hotline_operator", "hotline_dispatcher")
    places = _concerned(connection, span)
    return [one for place in places for post in posts for one in holders_of(connection, post, place)]


def _tell_supervision(connection: Connection, span: Span, kind: str, text: str, now: datetime) -> None:
    people = [one for place in _concerned(connection, span) for one in holders_of(connection, "sup1", place)]
    people += [one for post in ("sup2", "centre") for one in holders_of(connection, post, None)]
    _tell(connection, people, kind, text, now)


def _tell(
    connection: Connection, people: Sequence[tuple[int, str, str | None]], kind: str, text: str, now: datetime
) -> None:
    recipients = [Recipient(name, mobile, person_id) for person_id, name, mobile in dict.fromkeys(people)]
    notify(connection, recipients, case_id=None, kind=kind, text=text, now=now, sms=False)
