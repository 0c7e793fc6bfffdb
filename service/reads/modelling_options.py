"""What the properties panel of the modeler may choose from, for one process."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, select

from service.database.tables import form_schema, power_item, process_definition
from service.modelling.lint.vocabulary import OPERATIONS
from service.reads.work_marks import Choice


@dataclass(frozen=True, slots=True)
class ModellingOptions:
    """`forms` and `operations` are keys; the rest have names. Without an item every item's materials are offered."""

    forms: tuple[str, ...]
    materials: tuple[Choice, ...]
    documents: tuple[Choice, ...]
    operations: tuple[str, ...]
    processes: tuple[Choice, ...]


def read_options(connection: Connection, key: str | None) -> ModellingOptions:
    """The choices for the process of this key, or for a new one."""
    statement = select(power_item.c.content).where(power_item.c.current.is_(True)).order_by(power_item.c.code)
    if key is not None:
        statement = statement.where(power_item.c.definition_key == key)
    materials: dict[str, Choice] = {}
    documents: dict[str, Choice] = {}
    for content in connection.execute(statement).scalars():
        for row in content.get("materials") or ():
            materials.setdefault(row["key"], Choice(row["key"], row["name_zh"], row["name_en"]))
        for row in content.get("documents") or ():
            documents.setdefault(row["key"], Choice(row["key"], row["name_zh"], row.get("name_en") or row["key"]))
    return ModellingOptions(
        _forms(connection, key),
        tuple(materials.values()),
        tuple(documents.values()),
        tuple(sorted(OPERATIONS)),
        _shared(connection),
    )


def _forms(connection: Connection, key: str | None) -> tuple[str, ...]:
    current = (process_definition.c.current.is_(True), process_definition.c.key == key)
    statement = select(form_schema.c.form_key).join(
        process_definition, process_definition.c.id == form_schema.c.definition_id
    )
    return tuple(connection.execute(statement.where(*current).order_by(form_schema.c.form_key)).scalars())


def _shared(connection: Connection) -> tuple[Choice, ...]:
    rows = connection.execute(
        select(process_definition.c.key, process_definition.c.name_zh, process_definition.c.name_en)
        .where(process_definition.c.current.is_(True), process_definition.c.kind == "shared")
        .order_by(process_definition.c.key)
    )
    return tuple(Choice(r.key, r.name_zh, r.name_en) for r in rows)
