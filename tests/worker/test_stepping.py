"""Under the testing clock time goes from due instant to due instant, and what falls due happens at its own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import requests
from sqlalchemy import func, select

from service.clock import MovedClock
from service.database.tables import due_row, notice, outbox
from service.notices.gateways import gateway_senders
from service.standins.serving import RunningServer
from service.standins.sms import SmsGateway
from service.worker.advancing import SteppingWorker
from tests.commands.office import MONDAY, Office

ITEM = "LJ-YJ-XK-001"
JUST_AFTER = timedelta(microseconds=1)


def clock_of(office: Office) -> MovedClock:
    assert isinstance(office.services.clock, MovedClock)
    return office.services.clock


def stepping(office: Office, **settings: str) -> SteppingWorker:
    outside = gateway_senders(replace(office.services.settings, **settings), office.services.clock)
    return SteppingWorker(office.engine, office.services, {**office.recorders, **outside}, clock_of(office))


def test_everything_on_the_way_happens_at_its_own_instant_and_in_order(office: Office) -> None:
    office.start(ITEM)
    due = {role: at for (_, role), at in office.due_rows().items() if role in ("blue", "yellow", "step_limit")}
    until = max(due.values()) + timedelta(minutes=1)
    stepping(office).move_to(until)
    raised = {alarm.colour: alarm.raised_at for alarm in office.alarms()}
    assert raised["yellow"] == due["yellow"] + JUST_AFTER
    assert raised["red"] == due["step_limit"] + JUST_AFTER
    assert clock_of(office).now() == until
    opened = office.orders()
    assert [order.opened_at for order in opened] == [raised["red"]]
    assert office.rows(select(func.count()).select_from(due_row).where(due_row.c.due_at < until))[0][0] == 0


def test_a_clock_moved_to_a_timers_instant_has_not_reached_it(office: Office) -> None:
    office.start(ITEM)
    due = min(office.due_rows().values())
    worker = stepping(office)
    worker.move_to(due)
    assert due in office.due_rows().values()
    worker.move_to(due + JUST_AFTER)
    assert due not in office.due_rows().values()


def test_going_back_undoes_nothing_and_what_was_written_since_still_waits(office: Office) -> None:
    office.start(ITEM)
    worker = stepping(office)
    worker.move_to(MONDAY + timedelta(days=60))
    before = office.everything()
    worker.move_to(MONDAY)
    assert clock_of(office).now() == MONDAY
    # Supervision looks again from the clock's instant on; that mark alone goes back with it.
    assert office.everything() | {"supervision_pass": []} == before | {"supervision_pass": []}


def test_a_message_that_failed_is_tried_again_on_the_way(
    office: Office, serve: Callable[..., RunningServer], tmp_path: Path
) -> None:
    key, now = office.services.settings.bank_key, clock_of(office).now
    server = serve(SmsGateway(key=key, now=now, folder=tmp_path / "sms", testing=True))
    requests.post(f"{server.url}/testing/fail-next", json={"count": 2}, timeout=5).raise_for_status()
    office.start(ITEM)
    worker = stepping(office, sms_url=server.url)
    worker.look()
    by_sms = select(notice).where(notice.c.channel == "sms")
    assert {row.status for row in office.rows(by_sms)} == {"waiting"}
    worker.move_to(MONDAY + timedelta(seconds=50))
    assert {row.status for row in office.rows(by_sms)} == {"delivered"}
    tried = office.rows(select(outbox.c.attempts).where(outbox.c.kind == "sms"))
    assert max(row.attempts for row in tried) == 3
