"""监察不到位: what supervisors leave undone follows their orders (`simulation.supervisors`); here is their morning."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, time, timedelta

from service.database.session import transaction
from service.people.sign_in import record_signing_in
from simulation.hands import Hands
from simulation.planting.plot import Plot


def mornings(plot: Plot) -> None:
    """Everybody signs in on every working day, unless he is away."""
    hands = plot.hands
    zone, days = hands.calendar.zone, plot.arrivals.days_with_aftermath

    def morning() -> Iterator[datetime]:
        people = sorted(hands.usernames.items())
        for day in days:
            yield datetime.combine(day, time(8, 52), zone)
            _sign_in(hands, [person for person, username in people if not hands.is_away(username, day)])

    plot.happens(datetime.combine(days[0], time(0, 5), zone), morning())


def _sign_in(hands: Hands, people: list[int]) -> None:
    """One after the other within some minutes."""
    with transaction(hands.engine) as connection:
        for place, person in enumerate(people):
            record_signing_in(connection, person, "page", hands.now + timedelta(seconds=5 * place), "", None)
