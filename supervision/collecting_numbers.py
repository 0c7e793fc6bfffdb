"""What a pass sees of the numbers of certificates and documents, each split at its running digits."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, bindparam, select

from service.commands.services import Services
from service.commands.spot_fines import TICKET
from service.database.tables import case, document
from supervision.collecting_papers import OF_CASE, case_ref
from supervision.facts import NumberSeen
from supervision.number_series import series_and_place

# This year's numbers and the last one's.
NUMBERS_OF = timedelta(days=400)
# So many documents before a new one are its neighbours; the oldest of them may lack a neighbour that was left out.
NEIGHBOURS, EDGE = 120, 20
_ALL = (
    select(document.c.id, document.c.number.label("own_number"), document.c.made_at, document.c.case_id)
    .add_columns(*OF_CASE, document.c.kind)
    .join(case, case.c.id == document.c.case_id)
    .where(document.c.number.is_not(None), document.c.made_at >= bindparam("since"))
    # Of a ticket's numbers its book tells (service.reads.tickets): those that are void are no gap.
    .where(document.c.kind != TICKET)
)
_SERIES = _ALL.with_only_columns(case.c.department, document.c.kind).distinct()
_LAST = (
    _ALL.where(case.c.department == bindparam("department"), document.c.kind == bindparam("kind"))
    .order_by(document.c.id.desc())
    .limit(NEIGHBOURS)
)


def numbers(
    connection: Connection, services: Services, now: datetime, news_since: datetime | None
) -> tuple[NumberSeen, ...]:
    """All numbers; or, of a department's documents of a kind that was made since then, the last ones."""
    oldest = now - NUMBERS_OF
    if news_since is None:
        return tuple(_split(connection, services, connection.execute(_ALL, {"since": oldest})))
    found: list[NumberSeen] = []
    for row in connection.execute(_SERIES, {"since": news_since}).all():
        bound = {"since": oldest, "department": row.department, "kind": row.kind}
        last = connection.execute(_LAST, bound).all()
        ordered = sorted(_split(connection, services, last), key=lambda one: one.document_id)
        found += _without_edge(ordered) if len(last) == NEIGHBOURS else ordered
    return tuple(found)


def _without_edge(ordered: list[NumberSeen]) -> Iterator[NumberSeen]:
    """Those above the first numbers of each series: below them not everything was read."""
    for series in sorted({one.series for one in ordered}):
        yield from sorted((one for one in ordered if one.series == series), key=lambda one: one.position)[EDGE:]


def _split(connection: Connection, services: Services, rows: Iterable[Row[Any]]) -> Iterator[NumberSeen]:
    for row in rows:
        place = series_and_place(row.own_number, _pattern(connection, services, row))
        if place is not None:
            known = case_ref(connection, services, row)
            yield NumberSeen(row.id, known, row.own_number, f"{row.kind}/{place[0]}", place[1], row.made_at)


def _pattern(connection: Connection, services: Services, row: Row[Any]) -> str | None:
    """How the item numbers documents of this kind; None where the county's own way holds."""
    if row.power_item is None or row.item_version is None:
        return None
    rule = services.items.get(connection, row.power_item, row.item_version).document(row.kind)
    return rule.number_pattern if rule is not None else None
