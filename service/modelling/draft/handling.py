"""The sub-process `handling`: everything between acceptance and decision, on which the decision clock stands."""

from __future__ import annotations

from dataclasses import dataclass

from service.modelling.draft.catalogue_reading import Branch, DraftError, Item, Step
from service.modelling.draft.sketch import Kind, Node, Sketch
from service.modelling.draft.steps import add_case_limit, add_move, add_ruling, add_step
from service.modelling.draft.timers import case_limit
from service.modelling.draft.wording import Words, case_limit_words, question

HANDLING = "handling"
ACCEPTANCE = "issue_acceptance"
DECISION = "decide"
GRANTED = "handling_granted"
REFUSED = "handling_refused"
BACK = "handling_back"
START = "handling_start"
UNNAMED = Words("", "")


@dataclass(frozen=True)
class Handling:
    """The steps inside, and the way back that leaves it, if the item has one."""

    steps: tuple[Step, ...]
    way_back: Branch | None


def read_handling(item: Item) -> Handling:
    """Walk from acceptance to the decision; a branch to a step before acceptance is a way back out of it."""
    inside: set[str] = set()
    waiting = _successors(item, ACCEPTANCE)
    way_back = None
    while waiting:
        step_id = waiting.pop()
        if step_id in inside:
            continue
        inside.add(step_id)
        for target in _successors(item, step_id) if step_id != DECISION else ():
            if item.position(target) > item.position(ACCEPTANCE):
                waiting.append(target)
            else:
                way_back = _the_way_back(item, step_id, target)
    if DECISION not in inside:
        raise DraftError(f"Expected {item.code} to lead from {ACCEPTANCE} to {DECISION}, but it does not")
    return Handling(tuple(step for step in item.steps if step.id in inside), way_back)


def _the_way_back(item: Item, step_id: str, target: str) -> Branch:
    return next(branch for branch in item.branches_after(step_id) if branch.to == target)


def _successors(item: Item, step_id: str) -> list[str]:
    step = item.step(step_id)
    targets = [branch.to for branch in item.branches_after(step_id)]
    targets += [timer.to for timer in item.timers if timer.step == step_id]
    targets += [first for p in item.parallels if p.fork_after == step_id for branch in p.branches for first in branch]
    if step.next not in ("branches", "parallel"):
        targets.append(step.next.removeprefix("join:"))
    return [target for target in targets if item.has_step(target)]


def add_handling(sketch: Sketch, item: Item, handling: Handling, phase: int) -> None:
    """Draw the sub-process with its two clocks and all that is inside."""
    words = Words("受理至决定", "From acceptance to decision")
    sketch.add(Node(HANDLING, Kind.SUBPROCESS, *words, phase=phase))
    for kind, label, limits, slot in (
        ("statutory", Words("法定", "Statutory"), item.statutory, "top-inner"),
        ("promised", Words("承诺", "Promised"), item.promised, "top-outer"),
    ):
        if limits:
            words = case_limit_words(label, limits)
            add_case_limit(sketch, HANDLING, kind, case_limit(limits), words, slot)
    sketch.add(Node(START, Kind.START, "已受理", "Accepted", scope=HANDLING))
    _Inside(sketch, item, handling).draw()


class _Inside:
    """Draws the inside of `handling`: first every node, then every flow."""

    def __init__(self, sketch: Sketch, item: Item, handling: Handling) -> None:
        self.sketch = sketch
        self.item = item
        self.handling = handling
        self.ids = {step.id for step in handling.steps}

    def draw(self) -> None:
        self._split_after(ACCEPTANCE)
        for step in self.handling.steps:
            if any(parallel.join_before == step.id for parallel in self.item.parallels):
                self._add(f"{step.id}_join", Kind.PARALLEL)
            add_step(self.sketch, self.item, step, HANDLING)
            if step.halts_when_too_early and step.next.startswith("join:"):
                self._add(f"{step.id}_merge", Kind.EXCLUSIVE)
            self._split_after(step.id)
        self._add_ends()
        self._connect_after(self.item.step(ACCEPTANCE), START)
        for step in self.handling.steps:
            self._connect_after(step, step.id)
            self._connect_clocks(step)

    def _add(self, node_id: str, kind: Kind, words: Words = UNNAMED) -> None:
        self.sketch.add(Node(node_id, kind, *words, scope=HANDLING))

    def _split_after(self, step_id: str) -> None:
        branches = self.item.branches_after(step_id)
        if branches:
            self._add(f"{step_id}_gateway", Kind.EXCLUSIVE, question(self.item, branches))
        if self.item.step(step_id).next == "parallel":
            self._add(f"{step_id}_fork", Kind.PARALLEL)

    def _add_ends(self) -> None:
        """A decision and a way back leave by ends of their own; see `application.py` for what tells them apart."""
        grant, refuse = self.item.branches_after(DECISION)[:2]
        self._add(GRANTED, Kind.END, Words(f"决定：{grant.when_zh}", f"Decision: {grant.when_en}"))
        self._add(REFUSED, Kind.END, Words(f"决定：{refuse.when_zh}", f"Decision: {refuse.when_en}"))
        if self.handling.way_back:
            self._add(BACK, Kind.END, Words("退回材料核对", "Back to the check of materials"))

    def _connect_after(self, step: Step, element: str) -> None:
        """Draw what follows a step, from its element (of acceptance: the start event) on."""
        sketch = self.sketch
        if step.next == "branches":
            gateway = f"{step.id}_gateway"
            sketch.connect(element, gateway)
            for branch in self.item.branches_after(step.id):
                self._connect_branch(gateway, branch)
        elif step.next == "parallel":
            fork = f"{step.id}_fork"
            sketch.connect(element, fork)
            for parallel in self.item.parallels:
                for first, *_ in parallel.branches if parallel.fork_after == step.id else ():
                    sketch.connect(fork, first)
            for parallel in self.item.parallels:
                sketch.connect(f"{parallel.join_before}_join", parallel.join_before)
        else:
            self._connect_plainly(step, element)

    def _connect_plainly(self, step: Step, element: str) -> None:
        merge = f"{step.id}_merge"
        target = f"{step.next.removeprefix('join:')}_join" if step.next.startswith("join:") else step.next
        if merge in self.sketch.nodes:
            self.sketch.connect(element, merge)
            element = merge
        self.sketch.connect(element, self._inner(target))

    def _connect_branch(self, gateway: str, branch: Branch) -> None:
        self.sketch.connect(
            gateway,
            self._inner(branch.to, branch.after),
            name=branch.when_zh,
            name_en=branch.when_en,
            condition=branch.condition,
            is_default=branch.condition is None,
        )

    def _inner(self, target: str, after: str = "") -> str:
        """The element inside that stands for a target; what lies outside is reached through an end event."""
        if target in self.ids or target in self.sketch.nodes:
            return target if self.sketch.nodes[target].scope == HANDLING else BACK
        if after == DECISION:
            return GRANTED if target == self.item.branches_after(DECISION)[0].to else REFUSED
        raise DraftError(f"Expected {target} inside {HANDLING} of {self.item.code}, but it lies outside")

    def _connect_clocks(self, step: Step) -> None:
        moving = self.item.timer_of(step.id)
        if step.kind == "wait" and moving and moving.interrupting:
            timer = add_move(self.sketch, step.id, f"{step.id}_limit", moving, "top-right")
            self.sketch.connect(timer, moving.to)
        if step.halts_when_too_early:
            following = self.sketch.outgoing(step.id)[0].target
            add_ruling(self.sketch, step, release_to=following)
