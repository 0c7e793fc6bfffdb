"""The guide of a power item (办事指南): conditions, materials, steps, limits and fee, told by catalogue and diagram."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, func, select

from service.catalogue.item import MEASURED, Material, PowerItem, first_post
from service.database.tables import case, department, power_item
from service.definitions.bundle import Bundle
from service.fees.standards import FeeStandard
from service.fees.standing import standard_in_force
from service.modelling.diagram import Diagram, Node
from service.modelling.xml_reading import read_diagram
from service.reads.answer_words import AnswerWords
from service.reads.case_values import Caches, county_today
from service.reads.paging import contains
from service.reads.positions import first_steps

_STEPS = frozenset({"userTask", "receiveTask", "callActivity", "intermediateCatchEvent", "manualTask"})


@dataclass(frozen=True, slots=True)
class GuideStep:
    """A step of the diagram. `always` is false for one that only some cases take; it `stops` the clock or does not."""

    element_id: str
    name_zh: str
    name_en: str
    post: str
    limit_zh: str | None
    limit_en: str | None
    minimum_zh: str | None
    minimum_en: str | None
    officers: int
    always: bool
    stops: bool


@dataclass(frozen=True, slots=True)
class Condition:
    """What leads from the check of the papers to acceptance."""

    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class FeeRule:
    """A row of the fee standard: an amount, or so much for `each` of a measure, or a formula; when, in words."""

    amount_fen: int | None
    each: bool
    when_zh: str
    when_en: str
    measure: str = ""
    measure_zh: str = ""
    measure_en: str = ""
    formula_zh: str = ""
    formula_en: str = ""

    @property
    def per_m2(self) -> bool:
        return self.measure == MEASURED


@dataclass(frozen=True, slots=True)
class Guide:
    """`finished` cases of this year and the days that they took on average are told by `statistics`."""

    item: PowerItem
    department_zh: str
    department_en: str
    version: int
    definition_version: int
    steps: tuple[GuideStep, ...]
    conditions: tuple[Condition, ...]
    materials: tuple[Material, ...]
    fee_source: str
    fees: tuple[FeeRule, ...]
    legal_basis: tuple[str, ...]
    bundle: Bundle


@dataclass(frozen=True, slots=True)
class ItemRow:
    """An item in the list of guides."""

    code: str
    name_zh: str
    name_en: str
    category: str
    department: str
    department_zh: str
    department_en: str
    limits: Mapping[str, Any]
    free: bool
    first_post: str


def list_items(
    connection: Connection, *, q: str | None = None, departments: frozenset[str] | None = None
) -> list[ItemRow]:
    """The items in force, by department; of `departments` alone where given."""
    statement = (
        select(power_item, department.c.name_zh.label("department_zh"), department.c.name_en.label("department_en"))
        .join(department, department.c.code == power_item.c.department)
        .where(power_item.c.current.is_(True), power_item.c.status == "active")
        .order_by(power_item.c.department, power_item.c.code)
    )
    if departments is not None:
        statement = statement.where(power_item.c.department.in_(sorted(departments)))
    if q:
        pattern = contains(q.strip())
        columns = (power_item.c.name_zh, power_item.c.name_en, power_item.c.code, department.c.name_zh)
        statement = statement.where(_any(columns, pattern))
    return [_item_row(row) for row in connection.execute(statement)]


def _any(columns: Any, pattern: str) -> Any:
    found = columns[0].ilike(pattern, escape="\\")
    for column in columns[1:]:
        found = found | column.ilike(pattern, escape="\\")
    return found


def _item_row(row: Any) -> ItemRow:
    return ItemRow(
        row.code,
        row.name_zh,
        row.name_en,
        row.category,
        row.department,
        row.department_zh,
        row.department_en,
        dict(row.content.get("limits") or {}),
        not row.content.get("fee"),
        first_post(row.content),
    )


def read_guide(connection: Connection, caches: Caches, code: str) -> Guide | None:
    """The guide of the item in force; None for an unknown or suspended item, or one without a deployed diagram."""
    item = caches.items.current(connection, code)
    bundle = caches.bundles.current(connection, item.definition_key) if item is not None else None
    if item is None or bundle is None:
        return None
    place = connection.execute(select(department).where(department.c.code == item.department)).one()
    standard = standard_in_force(connection, item, county_today(connection, caches))
    return Guide(
        item,
        place.name_zh,
        place.name_en,
        item.version,
        bundle.version,
        guide_steps(bundle.xml),
        tuple(_conditions(item)),
        tuple(item.materials.values()),
        standard.legal_source if standard is not None else "",
        tuple(_fees(standard, bundle)),
        tuple(item.content.get("legal_basis") or ()),
        bundle,
    )


@lru_cache(maxsize=64)
def guide_steps(xml: bytes) -> tuple[GuideStep, ...]:
    """The steps of a diagram in its own order, the supervisor's rulings left out."""
    diagram = read_diagram(xml)
    usual = {one.element_id for one in first_steps(xml)}
    return tuple(
        _guide_step(diagram, node, always=node.id in usual)
        for node in diagram.nodes
        if node.kind in _STEPS and node.properties.get("halts") != "case"
    )


