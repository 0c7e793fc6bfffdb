"""Columns and lanes: the usual path runs in lane 0, exceptions beside it, the supervisor's ruling under its step."""

from __future__ import annotations

from dataclasses import replace
from enum import Enum

from service.modelling.draft.application import CHECK, CHECK_GATEWAY, DECIDED, DEEMED
from service.modelling.draft.catalogue_reading import Item
from service.modelling.draft.handling import ACCEPTANCE, BACK, DECISION, GRANTED, HANDLING, REFUSED, START
from service.modelling.draft.sketch import Node, Sketch

_MIRRORED = {"bottom-left": "bottom-right", "bottom-right": "bottom-left"}


class Side(Enum):
    """Above or below the usual path, as half lanes."""

    ABOVE = -0.5
    BELOW = 0.5


def arrange_application(sketch: Sketch, item: Item, refusal: Side) -> None:
    """Give every node that stands on its own a cell; boundary events and their small ends hang on their hosts.

    `refusal` is the side of the decision to refuse; the other one is left to the way back from the decision.
    """
    _arrange_intake(sketch)
    sketch.at(HANDLING, 0, 0)
    _Inside(sketch, item, refusal).arrange()
    _arrange_outcome(sketch)


def _arrange_intake(sketch: Sketch) -> None:
    cells = {
        "start": (0, 0),
        "apply": (1, 0),
        CHECK: (2, 0),
        CHECK_GATEWAY: (3, 0),
        ACCEPTANCE: (5, 0),
        DEEMED: (5, -1),
        "end_not_accepted": (3, -0.5),
        "correction": (3, 1),
        "end_withdrawn": (4, 1),
    }
    for node_id, (column, lane) in cells.items():
        sketch.at(node_id, column, lane)
    limit = sketch.nodes[f"{CHECK}_limit"]
    sketch.nodes[limit.id] = replace(limit, slot="top-left")


def _arrange_outcome(sketch: Sketch) -> None:
    """The path to the certificate in lane 0, the refusal under it."""
    column = 0.0
    node_id: str | None = DECIDED
    while node_id is not None:
        sketch.at(node_id, column, 0)
        column += 1
        node_id = _next_outcome(sketch, node_id)
    sketch.at("serve_refusal", 1, 1)
    sketch.at("end_refused", 2, 1)


def _next_outcome(sketch: Sketch, node_id: str) -> str | None:
    """A gateway's detour comes first: the flow that skips it then runs straight above it."""
    targets = [flow.target for flow in sketch.outgoing(node_id)]
    if node_id == DECIDED:
        return targets[0]
    return next((target for target in targets if target != "print_certificate"), targets[0] if targets else None)


