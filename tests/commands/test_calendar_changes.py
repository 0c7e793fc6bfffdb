"""The calendar changes while cases run: what the preview names is what moves, once, and by nobody's old calendar."""

from __future__ import annotations

import random
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from service.commands.edit_calendar import NOTICED, EditCalendar, edit_calendar
from service.commands.recount_limits import recount_case
from service.commands.set_office_hours import SetOfficeHours, set_office_hours
from service.commands.special_step import BeginSpecialStep, begin_special_step
from service.commands.suspend_case import SuspendCase, resume_case, suspend_case
from service.commands.take_back import take_back
from service.database.session import reading, transaction
from service.database.tables import due_row, notice, office_change, outbox
from service.engine.peeking import read_memory
from service.errors import Refused
from service.reads.calendar import DayChange
from service.reads.calendar_preview import CalendarPreview, preview_calendar
from service.reads.paging import FIRST_PAGE, Asked, make_cursor
from service.timers.recounting import Shares, recount
from service.timers.touched import due_rows_of
from service.working_time import statutory_days
from tests.commands.instants import at
from tests.commands.office import Office
from tests.commands.stories import ITEMS, YJ
from tests.commands.walking import begin, do, finish

Days = Mapping[date, DayChange | None]
REST, MAKEUP = DayChange("rest", "县庆"), DayChange("makeup", "调休上班")
# Thursday and Friday of the office's first week.
CLOSED: Days = {date(2026, 3, 12): REST, date(2026, 3, 13): REST}


def change(
    office: Office, days: Days, notice: int | None = None, by: str = "sysadmin", reason: str = "县庆放假"
) -> Any:
    """Change the calendar and have everything counted anew."""
    with transaction(office.engine) as connection:
        command = EditCalendar(days, reason, notice)
        done = edit_calendar(connection, office.services, office.actor(by), command, office.now)
    with office.looking() as connection:
        office.calendar = office.services.calendars.get(connection)
    office.deliver()
    return done


def preview(office: Office, days: Days, asked: Asked = FIRST_PAGE) -> CalendarPreview:
    with reading(office.engine) as connection:
        return preview_calendar(connection, office.services.bundles, days, office.now, asked)


def limits(office: Office, number: str | None = None) -> dict[tuple[str, str], tuple[datetime, Any]]:
    return {(r.timer_id, r.role): (r.due_at, r.remaining) for r in office.all_due_rows(number)}


def nothing_moves(office: Office, number: str | None = None) -> None:
    """Counted anew by the calendar that it was counted by, no limit of the case moves."""
    row = office.case(number)
    with reading(office.engine) as connection:
        rows = due_rows_of(connection, [row.id])[row.id]
    assert recount(rows, read_memory(row.state), office.calendar, office.now, Shares(0.5, 0.8)) == []


def test_what_the_preview_names_is_what_moves_with_an_event_in_each_history(office: Office) -> None:
    numbers = [begin(office, YJ, "site_survey") for _ in range(3)]
    before = {number: limits(office, number) for number in numbers}
    seen = preview(office, CLOSED)
    assert (seen.cases, seen.later, seen.earlier, seen.passes_at_once) == (3, seen.total, 0, 0)
    assert {one.role for one in seen.items} >= {"step_limit", "promised_limit"}
    assert all(limits(office, number) == before[number] for number in numbers), "a preview moves nothing"
    change(office, CLOSED)
    for number in numbers:
        after = limits(office, number)
        moved = {
            after[key][0] for key in after if after[key] != before[number][key] and key[1] not in ("blue", "yellow")
        }
        assert moved == {one.new_due_at for one in seen.items if one.case_number == number}
        (told,) = office.history(number, kind="limits_recounted")
        assert (told["actor"], told["payload"]["reason"]) == (None, "县庆放假")
        assert len(told["payload"]["moved"]) == sum(one.case_number == number for one in seen.items)
    assert office.case(numbers[0]).due_at == at(4, 1), "fifteen working days, two of them closed"
    assert preview(office, CLOSED).total == 0
    office.expect_a_sound_record()


