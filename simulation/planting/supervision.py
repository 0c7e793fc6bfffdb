"""监察不到位: mornings without a supervisor, answers after which all goes on; the rest follows from orders."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import date, datetime, time, timedelta

from sqlalchemy import select

from service.database.session import reading, transaction
from service.database.tables import case, event, user_task
from service.demo.playing import Task
from service.people.sign_in import record_signing_in
from simulation.hands import Hands
from simulation.planting.plot import Plant, Plot
from simulation.truth import Deed

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
            elsewhere = {name for name, due in _work_due(hands, day).items() if _does_not_come(plot, name, day, due)}
            there = [name for _, name in people if name not in elsewhere and not hands.is_away(name, day)]
            _sign_in(hands, there)

    plot.happens(datetime.combine(days[0], time(0, 5), zone), morning())


def _does_not_come(plot: Plot, username: str, day: date, due: Mapping[str, datetime]) -> bool:
    """Whether the supervisor is not there in time; when he comes is planned then."""
    roll, zone = plot.chance.randrange(100), plot.hands.calendar.zone
    hour = plot.published.figure("supervision.offline", "hour", 10)
    ten = datetime.combine(day, time(hour), zone)
    if roll < _ABSENT_PERCENT:
        comes = ten + plot.seconds(1200, 5 * 3600)
        plot.hands.stay_away(username, comes)
        deed = plot.deed("supervision", "absent_supervisor")
        deed.begun_at = datetime.combine(day, time(8, 30), zone)
        plot.later(ten, _missed(plot.hands, deed, username, day))
        plot.later(comes, _comes(plot.hands, username, day, deed))
        return True
    late = datetime.combine(day, time(9, 5), zone) + plot.seconds(0, 50 * 60)
    if roll < _ABSENT_PERCENT + _LATE_PERCENT and min(due.values()) > ten:
        plot.hands.stay_away(username, late)
        deed = plot.deed("supervision", "late_but_there", innocent=True)
        deed.about(None, plot.hands.named(username).person_id)
        deed.act(late)
        plot.later(late, _comes(plot.hands, username, day))
        return True
    return False


def _missed(hands: Hands, deed: Deed, username: str, day: date) -> Iterator[datetime]:
    """At ten work is due of somebody who is not there."""
    due = _work_due(hands, day).get(username)
    if due and not _has_acted(hands, username, day):
        deed.about(None, hands.named(username).person_id)
        for number in due:
            deed.about(number)
        deed.act(hands.now)
    else:
        # Nothing is due, or he works elsewhere: nobody misses him.
        hands.stay_away(username, hands.now)
    yield from ()


def _has_acted(hands: Hands, username: str, day: date) -> bool:
    asked = select(event.c.seq).where(
        event.c.actor == hands.actor(username).person_id,
        event.c.at >= datetime.combine(day, time(), hands.calendar.zone),
    )
    with reading(hands.engine) as connection:
        return connection.execute(asked.limit(1)).first() is not None


def _comes(hands: Hands, username: str, day: date, deed: Deed | None = None) -> Iterator[datetime]:
    if deed is not None and deed.done_at is not None:
        for number in _work_due(hands, day + timedelta(days=3)).get(username, ()):
            deed.about(number)
    _sign_in(hands, [username])
    yield from ()


def _work_due(hands: Hands, day: date) -> dict[str, dict[str, datetime]]:
    """Level-1 supervisors and their orders with an open step that is due by the end of the day, or late."""
    ends = datetime.combine(day + timedelta(days=1), time(), hands.calendar.zone)
    asked = (
        select(user_task.c.department, user_task.c.due_at, case.c.number)
        .join(case, case.c.id == user_task.c.case_id)
        .where(user_task.c.post == "sup1", user_task.c.status == "open", user_task.c.due_at < ends)
        .where(case.c.kind == "order")
    )
    found: dict[str, dict[str, datetime]] = defaultdict(dict)
    known = set(hands.usernames.values())
    with reading(hands.engine) as connection:
        for row in connection.execute(asked):
            if (username := f"{row.department.lower()}{_LEVEL_1}") in known:
                found[username][row.number] = row.due_at
    return found


def _sign_in(hands: Hands, usernames: list[str]) -> None:
    """One after the other within some minutes."""
    with transaction(hands.engine) as connection:
        for place, username in enumerate(usernames):
            person = hands.actor(username).person_id
            record_signing_in(connection, person, "page", hands.now + timedelta(seconds=5 * place), "", None)


BREACHES = {answered_unchanged: 3}
# Others come by the mornings and by the orders (`simulation.supervisors`).
INNOCENT: dict[Plant, int] = {}
