"""The ladder of supervision: who is told at which rung and minute, what closes an alarm, and what opens it again."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from service.database.session import transaction
from service.database.tables import alarm, outbox, person
from tests.commands.office import Office
from tests.commands.seeing import CST
from tests.commands.stories import HB, SG, YJ, ZR
from tests.commands.walking import begin, finish

TICK = timedelta(microseconds=1)


def at(day: int, hour: int, minute: int = 0, second: int = 0) -> datetime:
    return datetime(2026, 3, day, hour, minute, second, tzinfo=CST)


def ordered(office: Office) -> str:
    """A survey of 58 seconds on Monday at 09:20:58 and its order; the order's number."""
    begin(office, YJ, "site_survey")
    office.advance(seconds=58)
    office.complete("officer", "site_survey")
    office.deliver()
    (order,) = office.orders()
    return str(order.number)


def order(office: Office) -> Any:
    return office.orders()[-1]


def texts(office: Office, number: str) -> list[tuple[str, str, datetime]]:
    """(kind, person, when) of the SMS about an order, reminders left out."""
    names = {row.id: row.username for row in office.rows(select(person.c.id, person.c.username))}
    sent = office.notices(number, channel="sms")
    told = [row for row in sent if not row.kind.startswith("order_reminded")]
    return [(row.kind, names[row.recipient], row.created_at.astimezone(CST)) for row in told]


def test_an_order_signed_answered_and_confirmed_in_time_closes_its_alarms(office: Office) -> None:
    number = ordered(office)
    assert office.alarms()[0].act_by == at(9, 14, 50, 58)
    office.advance(hours=1)
    office.complete("sup1", "sign", number)
    assert order(office).status == "signed"
    office.advance(hours=1)
    office.complete("sup1", "answer", number)
    assert (order(office).status, order(office).answered_at) == ("answered", office.now)
    assert office.alarms()[0].status == "ordered"
    office.complete("sup2", "confirm", number)
    closed = office.alarms()[0]
    assert (closed.status, closed.closed_at, closed.ground) == ("closed", office.now, "原因清楚，措施到位，同意销号。")
    assert (order(office).status, order(office).case_status) == ("closed", "completed")
    assert [kind for kind, _, _ in texts(office, number)] == ["order_level1", "order_confirm"]
    assert office.alarms(number) == []


def test_an_order_not_signed_in_four_office_hours_climbs_rung_by_rung_with_an_sms_at_each(office: Office) -> None:
    number = ordered(office)
    office.advance(to=at(9, 14, 50, 58))
    assert order(office).rung == 2
    office.advance(seconds=1)
    assert order(office).rung == 3
    assert office.open_steps(number) == ["sign", "urge"]
    office.advance(to=at(9, 16, 0))
    office.complete("sup2", "urge", number)
    assert office.open_steps(number) == ["sign", "wait_answer"]
    office.advance(to=at(10, 17, 30))
    assert order(office).rung == 3
    office.advance(seconds=1)
    assert order(office).rung == 4
    assert texts(office, number) == [
        ("order_level1", "yj_sup1", at(9, 9, 20, 58)),
        ("order_level2", "sup2", at(9, 14, 50, 58) + TICK),
        ("order_urged", "yj_sup1", at(9, 16, 0)),
        ("order_centre", "centre", at(10, 17, 30) + TICK),
        ("order_centre", "yj_head", at(10, 17, 30) + TICK),
    ]
    idle = office.alarms(number)
    assert [(a.kind, a.rule, a.colour) for a in idle] == [("supervision", "supervision.sign_idle", "red")]
    assert office.case().status == "halted"


def test_an_order_that_level_2_does_not_urge_goes_to_the_centre_after_a_working_day(office: Office) -> None:
    number = ordered(office)
    office.advance(to=at(10, 17, 30) + TICK)
    assert order(office).rung == 4
    assert {a.rule for a in office.alarms(number)} == {"supervision.sign_idle", "supervision.urge_idle"}
    assert [kind for kind, _, _ in texts(office, number)] == [
        "order_level1",
        "order_level2",
        "order_centre",
        "order_centre",
    ]


