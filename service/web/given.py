"""Numbers and days as people type them into forms and addresses; what is none is told apart here, for all pages."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, datetime
from typing import Final

# Days of an office and of whom it serves; beside the ends of `date`, a day more or a zone's hours overflow.
FIRST_YEAR: Final = 1900
LAST_YEAR: Final = 2999
# Fifteen digits fit into any database's whole numbers. `isdigit` would let ² through, which `int` refuses.
_WHOLE: Final = re.compile(r"[0-9]{1,15}")


def whole_number(text: str) -> int | None:
    """The whole number from 0 on that is written in digits, or None."""
    text = text.strip()
    return int(text) if _WHOLE.fullmatch(text) else None


def whole_numbers(texts: Iterable[str]) -> list[int]:
    """Those of the texts that are whole numbers."""
    return [found for text in texts if (found := whole_number(text)) is not None]


def given_day(text: str) -> date:
    """The day that is written such as 2026-11-23. Raises ValueError."""
    return within_years(date.fromisoformat(text.strip()))


def given_moment(text: str) -> datetime:
    """The moment that is written such as 2026-11-23 09:30 or 2026-11-23T09:30, without a zone. Raises ValueError."""
    found = datetime.fromisoformat(text.strip().replace("T", " "))
    within_years(found)
    return found.replace(tzinfo=None)


def within_years(day: date) -> date:
    """The day itself. Raises ValueError for one of a year that no office knows."""
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise ValueError(f"Expected a day from {FIRST_YEAR} to {LAST_YEAR}, but found {day.isoformat()}")
    return day
