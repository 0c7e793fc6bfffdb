"""What of a certificate may be corrected (更正): the fields that it shows as text, with what they say now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, bindparam, select

from service.commands.act import CaseAct
from service.commands.answers_on_paper import shown_fields
from service.commands.services import Services
from service.database.tables import document
from service.reads.hot import hot_by_id

_TEXT_KINDS: Final = frozenset({"textfield", "textarea", "datetime"})
_DOCUMENT = select(document).where(document.c.id == bindparam("document_id"))


@dataclass(frozen=True, slots=True)
class CorrectableField:
    key: str
    label_zh: str
    label_en: str
    value: str


def correctable_fields(
    connection: Connection, services: Services, document_id: int, now: datetime
) -> tuple[CorrectableField, ...]:
    """In the order of the certificate. What is chosen from a list or counted was decided, not typed."""
    paper = connection.execute(_DOCUMENT, {"document_id": document_id}).one()
    row = hot_by_id(connection, paper.case_id)
    if row is None:
        return ()
    found = []
    for key, form, value in shown_fields(CaseAct(connection, services, row, now), paper):
        kinds = {field.kind for field in form.fields if field.key == key and field.format != "id_number"}
        if kinds & _TEXT_KINDS and isinstance(value, str):
            found.append(CorrectableField(key, form.labels("zh-CN")[key], form.labels("en")[key], value))
    return tuple(found)
