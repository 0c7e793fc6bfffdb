"""Clock stops within an act: a step that stops the clock pauses the limits of the scopes around it.

Overlapping stops count once; a stop ends when its step is left, at its planned end at the latest.
Open stops are kept with the state (`memory`), so an act needs no further read; `clock_stop` is the record.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, time
from typing import TYPE_CHECKING, Any

from sqlalchemy import Update, bindparam, update
from sqlalchemy.engine import Row

from service.commands import documents
from service.commands.written_notices import special_content
from service.database.tables import due_row, user_task
from service.engine import CASE_LIMIT_ROLES, ArmedTimer, OpenStep, Outcome, ScopeLimit
from service.reads.hot import rows_of_timers
from service.timers.recounting import due_of
from service.timers.standing_still import JUST_AFTER, counting_from, merged
from service.working_time import Limit, TimerValue

if TYPE_CHECKING:
    from service.commands.act import CaseAct

_TASK_DUE = update(user_task).where(user_task.c.id == bindparam("b_id")).values(due_at=bindparam("due_at"))
_LENGTHEN = update(due_row).where(due_row.c.timer_id == bindparam("b_timer_id")).values(limit_value=bindparam("value"))


def follow(act: CaseAct, outcome: Outcome) -> None:
    """End the stops of steps that were left, begin those of steps that were entered."""
    stops = act.run.memory.setdefault("stops", {})
    for task_id in [t for t in outcome.left if t in stops]:
        _end_stop(act, task_id, "step_left", act.now)
    for step in outcome.entered:
        if step.element.properties.get("stopsClock") == "true" and step.ancestors:
            _begin_stop(act, step, _planned_end(step, outcome))


def stop_by_office(
    act: CaseAct, key: str, element_id: str, basis: str, planned: datetime | None, steps: Iterable[ArmedTimer]
) -> None:
    """A stop that no diagram draws: a suspension (中止) or a special procedure (特别程序), by its ground in law.

    `key` names it; where it is a task's id, leaving the task ends it too. The limits of the case stand still, and
    those of `steps`.
    """
    stops = act.run.memory.setdefault("stops", {})
    first = not stops
    stops[key] = [element_id, act.now.isoformat(), planned.isoformat() if planned else None]
    _keep_stop(act, key, element_id, basis, planned)
    act.note("clock_stopped", element_id or None, basis=basis)
    if first:
        _pause(act, tuple(scope_limit(t) for t in act.run.armed() if t.role in CASE_LIMIT_ROLES))
    for timer in steps:
        _hold(act, key, timer)


def scope_limit(timer: ArmedTimer) -> ScopeLimit:
    """A running timer as the limit that it measures."""
    since, value, unit = timer.counted_from, timer.limit_value or 0, timer.limit_unit or "hours"
    return ScopeLimit(timer.id, timer.role, timer.due_at, None, since, value, unit)


def end_by_office(act: CaseAct, key: str, why: str) -> None:
    """End such a stop now."""
    _end_stop(act, key, why, act.now)


def _hold(act: CaseAct, key: str, timer: ArmedTimer) -> None:
    """A step's limit stands still as long as any stop holds it."""
    held = act.run.memory.setdefault("held", {})
    if timer.limit_unit is None or timer.limit_value is None:
        return
    left = act.calendar.remaining_time(Limit(timer.limit_value, timer.limit_unit), timer.due_at, act.now).as_json()  # type: ignore[arg-type]
    act.run.pause_timer(timer.id, left)
    since = timer.counted_from.isoformat()
    held[timer.id] = [timer.limit_value, timer.limit_unit, since, timer.scope_task_id, act.now.isoformat(), [key]]
    act.pending.due_updates.append(
        {"b_timer_id": timer.id, "b_role": "*", "state": 1, "remaining": left, "due_at": timer.due_at}
    )
    move_task(act, timer.scope_task_id, None)


def hold_too(act: CaseAct, key: str) -> None:
    """What another stop holds already is held by this one as well."""
    for entry in act.run.memory.get("held", {}).values():
        if key not in entry[5]:
            entry[5].append(key)


def _let_go(act: CaseAct, key: str, at: datetime) -> None:
    held = act.run.memory.get("held", {})
    for timer_id, (value, unit, since, task_id, from_, keys) in list(held.items()):
        if key in keys:
            keys.remove(key)
        if keys:
            continue
        del held[timer_id]
        if not act.run.has_timer(timer_id):
            continue
        stood = act.run.memory.setdefault("stood", {}).setdefault(timer_id, [])
        stood.append([from_, at.isoformat()])
        limit, counted_from = Limit(value, unit), datetime.fromisoformat(since)
        armed_at = rows_of_timers(act.connection, [timer_id])[0].armed_at
        due = due_of("step_limit", timer_id, limit, counted_from, armed_at, act.run.memory, act.calendar)
        act.run.resume_timer(timer_id, due)
        _move_rows(act, timer_id, limit, counted_from, due)
        move_task(act, task_id, due)


