"""The words of documents: which version was in force when one was made, and the history of each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, or_, select
from sqlalchemy.engine import Row

from service.certificates.templating import Sections, built_in
from service.database.tables import document_template, person

# Words of the item itself go before those of all items; of each the newest that was in force then.
_IN_FORCE = (
    select(document_template.c.sections, document_template.c.power_item, document_template.c.version)
    .where(
        document_template.c.kind == bindparam("kind"),
        or_(document_template.c.power_item == bindparam("power_item"), document_template.c.power_item == ""),
        document_template.c.in_force_from <= bindparam("at"),
    )
    .order_by(document_template.c.power_item.desc(), document_template.c.version.desc())
)
_VERSIONS = (
    select(document_template, person.c.name)
    .join(person, person.c.id == document_template.c.proposed_by)
    .where(document_template.c.kind == bindparam("kind"), document_template.c.power_item == bindparam("power_item"))
    .order_by(document_template.c.version.desc())
)
_ALL = select(document_template.c.kind, document_template.c.power_item, document_template.c.version).order_by(
    document_template.c.version
)


@dataclass(frozen=True, slots=True)
class WordsInForce:
    """`version` None: the built-in words. `power_item` empty: those of all items."""

    sections: Sections
    power_item: str
    version: int | None


@dataclass(frozen=True, slots=True)
class WordsVersion:
    version: int
    sections: Sections | None
    reason: str
    proposed_by: str
    in_force_from: datetime


def words_in_force(connection: Connection, kind: str, power_item: str | None, at: datetime) -> WordsInForce:
    """The words of a document that was made at that instant."""
    wanted = {"kind": kind, "power_item": power_item or "", "at": at}
    seen: set[str] = set()
    for row in connection.execute(_IN_FORCE, wanted):
        if row.power_item in seen:
            continue
        seen.add(row.power_item)
        if row.sections is not None:
            return WordsInForce(_sections(row.sections), row.power_item, row.version)
    return WordsInForce(built_in(kind), "", None)


def versions_of(connection: Connection, kind: str, power_item: str) -> tuple[WordsVersion, ...]:
    """The newest first."""
    return tuple(
        WordsVersion(
            row.version,
            _sections(row.sections) if row.sections is not None else None,
            row.reason,
            row.name,
            row.in_force_from,
        )
        for row in connection.execute(_VERSIONS, {"kind": kind, "power_item": power_item})
    )


def newest_versions(connection: Connection) -> dict[tuple[str, str], int]:
    """The newest version by kind and item, of all that have words of the county's own."""
    rows: list[Row[Any]] = list(connection.execute(_ALL))
    return {(row.kind, row.power_item): row.version for row in rows}


def _sections(kept: Any) -> dict[str, tuple[str, ...]]:
    return {name: tuple(texts) for name, texts in kept.items()}
