"""A case that some coming step of nobody could do says so (无人可办): at its acceptance, and when posts change."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from types import SimpleNamespace
from typing import Any

from sqlalchemy import Connection, bindparam, exists, or_, select

from service.commands.act import CaseAct
from service.commands.calendar_versions import queue
from service.commands.recording import record_events
from service.commands.services import Services
from service.database.in_text import among, in_text
from service.database.rows import read_row
from service.database.tables import case, event, user_task
from service.notices.writing import Recipient, add_to_outbox, notify
from service.people.actor import COUNTY_POSTS
from service.people.posts import post_name
from service.people.queries import holders_of, posts_held
from service.reads.case_values import CaseValues
from service.reads.hot import hot_by_id
from service.reads.staffing import gaps_of_case, read_candidates
from service.user_tasks.eligibility import CHECK_CASE, CHECK_OFFICE, NOBODY, SOMEBODY, WHY, Candidate, Gap
from service.user_tasks.terminals import SEATS

_RUNNING = ("open", "halted", "suspended")
_LAST = (
    select(event.c.payload)
    .where(event.c.case_id == bindparam("case_id"), among(event.c.kind, (NOBODY, SOMEBODY)))
    .order_by(event.c.seq.desc())
    .limit(in_text(1))
    .offset(in_text(0))
)
_TOLD = (
    select(event.c.kind)
    .where(event.c.case_id == case.c.id, event.c.kind.in_((NOBODY, SOMEBODY)))
    .order_by(event.c.seq.desc())
    .limit(1)
    .correlate(case)
    .scalar_subquery()
)
_CASES = select(
    case.c.id,
    case.c.number,
    case.c.department,
    case.c.due_at,
    case.c.definition_id,
    case.c.power_item,
    case.c.item_version,
    case.c.state,
    case.c.actors,
    _TOLD.label("told"),
).where(case.c.status.in_(_RUNNING), case.c.kind.in_(("item", "office")))
# A notice names so many cases.
_MOST_NAMED = 5


def check_staff(connection: Connection, services: Services, payload: dict[str, Any], now: datetime) -> None:
    """Outbox message CHECK_CASE {"case_id", "tell"}: note what has changed since the case last said it, or nothing."""
    row = hot_by_id(connection, payload["case_id"])
    if row is None or row.case_status not in _RUNNING:
        return
    act = CaseAct(connection, services, row, now)
    found = gaps_now(act)
    last = read_row(connection, _LAST, {"case_id": row.case_id})
    said = [gap.as_json() for gap in found]
    if said == (json.loads(last.payload).get("steps", []) if last is not None else []):
        return
    act.note(NOBODY if said else SOMEBODY, None, **({"steps": said} if said else {}))
    record_events(act)
    if said and payload.get("tell", True):
        words = "；".join(_words(gap) for gap in found)
        _tell(connection, row.case_id, f"办件 {row.number} 有环节无人可办：{words}。请授予岗位。", now)


def check_office_staff(connection: Connection, services: Services, payload: dict[str, Any], now: datetime) -> None:
    """Outbox message CHECK_OFFICE {"post", "department", "ended", "away"}: look at all cases that it may concern.

    Each case notes its own (CHECK_CASE, in a transaction of its own); of a post that ended, or whose holder is `away`
    (a name), the security administrators hear once, however many cases there are.
    """
    candidates = read_candidates(connection, now)
    left: list[Any] = []
    for row in connection.execute(_CASES.where(*_concerned(payload))).all():
        found = _gaps_of(connection, services, row, candidates, now)
        if found or row.told == NOBODY:
            key = f"{CHECK_CASE}/{row.id}/{payload['key']}"
            about = {"case_id": row.id, "tell": False}
            add_to_outbox(connection, CHECK_CASE, key, about, now, case_id=row.id)
        if any(gap.step.post == payload["post"] for gap in found):
            left.append(row)
    if left and payload["ended"]:
        names = "、".join(row.number for row in left[:_MOST_NAMED])
        post, away = post_name(payload["post"]), payload.get("away")
        since, advice = (f"{away}请假", "请安排代办") if away else (f"{post}岗位收回", "请授予岗位")
        text = f"{since}后，{len(left)} 件办件有{post}的环节无人可办：{names}。{advice}。"
        _tell(connection, left[0].id, text, now)


def ask_for_check(connection: Connection, post: str, department: str, key: str, *, ended: bool, now: datetime) -> None:
    """A post has been granted or has ended: the cases that it may concern are looked at afterwards."""
    about = {"post": post, "department": department, "ended": ended, "key": key}
    add_to_outbox(connection, CHECK_OFFICE, f"{CHECK_OFFICE}/{key}", about, now)


def ask_for_checks_of_leave(connection: Connection, row: Any, now: datetime, *, back: datetime | None) -> None:
    """A leave (`row` with id, person_id, name) has begun, and will be over at `back`; or it is over now (None)."""
    for post, place in posts_held(connection, row.person_id):
        about = {"post": post, "department": place, "ended": back is not None, "away": row.name}
        key = f"leave/{row.id}/{post}/{place}"
        _queue_check(connection, {**about, "key": f"{key}/{'begun' if back else 'over'}"}, now)
        if back is not None:
            _queue_check(connection, {**about, "ended": False, "key": f"{key}/end"}, now, at=back)


def _queue_check(connection: Connection, about: dict[str, Any], now: datetime, *, at: datetime | None = None) -> None:
    queue(connection, CHECK_OFFICE, f"{CHECK_OFFICE}/{about['key']}", about, now, at=at)


def gaps_now(act: CaseAct) -> tuple[Gap, ...]:
    """The steps of this act's case that nobody could do as things stand."""
    row = act.row
    values = CaseValues(act.connection, row.case_id, act.bundle, act.item, row.state, lambda: act.today)
    candidates = read_candidates(act.connection, act.now)
    about = SimpleNamespace(id=row.case_id, department=row.case_department, due_at=row.case_due_at)
    return gaps_of_case(act.connection, about, act.bundle, values, act.actors, candidates)


def _gaps_of(
    connection: Connection, services: Services, row: Any, candidates: Sequence[Candidate], now: datetime
) -> tuple[Gap, ...]:
    bundle = services.bundles.get(connection, row.definition_id)
    item = services.items.get(connection, row.power_item, row.item_version) if row.power_item else None
    today = services.calendars.get(connection).local_date(now)
    values = CaseValues(connection, row.id, bundle, item, row.state, lambda: today)
    done = {group: ids for group, ids in (row.actors or {}).items() if group != SEATS}
    return gaps_of_case(connection, row, bundle, values, done, candidates)


def _concerned(payload: Mapping[str, Any]) -> list[Any]:
    """Cases of the department, and those with a task there; of a post that serves the county, all."""
    if payload["post"] in COUNTY_POSTS:
        return []
    place = payload["department"]
    there = exists().where(
        user_task.c.case_id == case.c.id, user_task.c.status == "open", user_task.c.department == place
    )
    return [or_(case.c.department == place, there)]


def _words(gap: Gap) -> str:
    return f"{gap.step.name_zh}（{post_name(gap.step.post)}，{WHY[gap.why][0]}）"


def _tell(connection: Connection, case_id: int, text: str, now: datetime) -> None:
    people = [Recipient(name, mobile, one) for one, name, mobile in holders_of(connection, "secadmin", None)]
    notify(connection, people, case_id=case_id, kind=NOBODY, text=text, now=now, sms=True)
