"""Two want the same case at once: one has it, the other gets a proper answer, and nothing is left undone."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from service.database.session import transaction
from service.database.tables import incident
from service.errors import Refused
from service.reads.hot import hot_by_id
from service.worker.sweeping import sweep
from tests.commands.office import Office

ITEM = "LJ-YJ-XK-001"
SECOND = timedelta(seconds=1)


def at_once(*acts: Callable[[], Any]) -> list[Any]:
    """What each answered, or the error that it raised."""
    ready, answers = threading.Barrier(len(acts)), list[Any]([None] * len(acts))

    def run(index: int, act: Callable[[], Any]) -> None:
        ready.wait(10)
        try:
            answers[index] = act()
        except Exception as error:
            answers[index] = error

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(acts)]
    for each in threads:
        each.start()
    for each in threads:
        each.join(30)
    return answers


def overdue(office: Office) -> str:
    """A case whose check was due a second ago, so that it counts as accepted as soon as somebody looks."""
    number = office.start(ITEM)
    office.put()
    office.now = office.task("formal_check").due_at + SECOND
    return number


def expect_accepted_once(office: Office, number: str) -> None:
    assert len(office.history(number, kind="acceptance_deemed")) == 1
    assert office.open_steps(number) == ["site_survey"]
    assert len(office.alarms(colour="red")) == 1
    assert office.rows(select(incident)) == []
    office.expect_a_sound_record()


def test_two_sweeps_of_one_timer_fire_it_once(office: Office) -> None:
    number = overdue(office)
    office.close()
    answers = at_once(*[lambda: sweep(office.engine, office.services, office.now)] * 3)
    sweep(office.engine, office.services, office.now)
    assert sum(answers) == 1, answers
    expect_accepted_once(office, number)


def test_of_a_sweep_and_a_persons_completion_at_once_the_timer_wins_and_the_person_hears_why(office: Office) -> None:
    number = overdue(office)
    task, actor = office.task("formal_check"), office.actor("clerk")
    given = office.answers(task.form_key)
    office.close()
    completed, _swept = at_once(
        lambda: office.complete_as(actor, task.id, given),
        lambda: sweep(office.engine, office.services, office.now),
    )
    assert isinstance(completed, Refused) and completed.code == "task_taken", completed
    sweep(office.engine, office.services, office.now)
    expect_accepted_once(office, number)


@pytest.mark.parametrize("engine", [pytest.param("postgresql", marks=pytest.mark.postgresql)], indirect=True)
def test_a_case_that_somebody_is_acting_on_is_left_and_fired_by_the_next_look(office: Office) -> None:
    busy, free = overdue(office), office.start(ITEM)
    office.now = max(office.task("formal_check", number).due_at for number in (busy, free)) + SECOND
    with transaction(office.engine) as connection:
        hot_by_id(connection, office.case(busy).id)  # somebody's act, which lasts
        began = time.monotonic()
        assert sweep(office.engine, office.services, office.now) >= 1
        assert time.monotonic() - began < 5, "the sweep has waited for the act"
        assert office.history(busy, kind="acceptance_deemed") == []
    assert len(office.history(free, kind="acceptance_deemed")) == 1
    assert sweep(office.engine, office.services, office.now) >= 1
    assert len(office.history(busy, kind="acceptance_deemed")) == 1
    assert office.rows(select(incident)) == []


def test_a_case_behind_a_long_act_is_fired_when_the_act_has_ended(office: Office) -> None:
    number = overdue(office)
    case_id = office.case().id
    office.close()
    taken = threading.Event()

    def act() -> None:
        with transaction(office.engine) as connection:
            hot_by_id(connection, case_id)
            taken.set()
            time.sleep(0.5)

    somebody = threading.Thread(target=act)
    somebody.start()
    taken.wait(10)
    fired = sweep(office.engine, office.services, office.now)
    somebody.join()
    fired += sweep(office.engine, office.services, office.now)
    assert fired == 1
    expect_accepted_once(office, number)