def test_the_steps_own_instants_and_its_warnings_move_with_its_limit(office: Office) -> None:
    office.start(YJ)
    assert office.task("formal_check").due_at == at(3, 16)
    change(office, CLOSED)
    assert office.task("formal_check").due_at == at(3, 18)
    rows = office.due_rows()
    assert rows["formal_check_limit", "step_limit"] == at(3, 18)
    assert at(3, 10) < rows["formal_check_limit", "blue"] < rows["formal_check_limit", "yellow"] < at(3, 18)
    office.advance(to=at(3, 18) + timedelta(seconds=1))
    assert office.history(kind="acceptance_deemed"), "the engine's own timer moved too"


def test_a_preview_comes_in_pages_that_together_are_the_whole(office: Office) -> None:
    for _ in range(4):
        office.start(YJ)
    whole = preview(office, CLOSED)
    found, cursor = [], None
    while True:
        page = preview(office, CLOSED, Asked(3, cursor))
        assert page.total == whole.total and len(page.items) <= 3
        found += page.items
        cursor = page.next
        if cursor is None:
            break
    assert tuple(found) == whole.items


def test_a_page_of_a_preview_begins_at_its_own_case_and_keeps_what_the_first_has_counted(office: Office) -> None:
    for _ in range(3):
        office.start(YJ)
    first = preview(office, CLOSED, Asked(1))
    office.start(YJ)
    second = preview(office, CLOSED, Asked(100, first.next))
    assert (second.total, second.cases, second.later) == (first.total, first.cases, first.later)
    whole = preview(office, CLOSED)
    assert (*first.items, *second.items) == whole.items and whole.total > first.total
    with pytest.raises(Refused):
        preview(office, CLOSED, Asked(1, make_cursor([3])))


def test_a_message_that_comes_twice_moves_nothing_more(office: Office) -> None:
    office.start(YJ)
    change_id = change(office, CLOSED)
    before = office.everything()
    with transaction(office.engine) as connection:
        recount_case(connection, office.services, {"change": change_id, "case": office.case().id}, office.now)
    assert office.everything() == before


def test_the_days_given_back_bring_the_old_instants_back(office: Office) -> None:
    begin(office, YJ, "site_survey")
    before = limits(office)
    change(office, CLOSED)
    assert limits(office) != before
    change(office, dict.fromkeys(CLOSED))
    assert limits(office) == before


def test_the_same_days_again_change_nothing(office: Office) -> None:
    assert change(office, CLOSED) is not None
    assert change(office, CLOSED) is None
    assert len(office.rows(select(office_change).where(office_change.c.kind == "calendar_changed"))) == 1


def test_a_day_that_is_worked_after_all_brings_limits_forward(office: Office) -> None:
    office.start(YJ)
    seen = preview(office, {date(2026, 3, 14): MAKEUP})
    assert (seen.earlier, seen.later) == (seen.total, 0)
    change(office, {date(2026, 3, 14): MAKEUP})
    assert office.task("formal_check").due_at == at(3, 14)


def test_a_limit_that_has_passed_by_the_new_calendar_is_named_before_and_red_after(office: Office) -> None:
    begin(office, YJ, "site_survey")
    office.advance(to=at(3, 30, 10, 0))
    worked: Days = {date(2026, 3, 14): MAKEUP, date(2026, 3, 15): MAKEUP}
    assert preview(office, worked).passes_at_once == 1
    change(office, worked)
    office.advance(seconds=1)
    assert office.alarms(rule="overdue.promised_limit", colour="red")