def test_an_order_signed_but_not_answered_in_a_working_day_climbs_too(office: Office) -> None:
    number = ordered(office)
    office.advance(hours=1)
    office.complete("sup1", "sign", number)
    office.advance(to=at(10, 17, 30))
    assert order(office).rung == 2
    office.advance(seconds=1)
    assert (order(office).rung, order(office).status) == (3, "signed")
    office.complete("sup1", "answer", number)
    assert office.open_steps(number) == ["confirm"], "the answer ends the urging"
    office.complete("sup2", "confirm", number)
    assert order(office).rung == 3


@pytest.mark.parametrize(("proposal", "rung"), [("none", 4), ("circular", 5), ("interview", 5)])
def test_the_fifth_rung_is_a_proposal_of_the_centre(office: Office, proposal: str, rung: int) -> None:
    number = ordered(office)
    office.advance(to=at(10, 18, 0))
    office.complete("centre", "centre_demand", number, proposal=proposal)
    assert order(office).rung == rung


def test_an_answer_that_is_returned_opens_the_order_again_and_leaves_the_alarm_open(office: Office) -> None:
    number = ordered(office)
    office.complete("sup1", "sign", number)
    office.complete("sup1", "answer", number)
    office.complete("sup2", "confirm", number, confirm_result="returned")
    assert (order(office).status, order(office).answered_at) == ("signed", None)
    assert (office.alarms()[0].status, office.alarms()[0].closed_at) == ("ordered", None)
    assert office.open_steps(number) == ["answer"]
    office.advance(to=at(10, 17, 30) + TICK)
    assert order(office).rung == 3
    office.complete("sup1", "answer", number)
    office.complete("sup2", "confirm", number)
    assert office.alarms()[0].status == "closed"


def test_closing_takes_a_cause_a_measure_evidence_and_another_person(office: Office) -> None:
    number = ordered(office)
    office.complete("sup1", "sign", number)
    for bare in ("cause", "explanation", "measure", "evidence"):
        with office.refused("invalid_answers") as refusal:
            office.complete("sup1", "answer", number, **{bare: None})
        assert refusal.missing == (f"/answers/{bare}",)
    office.complete("sup1", "answer", number)
    for nobody in ("sup1", "mz_sup1", "centre", "yj_head"):
        with office.refused("not_permitted"):
            office.complete(nobody, "confirm", number)
    with office.refused("invalid_answers"):
        office.complete("sup2", "confirm", number, confirm_opinion=None)


@pytest.mark.parametrize("nobody", ["mz_sup1", "yj_head", "yj_clerk", "sup2", "centre"])
def test_only_the_departments_level_1_signs_and_answers(office: Office, nobody: str) -> None:
    number = ordered(office)
    with office.refused("not_permitted"):
        office.complete(nobody, "sign", number)


def test_the_ruling_in_the_case_answers_the_order_and_level_2_confirms_it(office: Office) -> None:
    number = ordered(office)
    office.advance(hours=1)
    office.complete("sup1", "site_survey_ruling", halt_ruling="redo")
    assert order(office).status == "open", "the order hears of it from the outbox"
    office.deliver()
    assert (order(office).status, order(office).answered_at) == ("answered", office.now)
    assert office.open_steps(number) == ["confirm"]
    heard = office.history(number, kind="message_received")[0]["payload"]
    assert heard["ruling"] == "redo" and heard["reason"] and heard["person"] == office.actor("sup1").name
    office.complete("sup2", "confirm", number)
    assert office.alarms()[0].status == "closed"
    office.advance(days=3)
    assert [kind for kind, _, _ in texts(office, number)] == ["order_level1", "order_confirm"]


