"""What cannot be instant: a survey of 58 seconds halts the case until the level-1 supervisor has ruled."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from tests.commands.office import CST, Office
from tests.commands.stories import HB, ITEMS, MZ, OBJECTION, SG, WJ, YJ, ZR
from tests.commands.variants import Variant
from tests.commands.walking import begin, do, done, finish, reach

# item, choices, step, its minimum: every step of the six items where too early does not count
HALTING: list[tuple[str, dict[str, Any], str, timedelta]] = [
    (YJ, {}, "site_survey", timedelta(minutes=30)),
    (MZ, {"reg_kind": "found"}, "site_survey", timedelta(minutes=30)),
    (MZ, {"reg_kind": "cancel"}, "check_settlement", timedelta(minutes=5)),
    (HB, {}, "technical_review", timedelta(hours=2)),
    (HB, {"review_result": "back"}, "technical_review_again", timedelta(hours=1)),
    (ZR, {"needs_view": "yes"}, "site_view", timedelta(minutes=20)),
    (SG, {}, "site_survey", timedelta(minutes=20)),
    (WJ, {}, "site_survey", timedelta(hours=1)),
]
# Elsewhere too early counts and is yellow: step, post, minimum
WARNING: list[tuple[str, str, timedelta]] = [
    (YJ, "section_review", timedelta(minutes=10)),
    (YJ, "decide", timedelta(minutes=2)),
    (HB, "vice_approve", timedelta(minutes=5)),
    (ZR, "formal_check", timedelta(minutes=1)),
    (SG, "section_review", timedelta(minutes=3)),
]


def act_at_once(office: Office, step: str, after: timedelta) -> Any:
    """Both officers, that long after the step was entered."""
    task = office.task(step)
    office.advance(to=task.entered_at.astimezone(CST) + after)
    if task.officers == 2:
        office.sign("officer2", step)
    return office.complete(task.post, step)


def halted_survey(office: Office, **choices: Any) -> Any:
    begin(office, YJ, "site_survey", **choices)
    return act_at_once(office, "site_survey", timedelta(seconds=58))


def rule(office: Office, ruling: str, name: str = "sup1") -> None:
    (step,) = [step for step in office.open_steps() if step.endswith("_ruling")]
    office.advance(minutes=15)
    office.complete(name, step, halt_ruling=ruling)


def test_a_survey_finished_in_58_seconds_halts_the_case(office: Office) -> None:
    answered = halted_survey(office)
    assert answered.outcome == "halted"
    assert [(a["kind"], a["colour"]) for a in answered.alarms] == [("too_early", "red")]
    assert office.case().status == "halted"
    assert office.open_steps() == ["site_survey_ruling"]
    void = office.task("site_survey", status="void")
    assert void.completed_by == office.ids["yj_officer"] and void.answers["survey_result"] == "pass"
    (alarm,) = office.alarms()
    assert (alarm.colour, alarm.status, alarm.department) == ("red", "open", "YJ")
    assert (alarm.evidence[0]["seconds"], alarm.evidence[0]["minimum_seconds"]) == (58, 1800)
    assert alarm.evidence[0]["counted"] is False and alarm.person_id == office.ids["yj_officer"]
    assert "58 秒" in alarm.summary_zh and "30 分" in alarm.summary_zh
    told = [row["kind"] for row in office.history()][-4:]
    assert told == ["task_completed_too_early", "step_entered", "case_halted", "alarm_raised"]


def test_the_red_alarm_opens_an_order_for_the_departments_level_1_supervisor_with_an_sms(office: Office) -> None:
    halted_survey(office)
    assert office.orders() == []
    office.deliver()
    (order,) = office.orders()
    assert (order.rung, order.status, order.department, order.alarms) == (2, "open", "YJ", 1)
    assert office.alarms()[0].status == "ordered"
    (told,) = office.notices(order.number)
    assert (told.kind, told.channel, told.recipient) == ("order_level1", "sms", office.ids["yj_sup1"])
    assert order.number in told.text and "58 秒" in told.text


@pytest.mark.parametrize(("item", "choices", "step", "minimum"), HALTING)
def test_one_second_under_the_minimum_halts_and_the_minimum_itself_passes(
    office: Office, item: str, choices: dict[str, Any], step: str, minimum: timedelta
) -> None:
    def to_the_step() -> None:
        office.start(item, **choices)
        office.put()
        while not office.is_open(step):
            reach(office, step, "section_review")
            if office.is_open("section_review"):
                do(office, "section_review")

    to_the_step()
    task = office.task(step)
    assert task.earliest_at - task.entered_at == minimum
    assert act_at_once(office, step, minimum - timedelta(seconds=1)).outcome == "halted"
    to_the_step()
    assert act_at_once(office, step, minimum).outcome == "completed"
    assert office.alarms() == []


@pytest.mark.parametrize(("item", "step", "minimum"), WARNING)
def test_elsewhere_too_early_counts_and_is_a_yellow_alarm(
    office: Office, item: str, step: str, minimum: timedelta
) -> None:
    begin(office, item, step)
    answered = act_at_once(office, step, minimum - timedelta(seconds=1))
    assert answered.outcome == "completed"
    assert [(a["kind"], a["colour"]) for a in answered.alarms if a["kind"] == "too_early"] == [("too_early", "yellow")]
    assert office.case().status == "open" and not office.is_open(step)
    office.deliver()
    assert office.orders() == []
    assert [n.recipient for n in office.notices(kind="alarm_yellow")] == [office.ids[f"{item[3:5].lower()}_section"]]
    begin(office, item, step)
    assert act_at_once(office, step, minimum).alarms == ()


def test_an_expert_review_has_no_minimum_and_may_be_done_at_once(office: Office) -> None:
    begin(office, YJ, "expert_review", complex_process=True)
    assert office.task("expert_review").earliest_at is None
    assert act_at_once(office, "expert_review", timedelta()).outcome == "completed"


STANDING_STILL: dict[str, Callable[[Office], Any]] = {
    "completing": lambda o: o.complete("officer", "technical_review"),
    "claiming": lambda o: o.claim("officer", "technical_review"),
    "releasing": lambda o: o.release("officer", "technical_review"),
    "signing": lambda o: o.sign("officer2", "technical_review"),
    "drafting": lambda o: o.draft("officer", "technical_review"),
}


@pytest.mark.parametrize("act", STANDING_STILL)
def test_while_a_case_is_halted_every_other_act_on_it_is_refused(office: Office, act: str) -> None:
    diagram = Variant("environmental_impact_approval")
    diagram.double("technical_review", "second_review")
    office.deploy(diagram.xml)
    begin(office, HB, "technical_review")
    act_at_once(office, "second_review", timedelta(seconds=58))
    assert office.open_steps() == ["acceptance_publicity", "second_review_ruling", "technical_review"]
    with office.refused("case_halted"):
        STANDING_STILL[act](office)
    assert office.history()[-1]["payload"]["code"] == "case_halted"
    rule(office, "redo")
    STANDING_STILL[act](office)


def test_a_halted_case_takes_no_correction_but_hears_an_objection_of_the_public(office: Office) -> None:
    begin(office, HB, "technical_review")
    act_at_once(office, "technical_review", timedelta(minutes=3))
    with office.refused("case_halted"):
        office.message("correction", correction_note="x")
    office.message("objection", **OBJECTION)
    assert office.history()[-1]["kind"] == "objection_received"
    assert office.case().status == "halted"


def test_only_the_level_1_supervisor_of_the_department_rules(office: Office) -> None:
    halted_survey(office)
    for nobody in ("officer", "clerk", "section", "vice", "head", "mz_sup1", "sup2", "centre", "secadmin"):
        with office.refused("not_permitted"):
            office.complete(nobody, "site_survey_ruling")
    rule(office, "redo")
    assert office.case().status == "open"


def test_a_ruling_needs_a_ground_for_release_and_knows_two_ways_only(office: Office) -> None:
    halted_survey(office)
    with office.refused("invalid_answers") as refusal:
        office.complete("sup1", "site_survey_ruling", halt_ruling="release", ruling_ground=None)
    assert refusal.missing == ("/answers/ruling_ground",)
    for other in ("refuse", "grant", "end"):
        with office.refused("invalid_answers"):
            office.complete("sup1", "site_survey_ruling", halt_ruling=other)


def test_a_redo_voids_the_act_and_arms_a_new_minimum(office: Office) -> None:
    halted_survey(office)
    office.advance(days=1)
    rule(office, "redo")
    again, void = office.task("site_survey"), office.task("site_survey", status="void")
    assert office.open_steps() == ["site_survey"]
    assert again.id != void.id
    assert (again.signed_by, again.assignee, again.draft) == (None, void.completed_by, void.answers)
    assert again.earliest_at == office.now + timedelta(minutes=30)
    ruled = office.history(kind="halt_ruled")[-1]
    assert (ruled["payload"]["ruling"], ruled["post"], ruled["actor"]) == ("redo", "sup1", office.ids["yj_sup1"])
    assert finish(office) == "granted"
    assert done(office).count("site_survey") == 1


def test_a_release_joins_the_flow_that_the_survey_would_have_taken(office: Office) -> None:
    halted_survey(office, complex_process=True)
    rule(office, "release")
    assert office.case().status == "open"
    assert office.open_steps() == ["expert_review"]
    assert office.history(kind="halt_lifted")


@pytest.mark.parametrize(("found", "step"), [("rectify", "await_rectification"), ("fail", "section_review")])
def test_a_release_follows_what_the_halted_act_had_found(office: Office, found: str, step: str) -> None:
    halted_survey(office, survey_result=found)
    rule(office, "release")
    assert office.open_steps() == [step]


def test_a_release_does_not_lead_past_a_control_node(office: Office) -> None:
    office.start(YJ)
    office.put()
    office.remove("site_photos")
    reach(office, "site_survey")
    act_at_once(office, "site_survey", timedelta(seconds=58))
    with office.refused("control_node_missing") as refusal:
        rule(office, "release")
    assert refusal.missing == ("site_photos",)
    assert office.case().status == "halted"
    rule(office, "redo")
    assert office.open_steps() == ["site_survey"]


def test_two_rounds_make_two_alarms_two_orders_and_two_rulings(office: Office) -> None:
    halted_survey(office)
    rule(office, "redo")
    act_at_once(office, "site_survey", timedelta(minutes=29, seconds=59))
    office.deliver()
    first, second = office.alarms()
    assert first.subject != second.subject and {first.rule, second.rule} == {"too_early.minimum_duration"}
    assert [(o.status, o.alarms) for o in office.orders()] == [("answered", 1), ("open", 1)]
    rule(office, "release")
    office.deliver()
    assert [o.status for o in office.orders()] == ["answered", "answered"]
    assert [row["payload"]["ruling"] for row in office.history(kind="halt_ruled")] == ["redo", "release"]
    assert finish(office) == "granted"


def test_who_ruled_on_a_case_never_decides_it(office: Office) -> None:
    """Posts change hands; what somebody did on a case stays with it."""
    halted_survey(office)
    rule(office, "redo")
    office.end_posts("yj_sup1")
    office.grant("yj_sup1", "vice", "YJ")
    office.grant("yj_sup1", "section", "MZ")
    reach(office, "decide")
    with office.refused("separation_of_duty") as refusal:
        do_as(office, "yj_sup1", "decide")
    assert refusal.facts["done_group"] == "supervise"
    assert finish(office) == "granted"


def do_as(office: Office, name: str, step: str) -> None:
    office.advance(minutes=15)
    office.complete(name, step)


def test_who_surveyed_or_accepted_never_rules_on_the_case(office: Office) -> None:
    halted_survey(office)
    for name in ("yj_officer", "yj_clerk"):
        office.end_posts(name)
        office.grant(name, "sup1", "YJ")
        with office.refused("separation_of_duty"):
            office.complete(name, "site_survey_ruling")
    rule(office, "redo")


def test_limits_warn_while_a_case_is_halted_and_moves_wait_for_the_ruling(office: Office) -> None:
    begin(office, HB, "technical_review")
    publicity = office.due_rows()["acceptance_publicity", "move"]
    act_at_once(office, "technical_review", timedelta(minutes=3))
    office.advance(to=publicity + timedelta(days=40))
    assert office.case().status == "halted"
    assert office.open_steps() == ["acceptance_publicity", "technical_review_ruling"]
    version = office.case().version
    office.advance(days=3)
    assert office.case().version == version, "nothing happens twice"
    rule(office, "release")
    assert office.open_steps() == ["section_review"]


def test_the_clock_of_a_halted_case_runs_on_and_its_lateness_joins_the_order(office: Office) -> None:
    halted_survey(office)
    office.advance(working_days=16)
    late = [a for a in office.alarms() if a.kind == "overdue" and a.colour == "red"]
    assert [a.rule for a in late] == ["overdue.promised_limit"]
    (order,) = office.orders()
    assert (order.alarms, order.rung) == (2, 4)


def test_publicity_of_a_halted_case_stops_the_clock_no_longer_than_it_lasts(office: Office) -> None:
    begin(office, HB, "technical_review")
    publicity = office.due_rows()["acceptance_publicity", "move"]
    act_at_once(office, "technical_review", timedelta(minutes=3))
    office.advance(to=publicity - timedelta(seconds=1))
    assert ("handling_promised", "promised_limit") not in office.due_rows()
    office.advance(seconds=2)
    # Ten working days from Monday 9 March, of which the publicity took five: Monday 30 March.
    assert office.due_rows()["handling_promised", "promised_limit"].date() == date(2026, 3, 30)
    office.advance(days=60)
    assert {"overdue.promised_limit", "overdue.statutory_limit"} <= {a.rule for a in office.alarms(colour="red")}


@pytest.mark.parametrize("item", ITEMS)
def test_every_item_can_be_redone_and_is_then_granted(office: Office, item: str) -> None:
    way = {HB: "technical_review", ZR: "site_view"}.get(item, "site_survey")
    begin(office, item, way, needs_view="yes")
    act_at_once(office, way, timedelta(seconds=58))
    rule(office, "redo")
    assert finish(office) == "granted"
    office.deliver()
    assert len(office.orders()) == 1
