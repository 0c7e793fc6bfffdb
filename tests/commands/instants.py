"""Instants of the county's year 2026, and when alarms were raised."""

from __future__ import annotations

from datetime import datetime, timedelta

from tests.commands.seeing import CST, Seen

TICK = timedelta(microseconds=1)


def at(month: int, day: int, hour: int = 17, minute: int = 30) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=CST)


def midnight_after(month: int, day: int) -> datetime:
    return datetime(2026, month, day, tzinfo=CST) + timedelta(days=1)


def raised(office: Seen, rule: str, number: str | None = None) -> dict[str, datetime]:
    """{colour: when} of a rule's alarms; two of one colour would be a fault."""
    found = [(a.colour, a.raised_at.astimezone(CST)) for a in office.alarms(number, rule=rule)]
    assert len({colour for colour, _ in found}) == len(found), found
    return dict(found)
