"""Sub-processes and called diagrams: twice at once, ended early from inside, interrupted from outside."""

from __future__ import annotations

from datetime import timedelta

import pytest

from service.engine import EngineFailure
from tests.engine.county import MONDAY, desk
from tests.engine.drawing import (
    PARALLEL,
    TERMINATE,
    XOR,
    Node,
    after,
    at,
    boundary,
    call,
    draw,
    end,
    on_error,
    on_escalation,
    on_message,
    receive,
    scope,
    service,
)

CORRECTION = draw(
    "correction",
    "start -> notify -> await_correction -> check -> g\ng -> notify if again\ng -> end",
    notify=service("notify"),
    await_correction=receive("correction"),
    g=XOR,
)


def test_one_shared_diagram_runs_twice_at_once_and_after_itself() -> None:
    lines = "start -> f\nf -> first -> j\nf -> second -> j\nj -> third -> end"
    case = desk(
        draw(
            "p",
            lines,
            f=PARALLEL,
            j=PARALLEL,
            first=call("correction"),
            second=call("correction"),
            third=call("correction"),
        ),
        CORRECTION,
    )
    assert case.steps == ["await_correction", "await_correction", "first", "second"]
    case.receive("correction")
    assert case.steps == ["await_correction", "check", "first", "second"]
    case.complete("check", again=True)
    assert case.steps == ["await_correction", "await_correction", "first", "second"]
    for _ in range(2):
        case.receive("correction")
        case.complete("check", again=False)
    assert case.steps == ["await_correction", "third"]
    case.receive("correction")
    assert case.complete("check").completed


def test_a_called_diagram_may_call_another() -> None:
    outer = draw("outer", "start -> inner -> b -> end", inner=call("correction"))
    case = desk(draw("p", "start -> o -> c -> end", o=call("outer")), outer, CORRECTION)
    assert case.steps == ["await_correction", "inner", "o"]
    step = next(s for s in case.load().waiting_steps())
    assert step.ancestors == (case.task("inner"), case.task("o"))
    case.receive("correction")
    case.complete("check")
    case.complete("b")
    assert case.steps == ["c"]


def test_the_limit_of_a_call_is_the_limit_of_the_steps_inside_it() -> None:
    limit = boundary("c", at("working_days(15)"), role="step_limit")
    case = desk(draw("p", "start -> a -> c -> end\nlimit -> end", c=call("correction"), limit=limit), CORRECTION)
    entered = {step.element.id: step for step in case.complete("a").entered}
    assert entered["await_correction"].due_at == entered["c"].due_at
    assert entered["await_correction"].due_at is not None


def test_the_limits_around_a_step_are_those_of_every_scope_that_it_is_in() -> None:
    inside = scope(
        "start_i -> a -> end_i\npromised -> end_i",
        a=scope("start_a -> b -> end_a"),
        promised=boundary("a", at("working_days(5)"), role="promised_limit"),
    )
    case = desk(
        draw(
            "p",
            "start -> s -> end\nstatutory -> end\nwarn -> end",
            s=inside,
            statutory=boundary("s", at("working_days(20)"), role="statutory_limit"),
            warn=boundary("s", at("working_days(1)"), role="step_limit"),
        )
    )
    limits = case.load().limits_around(case.task("b"))
    assert [(limit.role, limit.limit_value) for limit in limits] == [("promised_limit", 5), ("statutory_limit", 20)]
    assert case.load().limits_around("00" * 16) == ()


def test_a_terminate_end_ends_everything_that_is_open() -> None:
    lines = "start -> f\nf -> a -> end_stop\nf -> s -> end\nf -> op -> end\nlimit -> end"
    case = desk(
        draw(
            "p",
            lines,
            f=PARALLEL,
            s=scope("start_s -> c -> b -> end_s", c=scope("start_c -> d -> end_c")),
            op=service("slow"),
            limit=boundary("s", after("'P5D'")),
            end_stop=end(TERMINATE, outcome="withdrawn"),
        ),
        slow=frozenset({"slow"}),
    )
    assert case.steps == ["a", "c", "d", "op", "s"]
    outcome = case.complete("a")
    assert outcome.completed
    assert outcome.ended_with == "withdrawn"
    assert (case.open, case.timers) == ({}, {})
    assert case.load().outcome().completed


