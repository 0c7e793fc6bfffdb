"""停机补录: a declared outage, and the numbered receipts that are entered afterwards as of their own instant."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from service.commands.declare_outage import (
    DeclareOutage,
    declare_outage,
    end_outage,
    lengthen_outage,
    object_to_outage,
)
from service.commands.enter_from_paper import PaperReceipt
from service.commands.paper_receipts import PrintReceipts, VoidReceipts, print_receipts, void_receipts
from service.database.session import transaction
from service.database.tables import alarm, case, notice, office_change, outage, paper_receipt
from service.errors import Refused
from supervision import watching
from tests.commands.instants import at
from tests.commands.office import CST, Office
from tests.commands.stories import HOTLINE, MZ, PENALTY, SG, YJ
from tests.commands.walking import begin, finish


def printed(office: Office, count: int = 5, *, department: str = "SG", by: str = "sg_clerk") -> list[Any]:
    """The receipts of a new block."""
    command = PrintReceipts(department, count, "1 号窗口", "备用")
    with transaction(office.engine) as connection:
        block = print_receipts(connection, office.services, office.actor(by), command, office.now)
    return office.rows(select(paper_receipt).where(paper_receipt.c.block_id == block).order_by(paper_receipt.c.id))


def declared(
    office: Office, start: datetime, end: datetime, *departments: str, by: str = "secadmin", reason: str = "机房断电"
) -> int:
    command = DeclareOutage(departments, start, end, reason)
    with transaction(office.engine) as connection:
        return declare_outage(connection, office.services, office.actor(by), command, office.now)


def ended(office: Office, outage_id: int, **more: Any) -> None:
    with transaction(office.engine) as connection:
        end_outage(connection, office.services, office.actor("secadmin"), outage_id, "已恢复", office.now, **more)


def row_of(office: Office, outage_id: int) -> Any:
    return office.rows(select(outage).where(outage.c.id == outage_id))[0]


def watch(office: Office) -> None:
    with transaction(office.engine) as connection:
        watching.watch(connection, office.services, office.now)


def alarms(office: Office, rule: str) -> list[Any]:
    return office.rows(select(alarm).where(alarm.c.rule == rule).order_by(alarm.c.id))


def out_from_nine_to_four(office: Office, *departments: str) -> tuple[list[Any], int]:
    """Monday: receipts were printed on Friday, at ten the outage since nine is declared, at four it is over."""
    office.now = at(3, 6, 15, 0)
    receipts = printed(office)
    office.now = at(3, 9, 10, 0)
    outage_id = declared(office, at(3, 9, 9, 0), at(3, 9, 17, 0), *departments)
    office.now = at(3, 9, 16, 0)
    ended(office, outage_id)
    return receipts, outage_id


def test_a_case_entered_after_an_outage_counts_as_of_its_receipt(office: Office) -> None:
    receipts, outage_id = out_from_nine_to_four(office, "SG")
    office.now = at(3, 10, 9, 30)
    number = office.start(SG, paper=PaperReceipt(receipts[0].number.lower(), at(3, 9, 11, 20)))
    row = office.case(number)
    assert (row.created_at, row.received_on) == (office.now, at(3, 9).date())
    task = office.task("formal_check")
    monday = office.calendar.add_working_days(at(3, 9, 11, 20), 5)
    assert (task.due_at, task.entered_at) == (monday, office.now)
    assert task.earliest_at == office.now + timedelta(minutes=1), "what has to be done takes its time"
    (told,) = office.history(kind="paper_receipt_entered")
    assert told["payload"] | {"outage_id": outage_id} == {
        "receipt": receipts[0].number,
        "received_at": "2026-03-09T11:20:00+08:00",
        "outage": row_of(office, outage_id).number,
        "outage_id": outage_id,
        "in_time": True,
    }
    assert told["actor"] == office.ids["sg_clerk"] and told["at"] == office.now
    used = office.rows(select(paper_receipt).where(paper_receipt.c.number == receipts[0].number))[0]
    assert (used.status, used.case_id, used.entered_by) == ("entered", row.id, office.ids["sg_clerk"])
    office.put()
    office.advance(minutes=2)
    office.complete("clerk", "formal_check")
    accepted = office.case(number)
    assert accepted.accepted_on == at(3, 9).date(), "accepted as of the receipt"
    promised = office.calendar.add_working_days(at(3, 9).date(), 10)
    assert accepted.due_at <= promised
    assert finish(office) == "granted"


def test_what_is_corrected_afterwards_is_accepted_on_its_own_day(office: Office) -> None:
    receipts, _ = out_from_nine_to_four(office, "SG")
    office.now = at(3, 10, 9, 30)
    number = office.start(SG, paper=PaperReceipt(receipts[0].number, at(3, 9, 11, 20)))
    office.advance(minutes=5)
    office.complete("clerk", "formal_check", check_result="correction")
    office.now = at(3, 11, 9, 30)
    office.message("correction")
    office.put()
    office.advance(minutes=5)
    office.complete("clerk", "formal_check")
    row = office.case(number)
    assert (row.received_on, row.accepted_on) == (at(3, 11).date(), at(3, 11).date())


def test_within_two_working_days_there_is_no_alarm_and_later_there_is_one(office: Office) -> None:
    receipts, outage_id = out_from_nine_to_four(office, "SG")
    assert row_of(office, outage_id).enter_by == office.calendar.add_working_days(at(3, 9, 16, 0), 2)
    office.now = at(3, 11, 17, 0)
    for receipt in receipts[:3]:
        office.start(SG, paper=PaperReceipt(receipt.number, at(3, 9, 11, 20)))
    office.now = row_of(office, outage_id).enter_by
    in_time = office.start(SG, paper=PaperReceipt(receipts[3].number, at(3, 9, 15, 59)))
    watch(office)
    assert alarms(office, "backfilled.entry") == alarms(office, "backfilled.receipt") == []
    assert alarms(office, "batch.burst") == []
    office.now = at(3, 12, 9, 0)
    late = office.start(SG, paper=PaperReceipt(receipts[4].number, at(3, 9, 15, 59)))
    watch(office)
    (one,) = alarms(office, "backfilled.entry")
    assert (one.kind, one.colour, one.case_id) == ("backfilled", "red", office.case(late).id)
    assert one.person_id == office.ids["sg_clerk"]
    assert office.history(late, "paper_receipt_entered")[0]["payload"]["in_time"] is False
    assert office.case(in_time).status == "open"


def test_a_number_is_refused_that_is_unknown_used_void_of_others_or_of_no_outage(office: Office) -> None:
    receipts, _ = out_from_nine_to_four(office, "SG")
    other = printed(office)[0]
    office.now = at(3, 10, 9, 0)
    received = at(3, 9, 11, 0)
    office.start(SG, paper=PaperReceipt(receipts[0].number, received))
    with transaction(office.engine) as connection:
        last = VoidReceipts(receipts[4].block_id, receipts[4].serial, receipts[4].serial, "清点")
        assert void_receipts(connection, office.actor("sg_section"), last, office.now) == 1
    made_up = receipts[1].number[:-1] + ("A" if receipts[1].number[-1] != "A" else "B")
    wrong = {
        made_up: "receipt_unknown",
        "SJ-1": "receipt_unknown",
        receipts[0].number: "receipt_used",
        receipts[4].number: "receipt_void",
        other.number: "no_outage",
    }
    for number, code in wrong.items():
        with pytest.raises(Refused) as refused:
            office.start(SG, paper=PaperReceipt(number, received))
        assert (refused.value.code, refused.value.details[0].code) == ("receipt_refused", code)
    with pytest.raises(Refused) as refused:
        office.start(MZ, paper=PaperReceipt(receipts[1].number, received))
    assert refused.value.details[0].code == "receipt_of_other_department"
    for instant in (at(3, 9, 8, 59), at(3, 9, 16, 0), at(3, 10, 8, 0)):
        with pytest.raises(Refused) as refused:
            office.start(SG, paper=PaperReceipt(receipts[1].number, instant))
        assert refused.value.details[0].code == "outside_outage"
        assert refused.value.details[0].pointer == "/paper_receipt/received_at"
    assert len(office.rows(select(case))) == 1


def test_receipts_printed_after_the_outage_began_serve_the_next_one_alone(office: Office) -> None:
    outage_id = declared(office, at(3, 9, 8, 0), at(3, 9, 12, 0), "SG")
    (late, *_) = printed(office)
    with pytest.raises(Refused) as refused:
        office.start(SG, paper=PaperReceipt(late.number, at(3, 9, 8, 30)))
    assert refused.value.details[0].code == "no_outage"
    ended(office, outage_id)
    office.now = at(3, 9, 14, 0)
    declared(office, at(3, 9, 13, 0), at(3, 9, 15, 0))
    office.start(SG, paper=PaperReceipt(late.number, at(3, 9, 13, 30)))


def test_the_office_enters_nothing_of_its_own_motion_from_paper(office: Office) -> None:
    receipt = printed(office, 1, department="CG", by="cg_clerk")[0]
    office.advance(minutes=5)
    declared(office, office.now, office.now + timedelta(hours=3))
    office.advance(minutes=5)
    with pytest.raises(Refused) as refused:
        office.start(PENALTY, paper=PaperReceipt(receipt.number, office.now))
    assert refused.value.details[0].code == "not_applied_for"


def test_a_call_of_the_outage_is_late_by_the_limits_that_count_from_it(office: Office) -> None:
    """The step's limit of 10 minutes has passed at entry: it is told once, with the instant at which it passed."""
    receipt = printed(office, 1, department="RX", by="rx_hotline_operator")[0]
    office.advance(minutes=1)
    declared(office, office.now, office.now + timedelta(hours=2), "RX")
    called = office.now + timedelta(minutes=1)
    office.now += timedelta(hours=1)
    office.start(HOTLINE, "rx_hotline_operator", paper=PaperReceipt(receipt.number, called))
    office.advance(seconds=1)
    reached = [row for row in office.history(kind="limit_reached") if row["payload"]["colour"] == "red"]
    assert reached and all(datetime.fromisoformat(row["payload"]["due_at"]) < office.now for row in reached)
    assert office.alarms(colour="red")


