"""What concerns somebody is out of his hands whichever way he takes; whoever is named is told; days are real days."""

from __future__ import annotations

from datetime import date
from typing import Any

from service.commands.issue_order import IssueOrder, issue_order, reopen_order
from service.commands.settle_alarm import SettleAlarm, settle_alarm
from service.database.session import reading
from service.reads.alarms import read_alarm
from service.reads.centre_desk import centre_desk
from service.reads.order_facts import order_fact
from service.reads.orders import read_order
from tests.commands.office import Office
from tests.commands.stories import YJ
from tests.commands.test_ladder import at, ordered, texts
from tests.commands.test_one_cause import raised
from tests.commands.test_order_extension import ask, decide, due
from tests.commands.test_order_handlers import handler_of, name, sent
from tests.commands.walking import begin


def settle(office: Office, by: str, alarm_id: int, number: str, result: str = "false") -> None:
    actor = office.actor(by, number)
    command = SettleAlarm(alarm_id, result, "当日停电")
    office.perform(lambda c: settle_alarm(c, office.services, actor, command, office.now), actor, number)


def idle(office: Office, number: str, step: str) -> Any:
    return next(a for a in office.alarms(number) if a.rule == f"supervision.{step}_idle")


def test_level_2_does_not_settle_away_its_own_idleness_but_the_centre_may(office: Office) -> None:
    number = ordered(office)
    office.advance(to=at(10, 18, 0))
    with office.refused("not_permitted"):
        settle(office, "sup2", idle(office, number, "urge").id, number)
    assert idle(office, number, "urge").status == "open"
    settle(office, "sup2", idle(office, number, "sign").id, number, "excused")
    settle(office, "centre", idle(office, number, "urge").id, number)
    assert (idle(office, number, "urge").status, idle(office, number, "urge").result) == ("closed", "false")


def test_level_2_is_told_of_an_answer_and_the_centre_of_one_that_is_not_confirmed_in_time(office: Office) -> None:
    number = ordered(office)
    office.complete("sup1", "sign", number)
    office.complete("sup1", "answer", number)
    assert [(kind, who) for kind, who, _ in texts(office, number)][-1] == ("order_confirm", "sup2")
    assert due(office, number, "confirm") == at(10, 17, 30)
    office.advance(to=at(10, 18, 0))
    assert [(kind, who) for kind, who, _ in texts(office, number)][-1] == ("order_confirm_late", "centre")
    late = idle(office, number, "confirm")
    with office.refused("not_permitted"):
        settle(office, "sup2", late.id, number)
    with reading(office.engine) as connection:
        assert late.id in {one.alarm_id for one in centre_desk(connection, office.now)}
    office.complete("sup2", "confirm", number)
    assert idle(office, number, "confirm").status == "open", "level 2 closes nothing about itself"
    settle(office, "centre", late.id, number, "confirmed")
    assert idle(office, number, "confirm").status == "closed"


def test_level_1_settles_no_alarm_of_a_case_that_he_has_handled_himself(office: Office) -> None:
    begin(office, YJ, "site_survey")
    office.advance(working_days=5)
    (warning,) = [one for one in office.alarms(colour="yellow") if one.rule == "overdue.step_limit"]
    office.end_posts("yj_clerk")
    office.grant("yj_clerk", "sup1", "YJ")
    with office.refused("not_permitted"):
        settle(office, "yj_clerk", warning.id, office.number, "excused")
    settle(office, "sup1", warning.id, office.number, "excused")


def test_an_order_from_above_stays_one_when_who_issued_it_changes_his_post(office: Office) -> None:
    actor = office.actor("sup2")
    begin(office, YJ, "site_survey")
    note = IssueOrder("leader", "YJ", "核查窗口服务并报结果")
    number = office.perform(lambda c: issue_order(c, office.services, actor, note, office.now), actor, office.number)
    office.advance(minutes=5)
    office.end_posts("sup2")
    with reading(office.engine) as connection:
        assert order_fact(connection, office.case(number).id, "level2_confirms") is True


