"""What an alarm came to: confirmed, excused with its ground, or false. Nobody settles what concerns himself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import Connection, bindparam, select, update

from service.alarms.rule_book import IDLE_POST, RESULTS
from service.commands.act import CaseAct
from service.commands.office_changes import OfficeChange, note_change
from service.commands.recording import record_events
from service.commands.services import Services
from service.database.tables import alarm, user_task
from service.errors import Detail, Refused, not_found
from service.people.actor import Actor
from service.people.attendance import SUPERVISING_POSTS
from service.people.permissions import may
from service.reads.hot import hot_by_id

# In the book of changes: what an alarm of no case came to was told otherwise later.
RESETTLED = "alarm_resettled"
# Steps of supervision are no handling: who lifts a halt has not handled the case.
_HANDLED = (
    select(user_task.c.id)
    .where(user_task.c.case_id == bindparam("case_id"), user_task.c.completed_by == bindparam("person_id"))
    .where(user_task.c.post.not_in(SUPERVISING_POSTS))
    .limit(1)
)
_ONE = select(alarm).where(alarm.c.id == bindparam("alarm_id"))
_SETTLE = (
    update(alarm)
    .where(alarm.c.id == bindparam("b_id"))
    .values({name: bindparam(name) for name in ("result", "result_at", "result_by", "ground", "status", "closed_at")})
)


@dataclass(frozen=True, slots=True)
class SettleAlarm:
    """`result` one of RESULTS; `ground` says why, and must unless it is confirmed."""

    alarm_id: int
    result: str
    ground: str


def settle_alarm(connection: Connection, services: Services, actor: Actor, command: SettleAlarm, now: datetime) -> None:
    """Level 1 settles warnings of its department, the county any alarm; one under an order stays open until that ends.

    Raises Refused: not_found, not_permitted, move_refused where it is settled already, invalid_request.
    """
    row = connection.execute(_ONE.with_for_update(), {"alarm_id": command.alarm_id}).one_or_none()
    if row is None:
        raise not_found("该报警", f"alarm {command.alarm_id}")
    _require_may(connection, actor, row)
    ground = command.ground.strip()
    if command.result not in RESULTS or (command.result != "confirmed" and not ground):
        words = "认定为情有可原或误报的，须写明理由", "Say why it is excused or false"
        raise Refused("invalid_request", *words, [Detail("required", *words, pointer="/ground")])
    ends = row.status == "open"
    values = {"result": command.result, "result_at": now, "result_by": actor.person_id, "ground": ground[:500] or None}
    values |= {"status": "closed" if ends else row.status, "closed_at": now if ends else row.closed_at}
    connection.execute(_SETTLE, {"b_id": row.id, **values})
    if row.case_id is not None:
        _note(connection, services, actor, row, command, now)
    elif row.result is not None:
        before, after = ({"result": one["result"], "ground": one["ground"]} for one in (row._mapping, values))
        note_change(connection, actor, OfficeChange(RESETTLED, f"alarm/{row.id}", ground, before, after), now)


class Settled(Protocol):
    """What of an alarm says who may settle it."""

    @property
    def department(self) -> str: ...
    @property
    def colour(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def element_id(self) -> str | None: ...
    @property
    def result(self) -> str | None: ...


def may_settle(actor: Actor, one: Settled, about: int | None = None) -> bool:
    """Whether this person may say what the alarm came to; `about` is the person that it concerns."""
    if about == actor.person_id or _tells_of_his_post(actor, one):
        return False
    if may(actor, "settle_alarms_of_county"):
        return True
    mine = may(actor, "settle_alarms_of_department", one.department)
    return mine and one.colour != "red" and one.kind != "supervision" and one.result is None


def _tells_of_his_post(actor: Actor, one: Settled) -> bool:
    """Whether it tells that somebody of the person's own post has been idle: level 2 or the centre."""
    post = IDLE_POST.get(one.element_id or "") if one.kind == "supervision" else None
    return post is not None and any(held.post == post for held in actor.holdings)


def _require_may(connection: Connection, actor: Actor, row: Any) -> None:
    county = may(actor, "settle_alarms_of_county")
    if not (county or may(actor, "settle_alarms_of_department", row.department)):
        raise not_found("该报警", f"alarm {row.id}")
    if row.result is not None and not county:
        raise Refused("move_refused", "该报警已有认定结果", "Expected an alarm that nobody has settled yet")
    if not may_settle(actor, row, row.person_id) or _has_handled(connection, actor, row.case_id):
        raise Refused(
            "not_permitted",
            "涉及本人、本岗位的报警由他人认定，红色报警和监察缺位由二级监察员或者控制中心认定",
            "Expected somebody whom it does not concern; level 2 or the centre for red alarms and idle supervision",
        )


def _has_handled(connection: Connection, actor: Actor, case_id: int | None) -> bool:
    """Whether the person did a step of the case: in a small bureau level 1 may have handled it at another post."""
    asked = {"case_id": case_id, "person_id": actor.person_id}
    return case_id is not None and connection.execute(_HANDLED, asked).first() is not None


def _note(
    connection: Connection, services: Services, actor: Actor, row: Any, command: SettleAlarm, now: datetime
) -> None:
    """The case's history tells what became of its alarm."""
    hot = hot_by_id(connection, row.case_id)
    if hot is not None:
        act = CaseAct(connection, services, hot, now, actor)
        act.record("alarm_settled", row.element_id, id=row.id, result=command.result, ground=command.ground.strip())
        record_events(act)