def _guide_step(diagram: Diagram, node: Node, *, always: bool) -> GuideStep:
    limit_zh, limit_en = _timer(diagram, node, "step_limit")
    minimum_zh, minimum_en = _timer(diagram, node, "minimum")
    name = node.name or node.id
    return GuideStep(
        node.id,
        name,
        node.properties.get("nameEn") or name,
        node.post or "",
        limit_zh,
        limit_en,
        minimum_zh,
        minimum_en,
        int(node.properties.get("officers", "1")),
        always,
        node.properties.get("stopsClock") == "true",
    )


def _timer(diagram: Diagram, node: Node, role: str) -> tuple[str | None, str | None]:
    timer = next((n for n in diagram.nodes if n.attached_to == node.id and n.role == role), None)
    if timer is None:
        return None, None
    return timer.name, timer.properties.get("nameEn") or timer.name


def _conditions(item: PowerItem) -> Iterator[Condition]:
    """The words of the branches that lead to acceptance."""
    for branch in item.content.get("branches") or ():
        if branch.get("to") == "issue_acceptance" and branch.get("when_zh"):
            yield Condition(branch["when_zh"], branch.get("when_en") or branch["when_zh"])


def _fees(standard: FeeStandard | None, bundle: Bundle) -> Iterator[FeeRule]:
    words = AnswerWords.of(bundle)
    for tariff in standard.tariffs() if standard is not None else ():
        about_measure = tariff.measure and tariff.condition.startswith(tariff.measure)
        when = ("", "") if about_measure else _when(tariff.condition, words)
        amount = tariff.amount_fen if tariff.amount_fen is not None else tariff.each_fen
        each = tariff.each_fen is not None
        yield FeeRule(amount, each, *when, tariff.measure, *words.label(tariff.measure), *words.said(tariff.formula))


_EQUALS = re.compile(r"(\w+) == '(\w+)'")


def _when(condition: str, words: AnswerWords) -> tuple[str, str]:
    """A condition on one answer by its option alone; any other as a sentence."""
    found = _EQUALS.fullmatch(condition)
    chosen = words.options.get(found[1], {}).get(found[2]) if found else None
    return chosen or words.said(condition)


@dataclass(frozen=True, slots=True)
class Duplicate:
    """A case of the same applicant and item that is not long ago."""

    number: str
    created_at: Any
    status: str
    outcome: str | None


def find_duplicates(connection: Connection, *, code: str, name: str, number: str | None, since: Any) -> list[Duplicate]:
    """Cases of this item by the same name, or the same ID number or credit code, since that instant."""
    rows = connection.execute(
        select(case.c.number, case.c.created_at, case.c.status, case.c.outcome, case.c.applicant_name, case.c.applicant)
        .where(case.c.power_item == code, case.c.created_at >= since)
        .order_by(case.c.created_at.desc())
    )
    return [
        Duplicate(row.number, row.created_at, row.status, row.outcome)
        for row in rows
        if row.applicant_name == name
        or (number and number in (row.applicant.get("id_number"), row.applicant.get("credit_code")))
    ][:5]


def count_finished(connection: Connection, code: str, since: Any) -> int:
    """How many cases of an item have ended since an instant."""
    statement = select(func.count()).select_from(case).where(case.c.power_item == code, case.c.closed_at >= since)
    return int(connection.execute(statement).scalar_one())
