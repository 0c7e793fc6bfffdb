"""`limit` and `cursor`, the same for every list."""

from __future__ import annotations

from service.reads.paging import MOST_ROWS, USUAL_ROWS, Asked
from service.web.api.endpoint import Call
from service.web.api.fields import Count, Query, Text


class PageQuery(Query):
    """The parameters of a list."""

    limit = Count(1, MOST_ROWS)
    cursor = Text(400)


def asked_page(call: Call, usual: int = USUAL_ROWS) -> Asked:
    """Which page the query asks for."""
    return Asked(call.query.get("limit") or usual, call.query.get("cursor"))
