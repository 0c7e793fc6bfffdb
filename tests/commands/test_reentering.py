"""A step that is entered again after it was cut off goes on: draft, holder, and what is left of its term."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from lxml import etree
from sqlalchemy import update

from service.commands.leave import EnterLeave, enter_leave
from service.commands.send_back import SendBack, send_back
from service.commands.suspend_case import SuspendCase, resume_case, suspend_case
from service.commands.take_back import take_back
from service.database.session import transaction
from service.database.tables import user_task
from service.working_time import Limit
from tests.commands.office import CST, Office
from tests.commands.stories import HB, SG, WJ, YJ
from tests.commands.test_cost import counted
from tests.commands.test_halts import act_at_once, rule
from tests.commands.variants import BPMN, SPIFF, Variant
from tests.commands.walking import begin, do, finish, reach


def sent_back(office: Office, by: str, step: str, to: str | None = None) -> None:
    task = office.task(step)
    command = SendBack(task.id, to, "请补充")
    office.act(by, lambda c, a: send_back(c, office.services, a, command, office.now), task.id)


def due_of(office: Office, element: str, role: str = "step_limit") -> datetime:
    return office.due_rows()[element, role].astimezone(CST)


def timer_row(office: Office, element: str) -> Any:
    (found,) = [row for row in office.all_due_rows() if row.element_id == element and row.role == "step_limit"]
    return found


def name_of(office: Office, person_id: int | None) -> str | None:
    return next((name for name, one in office.ids.items() if one == person_id), None)


def halted(office: Office) -> Any:
    begin(office, YJ, "site_survey")
    first = office.task("site_survey")
    act_at_once(office, "site_survey", timedelta(seconds=58))
    return first


# Draft and holder ----------------------------------------------------------------------------------------------------


def test_a_survey_that_is_done_anew_has_what_was_handed_in_and_who_did_it(office: Office) -> None:
    first = halted(office)
    rule(office, "redo")
    again, void = office.task("site_survey"), office.task("site_survey", status="void")
    assert (again.draft, again.assignee, again.claimed_at) == (void.answers, void.completed_by, office.now)
    assert (again.entered_at, again.signed_by) == (office.now, None), "the second officer signs what is done now"
    assert again.earliest_at == office.now + timedelta(minutes=30), "a visit has a minimum of its own"
    assert again.id != first.id
    (told,) = [e for e in office.history(kind="step_entered") if e["payload"].get("again")]
    assert told["payload"]["person"] == void.completed_by and told["payload"]["draft"] is True
    assert finish(office) == "granted"
    office.expect_a_sound_record()


def test_a_released_act_is_done_so_that_the_step_would_be_new_work(office: Office) -> None:
    halted(office)
    rule(office, "release")
    do(office, "section_review", review_result="back")
    again = office.task("site_survey")
    assert (again.assignee, again.draft) == (None, None)


@pytest.mark.parametrize("gone", ["leave", "post", "separation"])
def test_who_may_not_any_more_does_not_keep_the_step_but_the_draft_stays(office: Office, gone: str) -> None:
    first = halted(office)
    void = office.task("site_survey", status="void")
    if gone == "leave":
        command = EnterLeave(void.completed_by, office.today, office.today, "病假")
        with transaction(office.engine) as connection:
            enter_leave(connection, office.services, office.actor("officer"), command, office.now)
    elif gone == "post":
        office.end_posts(office.username("officer"))
    else:
        with transaction(office.engine) as connection:
            moved = update(user_task).where(user_task.c.id == first.id)
            connection.execute(moved.values(completed_by=office.ids["yj_clerk"]))
    rule(office, "redo")
    again = office.task("site_survey")
    assert (again.assignee, again.claimed_at) == (None, None)
    assert again.draft == void.answers
    (told,) = [e for e in office.history(kind="step_entered") if e["payload"].get("again")]
    assert (told["payload"]["person"], told["payload"]["draft"]) == (None, True)


def test_who_sends_back_finds_his_draft_when_the_case_comes_to_him_again(office: Office) -> None:
    begin(office, YJ, "decide")
    office.claim("vice", "decide")
    office.draft("vice", "decide", {"decision_note": "同意，但须补充"})
    sent_back(office, "vice", "decide")
    review = office.task("section_review")
    done = office.task("section_review", status="completed")
    assert (review.draft, review.assignee) == (done.answers, done.completed_by)
    reach(office, "decide")
    again = office.task("decide")
    assert (again.draft, name_of(office, again.assignee)) == ({"decision_note": "同意，但须补充"}, "yj_vice")


def test_a_draft_that_the_form_does_not_take_is_not_given_back(office: Office) -> None:
    begin(office, YJ, "decide")
    office.claim("vice", "decide")
    sent_back(office, "vice", "decide")
    with transaction(office.engine) as connection:
        returned = update(user_task).where(user_task.c.status == "returned")
        connection.execute(returned.values(draft={"decision_note": "x" * 200_000}))
    reach(office, "decide")
    assert office.task("decide").draft is None


def test_a_step_that_was_done_and_that_the_diagram_enters_anew_is_new_work(office: Office) -> None:
    """A correction by the applicant: new papers, a new term, and nothing that was said of the old ones."""
    office.start(YJ)
    office.put()
    office.advance(days=2)
    do(office, "formal_check", check_result="correction")
    do(office, "await_correction")
    again = office.task("formal_check")
    assert (again.assignee, again.draft, again.entered_at) == (None, None, office.now)
    assert due_of(office, "formal_check_limit") == office.calendar.add_working_days(office.now, 5)


# Terms ---------------------------------------------------------------------------------------------------------------


def test_a_halted_step_goes_on_with_what_was_left_of_its_term(office: Office) -> None:
    """Five working days from Monday; one has gone when the survey is halted, three are the supervisor's."""
    begin(office, YJ, "site_survey")
    first_due = due_of(office, "site_survey_limit")
    office.advance(days=1)
    task = office.task("site_survey")
    office.sign("officer2", "site_survey")
    with transaction(office.engine) as connection:  # The minimum is longer than it is, so that a day has gone.
        longer = update(user_task).where(user_task.c.id == task.id)
        connection.execute(longer.values(earliest_at=office.now + timedelta(hours=1)))
    assert office.complete("officer", "site_survey").outcome == "halted"
    office.advance(to=(office.now + timedelta(days=3)).replace(hour=12))
    rule(office, "redo")
    again = office.task("site_survey")
    assert due_of(office, "site_survey_limit") == again.due_at.astimezone(CST)
    assert again.due_at == first_due + timedelta(days=3), "so long it lay with the supervisor"
    assert again.due_at < office.calendar.add_working_days(office.now, 5)
    row = timer_row(office, "site_survey_limit")
    assert row.counted_from == task.entered_at
    assert finish(office) == "granted"


