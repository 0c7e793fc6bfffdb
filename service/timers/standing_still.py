"""When a clock stood still: spans of instants. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, time, timedelta

from service.working_time import Limit, WorkingCalendar

Span = tuple[datetime, datetime]
# What ends at an instant is over just after it, as a timer fires.
JUST_AFTER = timedelta(microseconds=1)


def merged(stopped: Iterable[Sequence[str]]) -> list[Span]:
    """Overlapping stops count once; instants come as their ISO 8601 texts."""
    spans = sorted((datetime.fromisoformat(a), datetime.fromisoformat(b)) for a, b in stopped)
    found: list[Span] = []
    for start, end in spans:
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((start, end))
    return found


def counting_from(calendar: WorkingCalendar, limit: Limit, since: datetime, at: datetime) -> datetime:
    """`at`, but not before a limit in days begins to count: its first day does not (民法典 201)."""
    if limit.unit not in ("working_days", "natural_days"):
        return at
    following = calendar.local_date(since) + timedelta(days=1)
    return max(at, datetime.combine(following, time(), tzinfo=calendar.zone) + JUST_AFTER)
