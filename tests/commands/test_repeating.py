"""A reminder that repeats, in a case: its due row is always that of the next time, however late somebody looked."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select

from service.database.tables import due_row, notice
from tests.commands.office import Office
from tests.commands.stories import HB
from tests.commands.variants import BPMN, Variant
from tests.commands.walking import begin, do, finish

REMINDER = "section_review_limit"


def reminding(office: Office, cycle: str) -> None:
    """The section's step limit becomes a reminder that comes again."""
    diagram = Variant("environmental_impact_approval")
    time = diagram.element(REMINDER).find(f"{BPMN}timerEventDefinition")[0]
    time.tag, time.text = f"{BPMN}timeCycle", cycle
    diagram.set(REMINDER, "role", "reminder")
    office.deploy(diagram.xml)


def next_due(office: Office) -> list[datetime]:
    """When the reminder comes next."""
    with office.looking() as connection:
        rows = connection.execute(select(due_row.c.due_at).where(due_row.c.element_id == REMINDER))
        return [row.due_at for row in rows]


def told(office: Office) -> list[tuple[str, str]]:
    """(recipient, channel) of the reminders that were written."""
    with office.looking() as connection:
        rows = connection.execute(select(notice).where(notice.c.kind == "task_reminded").order_by(notice.c.id))
        return [(row.recipient_name, row.channel) for row in rows]


def test_whoever_has_the_step_in_hand_is_told_once_however_many_times_were_missed(office: Office) -> None:
    reminding(office, "'R/PT2H'")
    begin(office, HB, "section_review")
    office.now += timedelta(hours=5)
    office._fire()
    everybody = told(office)
    assert {channel for _, channel in everybody} == {"sms"}
    office.claim("section", "section_review")
    office.now += timedelta(hours=2)
    office._fire()
    (name,) = {name for name, _ in told(office)[len(everybody) :]}
    assert name == office.actor("section").name
    fired = [event for event in office.history() if event["kind"] == "timer_fired" and event["element_id"] == REMINDER]
    assert len(fired) == 3


def test_a_reminder_comes_again_counted_from_its_last_due_time(office: Office) -> None:
    reminding(office, "'R3/PT2H'")
    begin(office, HB, "section_review")
    (first,) = next_due(office)
    for late in (first + timedelta(hours=1), first + timedelta(hours=2, minutes=59)):
        office.now = late
        office._fire()
        (due,) = next_due(office)
        assert (due - first) % timedelta(hours=2) == timedelta() and due > late
    office.now = first + timedelta(hours=9)
    office._fire()
    assert next_due(office) == []
    finish(office)


def test_a_step_that_is_done_is_not_reminded_of(office: Office) -> None:
    reminding(office, "'R/PT2H'")
    begin(office, HB, "section_review")
    office.now += timedelta(hours=9)
    do(office, "section_review")
    assert next_due(office) == []
    finish(office)
