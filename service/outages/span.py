"""The time of an outage: how far back and how long it may be declared, and where it stands. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from service.errors import Detail, Refused

# So long after it has begun an outage may still be declared: a working day with its lunch break.
MOST_BACK: Final = timedelta(hours=12)
LONGEST: Final = timedelta(days=7)
MOST_AHEAD: Final = timedelta(days=60)
TO_COME, RUNNING, ENTERING, OVER, CALLED_OFF = "to_come", "running", "entering", "over", "called_off"
STATES: Final = (TO_COME, RUNNING, ENTERING, OVER, CALLED_OFF)


@dataclass(frozen=True, slots=True)
class Span:
    """Departments by their codes, none for the whole county; `ends_at` is no instant of the outage any more."""

    departments: Sequence[str]
    starts_at: datetime
    ends_at: datetime

    def concerns(self, department: str) -> bool:
        return not self.departments or department in self.departments

    def overlaps(self, other: Span) -> bool:
        """Whether some department is out by both at some instant."""
        shared = not self.departments or not other.departments or set(self.departments) & set(other.departments)
        return bool(shared) and self.starts_at < other.ends_at and other.starts_at < self.ends_at


def state_of(span: Span, enter_by: datetime, now: datetime) -> str:
    """Where an outage stands: entering goes on until `enter_by`."""
    if span.ends_at <= span.starts_at:
        return CALLED_OFF
    if now < span.starts_at:
        return TO_COME
    if now < span.ends_at:
        return RUNNING
    return ENTERING if now <= enter_by else OVER


def require_declarable(span: Span, now: datetime) -> None:
    """Raises Refused invalid_request where it begins too early or too late, or goes on for too long."""
    if span.starts_at < now - MOST_BACK:
        hours = int(MOST_BACK.total_seconds() // 3600)
        words = f"停机最多追溯 {hours} 小时公告", f"Expected an outage that began at most {hours} hours ago"
        raise wrong_span("too_far_back", *words, "starts_at")
    if span.starts_at > now + MOST_AHEAD:
        words = f"停机最多提前 {MOST_AHEAD.days} 天公告", f"Expected an outage within {MOST_AHEAD.days} days"
        raise wrong_span("too_far_ahead", *words, "starts_at")
    require_length(span)


def require_length(span: Span) -> None:
    """Raises Refused invalid_request where it ends before it begins, or lasts for longer than a week."""
    if not span.starts_at < span.ends_at <= span.starts_at + LONGEST:
        words = (
            f"停机的止点须晚于起点，且不超过 {LONGEST.days} 天",
            f"Expected an end after the beginning, at most {LONGEST.days} days later",
        )
        raise wrong_span("range", *words, "ends_at")


def wrong_span(code: str, zh: str, en: str, field: str) -> Refused:
    return Refused("invalid_request", zh, en, [Detail(code, zh, en, pointer=f"/{field}")])
