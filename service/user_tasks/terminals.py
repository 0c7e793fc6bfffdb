"""Two separated acts of two accounts at one terminal, close together: the same hands (本人操作). Pure.

Separation by account is worth nothing where passwords are handed over; so a case's row keeps from which terminal its
latest acts came, and an act that follows too closely does not count until the level-1 supervisor has answered.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from service.people.county_settings import MINUTES, USUAL_MINUTES
from service.people.separation import exclude_each_other

# Where a case's ledger of actors keeps its seats, beside the groups; no group is called so.
SEATS = "@terminals"

# Who answers, and as what it counts: level 1, or level 2 where level 1 has a part in it; of an order, the centre.
RULING: Mapping[str, str | None] = {"sup1": "supervise", "sup2": "supervise_level2"}
RULING_ON_ORDERS: Mapping[str, str | None] = {"centre": None}


def ruling_posts(case_kind: str) -> Mapping[str, str | None]:
    """{post: the group as which its ruling counts} of those who may rule on an act that was held."""
    return RULING_ON_ORDERS if case_kind == "order" else RULING


@dataclass(frozen=True, slots=True)
class Seat:
    """Who did an act of which group, when and at which terminal."""

    terminal: str
    group: str
    person_id: int
    at: datetime

    def as_json(self) -> list[Any]:
        return [self.terminal, self.group, self.person_id, self.at.isoformat()]

    @classmethod
    def of_json(cls, kept: list[Any]) -> Seat:
        terminal, group, person_id, at = kept
        return cls(terminal, group, person_id, datetime.fromisoformat(at))


def window(chosen: Mapping[str, Any] | None) -> timedelta:
    """Within which two acts are too close, as the county has chosen."""
    return timedelta(minutes=(chosen or {}).get(MINUTES, USUAL_MINUTES))


def too_close(seats: Iterable[Seat], wanted: Seat, within: timedelta) -> Seat | None:
    """The latest act that another account did at the same terminal within that time, of a group that excludes this."""
    found = [
        seat
        for seat in seats
        if seat.terminal == wanted.terminal
        and seat.person_id != wanted.person_id
        and wanted.at - seat.at <= within
        and exclude_each_other(seat.group, wanted.group)
    ]
    return max(found, key=lambda seat: seat.at, default=None)


def kept(seats: Iterable[Seat], now: datetime, within: timedelta) -> list[Seat]:
    """The seats that an act from now on may still be too close to."""
    return [seat for seat in seats if now - seat.at <= within]
