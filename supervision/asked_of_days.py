"""What a pass asks of the last days: constant statements bound to `since`, `now`, `imported_since`."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, exists, func, literal_column, or_, select

from service.database.in_text import among, in_text
from service.database.tables import (
    attachment,
    case,
    clock_stop,
    document,
    due_row,
    event,
    fine_plan,
    ledger_entry,
    payment_notice,
    session,
    treasury_import,
    treasury_receipt,
    user_task,
)
from service.timers.due import PAUSED
from supervision.collecting_papers import OF_CASE, RECEIVED_IN_TIME

ATTACHED = ("material_attached", "certificate_reused", "case_started")
# By no index: a case's own events are fewer than all of a kind.
_KIND = event.c.kind.concat(literal_column("''"))
ACTS = ("case_started", "task_completed", "task_sent_back", "act_refused", "document_printed")
NOTICED = ("payment_notice_made", "payment_notice_withdrawn")
_SINCE: ColumnElement[datetime] = bindparam("since", type_=event.c.at.type)
_NOW: ColumnElement[datetime] = bindparam("now", type_=event.c.at.type)
FRESH_KINDS = (
    select(event.c.kind)
    .where(among(event.c.kind, dict.fromkeys((*ACTS, *ATTACHED, *NOTICED, "case_closed"))))
    .where(event.c.at >= _SINCE, event.c.at <= _NOW)
    .distinct()
)
NAMED = (
    select(user_task.c.case_id, user_task.c.element_id)
    .add_columns(user_task.c.name_zh, user_task.c.name_en, user_task.c.separation_group)
    .where(user_task.c.case_id.in_(select(event.c.case_id).where(among(event.c.kind, ACTS), event.c.at >= _SINCE)))
    .distinct()
)
DONE = (
    select(event, *OF_CASE)
    .join(case, case.c.id == event.c.case_id)
    .where(among(event.c.kind, ACTS), event.c.at >= _SINCE, event.c.at <= _NOW)
    .where(event.c.actor.is_not(None), case.c.kind == in_text("item"))
    .order_by(event.c.at, event.c.case_id, event.c.seq)
)


def _waits(of: Any) -> ColumnElement[bool]:
    """The case waits for papers."""
    return and_(of.c.kind == in_text("step_entered"), of.c.element_id == in_text("await_correction"))


_ACCEPTED = event.alias("accepted")
WAITS_AGAIN = select(event.c.case_id, event.c.at).where(
    _waits(event),
    event.c.at >= _SINCE,
    exists().where(
        _ACCEPTED.c.case_id == event.c.case_id,
        _ACCEPTED.c.kind == in_text("case_accepted"),
        _ACCEPTED.c.seq < event.c.seq,
    ),
)
_ENTERED = event.alias("entered")
ASKED = (
    select(event, *OF_CASE)
    .join(case, case.c.id == event.c.case_id)
    .where(event.c.case_id.in_(select(event.c.case_id).where(_waits(event), event.c.at >= _SINCE)))
    .where(among(_KIND, ("task_completed", "task_sent_back")), event.c.actor.is_not(None))
    .where(exists().where(_ENTERED.c.case_id == event.c.case_id, _ENTERED.c.at == event.c.at, _waits(_ENTERED)))
    .order_by(event.c.at, event.c.case_id, event.c.seq)
)
_FRESH = select(attachment.c.digest).where(
    attachment.c.case_id.in_(select(event.c.case_id).where(among(event.c.kind, ATTACHED), event.c.at >= _SINCE)),
    attachment.c.uploaded_at >= _SINCE,
)
FILES = (
    select(*(attachment.c[name] for name in ("id", "case_id", "material", "digest", "size", "uploaded_at")), *OF_CASE)
    .join(case, case.c.id == attachment.c.case_id)
    .where(attachment.c.digest.in_(_FRESH), attachment.c.removed_at.is_(None))
    .order_by(attachment.c.uploaded_at, attachment.c.id)
)


# While a limit stands still, its row keeps the instant at which it would have been due.
_STANDING_STILL = (
    select(func.min(due_row.c.due_at))
    .where(
        due_row.c.case_id == clock_stop.c.case_id,
        due_row.c.state == in_text(PAUSED),
        among(due_row.c.role, ("statutory_limit", "promised_limit")),
    )
    .correlate(clock_stop)
    .scalar_subquery()
)
_STOPPED_LATELY = select(clock_stop.c.case_id).where(
    or_(clock_stop.c.ended_at.is_(None), clock_stop.c.ended_at >= _SINCE)
)
STOPS = (
    select(clock_stop, *OF_CASE, _STANDING_STILL.label("due_before"))
    .join(case, case.c.id == clock_stop.c.case_id)
    .where(clock_stop.c.case_id.in_(_STOPPED_LATELY))
    .order_by(clock_stop.c.started_at, clock_stop.c.id)
)
_SETTLED = (
    select(func.coalesce(func.sum(ledger_entry.c.amount_fen), literal_column("0")))
    .where(ledger_entry.c.case_id == payment_notice.c.case_id, ledger_entry.c.at <= payment_notice.c.made_at)
    .where(among(ledger_entry.c.debit, ("bank", "reduced")), ledger_entry.c.kind != in_text("refunded"))
    .correlate(payment_notice)
    .scalar_subquery()
)
_PLANNED = exists().where(
    fine_plan.c.case_id == payment_notice.c.case_id, fine_plan.c.decided_at > payment_notice.c.made_at
)
# Its code would have ended before the time that the paper gives: the paper has a new one.
_URGED = exists().where(
    document.c.case_id == payment_notice.c.case_id,
    document.c.kind == in_text("urging"),
    document.c.made_at > payment_notice.c.made_at,
)
_REPLACED = or_(_PLANNED.correlate(payment_notice), _URGED.correlate(payment_notice))
NOTICES = (
    select(payment_notice, *OF_CASE, _SETTLED.label("settled_fen"))
    .add_columns(and_(payment_notice.c.status == in_text("void"), _REPLACED).label("paid_later"))
    .join(case, case.c.id == payment_notice.c.case_id)
    .where(
        payment_notice.c.case_id.in_(select(event.c.case_id).where(among(event.c.kind, NOTICED), event.c.at >= _SINCE))
    )
    .order_by(payment_notice.c.id)
)
_IMPORTED = treasury_import.c.imported_at
RECEIPTS = (
    select(treasury_receipt, _IMPORTED, *OF_CASE, case.c.created_at, RECEIVED_IN_TIME.label("on_paper_at"))
    .join(treasury_import, treasury_import.c.id == treasury_receipt.c.import_id)
    .outerjoin(case, case.c.id == treasury_receipt.c.case_id)
    .where(_IMPORTED >= bindparam("imported_since", type_=event.c.at.type))
    .where(or_(treasury_receipt.c.status == in_text("unmatched"), _IMPORTED >= _SINCE))
    .order_by(treasury_receipt.c.id)
)
SEATS = select(*(session.c[name] for name in ("person_id", "address", "created_at", "expires_at"))).where(
    session.c.expires_at >= _SINCE, session.c.address.is_not(None)
)
