"""What a pass sees of people's acts within the last days."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import replace
from datetime import datetime
from itertools import takewhile
from typing import Any

from sqlalchemy import Connection

from service.commands.services import Services
from service.database.rows import read_rows
from supervision import asked_of_days as asked
from supervision.collecting_papers import OVERLAP, case_ref
from supervision.facts import Act

_Key = tuple[int, int]
_Names = dict[tuple[int, str | None], tuple[str, str, str | None]]


class Acts:
    """The acts of the last days, from the looks before: a look reads those since, for an event never changes."""

    def __init__(self) -> None:
        self._since: datetime | None = None
        self._until: datetime | None = None
        self._acts: dict[_Key, Act] = {}

    def within(
        self,
        connection: Connection,
        services: Services,
        since: datetime,
        now: datetime,
        from_paper: Collection[int],
    ) -> list[Act]:
        """In their order; the entries of these cases are marked as made from paper."""
        if self._until is None or self._since is None or since < self._since:
            self._acts, begin = {}, since
        else:
            for key in [key for key, _ in takewhile(lambda known: known[1].at < since, self._acts.items())]:
                del self._acts[key]
            begin = max(since, self._until - OVERLAP)
        self._since, self._until = since, now
        bound = {"since": begin, "now": now}
        rows = [row for row in read_rows(connection, asked.DONE, bound) if (row.case_id, row.seq) not in self._acts]
        if rows:
            names: _Names = {
                (row.case_id, row.element_id): (row.name_zh, row.name_en, row.separation_group)
                for row in read_rows(connection, asked.NAMED, {"since": begin})
            }
            self._take_in({(row.case_id, row.seq): act_of(connection, services, row, names) for row in rows})
        if not from_paper:
            return list(self._acts.values())
        return [
            replace(act, from_paper=True) if act.kind == "case_started" and act.case.id in from_paper else act
            for act in self._acts.values()
        ]

    def _take_in(self, fresh: dict[_Key, Act]) -> None:
        """Most come behind all that is known; what was seen late has its place among it."""
        ordered = sorted(fresh.items(), key=_place)
        behind = not self._acts or _place(ordered[0]) > _place(next(reversed(self._acts.items())))
        self._acts |= dict(ordered)
        if not behind:
            self._acts = dict(sorted(self._acts.items(), key=_place))


def _place(known: tuple[_Key, Act]) -> tuple[datetime, _Key]:
    return known[1].at, known[0]


def act_of(connection: Connection, services: Services, row: Any, names: _Names) -> Act:
    """An event with its case as an act; `names` of its step (Chinese, English, separation group), if it is known."""
    unnamed = (row.element_id or "", row.element_id or "", None)
    zh, en, group = names.get((row.case_id, row.element_id), unnamed)
    payload = json.loads(row.payload)
    return Act(
        case_ref(connection, services, row),
        row.seq,
        row.at,
        row.kind,
        row.actor,
        row.actor_name or "",
        row.principal,
        row.post,
        row.element_id,
        zh,
        en,
        payload.get("code", "") if row.kind == "act_refused" else "",
        group,
        terminal=payload.get("terminal"),
        address=payload.get("address"),
    )
