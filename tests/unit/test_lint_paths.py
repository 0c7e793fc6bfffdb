"""The ways that the linter walks: counterexample paths, and ways that look wrong and are not."""

from __future__ import annotations

import pytest

from service.modelling.lint import lint
from service.modelling.lint.timer_rules import classify
from service.modelling.xml_reading import read_diagram
from tests.unit.lint.bpmn_cases import BPMN_CASES
from tests.unit.lint.contract_cases import AROUND, CONTRACT_CASES, HALT, MINIMUM, RULED, RULING, SURVEY, WAY_OUT
from tests.unit.lint.drawing import (
    Case,
    boundary,
    caught,
    draw,
    element,
    ends,
    flows,
    fork,
    form,
    inside,
    line,
    problems,
    service,
    timer,
    user,
    xor,
)
from tests.unit.lint.timer_cases import TIMER_CASES, waiting

CASES: dict[str, Case] = {**BPMN_CASES, **TIMER_CASES, **CONTRACT_CASES}
TOO_EARLY = '<error id="too_early" errorCode="TOO_EARLY"/>'


@pytest.mark.parametrize(
    ("code", "path"),
    [
        ("flow_without_target", ("start", "a")),
        ("dead_end", ("start", "f", "b")),
        ("no_way_out", ("start", "g", "a")),
        ("flow_without_condition", ("start", "g")),
        ("default_missing", ("start", "g")),
        ("parallel_join_deadlock", ("start", "f", "a", "g", "j")),
        ("endless_loop", ("start", "m", "g", "m")),
        ("limit_restarts", ("start", "a", "a_back", "b", "a")),
        ("name_set_later", ("start", "a", "g")),
        ("same_post_in_exclusive_groups", ("start", "a", "f", "b")),
        ("since_never_set", ("start", "w")),
        ("limit_takes_work", ("start", "a", "a_limit", "b")),
        ("ruling_missing", ("start", "a", "a_too_early", "b")),
        ("ruling_ends_case", ("start", "a", "a_too_early", "a_ruling", "r", "e2")),
    ],
)
def test_a_counterexample_leads_from_the_start_event_to_the_fault(code: str, path: tuple[str, ...]) -> None:
    case = CASES[code]
    assert [problem.path for problem in problems(case.breaks, code, **case.beside)] == [path]


def test_a_chain_that_is_too_long_is_shown_as_a_whole() -> None:
    (problem,) = problems(CASES["chain_too_long"].breaks, "chain_too_long")
    assert len(problem.path) == 302
    assert problem.path[:2] == ("start", "u0")


def test_a_long_circle_and_many_branches_are_no_long_chain() -> None:
    steps = "".join(user(f"u{number}") for number in range(301))
    arrows = [arrow for number in range(301) for arrow in (f"f -> u{number}", f"u{number} -> end")]
    assert problems(draw(fork("f"), steps, flows("start -> f", *arrows)), "chain_too_long") == []


# Ways through sub-processes ------------------------------------------------------------------------------------------


def reviewed(decider: str, *beside: str) -> bytes:
    inner = inside(
        "handling", '<startEvent id="i"/>', user("r", "section", "review"), ends("h"), flows("i -> r", "r -> h")
    )
    return line(inner, user("d", decider, "decide"), beside="".join(beside))


def test_exclusive_groups_are_followed_out_of_a_sub_process() -> None:
    (problem,) = problems(reviewed("section"), "same_post_in_exclusive_groups")
    assert problem.path == ("start", "handling", "i", "r", "h", "d")
    assert problems(reviewed("vice"), "same_post_in_exclusive_groups") == []


def test_a_third_group_between_two_exclusive_ones_parts_them() -> None:
    steps = (user("a", "section", "review"), user("b", "printer", "print"), user("c", "section", "decide"))
    assert problems(line(*steps), "same_post_in_exclusive_groups") == []


def test_what_a_warning_leads_to_is_not_the_next_step_of_the_case() -> None:
    warned = boundary("r_limit", "r", timer("hours(1)"), "step_limit") + ends("red") + flows("r_limit -> red")
    inner = inside("s", '<startEvent id="i"/>', user("r", "section", "review"), warned, flows("i -> r"))
    found = problems(line(inner, user("d", "section", "decide")), "same_post_in_exclusive_groups")
    assert found == []
    assert problems(line(inner), "no_end_event") != []