def test_who_may_not_or_gives_no_reason_or_no_day_of_the_table_is_refused(office: Office) -> None:
    with office.refused("not_permitted"):
        change(office, CLOSED, by="secadmin")
    with office.refused("invalid_request"):
        change(office, CLOSED, reason=" ")
    with office.refused("invalid_request"):
        change(office, {date(2061, 1, 1): REST})
    with office.refused("invalid_request"):
        change(office, {})


def test_a_stop_of_the_diagram_and_its_planned_end_move_with_the_step_that_makes_it(office: Office) -> None:
    begin(office, YJ, "site_survey", complex_process=True)
    office.advance(to=at(3, 11, 10, 0))
    do(office, "site_survey")
    assert office.task("expert_review").due_at == at(4, 1)
    seen = preview(office, CLOSED)
    assert seen.standing_still == 0, "what was left when it stopped lies before the closed days"
    change(office, CLOSED)
    assert office.task("expert_review").due_at == at(4, 3)
    assert office.due_rows()["expert_review", "stop_end"] == at(4, 3)
    office.advance(to=at(4, 3) + timedelta(seconds=1))
    assert office.history(kind="clock_resumed")[-1]["payload"]["why"] == "planned_end"
    # 14 working days from the evening of 3 April; Qingming is on the sixth.
    assert office.case().due_at == at(4, 24)
    nothing_moves(office)


def test_days_closed_before_a_stop_are_given_back_to_the_limit_that_stands_still(office: Office) -> None:
    begin(office, YJ, "site_survey", complex_process=True)
    office.advance(to=at(3, 17, 10, 0))
    do(office, "site_survey")
    paused = next(row for row in office.all_due_rows() if row.role == "promised_limit")
    assert paused.remaining["amount"] == 9, "the days after this one"
    seen = preview(office, CLOSED)
    assert seen.standing_still >= 1
    change(office, CLOSED)
    paused = next(row for row in office.all_due_rows() if row.role == "promised_limit")
    assert (paused.remaining["amount"], paused.state) == (11, 1)
    nothing_moves(office)


def test_a_suspended_case_counts_neither_the_stop_nor_the_closed_days(office: Office) -> None:
    number = begin(office, YJ, "section_review")
    office.claim("section", "section_review")
    vice = office.actor("vice")
    legal = SuspendCase(number, "行政许可法第四十五条", "等待司法结论")
    office.perform(lambda c: suspend_case(c, office.services, vice, legal, office.now), vice, number)
    change(office, CLOSED)
    nothing_moves(office)
    office.advance(days=14)
    vice = office.actor("vice")
    office.perform(lambda c: resume_case(c, office.services, vice, number, "结论已到", office.now), vice, number)
    nothing_moves(office)
    change(office, {date(2026, 3, 26): REST})
    nothing_moves(office)
    assert finish(office) == "granted"


def test_a_special_step_of_so_many_days_ends_so_many_days_later(office: Office) -> None:
    number = begin(office, YJ, "section_review")
    office.claim("section", "section_review")
    section = office.actor("section")
    command = BeginSpecialStep(number, "hearing", 5, "申请人要求听证")
    office.perform(lambda c: begin_special_step(c, office.services, section, command, office.now), section, number)
    start = office.today
    change(office, CLOSED)
    (row,) = [row for row in office.all_due_rows() if row.role == "stop_end"]
    assert row.due_at == office.calendar.add_working_days(start, 5)
    nothing_moves(office)
    office.advance(to=row.due_at + timedelta(seconds=1))
    assert office.history(kind="clock_resumed")
    nothing_moves(office)


def test_what_is_taken_back_is_due_by_the_calendar_of_today(office: Office) -> None:
    number = begin(office, YJ, "section_review")
    office.claim("section", "section_review")
    before = office.task("section_review").due_at
    done = office.complete("section", "section_review")
    assert done.outcome == "completed"
    office.advance(minutes=5)
    change(office, {office.today + timedelta(days=1): REST})
    section, task = office.actor("section"), office.tasks("section_review", status="completed")[-1]
    office.act("section", lambda c, a: take_back(c, office.services, a, task.id, "附件有误", office.now), task.id)
    assert section is not None
    assert office.due_rows(number)["section_review_limit", "step_limit"] > before
    nothing_moves(office)


