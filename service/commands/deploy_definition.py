"""A new version of a diagram with its forms. New cases follow it, running ones stay on theirs."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, insert, select, update

from service.commands.services import Services
from service.database.tables import called_diagram, form_schema, power_item, process_definition
from service.definitions.bundle import build_bundle
from service.engine import ModelError
from service.errors import Detail, Refused
from service.expressions import ExpressionError
from service.form_schemas import FormSchemaError
from service.modelling.lint import lint
from service.modelling.problem import Problem
from service.modelling.xml_reading import read_diagram
from service.people.actor import Actor
from service.people.permissions import may


@dataclass(frozen=True, slots=True)
class DeployDefinition:
    """`forms` {form key: form-js schema}: those not given are taken over from the version in force."""

    xml: bytes
    forms: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    kind: str | None = None


@dataclass(frozen=True, slots=True)
class Deployed:
    key: str
    version: int


class DiagramRefused(Refused):
    """`invalid_diagram` with the linter's problems; nothing is stored."""

    def __init__(self, problems: list[Problem]) -> None:
        errors = [p for p in problems if p.severity == "error"]
        super().__init__(
            "invalid_diagram",
            f"流程图有 {len(errors)} 处错误，不能部署",
            f"Expected a diagram without errors, but found {len(errors)}",
            [Detail(p.code, p.message_zh, p.message_en) for p in errors],
        )
        self.problems = problems


def deploy_definition(
    connection: Connection, services: Services, actor: Actor | None, command: DeployDefinition, now: datetime
) -> Deployed:
    """Store a new version. `actor` None is the installation itself. Raises DiagramRefused or Refused not_permitted."""
    if actor is not None and not may(actor, "deploy_definitions"):
        raise Refused("not_permitted", "您不是流程设计员", "Expected a process designer")
    diagram = read_diagram(command.xml)
    key = diagram.processes[0].id if diagram.processes else None
    before = _current(connection, key) if key else None
    forms = {**_forms_of(connection, before.id if before else None), **command.forms}
    called = called_diagrams(connection, command.xml)
    problems = _problems(connection, key, command.xml, called, forms)
    if key is None or any(p.severity == "error" for p in problems):
        raise DiagramRefused(problems)
    version = before.version + 1 if before else 1
    kind = command.kind or (before.kind if before else "item")
    try:
        bundle = build_bundle(0, key, version, kind, command.xml, called, forms)
    except (ModelError, FormSchemaError, ExpressionError) as error:
        raise DiagramRefused([*problems, _engine_problem(str(error))]) from error
    if before is not None and before.digest == _digest(command.xml, forms, called):
        return Deployed(key, before.version)
    definition_id = _store(connection, bundle, command, actor, now, forms, called)
    for called_key, xml in called.items():
        connection.execute(insert(called_diagram).values(definition_id=definition_id, key=called_key, xml=xml))
    for form_key, content in forms.items():
        connection.execute(
            insert(form_schema).values(definition_id=definition_id, form_key=form_key, content=dict(content))
        )
    return Deployed(key, version)


def lint_diagram(connection: Connection, xml: bytes) -> list[Problem]:
    """What deploying this diagram now would say, the forms of the version in force taken over. Never raises."""
    diagram = read_diagram(xml)
    key = diagram.processes[0].id if diagram.processes else None
    before = _current(connection, key) if key else None
    forms = _forms_of(connection, before.id if before else None)
    return _problems(connection, key, xml, called_diagrams(connection, xml), forms)


def _problems(
    connection: Connection, key: str | None, xml: bytes, called: Mapping[str, bytes], forms: Mapping[str, Any]
) -> list[Problem]:
    return lint(xml, called=called, forms=forms or None, materials=materials_of(connection, key))


def _engine_problem(reason: str) -> Problem:
    return Problem("engine_refuses", "error", None, None, f"流程引擎不能运行：{reason}", reason, ())


def _store(
    connection: Connection,
    bundle: Any,
    command: DeployDefinition,
    actor: Actor | None,
    now: datetime,
    forms: Mapping[str, Any],
    called: Mapping[str, bytes],
) -> int:
    connection.execute(update(process_definition).where(process_definition.c.key == bundle.key).values(current=False))
    return int(
        connection.execute(
            insert(process_definition)
            .values(
                key=bundle.key,
                version=bundle.version,
                name_zh=bundle.model.name_zh,
                name_en=bundle.model.name_en,
                kind=bundle.kind,
                xml=command.xml,
                digest=_digest(command.xml, forms, called),
                deployed_at=now,
                deployed_by=actor.person_id if actor else None,
                current=True,
            )
            .returning(process_definition.c.id)
        ).scalar_one()
    )


def _digest(xml: bytes, forms: Mapping[str, Any], called: Mapping[str, bytes]) -> str:
    """SHA-256 of the whole bundle: deploying the same again makes no new version."""
    digest = hashlib.sha256(xml)
    for key in sorted(called):
        digest.update(called[key])
    digest.update(repr(sorted((k, repr(v)) for k, v in forms.items())).encode())
    return digest.hexdigest()


def _current(connection: Connection, key: str) -> Any:
    return connection.execute(
        select(process_definition).where(process_definition.c.key == key, process_definition.c.current.is_(True))
    ).one_or_none()


def _forms_of(connection: Connection, definition_id: int | None) -> dict[str, Any]:
    if definition_id is None:
        return {}
    rows = connection.execute(
        select(form_schema.c.form_key, form_schema.c.content).where(form_schema.c.definition_id == definition_id)
    )
    return {row.form_key: row.content for row in rows}


def called_diagrams(connection: Connection, xml: bytes) -> dict[str, bytes]:
    """The diagrams in force that the call activities of this one name, and those that they call in turn."""
    found: dict[str, bytes] = {}
    pending = _called_keys(xml)
    while pending:
        key = pending.pop()
        row = _current(connection, key)
        if key not in found and row is not None:
            found[key] = row.xml
            pending |= _called_keys(row.xml) - set(found)
    return found


def _called_keys(xml: bytes) -> set[str]:
    return {node.called for node in read_diagram(xml).nodes if node.called}


def materials_of(connection: Connection, key: str | None) -> set[str] | None:
    """Keys of the materials of the items that follow this diagram; None where no item does."""
    rows = connection.execute(
        select(power_item.c.content).where(power_item.c.definition_key == key, power_item.c.current.is_(True))
    ).scalars()
    keys = {m["key"] for content in rows for m in content.get("materials") or ()}
    return keys or None


def count_versions(connection: Connection, key: str) -> int:
    return int(
        connection.execute(
            select(func.count()).select_from(process_definition).where(process_definition.c.key == key)
        ).scalar_one()
    )