def test_a_terminate_end_inside_a_sub_process_ends_only_that() -> None:
    inside = scope("start_s -> f\nf -> a -> end_stop\nf -> b -> end_s", f=PARALLEL, end_stop=end(TERMINATE))
    case = desk(draw("p", "start -> s -> c -> end", s=inside))
    case.complete("a")
    assert case.steps == ["c"]


def test_an_interrupting_message_on_a_sub_process_takes_everything_in_it_away() -> None:
    inside = scope(
        "start_s -> f\nf -> a -> end_s\nf -> i -> end_s\nf -> w -> end_s\nt -> end_s",
        f=PARALLEL,
        i=scope("start_i -> b -> end_i"),
        w=receive("payment"),
        t=boundary("a", after("'P1D'")),
    )
    lines = "start -> s -> end\nstop -> withdrawn -> end\nlimit -> end"
    stop = boundary("s", on_message("withdrawal"), interrupting=True)
    case = desk(draw("p", lines, s=inside, stop=stop, limit=boundary("s", after("'P20D'"))))
    assert len(case.timers) == 2
    assert case.receive("withdrawal", reason="changed plans") is not None
    assert case.steps == ["withdrawn"]
    assert case.timers == {}
    assert case.receive("payment") is None
    assert case.load().variables == {"reason": "changed plans"}
    assert case.complete("withdrawn").completed


def test_a_message_that_does_not_interrupt_opens_a_branch_beside() -> None:
    tell = boundary("a", on_message("statement"))
    case = desk(draw("p", "start -> a -> end\ntell -> read -> end", tell=tell))
    case.receive("statement")
    assert case.steps == ["a", "read"]
    assert case.receive("statement") is None
    case.complete("a")
    assert case.complete("read").completed


def test_a_timer_that_moves_takes_a_sub_process_away() -> None:
    lines = "start -> s -> end\nmove -> c -> end"
    move = boundary("s", after("'P5D'"), interrupting=True, role="move")
    case = desk(draw("p", lines, s=scope("start_s -> a -> b -> end_s"), move=move))
    case.complete("a")
    case.wait(days=6)
    assert case.steps == ["c"]


def test_a_branch_beside_goes_on_when_its_step_is_done() -> None:
    """Trap: what a warning released hangs on the split of a step that is over and pruned away."""
    warn = boundary("a", after("'P1D'"))
    case = desk(draw("p", "start -> a -> b -> end\nwarn -> urge -> end", warn=warn))
    case.wait(days=2)
    assert case.steps == ["a", "urge"]
    case.complete("a")
    assert case.steps == ["b", "urge"]
    case.complete("b")
    assert case.complete("urge").completed


def test_an_error_inside_is_caught_by_the_boundary_and_the_scope_is_not_passed() -> None:
    """Trap: an end event that throws also ends its sub-process, which then looks done and interrupted at once."""
    inside = scope("start_s -> a -> g\ng -> end_bad if bad\ng -> end_s", g=XOR, end_bad=end(on_error("broken")))
    fix = boundary("s", on_error("broken"), interrupting=True)
    xml = draw("p", "start -> s -> b -> end\nfix -> repair -> end", s=inside, fix=fix)
    broken = desk(xml)
    broken.complete("a", bad=True)
    assert broken.steps == ["repair"]
    assert "passed s" not in broken.passed
    whole = desk(xml)
    whole.complete("a", bad=False)
    assert whole.steps == ["b"]
    assert "passed s" in whole.passed


def test_an_error_that_nobody_catches_is_an_engine_failure() -> None:
    """Trap: the library keeps it for somebody outside, and the case goes on as if nothing had happened."""
    case = desk(draw("p", "start -> a -> end", end=end(on_error("broken"))))
    with pytest.raises(EngineFailure, match="broken"):
        case.complete("a")


@pytest.mark.parametrize("interrupting", [False, True])
def test_an_escalation_reaches_the_scope_around_it(interrupting: bool) -> None:
    throw = Node("intermediateThrowEvent", inside=on_escalation("late"))
    inside = scope("start_s -> a -> up -> b -> end_s", up=throw)
    caught = boundary("s", on_escalation("late"), interrupting=interrupting)
    case = desk(draw("p", "start -> s -> end\ncaught -> told -> end", s=inside, caught=caught))
    case.complete("a")
    assert case.steps == (["told"] if interrupting else ["b", "s", "told"])