def test_sending_back_gives_no_new_term_to_who_had_used_his(office: Office) -> None:
    begin(office, WJ, "section_review")
    entered = office.task("section_review").entered_at
    office.advance(days=2)
    do(office, "section_review")
    left_at = office.now
    office.advance(days=1)
    office.claim("vice", "decide")
    sent_back(office, "vice", "decide")
    row = timer_row(office, "section_review_limit")
    limit = Limit(3, "working_days")
    assert row.counted_from == entered
    assert row.due_at == office.calendar.due_after_stops(limit, entered, [(left_at, office.now)])
    assert row.due_at < office.calendar.add_working_days(office.now, 3)
    assert office.task("section_review").due_at == row.due_at
    office.expect_a_sound_record()


def test_a_term_that_was_over_stays_over_and_is_not_told_twice(office: Office) -> None:
    begin(office, YJ, "decide")
    office.advance(days=7)
    reds = [a for a in office.alarms() if a.colour == "red"]
    assert office.history(kind="limit_reached")
    told = len([e for e in office.history(kind="limit_reached") if e["element_id"] == "decide"])
    office.claim("vice", "decide")
    sent_back(office, "vice", "decide")
    reach(office, "decide")
    assert office.task("decide").due_at < office.now
    office.advance(hours=1)
    assert len([e for e in office.history(kind="limit_reached") if e["element_id"] == "decide"]) == told
    assert [a for a in office.alarms() if a.colour == "red" and a.element_id == "decide"] == [
        a for a in reds if a.element_id == "decide"
    ]
    assert finish(office) == "granted"


def test_days_on_which_the_case_was_suspended_are_not_the_steps(office: Office) -> None:
    begin(office, YJ, "decide")
    entered = office.task("decide").entered_at
    number = office.number
    command = SuspendCase(number, "行政许可法 第四十五条", "待查")
    vice = office.actor("vice")
    office.perform(lambda c: suspend_case(c, office.services, vice, command, office.now), vice, number)
    suspended = office.now
    office.advance(days=4)
    office.perform(lambda c: resume_case(c, office.services, vice, number, "已查明", office.now), vice, number)
    resumed = office.now
    office.claim("vice", "decide")
    sent_back(office, "vice", "decide")
    left_at = office.now
    reach(office, "decide")
    row = timer_row(office, "decide_limit")
    spans = [(suspended, resumed), (left_at, office.now)]
    assert row.due_at == office.calendar.due_after_stops(Limit(2, "working_days"), entered, spans)
    office.expect_a_sound_record()


