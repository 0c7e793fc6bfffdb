"""The county's people at work: each does one thing after the other at a desk of his own, slower on some days."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Engine, bindparam, select

from service.commands.complete_task import CompleteTask, complete_task
from service.commands.services import Services
from service.database.rows import read_rows
from service.database.session import reading
from service.database.tables import case, due_row, supervision_order, user_task
from service.demo.answers import Story, answers
from service.demo.playing import Player, Task, paper_bytes
from service.people.actor import Actor
from service.people.presence import Presence
from service.people.queries import read_actor
from simulation.staffing import at_desk as username_at

# Minutes that a piece of work takes at a desk when nothing is wrong (least, most): nobody does two in one minute.
DESK_MINUTES = (4.0, 14.0)
_SLOW_DAY, _BUSY_DAY = 0.1, 0.15
# The choice of a story that says which row of desks deals with it.
DESK = "desk"
_DEPARTMENT = select(case.c.department).where(case.c.number == bindparam("number"))


class Hands(Player):
    """All acts of a simulated county. Random from one seed: the same seed is the same year."""

    def __init__(self, engine: Engine, services: Services, seed: int) -> None:
        super().__init__(engine, services, seed)
        self.chances = random.Random(seed)  # noqa: S311 - stories, not secrets
        self._free_at: dict[int, datetime] = {}
        self._away: dict[str, set[date]] = defaultdict(set)
        self._paces: dict[tuple[int, date], float] = {}
        self._engaged: dict[str, list[tuple[datetime, datetime]]] = defaultdict(list)
        self._absent_until: dict[str, datetime] = {}
        self._served_until: dict[int, datetime] = {}
        self.usernames = {person_id: username for username, person_id in self._ids.items()}

    # Who ----------------------------------------------------------------------------------------------------------
    def staff(self, story: Story, post: str, department: str | None = None) -> Actor:
        """As in the demo county, at the case's row of desks; whoever is away is stood in for by the colleague there."""
        actor = super().staff(story, post, department)
        actor = self._actors.get(username_at(actor.username, story.choose(DESK, 0)), actor)
        today = self.calendar.local_date(self.now)
        if today in self._away[actor.username]:
            actor = self._actors.get(_colleague(actor.username), actor)
        return self.at_desk(actor)

    def named(self, username: str) -> Actor:
        return self.at_desk(self._actors[username])

    def as_of_now(self, username: str) -> Actor:
        """With the posts that the person has by now, lent ones too."""
        with reading(self.engine) as connection:
            found = read_actor(connection, self._ids[username], self.now)
        return self.at_desk(found) if found is not None else self.named(username)

    def at_desk(self, actor: Actor) -> Actor:
        """Signed in at the person's own terminal; a department's building has one address."""
        number = sum(map(ord, actor.department)) % 250
        return replace(actor, presence=Presence(True, f"terminal-{actor.person_id}", f"10.20.{number}.1"))

    def seated(self, actor: Actor, terminal: str) -> Actor:
        """At another terminal of the same building."""
        here = self.at_desk(actor)
        return replace(here, presence=replace(here.presence, terminal=terminal)) if here.presence else here

    def is_away(self, username: str, day: date) -> bool:
        return day in self._away[username]

    def supervisor_of(self, number: str) -> Actor:
        """Level 1 of the order's department."""
        with reading(self.engine) as connection:
            (row,) = read_rows(connection, _DEPARTMENT, {"number": number})
        return self.named(f"{row.department.lower()}_sup1")

    def go_away(self, username: str, first: date, days: int) -> None:
        self._away[username] |= {first + timedelta(days=each) for each in range(days)}

    def engage(self, username: str, since: datetime, until: datetime) -> None:
        """Whoever does something planned then does nothing else beside it."""
        self._engaged[username].append((since, until))

    def stay_away(self, username: str, until: datetime) -> None:
        """The person is not there, and told nobody."""
        self._absent_until[username] = until

    def absent_until(self, username: str) -> datetime | None:
        """Until when somebody is not there who should be."""
        until = self._absent_until.get(username)
        return until if until is not None and until > self.now else None

    # When ---------------------------------------------------------------------------------------------------------
    def turn(self, actor: Actor, wanted: datetime, due_at: datetime | None = None) -> datetime:
        """When this person comes to it: after what is in hand, within office hours, and before it is due."""
        at = max(wanted, self._free_at.get(actor.person_id, wanted))
        for since, until in sorted(self._engaged.get(actor.username, ())):
            if since <= at < until:
                at = until + timedelta(minutes=3 + 5 * self.chance())
        if not self._in_hours(at):
            at = self.calendar.add_office_hours(at, 0)
            at = self.next_office_time(at)
        if due_at is not None and at >= due_at - timedelta(minutes=5):
            at = max(self.now, self.office_time_before(due_at - timedelta(minutes=20 + self.chance() * 60)))
        least, most = DESK_MINUTES
        minutes = (least + (most - least) * self.chance()) * self._pace(actor, at)
        self._free_at[actor.person_id] = max(at, self._free_at.get(actor.person_id, at)) + timedelta(minutes=minutes)
        return at

    def queue(self, clerk: Actor) -> Iterator[datetime]:
        """Who comes to the counter waits until the one before has been served; then it is this one's turn."""
        while (until := self._served_until.get(clerk.person_id, self.now)) > self.now:
            yield self.next_office_time(until)
        least, most = DESK_MINUTES
        minutes = (least + (most - least) * self.chance()) * self._pace(clerk, self.now)
        self._served_until[clerk.person_id] = self.now + timedelta(minutes=minutes)

    def next_office_time(self, at: datetime) -> datetime:
        """That instant if somebody is at work then; else some minutes into the next hours of the office."""
        if self._in_hours(at):
            return at
        opens = self.calendar.add_office_hours(at, 1) - timedelta(hours=1)
        return opens + timedelta(minutes=1 + 40 * self.chance(), seconds=60 * self.chance())

    def _pace(self, actor: Actor, at: datetime) -> float:
        key = (actor.person_id, self.calendar.local_date(at))
        if key not in self._paces:
            roll = self.chance()
            self._paces[key] = 1.8 if roll < _SLOW_DAY else 0.8 if roll < _SLOW_DAY + _BUSY_DAY else 1.0
        return self._paces[key]

    # What ---------------------------------------------------------------------------------------------------------
    def case_id(self, number: str) -> int:
        with reading(self.engine) as connection:
            return int(connection.execute(select(case.c.id).where(case.c.number == number)).scalar_one())

    def law_due_at(self, number: str) -> datetime | None:
        """When the limit of the law is over as things stand; None where no such limit runs."""
        asked = (
            select(due_row.c.due_at)
            .join(case, case.c.id == due_row.c.case_id)
            .where(case.c.number == number, due_row.c.role == "statutory_limit")
        )
        with reading(self.engine) as connection:
            return connection.execute(asked).scalars().first()

    def last_done_at(self, number: str) -> datetime:
        """When the case's last step was completed."""
        asked = (
            select(user_task.c.completed_at)
            .join(case, case.c.id == user_task.c.case_id)
            .where(case.c.number == number, user_task.c.status == "completed")
            .order_by(user_task.c.completed_at.desc())
            .limit(1)
        )
        with reading(self.engine) as connection:
            found: datetime = connection.execute(asked).scalar_one()
        return found

    def attach(self, number: str, key: str, content: bytes, who: Actor) -> None:
        """A file with these very bytes as a material of the case."""
        self.attach_bytes(number, key, f"{key}.pdf", content, who)

    def complete_order(self, number: str, task: Task, changes: Mapping[str, Any]) -> None:
        """A step of a supervision order, by whose step it is."""
        given = {**answers(Story("-", 0, self._today()), task.form_key, self._today()), **changes}
        self.complete_as(number, task, given, self.owner_of(number, task))

    def complete_as(self, number: str, task: Task, given: Mapping[str, Any], who: Actor) -> None:
        """A step with these very answers."""
        command = CompleteTask(task.id, dict(given))
        self._on_case(lambda c: complete_task(c, self.services, who, command, self.now), who, number, task.id)

    def owner_of(self, number: str, task: Task) -> Actor:
        """Level 1 of the order's department, level 2, the centre; or the handler whom the order names."""
        if task.post == "sup1":
            return self.supervisor_of(number)
        if task.post in self._actors:
            return self.named(task.post)
        handler = self.handler_of(number)
        if handler is None:
            raise LookupError(f"Expected a handler of the order {number}")
        return self.named(handler)

    def handler_of(self, number: str) -> str | None:
        """The user name of whom the order names as its handler."""
        asked = (
            select(supervision_order.c.handler_id)
            .join(case, case.c.id == supervision_order.c.case_id)
            .where(case.c.number == number)
        )
        with reading(self.engine) as connection:
            person_id = connection.execute(asked).scalar_one_or_none()
        return self.usernames.get(person_id) if person_id is not None else None

    def one_material(self, story: Story) -> Any:
        """A material of the item that the applicant hands in as a document."""
        item = self.item_of(story)
        return next(m for m in item.materials.values() if m.provided_by == "applicant" and "photo" not in m.key)


def own_paper(text: str) -> bytes:
    """A scan of ordinary size."""
    return paper_bytes(text)


def _colleague(username: str) -> str:
    """The other of a desk's two."""
    post, _, desk = username.partition(".")
    other = post.removesuffix("2") if post.endswith("2") else f"{post}2"
    return f"{other}.{desk}" if desk else other
