"""What can be seen of the county from outside a transaction: rows, as tests ask for them."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone
from typing import Any

from sqlalchemy import Connection, Engine, Row, func, select

from service.catalogue.item import PowerItem
from service.commands.services import Services
from service.database.session import reading, transaction
from service.database.tables import (
    alarm,
    attachment,
    case,
    document,
    due_row,
    event,
    metadata,
    notice,
    order_alarm,
    payment_notice,
    supervision_order,
    user_task,
)
from service.fees.books import read_books
from service.fees.ledger import Books
from tests.commands.record import loaded, unsound

CST = timezone(timedelta(hours=8))


class Seen:
    """Methods that take a `number` mean the case started last when none is given."""

    engine: Engine
    services: Services
    now: datetime
    number: str
    _known: dict[str, Row[Any]]
    _reader: Connection | None

    @contextmanager
    def looking(self) -> Iterator[Connection]:
        """A connection that only reads: on PostgreSQL the test's own thread keeps one that begins nothing."""
        if self.engine.dialect.name == "sqlite" or threading.current_thread() is not threading.main_thread():
            with reading(self.engine) as connection:
                yield connection
            return
        if self._reader is None:
            self._reader = self.engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        yield self._reader

    def close(self) -> None:
        """Give up the connection; the next look opens another."""
        if self._reader is not None:
            self._reader.close()
            self._reader = None

    def rows(self, statement: Any) -> list[Row[Any]]:
        with self.looking() as connection:
            return list(connection.execute(statement))

    def known(self, number: str | None = None) -> Row[Any]:
        """What of a case never changes: its id, department and definition."""
        number = number or self.number
        if number not in self._known:
            columns = (case.c.id, case.c.department, case.c.definition_id)
            self._known[number] = self.rows(select(*columns).where(case.c.number == number))[0]
        return self._known[number]

    def case(self, number: str | None = None) -> Row[Any]:
        return self.rows(select(case).where(case.c.number == (number or self.number)))[0]

    def task(self, element: str, number: str | None = None, status: str = "open") -> Row[Any]:
        found = self.tasks(element, number, status)
        assert len(found) == 1, f"{element} is {status} {len(found)} times; open are {self.open_steps(number)}"
        return found[0]

    def tasks(self, element: str, number: str | None = None, status: str = "open") -> list[Row[Any]]:
        of_case = user_task.c.case_id == self.known(number).id
        named = user_task.c.element_id == element
        return self.rows(
            select(user_task).where(of_case, named, user_task.c.status == status).order_by(user_task.c.entered_at)
        )

    def is_open(self, element: str, number: str | None = None) -> bool:
        return element in self.open_steps(number)

    def open_steps(self, number: str | None = None) -> list[str]:
        """Where the case stands, as the last entries and completions of its history tell."""
        open_tasks = self.rows(
            select(user_task.c.element_id).where(
                user_task.c.case_id == self.known(number).id, user_task.c.status == "open"
            )
        )
        return sorted([row.element_id for row in open_tasks] + self._waits(number))

    def _waits(self, number: str | None) -> list[str]:
        """Steps that wait for a message or an instant; only the engine's bytes know them."""
        with transaction(self.engine) as connection:
            return [
                step.element.id for step in loaded(connection, self.services, self.known(number).id).waiting_steps()
            ]

    def history(self, number: str | None = None, kind: str | None = None) -> list[dict[str, Any]]:
        """Events in order with their payloads."""
        found = self.rows(select(event).where(event.c.case_id == self.known(number).id).order_by(event.c.seq))
        rows = [{**row._mapping, "payload": json.loads(row.payload)} for row in found]
        return [row for row in rows if kind is None or row["kind"] == kind]

    def alarms(self, number: str | None = None, **where: str) -> list[Row[Any]]:
        """Alarms of a case in the order in which they were raised."""
        of_case = select(alarm).where(alarm.c.case_id == self.known(number).id)
        for column, value in where.items():
            of_case = of_case.where(alarm.c[column] == value)
        return self.rows(of_case.order_by(alarm.c.id))

    def orders(self, number: str | None = None) -> list[Row[Any]]:
        """Orders about a case, each with its own `number`, its `case_status` and how many alarms it gathers."""
        gathered = (
            select(func.count())
            .where(order_alarm.c.order_case_id == supervision_order.c.case_id)
            .correlate(supervision_order)
            .scalar_subquery()
        )
        columns = (supervision_order, case.c.number, case.c.status.label("case_status"), gathered.label("alarms"))
        return self.rows(
            select(*columns)
            .join(case, case.c.id == supervision_order.c.case_id)
            .where(supervision_order.c.about_case_id == self.known(number).id)
            .order_by(supervision_order.c.case_id)
        )

    def notices(self, number: str | None = None, **where: str) -> list[Row[Any]]:
        of_case = select(notice).where(notice.c.case_id == self.known(number).id)
        for column, value in where.items():
            of_case = of_case.where(notice.c[column] == value)
        return self.rows(of_case.order_by(notice.c.id))

    def documents(self, number: str | None = None) -> list[Row[Any]]:
        """What the case has made, in order."""
        return self.rows(select(document).where(document.c.case_id == self.known(number).id).order_by(document.c.id))

    def files(self, number: str | None = None) -> list[Row[Any]]:
        """What is on record for materials, and was not taken off."""
        of_case = attachment.c.case_id == self.known(number).id, attachment.c.removed_at.is_(None)
        return self.rows(select(attachment).where(*of_case).order_by(attachment.c.id))

    def payment_notices(self, number: str | None = None) -> list[Row[Any]]:
        of_case = payment_notice.c.case_id == self.known(number).id
        return self.rows(select(payment_notice).where(of_case).order_by(payment_notice.c.id))

    def books(self, number: str | None = None) -> Books:
        """What the ledger says of a case."""
        with self.looking() as connection:
            return read_books(connection, self.known(number).id)

    def all_due_rows(self, number: str | None = None) -> list[Row[Any]]:
        return self.rows(select(due_row).where(due_row.c.case_id == self.known(number).id))

    def due_rows(self, number: str | None = None) -> dict[tuple[str, str], datetime]:
        """{(element, role): instant} of what is armed on a case."""
        armed = [row for row in self.all_due_rows(number) if row.state == 0]
        return {(row.element_id, row.role): row.due_at.astimezone(CST) for row in armed}

    def known_item(self, code: str) -> PowerItem | None:
        """The item in force; None for one that is unknown or suspended."""
        with self.looking() as connection:
            return self.services.items.current(connection, code)

    def item(self, code: str) -> PowerItem:
        item = self.known_item(code)
        assert item is not None
        return item

    def everything(self) -> dict[str, list[tuple[Any, ...]]]:
        """Every row of every table, to be compared with later."""
        with self.looking() as connection:
            return {
                t.name: sorted((tuple(r) for r in connection.execute(select(t))), key=repr)
                for t in metadata.sorted_tables
            }

    def expect_a_sound_record(self) -> None:
        with transaction(self.engine) as connection:
            assert unsound(connection, self.services) == []
