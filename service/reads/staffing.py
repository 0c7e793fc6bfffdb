"""Who could do what is open or may still come on a case; what is asked when it is accepted and when posts change."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, bindparam, select

from service.database.in_text import in_text
from service.database.rows import read_rows
from service.database.tables import case, delegation, leave, person, post_holding, user_task
from service.definitions.bundle import Bundle
from service.expressions import ExpressionError, compile_expression
from service.people.posts import OUTSIDE_POSTS
from service.reads.case_values import CaseValues
from service.reads.case_view import CaseRow
from service.reads.following import first_user_task, nodes_ahead
from service.reads.positions import call_activity_of
from service.user_tasks.eligibility import Candidate, Gap, Step, gaps
from service.user_tasks.terminals import SEATS

_HOLDERS = (
    select(post_holding.c.person_id, post_holding.c.post, post_holding.c.department)
    .join(person, person.c.id == post_holding.c.person_id)
    .where(post_holding.c.ended_at.is_(None), person.c.active.is_(True))
)
_LENT = (
    select(delegation.c.delegate_id, delegation.c.post, delegation.c.department, delegation.c.principal_id)
    .join(person, person.c.id == delegation.c.delegate_id)
    .join(
        post_holding,
        (post_holding.c.person_id == delegation.c.principal_id)
        & (post_holding.c.post == delegation.c.post)
        & (post_holding.c.department == delegation.c.department)
        & post_holding.c.ended_at.is_(None),
    )
    .where(
        delegation.c.task_id.is_(None),
        delegation.c.revoked_at.is_(None),
        delegation.c.starts_at <= bindparam("now"),
        delegation.c.ends_at > bindparam("now"),
        person.c.active.is_(True),
    )
)
_LEAVES = (
    select(leave.c.person_id, leave.c.starts_at, leave.c.ends_at)
    .where(leave.c.ended_at.is_(None), leave.c.ends_at > bindparam("now"))
    .order_by(leave.c.starts_at)
)
_ACTORS = select(case.c.actors).where(case.c.id == bindparam("case_id"))
# Before its acceptance nobody knows when a case is due: whoever is away may be back in time.
_SOME_DAY = datetime.max.replace(tzinfo=UTC)
_OF_STEP = ("element_id", "name_zh", "name_en", "post", "department", "separation_group", "officers", "assignee")
_OPEN = select(*(user_task.c[name] for name in _OF_STEP)).where(
    user_task.c.case_id == bindparam("case_id"), user_task.c.status == in_text("open")
)


def read_candidates(connection: Connection, now: datetime) -> list[Candidate]:
    """Everybody who holds a post, and those to whom one is lent now; whoever is on leave with its end."""
    away = _away(connection, now)
    own = [Candidate(r.person_id, r.post, r.department, None, away.get(r.person_id)) for r in _holders(connection)]
    lent = read_rows(connection, _LENT, {"now": now})
    return own + [Candidate(r.delegate_id, r.post, r.department, r.principal_id, away.get(r.delegate_id)) for r in lent]


def _holders(connection: Connection) -> list[Any]:
    return read_rows(connection, _HOLDERS)


def _away(connection: Connection, now: datetime) -> dict[int, datetime]:
    """Until when those are away who are on leave now; one leave may follow another."""
    found: dict[int, datetime] = {}
    for row in read_rows(connection, _LEAVES, {"now": now}):
        if row.starts_at <= found.get(row.person_id, now):
            found[row.person_id] = row.ends_at
    return found


def unstaffed_now(connection: Connection, found: CaseRow, now: datetime) -> tuple[Gap, ...]:
    """The same for a case that has been found, with everybody who holds a post now."""
    row = found.row
    ledger = read_rows(connection, _ACTORS, {"case_id": row.id})[0].actors or {}
    done = {group: ids for group, ids in ledger.items() if group != SEATS}
    people = read_candidates(connection, now)
    return gaps_of_case(connection, row, found.bundle, found.values, done, people)


def gaps_of_case(
    connection: Connection,
    row: Any,
    bundle: Bundle,
    values: CaseValues,
    actors: Mapping[str, Sequence[int]],
    candidates: Sequence[Candidate],
) -> tuple[Gap, ...]:
    """The steps of this case that nobody could do: those that nobody has claimed, and those that may come.

    `row` has the case's id, department and due_at.
    """
    tasks = read_rows(connection, _OPEN, {"case_id": row.id})
    steps = {step.element_id: step for step in _ahead(bundle, [t.element_id for t in tasks], row, values)}
    for task in tasks:
        if task.assignee is not None or task.post in OUTSIDE_POSTS:
            continue
        steps[task.element_id] = Step(
            task.element_id,
            task.name_zh,
            task.name_en,
            task.post,
            task.department,
            task.separation_group,
            task.officers,
        )
    return tuple(gaps(steps.values(), candidates, actors))


def _ahead(bundle: Bundle, open_ids: list[str], row: Any, values: CaseValues) -> Iterator[Step]:
    """The user tasks that a token may still come to, those of called processes too; rulings come on halts alone."""
    within, model = call_activity_of(bundle), bundle.model
    asked = _asked_later(bundle)
    nodes = nodes_ahead(
        bundle.xml,
        tuple(within.get(one, one) for one in open_ids),
        lambda condition: _ruled_out(condition, bundle, asked, values),
    )
    wanted = {node.id for node in nodes if node.kind == "userTask"}
    called = {node.called for node in nodes if node.kind == "callActivity"}
    called |= {e.called for e in model.elements.values() if e.id in {within.get(one) for one in open_ids}}
    for (process, _), element in model.elements.items():
        if element.kind != "userTask" or not (element.id in wanted or process in called):
            continue
        if not element.post or element.post in OUTSIDE_POSTS or element.properties.get("halts") == "case":
            continue
        if element.id in open_ids:
            continue
        yield Step(
            element.id,
            element.name_zh,
            element.name_en,
            element.post,
            element.department or row.department,
            element.separation_group,
            int(element.properties.get("officers", "1")),
            row.due_at or _SOME_DAY,
        )


def _asked_later(bundle: Bundle) -> frozenset[str]:
    """What some form may still set: every field but those of the application alone."""
    first = first_user_task(bundle.xml)
    begun = first.properties.get("formKey", first.id) if first is not None else ""
    return frozenset(
        field.key for key, form in bundle.forms.items() if key != begun for field in form.fields if not field.readonly
    )


def _ruled_out(condition: str, bundle: Bundle, asked: frozenset[str], values: Any) -> bool:
    """Whether the application itself rules the condition out."""
    try:
        expression = compile_expression(condition.strip())
    except ExpressionError:  # one that asks the clock
        return False
    names, derived = set(expression.names), bundle.model.derived
    for _ in derived:
        found = names & derived.keys()
        names = (names - found).union(*(derived[name].names for name in found))
    known = names <= {name for name, value in values.variables.items() if value is not None} - asked
    return known and not expression.holds(values)
