"""What an incident holds up is tried again once somebody has settled it, and only then."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from service.commands.settle_incident import SettleIncident, settle_incident
from service.database.session import reading, transaction
from service.database.tables import case, due_row, incident, process_definition
from service.errors import Refused
from service.reads.incidents import list_incidents
from service.timers.due import ARMED, HELD_UP
from service.worker.sweeping import sweep
from tests.commands.office import Office

ITEM = "LJ-YJ-XK-001"
SECOND = timedelta(seconds=1)


@pytest.fixture
def sound_state(office: Office) -> bytes:
    """Of a case whose state was spoilt when its check fell due, so that there is an incident now."""
    office.start(ITEM)
    office.put()
    state: bytes = office.case().state
    give_state(office, b"\xc1 no state at all")
    office.now = office.task("formal_check").due_at + SECOND
    assert sweep(office.engine, office.services, office.now) == 0
    return state


def give_state(office: Office, state: bytes) -> None:
    with transaction(office.engine) as connection:
        connection.execute(update(case).where(case.c.number == office.number).values(state=state))


def the_incident(office: Office, status: str = "open") -> Any:
    (found,) = office.rows(select(incident).where(incident.c.status == status))
    return found


def settle(office: Office, incident_id: int, by: str = "sysadmin", reason: str = "已恢复备份") -> int:
    with transaction(office.engine) as connection:
        return settle_incident(connection, office.actor(by), SettleIncident(incident_id, reason), office.now)


def states(office: Office) -> set[int]:
    due = due_row.c.due_at < office.now
    return {row.state for row in office.rows(select(due_row.c.state).where(due))}


def test_what_was_held_up_fires_once_the_incident_is_settled(office: Office, sound_state: bytes) -> None:
    assert states(office) == {HELD_UP}
    assert sweep(office.engine, office.services, office.now) == 0
    give_state(office, sound_state)
    assert sweep(office.engine, office.services, office.now) == 0, "nobody has settled it yet"
    opened = the_incident(office)
    assert settle(office, opened.id) >= 1
    assert states(office) == {ARMED}
    assert sweep(office.engine, office.services, office.now) >= 1
    assert len(office.history(kind="acceptance_deemed")) == 1
    told = office.history(kind="incident_settled")[0]
    assert told["payload"]["reason"] == "已恢复备份" and told["payload"]["incident"] == opened.id
    assert the_incident(office, "settled").id == opened.id
    office.expect_a_sound_record()


def test_what_fails_again_is_a_new_incident(office: Office, sound_state: bytes) -> None:
    first = the_incident(office).id
    settle(office, first)
    assert sweep(office.engine, office.services, office.now) == 0
    assert the_incident(office).id != first
    assert states(office) == {HELD_UP}


def test_what_falls_due_later_on_the_same_case_joins_its_incident(office: Office) -> None:
    office.start(ITEM)
    state, due = office.case().state, sorted(office.due_rows().values())
    give_state(office, b"\xc1 no state at all")
    held = []
    for office.now in (due[0] + SECOND, due[-1] + SECOND):
        assert sweep(office.engine, office.services, office.now) == 0
        opened = the_incident(office)
        held.append(len(office.rows(select(due_row).where(due_row.c.state == HELD_UP))))
    assert held[0] < held[1]
    give_state(office, state)
    assert settle(office, opened.id) == held[1]
    assert sweep(office.engine, office.services, office.now) >= 1
    assert office.rows(select(incident).where(incident.c.status == "open")) == []


def test_a_case_whose_diagram_cannot_be_read_can_be_settled(office: Office) -> None:
    office.start(ITEM)
    office.now = office.task("formal_check").due_at + SECOND
    xml = office.rows(select(process_definition.c.xml).where(process_definition.c.id == office.case().definition_id))
    of_case = process_definition.c.id == office.case().definition_id
    office.services.bundles = type(office.services.bundles)(10)
    with transaction(office.engine) as connection:
        connection.execute(update(process_definition).where(of_case).values(xml=b"<no diagram"))
    assert sweep(office.engine, office.services, office.now) == 0
    opened = the_incident(office)
    assert settle(office, opened.id) >= 1
    with transaction(office.engine) as connection:
        connection.execute(update(process_definition).where(of_case).values(xml=xml[0][0]))
    assert sweep(office.engine, office.services, office.now) >= 1
    assert len(office.history(kind="acceptance_deemed")) == 1


@pytest.mark.parametrize(
    ("by", "reason", "code"),
    [
        ("auditor", "x", "not_permitted"),
        ("yj_head", "x", "not_permitted"),
        ("sysadmin", "  ", "invalid_request"),
    ],
)
def test_only_the_system_administrator_settles_and_says_why(
    office: Office, sound_state: bytes, by: str, reason: str, code: str
) -> None:
    opened = the_incident(office)
    with pytest.raises(Refused) as caught:
        settle(office, opened.id, by, reason)
    assert caught.value.code == code
    assert the_incident(office).id == opened.id
    assert states(office) == {HELD_UP}


def test_an_incident_is_settled_once(office: Office, sound_state: bytes) -> None:
    opened = the_incident(office)
    settle(office, opened.id)
    for incident_id, code in ((opened.id, "incident_settled"), (opened.id + 1000, "not_found")):
        with pytest.raises(Refused) as caught:
            settle(office, incident_id)
        assert caught.value.code == code
    assert len(office.history(kind="incident_settled")) == 1


def test_the_list_names_the_step_and_how_many_timers_stand(office: Office, sound_state: bytes) -> None:
    with reading(office.engine) as connection:
        (shown,) = list_incidents(connection).items
        assert list_incidents(connection, "settled").total == 0
    assert (shown.case_number, shown.department, shown.during) == (office.number, "YJ", "timer")
    assert "formal_check" in {step.element_id for step in shown.steps}
    assert all(step.name_zh and step.name_en for step in shown.steps if step.element_id == "formal_check")
    assert shown.timers >= 1 and "Error" in shown.message
