"""A step that the case enters again after it was cut off goes on: its draft, its holder and what is left of its term.

Cut off is what ended undone: cancelled beside another act, done too early (void), sent back by who had it; and what
was done and is sent back (退回). A step that was done and that the diagram's own flow enters anew is new work: so a
correction by the applicant begins a new term (行政许可法 Art. 32). Minimums are armed for each visit, as drawn.
The visits of such steps stand in the state's memory, so that no other act asks the database for any.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, select

from service.commands.departments import department_of
from service.commands.stopping import warning_rows
from service.database.tables import clock_stop, user_task
from service.engine import ArmedTimer, OpenStep, Outcome
from service.errors import Refused
from service.people.actor import Actor
from service.people.queries import read_actor
from service.timers.recounting import WARNINGS, WENT_ON, due_of
from service.user_tasks.rules import permitted_holding, require_named
from service.working_time import Limit

if TYPE_CHECKING:
    from service.commands.act import CaseAct

# In the state's memory: the tasks of each step that was cut off, in order; the step whose act was void; limits told.
VISITS, VOIDED, TOLD = "visits", "voided", "limits_told"
_CUT_OFF = frozenset({"cancelled", "void", "returned"})
_GOING_ON = frozenset({"step_limit", "move"})
_ROWS = select(
    *(user_task.c[name] for name in ("id", "form_key", "status", "assignee", "draft", "answers")),
    *(user_task.c[name] for name in ("entered_at", "due_at", "completed_at", "completed_by")),
).where(user_task.c.id.in_(bindparam("ids", expanding=True)))
_STOPS = select(clock_stop.c.element_id, clock_stop.c.started_at, clock_stop.c.ended_at).where(
    clock_stop.c.case_id == bindparam("case_id")
)


@dataclass(frozen=True, slots=True)
class Visit:
    """One time that a step was open. `due_at` is where its limit stood when it was left."""

    form_key: str
    status: str
    holder: int | None
    draft: Any
    entered_at: datetime
    left_at: datetime
    due_at: datetime | None


@dataclass(frozen=True, slots=True)
class GivenBack:
    """What a new task has of the one before it."""

    draft: Any
    holder: int | None
    holder_name: str | None
    claimed_at: datetime | None

    @property
    def told(self) -> dict[str, Any]:
        """For the event that tells of the entry."""
        draft = self.draft is not None
        return {"again": True, "person": self.holder, "person_name": self.holder_name, "draft": draft}


def send_back_to(act: CaseAct, element_id: str, task_id: str) -> None:
    """The step goes on where this task, which is done, ended."""
    chain = act.run.memory.setdefault(VISITS, {}).setdefault(element_id, [])
    if chain[-1:] != [task_id]:
        chain[:] = [task_id]
    act.sent_back_to = element_id


def let_count(act: CaseAct) -> None:
    """The supervisor lets the act count that came too early: the step is done, and would be new work."""
    voided = act.run.memory.pop(VOIDED, None)
    act.run.memory.get(VISITS, {}).pop(voided, None)


def follow(act: CaseAct, outcome: Outcome) -> Outcome:
    """Note what this act cuts off, and let go on what it enters again; the outcome with the limits as they are then."""
    if outcome.completed:
        return outcome
    _note_cut_off(act, outcome)
    chains: dict[str, list[str]] = act.run.memory.get(VISITS, {})
    again = [step for step in outcome.entered if step.element.id in chains and _alone(step, outcome)]
    if not again:
        return outcome
    _forget_dead(act)
    rows = _visits(act, [task for step in again for task in chains[step.element.id]], outcome)
    for step in again:
        visits = [rows[task] for task in chains[step.element.id] if task in rows]
        if not visits or (visits[-1].status == "completed" and act.sent_back_to != step.element.id):
            del chains[step.element.id]
            continue
        chains[step.element.id].append(step.id)
        act.given_back[step.id] = _given_back(act, step, visits)
        for timer in _limits_of(act, step, outcome):
            _count_on(act, timer, visits, step)
    return act.run.outcome() if act.given_back else outcome


def _note_cut_off(act: CaseAct, outcome: Outcome) -> None:
    ended = {row["b_task_id"]: row["status"] for row in act.pending.task_updates}
    for task_id, element_id in outcome.elements_left.items():
        status = ended.get(task_id, "cancelled")
        if status not in _CUT_OFF:
            continue
        chain = act.run.memory.setdefault(VISITS, {}).setdefault(element_id, [])
        if task_id not in chain:
            chain.append(task_id)
        if status == "void":
            act.run.memory[VOIDED] = element_id


def _alone(step: OpenStep, outcome: Outcome) -> bool:
    """Instances of one step that are open beside each other are told apart by nothing: they begin anew."""
    return [one.element.id for one in outcome.entered].count(step.element.id) == 1


def _forget_dead(act: CaseAct) -> None:
    for key in (WENT_ON, TOLD):
        if key in act.run.memory:
            act.run.memory[key] = [one for one in act.run.memory[key] if act.run.has_timer(one)]


def _visits(act: CaseAct, ids: Sequence[str], outcome: Outcome) -> dict[str, Visit]:
    """The tasks as they are after this act."""
    updates = {row["b_task_id"]: row for row in act.pending.task_updates}
    found: dict[str, Visit] = {}
    for row in act.connection.execute(_ROWS, {"ids": list(ids)}):
        now = updates.get(row.id) or ({"status": "cancelled"} if row.id in outcome.elements_left else {})
        known = {**row._mapping, **({**now, "completed_at": act.now} if now else {})}
        done = known["status"] in ("completed", "void")
        holder = known["completed_by"] if done else known["assignee"]
        draft = known["answers"] if done else known["draft"]
        times = known["entered_at"], known["completed_at"] or act.now, known["due_at"]
        found[row.id] = Visit(known["form_key"], known["status"], holder, draft, *times)
    return found


def _given_back(act: CaseAct, step: OpenStep, visits: Sequence[Visit]) -> GivenBack:
    last = visits[-1]
    drafts = [visit.draft for visit in reversed(visits) if visit.draft is not None and _fits(act, step, visit)]
    holder = read_actor(act.connection, last.holder, act.now) if last.holder is not None else None
    kept = holder if holder is not None and _still_may(act, holder, step) else None
    return GivenBack(
        drafts[0] if drafts else None,
        kept.person_id if kept else None,
        kept.name if kept else None,
        act.now if kept else None,
    )


def _fits(act: CaseAct, step: OpenStep, visit: Visit) -> bool:
    """Whether the step still has the form of the draft, and the form takes it."""
    form_key = step.element.properties.get("formKey", step.element.id)
    return visit.form_key == form_key and not act.bundle.form(form_key).check_draft(visit.draft)


def _still_may(act: CaseAct, holder: Actor, step: OpenStep) -> bool:
    element = step.element
    if holder.on_leave:
        return False
    try:
        found = permitted_holding(
            holder,
            post=str((element.post_from and act.run.lookup(element.post_from)) or element.post),
            department=department_of(act, element),
            group=element.separation_group,
            actors=act.actors,
        )
        named = act.run.lookup(element.persons_from) if element.persons_from else None
        require_named(str(named) if named is not None else None, holder.person_id)
    except Refused:
        return False
    # Of two officers, neither is a delegate (行政处罚法 Art. 42).
    return found.principal_id is None or element.properties.get("officers", "1") == "1"


def _limits_of(act: CaseAct, step: OpenStep, outcome: Outcome) -> Iterator[ArmedTimer]:
    """The limits that begin with this entry, on the step or on the call that it is in; not those since a day."""
    places = {step.id, *step.ancestors}
    for timer in outcome.armed:
        begins = timer.limit_unit is not None and timer.counted_from == act.now
        if begins and timer.role in _GOING_ON and timer.scope_task_id in places:
            yield timer


def _count_on(act: CaseAct, timer: ArmedTimer, visits: Sequence[Visit], step: OpenStep) -> None:
    """The limit counts from the first visit, less the time between visits and the time that it was stopped."""
    memory, since = act.run.memory, visits[0].entered_at
    spans = [*_between(visits, act.now), *_stopped(act, step)]
    memory.setdefault("stood", {})[timer.id] = [[a.isoformat(), b.isoformat()] for a, b in spans if a < b]
    memory.setdefault(WENT_ON, []).append(timer.id)
    limit = Limit(timer.limit_value or 0, timer.limit_unit)  # type: ignore[arg-type]
    due = due_of(timer.role, timer.id, limit, since, act.now, memory, act.calendar)
    act.run.count_from(timer.id, since, due)
    _note_told(act, timer, limit, visits)


def _between(visits: Sequence[Visit], now: datetime) -> Iterator[tuple[datetime, datetime]]:
    entries = [*(visit.entered_at for visit in visits[1:]), now]
    for visit, entered_at in zip(visits, entries, strict=True):
        yield visit.left_at, entered_at


def _stopped(act: CaseAct, step: OpenStep) -> Iterator[tuple[datetime, datetime]]:
    """Suspensions stop every step, a special procedure its own; what the diagram draws stops the case alone."""
    drawn = step.element.properties.get("stopsClock") == "true"
    for row in act.connection.execute(_STOPS, {"case_id": act.row.case_id}):
        if row.element_id == "" or (row.element_id == step.element.id and not drawn):
            yield row.started_at, row.ended_at or act.now


def _note_told(act: CaseAct, timer: ArmedTimer, limit: Limit, visits: Sequence[Visit]) -> None:
    """What an earlier visit was warned of is not told again."""
    for visit in visits:
        if visit.due_at is None:
            continue
        instants = warning_rows(act, limit, visits[0].entered_at, visit.due_at)
        told = {role for role, at in instants.items() if at < visit.left_at}
        act.warned.setdefault(timer.id, set()).update(told & WARNINGS)
        if visit.due_at < visit.left_at:
            act.run.memory.setdefault(TOLD, []).append(timer.id)