def move_task(act: CaseAct, task_id: str, due: datetime | None) -> None:
    """What the task says it is due."""
    act.later(lambda: _run(act, _TASK_DUE, {"b_id": task_id, "due_at": due}))


def _run(act: CaseAct, statement: Update, values: dict[str, Any]) -> None:
    act.connection.execute(statement, values)


def _planned_end(step: OpenStep, outcome: Outcome) -> datetime | None:
    """The step's own limit, or the timer that will take the token on: a halt does not lengthen the stop."""
    own = [t.due_at for t in outcome.armed if t.scope_task_id == step.id and t.role == "move"]
    return step.due_at or min(own, default=None)


def _begin_stop(act: CaseAct, step: OpenStep, planned: datetime | None) -> None:
    stops = act.run.memory["stops"]
    first = not stops
    stops[step.id] = [step.element.id, act.now.isoformat(), planned.isoformat() if planned else None]
    _keep_stop(act, step.id, step.element.id, step.element.properties.get("stopBasis", ""), planned)
    # What stops the clock is told in writing when it begins (行政许可法 Art. 45).
    act.later(lambda: documents.make_for_step(act, step.element.id, _told(act, step, planned)))
    act.note("clock_stopped", step.element.id, basis=step.element.properties.get("stopBasis", ""))
    if first:
        _pause(act, act.run.limits_around(step.id))


def _told(act: CaseAct, step: OpenStep, planned: datetime | None) -> dict[str, Any]:
    return special_content(act, step.element.name_zh, planned, due_as_planned(act))


def due_as_planned(act: CaseAct) -> datetime | None:
    """When the case will be due if its open stops end as planned; None where one of them has no such end."""
    memory = act.run.memory
    stops = list(memory.get("stops", {}).values())
    if not stops or any(planned is None for _element, _started, planned in stops):
        return None
    ends = [[started, (datetime.fromisoformat(planned) + JUST_AFTER).isoformat()] for _, started, planned in stops]
    spans = merged([*memory.get("stopped", []), *ends])
    return min(
        (
            act.calendar.due_after_stops(Limit(value, unit), datetime.fromisoformat(since), spans)
            for value, unit, since, _remaining in memory.get("paused", {}).values()
        ),
        default=None,
    )


def _keep_stop(act: CaseAct, key: str, element_id: str, basis: str, planned: datetime | None) -> None:
    act.pending.stops.append(
        {
            "timer_id": key,
            "task_id": key,
            "element_id": element_id,
            "basis": basis[:300],
            "started_at": act.now,
            "planned_end_at": planned,
        }
    )
    if planned is not None:
        act.pending.due_rows.append(_stop_end_row(act, key, element_id, planned))


def _stop_end_row(act: CaseAct, key: str, element_id: str, planned: datetime) -> dict[str, Any]:
    return {
        "timer_id": key,
        "role": "stop_end",
        "element_id": element_id,
        "step_id": element_id,
        "due_at": planned,
        "counted_from": act.now,
        "limit_value": None,
        "limit_unit": None,
        "state": 0,
        "remaining": None,
    }


def end_at_plan(act: CaseAct, row: Row[Any]) -> None:
    """A stop's planned end has come, perhaps some time ago: the limits run again from then."""
    if row.timer_id in act.run.memory.get("stops", {}):
        _end_stop(act, row.timer_id, "planned_end", row.due_at + JUST_AFTER)


def _end_stop(act: CaseAct, task_id: str, why: str, at: datetime) -> None:
    """End one stop; when it was the last, the limits run again."""
    stops = act.run.memory["stops"]
    element_id, started, _planned = stops.pop(task_id)
    act.run.memory.get("stop_days", {}).pop(task_id, None)
    act.pending.stop_ends.append({"b_task_id": task_id, "ended_at": at})
    act.pending.due_row_deletes.append({"b_timer_id": task_id, "b_role": "stop_end"})
    act.run.memory.setdefault("stopped", []).append([started, at.isoformat()])
    act.note("clock_resumed", element_id or None, why=why)
    _let_go(act, task_id, at)
    if not stops:
        _resume(act)


def _pause(act: CaseAct, limits: tuple[ScopeLimit, ...]) -> None:
    paused = act.run.memory.setdefault("paused", {})
    for limit in limits:
        if limit.due_at is None:
            continue
        at = counting_from(act.calendar, _limit(limit), limit.counted_from, act.now)
        remaining = act.calendar.remaining_time(_limit(limit), limit.due_at, at).as_json()
        act.run.pause_timer(limit.timer_id, remaining)
        paused[limit.timer_id] = [limit.limit_value, limit.limit_unit, limit.counted_from.isoformat(), remaining]
        for row in act.pending.due_rows:
            if row["timer_id"] == limit.timer_id:
                row["state"], row["remaining"] = 1, remaining
        act.pending.due_updates.append(
            {"b_timer_id": limit.timer_id, "b_role": "*", "state": 1, "remaining": remaining, "due_at": limit.due_at}
        )


