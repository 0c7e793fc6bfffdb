"""回避: an officer who was drawn does not inspect after all; another is drawn again from the frozen pool.

The head of the organ decides on it (行政处罚法 Art. 43). The draw's own seed gives the seed of the second draw, so that
anybody can repeat it; the reason stays with the case, since it tells of the officer's private affairs.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, select, update

from service.commands.act import CaseAct, require_open
from service.commands.inspecting import officers_of
from service.commands.moving_case import move_refused
from service.commands.receive_message import open_case_act
from service.commands.services import Services
from service.commands.writing import settle
from service.database.tables import case, inspection_draw, person, user_task
from service.errors import Detail, Refused
from service.inspections.drawing import drawn_again, pool_of, recusal_seed
from service.notices.writing import Recipient, notify
from service.people.actor import Actor
from service.people.permissions import may
from service.user_tasks.rules import case_halted

_DRAWS = (
    select(inspection_draw)
    .join(case, case.c.id == inspection_draw.c.case_id)
    .where(case.c.department == bindparam("department"), inspection_draw.c.drawn_at.is_not(None))
    .order_by(inspection_draw.c.id.desc())
)
_LOCK = select(inspection_draw.c.drawn).where(inspection_draw.c.id == bindparam("id")).with_for_update()
_TASKS = select(*(user_task.c[name] for name in ("id", "assignee", "signed_by", "signed_digest"))).where(
    user_task.c.case_id == bindparam("case_id"), user_task.c.status == "open", user_task.c.named.is_not(None)
)
_NAME = (
    update(user_task)
    .where(user_task.c.id == bindparam("b_id"))
    .values({name: bindparam(name) for name in ("named", "assignee", "signed_by", "signed_digest")})
)
_OFFICERS = select(person.c.id, person.c.name, person.c.mobile, person.c.officer_number).where(
    person.c.officer_number.in_(bindparam("numbers", expanding=True))
)


@dataclass(frozen=True, slots=True)
class RecuseOfficer:
    """`officer` is the number of the certificate (执法证号) of one who was drawn for the inspection `number`."""

    number: str
    officer: str
    reason: str


def recuse_officer(
    connection: Connection, services: Services, actor: Actor, command: RecuseOfficer, now: datetime
) -> str:
    """Draw another in the officer's place; the number of who takes it. What the officer has in hand goes to the pool.

    Raises Refused: not_found, not_permitted, case_closed, case_halted, move_refused where nobody was drawn or the
    inspection is done, invalid_request, control_node_missing where nobody is left in the pool.
    """
    act = open_case_act(connection, services, command.number, now, actor)
    if not may(actor, "decide_recusals", act.row.case_department):
        raise Refused("not_permitted", "回避由本部门负责人决定", "Expected a vice head or head of the department")
    require_open(act.row)
    if act.row.case_status == "halted":
        raise case_halted()
    if not command.reason.strip():
        words = "请写明回避事由", "Say why the officer is recused"
        raise Refused("invalid_request", *words, [Detail("required", *words, pointer="/reason")])
    draw = find_draw(connection, act.row.case_department, command.number)
    tasks = connection.execute(_TASKS, {"case_id": act.row.case_id}).all()
    if draw is None or not tasks:
        raise move_refused("只有抽中人员尚未完成检查时可以回避", "Expected an inspection by drawn officers under way")
    drawn = [dict(one) for one in connection.execute(_LOCK, {"id": draw.id}).scalar_one()]
    mine = next(one for one in drawn if one.get("case") == command.number)
    if command.officer not in mine["officers"]:
        words = "该执法证号不在抽中人员之列", "Expected the number of an officer who was drawn for this object"
        raise Refused("invalid_request", *words, [Detail("not_a_choice", *words, pointer="/officer")])
    told = _draw_again(draw, mine, command.officer, officers_of(connection, act.row.case_department))
    told |= {"reason": command.reason.strip()[:500], "at": now.isoformat()}
    mine["recusals"] = [*mine.get("recusals", ()), told]
    mine["officers"] = [told["replaced_by"] if one == command.officer else one for one in mine["officers"]]
    connection.execute(update(inspection_draw).where(inspection_draw.c.id == draw.id).values(drawn=drawn))
    _give(act, tasks, mine["officers"], command.officer, told)
    return str(told["replaced_by"])


def find_draw(connection: Connection, department: str, number: str) -> Any | None:
    """The draw by which the inspection of this number came about; None for any other case."""
    for row in connection.execute(_DRAWS, {"department": department}):
        if any(one.get("case") == number for one in row.drawn or ()):
            return row
    return None


def _draw_again(draw: Any, mine: dict[str, Any], officer: str, in_post: Collection[str]) -> dict[str, Any]:
    """Those who have left the office since the pools were frozen are passed over, and told."""
    earlier = mine.get("recusals", ())
    seed = recusal_seed(draw.seed, mine["object"], len(earlier) + 1)
    left_out = {*mine["officers"], *(one["officer"] for one in earlier)}
    passed: list[str] = []
    while (found := drawn_again(seed, pool_of(draw.pool), mine["object"], {*left_out, *passed})) is not None:
        if found in in_post:
            return {"officer": officer, "replaced_by": found, "seed": seed, "passed_over": passed}
        passed.append(found)
    words = "名录中已没有可以替换的执法人员", "Expected somebody else in the frozen pool, but nobody is left"
    raise Refused("control_node_missing", *words, [Detail("rule", *words)])


def _give(act: CaseAct, tasks: Sequence[Any], officers: list[str], officer: str, told: dict[str, Any]) -> None:
    """The open steps are those of the two who are drawn now."""
    rows = act.connection.execute(_OFFICERS, {"numbers": [*officers, officer]}).all()
    people = {row.officer_number: row for row in rows}
    first, second = (people[number] for number in officers)
    named, gone = f",{first.id},{second.id},", people[officer].id if officer in people else None
    for task in tasks:
        assignee = None if task.assignee == gone else task.assignee
        signed = (None, None) if task.signed_by == gone else (task.signed_by, task.signed_digest)
        values = {"b_id": task.id, "named": named, "assignee": assignee}
        values |= dict(zip(("signed_by", "signed_digest"), signed, strict=True))
        act.connection.execute(_NAME, values)
    act.load()
    shown = {"officer_a": first, "officer_b": second}
    act.run.variables.update({key: f"{one.name} {one.officer_number}" for key, one in shown.items()})
    act.run.variables["drawn_officers"] = named
    act.record("officer_recused", None, **told)
    _tell(act, people.get(told["replaced_by"]), "因回避重新抽取，由您参加检查。")
    _tell(act, people.get(officer), "您已回避，不再参加检查。")
    settle(act, act.run.outcome())


def _tell(act: CaseAct, one: Any, text: str) -> None:
    if one is not None:
        words = f"办件 {act.row.number}：{text}"
        recipients = [Recipient(one.name, one.mobile, one.id)]
        notify(
            act.connection,
            recipients,
            case_id=act.row.case_id,
            kind="officer_recused",
            text=words,
            now=act.now,
            sms=True,
        )
