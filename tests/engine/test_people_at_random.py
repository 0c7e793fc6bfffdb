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
from tempfile import TemporaryDirectory
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

from service.engine import ArmedTimer, CaseRun, EngineFailure, OpenStep, ProcessModel, build_model
from service.errors import Refused
from service.people.actor import Actor, Holding
from service.people.separation import group_conflict
from service.user_tasks.rules import HALTING_GROUPS, permitted_holding
from tests.commands.variants import Variant
from tests.engine.county import MONDAY
from tests.engine.test_county_diagrams import DAYS, DIAGRAMS, SHARED, Registry, answers_to

RUNS = int(os.environ.get("MINGJING_MOVE_RUNS", "2000"))
CATALOGUE = Path(__file__).parents[2] / "processes" / "catalogue" / "items.yaml"
# Who may try anything, whatever it was that he did before; beside them each post has two people of its own.
ROVERS = range(1, 5)
OUTSIDE = frozenset({"", "applicant", "party", "project_unit", "system"})
# So many times each way must have been gone, so that nothing holds for want of it.
LEAST = {"completed": 12_000, "halted": 400, "signed": 500, "lent": 500, "sent_back": 500, "taken_back": 500}
LEAST |= {"separation_of_duty": 500, "not_permitted": 300, "ruled": 200, "ended": 200, "of the partner": 50}
PLACES = [path for path in DIAGRAMS if path.parent.name == "power_items"]
# The technical review by two departments side by side (并联审批).
_FOLDER = TemporaryDirectory()
JOINT, PARTNER = Path(_FOLDER.name) / "environmental_impact_approval.bpmn", "YJ"
SENDING_BACK = [path for path in PLACES if "sendBackTo" in path.read_text(encoding="utf-8")]
dice = st.integers(0, 2**20)


def draw_joint_review() -> None:
    diagram = Variant(JOINT.stem)
    diagram.double("technical_review", "second_review")
    diagram.set("second_review", "department", PARTNER)
    JOINT.write_bytes(diagram.xml)


draw_joint_review()
PLACES.append(JOINT)


@cache
def pairs() -> tuple[tuple[str, str], ...]:
    found = yaml.load(CATALOGUE.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)["meta"]["separation"][
        "exclusive_pairs"
    ]
    return tuple((first, second) for first, second in found)


@cache
def model_of(path: Path) -> ProcessModel:
    return build_model(path.stem, {path.stem: path.read_bytes(), **SHARED})


@cache
def posts_of(path: Path) -> tuple[str, ...]:
    """The posts that the steps of a diagram, and of those that it calls, ask for."""
    return tuple(sorted({one.post for one in model_of(path).elements.values()} - OUTSIDE))


def drawn(chance: random.Random, values: list[Any]) -> Any:
    """Mostly what a condition asks for first, which carries a case on; even draws end most at their second step."""
    return values[0] if chance.random() < 0.6 else chance.choice(values)