def test_the_centre_does_not_settle_away_its_own_idleness(office: Office) -> None:
    number = ordered(office)
    office.advance(to=at(16, 18, 0))
    with office.refused("not_permitted"):
        settle(office, "centre", idle(office, number, "centre_demand").id, number)
    settle(office, "sup2", idle(office, number, "centre_demand").id, number, "confirmed")


def test_an_order_that_is_opened_again_still_knows_its_handler(office: Office) -> None:
    number = ordered(office)
    name(office, "sup1", number, "yj_officer2")
    office.complete("sup1", "sign", number)
    office.complete("sup1", "answer", number)
    office.complete("sup2", "confirm", number)
    actor = office.actor("sup2")
    again = office.perform(
        lambda c: reopen_order(c, office.services, actor, number, "仍未整改", office.now), actor, number
    )
    assert handler_of(office, again) == office.ids["yj_officer2"]
    office.complete("sup1", "sign", again, sent_to="handler")
    assert office.open_steps(again) == ["handler_sign"]


def test_a_handler_who_is_named_while_the_order_waits_for_him_is_told_by_sms(office: Office) -> None:
    number = ordered(office)
    name(office, "sup1", number, "yj_officer")
    assert [kind for kind, _, _ in texts(office, number)] == ["order_level1"], "nothing is owed by a handler yet"
    sent(office, number)
    name(office, "sup1", number, "yj_officer2")
    assert [(kind, who) for kind, who, _ in texts(office, number)][-1] == ("order_handler", "yj_officer2")
    before = len(texts(office, number))
    name(office, "sup1", number, "yj_officer2")
    assert len(texts(office, number)) == before, "who is named already is not told twice"


def test_more_time_ends_on_a_working_day(office: Office) -> None:
    number = ordered(office)
    office.advance(to=at(12, 9, 0))
    office.complete("sup1", "sign", number)
    assert due(office, number, "answer") == at(13, 17, 30)
    with office.refused("invalid_request") as refusal:
        ask(office, "sup1", number, "answer", until=date(2026, 3, 14))
    assert refusal.missing == ("/until",)
    ask(office, "sup1", number, "answer", until=date(2026, 3, 16))
    decide(office, "sup2", number)
    assert due(office, number, "answer") == at(16, 17, 30)


def read(office: Office, who: str, alarm_id: int) -> bool:
    with reading(office.engine) as connection:
        return read_alarm(connection, office.actor(who), alarm_id) is not None


def test_an_alarm_of_no_case_is_read_by_supervision_and_by_whom_it_concerns_alone(office: Office) -> None:
    number = ordered(office)
    nights = raised(office, "nights", kind="odd_hours", person_id=office.ids["yj_officer"])
    piled = raised(office, "piled", kind="concentrated")
    for who in ("yj_sup1", "yj_section", "yj_head", "sup2", "centre", "auditor"):
        assert read(office, who, nights) and read(office, who, piled), who
    for who in ("yj_clerk", "yj_officer2", "yj_printer", "mz_clerk", "mz_sup1"):
        assert not read(office, who, nights) and not read(office, who, piled), who
    assert read(office, "yj_officer", nights) and not read(office, "yj_officer", piled)
    of_case = office.alarms()[0].id
    assert read(office, "yj_clerk", of_case), "who reads the case reads its alarms"
    office.advance(to=at(9, 16, 0))
    late = idle(office, number, "sign").id
    assert read(office, "sup2", late) and read(office, "yj_sup1", late)
    assert not read(office, "yj_clerk", late), "an order is supervision's affair"


def test_the_handler_of_an_order_reads_what_it_is_about(office: Office) -> None:
    begin(office, YJ, "site_survey")
    piled = raised(office, "piled", kind="concentrated")
    actor = office.actor("yj_sup1")
    command = IssueOrder("alarm", "YJ", "说明情况并整改", "", (piled,), "yj_officer")
    number = office.perform(lambda c: issue_order(c, office.services, actor, command, office.now), actor, office.number)
    assert read(office, "yj_officer", piled) and not read(office, "yj_clerk", piled)
    with reading(office.engine) as connection:
        found = read_order(connection, office.services, office.actor("yj_officer"), number)
    assert found is not None and [one.id for one in found.alarms] == [piled]
