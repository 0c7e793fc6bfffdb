"""Versions of process definitions: which are in force, what stood in each, byte for byte."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, select
from sqlalchemy.engine import Row

from service.database.tables import called_diagram, case, form_schema, person, process_definition
from service.reads.case_parts import PersonRef, person_ref
from service.reads.paging import FIRST_PAGE, Asked, Page, page_of

_LIGHT = tuple(c for c in process_definition.c if c.name != "xml")
_RUNNING = (
    select(func.count())
    .select_from(case)
    .where(case.c.definition_id == process_definition.c.id, case.c.status.in_(("open", "halted", "suspended")))
    .correlate(process_definition)
    .scalar_subquery()
)


@dataclass(frozen=True, slots=True)
class DefinitionView:
    """One version. `running_cases` follow it to their end, whatever is deployed meanwhile."""

    id: int
    key: str
    version: int
    name_zh: str
    name_en: str
    kind: str
    digest: str
    current: bool
    deployed_at: datetime
    deployed_by: PersonRef | None
    running_cases: int


@dataclass(frozen=True, slots=True)
class VersionView:
    """A version with what belongs to it: the keys of its forms and of the diagrams that it calls."""

    definition: DefinitionView
    forms: tuple[str, ...]
    called: tuple[str, ...]


def list_definitions(connection: Connection, asked: Asked = FIRST_PAGE) -> Page[DefinitionView]:
    """The version in force of each process, by key."""
    where = [process_definition.c.current.is_(True)]
    total = connection.execute(select(func.count()).select_from(process_definition).where(*where)).scalar_one()
    if (after := asked.after(str)) is not None:
        where.append(process_definition.c.key > after[0])
    rows = connection.execute(_select().where(*where).order_by(process_definition.c.key).limit(asked.limit + 1)).all()
    return page_of(rows, total, asked, lambda row: [row.key], _view)


def list_versions(connection: Connection, key: str) -> tuple[DefinitionView, ...]:
    """Every version of a process, the newest first; empty for an unknown key."""
    statement = _select().where(process_definition.c.key == key).order_by(process_definition.c.version.desc())
    return tuple(_view(row) for row in connection.execute(statement))


def read_version(connection: Connection, key: str, version: int) -> VersionView | None:
    row = connection.execute(
        _select().where(process_definition.c.key == key, process_definition.c.version == version)
    ).one_or_none()
    if row is None:
        return None
    forms = connection.execute(
        select(form_schema.c.form_key).where(form_schema.c.definition_id == row.id).order_by(form_schema.c.form_key)
    )
    called = connection.execute(
        select(called_diagram.c.key).where(called_diagram.c.definition_id == row.id).order_by(called_diagram.c.key)
    )
    return VersionView(_view(row), tuple(forms.scalars()), tuple(called.scalars()))


def read_xml(connection: Connection, key: str, version: int) -> bytes | None:
    """The diagram byte for byte as it was deployed."""
    found = connection.execute(
        select(process_definition.c.xml).where(process_definition.c.key == key, process_definition.c.version == version)
    ).scalar_one_or_none()
    return None if found is None else bytes(found)


def read_form(connection: Connection, key: str, version: int, form_key: str) -> Mapping[str, Any] | None:
    """A form's schema as it was deployed."""
    return connection.execute(
        select(form_schema.c.content)
        .join(process_definition, process_definition.c.id == form_schema.c.definition_id)
        .where(
            process_definition.c.key == key,
            process_definition.c.version == version,
            form_schema.c.form_key == form_key,
        )
    ).scalar_one_or_none()


def current_version(connection: Connection, key: str) -> int | None:
    return connection.execute(
        select(process_definition.c.version).where(
            process_definition.c.key == key, process_definition.c.current.is_(True)
        )
    ).scalar_one_or_none()


def _select() -> Any:
    return select(*_LIGHT, person.c.name.label("deployer_name"), _RUNNING.label("running_cases")).outerjoin(
        person, person.c.id == process_definition.c.deployed_by
    )


def _view(row: Row[Any]) -> DefinitionView:
    return DefinitionView(
        row.id,
        row.key,
        row.version,
        row.name_zh,
        row.name_en,
        row.kind,
        row.digest,
        row.current,
        row.deployed_at,
        person_ref(row.deployed_by, row.deployer_name),
        row.running_cases,
    )
