"""How supervisors deal with orders: most at once; a few not at all, or in two words, at each level of the ladder."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from sqlalchemy import select

from service.commands.open_notices import open_notices
from service.commands.performing import perform
from service.database.session import reading
from service.database.tables import alarm, case, order_alarm
from service.demo.playing import Task
from simulation.hands import Hands
from simulation.planting.plot import Plot
from simulation.truth import Deed

# Of a hundred orders so many are left lying by level 1, so many answered bare, and so many signed for just in time.
_IDLE_PERCENT, _BARE_PERCENT, _LAST_MINUTE_PERCENT = 6, 6, 8
# Of a hundred that come to level 2 it lets so many lie: those are the control centre's.
_LEVEL2_IDLE_PERCENT = 25
_EVIDENCE = "约谈记录一份、补办时间记录、整改前后照片各两张，均已扫描存档备查。"
# Of a hundred orders about somebody's act level 1 has so many explained and mended by him, who lets a few lie.
_HANDLER_PERCENT, _HANDLER_IDLE_PERCENT = 40, 8


def watch_order(hands: Hands, number: str, plot: Plot) -> Iterator[datetime]:
    """Sign, answer and confirm in time; an idle level 1 is urged by level 2, and an idle level 2 by the centre."""
    roll = plot.chance.randrange(100)
    if roll < _IDLE_PERCENT:
        yield from _leave_lying(hands, number, plot, ("sup1",), "order_left_unsigned")
    else:
        yield hands.next_office_time(hands.office_time(0.1 + 0.5 * hands.chance()))
    bare = _IDLE_PERCENT <= roll < _IDLE_PERCENT + _BARE_PERCENT
    if _IDLE_PERCENT + _BARE_PERCENT <= roll < _IDLE_PERCENT + _BARE_PERCENT + _LAST_MINUTE_PERCENT:
        yield from _at_the_last_minute(hands, number, plot)
    _open(hands, number)
    while (task := hands.open_task(number)) is not None:
        if task.element_id == "urge" and plot.chance.randrange(100) < _LEVEL2_IDLE_PERCENT:
            yield from _leave_lying(hands, number, plot, ("sup2",), "order_left_unurged")
        if task.element_id == "handler_sign" and plot.chance.randrange(100) < _HANDLER_IDLE_PERCENT:
            # Whoever handled the case is no supervisor: he is late.
            yield from _leave_lying(hands, number, plot, (task.post,), "handler_left_unsigned", kind="overdue")
        yield _in_time(hands, task)
        known = hands.open_task(number)
        if known is None:
            return
        who = hands.owner_of(number, known).username
        while (until := hands.absent_until(who)) is not None:
            yield hands.next_office_time(until + timedelta(minutes=2 + 10 * hands.chance()))
            known = hands.open_task(number)
            if known is None:
                return
        _complete(hands, plot, number, known, bare=bare)


def _in_time(hands: Hands, task: Task) -> datetime:
    at = hands.next_office_time(hands.office_time(0.2 + 1.2 * hands.chance()))
    if task.due_at is not None:
        at = min(at, max(hands.now + timedelta(minutes=1), task.due_at - timedelta(minutes=5)))
    return at


def _at_the_last_minute(hands: Hands, number: str, plot: Plot) -> Iterator[datetime]:
    """Read at once, and signed for when the time is nearly over."""
    task = hands.open_task(number, ("sup1",))
    if task is None or task.due_at is None:
        return
    _open(hands, number)
    deed = plot.deed("supervision", "signed_at_the_last_minute", innocent=True)
    deed.about(number)
    deed.act(hands.now)
    yield max(hands.now + timedelta(minutes=1), task.due_at - timedelta(minutes=6 + 20 * hands.chance()))


def _leave_lying(
    hands: Hands, number: str, plot: Plot, posts: tuple[str, ...], form: str, *, kind: str = "supervision"
) -> Iterator[datetime]:
    task = hands.open_task(number, posts)
    if task is None or task.due_at is None:
        return
    deed = plot.deed(kind, form)
    deed.about(number)
    deed.begun_at, due = hands.now, task.due_at
    yield due + timedelta(minutes=2)
    late = hands.open_task(number, posts)
    if late is not None and late.id == task.id:
        deed.act(due)
    yield hands.next_office_time(hands.office_time(3))


def _open(hands: Hands, number: str) -> None:
    """The supervisor opens the order's page."""
    supervisor = hands.supervisor_of(number)
    case_id = hands.case_id(number)
    perform(hands.engine, lambda c: open_notices(c, supervisor, case_id, hands.now))


def _complete(hands: Hands, plot: Plot, number: str, task: Task, *, bare: bool) -> None:
    answers = task.element_id in ("answer", "handler_answer")
    said = {"evidence": "已改" if bare else _EVIDENCE} if answers else {}
    if task.element_id == "sign" and not bare and _has_handler(hands, plot, number):
        said = {"sent_to": "handler"}
    hands.complete_order(number, task, said)
    if answers and bare:
        deed = plot.deed("supervision", "order_answered_bare")
        deed.about(number)
        deed.act(hands.now)
    if answers:
        _watch_the_stubborn(hands, plot, number)


def _has_handler(hands: Hands, plot: Plot, number: str) -> bool:
    """Whether level 1 lets the handler explain and mend."""
    return plot.chance.randrange(100) < _HANDLER_PERCENT and hands.handler_of(number) is not None


def _watch_the_stubborn(hands: Hands, plot: Plot, number: str) -> None:
    """In some cases nothing changes though the order about them is answered: it is so when some days are over."""
    days = plot.published.figure("supervision.unchanged", "days", 3)
    for about in _cases_of(hands, number):
        if (deed := plot.stubborn.pop(about, None)) is not None and (step := hands.open_task(about)) is not None:
            # What is answered of it next changes nothing either.
            plot.stubborn[about] = plot.deed("supervision", deed.form)
            at = hands.calendar.add_working_days(hands.now, days)
            plot.later(at, _unchanged(hands, deed, number, about, step, at))


def _unchanged(hands: Hands, deed: Deed, order: str, about: str, step: Task, at: datetime) -> Iterator[datetime]:
    known = hands.open_task(about)
    if known is not None and known.id == step.id:
        deed.about(order)
        deed.begun_at = hands.now
        deed.act(at)
    yield from ()


def _cases_of(hands: Hands, number: str) -> list[str]:
    """The cases that the order's alarms are about."""
    order = select(case.c.id).where(case.c.number == number).scalar_subquery()
    asked = (
        select(case.c.number)
        .join(alarm, alarm.c.case_id == case.c.id)
        .join(order_alarm, order_alarm.c.alarm_id == alarm.c.id)
        .where(order_alarm.c.order_case_id == order)
        .distinct()
    )
    with reading(hands.engine) as connection:
        return list(connection.execute(asked).scalars())