class _Inside:
    """The inside of `handling`: columns by the longest way from the start, lanes by what is usual."""

    def __init__(self, sketch: Sketch, item: Item, refusal: Side) -> None:
        self.sketch = sketch
        self.refusal = refusal
        self.order = {step.id: 10 * index for index, step in enumerate(item.steps)}
        self.stopping = {step.id for step in item.steps if step.stops_clock}
        self.waits = {step.id for step in item.steps if step.kind == "wait"}
        self.taken: set[tuple[float, float]] = set()
        self.columns: dict[str, float] = {}

    def arrange(self) -> None:
        self._count_columns()
        main = self._main_path()
        for node_id in main:
            self._settle(node_id, self.columns[node_id], 0)
        aside = [node for node in self._nodes() if node.id not in main and node.id not in (REFUSED, BACK)]
        for node in sorted(aside, key=lambda node: not self._is_wait_that_leads_back(node.id)):
            self._settle_aside(node)
        self._settle_ends()

    def _nodes(self) -> list[Node]:
        """All that stands on its own: neither attached to another node nor part of a ruling."""
        return [
            node
            for node in self.sketch.inside(HANDLING)
            if node.attached_to is None and node.slot != "stub" and not self._is_ruling(node.id)
        ]

    def _is_ruling(self, node_id: str) -> bool:
        return node_id.removesuffix("_gateway").endswith("_ruling")

    def _rank(self, node_id: str) -> float:
        """The place of a node in the catalogue's order of steps."""
        if node_id in self.order:
            return self.order[node_id]
        for suffix, offset in (("_join", -3), ("_merge", 3), ("_gateway", 5), ("_fork", 5)):
            if node_id.endswith(suffix):
                return self.order[node_id.removesuffix(suffix)] + offset
        return -1 if node_id == START else 1000

    def _forward(self, node_id: str) -> list[str]:
        targets = [flow.target for flow in self.sketch.outgoing(node_id)]
        return [target for target in targets if self._rank(target) > self._rank(node_id)]

    def _loops(self, node_id: str) -> bool:
        """Whether a node leads nowhere but back."""
        own = [node_id, *(node.id for node in self.sketch.attached(node_id) if node.trigger)]
        targets = [flow.target for source in own for flow in self.sketch.outgoing(source)]
        standing = [t for t in targets if not self._is_ruling(t) and self.sketch.nodes[t].slot != "stub"]
        return bool(standing) and all(self._rank(target) < self._rank(node_id) for target in standing)

    def _count_columns(self) -> None:
        nodes = sorted(self._nodes(), key=lambda node: self._rank(node.id))
        self.columns = {node.id: 0.0 for node in nodes}
        for node in nodes:
            for target in self._forward(node.id):
                if not self._loops(target):
                    self.columns[target] = max(self.columns[target], self.columns[node.id] + 1)
        for node in nodes:
            if self._loops(node.id):
                self.columns[node.id] = self.columns[self.sketch.incoming(node.id)[0].source]

    def _main_path(self) -> list[str]:
        path = [START]
        while path[-1] != GRANTED:
            if path[-1] == f"{DECISION}_gateway":
                path.append(GRANTED)
            else:
                path.append(min(self._forward(path[-1]), key=self._unusual))
        return path

    def _unusual(self, node_id: str) -> tuple[bool, bool, bool, float]:
        """Of a gateway's ways on the least unusual goes straight on: no loop, no wait, no special procedure."""
        return (self._loops(node_id), node_id in self.waits, node_id in self.stopping, self._rank(node_id))

    def _has_ruling(self, node_id: str) -> bool:
        return f"{node_id}_ruling" in self.sketch.nodes

    def _cells_needed(self, node_id: str, column: float, lane: float) -> set[tuple[float, float]]:
        cells = {(column, lane)}
        if self._is_wait_that_leads_back(node_id):
            cells.add((column + 1, lane))  # Its timer leads forward through there.
        if self._has_ruling(node_id):
            beside = -1 if self._loops(node_id) else 1
            cells |= {(column, lane + 1), (column + beside, lane + 1)}
        return cells

    def _settle(self, node_id: str, column: float, lane: float) -> None:
        self.sketch.at(node_id, column, lane)
        self.taken |= self._cells_needed(node_id, column, lane)
        if self._has_ruling(node_id):
            beside = -1 if self._loops(node_id) else 1
            self.sketch.at(f"{node_id}_ruling", column, lane + 1)
            self.sketch.at(f"{node_id}_ruling_gateway", column + beside, lane + 1)
            if beside == -1:
                self._mirror(node_id)

    def _mirror(self, node_id: str) -> None:
        """A step that leads back is read from right to left; its ruling stands at its left."""
        for node in self.sketch.attached(node_id):
            self.sketch.nodes[node.id] = replace(node, slot=_MIRRORED.get(node.slot, node.slot))

    def _settle_aside(self, node: Node) -> None:
        """Above the usual path when nothing hangs below the step, else below; a second one on the other side."""
        column = self.columns[node.id]
        if self._is_wait_that_leads_back(node.id):
            column = self.columns[self.sketch.incoming(node.id)[0].source]
        lanes = (1, 2, 3, 4) if self._has_ruling(node.id) else (-1, 1, -2, 2)
        free = (lane for lane in lanes if not self._cells_needed(node.id, column, lane) & self.taken)
        self._settle(node.id, column, next(free, lanes[-1]))

    def _is_wait_that_leads_back(self, node_id: str) -> bool:
        targets = [flow.target for flow in self.sketch.outgoing(node_id)]
        return node_id in self.waits and any(self._rank(target) < self._rank(node_id) for target in targets)

    def _settle_ends(self) -> None:
        """Ends beside the usual path hang on the gateway that leads to them."""
        for end_id, lane in ((REFUSED, self.refusal.value), (BACK, Side.BELOW.value)):
            if end_id in self.sketch.nodes:
                gateway = self.sketch.incoming(end_id)[0].source
                self.sketch.at(end_id, self.columns[gateway], lane)
