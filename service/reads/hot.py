"""The hot reads: one constant Core join brings all that an act on a case needs, and locks the case's row."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from types import SimpleNamespace
from typing import Any

from sqlalchemy import Connection, Select, and_, bindparam, func, literal_column, select
from sqlalchemy.engine import Row

from service.database.in_text import in_text
from service.database.rows import read_row, read_rows
from service.database.tables import (
    alarm_threshold,
    attachment,
    case,
    due_row,
    power_item,
    process_definition,
    setting,
    user_task,
)
from service.history.chain import NO_HASH
from service.people.presence import PRESENCE

HotRow = Row[Any]

_ARMED = in_text(0)
_NEXT_DUE = (
    select(func.min(due_row.c.due_at))
    # A minimum only ends; what it means is checked at the act, so no act need fire it first.
    .where(due_row.c.case_id == case.c.id, due_row.c.state == _ARMED, due_row.c.role != in_text("minimum"))
    .correlate(case)
    .scalar_subquery()
)
_CALENDAR = select(setting.c.content).where(setting.c.name == in_text("calendar_version")).scalar_subquery()
# What the county has chosen of the second step and of terminals; nothing where the defaults stand.
_PRESENCE = select(setting.c.content).where(setting.c.name == in_text(PRESENCE)).scalar_subquery()
_CASE_COLUMNS = (
    case.c.id.label("case_id"),
    case.c.number,
    case.c.kind,
    case.c.power_item,
    case.c.item_version,
    case.c.definition_id,
    case.c.department.label("case_department"),
    case.c.status.label("case_status"),
    case.c.applicant_name,
    case.c.applicant,
    case.c.created_at,
    case.c.created_by,
    case.c.received_on,
    case.c.accepted_on,
    case.c.decided_on,
    case.c.due_at.label("case_due_at"),
    case.c.version,
    case.c.event_seq,
    case.c.event_hash,
    case.c.state,
    case.c.actors,
    _NEXT_DUE.label("next_due"),
    _CALENDAR.label("calendar_version"),
    _PRESENCE.label("presence"),
    alarm_threshold.c.blue_percent,
    alarm_threshold.c.yellow_percent,
)
# The keys of the materials on file, one for each file that was not refused.
_FILES_OF_CASE = (
    # A separator that is bound would be put into the text of the statement at each run.
    select(func.aggregate_strings(attachment.c.material, literal_column("','")))  # type: ignore[arg-type]
    .where(attachment.c.case_id == case.c.id, attachment.c.removed_at.is_(None), attachment.c.refused_at.is_(None))
    .correlate(case)
    .scalar_subquery()
)
_TASK_COLUMNS = tuple(c.label(f"task_{c.name}") for c in user_task.c if c.name not in ("case_id", "answers", "draft"))


def _joined(*columns: Any) -> Select[Any]:
    return select(*columns).outerjoin(alarm_threshold, alarm_threshold.c.power_item == case.c.power_item)


_BY_TASK = (
    _joined(*_CASE_COLUMNS, _FILES_OF_CASE.label("files"), *_TASK_COLUMNS)
    .join(user_task, user_task.c.case_id == case.c.id)
    .where(user_task.c.id == bindparam("task_id"))
    # The task too, after the case: who had to wait for the case would else be given the task as it was before
    # (PostgreSQL reads only locked rows anew, documentation 13.2.1), and two could claim it.
    .with_for_update(of=[case, user_task])
)
_BY_NUMBER = _joined(*_CASE_COLUMNS).where(case.c.number == bindparam("number")).with_for_update(of=case)
_BY_ID = _joined(*_CASE_COLUMNS).where(case.c.id == bindparam("case_id")).with_for_update(of=case)

_DUE_ROWS = (
    select(due_row)
    .where(due_row.c.case_id == bindparam("case_id"), due_row.c.state == _ARMED, due_row.c.due_at < bindparam("now"))
    .order_by(due_row.c.due_at)
)
_TIMER_ROWS = select(due_row).where(due_row.c.timer_id.in_(bindparam("timer_ids", expanding=True)))
_FILES = (
    select(attachment.c.material, func.count())
    .where(
        attachment.c.case_id == bindparam("case_id"),
        attachment.c.removed_at.is_(None),
        attachment.c.refused_at.is_(None),
    )
    .group_by(attachment.c.material)
)


_UNBORN: Mapping[str, Any] = {
    "case_id": 0,
    "number": "",
    "power_item": None,
    "item_version": None,
    "case_status": "open",
    "received_on": None,
    "accepted_on": None,
    "decided_on": None,
    "case_due_at": None,
    "version": 0,
    "event_seq": 0,
    "state": None,
    "next_due": None,
    "calendar_version": None,
    "presence": None,
    "blue_percent": None,
    "yellow_percent": None,
}


def unborn(**given: Any) -> Any:
    """What the hot read would bring, for a case that is not there yet; `given` is what is known of it already."""
    return SimpleNamespace(**{**_UNBORN, "actors": {}, "event_hash": NO_HASH, **given})


def hot_by_task(connection: Connection, task_id: str) -> HotRow | None:
    """Case, state and task for an act on a task; the case's row is locked on PostgreSQL."""
    return read_row(connection, _BY_TASK, {"task_id": task_id})


def hot_by_number(connection: Connection, number: str) -> HotRow | None:
    return read_row(connection, _BY_NUMBER, {"number": number})


def hot_by_id(connection: Connection, case_id: int) -> HotRow | None:
    return read_row(connection, _BY_ID, {"case_id": case_id})


_BEGINNING = (
    select(
        power_item.c.version.label("item_version"),
        process_definition.c.id.label("definition_id"),
        _CALENDAR.label("calendar_version"),
        alarm_threshold.c.blue_percent,
        alarm_threshold.c.yellow_percent,
    )
    .outerjoin(
        process_definition,
        and_(process_definition.c.key == power_item.c.definition_key, process_definition.c.current.is_(True)),
    )
    .outerjoin(alarm_threshold, alarm_threshold.c.power_item == power_item.c.code)
    .where(
        power_item.c.code == bindparam("code"),
        power_item.c.current.is_(True),
        power_item.c.status == in_text("active"),
    )
)


def read_beginning(connection: Connection, code: str) -> Any | None:
    """What a case of an item begins with: the versions in force of item, diagram and calendar, the county's shares.

    None for an unknown or suspended item; `definition_id` is None where no diagram is deployed.
    """
    return read_row(connection, _BEGINNING, {"code": code})


def rows_due(connection: Connection, case_id: int, now: datetime) -> list[Row[Any]]:
    """The case's armed due rows before `now`, in order of their instants."""
    return read_rows(connection, _DUE_ROWS, {"case_id": case_id, "now": now})


def rows_of_timers(connection: Connection, timer_ids: list[str]) -> list[Row[Any]]:
    return list(connection.execute(_TIMER_ROWS, {"timer_ids": timer_ids}))


def files_by_material(connection: Connection, case_id: int) -> dict[str, int]:
    """How many files are on file for each material of a case."""
    return dict(read_rows(connection, _FILES, {"case_id": case_id}))