def test_the_notice_of_a_year_must_name_its_statutory_holidays_and_ends_the_provisional_table(office: Office) -> None:
    days: Days = {day: DayChange("holiday", name) for day, name in statutory_days(2027)}
    with office.refused("invalid_request") as refusal:
        change(office, {day: days[day] for day in list(days)[1:]}, 2027)
    assert "元旦 2027-01-01" in refusal.message
    assert office.calendar.is_provisional(2027)
    change(office, {**days, date(2027, 2, 9): REST, date(2027, 2, 20): MAKEUP}, 2027)
    assert not office.calendar.is_provisional(2027)
    (book,) = office.rows(select(office_change).where(office_change.c.kind == NOTICED))
    assert (book.subject, book.actor, book.reason) == ("calendar/2027", office.ids["sysadmin"], "县庆放假")
    # The notice is entered again without a day that was wrong.
    change(office, days, 2027)
    assert office.calendar.is_workday(date(2027, 2, 9)) and not office.calendar.is_workday(date(2027, 2, 20))


def test_a_notice_takes_the_place_of_all_that_earlier_ones_named(office: Office) -> None:
    """The second notice repeats a day of the first, the third leaves it out."""
    days: Days = {day: DayChange("holiday", name) for day, name in statutory_days(2027)}
    saturday, bridge = date(2027, 1, 23), date(2027, 2, 9)
    change(office, {**days, saturday: MAKEUP}, 2027)
    change(office, {**days, saturday: MAKEUP, bridge: REST}, 2027)
    change(office, days, 2027)
    assert not office.calendar.is_workday(saturday)
    assert office.calendar.is_workday(bridge)


