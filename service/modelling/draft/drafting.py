"""From a catalogue row to XML: sketch, arrange, place, route, label, write."""

from __future__ import annotations

from service.modelling.draft.application import draft_application
from service.modelling.draft.arranging import Side, arrange_application
from service.modelling.draft.catalogue_reading import Item
from service.modelling.draft.geometry import Rect
from service.modelling.draft.labelling import first_choice, label, scope_name
from service.modelling.draft.placing import place
from service.modelling.draft.routing import route
from service.modelling.draft.sketch import Kind, Sketch
from service.modelling.draft.writing import Drawing, write


def draft_item(item: Item, key: str) -> bytes:
    """The first diagram of a power item; `key` becomes the process id. Raises DraftError."""
    pictures = []
    for side in Side:
        sketch = draft_application(item, key)
        arrange_application(sketch, item, side)
        pictures.append((sketch, lay_out(sketch)))
    return write(*min(pictures, key=lambda picture: picture[1].price))


def draw(sketch: Sketch) -> bytes:
    """The XML of a sketch whose nodes have their cells."""
    return write(sketch, lay_out(sketch))


def lay_out(sketch: Sketch) -> Drawing:
    """Where everything in a sketch stands."""
    rects = place(sketch)
    wanted = [*first_choice(sketch, rects).values(), *_scope_names(sketch, rects)]
    price, waypoints = route(sketch, rects, wanted)
    return Drawing(rects, waypoints, label(sketch, rects, waypoints), price)


def _scope_names(sketch: Sketch, rects: dict[str, Rect]) -> list[Rect]:
    return [scope_name(rects[node.id]) for node in sketch.nodes.values() if node.kind is Kind.SUBPROCESS]
