"""Items of any shape: the row gives steps, clocks and branches, a plan says where all of it stands on the page.

What the row says in words alone (a timer "15 days before due") the plan gives as an expression.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from service.modelling.draft import timers
from service.modelling.draft.catalogue_reading import Branch, DraftError, Item, Step, StepTimer
from service.modelling.draft.sketch import Kind, Message, Node, Sketch
from service.modelling.draft.steps import (
    RED_ALARM,
    add_case_limit,
    add_limit,
    add_move,
    add_ruling,
    add_step,
    add_timer,
    add_warning,
)
from service.modelling.draft.timers import case_limit
from service.modelling.draft.wording import Words, case_limit_words, question, span_words

CALL_WORDS = {
    "correction": Words("补正", "Correction"),
    "payment": Words("缴费", "Payment"),
    "delivery": Words("送达", "Delivery"),
}
DEEMED = "deem_acceptance"
USUAL_ENTRY = {"name": "从头开始", "name_en": "from the beginning"}


@dataclass(frozen=True, slots=True)
class Clock:
    """A limit of a whole sub-process; without an expression it is the row's own."""

    kind: str
    slot: str
    expression: str | None = None
    words: Words | None = None


@dataclass(frozen=True, slots=True)
class Scope:
    """A sub-process: the steps inside, its ends, and the clocks on its border."""

    id: str
    words: Words
    steps: tuple[str, ...]
    start: Words
    first: str
    ends: Mapping[str, Words]
    clocks: tuple[Clock, ...]
    after: str


@dataclass(frozen=True, slots=True)
class DrawnTimer:
    """A timer whose row speaks in words. `to` empty: it only warns, in the colour that `role` names."""

    id: str
    host: str
    role: str
    expression: str
    words: Words
    slot: str
    to: str = ""
    alarm: str = ""
    """The colour of the alarm that it raises when it fires; limits raise theirs by themselves."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How a row is drawn. `via` leads a flow (from, to) of the row to another element, such as an inner end."""

    key: str
    start: Words
    cells: Mapping[str, tuple[float, float]]
    phases: Mapping[str, int] = field(default_factory=dict)
    scopes: tuple[Scope, ...] = ()
    calls: Mapping[str, str] = field(default_factory=dict)
    messages: Mapping[str, str] = field(default_factory=dict)
    via: Mapping[tuple[str, str], str] = field(default_factory=dict)
    asked_after: Mapping[str, str] = field(default_factory=dict)
    """Where the branches of a step are asked only after another element: {step: element}."""
    timers: tuple[DrawnTimer, ...] = ()
    slots: Mapping[str, str] = field(default_factory=dict)
    variables: Mapping[str, str] = field(default_factory=dict)
    limits: Mapping[str, str] = field(default_factory=dict)
    """Expressions of step limits that the row counts from a day it describes in words."""
    limits_elsewhere: frozenset[str] = frozenset()
    """Steps whose limit is drawn as a timer of another step: what the service does by itself takes no time."""
    questions: Mapping[str, Words] = field(default_factory=dict)
    properties: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    again: Mapping[str, str] = field(default_factory=dict)
    """Gateways behind a sub-process that ask once more what a step inside has decided: {gateway: step}."""
    deemed: bool = False


def draft_planned(item: Item, plan: Plan) -> Sketch:
    """The diagram of an item by its plan. Raises DraftError where plan and row do not fit."""
    derived = {**item.variables, **plan.variables}
    properties = tuple((f"variable:{name}", source) for name, source in derived.items())
    sketch = Sketch(plan.key, item.name_zh, item.name_en, properties)
    _Drawing(sketch, item, plan).draw()
    return sketch


