"""Flows become upright and level lines that dislike bends, crossings and neighbours, and never run through a shape.

Every flow is routed again once the others lie.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from service.modelling.draft.canvas import CLEARANCE, Canvas, Line
from service.modelling.draft.catalogue_reading import DraftError
from service.modelling.draft.geometry import Point, Rect
from service.modelling.draft.ports import ENTERING, LEAVING, Direction, Port, ports_of
from service.modelling.draft.searching import find_line
from service.modelling.draft.sketch import ACTIVITIES, GATEWAYS, Flow, Kind, Node, Sketch

ROUNDS = 3
PAGE_MARGIN = 60
DIAMOND_CLEARANCE = 4

Waypoints = dict[str, tuple[Point, ...]]


def route(sketch: Sketch, rects: dict[str, Rect], names: Iterable[Rect]) -> tuple[int, Waypoints]:
    """What the picture costs, and the waypoints of every flow; `names` are rectangles that lines had better avoid."""
    shunned = list(names)
    scopes = [None, *(node.id for node in sketch.nodes.values() if node.kind is Kind.SUBPROCESS)]
    total = 0
    waypoints: Waypoints = {}
    for scope in scopes:
        price, part = _Scope(sketch, scope, rects).route(shunned)
        total += price
        waypoints |= part
    return total, waypoints


class _Scope:
    """The flows of the process or of one sub-process."""

    def __init__(self, sketch: Sketch, scope: str | None, rects: dict[str, Rect]) -> None:
        self.sketch = sketch
        self.scope = scope
        self.rects = rects
        nodes = sketch.inside(scope)
        self.flows = [flow for flow in sketch.flows.values() if sketch.nodes[flow.source].scope == scope]
        self.leaving = {node.id: self._ports(node, LEAVING) for node in nodes}
        self.entering = {node.id: self._ports(node, ENTERING) for node in nodes}

    def _ports(self, node: Node, prices: dict[Direction, int]) -> list[Port]:
        attached = [self.rects[event.id] for event in self.sketch.attached(node.id)]
        ports = ports_of(node, self.rects[node.id], attached)
        if node.kind not in ACTIVITIES or node.kind is Kind.SUBPROCESS:
            return ports
        return [replace(port, cost=port.cost + prices[port.outward]) for port in ports]

    def route(self, names: list[Rect]) -> tuple[int, Waypoints]:
        """Try two orders, since the first lines laid take the best places, and keep the cheaper picture."""
        shortest_first = sorted(self.flows, key=self._distance)
        pictures = [self._lay_all(order, self._canvas(names)) for order in (shortest_first, self.flows)]
        return min(pictures, key=lambda picture: picture[0])

    def _distance(self, flow: Flow) -> int:
        source, target = self.rects[flow.source].centre, self.rects[flow.target].centre
        return abs(source.x - target.x) + abs(source.y - target.y)

    def _canvas(self, names: list[Rect]) -> Canvas:
        if self.scope is None:
            right, bottom = (max(getattr(rect, side) for rect in self.rects.values()) for side in ("right", "bottom"))
            canvas = Canvas(Rect(0, 0, right + PAGE_MARGIN, bottom + PAGE_MARGIN))
        else:
            canvas = Canvas(self.rects[self.scope].grown(-20))
        for node in self.sketch.nodes.values():
            if node.scope == self.scope or (node.attached_to and node.attached_to == self.scope):
                canvas.block(self.rects[node.id], DIAMOND_CLEARANCE if node.kind in GATEWAYS else CLEARANCE)
        for name in names:
            canvas.shun(name)
        return canvas

    def _lay_all(self, order: list[Flow], canvas: Canvas) -> tuple[int, Waypoints]:
        laid: dict[str, Line] = {}
        for _ in range(ROUNDS):
            for flow in order:
                if flow.id in laid:
                    canvas.lay(laid[flow.id], -1)
                line = find_line(canvas, self.leaving[flow.source], self.entering[flow.target])
                if line is None:
                    raise DraftError(f"Expected a way for {flow.id}, but the shapes leave none")
                laid[flow.id] = line
                canvas.lay(line)
        price = sum(canvas.price(line) for line in laid.values())
        return price, {flow_id: canvas.waypoints(line) for flow_id, line in laid.items()}
