"""The grid that flows are routed on: what a step into each cell costs, upright or level, given all other lines."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import pairwise

from service.modelling.draft.geometry import Point, Rect
from service.modelling.draft.ports import Port

GRID = 10
CLEARANCE = 9
"""Lines keep further than this many pixels from shapes."""
# Prices in steps of the grid.
BEND, CROSSING, OVERLAP, NEIGHBOUR, NEAR_SHAPE, LABEL, PORT_TAKEN = 6, 45, 90, 5, 2, 14, 60
BLOCKED = 1 << 20
LEVEL, UPRIGHT = 0, 1

Cell = int
"""Row times width plus column; two cells of the same row differ by their distance."""


@dataclass(frozen=True)
class Line:
    """One routed flow: its two ports and the cells between, the first and the last just outside the shapes."""

    start: Port
    end: Port
    cells: tuple[Cell, ...]


@dataclass
class Canvas:
    """An area of the page; `prices[axis][cell]` is what a step into a cell costs in that direction."""

    area: Rect
    prices: tuple[list[int], list[int]] = field(init=False)
    bends: list[int] = field(init=False)
    ports: Counter[Point] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.left, self.top = -(-self.area.x // GRID) - 1, -(-self.area.y // GRID) - 1
        self.width = self.area.right // GRID - self.left + 2
        self.height = self.area.bottom // GRID - self.top + 2
        size = self.width * self.height
        self.prices = ([1] * size, [1] * size)
        self.bends = [BEND] * size
        # The outermost cells are closed, so that a search needs no test for the edge.
        edge = {cell for cell in range(size) if cell % self.width in (0, self.width - 1)}
        self._charge(edge | {*range(self.width)} | {*range(size - self.width, size)}, BLOCKED)

    def _charge(self, cells: Iterable[Cell], price: int) -> None:
        for cell in cells:
            self.prices[LEVEL][cell] += price
            self.prices[UPRIGHT][cell] += price

    def block(self, shape: Rect, clearance: int = CLEARANCE) -> None:
        """Close the cells that a shape covers, and make those around it dear."""
        self._charge(self._cells(shape.grown(clearance)), BLOCKED)
        self._charge(self._cells(shape.grown(CLEARANCE + GRID)), NEAR_SHAPE)

    def shun(self, name: Rect) -> None:
        """Make the cells dear on which a name will stand."""
        self._charge(self._cells(name.grown(2)), LABEL)

    def _cells(self, rect: Rect) -> set[Cell]:
        columns = range(max(-(-rect.x // GRID), self.left), min(rect.right // GRID, self.left + self.width - 1) + 1)
        rows = range(max(-(-rect.y // GRID), self.top), min(rect.bottom // GRID, self.top + self.height - 1) + 1)
        return {self.cell(column, row) for column in columns for row in rows}

    def cell(self, column: int, row: int) -> Cell:
        return (row - self.top) * self.width + column - self.left

    def point(self, cell: Cell) -> Point:
        row, column = divmod(cell, self.width)
        return Point((column + self.left) * GRID, (row + self.top) * GRID)

    def is_free(self, cell: Cell) -> bool:
        return self.prices[LEVEL][cell] < BLOCKED

    def port_price(self, port: Port) -> int:
        return port.cost + self.ports[port.point] * PORT_TAKEN

    def outside(self, port: Port, steps: int = 0) -> Cell:
        """The first cell outside a port, or one further out."""
        (x, y), (dx, dy) = port.point, port.outward
        column = _outward(x, dx) + dx * steps
        row = _outward(y, dy) + dy * steps
        return self.cell(column, row)

    def lay(self, line: Line, sign: int = 1) -> None:
        """Charge other lines for meeting this one; with `sign` -1 take the charge back."""
        for cell, axis in self.marks(line):
            beside = self.width if axis == LEVEL else 1
            along, across = self.prices[axis], self.prices[1 - axis]
            along[cell] += OVERLAP * sign
            across[cell] += CROSSING * sign
            along[cell - beside] += NEIGHBOUR * sign
            along[cell + beside] += NEIGHBOUR * sign
            self.bends[cell] += OVERLAP * sign
        for port in (line.start, line.end):
            self.ports[port.point] += sign

    def marks(self, line: Line) -> set[tuple[Cell, int]]:
        """The cells of a line with the direction in which it runs through them: both at a bend."""
        if len(line.cells) == 1:
            return {(line.cells[0], self.axis(line.start))}
        found = set()
        for one, other in pairwise(line.cells):
            axis = LEVEL if abs(one - other) == 1 else UPRIGHT
            found |= {(one, axis), (other, axis)}
        return found

    def axis(self, port: Port) -> int:
        return LEVEL if port.outward[1] == 0 else UPRIGHT

    def price(self, line: Line) -> int:
        """What a line that lies costs among all others."""
        self.lay(line, -1)
        axes = [LEVEL if abs(one - other) == 1 else UPRIGHT for one, other in pairwise(line.cells)]
        steps = sum(self.prices[axis][cell] % BLOCKED for cell, axis in zip(line.cells[1:], axes, strict=True))
        bends = sum(BEND for one, other in pairwise(axes) if one != other)
        total = steps + bends + self.port_price(line.start) + self.port_price(line.end)
        self.lay(line)
        return total

    def total(self, lines: Iterable[Line]) -> int:
        """What a whole picture costs."""
        return sum(self.price(line) for line in lines)

    def crosses(self, line: Line, others: Iterable[Line]) -> bool:
        across = {(cell, 1 - axis) for cell, axis in self.marks(line)}
        return any(other is not line and across & self.marks(other) for other in others)

    def waypoints(self, line: Line) -> tuple[Point, ...]:
        """The corners of a line, from border to border."""
        points = [line.start.point, *map(self.point, line.cells), line.end.point]
        corners = [
            point
            for before, point, after in zip(points, points[1:], points[2:], strict=False)
            if not (before.x == point.x == after.x or before.y == point.y == after.y)
        ]
        return (points[0], *corners, points[-1])


def _outward(value: int, direction: int) -> int:
    """The grid line on or next outside a coordinate."""
    return -(-value // GRID) if direction > 0 else value // GRID
