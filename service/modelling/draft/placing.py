"""Cells become rectangles: columns as wide as their content, lanes as high, boundary events spread along their hosts.

All centres lie on a grid of 10 pixels, so that straight flows are straight.
"""

from __future__ import annotations

from itertools import pairwise

from service.modelling.draft.geometry import Rect, bounding
from service.modelling.draft.sketch import ACTIVITIES, GATEWAYS, Kind, Node, Sketch

GRID = 10
MARGIN = 60
"""Free space around the page and inside a sub-process, where the long ways back run."""
STUB = 50
"""From a task's edge to the centre of the small end event that a warning timer leads to."""
HALF_LANE = 90
PHASE_GAP = 60
LANE_GAP = 40
CROWDED_GAP, ASKING_GAP, GATEWAY_GAP, TASK_GAP = 125, 105, 75, 90
NAME_ROOM = 20
INDENT = 160
"""How far a row is moved in for every column that it leaves empty at its left."""
SMALL_END = 24

Rects = dict[str, Rect]


def size_of(node: Node) -> tuple[int, int]:
    """Width and height of a node that has no inside."""
    if node.slot == "stub":
        return SMALL_END, SMALL_END
    if node.kind in ACTIVITIES:
        return 100, 80
    if node.kind in GATEWAYS:
        return 50, 50
    return 36, 36


def place(sketch: Sketch) -> Rects:
    """The rectangle of every node: the rows of the page below each other, all flush left."""
    rects: Rects = {}
    top = MARGIN
    for phase in sorted({node.phase for node in sketch.inside(None)}):
        placed = _Scope(sketch, None, phase).place()
        box = bounding(placed.values())
        dx, dy = MARGIN - min(_snap(box.x), 0), top - _snap(box.y)
        rects |= {node_id: rect.moved(dx, dy) for node_id, rect in placed.items()}
        top += _snap(box.height) + PHASE_GAP
    return rects


def _snap(value: int) -> int:
    return value // GRID * GRID


