"""Printing a document of a case: the fee comes first, every copy is counted, every refused try is known."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, select, update
from sqlalchemy.engine import Row

from service.certificates import render_document
from service.commands.act import CaseAct, require_not_suspended
from service.commands.checks import require_fee
from service.commands.document_texts import document_data
from service.commands.fire_timers import current
from service.commands.recording import record_events
from service.commands.services import Services
from service.database.tables import document
from service.errors import Refused, not_found
from service.people.actor import Actor
from service.people.permissions import may
from service.people.presence import require_presence
from service.reads.hot import hot_by_number
from service.user_tasks.rules import case_halted

# Kinds that grant something: they stay in the printer until the fee is paid (S10), whatever the diagram says.
GATED_KINDS = frozenset({"certificate", "cancel_proof", "decision"})
_LATEST = (
    select(document)
    .where(document.c.case_id == bindparam("case_id"), document.c.kind == bindparam("kind"))
    .order_by(document.c.id.desc())
    .limit(1)
)
_COUNT = update(document).where(document.c.id == bindparam("b_id")).values(copies=document.c.copies + 1)


@dataclass(frozen=True, slots=True)
class PrintDocument:
    """`locale` en prints a courtesy translation."""

    number: str
    kind: str
    locale: str = "zh-CN"


def print_document(
    connection: Connection, services: Services, actor: Actor, command: PrintDocument, now: datetime
) -> bytes:
    """The latest document of a kind as PDF; papers of a closed case may be printed again.

    Raises Refused: not_found, not_permitted, case_halted, second_factor_required for what grants something, and
    fee_unpaid, which supervision is told of.
    """
    number, kind = command.number, command.kind
    act = _act(connection, services, actor, number, now)
    if not may(actor, "print_documents", act.row.case_department):
        raise Refused("not_permitted", "您的岗位不能打印文书", "Expected a post of the department that prints")
    if kind in _gated_kinds(act):
        require_presence(actor.presence, "print", act.row.presence)
        require_fee(act, kind)
        if act.row.case_status == "halted":
            raise case_halted()
        require_not_suspended(act)
    row: Row[Any] | None = connection.execute(_LATEST, {"case_id": act.row.case_id, "kind": kind}).one_or_none()
    if row is None:
        raise not_found("该文书，可能尚未制作", f"a document {kind} of case {number}")
    content = render_document(kind, document_data(act, row), locale=command.locale)
    connection.execute(_COUNT, {"b_id": row.id})
    act.record("document_printed", None, kind=kind, number=row.number, copy=row.copies + 1)
    record_events(act)
    return content


def _act(connection: Connection, services: Services, actor: Actor, number: str, now: datetime) -> CaseAct:
    row = current(connection, services, lambda: hot_by_number(connection, number), now)
    if row is None:
        raise not_found("该办件", f"case {number}")
    act = CaseAct(connection, services, row, now, actor)
    act.load()
    return act


def _gated_kinds(act: CaseAct) -> frozenset[str]:
    """What a task of the diagram prints, and every kind that grants something; nothing of a penalty."""
    if act.item and act.item.fines:
        return frozenset()
    drawn = {kind for element in act.bundle.model.elements.values() for kind in element.documents_printed}
    return GATED_KINDS | drawn