def test_an_end_that_only_a_warning_reaches_does_not_close_the_case() -> None:
    xml = draw(
        user("a"), boundary("a_limit", "a", timer("hours(1)"), "step_limit"), flows("start -> a", "a_limit -> end")
    )
    assert [problem.element_id for problem in problems(xml, "no_end_event")] == ["p"]


# Joins ---------------------------------------------------------------------------------------------------------------


def joined(*extra: str, steps: str = "") -> bytes:
    parts = (user("a"), user("b"), fork("f"), fork("j"), xor("m"), ends("e1"), steps)
    return draw(*parts, flows("start -> f", "f -> a", "f -> b", *extra), extra=TOO_EARLY)


def test_alternatives_merged_before_a_join_do_not_starve_it() -> None:
    way = ("a -> g", "g -> c if x", "g -> m", "c -> m", "m -> j", "b -> j", "j -> end")
    assert problems(joined(*way, steps=user("c") + xor("g", "m")), "parallel_join_deadlock") == []


def test_alternatives_that_enter_a_join_one_by_one_starve_it() -> None:
    way = ("a -> g", "g -> c if x", "g -> j", "c -> j", "b -> j", "j -> end")
    found = problems(joined(*way, steps=user("c") + xor("g", "j")), "parallel_join_deadlock")
    assert [problem.element_id for problem in found] == ["j"]


def test_a_choice_before_the_fork_does_not_starve_the_join() -> None:
    parts = (user("a"), user("b"), fork("f"), fork("j"), xor("g", "f"))
    way = ("start -> g", "g -> f", "g -> end if x", "f -> a", "f -> b", "a -> j", "b -> j", "j -> end")
    assert problems(draw(*parts, flows(*way)), "parallel_join_deadlock") == []


def test_a_way_back_behind_a_join_into_one_branch_starves_it() -> None:
    way = ("a -> j", "b -> j", "j -> g", "g -> a if x", "g -> end")
    assert problems(joined(*way, steps=xor("g", "end")), "parallel_join_deadlock") != []


def test_a_boundary_event_that_leaves_its_branch_starves_the_join() -> None:
    leaving = boundary("a_out", "a", timer("hours(1)"), "move", interrupting=True)
    assert (
        problems(joined("a -> j", "b -> j", "j -> end", "a_out -> e1", steps=leaving), "parallel_join_deadlock") != []
    )
    assert (
        problems(
            joined("a -> m", "m -> j", "b -> j", "j -> end", "a_out -> m", steps=leaving), "parallel_join_deadlock"
        )
        == []
    )


# Circles -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("step", [user("w"), '<receiveTask id="w"/>', element("callActivity", "w")])
def test_a_circle_in_which_somebody_is_waited_for_is_no_endless_loop(step: str) -> None:
    way = flows("start -> w", "w -> g", "g -> w if again", "g -> end")
    assert problems(draw(step, xor("g", "end"), way), "endless_loop") == []


def test_a_circle_of_services_without_a_way_out_is_endless() -> None:
    xml = draw(service("s"), service("t"), flows("start -> s", "s -> t", "t -> s"))
    assert problems(xml, "endless_loop")[0].path == ("start", "s", "t", "s")


def test_a_circle_through_a_sub_process_without_a_person_is_endless() -> None:
    inner = inside("s", '<startEvent id="i"/>', ends("e"), flows("i -> e"))
    xml = draw(inner, xor("g", "end"), flows("start -> s", "s -> g", "g -> s if again", "g -> end"))
    assert problems(xml, "endless_loop")[0].path == ("start", "s", "i", "e", "g", "s")


def limited(expression: str, *arrows: str) -> bytes:
    inner = inside("handling", '<startEvent id="i"/>', user("r"), ends("h"), flows("i -> r", "r -> h"))
    limit = boundary("handling_statutory", "handling", timer(expression), "statutory_limit")
    way = flows("start -> handling", "handling -> g", "handling_statutory -> red", *arrows)
    return draw(inner, limit, ends("red"), xor("g", "end"), way)


@pytest.mark.parametrize(
    ("expression", "restarts"),
    [
        ("working_days(20)", True),
        ("working_days(20, since=accepted_on)", False),
        ("working_days(20, since=accepted_on) if deemed else natural_days(45)", True),
        ("natural_days(60 if deemed else 45, since=received_on)", False),
        ("'2026-11-23T09:30:00+08:00'", False),
    ],
)
def test_a_limit_counted_from_entry_starts_anew_at_a_way_back(expression: str, restarts: bool) -> None:
    back = limited(expression, "g -> handling if x", "g -> end")
    assert bool(problems(back, "limit_restarts")) is restarts
    assert problems(limited(expression, "g -> end"), "limit_restarts") == []


