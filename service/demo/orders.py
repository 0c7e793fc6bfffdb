"""How the county's supervisors and handlers deal with an order: prompt, late, or not at all; some ask for more time."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import select

from service.commands.order_extension import AskExtension, ask_extension, decide_extension
from service.commands.order_handlers import HANDLER_STEPS
from service.commands.performing import perform
from service.database.session import reading
from service.database.tables import case, order_extension, person, supervision_order
from service.demo.playing import Player, Task

# Of how diligent level 1 is by chance: never looks, leaves it to level 2, is late, asks for time, asks the handler.
_NEVER, _LEFT, _LATE, _MORE_TIME, _BY_HANDLER = 0.05, 0.2, 0.35, 0.5, 0.75


def watch_order(player: Player, number: str, diligent: float) -> Iterator[datetime]:
    """A level-1 supervisor with an order; level 2 urges what is left lying."""
    if diligent < _NEVER:
        return
    delay = 1.5 if diligent > _LATE else 7 + 20 * diligent
    posts = ("sup1", "sup2") if diligent > _LEFT else ("sup2",)
    while True:
        yield player.office_time(delay + player.chance())
        handler = _handler(player, number)
        task = player.open_task(number, () if handler is not None and diligent > _BY_HANDLER else posts)
        if task is None:
            return
        if task.element_id == "answer" and _LATE < diligent < _MORE_TIME:
            yield from _with_more_time(player, number, task)
            if not _still_open(player, number, task):
                continue
        changes = {"sent_to": "handler"} if task.element_id == "sign" and handler and diligent > _BY_HANDLER else {}
        who = handler if task.element_id in HANDLER_STEPS else None
        player.complete_order_step(number, task, changes, who)
        delay = 2


def _with_more_time(player: Player, number: str, task: Task) -> Iterator[datetime]:
    """Two days more, granted after an hour; the answer comes a day later."""
    with reading(player.engine) as connection:
        department = connection.execute(select(case.c.department).where(case.c.number == number)).scalar_one()
    level1, level2 = player.actor(f"{department.lower()}_sup1"), player.actor("sup2")
    calendar = player.calendar
    if task.due_at is None or task.due_at < player.now:
        return
    until = calendar.local_date(calendar.add_working_days(calendar.local_date(task.due_at), 2))
    command = AskExtension(task.id, until, "当事人外出，须待其返回后核实。")
    perform(player.engine, lambda c: ask_extension(c, player.services, level1, command, player.now))
    yield player.office_time(1)
    if not _still_open(player, number, task):
        return
    with reading(player.engine) as connection:
        asked = select(order_extension.c.id).where(order_extension.c.task_id == task.id)
        extension_id = connection.execute(asked).scalar_one()

    def decided(connection: Any) -> None:
        decide_extension(
            connection, player.services, level2, number, extension_id, "情况属实，同意。", player.now, granted=True
        )

    perform(player.engine, decided)
    yield player.office_time(7)


def _still_open(player: Player, number: str, task: Task) -> bool:
    known = player.open_task(number, (task.post,))
    return known is not None and known.id == task.id


def _handler(player: Player, number: str) -> str | None:
    """The user name of whom the order names."""
    asked = (
        select(person.c.username)
        .join(supervision_order, supervision_order.c.handler_id == person.c.id)
        .join(case, case.c.id == supervision_order.c.case_id)
        .where(case.c.number == number)
    )
    with reading(player.engine) as connection:
        return connection.execute(asked).scalar_one_or_none()
