"""How a certificate stands: in force, run out, or ended by a decision; and when its holder is reminded. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from service.working_time.months import months_later

VALID: Final = "valid"
EXPIRED: Final = "expired"
NOT_YET: Final = "not_yet"
REPLACED: Final = "replaced"
# What ends a certificate by a decision, and what it then is.
ENDED_BY: Final[Mapping[str, str]] = {
    "revoke": "revoked",
    "cancel": "cancelled",
    "correct": REPLACED,
    "reissue": REPLACED,
}
STORED: Final = (VALID, "revoked", "cancelled", REPLACED)
STANDINGS: Final = (*STORED, EXPIRED, NOT_YET)
# Renewal is applied for 30 days before the end (行政许可法 Art. 50); the holder hears of it a month and a week earlier.
APPLY_BEFORE: Final = timedelta(days=30)
REMIND_BEFORE: Final = (timedelta(days=60), timedelta(days=37))
_VALIDITY: Final = re.compile(r"P(?=\d)(?:(\d{1,3})Y)?(?:(\d{1,4})M)?(?:(\d{1,5})D)?")


@dataclass(frozen=True, slots=True)
class Term:
    """The days between which a certificate is in force; None where it has no such end."""

    valid_from: date | None = None
    valid_until: date | None = None


def standing_on(stored: str, term: Term, day: date) -> str:
    """What the certificate is on that day: a decision goes before the days; the last day still counts."""
    if stored != VALID:
        return stored
    if term.valid_until is not None and day > term.valid_until:
        return EXPIRED
    return NOT_YET if term.valid_from is not None and day < term.valid_from else VALID


def reminder_days(term: Term, day: date) -> tuple[date, ...]:
    """The days from `day` on, on which the holder is reminded; the next day where an earlier one has gone by already.

    Nobody is reminded of what may not be applied for any more.
    """
    if term.valid_until is None or term.valid_until - APPLY_BEFORE <= day:
        return ()
    days = [max(term.valid_until - before, day + timedelta(days=1)) for before in REMIND_BEFORE]
    return tuple(dict.fromkeys(days))


def apply_until(term: Term) -> date | None:
    """The last day on which renewal can be applied for in time."""
    return term.valid_until - APPLY_BEFORE if term.valid_until is not None else None


def term_of(valid_from: object, valid_until: object) -> Term:
    """The term that a form's answers name; what is no ISO date is no end."""
    return Term(_day(valid_from), _day(valid_until))


def last_day(first: date, validity: str | None) -> date | None:
    """The last day of a term that begins with `first` and lasts an item's `validity` (P5Y, P6M, P30D).

    The first day is named on the paper and counts whole, so the term ends at 24:00 of the day before the anniversary:
    from 2026-03-01 on P5Y ends on 2031-02-28. Where the month has no such day, its own last day ends the term (民法典
    Art. 202). None for no duration alone, as `P5Y to start building`: such words limit no certificate.
    """
    match = _VALIDITY.fullmatch(validity or "")
    if match is None:
        return None
    years, months, days = (int(one or 0) for one in match.groups())
    anniversary = months_later(first, years * 12 + months)
    counts_whole = timedelta(days=1 if anniversary.day == first.day else 0)
    return anniversary + timedelta(days=days) - counts_whole


def _day(value: object) -> date | None:
    try:
        return date.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
