"""Flows become upright and level lines: a shortest-path search on a grid of 10 pixels that dislikes bends, crossings
and lines close together, and never runs through a shape. Every flow is routed again once the others lie.
"""

from __future__ import annotations

import heapq
import itertools
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TypeVar

from service.modelling.draft.geometry import Point, Rect
from service.modelling.draft.ports import Direction, Port, ports_of
from service.modelling.draft.sketch import Flow, Kind, Node, Sketch

GRID = 10
ROUNDS = 3
# Prices in steps of the grid.
BEND, CROSSING, OVERLAP, NEIGHBOUR, NEAR_SHAPE, LABEL, PORT_TAKEN = 6, 12, 90, 3, 1, 14, 60
CLEARANCE = 9
LEVEL, UPRIGHT = 0, 1

Cell = tuple[int, int]
Mark = TypeVar("Mark")
Waypoints = dict[str, tuple[Point, ...]]


@dataclass
class _Canvas:
    """What one scope's flows must respect, in cells of the grid."""

    low: Cell
    high: Cell
    blocked: set[Cell] = field(default_factory=set)
    near: set[Cell] = field(default_factory=set)
    labels: set[Cell] = field(default_factory=set)
    lines: Counter[tuple[Cell, int]] = field(default_factory=Counter)
    ports: Counter[Point] = field(default_factory=Counter)

    def step_cost(self, cell: Cell, axis: int) -> int:
        """The price of running through a cell in a direction."""
        x, y = cell
        cost = 1 + (cell in self.near) * NEAR_SHAPE + (cell in self.labels) * LABEL
        lines = self.lines
        if (cell, axis) in lines:
            cost += OVERLAP
        if (cell, 1 - axis) in lines:
            cost += CROSSING
        beside = ((x, y - 1), (x, y + 1)) if axis == LEVEL else ((x - 1, y), (x + 1, y))
        return cost + sum((other, axis) in lines for other in beside) * NEIGHBOUR

    def bend_cost(self, cell: Cell) -> int:
        taken = (cell, LEVEL) in self.lines or (cell, UPRIGHT) in self.lines
        return BEND + taken * OVERLAP

    def is_free(self, cell: Cell) -> bool:
        return (
            self.low[0] <= cell[0] <= self.high[0]
            and self.low[1] <= cell[1] <= self.high[1]
            and cell not in self.blocked
        )


def route(sketch: Sketch, rects: dict[str, Rect], labels: Iterable[Rect]) -> Waypoints:
    """The waypoints of every flow; `labels` are rectangles that lines had better avoid."""
    names = list(labels)
    waypoints: Waypoints = {}
    for scope in _scopes(sketch):
        waypoints |= _route_scope(sketch, scope, rects, names)
    return waypoints


def _scopes(sketch: Sketch) -> list[str | None]:
    return [None, *(node.id for node in sketch.nodes.values() if node.kind is Kind.SUBPROCESS)]


def _route_scope(sketch: Sketch, scope: str | None, rects: dict[str, Rect], labels: list[Rect]) -> Waypoints:
    canvas = _canvas(sketch, scope, rects, labels)
    flows = [flow for flow in sketch.flows.values() if sketch.nodes[flow.source].scope == scope]
    flows.sort(key=lambda flow: (_distance(flow, rects), flow.id))
    ports = {node.id: _ports(sketch, node, rects) for node in sketch.inside(scope)}
    laid: dict[str, _Line] = {}
    for _ in range(ROUNDS):
        for flow in flows:
            if flow.id in laid:
                laid[flow.id].lift(canvas)
            laid[flow.id] = _search(canvas, ports[flow.source], ports[flow.target], flow.id)
            laid[flow.id].lay(canvas)
    return {flow_id: line.waypoints() for flow_id, line in laid.items()}


def _distance(flow: Flow, rects: dict[str, Rect]) -> int:
    source, target = rects[flow.source].centre, rects[flow.target].centre
    return abs(source.x - target.x) + abs(source.y - target.y)


def _ports(sketch: Sketch, node: Node, rects: dict[str, Rect]) -> list[Port]:
    return ports_of(node, rects[node.id], [rects[event.id] for event in sketch.attached(node.id)])


