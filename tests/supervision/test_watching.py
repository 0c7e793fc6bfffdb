"""The pass over a real database: what it finds is raised once, whoever looks how often, and gathers in one order."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event, insert, select

from service.database.session import transaction
from service.database.tables import alarm, alarm_rule_setting, order_alarm, supervision_order, supervision_pass
from supervision import watching
from supervision.collecting import collect
from supervision.facts import Facts
from supervision.remembering import Memory
from tests.commands.instants import at
from tests.commands.office import Office
from tests.commands.stories import SG, YJ
from tests.commands.walking import begin, do


def watch(office: Office) -> int:
    with transaction(office.engine) as connection:
        return watching.watch(connection, office.services, office.now)


def alarms(office: Office, rule: str) -> list[Any]:
    return office.rows(select(alarm).where(alarm.c.rule == rule).order_by(alarm.c.id))


def enter_five(office: Office) -> None:
    for _ in range(5):
        office.start(SG)
        office.now += timedelta(minutes=1)


def test_five_cases_entered_in_five_minutes_raise_one_red_alarm_with_a_row_for_each(office: Office) -> None:
    enter_five(office)
    assert watch(office) == 1
    (one,) = alarms(office, "batch.burst")
    assert (one.colour, one.case_id, one.person_id, one.department) == ("red", None, office.ids["sg_clerk"], "SG")
    assert one.act_by > one.raised_at and one.rule_version == 3
    numbers = [row["case"] for row in one.evidence]
    assert len(numbers) == 5 and office.number in numbers


def test_a_pass_that_is_repeated_or_comes_too_soon_raises_nothing_again(office: Office) -> None:
    enter_five(office)
    assert [watch(office), watch(office)] == [1, 0]
    office.now += timedelta(minutes=2)
    assert watch(office) == 0
    assert len(alarms(office, "batch.burst")) == 1


def test_a_pass_writes_no_alarm_that_stands_already(office: Office) -> None:
    enter_five(office)
    watch(office)
    office.now += timedelta(minutes=2)
    written: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        written.append(statement)

    event.listen(office.engine, "before_cursor_execute", note)
    try:
        watch(office)
    finally:
        event.remove(office.engine, "before_cursor_execute", note)
    assert written and not [one for one in written if one.startswith(("INSERT INTO alarm", "UPDATE alarm"))]


def test_a_burst_that_goes_on_grows_in_its_one_alarm(office: Office) -> None:
    enter_five(office)
    watch(office)
    enter_five(office)
    assert watch(office) == 0
    (one,) = alarms(office, "batch.burst")
    assert len(one.evidence) == 10 and "10 件" in one.summary_zh


def test_a_pass_that_is_killed_leaves_nothing_and_the_next_one_finds_all(office: Office) -> None:
    enter_five(office)
    with pytest.raises(KeyboardInterrupt), transaction(office.engine) as connection:
        watching.watch(connection, office.services, office.now)
        raise KeyboardInterrupt
    assert alarms(office, "batch.burst") == []
    assert watch(office) == 1


@pytest.mark.postgresql
def test_several_workers_at_once_raise_each_alarm_once(postgresql_desk: Any, office: Office) -> None:
    if office.engine.dialect.name != "postgresql":
        pytest.skip("one writer at a time")
    enter_five(office)
    found: list[int] = []
    workers = [threading.Thread(target=lambda: found.append(watch(office))) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert sum(found) == 1 and len(alarms(office, "batch.burst")) == 1


def test_alarms_of_one_cause_gather_in_one_order_that_belongs_to_no_case(office: Office) -> None:
    office.now = at(3, 14, 23, 0)  # A Saturday night.
    enter_five(office)
    for task in range(3):
        number = office.number.replace("000005", f"00000{task + 1}")
        office.complete("clerk", "formal_check", number, check_result="correction")
        office.now += timedelta(minutes=7)
    watch(office)
    assert {one.cause for one in alarms(office, "batch.burst") + alarms(office, "odd_hours.acts")} == {
        f"person/{office.ids['sg_clerk']}/20260314"
    }
    office.deliver()
    (order,) = office.rows(select(supervision_order))
    assert (order.about_case_id, order.department, order.rung) == (None, "SG", 2)
    gathered = {row.alarm_id for row in office.rows(select(order_alarm))}
    assert gathered == {one.id for one in alarms(office, "batch.burst") + alarms(office, "odd_hours.acts")}


def test_three_steps_of_a_case_in_five_minutes_join_the_order_that_the_case_has(office: Office) -> None:
    begin(office, YJ, "site_survey")
    office.complete("officer", "site_survey")  # Too early: halted, red.
    office.deliver()
    office.complete("sup1", "site_survey_ruling", halt_ruling="release")
    office.deliver()
    office.complete("section", "section_review")
    office.complete("vice", "decide")
    watch(office)
    (one,) = alarms(office, "backfilled.steps")
    assert (one.case_id, one.cause) == (office.known().id, f"case/{office.known().id}")
    assert len(one.evidence) >= 3


def test_what_the_county_has_chosen_for_a_department_holds_there(office: Office) -> None:
    chosen = {"rule": "batch.burst", "scope": "department", "value": "SG", "figures": {"cases": 6}, "enabled": True}
    chosen |= {"changed_at": office.now, "changed_by": office.ids["sup2"], "reason": "集市日"}
    with transaction(office.engine) as connection:
        connection.execute(insert(alarm_rule_setting).values(**chosen))
    enter_five(office)
    assert watch(office) == 0


def test_a_warning_of_a_step_that_is_done_lapses_and_one_of_a_step_that_goes_on_stands(office: Office) -> None:
    begin(office, YJ, "site_survey")
    begin(office, YJ, "site_survey")
    number = office.number
    office.advance(to=office.due_rows()["site_survey_limit", "blue"] + timedelta(seconds=1))
    blue = select(alarm).where(alarm.c.colour == "blue", alarm.c.element_id == "site_survey").order_by(alarm.c.id)
    assert [one.status for one in office.rows(blue)] == ["open", "open"]
    office.sign("officer2", "site_survey", number)
    office.put(number=number)
    office.complete("officer", "site_survey", number)
    watch(office)
    assert sorted(one.status for one in office.rows(blue)) == ["closed", "open"]
    (lapsed,) = [one for one in office.rows(blue) if one.status == "closed"]
    assert (lapsed.case_id, lapsed.result, lapsed.closed_at) == (office.known().id, None, office.now)


def test_what_time_completes_is_looked_at_with_the_first_look_of_each_hour_of_the_clock(office: Office) -> None:
    def hourly_look() -> datetime:
        (row,) = office.rows(select(supervision_pass).where(supervision_pass.c.name == "rules_hourly"))
        return datetime.fromisoformat(row.looked_at.isoformat())

    office.now = office.now.replace(minute=58)
    watch(office)
    hour = office.now.replace(minute=0, second=0, microsecond=0)
    assert hourly_look() == hour
    office.now += timedelta(minutes=1)
    watch(office)
    assert hourly_look() == hour
    office.now += timedelta(minutes=1)
    watch(office)
    assert hourly_look() == hour + timedelta(hours=1)


def test_the_month_is_looked_at_whole_with_the_first_look_of_each_day_of_the_county(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    days: list[bool] = []

    def note(*given: Any, **named: Any) -> Facts:
        days.append(named["whole"])
        return collect(*given, **named)

    monkeypatch.setattr(watching, "collect", note)
    zone = office.services.settings.zone
    office.now = datetime(2026, 3, 2, 23, 58, tzinfo=zone)
    for _ in range(4):
        watch(office)
        office.now += timedelta(minutes=1)
    assert days == [True, False, True, False]


def test_what_the_county_chooses_for_a_rule_holds_for_what_was_done_before(office: Office) -> None:
    memory = Memory()

    def look() -> int:
        office.now += timedelta(minutes=10)
        with transaction(office.engine) as connection:
            return watching.watch(connection, office.services, office.now, memory)

    for _ in range(4):
        office.start(SG)
        office.now += timedelta(minutes=1)
    assert [look(), look()] == [0, 0]
    chosen = {"rule": "batch.burst", "scope": "county", "value": "", "figures": {"cases": 4}, "enabled": True}
    chosen |= {"changed_at": office.now, "changed_by": office.ids["sup2"], "reason": "从严"}
    with transaction(office.engine) as connection:
        connection.execute(insert(alarm_rule_setting).values(**chosen))
    assert [look(), look()] == [1, 0]


def test_a_habit_of_weeks_is_told_in_the_minute_of_its_last_act(office: Office) -> None:
    for _ in range(4):
        begin(office, YJ, "site_survey")
        watch(office)
        do(office, "site_survey")
        office.now += timedelta(minutes=1)
        watch(office)
        told_at = office.now
        office.now += timedelta(days=1)
    (one,) = [row for row in alarms(office, "bunched.minimum") if row.element_id == "site_survey"]
    assert one.raised_at == told_at