def test_a_transaction_that_is_cancelled_leaves_by_its_cancel_event() -> None:
    inside = scope(
        "start_s -> a -> g\ng -> end_s if ok\ng -> end_undo",
        tag="transaction",
        g=XOR,
        end_undo=end("<bpmn:cancelEventDefinition/>"),
    )
    undo = boundary("s", "<bpmn:cancelEventDefinition/>", interrupting=True)
    xml = draw("p", "start -> s -> b -> end\nundo -> c -> end", s=inside, undo=undo)
    for ok, expected in ((True, ["b"]), (False, ["c"])):
        case = desk(xml)
        case.complete("a", ok=ok)
        assert case.steps == expected


def test_the_outcome_of_a_case_is_that_of_the_last_end_with_one_even_in_an_earlier_act() -> None:
    """Trap: the end that names the outcome may be reached long before the last branch ends."""
    case = desk(
        draw("p", "start -> f\nf -> a -> end_granted\nf -> b -> end", f=PARALLEL, end_granted=end(outcome="granted"))
    )
    assert case.complete("a").ended_with is None
    outcome = case.complete("b")
    assert (outcome.completed, outcome.ended_with) == (True, "granted")


def test_a_step_left_and_entered_again_in_one_act_is_told_as_both() -> None:
    case = desk(
        draw("p", "start -> a -> g\ng -> a if back\ng -> end\nlimit -> end", g=XOR, limit=boundary("a", after("'P1D'")))
    )
    old, old_timer = case.task("a"), case.timer("limit")
    case.now += timedelta(hours=1)
    outcome = case.complete("a", back=True)
    (new,), (timer,) = outcome.entered, outcome.armed
    assert outcome.left == (old,)
    assert outcome.disarmed == (old_timer,)
    assert (new.element.id, timer.due_at) == ("a", MONDAY + timedelta(days=1, hours=1))
    assert new.id != old and timer.id != old_timer
    assert [element.id for element in outcome.elements_entered] == ["g", "a"]


def test_one_scope_left_and_entered_again_takes_its_limit_with_it() -> None:
    lines = "start -> s -> review -> g\ng -> s if back\ng -> end\nlimit -> end_red"
    limit = boundary("s", at("working_days(20, since=accepted_on)"), role="statutory_limit")
    xml = draw("p", lines, s=scope("start_s -> a -> end_s"), g=XOR, limit=limit)
    case = desk(xml, variables={"accepted_on": "2026-11-20"})
    (first,) = case.load().limits_around(case.task("a"))
    case.now += timedelta(days=3)
    case.complete("a")
    case.complete("review", back=True)
    (second,) = case.load().limits_around(case.task("a"))
    assert second.due_at == first.due_at
    assert second.timer_id != first.timer_id


def test_what_a_warning_released_does_not_pass_for_the_step_that_it_warned_of() -> None:
    """Trap: the join behind a step looks at all that hangs on its split; a pruned branch must not hang there."""
    lines = "start -> a -> end\nfirst -> urge -> urge_again -> end\nsecond -> end\nthird -> end"
    timers = {name: boundary("a", after(f"'P{day}D'")) for day, name in enumerate(("first", "second", "third"), 1)}
    case = desk(draw("p", lines, more=timers))
    case.wait(days=1, hours=1)
    case.complete("urge")
    assert case.steps == ["a", "urge_again"]
    case.wait(days=1)
    assert set(case.timers.values()) == {"third"}
    case.wait(days=1)
    assert [name for name in case.passed if name.startswith("timer")] == ["timer first", "timer second", "timer third"]


@pytest.mark.parametrize("interrupting", [True, False])
def test_a_scope_that_hangs_is_left_by_the_timer_that_takes_it_away_or_else_fails(interrupting: bool) -> None:
    """A timer that only warns would leave the case hanging; one that moves it is a way on."""
    inside = scope(
        "start_s -> f\nf -> a -> j\nf -> b -> g\ng -> j if ok\ng -> end_b\nj -> end_s", f=PARALLEL, j=PARALLEL, g=XOR
    )
    limit = boundary("s", after("'P5D'"), interrupting=interrupting)
    case = desk(draw("p", "start -> s -> end\nlimit -> c -> end", s=inside, limit=limit))
    case.complete("b", ok=False)
    if not interrupting:
        with pytest.raises(EngineFailure, match="nothing in it is open"):
            case.complete("a")
        return
    case.complete("a")
    assert case.steps == ["s"]
    case.wait(days=6)
    assert case.steps == ["c"]
