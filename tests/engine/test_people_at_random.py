"""The rules who may and the engine together, in memory: whoever tries what on the county's own diagrams.

Posts, loans and answers are drawn; the pairs that exclude each other are read from the catalogue.
"""

from __future__ import annotations

import os
import random
from collections import Counter
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, ClassVar

import pytest
import yaml
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from service.engine import CaseRun, EngineFailure, OpenStep, ProcessModel, build_model
from service.errors import Refused
from service.people.actor import Actor, Holding
from service.people.separation import group_conflict
from service.user_tasks.rules import HALTING_GROUPS, permitted_holding
from tests.engine.county import MONDAY
from tests.engine.test_county_diagrams import DAYS, DIAGRAMS, SHARED, Registry, answers_to

RUNS = int(os.environ.get("MINGJING_MOVE_RUNS", "2000"))
CATALOGUE = Path(__file__).parents[2] / "processes" / "catalogue" / "items.yaml"
POSTS = ("clerk", "officer", "section", "vice", "head", "printer", "sup1", "town_clerk", "town_officer", "town_head")
PLACES = [path for path in DIAGRAMS if path.parent.name == "power_items"]
dice = st.integers(0, 2**20)


@cache
def pairs() -> tuple[tuple[str, str], ...]:
    found = yaml.safe_load(CATALOGUE.read_text(encoding="utf-8"))["meta"]["separation"]["exclusive_pairs"]
    return tuple((first, second) for first, second in found)


@cache
def model_of(path: Path) -> ProcessModel:
    return build_model(path.stem, {path.stem: path.read_bytes(), **SHARED})


def drawn(chance: random.Random, values: list[Any]) -> Any:
    """Mostly what a condition asks for first, which carries a case on; even draws end most at their second step."""
    return values[0] if chance.random() < 0.6 else chance.choice(values)


