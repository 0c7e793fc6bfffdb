"""What a commit leaves to be done is done, whoever is late, gone or first: lost, doubled and overtaken messages."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import select, update

from service.database.session import transaction
from service.database.tables import notice, outbox
from service.notices.outbox import SENT, WAITING, drain
from tests.commands.office import Office

ITEM = "LJ-YJ-XK-001"
AFTER_A_PAUSE = timedelta(seconds=10)


def halt_and_rule(office: Office) -> None:
    """A survey in 58 seconds halts the case, and the level-1 supervisor rules before any message is done."""
    office.start(ITEM)
    office.put()
    office.now += timedelta(minutes=10)
    office.complete("clerk", "formal_check")
    office.now += timedelta(seconds=58)
    office.sign("officer2", "site_survey")
    office.complete("officer", "site_survey")
    office.now += timedelta(minutes=1)
    office.complete("sup1", "site_survey_ruling", halt_ruling="redo")


def message(office: Office, kind: str) -> Any:
    (found,) = office.rows(select(outbox).where(outbox.c.kind == kind))
    return found


def test_an_answer_that_overtakes_its_order_waits_for_it(office: Office) -> None:
    halt_and_rule(office)
    hasty: Mapping[str, Any] = {"answer_order": office.recorders["answer_order"]}
    assert drain(office.engine, office.services, hasty, office.now) == 0
    assert (message(office, "answer_order").state, message(office, "answer_order").attempts) == (WAITING, 1)
    assert "TooSoon" in message(office, "answer_order").last_error
    # The order, and the question who could do the case's later steps.
    assert drain(office.engine, office.services, office.recorders, office.now) == 2
    assert [(o.status, o.alarms) for o in office.orders()] == [("open", 1)]
    office.now += AFTER_A_PAUSE
    assert drain(office.engine, office.services, office.recorders, office.now) == 1
    assert [(o.status, o.alarms) for o in office.orders()] == [("answered", 1)]


def test_a_ruling_that_comes_late_does_not_answer_the_order_of_the_next_halt(office: Office) -> None:
    halt_and_rule(office)
    first = {"start_order": office.recorders["start_order"]}
    drain(office.engine, office.services, first, office.now)
    with transaction(office.engine) as connection:
        connection.execute(update(outbox).where(outbox.c.kind == "answer_order").values(next_at=office.now))
    office.now += timedelta(seconds=30)
    office.sign("officer2", "site_survey")
    office.complete("officer", "site_survey")
    assert office.case().status == "halted"
    drain(office.engine, office.services, {"answer_order": office.recorders["answer_order"]}, office.now)
    assert [(o.status, o.alarms) for o in office.orders()] == [("answered", 1)]
    drain(office.engine, office.services, office.recorders, office.now)
    assert sorted((o.status, o.alarms) for o in office.orders()) == [("answered", 1), ("open", 1)]


def test_a_follow_up_whose_worker_was_lost_is_done_by_the_next_look(office: Office) -> None:
    """The act is committed, and whoever should have gone on has died: nothing but the row says what is left."""
    halt_and_rule(office)
    assert office.orders() == []
    assert {message(office, kind).state for kind in ("start_order", "answer_order")} == {WAITING}
    office.now += timedelta(days=3)
    drain(office.engine, office.services, office.recorders, office.now)
    assert [(o.status, o.alarms) for o in office.orders()] == [("answered", 1)]
    assert {message(office, kind).state for kind in ("start_order", "answer_order")} == {SENT}


def test_two_beats_and_two_workers_do_each_message_once(office: Office) -> None:
    halt_and_rule(office)
    office.close()
    ready, failures = threading.Barrier(4), []

    def look() -> None:
        ready.wait()
        try:
            drain(office.engine, office.services, office.recorders, office.now)
        except Exception as problem:
            failures.append(problem)

    looks = [threading.Thread(target=look) for _ in range(4)]
    for each in looks:
        each.start()
    for each in looks:
        each.join()
    assert failures == []
    office.now += AFTER_A_PAUSE  # an answer that overtook its order comes again
    drain(office.engine, office.services, office.recorders, office.now)
    (order,) = office.orders()
    assert (order.status, order.alarms) == ("answered", 1)
    told = office.rows(select(notice).where(notice.c.kind == "order_level1"))
    assert len(told) == len({row.recipient for row in told}) == 1
