"""The filters that a person has kept for a list."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, select

from service.database.tables import saved_filter
from service.people.actor import Actor

_MINE = (
    select(saved_filter)
    .where(saved_filter.c.person_id == bindparam("person_id"), saved_filter.c.page == bindparam("page"))
    .order_by(saved_filter.c.id)
)


@dataclass(frozen=True, slots=True)
class KeptFilter:
    id: int
    name: str
    query: Mapping[str, str]


def kept_filters(connection: Connection, actor: Actor, page: str) -> tuple[KeptFilter, ...]:
    """In the order in which they were kept."""
    rows = connection.execute(_MINE, {"person_id": actor.person_id, "page": page})
    return tuple(KeptFilter(row.id, row.name, row.query) for row in rows)