def test_a_limit_may_count_from_the_decision_behind_the_decision_only() -> None:
    limit = boundary("b_limit", "b", timer("working_days(7, since=decided_on)"), "step_limit") + ends("red")
    early = boundary("d_limit", "d", timer("working_days(7, since=decided_on)"), "step_limit")
    steps = user("d", "vice", "decide") + user("b", "printer", "print") + limit + early
    way = flows("start -> d", "d -> b", "b -> end", "b_limit -> red", "d_limit -> red")
    (problem,) = problems(draw(steps, way), "since_never_set")
    assert (problem.element_id, problem.path) == ("d_limit", ("start", "d"))


# Halts ---------------------------------------------------------------------------------------------------------------


def test_a_ruling_may_be_referred_to_level_2_on_its_way_back() -> None:
    way = (
        "a_too_early -> a_ruling",
        "a_ruling -> r",
        "r -> a",
        "r -> two if halt_ruling == 'refer'",
        "two -> b",
    )
    parts = (MINIMUM, WAY_OUT, RULING, RULED, AROUND, user("two", "sup2", "supervise_level2"))
    xml = line(SURVEY, user("b", "section", "review"), beside="".join(parts) + flows(*way), extra=TOO_EARLY)
    assert {problem.code for problem in lint(xml)} & {"ruling_ways_out", "ruling_ends_case", "ruling_missing"} == set()


@pytest.mark.parametrize(
    ("left_out", "missing"), [("r -> a", "redo"), ("r -> b if halt_ruling == 'release'", "release")]
)
def test_a_ruling_names_the_way_out_that_is_missing(left_out: str, missing: str) -> None:
    way = [arrow for arrow in HALT if arrow != left_out]
    beside = "".join((MINIMUM, WAY_OUT, RULING, RULED, AROUND)) + flows(*way)
    xml = line(SURVEY, user("b", "section", "review"), beside=beside, extra=TOO_EARLY)
    (problem,) = problems(xml, "ruling_ways_out")
    assert f"but {missing} is missing" in problem.message_en


def test_the_error_too_early_may_be_caught_on_branches_that_run_together() -> None:
    catchers = "".join(boundary(f"{step}_too_early", step, caught(), "too_early", interrupting=True) for step in "ab")
    xml = joined("a -> j", "b -> j", "j -> end", "a_too_early -> e1", "b_too_early -> e1", steps=catchers)
    assert problems(xml, "error_code_parallel") == []


def test_an_escalation_may_have_tasks_of_its_own_and_meet_another() -> None:
    limits = boundary("a_limit", "a", timer("hours(1)"), "step_limit") + boundary(
        "u_limit", "u", timer("hours(1)"), "step_limit"
    )
    told = user("u", "sup2", "supervise_level2") + service("n", "notify_centre") + ends("e")
    xml = line(user("a"), beside=limits + told + flows("a_limit -> u", "u -> n", "u_limit -> n", "n -> e"))
    assert problems(xml, "limit_takes_work") == []


@pytest.mark.parametrize(
    "inner",
    [
        "<extensionElements><timeDate>hours(1)</timeDate></extensionElements>",
        "<timeDate>hours(1)</timeDate>",
        "<incoming><userTask id='b'/></incoming>",
        "<camunda:properties/>",
        "<standardloop/>",
    ],
)
def test_an_element_where_bpmn_does_not_put_it_is_named(inner: str) -> None:
    assert problems(line(f'<userTask id="a">{inner}</userTask>'), "unknown_element") != []


def test_a_limit_that_ends_the_case_takes_the_work_away() -> None:
    stop = '<endEvent id="stop"><terminateEventDefinition/></endEvent>'
    limit = boundary("a_limit", "a", timer("hours(1)"), "step_limit")
    xml = line(user("a"), beside=limit + stop + flows("a_limit -> stop"))
    assert [problem.path for problem in problems(xml, "limit_takes_work")] == [("start", "a", "a_limit", "stop")]


# Names ---------------------------------------------------------------------------------------------------------------


