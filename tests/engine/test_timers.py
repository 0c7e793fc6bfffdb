"""Timers: when they are armed, in which order they fire, what stops them, and that a bad one leaves nothing behind."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from service.engine import CaseRun, EngineFailure
from service.modelling.lint import lint
from tests.engine.county import MONDAY, Desk, Office, desk
from tests.engine.drawing import PARALLEL, XOR, after, at, boundary, catch, draw, scope, service

CHINA = timezone(timedelta(hours=8))


def limited(expression: str, *, date: bool = True) -> bytes:
    timer = at(expression) if date else after(expression)
    return draw("p", "start -> a -> b -> end\nlimit -> end", limit=boundary("b", timer, role="step_limit"))


def test_a_timer_is_armed_when_its_step_is_entered_and_not_before() -> None:
    case = desk(limited("working_days(5)"))
    assert case.timers == {}
    case.now += timedelta(days=1)
    (timer,) = case.complete("a").armed
    assert timer.due_at.astimezone(CHINA) == datetime(2026, 12, 1, 17, 30, tzinfo=CHINA)
    assert (timer.limit_value, timer.limit_unit, timer.role) == (5, "working_days", "step_limit")
    assert timer.counted_from == case.now
    assert (timer.element.id, timer.step.id, timer.scope_task_id) == ("limit", "b", case.task("b"))


def test_a_timer_is_evaluated_once_whatever_becomes_of_its_variables() -> None:
    """Trap: an expression evaluated at every look would move the limit with each answer."""
    case = desk(draw("p", "start -> a -> end\nlimit -> end", limit=boundary("a", at("hours(n)"))), variables={"n": 2})
    run = case.load()
    run.variables["n"] = 99
    run.tick()
    case.state = run.dump()
    case.wait(hours=2, seconds=1)
    assert case.passed == ["timer limit", "ended end"]


def test_a_limit_that_counts_from_a_day_begins_at_midnight_in_the_county() -> None:
    """Trap: a day has no instant of its own; taken in UTC it would begin eight hours late."""
    case = desk(limited("working_days(5, since=received_on)"), variables={"received_on": "2026-11-20"})
    (timer,) = case.complete("a").armed
    assert timer.counted_from == datetime(2026, 11, 20, tzinfo=CHINA)
    assert timer.due_at == datetime(2026, 11, 27, 17, 30, tzinfo=CHINA)


def test_an_instant_carries_its_offset() -> None:
    case = desk(limited("'2026-12-01T00:00:00+08:00'"))
    (timer,) = case.complete("a").armed
    assert timer.due_at == datetime(2026, 11, 30, 16, 0, tzinfo=UTC)


@pytest.mark.parametrize("duration", ["PT30M", "P5D", "P1W", "P1M", "P1Y2M3DT4H5M6S"])
def test_a_quoted_iso_duration_is_understood(duration: str) -> None:
    case = desk(limited(f"'{duration}'", date=False))
    (timer,) = case.complete("a").armed
    assert timer.due_at > MONDAY


NO_TIMES = [
    "P5D",
    "'5 days'",
    "'-P5D'",
    "'P-5D'",
    "''",
    "'P'",
    "'PT'",
    "5",
    "None",
    "'2026-12-01T00:00:00'",
    "'2026-12-01'",
    "'12:00'",
    "working_days(-1)",
    "working_days('5')",
    "working_days(5, until='2026-12-01')",
]


@pytest.mark.parametrize("expression", NO_TIMES)
def test_the_linter_names_a_timer_that_could_not_be_armed(expression: str) -> None:
    """Traps: an unquoted P5D, '5 days', '-P5D', an instant without offset: each parses, and each case would fail."""
    errors = {problem.code for problem in lint(limited(expression)) if problem.severity == "error"}
    assert any(code.startswith("timer_") for code in errors)


@pytest.mark.parametrize("expression", [*NO_TIMES, "unknown_name", "working_days(5, since='soon')"])
def test_a_timer_that_cannot_be_armed_fails_the_act_and_leaves_nothing_to_keep(expression: str) -> None:
    """Traps: an unquoted P5D is a name, '5 days' and '-P5D' no ISO 8601, an instant without offset nobody's; and when
    arming raises, the library leaves the timer waiting unarmed, so that a state kept then would wait for ever."""
    case = desk(limited(expression))
    run = case.load()
    run.tick()
    with pytest.raises(EngineFailure):
        run.complete(case.task("a"), {})
    with pytest.raises(EngineFailure, match="nothing of it may be kept"):
        run.dump()
    with pytest.raises(EngineFailure, match="nothing of it may be kept"):
        run.outcome()
    assert case.load().is_ready(case.task("a"))


def test_a_case_whose_first_timer_cannot_be_armed_does_not_start() -> None:
    model = desk(limited("P5D")).model
    run = CaseRun.start(model, Office(MONDAY), MONDAY, {})
    assert [step.element.id for step in run.outcome().entered] == ["a"]
    with pytest.raises(EngineFailure):
        desk(draw("p", "start -> b -> end\nlimit -> end", limit=boundary("b", at("P5D"))))


def test_a_timer_fires_strictly_after_its_instant() -> None:
    case = desk(draw("p", "start -> a -> end\nlimit -> end", limit=boundary("a", after("'PT30M'"))))
    assert case.wait(minutes=30).happenings == ()
    assert [h.element.id for h in case.wait(microseconds=1).happenings if h.kind == "timer"] == ["limit"]


def test_a_timer_that_only_warns_fires_once_and_leaves_the_work_where_it_is() -> None:
    """Trap: a timer that fires again at every look would raise the same alarm for ever."""
    case = desk(draw("p", "start -> a -> end\nlimit -> end", limit=boundary("a", after("'PT1H'"))))
    task = case.task("a")
    case.wait(hours=2)
    assert case.passed == ["timer limit", "ended end"]
    for _ in range(3):
        case.wait(days=1)
    assert case.passed == ["timer limit", "ended end"]
    assert case.task("a") == task
    assert case.complete("a").completed


def test_a_late_completion_does_not_beat_an_overdue_timer_that_moves_the_case() -> None:
    """Trap: completing first cancels the timer, and the person who came too late wins."""
    case = desk(
        draw("p", "start -> a -> b -> end\nmove -> c -> end", move=boundary("a", after("'P5D'"), interrupting=True))
    )
    task = case.task("a")
    case.now += timedelta(days=6)
    run = case.load()
    run.tick()
    assert not run.is_ready(task)
    with pytest.raises(EngineFailure, match="ready"):
        run.complete(task, {})
    assert [step.element.id for step in run.outcome().entered] == ["c"]


def test_of_two_timers_that_move_one_step_only_the_earlier_does() -> None:
    """Trap: the library releases all that are due at once; both then move the token, which is in two places."""
    case = desk(
        draw(
            "p",
            "start -> a -> end\nlater -> b -> end\nearlier -> c -> end\nwarn -> end",
            later=boundary("a", after("'PT2H'"), interrupting=True),
            earlier=boundary("a", after("'PT1H'"), interrupting=True),
            warn=boundary("a", after("'PT30M'")),
        )
    )
    case.wait(days=1)
    assert case.steps == ["c"]
    assert [name for name in case.passed if name.startswith("timer")] == ["timer warn", "timer earlier"]


def test_due_timers_fire_in_the_order_of_their_instants_across_the_case() -> None:
    case = desk(
        draw(
            "p",
            "start -> f\nf -> a -> end\nf -> s -> end\nt3 -> end\nt1 -> end\nt2 -> end",
            f=PARALLEL,
            s=scope("start_s -> b -> end_s\nt0 -> end_s", t0=boundary("b", after("'PT30M'"))),
            t3=boundary("a", after("'PT3H'")),
            t1=boundary("a", after("'PT1H'")),
            t2=boundary("s", after("'PT2H'")),
        )
    )
    case.wait(days=1)
    assert [name for name in case.passed if name.startswith("timer")] == [
        "timer t0",
        "timer t1",
        "timer t2",
        "timer t3",
    ]


def test_of_two_timers_of_one_instant_the_one_that_warns_comes_first() -> None:
    case = desk(
        draw(
            "p",
            "start -> a -> end\nmove -> end\nwarn -> end",
            move=boundary("a", after("'PT1H'"), interrupting=True),
            warn=boundary("a", after("'PT1H'")),
        )
    )
    case.wait(days=1)
    assert [name for name in case.passed if name.startswith("timer")] == ["timer warn", "timer move"]


def test_a_limit_that_has_passed_before_its_step_is_entered_fires_in_the_same_act() -> None:
    """Trap: a limit that counts from an earlier day may be over on entry; the library notices at its next look."""
    case = desk(limited("working_days(1, since=received_on)"), variables={"received_on": "2026-11-02"})
    outcome = case.complete("a")
    assert [h.element.id for h in outcome.happenings if h.kind == "timer"] == ["limit"]
    assert case.steps == ["b"]
    assert case.timers == {}


def test_what_a_timer_releases_runs_in_the_same_act() -> None:
    """Trap: the library refreshes timers last and does not run what they released."""
    case = desk(
        draw(
            "p",
            "start -> a -> end\nmove -> op -> w -> op2 -> g\ng -> b if n == 1\ng -> c\nb -> end\nc -> end",
            move=boundary("a", after("'PT1H'"), interrupting=True),
            op=service("deem_acceptance"),
            w=catch(at("'2026-11-01T00:00:00+08:00'")),
            op2=service("issue_acceptance"),
            g=XOR,
        ),
        variables={"n": 1},
    )
    case.wait(hours=2)
    assert case.steps == ["b"]
    assert [name for name in case.passed if name.startswith("operation")] == ["operation op", "operation op2"]


def test_a_wait_for_an_instant_is_an_open_step_with_a_timer_of_its_own() -> None:
    case = desk(draw("p", "start -> cool -> a -> end", cool=catch(after("'P15D'"))))
    assert (case.steps, list(case.timers.values())) == (["cool"], ["cool"])
    case.wait(days=16)
    assert (case.steps, case.timers) == (["a"], {})


def test_a_paused_timer_waits_until_it_is_resumed_for_a_new_instant() -> None:
    case = desk(
        draw(
            "p",
            "start -> s -> end\nlimit -> end",
            s=scope("start_s -> a -> end_s"),
            limit=boundary("s", at("working_days(5)"), role="statutory_limit"),
        )
    )
    timer, remaining = case.timer("limit"), {"unit": "working_days", "amount": 3}
    run = case.load()
    run.pause_timer(timer, remaining)
    case.state = run.dump()
    case.wait(days=60)
    assert case.passed == []
    (paused,) = case.load().limits_around(case.task("a"))
    assert (paused.due_at, paused.remaining) == (None, remaining)
    run = case.load()
    run.resume_timer(timer, case.now + timedelta(days=3))
    assert run.outcome().armed == () and run.outcome().disarmed == ()
    case.state = run.dump()
    (running,) = case.load().limits_around(case.task("a"))
    assert (running.due_at, running.remaining) == (case.now + timedelta(days=3), None)
    assert (running.limit_value, running.limit_unit) == (5, "working_days")
    case.wait(days=3)
    assert case.passed == []
    case.wait(seconds=1)
    assert case.passed == ["timer limit", "ended end"]


def test_a_timer_paused_in_the_act_that_armed_it_is_not_told_as_armed() -> None:
    case = desk(limited("working_days(5)"))
    run = case.load()
    run.complete(case.task("a"), {})
    (timer,) = run.outcome().armed
    run.pause_timer(timer.id, {"amount": 5})
    assert run.outcome().armed == ()
    assert run.has_timer(timer.id)


def test_only_a_timer_that_waits_is_paused_or_resumed_and_only_for_an_instant_with_offset() -> None:
    case = desk(draw("p", "start -> a -> end\nlimit -> end", limit=boundary("a", after("'PT1H'"))))
    timer, task = case.timer("limit"), case.task("a")
    with pytest.raises(ValueError, match="offset"):
        case.load().resume_timer(timer, datetime(2026, 12, 1))  # noqa: DTZ001
    for wrong in (task, "00" * 16, "no hex"):
        with pytest.raises(EngineFailure, match="timer that waits"):
            case.load().pause_timer(wrong, {})
        assert not case.load().has_timer(wrong)
    case.wait(hours=2)
    with pytest.raises(EngineFailure, match="timer that waits"):
        case.load().resume_timer(timer, case.now)
    assert not case.load().has_timer(timer)


def test_the_timers_of_a_step_go_with_it() -> None:
    case = desk(
        draw(
            "p",
            "start -> a -> b -> end\nt1 -> end\nt2 -> end",
            t1=boundary("a", after("'P1D'")),
            t2=boundary("a", after("'P2D'")),
        )
    )
    timers = set(case.timers)
    outcome = case.complete("a")
    assert set(outcome.disarmed) == timers
    case.wait(days=9)
    assert case.passed == []


def test_the_system_clock_is_never_asked() -> None:
    """Trap: the library reads the time itself, so that one act would have two instants, and a moved clock none."""
    long_ago = datetime(2026, 1, 5, 1, 0, tzinfo=UTC)
    case = Desk(desk(limited("'PT1H'", date=False)).model, now=long_ago).start()
    case.complete("a")
    case.wait(minutes=59)
    assert case.passed == []
    case.wait(minutes=2)
    assert case.passed == ["timer limit", "ended end"]
