"""The cheapest way from one shape to another on a canvas: A* over cells and directions."""

from __future__ import annotations

import heapq
from collections.abc import Sequence

from service.modelling.draft.canvas import BLOCKED, GRID, Canvas, Cell, Line
from service.modelling.draft.ports import DOWN, LEFT, RIGHT, UP, Port

_OUTWARD = (UP, RIGHT, DOWN, LEFT)
"""Directions by number: even ones are upright, and turning is to the two of the other parity."""
_TURNS = ((0, 1, 3), (1, 0, 2), (2, 1, 3), (3, 0, 2))
STRAIGHT = 7
"""A straight line is taken at once when its two ports together cost no more than this."""
FAR = 1 << 40


def find_line(canvas: Canvas, sources: list[Port], targets: list[Port]) -> Line | None:
    """The cheapest line from any source port to any target port; None if the shapes leave no way."""
    return _Search(canvas, sources, targets).run()


def straight_line(canvas: Canvas, sources: list[Port], targets: list[Port]) -> Line | None:
    """A straight line between two facing ports that are free, if nothing stands between them."""
    for source in sources:
        for target in targets:
            gap = _facing_gap(source, target)
            if gap and canvas.port_price(source) + canvas.port_price(target) <= STRAIGHT:
                cells = _between(canvas, source, target, gap)
                if gap <= 60 or _is_open(canvas, cells):
                    return Line(source, target, cells)
    return None


def _facing_gap(source: Port, target: Port) -> int:
    """Pixels between two ports that look at each other along one line; 0 if they do not."""
    (dx, dy), (x, y) = source.outward, source.point
    gap = (target.point.x - x) * dx + (target.point.y - y) * dy
    aligned = target.point == (x + dx * gap, y + dy * gap)
    return gap if aligned and (dx, dy) == (-target.outward[0], -target.outward[1]) and gap > 0 else 0


def _between(canvas: Canvas, source: Port, target: Port, gap: int) -> tuple[Cell, ...]:
    last = canvas.outside(target)
    cells = [canvas.outside(source, steps) for steps in range(gap // GRID + 2)]
    return tuple(cells[: cells.index(last) + 1]) if last in cells else (cells[0],)


def _is_open(canvas: Canvas, cells: tuple[Cell, ...]) -> bool:
    """Whether only the ends of a row of cells are covered, by the two shapes themselves."""
    free = [index for index, cell in enumerate(cells) if canvas.is_free(cell)]
    return bool(free) and free[-1] - free[0] + 1 == len(free) > len(cells) - 7


def _beyond(goals: Sequence[int], size: int) -> list[int]:
    """How far each of `size` places lies outside of the span of the goals."""
    if not goals:
        return [0] * size
    low, high = min(goals), max(goals)
    return [max(low - place, place - high, 0) for place in range(size)]


class _Search:
    """A state is a cell times four plus the direction in which it was entered."""

    def __init__(self, canvas: Canvas, sources: list[Port], targets: list[Port]) -> None:
        self.canvas = canvas
        width = canvas.width
        self.moves = (-width, 1, width, -1)
        self.best = [FAR] * (4 * width * canvas.height)
        self.came: dict[int, int] = {}
        self.starts: dict[int, tuple[Port, list[Cell]]] = {}
        self.goals: dict[int, tuple[int, Port, list[Cell]]] = {}
        self.heap: list[tuple[int, int]] = []
        for port in targets:
            self._add_goal(port)
        self.rest = self._distances()
        for port in sources:
            self._add_start(port)

    def _way_out(self, port: Port) -> list[Cell]:
        """The cells from a port straight out to the first free one; none if it cannot be left."""
        cells: list[Cell] = []
        for steps in range(6):
            cells.append(self.canvas.outside(port, steps))
            if self.canvas.is_free(cells[-1]):
                return cells
        return []

    def _add_goal(self, port: Port) -> None:
        """The last stretch is one cell longer than it must be, where there is room: the arrowhead needs it."""
        cells = self._way_out(port)
        if cells:
            further = self.canvas.outside(port, len(cells))
            cells += [further] if self.canvas.is_free(further) else []
            state = 4 * cells[-1] + (_OUTWARD.index(port.outward) + 2) % 4
            self.goals.setdefault(state, (self.canvas.port_price(port) + len(cells), port, cells))

    def _add_start(self, port: Port) -> None:
        cells = self._way_out(port)
        if cells:
            state = 4 * cells[-1] + _OUTWARD.index(port.outward)
            prices = self.canvas.prices[self.canvas.axis(port)]
            cost = self.canvas.port_price(port) + sum(prices[cell] % BLOCKED for cell in cells)
            if cost < self.best[state]:
                self.best[state] = cost
                self.starts[state] = (port, cells)
                heapq.heappush(self.heap, (cost + self.rest[cells[-1]], state))

    def _distances(self) -> list[int]:
        """For every cell the steps that are left at least: to the rectangle around all goals."""
        width, height = self.canvas.width, self.canvas.height
        rows, columns = (
            zip(*(divmod(state // 4, width) for state in self.goals), strict=True) if self.goals else ((), ())
        )
        aside = _beyond(columns, width)
        return [above + beside for above in _beyond(rows, height) for beside in aside]

    def run(self) -> Line | None:
        finished, total, goal = None, FAR, 0
        while self.heap:
            estimate, state = heapq.heappop(self.heap)
            if estimate >= total:
                break
            cost = self.best[state]
            if cost + self.rest[state // 4] < estimate:
                continue
            for direction in _TURNS[state % 4] if self.goals else ():
                arrival = state // 4 * 4 + direction
                if arrival in self.goals:
                    bend = self.canvas.bends[state // 4] if arrival != state else 0
                    if cost + bend + self.goals[arrival][0] < total:
                        finished, total, goal = state, cost + bend + self.goals[arrival][0], arrival
            self._spread(state, cost)
        return None if finished is None else self._line(finished, goal)

    def _spread(self, state: int, cost: int) -> None:
        cell, heading = divmod(state, 4)
        best, prices, heap, rest = self.best, self.canvas.prices, self.heap, self.rest
        for direction in _TURNS[heading]:
            following = cell + self.moves[direction]
            price = prices[1 - direction % 2][following]
            if price >= BLOCKED:
                continue
            if direction != heading:
                price += self.canvas.bends[cell]
            arrival = 4 * following + direction
            if cost + price < best[arrival]:
                best[arrival] = cost + price
                self.came[arrival] = state
                heapq.heappush(heap, (cost + price + rest[following], arrival))

    def _line(self, state: int, goal: int) -> Line:
        _, target, approach = self.goals[goal]
        cells = [state // 4]
        while state in self.came:
            state = self.came[state]
            cells.append(state // 4)
        source, way_out = self.starts[state]
        return Line(source, target, (*way_out[:-1], *reversed(cells), *reversed(approach[:-1])))
