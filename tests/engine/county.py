"""A county office for tests: it answers what a run asks, and keeps a case's bytes between acts as the service does."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from service.engine import CaseRun, Element, Outcome, ProcessModel, build_model
from service.working_time import WorkingCalendar, expression_functions, seed_days

MONDAY = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)  # 09:00 in the county


@cache
def calendar() -> WorkingCalendar:
    return WorkingCalendar.build({day: kind for day, kind, _ in seed_days([2025, 2026])})


@dataclass
class Office:
    """The Host of one act. `slow` operations are called outside and come back later."""

    now: datetime
    facts: dict[str, object] = field(default_factory=dict)
    slow: frozenset[str] = frozenset()
    done: list[str] = field(default_factory=list)

    def fact(self, name: str) -> object:
        return self.facts.get(name)

    def call(self, name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> object:
        return expression_functions(calendar(), self.now)(name, args, kwargs)

    def operate(self, operation: str, element: Element, variables: dict[str, Any]) -> bool:
        self.done.append(operation)
        return operation not in self.slow


@dataclass
class Desk:
    """One case over many acts: each act loads the bytes, fires what is due, acts and stores the bytes again."""

    model: ProcessModel
    now: datetime = MONDAY
    facts: dict[str, object] = field(default_factory=dict)
    slow: frozenset[str] = frozenset()
    state: bytes = b""
    before: bytes = b""
    open: dict[str, str] = field(default_factory=dict)  # task id -> element id
    timers: dict[str, str] = field(default_factory=dict)  # timer id -> element id
    passed: list[str] = field(default_factory=list)
    last: Outcome | None = None

    def office(self) -> Office:
        return Office(self.now, self.facts, self.slow)

    def start(self, **variables: Any) -> Desk:
        self._keep(CaseRun.start(self.model, self.office(), self.now, variables))
        return self

    def load(self) -> CaseRun:
        return CaseRun.load(self.model, self.office(), self.now, self.state)

    def complete(self, element: str, **answers: Any) -> Outcome:
        """Complete the open task of that element, after the timers that are due."""
        run = self.load()
        run.tick()
        run.complete(self.task(element), answers)
        return self._keep(run)

    def send_back(self, element: str, to: str) -> Outcome:
        run = self.load()
        run.tick()
        run.send_back(self.task(element), to)
        return self._keep(run)

    def halt(self, element: str, **answers: Any) -> Outcome:
        run = self.load()
        run.tick()
        assert run.halt(self.task(element), answers)
        return self._keep(run)

    def receive(self, message: str, **values: Any) -> str | None:
        run = self.load()
        found = run.receive(message, values)
        self._keep(run)
        return found

    def wait(self, **duration: float) -> Outcome:
        """Let time pass, then fire what is due."""
        self.now += timedelta(**duration)
        run = self.load()
        run.tick()
        return self._keep(run)

    def task(self, element: str) -> str:
        return next(task_id for task_id, found in self.open.items() if found == element)

    def timer(self, element: str) -> str:
        return next(timer_id for timer_id, found in self.timers.items() if found == element)

    @property
    def steps(self) -> list[str]:
        return sorted(self.open.values())

    def _keep(self, run: CaseRun) -> Outcome:
        outcome = run.outcome()
        self.before, self.state = self.state, run.dump()
        for gone in outcome.left:
            del self.open[gone]
        self.open.update({step.id: step.element.id for step in outcome.entered})
        for gone in outcome.disarmed:
            del self.timers[gone]
        self.timers.update({timer.id: timer.element.id for timer in outcome.armed})
        self.passed += [f"{happening.kind} {happening.element.id}" for happening in outcome.happenings]
        self.last = outcome
        return outcome


def desk(*diagrams: bytes, key: str = "p", **options: Any) -> Desk:
    """A started case of the first diagram; the others are shared diagrams, keyed by where they stand."""
    bundle = {f"d{position}": xml for position, xml in enumerate(diagrams)}
    variables = options.pop("variables", {})
    return Desk(build_model(key, bundle), **options).start(**variables)