def test_a_ruling_before_the_outbox_has_opened_the_order_still_answers_it(office: Office) -> None:
    begin(office, YJ, "site_survey")
    office.complete("officer", "site_survey")
    office.complete("sup1", "site_survey_ruling", halt_ruling="redo")
    office.deliver()
    assert [(o.status, o.alarms) for o in office.orders()] == [("answered", 1)]


def test_the_ruling_ends_an_escalation_that_is_under_way(office: Office) -> None:
    number = ordered(office)
    office.advance(to=at(9, 16, 0))
    assert order(office).rung == 3
    office.complete("sup1", "site_survey_ruling", halt_ruling="release")
    office.deliver()
    assert office.open_steps(number) == ["confirm"]
    office.advance(to=at(10, 17, 0))
    assert office.orders()[0].rung == 3
    office.advance(days=5)
    assert office.open_steps(number) == ["confirm"]
    assert "order_centre" not in {kind for kind, _, _ in texts(office, number)}


def test_several_red_alarms_of_one_case_gather_in_one_order_until_it_is_answered(office: Office) -> None:
    begin(office, SG, "section_review")
    office.advance(working_days=8)
    red = office.alarms(colour="red")
    assert [a.rule for a in red] == ["overdue.step_limit", "overdue.promised_limit"]
    assert [(o.alarms, o.department) for o in office.orders()] == [(2, "SG")]
    number = order(office).number
    office.complete("sup1", "sign", number)
    office.complete("sup1", "answer", number)
    office.advance(working_days=15)
    assert [a.rule for a in office.alarms(colour="red")][2:] == ["overdue.statutory_limit"]
    assert [o.alarms for o in office.orders()] == [2, 1]
    office.complete("sup2", "confirm", number)
    assert [a.status for a in office.alarms(colour="red")] == ["closed", "closed", "ordered"]


def test_overdue_alarms_of_two_cases_are_two_orders(office: Office) -> None:
    numbers = [begin(office, YJ, "section_review") for _ in range(2)]
    office.advance(working_days=3)
    assert [len(office.orders(number)) for number in numbers] == [1, 1]
    first, second = (office.orders(number)[0].number for number in numbers)
    assert (first, second) == ("DB-YJ-2026-000001", "DB-YJ-2026-000002")


def test_blue_tells_the_handler_yellow_the_section_too_and_neither_by_sms(office: Office) -> None:
    begin(office, YJ, "site_survey")
    office.claim("officer", "site_survey")
    office.advance(working_days=5)
    told = {kind: sorted(row.recipient for row in office.notices(kind=kind)) for kind in ("alarm_blue", "alarm_yellow")}
    officer, section = office.ids["yj_officer"], office.ids["yj_section"]
    assert told["alarm_blue"] == [officer]
    assert told["alarm_yellow"] == sorted([officer, section])
    assert {row.channel for row in office.notices(kind="alarm_blue")} == {"in_app"}


def test_blue_of_a_task_that_nobody_has_claimed_tells_everybody_who_may(office: Office) -> None:
    begin(office, YJ, "site_survey")
    office.advance(working_days=4)
    told = sorted(row.recipient for row in office.notices(kind="alarm_blue"))
    assert told == sorted(office.ids[f"yj_{who}"] for who in ("officer", "officer2"))


def test_a_ladder_without_a_level_1_supervisor_climbs_all_the_same(office: Office) -> None:
    office.end_posts("yj_sup1")
    number = ordered(office)
    assert texts(office, number) == []
    office.advance(to=at(10, 18, 0))
    assert [who for _, who, _ in texts(office, number)] == ["sup2", "centre", "yj_head"]


def test_a_supervisor_without_a_mobile_number_is_told_in_the_product(office: Office) -> None:
    with transaction(office.engine) as connection:
        connection.execute(update(person).where(person.c.username == "yj_sup1").values(mobile=None))
    number = ordered(office)
    (told,) = office.notices(number)
    assert (told.channel, told.recipient) == ("in_app", office.ids["yj_sup1"])