def asking(condition: str) -> bytes:
    way = flows("start -> a", "a -> g", f"g -> b if {condition}", "g -> end", "b -> end")
    return draw(user("a"), xor("g", "end"), user("b"), way, **{"variable:grave": "amount >= 5"})


def test_names_of_variables_facts_and_forms_are_known() -> None:
    forms = {"a": {"components": [{"type": "group", "components": [{"key": "amount"}]}]}, "b": form()}
    assert problems(asking("grave and fee_settled and amount > 1"), "name_unknown", forms=forms) == []
    (problem,) = problems(asking("amout > 1"), "name_unknown", forms=forms)
    assert "Did you mean amount?" in problem.message_en
    assert "是否应为 amount？" in problem.message_zh


def test_names_are_not_asked_for_without_the_forms_of_what_is_called() -> None:
    call = element("callActivity", "c", attributes='calledElement="q"')
    xml = draw(call, xor("g", "end"), flows("start -> c", "c -> g", "g -> c if more", "g -> end"))
    shared = {"q": line(user("inner"), key="q")}
    assert problems(xml, "name_unknown", forms={}, called=shared) == []
    assert problems(xml, "name_unknown", forms={"inner": form("more")}, called=shared) == []
    assert problems(xml, "name_unknown", forms={"inner": form("less")}, called=shared) != []


def test_called_diagrams_may_be_given_read_or_as_bytes() -> None:
    shared = line(user("inner"), key="payment")
    xml = line(element("callActivity", "c", attributes='calledElement="payment"'))
    assert lint(xml, called={"payment": shared}) == lint(xml, called={"payment": read_diagram(shared)})


# Times ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("PT30M", "duration"),
        ("P1Y2M10DT2H30M", "duration"),
        ("PT0.5S", "duration"),
        ("P2W", "duration"),
        ("P", "none"),
        ("PT", "none"),
        ("P1DT", "none"),
        ("P1W2D", "none"),
        ("P1H", "none"),
        ("PT1D", "none"),
        ("p5d", "none"),
        ("5 days", "none"),
        ("-P5D", "negative"),
        ("+P5D", "none"),
        ("2026-11-23T09:30:00+08:00", "instant"),
        ("2026-11-23T09:30:00", "local"),
        ("2026-11-23", "local"),
        ("2026-13-01", "none"),
        ("R3/PT1H", "cycle"),
        ("R/PT1H", "cycle"),
        ("R3/2026-11-23T09:30:00+08:00/PT1H", "mixed"),
        ("R3/PT1H/2026-11-23T09:30:00+08:00", "mixed"),
    ],
)
def test_iso_8601_texts_are_told_apart(text: str, kind: str) -> None:
    assert classify(text) == kind


@pytest.mark.parametrize(
    ("text", "kind", "code"),
    [
        ("2026-11-23T09:30:00+08:00", "timeDate", "timer_unquoted"),
        ("R3/PT1H", "timeCycle", "timer_unquoted"),
        ("5", "timeDuration", "timer_not_a_time"),
        ("'PT30M' if urgent else '5 days'", "timeDuration", "timer_not_a_time"),
        ("days > 3", "timeDate", "timer_not_a_time"),
        ("working_days(-5)", "timeDate", "timer_negative"),
        ("working_days(1.5)", "timeDate", "timer_call_arguments"),
        ("working_days(5, after=decided_on)", "timeDate", "timer_call_arguments"),
        ("months(5)", "timeDate", "timer_bad_expression"),
        ("'PT30M'", "timeDate", "timer_wrong_field"),
        ("'R3/PT0S'", "timeCycle", "timer_cycle_zero"),
        ("'R3/-PT1H'", "timeCycle", "timer_negative"),
    ],
)
def test_a_time_that_would_fail_in_a_case_is_named(text: str, kind: str, code: str) -> None:
    assert [problem.element_id for problem in problems(waiting(text, kind), code)] == ["w"]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("working_days(5)", "timeDate"),
        ("working_days(5 if urgent else 10, since=decided_on)", "timeDate"),
        ("hours(24) if order_kind == 'urgent' else working_days(5)", "timeDate"),
        ("milestone_due", "timeDate"),
        ("'P30D'", "timeDuration"),
    ],
)
def test_a_time_of_the_contract_has_no_problem(text: str, kind: str) -> None:
    assert [problem.code for problem in lint(waiting(text, kind)) if problem.code.startswith("timer")] == []
