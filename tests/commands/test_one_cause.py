"""One cause, one order: what an order gathers by itself when it is opened, and what joins it until it is answered."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from service.commands.issue_order import IssueOrder, issue_order
from service.commands.order_alarms import join_standing_order
from service.database.session import transaction
from service.database.tables import alarm, order_alarm
from supervision.orders.opening import start_order
from supervision.raising import NewAlarm, write_alarm
from tests.commands.office import Office
from tests.commands.stories import YJ
from tests.commands.test_ladder import ordered
from tests.commands.walking import begin


def raised(office: Office, subject: str, **more: Any) -> int:
    """An alarm as a rule of the passes writes it."""
    given: dict[str, Any] = {"kind": "material", "colour": "yellow", "cause": "", "department": "YJ"} | more
    kind, colour, cause, department = (given.pop(name) for name in ("kind", "colour", "cause", "department"))
    new = NewAlarm(kind, f"{kind}.x", 1, colour, subject, cause, department, "甲", "A", (), **given)
    with transaction(office.engine) as connection:
        found = write_alarm(connection, office.services.calendars, new, office.now)
    assert found is not None
    return found


def gathered(office: Office, number: str) -> set[int]:
    asked = select(order_alarm.c.alarm_id).where(order_alarm.c.order_case_id == office.known(number).id)
    return {row.alarm_id for row in office.rows(asked)}


def test_open_alarms_of_the_same_case_join_the_order_that_is_opened_and_no_other_do(office: Office) -> None:
    other = begin(office, YJ, "site_survey")
    elsewhere = raised(office, "other", case_id=office.known(other).id)
    case = begin(office, YJ, "site_survey")
    same = raised(office, "same", case_id=office.known(case).id)
    ahead = raised(office, "ahead", case_id=office.known(case).id, kind="overdue")
    office.advance(seconds=58)
    office.complete("officer", "site_survey")
    office.deliver()
    number = office.orders()[0].number
    red = office.alarms(case, colour="red")[0].id
    assert gathered(office, number) == {red, same}
    status = {row.id: row.status for row in office.rows(select(alarm))}
    assert (status[same], status[elsewhere], status[ahead]) == ("ordered", "open", "open")


def test_alarms_of_one_persons_burst_are_one_order_and_later_ones_join_until_it_is_answered(office: Office) -> None:
    begin(office, YJ, "site_survey")
    day = f"person/{office.ids['yj_clerk']}/20260309"
    first = raised(office, "burst", kind="batch", colour="red", cause=day, person_id=office.ids["yj_clerk"])
    rhythm = raised(office, "rhythm", kind="batch", cause=day, person_id=office.ids["yj_clerk"])
    with transaction(office.engine) as connection:
        start_order(connection, office.services, {"alarm_id": first}, office.now)
    number = office.rows(select(order_alarm))[0].order_case_id
    assert {row.alarm_id for row in office.rows(select(order_alarm))} == {first, rhythm}
    later = raised(office, "night", kind="odd_hours", cause=day, person_id=office.ids["yj_clerk"])
    with transaction(office.engine) as connection:
        assert join_standing_order(connection, later, None, day) == number
    another = raised(office, "red again", kind="batch", colour="red", cause=day)
    with transaction(office.engine) as connection:
        start_order(connection, office.services, {"alarm_id": another}, office.now)
        start_order(connection, office.services, {"alarm_id": another}, office.now)
    assert {row.order_case_id for row in office.rows(select(order_alarm))} == {number}
    assert len(office.rows(select(order_alarm))) == 4


def test_an_answered_order_gathers_nothing_more(office: Office) -> None:
    number = ordered(office)
    office.complete("sup1", "sign", number)
    office.complete("sup1", "answer", number)
    late = raised(office, "late", case_id=office.known().id)
    with transaction(office.engine) as connection:
        assert join_standing_order(connection, late, office.known().id, None) is None


def test_who_issues_an_order_gathers_nothing_that_concerns_himself(office: Office) -> None:
    case = begin(office, YJ, "site_survey")
    chosen = raised(office, "chosen", case_id=office.known(case).id)
    own = raised(office, "own", case_id=office.known(case).id, person_id=office.ids["yj_sup1"])
    actor = office.actor("yj_sup1")
    command = IssueOrder("alarm", "YJ", "说明情况并整改", case, (chosen,), "yj_officer")
    number = office.perform(lambda c: issue_order(c, office.services, actor, command, office.now), actor, case)
    assert gathered(office, number) == {chosen}
    assert own in {row.id for row in office.rows(select(alarm).where(alarm.c.status == "open"))}
