"""How level-1 and level-2 supervisors deal with orders: most at once, a few not at all, which is a breach."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from simulation.hands import Hands
from simulation.planting.plot import Plot

# Of a hundred orders so many are left lying by level 1.
_IDLE_PERCENT = 4


def watch_order(hands: Hands, number: str, plot: Plot) -> Iterator[datetime]:
    """Sign, answer and confirm in time; an idle level 1 is urged by level 2 after a day."""
    idle = plot.chance.randrange(100) < _IDLE_PERCENT
    if idle:
        task = hands.open_task(number, ("sup1",))
        if task is not None and task.due_at is not None:
            deed = plot.deed("supervision", "order_left_unsigned")
            deed.about(number)
            due = task.due_at
            yield due + timedelta(minutes=2)
            late = hands.open_task(number, ("sup1",))
            if late is not None and late.id == task.id:
                deed.act(due)
            yield hands.next_office_time(hands.office_time(3))
    while (task := hands.open_task(number, ("sup1", "sup2", "centre"))) is not None:
        at = hands.next_office_time(hands.office_time(0.2 + 1.5 * hands.chance()))
        if task.due_at is not None:
            at = min(at, max(hands.now + timedelta(minutes=1), task.due_at - timedelta(minutes=5)))
        yield at
        known = hands.open_task(number, ("sup1", "sup2", "centre"))
        if known is None:
            return
        hands.complete_order_step(number, known)
