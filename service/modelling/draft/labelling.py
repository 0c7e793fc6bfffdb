"""Where names outside of shapes stand: beside events and gateways, along flows, clear of all that is drawn."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from unicodedata import east_asian_width

from service.modelling.draft.geometry import Point, Rect
from service.modelling.draft.routing import Waypoints
from service.modelling.draft.sketch import ACTIVITIES, GATEWAYS, Flow, Kind, Node, Sketch, Timer

# The viewer writes outer names in 11 px Arial, wide characters 11 px broad, lines 13.2 px apart.
WIDE, NARROW, LINE_HEIGHT = 11, 6.2, 14
MAX_CHARACTERS = 9
ON_SHAPE, ON_LABEL, ON_LINE = 10, 20, 400

Labels = dict[str, Rect]


def name_size(name: str, max_wide: int = MAX_CHARACTERS) -> tuple[int, int]:
    """Width and height of a name, broken into lines of at most `max_wide` wide characters.

    The viewer cuts a line after `length * limit / width - 1` characters, rounded, unless it finds a blank; the width
    is chosen so that this falls behind a comma or into the middle.
    """
    width = sum(WIDE if east_asian_width(char) in "WF" else NARROW for char in name)
    limit = max_wide * WIDE
    if width <= limit:
        return int(width) + 8, LINE_HEIGHT
    for cut, char in enumerate(name[:-1], 1):
        first, rest = (cut + 1) * width / len(name) + 2, width * (1 - cut / len(name))
        if char in "，、,：:" and cut * WIDE <= limit and rest <= first - 4:
            return int(first), 2 * LINE_HEIGHT
    lines = -(-int(width) // limit)
    return int(width / lines) + WIDE + 8, lines * LINE_HEIGHT


def outer_named(sketch: Sketch) -> list[Node]:
    """Nodes whose name stands outside of their shape."""
    return [node for node in sketch.nodes.values() if node.name and node.kind not in ACTIVITIES]


def first_choice(sketch: Sketch, rects: dict[str, Rect]) -> Labels:
    """Where the names of events and gateways would like to stand, before any line is drawn."""
    return {node.id: _candidates(sketch, node, rects)[0] for node in outer_named(sketch)}


def label(sketch: Sketch, rects: dict[str, Rect], waypoints: Waypoints) -> Labels:
    """The rectangle of every outer name, of nodes first and then of flows."""
    page = _Page(list(_obstacles(sketch, rects)), list(_lines(sketch, rects, waypoints)))
    labels: Labels = {}
    choices = {node.id: _candidates(sketch, node, rects) for node in outer_named(sketch)}
    for node_id in sorted(choices, key=lambda node_id: len(choices[node_id])):
        labels[node_id] = page.take(choices[node_id])
    for flow in sketch.flows.values():
        if flow.name:
            labels[flow.id] = page.take(_along(flow, waypoints[flow.id]))
    return labels


def _obstacles(sketch: Sketch, rects: dict[str, Rect]) -> list[Rect]:
    """Shapes that a name must not cover; of an expanded sub-process only the line that its own name stands on."""
    shapes = [node for node in sketch.nodes.values() if node.kind is not Kind.SUBPROCESS]
    # The corners of a diamond's rectangle are free.
    solid = [rects[node.id].grown(-8 if node.kind in GATEWAYS else 0) for node in shapes]
    scopes = [rects[node.id] for node in sketch.nodes.values() if node.kind is Kind.SUBPROCESS]
    return solid + [scope_name(rect) for rect in scopes]


def _lines(sketch: Sketch, rects: dict[str, Rect], waypoints: Waypoints) -> Iterator[tuple[Point, Point]]:
    """Flows, and the borders of sub-processes."""
    for points in waypoints.values():
        yield from _segments(points)
    for node in sketch.nodes.values():
        if node.kind is Kind.SUBPROCESS:
            rect = rects[node.id]
            corners = (rect.x, rect.y), (rect.right, rect.y), (rect.right, rect.bottom), (rect.x, rect.bottom)
            points = tuple(Point(*corner) for corner in (*corners, corners[0]))
            yield from _segments(points)


def scope_name(rect: Rect) -> Rect:
    """Where the viewer writes the name of an expanded sub-process: in the middle of its top."""
    return Rect.around(rect.centre.x, rect.y + 14, 140, 20)


def _segments(points: tuple[Point, ...]) -> list[tuple[Point, Point]]:
    return list(pairwise(points))


@dataclass
class _Page:
    shapes: list[Rect]
    lines: list[tuple[Point, Point]]

    def take(self, candidates: list[Rect]) -> Rect:
        """The candidate that covers least; earlier ones win a tie. It is an obstacle from then on."""
        best = min(candidates, key=lambda rect: (self._conflicts(rect), candidates.index(rect)))
        self.shapes.append(best)
        return best

    def _conflicts(self, rect: Rect) -> int:
        covered = sum(rect.overlap(shape) for shape in self.shapes) * ON_LABEL
        return covered + sum(rect.touches_line(*line) for line in self.lines) * ON_LINE


def _candidates(sketch: Sketch, node: Node, rects: dict[str, Rect]) -> list[Rect]:
    rect = rects[node.id]
    width, height = name_size(node.name)
    if node.kind is Kind.BOUNDARY:
        return _beside_boundary(node, rect, width, height)
    if node.slot == "stub":
        timer = sketch.nodes[sketch.incoming(node.id)[0].source]
        x = rect.x - 2 - width if timer.slot.endswith("left") else rect.right + 2
        return [Rect(x, rect.centre.y - height // 2, width, height)]
    if node.kind in GATEWAYS:
        return _around_gateway(rect, width, height)
    around = _around_event(rect, width, height)
    hangs_above = node.cell is not None and node.cell.lane == -0.5
    return [around[1], around[0], *around[2:]] if hangs_above else around


def _beside_boundary(node: Node, rect: Rect, width: int, height: int) -> list[Rect]:
    """Outside the host, on the side away from the host's middle."""
    x = rect.x - width if node.slot.endswith("left") else rect.right
    if node.slot.startswith("right"):
        return [Rect(x, rect.centre.y - 4 - height, width, height), Rect(x, rect.centre.y + 4, width, height)]
    if node.slot.startswith("top"):
        return [Rect(x, rect.centre.y - 4 - height, width, height)]
    beside = Rect(x, rect.centre.y + 4, width, height)
    if isinstance(node.trigger, Timer):
        return [beside]
    lower = rect.centre.x + 3 if node.slot.endswith("right") else rect.centre.x - 3 - width
    return [beside, Rect(lower, rect.bottom + 2, width, height)]


