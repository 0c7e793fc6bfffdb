"""Printing a document of a case: the fee comes first, every copy is counted, every refused try is known."""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Engine, bindparam, insert, select, update
from sqlalchemy.engine import Row

from service.catalogue.item import PowerItem
from service.certificates import PROOFS, DocumentData, render_document, signature_digest
from service.commands.act import CaseAct, require_not_suspended
from service.commands.certificate_term import keep_last_day
from service.commands.checks import require_fee
from service.commands.document_texts import document_data
from service.commands.documents import ROWS
from service.commands.end_former_certificate import end_former_later
from service.commands.fire_timers import current
from service.commands.held_acts import require_own_terminal
from service.commands.recording import record_events
from service.commands.register_certificate import CERTIFICATE, register_certificate, require_in_force
from service.commands.reversed_receipts import require_standing
from service.commands.services import Services
from service.database.session import transaction
from service.database.tables import document, document_copy, user_task
from service.definitions.bundle import Bundle
from service.errors import Refused, not_found
from service.people.actor import Actor
from service.people.presence import require_presence
from service.people.separation import group_conflict
from service.reads.hot import hot_by_number
from service.reads.visibility import may_on_case
from service.user_tasks.rules import case_halted, permitted_holding, separation_refused

# Kinds that grant something: they stay in the printer until the fee is paid (S10), whatever the diagram says.
GATED_KINDS = frozenset({"certificate", "cancel_proof", "decision"})
_PRINT: Final = "print"
_TO_PRINT = select(user_task.c.id, user_task.c.post, user_task.c.department, user_task.c.assignee).where(
    user_task.c.case_id == bindparam("case_id"),
    user_task.c.status == "open",
    user_task.c.separation_group == _PRINT,
)
_LATEST = (
    select(document)
    .where(document.c.case_id == bindparam("case_id"), document.c.kind == bindparam("kind"))
    .order_by(document.c.id.desc())
    .limit(1)
)
_BY_ID = select(document).where(document.c.case_id == bindparam("case_id"), document.c.id == bindparam("id"))
_INSERT_COPY = insert(document_copy)
_COUNT = update(document).where(document.c.id == bindparam("b_id")).values(copies=document.c.copies + 1)


@dataclass(frozen=True, slots=True)
class PrintDocument:
    """`locale` en prints a courtesy translation."""

    number: str
    kind: str
    locale: str = "zh-CN"


@dataclass(frozen=True, slots=True)
class Paper:
    """A document that may be printed now, and what this copy of it says; `group`: what printing it is an act of."""

    act: CaseAct
    document_id: int
    copy_no: int
    data: DocumentData
    group: str | None = None


@dataclass(frozen=True, slots=True)
class Drawn:
    """A copy that was drawn and signed ahead, good while the document would still say the same."""

    document_id: int
    data: DocumentData
    content: bytes


def draw_ahead(engine: Engine, services: Services, actor: Actor, command: PrintDocument, now: datetime) -> Drawn | None:
    """Draw and sign a copy while no transaction is open, since both take a tenth of a second; nothing is handed out.

    None if printing is refused: the act itself then says why, and records it.
    """
    try:
        with transaction(engine) as connection:
            paper = _paper(connection, services, actor, command, now)
            if paper.act.events:  # What had to be put right first stands, whether or not the copy is then printed.
                record_events(paper.act)
    except Refused:
        return None
    return Drawn(paper.document_id, paper.data, _signed(services, command, paper.data))


def print_document(
    connection: Connection,
    services: Services,
    actor: Actor,
    command: PrintDocument,
    now: datetime,
    drawn: Drawn | None = None,
) -> bytes:
    """The latest document of a kind as signed PDF, counted and kept; papers of a closed case may be printed again.

    What was drawn ahead is handed out only if it says what the document says now. Raises Refused: not_found,
    not_permitted, case_halted, certificate_ended; of what grants something also separation_of_duty for who reviewed or
    decided, second_factor_required, fee_unpaid, which supervision is told of, and ActHeld for a print at the terminal
    where the decision was made a few minutes before.
    """
    paper = _paper(connection, services, actor, command, now)
    if paper.act.row.case_status == "open":
        require_own_terminal(paper.act, paper.group)
    if drawn is not None and (drawn.document_id, drawn.data) == (paper.document_id, paper.data):
        content = drawn.content
    else:
        content = _signed(services, command, paper.data)
    _hand_out(paper, command, content)
    return content


def hand_out_kept(connection: Connection, services: Services, number: str, document_id: int, now: datetime) -> bytes:
    """A copy of one document of a case for the person whom it is about, who has proved to know the case's secret.

    Raises Refused not_found. Nothing that grants something is handed out so.
    """
    act = act_on_any_case(connection, services, None, number, now)
    row = connection.execute(_BY_ID, {"case_id": act.row.case_id, "id": document_id}).one_or_none()
    if row is None or row.kind in gated_kinds(act.item, act.bundle):
        raise not_found("该文书", f"document {document_id} of case {number}")
    require_standing(connection, row, row.content.get(ROWS))
    paper = Paper(act, row.id, row.copies + 1, document_data(act, row))
    command = PrintDocument(number, row.kind)
    content = _signed(services, command, paper.data)
    _hand_out(paper, command, content)
    return content


