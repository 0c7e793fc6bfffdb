"""The clock's sum as the case page and the interface show it: entered, stopped, counted, left, due."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from sqlalchemy import select

from service.commands.edit_calendar import EditCalendar, edit_calendar
from service.commands.housekeeping import keep_house
from service.commands.remind_of_notice import KIND, remind_of_notice
from service.database.session import reading, transaction
from service.database.tables import notice, outbox
from service.reads.calendar import DayChange
from service.reads.case_clock import CaseClock, LimitClock
from service.reads.case_view import read_case
from service.working_time import statutory_days
from tests.commands.instants import at
from tests.commands.office import CST, Office
from tests.commands.stories import YJ, ZR
from tests.commands.walking import begin, do


def clock(office: Office) -> CaseClock:
    with reading(office.engine) as connection:
        view = read_case(connection, office.services, None, office.number, office.now)
    assert view is not None
    return view.clock


def limit(office: Office, role: str = "promised_limit") -> LimitClock:
    return next(one for one in clock(office).limits if one.role == role)


def test_each_stop_stands_in_the_sum_with_its_ground_and_its_days(office: Office) -> None:
    begin(office, YJ, "site_survey", survey_result="rectify")
    office.advance(to=at(3, 11, 10, 0))
    do(office, "site_survey")
    office.advance(to=at(3, 17, 10, 0))
    stands = limit(office)
    assert (stands.counted_units, stands.units_left, stands.value, stands.due_at) == (2, 13, 15, None)
    assert [(stop.days, stop.ended_at) for stop in stands.stops] == [(4, None)]
    office.advance(to=at(3, 23, 10, 0))
    office.message("correction")
    runs = limit(office)
    assert (runs.counted_units, runs.units_left, runs.days_stopped, runs.due_at) == (2, 13, 8, at(4, 10))
    (stop,) = runs.stops
    assert (stop.element_id, stop.days) == ("await_rectification", 8) and "实施办法" in stop.basis
    natural = limit(office, "statutory_limit")
    assert (natural.counted_units, natural.units_left, natural.days_stopped) == (2, 43, 12)


def test_counted_and_left_are_the_limit_on_every_day_until_it_passes(office: Office) -> None:
    begin(office, YJ, "site_survey", complex_process=True)
    office.advance(to=at(3, 11, 10, 0))
    do(office, "site_survey")
    for _ in range(30):
        for one in clock(office).limits:
            if not one.overdue:
                assert one.counted_units + one.units_left == one.value
        office.advance(days=1)


def test_a_limit_that_has_passed_stays_in_the_sum_until_the_decision(office: Office) -> None:
    begin(office, ZR, "section_review")
    office.advance(working_days=4)
    passed = limit(office)
    assert (passed.overdue, passed.value, passed.counted_units, passed.units_left) == (True, 3, 4, 1)
    assert passed.due_at == at(3, 12)


def test_a_due_day_in_a_year_without_its_notice_is_provisional_until_the_notice_is_entered(office: Office) -> None:
    office.advance(to=datetime(2026, 12, 21, 9, tzinfo=CST))
    begin(office, YJ, "site_survey")
    assert limit(office).provisional
    days = {day: DayChange("holiday", name) for day, name in statutory_days(2027)}
    before = limit(office).due_at
    with transaction(office.engine) as connection:
        command = EditCalendar({**days, days_in_lieu(): DayChange("rest", "元旦")}, "国办发明电〔2026〕9号", 2027)
        edit_calendar(connection, office.services, office.actor("sysadmin"), command, office.now)
    office.deliver()
    after = limit(office)
    assert not after.provisional
    assert before is not None and after.due_at is not None and after.due_at > before


def days_in_lieu() -> date:
    return date(2027, 1, 4)


def told(office: Office) -> list[str]:
    return [row.recipient_name for row in office.rows(select(notice).where(notice.c.kind == KIND))]


def test_from_november_on_those_in_charge_are_told_each_week_until_the_notice_is_entered(office: Office) -> None:
    october = datetime(2026, 10, 20, 9, tzinfo=CST)
    keep_house(office.engine, office.services, october)
    keep_house(office.engine, office.services, october + timedelta(days=2))
    (waiting,) = office.rows(select(outbox).where(outbox.c.kind == KIND))
    assert waiting.next_at == datetime(2026, 11, 1, 9, tzinfo=CST)
    with transaction(office.engine) as connection:
        remind_of_notice(connection, office.services, waiting.payload, waiting.next_at)
    first = told(office)
    assert len(first) >= 3
    (_, again) = office.rows(select(outbox).where(outbox.c.kind == KIND).order_by(outbox.c.id))
    assert again.next_at == datetime(2026, 11, 8, 9, tzinfo=CST)
    days = {day: DayChange("holiday", name) for day, name in statutory_days(2027)}
    with transaction(office.engine) as connection:
        command = EditCalendar(days, "国办发明电〔2026〕9号", 2027)
        edit_calendar(connection, office.services, office.actor("sysadmin"), command, again.next_at)
        remind_of_notice(connection, office.services, again.payload, again.next_at)
    assert told(office) == first
