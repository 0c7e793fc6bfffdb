"""The time of an outage: how far back and how long it may be declared, and where it stands. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from service.errors import Detail, Refused

TO_COME, RUNNING, ENTERING, OVER, CALLED_OFF = "to_come", "running", "entering", "over", "called_off"
STATES: Final = (TO_COME, RUNNING, ENTERING, OVER, CALLED_OFF)


@dataclass(frozen=True, slots=True)
class Bounds:
    """What the county allows (`people/county_settings.py`): after 12 hours a working day with its break is over."""

    most_back_hours: int = 12
    longest_days: int = 7
    most_ahead_days: int = 60


USUAL: Final = Bounds()


def bounds_of(chosen: Mapping[str, Any] | None) -> Bounds:
    """What the county has chosen, or the usual bounds."""
    return USUAL if chosen is None else Bounds(**chosen)


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


def require_declarable(span: Span, now: datetime, bounds: Bounds = USUAL) -> None:
    """Raises Refused invalid_request where it begins too early or too late, or goes on for too long."""
    hours, days = bounds.most_back_hours, bounds.most_ahead_days
    if span.starts_at < now - timedelta(hours=hours):
        words = f"停机最多追溯 {hours} 小时公告", f"Expected an outage that began at most {hours} hours ago"
        raise wrong_span("too_far_back", *words, "starts_at")
    if span.starts_at > now + timedelta(days=days):
        words = f"停机最多提前 {days} 天公告", f"Expected an outage within {days} days"
        raise wrong_span("too_far_ahead", *words, "starts_at")
    require_length(span, bounds)


def require_length(span: Span, bounds: Bounds = USUAL) -> None:
    """Raises Refused invalid_request where it ends before it begins, or lasts for longer than the county allows."""
    if not span.starts_at < span.ends_at <= span.starts_at + timedelta(days=bounds.longest_days):
        words = (
            f"停机的止点须晚于起点，且不超过 {bounds.longest_days} 天",
            f"Expected an end after the beginning, at most {bounds.longest_days} days later",
        )
        raise wrong_span("range", *words, "ends_at")


def wrong_span(code: str, zh: str, en: str, field: str) -> Refused:
    return Refused("invalid_request", zh, en, [Detail(code, zh, en, pointer=f"/{field}")])
