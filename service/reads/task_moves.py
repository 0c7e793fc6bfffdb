"""The ways that a person may move a task now, each with those whom it may go to: what the page offers, nothing else."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, select

from service.database.tables import department, person, post_holding
from service.engine import Element
from service.people.actor import Actor
from service.people.posts import OUTSIDE_POSTS
from service.people.separation import BUSINESS_POSTS, group_conflict
from service.reads.case_parts import TaskSummary
from service.reads.case_view import CaseRow, CaseView
from service.user_tasks.moves import MOVES, Move, Subject, may_move

_STAFF = (
    select(person.c.id, person.c.name, post_holding.c.post)
    .join(post_holding, post_holding.c.person_id == person.c.id)
    .where(
        post_holding.c.department == bindparam("department"),
        post_holding.c.ended_at.is_(None),
        person.c.active.is_(True),
    )
    .order_by(person.c.id, post_holding.c.post)
)


# Whom one asks in another department: the heads of its sections, who pass it on.
_SECTIONS = (
    select(person.c.id, person.c.name, post_holding.c.post, department.c.name_zh, department.c.name_en)
    .join(post_holding, post_holding.c.person_id == person.c.id)
    .join(department, department.c.code == post_holding.c.department)
    .where(
        post_holding.c.department != bindparam("department"),
        post_holding.c.post == "section",
        post_holding.c.ended_at.is_(None),
        person.c.active.is_(True),
    )
    .order_by(department.c.code, person.c.id)
)


@dataclass(frozen=True, slots=True)
class Colleague:
    """`department_name_zh` and `_en` are given for somebody of another department."""

    id: int
    name: str
    posts: tuple[str, ...]
    department_name_zh: str = ""
    department_name_en: str = ""


@dataclass(frozen=True, slots=True)
class OpenMove:
    """A way that is open; `people` are those whom it may go to, `steps` those to which it may be sent back."""

    move: Move
    people: tuple[Colleague, ...] = ()
    steps: tuple[Element, ...] = ()


# Ways that the page has a form for; claim, release and complete have their own buttons.
WITH_FORM = ("transfer", "delegate", "add_signer", "countersign", "consult", "copy", "link", "send_back", "urge")
_OF_ITEMS = frozenset({"add_signer", "countersign", "consult", "copy", "link"})


def open_moves(
    connection: Connection,
    actor: Actor,
    task: TaskSummary,
    found: CaseRow,
    view: CaseView,
    actors: Mapping[str, Sequence[int]],
) -> tuple[OpenMove, ...]:
    """By the same rules as the commands; nothing is open on a case that is halted or over."""
    if task.status != "open" or view.status != "open":
        return ()
    subject = _subject(task, view.kind)
    names = [name for name in WITH_FORM if may_move(actor, MOVES[name], subject) and _fits(name, view)]
    staff = _staff(connection, task.department) if set(names) & set(_GOES_TO) else ()
    ways = []
    for name in names:
        asks = _GOES_TO.get(name)
        people = tuple(one for one in staff if asks and one.id != actor.person_id and asks(one, task, actors))
        if name == "consult":
            known = {actor.person_id, *(one.id for one in staff)}
            people += tuple(one for one in _elsewhere(connection, task.department) if one.id not in known)
        steps = _steps_back(found, view, task) if name == "send_back" else ()
        if people or steps or name in _GOES_NOWHERE:
            ways.append(OpenMove(MOVES[name], people, steps))
    return tuple(ways)


def _fits(name: str, view: CaseView) -> bool:
    return view.kind == "item" or name not in _OF_ITEMS


def last_act_of(actor: Actor, view: CaseView) -> TaskSummary | None:
    """The step that this person did last on the case, if nobody has done or claimed anything after it."""
    if view.status != "open":
        return None
    done = [one for one in view.steps_done if one.completed_at is not None]
    last = max(done, key=lambda one: (one.completed_at, one.entered_at), default=None)
    if last is None or last.status != "completed" or last.completed_at is None or last.post in OUTSIDE_POSTS:
        return None
    own = last.completed_by is not None and last.completed_by.id == actor.person_id
    # Who had a step before it was cut off has it again from the moment it is entered, and has not touched it.
    after = [one for one in view.user_tasks if one.entered_at >= last.completed_at]
    untouched = all(one.assignee is None or one.claimed_at == one.entered_at for one in after)
    return last if own and untouched and view.user_tasks else None


def _steps_back(found: CaseRow, view: CaseView, task: TaskSummary) -> tuple[Element, ...]:
    """Steps that the diagram allows and that were done, the last one first."""
    model = found.bundle.model
    own = model.find(task.element_id)
    done = {one.element_id: None for one in reversed(view.steps_done) if one.status == "completed"}
    allowed = own.send_back_to if own is not None else ()
    return tuple(element for key in done if key in allowed and (element := model.find(key)) is not None)


def _subject(task: TaskSummary, case_kind: str) -> Subject:
    return Subject(
        task.department,
        case_kind,
        task.post,
        task.separation_group,
        task.assignee.id if task.assignee else None,
        task.halts,
        task.completed_by.id if task.completed_by else None,
    )


def _staff(connection: Connection, department: str) -> tuple[Colleague, ...]:
    found: dict[int, tuple[str, list[str]]] = {}
    for row in connection.execute(_STAFF, {"department": department}):
        found.setdefault(row.id, (row.name, []))[1].append(row.post)
    return tuple(
        Colleague(one, name, tuple(posts)) for one, (name, posts) in found.items() if set(posts) & BUSINESS_POSTS
    )


def _elsewhere(connection: Connection, department: str) -> tuple[Colleague, ...]:
    rows = connection.execute(_SECTIONS, {"department": department})
    return tuple(Colleague(row.id, row.name, (row.post,), row.name_zh, row.name_en) for row in rows)


def _unexcluded(one: Colleague, task: TaskSummary, actors: Mapping[str, Sequence[int]]) -> bool:
    return group_conflict(task.separation_group, [one.id], actors) is None


def _may_receive(one: Colleague, task: TaskSummary, actors: Mapping[str, Sequence[int]]) -> bool:
    taken = {p.id for p in (task.assignee, task.signed_by) if p is not None}
    return task.post in one.posts and one.id not in taken and _unexcluded(one, task, actors)


def _may_stand_in(one: Colleague, task: TaskSummary, actors: Mapping[str, Sequence[int]]) -> bool:
    return task.officers == 1 and _unexcluded(one, task, actors)


def _may_sign(one: Colleague, task: TaskSummary, actors: Mapping[str, Sequence[int]]) -> bool:
    return not task.halts and group_conflict("review", [one.id], actors) is None


def _may_be_consulted(_one: Colleague, task: TaskSummary, _actors: Mapping[str, Sequence[int]]) -> bool:
    return not task.halts


def _may_read(_one: Colleague, _task: TaskSummary, _actors: Mapping[str, Sequence[int]]) -> bool:
    return True


_GOES_NOWHERE = frozenset({"link", "urge"})
_GOES_TO: Mapping[str, Callable[[Colleague, TaskSummary, Mapping[str, Sequence[int]]], bool]] = {
    "transfer": _may_receive,
    "delegate": _may_stand_in,
    "add_signer": _may_sign,
    "countersign": _may_sign,
    "consult": _may_be_consulted,
    "copy": _may_read,
}
