"""Measures what one act costs: CPU of this process, SQL statements, commits. Prints JSON; no figure is typed by hand.

python -m bench.steps [--rounds 200] [--database URL]
"""

from __future__ import annotations

import argparse
import json
import platform
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, event, insert, select

from service.commands.claim_task import sign_task
from service.commands.complete_task import CompleteTask, complete_task
from service.commands.services import Services, build_services
from service.commands.start_case import Applicant, StartCase, start_case
from service.database.session import create_database_engine, reading, transaction
from service.database.tables import attachment, person, user_task
from service.database.upgrading import upgrade
from service.demo.answers import Story, answers
from service.demo.county import found_county
from service.people.actor import Actor
from service.people.queries import read_actor
from service.settings import read_settings
from supervision.registration import register

ITEM = "LJ-YJ-XK-001"
MONDAY = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)


class Meter:
    """Counts what the driver is asked while it is on."""

    def __init__(self, engine: Engine) -> None:
        self.statements = self.commits = 0
        event.listen(engine, "before_cursor_execute", self._statement)
        event.listen(engine, "commit", self._commit)

    def _statement(self, *given: Any) -> None:
        text = given[2]
        self.statements += not text.startswith("BEGIN")

    def _commit(self, _connection: Connection) -> None:
        self.commits += 1

    def measure(self, engine: Engine, act: Callable[[Connection], Any]) -> tuple[dict[str, float], Any]:
        self.statements = self.commits = 0
        cpu, wall = time.process_time(), time.perf_counter()
        with transaction(engine) as connection:
            result = act(connection)
        cost = {"cpu_ms": (time.process_time() - cpu) * 1000, "wall_ms": (time.perf_counter() - wall) * 1000}
        return {**cost, "statements": self.statements, "commits": self.commits}, result


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--database", help="a database of its own; without it a new SQLite file")
    arguments = parser.parse_args()
    print(json.dumps(measure(rounds=arguments.rounds, database=arguments.database), indent=1))


def measure(*, rounds: int, database: str | None = None) -> dict[str, Any]:
    """Whole cases on an empty database; the machine, the database and the medians of each act."""
    with tempfile.TemporaryDirectory() as folder:
        settings = read_settings({"MINGJING_DATABASE_URL": database or ""}, data=Path(folder))
        upgrade(settings.database_url)
        engine = create_database_engine(settings.database_url)
        services = build_services(settings)
        register(services)
        with transaction(engine) as connection:
            found_county(connection, services, MONDAY)
        result = run(engine, services, rounds)
        engine.dispose()
    return {"bench": "steps", "database": engine.dialect.name, "rounds": rounds, **machine(), "acts": result}


def run(engine: Engine, services: Services, rounds: int) -> dict[str, dict[str, float]]:
    """Whole cases of the safety licence, step by step; medians of each act."""
    meter, costs = Meter(engine), dict[str, list[dict[str, float]]]()
    staff = {name: _actor(engine, f"yj_{name}") for name in ("clerk", "officer", "officer2", "section", "vice")}
    for number in range(rounds):
        story = Story(ITEM, number, MONDAY.date(), ("F-0003", "F-0004"))
        _one_case(engine, services, meter, costs, staff, story)
    return {name: _medians(rows[len(rows) // 10 :]) for name, rows in costs.items()}


def _one_case(
    engine: Engine,
    services: Services,
    meter: Meter,
    costs: dict[str, list[dict[str, float]]],
    staff: dict[str, Actor],
    story: Story,
) -> None:
    now = MONDAY
    applicant = Applicant(story.company[0], story.person[2], credit_code=story.company[1])
    command = StartCase(ITEM, applicant, answers(story, "apply", story.on))
    cost, started = meter.measure(engine, lambda c: start_case(c, services, staff["clerk"], command, now))
    costs.setdefault("start_case", []).append(cost)
    _put_materials(engine, services, started.case_id, now)
    for who, step, minutes in (
        ("clerk", "formal_check", 5),
        ("officer", "site_survey", 60),
        ("section", "section_review", 30),
        ("vice", "decide", 30),
    ):
        now += timedelta(minutes=minutes)
        task_id = _open_task(engine, started.case_id, step)
        if step == "site_survey":
            with transaction(engine) as connection:
                sign_task(connection, services, staff["officer2"], task_id, now)
        done = CompleteTask(task_id, answers(story, step, story.on))
        actor, at = staff[who], now
        cost, _ = meter.measure(engine, lambda c, d=done, a=actor, t=at: complete_task(c, services, a, d, t))
        costs.setdefault(f"complete {step}", []).append(cost)


def _actor(engine: Engine, username: str) -> Actor:
    with reading(engine) as connection:
        person_id = connection.execute(select(person.c.id).where(person.c.username == username)).scalar_one()
        actor = read_actor(connection, person_id, MONDAY)
    if actor is None:
        raise LookupError(username)
    return actor


def _put_materials(engine: Engine, services: Services, case_id: int, now: datetime) -> None:
    with transaction(engine) as connection:
        item = services.items.current(connection, ITEM)
        rows = [
            {
                "case_id": case_id,
                "material": key,
                "digest": "0" * 64,
                "filename": f"{key}.pdf",
                "media_type": "application/pdf",
                "size": 1000,
                "uploaded_at": now,
            }
            for key, material in (item.materials if item else {}).items()
            for _ in range(material.min_files)
        ]
        connection.execute(insert(attachment), rows)


def _open_task(engine: Engine, case_id: int, element_id: str) -> str:
    with reading(engine) as connection:
        found = connection.execute(
            select(user_task.c.id).where(
                user_task.c.case_id == case_id, user_task.c.element_id == element_id, user_task.c.status == "open"
            )
        )
        return str(found.scalar_one())


def _medians(rows: list[dict[str, float]]) -> dict[str, float]:
    return {name: round(statistics.median(row[name] for row in rows), 3) for name in rows[0]}


def machine() -> dict[str, Any]:
    """What the figures were taken on."""
    return {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "python": platform.python_version(),
        "system": platform.platform(),
        "processor": _processor(),
    }


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines() if Path("/proc/cpuinfo").exists() else []
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), platform.machine())


if __name__ == "__main__":
    main()
