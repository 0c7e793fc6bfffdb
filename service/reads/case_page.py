"""The case page for one person: the case, its steps, the task they may work on, and what still holds it up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, select

from service.database.tables import case
from service.engine import Element
from service.errors import Refused
from service.form_schemas import FieldProblem
from service.people.actor import Actor
from service.people.separation import group_conflict
from service.reads.case_parts import MaterialView, TaskSummary, tasks_of_case
from service.reads.case_steps import CaseSteps, read_steps
from service.reads.case_values import Caches
from service.reads.case_view import CaseRow, CaseView, case_view, find_case
from service.reads.following import steps_after
from service.reads.opinions import signatures_settled
from service.reads.task_moves import OpenMove, last_act_of, open_moves
from service.reads.task_view import TaskView, read_task
from service.user_tasks.rules import case_halted, is_named, permitted_holding, separation_refused
from service.user_tasks.signature import Standing

_ACTORS = select(case.c.actors).where(case.c.number == bindparam("number"))


@dataclass(frozen=True, slots=True)
class Power:
    """What this person may do with a task now; `refusal` says why not, to a holder of the post.

    `sign` to who may sign, or has signed something else than lies there now; the page lets nobody sign nothing.
    """

    claim: bool = False
    work: bool = False
    sign: bool = False
    refusal: Refused | None = None


@dataclass(frozen=True, slots=True)
class Checks:
    """What holds a task up.

    `fee` None where no fee stands in the way; `fee_now`: this step itself asks for it, not one that follows.
    `problems` are those of the draft as it is; `signers` is None where nobody was asked to sign.
    """

    materials: tuple[MaterialView, ...]
    earliest_at: datetime | None
    too_early: bool
    needs_signature: bool
    signature: Standing | None
    fee: bool | None
    fee_now: bool
    problems: tuple[FieldProblem, ...]
    has_form: bool
    signers: bool | None = None


@dataclass(frozen=True, slots=True)
class CasePage:
    found: CaseRow
    view: CaseView
    steps: CaseSteps
    task: TaskView | None
    power: Power
    checks: Checks | None
    moves: tuple[OpenMove, ...] = ()
    to_take_back: TaskSummary | None = None


def read_case_page(
    connection: Connection,
    caches: Caches,
    actor: Actor,
    number: str,
    now: datetime,
    *,
    locale: str,
    task_id: str | None = None,
) -> CasePage | None:
    """Everything that the page shows; None if there is no such case for this person.

    Whoever may take one of its tasks sees the case too: the supervisor of an order, a delegate from elsewhere.
    """
    found = find_case(connection, caches, actor, number) or _by_task(connection, caches, actor, number)
    if found is None:
        return None
    view = case_view(connection, caches, found, now)
    actors = connection.execute(_ACTORS, {"number": number}).scalar_one() or {}
    powers = {task.id: power_over(actor, task, view.status, actors) for task in view.user_tasks}
    chosen = _chosen(view.user_tasks, powers, task_id)
    task = read_task(connection, caches, actor, chosen.id, locale) if chosen is not None else None
    if chosen is not None and task is not None and _signs_anew(actor, task):
        powers[chosen.id] = _signer(actor, chosen, view.status, actors)
    return CasePage(
        found,
        view,
        read_steps(connection, found, view, now),
        task,
        powers[chosen.id] if chosen is not None else Power(),
        _checks(connection, caches, found, view, task, now) if task is not None else None,
        open_moves(connection, actor, chosen, found, view, actors) if chosen is not None else (),
        last_act_of(actor, view),
    )


def _by_task(connection: Connection, caches: Caches, actor: Actor, number: str) -> CaseRow | None:
    found = find_case(connection, caches, None, number)
    if found is None:
        return None
    tasks = tasks_of_case(connection, found.row.id, found.bundle)
    allowed = any(
        (actor.holding_for(t.post, t.department) and is_named(t.named, actor.person_id)) or t.id in actor.lent_tasks
        for t in tasks
        if t.status == "open"
    )
    return found if allowed else None


def power_over(actor: Actor, task: TaskSummary, status: str, actors: Mapping[str, Sequence[int]]) -> Power:
    """By the same rules as the commands: post, separation of roles, who has it, whether the case stands still."""
    assignee = task.assignee.id if task.assignee is not None else None
    if not is_named(task.named, actor.person_id):
        return Power()
    try:
        holding = permitted_holding(
            actor,
            post=task.post,
            department=task.department,
            group=task.separation_group,
            actors=actors,
            task_id=task.id,
            assignee=assignee,
        )
    except Refused as refusal:
        if assignee not in (None, actor.person_id):
            return _unsigned(actor, task, status, actors)
        return Power(refusal=refusal if refusal.code == "separation_of_duty" else None)
    if assignee not in (None, actor.person_id, holding.principal_id):
        return _unsigned(actor, task, status, actors)
    if status == "halted" and not task.halts:
        return Power(refusal=case_halted())
    if status == "suspended":
        return Power()
    return Power(work=True) if task.assignee is not None else Power(claim=True)


def _unsigned(actor: Actor, task: TaskSummary, status: str, actors: Mapping[str, Sequence[int]]) -> Power:
    return Power() if task.signed_by is not None else _signer(actor, task, status, actors)


def _signs_anew(actor: Actor, task: TaskView) -> bool:
    """Whether this person has signed something else than what lies in the task now, which somebody else has in hand."""
    mine = task.signed_by is not None and task.signed_by.id == actor.person_id
    others = task.assignee is not None and task.assignee.id != actor.person_id
    return mine and others and task.content is not None and task.signature != "standing"


def _signer(actor: Actor, task: TaskSummary, status: str, actors: Mapping[str, Sequence[int]]) -> Power:
    if task.officers < 2 or status in ("halted", "suspended"):
        return Power()
    holding = actor.holding_for(task.post, task.department)
    if holding is None:
        return Power()
    persons = [actor.person_id] + ([holding.principal_id] if holding.principal_id is not None else [])
    conflict = group_conflict(task.separation_group, persons, actors)
    return Power(sign=True) if conflict is None else Power(refusal=separation_refused(conflict))


def _chosen(tasks: Sequence[TaskSummary], powers: Mapping[str, Power], wanted: str | None) -> TaskSummary | None:
    """The task that the address names, else the one that this person can do most about."""
    named = next((task for task in tasks if task.id == wanted), None)
    if named is not None:
        return named

    def rank(task: TaskSummary) -> int:
        power = powers[task.id]
        return 0 if power.work else 1 if power.sign else 2 if power.claim else 3

    return min(tasks, key=rank, default=None)


def _checks(
    connection: Connection, caches: Caches, found: CaseRow, view: CaseView, task: TaskView, now: datetime
) -> Checks:
    form = found.bundle.forms.get(task.form_key)
    calendar = caches.calendars.get(connection)
    problems: Sequence[FieldProblem] = ()
    if form is not None:
        _, problems = form.check(
            task.draft or {}, lookup=found.values, today=calendar.local_date(now), calendar=calendar
        )
    return Checks(
        materials=task.required_materials,
        earliest_at=task.earliest_at,
        too_early=task.earliest_at is not None and now < task.earliest_at,
        needs_signature=task.officers > 1 and not task.halts,
        signature=task.signature,
        fee=view.fees.settled if _asks_fee(found, task.element_id) and view.fees.lines else None,
        fee_now=_prints(found.bundle.model.find(task.element_id)),
        problems=tuple(problems),
        has_form=bool(form and form.fields),
        signers=signatures_settled(connection, task.id),
    )


def _prints(element: Element | None) -> bool:
    return element is not None and bool(element.documents_printed)


def _asks_fee(found: CaseRow, element_id: str) -> bool:
    """Whether this step, or one that follows at once, prints or is gated by the fee."""
    nodes: list[Any] = list(steps_after(found.bundle.xml).get(element_id, ()))
    own = found.bundle.model.find(element_id)
    properties = [node.properties for node in nodes] + ([own.properties] if own is not None else [])
    return any(p.get("printsDocument") or "fee_settled" in p.get("gate", "") for p in properties)
