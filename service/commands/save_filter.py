"""A person keeps what he filters a list by, under a name of his own."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, func, insert, select

from service.database.tables import saved_filter
from service.errors import Detail, Refused, not_found
from service.people.actor import Actor

MOST_FILTERS = 20
_MINE = select(func.count()).where(
    saved_filter.c.person_id == bindparam("person_id"), saved_filter.c.page == bindparam("page")
)
_SAME = (
    delete(saved_filter)
    .where(saved_filter.c.person_id == bindparam("person_id"), saved_filter.c.page == bindparam("page"))
    .where(saved_filter.c.name == bindparam("name"))
)
_DROP = delete(saved_filter).where(
    saved_filter.c.id == bindparam("filter_id"), saved_filter.c.person_id == bindparam("person_id")
)


def save_filter(
    connection: Connection, actor: Actor, page: str, name: str, query: Mapping[str, str], now: datetime
) -> None:
    """Keep it; one of the same name is replaced. Raises Refused invalid_request, move_refused."""
    named = name.strip()[:40]
    if not named or not query:
        words = "请先筛选，再给筛选条件取名", "Expected a filter and a name for it"
        raise Refused("invalid_request", *words, [Detail("required", *words, pointer="/name")])
    key = {"person_id": actor.person_id, "page": page}
    connection.execute(_SAME, {**key, "name": named})
    if connection.execute(_MINE, key).scalar_one() >= MOST_FILTERS:
        words = f"最多保存 {MOST_FILTERS} 个筛选", f"Expected at most {MOST_FILTERS} kept filters"
        raise Refused("move_refused", *words)
    connection.execute(insert(saved_filter).values(**key, name=named, query=dict(query), saved_at=now))


def drop_filter(connection: Connection, actor: Actor, filter_id: int) -> None:
    """One's own, no longer wanted. Raises Refused not_found."""
    if connection.execute(_DROP, {"filter_id": filter_id, "person_id": actor.person_id}).rowcount != 1:
        raise not_found("该筛选", f"kept filter {filter_id}")
