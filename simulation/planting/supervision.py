"""监察不到位: mornings without a supervisor, answers after which all goes on; the rest follows from orders."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

from sqlalchemy import select

from service.database.session import reading, transaction
from service.database.tables import user_task
from service.demo.playing import Task
from service.people.sign_in import record_signing_in
from simulation.hands import Hands
from simulation.planting.plot import Plant, Plot

# Of a hundred mornings on which a level-1 supervisor has work due, so many pass without him, and he is late on others.
_ABSENT_PERCENT, _LATE_PERCENT = 20, 20
_LEVEL_1 = "_sup1"
# So long a step is left lying where the answer to the order says that it is done.
_LIES = timedelta(days=12)


def answered_unchanged(plot: Plot) -> None:
    """A step is late, the supervisor answers the order, and the step goes on lying there."""
    course = plot.arrivals.course("LJ-SG-XK-001", plot.arrivals.moment(0.7))
    course.past_due["decide"] = _LIES
    course.does("decide", plot.deed("overdue", "step_left_lying"))
    deed = plot.deed("supervision", "answered_unchanged")

    def begun(_hands: Hands, number: str, _task: Task | None) -> Iterator[datetime]:
        plot.stubborn[number] = deed
        yield from ()

    course.episodes["started"] = begun
    plot.take(course)


def mornings(plot: Plot) -> None:
    """Everybody signs in on every working day, unless he is away; supervisors come late or not at all on a few."""
    hands = plot.hands
    zone, days = hands.calendar.zone, plot.arrivals.days_with_aftermath

    def morning() -> Iterator[datetime]:
        people = sorted(hands.usernames.items())
        for day in days:
            yield datetime.combine(day, time(8, 52), zone)
            elsewhere = {username for username in _with_work_due(hands, day) if _does_not_come(plot, username, day)}
            there = [name for _, name in people if name not in elsewhere and not hands.is_away(name, day)]
            _sign_in(hands, there)

    plot.happens(datetime.combine(days[0], time(0, 5), zone), morning())


def _does_not_come(plot: Plot, username: str, day: date) -> bool:
    """Whether the supervisor is not there in time; when he comes is planned then."""
    roll, zone = plot.chance.randrange(100), plot.hands.calendar.zone
    if roll < _ABSENT_PERCENT:
        hour = plot.published.figure("supervision.offline", "hour", 10)
        ten = datetime.combine(day, time(hour), zone)
        comes = ten + plot.seconds(1200, 5 * 3600)
        plot.hands.stay_away(username, comes)
        plot.later(ten, _missed(plot, username, day, ten))
        plot.later(comes, _comes(plot.hands, username))
        return True
    if roll < _ABSENT_PERCENT + _LATE_PERCENT:
        comes = datetime.combine(day, time(9, 5), zone) + plot.seconds(0, 50 * 60)
        plot.hands.stay_away(username, comes)
        deed = plot.deed("supervision", "late_but_there", innocent=True)
        deed.about(None, plot.hands.named(username).person_id)
        deed.act(comes)
        plot.later(comes, _comes(plot.hands, username))
        return True
    return False


def _missed(plot: Plot, username: str, day: date, ten: datetime) -> Iterator[datetime]:
    """At ten work is due of somebody who is not there."""
    if username in _with_work_due(plot.hands, day):
        deed = plot.deed("supervision", "absent_supervisor")
        deed.about(None, plot.hands.named(username).person_id)
        deed.begun_at = datetime.combine(day, time(8, 30), ten.tzinfo)
        deed.act(ten)
    yield from ()


def _comes(hands: Hands, username: str) -> Iterator[datetime]:
    _sign_in(hands, [username])
    yield from ()


def _with_work_due(hands: Hands, day: date) -> set[str]:
    """Level-1 supervisors with an open step of an order that is due by the end of the day, or late."""
    ends = datetime.combine(day + timedelta(days=1), time(), hands.calendar.zone)
    asked = select(user_task.c.department).where(
        user_task.c.post == "sup1", user_task.c.status == "open", user_task.c.due_at < ends
    )
    with reading(hands.engine) as connection:
        found = {f"{department.lower()}{_LEVEL_1}" for department in connection.execute(asked).scalars()}
    return found & set(hands.usernames.values())


def _sign_in(hands: Hands, usernames: list[str]) -> None:
    """One after the other within some minutes."""
    with transaction(hands.engine) as connection:
        for place, username in enumerate(usernames):
            person = hands.actor(username).person_id
            record_signing_in(connection, person, "page", hands.now + timedelta(seconds=5 * place), "", None)


BREACHES = {answered_unchanged: 3}
# Others come by the mornings and by the orders (`simulation.supervisors`).
INNOCENT: dict[Plant, int] = {}
