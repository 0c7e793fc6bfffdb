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
from service.modelling.draft.searching import find_line, straight_line
from service.modelling.draft.sketch import ACTIVITIES, GATEWAYS, Flow, Kind, Node, Sketch, TooEarly

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
        attached = self.sketch.attached(node.id)
        ports = ports_of(node, self.rects[node.id], [self.rects[event.id] for event in attached])
        if node.kind not in ACTIVITIES or node.kind is Kind.SUBPROCESS:
            return ports
        # A ruling at its left shows that a step is read from right to left.
        mirrored = any(event.slot == "bottom-left" and event.trigger == TooEarly() for event in attached)
        sign = -1 if mirrored else 1
        return [replace(port, cost=port.cost + prices[sign * port.outward[0], port.outward[1]]) for port in ports]

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
        laid = self._lay_straight(order, canvas)
        bent = [flow for flow in order if flow.id not in laid]
        for _ in range(ROUNDS):
            for flow in bent:
                if flow.id in laid:
                    canvas.lay(laid[flow.id], -1)
                self._lay(flow, canvas, laid)
        self._mend(bent, canvas, laid)
        return canvas.total(laid.values()), {flow_id: canvas.waypoints(line) for flow_id, line in laid.items()}

    def _lay(self, flow: Flow, canvas: Canvas, laid: dict[str, Line]) -> None:
        line = find_line(canvas, self.leaving[flow.source], self.entering[flow.target])
        if line is None:
            raise DraftError(f"Expected a way for {flow.id}, but the shapes leave none")
        laid[flow.id] = line
        canvas.lay(line)

    def _mend(self, bent: list[Flow], canvas: Canvas, laid: dict[str, Line]) -> None:
        """Take every line that crosses another up again together with a second one, and keep what gets cheaper."""
        total = canvas.total(laid.values())
        for flow in bent:
            for other in bent:
                if other is flow or not canvas.crosses(laid[flow.id], laid.values()):
                    continue
                before = laid[flow.id], laid[other.id]
                canvas.lay(before[0], -1)
                canvas.lay(before[1], -1)
                self._lay(flow, canvas, laid)
                self._lay(other, canvas, laid)
                mended = canvas.total(laid.values())
                if mended < total:
                    total = mended
                    continue
                for line_id, line in zip((flow.id, other.id), before, strict=True):
                    canvas.lay(laid[line_id], -1)
                    canvas.lay(line)
                    laid[line_id] = line

    def _lay_straight(self, order: list[Flow], canvas: Canvas) -> dict[str, Line]:
        """What can run straight does so and stays: it is the usual path, and the stubs of the timers."""
        laid: dict[str, Line] = {}
        for flow in order:
            line = straight_line(canvas, self.leaving[flow.source], self.entering[flow.target])
            if line:
                laid[flow.id] = line
                canvas.lay(line)
        return laid