class _Drawing:
    def __init__(self, sketch: Sketch, item: Item, plan: Plan) -> None:
        self.sketch, self.item, self.plan = sketch, item, plan
        self.scope_of = {step: scope.id for scope in plan.scopes for step in scope.steps}
        self.drawn = {timer.id for timer in plan.timers}

    def draw(self) -> None:
        self.sketch.add(Node("start", Kind.START, *self.plan.start))
        opening = {scope.steps[0]: scope for scope in self.plan.scopes}
        for step in self.item.steps:
            if step.id in opening:  # Lists of steps follow the order of the XML.
                self._add_scope(opening[step.id])
            self._add_step(step)
        if self.plan.deemed:
            words = Words("视为受理", "Deemed accepted")
            self.sketch.add(Node(DEEMED, Kind.SERVICE, *words, (("operation", DEEMED),)))
        for end in self.item.ends:
            self.sketch.add(Node(end.id, Kind.END, end.name_zh, end.name_en, (("outcome", end.outcome),)))
        self._add_second_questions()
        self._connect()
        self._add_drawn_timers()
        self._give_alarms()
        self._arrange()

    # Nodes ----------------------------------------------------------------------------------------------------------

    def _add_scope(self, scope: Scope) -> None:
        self.sketch.add(Node(scope.id, Kind.SUBPROCESS, *scope.words))
        self.sketch.add(Node(f"{scope.id}_start", Kind.START, *scope.start, scope=scope.id))
        for end_id, words in scope.ends.items():
            self.sketch.add(Node(end_id, Kind.END, *words, scope=scope.id))
        labels = {"statutory": Words("法定", "Statutory"), "promised": Words("承诺", "Promised")}
        for clock in scope.clocks:
            limits = self.item.statutory if clock.kind == "statutory" else self.item.promised
            words = clock.words or case_limit_words(labels[clock.kind], limits)
            add_case_limit(self.sketch, scope.id, clock.kind, clock.expression or case_limit(limits), words, clock.slot)

    def _add_step(self, step: Step) -> None:
        called = self.plan.calls.get(step.id)
        if called:
            self._add_call(step, called)
        else:
            own = replace(step, limit=None) if self._limit_is_drawn(step) else step
            add_step(self.sketch, self.item, own, self.scope_of.get(step.id))
            self._adapt(step)
        branches = self.item.branches_after(step.id)
        if branches:
            words = self.plan.questions.get(step.id) or question(self.item, branches)
            scope = None if step.id in self.plan.asked_after else self.scope_of.get(step.id)
            self.sketch.add(Node(f"{step.id}_gateway", Kind.EXCLUSIVE, *words, scope=scope))

    def _add_second_questions(self) -> None:
        for gateway, step in self.plan.again.items():
            branches = self.item.branches_after(step)
            words = self.plan.questions.get(step) or question(self.item, branches)
            self.sketch.add(Node(gateway, Kind.EXCLUSIVE, *words))
            leaving = [branch for branch in branches if (step, branch.to) in self.plan.via]
            for branch in leaving:
                last = branch is leaving[-1]
                self.sketch.connect(
                    gateway,
                    self._host(branch.to),
                    name=branch.when_zh,
                    name_en=branch.when_en,
                    condition=None if last else branch.condition,
                    is_default=last,
                )

    def _limit_is_drawn(self, step: Step) -> bool:
        elsewhere = step.id in self.plan.limits or step.id in self.plan.limits_elsewhere
        return elsewhere or f"{step.id}_limit" in self.drawn

    def _adapt(self, step: Step) -> None:
        """What the plan says of a step: its message, its own limit, more properties."""
        node = self.sketch.nodes[step.id]
        if step.id in self.plan.messages:
            self.sketch.nodes[step.id] = replace(node, trigger=Message(self.plan.messages[step.id]))
        if step.id in self.plan.limits and step.limit is not None:
            add_limit(self.sketch, step.id, self.plan.limits[step.id], span_words(step.limit))
        if step.id in self.plan.properties:
            self.sketch.give(step.id, **self.plan.properties[step.id])

    def _add_call(self, step: Step, called: str) -> None:
        if called not in self.sketch.nodes:
            self.sketch.add(Node(called, Kind.CALL, *CALL_WORDS[called], called=called))
        if step.limit is not None and self._moving(step) is None:
            add_limit(self.sketch, called, timers.step_limit(step), span_words(step.limit), RED_ALARM)

    def _moving(self, step: Step) -> StepTimer | None:
        rows = (timer for timer in self.item.timers if timer.step == step.id and timer.interrupting)
        return next(rows, None)

    # Flows ----------------------------------------------------------------------------------------------------------

    def _connect(self) -> None:
        first = self.item.steps[0].id
        beginning = self.plan.via.get(("start", first), first)
        if self.item.entries:
            self._connect_entries(beginning)
        else:
            self.sketch.connect("start", beginning)
        for scope in self.plan.scopes:
            self.sketch.connect(f"{scope.id}_start", scope.first)
            self.sketch.connect(scope.id, scope.after)
        for step in self.item.steps:
            self._connect_step(step)
        if self.plan.deemed:
            self.sketch.connect(DEEMED, "issue_acceptance")

    def _connect_entries(self, usual: str) -> None:
        """A gateway right behind the start, where a case may begin elsewhere; the first step is its default."""
        self.sketch.add(Node("start_gateway", Kind.EXCLUSIVE, *question(self.item, self.item.entries)))
        self.sketch.connect("start", "start_gateway")
        for entry in self.item.entries:
            self._connect_branch("start_gateway", entry)
        self.sketch.connect("start_gateway", usual, is_default=True, **USUAL_ENTRY)

    def _host(self, step_id: str) -> str:
        return self.plan.calls.get(step_id, step_id)

    def _target(self, source: str, target: str) -> str:
        return self.plan.via.get((source, target), self._host(target))

    def _connect_step(self, step: Step) -> None:
        host, branches = self._host(step.id), self.item.branches_after(step.id)
        if branches:
            gateway = f"{step.id}_gateway"
            leads_to = self.plan.via.get((step.id, "branches"), gateway)
            self.sketch.connect(host, leads_to)
            for branch in branches:
                self._connect_branch(gateway, branch)
        elif self._target(step.id, step.next) != host:
            self.sketch.connect(host, self._target(step.id, step.next))
        moving = self._moving(step)
        if moving and f"{host}_limit" not in self.drawn and moving.span is not None:
            self._connect_move(step, host, moving)
        if step.halts_when_too_early:
            add_ruling(self.sketch, step, release_to=self.sketch.outgoing(step.id)[0].target)

    def _connect_move(self, step: Step, host: str, moving: StepTimer) -> None:
        deemed = self.plan.deemed and step.id == "formal_check"
        timer_id = "formal_check_deemed" if deemed else f"{host}_limit"
        timer = add_move(self.sketch, host, timer_id, moving, self.plan.slots.get(timer_id, "top-right"), step)
        to = DEEMED if deemed else moving.to or f"{step.id}_gateway"
        self.sketch.connect(timer, self._target(timer, to))

    def _connect_branch(self, gateway: str, branch: Branch) -> None:
        self.sketch.connect(
            gateway,
            self._target(branch.after, branch.to),
            name=branch.when_zh,
            name_en=branch.when_en,
            condition=branch.condition,
            is_default=branch.condition is None,
        )

    def _add_drawn_timers(self) -> None:
        for row in self.plan.timers:
            if row.to:
                node = add_timer(self.sketch, row.host, row.id, "move", row.expression, row.words, row.slot)
                self.sketch.nodes[node.id] = replace(node, interrupting=True)
                self.sketch.connect(row.id, row.to)
            else:
                add_warning(self.sketch, row.host, row.id, row.role, row.expression, row.words, row.slot)

    # Places ---------------------------------------------------------------------------------------------------------

    def _give_alarms(self) -> None:
        for row in self.plan.timers:
            if row.alarm:
                self.sketch.give(row.id, alarm=row.alarm)

    def _arrange(self) -> None:
        for node_id, slot in self.plan.slots.items():
            self.sketch.nodes[node_id] = replace(self.sketch.nodes[node_id], slot=slot)
        for node_id, cell in self.plan.cells.items():
            if node_id not in self.sketch.nodes:
                raise DraftError(f"Expected {node_id} in the row of {self.plan.key}, but it is not there")
            self.sketch.at(node_id, *cell)
            self._settle_ruling(node_id, *cell)
        for node in list(self.sketch.nodes.values()):
            phase = self.plan.phases.get(node.attached_to or node.id)
            if node.slot == "stub":
                host = self.sketch.nodes[self.sketch.incoming(node.id)[0].source].attached_to
                phase = self.plan.phases.get(host or "")
            if phase is not None:
                self.sketch.nodes[node.id] = replace(self.sketch.nodes[node.id], phase=phase)
        lost = [n.id for n in self.sketch.nodes.values() if not n.cell and not n.attached_to and n.slot != "stub"]
        if lost:
            raise DraftError(f"Expected a place for every element of {self.plan.key}, but {', '.join(lost)} have none")

    def _settle_ruling(self, node_id: str, column: float, lane: float) -> None:
        """A ruling stands under its step, what it asks beside it."""
        if f"{node_id}_ruling" in self.sketch.nodes and f"{node_id}_ruling" not in self.plan.cells:
            self.sketch.at(f"{node_id}_ruling", column, lane + 1)
            self.sketch.at(f"{node_id}_ruling_gateway", column + 1, lane + 1)