def _signed(services: Services, command: PrintDocument, data: DocumentData) -> bytes:
    rendered = render_document(command.kind, data, locale=command.locale)
    return services.signing_key.sign(rendered, organ_zh=data.organ_zh, title_zh=data.title_zh)


def _paper(connection: Connection, services: Services, actor: Actor, command: PrintDocument, now: datetime) -> Paper:
    number, kind = command.number, command.kind
    act = act_on_any_case(connection, services, actor, number, now)
    if not may_on_case(connection, actor, "print_documents", act.row.case_id, act.row.case_department):
        raise Refused("not_permitted", "您的岗位不能打印文书", "Expected a post of the department that prints")
    gated = kind in gated_kinds(act.item, act.bundle)
    if gated:
        _stand_for_print(act, actor)
        require_presence(actor.presence, _PRINT, act.row.presence)
        require_fee(act, kind)
        if act.row.case_status == "halted":
            raise case_halted()
        require_not_suspended(act)
    row: Row[Any] | None = connection.execute(_LATEST, {"case_id": act.row.case_id, "kind": kind}).one_or_none()
    if row is None:
        raise not_found("该文书，可能尚未制作", f"a document {kind} of case {number}")
    if kind == CERTIFICATE:
        if keep_last_day(act, row):
            row = connection.execute(_LATEST, {"case_id": act.row.case_id, "kind": kind}).one()
        require_in_force(connection, row.id)
    require_standing(connection, row, row.content.get(ROWS))
    return Paper(act, row.id, row.copies + 1, document_data(act, row, command.locale), _PRINT if gated else None)


def _stand_for_print(act: CaseAct, actor: Actor) -> None:
    """Printing beside the diagram's own task is printing all the same: for whom it is done is as with the task.

    Whoever has the open task of printing by a loan alone (代办, 委托) prints for its principal, and both are bound.
    Raises Refused separation_of_duty.
    """
    conflict = group_conflict(_PRINT, [actor.person_id], act.actors)
    if conflict is not None:
        raise separation_refused(conflict)
    if not actor.lent_tasks and all(holding.principal_id is None for holding in actor.holdings):
        return
    for task in act.connection.execute(_TO_PRINT, {"case_id": act.row.case_id}):
        try:
            act.holding = permitted_holding(
                actor,
                post=task.post,
                department=task.department,
                group=_PRINT,
                actors=act.actors,
                task_id=task.id,
                assignee=task.assignee,
            )
        except Refused as refusal:
            if refusal.code != "not_permitted":  # By his own post he prints without that task.
                raise


def _hand_out(paper: Paper, command: PrintDocument, content: bytes) -> None:
    """Keep the file, count the copy and tell it; the bytes are kept before the row is written."""
    act = paper.act
    files = act.services.files
    with files.staged(io.BytesIO(content)) as staged:
        files.keep(staged)
    act.connection.execute(_COUNT, {"b_id": paper.document_id})
    act.connection.execute(
        _INSERT_COPY,
        {
            "document_id": paper.document_id,
            "copy_no": paper.copy_no,
            "locale": command.locale,
            "digest": staged.digest,
            "signature_digest": signature_digest(content),
            "size": staged.size,
            "printed_at": act.now,
            "printed_by": act.actor.person_id if act.actor else None,
        },
    )
    if command.kind == CERTIFICATE:
        register_certificate(act.connection, act.services, paper.document_id, act.now)
    if paper.copy_no == 1 and command.kind in PROOFS:
        end_former_later(act.connection, act.services, paper.document_id, act.now)
    act.record(
        "document_printed",
        None,
        kind=command.kind,
        number=paper.data.number,
        copy=paper.copy_no,
        digest=staged.digest,
        **({"group": paper.group} if paper.group else {}),
    )
    act.count_for_separation(paper.group, act.persons())
    record_events(act)


def act_on_any_case(
    connection: Connection, services: Services, actor: Actor | None, number: str, now: datetime
) -> CaseAct:
    """An act that a closed case allows too, such as printing. Raises Refused not_found."""
    row = current(connection, services, lambda: hot_by_number(connection, number), now)
    if row is None:
        raise not_found("该办件", f"case {number}")
    act = CaseAct(connection, services, row, now, actor)
    act.load()
    return act


def gated_kinds(item: PowerItem | None, bundle: Bundle) -> frozenset[str]:
    """What a task of the diagram prints, and every kind that grants something; nothing of a penalty."""
    if item and item.fines:
        return frozenset()
    drawn = {kind for element in bundle.model.elements.values() for kind in element.documents_printed}
    return GATED_KINDS | drawn
