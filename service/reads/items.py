"""The catalogue as applicants and clerks read it: each item with its first form, materials, fee and limits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, func, or_, select
from sqlalchemy.engine import Row

from service.catalogue.item import PowerItem
from service.database.tables import department, power_item, process_definition
from service.fees.standing import standard_in_force
from service.reads.case_values import Caches, county_today
from service.reads.following import first_user_task
from service.reads.paging import FIRST_PAGE, Asked, Page, contains, page_of
from service.reads.task_view import form_schema

_CURRENT = process_definition.alias("current_definition")
_COLUMNS = (
    power_item.c.code,
    power_item.c.version,
    power_item.c.category,
    power_item.c.department,
    power_item.c.definition_key,
    power_item.c.effective_on,
    power_item.c.status,
    department.c.name_zh.label("department_name_zh"),
    department.c.name_en.label("department_name_en"),
    _CURRENT.c.id.label("definition_id"),
    _CURRENT.c.version.label("definition_version"),
)


@dataclass(frozen=True, slots=True)
class ItemView:
    """A power item in force. `first_form` is the form-js schema with which a case begins, in one language."""

    code: str
    version: int
    name_zh: str
    name_en: str
    category: str
    department: str
    department_name_zh: str
    department_name_en: str
    handling_type: str
    status: str
    definition_key: str
    definition_version: int | None
    first_step: str | None
    first_form: Mapping[str, Any] | None
    materials: tuple[Mapping[str, Any], ...]
    fee: Mapping[str, Any] | None
    limits: Mapping[str, Any]
    documents: tuple[Mapping[str, Any], ...]
    legal_basis: tuple[str, ...]
    public_fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ItemFilter:
    """`q` is a part of the code or of either name."""

    q: str | None = None
    department: str | None = None
    category: str | None = None


def list_items(
    connection: Connection, caches: Caches, wanted: ItemFilter, locale: str, asked: Asked = FIRST_PAGE
) -> Page[ItemView]:
    """Items in force, by their code."""
    where = _conditions(wanted)
    total = connection.execute(select(func.count()).select_from(power_item).where(*where)).scalar_one()
    if (after := asked.after(str)) is not None:
        where.append(power_item.c.code > after[0])
    statement = _joined().where(*where).order_by(power_item.c.code).limit(asked.limit + 1)
    rows = connection.execute(statement).all()
    return page_of(rows, total, asked, lambda row: [row.code], lambda row: _view(connection, caches, row, locale))


def read_item(connection: Connection, caches: Caches, code: str, locale: str) -> ItemView | None:
    """The version in force; None for an unknown item."""
    row = connection.execute(_joined().where(power_item.c.code == code, power_item.c.current.is_(True))).one_or_none()
    return None if row is None else _view(connection, caches, row, locale)


def _joined() -> Any:
    return (
        select(*_COLUMNS)
        .outerjoin(department, department.c.code == power_item.c.department)
        .outerjoin(_CURRENT, (_CURRENT.c.key == power_item.c.definition_key) & _CURRENT.c.current.is_(True))
    )


def _conditions(wanted: ItemFilter) -> list[ColumnElement[bool]]:
    where: list[ColumnElement[bool]] = [power_item.c.current.is_(True)]
    if wanted.department is not None:
        where.append(power_item.c.department == wanted.department)
    if wanted.category is not None:
        where.append(power_item.c.category == wanted.category)
    if wanted.q:
        pattern = contains(wanted.q.strip())
        texts = (power_item.c.code, power_item.c.name_zh, power_item.c.name_en)
        where.append(or_(*(text.ilike(pattern, escape="\\") for text in texts)))
    return where


def _view(connection: Connection, caches: Caches, row: Row[Any], locale: str) -> ItemView:
    item = caches.items.get(connection, row.code, row.version)
    bundle = caches.bundles.get(connection, row.definition_id) if row.definition_id is not None else None
    first = first_user_task(bundle.xml) if bundle is not None else None
    form_key = first.properties.get("formKey", first.id) if first is not None else None
    return ItemView(
        code=item.code,
        version=item.version,
        name_zh=item.name_zh,
        name_en=item.name_en,
        category=item.category,
        department=item.department,
        department_name_zh=row.department_name_zh or item.department,
        department_name_en=row.department_name_en or item.department,
        handling_type=item.handling_type,
        status=row.status,
        definition_key=item.definition_key,
        definition_version=row.definition_version,
        first_step=first.id if first is not None else None,
        first_form=form_schema(bundle, form_key, locale) if bundle is not None and form_key else None,
        materials=tuple(_materials(item)),
        fee=_fee(connection, caches, item),
        limits={name: limit for name, limit in item.limits.items() if limit},
        documents=tuple({"kind": d.kind, "name": d.name_zh, "made_at_step": d.made_at_step} for d in item.documents),
        legal_basis=tuple(item.content.get("legal_basis") or ()),
        public_fields=item.public_fields,
    )


def _materials(item: PowerItem) -> list[dict[str, Any]]:
    return [
        {
            "key": m.key,
            "name_zh": m.name_zh,
            "name_en": m.name_en,
            "kind": m.kind,
            "provided_by": m.provided_by,
            "required": m.required,
            "when": m.when.source if m.when is not None else None,
            "needed_before_step": m.needed_before_step,
            "min_files": m.min_files,
            "blank_form": m.blank_form,
        }
        for m in item.materials.values()
    ]


def _fee(connection: Connection, caches: Caches, item: PowerItem) -> dict[str, Any] | None:
    fee = item.fee
    if fee is None:
        return None
    standard = standard_in_force(connection, item, county_today(connection, caches))
    rules = [
        {"condition": one.condition, "amount_fen": one.amount_fen, "add_fen_each": one.each_fen, "formula": one.formula}
        for one in (standard.tariffs() if standard is not None else ())
    ]
    return {
        "name": fee.name_zh,
        "kind": fee.kind,
        "item_code": fee.item_code,
        "gate_before_step": fee.gate_before_step,
        "rules": rules,
        "standard": standard.version if standard is not None else None,
        "legal_source": standard.legal_source if standard is not None else None,
    }