def test_a_deemed_acceptance_of_what_lay_too_long_counts_from_the_receipt(office: Office) -> None:
    """Eight working days after the receipt it is entered: the law has accepted it from the day of receipt."""
    office.now = at(3, 6, 15, 0)
    receipt = printed(office, 1, department="YJ", by="yj_clerk")[0]
    office.now = at(3, 9, 10, 0)
    ended(office, declared(office, at(3, 9, 9, 0), at(3, 9, 17, 0), "YJ"), at=at(3, 9, 9, 59))
    office.now = at(3, 19, 9, 0)
    number = office.start(YJ, paper=PaperReceipt(receipt.number, at(3, 9, 9, 30)))
    office.advance(seconds=1)
    assert office.case(number).accepted_on == at(3, 9).date()
    assert office.history(kind="acceptance_deemed")
    (step,) = office.open_steps()
    assert office.task(step).entered_at >= at(3, 19, 9, 0)


@pytest.mark.parametrize(
    ("start", "end", "code"),
    [
        (at(3, 8, 20, 59), at(3, 9, 12, 0), "too_far_back"),
        (at(5, 9, 9, 0), at(5, 9, 12, 0), "too_far_ahead"),
        (at(3, 9, 9, 0), at(3, 9, 9, 0), "range"),
        (at(3, 9, 9, 0), at(3, 16, 9, 1), "range"),
    ],
)
def test_an_outage_begins_near_today_and_does_not_last(
    office: Office, start: datetime, end: datetime, code: str
) -> None:
    with pytest.raises(Refused) as refused:
        declared(office, start, end)
    assert refused.value.details[0].code == code


