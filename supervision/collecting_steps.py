"""What a pass sees of the steps that people completed within the last month."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Select, and_, bindparam, literal_column, select

from service.commands.services import Services
from service.database.in_text import among, in_text
from service.database.rows import read_rows
from service.database.tables import case, event, user_task
from supervision.collecting_papers import OF_CASE, case_ref
from supervision.facts import Act, Done

MONTH = timedelta(days=30)
# An act is dated when it begins; it may be seen only when its transaction has ended.
OVERLAP = timedelta(hours=1)
# What completes a step, or opens one again that was completed.
_CHANGES = ("task_completed", "task_taken_back", "task_sent_back", "step_entered")
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
_COMPLETED = in_text("task_completed")
_OF_ALL = _DONE.where(event.c.kind == _COMPLETED)
_CHANGED = select(event.c.case_id, event.c.seq, event.c.at).where(
    among(event.c.kind, _CHANGES), event.c.at >= bindparam("changed")
)
# No index by kind, of which SQLite believes that it chooses a few: a case's own events are fewer.
_KIND = event.c.kind.concat(literal_column("''"))
_OF_CASE = _DONE.where(event.c.case_id == bindparam("case_id"), _KIND == _COMPLETED)
# So many cases are read one by one, and more with all there are.
_FEW = 200


class Steps:
    """The month's steps, from the looks before: a look reads those of cases in which something was done since."""

    def __init__(self) -> None:
        self._until: datetime | None = None
        self._done: list[Done] = []
        # Of the last hour, the events that were seen.
        self._seen: dict[tuple[int, int], datetime] = {}

    def done(
        self, connection: Connection, services: Services, now: datetime, people: Collection[int] | None = None
    ) -> tuple[Done, ...]:
        """The steps that everybody, or these people, completed, in their order."""
        if self._until != now:
            self._go_on(connection, services, now)
            self._until = now
        return tuple(_of(self._done, people))

    def lately(self, connection: Connection, services: Services, since: datetime, now: datetime) -> list[Done]:
        """The steps that were completed since then."""
        self.done(connection, services, now, ())
        return self._done[bisect_left(self._done, since, key=lambda one: one.act.at) :]

    def _go_on(self, connection: Connection, services: Services, now: datetime) -> None:
        bound = {"since": now - MONTH, "until": now}
        changed = self._changed(connection, now)
        if changed is None or len(changed) > _FEW:
            self._done = [_done(connection, services, row) for row in read_rows(connection, _OF_ALL, bound)]
        elif changed:
            rows = [row for one in changed for row in read_rows(connection, _OF_CASE, {**bound, "case_id": one})]
            kept = (one for one in self._done if one.act.case.id not in changed)
            self._done = [*kept, *(_done(connection, services, row) for row in rows)]
        if changed is None or changed:
            self._done.sort(key=lambda one: (one.act.at, one.act.case.id, one.act.seq))
        del self._done[: bisect_left(self._done, bound["since"], key=lambda one: one.act.at)]

    def _changed(self, connection: Connection, now: datetime) -> set[int] | None:
        """The cases in which something was done that no look has seen; None at the first look."""
        since = (self._until or now) - OVERLAP
        rows = read_rows(connection, _CHANGED, {"changed": since})
        fresh = {row.case_id for row in rows if (row.case_id, row.seq) not in self._seen}
        self._seen = {(row.case_id, row.seq): row.at for row in rows}
        return fresh if self._until is not None else None


def _of(done: Iterable[Done], people: Collection[int] | None) -> Iterable[Done]:
    return done if people is None else (one for one in done if one.act.person_id in people)


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