def _resume(act: CaseAct) -> None:
    paused = act.run.memory.pop("paused", {})
    alive = [timer_id for timer_id in paused if act.run.has_timer(timer_id)]
    spans = merged(act.run.memory.get("stopped", []))
    for timer_id in alive:
        value, unit, since, _remaining = paused[timer_id]
        limit, counted_from = Limit(value, unit), datetime.fromisoformat(since)
        due = act.calendar.due_after_stops(limit, counted_from, spans)
        act.run.resume_timer(timer_id, due)
        _move_rows(act, timer_id, limit, counted_from, due)
        act.note("limit_moved", None, due_at=due.isoformat(), limit=value, unit=unit)


def _move_rows(act: CaseAct, timer_id: str, limit: Limit, since: datetime, due: datetime) -> None:
    """Arm the main row and those warnings that have not fired yet for the moved limit."""
    moved = warning_rows(act, limit, since, due)
    for row in rows_of_timers(act.connection, [timer_id]):
        instant = moved.get(row.role, due)
        act.pending.due_updates.append(
            {"b_timer_id": timer_id, "b_role": row.role, "state": 0, "remaining": None, "due_at": instant}
        )
        if row.role in CASE_LIMIT_ROLES:
            act.limits_moved[row.role] = due


def warning_rows(act: CaseAct, limit: Limit, since: datetime, due: datetime) -> dict[str, datetime]:
    """The instants of blue and yellow by the thresholds of the item."""
    blue = (act.row.blue_percent or 50) / 100
    yellow = (act.row.yellow_percent or 80) / 100
    instants = act.calendar.warning_instants(limit, since, due, blue=blue, yellow=yellow)
    return {"blue": instants.blue, "yellow": instants.yellow}


def moved_by_stops(act: CaseAct, value: TimerValue) -> TimerValue:
    """A limit that counts from an earlier day was stopped as often as the case was since then, and may be extended."""
    since, stops = first_instant(act, value), _stops_so_far(act)
    limit = _extended(act, value.limit, since)
    if not stops and limit is value.limit:
        return value
    due = act.calendar.due_after_stops(limit, since, merged(stops))
    return TimerValue(due.astimezone(act.calendar.zone).isoformat(), due, limit, value.since)


def _extended(act: CaseAct, limit: Limit, since: datetime) -> Limit:
    """The limit as the head has extended it, if it is one of those: what follows the decision has its own time."""
    run = getattr(act, "run", None)
    if run is None or run.lookup("decided_on"):
        return limit
    for begun, value, unit, more in run.memory.get("extended", ()):
        if (datetime.fromisoformat(begun), value, unit) == (since, limit.value, limit.unit):
            return Limit(value + more, limit.unit)
    return limit


def extend(act: CaseAct, more: int) -> datetime | None:
    """Every limit of the case that has not passed gets `more` working days (行政许可法 Art. 42); the earliest due."""
    found = []
    for timer in act.run.armed():
        if timer.role in CASE_LIMIT_ROLES and timer.limit_unit is not None and timer.due_at >= act.now:
            found.append(_extend_one(act, timer, more))
    return min(found, default=None)


def _extend_one(act: CaseAct, timer: ArmedTimer, more: int) -> datetime:
    limit = scope_limit(timer)
    if limit.limit_unit == "natural_days":  # As many days as lie before the last of those working days.
        last = act.calendar.local_date(timer.due_at - JUST_AFTER)
        more = (act.calendar.local_date(act.calendar.add_working_days(last, more)) - last).days
    longer = Limit(limit.limit_value + more, limit.limit_unit)  # type: ignore[arg-type]
    extended = act.run.memory.setdefault("extended", [])
    extended.append([limit.counted_from.isoformat(), limit.limit_value, limit.limit_unit, more])
    due = act.calendar.due_after_stops(longer, limit.counted_from, merged(_stops_so_far(act)))
    lengthen(act, timer, longer, due)
    return due


def lengthen(act: CaseAct, timer: ArmedTimer, longer: Limit, due: datetime) -> None:
    """A running limit is a longer one from now on, and due then."""
    act.run.lengthen_limit(timer.id, longer.value)
    act.run.resume_timer(timer.id, due)
    _move_rows(act, timer.id, longer, timer.counted_from, due)
    act.later(lambda: _run(act, _LENGTHEN, {"b_timer_id": timer.id, "value": longer.value}))
    act.note("limit_moved", None, due_at=due.isoformat(), limit=longer.value, unit=longer.unit)


def _stops_so_far(act: CaseAct) -> list[list[str]]:
    """Those that have ended, and those that are open or being ended by this act."""
    run = getattr(act, "run", None)  # A case that is only being started has stood still nowhere.
    memory = run.memory if run is not None else {}
    running = [[started, act.now.isoformat()] for _element, started, _planned in memory.get("stops", {}).values()]
    return [*memory.get("stopped", []), *running]


def first_instant(act: CaseAct, value: TimerValue) -> datetime:
    """What a limit counts from; a day is its first instant in the county."""
    since = value.since
    return since if isinstance(since, datetime) else datetime.combine(since, time(), tzinfo=act.calendar.zone)


def _limit(limit: ScopeLimit) -> Limit:
    return Limit(limit.limit_value, limit.limit_unit)  # type: ignore[arg-type]
