"""Printing a document: the fee gate asks the ledger, each print is counted and is an event."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, bindparam, select, update

from service.cases.happened import PrintRefused
from service.certificates import render_document
from service.commands.act import CaseAct
from service.commands.checks import fee_unpaid
from service.commands.document_texts import Made, Papers, document_data
from service.commands.recording import record_events
from service.commands.services import Services
from service.database.tables import department, document, payment_notice, user_task
from service.enquiry.reference import secret_of
from service.errors import Refused, not_found
from service.people.actor import Actor
from service.people.permissions import may
from service.reads.hot import files_by_material, hot_by_number

# Papers that give the applicant what the fee is for; notices and refusals are served whether paid or not.
GATED_KINDS = frozenset({"certificate", "cancel_proof"})
_COUNT = update(document).where(document.c.id == bindparam("b_id")).values(copies=document.c.copies + 1)
_DOCUMENT = (
    select(document)
    .where(document.c.case_id == bindparam("case_id"), document.c.kind == bindparam("kind"))
    .order_by(document.c.id.desc())
)
_ANSWERS = (
    select(user_task.c.answers)
    .where(user_task.c.case_id == bindparam("case_id"), user_task.c.status == "completed")
    .order_by(user_task.c.completed_at)
)


@dataclass(frozen=True, slots=True)
class PrintDocument:
    number: str
    kind: str
    locale: str = "zh-CN"


def print_document(
    connection: Connection, services: Services, actor: Actor, command: PrintDocument, now: datetime
) -> bytes:
    """The PDF. Raises Refused: fee_unpaid (recorded, and an alarm), not_found, not_permitted."""
    row = hot_by_number(connection, command.number)
    if row is None:
        raise not_found("该办件", f"case {command.number}")
    act = CaseAct(connection, services, row, now, actor)
    if not may(actor, "print_documents", row.case_department):
        raise Refused("not_permitted", "您的岗位不能打印本件文书", "Expected a post that prints in this department")
    act.load()
    if command.kind in GATED_KINDS and not act.fact("fee_settled"):
        refusal = fee_unpaid()
        refusal.facts = {"happened": (PrintRefused(command.kind, actor.person_id, actor.name),)}
        raise refusal
    found = connection.execute(_DOCUMENT, {"case_id": row.case_id, "kind": command.kind}).first()
    if found is None:
        raise not_found("该文书（尚未生成）", f"a document {command.kind} of case {command.number}")
    pdf = render_document(command.kind, document_data(_papers(act), _made(act, found)), locale=command.locale)
    connection.execute(_COUNT, {"b_id": found.id})
    act.record("document_printed", None, kind=command.kind, number=found.number, copy=found.copies + 1)
    record_events(act)
    return pdf


def _made(act: CaseAct, found: Any) -> Made:
    made_on = act.calendar.local_date(found.made_at)
    payment = _payment(act) if found.kind == "payment_notice" else None
    return Made(found.kind, found.name_zh, found.number or "", made_on, found.copies, payment)


def _payment(act: CaseAct) -> tuple[str, int, date | None] | None:
    notice = act.connection.execute(
        select(payment_notice).where(payment_notice.c.case_id == act.row.case_id).order_by(payment_notice.c.id.desc())
    ).first()
    if notice is None:
        return None
    due_on = act.calendar.local_date(notice.due_at) if notice.due_at else None
    return notice.pay_code, notice.amount_fen, due_on


def _papers(act: CaseAct) -> Papers:
    """Everything that documents of this case are made from."""
    row, item = act.row, act.item
    if item is None:
        raise not_found("该文书", "a document of a case without a power item")
    answers: dict[str, Any] = {}
    for (given,) in act.connection.execute(_ANSWERS, {"case_id": row.case_id}):
        answers.update({key: value for key, value in (given or {}).items() if value is not None})
    settings = act.services.settings
    organ = act.connection.execute(
        select(department.c.name_zh).where(department.c.code == row.case_department)
    ).scalar_one()
    secret = secret_of(settings.secret_key, row.number)
    return Papers(
        item=item,
        organ_zh=organ,
        case_number=row.number,
        holder=row.applicant_name,
        answers=answers,
        forms=tuple(act.bundle.forms.values()),
        on_file=files_by_material(act.connection, row.case_id),
        received_on=row.received_on,
        accepted_on=row.accepted_on,
        due_on=act.calendar.local_date(row.case_due_at) if row.case_due_at else None,
        deemed=bool(act.run.variables.get("deemed")),
        secret=secret,
        verify_url=f"{settings.public_url}/public/verify",
    )