class People(RuleBasedStateMachine):
    """Four people of many posts and two of each; `told` says by hand who has done what, `actors` the case's ledger."""

    made: ClassVar[Counter[str]] = Counter()

    def __init__(self) -> None:
        super().__init__()
        self.now, self.ended = MONDAY, False
        self.before = self.state = self.seen = b""
        self.armed: tuple[ArmedTimer, ...] = ()
        self.actors: dict[str, list[int]] = {}
        self.told: dict[str, set[int]] = {}
        self.signed: dict[str, tuple[int, ...]] = {}
        self.instants: dict[str, datetime] = {}

    @initialize(seed=dice)
    def begin(self, seed: int) -> None:
        self._begin(seed)

    @precondition(lambda self: self.ended)
    @rule(seed=dice)
    def begin_another(self, seed: int) -> None:
        """Another case, of people who have done nothing on it."""
        self._begin(seed)

    def _begin(self, seed: int) -> None:
        self.before, self.state, self.armed = b"", b"", ()
        self.actors, self.told, self.signed, self.instants = {}, {}, {}, {}
        chance = random.Random(seed)
        self.path = chance.choice(PLACES)
        self.posts = posts_of(self.path)
        places = ("D", PARTNER) if self.path == JOINT else ("D",)
        self.holdings = {
            one: [
                Holding(post, place)
                for post in self.posts
                if chance.random() < 0.6 or post == "clerk"
                for place in places
            ]
            for one in ROVERS
        }
        for position, post in enumerate(self.posts):
            self.holdings |= {10 + 2 * position + n: [Holding(post, place) for place in places] for n in (0, 1)}
        run = CaseRun.start(model_of(self.path), self.host(), self.now, {"received_on": "2026-11-23"})
        run.complete(run.ready_steps()[0].id, self.answers(seed))
        self.actors["accept"], self.told["accept"] = [1], {1}  # A clerk enters it at the counter.
        self.keep(run)
        for position in range(seed % 10):
            self.go_on(seed + 31 * position)

    def answers(self, seed: int) -> dict[str, Any]:
        chance = random.Random(seed)
        answers = {name: drawn(chance, values) for name, values in answers_to(self.path).items()}
        return answers | dict.fromkeys(DAYS, self.now.date().isoformat())

    def host(self) -> Registry:
        return Registry(self.now, facts={"fee_settled": True, "statement_closed": self.statement_closed()})

    def statement_closed(self) -> bool:
        """As the registry says it: the party's time is over when its timer is due, not before."""
        return all(one.due_at < self.now for one in self.armed if one.element.id == "await_statement_limit")

    def run_now(self) -> CaseRun:
        run = CaseRun.load(model_of(self.path), self.host(), self.now, self.state)
        run.tick()
        return run

    def keep(self, run: CaseRun, *, act: bool = True) -> None:
        outcome = run.outcome()
        if act:
            self.before = self.state
        self.state, self.ended, self.halted = run.dump(), outcome.completed, outcome.halted
        self.made["ended"] += self.ended
        self.steps, self.armed = run.ready_steps(), run.armed()

    def actor(self, person: int, lent: dict[str, Holding] | None = None) -> Actor:
        return Actor(person, f"p{person}", f"p{person}", "D", tuple(self.holdings[person]), lent or {})

    def may(self, person: int, step: OpenStep) -> tuple[int, ...] | None:
        """Who counts for the act, as the rules allow it; None where they refuse."""
        place = step.element.department or "D"
        wanted = {"post": step.element.post, "department": place, "group": step.element.separation_group}
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
    @rule(choice=dice, person=st.sampled_from(ROVERS), early=st.booleans())
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
            self.made["ruled"] += bool(step.element.properties.get("halts"))
        self.made["of the partner"] += step.element.department == PARTNER
        self.count(step, persons + self.signed.pop(step.id, ()))
        self.keep(run)

    @precondition(lambda self: self.going)
    @rule(choice=dice, steps=st.integers(1, 4))
    def go_on_some_steps(self, choice: int, steps: int) -> None:
        for position in range(steps):
            self.go_on(choice + 31 * position)

    def go_on(self, choice: int) -> None:
        """The first who may, in good time or too early; the applicant where it is his; or the case waits."""
        if not self.going:
            if not self.ended:
                self.wait(60 * 24 * 12)
            return
        step = self.step(choice)
        if step.element.post in OUTSIDE:
            self.finish(step, (), self.answers(choice))
            return
        for person in self.who_may(choice, step):
            before = self.state
            self.complete(choice, person, choice % 4 == 0)
            if self.state != before:
                return

    def who_may(self, choice: int, step: OpenStep) -> list[int]:
        """Those with the post in some order, as often as not those of many posts first."""
        found = [one for one, held in self.holdings.items() if any(h.post == step.element.post for h in held)]
        random.Random(choice).shuffle(found)
        return sorted(found, key=lambda one: one in ROVERS, reverse=bool(choice % 2))

    @precondition(lambda self: self.going)
    @rule(choice=dice, second=dice)
    def sign(self, choice: int, second: int) -> None:
        """A second officer, or somebody who was asked to sign: both by their own group."""
        step = self.step(choice)
        able = self.who_may(second, step)
        person = able[second % len(able)] if able else ROVERS[0]
        group = step.element.separation_group
        if group_conflict(group, [person], self.actors) is None and self.may(person, step) == (person,):
            self.signed[step.id] = (person,)
            self.count(step, (person,))
            self.made["signed"] += 1

    @precondition(lambda self: self.going)
    @rule(person=dice, to=st.sampled_from(ROVERS), lend=st.booleans())
    def change_posts(self, person: int, to: int, lend: bool) -> None:
        """Somebody lends a post of his own; or whatever somebody did before, today he holds another post."""
        if not lend:
            self.holdings[to] = [Holding(self.posts[person % len(self.posts)], "D"), *self.holdings[to][:-1]]
            return
        lender = sorted(self.holdings)[person % len(self.holdings)]
        own = [one.post for one in self.holdings[lender] if one.principal_id is None]
        if own and lender != to:
            self.holdings[to].append(Holding(own[person % len(own)], "D", lender, f"p{lender}"))
            self.made["lent"] += 1

    @precondition(lambda self: self.going and self.path in SENDING_BACK)
    @rule(choice=dice)
    def send_back(self, choice: int) -> None:
        """Who may sends the case back from a step that allows it, when it has come there."""
        for position in range(8):
            step = next((one for one in getattr(self, "steps", ()) if one.element.send_back_to), None)
            if self.ended or step is not None:
                break
            self.go_on(choice + 31 * position)
        if self.ended or self.halted or step is None:
            return
        run, allowed = self.run_now(), step.element.send_back_to
        found = (self.may(person, step) for person in self.who_may(choice, step))
        persons = next((one for one in found if one is not None), None)
        if persons is None or not run.is_ready(step.id) or run.halted:
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
        for timer in self.armed:
            assert self.instants.setdefault(timer.id, timer.due_at) == timer.due_at, timer.element.id
        if not self.ended and self.seen is not self.state:
            self.seen = self.state
            again = CaseRun.load(model_of(self.path), self.host(), self.now, self.state)
            assert again.dump() == self.state
            assert {step.id for step in again.ready_steps()} == {step.id for step in self.steps}


@pytest.mark.slow
def test_no_sequence_of_acts_lets_one_person_do_two_separated_ones_or_moves_a_clock() -> None:
    People.made.clear()
    options = settings(
        max_examples=RUNS,
        stateful_step_count=12,
        deadline=None,
        derandomize="MINGJING_MOVE_RUNS" not in os.environ,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(People, settings=options)
    share = RUNS / 2000
    assert {way: made for way, least in LEAST.items() if (made := People.made[way]) < least * share} == {}