def test_an_outage_is_declared_with_a_reason_once_for_departments_that_there_are(office: Office) -> None:
    start, end = at(3, 9, 9, 0), at(3, 9, 12, 0)
    for departments, reason in ((("SG",), " "), (("XX",), "断电")):
        with office.refused("invalid_request"):
            declared(office, start, end, *departments, reason=reason)
    for who in ("sysadmin", "sup2", "sg_head", "sg_clerk"):
        with office.refused("not_permitted"):
            declared(office, start, end, by=who)
    declared(office, start, end, "SG")
    with office.refused("invalid_request"):
        declared(office, at(3, 9, 11, 59), at(3, 9, 13, 0))
    declared(office, start, end, "MZ")
    declared(office, end, at(3, 9, 13, 0))
    numbers = [row.number for row in office.rows(select(outage).order_by(outage.c.id))]
    assert numbers == [f"临停〔2026〕000{n}号" for n in (1, 2, 3)]


def test_supervision_is_told_with_what_was_done_in_that_time_and_may_object(office: Office) -> None:
    begin(office, SG, "formal_check")
    office.now += timedelta(hours=2)
    receipt = printed(office, 1)[0]
    outage_id = declared(office, at(3, 9, 8, 30), office.now + timedelta(hours=1), "SG")
    row = row_of(office, outage_id)
    assert row.acts_at_declaration == 1
    told = office.rows(select(notice).where(notice.c.kind == "outage_declared"))
    supervisors = {office.ids[name] for name in ("sg_sup1", "sup2", "centre")}
    assert {one.recipient for one in told} == supervisors
    assert row.number in told[0].text and "1 次操作" in told[0].text
    for who in ("mz_sup1", "sg_head", "secadmin"):
        with office.refused("not_permitted"), transaction(office.engine) as connection:
            object_to_outage(connection, office.services, office.actor(who), outage_id, "未见停机", office.now)
    with transaction(office.engine) as connection:
        object_to_outage(connection, office.services, office.actor("sg_sup1"), outage_id, "未见停机", office.now)
    with office.refused("outage_over"), transaction(office.engine) as connection:
        object_to_outage(connection, office.services, office.actor("sup2"), outage_id, "未见停机", office.now)
    told = office.rows(select(notice).where(notice.c.kind == "outage_objected"))
    assert office.ids["secadmin"] in {one.recipient for one in told}
    kinds = [one.kind for one in office.rows(select(office_change).order_by(office_change.c.id))]
    assert kinds == ["paper_receipts_printed", "outage_declared", "outage_objected"]
    # The block was printed after it began: another outage, objected to after the entry.
    assert receipt.status == "blank"


