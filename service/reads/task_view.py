"""Tasks with all that completing one takes: form, draft, values known, materials. One page of them costs six reads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, and_, bindparam, select
from sqlalchemy.engine import Row

from service.catalogue.office import materials_of
from service.database.tables import attachment, case, person, power_item, user_task
from service.definitions.bundle import Bundle
from service.expressions import ExpressionError, compile_expression
from service.form_schemas import CompiledForm, localised
from service.people.actor import Actor
from service.reads.case_parts import FILE_ROWS, FileView, MaterialView, PersonRef, checklist, file_view, person_ref
from service.reads.case_values import Caches, CaseValues, county_today
from service.reads.following import materials_after
from service.reads.visibility import may_read_case
from service.user_tasks.signature import Standing, draft_digest, standing

_ASSIGNEE, _SIGNER, _DOER = person.alias("assignee"), person.alias("signer"), person.alias("doer")
_ROWS = (
    select(
        user_task,
        case.c.number.label("case_number"),
        case.c.kind.label("case_kind"),
        case.c.status.label("case_status"),
        case.c.version,
        case.c.definition_id,
        case.c.power_item,
        case.c.item_version,
        case.c.applicant_name,
        case.c.state,
        power_item.c.name_zh.label("item_name_zh"),
        power_item.c.name_en.label("item_name_en"),
        _ASSIGNEE.c.name.label("assignee_name"),
        _SIGNER.c.name.label("signer_name"),
        _DOER.c.name.label("doer_name"),
    )
    .join(case, case.c.id == user_task.c.case_id)
    .outerjoin(power_item, and_(power_item.c.code == case.c.power_item, power_item.c.version == case.c.item_version))
    .outerjoin(_ASSIGNEE, _ASSIGNEE.c.id == user_task.c.assignee)
    .outerjoin(_SIGNER, _SIGNER.c.id == user_task.c.signed_by)
    .outerjoin(_DOER, _DOER.c.id == user_task.c.completed_by)
    .where(user_task.c.id.in_(bindparam("task_ids", expanding=True)))
)
_FILES = FILE_ROWS.where(attachment.c.case_id.in_(bindparam("case_ids", expanding=True))).order_by(attachment.c.id)


@dataclass(frozen=True, slots=True)
class TaskView:
    """`form` is the form-js schema in one language, `variables` what it shows and asks that no answer sets.

    `required_materials` are those that the steps ask for which completing this one may lead to. `version` is the
    case's and the task's ETag. `answers` are there once it is done. `signature` says how the second officer's stands to
    the draft, whose digest is `content`; both are None where none is asked for.
    """

    id: str
    case_number: str
    case_status: str
    case_kind: str
    power_item: str | None
    item_name_zh: str
    item_name_en: str
    applicant_name: str
    element_id: str
    name_zh: str
    name_en: str
    post: str
    department: str
    form_key: str
    status: str
    assignee: PersonRef | None
    claimed_at: datetime | None
    entered_at: datetime
    earliest_at: datetime | None
    due_at: datetime | None
    officers: int
    signed_by: PersonRef | None
    signed_at: datetime | None
    separation_group: str | None
    halts: bool
    form: Mapping[str, Any] | None
    draft: Mapping[str, Any] | None
    variables: Mapping[str, Any]
    answers: Mapping[str, Any] | None
    required_materials: tuple[MaterialView, ...]
    completed_at: datetime | None
    completed_by: PersonRef | None
    version: int
    signature: Standing | None
    content: str | None


def read_task(
    connection: Connection, caches: Caches, actor: Actor | None, task_id: str, locale: str
) -> TaskView | None:
    """One task; None if there is none, or none that this person may see. `actor` None sees every task."""
    found = read_tasks(connection, caches, actor, [task_id], locale)
    return found[0] if found else None


def read_tasks(
    connection: Connection, caches: Caches, actor: Actor | None, task_ids: Sequence[str], locale: str
) -> list[TaskView]:
    """The tasks of these ids that this person may see, in the order of the ids."""
    if not task_ids:
        return []
    rows = {row.id: row for row in connection.execute(_ROWS, {"task_ids": list(task_ids)})}
    shown = [rows[i] for i in task_ids if i in rows and (actor is None or _may_see(actor, rows[i]))]
    files: dict[int, list[FileView]] = {}
    for row in connection.execute(_FILES, {"case_ids": sorted({row.case_id for row in shown})}):
        files.setdefault(row.case_id, []).append(file_view(row))
    return [_view(connection, caches, row, files.get(row.case_id, []), locale) for row in shown]


def _may_see(actor: Actor, row: Row[Any]) -> bool:
    """Readers of the case, and whoever may take the task: the supervisor of an order, a delegate from elsewhere."""
    return (
        may_read_case(actor, row.department, row.case_kind)
        or actor.holding_for(row.post, row.department) is not None
        or row.id in actor.lent_tasks
    )


def _view(connection: Connection, caches: Caches, row: Row[Any], files: list[FileView], locale: str) -> TaskView:
    bundle = caches.bundles.get(connection, row.definition_id)
    item = caches.items.get(connection, row.power_item, row.item_version) if row.power_item else None
    values = CaseValues(connection, row.case_id, bundle, item, row.state, lambda: county_today(connection, caches))
    form = bundle.forms.get(row.form_key)
    keys = _materials_ahead(row, bundle, form, values, item.always_asked if item else {})
    signature, content = _signature(connection, caches, row, form, values)
    return TaskView(
        id=row.id,
        case_number=row.case_number,
        case_status=row.case_status,
        case_kind=row.case_kind,
        power_item=row.power_item,
        item_name_zh=row.item_name_zh or bundle.model.name_zh,
        item_name_en=row.item_name_en or bundle.model.name_en,
        applicant_name=row.applicant_name,
        element_id=row.element_id,
        name_zh=row.name_zh,
        name_en=row.name_en,
        post=row.post,
        department=row.department,
        form_key=row.form_key,
        status=row.status,
        assignee=person_ref(row.assignee, row.assignee_name),
        claimed_at=row.claimed_at,
        entered_at=row.entered_at,
        earliest_at=row.earliest_at,
        due_at=row.due_at,
        officers=row.officers,
        signed_by=person_ref(row.signed_by, row.signer_name),
        signed_at=row.signed_at,
        separation_group=row.separation_group,
        halts=row.halts,
        form=form_schema(bundle, row.form_key, locale) if form else None,
        draft=row.draft,
        variables=form_variables(form, values) if form else {},
        answers=row.answers,
        required_materials=checklist(materials_of(item, bundle.key), values, files, keys),
        completed_at=row.completed_at,
        completed_by=person_ref(row.completed_by, row.doer_name),
        version=row.version,
        signature=signature,
        content=content,
    )


def _materials_ahead(
    row: Row[Any],
    bundle: Bundle,
    form: CompiledForm | None,
    values: CaseValues,
    always: Mapping[str, tuple[str, ...]],
) -> tuple[str, ...]:
    return materials_after(
        bundle.xml, row.element_id, lambda condition: _never(condition, bundle, form, values), always
    )


def _signature(
    connection: Connection, caches: Caches, row: Row[Any], form: CompiledForm | None, values: CaseValues
) -> tuple[Standing | None, str | None]:
    """How the second officer's signature stands, and the digest of what he has before him in an open step."""
    if row.status != "open":
        return standing(row.signed_by, row.signed_digest, row.signed_digest), None
    if form is None or row.officers < 2:
        return None, None
    calendar = caches.calendars.get(connection)
    content = draft_digest(form, row.draft, values, county_today(connection, caches), calendar)
    return standing(row.signed_by, row.signed_digest, content), content


