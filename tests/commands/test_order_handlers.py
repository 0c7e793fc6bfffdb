"""The handler's rung: level 1 has whoever handled it explain and mend, judges it, and closes what concerns only him."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from service.commands.issue_order import IssueOrder, issue_order
from service.commands.order_handlers import name_handler
from service.database.session import transaction
from service.database.tables import alarm, person, setting, supervision_order
from tests.commands.office import Office
from tests.commands.stories import YJ
from tests.commands.test_ladder import at, order, ordered, texts
from tests.commands.walking import begin


def sent(office: Office, number: str) -> None:
    office.advance(minutes=30)
    office.complete("sup1", "sign", number, sent_to="handler")


def mended(office: Office, number: str) -> None:
    office.complete("officer", "handler_sign", number)
    office.complete("officer", "handler_answer", number)


def handler_of(office: Office, number: str) -> Any:
    return office.rows(
        select(supervision_order.c.handler_id).where(supervision_order.c.case_id == office.known(number).id)
    )[0].handler_id


def name(office: Office, by: str, number: str, username: str) -> None:
    actor = office.actor(by, number)
    office.perform(lambda c: name_handler(c, office.services, actor, number, username, office.now), actor, number)


def test_the_handler_whom_the_alarm_names_signs_mends_and_level_1_settles_it(office: Office) -> None:
    number = ordered(office)
    assert handler_of(office, number) == office.ids["yj_officer"]
    sent(office, number)
    assert office.open_steps(number) == ["handler_sign"]
    assert office.task("handler_sign", number).post == "officer"
    mended(office, number)
    assert (order(office).status, office.open_steps(number)) == ("signed", ["judge"])
    office.complete("sup1", "judge", number)
    assert (order(office).status, order(office).case_status, order(office).rung) == ("closed", "completed", 2)
    closed = office.alarms()[0]
    assert (closed.status, closed.ground, closed.result) == ("closed", "原因属实，已整改到位，同意销号。", "confirmed")
    assert [(kind, who) for kind, who, _ in texts(office, number)] == [
        ("order_level1", "yj_sup1"),
        ("order_handler", "yj_officer"),
        ("order_judge", "yj_sup1"),
    ]


def test_what_is_not_mended_goes_back_to_the_handler_who_is_told(office: Office) -> None:
    number = ordered(office)
    sent(office, number)
    mended(office, number)
    office.complete("sup1", "judge", number, judge_result="returned")
    assert office.open_steps(number) == ["handler_answer"]
    office.complete("officer", "handler_answer", number)
    office.complete("sup1", "judge", number)
    assert order(office).case_status == "completed"
    assert [kind for kind, _, _ in texts(office, number)].count("order_handler") == 2


def test_a_handler_who_does_not_answer_is_told_on_and_level_2_closes_it(office: Office) -> None:
    number = ordered(office)
    sent(office, number)
    office.advance(to=at(9, 15, 30))
    assert [(kind, who) for kind, who, _ in texts(office, number)][-2:] == [
        ("order_handler_late", "yj_sup1"),
        ("order_level2", "sup2"),
    ]
    assert [(a.kind, a.rule, a.colour) for a in office.alarms(number)] == [("overdue", "overdue.handler_sign", "red")]
    assert order(office).rung == 3
    mended(office, number)
    office.complete("sup1", "judge", number)
    assert (order(office).status, office.open_steps(number)) == ("answered", ["confirm"])
    office.complete("sup2", "confirm", number)
    assert {a.status for a in office.alarms(number)} == {"closed"}


@pytest.mark.parametrize("nobody", ["officer2", "clerk", "sup1", "sup2", "mz_officer"])
def test_only_the_handler_signs_and_answers(office: Office, nobody: str) -> None:
    number = ordered(office)
    sent(office, number)
    with office.refused("not_permitted"):
        office.complete(nobody, "handler_sign", number)


@pytest.mark.parametrize("nobody", ["officer", "section", "yj_head", "mz_sup1", "sup2"])
def test_only_the_departments_level_1_judges_and_never_who_has_mended(office: Office, nobody: str) -> None:
    number = ordered(office)
    sent(office, number)
    mended(office, number)
    with office.refused("not_permitted"):
        office.complete(nobody, "judge", number)


def test_level_1_does_not_settle_what_concerns_supervision_itself(office: Office) -> None:
    number = ordered(office)
    with transaction(office.engine) as connection:
        connection.execute(update(alarm).where(alarm.c.kind == "too_early").values(kind="supervision"))
    sent(office, number)
    mended(office, number)
    office.complete("sup1", "judge", number)
    assert office.open_steps(number) == ["confirm"]


def test_level_1_names_another_handler_to_whom_the_open_step_passes(office: Office) -> None:
    number = ordered(office)
    sent(office, number)
    name(office, "sup1", number, "yj_officer2")
    with office.refused("not_permitted"):
        office.complete("officer", "handler_sign", number)
    office.complete("officer2", "handler_sign", number)
    assert handler_of(office, number) == office.ids["yj_officer2"]
    named = office.history(number, kind="handler_named")[0]
    assert named["payload"]["person"] == office.ids["yj_officer2"] and named["actor"] == office.ids["yj_sup1"]
    for by, username, code in (("sup1", "mz_officer", "not_found"), ("sup1", "yj_sup1", "not_found")):
        with office.refused(code):
            name(office, by, number, username)
    for by in ("officer", "mz_sup1", "yj_head"):
        with office.refused("not_permitted"):
            name(office, by, number, "yj_officer2")


def test_an_order_about_nobody_asks_for_a_handler_first(office: Office) -> None:
    begin(office, YJ, "site_survey")
    actor = office.actor("sup2")
    note = IssueOrder("leader", "YJ", "核查窗口服务并报结果")
    number = office.perform(lambda c: issue_order(c, office.services, actor, note, office.now), actor, office.number)
    with office.refused("control_node_missing") as refusal:
        office.complete("sup1", "sign", number, sent_to="handler")
    assert refusal.message == "请先确定由哪位经办人办理"
    name(office, "sup1", number, "yj_officer")
    office.complete("sup1", "sign", number, sent_to="handler")
    mended(office, number)
    office.complete("sup1", "judge", number)
    assert office.open_steps(number) == ["confirm"], "what level 2 has issued is level 2's to close"


def test_level_1_issues_an_order_to_a_handler_of_its_own_department_alone(office: Office) -> None:
    begin(office, YJ, "site_survey")
    actor = office.actor("yj_sup1")

    def issue(**more: Any) -> str:
        command = IssueOrder(
            "complaint", more.get("department", "YJ"), "窗口解释不清，请说明并整改", handler=more.get("handler", "")
        )
        return str(
            office.perform(lambda c: issue_order(c, office.services, actor, command, office.now), actor, office.number)
        )

    for wrong, code in (({}, "not_permitted"), ({"department": "MZ", "handler": "mz_clerk"}, "not_permitted")):
        with office.refused(code):
            issue(**wrong)
    with office.refused("not_found"):
        issue(handler="mz_clerk")
    number = issue(handler="yj_clerk")
    assert office.open_steps(number) == ["handler_sign"]
    assert [(kind, who) for kind, who, _ in texts(office, number)] == [("order_handler", "yj_clerk")]
    office.complete("clerk", "handler_sign", number)
    office.complete("clerk", "handler_answer", number)
    office.complete("sup1", "judge", number)
    assert office.case(number).status == "completed"


def reminders(office: Office, number: str) -> list[tuple[str, str]]:
    names = {row.id: row.username for row in office.rows(select(person.c.id, person.c.username))}
    sent_ = office.notices(number, channel="sms")
    return [(row.kind, names[row.recipient]) for row in sent_ if row.kind.startswith("order_reminded")]


def test_whoever_owes_a_step_is_reminded_before_and_after_its_limit_as_often_as_the_county_says(office: Office) -> None:
    number = ordered(office)
    office.advance(to=at(9, 13, 50, 59))
    assert reminders(office, number) == [("order_reminded_level1", "yj_sup1")]
    office.complete("sup1", "sign", number, sent_to="handler")
    office.advance(to=at(9, 17, 30))
    assert reminders(office, number)[1:] == [("order_reminded_handler", "yj_officer")]
    office.advance(to=at(10, 17, 0))
    told = office.notices(number, channel="sms", kind="order_reminded_handler")
    assert len(told) >= 3 and "前须办结" in told[0].text and "到期" in told[-1].text
    assert ("order_reminded_level2", "sup2") in reminders(office, number)
    office.complete("officer", "handler_sign", number)
    office.complete("officer", "handler_answer", number)
    before = len(office.notices(number, kind="order_reminded_handler"))
    office.advance(working_days=2)
    assert len(office.notices(number, kind="order_reminded_handler")) == before, "who owes nothing is not reminded"


def test_the_county_chooses_how_often(office: Office) -> None:
    with transaction(office.engine) as connection:
        connection.execute(setting.insert().values(name="orders", content={"remind_office_hours": 1}))
    number = ordered(office)
    office.advance(to=office.now + timedelta(hours=2, minutes=1))
    assert len(reminders(office, number)) == 2


PROCESSES = Path(__file__).parents[2] / "processes" / "supervision"
EARLIER = Path(__file__).with_name("earlier_supervision_order.bpmn")


def test_an_order_that_runs_by_the_earlier_diagram_goes_on_by_it(office: Office) -> None:
    office.deploy(EARLIER.read_bytes())
    first, second = ordered(office), ""
    office.deploy((PROCESSES / "supervision_order.bpmn").read_bytes())
    with office.refused("move_refused"):
        name(office, "sup1", first, "yj_officer")
    office.advance(to=at(9, 16, 0))
    assert (order(office).rung, office.open_steps(first)) == (3, ["sign", "urge"])
    assert reminders(office, first) == [], "its diagram knows of none"
    office.complete("sup2", "urge", first)
    office.complete("sup1", "sign", first)
    office.complete("sup1", "answer", first)
    assert office.open_steps(first) == ["confirm"]
    office.complete("sup2", "confirm", first)
    assert (order(office).status, order(office).case_status) == ("closed", "completed")
    second = ordered(office)
    office.complete("sup1", "sign", second, sent_to="handler")
    assert office.open_steps(second) == ["handler_sign"]
