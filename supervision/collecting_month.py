"""What a pass sees of the last month: steps done, cases ended, fines, reductions, volumes, windows."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, bindparam, exists, func, select

from service.commands.services import Services
from service.database.in_text import in_text
from service.database.rows import read_rows
from service.database.tables import (
    case,
    department,
    event,
    fee_change,
    person,
    power_item,
    user_task,
)
from service.reads.attendance import Span, attendance_of
from supervision.collecting_papers import OF_CASE, case_ref
from supervision.collecting_steps import MONTH
from supervision.collecting_volumes import imported_volumes
from supervision.facts import Absent, Act, Band, Done, Ending, Fine, Intake, Place, Reduction, Volume
from supervision.remembering import Memory

REDUCTIONS_OF = timedelta(days=90)
# Three weeks of a window, before a silence of two and more with a festival in it.
INTAKES_OF = timedelta(days=50)
VOLUME_DAYS = 30
EARLIER_YEARS = (1, 2)
_REDUCED = select(
    exists()
    .where(fee_change.c.kind == in_text("reduction"), fee_change.c.opened_at >= bindparam("since"))
    .label("reduced")
)
_REDUCTIONS = (
    select(fee_change.c.opened_at, fee_change.c.amount_fen, fee_change.c.opened_by, person.c.name, *OF_CASE)
    .add_columns(case.c.id.label("case_id"))
    .join(case, case.c.id == fee_change.c.of_case_id)
    .join(person, person.c.id == fee_change.c.opened_by)
    .where(fee_change.c.kind == in_text("reduction"), fee_change.c.opened_at >= bindparam("since"))
    .order_by(fee_change.c.opened_at)
)
_FEE_CASES = (
    select(case.c.department, func.count(event.c.case_id.distinct()).label("cases"))
    .join(case, case.c.id == event.c.case_id)
    .where(event.c.kind == in_text("payment_notice_made"), event.c.at >= bindparam("since"))
    .group_by(case.c.department)
)
_STARTED = (
    select(event.c.at, case.c.department)
    .join(case, case.c.id == event.c.case_id)
    .where(event.c.kind == in_text("case_started"), event.c.at >= bindparam("since"), event.c.actor.is_not(None))
    .where(case.c.kind == in_text("item"))
)
_ANSWERS = (
    select(user_task.c.case_id, user_task.c.answers)
    .where(user_task.c.case_id.in_(bindparam("cases", expanding=True)), user_task.c.status == in_text("completed"))
    .order_by(user_task.c.completed_at, user_task.c.id)
)
_DEPARTMENTS = select(department)
_FIRST = (
    select(case.c.power_item, func.min(case.c.created_at).label("first"))
    .where(case.c.power_item.is_not(None))
    .group_by(case.c.power_item)
)
_COUNTS = (
    select(case.c.power_item, func.count().label("cases"))
    .where(case.c.power_item.is_not(None))
    .where(case.c.created_at >= bindparam("since"), case.c.created_at < bindparam("until"))
    .group_by(case.c.power_item)
)
_ACTIVE = select(*(power_item.c[name] for name in ("code", "department", "category", "name_zh", "name_en"))).where(
    power_item.c.current.is_(True), power_item.c.status == in_text("active")
)


class Month:
    """One pass's reading of what lies further back than bursts and nights."""

    def __init__(self, connection: Connection, services: Services, now: datetime, memory: Memory) -> None:
        self._connection = connection
        self._services = services
        self._memory = memory
        self._now = now
        self._calendar = services.calendars.get(connection)

    def whole(self) -> dict[str, Any]:
        """Facts by name, of everybody and every item."""
        return {
            "done": self.done(),
            "month_endings": self.endings(self._now - MONTH),
            **self._reductions(),
            "volumes": (*self.volumes(), *imported_volumes(self._connection, self._calendar, self._now)),
            "intakes": self.intakes(),
        }

    def news(self, since: datetime, acts: Iterable[Act], endings: Iterable[Ending]) -> dict[str, Any]:
        """Of the same, what the acts since then can have changed: the month of those people and items."""
        people = {act.person_id for act in acts if act.kind == "task_completed" and act.at >= since}
        items = {one.case.place.item for one in endings if one.at >= since}
        found: dict[str, Any] = {"done": self.done(people)} if people else {}
        if items:
            month = self.endings(self._now - MONTH)
            found["month_endings"] = tuple(one for one in month if one.case.place.item in items)
        if read_rows(self._connection, _REDUCED, {"since": since})[0].reduced:
            found |= self._reductions()
        return found

    def _reductions(self) -> dict[str, Any]:
        since = self._now - REDUCTIONS_OF
        fee_cases = {row.department: int(row.cases) for row in self._rows(_FEE_CASES, since=since)}
        return {"reductions": self.reductions(since), "fee_cases": fee_cases}

    def _rows(self, statement: Any, **values: Any) -> list[Any]:
        return read_rows(self._connection, statement, values)

    def endings(self, since: datetime) -> tuple[Ending, ...]:
        return self._memory.endings.since(self._connection, self._services, since, self._now)

    def done(self, people: Collection[int] | None = None) -> tuple[Done, ...]:
        """The steps that everybody, or these people, completed."""
        return self._memory.steps.done(self._connection, self._services, self._now, people)

    def reductions(self, since: datetime) -> tuple[Reduction, ...]:
        return tuple(
            Reduction(
                case_ref(self._connection, self._services, row), row.opened_at, row.amount_fen, row.opened_by, row.name
            )
            for row in self._rows(_REDUCTIONS, since=since)
        )

    def fines(self, acts: Iterable[Act]) -> tuple[Fine, ...]:
        """Of the acts, those that decided a fine for which the item has a benchmark."""
        decided = [
            a for a in acts if a.kind == "task_completed" and a.group == "decide" and a.case.place.category == "CF"
        ]
        if not decided:
            return ()
        answers: dict[int, dict[str, Any]] = defaultdict(dict)
        for row in self._connection.execute(_ANSWERS, {"cases": sorted({act.case.id for act in decided})}):
            answers[row.case_id] |= row.answers or {}
        # The last act of a case that could have decided: what the answers say now is what it said.
        last = {act.case.id: act for act in decided if act.element_id == "decide"}
        found = (self._fine(act, answers[act.case.id]) for act in last.values())
        return tuple(one for one in found if one is not None)

    def _fine(self, act: Act, answers: Mapping[str, Any]) -> Fine | None:
        item = self._services.items.current(self._connection, str(act.case.place.item))
        fee = (item.content.get("fee") or {}) if item is not None else {}
        amount = answers.get(str(fee.get("rule")))
        bands = tuple(_band(row) for row in fee.get("guide") or () if {"min_fen", "max_fen"} <= row.keys())
        if not bands or not isinstance(amount, int) or answers.get("penalty_decision", "fine") != "fine":
            return None
        return Fine(act, amount, answers, bands)

    def volumes(self) -> tuple[Volume, ...]:
        """Cases of each item by seasons that lie within the item's own time."""
        now, seasons = self._counts(0), {years: self._counts(years) for years in EARLIER_YEARS}
        first = {row.power_item: row.first for row in self._rows(_FIRST)}
        found = []
        for row in self._rows(_ACTIVE):
            known = [years for years in EARLIER_YEARS if row.code in first and first[row.code] <= self._start(years)]
            earlier = tuple(seasons[years].get(row.code, 0) for years in known)
            place = Place(row.department, row.code, row.category)
            found.append(Volume(place, row.name_zh, row.name_en, VOLUME_DAYS, now.get(row.code, 0), earlier))
        return tuple(found)

    def _start(self, years: int) -> datetime:
        return self._now - timedelta(days=365 * years + VOLUME_DAYS)

    def _counts(self, years: int) -> dict[str, int]:
        until = self._start(years) + timedelta(days=VOLUME_DAYS)
        rows = self._rows(_COUNTS, since=self._start(years), until=until)
        return {row.power_item: int(row.cases) for row in rows}

    def intakes(self) -> tuple[Intake, ...]:
        """By department, on the working days before today."""
        counts: dict[str, Counter[date]] = defaultdict(Counter)
        for row in self._rows(_STARTED, since=self._now - INTAKES_OF):
            counts[row.department][self._calendar.local_date(row.at)] += 1
        today = self._calendar.local_date(self._now)
        back_to = range(1, INTAKES_OF.days)
        days = [day for back in back_to if self._calendar.is_workday(day := today - timedelta(days=back))]
        names = {row.code: row for row in self._rows(_DEPARTMENTS)} if counts else {}
        return tuple(
            Intake(code, names[code].name_zh, names[code].name_en, tuple((day, count[day]) for day in days))
            for code, count in sorted(counts.items())
        )

    def absent(self) -> tuple[Absent, ...]:
        """Supervisors with work due today who have not been there yet."""
        today = self._calendar.local_date(self._now)
        return tuple(
            Absent(one.person_id, one.name, one.department, one.due)
            for one in attendance_of(self._connection, self._calendar, Span(today, today), "supervisor")
            if not one.online
        )


def _band(row: Mapping[str, Any]) -> Band:
    facts = {name: value for name, value in row.items() if name not in ("min_fen", "max_fen")}
    return Band(facts, int(row["min_fen"]), int(row["max_fen"]))
