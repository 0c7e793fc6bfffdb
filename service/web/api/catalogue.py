"""The power items of the county."""

from __future__ import annotations

from sqlalchemy import Connection

from service.errors import not_found
from service.reads.items import ItemFilter, list_items, read_item
from service.web.api import other_schemas
from service.web.api.asked import PageQuery, asked_page
from service.web.api.endpoint import Answer, Call, Endpoints
from service.web.api.fields import Text
from service.web.api.schemas import page_of

endpoints = Endpoints("power-items")


class ItemQuery(PageQuery):
    q = Text(100)
    department = Text(16)
    category = Text(4)


@endpoints.get("/power-items", answer=page_of(other_schemas.Item()), query=ItemQuery())
def find_items(call: Call, connection: Connection) -> Answer:
    """The items in force, with their first form, materials, fee and limits."""
    wanted = ItemFilter(call.query.get("q"), call.query.get("department"), call.query.get("category"))
    return Answer(list_items(connection, call.web.services, wanted, call.locale, asked_page(call)))


@endpoints.get("/power-items/<code:item_code>", answer=other_schemas.Item(), codes=("not_found",))
def read_one_item(call: Call, connection: Connection, item_code: str) -> Answer:
    """One item in force."""
    found = read_item(connection, call.web.services, item_code, call.locale)
    if found is None:
        raise not_found("该事项", f"power item {item_code}")
    return Answer(found)
