"""Due timers fire, once each, whoever sweeps and whatever one case does to itself."""

from __future__ import annotations

import threading
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, insert, select, update
from sqlalchemy.exc import OperationalError

from service.commands.services import build_services
from service.database.session import reading, transaction
from service.database.tables import case, due_row, event, incident, process_definition
from service.settings import read_settings
from service.timers.due import HELD_UP, next_timer_at
from service.worker import sweeping
from service.worker.sweeping import sweep
from tests.commands.office import MONDAY, Office
from tests.worker.conftest import an_office

ITEM = "LJ-YJ-XK-001"
SECOND = timedelta(seconds=1)


def first_limit(office: Office) -> datetime:
    """Just after the earliest limit of the case that was started last."""
    return min(at for (_, role), at in office.due_rows().items() if role.endswith("limit")) + SECOND


def fired(office: Office) -> Counter[tuple[int, str, str]]:
    """How often each case was told of each timer and each colour."""
    rows = office.rows(select(event).where(event.c.kind.in_(("timer_fired", "limit_reached"))))
    return Counter((row.case_id, row.element_id, row.payload) for row in rows)


def rows_left(office: Office, now: datetime) -> list[Any]:
    return office.rows(select(due_row).where(due_row.c.due_at < now, due_row.c.state == 0))


def test_sweeping_twice_fires_once(office: Office) -> None:
    office.start(ITEM)
    now = first_limit(office)
    assert sweep(office.engine, office.services, now) >= 1
    told = fired(office)
    version = office.case().version
    assert told and set(told.values()) == {1}
    assert sweep(office.engine, office.services, now) == 0
    assert fired(office) == told
    assert office.case().version == version
    office.expect_a_sound_record()


def test_nothing_fires_before_or_at_its_instant(office: Office) -> None:
    office.start(ITEM)
    due = min(office.due_rows().values())
    assert sweep(office.engine, office.services, due) == 0
    assert sweep(office.engine, office.services, due + timedelta(microseconds=1)) == 1


def test_a_minimum_that_has_passed_is_swept_once_and_never_again(office: Office) -> None:
    office.start(ITEM)
    minimum = next(at for (_, role), at in office.due_rows().items() if role == "minimum")
    assert sweep(office.engine, office.services, minimum + SECOND) == 1
    assert rows_left(office, minimum + SECOND) == []
    assert sweep(office.engine, office.services, minimum + SECOND) == 0


def test_more_cases_than_one_batch_are_all_fired(office: Office) -> None:
    numbers = [office.start(ITEM) for _ in range(5)]
    now = first_limit(office)
    sweep(office.engine, office.services, now, batch=2)
    assert rows_left(office, now) == []
    assert {office.case(number).id for number in numbers} == {case_id for case_id, *_ in fired(office)}


def test_many_workers_at_once_fire_each_timer_once(engine: Engine, office: Office, tmp_path: Path) -> None:
    for _ in range(8):
        office.start(ITEM)
    now = first_limit(office)
    ready, failures = threading.Barrier(4), []

    def work() -> None:
        services = an_office(engine, tmp_path).services
        ready.wait()
        try:
            sweep(engine, services, now, batch=3)
        except Exception as problem:
            failures.append(problem)

    workers = [threading.Thread(target=work) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert failures == []
    sweep(engine, office.services, now)
    told = fired(office)
    assert len({case_id for case_id, *_ in told}) == 8
    assert set(told.values()) == {1}
    assert rows_left(office, now) == []
    assert office.rows(select(incident)) == []
    office.expect_a_sound_record()


def test_a_case_that_fails_becomes_an_incident_and_holds_up_nobody(office: Office) -> None:
    sound = [office.start(ITEM) for _ in range(2)]
    poisoned = office.start(ITEM)
    sound.append(office.start(ITEM))
    now = first_limit(office)
    with transaction(office.engine) as connection:
        connection.execute(update(case).where(case.c.number == poisoned).values(state=b"\xc1 no state at all"))
        # It fell due before all others, so that it would stand in their way.
        of_case = due_row.c.case_id == office.case(poisoned).id
        connection.execute(update(due_row).where(of_case).values(due_at=MONDAY))
    assert sweep(office.engine, office.services, now) >= 3
    assert {office.case(number).id for number in sound} == {case_id for case_id, *_ in fired(office)}
    opened = office.rows(select(incident))
    assert [(row.case_id, row.during, row.status) for row in opened] == [(office.case(poisoned).id, "timer", "open")]
    assert opened[0].message
    assert office.history(poisoned)[-1]["kind"] == "incident_opened"
    states = office.rows(select(due_row.c.state).where(due_row.c.case_id == office.case(poisoned).id))
    assert {row.state for row in states} == {HELD_UP}
    assert sweep(office.engine, office.services, now) == 0
    assert len(office.rows(select(incident))) == 1


def test_a_case_whose_diagram_cannot_be_read_is_an_incident_too(office: Office, tmp_path: Path) -> None:
    office.start(ITEM)
    now = first_limit(office)
    with transaction(office.engine) as connection:
        connection.execute(update(process_definition).values(xml=b"<no diagram"))
    strangers = build_services(read_settings({}, data=tmp_path))
    assert sweep(office.engine, strangers, now) == 0
    assert len(office.rows(select(incident))) == 1
    assert sweep(office.engine, strangers, now) == 0
    assert len(office.rows(select(incident))) == 1


def test_trouble_of_the_database_blames_no_case(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    office.start(ITEM)
    now = first_limit(office)

    def deadlock(*_: object) -> bool:
        raise OperationalError("UPDATE", {}, Exception("deadlock detected"))

    with monkeypatch.context() as patched:
        patched.setattr(sweeping, "fire_timers", deadlock)
        assert sweep(office.engine, office.services, now) == 0
    assert office.rows(select(incident)) == []
    assert sweep(office.engine, office.services, now) >= 1


def test_what_would_move_a_halted_case_waits_without_being_swept_again_and_again(office: Office) -> None:
    office.start(ITEM)
    office.put()
    office.advance(minutes=10)
    office.complete("clerk", "formal_check")
    office.advance(seconds=58)
    office.sign("officer2", "site_survey")
    office.complete("officer", "site_survey")
    assert office.case().status == "halted"
    with transaction(office.engine) as connection:
        row = connection.execute(select(due_row).where(due_row.c.case_id == office.case().id)).first()
        assert row is not None
        values = {**row._mapping, "timer_id": "f" * 32, "role": "move", "due_at": office.now}
        connection.execute(insert(due_row).values(**values))
    now = office.now + SECOND
    version = office.case().version
    assert sweep(office.engine, office.services, now) == 0
    assert office.case().version == version
    with reading(office.engine) as connection:
        following = next_timer_at(connection, office.now)
    assert following is not None and following > office.now


def test_a_sweep_that_is_told_to_stop_leaves_the_rest_for_the_next(office: Office) -> None:
    for _ in range(3):
        office.start(ITEM)
    now = first_limit(office)
    asked = iter([True, False])
    assert sweep(office.engine, office.services, now, go_on=lambda: next(asked, False)) == 1
    assert len({case_id for case_id, *_ in fired(office)}) == 1
    sweep(office.engine, office.services, now)
    assert len({case_id for case_id, *_ in fired(office)}) == 3
