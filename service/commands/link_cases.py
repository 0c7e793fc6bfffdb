"""Cases that belong together are linked (关联), or follow a leading one (并案); a wrong link is undone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, bindparam, insert, or_, select, update

from service.commands.act import CaseAct
from service.commands.moving import begin_move
from service.commands.recording import record_events
from service.commands.services import Services
from service.database.tables import case, case_link
from service.errors import Detail, Refused, not_found
from service.people.actor import Actor
from service.reads.visibility import may_read_case
from service.user_tasks.linking import LinkFacts, require_linkable

_OTHER = select(case.c.id, case.c.number, case.c.kind, case.c.department, case.c.power_item).where(
    case.c.number == bindparam("number")
)
_STANDING = select(case_link.c.id, case_link.c.case_id, case_link.c.other_id, case_link.c.kind).where(
    case_link.c.removed_at.is_(None),
    or_(case_link.c.case_id.in_(bindparam("ids", expanding=True)), case_link.c.other_id.in_(bindparam("ids"))),
)
_LINK = insert(case_link).inline()
_REMOVE = (
    update(case_link)
    .where(and_(case_link.c.id == bindparam("b_id"), case_link.c.removed_at.is_(None)))
    .values(removed_at=bindparam("now"), removed_by=bindparam("person"))
)


@dataclass(frozen=True, slots=True)
class LinkCases:
    """`kind` is `related`, or `merged`: the case of the task follows `number`, which leads."""

    task_id: str
    number: str
    kind: str
    reason: str


def link_cases(connection: Connection, services: Services, actor: Actor, command: LinkCases, now: datetime) -> None:
    """Whoever has the task links its case with another that he may read. Each case keeps its own steps and clocks.

    Raises Refused: those of `begin_move`, not_found, move_refused.
    """
    act = begin_move(connection, services, actor, "link", command.task_id, command.reason, now)
    other = _other(act, actor, command.number)
    require_linkable(command.kind, _facts(act, other))
    row = {"case_id": act.row.case_id, "other_id": other.id, "kind": command.kind, "reason": command.reason.strip()}
    connection.execute(_LINK, {**row, "made_by": actor.person_id, "made_at": now})
    act.record("case_linked", None, other=other.number, kind=command.kind, reason=command.reason.strip())
    record_events(act)


def unlink_cases(
    connection: Connection, services: Services, actor: Actor, task_id: str, number: str, reason: str, now: datetime
) -> None:
    """The link was wrong; it stays on record. Raises Refused as linking does, not_found where there is none."""
    act = begin_move(connection, services, actor, "unlink", task_id, reason, now)
    other = _other(act, actor, number)
    found = next((link for link in _standing(act, other) if {link.case_id, link.other_id} == _pair(act, other)), None)
    if found is None:
        raise not_found("该关联", f"a link with {number}")
    connection.execute(_REMOVE, {"b_id": found.id, "now": now, "person": actor.person_id})
    act.record("case_unlinked", None, other=other.number, reason=reason.strip())
    record_events(act)


def _other(act: CaseAct, actor: Actor, number: str) -> Any:
    found = act.connection.execute(_OTHER, {"number": number.strip()}).one_or_none()
    if found is None or found.kind != "item" or not may_read_case(actor, found.department):
        raise not_found("该办件", f"case {number}")
    if found.id == act.row.case_id or act.row.kind != "item":
        words = "请填写另一办件的编号", "Give the number of another case"
        raise Refused("invalid_request", *words, [Detail("invalid", *words, pointer="/case")])
    return found


def _pair(act: CaseAct, other: Any) -> set[int]:
    return {act.row.case_id, other.id}


def _standing(act: CaseAct, other: Any) -> list[Any]:
    return list(act.connection.execute(_STANDING, {"ids": sorted(_pair(act, other))}))


def _facts(act: CaseAct, other: Any) -> LinkFacts:
    own, links = act.row.case_id, _standing(act, other)
    merged = [link for link in links if link.kind == "merged"]
    return LinkFacts(
        same_item=act.row.power_item == other.power_item,
        linked_already=any({link.case_id, link.other_id} == _pair(act, other) for link in links),
        follows=any(link.case_id == own for link in merged),
        leads=any(link.other_id == own for link in merged),
        other_follows=any(link.case_id == other.id for link in merged),
    )
