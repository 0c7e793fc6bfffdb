"""Where a flow may leave or enter a shape: points on its border, each with a direction and a price."""

from __future__ import annotations

from dataclasses import dataclass

from service.modelling.draft.geometry import Point, Rect
from service.modelling.draft.sketch import ACTIVITIES, GATEWAYS, Kind, Node

UP, RIGHT, DOWN, LEFT = (0, -1), (1, 0), (0, 1), (-1, 0)
Direction = tuple[int, int]
SLANTED = 16
# Reading runs to the right: a flow leaves an activity at its right and enters it at its left where it can.
LEAVING = {RIGHT: 0, UP: 12, DOWN: 12, LEFT: 16}
ENTERING = {LEFT: 0, UP: 1, DOWN: 1, RIGHT: 16}


@dataclass(frozen=True, slots=True)
class Port:
    """`outward` points away from the shape; `cost` is in steps of the grid that a flow would go out of its way."""

    point: Point
    outward: Direction
    cost: int


def ports_of(node: Node, rect: Rect, attached: list[Rect]) -> list[Port]:
    """All ports of a node; `attached` are the rectangles of the boundary events on its border."""
    if node.kind is Kind.BOUNDARY:
        return _boundary_ports(node, rect)
    if node.kind is Kind.SUBPROCESS:
        return _side_ports(rect, attached, range(30, rect.width - 20, 10), range(30, rect.height - 20, 10))
    if node.kind in ACTIVITIES:
        return _side_ports(rect, attached, (50, 30, 70, 10, 90), (40, 20, 60, 10, 70))
    corners = [
        Port(Point(rect.centre.x, rect.y), UP, 0),
        Port(Point(rect.right, rect.centre.y), RIGHT, 0),
        Port(Point(rect.centre.x, rect.bottom), DOWN, 0),
        Port(Point(rect.x, rect.centre.y), LEFT, 0),
    ]
    return corners + (_slanted(rect.centre) if node.kind in GATEWAYS else [])


def _boundary_ports(node: Node, rect: Rect) -> list[Port]:
    if node.slot.startswith("top"):
        return [Port(Point(rect.centre.x, rect.y), UP, 0)]
    if node.slot.startswith("bottom"):
        return [Port(Point(rect.centre.x, rect.bottom), DOWN, 0)]
    return [Port(Point(rect.right, rect.centre.y), RIGHT, 0)]


def _side_ports(
    rect: Rect, attached: list[Rect], offsets_x: range | tuple[int, ...], offsets_y: range | tuple[int, ...]
) -> list[Port]:
    """The middle of a side is dearest to the eye; what a boundary event covers is no port."""
    ports = []
    for offset in offsets_x:
        cost = min(abs(offset - rect.width // 2) // 8, 5)
        ports.append(Port(Point(rect.x + offset, rect.y), UP, cost))
        ports.append(Port(Point(rect.x + offset, rect.bottom), DOWN, cost))
    for offset in offsets_y:
        cost = min(abs(offset - rect.height // 2) // 4, 8)
        ports.append(Port(Point(rect.x, rect.y + offset), LEFT, cost))
        ports.append(Port(Point(rect.right, rect.y + offset), RIGHT, cost))
    return [port for port in ports if not any(_covers(event, port.point) for event in attached)]


def _covers(rect: Rect, point: Point) -> bool:
    wide = rect.grown(3)
    return wide.x <= point.x <= wide.right and wide.y <= point.y <= wide.bottom


def _slanted(centre: Point) -> list[Port]:
    """A diamond has four corners; a fifth flow leaves upright by one of its sides."""
    ports = []
    for sign in (-1, 1):
        ports.append(Port(Point(centre.x + 10 * sign, centre.y - 15), UP, SLANTED))
        ports.append(Port(Point(centre.x + 10 * sign, centre.y + 15), DOWN, SLANTED))
    return ports