class _Scope:
    """One row of the page or the inside of a sub-process. Lane 0 runs at y = 0, column 0 at x = 0."""

    def __init__(self, sketch: Sketch, scope: str | None, phase: int) -> None:
        self.sketch = sketch
        self.nodes = [node for node in sketch.inside(scope) if node.phase == phase and node.cell]
        self.insides = {
            node.id: _Scope(sketch, node.id, 0).place() for node in self.nodes if node.kind is Kind.SUBPROCESS
        }
        self.boxes = {node_id: _box(inside) for node_id, inside in self.insides.items()}

    def place(self) -> Rects:
        columns, lanes = self._column_centres(), self._lane_centres()
        rects: Rects = {}
        for node in self.nodes:
            if node.cell is None:
                continue
            rects |= self._place_node(node, columns[node.cell.column], lanes[node.cell.lane])
        return rects

    def _place_node(self, node: Node, x: int, y: int) -> Rects:
        inside: Rects = {}
        if node.id in self.boxes:
            box = self.boxes[node.id]
            rect = box.moved(_snap(x - box.width // 2) - box.x, y)
            inside = {key: value.moved(rect.x - box.x, y) for key, value in self.insides[node.id].items()}
        else:
            rect = Rect.around(x + _ruling_shift(self.sketch, node), y, *size_of(node))
        return {node.id: rect} | inside | _place_attached(self.sketch, node, rect)

    def _column_centres(self) -> dict[float, int]:
        columns = sorted({node.cell.column for node in self.nodes if node.cell})
        centres = {columns[0]: int(columns[0]) * INDENT}
        for left, right in pairwise(columns):
            centres[right] = centres[left] + self._distance(left, right)
        return centres

    def _distance(self, left: float, right: float) -> int:
        """Between the centres of two columns: the widest pair decides."""
        before, after = ([n for n in self.nodes if n.cell and n.cell.column == column] for column in (left, right))
        width = max(map(self._width, before)) / 2 + max(map(self._width, after)) / 2
        return int(-(-(width + self._gap(before, after)) // GRID)) * GRID

    def _gap(self, before: list[Node], after: list[Node]) -> int:
        """A gateway leaves room for the names of its flows, a task for the names of its timers."""
        asking = [n for n in before if n.kind is Kind.EXCLUSIVE and n.name and not n.id.endswith("_ruling_gateway")]
        if asking:
            crowded = any(len(self.sketch.outgoing(node.id)) > 3 for node in asking)
            return CROWDED_GAP if crowded else ASKING_GAP
        return GATEWAY_GAP if any(node.kind in GATEWAYS for node in after) else TASK_GAP

    def _width(self, node: Node) -> int:
        return self.boxes[node.id].width if node.id in self.boxes else size_of(node)[0]

    def _lane_centres(self) -> dict[float, int]:
        """Whole lanes far enough apart for what hangs on them; half lanes at a fixed distance from the usual path."""
        whole = sorted({n.cell.lane for n in self.nodes if n.cell and n.cell.lane == int(n.cell.lane)} | {0})
        centres: dict[float, int] = {whole[0]: 0}
        for upper, lower in pairwise(whole):
            above = max((self._reach(n)[1] for n in self.nodes if n.cell and n.cell.lane == upper), default=40)
            below = max((self._reach(n)[0] for n in self.nodes if n.cell and n.cell.lane == lower), default=40)
            centres[lower] = centres[upper] + _snap(above + LANE_GAP + below + GRID - 1)
        shift = centres[0]
        centres = {lane: centre - shift for lane, centre in centres.items()}
        halves = {lane + 0.5: centre + HALF_LANE for lane, centre in centres.items()}
        return centres | halves | {lane - 0.5: centre - HALF_LANE for lane, centre in centres.items() if lane <= 0}

    def _reach(self, node: Node) -> tuple[int, int]:
        """How far a node and what hangs on it reach up and down from its lane."""
        if node.id in self.boxes:
            box = self.boxes[node.id]
            return -box.y, box.bottom
        half = size_of(node)[1] // 2
        stub = STUB + SMALL_END // 2 + 8
        return half + stub * self._hangs(node, "top"), half + stub * self._hangs(node, "bottom")

    def _hangs(self, node: Node, side: str) -> bool:
        return any(
            boundary.slot.startswith(side) and _end_of(self.sketch, boundary).slot == "stub"
            for boundary in self.sketch.attached(node.id)
        )


def _box(inside: Rects) -> Rect:
    """The rectangle of a sub-process around its inside, on the grid."""
    content = bounding(inside.values())
    left, top = _snap(content.x) - MARGIN, _snap(content.y) - MARGIN - NAME_ROOM
    return Rect(left, top, _snap(content.right) + MARGIN - left, _snap(content.bottom) + MARGIN - top)


def _end_of(sketch: Sketch, boundary: Node) -> Node:
    return sketch.nodes[sketch.outgoing(boundary.id)[0].target]


def _ruling_shift(sketch: Sketch, node: Node) -> int:
    """A ruling hangs under the boundary event that leads to it."""
    if not node.id.endswith("_ruling"):
        return 0
    too_early = sketch.nodes.get(f"{node.id.removesuffix('_ruling')}_too_early")
    if too_early is None:
        return 0  # A step of that name, such as the centre's ruling on a work order.
    return 30 if too_early.slot == "bottom-right" else -30


def _place_attached(sketch: Sketch, host: Node, rect: Rect) -> Rects:
    placed: Rects = {}
    for boundary in sketch.attached(host.id):
        x, y, direction = _slot(rect, boundary.slot)
        placed[boundary.id] = Rect.around(x, y, 36, 36)
        end = _end_of(sketch, boundary)
        if end.slot == "stub":
            placed[end.id] = Rect.around(x, y + direction * STUB, SMALL_END, SMALL_END)
    return placed


def _slot(rect: Rect, slot: str) -> tuple[int, int, int]:
    """The centre of a boundary event, and which way its small end lies: -1 up, 1 down, 0 aside."""
    match slot:
        case "top-left":
            return rect.x + 20, rect.y, -1
        case "top-right":
            return rect.right - 20, rect.y, -1
        case "top-inner":
            return rect.right - 240, rect.y, -1
        case "top-outer":
            return rect.right - 90, rect.y, -1
        case "bottom-left":
            return rect.x + 20, rect.bottom, 1
        case "bottom-right":
            return rect.right - 20, rect.bottom, 1
        case "right":
            return rect.right, rect.centre.y, 0
        case "bottom-start":
            return rect.x + 60, rect.bottom, 1
    raise ValueError(f"Expected a slot on a host's edge, but found {slot!r}")
