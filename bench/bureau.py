"""The safety licence's office for benches: a founded county on an empty database, its staff, and cases on their way."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, insert, select, update

from service.clock import MovedClock, real_now
from service.commands.complete_task import CompleteTask, complete_task
from service.commands.services import Services, build_services
from service.commands.sign_task import sign_task
from service.commands.start_case import Applicant, StartCase, Started, start_case
from service.database.session import create_database_engine, reading, transaction
from service.database.tables import attachment, person, session, user_task
from service.database.upgrading import upgrade
from service.demo.answers import Story, answers
from service.demo.county import found_county
from service.garbage import collect_rarely
from service.people.actor import Actor
from service.people.queries import read_actor
from service.settings import read_settings
from supervision.registration import register

ITEM = "LJ-YJ-XK-001"
MONDAY = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
STAFF = ("clerk", "officer", "officer2", "section", "vice")
# The steps from acceptance to decision: who does them, and how long after the step before.
STEPS = (
    ("formal_check", "clerk", 5),
    ("site_survey", "officer", 60),
    ("section_review", "section", 30),
    ("decide", "vice", 30),
)


@dataclass
class Bureau:
    """Its acts take a connection, so that whoever measures decides where the transaction begins."""

    engine: Engine
    services: Services
    staff: dict[str, Actor]
    folder: Path
    founded: datetime

    @property
    def database(self) -> str:
        return self.engine.dialect.name

    @property
    def url(self) -> str:
        return self.engine.url.render_as_string(hide_password=False)

    def story(self, number: int) -> Story:
        return Story(ITEM, number, self.founded.date(), ("F-0003", "F-0004"))

    def application(self, number: int) -> StartCase:
        story = self.story(number)
        applicant = Applicant(story.company[0], story.person[2], credit_code=story.company[1])
        return StartCase(ITEM, applicant, answers(story, "apply", story.on))

    def start(self, connection: Connection, number: int, now: datetime) -> Started:
        return self.start_with(connection, self.application(number), now)

    def start_with(self, connection: Connection, command: StartCase, now: datetime) -> Started:
        return start_case(connection, self.services, self.staff["clerk"], command, now)

    def put_materials(self, connection: Connection, case_id: int, now: datetime) -> None:
        """Every material that the item asks for, on file."""
        item = self.services.items.current(connection, ITEM)
        given = {"case_id": case_id, "digest": "0" * 64, "media_type": "application/pdf", "size": 1000}
        rows = [
            {**given, "material": key, "filename": f"{key}.pdf", "uploaded_at": now}
            for key, material in (item.materials if item else {}).items()
            for _ in range(material.min_files)
        ]
        connection.execute(insert(attachment), rows)

    def answers(self, number: int, step: str, **choices: Any) -> dict[str, Any]:
        story = self.story(number)
        chosen = Story(story.power_item, story.number, story.on, story.officers, choices)
        return answers(chosen, step, story.on)

    def sign(self, connection: Connection, task_id: str, now: datetime) -> None:
        sign_task(connection, self.services, self.staff["officer2"], task_id, now)

    def complete(self, connection: Connection, task_id: str, who: str, given: dict[str, Any], now: datetime) -> None:
        complete_task(connection, self.services, self.staff[who], CompleteTask(task_id, given), now)

    def open_second_steps(self) -> None:
        """Of everybody who is signed in, for as long as a bench may take."""
        with transaction(self.engine) as connection:
            connection.execute(update(session).values(second_factor_until=real_now() + timedelta(hours=12)))

    def open_task(self, case_id: int, step: str) -> str:
        with reading(self.engine) as connection:
            return _open_task(connection, case_id, step)

    def case_of(self, task_id: str) -> int:
        with reading(self.engine) as connection:
            return int(connection.execute(select(user_task.c.case_id).where(user_task.c.id == task_id)).scalar_one())

    def case_at(self, connection: Connection, number: int, step: str, now: datetime) -> str:
        """A case that waits at a step since `now`; the step's task. Its earlier steps took their time before."""
        before = STEPS[: [each[0] for each in STEPS].index(step)]
        at = now - timedelta(minutes=sum(minutes for *_, minutes in before))
        started = self.start(connection, number, at)
        self.put_materials(connection, started.case_id, at)
        for name, who, minutes in before:
            at += timedelta(minutes=minutes)
            task_id = _open_task(connection, started.case_id, name)
            if name == "site_survey":
                self.sign(connection, task_id, at)
            self.complete(connection, task_id, who, self.answers(number, name), at)
        return _open_task(connection, started.case_id, step)


def _open_task(connection: Connection, case_id: int, step: str) -> str:
    found = select(user_task.c.id).where(
        user_task.c.case_id == case_id, user_task.c.element_id == step, user_task.c.status == "open"
    )
    return str(connection.execute(found).scalar_one())


@contextmanager
def bureau(database: str | None = None, *, durable: bool = True, founded: datetime = MONDAY) -> Iterator[Bureau]:
    """On the empty database of that URL, or on a new SQLite file; closed at the end."""
    with tempfile.TemporaryDirectory(prefix="mingjing-bench-") as name:
        folder = Path(name)
        settings = read_settings({"MINGJING_DATABASE_URL": database or ""}, data=folder)
        upgrade(settings.database_url)
        engine = create_database_engine(settings.database_url, durable=durable)
        services = build_services(settings, MovedClock(founded))
        register(services)
        with transaction(engine) as connection:
            found_county(connection, services, founded)
        staff = {name: _actor(engine, f"yj_{name}", founded) for name in STAFF}
        collect_rarely()  # As a process that serves does.
        try:
            yield Bureau(engine, services, staff, folder, founded)
        finally:
            engine.dispose()


def _actor(engine: Engine, username: str, now: datetime) -> Actor:
    with reading(engine) as connection:
        person_id = connection.execute(select(person.c.id).where(person.c.username == username)).scalar_one()
        actor = read_actor(connection, person_id, now)
    if actor is None:
        raise LookupError(username)
    return actor
