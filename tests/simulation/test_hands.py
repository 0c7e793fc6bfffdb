"""At the counter one is served after the other, and no officer goes out without a leaf of the ticket book."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from service.clock import MovedClock
from service.database.session import transaction
from service.database.tables import fine_ticket
from service.database.upgrading import upgrade
from service.demo import tickets
from service.demo.county import found_county
from service.main import build
from service.settings import read_settings
from simulation.hands import DESK_MINUTES, Hands

# A Thursday morning in the county.
MORNING = datetime(2025, 1, 2, 1, 30, tzinfo=UTC)


@pytest.fixture
def hands(tmp_path: Path) -> Iterator[Hands]:
    settings = read_settings({}, data=tmp_path)
    upgrade(settings.database_url)
    built = build(settings, MovedClock(MORNING))
    with transaction(built.engine) as connection:
        found_county(connection, built.services, MORNING - timedelta(days=30))
    hands = Hands(built.engine, built.services, 1)
    hands.now = MORNING
    yield hands
    built.engine.dispose()


def test_whoever_comes_waits_until_the_one_before_has_been_served(hands: Hands) -> None:
    clerk, other = hands.named("zr_clerk"), hands.named("zr_clerk2")
    assert list(hands.queue(clerk)) == []
    waits = hands.queue(clerk)
    until = next(waits)
    shortest = timedelta(minutes=0.8 * DESK_MINUTES[0])
    assert until - MORNING >= shortest
    assert list(hands.queue(other)) == []
    hands.now = until
    assert list(waits) == []
    assert next(hands.queue(clerk)) - until >= shortest


def test_who_comes_last_in_the_day_comes_again_in_the_morning(hands: Hands) -> None:
    clerk = hands.named("zr_clerk")
    hands.now = hands.office_time_before(MORNING.replace(hour=9, minute=28))
    list(hands.queue(clerk))
    again = next(hands.queue(clerk))
    assert again.date() > hands.now.date()
    assert hands.next_office_time(again) == again


def test_an_officer_whose_book_is_used_up_gets_the_next_numbers(hands: Hands) -> None:
    tickets.load_books(hands.engine, hands.now)
    officer = hands.named("cg_officer")
    with transaction(hands.engine) as connection:
        connection.execute(fine_ticket.update().values(status="used"))
    first = tickets.next_ticket(hands.engine, officer, hands.now)
    assert first == f"{tickets.SERIES}-00000086"
    assert tickets.next_ticket(hands.engine, officer, hands.now) == first
