from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from service.commands.edit_calendar import EditCalendar, edit_calendar
from service.database.session import transaction
from service.database.tables import alarm
from service.reads.calendar import DayChange
from service.working_time import statutory_days
from supervision import watching
from supervision.rules.supervision_calendar import RULE
from tests.commands.office import Office
from tests.supervision.facts import CST, chosen, facts, found

NOVEMBER = datetime(2026, 11, 1, 9, tzinfo=CST)


def test_next_years_notice_is_missed_from_the_first_of_november_on_and_that_of_no_year_before() -> None:
    assert found(RULE, facts(NOVEMBER - timedelta(hours=10))) == []
    (one,) = found(RULE, facts(NOVEMBER))
    assert (one.subject, one.colour, one.place.department) == ("calendar/2027", "yellow", "")
    assert found(RULE, facts(NOVEMBER + timedelta(days=50)))[0].subject == one.subject
    assert found(RULE, facts(NOVEMBER), chosen(RULE, enabled=False)) == []


def test_in_the_new_year_it_is_the_same_alarm_as_in_the_old_one() -> None:
    assert [one.subject for one in found(RULE, facts(datetime(2027, 2, 1, 9, tzinfo=CST)))] == ["calendar/2027"]


def alarms(office: Office) -> list[Any]:
    return office.rows(select(alarm).where(alarm.c.rule == RULE.code).order_by(alarm.c.id))


def watch(office: Office, at: datetime) -> None:
    with transaction(office.engine) as connection:
        watching.watch(connection, office.services, at)


def test_the_alarm_is_one_row_a_year_and_lapses_when_the_notice_is_entered(office: Office) -> None:
    watch(office, NOVEMBER - timedelta(days=1))
    assert alarms(office) == []
    for days in (0, 1, 40, 70):
        watch(office, NOVEMBER + timedelta(days=days))
    (one,) = alarms(office)
    assert (one.status, one.colour, one.raised_at, one.case_id) == ("open", "yellow", NOVEMBER, None)
    entered = NOVEMBER + timedelta(days=71)
    with transaction(office.engine) as connection:
        notice = {day: DayChange("holiday", name) for day, name in statutory_days(2027)}
        command = EditCalendar(notice, "国办发明电〔2026〕9号", 2027)
        edit_calendar(connection, office.services, office.actor("sysadmin"), command, entered)
    watch(office, entered + timedelta(minutes=1))
    (one,) = alarms(office)
    assert (one.status, one.closed_at) == ("closed", entered + timedelta(minutes=1))