def _around_event(rect: Rect, width: int, height: int) -> list[Rect]:
    x, y = rect.centre
    return [
        Rect(x - width // 2, rect.bottom + 4, width, height),
        Rect(x - width // 2, rect.y - 4 - height, width, height),
        Rect(rect.right + 3, y - height // 2, width, height),
        Rect(rect.x - 3 - width, y - height // 2, width, height),
    ]


def _around_gateway(rect: Rect, width: int, height: int) -> list[Rect]:
    x = rect.centre.x
    above, below = rect.y - height + 4, rect.bottom - 4
    return [
        Rect(x - 6 - width, above, width, height),
        Rect(x + 6, above, width, height),
        Rect(x + 6, below, width, height),
        Rect(x - 6 - width, below, width, height),
        Rect(x - width // 2, rect.y - 3 - height, width, height),
        Rect(x - width // 2, rect.bottom + 3, width, height),
    ]


def _along(flow: Flow, points: tuple[Point, ...]) -> list[Rect]:
    """On either side of a flow's pieces, near its source first."""
    candidates = []
    for start, end in _segments(points):
        near = 18 if flow.is_default and start == points[0] else 6
        for max_wide in (2 * MAX_CHARACTERS, MAX_CHARACTERS, 6):
            width, height = name_size(flow.name, max_wide)
            if max_wide <= MAX_CHARACTERS or abs(end.x - start.x) > width + 12:
                candidates += _beside_segment(start, end, (width, height), near)
    return candidates


def _beside_segment(start: Point, end: Point, size: tuple[int, int], near: int) -> list[Rect]:
    """Places on both sides of a line: `near` pixels from its start (clear of a default flow's mark), then midway."""
    width, height = size
    found = []
    if start.y == end.y:
        first = start.x + near if end.x > start.x else start.x - near - width
        middle = (start.x + end.x - width) // 2
        for x in (first, middle):
            found += [Rect(x, start.y - 3 - height, width, height), Rect(x, start.y + 3, width, height)]
        return found
    first = start.y + near if end.y > start.y else start.y - near - height
    middle = (start.y + end.y - height) // 2
    for y in (first, middle):
        found += [Rect(start.x + 2, y, width, height), Rect(start.x - 2 - width, y, width, height)]
    return found
