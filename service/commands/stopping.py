"""Clock stops within an act: a step that stops the clock pauses the limits of the scopes around it.

Overlapping stops count once; a stop ends when its step is left, at its planned end at the latest.
Open stops are kept with the state (`memory`), so an act needs no further read; `clock_stop` is the record.
"""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy.engine import Row

from service.commands import documents
from service.engine import CASE_LIMIT_ROLES, OpenStep, Outcome, ScopeLimit
from service.reads.hot import rows_of_timers
from service.working_time import Limit, RemainingWork, TimerValue

if TYPE_CHECKING:
    from service.commands.act import CaseAct

# What ends at an instant is over just after it, as a timer fires.
_JUST_AFTER = timedelta(microseconds=1)


def follow(act: CaseAct, outcome: Outcome) -> None:
    """End the stops of steps that were left, begin those of steps that were entered."""
    stops = act.run.memory.setdefault("stops", {})
    for task_id in [t for t in outcome.left if t in stops]:
        _end_stop(act, task_id, "step_left", act.now)
    for step in outcome.entered:
        if step.element.properties.get("stopsClock") == "true" and step.ancestors:
            _begin_stop(act, step, _planned_end(step, outcome))


def _planned_end(step: OpenStep, outcome: Outcome) -> datetime | None:
    """The step's own limit, or the timer that will take the token on: a halt does not lengthen the stop."""
    own = [t.due_at for t in outcome.armed if t.scope_task_id == step.id and t.role == "move"]
    return step.due_at or min(own, default=None)


def _begin_stop(act: CaseAct, step: OpenStep, planned: datetime | None) -> None:
    stops = act.run.memory["stops"]
    first = not stops
    stops[step.id] = [step.element.id, act.now.isoformat(), planned.isoformat() if planned else None]
    act.pending.stops.append(
        {
            "timer_id": step.id,
            "task_id": step.id,
            "element_id": step.element.id,
            "basis": step.element.properties.get("stopBasis", "")[:300],
            "started_at": act.now,
            "planned_end_at": planned,
        }
    )
    if planned is not None:
        act.pending.due_rows.append(_stop_end_row(act, step, planned))
    # What stops the clock is told in writing when it begins (行政许可法 Art. 45).
    act.later(lambda: documents.make_for_step(act, step.element.id))
    act.note("clock_stopped", step.element.id, basis=step.element.properties.get("stopBasis", ""))
    if first:
        _pause(act, act.run.limits_around(step.id))


def _stop_end_row(act: CaseAct, step: OpenStep, planned: datetime) -> dict[str, Any]:
    return {
        "timer_id": step.id,
        "role": "stop_end",
        "element_id": step.element.id,
        "step_id": step.element.id,
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
        _end_stop(act, row.timer_id, "planned_end", row.due_at + _JUST_AFTER)


def _end_stop(act: CaseAct, task_id: str, why: str, at: datetime) -> None:
    """End one stop; when it was the last, the limits run again."""
    stops = act.run.memory["stops"]
    element_id, started, _planned = stops.pop(task_id)
    act.pending.stop_ends.append({"b_task_id": task_id, "ended_at": at})
    act.pending.due_row_deletes.append({"b_timer_id": task_id, "b_role": "stop_end"})
    act.run.memory.setdefault("stopped", []).append([started, at.isoformat()])
    act.note("clock_resumed", element_id, why=why)
    if not stops:
        _resume(act, at)


def _pause(act: CaseAct, limits: tuple[ScopeLimit, ...]) -> None:
    paused = act.run.memory.setdefault("paused", {})
    for limit in limits:
        if limit.due_at is None:
            continue
        at = _counting(act, _limit(limit), limit.counted_from, act.now)
        remaining = act.calendar.remaining_time(_limit(limit), limit.due_at, at).as_json()
        act.run.pause_timer(limit.timer_id, remaining)
        paused[limit.timer_id] = [limit.limit_value, limit.limit_unit, limit.counted_from.isoformat(), remaining]
        for row in act.pending.due_rows:
            if row["timer_id"] == limit.timer_id:
                row["state"], row["remaining"] = 1, remaining
        act.pending.due_updates.append(
            {"b_timer_id": limit.timer_id, "b_role": "*", "state": 1, "remaining": remaining, "due_at": limit.due_at}
        )


def _resume(act: CaseAct, at: datetime) -> None:
    paused = act.run.memory.pop("paused", {})
    alive = [timer_id for timer_id in paused if act.run.has_timer(timer_id)]
    for timer_id in alive:
        value, unit, since, remaining = paused[timer_id]
        limit, counted_from = Limit(value, unit), datetime.fromisoformat(since)
        due = act.calendar.resume(RemainingWork.from_json(remaining), _counting(act, limit, counted_from, at))
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
    """A limit that counts from an earlier day was stopped as often as the case was since then."""
    limit, since, due = value.limit, first_instant(act, value), value.due
    for start, end in _merged(_stops_so_far(act)):
        if since <= start < due:
            left = act.calendar.remaining_time(limit, due, _counting(act, limit, since, start))
            due = act.calendar.resume(left, _counting(act, limit, since, end))
    return TimerValue(due.astimezone(act.calendar.zone).isoformat(), due, limit, value.since)


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


def _counting(act: CaseAct, limit: Limit, since: datetime, at: datetime) -> datetime:
    """`at`, but not before a limit in days begins to count: its first day does not (民法典 201)."""
    if limit.unit not in ("working_days", "natural_days"):
        return at
    following = act.calendar.local_date(since) + timedelta(days=1)
    return max(at, datetime.combine(following, time(), tzinfo=act.calendar.zone) + _JUST_AFTER)


def _merged(stopped: list[list[str]]) -> list[tuple[datetime, datetime]]:
    """Overlapping stops count once."""
    spans = sorted((datetime.fromisoformat(a), datetime.fromisoformat(b)) for a, b in stopped)
    merged: list[tuple[datetime, datetime]] = []
    for start, end in spans:
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _limit(limit: ScopeLimit) -> Limit:
    return Limit(limit.limit_value, limit.limit_unit)  # type: ignore[arg-type]