class People(RuleBasedStateMachine):
    """Five people; `told` says by hand who has done what, `actors` is the case's ledger that the rules ask."""

    made: ClassVar[Counter[str]] = Counter()

    def __init__(self) -> None:
        super().__init__()
        self.now, self.before = MONDAY, b""
        self.actors: dict[str, list[int]] = {}
        self.told: dict[str, set[int]] = {}
        self.signed: dict[str, tuple[int, ...]] = {}
        self.instants: dict[str, datetime] = {}

    @initialize(seed=dice)
    def begin(self, seed: int) -> None:
        chance = random.Random(seed)
        self.path = chance.choice(PLACES)
        self.holdings = {one: [Holding(post, "D") for post in POSTS if chance.random() < 0.5] for one in range(1, 6)}
        run = CaseRun.start(model_of(self.path), self.host(), self.now, {"received_on": "2026-11-23"})
        run.complete(run.ready_steps()[0].id, self.answers(seed))
        self.actors["accept"], self.told["accept"] = [1], {1}  # A clerk enters it at the counter.
        self.keep(run)
        for position in range(seed % 8):
            self.go_on(seed + position)

    def answers(self, seed: int) -> dict[str, Any]:
        chance = random.Random(seed)
        answers = {name: drawn(chance, values) for name, values in answers_to(self.path).items()}
        return answers | dict.fromkeys(DAYS, self.now.date().isoformat())

    def host(self) -> Registry:
        return Registry(self.now, facts={"fee_settled": True})

    def run_now(self) -> CaseRun:
        run = CaseRun.load(model_of(self.path), self.host(), self.now, self.state)
        run.tick()
        return run

    def keep(self, run: CaseRun, *, act: bool = True) -> None:
        outcome = run.outcome()
        if act:
            self.before = getattr(self, "state", b"")
        self.state, self.ended, self.halted = run.dump(), outcome.completed, outcome.halted
        self.steps, self.armed = run.ready_steps(), run.armed()

    def actor(self, person: int, lent: dict[str, Holding] | None = None) -> Actor:
        return Actor(person, f"p{person}", f"p{person}", "D", tuple(self.holdings[person]), lent or {})

    def may(self, person: int, step: OpenStep) -> tuple[int, ...] | None:
        """Who counts for the act, as the rules allow it; None where they refuse."""
        wanted = {"post": step.element.post, "department": "D", "group": step.element.separation_group}
        try:
            holding = permitted_holding(self.actor(person), **wanted, actors=self.actors)
        except Refused as refusal:
            self.made[refusal.code] += 1
            return None
        return (person,) if holding.principal_id is None else (person, holding.principal_id)

    def count(self, step: OpenStep, persons: tuple[int, ...]) -> None:
        group = step.element.separation_group
        if group is not None:
            self.actors.setdefault(group, []).extend(persons)
            self.told.setdefault(group, set()).update(persons)

    def step(self, choice: int) -> OpenStep:
        return self.steps[choice % len(self.steps)]

    @property
    def going(self) -> bool:
        return not self.ended and bool(self.steps)

    @precondition(lambda self: self.going)
    @rule(choice=dice, person=st.integers(1, 5), early=st.booleans())
    def complete(self, choice: int, person: int, early: bool) -> None:
        step = self.step(choice)
        persons = self.may(person, step)
        if persons is None or (self.halted and not step.element.properties.get("halts")):
            return
        if not early and step.earliest_at is not None:
            self.now = max(self.now, step.earliest_at + timedelta(seconds=1))
        self.finish(step, persons, self.answers(choice))

    def finish(self, step: OpenStep, persons: tuple[int, ...], answers: dict[str, Any]) -> None:
        run = self.run_now()
        if not run.is_ready(step.id) or (run.halted and not step.element.properties.get("halts")):
            self.keep(run, act=False)
            return
        too_early = step.earliest_at is not None and self.now < step.earliest_at
        if too_early and step.element.separation_group in HALTING_GROUPS:
            assert run.halt(step.id, answers)
            self.made["halted"] += 1
        else:
            run.complete(step.id, answers)
            self.made["completed"] += 1
        self.count(step, persons + self.signed.pop(step.id, ()))
        self.keep(run)

    @precondition(lambda self: self.going)
    @rule(choice=dice)
    def go_on(self, choice: int) -> None:
        """The first of the five who may, in good time or too early; the applicant where it is the applicant's."""
        if not self.going:
            return
        step = self.step(choice)
        if step.element.post == "applicant":
            self.finish(step, (), self.answers(choice))
        for person in sorted(range(1, 6), key=lambda one: (one * choice) % 7):
            before = self.state
            self.complete(choice, person, choice % 4 == 0)
            if self.state != before:
                return

    @precondition(lambda self: self.going)
    @rule(choice=dice, person=st.integers(1, 5))
    def sign(self, choice: int, person: int) -> None:
        """A second officer, or somebody who was asked to sign: both by their own group."""
        step = self.step(choice)
        group = step.element.separation_group
        if group_conflict(group, [person], self.actors) is None and self.may(person, step) == (person,):
            self.signed[step.id] = (person,)
            self.count(step, (person,))
            self.made["signed"] += 1

    @rule(person=st.integers(1, 5), to=st.integers(1, 5), post=st.sampled_from(POSTS))
    def lend(self, person: int, to: int, post: str) -> None:
        own = any(one.post == post and one.principal_id is None for one in self.holdings[person])
        if own and person != to:
            self.holdings[to].append(Holding(post, "D", person, f"p{person}"))
            self.made["lent"] += 1

    @rule(person=st.integers(1, 5), post=st.sampled_from(POSTS))
    def move_post(self, person: int, post: str) -> None:
        """Whatever somebody did before, today he holds another post."""
        self.holdings[person] = [Holding(post, "D"), *self.holdings[person][:2]]

    @precondition(lambda self: self.going and not self.halted and any(one.element.send_back_to for one in self.steps))
    @rule(choice=dice, person=st.integers(1, 5))
    def send_back(self, choice: int, person: int) -> None:
        step, run = self.step(choice), self.run_now()
        persons, allowed = self.may(person, step), step.element.send_back_to
        if persons is None or not allowed or not run.is_ready(step.id) or run.halted:
            return
        try:
            run.send_back(step.id, allowed[choice % len(allowed)])
        except EngineFailure:
            return  # The token never was there: the command asks for a step that was done.
        self.count(step, persons)
        self.made["sent_back"] += 1
        self.keep(run)

    @precondition(lambda self: self.going and self.before)
    @rule()
    def take_back(self) -> None:
        """The state before the last act, with its timers; who has acted has acted."""
        run = CaseRun.load(model_of(self.path), self.host(), self.now, self.before)
        self.state, self.before = self.before, b""
        self.steps, self.armed, self.halted = run.ready_steps(), run.armed(), run.halted
        self.made["taken_back"] += 1

    @precondition(lambda self: not self.ended)
    @rule(minutes=st.sampled_from((1, 35, 60 * 24, 60 * 24 * 12)))
    def wait(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)
        run = self.run_now()
        for waiting in run.waiting_steps():
            if waiting.element.message and not run.halted and minutes > 60 * 24:
                run.receive(waiting.element.message, {})
                break
        self.keep(run, act=False)

    @invariant()
    def nobody_has_done_two_separated_acts(self) -> None:
        for first, second in pairs():
            both = self.told.get(first, set()) & self.told.get(second, set())
            assert not both, f"{both} have done {first} and {second}"

    @invariant()
    def a_clock_that_runs_is_never_moved_and_belongs_to_something_open(self) -> None:
        for timer in getattr(self, "armed", ()):
            assert self.instants.setdefault(timer.id, timer.due_at) == timer.due_at, timer.element.id
        if hasattr(self, "state") and not self.ended:
            again = CaseRun.load(model_of(self.path), self.host(), self.now, self.state)
            assert again.dump() == self.state
            assert {step.id for step in again.ready_steps()} == {step.id for step in self.steps}


@pytest.mark.slow
def test_no_sequence_of_acts_lets_one_person_do_two_separated_ones_or_moves_a_clock() -> None:
    People.made.clear()
    options = settings(
        max_examples=RUNS,
        stateful_step_count=20,
        deadline=None,
        derandomize="MINGJING_MOVE_RUNS" not in os.environ,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(People, settings=options)
    ways = "completed halted signed lent sent_back taken_back separation_of_duty not_permitted".split()
    assert [way for way in ways if not People.made[way]] == []
