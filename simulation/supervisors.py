"""How level-1 and level-2 supervisors deal with orders: most at once; a few not at all, or in two words."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from service.commands.open_notices import open_notices
from service.commands.performing import perform
from service.demo.playing import Task
from simulation.hands import Hands
from simulation.planting.plot import Plot

# Of a hundred orders so many are left lying by level 1, and so many answered bare.
_IDLE_PERCENT, _BARE_PERCENT = 4, 4
_EVIDENCE = "约谈记录一份、补办时间记录、整改前后照片各两张，均已扫描存档备查。"
_LADDER = ("sup1", "sup2", "centre")


def watch_order(hands: Hands, number: str, plot: Plot) -> Iterator[datetime]:
    """Sign, answer and confirm in time; an idle level 1 is urged by level 2 after a day."""
    roll = plot.chance.randrange(100)
    if roll < _IDLE_PERCENT:
        yield from _leave_lying(hands, number, plot)
    else:
        yield hands.next_office_time(hands.office_time(0.3 + 0.7 * hands.chance()))
    bare = _IDLE_PERCENT <= roll < _IDLE_PERCENT + _BARE_PERCENT
    _open(hands, number)
    while (task := hands.open_task(number, _LADDER)) is not None:
        yield _in_time(hands, task)
        known = hands.open_task(number, _LADDER)
        if known is None:
            return
        _complete(hands, plot, number, known, bare=bare)


def _in_time(hands: Hands, task: Task) -> datetime:
    at = hands.next_office_time(hands.office_time(0.2 + 1.2 * hands.chance()))
    if task.due_at is not None:
        at = min(at, max(hands.now + timedelta(minutes=1), task.due_at - timedelta(minutes=5)))
    return at


def _leave_lying(hands: Hands, number: str, plot: Plot) -> Iterator[datetime]:
    task = hands.open_task(number, ("sup1",))
    if task is None or task.due_at is None:
        return
    deed = plot.deed("supervision", "order_left_unsigned")
    deed.about(number)
    deed.begun_at, due = hands.now, task.due_at
    yield due + timedelta(minutes=2)
    late = hands.open_task(number, ("sup1",))
    if late is not None and late.id == task.id:
        deed.act(due)
    yield hands.next_office_time(hands.office_time(3))


def _open(hands: Hands, number: str) -> None:
    """The supervisor opens the order's page."""
    supervisor = hands.supervisor_of(number)
    case_id = hands.case_id(number)
    perform(hands.engine, lambda c: open_notices(c, supervisor, case_id, hands.now))


def _complete(hands: Hands, plot: Plot, number: str, task: Task, *, bare: bool) -> None:
    answers = task.element_id == "answer"
    said = {"evidence": "已改" if bare else _EVIDENCE} if answers else {}
    hands.complete_order(number, task, said)
    if answers and bare:
        deed = plot.deed("supervision", "order_answered_bare")
        deed.about(number)
        deed.act(hands.now)
