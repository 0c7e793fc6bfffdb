"""A process killed at any step of an act leaves the case as it was or as it should be, never between."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, select, update

from service.clock import real_now
from service.commands.edit_calendar import EditCalendar, edit_calendar
from service.commands.order_extension import AskExtension, ask_extension
from service.database.session import transaction
from service.database.tables import alarm, due_row, event, incident, notice, order_alarm, outbox, supervision_order
from service.notices.outbox import SENT
from service.reads.calendar import DayChange
from service.settings import read_settings
from service.standins.serving import RunningServer
from service.standins.sms import SmsGateway
from service.timers.due import HELD_UP
from service.worker.death_marks import MOST_DEATHS, DeathMarks
from tests.commands.office import MONDAY, Office
from tests.commands.test_ladder import ordered
from tests.faults.killed_act import digest

pytestmark = pytest.mark.slow
ITEM = "LJ-YJ-XK-001"
ROOT = Path(__file__).resolve().parents[2]
KILLED = -signal.SIGKILL


def children(office: Office, folder: Path, act: str, now: datetime, sms_url: str = "") -> list[dict[str, Any]]:
    """How each child ended, and what the database then held."""
    url = office.engine.url.render_as_string(hide_password=False)
    given = [str(folder), url, act, str(office.case().id), now.isoformat(), sms_url]
    office.close()  # A session of ours is none of a child's.
    office.engine.dispose()
    done = subprocess.run(
        [sys.executable, "-m", "tests.faults.killed_act", *given], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def held(engine: Engine, folder: Path) -> str:
    url = engine.url.render_as_string(hide_password=False)
    engine.dispose()
    return digest(read_settings({"MINGJING_DATABASE_URL": url}, data=folder))


def test_a_completion_killed_at_any_of_its_steps_is_undone_and_can_be_done_again(
    office: Office, tmp_path: Path
) -> None:
    office.start(ITEM)
    office.put()
    office.close()
    before = held(office.engine, tmp_path)
    *killed, lived = children(office, tmp_path, "complete", MONDAY + timedelta(minutes=5))
    assert len(killed) > 8, "the act was never killed in its middle"
    assert {child["ended"] for child in killed} == {KILLED}
    assert {child["digest"] for child in killed} == {before}, "half an act was left"
    assert lived["ended"] == 0
    assert lived["digest"] != before
    office.expect_a_sound_record()


def test_a_timer_killed_at_any_step_of_its_firing_fires_once_all_the_same(office: Office, tmp_path: Path) -> None:
    office.start(ITEM)
    office.close()
    before = held(office.engine, tmp_path)
    *killed, lived = children(office, tmp_path, "sweep", MONDAY + timedelta(days=9))
    assert {child["ended"] for child in killed} == {KILLED}
    states = [child["digest"] for child in killed]
    undone = states.count(before)
    assert undone > 8, "the firing was never killed in its middle"
    assert states[:undone] == [before] * undone
    assert set(states[undone:]) <= {lived["digest"]}, "half a firing was left"
    assert lived["digest"] != before
    told = [(row.element_id, row.payload) for row in office.rows(select(event).where(event.c.kind == "limit_reached"))]
    assert told and len(told) == len(set(told))
    reds = office.rows(select(alarm).where(alarm.c.colour == "red"))
    assert len({row.subject for row in reds}) == len(reds) >= 1
    assert office.rows(select(incident)) == []
    office.expect_a_sound_record()


def test_a_worker_killed_at_any_step_of_counting_limits_anew_goes_on_and_counts_each_case_once(
    office: Office, tmp_path: Path
) -> None:
    numbers = [office.start(ITEM) for _ in range(3)]
    before = {number: office.task("formal_check", number).due_at for number in numbers}
    closed = {date(2026, 3, 12): DayChange("rest", "县庆")}
    with transaction(office.engine) as connection:
        edit_calendar(connection, office.services, office.actor("sysadmin"), EditCalendar(closed, "县庆"), office.now)
    *killed, lived = children(office, tmp_path, "recount", MONDAY)
    assert {child["ended"] for child in killed} == {KILLED}
    assert len(killed) > 8 and lived["ended"] == 0
    assert len({child["digest"] for child in killed}) > len(numbers), "the cases are not committed one by one"
    for number in numbers:
        assert office.task("formal_check", number).due_at == before[number] + timedelta(days=1)
        assert len(office.history(number, kind="limits_recounted")) == 1
    assert {row.state for row in office.rows(select(outbox).where(outbox.c.kind.like("recount%")))} == {SENT}
    assert office.rows(select(incident)) == []
    office.expect_a_sound_record()


def test_a_message_killed_at_any_step_of_claim_send_and_record_arrives_once(
    office: Office, tmp_path: Path, serve: Callable[..., RunningServer]
) -> None:
    office.start(ITEM)  # which tells the applicant
    gateway = SmsGateway(key=office.services.settings.bank_key, now=real_now, folder=tmp_path / "sms")
    server = serve(gateway)
    *killed, lived = children(office, tmp_path, "send", MONDAY, server.url)
    assert {child["ended"] for child in killed} == {KILLED}
    assert len(killed) > 8
    assert lived["ended"] == 0
    messages = office.rows(select(outbox))
    assert {row.state for row in messages} == {SENT}
    (sent,) = office.rows(select(notice).where(notice.c.channel == "sms"))
    assert sent.provider_id and sent.status in ("sent", "delivered")
    assert len(gateway.messages) == 1


def test_a_pass_its_order_and_its_message_killed_at_any_step_make_one_alarm_one_order_and_one_sms(
    office: Office, tmp_path: Path, serve: Callable[..., RunningServer]
) -> None:
    for _ in range(5):  # One burst; nobody else is told of anything but the applicants.
        office.start("LJ-SG-XK-001")
        office.now += timedelta(minutes=1)
    office.close()
    before = held(office.engine, tmp_path)
    *killed, lived = children(office, tmp_path, "watch", office.now)
    assert len(killed) > 20 and {child["ended"] for child in killed} == {KILLED}
    undone = [child["digest"] for child in killed].count(before)
    assert undone > 20, "the pass was never killed in its middle"
    assert {child["digest"] for child in killed[undone:]} <= {lived["digest"]}, "half a pass was left"
    burst = select(alarm).where(alarm.c.rule == "batch.burst")
    (raised,) = office.rows(burst)
    *killed, lived = children(office, tmp_path, "order", office.now + timedelta(minutes=1))
    assert len(killed) > 8 and lived["ended"] == 0
    (order,) = office.rows(select(supervision_order))
    assert [row.alarm_id for row in office.rows(select(order_alarm))] == [raised.id]
    told = select(notice).where(notice.c.case_id == order.case_id, notice.c.channel == "sms")
    assert [row.kind for row in office.rows(told)] == ["order_level1"]
    gateway = SmsGateway(key=office.services.settings.bank_key, now=real_now, folder=tmp_path / "sms")
    server = serve(gateway)
    *killed, lived = children(office, tmp_path, "send", office.now + timedelta(minutes=2), server.url)
    assert len(killed) > 8 and lived["ended"] == 0
    assert len([one for one in gateway.messages if "督办单" in str(one)]) == 1
    # Looked at again, nothing is new.
    children(office, tmp_path, "watch", office.now + timedelta(minutes=9))
    children(office, tmp_path, "order", office.now + timedelta(minutes=10))
    assert len(office.rows(burst)) == len(office.rows(select(supervision_order))) == len(office.rows(told)) == 1


def sms(office: Office, number: str) -> list[str]:
    """Kinds of the SMS about an order."""
    of_order = notice.c.case_id == office.case(number).id
    return [row.kind for row in office.rows(select(notice).where(of_order, notice.c.channel == "sms"))]


def test_the_handlers_rung_killed_at_any_step_reminds_tells_on_and_extends_once(office: Office, tmp_path: Path) -> None:
    number = ordered(office)
    office.complete("sup1", "sign", number, sent_to="handler")
    task = office.task("handler_sign", number)
    command = AskExtension(task.id, date(2026, 3, 10), "须调阅档案")
    office.act("officer", lambda c, a: ask_extension(c, office.services, a, command, office.now), task.id, number)
    due = task.due_at
    *killed, lived = children(office, tmp_path, "extend", office.now + timedelta(minutes=5))
    assert len(killed) > 8 and {child["ended"] for child in killed} == {KILLED} and lived["ended"] == 0
    assert len({child["digest"] for child in killed}) <= 2, "half a grant was left"
    assert sms(office, number).count("order_extension_granted") == 1
    moved = office.task("handler_sign", number).due_at
    assert moved > due
    told = sms(office, number)
    *killed, lived = children(office, tmp_path, "sweep", moved + timedelta(seconds=1))
    assert len(killed) > 8 and {child["ended"] for child in killed} == {KILLED} and lived["ended"] == 0
    new = sms(office, number)[len(told) :]
    assert sorted(new) == ["order_handler_late", "order_level2", "order_reminded_handler"]
    children(office, tmp_path, "sweep", moved + timedelta(seconds=2))
    assert len(sms(office, number)) == len(told) + len(new)
    office.expect_a_sound_record()


def test_a_case_that_ends_every_process_that_reads_it_becomes_an_incident_and_holds_up_nobody(
    office: Office, tmp_path: Path
) -> None:
    """It fell due before all others. The third death opens the incident, which reads the case and dies too."""
    sound = [office.start(ITEM) for _ in range(4)]
    deadly = office.start(ITEM)
    with transaction(office.engine) as connection:
        of_case = due_row.c.case_id == office.case(deadly).id
        connection.execute(update(due_row).where(of_case).values(due_at=MONDAY - timedelta(days=1)))
    *killed, lived = children(office, tmp_path, "deadly", MONDAY + timedelta(days=9))
    assert [child["ended"] for child in killed] == [KILLED] * (MOST_DEATHS + 1)
    assert lived["ended"] == 0
    for number in sound:
        assert len(office.history(number, kind="acceptance_deemed")) == 1
    assert office.history(deadly, kind="acceptance_deemed") == []
    (opened,) = office.rows(select(incident))
    assert (opened.case_id, opened.status, opened.during) == (office.case(deadly).id, "open", "timer")
    assert f"{MOST_DEATHS + 1} times" in opened.message
    rows = office.rows(select(due_row).where(due_row.c.case_id == opened.case_id))
    assert {row.state for row in rows if row.due_at < MONDAY} == {HELD_UP}
    assert [path.name for path in (tmp_path / "firing").glob("died-*")] == []


def test_the_end_of_a_worker_that_fires_nothing_is_put_down_to_no_case(tmp_path: Path) -> None:
    """One was killed between two cases, one while it fired, and one lives and fires."""
    marks, lives = DeathMarks(tmp_path), DeathMarks(tmp_path)
    for case_id in (None, 7):
        child = os.fork()
        if child == 0:
            with marks.firing(case_id or 5):
                if case_id:
                    os.kill(os.getpid(), signal.SIGKILL)
            os.kill(os.getpid(), signal.SIGKILL)
        os.waitpid(child, 0)
    with lives.firing(9):
        assert marks.count_the_dead() == {7: 1}
        assert marks.count_the_dead() == {}, "a death counts once"
    marks.forget(7)
    assert marks.count_the_dead() == {}
