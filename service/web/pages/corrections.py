"""What a case of a certificate's correction changes, by the names that stand on the certificate."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection

from service.commands.correcting import correctable_fields
from service.reads.certificates import ChangeProposed
from service.web.context import context
from service.web.pages import words
from service.web.request import now


@dataclass(frozen=True, slots=True)
class Correction:
    """One field: what the certificate says, and what it is to say."""

    label: str
    before: str
    after: str


def corrections_in_words(connection: Connection, change: ChangeProposed) -> list[Correction]:
    """In the order of the certificate."""
    if not change.corrections:
        return []
    shown = correctable_fields(connection, context().services, change.certificate_id, now())
    return [
        Correction(words.named(field, "label"), field.value, change.corrections[field.key])
        for field in shown
        if field.key in change.corrections
    ]
