"""The frozen values of limits: a limit, what is left of it in words and in work, and when to warn."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, cast, get_args

Unit = Literal["working_days", "natural_days", "office_hours", "hours", "minutes"]

LARGEST_LIMIT = 3650
_UNITS = frozenset(get_args(Unit))


@dataclass(frozen=True, slots=True)
class Limit:
    """A period of the law or of a promise, 0 to 3650 of its unit. Raises ValueError for any other."""

    value: int
    unit: Unit

    def __post_init__(self) -> None:
        expect_count(self.value)
        expect_unit(self.unit)


@dataclass(frozen=True, slots=True)
class Remaining:
    """Whole units left, or passed if `overdue`: 剩 2 个工作日, 超期 1 个工作日.

    The running day is not counted: 0 and not overdue is due today (or within the hour), 0 and overdue is overdue
    by less than one unit.
    """

    value: int
    unit: Unit
    overdue: bool


@dataclass(frozen=True, slots=True)
class RemainingWork:
    """What a stopped limit still has: days for a limit in days, microseconds for one in hours.

    `lapsed_due` is set if the limit had already passed when it was stopped; a stop does not heal that.
    """

    unit: Unit
    amount: int
    lapsed_due: datetime | None = None

    def as_json(self) -> dict[str, str | int]:
        """For a due row that is disarmed."""
        lapsed = {} if self.lapsed_due is None else {"lapsed_due": self.lapsed_due.isoformat()}
        return {"unit": self.unit, "amount": self.amount, **lapsed}

    @classmethod
    def from_json(cls, stored: dict[str, str | int]) -> RemainingWork:
        """What `as_json` gave; raises ValueError if it is something else."""
        lapsed = stored.get("lapsed_due")
        due = None if lapsed is None else datetime.fromisoformat(str(lapsed))
        return cls(expect_unit(str(stored.get("unit"))), int(stored.get("amount", 0)), due)


@dataclass(frozen=True, slots=True)
class WarningInstants:
    """Blue never after yellow, yellow never after the due instant."""

    blue: datetime
    yellow: datetime


def expect_count(value: int) -> int:
    """The value; raises ValueError unless it is a whole number of 0 to 3650."""
    if type(value) is not int or not 0 <= value <= LARGEST_LIMIT:
        raise ValueError(f"Expected a whole number of 0 to {LARGEST_LIMIT}, but found {value!r}")
    return value


def expect_unit(unit: str) -> Unit:
    """The unit; raises ValueError unless it is one of the five."""
    if unit not in _UNITS:
        raise ValueError(f"Expected one of the units {sorted(_UNITS)}, but found {unit!r}")
    return cast(Unit, unit)
