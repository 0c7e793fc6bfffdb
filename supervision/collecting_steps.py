"""What a pass sees of the steps that people completed within the last month."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from itertools import chain
from typing import Any

from sqlalchemy import Connection, Row, Select, and_, bindparam, literal_column, select

from service.commands.services import Services
from service.database.in_text import among, in_text
from service.database.rows import read_rows
from service.database.tables import case, event, user_task
from supervision.collecting_papers import OF_CASE, OVERLAP, case_ref
from supervision.facts import Act, Done

MONTH = timedelta(days=30)
_COMPLETES, _ENTERED = "task_completed", "step_entered"
# What completes a step, or opens one again that was completed.
_CHANGES = (_COMPLETES, "task_taken_back", "task_sent_back", _ENTERED)
_DONE: Select[Any] = (
    select(event.c.case_id, event.c.seq, event.c.at, event.c.actor, event.c.actor_name, event.c.post, *OF_CASE)
    .add_columns(user_task.c.id.label("task_id"), user_task.c.element_id, user_task.c.name_zh, user_task.c.name_en)
    .add_columns(user_task.c.entered_at, user_task.c.earliest_at, user_task.c.separation_group)
    .join(case, case.c.id == event.c.case_id)
    .join(
        user_task,
        and_(
            user_task.c.case_id == event.c.case_id,
            user_task.c.element_id == event.c.element_id,
            user_task.c.completed_at == event.c.at,
        ),
    )
    .where(event.c.at >= bindparam("since"), event.c.at <= bindparam("until"))
    .where(event.c.actor.is_not(None), case.c.kind == in_text("item"))
)
_COMPLETED = in_text(_COMPLETES)
_OF_ALL = _DONE.where(event.c.kind == _COMPLETED)
_CHANGED = select(event.c.case_id, event.c.seq, event.c.at, event.c.kind, event.c.element_id).where(
    among(event.c.kind, _CHANGES), event.c.at >= bindparam("changed")
)
# No index by kind, of which SQLite believes that it chooses a few: a case's own events are fewer.
_KIND = event.c.kind.concat(literal_column("''"))
_OF_CASE = _DONE.where(event.c.case_id == bindparam("case_id"), _KIND == _COMPLETED)


class Steps:
    """The month's steps, from the looks before: a look reads what was completed since, and cases that went back."""

    def __init__(self) -> None:
        self._until: datetime | None = None
        # In their order, and the same by person; by case and the event's number in it.
        self._done: list[Done] = []
        self._by_person: dict[int, list[Done]] = defaultdict(list)
        self._by_case: dict[int, dict[int, Done]] = defaultdict(dict)
        # Of the last hour, the events that were seen.
        self._seen: set[tuple[int, int]] = set()

    def done(
        self, connection: Connection, services: Services, now: datetime, people: Collection[int] | None = None
    ) -> tuple[Done, ...]:
        """The steps that everybody, or these people, completed, in their order."""
        if self._until != now:
            self._go_on(connection, services, now)
            self._until = now
        if people is None:
            return tuple(self._done)
        lists = (self._by_person.get(one, ()) for one in people)
        return tuple(sorted(chain.from_iterable(lists), key=_place))

    def lately(self, connection: Connection, services: Services, begin: datetime, now: datetime) -> list[Done]:
        """The steps that were completed since then."""
        self.done(connection, services, now, ())
        return self._done[bisect_left(self._done, begin, key=_at) :]

    def _go_on(self, connection: Connection, services: Services, now: datetime) -> None:
        bound = {"since": now - MONTH, "until": now}
        if self._until is None:
            self._seen = {(row.case_id, row.seq) for row in read_rows(connection, _CHANGED, {"changed": now - OVERLAP})}
            rows = list(read_rows(connection, _OF_ALL, bound))
        else:
            rows = self._news(connection, bound, self._until - OVERLAP)
        for row in rows:
            if row.seq not in self._by_case[row.case_id]:
                self._take_in(_done(connection, services, row))
        self._forget_older(bound["since"])

    def _news(self, connection: Connection, bound: Mapping[str, datetime], begin: datetime) -> list[Row[Any]]:
        """What was completed since the last look, and all of the cases in which a step was opened again."""
        changed = read_rows(connection, _CHANGED, {"changed": begin})
        fresh = [row for row in changed if (row.case_id, row.seq) not in self._seen]
        self._seen = {(row.case_id, row.seq) for row in changed}
        rows: list[Row[Any]] = []
        if any(row.kind == _COMPLETES for row in fresh):
            rows += read_rows(connection, _OF_ALL, {**bound, "since": max(begin, bound["since"])})
        for case_id in {row.case_id for row in fresh if self._opens_again(row)}:
            self._forget_case(case_id)
            rows += read_rows(connection, _OF_CASE, {**bound, "case_id": case_id})
        return rows

    def _opens_again(self, row: Row[Any]) -> bool:
        known = self._by_case.get(row.case_id)
        if not known or row.kind == _COMPLETES:
            return False
        return row.kind != _ENTERED or any(one.act.element_id == row.element_id for one in known.values())

    def _take_in(self, done: Done) -> None:
        self._by_case[done.act.case.id][done.act.seq] = done
        insort(self._done, done, key=_place)
        insort(self._by_person[done.act.person_id], done, key=_place)

    def _forget_case(self, case_id: int) -> None:
        for one in self._by_case.pop(case_id).values():
            for ordered in (self._done, self._by_person[one.act.person_id]):
                del ordered[bisect_left(ordered, _place(one), key=_place)]

    def _forget_older(self, begin: datetime) -> None:
        old = self._done[: bisect_left(self._done, begin, key=_at)]
        del self._done[: len(old)]
        for one in old:
            del self._by_person[one.act.person_id][0]
            of_case = self._by_case[one.act.case.id]
            del of_case[one.act.seq]
            if not of_case:
                del self._by_case[one.act.case.id]


def _at(done: Done) -> datetime:
    return done.act.at


def _place(done: Done) -> tuple[datetime, int, int]:
    return done.act.at, done.act.case.id, done.act.seq


def _done(connection: Connection, services: Services, row: Any) -> Done:
    act = Act(
        case_ref(connection, services, row),
        row.seq,
        row.at,
        "task_completed",
        row.actor,
        row.actor_name or "",
        post=row.post,
        element_id=row.element_id,
        step_zh=row.name_zh,
        step_en=row.name_en,
        group=row.separation_group,
    )
    return Done(act, row.task_id, row.entered_at, row.earliest_at)
