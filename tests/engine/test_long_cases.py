"""Cases that go in circles for years: small, quick and with the same outcome as if nothing were ever pruned."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest

import service.engine.run as case_run
from service.engine import CaseRun, Outcome, ProcessModel, build_model
from tests.engine.county import MONDAY, Desk, Office, desk
from tests.engine.drawing import (
    INCLUSIVE,
    PARALLEL,
    TERMINATE,
    XOR,
    after,
    at,
    boundary,
    call,
    draw,
    end,
    on_error,
    on_message,
    receive,
    scope,
    service,
    user,
)

REDO = draw(
    "p",
    """
    start -> survey -> review -> end_ok
    early -> ruling -> g
    g -> survey
    g -> review if halt_ruling == 'release'
    minimum -> end
    limit -> end
    """,
    early=boundary("survey", on_error("TOO_EARLY"), interrupting=True),
    minimum=boundary("survey", after("'PT30M'"), role="minimum"),
    limit=boundary("survey", at("working_days(5)"), role="step_limit"),
    ruling=user(halts="case"),
    g=XOR,
    end_ok=end(outcome="granted"),
)


def tasks_in(case: Desk) -> int:
    return len(case.load()._workflow.all_tasks())


def test_a_thousand_redos_leave_the_case_as_small_as_one_and_come_to_the_same_end() -> None:
    """Trap: at a depth of 1,000 the library finds no task that is ready any more, and says nothing."""
    case = desk(REDO)
    case.halt("survey")
    case.complete("ruling", halt_ruling="redo")
    tasks, size = tasks_in(case), len(case.state)
    for _ in range(1000):
        case.halt("survey")
        case.complete("ruling", halt_ruling="redo")
        assert len(case.state) <= size
    assert tasks_in(case) == tasks <= 20
    case.wait(minutes=31)
    case.complete("survey")
    outcome = case.complete("review")
    assert (outcome.completed, outcome.ended_with) == (True, "granted")


@pytest.mark.parametrize(
    ("lines", "nodes"),
    [
        ("start -> m -> a -> g\ng -> m if back\ng -> end", {}),
        ("start -> m -> s -> g\ng -> m if back\ng -> end", {"s": scope("start_s -> a -> end_s")}),
        ("start -> s -> end", {"s": scope("start_s -> m -> a -> g\ng -> m if back\ng -> end_s", m=XOR, g=XOR)}),
        ("start -> f\nf -> m -> a -> g\ng -> m if back\ng -> j\nf -> b -> j\nj -> end", {"f": PARALLEL, "j": PARALLEL}),
        ("start -> a -> end\nt -> m -> b -> g\ng -> m if back\ng -> end", {"t": boundary("a", after("'PT1S'"))}),
    ],
    ids=["in the case", "around a sub-process", "in a sub-process", "in a branch", "beside a warning"],
)
def test_a_circle_anywhere_keeps_its_size(lines: str, nodes: dict[str, Any]) -> None:
    case = desk(draw("p", lines, more={"m": XOR, "g": XOR, **nodes}))
    case.wait(minutes=1)
    step = "b" if "t" in nodes else "a"
    case.complete(step, back=True)
    size, tasks = len(case.state), tasks_in(case)
    for _ in range(100):
        case.complete(step, back=True)
    assert (len(case.state), tasks_in(case)) == (size, tasks)
    case.complete(step, back=False)
    assert step not in case.steps


WALKED = draw(
    "p",
    """
    start -> prepare -> m -> f
    remind -> reminder -> end
    f -> handling -> j
    f -> opinions -> g3
    g3 -> opinions if again
    g3 -> j
    f -> i
    i -> legal if n > 1
    i -> finance if n > 2
    i -> none
    legal -> k
    finance -> k
    none -> k
    k -> j
    j -> decide -> g
    g -> m if back
    g -> send if decision
    g -> end_refused
    send -> correction -> m3 -> print -> end_granted
    statutory -> end_red
    moved -> m3
    late -> m3
    stopped -> end_stopped
    """,
    more=dict.fromkeys(("m", "m3", "g", "g3"), XOR)
    | dict.fromkeys(("f", "j"), PARALLEL)
    | dict.fromkeys(("i", "k"), INCLUSIVE),
    remind=boundary("prepare", after("'PT1H'")),
    send=service("send"),
    none=service("none"),
    correction=call("correction"),
    handling=scope(
        """
        start_h -> survey -> g1
        g1 -> survey if again
        g1 -> m2 -> f2
        f2 -> a -> j2
        f2 -> b -> j2
        j2 -> review -> g2
        g2 -> m2 if back
        g2 -> end_h
        minimum -> end_m
        limit -> end_l
        early -> ruling -> g4
        g4 -> survey
        g4 -> g1 if halt_ruling == 'release'
        """,
        more=dict.fromkeys(("g1", "g2", "g4", "m2"), XOR) | dict.fromkeys(("f2", "j2"), PARALLEL),
        ruling=user(halts="case"),
        minimum=boundary("survey", after("'PT30M'"), role="minimum"),
        limit=boundary("survey", after("'P2D'"), role="step_limit"),
        early=boundary("survey", on_error("TOO_EARLY"), interrupting=True, role="too_early"),
    ),
    statutory=boundary("handling", at("working_days(20)"), role="statutory_limit"),
    moved=boundary("decide", after("'P3D'"), interrupting=True, role="move"),
    late=boundary("correction", after("'P15D'"), interrupting=True, role="step_limit"),
    stopped=boundary("print", on_message("withdrawal"), interrupting=True),
    end_stopped=end(TERMINATE, outcome="withdrawn"),
    end_granted=end(outcome="granted"),
    end_refused=end(outcome="refused"),
)
CORRECTION = draw(
    "correction",
    "start -> m -> notify -> wait -> check -> g\ng -> m if again\ng -> end",
    notify=service("notify"),
    wait=receive("correction"),
    more=dict.fromkeys(("m", "g"), XOR),
)


@dataclass
class Walker:
    """Walks a case by dice that see only what a clerk sees, and writes down all that it was told, without ids."""

    model: ProcessModel
    dice: random.Random
    now: datetime = MONDAY
    state: bytes = b""
    names: dict[str, str] = field(default_factory=dict)
    earliest: dict[str, datetime | None] = field(default_factory=dict)
    open: dict[str, str] = field(default_factory=dict)
    told: list[Any] = field(default_factory=list)
    over: bool = False

    def begin(self) -> None:
        run = CaseRun.start(self.model, Office(self.now), self.now, {"n": self.dice.randint(1, 3)})
        self.listen(run)

    def act(self) -> None:
        self.now += timedelta(minutes=self.dice.choice((1, 20, 40, 60 * 8, 60 * 24 * 4)))
        run = CaseRun.load(self.model, Office(self.now), self.now, self.state)
        assert run.dump() == self.state
        run.tick()
        ready = {step.element.id: step.id for step in run.ready_steps()}
        waits = sorted(str(step.element.message) for step in run.waiting_steps())
        choices = [*sorted(ready), *waits, *(["withdrawal"] if "print" in ready else []), "nothing"]
        self.choose(run, ready, self.dice.choice(choices))
        self.listen(run)

    def choose(self, run: CaseRun, ready: dict[str, str], choice: str) -> None:
        answers = {name: self.dice.random() < 0.4 for name in ("again", "back")}
        answers |= {"decision": self.dice.random() < 0.8}
        ruling = {"halt_ruling": self.dice.choice(("redo", "release"))}
        if run.halted and choice != "ruling":
            return
        self.told.append(choice)
        if choice in ("correction", "withdrawal"):
            assert run.receive(choice, {}) is not None
        elif choice == "survey" and (early := self.earliest.get(ready[choice])) is not None and self.now < early:
            assert run.halt(ready[choice], answers)
        elif choice in ready:
            run.complete(ready[choice], {**answers, **ruling})

    def listen(self, run: CaseRun) -> None:
        outcome = run.outcome()
        self.names |= {step.id: step.element.id for step in outcome.entered}
        self.names |= {timer.id: timer.element.id for timer in outcome.armed}
        self.earliest |= {step.id: step.earliest_at for step in outcome.entered}
        self.told += [self.nameless(outcome), sorted(run.variables.items())]
        self.state, self.over = run.dump(), outcome.completed

    def nameless(self, outcome: Outcome) -> list[Any]:
        return [
            sorted((s.element.id, str(s.due_at), [self.names[a] for a in s.ancestors]) for s in outcome.entered),
            sorted((t.element.id, str(t.due_at), str(t.counted_from), t.limit_value) for t in outcome.armed),
            sorted(self.names[task_id] for task_id in outcome.left),
            sorted(self.names[timer_id] for timer_id in outcome.disarmed),
            [(happening.kind, happening.element.id) for happening in outcome.happenings],
            (outcome.halted, outcome.completed, outcome.ended_with),
        ]


def walk(model: ProcessModel, seed: int) -> tuple[list[Any], int]:
    """All that was told on a walk of at most 28 acts, and the size of the largest state."""
    walker = Walker(model, random.Random(seed))
    walker.begin()
    largest = 0
    for _ in range(28):
        if walker.over:
            break
        walker.act()
        largest = max(largest, len(walker.state))
    return walker.told, largest


def test_pruning_changes_nothing_that_anybody_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Trap: what is pruned must not be what a join, a boundary event or a sub-process still looks at."""
    model = build_model("p", {"p": WALKED, "correction": CORRECTION})
    pruned = [walk(model, seed) for seed in range(200)]
    monkeypatch.setattr(case_run, "prune", lambda workflow: None)
    for seed, (told, largest) in enumerate(pruned):
        whole, whole_largest = walk(model, seed)
        assert whole == told, f"seed {seed}"
        assert largest <= whole_largest
    ends = {str(told[-2][-1]) for told, _ in pruned}
    assert {f"(False, True, '{end}')" for end in ("granted", "refused", "withdrawn")} <= ends
    assert max(largest for _, largest in pruned) < 2200