def test_a_lost_batch_goes_on_where_it_was(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """Three cases in batches of one: each message brings the next."""
    monkeypatch.setattr("service.commands.recount_limits.BATCH", 1)
    numbers = [office.start(YJ) for _ in range(3)]
    change(office, CLOSED)
    assert all(office.history(number, kind="limits_recounted") for number in numbers)
    kinds = [row.kind for row in office.rows(select(outbox).where(outbox.c.kind.like("recount%")))]
    assert (kinds.count("recount_case"), kinds.count("recount_limits")) == (3, 4)


def test_what_an_incident_holds_up_moves_and_stays_held_up(office: Office) -> None:
    office.start(YJ)
    with transaction(office.engine) as connection:
        connection.execute(update(due_row).where(due_row.c.case_id == office.case().id).values(state=2))
    change(office, CLOSED)
    assert {row.state for row in office.all_due_rows()} == {2}
    assert {row.due_at for row in office.all_due_rows() if row.role == "step_limit"} == {at(3, 18)}


@pytest.mark.parametrize("item", ITEMS)
def test_counted_anew_by_the_same_calendar_no_limit_of_any_item_moves(office: Office, item: str) -> None:
    """And by another one exactly those that the preview names, wherever the case stands."""
    chance = random.Random(item)
    number = office.start(item)
    office.put()
    for _ in range(40):
        steps = office.open_steps()
        if not steps:
            break
        nothing_moves(office)
        days: Days = {office.today + timedelta(days=chance.randrange(12)): chance.choice((REST, MAKEUP, None))}
        seen, before = preview(office, days), limits(office)
        change(office, days)
        moved = {key for key, value in limits(office).items() if value != before.get(key)}
        assert len({timer for timer, role in moved if role not in ("blue", "yellow")}) == seen.total
        nothing_moves(office)
        do(office, min(steps, key=lambda step: (step.endswith("publicity"), step)))
    assert office.case(number).status == "completed"
    office.expect_a_sound_record()


def set_hours(office: Office, department: str, hours: list[str], **more: Any) -> int:
    given = {"place": "", "items": [], "effective_on": office.today + timedelta(days=1), "reason": "延时服务", **more}
    by = given.pop("by", "sysadmin")
    with transaction(office.engine) as connection:
        command = SetOfficeHours(department=department, hours=hours, **given)
        done = set_office_hours(connection, office.services, office.actor(by), command, office.now)
    office.deliver()
    return done


def told_of_moves(office: Office) -> list[str]:
    return [row.text for row in office.rows(select(notice).where(notice.c.kind == "applicant_due_moved"))]


def test_the_applicant_is_told_once_of_the_day_that_moved_and_of_no_other(office: Office) -> None:
    number = begin(office, YJ, "site_survey")
    due = office.case(number).due_at
    change(office, CLOSED)
    (text,) = told_of_moves(office)
    before, after = (
        office.calendar.local_date(one - timedelta(seconds=1)) for one in (due, office.case(number).due_at)
    )
    assert text == f"【临江县】因县庆放假，您的办件 {number} 的办结期限由 {before} 调整为 {after}。"
    office.deliver()
    change(office, {date(2026, 3, 9): None})
    assert told_of_moves(office) == [text], "what moves no day is told to nobody"


def test_a_windows_own_hours_move_no_day_and_tell_nobody(office: Office) -> None:
    begin(office, YJ, "site_survey")
    set_hours(office, "YJ", ["09:00-20:00"])
    assert told_of_moves(office) == []


def test_a_windows_own_hours_move_the_limits_of_its_cases_alone(office: Office) -> None:
    mine, other = office.start(YJ), office.start("LJ-MZ-XK-001")
    before = office.case(other).due_at, {row.due_at for row in office.all_due_rows(other)}
    set_hours(office, "YJ", ["09:00-20:00"])
    assert office.task("formal_check", mine).due_at == at(3, 16, 20, 0), "at the window's own close of business"
    assert (office.case(other).due_at, {row.due_at for row in office.all_due_rows(other)}) == before
    (told,) = office.history(mine, kind="limits_recounted")
    assert told["payload"]["reason"] == "延时服务"
    assert office.task("formal_check", office.start(YJ)).due_at == at(3, 16, 20, 0)
    nothing_moves_by_window(office, mine)


def nothing_moves_by_window(office: Office, number: str) -> None:
    row = office.case(number)
    with reading(office.engine) as connection:
        calendar = office.services.calendars.of(connection, None, row.department, row.power_item)
        rows = due_rows_of(connection, [row.id])[row.id]
    assert recount(rows, read_memory(row.state), calendar, office.now, Shares(0.5, 0.8)) == []


def test_another_window_of_a_department_keeps_hours_for_its_items(office: Office) -> None:
    set_hours(office, "YJ", ["09:00-18:00"])
    set_hours(office, "YJ", ["10:00-12:00"], place="乡镇服务点", items=[YJ])
    assert office.task("formal_check", office.start(YJ)).due_at == at(3, 16, 12, 0)
    with office.refused("invalid_request"):
        set_hours(office, "YJ", ["10:00-12:00"], place="又一处", items=[YJ])


def test_a_wrong_window_or_a_day_that_is_not_to_come_is_refused(office: Office) -> None:
    wrong: list[dict[str, Any]] = [
        {"effective_on": office.today},
        {"department": "XX"},
        {"hours": ["12:00-09:00"]},
        {"hours": []},
        {"hours": ["nine"]},
        {"place": "乡镇服务点"},
        {"items": [YJ]},
        {"place": "乡镇服务点", "items": ["LJ-MZ-XK-001"]},
        {"reason": " "},
    ]
    for one in wrong:
        with office.refused("invalid_request"):
            set_hours(office, **{"department": "YJ", "hours": ["09:00-17:00"], **one})
    with office.refused("not_permitted"):
        set_hours(office, "YJ", ["09:00-17:00"], by="yj_head")