def test_a_message_of_the_outbox_that_comes_twice_changes_nothing(office: Office) -> None:
    ordered(office)
    office.complete("sup1", "site_survey_ruling", halt_ruling="redo")
    office.deliver()
    before = office.everything()
    for row in office.rows(select(outbox).order_by(outbox.c.id)):
        if row.kind in office.recorders:
            with transaction(office.engine) as connection:
                office.recorders[row.kind](connection, office.services, row.payload, office.now)
    assert office.everything() == before


def test_an_alarm_is_raised_once_however_often_the_timer_is_fired(office: Office) -> None:
    begin(office, YJ, "section_review")
    office.advance(working_days=3)
    office.deliver()
    before = office.everything()
    office.advance(seconds=0)
    assert office.everything() == before
    assert len(office.alarms(colour="red")) == 1


def test_the_alarms_that_idle_supervision_raised_close_with_the_order(office: Office) -> None:
    number = ordered(office)
    office.advance(to=at(9, 16, 0))
    assert [a.status for a in office.alarms(number)] == ["open"]
    office.complete("sup1", "sign", number)
    office.complete("sup1", "answer", number)
    office.complete("sup2", "confirm", number)
    assert [a.status for a in office.alarms(number)] == ["closed"]


def test_level_2_does_not_close_the_alarm_about_its_own_idleness(office: Office) -> None:
    number = ordered(office)
    office.advance(to=at(10, 18, 0))
    office.complete("sup1", "sign", number)
    office.complete("sup1", "answer", number)
    office.complete("sup2", "confirm", number)
    status = {a.rule: a.status for a in office.alarms(number)}
    assert status == {"supervision.sign_idle": "closed", "supervision.urge_idle": "open"}


def test_the_centre_closes_the_alarm_about_an_idle_level_2_with_its_demand(office: Office) -> None:
    number = ordered(office)
    office.advance(to=at(10, 18, 0))
    office.complete("centre", "centre_demand", number)
    closed = next(a for a in office.alarms(number) if a.rule == "supervision.urge_idle")
    assert (closed.status, closed.ground) == ("closed", "责成主要负责人当面说明情况并限期整改。")


def test_an_order_is_not_supervised_by_an_order(office: Office) -> None:
    number = ordered(office)
    office.advance(working_days=10)
    assert office.alarms(number, colour="red")
    assert office.orders(number) == []


def test_the_deemed_acceptance_and_the_late_step_are_one_order_that_names_both(office: Office) -> None:
    office.start(HB)
    office.advance(working_days=6)
    assert [o.alarms for o in office.orders()] == [1]
    assert "材料核对" in order(office).demand


def test_a_case_goes_on_while_its_order_does(office: Office) -> None:
    begin(office, ZR, "section_review")
    office.advance(working_days=3)
    assert len(office.orders()) == 1
    assert finish(office) == "granted"
    number = order(office).number
    office.complete("sup1", "sign", number)
    office.complete("sup1", "answer", number)
    office.complete("sup2", "confirm", number)
    assert {a.status for a in office.rows(select(alarm)) if a.colour == "red" and a.rule.startswith("overdue")} == {
        "closed"
    }


def test_every_rung_stands_in_the_orders_own_history(office: Office) -> None:
    number = ordered(office)
    office.advance(to=at(9, 16, 0))
    office.complete("sup2", "urge", number)
    office.advance(to=at(10, 18, 0))
    moved = [row["payload"]["operation"] for row in office.history(number, kind="ladder_moved")]
    assert moved == ["notify_level1", "notify_level2", "notify_urged", "notify_centre"]
    do_urge = [row for row in office.history(number, kind="task_completed") if row["element_id"] == "urge"]
    assert [(row["actor"], row["post"]) for row in do_urge] == [(office.ids["sup2"], "sup2")]