def test_an_objection_after_the_entry_gives_the_alarm_back(office: Office) -> None:
    receipts, outage_id = out_from_nine_to_four(office, "SG")
    office.now = at(3, 10, 9, 0)
    office.start(SG, paper=PaperReceipt(receipts[0].number, at(3, 9, 11, 0)))
    watch(office)
    assert alarms(office, "backfilled.entry") == []
    office.now = at(3, 20, 9, 0)
    with transaction(office.engine) as connection:
        object_to_outage(connection, office.services, office.actor("sup2"), outage_id, "未见停机", office.now)
    watch(office)
    assert len(alarms(office, "backfilled.entry")) == 1


def test_an_outage_lasts_longer_ends_earlier_or_is_called_off(office: Office) -> None:
    receipts = printed(office)
    office.advance(minutes=1)
    secadmin = office.actor("secadmin")
    outage_id = declared(office, office.now, office.now + timedelta(hours=2), "SG")
    begun = office.now
    for end, ok in ((begun + timedelta(hours=1), False), (begun + timedelta(hours=4), True)):
        try:
            with transaction(office.engine) as connection:
                lengthen_outage(connection, office.services, secadmin, outage_id, end, "未修好", office.now)
        except Refused as refusal:
            assert not ok and refusal.code == "invalid_request"
    office.now = begun + timedelta(hours=3)
    office.start(SG, paper=PaperReceipt(receipts[0].number, begun + timedelta(hours=1)))
    for wrong in (begun + timedelta(hours=1), begun - timedelta(minutes=1), office.now + timedelta(minutes=1)):
        with office.refused("invalid_request"):
            ended(office, outage_id, at=wrong)
    ended(office, outage_id, at=begun + timedelta(hours=2))
    assert row_of(office, outage_id).acts_at_end == 0
    assert row_of(office, outage_id).ends_at == begun + timedelta(hours=2)
    with office.refused("outage_over"):
        ended(office, outage_id)
    planned = declared(office, office.now + timedelta(days=1), office.now + timedelta(days=1, hours=1), "MZ")
    paper = printed(office, 1, department="MZ", by="mz_clerk")
    ended(office, planned)
    row = row_of(office, planned)
    assert row.ends_at == row.starts_at
    declared(office, office.now + timedelta(minutes=1), office.now + timedelta(hours=1), "MZ")
    office.now += timedelta(minutes=30)
    office.start(MZ, paper=PaperReceipt(paper[0].number, office.now - timedelta(minutes=5)))


