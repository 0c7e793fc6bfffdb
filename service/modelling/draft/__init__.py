"""A catalogue row gives a first diagram: BPMN 2.0 with every limit, minimum, material and way back drawn.

python -m service.modelling.draft processes/catalogue/items.yaml processes/
"""

from service.modelling.draft.catalogue_reading import DraftError, Item, catalogue_rows, read_item
from service.modelling.draft.drafting import draft_item, draw

__all__ = ["DraftError", "Item", "catalogue_rows", "draft_item", "draw", "read_item"]
