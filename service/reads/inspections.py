"""Random inspections as the public reads them: every plan before it begins, every seed once it was used."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, select

from service.database.tables import case, department, inspection_draw, inspection_object, publication, user_task

_MOST = 200
_DRAWS = (
    select(
        inspection_draw,
        case.c.number,
        case.c.department,
        department.c.name_zh.label("department_zh"),
        department.c.name_en.label("department_en"),
    )
    .join(case, case.c.id == inspection_draw.c.case_id)
    .join(department, department.c.code == case.c.department)
    .order_by(inspection_draw.c.id.desc())
    .limit(_MOST)
)
_PLANS = (
    select(user_task.c.case_id, user_task.c.answers)
    .where(
        user_task.c.case_id.in_(bindparam("case_ids", expanding=True)),
        user_task.c.element_id == "make_plan",
        user_task.c.status == "completed",
    )
    .order_by(user_task.c.completed_at)
)
_RESULTS = (
    select(case.c.number, user_task.c.answers)
    .join(publication, (publication.c.case_id == case.c.id) & (publication.c.stage == "result"))
    .join(user_task, (user_task.c.case_id == case.c.id) & (user_task.c.element_id == "inspect"))
    .where(case.c.number.in_(bindparam("numbers", expanding=True)), user_task.c.status == "completed")
    .order_by(user_task.c.completed_at)
)
_NAMES = select(inspection_object.c.credit_code, inspection_object.c.name).where(
    inspection_object.c.credit_code.in_(bindparam("codes", expanding=True))
)


@dataclass(frozen=True, slots=True)
class PublicRecusal:
    """An officer who was drawn and does not inspect, and who was drawn again by `seed`. Why is no affair of the public.

    `passed_over` have left the office since the pools were frozen.
    """

    officer: str
    replaced_by: str
    seed: str
    at: datetime
    passed_over: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PublicObject:
    """One object that was drawn. `result` and `inspected_on` only once they were published."""

    name: str
    credit_code: str
    officers: tuple[str, ...]
    inspected_on: str | None
    result: str | None
    recusals: tuple[PublicRecusal, ...] = ()


@dataclass(frozen=True, slots=True)
class PublicDraw:
    """What was committed to before the draw, and after it all that anyone needs to draw again."""

    plan: str
    department: str
    department_zh: str
    department_en: str
    name: str
    matter: str
    begins_on: str
    ends_on: str
    percent: int
    pool_size: int
    frozen_at: datetime
    commitment: str
    pool_digest: str
    drawn_at: datetime | None
    secret: str | None
    approval: str | None
    seed: str | None
    pool: Mapping[str, Any] | None
    drawn: tuple[PublicObject, ...]


def read_public_draws(connection: Connection) -> list[PublicDraw]:
    """The latest plans, the newest first. Of a draw that is still to come neither the secret nor the pool is told."""
    rows = connection.execute(_DRAWS).all()
    plans = dict(_latest_plans(connection, {row.case_id for row in rows}))
    drawn = [one for row in rows for one in row.drawn or ()]
    names = {
        code: name
        for code, name in connection.execute(_NAMES, {"codes": sorted({one["object"] for one in drawn})}).all()
    }
    numbers = sorted(one["case"] for one in drawn if "case" in one)
    results = {number: answers for number, answers in connection.execute(_RESULTS, {"numbers": numbers}).all()}
    return [_view(row, plans.get(row.case_id, {}), names, results) for row in rows]


def _latest_plans(connection: Connection, case_ids: Iterable[int]) -> Iterable[tuple[int, Mapping[str, Any]]]:
    for case_id, answers in connection.execute(_PLANS, {"case_ids": sorted(case_ids)}):
        yield case_id, answers or {}


def _view(row: Any, plan: Mapping[str, Any], names: Mapping[str, str], results: Mapping[str, Any]) -> PublicDraw:
    over = row.drawn_at is not None
    return PublicDraw(
        plan=row.number,
        department=row.department,
        department_zh=row.department_zh,
        department_en=row.department_en,
        name=str(plan.get("plan_name", "")),
        matter=str(plan.get("plan_matter", "")),
        begins_on=str(plan.get("plan_from", "")),
        ends_on=str(plan.get("plan_until", "")),
        percent=row.percent,
        pool_size=len(row.pool["objects"]),
        frozen_at=row.frozen_at,
        commitment=row.commitment,
        pool_digest=row.pool_digest,
        drawn_at=row.drawn_at,
        secret=row.secret if over else None,
        approval=row.approval,
        seed=row.seed,
        pool=row.pool if over else None,
        drawn=tuple(_object(one, names, results) for one in row.drawn or ()),
    )


def _object(one: Mapping[str, Any], names: Mapping[str, str], results: Mapping[str, Any]) -> PublicObject:
    answers = results.get(str(one.get("case"))) or {}
    return PublicObject(
        names.get(one["object"], one["object"]),
        one["object"],
        tuple(one["officers"]),
        answers.get("inspected_on"),
        answers.get("inspect_result"),
        tuple(_recusal(told) for told in one.get("recusals", ())),
    )


def _recusal(told: Mapping[str, Any]) -> PublicRecusal:
    at = datetime.fromisoformat(told["at"])
    return PublicRecusal(told["officer"], told["replaced_by"], told["seed"], at, tuple(told["passed_over"]))
