"""What a pass sees over a real database: the month, the public's voice, orders."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from pathlib import Path

from sqlalchemy import event, select, update

from service.attachments.store import FileStore
from service.commands.act import CaseAct
from service.commands.booking import book
from service.commands.fees import void_notice
from service.commands.fines import allow_later, decide_surcharge
from service.commands.import_volumes import import_volumes
from service.commands.open_notices import open_notices
from service.database.session import transaction
from service.database.tables import alarm, attachment, order_alarm, supervision_order
from service.fees.ledger import withdraw
from supervision import watching
from supervision.collecting import collect
from supervision.collecting_files import filled
from supervision.facts import Facts
from tests.commands.office import Office
from tests.commands.stories import PENALTY, SG, YJ
from tests.commands.test_fines import FINE, by, fined, later, on_case
from tests.commands.test_penalty import by as of_penalty
from tests.commands.test_penalty import reach_by_time, unpaid
from tests.commands.walking import begin


def seen(office: Office, *, slow: bool = True) -> Facts:
    with transaction(office.engine) as connection:
        return collect(connection, office.services, office.now, hourly=slow, whole=slow)


def watch(office: Office) -> int:
    with transaction(office.engine) as connection:
        return watching.watch(connection, office.services, office.now)


def test_a_fine_is_seen_with_the_facts_and_the_benchmark_of_its_item(office: Office) -> None:
    begin(office, PENALTY, "serve_decision", violation="stall", proposed_fine=1200_00)
    (fine,) = seen(office).fines
    assert (fine.amount_fen, fine.answers["violation"]) == (1200_00, "stall")
    assert {(tuple(band.answers.items()), band.most_fen) for band in fine.bands} >= {
        ((("violation", "stall"),), 1000_00)
    }
    watch(office)
    (one,) = office.rows(select(alarm).where(alarm.c.rule == "fee.discretion"))
    assert (one.colour, one.case_id) == ("red", fine.act.case.id)


def test_steps_endings_and_windows_of_the_month_are_seen(office: Office) -> None:
    begin(office, SG, "deliver")
    office.now += timedelta(days=1)
    facts = seen(office)
    assert {one.act.element_id for one in facts.done} >= {"formal_check", "decide"}
    assert all(one.entered_at <= one.act.at for one in facts.done)
    (window,) = facts.intakes
    assert window.department == "SG" and sum(count for _, count in window.days) == 1
    assert len(window.days) >= 26, "three weeks before a silence of two and more"
    assert facts.month_endings == facts.endings


def test_an_order_is_seen_from_its_sending_to_what_came_again(office: Office) -> None:
    begin(office, YJ, "site_survey")
    office.complete("officer", "site_survey")  # Too early: halted, red.
    office.deliver()
    (order,) = seen(office).orders
    assert order.told_at is not None and order.seen_at is None and order.answered_at is None
    (row,) = office.rows(select(supervision_order))
    with transaction(office.engine) as connection:
        open_notices(connection, office.actor("sup1"), row.case_id, office.now)
    (order,) = seen(office).orders
    assert order.seen_at == office.now and order.mended


def test_an_answered_order_about_the_limit_of_a_case_changes_nothing_until_the_case_is_decided(office: Office) -> None:
    begin(office, SG, "section_review")
    office.advance(working_days=2)
    office.complete("section", "section_review")
    office.claim("vice", "decide")
    office.advance(working_days=7)
    (limit,) = office.rows(select(alarm).where(alarm.c.rule == "overdue.promised_limit", alarm.c.colour == "red"))
    (number,) = {row.number for row in office.orders() if row.case_id == order_of(office, limit.id)}
    office.complete("sup1", "sign", number)
    office.complete("sup1", "answer", number)
    with transaction(office.engine) as connection:
        # The order about the limit alone: an overdue step of the same case goes on by itself.
        connection.execute(
            order_alarm.delete().where(
                order_alarm.c.order_case_id == order_of(office, limit.id), order_alarm.c.alarm_id != limit.id
            )
        )
    assert [one.mended for one in seen(office).orders if one.case.number == number] == [False]
    office.complete("vice", "decide")
    assert [one.mended for one in seen(office).orders if one.case.number == number] == [True]


def order_of(office: Office, alarm_id: int) -> int:
    (row,) = office.rows(select(order_alarm.c.order_case_id).where(order_alarm.c.alarm_id == alarm_id))
    return int(row.order_case_id)


def statements(office: Office) -> int:
    count = 0

    def hear(*_given: object) -> None:
        nonlocal count
        count += 1

    event.listen(office.engine, "before_cursor_execute", hear)
    try:
        seen(office)
    finally:
        event.remove(office.engine, "before_cursor_execute", hear)
    return count


def test_a_pass_does_as_many_statements_for_six_cases_as_for_two(office: Office) -> None:
    for number in range(2):
        begin(office, SG, "decide")
        begin(office, YJ, "section_review")
        if not number:
            few = statements(office)
    begin(office, YJ, "section_review")
    begin(office, SG, "decide")
    assert statements(office) == few <= 60


def test_notices_that_gave_way_when_their_payer_was_urged_raise_nothing(office: Office) -> None:
    unpaid(office)
    of_penalty(office, "head", decide_surcharge, "逾期未缴")
    reach_by_time(office, "await_remedy_period")
    notices = [(one.status, one.paid_later) for one in seen(office).notices]
    assert notices == [("void", True)] * 2 + [("unpaid", False)] * 2
    watch(office)
    assert office.rows(select(alarm).where(alarm.c.rule == "fee.cancelled")) == []


def test_notices_that_plans_of_later_payment_replaced_raise_nothing_and_others_do(office: Office) -> None:
    fined(office)
    plan = [(20, FINE // 2), (50, FINE // 2)]
    for _ in range(2):
        office.now += timedelta(days=1)
        by(office, "head", allow_later, later(office, *plan))
    notices = [(one.status, one.paid_later) for one in seen(office).notices]
    assert notices == [("void", True)] * 3 + [("unpaid", False)] * 2
    watch(office)
    of_rule = select(alarm).where(alarm.c.rule == "fee.cancelled")
    assert office.rows(of_rule) == []

    def cancel(act: CaseAct) -> None:
        for code in list(act.books.codes)[-2:]:
            told = book(act, withdraw(act.books, code))
            void_notice(act, code)
            act.record("payment_notice_withdrawn", None, pay_code=code, ledger=told)

    office.now += timedelta(minutes=2)
    on_case(office, cancel)
    watch(office)
    assert [row.colour for row in office.rows(of_rule)] == ["yellow"]


def test_a_look_reads_the_month_of_those_alone_of_whom_something_is_new(office: Office) -> None:
    begin(office, SG, "deliver")
    office.now += timedelta(days=1)
    begin(office, YJ, "section_review")

    def news(minutes: float) -> Facts:
        with transaction(office.engine) as connection:
            since = office.now - timedelta(minutes=minutes)
            return collect(connection, office.services, office.now, hourly=False, whole=False, news_since=since)

    people = {one.act.person_id for one in news(0.5).done}
    assert people and people < {one.act.person_id for one in seen(office).done}
    office.now += timedelta(days=1)
    quiet = news(5)
    assert (quiet.done, quiet.held, quiet.month_endings) == ((), (), ())
    # What a look has seen of the last days, the next one need not look at again.
    assert (quiet.acts, quiet.stages, quiet.files, quiet.seats) == ((), (), (), ())
    whole = seen(office)
    assert whole.acts and whole.stages and whole.seats == ()
    assert set(news(24 * 60 + 5).acts) == set(whole.acts)


def test_files_and_durations_are_judged_when_they_are_new_and_once_a_day(office: Office) -> None:
    begin(office, SG, "deliver")
    office.now += timedelta(days=4)
    known = begin(office, SG, "deliver")
    with transaction(office.engine) as connection:
        own = update(attachment).where(attachment.c.case_id == office.known(known).id)
        connection.execute(own.values(digest="e" * 64))
    office.now += timedelta(hours=3)
    since = office.now
    fresh = begin(office, YJ, "section_review")
    with transaction(office.engine) as connection:
        late = collect(connection, office.services, office.now, hourly=False, whole=False, news_since=since)
    whole = seen(office)
    assert fresh in {file.case.number for file in late.files}
    assert {file.case.number for file in whole.files} - {file.case.number for file in late.files} == {known}
    assert {one.act.case.number for one in late.stages} == {one.act.case.number for one in whole.stages}
    assert {one.act.case.number for one in whole.stages if one.earlier} - {fresh}
    assert {one.act.case.number for one in late.stages if one.earlier} <= {fresh}


def test_of_small_files_the_bytes_that_are_not_blank_are_counted(tmp_path: Path) -> None:
    files = FileStore(tmp_path, 10_000)
    with files.staged(BytesIO(b"%PDF-1.4\n%%EOF\n" + b"\n " * 50)) as staged:
        files.keep(staged)
    assert filled(files, staged.digest) == 13
    assert filled(files, "0" * 64) is None


def test_volumes_older_than_the_system_stand_beside_the_same_days_of_now(office: Office) -> None:
    office.start(SG)
    office.now += timedelta(days=40)
    a_year_ago = office.now - timedelta(days=365 + 30)
    months = {f"{(a_year_ago + timedelta(days=n)):%Y-%m}" for n in range(30)}
    content = "\n".join(["dept_code,category,month,cases", *(f"SG,XK,{month},31" for month in sorted(months))])
    with transaction(office.engine) as connection:
        import_volumes(connection, None, content.encode(), office.now)
    (volume,) = [one for one in seen(office).volumes if one.place.item is None]
    assert (volume.place.department, volume.place.category, volume.now) == ("SG", "XK", 0)
    assert 29 <= volume.earlier[0] <= 32
    watch(office)
    (one,) = office.rows(select(alarm).where(alarm.c.rule == "off_system.silence"))
    assert one.subject.startswith("silence/SG-XK/")


def test_a_spring_festival_that_is_later_than_last_year_takes_its_days_from_what_is_usual(office: Office) -> None:
    office.now = datetime(2026, 1, 5, 9, tzinfo=UTC)
    office.start(SG)
    office.now = datetime(2026, 3, 1, 9, tzinfo=UTC)
    content = "\n".join(["dept_code,category,month,cases", "SG,XK,2025-01,40", "SG,XK,2025-02,40"])
    with transaction(office.engine) as connection:
        import_volumes(connection, None, content.encode(), office.now)
    (volume,) = [one for one in seen(office).volumes if one.place.item is None]
    # The last two days of January 2025 were the festival's; of 30 days of 2026 it takes more than of those of 2025.
    calendar = office.services.calendars.get
    with transaction(office.engine) as connection:
        then, now = (
            sum(calendar(connection).is_workday(day + timedelta(days=n)) for n in range(30))
            for day in (date(2025, 1, 30), date(2026, 1, 30))
        )
    assert now < then
    assert volume.earlier == (round(40 * now / then),)
