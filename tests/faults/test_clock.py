"""Clocks jump and stand still. Cycles do not exist here: the linter and the engine refuse `timeCycle`."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from lxml import etree
from sqlalchemy import select

from service.database.tables import due_row, event, process_definition
from service.timers.due import ARMED, PAUSED
from service.worker.sweeping import sweep
from tests.commands.office import MONDAY, Office
from tests.commands.stories import HB
from tests.commands.walking import begin, do

ITEM = "LJ-YJ-XK-001"
SECOND = timedelta(seconds=1)
BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"


def limits_told(office: Office) -> list[tuple[str | None, str]]:
    rows = office.rows(select(event).where(event.c.kind == "limit_reached").order_by(event.c.case_id, event.c.seq))
    return [(row.element_id, row.payload) for row in rows]


def test_a_clock_that_jumps_over_everything_fires_all_of_it_in_its_order(office: Office) -> None:
    office.start(ITEM)
    due = {key: at for key, at in office.due_rows().items() if key[1] != "minimum"}
    now = max(due.values()) + timedelta(days=30)
    assert sweep(office.engine, office.services, now) >= 1
    colours = [word for _, payload in limits_told(office) for word in ("blue", "yellow", "red") if word in payload]
    assert colours[:3] == ["blue", "yellow", "red"], "the warnings of one limit come in their order"
    assert {"blue", "yellow", "red"} <= set(colours)
    told = limits_told(office)
    assert len(told) == len(set(told))
    assert sweep(office.engine, office.services, now) == 0


def test_a_clock_that_jumps_back_fires_nothing_again(office: Office) -> None:
    office.start(ITEM)
    first = min(at for (_, role), at in office.due_rows().items() if role != "minimum") + SECOND
    assert sweep(office.engine, office.services, first) == 1
    told, version = limits_told(office), office.case().version
    for back in (first - timedelta(hours=1), MONDAY, MONDAY - timedelta(days=400), first):
        assert sweep(office.engine, office.services, back) == 0
    assert limits_told(office) == told
    assert office.case().version == version
    rest = max(office.due_rows().values()) + SECOND
    sweep(office.engine, office.services, rest)
    assert len(limits_told(office)) == len(set(limits_told(office))) > len(told)


def test_a_boundary_with_a_date_on_a_user_task_fires(office: Office) -> None:
    office.start(ITEM)
    xml = office.rows(select(process_definition.c.xml).where(process_definition.c.id == office.case().definition_id))
    tree = etree.fromstring(xml[0][0])
    boundary = next(
        one
        for one in tree.iter(f"{BPMN}boundaryEvent")
        if one.get("attachedToRef") == "formal_check"
        and one.find(f".//{BPMN}timeDate") is not None
        # One that takes the token on, and is no mere warning.
        and one.get("cancelActivity") != "false"
    )
    due = next(row for row in office.rows(select(due_row)) if row.element_id == boundary.get("id"))
    assert sweep(office.engine, office.services, due.due_at + SECOND) >= 1
    fired = office.rows(select(event).where(event.c.kind == "timer_fired", event.c.element_id == boundary.get("id")))
    assert len(fired) == 1
    assert office.open_steps() == ["site_survey"]
    assert sweep(office.engine, office.services, due.due_at + SECOND) == 0


def limits(office: Office) -> dict[str, Any]:
    """The rows of the limits over the whole handling, by role."""
    return {row.role: row for row in office.rows(select(due_row).where(due_row.c.element_id.like("handling_%")))}


def expect_still(office: Office, armed: dict[str, Any], until: datetime) -> None:
    """What is paused fires at none of the instants at which it would have been due."""
    assert {row.state for row in limits(office).values()} == {PAUSED}
    before = limits_told(office)
    for at in sorted({row.due_at for row in armed.values() if row.due_at < until}):
        sweep(office.engine, office.services, at + SECOND)
    assert [one for one in limits_told(office) if one not in before and str(one[0]).startswith("handling")] == []


def expect_moved(office: Office, armed: dict[str, Any]) -> None:
    """They run again, later than before, each fires once at its new instant and none at its old one."""
    moved = limits(office)
    assert moved.keys() == armed.keys()
    assert {row.state for row in moved.values()} == {ARMED}
    assert all(moved[role].due_at > armed[role].due_at for role in armed)
    last = max(moved["promised_limit"].due_at, moved["statutory_limit"].due_at)
    sweep(office.engine, office.services, moved["promised_limit"].due_at)
    reds = [row for row in office.alarms(colour="red") if row.element_id == "handling_promised"]
    assert reds == []
    for _ in range(2):
        sweep(office.engine, office.services, last + SECOND)
    told = [one for one in limits_told(office) if str(one[0]).startswith("handling")]
    assert told and len(told) == len(set(told))


def test_due_rows_stand_still_while_a_site_is_rectified_and_move_by_what_it_took(office: Office) -> None:
    begin(office, ITEM, "site_survey", survey_result="rectify")
    armed = limits(office)
    do(office, "site_survey")
    planned = min(at for (_, role), at in office.due_rows().items() if role in ("stop_end", "move"))
    expect_still(office, armed, planned)
    office.now = planned - timedelta(days=2)
    office.message("correction")
    expect_moved(office, armed)


def test_due_rows_stand_still_while_an_application_is_public_and_move_by_as_much(office: Office) -> None:
    begin(office, HB, "formal_check")
    office.advance(minutes=10)
    do(office, "formal_check")
    assert "acceptance_publicity" in office.open_steps()
    do(office, "technical_review")
    row = limits(office)["promised_limit"]
    end = min(at for (_, role), at in office.due_rows().items() if role in ("stop_end", "move"))
    armed = {role: one for role, one in limits(office).items()}
    assert row.state == PAUSED
    expect_still(office, armed, end)
    sweep(office.engine, office.services, end + SECOND)
    office.now = end + SECOND
    assert "acceptance_publicity" not in office.open_steps()
    expect_moved(office, armed)
