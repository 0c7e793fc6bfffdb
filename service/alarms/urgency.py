"""In which order the control centre takes what waits for it (轻重缓急), and why. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

# Points of each ground; the most that a ground that grows may give stands beside it.
_COLOUR: Mapping[str, int] = {"red": 30, "yellow": 10}
_KIND: Mapping[str, int] = {
    "off_system": 20,
    "fee": 20,
    "concentrated": 20,
    "supervision": 15,
    "backfilled": 10,
    "batch": 10,
}
_RUNG: Mapping[int, int] = {3: 10, 4: 25, 5: 30}
_FEN_A_POINT, _MOST_MONEY = 1_000_00, 30
_A_REPETITION, _MOST_REPEATED = 5, 20
_A_DAY, _MOST_AGE = 2, 20
_OVERDUE, _SOON = 25, 10
SOON = timedelta(hours=4)


@dataclass(frozen=True, slots=True)
class Matter:
    """What waits: its colour, the kinds of its alarms, its rung, the money, and how many alarms its people have had."""

    raised_at: datetime
    colour: str = ""
    kinds: tuple[str, ...] = ()
    rung: int = 0
    money_fen: int = 0
    repeated: int = 0
    due_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Ground:
    """Why a matter is urgent: overdue, due_soon, rung, colour, kind, money, repeated or age, with its value."""

    code: str
    value: str
    points: int


@dataclass(frozen=True, slots=True)
class Urgency:
    """The points of all grounds, the weightiest ground first."""

    points: int
    grounds: tuple[Ground, ...]


def urgency(matter: Matter, now: datetime) -> Urgency:
    """How urgent a matter is now."""
    found = sorted((one for one in _grounds(matter, now) if one.points), key=lambda one: (-one.points, one.code))
    return Urgency(sum(one.points for one in found), tuple(found))


def _grounds(matter: Matter, now: datetime) -> Iterable[Ground]:
    if matter.due_at is not None and matter.due_at < now:
        yield Ground("overdue", matter.due_at.isoformat(), _OVERDUE)
    elif matter.due_at is not None and matter.due_at < now + SOON:
        yield Ground("due_soon", matter.due_at.isoformat(), _SOON)
    yield Ground("rung", str(matter.rung), _RUNG.get(matter.rung, 0))
    yield Ground("colour", matter.colour, _COLOUR.get(matter.colour, 0))
    kind = max(matter.kinds, key=lambda one: (_KIND.get(one, 0), one), default="")
    yield Ground("kind", kind, _KIND.get(kind, 0))
    yield Ground("money", str(matter.money_fen), min(_MOST_MONEY, matter.money_fen // _FEN_A_POINT))
    yield Ground("repeated", str(matter.repeated), min(_MOST_REPEATED, _A_REPETITION * max(0, matter.repeated - 1)))
    days = (now - matter.raised_at).days
    yield Ground("age", str(days), min(_MOST_AGE, _A_DAY * days))


def percentile(counts: Iterable[int], share: float) -> int:
    """The nearest rank: the least count that at least so large a share of the counts do not exceed; 0 of none."""
    ordered = sorted(counts)
    if not ordered:
        return 0
    rank = -(-int(share * 100) * len(ordered) // 100)
    return ordered[max(0, rank - 1)]