def _canvas(sketch: Sketch, scope: str | None, rects: dict[str, Rect], labels: list[Rect]) -> _Canvas:
    if scope is None:
        right = max(rect.right for rect in rects.values()) + 60
        bottom = max(rect.bottom for rect in rects.values()) + 60
        area = Rect(0, 0, right, bottom)
    else:
        area = rects[scope].grown(-20)
    canvas = _Canvas((-(-area.x // GRID), -(-area.y // GRID)), (area.right // GRID, area.bottom // GRID))
    for node in sketch.nodes.values():
        if node.scope == scope or node.attached_to == scope:
            canvas.blocked |= _cells(rects[node.id].grown(CLEARANCE))
            canvas.near |= _cells(rects[node.id].grown(CLEARANCE + 10))
    for label in labels:
        canvas.labels |= _cells(label.grown(4))
    return canvas


def _cells(rect: Rect) -> set[Cell]:
    """The cells whose centre lies within a rectangle."""
    columns = range(-(-rect.x // GRID), rect.right // GRID + 1)
    rows = range(-(-rect.y // GRID), rect.bottom // GRID + 1)
    return {(x, y) for x in columns for y in rows}


@dataclass
class _Line:
    """One routed flow: the ports it uses and the cells that it runs through."""

    start: Port
    end: Port
    cells: list[Cell]

    def waypoints(self) -> tuple[Point, ...]:
        points = [self.start.point, *(Point(x * GRID, y * GRID) for x, y in self.cells), self.end.point]
        kept = [points[0]]
        for before, point, after in zip(points, points[1:], points[2:], strict=False):
            if not (before.x == point.x == after.x or before.y == point.y == after.y):
                kept.append(point)
        return (*kept, points[-1])

    def _axes(self) -> list[tuple[Cell, int]]:
        path = [_beyond(self.start, 0), *self.cells, _beyond(self.end, 0)]
        marks = set()
        for one, other in itertools.pairwise(path):
            axis = LEVEL if one[1] == other[1] else UPRIGHT
            marks |= {(one, axis), (other, axis)}
        return sorted(marks)

    def lay(self, canvas: _Canvas) -> None:
        canvas.lines.update(self._axes())
        canvas.ports.update([self.start.point, self.end.point])

    def lift(self, canvas: _Canvas) -> None:
        _take_out(canvas.lines, self._axes())
        _take_out(canvas.ports, [self.start.point, self.end.point])


def _take_out(counter: Counter[Mark], marks: list[Mark]) -> None:
    counter.subtract(marks)
    for mark in marks:
        if not counter[mark]:
            del counter[mark]


def _beyond(port: Port, steps: int) -> Cell:
    """The first cell of the grid outside a port, and `steps` further on."""
    (x, y), (dx, dy) = port.point, port.outward
    column = (x + dx * 9) // GRID if dx > 0 else -(-(x + dx * 9) // GRID) if dx < 0 else x // GRID
    row = (y + dy * 9) // GRID if dy > 0 else -(-(y + dy * 9) // GRID) if dy < 0 else y // GRID
    return column + dx * steps, row + dy * steps


def _way_out(canvas: _Canvas, port: Port) -> list[Cell]:
    """The cells from a port straight out to the first free one; none if it cannot be left."""
    cells = []
    for steps in range(6):
        cells.append(_beyond(port, steps))
        if canvas.is_free(cells[-1]):
            return cells
    return []


def _search(canvas: _Canvas, sources: list[Port], targets: list[Port], flow_id: str) -> _Line:
    """A* from any source port to any target port; raises ValueError when the shapes leave no way."""
    straight = _facing(canvas, sources, targets)
    if straight:
        return straight
    starts = {port: _way_out(canvas, port) for port in sources}
    goals: dict[tuple[Cell, Direction], tuple[int, Port, list[Cell]]] = {}
    for port in targets:
        cells = _way_out(canvas, port)
        if cells:
            inward = (-port.outward[0], -port.outward[1])
            price = port.cost + canvas.ports[port.point] * PORT_TAKEN
            goals.setdefault((cells[-1], inward), (price, port, cells))
    return _AStar(canvas, starts, goals, flow_id).run()


def _facing(canvas: _Canvas, sources: list[Port], targets: list[Port]) -> _Line | None:
    """A straight line between two facing ports that are too close for the grid, as from a timer to its end event."""
    for source in sources:
        for target in targets:
            (x, y), (dx, dy) = source.point, source.outward
            gap = (target.point.x - x) * dx + (target.point.y - y) * dy
            aligned = target.point == (x + dx * gap, y + dy * gap)
            if aligned and (dx, dy) == (-target.outward[0], -target.outward[1]) and 0 < gap <= 40:
                return _Line(source, target, [])
    return None


class _AStar:
    def __init__(
        self,
        canvas: _Canvas,
        starts: dict[Port, list[Cell]],
        goals: dict[tuple[Cell, Direction], tuple[int, Port, list[Cell]]],
        flow_id: str,
    ) -> None:
        self.canvas = canvas
        self.goals = goals
        self.flow_id = flow_id
        self.heap: list[tuple[int, int, int, Cell, Direction]] = []
        self.best: dict[tuple[Cell, Direction], int] = {}
        self.came: dict[tuple[Cell, Direction], tuple[Cell, Direction] | Port] = {}
        self.starts = starts
        self.count = 0
        xs = [cell[0] for cell, _ in goals]
        ys = [cell[1] for cell, _ in goals]
        self.box = (min(xs), max(xs), min(ys), max(ys)) if goals else (0, 0, 0, 0)

    def run(self) -> _Line:
        for port, cells in self.starts.items():
            if cells:
                price = port.cost + self.canvas.ports[port.point] * PORT_TAKEN
                price += sum(self.canvas.step_cost(cell, _axis(port.outward)) for cell in cells)
                self._offer(price, cells[-1], port.outward, port)
        finished: tuple[int, tuple[Cell, Direction]] | None = None
        while self.heap:
            estimate, _, cost, cell, direction = heapq.heappop(self.heap)
            if finished and estimate >= finished[0]:
                break
            if cost > self.best[(cell, direction)]:
                continue
            for goal_direction in (direction, *_turns(direction)):
                goal = self.goals.get((cell, goal_direction))
                if goal:
                    bend = self.canvas.bend_cost(cell) if goal_direction != direction else 0
                    total = cost + bend + goal[0] + len(goal[2])
                    if finished is None or total < finished[0]:
                        finished = (total, (cell, direction))
                        self.goal = goal
            self._spread(cost, cell, direction)
        if finished is None:
            raise ValueError(f"Expected a way for {self.flow_id}, but the shapes leave none")
        return self._line(finished[1])

    def _spread(self, cost: int, cell: Cell, direction: Direction) -> None:
        for turned in (direction, *_turns(direction)):
            following = (cell[0] + turned[0], cell[1] + turned[1])
            if self.canvas.is_free(following):
                price = self.canvas.bend_cost(cell) if turned != direction else 0
                price += self.canvas.step_cost(following, _axis(turned))
                self._offer(cost + price, following, turned, (cell, direction))

    def _offer(self, cost: int, cell: Cell, direction: Direction, origin: tuple[Cell, Direction] | Port) -> None:
        if cost < self.best.get((cell, direction), 1 << 30):
            self.best[(cell, direction)] = cost
            self.came[(cell, direction)] = origin
            self.count += 1
            heapq.heappush(self.heap, (cost + self._rest(cell), self.count, cost, cell, direction))

    def _rest(self, cell: Cell) -> int:
        left, right, top, bottom = self.box
        return max(left - cell[0], cell[0] - right, 0) + max(top - cell[1], cell[1] - bottom, 0)

    def _line(self, last: tuple[Cell, Direction]) -> _Line:
        _, target, approach = self.goal
        cells: list[Cell] = []
        state: tuple[Cell, Direction] | Port = last
        while not isinstance(state, Port):
            cells.append(state[0])
            state = self.came[state]
        way_out = self.starts[state][:-1]
        return _Line(state, target, [*way_out, *reversed(cells), *reversed(approach[:-1])])


def _axis(direction: Direction) -> int:
    return LEVEL if direction[1] == 0 else UPRIGHT


def _turns(direction: Direction) -> tuple[Direction, Direction]:
    dx, dy = direction
    return (dy, dx), (-dy, -dx)
