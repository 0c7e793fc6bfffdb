"""Special procedures that no diagram draws (特别程序, 行政许可法 Art. 45): not counted, planned, told at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, select

from service.commands import stopping
from service.commands.act import CaseAct
from service.commands.moving_case import begin_case_move, move_refused, require_before_decision
from service.commands.services import Services
from service.commands.telling import tell_applicant
from service.commands.writing import settle
from service.commands.written_notices import tell_special_step
from service.database.tables import user_task
from service.engine import OpenStep
from service.people.actor import Actor
from service.user_tasks.moves import REVIEWING

_CLAIMED = select(user_task.c.id).where(
    user_task.c.case_id == bindparam("case_id"),
    user_task.c.status == "open",
    user_task.c.assignee.in_(bindparam("people", expanding=True)),
)
BASIS = "行政许可法 第四十五条"
# The procedures that Art. 45 names; no other stops the clock.
KINDS: Mapping[str, tuple[str, str]] = {
    "hearing": ("听证", "Hearing"),
    "tender": ("招标", "Tender"),
    "auction": ("拍卖", "Auction"),
    "testing": ("检验、检测", "Tests"),
    "quarantine": ("检疫", "Quarantine"),
    "appraisal": ("鉴定", "Appraisal"),
    "expert_review": ("专家评审", "Expert review"),
}


@dataclass(frozen=True, slots=True)
class BeginSpecialStep:
    """`kind` is one of KINDS; `planned_days` working days, after which the clock runs again by itself."""

    number: str
    kind: str
    planned_days: int
    reason: str


def begin_special_step(
    connection: Connection, services: Services, actor: Actor, command: BeginSpecialStep, now: datetime
) -> None:
    """The reviewer has something examined: the limits of the case and of his own step stand still meanwhile.

    Raises Refused as `begin_case_move`, and move_refused where one runs already.
    """
    act = begin_case_move(connection, services, actor, command.number, "special_step", command.reason, now)
    require_before_decision(act)
    step = _own_step(act)
    if step.id in act.run.memory.get("stops", {}):
        raise move_refused("本环节的特别程序尚未结束", "Expected no special procedure in this step")
    words = KINDS[command.kind][0]
    until = act.calendar.add_working_days(now, command.planned_days)
    act.record("special_step_begun", step.element.id, kind=command.kind, days=command.planned_days)
    steps = [t for t in act.run.armed() if t.role == "step_limit" and t.scope_task_id == step.id]
    stopping.stop_by_office(act, step.id, step.element.id, f"{BASIS}：{words}", until, steps)
    act.run.memory.setdefault("stop_days", {})[step.id] = command.planned_days
    day = act.calendar.local_date(until).isoformat()
    act.later(lambda: tell_special_step(act, words, until, stopping.due_as_planned(act), command.reason.strip()))
    act.later(lambda: tell_applicant(act, "special_step", procedure=words, until=day, ground=BASIS))
    settle(act, act.run.outcome())


def end_special_step(connection: Connection, services: Services, actor: Actor, number: str, now: datetime) -> None:
    """The result has come before the planned end: the clock runs again. Raises Refused as beginning does."""
    act = begin_case_move(connection, services, actor, number, "end_special_step", "", now)
    step = _own_step(act, stopped=True)
    if step.id not in act.run.memory.get("stops", {}):
        raise move_refused("没有正在进行的特别程序", "Expected a special procedure that runs")
    act.record("special_step_ended", step.element.id)
    stopping.end_by_office(act, step.id, "result_in")
    settle(act, act.run.outcome())


def _own_step(act: CaseAct, *, stopped: bool = False) -> OpenStep:
    """The open review that the person has claimed: of branches side by side (并联审批) no other's; drawn stops are the
    diagram's own. `stopped`: rather one in which a special procedure runs.
    """
    asked = {"case_id": act.row.case_id, "people": act.persons()}
    claimed = set(act.connection.execute(_CLAIMED, asked).scalars())
    found = [
        step
        for step in act.run.ready_steps()
        if step.id in claimed
        and step.element.separation_group in REVIEWING
        and step.element.properties.get("stopsClock") != "true"
    ]
    if not found:
        raise move_refused("没有正在办理的审核环节", "Expected an open step of review")
    running = act.run.memory.get("stops", {})
    return next((step for step in found if (step.id in running) == stopped), found[0])