def test_blocks_are_numbered_without_gaps_by_the_department_itself(office: Office) -> None:
    first = printed(office, 3)
    second = printed(office, 2, department="MZ", by="mz_section")
    assert [row.serial for row in (*first, *second)] == [1, 2, 3, 4, 5]
    assert len({row.number for row in (*first, *second)}) == 5
    for who, count, code in (("mz_clerk", 1, "not_permitted"), ("secadmin", 1, "not_permitted"), ("sg_clerk", 201, "")):
        with office.refused(code or "invalid_request"):
            printed(office, count, by=who)
    assert [row.serial for row in printed(office, 1)] == [6]


def test_numbers_that_nobody_entered_or_voided_are_shown_to_supervision(office: Office) -> None:
    receipts, outage_id = out_from_nine_to_four(office, "SG")
    office.now = at(3, 10, 9, 0)
    office.start(SG, paper=PaperReceipt(receipts[0].number, at(3, 9, 11, 0)))
    block, serials = receipts[0].block_id, [row.serial for row in receipts]
    wrong = VoidReceipts(block, serials[2], serials[4] + 1, "清点")
    for who, command, code in (
        ("sg_clerk", VoidReceipts(block, serials[2], serials[3], "清点"), "not_permitted"),
        ("mz_section", VoidReceipts(block, serials[2], serials[3], "清点"), "not_permitted"),
        ("sg_section", wrong, "invalid_request"),
        ("sg_section", VoidReceipts(block, serials[0], serials[0], "清点"), "invalid_request"),
    ):
        with office.refused(code), transaction(office.engine) as connection:
            void_receipts(connection, office.actor(who), command, office.now)
    with transaction(office.engine) as connection:
        back = VoidReceipts(block, serials[0], serials[3], "清点收回")
        assert void_receipts(connection, office.actor("sg_section"), back, office.now) == 3
    watch(office)
    assert alarms(office, "off_system.paper") == []
    office.now = row_of(office, outage_id).enter_by.astimezone(CST) + timedelta(hours=2)
    watch(office)
    (one,) = alarms(office, "off_system.paper")
    assert [row["receipt"] for row in one.evidence] == [receipts[4].number]
    assert (one.department, one.case_id, one.colour) == ("SG", None, "red")


def test_during_the_outage_no_receipt_is_voided(office: Office) -> None:
    receipts = printed(office, 2)
    office.advance(minutes=1)
    declared(office, office.now, office.now + timedelta(hours=2), "SG")
    command = VoidReceipts(receipts[0].block_id, receipts[0].serial, receipts[1].serial, "清点")
    with office.refused("invalid_request"), transaction(office.engine) as connection:
        void_receipts(connection, office.actor("sg_section"), command, office.now)


@pytest.mark.postgresql
def test_two_clerks_at_once_enter_a_receipt_once(office: Office) -> None:
    if office.engine.dialect.name != "postgresql":
        pytest.skip("one writer at a time")
    receipts, _ = out_from_nine_to_four(office, "SG")
    office.now = at(3, 10, 9, 0)
    paper, codes = PaperReceipt(receipts[0].number, at(3, 9, 11, 0)), []

    def enter(who: str) -> None:
        try:
            office.start(SG, who, paper=paper)
        except Refused as refusal:
            codes.append(refusal.details[0].code)

    clerks = [threading.Thread(target=enter, args=(who,)) for who in ("sg_clerk", "sg_clerk2", "sg_clerk")]
    for clerk in clerks:
        clerk.start()
    for clerk in clerks:
        clerk.join()
    assert codes == ["receipt_used", "receipt_used"]
    assert len(office.rows(select(case))) == 1