def test_an_act_that_is_taken_back_has_its_own_timers_and_what_followed_it_loses_nothing(office: Office) -> None:
    begin(office, YJ, "section_review")
    office.advance(days=1)
    before = {key: row for key, row in office.due_rows().items() if key[0].startswith("section_review")}
    do(office, "section_review")
    done = office.task("section_review", status="completed")
    first = office.task("decide")
    with transaction(office.engine) as connection:  # Prepared without claiming it.
        connection.execute(update(user_task).where(user_task.c.id == first.id).values(draft={"decision_note": "同意"}))
    office.advance(days=1)
    office.act("section", lambda c, a: take_back(c, office.services, a, done.id, "漏填", office.now), done.id)
    again = office.task("section_review")
    assert (again.id, again.entered_at, again.due_at) == (done.id, done.entered_at, done.due_at)
    after = {key: row for key, row in office.due_rows().items() if key[0].startswith("section_review")}
    assert after[("section_review_limit", "step_limit")] == before[("section_review_limit", "step_limit")]
    taken_back = office.now
    office.advance(minutes=30)
    office.complete("section", "section_review")
    decide = office.task("decide")
    assert decide.draft == {"decision_note": "同意"} and decide.id != first.id
    row = timer_row(office, "decide_limit")
    spans = [(taken_back, office.now)]
    assert row.counted_from == first.entered_at
    assert row.due_at == office.calendar.due_after_stops(Limit(2, "working_days"), first.entered_at, spans)
    office.expect_a_sound_record()


# Branches, scopes, called diagrams -----------------------------------------------------------------------------------


def begun_again(diagram: Variant, scope: str, after: str) -> bytes:
    """A timer interrupts the scope and leads to its beginning."""
    node = diagram.element(scope)
    event = etree.Element(f"{BPMN}boundaryEvent", id="again", name="再来", attachedToRef=scope, cancelActivity="true")
    node.addnext(event)
    properties = etree.SubElement(etree.SubElement(event, f"{BPMN}extensionElements"), f"{SPIFF}properties")
    for name, value in (("nameEn", "Again"), ("role", "move")):
        etree.SubElement(properties, f"{SPIFF}property", {"name": name, "value": value})
    etree.SubElement(event, f"{BPMN}outgoing").text = "flow_again"
    timer = etree.SubElement(event, f"{BPMN}timerEventDefinition", id="again_timer")
    etree.SubElement(timer, f"{BPMN}timeDuration").text = f"'{after}'"
    node.getparent().append(etree.Element(f"{BPMN}sequenceFlow", id="flow_again", sourceRef="again", targetRef=scope))
    incoming = etree.Element(f"{BPMN}incoming")
    incoming.text = "flow_again"
    node.find(f"{BPMN}outgoing").addprevious(incoming)
    return diagram.xml


def test_branches_of_an_interrupted_sub_process_go_on_each_with_its_own(office: Office) -> None:
    diagram = Variant("environmental_impact_approval")
    diagram.double("technical_review", "second_review")
    office.deploy(begun_again(diagram, "handling", "P4D"))
    begin(office, HB, "technical_review")
    office.claim("officer", "technical_review")
    office.draft("officer", "technical_review", {"review_note": "第一份"})
    office.claim("officer2", "second_review")
    office.draft("officer2", "second_review", {"review_note": "第二份"})
    steps = ("technical_review", "second_review")
    before = {step: office.task(step) for step in steps}
    terms = {step: timer_row(office, f"{step}_limit") for step in steps}
    case_terms = {key: at for key, at in office.due_rows().items() if key[0].startswith("handling")}
    office.advance(days=5)
    for step in steps:
        again, term = office.task(step), timer_row(office, f"{step}_limit")
        assert (again.draft, again.assignee) == (before[step].draft, before[step].assignee)
        assert again.id != before[step].id and again.entered_at > before[step].entered_at
        assert (term.due_at, term.counted_from) == (terms[step].due_at, terms[step].counted_from)
        assert again.due_at == before[step].due_at
        cancelled = office.task(step, status="cancelled")
        assert (cancelled.draft, cancelled.assignee) == (before[step].draft, before[step].assignee)
    assert {key: at for key, at in office.due_rows().items() if key[0].startswith("handling")} == case_terms
    office.expect_a_sound_record()


def test_a_step_inside_a_called_diagram_goes_on_when_the_call_is_made_again(office: Office) -> None:
    diagram = Variant("food_business_licence")
    office.deploy(begun_again(diagram, "delivery", "P1D"))
    begin(office, SG, "deliver")
    person = office.task("deliver").post
    office.claim(person, "deliver")
    before, due = office.task("deliver"), due_of(office, "delivery_limit")
    office.advance(days=1, minutes=5)
    again = office.task("deliver")
    assert again.id != before.id and again.assignee == before.assignee
    assert (due_of(office, "delivery_limit"), again.due_at) == (due, before.due_at)
    assert finish(office) == "granted"


# Cost ----------------------------------------------------------------------------------------------------------------


def test_what_goes_on_costs_the_act_a_few_statements_and_nothing_afterwards(office: Office) -> None:
    halted(office)
    ruling, sup1 = office.task("site_survey_ruling"), office.actor("sup1")
    given = office.answers("halt_ruling", halt_ruling="redo")
    with counted(office) as count:
        office.complete_as(sup1, ruling.id, given)
    assert (len(count.statements) <= 18, count.commits) == (True, 1), count.statements
    do(office, "site_survey")
    task, actor = office.task("section_review"), office.actor("section")
    office.advance(to=task.earliest_at + timedelta(minutes=1))
    given = office.answers("section_review")
    with counted(office) as count:
        office.complete_as(actor, task.id, given)
    assert len(count.statements) <= 12, count.statements
