"""A process killed at any statement of an act leaves the case as it was or as it should be, never between."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from service.commands.services import build_services
from service.commands.start_case import Applicant, StartCase, start_case
from service.database.session import create_database_engine, reading, transaction
from service.database.tables import attachment, case, event, person
from service.database.upgrading import upgrade
from service.demo.answers import Story, answers
from service.demo.county import found_county
from service.history.chain import first_broken
from service.people.queries import read_actor
from service.settings import read_settings
from tests.faults.killed_act import digest

MONDAY = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
ITEM = "LJ-YJ-XK-001"
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, int]:
    """A county with one case at the check of its materials, all of them on file; the folder and the case's id."""
    data = tmp_path_factory.mktemp("begun")
    settings = read_settings({}, data=data)
    upgrade(settings.database_url)
    engine = create_database_engine(settings.database_url)
    services = build_services(settings)
    story = Story(ITEM, 1, MONDAY.date(), ("F-1", "F-2"))
    with transaction(engine) as connection:
        found_county(connection, services, MONDAY)
        clerk = connection.execute(select(person.c.id).where(person.c.username == "yj_clerk")).scalar_one()
        actor = read_actor(connection, clerk, MONDAY)
        assert actor is not None
        command = StartCase(ITEM, Applicant("企业", "13800138001"), answers(story, "apply", story.on))
        started = start_case(connection, services, actor, command, MONDAY)
        item = services.items.current(connection, ITEM)
        assert item is not None
        paper = {"digest": "0" * 64, "filename": "a.pdf", "media_type": "application/pdf", "size": 9}
        rows = [{"case_id": started.case_id, "material": key, "uploaded_at": MONDAY, **paper} for key in item.materials]
        connection.execute(attachment.insert(), rows)
    engine.dispose()
    return data, started.case_id


@pytest.fixture
def copied(begun: tuple[Path, int], tmp_path: Path) -> tuple[Path, int]:
    data = tmp_path / "data"
    shutil.copytree(begun[0], data)
    return data, begun[1]


def chain_holds(data: Path, case_id: int) -> bool:
    engine = create_database_engine(read_settings({}, data=data).database_url)
    with reading(engine) as connection:
        number = connection.execute(select(case.c.number).where(case.c.id == case_id)).scalar_one()
        rows = connection.execute(select(event).where(event.c.case_id == case_id).order_by(event.c.seq)).mappings()
        holds = first_broken(rows, number) is None
    engine.dispose()
    return holds


@pytest.mark.slow
@pytest.mark.parametrize(
    ("act", "later"), [("complete", timedelta(minutes=5)), ("fire", timedelta(days=9))], ids=["completion", "timers"]
)
def test_an_act_killed_at_any_of_its_statements_is_undone_and_goes_on_by_itself(
    copied: tuple[Path, int], act: str, later: timedelta
) -> None:
    data, case_id = copied
    before = digest(str(data))
    given = [str(data), act, str(case_id), (MONDAY + later).isoformat()]
    done = subprocess.run(
        [sys.executable, "-m", "tests.faults.killed_act", *given], cwd=ROOT, capture_output=True, text=True, check=True
    )
    *killed, lived = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(killed) > 8, "the act was never killed in its middle"
    assert {child["ended"] for child in killed} == {-signal.SIGKILL}, done.stderr
    assert {child["digest"] for child in killed} == {before}, "half an act was left"
    assert lived["ended"] == 0
    assert lived["digest"] != before
    assert chain_holds(data, case_id)