def _never(condition: str, bundle: Bundle, form: CompiledForm | None, values: CaseValues) -> bool:
    """Whether earlier answers rule the condition out; what this step or a later one answers is open."""
    try:
        expression = compile_expression(condition.strip())
    except ExpressionError:  # one that asks the clock
        return False
    names, derived = set(expression.names), bundle.model.derived
    for _ in derived:
        found = names & derived.keys()
        names = (names - found).union(*(derived[name].names for name in found))
    asked = {field.key for field in form.fields if not field.readonly} if form else set()
    known = names <= {name for name, value in values.variables.items() if value is not None} - asked
    return known and not expression.holds(values)


def form_variables(form: CompiledForm, values: CaseValues) -> dict[str, Any]:
    """Values that the form shows or whose conditions it reads, and that none of its own answers sets."""
    editable = {field.key for field in form.fields if not field.readonly}
    return {name: values(name) for name in sorted((form.looked_up | form.names) - editable)}


def form_schema(bundle: Bundle, form_key: str, locale: str) -> Mapping[str, Any] | None:
    """A form of a version in one language, kept; callers must not change it."""
    if form_key not in bundle.schemas:
        return None
    return _localised(_Schema(bundle.id, form_key, bundle.schemas[form_key]), locale)


class _Schema:
    """A schema that is hashed by where it stands: a version of a bundle never changes."""

    __slots__ = ("content", "place")

    def __init__(self, definition_id: int, form_key: str, content: Mapping[str, Any]) -> None:
        self.place = (definition_id, form_key, id(content))
        self.content = content

    def __hash__(self) -> int:
        return hash(self.place)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Schema) and self.place == other.place


@lru_cache(maxsize=1024)
def _localised(schema: _Schema, locale: str) -> dict[str, Any]:
    return localised(schema.content, locale)
