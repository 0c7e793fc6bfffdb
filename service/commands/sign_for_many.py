"""Papers are signed for in bulk (批量签收): each task or copy in a transaction of its own, none reviewed or decided.

What is signed for is only received. No command completes more than one task, so nobody can review or decide in bulk.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, TypeVar

from sqlalchemy import Connection, Engine, bindparam, select

from service.commands.claim_task import claim_task
from service.commands.copy_to_read import read_copy
from service.commands.performing import perform, perform_on_case
from service.commands.services import Services
from service.database.session import reading
from service.database.tables import case, case_copy, user_task
from service.errors import Refused
from service.people.actor import Actor
from service.reads.visibility import may_read_case

MOST_SIGNED_FOR: Final = 50
# The acts that several papers may be taken for at once.
BULK_ACTS: Final = frozenset({"claim", "read"})
_TASKS = (
    select(
        user_task.c.id,
        user_task.c.name_zh,
        user_task.c.name_en,
        user_task.c.post,
        user_task.c.department,
        case.c.number,
        case.c.kind,
    )
    .join(case, case.c.id == user_task.c.case_id)
    .where(user_task.c.id.in_(bindparam("ids", expanding=True)))
)
_COPIES = (
    select(case_copy.c.id, case.c.number)
    .join(case, case.c.id == case_copy.c.case_id)
    .where(case_copy.c.id.in_(bindparam("ids", expanding=True)), case_copy.c.person_id == bindparam("person_id"))
)


Id = TypeVar("Id", str, int)


@dataclass(frozen=True, slots=True)
class SignedFor:
    """One paper of several: what came of it. Number and step are told to who may know of them."""

    id: str | int
    case_number: str | None
    name_zh: str
    name_en: str
    refusal: Refused | None = None


def require_bulk_act(act: str) -> None:
    """Raises Refused not_permitted for all that is more than receiving a paper."""
    if act not in BULK_ACTS:
        raise Refused(
            "not_permitted",
            "只能批量签收，不能批量审核、审批或者办结",
            f"Expected one of {sorted(BULK_ACTS)}: nothing is reviewed, decided or completed in bulk",
        )


def claim_each(
    engine: Engine, services: Services, actor: Actor, task_ids: Iterable[str], now: datetime
) -> tuple[SignedFor, ...]:
    """Claim task after task; one that is refused holds up no other. Raises Refused invalid_request."""
    ids = _few(task_ids)
    refusals: dict[str, Refused] = {}
    for task_id in ids:
        try:
            perform_on_case(
                engine, services, _claim(services, actor, task_id, now), actor=actor, now=now, task_id=task_id
            )
        except Refused as refusal:
            refusals[task_id] = refusal
    with reading(engine) as connection:
        found = connection.execute(_TASKS, {"ids": ids}).all()
    known = {row.id: row for row in found if _may_know(actor, row.post, row.department, row.kind)}
    return tuple(
        SignedFor(one, row.number, row.name_zh, row.name_en, refusals.get(one))
        if (row := known.get(one)) is not None
        else SignedFor(one, None, "", "", refusals.get(one))
        for one in ids
    )


def read_each(engine: Engine, actor: Actor, copy_ids: Iterable[int], now: datetime) -> tuple[SignedFor, ...]:
    """Confirm copy after copy as read. Raises Refused invalid_request."""
    ids = _few(copy_ids)
    refusals: dict[int, Refused] = {}
    for copy_id in ids:
        try:
            perform(engine, _read(actor, copy_id, now))
        except Refused as refusal:
            refusals[copy_id] = refusal
    with reading(engine) as connection:
        rows = connection.execute(_COPIES, {"ids": ids, "person_id": actor.person_id}).all()
    numbers = {row.id: row.number for row in rows}
    return tuple(SignedFor(one, numbers.get(one), "", "", refusals.get(one)) for one in ids)


def _few(given: Iterable[Id]) -> Sequence[Id]:
    ids = list(dict.fromkeys(given))
    if not 1 <= len(ids) <= MOST_SIGNED_FOR:
        words = f"请勾选 1 至 {MOST_SIGNED_FOR} 件", f"Choose from 1 to {MOST_SIGNED_FOR}"
        raise Refused("invalid_request", *words)
    return ids


def _claim(services: Services, actor: Actor, task_id: str, now: datetime) -> Callable[[Connection], int]:
    return lambda connection: claim_task(connection, services, actor, task_id, now)


def _read(actor: Actor, copy_id: int, now: datetime) -> Callable[[Connection], str]:
    return lambda connection: read_copy(connection, actor, copy_id, now)


def _may_know(actor: Actor, post: str, department: str, kind: str) -> bool:
    return may_read_case(actor, department, kind) or actor.holding_for(post, department) is not None
