"""The words of a document take two people: one writes a version, another releases it; a document keeps the words that
were in force when it was made."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, bindparam, func, insert, null, select

from service.certificates.templating import TemplateError, checked_sections
from service.commands.proposals import Applied, Content, Proposal, ProposalKind
from service.commands.services import Services
from service.database.tables import document_template
from service.errors import Detail, Refused
from service.people.permissions import may
from service.reads.document_words import words_in_force

TEMPLATE_RELEASED: Final = "document_words_released"
_SUBJECT: Final = "document_words"
# In a subject, for the words of every item that has none of its own.
EVERY_ITEM: Final = "-"
_LAST = select(func.max(document_template.c.version)).where(
    document_template.c.kind == bindparam("kind"), document_template.c.power_item == bindparam("power_item")
)
_ADD = insert(document_template)


def subject_of_words(kind: str, power_item: str) -> str:
    """`power_item` empty: the words of all items."""
    return f"{_SUBJECT}/{kind}/{power_item or EVERY_ITEM}"


def _named(proposal: Proposal) -> tuple[str, str]:
    _, kind, power_item = proposal.subject.split("/", 2)
    return kind, "" if power_item == EVERY_ITEM else power_item


def _check(connection: Connection, services: Services, proposal: Proposal, _now: datetime) -> Content:
    """`{"sections": {...}}`, or `{"sections": None}` to go back to the built-in words."""
    kind, power_item = _named(proposal)
    if power_item and services.items.current(connection, power_item) is None:
        raise Refused("not_found", "没有这个事项", f"Expected a power item {power_item}")
    given = proposal.content.get("sections")
    if given is None:
        return {"sections": None}
    try:
        kept = checked_sections(kind, given)
    except TemplateError as error:
        detail = Detail("invalid_template", error.zh, error.en, pointer=f"/sections/{error.section}")
        raise Refused("invalid_request", error.zh, error.en, [detail]) from None
    return {"sections": {name: list(texts) for name, texts in kept.items()}}


def _apply(connection: Connection, _services: Services, proposal: Proposal, now: datetime) -> Applied:
    kind, power_item = _named(proposal)
    before = words_in_force(connection, kind, power_item, now)
    last = connection.execute(_LAST, {"kind": kind, "power_item": power_item}).scalar_one() or 0
    sections: Any = proposal.content["sections"]
    row = {"kind": kind, "power_item": power_item, "version": last + 1, "reason": proposal.reason}
    row |= {"proposed_by": proposal.proposed_by, "in_force_from": now}
    connection.execute(_ADD.values(**row, sections=sections if sections is not None else null()))
    after = {"version": last + 1, "sections": sections}
    return Applied({"version": before.version, "sections": {k: list(v) for k, v in before.sections.items()}}, after)


DOCUMENT_WORDS = ProposalKind(
    TEMPLATE_RELEASED,
    may_propose=lambda actor, _proposal: may(actor, "edit_document_words"),
    may_decide=lambda actor, _proposal: may(actor, "edit_document_words"),
    check=_check,
    apply=_apply,
    may_read=lambda actor: may(actor, "edit_document_words") or may(actor, "read_office_changes"),
)
