"""Dates that a calendar without the State Council's notice gave are told as provisional."""

from __future__ import annotations

from datetime import date, datetime

from service.web.county_calendar import is_provisional
from service.web.pages.words import say


def flagged(text: str, at: datetime | date | None) -> str:
    """2027-01-06 17:30（暂计）."""
    return say("%(date)s（暂计）", date=text) if is_provisional(at) else text
