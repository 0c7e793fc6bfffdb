"""收费异常: fines taken in the street that stay in the officer's pocket; and those that come to the bank in time.

A case cannot be closed before its money is there: the ledger refuses it. What can be is that the money was taken and
is kept, while the case waits.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from sqlalchemy import select

from service.database.session import reading
from service.database.tables import case, fine_ticket
from service.demo.playing import Task
from simulation.hands import Hands
from simulation.planting.plot import Plot
from simulation.truth import Deed

ITEM = "LJ-CG-CF-002"
# The desk whose officers have books of tickets.
_WITH_TICKETS = 0


def fine_kept(plot: Plot) -> None:
    """The two days of the law are over, and the officer still has the money."""
    _spot_fine(plot, plot.deed("fee", "fine_kept"))


def fine_handed_in_late(plot: Plot) -> None:
    """The officer brings the money in the last hours of the two days."""
    _spot_fine(plot, plot.deed("fee", "fine_handed_in_late", innocent=True))


def _spot_fine(plot: Plot, deed: Deed) -> None:
    course = plot.arrivals.course(ITEM, plot.arrivals.moment(0.85), _WITH_TICKETS)

    def holds(hands: Hands, number: str, _task: Task | None) -> Iterator[datetime]:
        officer, due_at = _ticket(hands, number)
        deed.about(number, officer)
        deed.department = "CG"
        if deed.innocent:
            yield hands.office_time_before(max(hands.now, due_at - timedelta(minutes=30 + 90 * hands.chance())))
            hands.hand_in_cash(number)
            deed.act(hands.now)
            return
        deed.begun_at = hands.now
        deed.act(due_at)
        plot.wake(due_at + timedelta(seconds=1))
        yield hands.next_office_time(due_at + timedelta(hours=20 + 10 * hands.chance()))
        hands.hand_in_cash(number)

    course.episodes["cash_received"] = holds
    plot.take(course)


def _ticket(hands: Hands, number: str) -> tuple[int, datetime]:
    asked = (
        select(fine_ticket.c.taken_by, fine_ticket.c.hand_over_by)
        .join(case, case.c.id == fine_ticket.c.case_id)
        .where(case.c.number == number)
    )
    with reading(hands.engine) as connection:
        row = connection.execute(asked).one()
    return row.taken_by, row.hand_over_by


BREACHES = {fine_kept: 3}
INNOCENT = {fine_handed_in_late: 3}
