"""同一终端: the second of two separated acts at one terminal is held until the level-1 supervisor has ruled."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import insert, select

from service.commands.complete_task import CompleteTask, complete_task
from service.commands.end_case import TerminateCase, terminate_case
from service.commands.print_document import PrintDocument, print_document
from service.commands.rule_on_held_act import RuleOnHeldAct, rule_on_held_act
from service.commands.send_back import SendBack, send_back
from service.database.session import transaction
from service.database.tables import case, setting
from service.people.actor import Actor
from service.people.presence import Presence
from service.user_tasks.terminals import SEATS
from tests.commands.office import Office
from tests.commands.stories import SG, YJ
from tests.commands.walking import begin


def at(office: Office, name: str, terminal: str, address: str = "10.1.2.3") -> Actor:
    """The person at a terminal, the second step open."""
    return replace(office.actor(name), presence=Presence(True, terminal, address))


def complete(office: Office, name: str, step: str, terminal: str) -> Any:
    actor, task = at(office, name, terminal), office.task(step)
    command = CompleteTask(task.id, office.answers(task.form_key))
    return office._perform_task(actor, lambda c: complete_task(c, office.services, actor, command, office.now), task.id)


def rule(office: Office, ruling: str = "release", reason: str = "已核实为本人", by: str = "sup1") -> bool:
    actor = at(office, by, "supervisor's own")
    command = RuleOnHeldAct(office.number, ruling, reason)
    return bool(
        office.perform(lambda c: rule_on_held_act(c, office.services, actor, command, office.now), actor, office.number)
    )


def survey_and_review(office: Office, minutes: float, terminal: str = "T1") -> Any:
    """The officer's survey at T1, and after so many minutes the review of the section's head."""
    begin(office, YJ, "site_survey")
    office.advance(hours=1)
    office.sign("officer2", "site_survey")
    assert complete(office, "officer", "site_survey", "T1").outcome == "completed"
    office.put()
    office.advance(minutes=11)  # The review's own minimum; the survey is brought near again below.
    _bring_near(office, minutes)
    return complete(office, "section", "section_review", terminal)


def _bring_near(office: Office, minutes: float) -> None:
    """The county's window is wide enough for what the steps' minimum durations put between two honest acts."""
    chosen = {"shared_terminal_minutes": 11 + 5 - minutes}
    with transaction(office.engine) as connection:
        connection.execute(insert(setting).values(name="presence", content=chosen))


def test_the_second_act_at_one_terminal_is_held_and_counts_for_nothing(office: Office) -> None:
    answered = survey_and_review(office, 4)
    assert answered.outcome == "halted"
    assert [(a["kind"], a["colour"]) for a in answered.alarms] == [("concentrated", "red")]
    assert office.case().status == "halted" and office.open_steps() == ["section_review"]
    task = office.task("section_review")
    assert task.draft and task.assignee == office.ids["yj_section"]
    assert "review" not in office.case().actors
    assert [row["kind"] for row in office.history()][-3:] == ["act_held", "case_halted", "alarm_raised"]
    (alarm,) = [one for one in office.alarms() if one.kind == "concentrated"]
    seen = alarm.evidence[0]
    assert (seen["terminal"], seen["address"], seen["apart_seconds"]) == ("T1", "10.1.2.3", 660)
    assert {seen["person"], seen["earlier_person"]} == {
        office.actor("section").name,
        office.actor("officer").name,
    }


@pytest.mark.parametrize("item", [YJ, SG])
def test_a_decision_from_the_terminal_of_the_review_is_held_and_counts_when_released(office: Office, item: str) -> None:
    """What the diagram sets going after a decision counts from its day: it is known to the trial of the act as well."""
    department = "sg_" if item == SG else ""
    begin(office, item, "section_review")
    office.put()
    office.advance(hours=1)
    assert complete(office, f"{department}section", "section_review", "T1").outcome == "completed"
    office.advance(minutes=3)
    assert complete(office, f"{department}vice", "decide", "T1").outcome == "halted"
    assert office.case().status == "halted" and office.case().decided_on is None
    assert rule(office, by=f"{department}sup1") is True
    assert office.task("decide", status="completed").completed_by == office.ids[f"{department or 'yj_'}vice"]
    assert office.case().decided_on is not None and office.open_steps() == ["print_certificate"]


def test_nothing_goes_on_while_it_is_held(office: Office) -> None:
    survey_and_review(office, 4)
    with office.refused("case_halted"):
        office.complete("section", "section_review")


def test_a_release_lets_the_act_count_as_it_was_handed_in(office: Office) -> None:
    survey_and_review(office, 4)
    office.advance(minutes=20)
    assert rule(office) is True
    done = office.task("section_review", status="completed")
    assert done.completed_by == office.ids["yj_section"] and done.answers
    assert office.case().status == "open" and office.case().actors["review"] == [office.ids["yj_section"]]
    assert office.case().actors["supervise"] == [office.ids["yj_sup1"]]
    kinds = [row["kind"] for row in office.history()]
    assert kinds.index("halt_ruled") < kinds.index("halt_lifted") < len(kinds) - kinds[::-1].index("task_completed")


def test_a_void_act_is_done_anew_by_the_person_at_a_terminal_of_their_own(office: Office) -> None:
    survey_and_review(office, 4)
    assert rule(office, "void", "两个账号同一台电脑") is False
    assert office.case().status == "open" and office.open_steps() == ["section_review"]
    assert office.task("section_review").draft, "what was handed in stays as a draft"
    again = complete(office, "section", "section_review", "T1")
    assert again.outcome == "halted", "the same terminal is still too close"
    rule(office, "void")
    assert complete(office, "section", "section_review", "T2").outcome == "completed"
    assert len([one for one in office.alarms() if one.kind == "concentrated"]) == 2


def test_each_order_about_a_held_act_is_answered_by_its_ruling(office: Office) -> None:
    survey_and_review(office, 4)
    office.deliver()
    assert [order.status for order in office.orders()] == ["open"]
    rule(office)
    office.deliver()
    assert [order.status for order in office.orders()] == ["answered"]


def test_level_2_rules_too_lest_a_case_wait_for_who_has_a_part_in_it(office: Office) -> None:
    survey_and_review(office, 4)
    assert rule(office, by="sup2") is True
    assert office.case().actors["supervise_level2"] == [office.ids["sup2"]]


def test_neither_of_the_two_rules_on_it(office: Office) -> None:
    begin(office, YJ, "site_survey")
    office.advance(seconds=58)
    office.sign("officer2", "site_survey")
    assert complete(office, "officer", "site_survey", "T1").outcome == "halted", "too early, by the diagram"
    assert complete(office, "sup1", "site_survey_ruling", "T1").outcome == "halted"
    for by, code in (("sup1", "separation_of_duty"), ("officer", "separation_of_duty"), ("head", "not_permitted")):
        with office.refused(code):
            rule(office, by=by)
    rule(office, by="sup2")
    assert "supervise" in office.case().actors


@pytest.mark.parametrize("by", ["vice", "head", "hb_sup1", "centre"])
def test_nobody_but_a_supervisor_of_the_case_rules(office: Office, by: str) -> None:
    survey_and_review(office, 4)
    with office.refused("not_permitted"):
        rule(office, by=by)
    assert office.case().status == "halted"


def test_a_ruling_says_why_and_is_one_of_two(office: Office) -> None:
    survey_and_review(office, 4)
    for ruling, reason in (("release", "  "), ("redo", "x")):
        with office.refused("invalid_request"):
            rule(office, ruling, reason)
    rule(office)
    with office.refused("move_refused"):
        rule(office)


def test_later_and_elsewhere_and_without_a_terminal_nothing_is_held(office: Office) -> None:
    assert survey_and_review(office, 5.5).outcome == "completed"
    begin(office, YJ, "site_survey")
    office.advance(hours=1)
    office.sign("officer2", "site_survey")
    complete(office, "officer", "site_survey", "T1")
    office.put()
    office.advance(minutes=11)
    assert office.complete("section", "section_review").outcome == "completed", "the installation itself is exempt"


def test_an_act_that_would_be_refused_is_refused_and_not_held(office: Office) -> None:
    begin(office, YJ, "site_survey")
    office.advance(hours=1)
    office.sign("officer2", "site_survey")
    complete(office, "officer", "site_survey", "T1")
    _bring_near(office, 4)
    with office.refused("invalid_answers"):
        actor, task = at(office, "section", "T1"), office.task("section_review")
        command = CompleteTask(task.id, {})
        office._perform_task(actor, lambda c: complete_task(c, office.services, actor, command, office.now), task.id)
    assert office.case().status == "open"


def test_sending_back_and_terminating_from_that_terminal_halt_the_case_too(office: Office) -> None:
    begin(office, YJ, "section_review")
    office.put()
    office.advance(hours=1)
    assert complete(office, "section", "section_review", "T1").outcome == "completed"
    office.claim("vice", "decide")
    vice, task = at(office, "vice", "T1"), office.task("decide")
    with office.refused("terminal_shared"):
        command = SendBack(task.id, None, "材料存疑")
        office._perform_task(vice, lambda c: send_back(c, office.services, vice, command, office.now), task.id)
    assert office.case().status == "halted" and office.open_steps() == ["decide"]
    assert rule(office) is False, "nothing was handed in that could count"
    assert office.case().status == "open" and office.task("decide").assignee == office.ids["yj_vice"]
    ending = TerminateCase(office.number, "行政许可法 第六十九条", "申请人已注销")
    with office.refused("terminal_shared"):
        office.perform(lambda c: terminate_case(c, office.services, vice, ending, office.now), vice, office.number)
    assert office.case().status == "halted"


def test_printing_beside_the_step_from_the_deciders_terminal_halts_the_case_too(office: Office) -> None:
    begin(office, SG, "decide")
    complete(office, "vice", "decide", "T1")

    def prints(terminal: str) -> bytes:
        actor, command = at(office, "printer", terminal), PrintDocument(office.number, "certificate")
        return office.perform(  # type: ignore[no-any-return]
            lambda c: print_document(c, office.services, actor, command, office.now), actor, office.number
        )

    office.advance(minutes=2)
    with office.refused("terminal_shared"):
        prints("T1")
    assert office.case().status == "halted" and "print" not in office.case().actors
    assert [row["kind"] for row in office.history()][-3:] == ["act_held", "case_halted", "alarm_raised"]
    rule(office)
    assert office.case().status == "open"
    assert prints("T2").startswith(b"%PDF")


def test_the_terminal_and_the_address_of_an_act_are_bound_by_the_chain(office: Office) -> None:
    begin(office, YJ, "site_survey")
    office.advance(hours=1)
    office.sign("officer2", "site_survey")
    complete(office, "officer", "site_survey", "T9")
    (told,) = [
        row for row in office.history() if row["kind"] == "task_completed" and row["element_id"] == "site_survey"
    ]
    payload = told["payload"]
    assert (payload["terminal"], payload["address"]) == ("T9", "10.1.2.3")
    with transaction(office.engine) as connection:
        kept: Any = connection.execute(select(case.c.actors).where(case.c.number == office.number)).scalar_one()
    assert [one[:3] for one in kept[SEATS]] == [["T9", "investigate", office.ids["yj_officer"]]]
