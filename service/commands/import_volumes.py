"""Volumes of a time before the system are taken in from a file: last year's, or this year's before it was used."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.dialects import postgresql, sqlite

from service.catalogue.item import CATEGORIES
from service.commands.decide_difference import may_decide
from service.database.session import is_sqlite
from service.database.tables import earlier_volume
from service.errors import Detail, Refused
from service.fees.receipt_file import FileRefused
from service.fees.volume_file import read_volumes
from service.people.actor import Actor
from service.people.queries import department_names

_MOST_FAULTS = 50
_KEY = ("department", "category", "month")


def import_volumes(connection: Connection, actor: Actor | None, content: bytes, now: datetime) -> int:
    """Take all lines in, or none; how many. The same file again changes nothing; `actor` None is the command line.

    Raises Refused: not_permitted, invalid_request with each line that cannot be read.
    """
    if actor is not None and not may_decide(actor):
        raise Refused("not_permitted", "只有二级监察和控制中心可以办理", "Expected level 2 or the centre")
    try:
        found, faults = read_volumes(content, department_names(connection), CATEGORIES)
    except FileRefused as refused:
        words = f"文件无法读取：{refused}", f"Expected a file of volumes, but found {refused}"
        raise Refused("invalid_request", *words, [Detail(refused.code, *words, pointer="/file")]) from refused
    if faults:
        details = [
            Detail("invalid", f"第 {one.line} 行：{one.code}", f"Line {one.line}: {one.code}", pointer="/file")
            for one in faults[:_MOST_FAULTS]
        ]
        words = f"有 {len(faults)} 行无法读取，未导入", f"Expected lines that can be read, but {len(faults)} cannot"
        raise Refused("invalid_request", *words, details)
    taken_by = actor.person_id if actor else None
    rows = [{**asdict(one), "taken_at": now, "taken_by": taken_by} for one in found]
    insert: Any = (sqlite if is_sqlite(connection) else postgresql).insert(earlier_volume)
    changed = {name: insert.excluded[name] for name in ("cases", "amount_fen", "taken_at", "taken_by")}
    other = (earlier_volume.c.cases != insert.excluded.cases) | (
        earlier_volume.c.amount_fen != insert.excluded.amount_fen
    )
    connection.execute(insert.on_conflict_do_update(index_elements=list(_KEY), set_=changed, where=other), rows)
    return len(rows)
