"""The random inspection's operations: freeze the pools, draw, hand a lead on."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, bindparam, exists, insert, select, update

from service.database.tables import (
    draw_exclusion,
    inspection_draw,
    inspection_object,
    officer_interest,
    person,
    post_holding,
)
from service.engine import Element
from service.errors import Detail, Refused
from service.inspections.drawing import (
    OFFICERS_EACH,
    Pool,
    commitment_to,
    digest_of,
    draw,
    how_many,
    pool_of,
    seed_of,
)

if TYPE_CHECKING:
    from service.commands.act import CaseAct

OPEN_INSPECTION, OPEN_LEAD = "open_inspection", "open_lead"
# Where a suspected violation goes: the county's penalty (items.yaml, create_lead).
LEAD_TO = "LJ-CG-CF-001"
_INSERT_DRAW = insert(inspection_draw).inline()
_OBJECTS = select(inspection_object.c.credit_code, inspection_object.c.matters).where(
    inspection_object.c.department == bindparam("department"), inspection_object.c.active.is_(True)
)
_OFFICERS = (
    select(person.c.officer_number)
    .join(post_holding, post_holding.c.person_id == person.c.id)
    .where(
        post_holding.c.department == bindparam("department"),
        post_holding.c.post == "officer",
        post_holding.c.ended_at.is_(None),
        person.c.active.is_(True),
        person.c.officer_number.is_not(None),
        ~exists().where(
            draw_exclusion.c.person_id == person.c.id,
            draw_exclusion.c.department == post_holding.c.department,
            draw_exclusion.c.ended_at.is_(None),
        ),
    )
    .distinct()
)
_INTERESTS = (
    select(person.c.officer_number, officer_interest.c.credit_code)
    .join(person, person.c.id == officer_interest.c.person_id)
    .where(officer_interest.c.ended_at.is_(None))
)
_LATEST = (
    select(inspection_draw)
    .where(inspection_draw.c.case_id == bindparam("case_id"))
    .order_by(inspection_draw.c.id.desc())
    .limit(1)
)


def freeze_pool(act: CaseAct, element: Element, variables: dict[str, Any]) -> bool:
    """锁定名录: the pools as they stand, and the commitment to the secret part of the seed."""
    pool = _pool(act, str(act.run.lookup("plan_matter")))
    percent = int(str(act.run.lookup("draw_percent") or 0))
    if not pool.objects or len(pool.officers) < OFFICERS_EACH:
        words = (
            "名录库中没有该事项的检查对象，或可抽取的执法人员不足两名",
            "Expected objects for this matter and two officers in the pools, but there are too few",
        )
        raise Refused("invalid_answers", *words, [Detail("rule", *words, pointer="/answers/plan_matter")])
    variables["pool_size"], variables["draw_count"] = len(pool.objects), how_many(pool, percent)
    act.later(lambda: _write_frozen(act, element.id, pool, percent))
    return True


def _pool(act: CaseAct, matter: str) -> Pool:
    asked = {"department": act.row.case_department}
    objects = [row.credit_code for row in act.connection.execute(_OBJECTS, asked) if matter in row.matters]
    officers = officers_of(act.connection, act.row.case_department)
    interests = {(row[0], row[1]) for row in act.connection.execute(_INTERESTS)}
    of_these = frozenset(pair for pair in interests if pair[0] in officers and pair[1] in objects)
    return Pool(tuple(sorted(objects)), tuple(sorted(officers)), of_these)


def officers_of(connection: Connection, department: str) -> list[str]:
    """The numbers of those who hold the post of officer there now and are not taken out of the draw."""
    return list(connection.execute(_OFFICERS, {"department": department}).scalars())


def _write_frozen(act: CaseAct, element_id: str, pool: Pool, percent: int) -> None:
    secret = secrets.token_hex(32)
    row = {
        "case_id": act.row.case_id,
        "commitment": commitment_to(secret),
        "secret": secret,
        "pool": pool.as_json(),
        "pool_digest": digest_of(pool),
        "percent": percent,
        "frozen_at": act.now,
    }
    act.put(_INSERT_DRAW, row)
    told = {key: row[key] for key in ("commitment", "pool_digest", "percent")}
    act.note("pool_frozen", element_id, objects=len(pool.objects), officers=len(pool.officers), **told)


def draw_objects(act: CaseAct, element: Element, _variables: dict[str, Any]) -> bool:
    """随机抽取: the seed is fixed by the approval at hand; each object drawn gets a case of its own."""
    frozen = act.connection.execute(_LATEST, {"case_id": act.row.case_id}).one()
    approval = f"{act.now.isoformat()}|{act.row.event_hash}"
    seed = seed_of(frozen.secret, frozen.pool_digest, approval)
    drawn = draw(seed, pool_of(frozen.pool), frozen.percent)
    short = [one.object for one in drawn if len(one.officers) < OFFICERS_EACH]
    if short:
        words = (
            f"对象 {short[0]} 回避后可派的执法人员不足两名，请补充名录后重新制定任务",
            f"Expected two officers without an interest in {short[0]}, but there are too few",
        )
        raise Refused("control_node_missing", *words, [Detail("rule", *words)])
    rows = [{"object": one.object, "officers": list(one.officers)} for one in drawn]
    told = {"seed": seed, "approval": approval, "drawn": rows}
    act.note("objects_drawn", element.id, secret=frozen.secret, pool_digest=frozen.pool_digest, **told)
    act.later(lambda: _write_drawn(act, frozen.id, told))
    return True


def _write_drawn(act: CaseAct, draw_id: int, told: Mapping[str, Any]) -> None:
    values = {**told, "drawn_at": act.now}
    act.connection.execute(update(inspection_draw).where(inspection_draw.c.id == draw_id).values(values))
    for one in told["drawn"]:
        payload = {"draw_id": draw_id, "object": one["object"]}
        act.send(OPEN_INSPECTION, f"{OPEN_INSPECTION}/{draw_id}/{one['object']}", payload)


def create_lead(act: CaseAct, element: Element, _variables: dict[str, Any]) -> bool:
    """移送案件线索: the penalty's case begins with what was found."""
    act.note("lead_sent", element.id, to=LEAD_TO)
    act.send(OPEN_LEAD, f"{OPEN_LEAD}/{act.row.case_id}", {"case_id": act.row.case_id})
    return True
