"""Whatever is completed, sent back and waited for in whatever order: no token is lost, no clock goes wrong."""

from __future__ import annotations

import os
from datetime import datetime

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from service.engine import EngineFailure
from tests.engine.county import desk
from tests.engine.drawing import PARALLEL, after, boundary, draw

RUNS = int(os.environ.get("MINGJING_MOVE_RUNS", "60"))
_LINES = """start -> s -> f
f -> a1 -> a2 -> a3 -> j
f -> b1 -> b2 -> j
j -> review -> decide -> end
sl -> end_sl
a2l -> end_a2l
b1l -> end_b1l"""
DIAGRAM = draw(
    "p",
    _LINES,
    f=PARALLEL,
    j=PARALLEL,
    sl=boundary("s", after("'P2D'"), role="step_limit"),
    a2l=boundary("a2", after("'P3D'"), role="step_limit"),
    b1l=boundary("b1", after("'P5D'"), role="step_limit"),
)
BRANCHES = {"a1": "a", "a2": "a", "a3": "a", "b1": "b", "b2": "b"}
ORDER = ["s", "a1", "a2", "a3", "b1", "b2", "review", "decide"]
LIMITS = {"s": "sl", "a2": "a2l", "b1": "b1l"}
# Every earlier step of a step, as the linter would allow.
BACK = {
    "a1": ["s"],
    "a2": ["s", "a1"],
    "a3": ["s", "a1", "a2"],
    "b1": ["s"],
    "b2": ["s", "b1"],
    "review": ORDER[:6],
    "decide": ORDER[:7],
}


class Moving(RuleBasedStateMachine):
    """`expected` is what a plain reading of the diagram says is open: per branch one step, or None where it is done."""

    def __init__(self) -> None:
        super().__init__()
        self.case = desk(DIAGRAM)
        self.expected: set[str] = {"s"}
        self.arrived: set[str] = set()
        self.instants: dict[str, datetime] = {}
        self.ended = False

    @precondition(lambda self: not self.ended)
    @rule(choice=st.randoms(use_true_random=False))
    def complete_one(self, choice: object) -> None:
        step = choice.choice(sorted(self.expected))  # type: ignore[attr-defined]
        self.case.complete(step)
        self.expected.remove(step)
        self._go_on_from(step)

    def _go_on_from(self, step: str) -> None:
        if step == "s":
            self.expected |= {"a1", "b1"}
        elif step in ("a3", "b2"):
            self.arrived.add(BRANCHES[step])
            if self.arrived == {"a", "b"}:
                self.arrived, self.expected = set(), {"review"}
        elif step == "decide":
            self.ended = True
        else:
            self.expected.add(ORDER[ORDER.index(step) + 1])

    @precondition(lambda self: not self.ended and self.expected != {"s"})
    @rule(choice=st.randoms(use_true_random=False))
    def send_one_back(self, choice: object) -> None:
        step = choice.choice(sorted(self.expected - {"s"}))  # type: ignore[attr-defined]
        to = choice.choice(BACK[step])  # type: ignore[attr-defined]
        if step in ("review", "decide") and to in BRANCHES:
            with pytest.raises(EngineFailure):  # Into one branch alone: its join would wait for ever.
                self.case.send_back(step, to)
            return
        self.case.send_back(step, to)
        if to == "s":
            self.expected, self.arrived = {"s"}, set()
        else:
            self.expected = (self.expected - {step}) | {to}

    @rule(hours=st.integers(1, 40))
    def wait(self, hours: int) -> None:
        if not self.ended:
            self.case.wait(hours=hours)

    @invariant()
    def the_same_steps_are_open_as_the_diagram_says(self) -> None:
        assert self.case.steps == sorted(self.expected)

    @invariant()
    def a_limit_runs_only_while_its_step_is_open_and_once(self) -> None:
        armed = sorted(self.case.timers.values())
        assert len(armed) == len(set(armed))
        assert set(armed) <= {LIMITS[step] for step in self.expected if step in LIMITS}

    @invariant()
    def a_clock_that_runs_is_never_moved(self) -> None:
        """A timer of one id keeps its instant, whatever happens beside it."""
        for timer in self.case.load().armed() if not self.ended else ():
            assert self.instants.setdefault(timer.id, timer.due_at) == timer.due_at


TestMoving = Moving.TestCase
TestMoving.settings = settings(max_examples=RUNS, stateful_step_count=30, deadline=None)
